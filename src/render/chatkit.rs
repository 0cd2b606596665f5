//! The ChatKit that a hosted page loads.

use serde::Serialize;

use crate::chatkit::{ORIGIN, SCRIPT};

/// OpenAI's ChatKit or, in the preview's demo, its stand-in. Templates see it as `chatkit`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChatKit {
    /// Origin of its script and frame.
    pub(crate) origin: String,
    /// Address of its script.
    pub(crate) script: String,
    /// Sources of fonts for the page's policy, besides `'self'`. Begins with a space unless it is empty.
    #[serde(skip)]
    pub(crate) fonts: &'static str,
}

impl ChatKit {
    /// The ChatKit of every build.
    pub(crate) fn of_openai() -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            script: format!("{ORIGIN}{SCRIPT}"),
            // Its frame, which has its own policy, loads the fonts of a chat.
            fonts: "",
        }
    }
}
