//! The effects of edits on files, as text.

mod cases;
mod random;
mod rename;

use serde_json::Value;

use super::*;
use crate::yaml::Source;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |(path, text): &(&str, &str)| Source::new(*path, *text);
    files.iter().map(source).collect()
}

/// `way` is a path with dots; a value of `null` removes.
fn edit(way: &str, value: Value) -> Edit {
    Edit {
        path: way.split('.').map(str::to_owned).collect(),
        value: Some(value).filter(|value| !value.is_null()),
    }
}
