//! The fields of the search index and how a product fills them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions, OwnedValue, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};

use super::analysis::Analyzer;
use super::heads::{heads, mentions};
use crate::catalog::attribute::Value;
use crate::catalog::store::Slot;
use crate::catalog::{Availability, Lang, Localized, Product};
use crate::lexicon::Units;
use crate::need::check::base_measure;
use crate::taxonomy::path_key;
use crate::text;

/// Raised whenever the fields, the analysis or the meaning of a term changes; an index of another version is rebuilt.
pub const VERSION: u32 = 9;

/// Separates the parts of a facet or label term; no text contains it.
pub const SEPARATOR: char = '\u{1f}';

/// What a field's text is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Words, figures and model names.
    Words,
    /// Single Han characters and pairs of them.
    Grams,
}

/// A field that is searched as text.
pub struct TextField {
    pub name: &'static str,
    pub tokens: Tokens,
    /// How much one occurrence counts in BM25F.
    pub weight: f32,
    /// How far a longer text lowers it, 0 to 1.
    pub length: f32,
}

/// The fields that are searched as text.
pub const TEXT_FIELDS: [TextField; 8] = [
    TextField { name: "title", tokens: Tokens::Words, weight: 6.0, length: 0.5 },
    TextField { name: "category", tokens: Tokens::Words, weight: 6.0, length: 0.5 },
    TextField { name: "brand", tokens: Tokens::Words, weight: 6.0, length: 0.5 },
    TextField { name: "attributes", tokens: Tokens::Words, weight: 1.0, length: 0.9 },
    TextField { name: "description", tokens: Tokens::Words, weight: 2.0, length: 0.9 },
    TextField { name: "reviews", tokens: Tokens::Words, weight: 0.3, length: 0.75 },
    TextField { name: "title_grams", tokens: Tokens::Grams, weight: 1.0, length: 0.4 },
    TextField { name: "other_grams", tokens: Tokens::Grams, weight: 0.4, length: 0.4 },
];

/// What a token of a question is; each kind has its share in the text score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word or figure that is not Han.
    Word,
    /// A figure with its unit, in the base unit of its dimension.
    Measure,
    /// A Han word, as the segmenter cuts it.
    HanWord,
    /// A Han character.
    Character,
    /// Two neighboring Han characters.
    Pair,
}

impl TokenKind {
    /// The kind of field it stands in.
    pub fn tokens(self) -> Tokens {
        match self {
            Self::Word | Self::Measure | Self::HanWord => Tokens::Words,
            Self::Character | Self::Pair => Tokens::Grams,
        }
    }

    /// How much it counts. Segmenters err, so a Han text counts by its characters first.
    pub fn weight(self) -> f32 {
        match self {
            Self::Word | Self::Measure => 1.5,
            Self::Character => 1.0,
            Self::Pair => 0.5,
            Self::HanWord => 0.4,
        }
    }

    /// BM25's k1.
    pub fn saturation(self) -> f32 {
        match self {
            Self::Word | Self::Measure => 0.8,
            Self::HanWord | Self::Character | Self::Pair => 0.4,
        }
    }

    /// BM25's b where it is not the field's own: Chinese titles pile up words, and are no worse for it.
    pub fn length(self) -> Option<f32> {
        match self {
            Self::Word | Self::Measure => None,
            Self::HanWord | Self::Character | Self::Pair => Some(0.4),
        }
    }
}

/// Handles of the fields.
#[derive(Debug, Clone)]
pub struct Fields {
    pub schema: Schema,
    pub slot: Field,
    /// Text fields in the order of [`TEXT_FIELDS`].
    pub text: [Field; TEXT_FIELDS.len()],
    /// The title's atoms with positions: whether it contains a phrase.
    pub title_atoms: Field,
    /// The words by which a title calls the product, and under [`mention_term`] those it mentions at all.
    pub heads: Field,
    /// What a product is filtered and counted by: `c:` category, `v:` value, `h:` has the attribute, `m:` currency.
    pub facet: Field,
    /// What people call it: read once when the index is opened.
    pub label: Field,
    /// The list price, the sale price, and from when to when (unix seconds) that holds.
    pub price: Field,
    pub sale_price: Field,
    pub sale_from: Field,
    pub sale_until: Field,
    pub rating: Field,
    pub review_count: Field,
    pub sales: Field,
    pub updated: Field,
    pub availability: Field,
    /// Figures by attribute and dimension, in base units: see [`measure_column`].
    pub measures: Field,
}

impl Fields {
    pub fn new() -> Self {
        let mut builder = Schema::builder();
        let indexed = |option| TextOptions::default().set_indexing_options(TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option));
        let slot = builder.add_u64_field("slot", INDEXED | FAST);
        let text = TEXT_FIELDS.map(|known| builder.add_text_field(known.name, indexed(IndexRecordOption::WithFreqs)));
        let title_atoms = builder.add_text_field("title_atoms", indexed(IndexRecordOption::WithFreqsAndPositions));
        let facet = builder.add_text_field("facet", STRING.set_fast("raw"));
        let label = builder.add_text_field("label", STRING);
        let price = builder.add_i64_field("price", FAST);
        let [sale_price, sale_from, sale_until] = ["sale_price", "sale_from", "sale_until"].map(|name| builder.add_i64_field(name, FAST));
        let heads = builder.add_text_field("heads", STRING);
        let rating = builder.add_f64_field("rating", FAST);
        let review_count = builder.add_u64_field("review_count", FAST);
        let sales = builder.add_u64_field("sales", FAST);
        let updated = builder.add_i64_field("updated", FAST);
        let availability = builder.add_u64_field("availability", FAST);
        let measures = builder.add_json_field("measures", JsonObjectOptions::default().set_fast("raw"));
        Self {
            schema: builder.build(),
            slot,
            text,
            title_atoms,
            facet,
            label,
            price,
            sale_price,
            sale_from,
            sale_until,
            heads,
            rating,
            review_count,
            sales,
            updated,
            availability,
            measures,
        }
    }

    /// Turns a product into a document.
    pub fn document(&self, slot: Slot, product: &Product, analyzer: &Analyzer, units: &Units) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_u64(self.slot, slot);
        let attribute_texts: Vec<String> = product.attributes.iter().flat_map(|a| attribute_text(a, units)).collect();
        let whole = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::to_owned).collect::<Vec<_>>();
        let title = whole(&mut product.title.each());
        let category = product.product_type.as_ref().map(|t| whole(&mut t.each())).unwrap_or_default();
        let brand: Vec<String> = product.brand.iter().cloned().collect();
        let description = product.description.as_ref().map(|t| whole(&mut t.each())).unwrap_or_default();
        let reviews: Vec<String> = product.reviews.iter().flat_map(|r| r.text.each().map(str::to_owned)).collect();
        let other: Vec<String> = [&category, &brand, &attribute_texts].into_iter().flatten().cloned().collect();
        let texts = [&title, &category, &brand, &attribute_texts, &description, &reviews, &title, &other];
        for ((field, known), texts) in self.text.iter().zip(&TEXT_FIELDS).zip(texts) {
            let tokens = match known.tokens {
                // Parts of names are found, but do not count as what the title says.
                Tokens::Words if known.name == "attributes" => {
                    let measures = texts.iter().flat_map(|t| analyzer.measures(t)).collect::<BTreeSet<_>>();
                    texts.iter().flat_map(|t| analyzer.words(t)).chain(title.iter().flat_map(|t| analyzer.name_parts(t))).chain(measures).collect()
                }
                Tokens::Words if known.name == "title" => {
                    texts.iter().flat_map(|t| analyzer.words(t)).chain(texts.iter().flat_map(|t| analyzer.measures(t)).collect::<BTreeSet<_>>()).collect()
                }
                Tokens::Words => texts.iter().flat_map(|t| analyzer.words(t)).collect(),
                Tokens::Grams => texts.iter().flat_map(|t| analyzer.grams(t)).collect(),
            };
            add_tokens(&mut document, *field, tokens);
        }
        for title in &title {
            let atoms = text::phrase_key(title).split(' ').map(str::to_owned).collect();
            add_tokens(&mut document, self.title_atoms, atoms);
        }
        for term in facet_terms(product) {
            document.add_text(self.facet, term);
        }
        for term in label_terms(product, units) {
            document.add_text(self.label, term);
        }
        document.add_i64(self.price, product.price.minor());
        if let Some(sale) = &product.sale {
            document.add_i64(self.sale_price, sale.price.minor());
            if let Some(period) = sale.period {
                document.add_i64(self.sale_from, period.start.as_second());
                document.add_i64(self.sale_until, period.end.as_second());
            }
        }
        let properties = trailing_properties(product);
        for head in title.iter().flat_map(|t| heads(t, &properties)).collect::<BTreeSet<_>>() {
            document.add_text(self.heads, head);
        }
        for name in title.iter().flat_map(|t| mentions(t)).collect::<BTreeSet<_>>() {
            document.add_text(self.heads, mention_term(&name));
        }
        if let Some(rating) = product.rating {
            document.add_f64(self.rating, rating);
        }
        document.add_u64(self.review_count, product.review_count.unwrap_or(0));
        document.add_u64(self.sales, product.sales.unwrap_or(0));
        if let Some(updated) = product.updated_at {
            document.add_i64(self.updated, updated.as_second());
        }
        document.add_u64(self.availability, Availability::ALL.iter().position(|a| *a == product.availability).unwrap_or(0) as u64);
        let mut measures: BTreeMap<String, Vec<OwnedValue>> = BTreeMap::new();
        for attribute in &product.attributes {
            for measure in attribute.values.iter().filter_map(|value| base_measure(value, units)) {
                measures.entry(measure_key(&attribute.key, measure.dimension)).or_default().push(OwnedValue::F64(measure.base));
            }
        }
        document.add_object(self.measures, measures.into_iter().map(|(key, figures)| (key, OwnedValue::Array(figures))).collect());
        document
    }
}

/// Where an attribute's figures of one dimension stand: a capacity in liters and one in milliampere hours are never compared.
fn measure_key(attribute: &str, dimension: &str) -> String {
    format!("{attribute}~{dimension}")
}

/// The column of an attribute's figures of one dimension; figures without a unit have the dimension "".
pub fn measure_column(attribute: &str, dimension: &str) -> String {
    format!("measures.{}", measure_key(attribute, dimension))
}

/// The words of a product's properties, which titles put behind what they call the thing; not those of its kind.
fn trailing_properties(product: &Product) -> HashSet<String> {
    let words = |text: &str| text::phrase_key(text).split(' ').map(str::to_owned).collect::<Vec<_>>();
    let kinds: HashSet<String> = product.product_type.iter().flat_map(|t| t.each().flat_map(words).collect::<Vec<_>>()).collect();
    let properties = product.attributes.iter().filter(|a| !a.key.contains("type") && !a.key.contains("category"));
    let texts = properties.flat_map(|a| &a.values).filter_map(|v| if let Value::Text(text) = v { Some(text) } else { None });
    texts.flat_map(|text| text.each().flat_map(words).collect::<Vec<_>>()).filter(|word| !kinds.contains(word)).collect()
}

fn add_tokens(document: &mut TantivyDocument, field: Field, tokens: Vec<String>) {
    if tokens.is_empty() {
        return;
    }
    let tokens = tokens.into_iter().enumerate().map(|(position, text)| Token { position, text, ..Token::default() }).collect();
    document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
}

/// The term, beside the strict heads, of a name that a title mentions.
pub fn mention_term(key: &str) -> String {
    format!("~{key}")
}

/// The facet term of a value.
pub fn value_term(attribute: &str, key: &str) -> String {
    format!("v:{attribute}{SEPARATOR}{key}")
}

/// The facet term that says an attribute is stated.
pub fn has_term(attribute: &str) -> String {
    format!("h:{attribute}")
}

/// The facet term of a category path, which holds for all below it.
pub fn category_term(path_key: &str) -> String {
    format!("c:{path_key}")
}

fn facet_terms(product: &Product) -> Vec<String> {
    let mut terms = vec![format!("m:{}", product.price.currency().code())];
    if let Some(path) = &product.product_type {
        terms.push(has_term("category"));
        let key = path_key(path.get(Lang::En));
        let mut end = 0;
        for part in key.split(" > ") {
            end += part.len();
            terms.push(category_term(&key[..end]));
            end += " > ".len();
        }
    }
    for attribute in &product.attributes {
        terms.push(has_term(&attribute.key));
        terms.extend(attribute.values.iter().filter_map(facet_key).map(|key| value_term(&attribute.key, &key)));
    }
    if let Some(brand) = product.brand.as_deref().and_then(Localized::plain) {
        terms.push(has_term("brand"));
        terms.push(value_term("brand", &brand.key()));
    }
    terms.sort();
    terms.dedup();
    terms
}

/// The canonical forms of what a record states of one attribute, as the index counts them.
pub fn facet_keys<'p>(product: &'p Product, attribute: &'p str) -> impl Iterator<Item = String> + 'p {
    let brand = product.brand.as_deref().filter(|_| attribute == "brand").and_then(Localized::plain).map(|brand| brand.key());
    product.attribute(attribute).into_iter().flat_map(|a| &a.values).filter_map(facet_key).chain(brand)
}

/// A longer text is prose, not a value to choose by.
const LONGEST_FACET: usize = 80;

/// The canonical form of a value that is counted and filtered; figures with units are measured instead.
fn facet_key(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if text.each().all(|t| t.chars().count() <= LONGEST_FACET) => Some(text.key()).filter(|k| !k.is_empty()),
        Value::Text(_) => None,
        Value::Number { unit: None, .. } => value.keys().pop(),
        Value::Number { .. } => None,
    }
}

/// `c`, path key, Chinese path, English path; `v`, attribute, value key, Chinese, English; `a`, attribute, the feed's name;
/// `n`, attribute, unit.
fn label_terms(product: &Product, units: &Units) -> Vec<String> {
    let join = |parts: &[&str]| parts.join(&SEPARATOR.to_string());
    let mut terms = Vec::new();
    if let Some(path) = &product.product_type {
        terms.push(join(&["c", &path_key(path.get(Lang::En)), path.get(Lang::Zh), path.get(Lang::En)]));
    }
    for attribute in &product.attributes {
        terms.push(join(&["a", &attribute.key, attribute.name.get(Lang::Zh), attribute.name.get(Lang::En)]));
        for value in &attribute.values {
            match value {
                Value::Text(text) => terms.extend(facet_key(value).map(|key| join(&["v", &attribute.key, &key, text.get(Lang::Zh), text.get(Lang::En)]))),
                Value::Number { unit, .. } => {
                    let unit = unit.as_deref().and_then(|u| units.find(u)).map_or("", |u| u.id.as_str());
                    terms.push(join(&["n", &attribute.key, unit]));
                }
            }
        }
    }
    if let Some(brand) = product.brand.as_deref().and_then(Localized::plain) {
        terms.push(join(&["v", "brand", &brand.key(), brand.get(Lang::Zh), brand.get(Lang::En)]));
    }
    terms.sort();
    terms.dedup();
    terms
}

fn attribute_text(attribute: &crate::catalog::Attribute, units: &Units) -> Vec<String> {
    let mut texts: Vec<String> = attribute.name.each().map(|name| name.replace('_', " ")).collect();
    for value in &attribute.values {
        match value {
            Value::Text(text) => texts.extend(text.each().map(str::to_owned)),
            Value::Number { value: figure, unit } => match unit.as_deref().and_then(|u| units.find(u)) {
                Some(unit) => texts.extend(Lang::BOTH.map(|lang| unit.show(*figure, lang))),
                None => texts.push(value.show(Lang::En)),
            },
        }
    }
    texts
}
