//! Everything that names a thing or a property, as phrases: our categories, the lexicon, and the catalog's own vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use super::correct;
use super::phrasebook::{Meaning, Phrasebook};
use crate::index::Vocabulary;
use crate::knowledge::Knowledge;
use crate::text;

/// A word that this many categories call a property is no name for a kind of product of another.
const MANY_CATEGORIES: usize = 3;

/// Phrases that are a property in so many categories that they name a kind of product in none: "不锈钢" is no wok.
fn properties_of_many(knowledge: &Knowledge) -> BTreeSet<String> {
    let mut homes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for category in knowledge.taxonomy.each() {
        for value in category.attributes.iter().filter(|a| !a.kind_of_product).flat_map(|a| &a.values) {
            value.words().for_each(|word| _ = homes.entry(text::phrase_key(word)).or_default().insert(&category.id));
        }
    }
    homes.into_iter().filter(|(_, homes)| homes.len() >= MANY_CATEGORIES).map(|(phrase, _)| phrase).collect()
}

/// Everything that names a thing or a property.
pub fn phrases(knowledge: &Knowledge, vocabulary: &Vocabulary) -> Phrasebook<Meaning> {
    let mut book = Phrasebook::default();
    let of_many = properties_of_many(knowledge);
    for category in knowledge.taxonomy.each() {
        for name in category.names.each() {
            book.add(name, Meaning::Category(category.id.clone()));
        }
        for name in &category.names.zh {
            correct::pinyin_forms(name).into_iter().for_each(|form| book.add(&form, Meaning::Category(category.id.clone())));
        }
        for attribute in &category.attributes {
            book.add(&attribute.name.zh, Meaning::AttributeName(attribute.id.clone()));
            book.add(&attribute.name.en, Meaning::AttributeName(attribute.id.clone()));
            for value in &attribute.values {
                // "60%" is a figure, not a word.
                for word in value.words().filter(|word| !text::phrase_key(word).chars().all(|c| c.is_ascii_digit() || " .-".contains(c))) {
                    let (category, attribute_id, value) = (category.id.clone(), attribute.id.clone(), value.id.clone());
                    let kind_of_product = attribute.kind_of_product && !of_many.contains(&text::phrase_key(word));
                    book.add(word, Meaning::Value { category, attribute: attribute_id, value, kind_of_product });
                }
            }
        }
    }
    for (place, umbrella) in knowledge.taxonomy.umbrellas.iter().enumerate() {
        umbrella.names.each().for_each(|name| book.add(name, Meaning::Umbrella(place)));
    }
    for (place, color) in knowledge.lexicon.colors.iter().enumerate() {
        color.zh.iter().chain(&color.en).for_each(|word| book.add(word, Meaning::Color(place)));
    }
    for (place, known) in knowledge.lexicon.traits.iter().enumerate() {
        known.zh.iter().chain(&known.en).for_each(|phrase| book.add(phrase.trim_start_matches('*'), Meaning::Trait(place)));
    }
    for (at, department) in knowledge.lexicon.goods.departments.iter().enumerate() {
        for (good, words) in department.goods.iter().enumerate() {
            words.each().for_each(|word| book.add(word, Meaning::Goods(at, good)));
        }
    }
    for (name, key) in knowledge.lexicon.attribute_names.each() {
        book.add(name, Meaning::AttributeName(key.to_owned()));
    }
    for category in vocabulary.categories.iter().filter(|c| knowledge.taxonomy.by_path(&c.key).is_none()) {
        for leaf in category.path.each().filter_map(|path| path.rsplit(" > ").next()).filter(|leaf| leaf.chars().filter(|c| c.is_alphabetic()).count() > 1) {
            book.add(leaf, Meaning::CatalogCategory(category.key.clone()));
        }
    }
    catalog_values(vocabulary, &mut book);
    book
}

/// The values of the catalog itself; of a brand in two scripts ("北巷 Northlane") each part too.
fn catalog_values(vocabulary: &Vocabulary, book: &mut Phrasebook<Meaning>) {
    for (attribute, known) in &vocabulary.attributes {
        for value in &known.values {
            for phrase in &value.phrases {
                let figures_only = phrase.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ' ' || c == '-');
                if figures_only || phrase.chars().count() < 2 {
                    continue;
                }
                let meaning = |phrase: &str| Meaning::CatalogValue { attribute: attribute.clone(), key: value.key.clone(), phrase: phrase.to_owned() };
                book.add_key(phrase.clone(), meaning(phrase));
                if attribute == "brand" {
                    let is_han = |word: &&str| word.chars().all(text::is_han);
                    let (han, latin): (Vec<&str>, Vec<&str>) = phrase.split(' ').partition(is_han);
                    for part in [han, latin].into_iter().filter(|part| part.len() > 1 || part.iter().any(|w| w.chars().count() > 2)) {
                        let part = part.join(" ");
                        book.add_key(part.clone(), meaning(&part));
                    }
                }
            }
        }
    }
}
