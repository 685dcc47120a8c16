//! Money in whole minor units; never a float.

use std::fmt;

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The renminbi, in which the sample shop trades.
    pub const CNY: Self = Self(iso_currency::Currency::CNY);

    /// Reads a three-letter code in any case.
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase()).map(Self)
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 2 for CNY, 0 for JPY, 3 for KWD (ISO 4217 exponent).
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// The sign printed before a figure for people; the code and a space where no sign is unmistakable.
    pub fn sign(self) -> String {
        match self.code() {
            "CNY" => "¥".to_owned(),
            "USD" => "$".to_owned(),
            "EUR" => "€".to_owned(),
            "GBP" => "£".to_owned(),
            code => format!("{code} "),
        }
    }
}

/// An amount of money. Two amounts compare only within one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl TryFrom<String> for Money {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no amount of money"))
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

impl Money {
    /// Largest amount that is accepted, in minor units: a million million.
    pub const MOST: i64 = 1_000_000_000_000;

    /// From minor units (cents, fen). `None` outside 0 to [`Money::MOST`].
    pub fn from_minor(minor: i64, currency: Currency) -> Option<Self> {
        (0..=Self::MOST).contains(&minor).then_some(Self { minor, currency })
    }

    /// Reads "129.00 CNY". `None` unless it is a plain decimal with at most the currency's digits and an ISO 4217 code.
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, code) = text.trim().rsplit_once(char::is_whitespace)?;
        Self::parse_amount(amount.trim(), Currency::parse(code)?)
    }

    /// Reads a plain decimal such as "129", "129.5" or "129.00" in a known currency. Digits beyond the currency's must be zero.
    pub fn parse_amount(amount: &str, currency: Currency) -> Option<Self> {
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || (fraction.is_empty() && amount.contains('.')) {
            return None;
        }
        let exponent = currency.exponent() as usize;
        let (kept, rest) = fraction.split_at(fraction.len().min(exponent));
        if rest.bytes().any(|b| b != b'0') {
            return None;
        }
        let minor = format!("{whole}{kept:0<exponent$}").parse().ok()?;
        Self::from_minor(minor, currency)
    }

    /// Minor units: cents, fen; yen for JPY.
    pub fn minor(self) -> i64 {
        self.minor
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The decimal figure alone: "129.00".
    pub fn amount(self) -> String {
        let exponent = self.currency.exponent();
        let unit = 10i64.pow(exponent);
        match exponent {
            0 => self.minor.to_string(),
            _ => format!("{}.{:0width$}", self.minor / unit, self.minor % unit, width = exponent as usize),
        }
    }

    /// For people: "¥129", "$45.50", "JPY 3000". Cents are left out when they are zero.
    pub fn pretty(self) -> String {
        let amount = self.amount();
        let short = amount.split_once('.').filter(|(_, cents)| cents.bytes().all(|b| b == b'0')).map_or(amount.as_str(), |(whole, _)| whole);
        format!("{}{short}", self.currency.sign())
    }
}

/// The form of feeds and answers: "129.00 CNY".
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency.code())
    }
}
