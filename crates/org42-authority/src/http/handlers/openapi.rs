//! The handler for the OpenAPI document.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Extension;
use org42_types::endpoints::authority;

use crate::http::access::Open;
use crate::http::answer::{Bare, labelled};
use crate::http::dto::administration::OpenApiDocument;
use crate::http::listing::Listing;
use crate::http::openapi::ApiDocument;

crate::http::table::routes! {
    authority {
        OPENAPI => document,
    }
}

pub(in crate::http) async fn document(
    _: Open,
    Extension(document): Extension<Arc<ApiDocument>>,
) -> Listing<Bare<OpenApiDocument>> {
    Listing::of(labelled(Body::from(document.text())))
}
