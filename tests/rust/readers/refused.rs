//! What is not BACI as published is refused, with what was given, where, and what to do.

use std::fs;
use std::path::Path;

use tradewinds::Error;
use tradewinds::data::readers::baci::Wanted;

use super::{COUNTRIES, Folder, PRODUCTS, ROWS, read, read_all};

const MEMBER: &str = "BACI_HS17_Y2021_V202601.csv";

fn message<T: std::fmt::Debug>(refused: Result<T, Error>) -> String {
    match refused {
        Err(Error::Data(message)) => message,
        other => panic!("expected an error of the data, got {other:?}"),
    }
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(message.contains(part), "'{part}' is not in: {message}"));
}

/// The message for a file with this as its second line.
fn line(text: &str) -> String {
    let folder = Folder::make();
    message(read_all(&folder.published(&format!("t,i,j,k,v,q\n2021,643,156,270900,1,2\n{text}\n"))))
}

fn refused(path: &Path) -> String {
    message(read_all(path))
}

#[test]
fn a_zip_that_is_none_or_is_cut_short() {
    let folder = Folder::make();
    let path = folder.published(ROWS);
    let bytes = fs::read(&path).unwrap();
    for kept in [40, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..kept]).unwrap();
        says(&refused(&path), &["BACI_HS17_V202601.zip", "cut short", &format!("{kept} bytes"), "download it again"]);
    }
    says(&refused(&folder.file("a.zip", "<!DOCTYPE html>")), &["a.zip is a web page, not a zip", "download"]);
    says(&refused(&folder.file("b.zip", "t,i,j,k,v,q")), &["b.zip is not a zip", "expected"]);
    says(&refused(&folder.file("c.csv", "")), &["c.csv is empty"]);
    says(&refused(&folder.path().join("d.csv")), &["there is no file or folder", "a.zip"]);
}

#[test]
fn a_member_whose_bytes_are_damaged() {
    let folder = Folder::make();
    let rows: String = (0..50_000).map(|row| format!("2021,643,156,{:06},{},1\n", row + 100_000, row * 7919)).collect();
    let path = folder.zip("baci.zip", &[(MEMBER, &format!("t,i,j,k,v,q\n{rows}"))]);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2000].fill(0xff);
    fs::write(&path, bytes).unwrap();
    says(&refused(&path), &[MEMBER, "baci.zip"]);
}

#[test]
fn another_header() {
    let folder = Folder::make();
    let semicolons = folder.file(MEMBER, "t;i;j;k;v;q\n");
    says(&refused(&semicolons), &[MEMBER, "line 1", "'t;i;j;k;v;q'", "expected t,i,j,k,v,q", "commas"]);
    says(&refused(&folder.file(MEMBER, "year,exporter\n1,2\n")), &["line 1", "'year,exporter'"]);
    says(&refused(&folder.file(MEMBER, "t,i,j,k,v,q\n")), &["no rows"]);
}

#[test]
fn codes_that_lost_a_leading_zero() {
    says(&line("2021,643,156,10121,1,2"), &[MEMBER, "line 3", "'10121' has 5 digits", "leading zero", "text"]);
    let folder = Folder::make();
    let products = PRODUCTS.replace("010121", "10121");
    let path = folder.zip("baci.zip", &[(MEMBER, ROWS), ("product_codes_HS17_V202601.csv", &products)]);
    says(&refused(&path), &["product_codes_HS17_V202601.csv", "line 2", "leading zero"]);
}

#[test]
fn lines_that_are_malformed() {
    says(&line("2021,643,156,270900,1"), &["line 3", "has 5 fields; expected 6", "cut short"]);
    says(&line("2021,643,156,271111,1,2,3"), &["line 3", "has 7 fields; expected 6"]);
    says(&line("2021,643,156,271111,1x,2"), &["line 3", "column v has '1x'", "thousand USD"]);
    says(&line("2021,643,156,271111,-1,2"), &["column v has '-1'", "0 or more"]);
    says(&line("2021,643,156,271111,NA,2"), &["column v has 'NA'"]);
    says(&line("2021,643,156,271111,inf,2"), &["column v has 'inf'"]);
    says(&line("2021,643,156,271111,1,two"), &["column q has 'two'", "metric tons or NA"]);
    says(&line("2021,RUS,156,271111,1,2"), &["column i has 'RUS'", "numeric code"]);
    says(&line("2021,643,156,27?900,1,2"), &["product code '27?900'"]);
}

#[test]
fn unknown_countries() {
    says(&line("2021,643,999,271111,1,2"), &["line 3", "unknown country code 999", "country_codes"]);
    let folder = Folder::make();
    let path = folder.file(MEMBER, "t,i,j,k,v,q\n2021,643,891,271111,1,2\n");
    says(&refused(&path), &["line 2", "unknown country code 891", "beside this one"]);
    let path = folder.zip("baci.zip", &[(MEMBER, ROWS), ("country_codes_V202601.csv", "code,iso\n1,A\n")]);
    says(&refused(&path), &["country_codes_V202601.csv", "'code,iso'", "'country_code'"]);
}

#[test]
fn flows_and_years_that_are_there_twice() {
    says(&line("2021,643,156,270900,1,2"), &["line 3", "once more"]);
    let apart = line("2021,643,156,271111,1,2\n2021,643,156,270900,1,2");
    says(&apart, &["270900 RUS to CHN in 2021 is there twice", "download"]);
    let folder = Folder::make();
    folder.published(ROWS);
    folder.file(MEMBER, ROWS);
    says(&refused(folder.path()), &["the year 2021 is there twice", "BACI_HS17_V202601.zip", "take one away"]);
}

#[test]
fn two_editions_mixed() {
    let folder = Folder::make();
    let path = folder.zip("baci.zip", &[(MEMBER, ROWS), ("BACI_HS92_Y2020_V202601.csv", ROWS)]);
    says(&refused(&path), &["two revisions", "HS17", "HS92", "one revision"]);
    let path = folder.zip("releases.zip", &[(MEMBER, ROWS), ("BACI_HS17_Y2020_V202501.csv", ROWS)]);
    says(&refused(&path), &["two releases", "V202601", "V202501"]);
}

#[test]
fn another_year() {
    let folder = Folder::make();
    let path = folder.published(ROWS);
    says(&message(read(&path, &[2021, 2022], &Wanted::default())), &["has no year 2022", "it has 2021"]);
    let bare = folder.file("trade.csv", ROWS);
    says(&message(read(&bare, &[2020], &Wanted::default())), &["trade.csv has no year 2020; it has 2021"]);
    says(&line("2020,643,156,271111,1,2"), &["line 3", "column t has 2020", "of 2021"]);
}

#[test]
fn a_selection_that_leaves_nothing() {
    let folder = Folder::make();
    let path = folder.published(ROWS);
    let bare = folder.file("trade.csv", ROWS);
    let wanted = |code: &str| Wanted::new(vec![code.to_string()], Vec::new());
    for path in [&path, &bare] {
        let message = message(read(path, &[2021], &wanted("2719").unwrap()));
        says(&message, &["begins with '2719'", "Did you mean '2711'", "HS revision"]);
    }
    let nobody = Wanted::default().between(Some(vec![false; 1000]), None);
    says(&message(read(&path, &[], &nobody)), &["leaves no rows", "5 products", "widen"]);
    says(&message(wanted("crude")), &["'crude' is no code", "\"2709\""]);
    says(&message(wanted("27090012")), &["'27090012' is no code", "2 to 6 digits"]);
}

#[test]
fn commodities_that_overlap_or_have_no_products() {
    let named = |name: &str, codes: &[&str]| (name.to_string(), codes.iter().map(|code| code.to_string()).collect());
    let overlap = Wanted::new(Vec::new(), vec![named("fuels", &["27"]), named("crude", &["2709"])]);
    says(&message(overlap), &["'fuels' with '27'", "'crude' with '2709'", "overlap"]);
    let twice = Wanted::new(Vec::new(), vec![named("crude", &["2709", "2709"])]);
    says(&message(twice), &["overlap"]);
    says(&message(Wanted::new(Vec::new(), vec![named("crude", &[])])), &["'crude' has no products"]);
    says(&message(Wanted::new(vec!["27".into()], vec![named("crude", &["2709"])])), &["both given"]);
}

#[test]
fn a_folder_without_baci() {
    let folder = Folder::make();
    folder.file("country_codes_V202601.csv", COUNTRIES);
    folder.file("notes.txt", "");
    says(&refused(folder.path()), &["has no file of BACI", "BACI_HS17_Y2021_V202601.csv", "notes.txt"]);
}
