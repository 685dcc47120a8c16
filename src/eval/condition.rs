//! Conditions on a record: `price <= 300`, `color != black|黑色`, `capacity >= 3 L`.
//!
//! They are read and held against the record here, apart from the code that filters products, so that a fault there cannot
//! hide itself.

use serde_json::Value;

use crate::lexicon::Units;
use crate::need::Comparison;
use crate::text;

/// What a record says to a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Met,
    /// With what the record says instead.
    Broken(String),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    pub name: String,
    pub comparison: Comparison,
    pub values: Vec<String>,
    source: String,
}

impl Condition {
    /// Reads `NAME OPERATOR VALUE`, several values joined by `|`.
    pub fn parse(source: &str) -> Result<Self, String> {
        let wanted = || format!("`{source}` is no condition; wanted for example `price <= 300` or `color != black|黑色`");
        let (name, rest) = source.trim().split_once(' ').ok_or_else(wanted)?;
        let (operator, values) = rest.trim().split_once(' ').ok_or_else(wanted)?;
        let comparison = Comparison::parse(operator).ok_or_else(wanted)?;
        let values: Vec<String> = values.split('|').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
        if values.is_empty() {
            return Err(wanted());
        }
        Ok(Self { name: name.to_owned(), comparison, values, source: source.to_owned() })
    }

    /// Holds a record in the native form against the condition.
    pub fn check(&self, record: &Value, units: &Units) -> Held {
        let broken = |found: String| Held::Broken(format!("`{}`, found {found}", self.source));
        let verdict = |met: bool, found: String| if met { Held::Met } else { broken(found) };
        match self.name.as_str() {
            "price" => match (price_now(record), self.figure(units)) {
                (Some(price), Some(wanted)) => verdict(self.comparison.holds(price, wanted), price.to_string()),
                (price, _) => broken(price.map_or("no price".to_owned(), |p| p.to_string())),
            },
            "rating" => match (record["rating"].as_f64(), self.figure(units)) {
                (Some(rating), Some(wanted)) => verdict(self.comparison.holds(rating, wanted), rating.to_string()),
                _ => broken("no rating".to_owned()),
            },
            name => {
                let found = values(record, name);
                let shown = found.iter().map(Said::show).collect::<Vec<_>>().join(", ");
                if found.is_empty() {
                    return match self.comparison {
                        Comparison::NotEqual => Held::Met,
                        Comparison::Equal if self.says(&texts(&record["title"])) => Held::Met,
                        _ => broken(format!("no `{name}`")),
                    };
                }
                match self.comparison {
                    Comparison::Equal => verdict(found.iter().any(|said| self.is(said, units)), shown),
                    Comparison::NotEqual => verdict(!found.iter().any(|said| self.is(said, units)), shown),
                    comparison => {
                        let wanted = self.figure(units);
                        verdict(found.iter().filter_map(|s| s.base(units)).any(|figure| wanted.is_some_and(|w| comparison.holds(figure, w))), shown)
                    }
                }
            }
        }
    }

    /// Whether a value of the record is one of ours.
    fn is(&self, said: &Said, units: &Units) -> bool {
        match said {
            Said::Texts(texts) => self.says(texts),
            Said::Figure(..) => {
                let wanted = self.values.iter().filter_map(|v| base(v, units));
                said.base(units).is_some_and(|figure| wanted.into_iter().any(|w| Comparison::Equal.holds(figure, w)))
            }
        }
    }

    fn says(&self, texts: &[String]) -> bool {
        let folded: Vec<String> = texts.iter().map(|t| text::fold(t)).collect();
        let plain = |text: &str| text.replace('-', " ");
        self.values.iter().map(|v| text::fold(v)).any(|wanted| folded.iter().any(|found| found.contains(&wanted) || plain(found).contains(&plain(&wanted))))
    }

    fn figure(&self, units: &Units) -> Option<f64> {
        self.values.first().and_then(|v| base(v, units))
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(source: String) -> Result<Self, String> {
        Self::parse(&source)
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

/// One value of a record.
enum Said {
    Texts(Vec<String>),
    Figure(f64, Option<String>),
}

impl Said {
    fn base(&self, units: &Units) -> Option<f64> {
        match self {
            Self::Texts(texts) => texts.iter().find_map(|t| base(t, units)),
            Self::Figure(value, unit) => units.measure(*value, unit.as_deref()).map(|m| m.base),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Texts(texts) => texts.join("/"),
            Self::Figure(value, unit) => format!("{value} {}", unit.as_deref().unwrap_or_default()).trim().to_owned(),
        }
    }
}

/// A figure with a unit in its base unit: "3 L".
fn base(text: &str, units: &Units) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let figure: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim();
    if unit.is_empty() { Some(figure) } else { units.measure(figure, Some(unit)).map(|m| m.base) }
}

/// What a record holds under a name: an attribute, or one of the fields of a product.
fn values(record: &Value, name: &str) -> Vec<Said> {
    if matches!(name, "brand" | "title" | "availability" | "description" | "product_type") {
        return some_texts(&record[name]).into_iter().map(Said::Texts).collect();
    }
    let wanted = text::fold(name);
    let attributes = record["attributes"].as_object();
    let found = attributes.into_iter().flatten().find(|(key, _)| text::fold(key).replace(' ', "_") == wanted);
    match found.map(|(_, value)| value) {
        Some(Value::Array(list)) => list.iter().filter_map(said).collect(),
        Some(one) => said(one).into_iter().collect(),
        None => Vec::new(),
    }
}

fn said(value: &Value) -> Option<Said> {
    match value {
        Value::Number(number) => Some(Said::Figure(number.as_f64()?, None)),
        Value::Object(object) if object.contains_key("value") => Some(Said::Figure(object["value"].as_f64()?, object["unit"].as_str().map(str::to_owned))),
        other => some_texts(other).map(Said::Texts),
    }
}

fn some_texts(value: &Value) -> Option<Vec<String>> {
    Some(texts(value)).filter(|texts| !texts.is_empty())
}

/// The texts of a value that is one text, or one in each language.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Object(both) => both.values().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The amount of "129.00 CNY".
pub fn amount(value: &Value) -> Option<f64> {
    value.as_str()?.split(' ').next()?.parse().ok()
}

/// What a record costs now: the sale price within its time, else the price.
pub fn price_now(record: &Value) -> Option<f64> {
    let list = amount(&record["price"])?;
    let on = record["sale_price_effective_date"].as_str().is_none_or(|period| {
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let now = jiff::Timestamp::now();
        period.split_once('/').is_none_or(|(from, until)| time(from).is_none_or(|t| t <= now) && time(until).is_none_or(|t| now < t))
    });
    Some(amount(&record["sale_price"]).filter(|sale| on && *sale < list).unwrap_or(list))
}
