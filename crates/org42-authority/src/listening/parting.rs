//! The end of a connection: a last answer, and a close that lets the client read it.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::stream::Wire;

/// How long a client has to read the last answer and to stop sending.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends the last bytes and closes the connection.
///
/// With `lingers`, reads and drops what the client still sends: if the connection were closed on it, the network
/// would throw away what the client has not read yet.
pub(super) async fn part(mut wire: Box<dyn Wire>, words: &[u8], lingers: bool) {
    let going = async {
        wire.write_all(words).await?;
        wire.flush().await?;
        wire.shutdown().await?;
        let mut scrap = [0; 4096];
        while lingers && wire.read(&mut scrap).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // It does not matter any more whether the client has read it.
    let _ = timeout(PATIENCE, going).await;
}

/// Returns the text for a request that was refused before it reached a handler.
pub(super) fn why(status: StatusCode) -> &'static str {
    match status {
        StatusCode::REQUEST_TIMEOUT => "The request did not arrive in time",
        StatusCode::URI_TOO_LONG => "The address of the request is too long",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The head of the request is too large",
        StatusCode::SERVICE_UNAVAILABLE => "The authority has too many requests in work",
        _ => "This is no request of HTTP/1.1",
    }
}
