//! Rules between ChatKit's options and the back end. The schema cannot express them, because it sees one at a time.

use url::Url;

use super::backend::{Attachments, refuse_ignored};
use super::found::Found;
use crate::chatkit::{Action, ChatKitOptions, Header, PartType, Prompt, PromptContent, PromptPart};
use crate::config::BackendKind;
use crate::yaml::Problem;

/// Adds the errors in the options of a widget with this back end, if that is known.
pub(super) fn check(options: &ChatKitOptions, backend: Option<BackendKind>, found: &mut Found) {
    if let Some(kind) = backend {
        refuse_ignored(kind, options, found);
    }
    if let Some(header) = &options.header {
        check_links(header, found);
    }
    let prompts = options
        .start_screen
        .as_ref()
        .and_then(|start| start.prompts.as_deref());
    for (index, prompt) in prompts.unwrap_or_default().iter().enumerate() {
        check_prompt(index, prompt, found);
    }
}

/// Returns whether visitors may send files.
pub(super) fn attachments(options: &ChatKitOptions) -> Attachments {
    let composer = options.composer.as_ref();
    match composer.and_then(|composer| composer.attachments.as_ref()) {
        Some(attachments) if attachments.enabled => Attachments::On,
        _ => Attachments::Off,
    }
}

fn check_links(header: &Header, found: &mut Found) {
    for (side, action) in [
        ("leftAction", &header.left_action),
        ("rightAction", &header.right_action),
    ] {
        let Some(Action::Link(link)) = action.as_ref().map(|action| &action.action) else {
            continue;
        };
        let scheme = Url::parse(link.href.as_str()).map(|url| url.scheme().to_owned());
        if !matches!(scheme.as_deref(), Ok("https" | "mailto" | "tel")) {
            let way = format!("chatkit.header.{side}.action.href");
            let problem = Problem::on(&way, "not an address that a link can open");
            found.add(problem.label("expected `https:`, `mailto:` or `tel:`"));
        }
    }
}

fn check_prompt(index: usize, prompt: &Prompt, found: &mut Found) {
    let way = format!("chatkit.startScreen.prompts.{index}");
    if prompt.label.trim().is_empty() {
        let problem = Problem::on(&format!("{way}.label"), "`label` is empty");
        found.add(problem.label("expected the text that the visitor reads"));
    }
    let way = format!("{way}.prompt");
    let is_empty = match &prompt.prompt {
        PromptContent::Text(text) => text.trim().is_empty(),
        PromptContent::Parts(parts) => parts.iter().all(|part| part.text.trim().is_empty()),
    };
    if is_empty {
        let problem = Problem::on(&way, "`prompt` is empty");
        found.add(problem.label("expected the message: text, or a list of parts"));
    }
    let PromptContent::Parts(parts) = &prompt.prompt else {
        return;
    };
    for (part_index, part) in parts.iter().enumerate() {
        let PromptPart {
            r#type,
            text: _,
            id,
            group: _,
            data: _,
            interactive: _,
        } = part;
        let way = format!("{way}.{part_index}");
        match r#type {
            PartType::InputTag if id.is_none() => {
                let problem = Problem::on(&way, "missing `id` in a tag");
                found.add(problem.label("expected `id`: the thing that the tag refers to"));
            }
            PartType::InputTag | PartType::InputText => {}
        }
    }
}
