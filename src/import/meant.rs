//! Keys and words that ChatKit does not know but whose meaning is clear: people and language models write them from
//! memory.

use serde_json::json;

use super::value::Remark;
use crate::chatkit::ChatKitOptions;
use crate::config::ChatKitNames;
use crate::yaml::{Entry, Kind, Node, Place};

/// Values that move from one path to another, unless that is set.
const MOVES: [(&str, &str); 45] = [
    ("colorScheme", "theme.colorScheme"),
    ("appearance", "theme.colorScheme"),
    ("theme.appearance", "theme.colorScheme"),
    ("theme.mode", "theme.colorScheme"),
    ("theme.scheme", "theme.colorScheme"),
    ("theme.colorMode", "theme.colorScheme"),
    ("theme.colors", "theme.color"),
    ("theme.accent", "theme.color.accent"),
    ("theme.accentColor", "theme.color.accent"),
    ("theme.primaryColor", "theme.color.accent"),
    ("theme.color.primary", "theme.color.accent"),
    ("theme.color.background", "theme.color.surface.background"),
    ("theme.color.foreground", "theme.color.surface.foreground"),
    ("theme.borderRadius", "theme.radius"),
    ("theme.spacing", "theme.density"),
    ("theme.fontFamily", "theme.typography.fontFamily"),
    ("theme.fontSize", "theme.typography.baseSize"),
    ("theme.baseSize", "theme.typography.baseSize"),
    ("theme.fontSources", "theme.typography.fontSources"),
    ("theme.typography.fontSize", "theme.typography.baseSize"),
    ("language", "locale"),
    ("title", "header.title"),
    ("header.text", "header.title"),
    ("prompts", "startScreen.prompts"),
    ("starterPrompts", "startScreen.prompts"),
    ("suggestions", "startScreen.prompts"),
    ("suggestedPrompts", "startScreen.prompts"),
    ("startScreen.starterPrompts", "startScreen.prompts"),
    ("startScreen.suggestions", "startScreen.prompts"),
    ("startScreen.suggestedPrompts", "startScreen.prompts"),
    ("greeting", "startScreen.greeting"),
    ("welcomeMessage", "startScreen.greeting"),
    ("startScreen.title", "startScreen.greeting"),
    ("startScreen.heading", "startScreen.greeting"),
    ("startScreen.welcomeMessage", "startScreen.greeting"),
    ("placeholder", "composer.placeholder"),
    ("inputPlaceholder", "composer.placeholder"),
    ("composer.inputPlaceholder", "composer.placeholder"),
    ("composer.placeholderText", "composer.placeholder"),
    ("attachments", "composer.attachments"),
    ("composer.fileUpload", "composer.attachments"),
    ("tools", "composer.tools"),
    ("models", "composer.models"),
    ("dictation", "composer.dictation"),
    ("feedback", "threadItemActions.feedback"),
];

/// Paths at which text or `true` is short for a map with this key.
const SHORT: [(&str, &str); 9] = [
    ("theme", "colorScheme"),
    ("header", "enabled"),
    ("header.title", "text"),
    ("history", "enabled"),
    ("disclaimer", "text"),
    ("commands", "enabled"),
    ("composer.attachments", "enabled"),
    ("composer.dictation", "enabled"),
    ("theme.color.accent", "primary"),
];

/// Words of other libraries, and ChatKit's words for them.
const WORDS: [(&str, &[&str], &str); 8] = [
    (
        "theme.colorScheme",
        &["system", "os", "device", "media"],
        "auto",
    ),
    ("theme.radius", &["none", "square", "0"], "sharp"),
    ("theme.radius", &["xs", "sm", "small"], "soft"),
    (
        "theme.radius",
        &["md", "medium", "lg", "large", "rounded"],
        "round",
    ),
    ("theme.radius", &["xl", "full", "circle"], "pill"),
    (
        "theme.density",
        &["dense", "tight", "cozy", "small"],
        "compact",
    ),
    (
        "theme.density",
        &["comfortable", "default", "regular", "medium"],
        "normal",
    ),
    (
        "theme.density",
        &["loose", "relaxed", "roomy", "large"],
        "spacious",
    ),
];

/// The level of an accent that is only a colour. ChatKit requires one.
const LEVEL: i64 = 1;

/// Corrects what is clearly meant, with a remark on each.
pub(super) fn put_right(root: &mut Node, names: &ChatKitNames, remarks: &mut Vec<Remark>) {
    let mut tell = |place: &Place, message: String| remarks.push((place.span.start, message));
    spell(root, names, &mut tell);
    for (from, to) in MOVES {
        let (from, to): (Vec<_>, Vec<_>) = (from.split('.').collect(), to.split('.').collect());
        if at(root, &to).is_none()
            && let Some(entry) = take(root, &from)
        {
            let (from, to_name) = (from.join("."), to.join("."));
            tell(
                &entry.key_place,
                format!("`{from}` is called `{to_name}` in ChatKit"),
            );
            put(root, &to, entry.value);
        }
    }
    for (way, key) in SHORT {
        let way: Vec<_> = way.split('.').collect();
        if let Some(node) = at_mut(root, &way)
            && matches!(node.kind, Kind::Text(_) | Kind::Bool(_))
            && matches!(node.kind, Kind::Bool(_)) == (key == "enabled")
        {
            let inner = std::mem::replace(&mut node.kind, Kind::Null);
            let inner = entry(key, node.place.clone(), inner);
            node.kind = Kind::Map(vec![inner]);
            if way != ["theme"] {
                tell(
                    &node.place,
                    format!("`{}` is a map in ChatKit, with `{key}`", way.join(".")),
                );
            }
        }
    }
    give_a_level(root, &mut tell);
    for (way, words, word) in WORDS {
        let way: Vec<_> = way.split('.').collect();
        if let Some(node) = at_mut(root, &way)
            && let Kind::Text(text) = &node.kind
            && words.contains(&text.to_ascii_lowercase().as_str())
        {
            tell(&node.place, format!("`{text}` is `{word}` in ChatKit"));
            node.kind = Kind::Text(word.to_owned());
        }
    }
    size(root, &mut tell);
    locale(root, &mut tell);
    prompts(root, &mut tell);
    actions(root, &mut tell);
}

type Tell<'t> = &'t mut dyn FnMut(&Place, String);

/// `color_scheme`, `ColorScheme` and `color-scheme` are `colorScheme`.
fn spell(node: &mut Node, names: &ChatKitNames, tell: Tell<'_>) {
    match &mut node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                let plain = squashed(&entry.key);
                let known = names.all.iter().find(|name| squashed(name) == plain);
                if let Some(known) = known.filter(|_| !names.all.contains(&entry.key)) {
                    let message = format!("`{}` is spelled `{known}`", entry.key);
                    tell(&entry.key_place, message);
                    entry.key.clone_from(known);
                }
                spell(&mut entry.value, names, tell);
            }
        }
        Kind::List(items) => items.iter_mut().for_each(|item| spell(item, names, tell)),
        _ => {}
    }
}

fn squashed(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

fn give_a_level(root: &mut Node, tell: Tell<'_>) {
    let Some(accent) = at_mut(root, &["theme", "color", "accent"]) else {
        return;
    };
    let place = accent.place.clone();
    if let Kind::Map(entries) = &mut accent.kind
        && entries.iter().any(|entry| entry.key == "primary")
        && entries.iter().all(|entry| entry.key != "level")
    {
        let message = format!("`accent` needs a `level` from 0 to 3: it is now {LEVEL}");
        tell(&place, message);
        entries.push(entry("level", place, Kind::Number(LEVEL.into())));
    }
}

/// `"16px"` is `16`.
fn size(root: &mut Node, tell: Tell<'_>) {
    if let Some(node) = at_mut(root, &["theme", "typography", "baseSize"])
        && let Kind::Text(text) = &node.kind
        && let Ok(size) = text.trim_end_matches("px").trim().parse::<i64>()
    {
        tell(&node.place, format!("`{text}` is `{size}` in ChatKit"));
        node.kind = Kind::Number(size.into());
    }
}

/// `en-US` becomes `en` where ChatKit only has that.
fn locale(root: &mut Node, tell: Tell<'_>) {
    if let Some(node) = at_mut(root, &["locale"])
        && let Kind::Text(text) = &node.kind
    {
        let is_known = |locale: &str| {
            serde_json::from_value::<ChatKitOptions>(json!({"locale": locale})).is_ok()
        };
        let dashed = text.replace('_', "-");
        let stem = dashed.split('-').next().unwrap_or_default().to_owned();
        let near = [dashed, stem].into_iter().find(|locale| is_known(locale));
        if let Some(near) = near.filter(|near| near != text) {
            tell(
                &node.place,
                format!("ChatKit has no `{text}`: it is now `{near}`"),
            );
            node.kind = Kind::Text(near);
        }
    }
}

fn prompts(root: &mut Node, tell: Tell<'_>) {
    let Some(list) = at_mut(root, &["startScreen", "prompts"]) else {
        return;
    };
    let Kind::List(items) = &mut list.kind else {
        return;
    };
    for item in items {
        let place = item.place.clone();
        if let Kind::Text(text) = &item.kind {
            let text = Kind::Text(text.clone());
            tell(
                &place,
                "in ChatKit, a prompt has a `label` and a `prompt`: the text is used for both"
                    .to_owned(),
            );
            item.kind = Kind::Map(vec![
                entry("label", place.clone(), text.clone()),
                entry("prompt", place, text),
            ]);
            continue;
        }
        let Kind::Map(entries) = &mut item.kind else {
            continue;
        };
        for (meant, words) in [
            ("label", &["name", "title", "text"][..]),
            (
                "prompt",
                &["message", "text", "content", "value", "query", "label"],
            ),
            ("label", &["prompt"]),
        ] {
            if entries.iter().any(|entry| entry.key == meant) {
                continue;
            }
            let at = |word: &&str| entries.iter().position(|entry| entry.key == *word);
            let Some(index) = words.iter().find_map(at) else {
                continue;
            };
            let found = &mut entries[index];
            let was = found.key.clone();
            // The label is what is sent, if nothing else is, and vice versa.
            if matches!(was.as_str(), "label" | "prompt") {
                let message = format!("a prompt with only a `{was}` uses it as its `{meant}` too");
                tell(&found.key_place, message);
                let copy = entry(meant, place.clone(), found.value.kind.clone());
                entries.push(copy);
            } else {
                let message = format!("in ChatKit, the `{was}` of a prompt is called `{meant}`");
                tell(&found.key_place, message);
                found.key = meant.to_owned();
            }
        }
    }
}

/// A header button's action: a function in ChatKit, data here.
fn actions(root: &mut Node, tell: Tell<'_>) {
    for side in ["leftAction", "rightAction"] {
        let lacks = |node: &Node| matches!(node.kind, Kind::Map(_)) && node.get("action").is_none();
        if !at(root, &["header", side]).is_some_and(lacks) {
            continue;
        }
        let Some(entry) = take(root, &["header", side]) else {
            continue;
        };
        let icon = entry.value.get("icon").and_then(Node::text);
        let icon = icon.unwrap_or("menu").to_owned();
        tell(
            &entry.key_place,
            format!(
                "`header.{side}` is left out: a file cannot hold what `onClick` does; write \
                 `header.{side}: {{icon: {icon}, action: close}}`, or another action: `new_thread`, \
                 `toggle_theme`, `{{href: https://…}}`"
            ),
        );
    }
}

fn entry(key: &str, place: Place, kind: Kind) -> Entry {
    Entry {
        key: key.to_owned(),
        key_place: place.clone(),
        value: Node { place, kind },
    }
}

fn at<'n>(root: &'n Node, way: &[&str]) -> Option<&'n Node> {
    way.iter().try_fold(root, |node, key| node.get(key))
}

fn at_mut<'n>(root: &'n mut Node, way: &[&str]) -> Option<&'n mut Node> {
    way.iter().try_fold(root, |node, key| match &mut node.kind {
        Kind::Map(entries) => {
            let entry = entries.iter_mut().find(|entry| entry.key == *key)?;
            Some(&mut entry.value)
        }
        _ => None,
    })
}

fn take(root: &mut Node, way: &[&str]) -> Option<Entry> {
    let (key, way) = way.split_last()?;
    let Kind::Map(entries) = &mut at_mut(root, way)?.kind else {
        return None;
    };
    let index = entries.iter().position(|entry| entry.key == *key)?;
    Some(entries.remove(index))
}

/// Puts a value at the end of a path. Maps are extended; anything else in the way is replaced.
pub(super) fn put(root: &mut Node, way: &[&str], value: Node) {
    let Some((key, rest)) = way.split_first() else {
        match (&mut root.kind, value.kind) {
            (Kind::Map(entries), Kind::Map(more)) => entries.extend(more),
            (kind, other) => *kind = other,
        }
        return;
    };
    if !matches!(root.kind, Kind::Map(_)) {
        root.kind = Kind::Map(Vec::new());
    }
    let Kind::Map(entries) = &mut root.kind else {
        return;
    };
    let index = entries.iter().position(|entry| entry.key == *key);
    let index = index.unwrap_or_else(|| {
        entries.push(entry(key, value.place.clone(), Kind::Null));
        entries.len() - 1
    });
    put(&mut entries[index].value, rest, value);
}
