//! The site pack: all that the function knows of a site, as one file of data.
//!
//! A pack maps names to bytes: `site` and `widget/<name>` to settings (see `site.rs`), `knowledge/<number>` to what an
//! agent knows, and paths in addresses, which begin with a slash, to published files (see `published.rs`).
//!
//! A pack is a file of its own, or the end of the function's executable: both are read from their end, so that a function
//! is packed by appending. It is read in place: opening one reads its trailer alone, and a binary search finds a name, so
//! that a site with many widgets starts as fast as a site with one. What is read is compared with its checksum.
//!
//! All numbers are little-endian. A pack is
//!
//! ```text
//! magic      8 bytes; the last two are its version
//! bodies     bytes, one body after the other
//! names      UTF-8, one name after the other
//! directory  for each name, sorted by their bytes: position and length of the name, position and length of its body,
//!            CRC-32 of the body (u64, u32, u64, u64, u32), and the CRC-32 (u32) of all this and the name. Positions are
//!            those in the pack
//! trailer    the length of the pack (u64), the number of names, the CRC-32 of length and number (u32 each), and the
//!            magic again
//! ```

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The first and the last bytes of a pack.
const MAGIC: &[u8; 8] = b"ckpack02";
/// Those that all versions have.
const FAMILY: &[u8] = b"ckpack";
/// Bytes of a name in the directory, and of the trailer.
const ENTRY: usize = 8 + 4 + 8 + 8 + 4 + 4;
const TRAILER: usize = 8 + 4 + 4 + MAGIC.len();
/// The longest name in bytes: more than any path that a disk takes.
const LONGEST_NAME: usize = 64 * 1024;

/// The reason why a pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The disk failed, or there is no such file.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// Any other file.
    #[error("it is not a site pack; name a file that `build --pack` wrote")]
    Other,
    /// Its end is missing.
    #[error("it is cut short; copy or build it again")]
    Cut,
    /// Written by another version of the generator.
    #[error(
        "it is of another version than this program; build both with the same version of chatkit-embed"
    )]
    Version,
    /// Some of its bytes have changed.
    #[error("it is damaged; copy or build it again")]
    Damaged,
}

/// A site pack that is open.
pub(crate) struct Pack {
    source: Box<dyn Source>,
    /// Where it begins in the source.
    start: u64,
    /// Position of the directory in the pack.
    directory: u64,
    /// The number of names.
    count: u32,
    /// Whether another pack is right before it.
    is_second: bool,
}

/// A file, or bytes in memory, read from any thread.
trait Source: Send + Sync {
    fn size(&self) -> io::Result<u64>;
    /// Fills `bytes` with what follows `at`.
    fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<()>;
}

#[cfg(unix)]
impl Source for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(bytes, at)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let start = usize::try_from(at).ok();
        let part = start.and_then(|start| self.get(start..start.checked_add(bytes.len())?));
        bytes.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// The file, open where the system reads at a position, and otherwise in memory.
fn source(path: &Path) -> io::Result<Box<dyn Source>> {
    #[cfg(unix)]
    let source = File::open(path)?;
    #[cfg(not(unix))]
    let source = std::fs::read(path)?;
    Ok(Box::new(source))
}

impl Pack {
    /// Opens a file that ends with a pack; `None` if it does not.
    pub(crate) fn open(path: &Path) -> Result<Option<Pack>, PackError> {
        Pack::at_end_of(source(path)?)
    }

    /// Opens bytes that [`Packer`] wrote.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Pack, PackError> {
        Pack::at_end_of(Box::new(bytes))?.ok_or(PackError::Other)
    }

    /// Opens a file that is a pack and nothing else.
    pub(crate) fn open_bare(path: &Path) -> Result<Pack, PackError> {
        let source = source(path)?;
        let starts_like_a_pack = starts_with(&*source, 0, FAMILY)?;
        match Pack::at_end_of(source)? {
            Some(pack) => Ok(pack),
            None if starts_like_a_pack => Err(PackError::Cut),
            None => Err(PackError::Other),
        }
    }

    fn at_end_of(source: Box<dyn Source>) -> Result<Option<Pack>, PackError> {
        let Some(end) = Trailer::of(&*source)? else {
            return Ok(None);
        };
        let before = end.start.checked_sub(MAGIC.len() as u64);
        let is_second = match before {
            Some(before) => starts_with(&*source, before, FAMILY)?,
            None => false,
        };
        Ok(Some(Pack {
            source,
            start: end.start,
            directory: end.directory,
            count: end.count,
            is_second,
        }))
    }

    /// What its owner may want to know.
    pub(crate) fn note(&self) -> Option<&'static str> {
        self.is_second.then_some(
            "one site pack follows another, and the last one counts; build the file again to get rid of the other one",
        )
    }

    /// The bytes with this name.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PackError> {
        let at = self.first(|other| other >= name)?;
        if at == self.count {
            return Ok(None);
        }
        match self.entry(at)? {
            entry if entry.name == name => self.body(&entry).map(Some),
            _ => Ok(None),
        }
    }

    /// The places of the names that begin like this.
    pub(crate) fn places(&self, prefix: &str) -> Result<Range<u32>, PackError> {
        let first = self.first(|name| name >= prefix)?;
        Ok(first..self.first(|name| name >= prefix && !name.starts_with(prefix))?)
    }

    /// The name at a place, and its bytes.
    pub(crate) fn at(&self, place: u32) -> Result<(String, Vec<u8>), PackError> {
        let entry = self.entry(place)?;
        let bytes = self.body(&entry)?;
        Ok((entry.name, bytes))
    }

    /// Reads everything. Usually each body is read when somebody needs it, which may be a visitor.
    pub(crate) fn verify(&self) -> Result<(), PackError> {
        let mut last = None;
        for place in 0..self.count {
            let (name, _) = self.at(place)?;
            if last.is_some_and(|last| last >= name) {
                return Err(PackError::Damaged);
            }
            last = Some(name);
        }
        Ok(())
    }

    /// Binary search for the first name that fulfils a condition, as all after it do. The number of names if none does.
    fn first(&self, fulfils: impl Fn(&str) -> bool) -> Result<u32, PackError> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match fulfils(&self.entry(middle)?.name) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Ok(low)
    }

    fn entry(&self, place: u32) -> Result<Entry, PackError> {
        let at = self.directory + u64::from(place) * ENTRY as u64;
        let mut bytes = [0; ENTRY];
        self.source.read(&mut bytes, self.start + at)?;
        let name = self.bytes(u64_at(&bytes, 0), u32_at(&bytes, 8).into(), LONGEST_NAME)?;
        if u32_at(&bytes, ENTRY - 4) != checksum(&[&bytes[..ENTRY - 4], &name]) {
            return Err(PackError::Damaged);
        }
        Ok(Entry {
            name: String::from_utf8(name).map_err(|_| PackError::Damaged)?,
            at: u64_at(&bytes, 12),
            length: u64_at(&bytes, 20),
            checksum: u32_at(&bytes, 28),
        })
    }

    fn body(&self, entry: &Entry) -> Result<Vec<u8>, PackError> {
        let bytes = self.bytes(entry.at, entry.length, usize::MAX)?;
        match checksum(&[&bytes]) == entry.checksum {
            true => Ok(bytes),
            false => Err(PackError::Damaged),
        }
    }

    /// Reads `length` bytes at a position in the pack, unless they are not in it, or more than `most`.
    fn bytes(&self, at: u64, length: u64, most: usize) -> Result<Vec<u8>, PackError> {
        let end = at.checked_add(length);
        let length = usize::try_from(length).ok();
        let length = length.filter(|length| *length <= most);
        let (Some(..), Some(length)) = (end.filter(|end| *end <= self.directory), length) else {
            return Err(PackError::Damaged);
        };
        let mut bytes = vec![0; length];
        self.source.read(&mut bytes, self.start + at)?;
        Ok(bytes)
    }
}

/// The length of what precedes the pack at the end of a file; its whole length if there is none.
///
/// # Errors
///
/// A file that cannot be read, and a pack that is damaged or of another version.
pub fn length_without_pack(path: &Path) -> Result<u64, PackError> {
    let source = source(path)?;
    match Trailer::of(&*source)? {
        Some(end) => Ok(end.start),
        None => Ok(source.size()?),
    }
}

/// Where a pack begins and ends, as its last bytes say.
struct Trailer {
    /// Position of the pack's first byte in the source.
    start: u64,
    /// Position of the directory in the pack.
    directory: u64,
    count: u32,
}

impl Trailer {
    /// `None` if the last bytes are not those of a pack.
    fn of(source: &dyn Source) -> Result<Option<Trailer>, PackError> {
        let size = source.size()?;
        let Some(at) = size.checked_sub(TRAILER as u64) else {
            return Ok(None);
        };
        let mut bytes = [0; TRAILER];
        source.read(&mut bytes, at)?;
        let magic = &bytes[TRAILER - MAGIC.len()..];
        if !magic.starts_with(FAMILY) {
            return Ok(None);
        }
        if magic != MAGIC {
            return Err(PackError::Version);
        }
        let (length, count) = (u64_at(&bytes, 0), u32_at(&bytes, 8));
        let start = size.checked_sub(length).ok_or(PackError::Cut)?;
        if u32_at(&bytes, 12) != checksum(&[&bytes[..12]]) {
            return Err(PackError::Damaged);
        }
        let end = u64::from(count) * ENTRY as u64 + TRAILER as u64;
        Ok(Some(Trailer {
            start,
            directory: length.checked_sub(end).ok_or(PackError::Damaged)?,
            count,
        }))
    }
}

fn starts_with(source: &dyn Source, at: u64, bytes: &[u8]) -> io::Result<bool> {
    if source.size()?.saturating_sub(at) < bytes.len() as u64 {
        return Ok(false);
    }
    let mut found = vec![0; bytes.len()];
    source.read(&mut found, at)?;
    Ok(found == bytes)
}

/// A name, and where its body is in the pack.
struct Entry {
    name: String,
    at: u64,
    /// In bytes.
    length: u64,
    checksum: u32,
}

/// Writes a pack, one body after the other.
pub(crate) struct Packer<W> {
    out: W,
    at: u64,
    entries: Vec<Entry>,
}

impl<W: Write> Packer<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Packer<W>> {
        out.write_all(MAGIC)?;
        Ok(Packer {
            out,
            at: MAGIC.len() as u64,
            entries: Vec::new(),
        })
    }

    /// Adds a body, which may be in parts. Each name is added once.
    pub(crate) fn add(&mut self, name: String, body: &[&[u8]]) -> io::Result<()> {
        let at = self.at;
        for part in body {
            self.write(part)?;
        }
        self.entries.push(Entry {
            name,
            at,
            length: self.at - at,
            checksum: checksum(body),
        });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let mut directory = Vec::with_capacity(entries.len() * ENTRY);
        for entry in &entries {
            let name = entry.name.as_bytes();
            let known = directory.len();
            directory.extend_from_slice(&self.at.to_le_bytes());
            let length = u32::try_from(name.len()).map_err(io::Error::other)?;
            directory.extend_from_slice(&length.to_le_bytes());
            directory.extend_from_slice(&entry.at.to_le_bytes());
            directory.extend_from_slice(&entry.length.to_le_bytes());
            directory.extend_from_slice(&entry.checksum.to_le_bytes());
            let own = checksum(&[&directory[known..], name]);
            directory.extend_from_slice(&own.to_le_bytes());
            self.write(name)?;
        }
        let length = self.at + (directory.len() + TRAILER) as u64;
        let count = u32::try_from(entries.len()).map_err(io::Error::other)?;
        let counted = [&length.to_le_bytes()[..], &count.to_le_bytes()].concat();
        self.write(&directory)?;
        self.write(&counted)?;
        self.write(&checksum(&[&counted]).to_le_bytes())?;
        self.write(MAGIC)?;
        Ok(self.out)
    }
}

fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
