//! org42 SDK
