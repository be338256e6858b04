//! The OECD ICIO as published, and what is not.

use tradewinds::Error;
use tradewinds::data::Accounts;
use tradewinds::data::readers::icio::Published;

use super::Folder;

/// Two countries, two sectors; China's first sector in two parts.
const TABLE: &str = "V1,AUS_A01,AUS_B,CN1_A01,CN2_A01,CHN_B,AUS_HFCE,AUS_INVNT,CHN_HFCE,CHN_INVNT,OUT\n\
    AUS_A01,1,2,0.5,0.25,3,10,-1,4,0.125,19.875\n\
    AUS_B,2,1,1,1,1,5,0.5,2,0,13.5\n\
    CN1_A01,0,1,1,1,2,1,0,6,0,12\n\
    CN2_A01,1,0,1e-1,2,2,1,0,7,1,14.1\n\
    CHN_B,0,3,1,1,4,2,0,9,-0.5,19.5\n\
    TLS,0.5,0,0.1,0.2,0,7,,9,,\n\
    VA,15.375,6.5,8.3,8.65,7.5,0,0,0,0,0\n\
    OUT,19.875,13.5,12,14.1,19.5,0,0,0,0,0\n";

fn read(name: &str, text: &str) -> Result<Accounts, Error> {
    let folder = Folder::make();
    let zip = folder.zip("icio.zip", &[(name, text), ("ReadMe.txt", "")]);
    let read = |threads| Published::open(&zip, None)?.read(threads, &|_, _| Ok(()));
    let (alone, ahead) = (read(1), read(2));
    assert_eq!(alone, ahead);
    ahead
}

#[test]
fn deliveries_are_summed_as_they_are_read() {
    let found = read("2020_SML.csv", TABLE).unwrap();
    assert_eq!(
        (found.countries.names(), found.sectors.names()),
        (&["AUS".into(), "CHN".into()][..], &["A01".into(), "B".into()][..])
    );
    // Parts of China: 0.5 + 0.25 and 1 + 1 + 0.1 + 2; exact in binary up to one rounding of 0.1.
    assert_eq!(found.deliveries[[0, 1, 0]], 0.5 + 0.25 + 3.0);
    assert_eq!(found.inputs[[1, 0, 0]], 0.5 + 0.25 + 1.0 + 1.0 + 0.1 + 2.0);
    assert_eq!(found.final_demand[[0, 1, 1]], 13.0);
    assert_eq!(found.inventories[[0, 0, 0]], -1.0);
    assert_eq!(found.output.as_ref().unwrap()[[0, 1]], 12.0 + 14.1);
    assert_eq!(found.value_added.as_ref().unwrap()[[1, 0]], 6.5);
    assert_eq!(found.taxes.as_ref().unwrap()[[0, 1]], 0.1 + 0.2);
}

#[test]
fn years_are_told_by_names() {
    let folder = Folder::make();
    folder.file("ICIO2021_2018.csv", TABLE);
    folder.file("2020.CSV", TABLE);
    for year in [2018, 2020] {
        assert_eq!(Published::open(folder.path(), Some(year)).unwrap().year, Some(year));
    }
    let bare = Published::open(&folder.file("table.txt", TABLE), None).unwrap();
    assert_eq!(bare.year, None);
}

#[test]
fn what_is_not_as_published_is_refused_with_its_line() {
    let refused = |old: &str, new: &str, parts: &[&str]| {
        assert!(TABLE.contains(old), "{old}");
        let message = read("2020_SML.csv", &TABLE.replacen(old, new, 1)).unwrap_err().to_string();
        for part in [&["2020_SML.csv in "], parts].concat() {
            assert!(message.contains(part), "'{part}' is not in: {message}");
        }
    };
    refused("AUS_B,CN1", "AUS,CN1", &["line 1", "'AUS' is not one"]);
    refused("AUS_HFCE,AUS_INVNT", "CHN_GGFC,CHN_GFCF", &["line 1", "AUS has no column of final demand"]);
    refused("AUS_B,2,1", "AUS_B,2,1e400", &["line 3", "field 3 has '1e400'"]);
    refused("AUS_B,2,1", "AUS_B,2,-1", &["line 3", "delivery of B of AUS to B of AUS is -1"]);
    refused("CN1_A01,0,1", "CN1_A01,0", &["line 4", "9 fields", "has 10"]);
    refused("CHN_B,0", "CN1_B,0", &["line 6", "'CN1_B' has no column"]);
    refused("VA,15.375", "VA,", &["line 8", "field 2 has ''"]);
    refused("\nVA,15.375", "\nTLS,15.375", &["line 8", "'TLS' is there twice"]);
}
