//! What each verb takes, in one place: checks, error messages and the Python constructors read it.

use super::measure::Verb;

/// A parameter of a verb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub unit: &'static str,
    /// Smallest and largest value of a number; text and dated lists have none.
    pub range: Option<(f64, f64)>,
    pub default: Option<Default>,
    pub description: &'static str,
}

/// Which parameters must be given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Required {
    Nothing,
    All(&'static [&'static str]),
    OneOf(&'static [&'static str]),
    AtLeastOneOf(&'static [&'static str]),
}

/// What a parameter is where it is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    Number(f64),
    Text(&'static str),
}

const INF: f64 = f64::INFINITY;

const fn number(name: &'static str, unit: &'static str, low: f64, high: f64, description: &'static str) -> Field {
    Field { name, unit, range: Some((low, high)), default: None, description }
}

const fn share(name: &'static str, description: &'static str) -> Field {
    number(name, "share", 0.0, 1.0, description)
}

impl Field {
    const fn or(self, default: Default) -> Self {
        Self { default: Some(default), ..self }
    }
}

const fn text(name: &'static str, description: &'static str) -> Field {
    Field { name, unit: "", range: None, default: None, description }
}

const DUTY: &[Field] = &[
    number("rate", "of the border value", -1.0, INF, "ad valorem rate added to the duty in force (0.35 is 35 %)"),
    number("rate_to", "of the border value", -1.0, INF, "ad valorem rate that replaces the duty in force"),
    number("specific", "currency per unit", -INF, INF, "amount per unit that arrives"),
    text("unit", "unit of the specific amount"),
    text("currency", "currency of the specific amount"),
];

const BAN: &[Field] = &[
    share("coverage", "legal share of the baseline flow that is banned").or(Default::Number(1.0)),
    share("leakage", "share of the covered part that goes on by the same route").or(Default::Number(0.0)),
];

const QUOTA: &[Field] = &[
    number("quantity", "unit", 0.0, INF, "ceiling for the measure's own window"),
    text("unit", "unit of the quantity"),
    number("value", "currency", 0.0, INF, "ceiling in money for the measure's own window"),
    text("currency", "currency of the value"),
    number("share", "of the baseline quantity", 0.0, INF, "ceiling as a share of the baseline quantity"),
    number("beyond", "of the border value", 0.0, INF, "total duty beyond the quota; not given: closed"),
    text("rent", "who holds the licences: importer or exporter"),
];

const PRICE_CAP: &[Field] = &[
    number(
        "price",
        "currency per unit",
        0.0,
        INF,
        "highest price at the exporter's port with services; infinity: no cap",
    ),
    text("per", "unit of the price").or(Default::Text("bbl")),
    text("currency", "currency of the price").or(Default::Text("USD")),
    share("services_share", "share of baseline shipments that uses the services"),
    number("outside_cost", "currency per unit", 0.0, INF, "extra cost of shipping without the services"),
    number("outside_capacity", "unit", 0.0, INF, "capacity of the fleet without the services"),
];

const TRADE_COST: &[Field] = &[
    number("change", "of the delivered price", -1.0, INF, "ad valorem change (-0.05 is 5 % cheaper)"),
    number("specific", "currency per unit", -INF, INF, "change per unit"),
    text("unit", "unit of the specific change"),
];

const CAPACITY: &[Field] = &[
    text("facility", "name of the pipeline, bridge, port or fleet"),
    number("to", "unit per year", 0.0, INF, "new capacity"),
    number("add", "unit per year", -INF, INF, "change of capacity"),
    text("unit", "unit of the capacity"),
    text("ramp", "list of (date, share of the new capacity in use)"),
];

const SHIFT: &[Field] = &[
    number("supply", "factor", 0.0, INF, "factor on what the exporters offer at each price"),
    number("demand", "factor", 0.0, INF, "factor on what the importers spend at each price"),
];

impl Verb {
    pub const ALL: [Self; 8] = [
        Self::Ban,
        Self::Tariff,
        Self::ExportTax,
        Self::Quota,
        Self::PriceCap,
        Self::TradeCost,
        Self::Capacity,
        Self::Shift,
    ];

    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Ban => BAN,
            Self::Tariff | Self::ExportTax => DUTY,
            Self::Quota => QUOTA,
            Self::PriceCap => PRICE_CAP,
            Self::TradeCost => TRADE_COST,
            Self::Capacity => CAPACITY,
            Self::Shift => SHIFT,
        }
    }

    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    pub fn required(self) -> Required {
        match self {
            Self::Ban => Required::Nothing,
            Self::Tariff | Self::ExportTax => Required::OneOf(&["rate", "rate_to", "specific"]),
            Self::Quota => Required::OneOf(&["quantity", "value", "share"]),
            Self::PriceCap => Required::All(&["price"]),
            Self::TradeCost => Required::OneOf(&["change", "specific"]),
            Self::Capacity => Required::All(&["facility"]),
            Self::Shift => Required::AtLeastOneOf(&["supply", "demand"]),
        }
    }
}
