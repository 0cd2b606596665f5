//! What files cost a visitor, in bytes.

use std::iter::Sum;
use std::ops::Add;

use serde::Serialize;

use crate::render::gzipped;

/// The size of a file, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    /// As a host with compression sends it.
    pub(crate) gzip: usize,
}

impl Size {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len(),
            gzip: gzipped(bytes),
        }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            gzip: self.gzip + other.gzip,
        }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Add::add)
    }
}

/// The last build's size, and that of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Sizes {
    pub(crate) before: Size,
    pub(crate) after: Size,
}

/// What a widget costs, as far as it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Costs {
    /// The loader: every view of every host page fetches it.
    pub(crate) loader: Option<Sizes>,
    /// The panel's script and its settings, at a visitor's first sign of intent.
    pub(crate) panel: Option<Sizes>,
    /// The hosted page with its settings, scripts and styles, before ChatKit.
    pub(crate) page: Option<Sizes>,
}
