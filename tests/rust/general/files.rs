//! Saved results: solved again, equal in every bit.

use std::io::Cursor;

use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;
use tradewinds::result::{GeneralSolution, file};
use tradewinds::solve::Stop;

use super::support::*;

fn found() -> GeneralSolution {
    let nests = Nests { value_added: 0.6, inputs: 0.2, goods: 1.4 };
    let model = model(shares(4, 2, 0.6, true, true, 8), 5.0, Deficits::Multiplicative, nests);
    solve(&model, vec![ban(&["C3"], &["C1"], &["S0"])]).unwrap()
}

#[test]
fn a_saved_result_is_read_in_every_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (path, solution, notes) = (folder.path().join("result"), found(), "{\"by\":\"a test\"}");
    solution.save(&path, notes, &Stop::default()).unwrap();
    assert_eq!(file::reader(file::open(&path).unwrap()), file::Reader::General);
    let (read, found) = file::general::read(file::open(&path).unwrap(), "the file", &Stop::default()).unwrap();
    assert_eq!(found, notes);
    assert_eq!(read.inputs(), solution.inputs());
    assert_eq!(read.scenario, solution.scenario);
    let points = |of: &GeneralSolution| of.equilibria.iter().map(|one| one.point.clone()).collect::<Vec<_>>();
    assert_eq!(points(&read), points(&solution));
}

#[test]
fn a_file_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result");
    found().save(&path, "{}", &Stop::default()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(613) {
        let error = file::general::read(Cursor::new(&whole[..length]), "the file", &Stop::default()).unwrap_err();
        assert!(error.to_string().starts_with("the file: "), "{error}");
    }
}
