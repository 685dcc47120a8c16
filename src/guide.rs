//! How to choose: guides written for a category, and the [`Plan`] made from them for one need.

pub mod facets;
pub mod plan;
pub mod recall;
pub mod scene;
pub mod when;

use std::collections::HashMap;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::catalog::Lang;
use crate::knowledge::{Bilingual, Files};
use crate::lexicon::{Lexicon, Units};
use crate::need::Comparison;
use crate::taxonomy::{Category, Taxonomy};
use crate::text;

pub use plan::{Advice, Dimension, Evidence, Plan};
pub use when::When;

/// Something to prefer or to avoid.
#[derive(Debug, Clone, PartialEq)]
pub enum Preference {
    /// A value of an attribute.
    Value {
        attribute: String,
        key: String,
        label: Bilingual,
        /** Folded words for it, to meet other catalogs. */
        words: Vec<String>,
    },
    /// A comparison on a number, in the base unit of its dimension.
    Range { attribute: String, comparison: Comparison, dimension: String, base: f64, label: Bilingual },
}

impl Preference {
    pub fn attribute(&self) -> &str {
        match self {
            Self::Value { attribute, .. } | Self::Range { attribute, .. } => attribute,
        }
    }

    pub fn label(&self, lang: Lang) -> &str {
        match self {
            Self::Value { label, .. } | Self::Range { label, .. } => label.get(lang),
        }
    }
}

/// One piece of advice in a dimension.
#[derive(Debug, Clone)]
pub struct Piece {
    pub id: String,
    pub when: When,
    pub advice: Bilingual,
    pub prefer: Vec<Preference>,
    pub avoid: Vec<Preference>,
}

/// One dimension of a guide. Its first piece is for everybody.
#[derive(Debug, Clone)]
pub struct GuideDimension {
    pub id: String,
    pub name: Bilingual,
    pub attribute: String,
    pub pieces: Vec<Piece>,
}

/// How to choose in one category.
#[derive(Debug, Clone)]
pub struct Guide {
    pub category: String,
    pub general: Bilingual,
    pub dimensions: Vec<GuideDimension>,
}

impl Guide {
    /// Everything it says, the advice for everybody and for some.
    pub fn texts(&self) -> impl Iterator<Item = &Bilingual> {
        self.dimensions.iter().flat_map(|d| &d.pieces).map(|piece| &piece.advice).chain([&self.general])
    }

    /// Whether some piece of advice is for this trait.
    pub fn answers(&self, trait_id: &str) -> bool {
        self.pieces_for(trait_id) > 0
    }

    /// How many pieces of advice are for this trait.
    pub fn pieces_for(&self, trait_id: &str) -> usize {
        self.dimensions.iter().flat_map(|d| &d.pieces).filter(|p| p.when.traits().any(|id| id == trait_id)).count()
    }
}

/// All guides, by category id.
#[derive(Debug, Clone)]
pub struct Guides {
    by_category: HashMap<String, Guide>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuideFile {
    category: String,
    general: Bilingual,
    #[serde(rename = "dimension")]
    dimensions: Vec<DimensionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionFile {
    id: String,
    name: Bilingual,
    attribute: String,
    #[serde(rename = "piece")]
    pieces: Vec<PieceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PieceFile {
    id: String,
    #[serde(default)]
    when: When,
    advice: Bilingual,
    #[serde(default)]
    prefer: Vec<String>,
    #[serde(default)]
    avoid: Vec<String>,
}

impl Guides {
    pub(crate) fn load(files: &Files, taxonomy: &Taxonomy, lexicon: &Lexicon) -> anyhow::Result<Self> {
        let mut by_category = HashMap::new();
        for file in files.list("guides")? {
            let raw: GuideFile = file.parse()?;
            let category = taxonomy
                .by_id(&raw.category)
                .with_context(|| format!("`{}` guides the category `{}`, which is not in categories/", file.path, raw.category))?;
            let guide = read_guide(raw, category, lexicon).with_context(|| format!("cannot use `{}`", file.path))?;
            by_category.insert(guide.category.clone(), guide);
        }
        Ok(Self { by_category })
    }

    pub fn of(&self, category_id: &str) -> Option<&Guide> {
        self.by_category.get(category_id)
    }

    pub fn each(&self) -> impl Iterator<Item = &Guide> {
        self.by_category.values()
    }
}

fn read_guide(raw: GuideFile, category: &Category, lexicon: &Lexicon) -> anyhow::Result<Guide> {
    let mut dimensions = Vec::new();
    for dimension in raw.dimensions {
        let mut pieces = Vec::new();
        for piece in dimension.pieces {
            let place = format!("{}#{}.{}", raw.category, dimension.id, piece.id);
            if let Some(unknown) = piece.when.traits().find(|id| lexicon.trait_by_id(id).is_none()) {
                bail!("{place} asks for the trait `{unknown}`, which is not in lexicon/traits/");
            }
            if piece.when.is_empty() != pieces.is_empty() {
                bail!("{place}: the first piece of a dimension is for everybody, all others have `when`");
            }
            let read = |list: &[String]| -> anyhow::Result<Vec<Preference>> {
                list.iter().map(|item| preference(item, &dimension.attribute, category, &lexicon.units).with_context(|| place.clone())).collect()
            };
            pieces.push(Piece { prefer: read(&piece.prefer)?, avoid: read(&piece.avoid)?, id: piece.id, when: piece.when, advice: piece.advice });
        }
        if pieces.is_empty() {
            bail!("the dimension `{}` has no advice", dimension.id);
        }
        dimensions.push(GuideDimension { id: dimension.id, name: dimension.name, attribute: dimension.attribute, pieces });
    }
    Ok(Guide { category: raw.category, general: raw.general, dimensions })
}

/// Reads "newsboy", "material=wool" or "brim>=6" against a category's vocabulary.
fn preference(item: &str, default_attribute: &str, category: &Category, units: &Units) -> anyhow::Result<Preference> {
    let at = item.find(['<', '>', '=']);
    let (attribute, operator, operand) = match at {
        None => (default_attribute, "=", item.trim()),
        Some(at) => {
            let operator = if item[at + 1..].starts_with('=') { &item[at..at + 2] } else { &item[at..=at] };
            (item[..at].trim(), operator, item[at + operator.len()..].trim())
        }
    };
    let definition = category.attribute(attribute).with_context(|| format!("`{item}` names the attribute `{attribute}`, which the category does not have"))?;
    if let Some(value) = definition.value(operand).filter(|_| operator == "=") {
        let words = value.words().map(text::phrase_key).collect();
        return Ok(Preference::Value {
            attribute: attribute.to_owned(),
            key: value.key().to_owned(),
            label: Bilingual { zh: value.zh.clone(), en: value.en.clone() },
            words,
        });
    }
    let Some(unit) = definition.unit.as_deref() else {
        bail!("`{item}` is no value of `{attribute}`; it has {}", definition.values.iter().map(|v| v.id.as_str()).collect::<Vec<_>>().join(", "));
    };
    let unit = units.find(unit).with_context(|| format!("the attribute `{attribute}` is in `{unit}`, which is not in lexicon/units.toml"))?;
    let comparison = Comparison::parse(operator).with_context(|| format!("`{item}` has no comparison"))?;
    let figure: f64 = operand.parse().with_context(|| format!("`{item}` does not compare with a number"))?;
    let show = |lang: Lang| format!("{} {} {}", definition.name.get(lang), comparison.sign(), unit.show(figure, lang));
    Ok(Preference::Range {
        attribute: attribute.to_owned(),
        comparison,
        dimension: unit.dimension.clone(),
        base: figure * unit.factor,
        label: Bilingual { zh: show(Lang::Zh), en: show(Lang::En) },
    })
}
