//! What an agent knows: passages of the owner's pages, and an index to search them.
//!
//! [`collect`] writes a collection, which the generator does, and [`Knowledge`] reads it in place: opening one costs
//! nothing, however large it is. The index holds, for each stem, the passages and the pages that it stands in, each with
//! its weight by BM25. So a search only adds numbers up, and how passages are ranked is decided when a site is built.
//!
//! All numbers are little-endian. A collection is
//!
//! ```text
//! head      magic (8 bytes), language (8 bytes, padded with zeros), the number of passages and of stems, the tokens of
//!           all passages, and the positions of the parts below (u32 each)
//! passages  id (u64), the ranges of title, heading, address and text (two u32 each), its page (u32)
//! stems     sorted by their bytes: the ranges of stem, passages and pages (two u32 each)
//! lists     for each passage or page: its distance from the one before (LEB128), and its weight (u16)
//! strings   UTF-8
//! ```

mod collect;
mod collection;
mod stems;

pub use collect::collect;
pub use collection::{Broken, Hit, Knowledge, Passage, Query};
pub use stems::tokens;

/// The first bytes of a collection; the last two are its version.
const MAGIC: &[u8; 8] = b"ckknow01";
/// Positions in the head.
const LANGUAGE_AT: usize = 8;
const COUNTS_AT: usize = 16;
const HEAD: usize = COUNTS_AT + 7 * 4;
/// Bytes of a passage, and of a stem.
const PASSAGE: usize = 8 + 9 * 4;
const STEM: usize = 6 * 4;
/// Weights are stored in steps of this size.
const STEP: f32 = 1.0 / 1024.0;
