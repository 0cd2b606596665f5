//! YAML as text with places: a tree in which every value knows its line, and problems that show it. Knows none of our keys.

mod node;
mod parse;
mod problem;
mod secrets;
pub(crate) mod strange;
pub(crate) mod syntax;

pub(crate) use node::{Entry, Kind, Node, Place};
pub(crate) use parse::idle_anchors;
pub(crate) use problem::{Problem, Problems, Report, Source, Told};
pub(crate) use secrets::{holds_key, masked};
pub(crate) use strange::{in_data as stranger_in, named as named_character};
