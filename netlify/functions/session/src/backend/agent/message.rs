//! A message of the assistant that is coming, with its sources.

use super::markers::{self, Cleaned, Marker, Markers};
use super::passages::Passages;
use super::protocol::{Annotation, Event, Item, ItemKind, Source, Text, Update};
use super::responses::{self, Index, Part};
use super::state::{Kept, Message, fresh_id};
use crate::clock;
use crate::error::RequestError;

/// Most parts of a message, and most sources of a part: models have a few.
pub(super) const MOST: usize = 64;
/// The longest address of a source, in bytes: no page has a longer one.
const LONGEST_ADDRESS: usize = 2048;
/// The longest title of a source, in characters.
const LONGEST_TITLE: usize = 200;

/// A message that is coming.
pub(super) struct Coming {
    /// The upstream's id, which stays here.
    pub(super) upstream: String,
    thread: String,
    pub(super) id: String,
    created_at: String,
    pub(super) content: Vec<Text>,
    /// Those of each part, if the model cites passages.
    markers: Vec<Markers>,
    /// The numbers of the passages that it cites.
    pub(super) cited: Vec<usize>,
    pub(super) is_done: bool,
}

impl Coming {
    /// Announces a message, with what it has already.
    pub(super) fn begin(
        upstream: &str,
        thread: &str,
        content: Vec<Text>,
        output: &mut Vec<u8>,
    ) -> Result<Coming, RequestError> {
        let coming = Coming {
            upstream: upstream.to_owned(),
            thread: thread.to_owned(),
            id: fresh_id("msg")?,
            created_at: clock::iso(),
            content,
            markers: Vec::new(),
            cited: Vec::new(),
            is_done: false,
        };
        let item = coming.item();
        Event::ItemAdded { item }.write(output);
        Ok(coming)
    }

    pub(super) fn has_text(&self) -> bool {
        self.content.iter().any(|part| !part.text.is_empty())
    }

    /// For the thread's state.
    pub(super) fn into_kept(self) -> Kept {
        Kept {
            id: self.id,
            created_at: self.created_at,
            message: Message::Assistant {
                content: self.content,
            },
        }
    }

    fn item(&self) -> Item<'_> {
        Item {
            id: &self.id,
            thread_id: &self.thread,
            created_at: &self.created_at,
            kind: ItemKind::AssistantMessage {
                content: &self.content,
            },
        }
    }

    /// The place of a part, announced if it was not. `None` if there are too many.
    pub(super) fn part(&mut self, index: Index, output: &mut Vec<u8>) -> Option<usize> {
        if self.content.len() as u64 <= index.0 {
            self.announce(index, Text::default(), output);
        }
        let index = usize::try_from(index.0).unwrap_or(usize::MAX);
        (index < self.content.len()).then_some(index)
    }

    /// A part begins. Some servers send its text with it.
    pub(super) fn begin_part(
        &mut self,
        index: Index,
        text: Text,
        passages: Option<&Passages<'_>>,
        output: &mut Vec<u8>,
    ) {
        if passages.is_none() {
            return self.announce(index, text, output);
        }
        self.announce(index, Text::default(), output);
        if let Some(index) = self.part(index, output) {
            *self.markers(index) = Markers::default();
            self.add(index, &text.text, passages, output);
        }
    }

    /// Adds a part, and those before it that nobody announced.
    fn announce(&mut self, index: Index, text: Text, output: &mut Vec<u8>) {
        let Some(index) = usize::try_from(index.0).ok().filter(|index| *index < MOST) else {
            return;
        };
        while self.content.len() < index {
            self.content.push(Text::default());
            self.announced(self.content.len() - 1, output);
        }
        match self.content.get_mut(index) {
            Some(part) => *part = text,
            None => self.content.push(text),
        }
        self.announced(index, output);
    }

    fn announced(&self, index: usize, output: &mut Vec<u8>) {
        let update = Update::PartAdded {
            content_index: index,
            content: &self.content[index],
        };
        self.update(update, output);
    }

    /// A piece of a part's text.
    pub(super) fn add(
        &mut self,
        index: usize,
        piece: &str,
        passages: Option<&Passages<'_>>,
        output: &mut Vec<u8>,
    ) {
        let Some(passages) = passages else {
            return self.push(index, piece, output);
        };
        let cleaned = self.markers(index).take(piece);
        self.add_cleaned(index, &cleaned, passages, output);
    }

    fn add_cleaned(
        &mut self,
        index: usize,
        cleaned: &Cleaned,
        passages: &Passages<'_>,
        output: &mut Vec<u8>,
    ) {
        if !cleaned.text.is_empty() {
            self.push(index, &cleaned.text, output);
        }
        self.cite(index, &cleaned.markers, passages, output);
    }

    /// Ends the text of a part. `whole` is all of it, if the upstream repeats it. Its sources follow with the message.
    pub(super) fn end_part(
        &mut self,
        index: usize,
        whole: Option<&str>,
        passages: Option<&Passages<'_>>,
        output: &mut Vec<u8>,
    ) {
        if let Some(passages) = passages {
            self.flush(index, passages, output);
        }
        // A server that does not stream says it only here.
        match (whole, passages) {
            (Some(whole), None) => whole.clone_into(&mut self.content[index].text),
            (Some(whole), Some(passages)) => {
                let (cleaned, markers) = markers::cleaned(whole);
                if cleaned.text != self.content[index].text {
                    self.content[index].text = cleaned.text;
                    *self.markers(index) = markers;
                    self.cite(index, &cleaned.markers, passages, output);
                }
            }
            (None, _) => {}
        }
        let content = &Text {
            text: self.content[index].text.clone(),
            ..Text::default()
        };
        let update = Update::PartDone {
            content_index: index,
            content,
        };
        self.update(update, output);
    }

    /// A source that the upstream names.
    pub(super) fn annotate(
        &mut self,
        index: usize,
        annotation: &responses::Annotation,
        output: &mut Vec<u8>,
    ) {
        if let Some(mut annotation) = annotation_of(annotation) {
            if let Some(markers) = self.markers.get(index) {
                annotation.index = annotation.index.map(|at| markers.place(at));
            }
            self.annotated(index, annotation, output);
        }
    }

    /// Ends the message. `parts` are all of them, if the upstream repeats them.
    pub(super) fn end(
        &mut self,
        parts: Option<&[Part]>,
        passages: Option<&Passages<'_>>,
        output: &mut Vec<u8>,
    ) {
        match (parts, passages) {
            (Some(parts), None) => self.content = parts.iter().take(MOST).map(text_of).collect(),
            (Some(parts), Some(passages)) => {
                let parts = parts.iter().take(MOST);
                let cited = parts.map(|part| cited_text_of(part, passages));
                let (content, found): (_, Vec<_>) = cited.unzip();
                self.content = content;
                self.cited
                    .extend(found.iter().flatten().map(|marker| marker.number));
            }
            (None, None) => {}
            (None, Some(passages)) => {
                for index in 0..self.content.len() {
                    self.flush(index, passages, output);
                }
            }
        }
        self.is_done = true;
        let item = self.item();
        Event::ItemDone { item }.write(output);
    }

    /// What was held back because it looked like the beginning of a marker.
    fn flush(&mut self, index: usize, passages: &Passages<'_>, output: &mut Vec<u8>) {
        let cleaned = self.markers(index).end();
        self.add_cleaned(index, &cleaned, passages, output);
    }

    fn markers(&mut self, index: usize) -> &mut Markers {
        if self.markers.len() <= index {
            self.markers.resize_with(index + 1, Markers::default);
        }
        &mut self.markers[index]
    }

    fn push(&mut self, index: usize, piece: &str, output: &mut Vec<u8>) {
        self.content[index].text.push_str(piece);
        let update = Update::TextDelta {
            content_index: index,
            delta: piece,
        };
        self.update(update, output);
    }

    fn cite(
        &mut self,
        index: usize,
        found: &[Marker],
        passages: &Passages<'_>,
        output: &mut Vec<u8>,
    ) {
        for marker in found {
            self.cited.push(marker.number);
            let known = &self.content[index].annotations;
            let new = passages
                .annotation(marker)
                .filter(|new| !known.contains(new));
            if let Some(annotation) = new {
                self.annotated(index, annotation, output);
            }
        }
    }

    fn annotated(&mut self, index: usize, annotation: Annotation, output: &mut Vec<u8>) {
        let annotation_index = self.content[index].annotations.len();
        if annotation_index < MOST {
            let update = Update::AnnotationAdded {
                content_index: index,
                annotation_index,
                annotation: &annotation,
            };
            self.update(update, output);
            self.content[index].annotations.push(annotation);
        }
    }

    fn update(&self, update: Update<'_>, output: &mut Vec<u8>) {
        let item_id = &self.id;
        Event::ItemUpdated { item_id, update }.write(output);
    }
}

/// A part of a message; a refusal is a text like any other.
pub(super) fn text_of(part: &Part) -> Text {
    let annotations = part.annotations.iter().filter_map(annotation_of);
    Text {
        text: written(part).to_owned(),
        annotations: annotations.take(MOST).collect(),
        ..Text::default()
    }
}

/// The same for a model that cites passages, with its markers.
fn cited_text_of(part: &Part, passages: &Passages<'_>) -> (Text, Vec<Marker>) {
    let (cleaned, markers) = markers::cleaned(written(part));
    let own = cleaned
        .markers
        .iter()
        .filter_map(|marker| passages.annotation(marker));
    let others = part.annotations.iter().filter_map(annotation_of);
    let others = others.map(|annotation| Annotation {
        index: annotation.index.map(|at| markers.place(at)),
        ..annotation
    });
    let annotations = own.chain(others).take(MOST).collect();
    let text = Text {
        text: cleaned.text,
        annotations,
        ..Text::default()
    };
    (text, cleaned.markers)
}

fn written(part: &Part) -> &str {
    match part.r#type.as_str() {
        "refusal" => &part.refusal,
        _ => &part.text,
    }
}

/// A source that ChatKit can show: an address of the web, or a file with a name.
fn annotation_of(annotation: &responses::Annotation) -> Option<Annotation> {
    let responses::Annotation {
        r#type,
        url,
        title,
        filename,
        index,
        end_index,
    } = annotation;
    let file = || {
        let name: String = filename.chars().take(LONGEST_TITLE).collect();
        Source::File {
            title: name.clone(),
            filename: name,
        }
    };
    let (source, index) = match r#type.as_str() {
        "url_citation" if is_web(url) && url.len() <= LONGEST_ADDRESS => {
            let title = if title.is_empty() { url } else { title };
            let source = Source::Url {
                title: title.chars().take(LONGEST_TITLE).collect(),
                url: url.clone(),
            };
            (source, end_index)
        }
        "file_citation" if !filename.is_empty() => (file(), index),
        "container_file_citation" if !filename.is_empty() => (file(), end_index),
        _ => return None,
    };
    let index = Some(index.0);
    Some(Annotation { source, index })
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
