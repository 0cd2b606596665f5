//! Exports of Agent Builder (*Code → Agents SDK → TypeScript*): the agent that answers becomes a back end.
//!
//! ```text
//! program ─scan─▶ `new Agent({…})` ─settings, words, tools, mcp─▶ keys of `backend` ─choose─▶ one agent ─edits─▶ edits
//! ```
//!
//! Half of such files have been edited by hand. So only the agents and their tools are read, and not what Agent Builder
//! writes around them. Values of secrets are in no setting and in no message.

mod choose;
mod edits;
mod export;
mod mcp;
mod python;
mod reading;
mod scan;
mod secret;
mod settings;
mod tools;
mod words;

pub(super) use choose::choose;
pub(super) use edits::{Target, edits};
pub(super) use export::Export;
pub(super) use python::{is_python, python};
pub(super) use secret::{makes_agents, may_be_in as may_hold_secrets, unseen};

#[cfg(test)]
mod tests;
