//! Bytes of a page → text, whatever its charset is said to be.

use encoding_rs::{Encoding, WINDOWS_1252};
use regex_lite::Regex;

/// Bytes in which a page names its charset.
const HEAD: usize = 2048;

/// The text of a page, and what is odd about its charset.
pub(super) fn decode(bytes: &[u8], content_type: &str) -> (String, Option<String>) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
        return (text.clone().into_owned(), lost(&text, encoding));
    }
    // What can be read as UTF-8 is UTF-8: other texts with a letter beyond ASCII almost never can. Two charsets look
    // like ASCII and are not, and these have a zero or an escape.
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&0)
        && !bytes.contains(&0x1b)
    {
        return (text.to_owned(), None);
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let labels = [named(content_type), named(&head)];
    let mut unknown = None;
    for label in labels.into_iter().flatten() {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            unknown.get_or_insert(format!("its charset `{label}` is not known"));
            continue;
        };
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        if !had_errors {
            return (text.into_owned(), None);
        }
    }
    let first = [named(content_type), named(&head)].into_iter().flatten();
    let mut first = first.filter_map(|label| Encoding::for_label(label.as_bytes()));
    let encoding = first.next().unwrap_or(WINDOWS_1252);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let note = lost(&text, encoding).or(unknown);
    (text.clone().into_owned(), note)
}

/// A note on characters that could not be read.
fn lost(text: &str, encoding: &'static Encoding) -> Option<String> {
    let count = text.matches('\u{fffd}').count();
    let name = encoding.name();
    (count > 0).then(|| format!("it is not all {name}: {count} characters could not be read"))
}

fn named(text: &str) -> Option<String> {
    let charset = Regex::new(r#"(?i)charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)"#)
        .expect("a constant that tests use");
    Some(charset.captures(text)?[1].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_whatever_its_charset_is_said_to_be() {
        let read = |bytes: &[u8], content_type: &str| decode(bytes, content_type);
        let text = |text: &str| (text.to_owned(), None);
        assert_eq!(read("é".as_bytes(), "text/html; charset=latin1"), text("é"));
        assert_eq!(
            read(b"\xe9", "text/html; charset=\"iso-8859-1\""),
            text("é")
        );
        assert_eq!(
            read(b"<meta charset=windows-1251>\xcf", "text/html"),
            text("<meta charset=windows-1251>П")
        );
        // A wrong header, and a right page.
        assert_eq!(
            read(
                b"<meta charset='shift_jis'>\x93\xfa",
                "text/html; charset=utf-8"
            )
            .0,
            "<meta charset='shift_jis'>日"
        );
        assert_eq!(read(b"\xff\xfeh\0i\0", ""), text("hi"));
        assert_eq!(
            read(b"\xef\xbb\xbfhi", "text/html; charset=utf-16"),
            text("hi")
        );
        assert_eq!(read(b"h\0i\0", "text/html; charset=utf-16le"), text("hi"));
        assert_eq!(read(b"\xe9", "text/html"), text("é"));
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let (text, note) = decode(b"a\xe9\xe9b", "text/html; charset=utf-8");
        assert_eq!(text, "a\u{fffd}\u{fffd}b");
        assert_eq!(
            note.as_deref(),
            Some("it is not all UTF-8: 2 characters could not be read")
        );
        let (_, note) = decode(b"\xe9", "text/html; charset=klingon");
        assert_eq!(note.as_deref(), Some("its charset `klingon` is not known"));
    }
}
