//! Writes a collection.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::collection::Passage;
use super::stems::{Stems, tokens};
use super::{MAGIC, STEP};

/// How BM25 weighs the words of a text. Measured on the questions in `tests/bench/retrieval`; each has a wide range in
/// which little changes.
struct Weighing {
    /// The higher, the more do further mentions of a word count.
    k1: f32,
    /// How much the length of the text counts, from 0 to 1.
    b: f32,
}

const PASSAGES: Weighing = Weighing { k1: 1.5, b: 0.7 };
const PAGES: Weighing = Weighing { k1: 5.0, b: 0.75 };
/// A word in the title counts as often.
const TITLE: f32 = 2.0;
/// Rare words count less than in BM25: a visitor often has other words than the page.
const RARITY: f32 = 0.6;

/// The passages of a site in `language`, a tag such as `en`, with their index. Passages of one page follow each other.
/// Words of `common` are not searched for.
pub fn collect(language: &str, common: &[&str], passages: &[Passage<'_>]) -> Vec<u8> {
    let stems = Stems::of(language);
    let mut ignored = HashSet::new();
    for word in common {
        stems.each(word, |stem| {
            ignored.insert(stem.to_owned());
        });
    }
    let mut own = Index::default();
    let mut pages = Index::default();
    let mut counts = HashMap::new();
    for (at, passage) in passages.iter().enumerate() {
        let mut length = 0.0;
        for (text, weight) in [
            (passage.title, TITLE),
            (passage.heading, 1.0),
            (passage.text, 1.0),
        ] {
            stems.each(text, |stem| {
                if ignored.contains(stem) {
                    return;
                }
                length += 1.0;
                match counts.get_mut(stem) {
                    Some(count) => *count += weight,
                    None => {
                        counts.insert(stem.to_owned(), weight);
                    }
                }
            });
        }
        for (stem, count) in counts.drain() {
            pages.add(&stem, passage.page, count);
            own.add(&stem, at as u32, count);
        }
        pages.lengthen(passage.page, length);
        own.lengthen(at as u32, length);
    }
    write(language, passages, &own, &pages)
}

/// How often each stem stands in each text.
#[derive(Default)]
struct Index {
    lists: BTreeMap<String, Vec<(u32, f32)>>,
    /// The length of each text, in stems.
    lengths: Vec<f32>,
}

impl Index {
    /// Texts come in their order, and a text may come in parts.
    fn add(&mut self, stem: &str, text: u32, count: f32) {
        if !self.lists.contains_key(stem) {
            self.lists.insert(stem.to_owned(), Vec::new());
        }
        let list = self.lists.get_mut(stem).expect("it was put there");
        match list.last_mut() {
            Some((last, sum)) if *last == text => *sum += count,
            _ => list.push((text, count)),
        }
    }

    fn lengthen(&mut self, text: u32, length: f32) {
        let at = text as usize;
        if self.lengths.len() <= at {
            self.lengths.resize(at + 1, 0.0);
        }
        self.lengths[at] += length;
    }

    /// Writes the list of a stem, with weights by BM25. Returns its length in bytes.
    fn put(&self, stem: &str, weighing: &Weighing, output: &mut Vec<u8>) -> usize {
        let start = output.len();
        let list = &self.lists[stem];
        let (all, found) = (self.lengths.len() as f32, list.len() as f32);
        let rarity = ((all - found + 0.5) / (found + 0.5)).ln_1p().powf(RARITY);
        let average = self.lengths.iter().sum::<f32>() / all;
        let Weighing { k1, b } = weighing;
        let mut next = 0;
        for (text, count) in list {
            put_distance(text - next, output);
            next = *text;
            let long = 1.0 - b + b * self.lengths[*text as usize] / average;
            let weight = rarity * count * (k1 + 1.0) / (count + k1 * long);
            let steps = (weight / STEP).round().clamp(1.0, f32::from(u16::MAX));
            output.extend((steps as u16).to_le_bytes());
        }
        output.len() - start
    }
}

fn write(language: &str, passages: &[Passage<'_>], own: &Index, pages: &Index) -> Vec<u8> {
    let mut strings = Strings::default();
    let (mut records, mut stems, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for passage in passages {
        let Passage {
            id,
            title,
            heading,
            url,
            text,
            page,
        } = passage;
        records.extend(id.to_le_bytes());
        for text in [title, heading, url, text] {
            strings.put(text, &mut records);
        }
        records.extend(page.to_le_bytes());
    }
    for stem in own.lists.keys() {
        strings.put(stem, &mut stems);
        for (index, weighing) in [(own, PASSAGES), (pages, PAGES)] {
            let start = numbers.len();
            let length = index.put(stem, &weighing, &mut numbers);
            put_all(&[start, length], &mut stems);
        }
    }
    let mut bytes = MAGIC.to_vec();
    let mut tag = [0; 8];
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let length = primary.len().min(tag.len());
    tag[..length].copy_from_slice(&primary.as_bytes()[..length]);
    bytes.extend(tag);
    let total: usize = passages.iter().map(|passage| tokens(passage.text)).sum();
    let passages_at = super::HEAD;
    let stems_at = passages_at + records.len();
    let lists_at = stems_at + stems.len();
    let strings_at = lists_at + numbers.len();
    put_all(
        &[
            passages.len(),
            own.lists.len(),
            total,
            passages_at,
            stems_at,
            lists_at,
            strings_at,
        ],
        &mut bytes,
    );
    for part in [records, stems, numbers, strings.bytes] {
        bytes.extend(part);
    }
    bytes
}

/// Strings, each of them once.
#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
    known: HashMap<String, usize>,
}

impl Strings {
    /// Writes the range of a string to `output`.
    fn put(&mut self, text: &str, output: &mut Vec<u8>) {
        let at = match self.known.get(text) {
            Some(at) => *at,
            None => {
                let at = self.bytes.len();
                self.bytes.extend(text.as_bytes());
                self.known.insert(text.to_owned(), at);
                at
            }
        };
        put_all(&[at, text.len()], output);
    }
}

fn put_all(numbers: &[usize], output: &mut Vec<u8>) {
    for number in numbers {
        let number = u32::try_from(*number).expect("collections are far below 4 GB");
        output.extend(number.to_le_bytes());
    }
}

fn put_distance(mut number: u32, output: &mut Vec<u8>) {
    while number >= 0x80 {
        output.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    output.push(number as u8);
}
