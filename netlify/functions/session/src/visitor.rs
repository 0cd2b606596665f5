//! Who asks: an anonymous person in one browser.

use crate::error::MintError;

/// A visitor nobody has seen before: 128 random bits in hex, so that it can not be guessed.
pub(crate) fn fresh() -> Result<String, MintError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|err| MintError::Internal {
        detail: format!("the system gives no random numbers: {err}"),
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_visitor_is_128_bits_and_another_one() {
        let (one, two) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, two);
        for id in [one, two] {
            assert_eq!(id.len(), 32);
            assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}
