//! A request's body in chunks (RFC 9112, 7.1), which proxies send if they do not know its length. Pure.
//!
//! It is read strictly, like everything that decides where a request ends: sizes are hexadecimal digits, lines end
//! with CR and LF, extensions are limited and ignored, and trailers are refused.

use crate::error::RequestError;
use crate::transport::web::parse::bad;

/// Longest line with a size, in bytes.
const MAX_LINE: usize = 256;

/// The part of a body that was read.
#[derive(Default)]
pub(crate) struct Chunks {
    body: Vec<u8>,
}

/// The state of a body after reading the input so far.
pub(crate) enum Read {
    More,
    Whole(Vec<u8>),
    TooLong,
}

impl Chunks {
    /// Takes all complete chunks from the front of the input. `limit` is for all of them together.
    pub(crate) fn read(&mut self, input: &mut Vec<u8>, limit: usize) -> Result<Read, RequestError> {
        let mut at = 0;
        let read = self.read_from(input, &mut at, limit);
        input.drain(..at);
        read
    }

    fn read_from(
        &mut self,
        input: &[u8],
        at: &mut usize,
        limit: usize,
    ) -> Result<Read, RequestError> {
        loop {
            let Some((size, start)) = line(input, *at)? else {
                return Ok(Read::More);
            };
            if self.body.len() + size > limit {
                return Ok(Read::TooLong);
            }
            let end = start + size;
            match input.get(end..end + 2) {
                Some(b"\r\n") if size == 0 => {
                    *at = end + 2;
                    return Ok(Read::Whole(std::mem::take(&mut self.body)));
                }
                Some(b"\r\n") => {}
                Some(_) if size == 0 => return Err(bad("its body has trailers")),
                Some(_) => return Err(bad("a chunk of its body is longer than its stated size")),
                None => return Ok(Read::More),
            }
            self.body.extend_from_slice(&input[start..end]);
            *at = end + 2;
        }
    }
}

/// The size in the line that starts at `at`, and the end of the line; `None` if it is incomplete.
fn line(input: &[u8], at: usize) -> Result<Option<(usize, usize)>, RequestError> {
    const NO_SIZE: &str = "a chunk of its body has no size";
    let rest = &input[at..];
    let Some(end) = rest.iter().take(MAX_LINE).position(|byte| *byte == b'\n') else {
        return if rest.len() < MAX_LINE {
            Ok(None)
        } else {
            Err(bad(NO_SIZE))
        };
    };
    let line = rest[..end].strip_suffix(b"\r").ok_or(bad(NO_SIZE))?;
    let mut parts = line.splitn(2, |byte| *byte == b';');
    let digits = parts.next().unwrap_or_default();
    let extension = parts.next().unwrap_or_default();
    let is_size = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    if !is_size || !extension.iter().all(is_plain) {
        return Err(bad(NO_SIZE));
    }
    let digits = std::str::from_utf8(digits).map_err(|_| bad(NO_SIZE))?;
    let size = usize::from_str_radix(digits, 16).map_err(|_| bad(NO_SIZE))?;
    Ok(Some((size, at + end + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_BODY: usize = 8 * 1024;

    fn read(input: &str) -> Result<Read, RequestError> {
        Chunks::default().read(&mut input.as_bytes().to_vec(), MAX_BODY)
    }

    #[test]
    fn chunks_are_put_together_and_what_follows_is_left() {
        for (input, body) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("2\r\nhe\r\n003;a=\"b\"\r\nllo\r\n0;x\r\n\r\n", "hello"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ] {
            let mut with_more = format!("{input}GET /").into_bytes();
            let Ok(Read::Whole(found)) = Chunks::default().read(&mut with_more, MAX_BODY) else {
                panic!("{input:?}");
            };
            assert_eq!((&*found, &*with_more), (body.as_bytes(), &b"GET /"[..]));
        }
    }

    #[test]
    fn body_is_the_same_however_it_is_cut() {
        let input = b"2;x\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
        let (mut chunks, mut came) = (Chunks::default(), Vec::new());
        for byte in &input[..input.len() - 1] {
            came.push(*byte);
            assert!(matches!(chunks.read(&mut came, MAX_BODY), Ok(Read::More)));
        }
        came.push(b'\n');
        let whole = chunks.read(&mut came, MAX_BODY);
        assert!(matches!(whole, Ok(Read::Whole(body)) if body == b"hello"));
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for input in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x1\r\n",
            " 1\r\n",
            "1 \r\n",
            "1\n",
            "1\r\r\n",
            "1;\u{1}\r\n",
            "1;a\rb\r\n",
            "000000001\r\n",
            "1\r\nab\r\n",
            "1\r\na\n0",
            "0\r\nTrailer: x\r\n\r\n",
            &format!("1;{}", "x".repeat(MAX_LINE)),
        ] {
            assert!(read(input).is_err(), "{input:?}");
        }
    }

    #[test]
    fn body_over_the_limit_is_known_by_its_sizes() {
        assert!(matches!(read("2001\r\n"), Ok(Read::TooLong)));
        assert!(matches!(read("ffffffff\r\n"), Ok(Read::TooLong)));
        let full = format!("2000\r\n{}\r\n", "x".repeat(MAX_BODY));
        assert!(matches!(read(&full), Ok(Read::More)));
        assert!(matches!(read(&format!("{full}1\r\n")), Ok(Read::TooLong)));
    }
}
