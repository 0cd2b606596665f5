//! The answers, and what is accepted for each.

use std::path::Path;

use session::is_loopback;
use url::Url;

use super::starters::{Language, Template};
use crate::config::BackendKind;
use crate::site::Rgb;
use crate::yaml::{holds_key, named_character, stranger_in};

/// Most characters of a name: it is the title of a panel.
const LONGEST_NAME: usize = 60;

/// What a new site is made from.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    /// What visitors know the owner by, such as `Morrow`.
    pub(crate) name: String,
    /// The origin of the website that shows the chat, such as `https://www.example.com`.
    pub(crate) website: String,
    /// `#rrggbb`; `None` for the colours of the theme.
    pub(crate) color: Option<String>,
    /// What the chat is for.
    pub(crate) template: Template,
    pub(crate) language: Language,
    pub(crate) backend: BackendKind,
}

/// A name for people.
///
/// # Errors
///
/// A text that is empty, long, or has characters or references that a title must not have.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("write the name of your company, shop or project".to_owned());
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(format!("use at most {LONGEST_NAME} characters"));
    }
    let control = text.chars().find(|c| c.is_control());
    if let Some(c) = control.or_else(|| stranger_in(text)) {
        return Err(format!("remove the {} from it", named_character(c)));
    }
    if text.contains("${") || holds_key(text) {
        return Err("it becomes public, so it cannot hold variables or keys".to_owned());
    }
    Ok(text.to_owned())
}

/// The origin of a website, from its address in any form: `www.example.com`, `https://www.example.com/shop/`.
///
/// # Errors
///
/// A text that is no address, and an address that is neither https nor on this machine.
pub(crate) fn website(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("write the address of your website, as in https://www.example.com".to_owned());
    }
    let whole = match text.contains("://") {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    let wrong = || format!("`{text}` is not a website; write it as in https://www.example.com");
    let url = Url::parse(&whole).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let is_here = is_loopback(host);
    if !is_here && !host.contains('.') || !url.username().is_empty() || host.contains(['*', '[']) {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => {
            return Err(format!(
                "`{text}` must be https: the chat shows on no other website"
            ));
        }
    }
    Ok(url.origin().ascii_serialization())
}

/// A colour as `#rrggbb`, from any that CSS knows; nothing for an empty text.
///
/// # Errors
///
/// A text that is no colour, and a transparent colour.
pub(crate) fn color(text: &str) -> Result<Option<String>, String> {
    match text.trim() {
        "" => Ok(None),
        text => Rgb::parse(text)
            .map(|color| Some(color.to_css()))
            .map_err(|problem| problem.summary()),
    }
}

/// The name to suggest: that of the folder.
pub(crate) fn default_name(folder: &Path) -> String {
    let whole = std::path::absolute(folder).unwrap_or_default();
    let last = whole.file_name().unwrap_or_default().to_string_lossy();
    name(&last).unwrap_or_else(|_| "Chat".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_is_taken_in_any_form_and_kept_as_its_origin() {
        for (text, origin) in [
            ("www.acme.com", "https://www.acme.com"),
            (" https://Acme.com/shop/?a=b#c ", "https://acme.com"),
            ("https://acme.com:8443/", "https://acme.com:8443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(website(text).as_deref(), Ok(origin), "{text}");
        }
        for text in [
            "",
            "acme",
            "http://acme.com",
            "mailto:a@acme.com",
            "https://",
            "https://*.acme.com",
            "https://[::1]",
            "https://me:secret@acme.com",
            "a b",
        ] {
            assert!(website(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_for_people_and_a_colour_is_css() {
        assert_eq!(
            name(" Morrow & Söhne: \"1\" ").as_deref(),
            Ok("Morrow & Söhne: \"1\"")
        );
        for text in ["", " ", "a\nb", "${HOME}", &"x".repeat(61)] {
            assert!(name(text).is_err(), "{text}");
        }
        assert_eq!(color("navy"), Ok(Some("#000080".to_owned())));
        assert_eq!(color(" "), Ok(None));
        assert!(color("nvay").is_err_and(|said| said.contains("did you mean `navy`?")));
    }
}
