//! Numbers with a range and strings with a content.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

/// A whole number from `MIN` to `MAX`, inclusive.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Bounded<const MIN: i64, const MAX: i64>(i64);

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Bounded<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            number if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            number => Err(D::Error::custom(format_args!(
                "invalid value `{number}`, expected {MIN} to {MAX}"
            ))),
        }
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Bounded<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("From{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

/// A number from `MIN` to `MAX`, inclusive, whole or not. Kept as it is written, so that `210` stays `210`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Between<const MIN: i64, const MAX: i64>(Number);

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Between<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[expect(clippy::cast_precision_loss, reason = "the ends of a range are small")]
        let range = MIN as f64..=MAX as f64;
        let number = Number::deserialize(deserializer)?;
        match number.as_f64() {
            Some(value) if range.contains(&value) => Ok(Self(number)),
            _ => Err(D::Error::custom(format_args!(
                "invalid value `{number}`, expected {MIN} to {MAX}"
            ))),
        }
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Between<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Between{MIN}And{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": MIN, "maximum": MAX})
    }
}

/// The largest whole number that browsers hold exactly.
pub(crate) const MAX_SAFE: i64 = 9_007_199_254_740_991;

/// A string that is not empty.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct NonEmpty(String);

impl NonEmpty {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for NonEmpty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)? {
            text if text.is_empty() => Err(D::Error::custom("must not be empty")),
            text => Ok(Self(text)),
        }
    }
}

impl JsonSchema for NonEmpty {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NonEmpty".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1})
    }
}
