//! Answers with lists: written row by row as the rows are read, and kept in a file if they are long, so that neither
//! many long lists nor clients that read slowly take memory.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::answer::{Envelope, labelled};
use super::describe::{Answer, Description};
use super::error_reply::ErrorReply;
use super::lanes::Lane;
use crate::domain::TenantRefusal;
use crate::store::StoreError;

/// The part of an answer that is kept in memory, in bytes.
const IN_MEMORY: usize = 128 * 1024;
/// The size of the pieces that are read from the file, in bytes.
const PIECE: usize = 64 * 1024;

/// A closure that is called with each row.
pub(crate) type See<'a, R> = &'a mut dyn FnMut(R) -> Result<(), TenantRefusal>;

type Read<R> = Box<dyn FnOnce(See<'_, R>) -> Result<u64, TenantRefusal> + Send>;

/// The rows of a list, which are read while they are serialized.
pub(crate) struct Rows<R> {
    read: Mutex<Option<Read<R>>>,
    outcome: Arc<Outcome>,
}

/// The number of rows on all pages. It is known once the rows are written, so it must stand behind them in the
/// document.
pub(crate) struct Total(Arc<Outcome>);

#[derive(Default)]
struct Outcome {
    total: AtomicU64,
    refusal: Mutex<Option<TenantRefusal>>,
}

/// A list that is to be answered.
pub(crate) struct List(Arc<Outcome>);

impl List {
    /// Returns a list and its rows, which `read` passes on; it returns how many there are on all pages.
    pub(crate) fn of<R>(
        read: impl FnOnce(See<'_, R>) -> Result<u64, TenantRefusal> + Send + 'static,
    ) -> (Self, Rows<R>) {
        let outcome = Arc::new(Outcome::default());
        let rows = Rows {
            read: Mutex::new(Some(Box::new(read))),
            outcome: outcome.clone(),
        };
        (Self(outcome), rows)
    }

    pub(crate) fn total(&self) -> Total {
        Total(self.0.clone())
    }

    /// Writes the document that contains the rows, in its turn in `lane`.
    pub(super) async fn answer<E: Envelope + Send + 'static>(
        self,
        lane: &Lane,
        document: E,
    ) -> Result<Listing<E>, ErrorReply> {
        let work = move || {
            let mut out = Out::default();
            let written = serde_json::to_writer(&mut out, &document);
            written.map_err(|error| {
                let mut refusal = self
                    .0
                    .refusal
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                refusal
                    .take()
                    .unwrap_or_else(|| StoreError::failed(error).into())
            })?;
            out.answer()
                .map_err(|error| StoreError::failed(error).into())
        };
        Ok(Listing::of(lane.run(work).await?))
    }
}

impl<R: Serialize> Serialize for Rows<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        let read = self
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let read = read.ok_or_else(|| S::Error::custom("the rows are written already"))?;
        let shown = read(&mut |row| {
            let written = rows.serialize_element(&row);
            written.map_err(|error| StoreError::failed(error.to_string()).into())
        });
        match shown {
            Ok(total) => self.outcome.total.store(total, Ordering::Relaxed),
            Err(refusal) => {
                let mut kept = self
                    .outcome
                    .refusal
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *kept = Some(refusal);
                return Err(S::Error::custom("the list was refused"));
            }
        }
        rows.end()
    }
}

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.total.load(Ordering::Relaxed))
    }
}

/// An answer with a list, already written.
pub(crate) struct Listing<E>(Response, PhantomData<E>);

impl<E> Listing<E> {
    /// Marks a response as containing this document.
    pub(crate) fn of(response: Response) -> Self {
        Self(response, PhantomData)
    }
}

impl<E> IntoResponse for Listing<E> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<E: Envelope> Answer for Listing<E> {
    fn describe(to: &mut Description) {
        to.answer = (200, Some(E::schema(to)));
    }
}

/// A buffer that is written first and read later, in memory or in a file.
struct Out {
    /// The bytes that are not in the file.
    memory: Vec<u8>,
    file: Place,
    /// The number of bytes in the file.
    filed: u64,
}

/// The file for what is too long for memory.
enum Place {
    /// Not needed yet; the function opens it.
    Unopened(fn() -> io::Result<File>),
    Open(File),
    /// No file can be made, so everything stays in memory.
    Missing,
}

impl Default for Out {
    fn default() -> Self {
        Self {
            memory: Vec::new(),
            // The file has no name, so it is removed when it is closed.
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
            return Ok(labelled(Body::from(self.memory)));
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
        let mut answer = labelled(Body::from_stream(pieces));
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
