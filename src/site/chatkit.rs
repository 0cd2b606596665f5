//! Rules between ChatKit's options and the back end. The schema cannot express them, because it sees one at a time.

use url::Url;

use super::backend::Attachments;
use super::found::Found;
use crate::chatkit::{Action, ChatKitOptions, Header, PartType, Prompt, PromptContent, PromptPart};
use crate::config::BackendKind;
use crate::yaml::Problem;

/// Adds the errors in the options of a widget with this back end, if that is known.
pub(super) fn check(options: &ChatKitOptions, backend: Option<BackendKind>, found: &mut Found) {
    if backend == Some(BackendKind::Hosted) {
        refuse_what_needs_a_server(options, found);
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

/// Refuses options that a hosted workflow ignores: the visitor would see buttons that do nothing.
fn refuse_what_needs_a_server(options: &ChatKitOptions, found: &mut Found) {
    let composer = options.composer.as_ref();
    for (way, is_set) in [
        (
            "composer.tools",
            composer.is_some_and(|composer| composer.tools.is_some()),
        ),
        (
            "composer.models",
            composer.is_some_and(|composer| composer.models.is_some()),
        ),
        ("entities", options.entities.is_some()),
    ] {
        if is_set {
            let key = way.rsplit('.').next().unwrap_or(way);
            let problem = Problem::on(&format!("chatkit.{way}"), format!("`{key}` needs a server"))
                .label("a hosted workflow never learns the visitor's choice")
                .hint("remove it, or use `backend: {type: server}` with a ChatKit server that reads it");
            found.add(problem);
        }
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
            group,
            data,
            interactive,
        } = part;
        let way = format!("{way}.{part_index}");
        match r#type {
            PartType::InputTag if id.is_none() => {
                let problem = Problem::on(&way, "missing `id` in a tag");
                found.add(problem.label("expected `id`: the thing that the tag refers to"));
            }
            PartType::InputText
                if id.is_some() || group.is_some() || data.is_some() || interactive.is_some() =>
            {
                let problem = Problem::on(&way, "a text part has only `type` and `text`");
                found.add(problem.hint("for something clickable, write `type: input_tag`"));
            }
            PartType::InputTag | PartType::InputText => {}
        }
    }
}
