//! Receives the body of an answer, counting its bytes on the wire and as they are unpacked.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};

use crate::http::buffers::Buffers;

/// The reason why reading a body was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is longer than the limit, packed or unpacked.
    TooLong,
    /// It is not packed as its header says.
    Damaged,
    /// It is packed in a way that was not requested.
    Unknown(&'static str),
}

/// The part of a body that has come so far.
pub(crate) struct Body {
    sink: Sink,
    received: usize,
    limit: usize,
}

enum Sink {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Unknown(&'static str),
}

/// The unpacked bytes, up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        let taken = bytes.len().min(room);
        self.bytes.extend_from_slice(&bytes[..taken]);
        match taken < bytes.len() {
            true => {
                self.is_full = true;
                Err(io::Error::other("there is more than was agreed"))
            }
            false => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes of memory are taken for an announced body before any of it has come.
const AT_ONCE: usize = 1024 * 1024;

/// Returns how long a body is going to be, as far as that is told.
fn announced(headers: &HeaderMap) -> usize {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or_default()
}

impl Body {
    /// Creates a reader for a body of at most `limit` bytes, both on the wire and unpacked.
    pub(crate) fn new(headers: &HeaderMap, limit: usize, buffers: &Buffers) -> Self {
        let bounded = Bounded {
            bytes: buffers.of(announced(headers).min(limit).min(AT_ONCE)),
            limit,
            is_full: false,
        };
        let sink = match packing(headers).as_slice() {
            [] => Sink::Plain(bounded),
            [one] if one == "gzip" || one == "x-gzip" => {
                Sink::Gzip(Box::new(MultiGzDecoder::new(bounded)))
            }
            others => Sink::Unknown(named(others)),
        };
        Self {
            sink,
            received: 0,
            limit,
        }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Stop> {
        self.received = self.received.saturating_add(chunk.len());
        let written = match &mut self.sink {
            Sink::Plain(bounded) => bounded.write_all(chunk),
            Sink::Gzip(decoder) => decoder.write_all(chunk),
            Sink::Unknown(name) => return Err(Stop::Unknown(name)),
        };
        match written {
            Err(_) if self.bounded().is_some_and(|bounded| bounded.is_full) => Err(Stop::TooLong),
            Err(_) => Err(Stop::Damaged),
            Ok(()) if self.received > self.limit => Err(Stop::TooLong),
            Ok(()) => Ok(()),
        }
    }

    fn bounded(&self) -> Option<&Bounded> {
        match &self.sink {
            Sink::Plain(bounded) => Some(bounded),
            Sink::Gzip(decoder) => Some(decoder.get_ref()),
            Sink::Unknown(_) => None,
        }
    }

    /// Checks that a packed body is complete.
    pub(crate) fn end(&mut self) -> Result<(), Stop> {
        let ended = match &mut self.sink {
            Sink::Gzip(decoder) if self.received > 0 => decoder.try_finish(),
            _ => Ok(()),
        };
        match ended {
            Err(_) if self.bounded().is_some_and(|bounded| bounded.is_full) => Err(Stop::TooLong),
            Err(_) => Err(Stop::Damaged),
            Ok(()) => Ok(()),
        }
    }

    /// Returns the bytes that were unpacked so far.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.sink {
            Sink::Plain(bounded) => bounded.bytes,
            Sink::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes),
            Sink::Unknown(_) => Vec::new(),
        }
    }
}

/// Returns the packings of a body in the order of `Content-Encoding`.
fn packing(headers: &HeaderMap) -> Vec<String> {
    let names = headers.get_all(CONTENT_ENCODING).iter();
    let names = names.flat_map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .to_ascii_lowercase()
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect::<Vec<_>>()
    });
    names
        .filter(|name| !name.is_empty() && name != "identity")
        .collect()
}

/// Returns the name of a packing if it is a usual one: anything else in the header may be a secret.
fn named(packings: &[String]) -> &'static str {
    const USUAL: [&str; 7] = [
        "br",
        "zstd",
        "deflate",
        "compress",
        "x-compress",
        "gzip",
        "x-gzip",
    ];
    let usual = |packing: &String| USUAL.into_iter().find(|usual| usual == packing);
    match packings {
        [one] => usual(one).unwrap_or("an unknown packing"),
        many if many.iter().all(|one| usual(one).is_some()) => "several packings in one another",
        _ => "an unknown packing",
    }
}

/// Removes the headers that are no longer true once a body is unpacked.
pub(crate) fn forget_packing(headers: &mut HeaderMap) {
    if headers.remove(CONTENT_ENCODING).is_some() {
        headers.remove(CONTENT_LENGTH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn headers(packing: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, packing.parse().unwrap());
        headers
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(packing: &str, sent: &[u8], limit: usize) -> (Vec<u8>, Result<(), Stop>) {
        let mut body = Body::new(&headers(packing), limit, &Buffers::default());
        let pushed = sent.chunks(100).try_for_each(|chunk| body.push(chunk));
        let ended = pushed.and_then(|()| body.end());
        (body.into_bytes(), ended)
    }

    #[test]
    fn what_is_packed_is_unpacked_up_to_the_limit() {
        let (bytes, ended) = read("gzip", &packed(&[b'x'; 1000]), 1000);
        assert_eq!((bytes.len(), ended), (1000, Ok(())));
        let (bytes, ended) = read("X-GZIP, identity", &packed(&[b'x'; 1001]), 1000);
        assert_eq!((bytes.len(), ended), (1000, Err(Stop::TooLong)));
        let two = [packed(b"one"), packed(b"two")].concat();
        assert_eq!(read("gzip", &two, 1000), (b"onetwo".to_vec(), Ok(())));
        assert_eq!(read("identity", b"x", 1), (b"x".to_vec(), Ok(())));
        assert_eq!(read("gzip", b"", 1000), (vec![], Ok(())));
    }

    #[test]
    fn what_unpacks_to_nothing_is_counted_as_it_comes() {
        let nothing = packed(b"").repeat(1000);
        assert_eq!(read("gzip", &nothing, 1000).1, Err(Stop::TooLong));
    }

    #[test]
    fn what_is_not_packed_as_it_says_is_told() {
        let whole = packed(&[b'x'; 1000]);
        let cut = &whole[..whole.len() - 1];
        for sent in [b"{\"data\":1}".as_slice(), cut] {
            assert_eq!(read("gzip", sent, 9000).1, Err(Stop::Damaged));
        }
        for (packing, told) in [
            ("br", "br"),
            ("Deflate", "deflate"),
            ("gzip, gzip", "several packings in one another"),
            ("hunter2", "an unknown packing"),
            ("gzip, hunter2", "an unknown packing"),
        ] {
            let unknown = Err(Stop::Unknown(told));
            assert_eq!(read(packing, &whole, 9000).1, unknown);
        }
    }
}
