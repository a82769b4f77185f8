//! Lists on their way out: written row by row as they are read, and kept in a file where they are long, so that neither
//! many long lists nor clients that read slowly take memory.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::app::App;
use super::lanes::Lane;
use super::params::Params;
use super::reply::{ErrorReply, with_type};
use crate::domain::TenantRefusal;
use crate::service::Service;
use crate::store::StoreError;

/// How much of an answer is kept in memory, in bytes.
const IN_MEMORY: usize = 128 * 1024;
/// How much is read at once from the file, in bytes.
const PIECE: usize = 64 * 1024;

/// What is around a list.
pub(super) enum Around<'a> {
    /// The envelope of the v1 routes.
    V1(&'a Params),
    /// The envelope of the v3 routes.
    V3,
    /// Nothing.
    Bare,
    /// The envelope of the routes with larger version numbers, which has nothing but the list in it.
    Rpc,
}

/// A list that is being written.
pub(super) struct Rows {
    out: Out,
    written: bool,
}

impl Rows {
    /// Writes one row.
    pub(super) fn add(&mut self, row: &Value) -> Result<(), TenantRefusal> {
        let comma: &[u8] = if self.written { b"," } else { b"" };
        self.written = true;
        self.out.write_all(comma).map_err(StoreError::failed)?;
        serde_json::to_writer(&mut self.out, row).map_err(StoreError::failed)?;
        Ok(())
    }
}

/// Answers with a list called `name`. `list` writes its rows and gives how many there are on all pages; `rest` makes of
/// that what is told beside the list.
pub(super) async fn listing(
    app: &App,
    lane: &Lane,
    (around, name): (Around<'_>, &'static str),
    rest: impl FnOnce(u64) -> Value,
    list: impl FnOnce(&Service<'_>, &mut Rows) -> Result<u64, TenantRefusal> + Send + 'static,
) -> Result<Response, ErrorReply> {
    let tenant = app.tenant.clone();
    let opening = match &around {
        Around::Bare => format!("{{\"{name}\":["),
        Around::V1(_) | Around::V3 => format!("{{\"data\":{{\"{name}\":["),
        Around::Rpc => "{\"data\":[".to_owned(),
    };
    let work = move || {
        let mut rows = Rows {
            out: Out::default(),
            written: false,
        };
        let io = StoreError::failed;
        rows.out.write_all(opening.as_bytes()).map_err(io)?;
        let total = list(&tenant.read(), &mut rows)?;
        Ok((total, rows.out))
    };
    let (total, mut out) = lane.run(work).await?;
    let now = app.tenant.clock().now().to_string();
    let rest = behind(&rest(total));
    let closing = match around {
        Around::Bare => format!("]{rest}}}"),
        Around::V1(params) => {
            let metadata = json!({"timestamp": now, "params": params.echo()});
            format!("]{rest}}},\"metadata\":{metadata}}}")
        }
        Around::V3 => format!("]{rest}}},\"error\":null,\"warnings\":null}}"),
        Around::Rpc => {
            let metadata = json!({"date": now, "headers": {}, "licenseStatus": []});
            format!("],\"metadata\":{metadata}}}")
        }
    };
    let written = out.write_all(closing.as_bytes());
    let answer = written.and_then(|()| out.answer());
    Ok(answer.map_err(|error| TenantRefusal::from(StoreError::failed(error)))?)
}

/// The fields of a document as they come behind another field.
fn behind(rest: &Value) -> String {
    let fields = rest.as_object().into_iter().flat_map(Map::iter);
    fields
        .map(|(name, value)| format!(",{}:{value}", Value::from(name.as_str())))
        .collect()
}

/// Something that is written now and read later.
struct Out {
    /// What is not in the file.
    memory: Vec<u8>,
    file: Place,
    /// How much is in the file.
    filed: u64,
}

/// Where what is too long for memory is kept.
enum Place {
    /// It has not been too long yet; opens the file.
    Unopened(fn() -> io::Result<File>),
    Open(File),
    /// No file can be made, so memory has to do.
    Missing,
}

impl Default for Out {
    fn default() -> Self {
        Self {
            memory: Vec::new(),
            // It has no name, so it is gone when it is closed.
            file: Place::Unopened(tempfile::tempfile),
            filed: 0,
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.memory.extend_from_slice(bytes);
        if self.memory.len() >= IN_MEMORY {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Place::Unopened(open) = self.file {
            self.file = open().map_or(Place::Missing, Place::Open);
        }
        if let Place::Open(file) = &mut self.file {
            file.write_all(&self.memory)?;
            self.filed += self.memory.len() as u64;
            self.memory.clear();
        }
        Ok(())
    }
}

impl Out {
    fn answer(self) -> io::Result<Response> {
        let Place::Open(mut file) = self.file else {
            return Ok(with_type(Body::from(self.memory)));
        };
        file.write_all(&self.memory)?;
        let length = self.filed + self.memory.len() as u64;
        file.rewind()?;
        drop(self.memory);
        let pieces = stream::unfold(Some(file), |file| async {
            let mut file = file?;
            let reading = tokio::task::spawn_blocking(move || {
                let mut piece = Vec::with_capacity(PIECE);
                let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece);
                read.map(|read| (file, piece, read))
            });
            match reading
                .await
                .unwrap_or_else(|gone| Err(io::Error::other(gone)))
            {
                Ok((_, _, 0)) => None,
                Ok((file, piece, _)) => Some((Ok(piece), Some(file))),
                Err(error) => Some((Err(error), None)),
            }
        });
        let mut answer = with_type(Body::from_stream(pieces));
        let length = HeaderValue::from(length);
        answer.headers_mut().insert(header::CONTENT_LENGTH, length);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn where_there_is_no_file_it_is_asked_for_once_and_memory_has_to_do() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let mut out = Out {
            file: Place::Unopened(|| {
                ASKED.fetch_add(1, Ordering::SeqCst);
                Err(io::ErrorKind::StorageFull.into())
            }),
            ..Out::default()
        };
        let piece = [b'x'; 1024];
        for _ in 0..2 * IN_MEMORY / piece.len() {
            out.write_all(&piece).unwrap();
        }
        let body = out.answer().unwrap().into_body();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!(body.len(), 2 * IN_MEMORY);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }
}
