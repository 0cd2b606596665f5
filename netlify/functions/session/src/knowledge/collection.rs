//! Reads a collection in place, and searches it.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::stems::Stems;
use super::{COUNTS_AT, HEAD, LANGUAGE_AT, MAGIC, PASSAGE, STEM, STEP};

/// A piece of a page that an agent may quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage<'a> {
    /// Stays the same while the text and the address do.
    pub id: u64,
    /// The page's title.
    pub title: &'a str,
    /// The headings that it stands below, the outermost first, with ` › ` between them; may be empty.
    pub heading: &'a str,
    /// Its address, with an anchor if the heading has one; empty if the page has none.
    pub url: &'a str,
    /// Markdown.
    pub text: &'a str,
    /// The number of its page.
    pub page: u32,
}

impl Passage<'_> {
    /// The title and the headings, as visitors read them.
    #[must_use]
    pub fn name(&self) -> String {
        match self.heading {
            "" => self.title.to_owned(),
            heading => format!("{} › {heading}", self.title),
        }
    }
}

/// A collection, read in place.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    bytes: &'a [u8],
    passages: u32,
    stems: u32,
    tokens: u32,
    /// The positions of passages, stems, lists and strings.
    parts: [usize; 4],
}

/// The bytes are not a collection of this version.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken;

/// What a visitor asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// The newest message.
    pub question: &'a str,
    /// The question before it, which counts less.
    pub before: &'a str,
    /// The answer to that, which counts even less.
    pub answer: &'a str,
}

/// A passage that a search has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its number in the collection.
    pub passage: u32,
    /// The higher, the better; comparable within one search.
    pub score: f32,
}

/// How much the words of the previous question and answer count.
const BEFORE: f32 = 0.8;
const ANSWER: f32 = 0.3;
/// Each further passage of a page counts so much less, so that one page does not crowd out the others.
const FURTHER: f32 = 0.8;
/// Most passages of a page.
const OF_A_PAGE: i32 = 3;
/// The stems of a query that are looked up: more than any question has.
const MOST_STEMS: usize = 256;

impl<'a> Knowledge<'a> {
    /// # Errors
    ///
    /// Bytes that are not a collection, or of another version.
    pub fn open(bytes: &'a [u8]) -> Result<Knowledge<'a>, Broken> {
        let head = bytes.get(..HEAD).ok_or(Broken)?;
        if !head.starts_with(MAGIC) {
            return Err(Broken);
        }
        let number = |at: usize| number_at(head, COUNTS_AT + 4 * at);
        let parts = [3, 4, 5, 6].map(|at| number(at) as usize);
        let knowledge = Knowledge {
            bytes,
            passages: number(0),
            stems: number(1),
            tokens: number(2),
            parts,
        };
        let [passages, stems, lists, strings] = parts;
        let is_whole = passages == HEAD
            && stems == passages + knowledge.passages as usize * PASSAGE
            && lists == stems + knowledge.stems as usize * STEM
            && (lists..=bytes.len()).contains(&strings);
        if is_whole { Ok(knowledge) } else { Err(Broken) }
    }

    /// The number of passages.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.passages
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.passages == 0
    }

    /// About the tokens of all passages.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.tokens
    }

    /// The passage with this number.
    #[must_use]
    pub fn passage(&self, number: u32) -> Option<Passage<'a>> {
        let at = self.parts[0] + number as usize * PASSAGE;
        let record = self.bytes[..self.parts[1]].get(at..at + PASSAGE)?;
        let text = |at: usize| self.string(&record[8 + 8 * at..]);
        Some(Passage {
            id: u64::from_le_bytes(record[..8].try_into().ok()?),
            title: text(0),
            heading: text(1),
            url: text(2),
            text: text(3),
            page: number_at(record, PASSAGE - 4),
        })
    }

    /// The best passages for a query, the best first; at most `most`. What its page says about the query counts as much as
    /// the passage itself.
    #[must_use]
    pub fn search(&self, query: &Query<'_>, most: usize) -> Vec<Hit> {
        let mut hits = self.scored(query);
        hits.sort_unstable_by(better);
        let mut taken: HashMap<u32, i32> = HashMap::new();
        hits.retain_mut(|hit| {
            let before = taken.entry(self.page_of(hit.passage)).or_default();
            hit.score *= FURTHER.powi(*before);
            *before += 1;
            *before <= OF_A_PAGE
        });
        hits.sort_unstable_by(better);
        hits.truncate(most);
        hits
    }

    /// All passages that share a stem with the query.
    fn scored(&self, query: &Query<'_>) -> Vec<Hit> {
        let mut own = vec![0.0; self.passages as usize];
        // There are no more pages than passages.
        let mut pages = own.clone();
        for (stem, weight) in self.weighted(query) {
            if let Some([passages, texts]) = self.lists(stem.as_bytes()) {
                passages.add(weight, &mut own);
                texts.add(weight, &mut pages);
            }
        }
        let scored = own.into_iter().enumerate().filter(|(_, own)| *own > 0.0);
        let hits = scored.map(|(passage, own)| {
            let passage = passage as u32;
            let page = pages.get(self.page_of(passage) as usize);
            let score = own + page.copied().unwrap_or_default();
            Hit { passage, score }
        });
        hits.collect()
    }

    /// The stems of a query, each once, with what it counts.
    fn weighted(&self, query: &Query<'_>) -> HashMap<String, f32> {
        let stems = Stems::of(self.language());
        let mut weights: HashMap<String, f32> = HashMap::new();
        for (text, weight) in [
            (query.question, 1.0),
            (query.before, BEFORE),
            (query.answer, ANSWER),
        ] {
            stems.each(text, |stem| {
                if let Some(known) = weights.get_mut(stem) {
                    *known = known.max(weight);
                } else if weights.len() < MOST_STEMS {
                    weights.insert(stem.to_owned(), weight);
                }
            });
        }
        weights
    }

    fn language(&self) -> &'a str {
        let tag = &self.bytes[LANGUAGE_AT..COUNTS_AT];
        std::str::from_utf8(tag)
            .unwrap_or_default()
            .trim_end_matches('\0')
    }

    fn page_of(&self, passage: u32) -> u32 {
        let at = self.parts[0] + (passage as usize + 1) * PASSAGE - 4;
        number_at(self.bytes, at)
    }

    /// The passages and the pages with a stem, and its weight in each. Binary search.
    fn lists(&self, stem: &[u8]) -> Option<[List<'a>; 2]> {
        let (mut low, mut high) = (0, self.stems as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            let record = self
                .bytes
                .get(self.parts[1] + middle * STEM..)?
                .get(..STEM)?;
            match self.string(record).as_bytes().cmp(stem) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => {
                    return Some([self.list_at(record, 8)?, self.list_at(record, 16)?]);
                }
            }
        }
        None
    }

    fn list_at(&self, record: &[u8], at: usize) -> Option<List<'a>> {
        let start = self.parts[2] + number_at(record, at) as usize;
        let length = number_at(record, at + 4) as usize;
        let bytes = self.bytes.get(start..)?.get(..length)?;
        Some(List { bytes, text: 0 })
    }

    /// The string whose range is at the beginning of a record.
    fn string(&self, record: &[u8]) -> &'a str {
        let start = self.parts[3].saturating_add(number_at(record, 0) as usize);
        let length = number_at(record, 4) as usize;
        let bytes = self.bytes.get(start..).and_then(|rest| rest.get(..length));
        bytes
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

fn better(one: &Hit, two: &Hit) -> Ordering {
    let scores = two.score.total_cmp(&one.score);
    scores.then(one.passage.cmp(&two.passage))
}

/// The passages or pages with a stem.
struct List<'a> {
    bytes: &'a [u8],
    text: u32,
}

impl List<'_> {
    /// Adds the weights to the scores.
    fn add(self, weight: f32, scores: &mut [f32]) {
        for (text, score) in self {
            match scores.get_mut(text as usize) {
                Some(sum) => *sum += score * weight,
                None => break,
            }
        }
    }
}

impl Iterator for List<'_> {
    type Item = (u32, f32);

    fn next(&mut self) -> Option<(u32, f32)> {
        let (mut distance, mut shift) = (0_u32, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            distance |= u32::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (weight, rest) = self.bytes.split_first_chunk::<2>()?;
        self.bytes = rest;
        self.text = self.text.checked_add(distance)?;
        Some((self.text, f32::from(u16::from_le_bytes(*weight)) * STEP))
    }
}

/// The number at this position; 0 if the bytes end before.
fn number_at(bytes: &[u8], at: usize) -> u32 {
    let number = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    number.map_or(0, |number| u32::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::collect;

    fn passage<'a>(page: u32, title: &'a str, text: &'a str) -> Passage<'a> {
        Passage {
            id: u64::from(page) + 7,
            title,
            heading: "",
            url: "https://www.example.com/",
            text,
            page,
        }
    }

    fn shop() -> Vec<u8> {
        collect(
            "en",
            &["a", "do", "how", "i"],
            &[
                passage(0, "Returns", "Send kettles back within thirty days."),
                passage(0, "Returns", "We refund the price by bank transfer."),
                passage(
                    1,
                    "Shipping",
                    "Kettles leave the warehouse within two days.",
                ),
                passage(2, "About", "A family has made kettles since 1962."),
            ],
        )
    }

    fn found(bytes: &[u8], question: &str) -> Vec<u32> {
        let knowledge = Knowledge::open(bytes).unwrap();
        let query = Query {
            question,
            ..Query::default()
        };
        let hits = knowledge.search(&query, 10);
        hits.iter().map(|hit| hit.passage).collect()
    }

    #[test]
    fn what_was_collected_is_read_again() {
        let bytes = shop();
        let knowledge = Knowledge::open(&bytes).unwrap();
        assert_eq!(knowledge.len(), 4);
        assert_eq!(
            knowledge.passage(2),
            Some(passage(
                1,
                "Shipping",
                "Kettles leave the warehouse within two days."
            ))
        );
        assert_eq!(knowledge.passage(4), None);
    }

    #[test]
    fn the_best_passage_comes_first() {
        let bytes = shop();
        assert_eq!(found(&bytes, "When will it be shipped?")[0], 2);
        assert_eq!(found(&bytes, "How do I return a kettle?")[0], 0);
        assert_eq!(found(&bytes, "refunds")[0], 1);
        assert!(found(&bytes, "zebra").is_empty());
        assert!(found(&bytes, "").is_empty());
    }

    #[test]
    fn one_page_does_not_crowd_out_the_others() {
        let many = (0..9).map(|_| passage(0, "Kettles", "Kettles, kettles and kettles."));
        let other = passage(
            1,
            "Spoons",
            "We had a kettle once, and now there are spoons.",
        );
        let passages: Vec<_> = many.chain([other]).collect();
        let bytes = collect("en", &[], &passages);
        assert_eq!(found(&bytes, "kettles"), [0, 1, 2, 9]);
    }

    #[test]
    fn the_conversation_helps_a_question_that_needs_it() {
        let bytes = shop();
        let knowledge = Knowledge::open(&bytes).unwrap();
        let query = Query {
            question: "How many days?",
            before: "Can I send a kettle back?",
            answer: "",
        };
        assert_eq!(knowledge.search(&query, 1)[0].passage, 0);
    }

    #[test]
    fn a_damaged_collection_never_panics() {
        let bytes = shop();
        for length in 0..bytes.len() {
            if let Ok(knowledge) = Knowledge::open(&bytes[..length]) {
                let _ = (knowledge.passage(0), knowledge.passage(3));
                let _ = knowledge.search(
                    &Query {
                        question: "kettles return refund days",
                        ..Query::default()
                    },
                    10,
                );
            }
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            if let Ok(knowledge) = Knowledge::open(&bytes) {
                let _ = (knowledge.passage(0), knowledge.passage(u32::MAX));
                let _ = found(&bytes, "kettles return refund days");
            }
        }
    }
}
