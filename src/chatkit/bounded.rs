//! Numbers with a range and strings with a content.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A whole number from `MIN` to `MAX`, both included.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Bounded<const MIN: i16, const MAX: i16>(i16);

impl<'de, const MIN: i16, const MAX: i16> Deserialize<'de> for Bounded<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i16::deserialize(deserializer)? {
            number if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            number => Err(D::Error::custom(format_args!(
                "invalid value `{number}`, expected {MIN} to {MAX}"
            ))),
        }
    }
}

/// A string that is not empty.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct NonEmpty(String);

impl<'de> Deserialize<'de> for NonEmpty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)? {
            text if text.is_empty() => Err(D::Error::custom("must not be empty")),
            text => Ok(Self(text)),
        }
    }
}
