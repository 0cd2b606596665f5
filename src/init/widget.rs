//! A commented widget in `site.yaml`, for a new site and for `new`.

use serde_json::Value;

use crate::config::BackendKind;
use crate::edit::{self, Comment, Edit};
use crate::yaml::{Problems, Source};

/// A widget that is not there yet.
pub(crate) struct NewWidget<'a> {
    pub(crate) name: &'a str,
    /// The kind of its back end.
    pub(crate) kind: BackendKind,
    /// Its settings.
    pub(crate) widget: Value,
    /// The comment above the widget; an empty line if it is empty.
    pub(crate) comment: &'a str,
}

/// `site.yaml`, the only source, with the widget.
///
/// # Errors
///
/// A file in which the change would alter something else.
pub(crate) fn added(sources: &[Source], new: &NewWidget<'_>) -> Result<Source, Problems> {
    let edit = Edit::set(&["widgets", new.name], new.widget.clone());
    let mut after = edit::apply(sources, &[edit])?;
    let site = after.swap_remove(0);
    Ok(Source {
        text: edit::commented(&site.text, &comments(new)).into(),
        ..site
    })
}

/// The purpose of the widget's sections.
fn comments<'a>(new: &NewWidget<'a>) -> [Comment<'a>; 4] {
    let comment = |section: &[&'static str], text| Comment {
        path: [&["widgets", new.name], section].concat(),
        text,
    };
    let on_chatkit = "What ChatKit shows. chatkit.studio helps to find what you like.";
    [
        comment(&[], new.comment),
        comment(&["backend"], new.kind.comment()),
        comment(&["chatkit"], on_chatkit),
        comment(&["launcher"], "The button on your website."),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with_widget(text: &str) -> String {
        let source = Source::new("site.yaml", text);
        let new = NewWidget {
            name: "sales",
            kind: BackendKind::Server,
            widget: json!({
                "backend": BackendKind::Server.starter(),
                "chatkit": {"composer": {"placeholder": "Ask"}},
                "launcher": {"label": "Chat"},
            }),
            comment: "",
        };
        let added = added(&[source], &new);
        added.expect("a place for a widget").text.to_string()
    }

    #[test]
    fn a_widget_is_added_after_the_last_one_and_nothing_else_changes() {
        for text in [
            "site: {url: x} # here\nwidgets:\n  # one\n  a:\n    backend: {type: hosted} # yes\n\n# the end\n",
            "widgets:\n    a: {}\nsite:\n    url: x\n",
            "site: {url: x}\nwidgets:\n  a:\n    text: |\n      one\n      two\n",
            "site: {url: x}\r\nwidgets:\r\n  a: {}\r\n",
            "site: {url: x}\nwidgets:\n  a: &a {}\n  b: *a\n",
            "site: {url: x}\nwidgets:\ndefaults: {}\n",
            "site: {url: x}\n",
        ] {
            let new = with_widget(text);
            let old: Vec<_> = text.split_inclusive('\n').collect();
            let mut rest = old.iter().peekable();
            let added: Vec<_> = new
                .split_inclusive('\n')
                .filter(|line| rest.next_if_eq(&line).is_none())
                .collect();
            assert!(rest.peek().is_none(), "{new}");
            let comments = added.iter().filter(|line| line.contains("# "));
            assert_eq!(comments.count(), 4, "{new}");
            let ends = |end: &str| added.iter().all(|line| line.ends_with(end));
            assert_eq!(ends("\r\n"), text.contains("\r\n"), "{new}");
        }
    }

    #[test]
    fn a_map_on_one_line_stays_on_one_line() {
        let new = with_widget("site: {url: x} # here\nwidgets: {a: {}} # one\n");
        assert!(
            new.starts_with(
                "site: {url: x} # here\nwidgets: {a: {}, sales: {backend: {type: server,"
            ),
            "{new}"
        );
        assert!(
            new.ends_with("}} # one\n") && new.lines().count() == 2,
            "{new}"
        );
    }
}
