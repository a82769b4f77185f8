//! Settings about how much of an answer is taken.

use super::ClientBuilder;

impl<C> ClientBuilder<C> {
    /// Sets the most bytes that any answer may have, on the wire and once unpacked; 64 MiB unless set. A greater one is an
    /// error. It is what a listing that comes as a whole may have; a [document](Self::document_limit), a page and a
    /// [refusal](Self::refusal_limit) have narrower limits.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.limits.answer = bytes;
        self
    }

    /// Sets the most bytes that one document may have, and that it may take in memory once it is built, which is estimated
    /// before it is; 8 MiB unless set. An organization with all of its settings takes a hundredth of that.
    ///
    /// A page may have 32 KiB more for each row that was asked for. Each row may take as much as a document; all rows
    /// together may take four times this limit, and four bytes for each byte of their text. A list of unknown length may
    /// have, and take, four times this limit.
    pub fn document_limit(mut self, bytes: usize) -> Self {
        self.limits.document = bytes;
        self
    }

    /// Sets the most bytes of an answer that is no success, and of one with a token, that are read; 256 KiB unless set. What
    /// comes after them is left unread: the status counts all the same.
    pub fn refusal_limit(mut self, bytes: usize) -> Self {
        self.limits.refusal = bytes;
        self
    }

    /// Sets the most bytes of memory that a listing may take which is [collected](crate::Orgs::try_collect), as the map of ids is;
    /// 512 MiB unless set, enough for some 250,000 organizations. A listing may take less while fewer have come: a 16th
    /// of this, and 2 KiB for each organization that has come (or as much more as this is more than 512 MiB). One that
    /// the server counts as short may take no more than a 32nd, and 4 KiB for each that is counted; one that is not
    /// counted an eighth.
    pub fn listing_limit(mut self, bytes: usize) -> Self {
        self.limits.listing = bytes;
        self
    }
}
