//! The catalog that ships: compact rows under `index/sample/`, spelled out with the vocabulary of their category.

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::feed::jsonl;
use super::{Product, picture};
use crate::knowledge::{Bilingual, Files, Knowledge};
use crate::taxonomy::{AttributeDef, Category};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    link_base: String,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shelf {
    category: String,
    updated: String,
    #[serde(rename = "product")]
    products: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    title: Bilingual,
    brand: String,
    price: String,
    sale_price: Option<String>,
    rating: Option<f64>,
    review_count: Option<u64>,
    sales: Option<u64>,
    availability: Option<String>,
    updated: Option<String>,
    attributes: toml::Table,
    description: Bilingual,
    reviews: Vec<Review>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    rating: u8,
    zh: String,
    en: String,
}

/// Reads the whole sample catalog. Errors name the file and the product.
pub fn load(files: &Files, knowledge: &Knowledge) -> anyhow::Result<Vec<Product>> {
    let shop: Shop = files.one("shop.toml")?.parse()?;
    let mut products = Vec::new();
    for file in files.list("sample")? {
        let shelf: Shelf = file.parse()?;
        let category = knowledge
            .taxonomy
            .by_id(&shelf.category)
            .with_context(|| format!("`{}` fills the category `{}`, which is not in categories/", file.path, shelf.category))?;
        for row in &shelf.products {
            let object = spell_out(row, &shelf, category, &shop).with_context(|| format!("cannot use `{}` of `{}`", row.id, file.path))?;
            match jsonl::parse_object(&object, &knowledge.lexicon.attribute_names) {
                Ok(product) => products.push(product),
                Err(reject) => bail!("`{}` of `{}`: field `{}` is `{}`, wanted {}", row.id, file.path, reject.field, reject.found, reject.wanted),
            }
        }
    }
    Ok(products)
}

fn spell_out(row: &Row, shelf: &Shelf, category: &Category, shop: &Shop) -> anyhow::Result<Map<String, Value>> {
    let mut attributes = Map::new();
    for (id, value) in &row.attributes {
        let definition = category.attribute(id).with_context(|| format!("the category has no attribute `{id}`"))?;
        let values = match value {
            toml::Value::Array(list) => list.iter().map(|one| attribute_value(one, definition)).collect::<anyhow::Result<Vec<_>>>()?,
            one => vec![attribute_value(one, definition)?],
        };
        attributes.insert(id.clone(), Value::Array(values));
    }
    let money = |amount: &str| format!("{amount} {}", shop.currency);
    let both = |text: &Bilingual| json!({"zh": text.zh, "en": text.en});
    let reviews: Vec<Value> = row.reviews.iter().map(|r| json!({"text": {"zh": r.zh, "en": r.en}, "rating": r.rating})).collect();
    let color = match row.attributes.get("color") {
        Some(toml::Value::Array(colors)) => colors.first().and_then(toml::Value::as_str),
        color => color.and_then(toml::Value::as_str),
    };
    let object = json!({
        "id": row.id,
        "title": both(&row.title),
        "description": both(&row.description),
        "link": format!("{}{}", shop.link_base, row.id),
        "price": money(&row.price),
        "sale_price": row.sale_price.as_deref().map(money),
        "availability": row.availability.as_deref().unwrap_or("in_stock"),
        "image_link": picture::path(&category.id, color),
        "brand": row.brand,
        "product_type": both(&category.path),
        "attributes": attributes,
        "rating": row.rating,
        "review_count": row.review_count,
        "sales": row.sales,
        "reviews": reviews,
        "updated_at": format!("{}T00:00:00Z", row.updated.as_deref().unwrap_or(&shelf.updated)),
    });
    match object {
        Value::Object(map) => Ok(map),
        _ => bail!("a row is an object"),
    }
}

fn attribute_value(value: &toml::Value, definition: &AttributeDef) -> anyhow::Result<Value> {
    match (value, &definition.unit) {
        (toml::Value::Integer(figure), Some(unit)) => Ok(json!({"value": figure, "unit": unit})),
        (toml::Value::Float(figure), Some(unit)) => Ok(json!({"value": figure, "unit": unit})),
        (toml::Value::String(id), None) => {
            let value = definition.value(id).with_context(|| format!("`{}` has no value `{id}`", definition.id))?;
            Ok(json!({"zh": value.zh, "en": value.en}))
        }
        _ => bail!("`{}` is `{value}`, wanted {}", definition.id, if definition.unit.is_some() { "a number" } else { "the id of a value" }),
    }
}
