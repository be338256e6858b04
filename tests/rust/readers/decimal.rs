//! Decimals are rounded as the standard library rounds them.

use proptest::prelude::*;
use tradewinds::data::readers::decimal::Decimal;

proptest! {
    #[test]
    fn decimals_are_correctly_rounded(text in "[0-9]{1,9}(\\.[0-9]{0,6})?") {
        let (decimal, length) = Decimal::read(text.as_bytes()).unwrap();
        prop_assert_eq!(length, text.len());
        prop_assert_eq!(decimal.value(), text.parse::<f64>().unwrap());
        prop_assert_eq!(decimal.thousands(), format!("{text}e3").parse::<f64>().unwrap());
    }
}

#[test]
fn a_decimal_ends_where_its_digits_end() {
    assert_eq!(Decimal::read(b".5,1").map(|(decimal, length)| (decimal.value(), length)), Some((0.5, 2)));
    assert_eq!(Decimal::read(b"12.3.4").map(|(_, length)| length), Some(4));
}

#[test]
fn what_double_precision_does_not_hold_is_left_to_others() {
    for text in ["", ".", "NA", "-1", "9007199254740993", "123456789012345678901234567890"] {
        assert_eq!(Decimal::read(text.as_bytes()), None, "{text}");
    }
}
