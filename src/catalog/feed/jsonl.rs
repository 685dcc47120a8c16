//! Native JSON lines: one product object a line, both ways.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::{LONGEST_ROW, Reject, Row};
use crate::catalog::attribute::Value as AttributeValue;
use crate::catalog::{Attribute, Availability, Lang, Link, Localized, Product, ProductId};
use crate::lexicon::AttributeNames;

/// Reads one line. Blank lines are no rows: `None`.
pub fn parse_line(line: &[u8], names: &AttributeNames) -> Option<Row> {
    let whole = |found: String, wanted: &str| Some(Err(Reject { id: None, field: "row".to_owned(), found, wanted: wanted.to_owned() }));
    if line.len() > LONGEST_ROW {
        return whole(format!("{} bytes", line.len()), "a row of at most one mebibyte");
    }
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return None;
    }
    match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(row)) => Some(parse_object(&row, names)),
        Ok(_) => whole("other JSON".to_owned(), "a JSON object"),
        Err(error) => whole(format!("broken JSON: {error}"), "a JSON object on one line, in UTF-8"),
    }
}

/// Reads one product object.
pub fn parse_object(row: &Map<String, Value>, names: &AttributeNames) -> Row {
    let mut fields = Fields { row, id: None };
    let wanted_id = format!("a string of 1 to {} characters", ProductId::LONGEST);
    let id = fields.required("id", &wanted_id)?;
    let text = id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|n| n.to_string()));
    let id = text.and_then(|t| ProductId::new(&t)).ok_or_else(|| fields.reject("id", id, wanted_id))?;
    fields.id = Some(id.clone());

    let title = fields.title()?;
    let link = fields.required("link", "an absolute http(s) URL")?;
    let link = link.as_str().and_then(Link::parse).ok_or_else(|| fields.reject("link", link, "an absolute http(s) URL"))?;
    let image_link = fields.string("image_link")?;
    let own_path = |image: &str| image.starts_with('/') && !image.starts_with("//");
    if let Some(image) = image_link.as_ref().filter(|image| !own_path(image) && Link::parse(image).is_none()) {
        return Err(fields.reject("image_link", &Value::String(image.clone()), "an http(s) URL or a path under the service"));
    }
    fields.required("price", "a decimal and an ISO 4217 code such as \"129.00 CNY\"")?;
    let Some(price) = fields.money("price")? else { return Err(fields.reject("price", &Value::Null, "a price")) };
    let availability = match fields.get("availability") {
        None => Availability::default(),
        Some(word) => {
            word.as_str().and_then(Availability::parse).ok_or_else(|| fields.reject("availability", word, "in_stock, out_of_stock, preorder or backorder"))?
        }
    };
    Ok(Product {
        id,
        title,
        description: fields.text("description")?,
        link,
        image_link,
        price,
        sale: fields.sale(price)?,
        availability,
        brand: fields.string("brand")?,
        gtin: fields.string("gtin")?,
        mpn: fields.string("mpn")?,
        condition: fields.string("condition")?,
        item_group_id: fields.string("item_group_id")?,
        product_type: fields.product_type()?,
        attributes: fields.attributes(names)?,
        seller: fields.seller()?,
        rating: fields.rating("rating")?,
        review_count: fields.count("review_count")?,
        sales: fields.count("sales")?,
        reviews: fields.reviews()?,
        updated_at: fields.time("updated_at")?,
    })
}

/// Writes a product as the object that [`parse_object`] reads back to the same product.
pub fn to_json(product: &Product) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            row.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.clone().map(Value::String);
    put("id", Some(json!(product.id.as_str())));
    put("title", Some(localized(&product.title)));
    put("description", product.description.as_ref().map(localized));
    put("link", Some(json!(product.link.as_str())));
    put("image_link", text(&product.image_link));
    put("price", Some(json!(product.price.to_string())));
    put("sale_price", product.sale.as_ref().map(|sale| json!(sale.price.to_string())));
    let period = product.sale.as_ref().and_then(|sale| sale.period);
    put("sale_price_effective_date", period.map(|p| json!(format!("{}/{}", p.start, p.end))));
    put("availability", Some(json!(product.availability.as_str())));
    put("brand", text(&product.brand));
    put("gtin", text(&product.gtin));
    put("mpn", text(&product.mpn));
    put("condition", text(&product.condition));
    put("item_group_id", text(&product.item_group_id));
    put("product_type", product.product_type.as_ref().map(localized));
    put("attributes", (!product.attributes.is_empty()).then(|| attributes(&product.attributes)));
    put("seller", product.seller.as_ref().map(|s| json!({"id": s.id, "name": s.name})));
    put("rating", product.rating.map(figure));
    put("review_count", product.review_count.map(|n| json!(n)));
    put("sales", product.sales.map(|n| json!(n)));
    let reviews = || product.reviews.iter().map(|r| json!({"text": localized(&r.text), "rating": r.rating.map(figure)})).collect();
    put("reviews", (!product.reviews.is_empty()).then(|| Value::Array(reviews())));
    put("updated_at", product.updated_at.map(|t| json!(t.to_string())));
    Value::Object(row)
}

fn localized(text: &Localized) -> Value {
    match text {
        Localized::Plain(text) => json!(text),
        Localized::Both { zh, en } => json!({"zh": zh, "en": en}),
    }
}

/// The object form, unless a name is given in two languages: then the list form.
fn attributes(attributes: &[Attribute]) -> Value {
    if attributes.iter().any(|a| matches!(a.name, Localized::Both { .. })) {
        return attributes.iter().map(|a| json!({"name": localized(&a.name), "value": values(a)})).collect();
    }
    Value::Object(attributes.iter().map(|a| (a.name.get(Lang::En).to_owned(), values(a))).collect())
}

/// Values in one language or two; a single value without a list around it.
fn values(attribute: &Attribute) -> Value {
    match <[Value; 1]>::try_from(attribute.values.iter().map(value).collect::<Vec<_>>()) {
        Ok([one]) => one,
        Err(list) => Value::Array(list),
    }
}

fn value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => localized(text),
        AttributeValue::Number { value, unit: None } => figure(*value),
        AttributeValue::Number { value, unit: Some(unit) } => json!({"value": figure(*value), "unit": unit}),
    }
}

fn figure(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}
