//! The end of a connection: its last words, and how they get through.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::stream::Wire;

/// How long a client has to read the last words and to stop sending.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says the last words, and nothing more.
///
/// With `lingers`, takes in what the client still sends, without keeping it: closing on it would have the network
/// throw away what the client has not read yet.
pub(super) async fn part(mut wire: Box<dyn Wire>, words: &[u8], lingers: bool) {
    let going = async {
        wire.write_all(words).await?;
        wire.flush().await?;
        wire.shutdown().await?;
        let mut scrap = [0; 4096];
        while lingers && wire.read(&mut scrap).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // Whether it was heard does not matter any more.
    let _ = timeout(PATIENCE, going).await;
}

/// Why a request got no further.
pub(super) fn why(status: StatusCode) -> &'static str {
    match status {
        StatusCode::REQUEST_TIMEOUT => "The request did not arrive in time",
        StatusCode::URI_TOO_LONG => "The address of the request is too long",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The head of the request is too large",
        StatusCode::SERVICE_UNAVAILABLE => "The authority has too many requests in work",
        _ => "This is no request of HTTP/1.1",
    }
}
