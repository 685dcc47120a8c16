//! `daogou stats`: what the catalog holds.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::{DONE, open, print};
use crate::catalog::{Currency, Lang, Money};
use crate::config::Config;
use crate::shop::Shop;

#[derive(Debug, Args)]
pub struct Stats {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Counts over every record; prices by currency, in minor units.
#[derive(Default)]
struct Counts {
    products: u64,
    categories: BTreeMap<String, u64>,
    prices: BTreeMap<&'static str, Vec<i64>>,
    attributes: BTreeMap<String, u64>,
    availability: BTreeMap<&'static str, u64>,
    reviews: u64,
    rated: u64,
}

impl Stats {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let shop = open::shop(config, false)?;
        let counts = count(&shop)?;
        let coverage = coverage(&shop)?;
        if self.json {
            print(&object(&counts, &coverage, &shop).to_string())?
        } else {
            print(&text(&counts, &coverage, &shop))?
        }
        Ok(DONE)
    }
}

fn count(shop: &Shop) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    shop.store().each(|_, product| {
        counts.products += 1;
        let category = product.product_type.as_ref().map_or("", |t| t.get(Lang::En));
        *counts.categories.entry(category.to_owned()).or_default() += 1;
        counts.prices.entry(product.price.currency().code()).or_default().push(product.price.minor());
        product.attributes.iter().for_each(|a| *counts.attributes.entry(a.key.clone()).or_default() += 1);
        *counts.availability.entry(product.availability.as_str()).or_default() += 1;
        counts.reviews += product.reviews.len() as u64;
        counts.rated += u64::from(product.rating.is_some());
        Ok(())
    })?;
    counts.prices.values_mut().for_each(|list| list.sort_unstable());
    Ok(counts)
}

/// Quantiles by nearest rank.
const QUANTILES: [(&str, f64); 5] = [("min", 0.0), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("max", 1.0)];

fn quantile(sorted: &[i64], share: f64) -> i64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

fn price(minor: i64, code: &str) -> String {
    Currency::parse(code).and_then(|c| Money::from_minor(minor, c)).map(|m| m.to_string()).unwrap_or_default()
}

fn object(counts: &Counts, coverage: &Coverage, shop: &Shop) -> Value {
    let prices: BTreeMap<&str, Value> = counts
        .prices
        .iter()
        .map(|(code, list)| {
            (
                *code,
                QUANTILES
                    .iter()
                    .map(|(name, share)| ((*name).to_owned(), json!(price(quantile(list, *share), code))))
                    .collect::<serde_json::Map<_, _>>()
                    .into(),
            )
        })
        .collect();
    let stated: BTreeMap<&String, Value> = counts
        .attributes
        .iter()
        .map(|(key, n)| (key, json!({"products": n, "share": (*n as f64 / counts.products.max(1) as f64 * 1e4).round() / 1e4})))
        .collect();
    json!({
        "products": counts.products,
        "categories": counts.categories.iter().map(|(path, n)| json!({"path": path, "products": n, "guide": has_guide(shop, path)})).collect::<Vec<_>>(),
        "prices": prices,
        "availability": counts.availability,
        "attributes": stated,
        "rated": counts.rated,
        "reviews": counts.reviews,
        "knowledge": {
            "guides": coverage.guides,
            "pieces": coverage.pieces,
            "without_guide": counts.categories.keys().filter(|path| !has_guide(shop, path)).collect::<Vec<_>>(),
            "scenes": coverage.scenes,
            "scenes_lacking": coverage.lacking.iter().map(|(id, slots)| json!({"scene": id, "slots": slots})).collect::<Vec<_>>(),
        },
    })
}

/// What is known, and which scenes this shelf cannot serve wholly.
struct Coverage {
    guides: usize,
    /// Pieces of advice in all guides.
    pieces: usize,
    /// Scenes by role.
    scenes: BTreeMap<&'static str, usize>,
    /// Scenes whose kit lacks something here, with the names of those slots.
    lacking: Vec<(String, Vec<String>)>,
}

fn coverage(shop: &Shop) -> anyhow::Result<Coverage> {
    let knowledge = shop.knowledge();
    let mut scenes: BTreeMap<&'static str, usize> = BTreeMap::new();
    knowledge.scenes.iter().for_each(|scene| *scenes.entry(scene.persona.as_str()).or_default() += 1);
    let missing = shop.missing_for_scenes(Lang::En)?;
    Ok(Coverage {
        guides: knowledge.guides.each().count(),
        pieces: knowledge.guides.each().flat_map(|guide| &guide.dimensions).map(|dimension| dimension.pieces.len()).sum(),
        scenes,
        lacking: missing.into_iter().filter(|(_, slots)| !slots.is_empty()).map(|(scene, slots)| (scene.id.clone(), slots)).collect(),
    })
}

fn has_guide(shop: &Shop, path: &str) -> bool {
    let knowledge = shop.knowledge();
    knowledge.taxonomy.by_path(&crate::taxonomy::path_key(path)).is_some_and(|c| knowledge.guides.of(&c.id).is_some())
}

fn text(counts: &Counts, coverage: &Coverage, shop: &Shop) -> String {
    let mut lines = vec![format!("{} products, {} rated, {} reviews", counts.products, counts.rated, counts.reviews)];
    lines.push(format!("stock: {}", counts.availability.iter().map(|(word, n)| format!("{word} {n}")).collect::<Vec<_>>().join(", ")));
    for (code, list) in &counts.prices {
        lines.push(format!(
            "prices: {}",
            QUANTILES.iter().map(|(name, share)| format!("{name} {}", price(quantile(list, *share), code))).collect::<Vec<_>>().join(", ")
        ));
    }
    lines.push(String::new());
    lines.push("categories:".to_owned());
    lines.extend(
        counts
            .categories
            .iter()
            .map(|(path, n)| format!("  {n:>7}  {}{}", if path.is_empty() { "(none)" } else { path }, if has_guide(shop, path) { "  (guide)" } else { "" })),
    );
    lines.push(String::new());
    lines.push("attributes, by how many products state them:".to_owned());
    let mut attributes: Vec<(&String, &u64)> = counts.attributes.iter().collect();
    attributes.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    lines.extend(attributes.iter().take(40).map(|(key, n)| format!("  {n:>7}  {:>5.1} %  {key}", **n as f64 / counts.products.max(1) as f64 * 100.0)));
    if attributes.len() > 40 {
        lines.push(format!("  … and {} more; --json has all", attributes.len() - 40));
    }
    let by_role: Vec<String> = coverage.scenes.iter().map(|(role, n)| format!("{role} {n}")).collect();
    lines.push(String::new());
    lines.push(format!("knowledge: {} guides with {} pieces of advice; scenes: {}", coverage.guides, coverage.pieces, by_role.join(", ")));
    if !coverage.lacking.is_empty() {
        lines.push("scenes for which this shelf lacks something:".to_owned());
        lines.extend(coverage.lacking.iter().map(|(id, slots)| format!("  {id}: {}", slots.join(", "))));
    }
    lines.join("\n")
}
