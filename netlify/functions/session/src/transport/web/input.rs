//! The bytes of one connection as a sequence of requests. Pure, so that any division can be tested: whatever pieces
//! they come in, the requests are the same, and at most one head and one body are kept.

use std::mem;

use crate::addresses::max_body;
use crate::error::RequestError;
use crate::transport::web::chunks::{Chunks, Read};
use crate::transport::web::parse::{self, Framing, Head, MAX_HEAD};

/// A client's request.
pub(crate) struct Asked {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

/// The input that was read but not answered yet.
#[derive(Default)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    /// The number of bytes that are known not to contain the end of a head.
    searched: usize,
    /// `true` if the line break that may precede a request was skipped.
    skipped: bool,
    /// The head that was read, while its body is arriving.
    head: Option<Head>,
    /// The part of that body that arrived, if it comes in chunks.
    chunks: Chunks,
}

impl Input {
    /// Returns whether no part of a request has arrived, not even the line break before it.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.skipped && self.head.is_none()
    }

    /// The number of bytes that are kept.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds bytes from the client.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next request, if it is complete. After a refusal, and after a request that ends its connection, the rest
    /// is meaningless. A body over the limit is not waited for.
    pub(crate) fn next(&mut self) -> Option<Result<Asked, RequestError>> {
        if self.head.is_none() {
            self.head = match self.next_head()? {
                Ok(head) => Some(head),
                Err(err) => return Some(Err(err)),
            };
        }
        let head = self.head.as_ref()?;
        let limit = max_body(&head.path);
        let body = match head.body {
            Framing::Length(length) if length > limit => None,
            Framing::Length(length) if self.bytes.len() < length => return None,
            Framing::Length(length) => Some(self.take(length)),
            Framing::Chunked => match self.chunks.read(&mut self.bytes, limit) {
                Err(err) => return Some(Err(err)),
                Ok(Read::More) => return None,
                Ok(Read::TooLong) => None,
                Ok(Read::Whole(body)) => Some(body),
            },
        };
        let mut head = self.head.take()?;
        let body = body.unwrap_or_else(|| {
            head.keep_alive = false;
            self.clear();
            vec![b' '; limit + 1]
        });
        Some(Ok(Asked { head, body }))
    }

    fn next_head(&mut self) -> Option<Result<Head, RequestError>> {
        // Some clients end a body with a line break that is not part of it (RFC 9112, 2.2).
        if !self.skipped && self.bytes.starts_with(b"\r\n") {
            self.take(2);
            self.skipped = true;
        }
        let end = match parse::head_end(&self.bytes, self.searched) {
            Ok(Some(end)) => end,
            Ok(None) if self.bytes.len() <= MAX_HEAD => {
                self.searched = self.bytes.len();
                return None;
            }
            Ok(None) => return Some(Err(parse::bad("its headers are too long"))),
            Err(err) => return Some(Err(err)),
        };
        let head = self.take(end);
        self.skipped = false;
        Some(Head::parse(&head))
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(count);
        self.searched = 0;
        mem::replace(&mut self.bytes, rest)
    }

    /// Returns whether the client waits for permission to send the body; `true` only once.
    pub(crate) fn takes_leave(&mut self) -> bool {
        let head = self.head.as_mut();
        head.is_some_and(|head| mem::take(&mut head.expects_continue))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Input::default();
    }
}
