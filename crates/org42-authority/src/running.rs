//! [`Running`], an authority that answers at a port.

use std::net::SocketAddr;

use crate::authority::Authority;
use crate::error::StartError;
use crate::listening::{Answering, Listening};

impl Authority {
    /// Starts answering at `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn listen(self, address: SocketAddr) -> Result<Running, StartError> {
        Ok(self.serve(Listening::at(address).await?))
    }

    /// Starts answering at a port that is already bound.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn serve(self, listening: Listening) -> Running {
        let url = listening.url();
        let answering = listening.answered_by(|hosts| self.edge(hosts));
        Running {
            url,
            authority: self,
            answering,
        }
    }
}

/// An authority that answers at a port until this is dropped.
#[derive(Debug)]
pub struct Running {
    url: String,
    authority: Authority,
    answering: Answering,
}

impl Running {
    /// Returns the URL of the authority, such as `http://127.0.0.1:4200`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the authority itself.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Stops accepting requests and waits for those in progress.
    pub async fn stop(self) {
        self.answering.stop().await;
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    pub async fn ended(&self) {
        self.answering.ended().await;
    }
}
