//! Files that are no saved results.

use std::io::{Cursor, Read, Write};

use tradewinds::result::file;
use tradewinds::solve::Stop;
use tradewinds::{Error, Options, VERSION, load_solution};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::files::equal::bytes;
use crate::support::{Problem, ban, scenario};

fn saved() -> Vec<u8> {
    let problem = Problem::matrix(&["A", "B"], &[&[1.0, 9.0], &[4.0, 2.0]], 5.0, -0.5, 0.3);
    bytes(&problem.solve_with(&scenario(vec![ban("A", "B")]), Options::default()).expect("a good scenario"))
}

fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|place| {
            let mut member = zip.by_index(place).expect("a member");
            let mut content = Vec::new();
            member.read_to_end(&mut content).expect("whole");
            (member.name().expect("a name").into_owned(), content)
        })
        .collect()
}

fn pack(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("started");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

#[track_caller]
fn refused(bytes: &[u8], says: &str) {
    match load_solution(Cursor::new(bytes), "the/file", &Stop::default()) {
        Err(Error::Data(text)) => {
            assert!(text.starts_with("the/file: "), "{text}");
            assert!(text.contains(says), "{text}");
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("this should have been refused"),
    }
}

#[test]
fn cut_short_anywhere() {
    let whole = saved();
    for length in (0..whole.len()).step_by(97).chain(whole.len() - 30..whole.len()) {
        refused(&whole[..length], "");
    }
}

#[test]
fn another_format_names_both_versions() {
    let mut members = members(&saved());
    members[0].1 = b"{\"format\": 4, \"tradewinds\": \"7.1.0\", \"unheard\": of}".to_vec();
    refused(&pack(&members), "not that of a saved result");
    members[0].1 = b"{\"format\": 4, \"tradewinds\": \"7.1.0\", \"unheard\": \"of\"}".to_vec();
    refused(
        &pack(&members),
        &format!("has format 4, written by tradewinds 7.1.0; tradewinds {VERSION} reads formats up to 3"),
    );
    assert_eq!(file::FORMAT, 3);
}

#[test]
fn members_that_are_paths_missing_or_too_many() {
    let members = members(&saved());
    for name in ["../x", "/x", "a/b", "a\\b", "C:x", ".."] {
        let with = [members.clone(), vec![(name.to_string(), Vec::new())]].concat();
        refused(&pack(&with), "is a path");
    }
    refused(&pack(&[members.clone(), vec![("more.npy".to_string(), Vec::new())]].concat()), "does not name its member");
    for place in 0..members.len() {
        let name = &members[place].0;
        let left: Vec<_> = members.iter().filter(|(other, _)| other != name).cloned().collect();
        refused(&pack(&left), &format!("the member '{name}' is missing"));
    }
}

#[test]
fn a_device_a_folder_and_a_missing_folder_are_not_written() {
    let problem = Problem::matrix(&["A", "B"], &[&[1.0, 9.0], &[4.0, 2.0]], 5.0, -0.5, 0.3);
    let solution = problem.solve().expect("a good scenario");
    let folder = tempfile::tempdir().expect("a folder");
    let save = |path: &std::path::Path| match solution.save(path, "{}", &Stop::default()) {
        Err(Error::Data(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(save(folder.path()).contains("is a folder"));
    assert!(save(&folder.path().join("no").join("file")).contains("make it first"));
    #[cfg(unix)]
    assert!(save(std::path::Path::new("/dev/full")).contains("not a plain file"));
    assert_eq!(folder.path().read_dir().expect("read").count(), 0);
}
