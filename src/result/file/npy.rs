//! Arrays as NumPy writes them: format 1.0, little-endian, rows one after another.
//!
//! NumPy Enhancement Proposal 1. The header is compared with the one that is expected and never
//! obeyed, so that a header of a huge shape allocates nothing.

use std::io::{self, Read};

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
/// The header ends on a multiple of this.
const ALIGNMENT: usize = 64;
const CHUNK: usize = 1 << 16;

/// How much longer than its numbers a file may be: magic, length, and the longest header.
pub const LONGEST_HEADER: u64 = MAGIC.len() as u64 + 2 + u16::MAX as u64;

/// A number that is the same bytes in memory and in the file, up to their order.
pub trait Element: Copy {
    /// NumPy's name of the type.
    const TYPE: &'static str;
    const SIZE: usize;
    fn put(self, bytes: &mut Vec<u8>);
    fn take(bytes: &[u8]) -> Self;
}

macro_rules! element {
    ($($number:ty: $name:literal),*) => {$(
        impl Element for $number {
            const TYPE: &'static str = $name;
            const SIZE: usize = size_of::<$number>();

            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("as many bytes as the number has"))
            }
        }
    )*};
}

element!(f64: "<f8", u32: "<u4", u8: "|u1");

/// Why an array can't be read.
#[derive(Debug)]
pub enum Fault {
    Io(io::Error),
    /// It begins otherwise; what was found.
    Header(String),
    /// More numbers than its shape has.
    TooLong,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What stands in the header of an array of this type and shape, without padding.
pub fn described(kind: &str, shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}{comma}), }}", sizes.join(", "))
}

/// The whole file.
pub fn write<T: Element>(shape: &[usize], values: &[T]) -> Vec<u8> {
    debug_assert_eq!(shape.iter().product::<usize>(), values.len());
    let mut header = described(T::TYPE, shape);
    let before = MAGIC.len() + 2;
    let end = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.extend(std::iter::repeat_n(' ', end - before - header.len() - 1));
    header.push('\n');
    let mut bytes = Vec::with_capacity(end + values.len() * T::SIZE);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    values.iter().for_each(|value| value.put(&mut bytes));
    bytes
}

/// The numbers of an array of type `T` and this shape, read to the end of the input.
pub fn read<T: Element>(input: &mut impl Read, shape: &[usize]) -> Result<Vec<T>, Fault> {
    read_header(input, &described(T::TYPE, shape))?;
    let count: usize = shape.iter().product();
    let mut values = Vec::new();
    let mut chunk = vec![0; CHUNK];
    while values.len() < count {
        let bytes = &mut chunk[..((count - values.len()) * T::SIZE).min(CHUNK)];
        input.read_exact(bytes)?;
        values.extend(bytes.chunks_exact(T::SIZE).map(T::take));
    }
    match input.read(&mut chunk)? {
        0 => Ok(values),
        _ => Err(Fault::TooLong),
    }
}

fn read_header(input: &mut impl Read, expected: &str) -> Result<(), Fault> {
    let mut start = [0; MAGIC.len() + 2];
    input.read_exact(&mut start)?;
    let (magic, length) = start.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(Fault::Header("no array of NumPy's format 1.0".to_string()));
    }
    let mut header = vec![0; u16::from_le_bytes([length[0], length[1]]) as usize];
    input.read_exact(&mut header)?;
    let found = String::from_utf8_lossy(&header);
    match found.trim_end() == expected {
        true => Ok(()),
        false => Err(Fault::Header(found.trim_end().chars().take(200).collect())),
    }
}
