//! BACI as published.

use std::fs;

use tradewinds::Error;
use tradewinds::data::Period;
use tradewinds::data::readers::baci::{Published, Wanted};

use super::{COUNTRIES, Folder, ROWS, listed, read, read_all};

fn wanted(products: &[&str]) -> Wanted {
    Wanted::new(products.iter().map(|code| code.to_string()).collect(), Vec::new()).unwrap()
}

#[test]
fn a_published_zip_is_read_with_its_units_and_names() {
    let folder = Folder::make();
    let flows = read_all(&folder.published(ROWS)).unwrap();
    assert_eq!(
        listed(&flows),
        [
            ("010121", "USA", "CHN", 7000.0, None),
            ("270900", "RUS", "CHN", 40_000_123.0, Some(79000.5)),
            ("271111", "RUS", "CHN", 2_000_001.0, None),
            ("271121", "RUS", "TWN", 1500.0, Some(2.0)),
            ("9999AA", "X_EFTA", "X_SACU", 1.0, None),
        ]
    );
    assert_eq!(flows.periods, [Period::Year(2021)]);
    assert_eq!(flows.units.quantity, ["t"; 5]);
    assert_eq!(flows.units.currency, "USD");
}

#[test]
fn zip_folder_file_and_any_number_of_threads_give_the_same() {
    let folder = Folder::make();
    let expected = format!("{:?}", listed(&read_all(&folder.published(ROWS)).unwrap()));
    let other = Folder::make();
    let file = other.file("BACI_HS17_Y2021_V202601.csv", ROWS);
    let third = Folder::make();
    let bare = third.file("trade.csv", ROWS);
    for path in [folder.path(), other.path(), &file, &bare] {
        for threads in [1, 2] {
            let published = Published::open(path, &[]).unwrap();
            let flows = published.read(&Wanted::default(), threads, &|_, _| Ok(())).unwrap();
            assert_eq!(format!("{:?}", listed(&flows)), expected, "{}", path.display());
        }
    }
}

#[test]
fn what_is_written_otherwise_means_the_same() {
    let folder = Folder::make();
    let rows = "\u{feff}\"t\",\"i\",\"j\",\"k\",\"v\",\"q\"\r\n\
        2021, 643,156,\"270900\",  40000.123, .5\r\n\r\n2021,643,156,271111,2.000001e3,nan\r\n2021,842,156,010121,7,0.000";
    assert_eq!(
        listed(&read_all(&folder.published(rows)).unwrap()),
        [
            ("010121", "USA", "CHN", 7000.0, None),
            ("270900", "RUS", "CHN", 40_000_123.0, Some(0.5)),
            ("271111", "RUS", "CHN", 2_000_001.0, None),
        ]
    );
}

#[test]
fn products_and_countries_are_chosen_while_reading() {
    let folder = Folder::make();
    let path = folder.published(ROWS);
    let codes = |wanted: &Wanted| read(&path, &[2021], wanted).unwrap().commodities.names().to_vec();
    assert_eq!(codes(&wanted(&["2711"])), ["271111", "271121"]);
    assert_eq!(codes(&wanted(&["27", "270900", "9999AA"])), ["270900", "271111", "271121", "9999AA"]);
    let published = Published::open(&path, &[]).unwrap();
    let only = |name: &str| Some(published.countries().iter().map(|label| label == name).collect());
    assert_eq!(codes(&Wanted::default().between(only("USA"), None)), ["010121"]);
    assert_eq!(codes(&Wanted::default().between(None, only("TWN"))), ["271121"]);
}

#[test]
fn commodities_sum_products_and_an_unknown_part_makes_an_unknown_sum() {
    let folder = Folder::make();
    let rows = "t,i,j,k,v,q\n2021,643,156,271111,2,NA\n2021,643,156,271121,3,1\n2021,643,156,271129,4,1\n\
        2021,842,156,271121,5,6\n2021,842,156,271129,7,8\n";
    let gas = vec![("gas".to_string(), vec!["271111".to_string(), "271121".into(), "271129".into()])];
    let file = folder.file("BACI_HS17_Y2021_V202601.csv", rows);
    let flows = read(&file, &[], &Wanted::new(Vec::new(), gas).unwrap()).unwrap();
    assert_eq!(listed(&flows), [("gas", "RUS", "CHN", 9000.0, None), ("gas", "USA", "CHN", 12000.0, Some(14.0))]);
}

#[test]
fn two_codes_of_one_country_are_summed_and_others_keep_the_letters_of_the_file() {
    let folder = Folder::make();
    let rows = "t,i,j,k,v,q\n2021,56,156,270900,1,2\n2021,58,156,270900,3,4\n2021,891,156,270900,1,1\n";
    assert_eq!(
        listed(&read_all(&folder.published(rows)).unwrap()),
        [("270900", "BEL", "CHN", 4000.0, Some(6.0)), ("270900", "SCG", "CHN", 1000.0, Some(1.0))]
    );
}

#[test]
fn several_years_are_read_in_order() {
    let folder = Folder::make();
    let earlier = ROWS.replace("2021,", "2019,");
    let members = [
        ("data/BACI_HS17_Y2021_V202601.csv", ROWS),
        ("__MACOSX/._BACI_HS17_Y2021_V202601.csv", "junk"),
        ("data/BACI_HS17_Y2019_V202601.csv", &earlier),
        ("data/country_codes_V202601.csv", COUNTRIES),
    ];
    let path = folder.zip("baci.zip", &members);
    assert_eq!(read_all(&path).unwrap().periods, [Period::Year(2019), Period::Year(2021)]);
    let published = Published::open(&path, &[2019]).unwrap();
    assert_eq!((published.last_year, published.revision.as_deref()), (2019, Some("HS17")));
    assert_eq!(read(&path, &[2019], &Wanted::default()).unwrap().periods, [Period::Year(2019)]);
}

#[test]
fn lines_across_pieces_are_whole() {
    let folder = Folder::make();
    let mut rows = "t,i,j,k,v,q\n".to_string();
    let count = 150_000;
    (0..count).for_each(|row| {
        rows.push_str(&format!("2021,{},156,{:06},{row}.5,1\n", [643, 842][row / 75_000], 100_000 + row % 75_000))
    });
    let flows = read_all(&folder.file("BACI_HS17_Y2021_V202601.csv", &rows)).unwrap();
    assert_eq!(flows.rows().len(), count);
    let expected: f64 = (0..count).map(|row| row as f64 * 1e3 + 500.0).sum();
    assert_eq!(flows.rows().value.iter().sum::<f64>(), expected);
}

#[test]
fn a_report_sees_all_bytes_and_stops_the_reading() {
    let folder = Folder::make();
    let published = Published::open(&folder.published(ROWS), &[]).unwrap();
    let seen = std::sync::Mutex::new((0, 0));
    let report = |done, total| {
        *seen.lock().unwrap() = (done, total);
        Ok(())
    };
    published.read(&Wanted::default(), 2, &report).unwrap();
    assert_eq!(*seen.lock().unwrap(), (ROWS.len() as u64, ROWS.len() as u64));
    assert_eq!(published.read(&Wanted::default(), 2, &|_, _| Err(Error::Interrupted)), Err(Error::Interrupted));
}

#[test]
fn a_path_in_a_zip_is_never_written() {
    let folder = Folder::make();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = folder.zip("inner/baci.zip", &[("../../BACI_HS17_Y2021_V202601.csv", ROWS)]);
    assert_eq!(read_all(&path).unwrap().rows().len(), 5);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(inner).unwrap().count(), 1);
}
