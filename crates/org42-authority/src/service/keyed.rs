//! Changes that are asked for with an idempotency key: carried out once, and answered from then on with what was
//! answered at first.

use org42_types::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Caller, TenantDraft};
use crate::domain::{KeyedAnswer, RowChange, TenantRefusal};

/// How long an answer is kept, in seconds: a day.
pub(crate) const LIFETIME: u32 = 24 * 60 * 60;
/// The longest document that is kept, in bytes.
const LONGEST: usize = 64 * 1024;
/// How many answers are forgotten with each that is kept: more than one, so that old ones do not pile up.
const FORGOTTEN_AT_ONCE: u64 = 10;

/// A key with which a caller asks for a change, and what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Of the caller and the key: no caller meets the keys of another.
    digest: Vec<u8>,
    asked: Vec<u8>,
}

/// An answer as it is sent.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) document: Vec<u8>,
}

impl Key {
    /// Returns the key of a caller; `asked` is the digest of what is asked.
    pub(crate) fn new(caller: &Caller, key: &str, asked: Vec<u8>) -> Self {
        let who = match caller {
            Caller::User { uid, .. } => format!("user {uid}"),
            Caller::Program(id) => format!("program {id}"),
            Caller::ApiClient => "file".to_owned(),
        };
        let digest = Sha256::digest(format!("{who}\n{key}")).to_vec();
        Self { digest, asked }
    }
}

impl TenantDraft<'_> {
    /// Returns the answer that the change with this key was given, if it was carried out.
    ///
    /// # Errors
    ///
    /// When the caller has not the right to the change any more, when the key was used for something else, or when
    /// the answer was not kept; and when the storage fails.
    pub(crate) fn answer_of(&self, key: &Key) -> Result<Option<Written>, TenantRefusal> {
        self.check()?;
        let now = self.clock().now();
        let kept = self.view().keyed_answer(&key.digest)?;
        let Some(kept) = kept.filter(|kept| kept.expires > now) else {
            return Ok(None);
        };
        if kept.asked != key.asked {
            return Err(TenantRefusal::KeyReused);
        }
        let document = kept.document.ok_or(TenantRefusal::AnswerNotKept)?;
        Ok(Some(Written {
            status: kept.status,
            content_type: kept.content_type,
            document,
        }))
    }

    /// Keeps the answer to the change with this key, in the commit of the change; without its document if that
    /// `is_secret`. Forgets some of those whose time is over.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub(crate) fn keep_answer(
        &self,
        key: &Key,
        answer: &Written,
        is_secret: bool,
    ) -> Result<(), TenantRefusal> {
        let now = self.clock().now();
        let over = self.view().keyed_answers_until(now, FORGOTTEN_AT_ONCE)?;
        let gone = over.into_iter().map(RowChange::KeyedAnswerGone);
        let is_kept = !is_secret && answer.document.len() <= LONGEST;
        let kept = KeyedAnswer {
            digest: key.digest.clone(),
            asked: key.asked.clone(),
            status: answer.status,
            content_type: answer.content_type.clone(),
            document: is_kept.then(|| answer.document.clone()),
            expires: expiry(now),
        };
        let changes: Vec<_> = gone.chain([RowChange::KeyedAnswer(kept)]).collect();
        self.apply(&changes)
    }
}

fn expiry(now: Timestamp) -> Timestamp {
    let millis = now.as_millis().saturating_add(i64::from(LIFETIME) * 1_000);
    Timestamp::from_millis(millis).unwrap_or(now)
}
