//! Words for currencies, and rates by which a budget in one is compared with prices in another.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::{Currency, Money};

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    code: String,
    /// Signs and words, as typed before or after a figure.
    words: Vec<String>,
    /// Worth in CNY, in millionths.
    micro_cny: i64,
}

/// The currencies that shoppers name.
#[derive(Debug, Clone, Deserialize)]
pub struct Currencies {
    /// The day of the rates, for the notice that a rate was used.
    pub rates_of: String,
    currency: Vec<Entry>,
    /// Rates set by the shop, in millionths of CNY, by code; they come before the shipped ones.
    #[serde(skip)]
    pub overrides: BTreeMap<String, i64>,
}

impl Currencies {
    /// Every word with its currency.
    pub fn words(&self) -> impl Iterator<Item = (&str, Currency)> {
        self.currency.iter().filter_map(|e| Currency::parse(&e.code).map(|c| (e, c))).flat_map(|(e, c)| e.words.iter().map(move |w| (w.as_str(), c)))
    }

    fn micro_cny(&self, currency: Currency) -> Option<i64> {
        let own = self.overrides.get(currency.code()).copied();
        own.or_else(|| self.currency.iter().find(|e| e.code == currency.code()).map(|e| e.micro_cny)).filter(|rate| *rate > 0)
    }

    /// The same worth in another currency, rounded to its minor unit. `None` when a rate is missing.
    pub fn convert(&self, money: Money, to: Currency) -> Option<Money> {
        if money.currency() == to {
            return Some(money);
        }
        let from_rate = i128::from(self.micro_cny(money.currency())?);
        let to_rate = i128::from(self.micro_cny(to)?);
        let scale_up = 10i128.pow(to.exponent());
        let scale_down = 10i128.pow(money.currency().exponent());
        let numerator = i128::from(money.minor()) * from_rate * scale_up;
        let denominator = to_rate * scale_down;
        Money::from_minor(i64::try_from((numerator + denominator / 2) / denominator).ok()?, to)
    }
}
