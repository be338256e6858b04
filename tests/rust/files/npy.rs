//! Arrays as NumPy writes them.

use tradewinds::result::file::npy::{Fault, described, read, write};

/// `numpy.lib.format.write_array(file, numpy.array([[1, 2, 3]], "<u4"), version=(1, 0))` of NumPy 2.4,
/// which pads its header with more spaces than are needed.
fn by_numpy() -> Vec<u8> {
    let header = "{'descr': '<u4', 'fortran_order': False, 'shape': (1, 3), }";
    let start = format!("{header:<117}\n");
    [b"\x93NUMPY\x01\x00\x76\x00", start.as_bytes(), b"\x01\0\0\0\x02\0\0\0\x03\0\0\0"].concat()
}

fn header(text: &str) -> Vec<u8> {
    [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
}

#[test]
fn what_numpy_wrote_is_read() {
    assert_eq!(by_numpy().len(), 128 + 12);
    assert_eq!(read::<u32>(&mut &by_numpy()[..], &[1, 3]).expect("read"), [1, 2, 3]);
}

#[test]
fn the_numbers_begin_on_a_multiple_of_64_bytes() {
    for length in [0, 1, 9, 10, 1_000_000] {
        let bytes = write(&[length], &vec![7u8; length]);
        assert_eq!((bytes.len() - length) % 64, 0);
        assert_eq!(bytes[bytes.len() - length - 1], b'\n');
    }
}

#[test]
fn every_bit_comes_back() {
    let values = [0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 5e-324, f64::from_bits(u64::MAX)];
    let found: Vec<f64> = read(&mut &write(&[2, 4], &values)[..], &[2, 4]).expect("read");
    assert!(found.iter().zip(&values).all(|(found, value)| found.to_bits() == value.to_bits()));
    let many: Vec<f64> = (0..100_000).map(f64::from).collect();
    assert_eq!(read::<f64>(&mut &write(&[100_000], &many)[..], &[100_000]).expect("read"), many);
}

#[test]
fn another_type_shape_or_order_is_named() {
    for (kind, shape) in [("<f4", "(3,)"), (">f8", "(3,)"), ("<f8", "(3, 1)"), ("<f8", "(99999999999999999,)")] {
        let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        match read::<f64>(&mut &header(&text)[..], &[3]) {
            Err(Fault::Header(found)) => assert_eq!(found, text.trim_end()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(described("<f8", &[]), "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
}

#[test]
fn too_short_and_too_long() {
    let whole = write(&[3], &[1.0, 2.0, 3.0]);
    for length in 0..whole.len() {
        assert!(matches!(read::<f64>(&mut &whole[..length], &[3]), Err(Fault::Io(_))));
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(matches!(read::<f64>(&mut &longer[..], &[3]), Err(Fault::TooLong)));
    assert!(matches!(read::<f64>(&mut &b"\x93NUMPY\x02\x00\x00\x00"[..], &[3]), Err(Fault::Header(_))));
}
