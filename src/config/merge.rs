//! How `defaults` and a widget's own settings become one.

use serde_yaml::Value;

/// `over` laid upon `under`: maps are merged key by key, everything else is replaced.
///
/// A key without a value (`launcher:`) changes nothing, as it says nothing.
pub(super) fn deep(under: Value, over: Value) -> Value {
    match (under, over) {
        (under, Value::Null) => under,
        (Value::Mapping(mut under), Value::Mapping(over)) => {
            for (key, value) in over {
                let merged = match under.remove(&key) {
                    Some(old) => deep(old, value),
                    None => value,
                };
                under.insert(key, merged);
            }
            Value::Mapping(under)
        }
        (_, over) => over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(under: &str, over: &str) -> Value {
        let parse = |text| serde_yaml::from_str(text).unwrap();
        deep(parse(under), parse(over))
    }

    #[test]
    fn maps_merge_deeply_and_lists_are_replaced() {
        assert_eq!(
            merged("{a: {x: 1, y: [1, 2]}, b: 1}", "{a: {y: [3]}, b: 2}"),
            serde_yaml::from_str::<Value>("{a: {x: 1, y: [3]}, b: 2}").unwrap()
        );
    }

    #[test]
    fn a_key_without_a_value_keeps_the_default() {
        assert_eq!(
            merged("{a: {x: 1}}", "{a: }"),
            serde_yaml::from_str::<Value>("{a: {x: 1}}").unwrap()
        );
    }
}
