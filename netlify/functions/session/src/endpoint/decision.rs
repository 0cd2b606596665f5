//! What an endpoint decides about a request.

use std::time::SystemTime;

use super::reply::Answer;
use crate::access::visitor::Visitor;
use crate::backend;
use crate::error::RequestError;
use crate::log::Entry;
use crate::service::Service;

/// The next step of an admitted request.
pub(super) enum Decision<'s> {
    Answer(Answer<'s>),
    Ask(Pending),
}

/// A session that the upstream has to mint.
pub(super) struct Pending {
    pub(super) session: Box<backend::Pending>,
    pub(super) deadline: Option<SystemTime>,
    pub(super) visitor: Visitor,
}

impl Pending {
    /// Waits for the upstream.
    pub(super) fn ask<'s>(
        self,
        service: &'s Service,
        entry: &mut Entry,
    ) -> Result<Answer<'s>, RequestError> {
        let session = backend::ask(service, &self.session, self.deadline, entry)?;
        Ok(Answer::Session(session, self.visitor))
    }
}
