//! The stream of a Responses API: server-sent events with JSON, of which only a few members are kept.
//!
//! Facts: <https://platform.openai.com/docs/api-reference/responses-streaming>. Servers differ, so this reads leniently:
//! members in any order, of any other type, with or without `event:` lines. A member that is not needed is passed over
//! as it comes, and a text that is needed is cut at [`LONGEST_TEXT`], so an event of any size takes little memory: those
//! at the start and at the end repeat the instructions.

use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The longest text of an event that is kept, in bytes. An answer comes in pieces of a few bytes.
const LONGEST_TEXT: usize = 64 * 1024;
/// Most objects of a list that are kept.
const LONGEST_LIST: usize = 256;
/// The largest event, in bytes.
const LARGEST_EVENT: u64 = 8 * 1024 * 1024;
/// Size of the buffer between the connection and this reader, in bytes.
const BUFFER: usize = 2 * 1024;
/// The longest silence. Lines that only keep the connection open do not end it.
pub(super) const SILENCE: Duration = Duration::from_secs(60);
/// The longest that an event may take once it has begun: nobody looks whether its reader still waits.
const STALL: Duration = Duration::from_secs(10);

/// One event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(deserialize_with = "text")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "text")]
    pub(super) item_id: String,
    pub(super) content_index: Index,
    pub(super) summary_index: Index,
    #[serde(deserialize_with = "text")]
    pub(super) delta: String,
    #[serde(deserialize_with = "text")]
    pub(super) text: String,
    #[serde(deserialize_with = "object")]
    pub(super) item: Item,
    #[serde(deserialize_with = "object")]
    pub(super) part: Part,
    #[serde(deserialize_with = "object")]
    pub(super) annotation: Annotation,
    #[serde(deserialize_with = "object")]
    pub(super) response: Response,
    /// Of an error event in one of its two shapes; in the other, the event itself has a code.
    #[serde(deserialize_with = "object")]
    pub(super) error: Error,
    #[serde(deserialize_with = "text")]
    pub(super) code: String,
    /// `true` if a text of it may be incomplete, because it was too long.
    #[serde(skip)]
    pub(super) is_cut: bool,
}

/// A part of what the model puts out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    #[serde(deserialize_with = "text")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "list")]
    pub(super) content: Vec<Part>,
    /// Of a call of our own tool.
    #[serde(deserialize_with = "text")]
    pub(super) call_id: String,
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) arguments: String,
}

/// A part of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    #[serde(deserialize_with = "text")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "text")]
    pub(super) text: String,
    #[serde(deserialize_with = "text")]
    pub(super) refusal: String,
    #[serde(deserialize_with = "list")]
    pub(super) annotations: Vec<Annotation>,
}

/// A source.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotation {
    #[serde(deserialize_with = "text")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "text")]
    pub(super) url: String,
    #[serde(deserialize_with = "text")]
    pub(super) title: String,
    #[serde(deserialize_with = "text")]
    pub(super) filename: String,
    pub(super) index: Index,
    pub(super) end_index: Index,
}

/// The whole response, as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    #[serde(deserialize_with = "text")]
    pub(super) model: String,
    #[serde(deserialize_with = "object")]
    pub(super) error: Error,
    #[serde(deserialize_with = "object")]
    pub(super) incomplete_details: Incomplete,
    #[serde(deserialize_with = "object")]
    pub(super) usage: Usage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Incomplete {
    #[serde(deserialize_with = "text")]
    pub(super) reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Error {
    #[serde(deserialize_with = "text")]
    pub(super) r#type: String,
    #[serde(deserialize_with = "text")]
    pub(super) code: String,
    #[serde(deserialize_with = "text")]
    pub(super) param: String,
}

/// Tokens.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    pub(super) input_tokens: Index,
    #[serde(deserialize_with = "object")]
    pub(super) input_tokens_details: Cached,
    pub(super) output_tokens: Index,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cached {
    pub(super) cached_tokens: Index,
}

/// What the next look at a stream has found.
#[derive(Debug)]
pub(super) enum Next {
    Event(Box<Event>),
    /// Nothing for now.
    Nothing,
    /// The connection has ended.
    End,
}

/// Why a stream cannot be read further.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The connection was cut.
    Cut,
    /// Nothing has come for [`SILENCE`].
    Silent,
    /// It does not hold what a Responses API sends.
    Garbled,
    /// An event or a text in it is too large.
    TooLarge,
}

/// The events of a stream.
pub(super) struct Events<R> {
    input: BufReader<R>,
    line: Line,
    /// The time that it has waited since the last event. Time that the visitor's connection takes does not count.
    waited: Duration,
}

/// The result of a look at the next bytes.
enum Step {
    Event(Box<Event>),
    /// Bytes without an event, such as a comment.
    Passed,
    /// Nothing for now.
    Nothing,
    /// The connection has ended.
    End,
}

/// The longest look: somebody may have left, or the time of an answer may be over.
const PAUSE: Duration = Duration::from_millis(250);

/// The position in a line.
enum Line {
    /// In its name, of which this is there.
    Name(Vec<u8>),
    /// In what is not needed.
    Rest,
}

impl<R: Read> Events<R> {
    /// `input` fails with [`ErrorKind::WouldBlock`] when it has waited for a while.
    pub(super) fn new(input: R) -> Events<R> {
        Events {
            input: BufReader::with_capacity(BUFFER, input),
            line: Line::Name(Vec::new()),
            waited: Duration::ZERO,
        }
    }

    /// The next event, if one is there.
    pub(super) fn next(&mut self) -> Result<Next, Broken> {
        let began = Instant::now();
        loop {
            match self.step()? {
                Step::Event(event) => {
                    self.waited = Duration::ZERO;
                    return Ok(Next::Event(event));
                }
                Step::End => return Ok(Next::End),
                Step::Passed if began.elapsed() < PAUSE => {}
                Step::Passed | Step::Nothing => break,
            }
        }
        self.waited += began.elapsed();
        match self.waited < SILENCE {
            true => Ok(Next::Nothing),
            false => Err(Broken::Silent),
        }
    }

    fn step(&mut self) -> Result<Step, Broken> {
        let buffer = match self.input.fill_buf() {
            Ok([]) => return Ok(Step::End),
            Ok(buffer) => buffer,
            Err(err) if err.kind() == ErrorKind::Interrupted => return Ok(Step::Passed),
            Err(err) if err.kind() == ErrorKind::WouldBlock => return Ok(Step::Nothing),
            Err(err) => return Err(broken(&err)),
        };
        match &mut self.line {
            Line::Rest => {
                let end = buffer.iter().position(|byte| *byte == b'\n');
                let used = end.map_or(buffer.len(), |at| at + 1);
                if end.is_some() {
                    self.line = Line::Name(Vec::new());
                }
                self.input.consume(used);
            }
            Line::Name(name) => {
                let byte = buffer[0];
                self.input.consume(1);
                match byte {
                    b'\n' => name.clear(),
                    b':' if name == b"data" => {
                        self.line = Line::Name(Vec::new());
                        return Ok(self.data()?.map_or(Step::Passed, Step::Event));
                    }
                    _ if name.len() < NAME.len() && byte != b':' => name.push(byte),
                    _ => self.line = Line::Rest,
                }
            }
        }
        Ok(Step::Passed)
    }

    /// Reads the rest of a line with data. `None` if it says nothing: some servers end with `[DONE]`.
    fn data(&mut self) -> Result<Option<Box<Event>>, Broken> {
        let mut data = Data {
            input: &mut self.input,
            started: Instant::now(),
            left: LARGEST_EVENT,
            is_over: false,
            text: None,
            has_cut: false,
            failure: None,
        };
        let first = data.first()?;
        let read = match first {
            Some(b'{') => {
                let object = Read::chain(&b"{"[..], &mut data);
                Some(serde_json::from_reader::<_, Event>(object))
            }
            _ => None,
        };
        let failure = data.failure.take();
        data.skip()?;
        let has_cut = data.has_cut;
        match read {
            None => Ok(None),
            Some(Ok(event)) if event.r#type == "keepalive" => Ok(None),
            Some(Ok(mut event)) => {
                event.is_cut = has_cut && event.keeps_text();
                Ok(Some(Box::new(event)))
            }
            Some(Err(_)) => Err(failure.unwrap_or(Broken::Garbled)),
        }
    }
}

/// The name of the lines that hold events.
const NAME: &[u8] = b"data";

impl Event {
    /// Returns whether a text of an answer may have been cut.
    fn keeps_text(&self) -> bool {
        let parts = self.item.content.iter().chain([&self.part]);
        let texts = parts.flat_map(|part| [&part.text, &part.refusal]);
        // An escape of six bytes is one byte in the end.
        let is_long = |text: &String| text.len() >= LONGEST_TEXT / 6;
        texts.chain([&self.delta, &self.text]).any(is_long)
    }
}

/// The rest of a line, for a parser of JSON. Waits for all of it, because an event that has begun soon ends.
struct Data<'a, R> {
    input: &'a mut BufReader<R>,
    /// When it began.
    started: Instant,
    /// The bytes that may still come.
    left: u64,
    is_over: bool,
    /// Where it is in a text, if it is in one.
    text: Option<Position>,
    /// `true` if a text was cut.
    has_cut: bool,
    failure: Option<Broken>,
}

impl<R: Read> Data<'_, R> {
    /// The first byte that is not a space.
    fn first(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            match self.byte()? {
                Some(b' ' | b'\t') => {}
                byte => return Ok(byte),
            }
        }
    }

    /// Passes over what the parser has left.
    fn skip(&mut self) -> Result<(), Broken> {
        while self.byte()?.is_some() {}
        Ok(())
    }

    /// The next byte of the line.
    fn byte(&mut self) -> Result<Option<u8>, Broken> {
        if self.is_over {
            return Ok(None);
        }
        loop {
            match self.input.fill_buf() {
                Ok([]) => return Err(Broken::Cut),
                Ok(buffer) => {
                    let byte = buffer[0];
                    self.input.consume(1);
                    self.left = self.left.checked_sub(1).ok_or(Broken::TooLarge)?;
                    self.is_over = byte == b'\n';
                    return Ok((!self.is_over).then_some(byte));
                }
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                Err(err) if err.kind() == ErrorKind::WouldBlock => {
                    if self.started.elapsed() >= STALL {
                        return Err(Broken::Silent);
                    }
                }
                Err(err) => return Err(broken(&err)),
            }
        }
    }

    /// The next byte for the parser: of a long text, only the beginning.
    fn kept_byte(&mut self) -> Result<Option<u8>, Broken> {
        while let Some(byte) = self.byte()? {
            let Some(text) = &mut self.text else {
                if byte == b'"' {
                    self.text = Some(Position::default());
                }
                return Ok(Some(byte));
            };
            if byte == b'"' && text.escape == Escape::None {
                self.text = None;
                return Ok(Some(byte));
            }
            // Not within an escape, which the parser would refuse.
            text.is_cut |= text.length >= LONGEST_TEXT && text.escape == Escape::None;
            text.length += 1;
            text.escape = text.escape.after(byte);
            if !text.is_cut {
                return Ok(Some(byte));
            }
            self.has_cut = true;
        }
        Ok(None)
    }
}

/// A position in a text.
#[derive(Default)]
struct Position {
    /// The bytes before it.
    length: usize,
    escape: Escape,
    /// `true` if the rest is left out.
    is_cut: bool,
}

/// A position in an escape of JSON.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// After the backslash.
    Started,
    /// Before this many digits.
    Digits(u8),
}

impl Escape {
    fn after(self, byte: u8) -> Escape {
        match (self, byte) {
            (Escape::None, b'\\') => Escape::Started,
            (Escape::Started, b'u') => Escape::Digits(4),
            (Escape::Digits(count @ 2..), _) => Escape::Digits(count - 1),
            _ => Escape::None,
        }
    }
}

impl<R: Read> Read for Data<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(first) = buffer.first_mut() else {
            return Ok(0);
        };
        match self.kept_byte() {
            Ok(Some(byte)) => {
                *first = byte;
                Ok(1)
            }
            Ok(None) => Ok(0),
            Err(failure) => {
                self.failure = Some(failure);
                Err(ErrorKind::Other.into())
            }
        }
    }
}

fn broken(err: &io::Error) -> Broken {
    match err.kind() {
        ErrorKind::TimedOut => Broken::Silent,
        _ => Broken::Cut,
    }
}

/// A whole number that may be missing, or something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Index(pub(super) u64);

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Index, D::Error> {
        match input.deserialize_any(Lenient::<IgnoredAny, false>(PhantomData))? {
            Some(Found::Number(number)) => Ok(Index(number)),
            _ => Ok(Index(0)),
        }
    }
}

/// A text, or nothing if it is something else.
fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    match input.deserialize_any(Lenient::<IgnoredAny, false>(PhantomData))? {
        Some(Found::Text(text)) => Ok(text),
        _ => Ok(String::new()),
    }
}

/// An object, or nothing if it is something else.
fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    input: D,
) -> Result<T, D::Error> {
    match input.deserialize_any(Lenient::<T, false>(PhantomData))? {
        Some(Found::Object(object)) => Ok(object),
        _ => Ok(T::default()),
    }
}

/// The objects in a list, or nothing if it is something else.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    input: D,
) -> Result<Vec<T>, D::Error> {
    match input.deserialize_any(Lenient::<T, true>(PhantomData))? {
        Some(Found::List(list)) => Ok(list),
        _ => Ok(Vec::new()),
    }
}

/// A value of any type.
enum Found<T> {
    Number(u64),
    Text(String),
    Object(T),
    List(Vec<T>),
}

/// Takes a value of any type. Objects are passed over if `T` is [`IgnoredAny`], and lists unless `LISTS` is set: nobody
/// wants those in lists, and each level takes room on the stack.
struct Lenient<T, const LISTS: bool>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const LISTS: bool> Visitor<'de> for Lenient<T, LISTS> {
    type Value = Option<Found<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Found::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Found::Text(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let object = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(Found::Object(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if !LISTS {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(None);
        }
        let mut list = Vec::new();
        while let Some(found) = seq.next_element_seed(LenientSeed(PhantomData))? {
            if list.len() < LONGEST_LIST {
                list.extend(found);
            }
        }
        Ok(Some(Found::List(list)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// An element of a list, if it is an object.
struct LenientSeed<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for LenientSeed<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Option<T>, D::Error> {
        match input.deserialize_any(Lenient::<T, false>(PhantomData))? {
            Some(Found::Object(object)) => Ok(Some(object)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of these pieces, between each of which the connection is silent for a moment.
    fn read(pieces: &[&[u8]]) -> (Vec<Event>, Result<(), Broken>) {
        let mut events = Events::new(Pieces(pieces.iter().map(|piece| piece.to_vec()).collect()));
        let mut found = Vec::new();
        loop {
            match events.next() {
                Ok(Next::Event(event)) => found.push(*event),
                Ok(Next::Nothing) => {}
                Ok(Next::End) => return (found, Ok(())),
                Err(broken) => return (found, Err(broken)),
            }
        }
    }

    /// Bytes that come in pieces.
    struct Pieces(std::collections::VecDeque<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(piece) = self.0.front_mut() else {
                return Ok(0);
            };
            if piece.is_empty() {
                self.0.pop_front();
                return match self.0.is_empty() {
                    true => Ok(0),
                    false => Err(ErrorKind::WouldBlock.into()),
                };
            }
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            piece.drain(..count);
            Ok(count)
        }
    }

    fn types(text: &str) -> Vec<String> {
        let (events, end) = read(&[text.as_bytes()]);
        assert_eq!(end, Ok(()), "{text}");
        events.into_iter().map(|event| event.r#type).collect()
    }

    #[test]
    fn events_are_found_among_other_lines_however_they_end() {
        let text = "event: a\ndata: {\"type\":\"a\"}\n\n: comment\n\nid: 1\ndata:{\"type\":\"b\"}\r\n\r\n\
                    data: [DONE]\n\ndatum: {\"type\":\"c\"}\ndata\n\ndata: {}\n\n";
        assert_eq!(types(text), ["a", "b", ""]);
    }

    #[test]
    fn stream_cut_into_any_two_pieces_is_the_same() {
        let text = "event: x\r\ndata: {\"type\":\"a\",\"delta\":\"ä\\u00e4\\\\\"}\n\ndata: {\"type\":\"b\"}\n\n".as_bytes();
        for at in 0..text.len() {
            let (events, end) = read(&[&text[..at], &text[at..]]);
            assert_eq!(end, Ok(()));
            assert_eq!(events[0].delta, "ää\\");
            assert_eq!(events[1].r#type, "b");
        }
    }

    #[test]
    fn members_of_other_types_are_nothing() {
        let text = r#"data: {"type":"a","delta":{"x":[1]},"item":"x","part":[{}],"annotation":null,"response":7,"error":false,
            "content_index":-1,"text":1.5,"item_id":["a"]}"#;
        let (events, end) = read(&[text.replace('\n', "").as_bytes(), b"\n"]);
        assert_eq!(end, Ok(()));
        assert_eq!(
            format!("{:?}", events[0]),
            format!(
                "{:?}",
                Event {
                    r#type: "a".to_owned(),
                    ..Event::default()
                }
            )
        );
    }

    #[test]
    fn text_that_is_not_needed_may_have_any_length_and_one_that_is_may_not() {
        let long = "\\u00e4\\\"ä".repeat(LONGEST_TEXT / 4);
        let unneeded = format!("data: {{\"instructions\":\"{long}\",\"type\":\"a\"}}\n");
        assert_eq!(types(&unneeded), ["a"]);
        let (events, end) = read(&[format!("data: {{\"delta\":\"{long}\"}}\n").as_bytes()]);
        assert_eq!((events[0].is_cut, end), (true, Ok(())));
        let endless = format!("data: {{\"a\":\"{}", "x".repeat(LARGEST_EVENT as usize));
        assert_eq!(read(&[endless.as_bytes()]).1, Err(Broken::TooLarge));
    }

    #[test]
    fn silence_of_a_minute_breaks_the_stream_and_keepalives_do_not_end_it() {
        let after = |lines: &str| {
            let pieces = [lines.as_bytes().to_vec(), b"data".to_vec()];
            let mut events = Events::new(Pieces(pieces.into()));
            events.waited = SILENCE;
            loop {
                match events.next() {
                    Ok(Next::Event(_)) => {}
                    Ok(Next::Nothing) => return Ok(()),
                    Ok(Next::End) => panic!("it goes on after a moment"),
                    Err(broken) => return Err(broken),
                }
            }
        };
        for kept_open in ["", ": ping\n\n", "data: {\"type\":\"keepalive\"}\n\n"] {
            assert_eq!(after(kept_open), Err(Broken::Silent), "{kept_open:?}");
        }
        assert_eq!(after("data: {\"type\":\"a\"}\n\n"), Ok(()));
    }

    /// Sends the same lines as fast as they are read.
    struct Endless(&'static [u8]);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            Ok(length)
        }
    }

    #[test]
    fn a_stream_that_only_keeps_open_is_silent_however_fast_it_is() {
        for lines in [&b": ping\n\n"[..], b"data: {\"type\":\"keepalive\"}\n\n"] {
            let mut events = Events::new(Endless(lines));
            assert!(matches!(events.next(), Ok(Next::Nothing)));
            events.waited = SILENCE;
            assert!(matches!(events.next(), Err(Broken::Silent)));
        }
    }

    #[test]
    fn nesting_takes_little_of_a_small_stack() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        let text =
            format!("data: {{\"item\":{{\"content\":{deep}}},\"part\":{deep},\"x\":{deep}}}\n");
        let thread = std::thread::Builder::new().stack_size(256 * 1024);
        let read = thread.spawn(move || read(&[text.as_bytes()]).1).unwrap();
        assert_eq!(read.join().unwrap(), Ok(()));
    }

    #[test]
    fn what_is_not_an_event_breaks_the_stream() {
        for bad in [
            &b"data: {\"type\":}\n"[..],
            b"data: {\"delta\":\"\xff\"}\n",
            b"data: {\"a\":1} x\n",
            b"data: {]\n",
        ] {
            assert_eq!(
                read(&[bad]).1,
                Err(Broken::Garbled),
                "{}",
                String::from_utf8_lossy(bad)
            );
        }
        assert_eq!(read(&[b"data: {\"type\":\"a\""]).1, Err(Broken::Cut));
        assert_eq!(read(&[b"data: {\"type\":\"a\"}"]).1, Err(Broken::Cut));
    }
}
