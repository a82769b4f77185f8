//! Memory for long answers, used again: memory that is given back to the system with each page of a listing is cleared and
//! mapped anew for the next one, which takes as long as reading it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// The shortest buffer that is kept, and the longest.
const KEPT: std::ops::RangeInclusive<usize> = 64 * 1024..=1024 * 1024;
/// How many are kept.
const MOST: usize = 8;

/// Buffers that nothing uses at the moment.
#[derive(Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an empty buffer with room for this many bytes.
    pub(super) fn of(&self, length: usize) -> Vec<u8> {
        let mut free = self.free();
        let fits =
            |buffer: &Vec<u8>| (length..=length.saturating_mul(2)).contains(&buffer.capacity());
        match free.iter().position(fits) {
            Some(place) => free.swap_remove(place),
            None => Vec::with_capacity(length),
        }
    }

    /// Returns bytes whose buffer comes back when nothing uses them any more.
    pub(crate) fn lent(&self, bytes: Vec<u8>) -> Bytes {
        match KEPT.contains(&bytes.capacity()) {
            true => Bytes::from_owner(Lent {
                bytes,
                to: self.clone(),
            }),
            false => Bytes::from(bytes),
        }
    }
}

impl fmt::Debug for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Buffers").field(&self.free().len()).finish()
    }
}

struct Lent {
    bytes: Vec<u8>,
    to: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut free = self.to.free();
        if free.len() < MOST {
            free.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_when_nothing_uses_it_any_more() {
        let buffers = Buffers::default();
        let mut buffer = buffers.of(100_000);
        buffer.extend_from_slice(&[b'x'; 100_000]);
        let place = buffer.as_ptr();
        let bytes = buffers.lent(buffer);
        let slice = bytes.slice(5..10);
        drop(bytes);
        let other = buffers.of(100_000);
        assert_ne!(other.as_ptr(), place);
        assert_eq!(slice, b"xxxxx"[..]);
        drop(slice);
        // Much shorter answers do not get it, so that what is kept of them stays small.
        let short = buffers.of(1000);
        assert_ne!(short.as_ptr(), place);
        let again = buffers.of(90_000);
        assert_eq!((again.as_ptr(), again.len()), (place, 0));
    }

    #[test]
    fn no_more_is_kept_than_a_few() {
        let buffers = Buffers::default();
        let lent: Vec<Bytes> = (0..20).map(|_| buffers.lent(buffers.of(70_000))).collect();
        drop(lent);
        drop(buffers.lent(Vec::with_capacity(10)));
        drop(buffers.lent(Vec::with_capacity(2 * 1024 * 1024)));
        assert_eq!(buffers.free().len(), MOST);
    }
}
