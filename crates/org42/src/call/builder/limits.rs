//! Settings of a client about the size of answers.

use super::ClientBuilder;

impl<C> ClientBuilder<C> {
    /// Sets the most bytes that any answer may have, on the wire and once unpacked; 64 MiB unless set. A larger one is
    /// an error. A listing in a single answer may be this large; a [document](Self::document_limit), a page and a
    /// [refusal](Self::refusal_limit) have narrower limits.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.limits.answer = bytes;
        self
    }

    /// Sets the most bytes that one document may have, and the most memory in bytes that it may take once it is built,
    /// which is estimated beforehand; 8 MiB unless set. An organization with all of its settings takes a hundredth of
    /// that.
    ///
    /// A page may have 32 KiB more for each row that was asked for. Each row may take as much as a document; all rows
    /// together may take four times this limit, and four bytes for each byte of their text. A list of unknown length may
    /// have, and take, four times this limit.
    pub fn document_limit(mut self, bytes: usize) -> Self {
        self.limits.document = bytes;
        self
    }

    /// Sets the most bytes that are read of an answer with a failure status, and of one with a token; 256 KiB unless
    /// set. The rest is left unread: the status counts all the same.
    pub fn refusal_limit(mut self, bytes: usize) -> Self {
        self.limits.refusal = bytes;
        self
    }

    /// Sets the most bytes of memory that a [collected](crate::Orgs::try_collect) listing, and the map of ids, may
    /// take; 512 MiB unless set, enough for some 250,000 organizations. A listing may take less while fewer
    /// organizations have come: a 16th of this, and 2 KiB for each organization that has come (or as much more as this
    /// is more than 512 MiB). One that the server counts as short may take no more than a 32nd, and 4 KiB for each
    /// counted organization; one without a count, an eighth.
    pub fn listing_limit(mut self, bytes: usize) -> Self {
        self.limits.listing = bytes;
        self
    }
}
