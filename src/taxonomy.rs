//! Categories we know: where they hang in the tree, the words for them, and the vocabulary of their attributes.

use std::collections::HashMap;

use anyhow::bail;
use serde::Deserialize;

use crate::catalog::{Lang, Localized};
use crate::knowledge::{Bilingual, Files, WordList};
use crate::lexicon::PlainFigure;
use crate::text;

/// One value of a choice attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueDef {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// Other words for the same thing, in both languages.
    #[serde(default)]
    pub also: Vec<String>,
    /// The comparable form, worked out once.
    #[serde(skip)]
    key: String,
}

impl ValueDef {
    pub fn label(&self, lang: Lang) -> &str {
        if lang == Lang::Zh { &self.zh } else { &self.en }
    }

    /// The value as a product record holds it.
    pub fn localized(&self) -> Localized {
        Localized::new(Some(self.zh.clone()), Some(self.en.clone())).unwrap_or_else(|| Localized::Plain(self.id.clone()))
    }

    /// The comparable form, as in constraints and in the index.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Every word for it.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        [self.zh.as_str(), self.en.as_str()].into_iter().chain(self.also.iter().map(String::as_str))
    }
}

/// An attribute of a category: a choice among values, or a number in a unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeDef {
    pub id: String,
    pub name: Bilingual,
    /// Its values are names for kinds of the product.
    #[serde(default)]
    pub kind_of_product: bool,
    #[serde(default)]
    pub unit: Option<String>,
    /// What a figure without a bounding word asks for, where it is not what the unit says.
    #[serde(default)]
    pub plain: Option<PlainFigure>,
    #[serde(default)]
    pub values: Vec<ValueDef>,
}

impl AttributeDef {
    pub fn value(&self, id: &str) -> Option<&ValueDef> {
        self.values.iter().find(|v| v.id == id)
    }
}

/// A leaf category.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub path: Bilingual,
    /// Its outline as SVG path data within 24 by 24 units, for pictures of sample products.
    #[serde(default)]
    pub icon: String,
    /// Plausible prices of the sample products, in CNY.
    pub price_band: [u32; 2],
    pub names: WordList,
    #[serde(rename = "attribute")]
    pub attributes: Vec<AttributeDef>,
    /// The comparable form of its path, worked out once.
    #[serde(skip)]
    key: String,
}

impl Category {
    /// The comparable form of its path.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What people call it.
    pub fn name(&self, lang: Lang) -> &str {
        let names = if lang == Lang::Zh { &self.names.zh } else { &self.names.en };
        names.first().map_or(self.id.as_str(), String::as_str)
    }

    /// How it is headed in an answer: the Chinese name, or the last part of the English path, which is a plural.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => self.name(lang),
            Lang::En => self.path.en.rsplit(" > ").next().unwrap_or(&self.path.en),
        }
    }

    pub fn attribute(&self, id: &str) -> Option<&AttributeDef> {
        self.attributes.iter().find(|a| a.id == id)
    }
}

/// A wider word and the categories it covers: 鞋, "footwear".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Umbrella {
    pub names: WordList,
    /// It names what people do ("camping"), and counts only where no thing is named at all.
    #[serde(default)]
    pub activity: bool,
    pub members: Vec<String>,
}

#[derive(Deserialize)]
struct UmbrellaFile {
    #[serde(default)]
    umbrella: Vec<Umbrella>,
}

/// All categories we know.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    categories: Vec<Category>,
    pub umbrellas: Vec<Umbrella>,
    by_key: HashMap<String, usize>,
    /// By every name of a category, folded: foreign catalogs meet ours here.
    by_name: HashMap<String, usize>,
}

impl Taxonomy {
    pub(crate) fn load(files: &Files) -> anyhow::Result<Self> {
        let mut categories = Vec::new();
        for file in files.list("categories")? {
            let mut category: Category = file.parse()?;
            category.key = path_key(&category.path.en);
            for value in category.attributes.iter_mut().flat_map(|a| &mut a.values) {
                value.key = value.localized().key();
            }
            if category.id != file.stem {
                bail!("`{}` holds the category `{}`, wanted `{}`", file.path, category.id, file.stem);
            }
            categories.push(category);
        }
        let umbrellas = files.one("lexicon/umbrella.toml")?.parse::<UmbrellaFile>()?.umbrella;
        let mut by_name = HashMap::new();
        for (index, category) in categories.iter().enumerate() {
            for name in category.names.each() {
                by_name.entry(text::phrase_key(name)).or_insert(index);
            }
        }
        let by_key = categories.iter().enumerate().map(|(place, category)| (category.key.clone(), place)).collect();
        Ok(Self { categories, umbrellas, by_key, by_name })
    }

    pub fn each(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter()
    }

    pub fn by_id(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|c| c.id == id)
    }

    /// The category that a catalog's path means: the same path, or a last part that is one of our names.
    pub fn by_path(&self, path_key: &str) -> Option<&Category> {
        if let Some(place) = self.by_key.get(path_key) {
            return self.categories.get(*place);
        }
        let leaf = path_key.rsplit(" > ").next()?;
        self.by_name.get(&text::phrase_key(leaf)).and_then(|index| self.categories.get(*index))
    }

    /// What an attribute is called in a category.
    pub fn attribute_label(&self, category: Option<&str>, key: &str, lang: Lang) -> Option<&str> {
        category.and_then(|id| self.by_id(id)).and_then(|c| c.attribute(key)).map(|a| a.name.get(lang))
    }
}

/// The comparable form of a category path: each part folded, joined by " > ".
pub fn path_key(path: &str) -> String {
    path.split('>').map(text::phrase_key_unstemmed).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" > ")
}
