//! Logos: files of a project, made small, and made safe to serve.
//!
//! A drawing is written anew by `usvg`, which knows shapes and paints and nothing else. A picture is decoded, scaled to what a
//! panel shows on the sharpest screens, and encoded again, so nothing of the file itself is served.

use std::collections::HashMap;
use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, anyhow, bail, ensure};
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use crate::fs::{self, Stamp};
use crate::hint::Hinted;

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 5 * 1024 * 1024;

/// The widest and highest picture that is decoded, in pixels.
const MOST_PIXELS: u32 = 8192;

/// The size of what is served, in pixels: three times that of the panel's bar.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 96;

/// The largest drawing that is served, in bytes: every visitor who opens the chat fetches it.
const LARGEST_DRAWING: usize = 64 * 1024;

/// Copies in a drawing (`<use>`). A few that copy each other become thousands.
const MOST_COPIES: usize = 16;

/// A logo that can be served.
#[derive(PartialEq, Eq)]
pub(crate) struct Logo {
    /// `svg` or `png`.
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.kind, self.bytes.len())
    }
}

/// The logos of a project. A file is read again only if it has changed.
pub(crate) struct Logos {
    /// What names are relative to.
    folder: PathBuf,
    known: Mutex<HashMap<String, (Stamp, Arc<Logo>)>>,
}

impl Logos {
    /// `folder` is that of `site.yaml`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            known: Mutex::default(),
        }
    }

    /// The logo in a file of the project.
    ///
    /// # Errors
    ///
    /// A file that is missing, elsewhere or too large, and one that is no picture or more than a picture.
    pub(crate) fn read(&self, name: &str) -> Result<Arc<Logo>> {
        let path = fs::project_file(&self.folder, name)?;
        let stamp = fs::stamp(&path).map_err(|_| anyhow!("`{name}` not found"))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((earlier, logo)) = known.get(name)
            && *earlier == stamp
        {
            return Ok(Arc::clone(logo));
        }
        let size = stamp.length;
        ensure!(
            size <= LARGEST_FILE,
            Hinted::new(
                format!(
                    "`{name}` has {:.1} MB, and at most {} MB are allowed",
                    size as f64 / 1e6,
                    LARGEST_FILE / 1024 / 1024
                ),
                format!(
                    "export it smaller: the panel shows {WIDTH} × {HEIGHT} pixels of it at most"
                )
            )
        );
        let logo = Arc::new(of_bytes(&fs::read(&path)?).map_err(|err| of_file(name, &err))?);
        known.insert(name.to_owned(), (stamp, Arc::clone(&logo)));
        Ok(logo)
    }
}

/// The usual ending of a file with this logo.
///
/// # Errors
///
/// The same as for [`Logos::read`], in words that go on after the name of the file.
pub(crate) fn ending_of(bytes: &[u8]) -> Result<&'static str> {
    ensure!(
        bytes.len() as u64 <= LARGEST_FILE,
        "has {:.1} MB, and at most {} MB are allowed",
        bytes.len() as f64 / 1e6,
        LARGEST_FILE / 1024 / 1024
    );
    let logo = of_bytes(bytes)?;
    Ok(match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => "jpg",
        Ok(ImageFormat::WebP) => "webp",
        _ => logo.kind,
    })
}

/// The error with the name of the file, and its own hint.
fn of_file(name: &str, err: &anyhow::Error) -> anyhow::Error {
    let message = format!("`{name}` {err:#}");
    match Hinted::find(err) {
        Some(hint) => Hinted::new(message, hint).into(),
        None => anyhow!(message),
    }
}

/// # Errors
///
/// Bytes that are no picture, or more than one; in words that go on after the name of the file.
fn of_bytes(bytes: &[u8]) -> Result<Logo> {
    let is_drawing = std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg"));
    let (kind, bytes) = match is_drawing {
        true => ("svg", drawing(std::str::from_utf8(bytes)?)?),
        false => ("png", picture(bytes)?),
    };
    Ok(Logo { kind, bytes })
}

/// A picture in the size of the panel's bar, as PNG.
fn picture(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    ensure!(
        reader.format().is_some(),
        Hinted::new("is not a picture", "use SVG, PNG, WebP or JPEG")
    );
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|err| anyhow!("cannot be read as a picture: {err}"))?;
    let (width, height) = (picture.width(), picture.height());
    let scaled = match width > WIDTH || height > HEIGHT {
        true => picture.resize(WIDTH, HEIGHT, FilterType::Lanczos3),
        false => picture,
    };
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(scaled.to_rgba8()).write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// What a drawing may not hold, and what to do about it.
const REFUSED: [(&str, &str); 5] = [
    ("script", "export it without scripts"),
    ("foreignObject", "export it as shapes"),
    ("image", "export it as shapes, or as a PNG"),
    (
        "text",
        "convert its text to outlines: visitors lack the font",
    ),
    ("a", "remove its links"),
];

/// A drawing, written anew.
fn drawing(text: &str) -> Result<Vec<u8>> {
    let document =
        roxmltree::Document::parse(text).map_err(|err| anyhow!("is not an SVG: {err}"))?;
    let mut copies = 0;
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        if let Some((what, hint)) = REFUSED.iter().find(|(refused, _)| *refused == tag) {
            bail!(Hinted::new(format!("holds `<{what}>`"), *hint));
        }
        let handler = node.attributes().find(|own| own.name().starts_with("on"));
        if let Some(handler) = handler {
            bail!(Hinted::new(
                format!("holds a script, in `{}`", handler.name()),
                "export it without scripts"
            ));
        }
        copies += usize::from(tag == "use");
    }
    ensure!(
        copies <= MOST_COPIES,
        Hinted::new(
            format!("holds {copies} copies (`<use>`), and at most {MOST_COPIES} are allowed"),
            "export it as plain shapes"
        )
    );
    let tree = usvg::Tree::from_xmltree(&document, &usvg::Options::default())
        .map_err(|err| anyhow!("is not an SVG: {err}"))?;
    let options = usvg::WriteOptions {
        coordinates_precision: 3,
        transforms_precision: 4,
        indent: usvg::Indent::None,
        attributes_indent: usvg::Indent::None,
        ..usvg::WriteOptions::default()
    };
    let drawing = tree.to_string(&options);
    ensure!(
        drawing.len() <= LARGEST_DRAWING,
        Hinted::new(
            format!(
                "is a drawing of {} KB, and at most {} KB are allowed",
                drawing.len() / 1024,
                LARGEST_DRAWING / 1024
            ),
            "simplify it, or export it as a PNG"
        )
    );
    Ok(drawing.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inside: &str) -> String {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='40' height='20' \
             viewBox='0 0 40 20'>{inside}</svg>"
        )
    }

    #[test]
    fn a_drawing_is_written_anew_with_its_shapes_and_nothing_else() -> Result<()> {
        let text = svg(
            "<!-- a comment --><style>.a{fill:#f00}</style><metadata>me@example.com</metadata>\
             <defs><linearGradient id='g'><stop offset='0' stop-color='blue'/><stop offset='1' stop-color='red'/></linearGradient></defs>\
             <rect class='a' width='10' height='10'/><circle cx='5' cy='5' r='3' fill='url(#g)'/>",
        );
        let logo = of_bytes(text.as_bytes())?;
        let drawn = String::from_utf8(logo.bytes)?;
        assert_eq!(logo.kind, "svg");
        for part in ["<path", "#ff0000", "linearGradient"] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
        for part in ["comment", "style", "metadata", "example.com", "class"] {
            assert!(!drawn.contains(part), "{part} in {drawn}");
        }
        Ok(())
    }

    #[test]
    fn a_drawing_that_does_more_than_draw_is_refused_with_words() {
        for (inside, said) in [
            ("<script>alert(1)</script>", "holds `<script>`"),
            (
                "<rect width='9' height='9' onload='alert(1)'/>",
                "holds a script, in `onload`",
            ),
            ("<foreignObject/>", "holds `<foreignObject>`"),
            ("<image href='https://x.example/a.png'/>", "holds `<image>`"),
            ("<text>Hi</text>", "holds `<text>`"),
            (
                "<a href='javascript:x'><rect width='9' height='9'/></a>",
                "holds `<a>`",
            ),
            (&"<use href='#x'/>".repeat(17), "holds 17 copies"),
            ("<rect", "is not an SVG"),
        ] {
            let err = of_bytes(svg(inside).as_bytes()).unwrap_err();
            assert!(format!("{err:#}").starts_with(said), "{err:#}");
        }
        let bomb =
            "<!DOCTYPE svg [<!ENTITY a 'x'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>";
        assert!(of_bytes(bomb.as_bytes()).is_err());
    }

    #[test]
    fn a_large_picture_becomes_small_and_keeps_its_form() -> Result<()> {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::new_rgba8(1000, 500).write_to(&mut bytes, format)?;
            let logo = of_bytes(&bytes.into_inner())?;
            let read = image::load_from_memory(&logo.bytes)?;
            assert_eq!((logo.kind, read.width(), read.height()), ("png", 192, 96));
        }
        for bytes in [&b""[..], b"GIF89a", b"\x89PNG\r\n\x1a\nbroken", b"hello"] {
            assert!(of_bytes(bytes).is_err());
        }
        Ok(())
    }
}
