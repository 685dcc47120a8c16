//! Reading one JSON object field by field, with a complaint for each that breaks a rule.

use serde_json::{Map, Value};

use super::Reject;
use crate::catalog::{Attribute, Localized, Money, Period, ProductId, Review, Sale, Seller, Value as AttributeValue};
use crate::lexicon::AttributeNames;

/// Bounds on untrusted sizes, in characters or items.
const LONGEST_TEXT: usize = 50_000;
const LONGEST_TITLE: usize = 1_000;
const LONGEST_WORD: usize = 500;
const LONGEST_VALUE: usize = 20_000;
const MOST_ATTRIBUTES: usize = 300;
const MOST_VALUES: usize = 200;
const MOST_REVIEWS: usize = 100;

/// A row while it is read.
pub struct Fields<'a> {
    pub row: &'a Map<String, Value>,
    pub id: Option<ProductId>,
}

type Read<T> = Result<T, Reject>;

impl<'a> Fields<'a> {
    /// A complaint about a field.
    pub fn reject(&self, field: &str, found: &Value, wanted: impl Into<String>) -> Reject {
        Reject { id: self.id.clone(), field: field.to_owned(), found: shorten(found), wanted: wanted.into() }
    }

    /// The field, unless it is absent, null or a blank string.
    pub fn get(&self, field: &str) -> Option<&'a Value> {
        self.row.get(field).filter(|v| !v.is_null() && v.as_str().is_none_or(|s| !s.trim().is_empty()))
    }

    pub fn required(&self, field: &str, wanted: &str) -> Read<&'a Value> {
        self.get(field).ok_or_else(|| self.reject(field, &Value::Null, wanted))
    }

    pub fn string(&self, field: &str) -> Read<Option<String>> {
        let wanted = format!("a string of at most {LONGEST_WORD} characters");
        let Some(value) = self.get(field) else { return Ok(None) };
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err(self.reject(field, value, wanted)),
        };
        if text.chars().count() > LONGEST_WORD { Err(self.reject(field, value, wanted)) } else { Ok(Some(text)) }
    }

    pub fn localized(&self, field: &str, value: &Value, longest: usize) -> Read<Localized> {
        let wanted = || format!("a string, or {{\"zh\", \"en\"}}, of at most {longest} characters");
        let part = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let text = match value {
            Value::String(text) => Localized::plain(text.as_str()),
            Value::Object(_) => Localized::new(part("zh"), part("en")),
            _ => None,
        };
        text.filter(|t| t.each().all(|one| one.chars().count() <= longest)).ok_or_else(|| self.reject(field, value, wanted()))
    }

    pub fn title(&self) -> Read<Localized> {
        let value = self.required("title", "a title")?;
        self.localized("title", value, LONGEST_TITLE)
    }

    pub fn text(&self, field: &str) -> Read<Option<Localized>> {
        self.get(field).map(|value| self.localized(field, value, LONGEST_TEXT)).transpose()
    }

    /// The category path, with every form of separator turned into " > ".
    pub fn product_type(&self) -> Read<Option<Localized>> {
        let path = self.get("product_type").map(|value| self.localized("product_type", value, LONGEST_WORD)).transpose()?;
        let tidy = |text: &str| text.split(['>', '›', '＞']).map(str::trim).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" > ");
        Ok(path.and_then(|path| match path {
            Localized::Plain(text) => Localized::plain(tidy(&text)),
            Localized::Both { zh, en } => Localized::new(Some(tidy(&zh)), Some(tidy(&en))),
        }))
    }

    pub fn money(&self, field: &str) -> Read<Option<Money>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let money = value.as_str().and_then(Money::parse);
        money.map(Some).ok_or_else(|| self.reject(field, value, "a decimal and an ISO 4217 code such as \"129.00 CNY\""))
    }

    /// The reduced price: above zero, not above the price, in its currency.
    pub fn sale(&self, price: Money) -> Read<Option<Sale>> {
        let Some(sale) = self.money("sale_price")? else { return Ok(None) };
        let reduced = sale.currency() == price.currency() && sale.minor() > 0 && sale.minor() <= price.minor();
        if !reduced {
            let wanted = format!("a sale price above zero and not above the price `{price}`");
            return Err(self.reject("sale_price", &self.row["sale_price"], wanted));
        }
        let period = self.get("sale_price_effective_date").map(|value| {
            let ends = value.as_str().and_then(|text| text.split_once('/'));
            let times = ends.and_then(|(start, end)| Some(Period { start: timestamp(start)?, end: timestamp(end)? }));
            times.filter(|p| p.start < p.end).ok_or_else(|| {
                self.reject(
                    "sale_price_effective_date",
                    value,
                    "two RFC 3339 times, the earlier first, such as \"2026-11-01T00:00+08:00/2026-11-12T00:00+08:00\"",
                )
            })
        });
        Ok(Some(Sale { price: sale, period: period.transpose()? }))
    }

    pub fn time(&self, field: &str) -> Read<Option<jiff::Timestamp>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let time = value.as_str().and_then(timestamp);
        time.map(Some).ok_or_else(|| self.reject(field, value, "an RFC 3339 time such as \"2026-11-01T08:00:00Z\""))
    }

    pub fn rating(&self, field: &str) -> Read<Option<f64>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let rating = value.as_f64().filter(|r| (0.0..=5.0).contains(r));
        rating.map(Some).ok_or_else(|| self.reject(field, value, "a number from 0 to 5"))
    }

    pub fn count(&self, field: &str) -> Read<Option<u64>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let count = value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..1e15).contains(n)).map(|n| n as u64));
        count.map(Some).ok_or_else(|| self.reject(field, value, "a whole number of 0 or more"))
    }

    pub fn seller(&self) -> Read<Option<Seller>> {
        let Some(value) = self.get("seller") else { return Ok(None) };
        let part = |name: &str| value.get(name).and_then(Value::as_str).filter(|s| s.chars().count() <= LONGEST_WORD).map(str::to_owned);
        let seller = part("name").map(|name| Seller { id: part("id").unwrap_or_else(|| name.clone()), name });
        seller.map(Some).ok_or_else(|| self.reject("seller", value, "{\"id\", \"name\"}"))
    }

    pub fn reviews(&self) -> Read<Vec<Review>> {
        let Some(value) = self.get("reviews") else { return Ok(Vec::new()) };
        let Some(list) = value.as_array() else { return Err(self.reject("reviews", value, "a list of {\"text\", \"rating\"}")) };
        let mut reviews = Vec::new();
        for review in list.iter().take(MOST_REVIEWS) {
            let Some(text) = review.get("text").filter(|t| t.as_str().is_none_or(|s| !s.trim().is_empty())) else { continue };
            let text = self.localized("reviews", text, LONGEST_TEXT)?;
            let rating = review.get("rating").and_then(Value::as_f64).filter(|r| (0.0..=5.0).contains(r));
            reviews.push(Review { text, rating });
        }
        Ok(reviews)
    }

    /// `{name: value or [values]}`, or a list of `{"name", "value"}` where names are in two languages.
    pub fn attributes(&self, names: &AttributeNames) -> Read<Vec<Attribute>> {
        let Some(value) = self.get("attributes") else { return Ok(Vec::new()) };
        let wanted = "an object {name: value or [values]} or a list of {\"name\", \"value\"}";
        let mut pairs: Vec<(Localized, &Value)> = Vec::new();
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    pairs.extend(Localized::plain(name.as_str()).map(|name| (name, value)));
                }
            }
            Value::Array(list) => {
                for item in list {
                    let (Some(name), Some(value)) = (item.get("name"), item.get("value")) else { return Err(self.reject("attributes", item, wanted)) };
                    pairs.push((self.localized("attributes", name, LONGEST_WORD)?, value));
                }
            }
            _ => return Err(self.reject("attributes", value, wanted)),
        }
        if pairs.len() > MOST_ATTRIBUTES {
            return Err(self.reject("attributes", value, format!("at most {MOST_ATTRIBUTES} attributes")));
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        for (name, value) in pairs {
            let values = self.values(&name, value)?;
            if values.is_empty() {
                continue;
            }
            let attribute = names.canonical(name, values);
            match attributes.iter_mut().find(|a| a.key == attribute.key) {
                Some(same) => same.values.extend(attribute.values),
                None => attributes.push(attribute),
            }
        }
        Ok(attributes)
    }

    fn values(&self, name: &Localized, value: &Value) -> Read<Vec<AttributeValue>> {
        let list = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let field = || format!("attributes.{}", name.get(crate::catalog::Lang::En));
        if list.len() > MOST_VALUES {
            return Err(self.reject(&field(), value, format!("at most {MOST_VALUES} values")));
        }
        let mut values = Vec::new();
        for one in list {
            let unit = one.get("unit").and_then(Value::as_str).map(|u| u.trim().to_owned()).filter(|u| !u.is_empty());
            let inner = one.get("value").unwrap_or(one);
            match inner {
                Value::Null => {}
                Value::String(text) if text.trim().is_empty() => {}
                Value::Bool(fact) => values.extend(
                    Localized::new(Some(if *fact { "是" } else { "否" }.to_owned()), Some(if *fact { "yes" } else { "no" }.to_owned()))
                        .map(AttributeValue::Text),
                ),
                Value::Number(number) => match number.as_f64().filter(|n| n.is_finite()) {
                    Some(value) => values.push(AttributeValue::Number { value, unit }),
                    None => return Err(self.reject(&field(), one, "a finite number")),
                },
                Value::String(text) => match measured(text, unit.as_deref()) {
                    Some(measure) => values.push(measure),
                    None => values.push(AttributeValue::Text(self.localized(&field(), inner, LONGEST_VALUE)?)),
                },
                _ => values.push(AttributeValue::Text(self.localized(&field(), inner, LONGEST_VALUE)?)),
            }
        }
        Ok(values)
    }
}

/// A figure given as text beside its unit: {"value": "85", "unit": "cm"}.
fn measured(text: &str, unit: Option<&str>) -> Option<AttributeValue> {
    let unit = unit?;
    let value: f64 = text.trim().parse().ok()?;
    value.is_finite().then(|| AttributeValue::Number { value, unit: Some(unit.to_owned()) })
}

/// Reads RFC 3339, with or without seconds and with or without a colon in the offset.
pub fn timestamp(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"].iter().find_map(|form| jiff::Timestamp::strptime(form, text).ok()).or_else(|| {
        // A bare date means its first moment in universal time.
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// What was found, for a message: at most 80 characters of its JSON.
fn shorten(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
