//! What the model is told and asked for when it reads a question: the catalog's own vocabulary, bounded, and a form to fill in.

use serde_json::{Map, Value, json};

use crate::catalog::Lang;
use crate::compose::Case;
use crate::compose::plain::constraint_label;
use crate::index::Vocabulary;
use crate::llm::object_schema;
use crate::need::{Need, Persona};
use crate::question::Question;
use crate::shop::Shop;
use crate::text;

/// Bounds of what is listed.
const MOST_CATEGORIES: usize = 100;
const MOST_ATTRIBUTES: usize = 14;
const MOST_VALUES: usize = 12;
const MOST_TRAITS: usize = 60;

/// The variables of the prompt.
pub struct Material {
    facets: Vec<(String, Vec<String>)>,
    traits: Vec<(String, String)>,
    reading: String,
    question: String,
    listed: [String; 3],
}

impl Material {
    /// As the prompt takes them.
    pub fn as_pairs(&self) -> [(&str, &str); 5] {
        let [categories, facets, traits] = &self.listed;
        [("question", &self.question), ("reading", &self.reading), ("categories", categories), ("facets", facets), ("traits", traits)]
    }
}

/// Gathers what the model needs to know of shop and conversation.
pub fn material(shop: &Shop, question: &Question, case: &Case) -> Material {
    let vocabulary = shop.vocabulary();
    let categories = categories(&vocabulary);
    let facets = facets(case, &vocabulary);
    let traits = traits(shop, case);
    let listed = [
        categories.join("\n"),
        facets.iter().map(|(name, values)| format!("{name}: {}", values.join(", "))).collect::<Vec<_>>().join("\n"),
        traits.iter().map(|(id, name)| format!("{id}: {name}")).collect::<Vec<_>>().join("\n"),
    ];
    let labels = |need: &Need| {
        let named = need.categories.iter().map(|c| c.key.clone());
        let rules = need.constraints.iter().map(|c| constraint_label(c, need, shop.knowledge()));
        let traits = need.traits.iter().map(|t| t.id.clone());
        named.chain(rules).chain(traits).collect::<Vec<_>>().join("; ")
    };
    Material { reading: fenced(&labels(&case.need), 600), question: fenced(question.text(), text::LONGEST_QUESTION), facets, traits, listed }
}

fn categories(vocabulary: &Vocabulary) -> Vec<String> {
    let mut all: Vec<_> = vocabulary.categories.iter().collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    let both = |path: (&str, &str)| if path.0 == path.1 { path.0.to_owned() } else { format!("{} | {}", path.0, path.1) };
    all.iter().take(MOST_CATEGORIES).map(|c| fenced(&both((c.path.get(Lang::En), c.leaf(Lang::Zh))), 120)).collect()
}

/// The attributes that most of the likely products state, with their commonest values; of the whole catalog where nothing is
/// likely yet.
fn facets(case: &Case, vocabulary: &Vocabulary) -> Vec<(String, Vec<String>)> {
    let lang = case.need.lang;
    let label = |attribute: &str, key: &str| fenced(vocabulary.value_label(attribute, key, lang).unwrap_or(key), 40);
    let survey = &case.survey;
    let mut found: Vec<(u64, String, Vec<String>)> = Vec::new();
    if survey.total > 0 {
        for (attribute, groups) in survey.values.iter().filter(|(name, _)| *name != "brand") {
            let mut groups: Vec<(u64, &String)> = groups.iter().map(|(key, group)| (group.count, key)).collect();
            groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let values = groups.iter().take(MOST_VALUES).map(|(_, key)| label(attribute, key)).collect();
            found.push((survey.stated.get(attribute).copied().unwrap_or(0), attribute.clone(), values));
        }
    } else {
        for (attribute, known) in vocabulary.attributes.iter().filter(|(name, known)| *name != "brand" && !known.values.is_empty()) {
            let values = known.values.iter().take(MOST_VALUES).map(|v| label(attribute, &v.key)).collect();
            found.push((known.values.iter().map(|v| u64::from(v.count)).sum(), attribute.clone(), values));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().take(MOST_ATTRIBUTES).map(|(_, attribute, values)| (attribute, values)).collect()
}

/// The traits that the likely guides answer, else those of everything.
fn traits(shop: &Shop, case: &Case) -> Vec<(String, String)> {
    let knowledge = shop.knowledge();
    let known = knowledge.lexicon.traits.iter().filter(|t| knowledge.concerns(t, &case.need.categories));
    let of_use = known.filter(|t| t.home == "common" || !case.need.categories.is_empty());
    of_use.take(MOST_TRAITS).map(|t| (t.id.clone(), format!("{} | {}", t.name.zh, t.name.en))).collect()
}

/// The form. Every list and text is bounded, so that no limit of tokens cuts it.
pub fn schema(material: &Material) -> Value {
    let text = |most: usize| json!({"type": "string", "maxLength": most});
    let list = |most: usize, items: Value| json!({"type": "array", "maxItems": most, "items": items});
    let object = |fields: &[(&str, Value)]| object_schema(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>());
    let personas: Vec<&str> = Persona::ALL.iter().map(|p| p.as_str()).collect();
    let attributes: Vec<&String> = material.facets.iter().map(|(name, _)| name).collect();
    let attribute = if attributes.is_empty() { text(60) } else { json!({"type": "string", "enum": attributes}) };
    let trait_ids: Vec<&String> = material.traits.iter().map(|(id, _)| id).collect();
    let trait_id = if trait_ids.is_empty() { text(40) } else { json!({"type": "string", "enum": trait_ids}) };
    object(&[
        ("persona", json!({"type": "string", "enum": personas})),
        ("categories", list(2, text(80))),
        ("traits", list(4, object(&[("id", trait_id), ("quote", text(60))]))),
        (
            "constraints",
            list(
                4,
                object(&[("attribute", attribute.clone()), ("op", json!({"type": "string", "enum": ["=", "!="]})), ("value", text(40)), ("quote", text(60))]),
            ),
        ),
        ("query", object(&[("zh", text(40)), ("en", text(60))])),
        ("dimensions", list(5, object(&[("attribute", attribute), ("prefer", list(4, text(40))), ("avoid", list(3, text(40)))]))),
    ])
}

/// A text that cannot end the fence it stands in: one line, bounded, without runs of equal signs.
pub(super) fn fenced(said: &str, most: usize) -> String {
    let one_line: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace("==", "= ").chars().take(most).collect()
}
