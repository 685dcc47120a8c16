//! Properties: which attribute and value a phrase means in the categories at hand.

use super::constraints::Walk;
use super::phrasebook::{Meaning, Mention};
use crate::need::WantedValue;
use crate::taxonomy::Category;
use crate::text;

impl Walk<'_> {
    /// The attribute and value that a mention means in the categories at hand, if it is a property at all.
    pub(super) fn property(&self, mention: &Mention<Meaning>) -> Option<(String, WantedValue)> {
        let known: Vec<&Category> =
            self.need.categories.iter().filter_map(|c| c.id.as_deref()).filter_map(|id| self.interpreter.knowledge.taxonomy.by_id(id)).collect();
        for meaning in &mention.meanings {
            match meaning {
                Meaning::Value { category, attribute, value, .. } if known.iter().any(|k| k.id == *category) && attribute != "color" => {
                    let vocabulary = known.iter().find(|k| k.id == *category)?.attribute(attribute)?;
                    let definition = vocabulary.value(value)?;
                    let words: Vec<String> = definition.words().map(text::phrase_key).collect();
                    let others = vocabulary.values.iter().filter(|v| v.id != *value).flat_map(|v| [&v.zh, &v.en]).map(|word| text::phrase_key(word));
                    return Some((
                        attribute.clone(),
                        WantedValue { key: definition.key().to_owned(), others: others.filter(|o| !words.contains(o)).collect(), words },
                    ));
                }
                _ => {}
            }
        }
        for meaning in &mention.meanings {
            if let Meaning::Color(place) = meaning
                && self.interpreter.vocabulary.attributes.contains_key("color")
                && (known.is_empty() || known.iter().any(|k| k.attribute("color").is_some()))
            {
                return self.color(*place).map(|value| ("color".to_owned(), value));
            }
        }
        let belongs = |attribute: &str, key: &str| attribute == "brand" || known.is_empty() || known.iter().any(|k| self.speaks(k, attribute, key));
        // A value that the catalog calls by exactly these words, under the attribute where most products have it. Of the many
        // attributes of a foreign feed only those that the lexicon knows make a rule, and only where the words are not rather
        // what products are called.
        let mut best: Option<(u32, &String, &String, &String)> = None;
        for meaning in &mention.meanings {
            if let Meaning::CatalogValue { attribute, key, phrase } = meaning
                && belongs(attribute, key)
            {
                let count = self.interpreter.vocabulary.attributes.get(attribute).and_then(|a| a.values.iter().find(|v| v.key == *key)).map_or(0, |v| v.count);
                let a_rule = attribute == "brand"
                    || self.negated.is_some()
                    || !known.is_empty()
                    || (self.reading.unknown_words() == 0
                        && self.interpreter.knowledge.lexicon.attribute_names.knows(attribute)
                        && count as usize >= self.lookup.titles_with(phrase));
                if a_rule && best.is_none_or(|(most, ..)| count > most) {
                    best = Some((count, attribute, key, phrase));
                }
            }
        }
        // A word that also names a category or a good is that first.
        let names_thing = mention.meanings.iter().any(|m| matches!(m, Meaning::Category(_) | Meaning::CatalogCategory(_) | Meaning::Umbrella(_)));
        best.filter(|_| !names_thing)
            .map(|(_, attribute, key, phrase)| (attribute.clone(), WantedValue { key: key.clone(), words: vec![phrase.clone()], others: Vec::new() }))
    }

    /// Whether a value of the catalog can belong to one of our categories: it is in its vocabulary, or in no category's.
    pub(super) fn speaks(&self, category: &Category, attribute: &str, key: &str) -> bool {
        let has = |c: &Category| c.attribute(attribute).is_some_and(|a| a.values.iter().any(|v| v.key() == key));
        let measured = category.attribute(attribute).is_some_and(|a| a.unit.is_some());
        has(category) || (!measured && !self.interpreter.knowledge.taxonomy.each().any(has))
    }

    pub(super) fn color(&self, place: usize) -> Option<WantedValue> {
        let colors = &self.interpreter.knowledge.lexicon.colors;
        let color = colors.get(place)?;
        let family = colors.iter().filter(|c| c.id == color.id || c.within.contains(&color.id));
        let words = family.flat_map(|c| c.zh.iter().chain(&c.en)).map(|word| text::phrase_key(word)).collect();
        Some(WantedValue { key: color.id.replace('_', " "), words, others: Vec::new() })
    }

    /// Whether a guide of the categories at hand has advice for this trait.
    pub(super) fn answered(&self, mention: &Mention<Meaning>) -> bool {
        let knowledge = &self.interpreter.knowledge;
        let ids = mention.meanings.iter().filter_map(|m| if let Meaning::Trait(place) = m { knowledge.lexicon.traits.get(*place) } else { None });
        let guides = || self.need.categories.iter().filter_map(|c| knowledge.guides.of(c.id.as_deref()?));
        ids.map(|t| &t.id).any(|id| guides().any(|g| g.answers(id)))
    }

    /// The values of the categories at hand whose names contain a phrase: 喷雾 in 防晒喷雾.
    pub(super) fn values_with(&self, key: &str) -> Option<(String, Vec<WantedValue>)> {
        let categories = self.need.categories.iter().filter_map(|c| self.interpreter.knowledge.taxonomy.by_id(c.id.as_deref()?));
        for attribute in categories.flat_map(|c| &c.attributes) {
            let named = attribute.values.iter().filter(|v| v.words().any(|word| text::value_contains(&text::phrase_key(word), key)));
            let values: Vec<WantedValue> =
                named.map(|v| WantedValue { key: v.key().to_owned(), words: v.words().map(text::phrase_key).collect(), others: Vec::new() }).collect();
            if !values.is_empty() {
                return Some((attribute.id.clone(), values));
            }
        }
        None
    }
}
