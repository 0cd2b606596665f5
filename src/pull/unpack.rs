//! Compressed bytes, up to a limit.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// Why bytes could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There are more than the limit.
    TooLarge,
    /// They are not what they are said to be.
    Broken,
}

/// Whether the bytes begin as those of gzip do.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// What is in a gzip, without ever holding more than `limit` bytes of it.
pub(super) fn gunzip(bytes: &[u8], limit: u64) -> Result<Vec<u8>, Trouble> {
    let mut unpacked = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(limit + 1);
    let read = reader.read_to_end(&mut unpacked);
    match read {
        Ok(length) if length as u64 > limit => Err(Trouble::TooLarge),
        Ok(_) => Ok(unpacked),
        Err(_) => Err(Trouble::Broken),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = gzip(&vec![0; 20_000_000]);
        assert!(bomb.len() < 50_000);
        assert_eq!(gunzip(&bomb, 1_000_000), Err(Trouble::TooLarge));
        let small = gzip(b"hello");
        assert_eq!(gunzip(&small, 5), Ok(b"hello".to_vec()));
        assert_eq!(gunzip(&small, 4), Err(Trouble::TooLarge));
        assert_eq!(gunzip(&small[..9], 100), Err(Trouble::Broken));
        assert!(is_gzip(&small) && !is_gzip(b"<xml"));
    }
}
