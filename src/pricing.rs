//! What a product really costs now, step by step. Only what the record states: today a sale price and its period.

use crate::catalog::{Money, Product};

/// One step from the list price to what is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceStep {
    /// What it is: "sale".
    pub kind: &'static str,
    pub before: Money,
    pub after: Money,
}

/// The price to pay and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalPrice {
    pub total: Money,
    pub steps: Vec<PriceStep>,
}

/// The price at a moment.
pub fn final_price(product: &Product, now: jiff::Timestamp) -> FinalPrice {
    let on_sale = product.sale.as_ref().filter(|sale| sale.period.is_none_or(|p| p.start <= now && now < p.end));
    match on_sale {
        Some(sale) if sale.price.minor() < product.price.minor() => {
            FinalPrice { total: sale.price, steps: vec![PriceStep { kind: "sale", before: product.price, after: sale.price }] }
        }
        _ => FinalPrice { total: product.price, steps: Vec::new() },
    }
}
