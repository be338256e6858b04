//! The zip: plain members of declared sizes, the same bytes for the same content.

use std::collections::BTreeMap;
use std::io::{Cursor, ErrorKind, Read, Seek, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::meta::Declared;
use super::npy::{self, Element, Fault};
use crate::error::{Error, Result};

const META: &str = "meta.json";
/// meta.json may not unpack to more bytes than this.
const LONGEST_META: u64 = 1 << 30;
const ENDING: &str = ".npy";

/// An array on its way into the file.
pub enum Values<'a> {
    Numbers(&'a [f64]),
    Codes(&'a [u32]),
    OwnNumbers(Vec<f64>),
    OwnCodes(Vec<u32>),
    Flags(Vec<u8>),
}

impl Values<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Numbers(_) | Self::OwnNumbers(_) => f64::TYPE,
            Self::Codes(_) | Self::OwnCodes(_) => u32::TYPE,
            Self::Flags(_) => u8::TYPE,
        }
    }

    fn to_npy(&self, shape: &[usize]) -> Vec<u8> {
        match self {
            Self::Numbers(values) => npy::write(shape, values),
            Self::OwnNumbers(values) => npy::write(shape, values),
            Self::Codes(values) => npy::write(shape, values),
            Self::OwnCodes(values) => npy::write(shape, values),
            Self::Flags(values) => npy::write(shape, values),
        }
    }
}

/// Arrays by name, in the order they are written.
#[derive(Default)]
pub struct Arrays<'a>(Vec<(&'static str, Vec<usize>, Values<'a>)>);

impl<'a> Arrays<'a> {
    pub fn add(&mut self, name: &'static str, shape: &[usize], values: Values<'a>) {
        self.0.push((name, shape.to_vec(), values));
    }

    pub fn declared(&self) -> BTreeMap<String, Declared> {
        let one = |(name, shape, values): &(&str, Vec<usize>, Values)| {
            (name.to_string(), Declared { kind: values.kind().to_string(), shape: shape.clone() })
        };
        self.0.iter().map(one).collect()
    }

    /// The zip. Members have no times, so that equal content gives equal bytes; `before_each` may stop
    /// the work.
    pub fn to_zip(
        &self,
        meta: &[u8],
        method: CompressionMethod,
        before_each: impl Fn() -> Result<()>,
    ) -> Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, bytes: &[u8]| {
            before_each()?;
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(DateTime::DEFAULT)
                .unix_permissions(0o644)
                .large_file(bytes.len() as u64 >= u64::from(u32::MAX));
            zip.start_file(name, options).and_then(|()| Ok(zip.write_all(bytes)?)).map_err(|error| packing(&error))
        };
        add(META, meta)?;
        for (name, shape, values) in &self.0 {
            add(&format!("{name}{ENDING}"), &values.to_npy(shape))?;
        }
        zip.finish().map(Cursor::into_inner).map_err(|error| packing(&error))
    }
}

fn packing(error: &ZipError) -> Error {
    Error::Data(format!("the result can't be packed: {error}"))
}

/// A zip whose members have been looked at: plain names, each once.
pub struct Archive<R> {
    zip: ZipArchive<R>,
    declared: BTreeMap<String, Declared>,
}

impl<R: Read + Seek> Archive<R> {
    /// # Errors
    /// [`Error::Data`]: no zip, a zip cut short, a member that is a path or is there twice.
    pub fn open(mut file: R) -> Result<Self> {
        check_start(&mut file)?;
        let zip = ZipArchive::new(file).map_err(|error| cut_short(&error))?;
        if zip.has_duplicate_names() {
            return Err(foreign("it has two members of one name"));
        }
        for place in 0..zip.len() {
            let name = zip.name_for_index(place).and_then(|name| name.ok()).unwrap_or_default();
            if name.is_empty() || name.contains(['/', '\\', ':', '\0']) || name == ".." {
                return Err(foreign(&format!("its member '{}' is a path", name.escape_debug())));
            }
        }
        Ok(Self { zip, declared: BTreeMap::new() })
    }

    pub fn meta(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let member = self.zip.by_name(META).map_err(|error| absent(META, &error))?;
        let size = member.size();
        if size > LONGEST_META {
            return Err(foreign(&format!("its meta.json unpacks to {size} bytes, more than {LONGEST_META}")));
        }
        member.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| damaged(META, &error))?;
        Ok(bytes)
    }

    /// From here on only what is declared can be read.
    ///
    /// # Errors
    /// [`Error::Data`]: a member that is not declared, or that unpacks to more than it is declared to.
    pub fn declare(&mut self, declared: BTreeMap<String, Declared>) -> Result<()> {
        for place in 0..self.zip.len() {
            let member = self.zip.by_index_raw(place).map_err(|error| cut_short(&error))?;
            let name = member.name().unwrap_or_default().into_owned();
            if name == META {
                continue;
            }
            let Some(array) = name.strip_suffix(ENDING).and_then(|name| declared.get(name)) else {
                return Err(foreign(&format!("meta.json does not name its member '{}'", name.escape_debug())));
            };
            let most = bytes_of(array).saturating_add(npy::LONGEST_HEADER);
            if member.size() > most {
                return Err(foreign(&format!(
                    "its member '{name}' unpacks to {} bytes, but meta.json says {}",
                    member.size(),
                    bytes_of(array)
                )));
            }
        }
        self.declared = declared;
        Ok(())
    }

    pub fn has(&self, name: &str) -> bool {
        self.declared.contains_key(name)
    }

    /// The length of an array of one axis.
    pub fn length(&self, name: &str) -> Result<usize> {
        let Declared { shape, .. } = self.declared.get(name).ok_or_else(|| undeclared(name))?;
        match shape[..] {
            [length] => Ok(length),
            _ => Err(foreign(&format!("meta.json gives the array '{name}' the shape {shape:?}; expected one axis"))),
        }
    }

    /// An array of two axes, row by row.
    ///
    /// # Errors
    /// As [`Archive::array`].
    pub fn table(&mut self, name: &str, shape: &[usize; 2]) -> Result<Vec<Vec<f64>>> {
        Ok(self.array(name, shape)?.chunks(shape[1].max(1)).map(<[f64]>::to_vec).collect())
    }

    /// # Errors
    /// [`Error::Data`]: the array is missing, cut short, or of another type or shape.
    pub fn array<T: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Vec<T>> {
        let declared = self.declared.get(name).ok_or_else(|| undeclared(name))?;
        if declared.kind != T::TYPE || declared.shape != shape {
            return Err(foreign(&format!(
                "meta.json says that the array '{name}' has type {} and shape {:?}; expected {} and {shape:?}",
                declared.kind,
                declared.shape,
                T::TYPE
            )));
        }
        let member = format!("{name}{ENDING}");
        let mut file = self.zip.by_name(&member).map_err(|error| absent(&member, &error))?;
        npy::read(&mut file, shape).map_err(|fault| match fault {
            Fault::Io(error) => damaged(&member, &error),
            Fault::Header(found) => foreign(&format!(
                "its member '{member}' begins with {found}; expected {}",
                npy::described(T::TYPE, shape)
            )),
            Fault::TooLong => foreign(&format!("its member '{member}' is longer than its shape {shape:?} says")),
        })
    }
}

fn bytes_of(array: &Declared) -> u64 {
    let size = if array.kind == u8::TYPE { 1 } else { 8 };
    array.shape.iter().fold(size, |bytes: u64, length| bytes.saturating_mul(*length as u64))
}

fn check_start(file: &mut (impl Read + Seek)) -> Result<()> {
    let mut start = Vec::new();
    let read = file.by_ref().take(4).read_to_end(&mut start).and_then(|_| file.rewind());
    read.map_err(|error| Error::Data(format!("the file can't be read: {error}")))?;
    let what = match &start[..] {
        [] => "it is empty",
        [b'P', b'K', ..] => return Ok(()),
        _ => "it is not a zip",
    };
    Err(foreign(what))
}

const REMEDY: &str = "take another copy, or solve again";

/// Not what `save` writes.
fn foreign(what: &str) -> Error {
    Error::Data(format!(
        "this is not a saved result as it was written: {what}; give a file that result.save(path) wrote"
    ))
}

fn cut_short(error: &ZipError) -> Error {
    Error::Data(format!(
        "the zip's directory, which stands at its end, can't be read ({error}): the file was cut short or damaged; {REMEDY}"
    ))
}

fn undeclared(name: &str) -> Error {
    Error::Data(format!("meta.json does not name the array '{name}', without which there is no result; {REMEDY}"))
}

fn absent(member: &str, error: &ZipError) -> Error {
    match error {
        ZipError::FileNotFound => Error::Data(format!("the member '{member}' is missing; {REMEDY}")),
        error => Error::Data(format!("the member '{member}' can't be unpacked ({error}); {REMEDY}")),
    }
}

fn damaged(member: &str, error: &std::io::Error) -> Error {
    let what = if error.kind() == ErrorKind::UnexpectedEof { "is cut short" } else { "is damaged" };
    Error::Data(format!("the member '{member}' {what} ({error}); {REMEDY}"))
}
