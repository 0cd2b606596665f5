//! The site pack: all that the function knows of a site, as one file of data.
//!
//! A pack is a file of its own, or the end of the function's executable: both are read from their end, so that a function
//! is packed by appending. Opening one reads the directory alone, however large the rest is; each section is read, and
//! compared with its checksum, when it is needed.
//!
//! All numbers are little-endian. A pack is
//!
//! ```text
//! magic      8 bytes; the last two are its version
//! sections   bytes, one section after the other
//! directory  for each section: kind and CRC-32 (u32 each), position in the pack and length (u64 each)
//! trailer    the length of the pack (u64), the number of sections, the CRC-32 of directory, length and number (u32
//!            each), and the magic again
//! ```

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The first and the last bytes of a pack.
const MAGIC: &[u8; 8] = b"ckpack01";
/// Those that all versions have.
const FAMILY: &[u8] = b"ckpack";
/// Bytes of a section in the directory, and of the trailer.
const ENTRY: usize = 4 + 4 + 8 + 8;
const TRAILER: usize = 8 + 4 + 4 + MAGIC.len();

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The site and its widgets, one each: see `site.rs`.
    Settings = 1,
    /// What an agent knows: see `knowledge`. Agents name theirs by its place among these.
    Knowledge = 2,
    /// The paths of the published files, one: see `transport/web/files.rs`.
    Paths = 3,
    /// A published file.
    File = 4,
}

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
    source: Mutex<Box<dyn Source>>,
    /// Where it begins in the source.
    start: u64,
    sections: Vec<Section>,
    /// Whether another pack is right before it.
    is_second: bool,
}

/// A file, or bytes in memory.
trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// A part of a pack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    /// One of [`Kind`], unless a later version wrote it.
    kind: u32,
    checksum: u32,
    /// Position in the pack, in bytes.
    at: u64,
    /// In bytes.
    length: u64,
}

impl Pack {
    /// Opens a file that ends with a pack; `None` if it does not.
    pub(crate) fn open(path: &Path) -> Result<Option<Pack>, PackError> {
        Pack::read_from(File::open(path)?)
    }

    /// Opens bytes that [`Packer`] wrote.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Pack, PackError> {
        Pack::read_from(Cursor::new(bytes))?.ok_or(PackError::Other)
    }

    /// Opens a file that is a pack and nothing else.
    pub(crate) fn open_bare(path: &Path) -> Result<Pack, PackError> {
        match Pack::open(path)? {
            Some(pack) => Ok(pack),
            None if starts_like_a_pack(path)? => Err(PackError::Cut),
            None => Err(PackError::Other),
        }
    }

    fn read_from(mut source: impl Source + 'static) -> Result<Option<Pack>, PackError> {
        let Some(end) = Trailer::of(&mut source)? else {
            return Ok(None);
        };
        let start = end.start;
        let mut directory = vec![0; end.count as usize * ENTRY];
        source.seek(SeekFrom::Start(end.directory))?;
        source.read_exact(&mut directory)?;
        if end.checksum != checksum(&[&directory, &end.counted]) {
            return Err(PackError::Damaged);
        }
        let sections = directory.chunks_exact(ENTRY).map(Section::from_bytes);
        let sections: Vec<_> = sections.collect();
        let room = end.directory - start;
        let fits = |section: &Section| {
            let ends = section.at.checked_add(section.length);
            ends.is_some_and(|ends| ends <= room)
        };
        if !sections.iter().all(fits) {
            return Err(PackError::Damaged);
        }
        let mut before = [0; MAGIC.len()];
        let is_second = start >= TRAILER as u64 && {
            source.seek(SeekFrom::Start(start - before.len() as u64))?;
            source.read_exact(&mut before)?;
            before.starts_with(FAMILY)
        };
        Ok(Some(Pack {
            source: Mutex::new(Box::new(source)),
            start,
            sections,
            is_second,
        }))
    }

    /// What its owner may want to know.
    pub(crate) fn note(&self) -> Option<&'static str> {
        self.is_second.then_some(
            "one site pack follows another, and the last one counts; build the file again to get rid of the other one",
        )
    }

    /// Reads every section. Usually each is read when somebody needs it, which may be a visitor.
    pub(crate) fn verify(&self) -> Result<(), PackError> {
        let mut sections = self.sections.iter();
        sections.try_for_each(|section| self.read(*section).map(drop))
    }

    /// The sections of a kind, in their order.
    pub(crate) fn sections(&self, kind: Kind) -> impl Iterator<Item = Section> {
        let sections = self.sections.iter().copied();
        sections.filter(move |section| section.kind == kind as u32)
    }

    /// The bytes of a section.
    pub(crate) fn read(&self, section: Section) -> Result<Vec<u8>, PackError> {
        let length = usize::try_from(section.length).map_err(|_| PackError::Damaged)?;
        let mut bytes = vec![0; length];
        let source = self.source.lock();
        let mut source = source.unwrap_or_else(PoisonError::into_inner);
        source.seek(SeekFrom::Start(self.start + section.at))?;
        source.read_exact(&mut bytes)?;
        drop(source);
        if checksum(&[&bytes]) != section.checksum {
            return Err(PackError::Damaged);
        }
        Ok(bytes)
    }
}

/// The length of what precedes the pack at the end of a file; its whole length if there is none.
///
/// # Errors
///
/// A file that cannot be read, and a pack that is damaged or of another version.
pub fn length_without_pack(path: &Path) -> Result<u64, PackError> {
    let mut file = File::open(path)?;
    match Trailer::of(&mut file)? {
        Some(end) => Ok(end.start),
        None => Ok(file.metadata()?.len()),
    }
}

/// Where a pack begins and ends, as its last bytes say.
struct Trailer {
    /// Position of the pack's first byte.
    start: u64,
    /// Position of the directory.
    directory: u64,
    count: u32,
    checksum: u32,
    /// The bytes of length and number, which the checksum covers.
    counted: [u8; 12],
}

impl Trailer {
    /// `None` if the last bytes are not those of a pack.
    fn of(source: &mut impl Source) -> Result<Option<Trailer>, PackError> {
        let size = source.seek(SeekFrom::End(0))?;
        if size < TRAILER as u64 {
            return Ok(None);
        }
        let mut bytes = [0; TRAILER];
        source.seek(SeekFrom::Start(size - TRAILER as u64))?;
        source.read_exact(&mut bytes)?;
        let magic = &bytes[TRAILER - MAGIC.len()..];
        if !magic.starts_with(FAMILY) {
            return Ok(None);
        }
        if magic != MAGIC {
            return Err(PackError::Version);
        }
        let mut counted = [0; 12];
        counted.copy_from_slice(&bytes[..12]);
        let count = u32_at(&bytes, 8);
        let directory = u64::from(count) * ENTRY as u64 + TRAILER as u64;
        let start = size.checked_sub(u64_at(&bytes, 0));
        let directory = size.checked_sub(directory);
        let (start, directory) = start.zip(directory).ok_or(PackError::Cut)?;
        if directory < start {
            return Err(PackError::Damaged);
        }
        Ok(Some(Trailer {
            start,
            directory,
            count,
            checksum: u32_at(&bytes, 12),
            counted,
        }))
    }
}

fn starts_like_a_pack(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?
        .take(FAMILY.len() as u64)
        .read_to_end(&mut start)?;
    Ok(start == FAMILY)
}

impl Section {
    fn from_bytes(bytes: &[u8]) -> Section {
        Section {
            kind: u32_at(bytes, 0),
            checksum: u32_at(bytes, 4),
            at: u64_at(bytes, 8),
            length: u64_at(bytes, 16),
        }
    }

    fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..4].copy_from_slice(&self.kind.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.checksum.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.at.to_le_bytes());
        bytes[16..].copy_from_slice(&self.length.to_le_bytes());
        bytes
    }
}

/// Writes a pack, one section after the other.
pub(crate) struct Packer<W> {
    out: W,
    at: u64,
    sections: Vec<Section>,
}

impl<W: Write> Packer<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Packer<W>> {
        out.write_all(MAGIC)?;
        Ok(Packer {
            out,
            at: MAGIC.len() as u64,
            sections: Vec::new(),
        })
    }

    pub(crate) fn add(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        let length = bytes.len() as u64;
        self.sections.push(Section {
            kind: kind as u32,
            checksum: checksum(&[bytes]),
            at: self.at,
            length,
        });
        self.at += length;
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let directory: Vec<u8> = self
            .sections
            .iter()
            .flat_map(|section| section.to_bytes())
            .collect();
        let length = self.at + (directory.len() + TRAILER) as u64;
        let count = u32::try_from(self.sections.len()).map_err(io::Error::other)?;
        let counted = [&length.to_le_bytes()[..], &count.to_le_bytes()].concat();
        self.out.write_all(&directory)?;
        self.out.write_all(&counted)?;
        let checksum = checksum(&[&directory, &counted]);
        self.out.write_all(&checksum.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
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
