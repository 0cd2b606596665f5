//! The back end of a new widget, for the command line and the studio alike.

use serde_json::{Value, json};

use super::widget::BackendKind;

/// The settings that a back end of this kind needs, with sample values that `check` lists as to-dos.
pub(crate) fn starter(kind: BackendKind) -> Value {
    match kind {
        BackendKind::Server => json!({
            "type": "server",
            "url": "https://agent.example.com/chatkit",
            "domain_key": "domain_pk_example",
        }),
        BackendKind::Hosted => json!({"type": "hosted"}),
    }
}
