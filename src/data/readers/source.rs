//! Where published files are: a plain file, a folder, members of a zip. Nothing is ever unpacked to disk.

use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::data::labels::some_of;
use crate::error::{Error, Result};

const BUFFER: usize = 1 << 18;

/// One published file.
#[derive(Debug, Clone)]
pub struct Member {
    /// Without folders, of the disk or of the zip.
    pub name: String,
    path: PathBuf,
    /// Its place in the zip at `path`; `None`: the file at `path` itself.
    place: Option<usize>,
    /// In bytes, unpacked.
    pub size: u64,
}

impl Member {
    /// Where it is, for messages.
    pub fn shown(&self) -> String {
        match self.place {
            Some(_) => format!("{} in {}", self.name, self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    /// Gives the unpacked bytes to `work`.
    pub fn read<T>(&self, work: impl FnOnce(&mut dyn Read) -> T) -> Result<T> {
        let mut file = open(&self.path)?;
        match self.place {
            None => Ok(work(&mut file)),
            Some(place) => {
                let mut archive = ZipArchive::new(file).map_err(|error| unusable(&self.path, &error))?;
                let mut member = archive.by_index(place).map_err(|error| locked(&self.shown(), &error))?;
                Ok(work(&mut member))
            }
        }
    }

    /// The whole text, for small files.
    pub fn text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        self.read(|reader| reader.read_to_end(&mut bytes))?.map_err(|error| damaged(&self.shown(), "", &error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The files at a path: itself, or what is in the zip, or in the folder and the zips of the folder.
///
/// # Errors
/// [`Error::Data`]: nothing is there, it can't be read, or it is no zip, a zip cut short, or one with
/// a member twice.
pub fn members(path: &Path) -> Result<Vec<Member>> {
    let about = fs::metadata(path).map_err(|error| missing(path, &error))?;
    if about.is_dir() {
        return folder(path);
    }
    match zipped(path)? {
        true => archive(path),
        false => Ok(vec![plain(path, about.len())]),
    }
}

fn plain(path: &Path, size: u64) -> Member {
    Member { name: base(&path.to_string_lossy()).to_string(), path: path.to_path_buf(), place: None, size }
}

fn folder(path: &Path) -> Result<Vec<Member>> {
    let mut entries = fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(|error| unreadable(path, &error))?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        let about = fs::metadata(&entry).map_err(|error| unreadable(&entry, &error))?;
        match entry.extension().map(|ending| ending.to_ascii_lowercase()) {
            Some(ending) if about.is_file() && ending == "zip" => found.extend(members(&entry)?),
            _ if about.is_file() => found.push(plain(&entry, about.len())),
            _ => {}
        }
    }
    Ok(found)
}

fn archive(path: &Path) -> Result<Vec<Member>> {
    let mut archive = ZipArchive::new(open(path)?).map_err(|error| unusable(path, &error))?;
    if archive.has_duplicate_names() {
        return Err(Error::Data(format!(
            "{} has members of the same name, so it is not as it was published; download it afresh, or pack it again \
             with each file once",
            path.display()
        )));
    }
    let mut found = Vec::new();
    for place in 0..archive.len() {
        let member = archive.by_index_raw(place).map_err(|error| unusable(path, &error))?;
        if member.is_file() {
            let name = member.name().map_err(|error| unusable(path, &error))?;
            found.push(Member {
                name: base(&name).to_string(),
                path: path.to_path_buf(),
                place: Some(place),
                size: member.size(),
            });
        }
    }
    Ok(found)
}

/// A name without its folders.
fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| missing(path, &error))?;
    Ok(BufReader::with_capacity(BUFFER, file))
}

/// Whether a file is a zip by its first bytes; one that is only called so is refused.
fn zipped(path: &Path) -> Result<bool> {
    const ZIP: &[u8] = b"PK";
    const GZIP: &[u8] = &[0x1f, 0x8b];
    let mut start = Vec::new();
    open(path)?.take(16).read_to_end(&mut start).map_err(|error| unreadable(path, &error))?;
    if start.starts_with(ZIP) {
        return Ok(true);
    }
    let called_zip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    if called_zip || start.starts_with(GZIP) || start.is_empty() {
        let what = match start.first() {
            None => "is empty",
            Some(b'<') => "is a web page, not a zip",
            Some(0x1f) => "is packed by gzip",
            Some(_) => "is not a zip",
        };
        return Err(Error::Data(format!(
            "{} {what}; expected the zip as it was published, a CSV file of it, or a folder of those: download it \
             again, or unpack it first",
            path.display()
        )));
    }
    Ok(false)
}

fn missing(path: &Path, error: &std::io::Error) -> Error {
    if error.kind() != ErrorKind::NotFound {
        return unreadable(path, error);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    let there = match fs::metadata(folder) {
        Ok(_) => format!("that folder has {}", some_of(names.iter().map(String::as_str))),
        Err(_) => format!("there is no folder {} either", folder.display()),
    };
    Error::Data(format!("there is no file or folder {}; {there}", path.display()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Data(format!("{} can't be read: {error}", path.display()))
}

/// A zip whose directory can't be read.
fn unusable(path: &Path, error: &ZipError) -> Error {
    let size = fs::metadata(path).map_or(0, |about| about.len());
    Error::Data(format!(
        "{} begins as a zip does, but its directory, which stands at the end, can't be read after {size} bytes \
         ({error}): it was cut short or damaged; download it again",
        path.display()
    ))
}

/// A member that can't be opened.
fn locked(shown: &str, error: &ZipError) -> Error {
    Error::Data(format!(
        "{shown} can't be unpacked ({error}); expected a member that is stored or deflated, without a password: \
         download it again, or unpack it with another program and give the folder"
    ))
}

/// A member whose bytes end or break off too early; `place` says where, such as " after line 12".
pub fn damaged(shown: &str, place: &str, error: &std::io::Error) -> Error {
    Error::Data(format!("{shown} is damaged or cut short{place} ({error}); download it again"))
}
