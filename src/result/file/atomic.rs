//! Whole files or none: written beside the target, then renamed onto it.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Puts `bytes` at `path`. What was there before stays until all is written, and for good where that
/// fails; a link keeps leading to its file.
///
/// # Errors
/// [`Error::Data`]: a folder or a device is there, there is no such folder, no permission, a full disk.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = folder_of(&target)?;
    beside(&target, &folder, bytes).map_err(|error| {
        let kept = if target.exists() { "what was there before is unchanged" } else { "nothing was left behind" };
        Error::Data(format!(
            "{} can't be written: {}; {kept}. Make room or get permission for {}, or save elsewhere",
            path.display(),
            plain(&error),
            folder.display()
        ))
    })
}

fn folder_of(target: &Path) -> Result<PathBuf> {
    let refuse = |what: &str| Err(Error::Data(format!("{} {what}", target.display())));
    match fs::metadata(target) {
        Ok(about) if about.is_dir() => return refuse("is a folder; give the name of a file in it"),
        // Renaming onto a device would take its place.
        Ok(about) if !about.is_file() => return refuse("is not a plain file; save to another name"),
        _ => {}
    }
    if target.file_name().is_none() {
        return refuse("is not the name of a file");
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() {
        true => Ok(folder.to_path_buf()),
        false => refuse(&format!("can't be written: there is no folder {}; make it first", folder.display())),
    }
}

fn beside(target: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = builder().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map(drop).map_err(|failed| failed.error)
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tradewinds-").suffix(".tmp");
    if let Some(permissions) = usual_permissions() {
        builder.permissions(permissions);
    }
    builder
}

/// Those of any new file: temporary ones are private otherwise, and stay so when renamed.
fn usual_permissions() -> Option<Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    return None;
}

/// Without the name of the temporary file.
fn plain(error: &io::Error) -> String {
    error.to_string().split(" at path ").next().unwrap_or_default().to_string()
}
