//! Decimal numbers of published tables, correctly rounded.

/// A number below 2⁵³ times a power of ten that double precision holds exactly: one operation on the
/// two rounds correctly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u64,
    places: u32,
}

impl Decimal {
    /// Reads digits with or without a point, from the first byte on, and how many bytes they are.
    /// `None`: no digit, or more digits than double precision has.
    pub fn read(text: &[u8]) -> Option<(Self, usize)> {
        const LARGEST: u64 = 1 << 53;
        let (mut digits, mut places, mut count, mut length) = (0_u64, 0, 0, 0);
        let mut after_point = false;
        for &byte in text {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                // More than 18 digits wrap, and are refused below.
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(digit));
                places += u32::from(after_point);
                count += 1;
            } else if byte == b'.' && !after_point {
                after_point = true;
            } else {
                break;
            }
            length += 1;
        }
        (count > 0 && count <= 18 && digits < LARGEST).then_some((Self { digits, places }, length))
    }

    pub fn value(self) -> f64 {
        self.digits as f64 / POWERS[self.places as usize]
    }

    /// A thousand of it.
    pub fn thousands(self) -> f64 {
        match self.places {
            places @ 0..3 => self.digits as f64 * POWERS[3 - places as usize],
            places => self.digits as f64 / POWERS[places as usize - 3],
        }
    }
}

const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];
