//! Replies about threads: lists and items, from what the visitor's browser has sent along.

use serde::Serialize;

use super::form::Look;
use super::protocol::{Ask, Empty, Item, Order, Page, Paging, Status, Thread};
use super::request::KnownThread;
use super::state::State;
use crate::error::RequestError;

/// Number of entries in a part of a list, unless ChatKit says otherwise.
const PAGE: usize = 20;
/// The most in one part.
const LARGEST_PAGE: usize = 100;

/// The JSON for a request that needs no model.
pub(super) fn reply(ask: Ask, known: &KnownThread<'_>) -> Result<Vec<u8>, RequestError> {
    match ask {
        Ask::GetThread { thread_id } => {
            let state = known_state(known, &thread_id)?;
            let paging = Paging {
                order: Order::Asc,
                ..Paging::default()
            };
            let title = known.metadata.title.clone();
            let title = title.unwrap_or_else(|| state.title());
            let items = page(items(&state, known.look()), |item| item.id, &paging);
            let status = known.status(&state);
            Ok(json(&state.thread(Some(&title), status, items)))
        }
        Ask::ListItems { thread_id, paging } => {
            let state = known_state(known, &thread_id)?;
            let items = items(&state, known.look());
            Ok(json(&page(items, |item| item.id, &paging)))
        }
        Ask::ListThreads(paging) => {
            let mut threads: Vec<_> = known.metadata.threads.iter().collect();
            // The times have one format, in which their order is that of their characters.
            threads.sort_by(|one, two| one.created_at.cmp(&two.created_at));
            let threads = threads.into_iter().map(|thread| Thread {
                id: &thread.id,
                title: thread.title.as_deref(),
                created_at: &thread.created_at,
                status: Status::Active,
                metadata: Empty {},
                items: Page::empty(),
            });
            Ok(json(&page(threads.collect(), |thread| thread.id, &paging)))
        }
        Ask::UpdateThread { thread_id, title } => {
            let state = known_state(known, &thread_id)?;
            let status = known.status(&state);
            Ok(json(&state.thread(Some(&title), status, Page::empty())))
        }
        // The page has it, and removes it.
        Ask::DeleteThread {} => Ok(json(&Empty {})),
        Ask::CreateAttachment {} | Ask::DeleteAttachment {} => Err(unsupported("files")),
        Ask::Transcribe {} => Err(unsupported("dictation")),
        Ask::SyncCustomAction {} => Err(unsupported("actions")),
        Ask::Create { .. }
        | Ask::AddUserMessage { .. }
        | Ask::Retry { .. }
        | Ask::AddClientToolOutput {}
        | Ask::AddStructuredInput {}
        | Ask::CustomAction(_)
        | Ask::Feedback { .. } => Err(unsupported("this")),
    }
}

fn known_state(known: &KnownThread<'_>, id: &str) -> Result<State, RequestError> {
    known.state(id).ok_or(RequestError::UnknownThread)
}

fn unsupported(what: &'static str) -> RequestError {
    RequestError::Unsupported { what }
}

/// The items of a thread, the oldest first.
fn items<'a>(state: &'a State, look: Look<'_>) -> Vec<Item<'a>> {
    let items = state.items.iter().map(|kept| kept.item(&state.id, look));
    items.collect()
}

/// A part of a list whose oldest entry comes first.
fn page<T>(mut all: Vec<T>, id: impl Fn(&T) -> &str, paging: &Paging) -> Page<T> {
    if paging.order == Order::Desc {
        all.reverse();
    }
    if let Some(after) = &paging.after {
        // After an entry that is gone, nothing is known to follow.
        let at = all.iter().position(|entry| id(entry) == after);
        all.drain(..at.map_or(all.len(), |at| at + 1));
    }
    let limit = paging.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let has_more = all.len() > limit;
    all.truncate(limit);
    let last = all.last().filter(|_| has_more);
    Page {
        after: last.map(|entry| id(entry).to_owned()),
        has_more,
        data: all,
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("names and texts are always JSON")
}
