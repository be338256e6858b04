//! Reading published files, the order of flows, and selectors of HS codes.

mod baci;
mod decimal;
mod icio;
mod order;
mod refused;
mod select;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tradewinds::Result;
use tradewinds::data::Flows;
use tradewinds::data::readers::baci::{Published, Wanted};
use zip::write::SimpleFileOptions;

pub const COUNTRIES: &str = "country_code,country_name,country_iso2,country_iso3\n\
    56,Belgium,BE,BEL\n58,Belgium-Luxembourg (...1998),BE,BEL\n156,China,CN,CHN\n\
    490,\"Other Asia, nes\",N/A,S19\n643,Russian Federation,RU,RUS\n\
    697,\"Europe EFTA, nes\",N/A,R20\n711,Southern African Customs Union (...1999),N/A,ZA1\n\
    842,USA,US,USA\n891,Serbia and Montenegro (...2005),CS,SCG\n";
pub const PRODUCTS: &str = "code,description\n010121,\"Horses; live, pure-bred\"\n270900,Petroleum oils\n\
    271111,Natural gas\n271121,Natural gas\n9999AA,Commodities not specified\n";
pub const ROWS: &str = "t,i,j,k,v,q\n\
    2021,643,156,270900,40000.123,79000.5\n\
    2021,643,156,271111,2000.001,           NA\n\
    2021,643,490,271121,1.5,2\n\
    2021,697,711,9999AA,0.001,\n\
    2021,842,156,010121,7,NA\n";

/// A folder that goes when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn make() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("tradewinds-readers-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn zip(&self, name: &str, members: &[(&str, &str)]) -> PathBuf {
        let path = self.0.join(name);
        let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        for (name, text) in members {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        path
    }

    /// As CEPII publishes it, with these rows.
    pub fn published(&self, rows: &str) -> PathBuf {
        self.zip(
            "BACI_HS17_V202601.zip",
            &[
                ("BACI_HS17_Y2021_V202601.csv", rows),
                ("country_codes_V202601.csv", COUNTRIES),
                ("product_codes_HS17_V202601.csv", PRODUCTS),
                ("Readme.txt", "BACI"),
            ],
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn read(path: &Path, years: &[i32], wanted: &Wanted) -> Result<Flows> {
    Published::open(path, years)?.read(wanted, 2, &|_, _| Ok(()))
}

pub fn read_all(path: &Path) -> Result<Flows> {
    read(path, &[], &Wanted::default())
}

/// Commodity, exporter, importer, value, quantity.
pub fn listed(flows: &Flows) -> Vec<(&str, &str, &str, f64, Option<f64>)> {
    let rows = flows.rows();
    (0..rows.len())
        .map(|row| {
            let quantity = Some(rows.quantity[row]).filter(|quantity| !quantity.is_nan());
            (
                flows.commodities.name(rows.commodity[row] as usize),
                flows.countries.name(rows.exporter[row] as usize),
                flows.countries.name(rows.importer[row] as usize),
                rows.value[row],
                quantity,
            )
        })
        .collect()
}
