//! The data files hold together: vocabulary, guides, sample products, lexicon, phrases.

use std::collections::{BTreeMap, HashMap, HashSet};

use daogou::catalog::sample;
use daogou::catalog::{Availability, Lang, Localized, Record, Value};
use daogou::guide::Preference;
use daogou::guide::scene::Want;
use daogou::knowledge::{Files, Knowledge};
use daogou::need::Persona;
use daogou::text;

fn knowledge() -> Knowledge {
    Knowledge::load(&Files::Shipped).unwrap()
}

fn products(knowledge: &Knowledge) -> BTreeMap<String, Vec<Record>> {
    let mut by_category: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for product in sample::load(&Files::Shipped, knowledge).unwrap() {
        let key = daogou::taxonomy::path_key(product.product_type.as_ref().unwrap().get(Lang::En));
        by_category.entry(knowledge.taxonomy.by_path(&key).unwrap().id.clone()).or_default().push(product.into());
    }
    by_category
}

#[test]
fn the_shelf_is_full() {
    let knowledge = knowledge();
    let products = products(&knowledge);
    assert!(products.len() >= 60, "only {} categories", products.len());
    assert!(products.values().map(Vec::len).sum::<usize>() >= 3_000);
    let departments: HashSet<&str> = knowledge.taxonomy.each().filter_map(|c| c.path.en.split(" > ").next()).collect();
    assert_eq!(departments.len(), 12, "{departments:?}");
    for category in knowledge.taxonomy.each() {
        assert!(products[&category.id].len() >= 40, "{} has only {} products", category.id, products[&category.id].len());
        assert!(knowledge.guides.of(&category.id).is_some(), "{} has no guide", category.id);
    }
}

#[test]
fn every_product_is_complete_bilingual_and_plausible() {
    let knowledge = knowledge();
    let mut ids = HashSet::new();
    let mut titles = HashSet::new();
    for (category, list) in products(&knowledge) {
        let category = knowledge.taxonomy.by_id(&category).unwrap();
        for product in list {
            let id = product.id.to_string();
            assert!(ids.insert(id.clone()), "{id} stands twice");
            assert!(matches!(product.title, Localized::Both { .. }), "{id} has no title in one language");
            assert!(titles.insert(text::phrase_key(product.title.get(Lang::Zh))), "{id} has another product's title");
            assert!(matches!(product.description, Some(Localized::Both { .. })), "{id} has no description in one language");
            let price = product.price.minor() / 100;
            let [low, high] = category.price_band.map(i64::from);
            assert!((low..=high).contains(&price), "{id} costs {price}, outside of {low} to {high}");
            for definition in &category.attributes {
                assert!(product.attribute(&definition.id).is_some(), "{id} does not state {}", definition.id);
            }
            assert!(category.attributes.len() >= 5, "{} has only {} attributes", category.id, category.attributes.len());
            let image = product.image_link.as_deref().unwrap();
            let picture = daogou::catalog::picture::draw(image, &knowledge).unwrap_or_else(|| panic!("{id} has the broken image {image}"));
            assert!(!category.icon.is_empty() && picture.contains(&category.icon), "{} has no icon", category.id);
            assert!((1..=4).contains(&product.reviews.len()), "{id} has {} reviews", product.reviews.len());
            assert!(product.reviews.iter().all(|r| matches!(r.text, Localized::Both { .. })), "{id} has a review in one language");
        }
    }
}

#[test]
fn english_text_is_english_and_chinese_text_is_chinese() {
    let knowledge = knowledge();
    let check = |place: &str, zh: &str, en: &str| {
        assert!(text::han_share(en) == 0.0, "{place}: Chinese in `{en}`");
        assert!(text::han_share(zh) > 0.3, "{place}: little Chinese in `{zh}`");
        assert_eq!(text::fold(zh), text::fold(&zh.to_lowercase()), "{place}");
    };
    for guide in knowledge.guides.each() {
        check(&guide.category, &guide.general.zh, &guide.general.en);
        for dimension in &guide.dimensions {
            for piece in &dimension.pieces {
                check(&format!("{}#{}.{}", guide.category, dimension.id, piece.id), &piece.advice.zh, &piece.advice.en);
            }
        }
    }
    for product in products(&knowledge).into_values().flatten() {
        check(product.id.as_str(), product.title.get(Lang::Zh), product.title.get(Lang::En));
    }
}

#[test]
fn guides_have_dimensions_conditions_and_values_that_products_hold() {
    let knowledge = knowledge();
    let products = products(&knowledge);
    for guide in knowledge.guides.each() {
        assert!((4..=6).contains(&guide.dimensions.len()), "{} has {} dimensions", guide.category, guide.dimensions.len());
        let conditional = guide.dimensions.iter().flat_map(|d| &d.pieces).filter(|p| !p.when.is_empty()).count();
        assert!(conditional >= 8, "{} has only {conditional} pieces for particular shoppers", guide.category);
        for dimension in &guide.dimensions {
            for piece in &dimension.pieces {
                let place = format!("{}#{}.{}", guide.category, dimension.id, piece.id);
                assert!(!piece.prefer.is_empty() || !piece.avoid.is_empty(), "{place} neither prefers nor avoids");
                for preference in piece.prefer.iter().chain(&piece.avoid) {
                    let held = products[&guide.category].iter().filter(|p| preference.held_by(p, &knowledge.lexicon.units)).count();
                    assert!(held > 0, "{place}: no product has `{}`", preference.label(Lang::En));
                }
                let both = piece.prefer.iter().find(|p| piece.avoid.contains(p));
                assert!(both.is_none(), "{place} prefers and avoids `{}`", both.map_or("", |p| p.label(Lang::En)));
            }
        }
    }
}

#[test]
fn no_sentence_stands_in_two_guides() {
    let knowledge = knowledge();
    let mut seen: HashMap<String, String> = HashMap::new();
    for guide in knowledge.guides.each() {
        for dimension in &guide.dimensions {
            for piece in &dimension.pieces {
                let place = format!("{}#{}.{}", guide.category, dimension.id, piece.id);
                let sentences = [&piece.advice.zh, &piece.advice.en]
                    .into_iter()
                    .flat_map(|t| t.split_inclusive(['。', '！', '?', '!']))
                    .flat_map(|t| t.split_inclusive(". "));
                for sentence in sentences.map(str::trim).filter(|s| s.chars().count() > 8) {
                    if let Some(other) = seen.insert(sentence.to_owned(), place.clone()) {
                        assert_eq!(other, place, "both say `{sentence}`");
                    }
                }
            }
        }
    }
}

#[test]
fn attribute_ids_are_their_own_canonical_names() {
    let knowledge = knowledge();
    for category in knowledge.taxonomy.each() {
        for attribute in &category.attributes {
            let canonical =
                knowledge.lexicon.attribute_names.canonical(Localized::Plain(attribute.id.clone()), vec![Value::Text(Localized::Plain("x".into()))]);
            assert_eq!(canonical.key, attribute.id, "{}: the lexicon calls it otherwise", category.id);
        }
    }
}

#[test]
fn colors_of_categories_are_families_of_the_lexicon() {
    let knowledge = knowledge();
    for category in knowledge.taxonomy.each() {
        for value in category.attribute("color").map(|a| a.values.as_slice()).unwrap_or_default() {
            let family = knowledge.lexicon.colors.iter().find(|c| c.id == value.id);
            let known = family.is_some_and(|f| f.zh.iter().chain(&f.en).any(|w| text::key_contains(&text::phrase_key(&value.zh), &text::phrase_key(w))));
            assert!(known, "{}: color `{}` is in no family", category.id, value.id);
        }
    }
}

#[test]
fn every_value_of_a_vocabulary_is_on_the_shelf() {
    let knowledge = knowledge();
    let products = products(&knowledge);
    for category in knowledge.taxonomy.each() {
        for attribute in category.attributes.iter().filter(|a| a.unit.is_none()) {
            for value in &attribute.values {
                let preference = Preference::Value {
                    attribute: attribute.id.clone(),
                    key: value.key().to_owned(),
                    label: daogou::knowledge::Bilingual { zh: value.zh.clone(), en: value.en.clone() },
                    words: vec![text::phrase_key(&value.en), text::phrase_key(&value.zh)],
                };
                let held = products[&category.id].iter().filter(|p| preference.held_by(p, &knowledge.lexicon.units)).count();
                assert!(held > 0, "{}: no product has {} = {}", category.id, attribute.id, value.id);
            }
        }
    }
}

/// Two products are as good as one when they are of one brand and kind and all they hold is the same but for the color.
#[test]
fn no_two_products_differ_in_nothing_but_color() {
    let knowledge = knowledge();
    for (category, list) in products(&knowledge) {
        let mut seen: HashMap<String, String> = HashMap::new();
        for product in list {
            let held: Vec<String> = product.attributes.iter().filter(|a| a.key != "color").map(|a| format!("{}={:?}", a.key, a.values)).collect();
            let print = format!("{:?} {} {}", product.brand, product.price, held.join(" "));
            if let Some(other) = seen.insert(print, product.id.to_string()) {
                panic!("{category}: {} is {other} again", product.id);
            }
        }
    }
}

#[test]
fn no_two_reviews_or_descriptions_are_the_same() {
    let knowledge = knowledge();
    let mut seen: HashMap<String, String> = HashMap::new();
    for product in products(&knowledge).into_values().flatten() {
        let texts = product.reviews.iter().map(|r| &r.text).chain(&product.description);
        for text in texts.flat_map(|t| t.each().map(str::to_owned).collect::<Vec<_>>()) {
            if let Some(other) = seen.insert(text.clone(), product.id.to_string()) {
                panic!("{} and {other} both say `{text}`", product.id);
            }
        }
    }
}

#[test]
fn scenes_cover_the_roles_and_say_nothing_twice() {
    let knowledge = knowledge();
    for persona in [Persona::Food, Persona::Travel, Persona::Life, Persona::Writer] {
        let count = knowledge.scenes.iter().filter(|scene| scene.persona == persona).count();
        assert!(count >= 10, "only {count} scenes of {}", persona.as_str());
    }
    let mut seen: HashMap<String, String> = HashMap::new();
    for scene in &knowledge.scenes {
        assert!((3..=6).contains(&scene.steps.len()), "{} has {} steps", scene.id, scene.steps.len());
        let steps = scene.steps.iter().flat_map(|step| &step.pieces).map(|piece| &piece.advice);
        for text in steps.chain([&scene.summary]).chain(scene.slots.iter().map(|slot| &slot.why)).flat_map(|t| [&t.zh, &t.en]) {
            let sentences = text.split_inclusive(['。', '！', '？', '!', '?']).flat_map(|t| t.split_inclusive(". ")).map(str::trim);
            // A place for a name is no sentence.
            for sentence in sentences.filter(|s| s.chars().count() > 8 && !s.starts_with('[')) {
                if let Some(other) = seen.insert(sentence.to_owned(), scene.id.clone()) {
                    assert_eq!(other, scene.id, "both say `{sentence}`");
                }
            }
        }
    }
}

#[test]
fn every_slot_finds_products_in_stock() {
    let knowledge = knowledge();
    let products = products(&knowledge);
    let units = &knowledge.lexicon.units;
    for scene in &knowledge.scenes {
        for slot in &scene.slots {
            let holds = |record: &Record| {
                let wants = |attribute: &str| slot.want.iter().filter(|w| matches!(w, Want::Fixed(p) if p.attribute() == attribute)).collect::<Vec<_>>();
                slot.want.iter().all(|want| match want {
                    Want::Fixed(preference @ Preference::Value { attribute, .. }) => {
                        let _ = preference;
                        wants(attribute).iter().any(|w| matches!(w, Want::Fixed(p) if p.held_by(record, units)))
                    }
                    Want::Fixed(range) => range.held_by(record, units),
                    Want::People { .. } => true,
                })
            };
            let found = products[&slot.category].iter().filter(|p| p.availability == Availability::InStock && holds(p)).count();
            assert!(found >= 2, "{}: the slot `{}` finds {found} products", scene.id, slot.id);
        }
    }
}

#[test]
fn goods_that_are_not_carried_are_none_of_our_categories() {
    let knowledge = knowledge();
    let names: HashSet<String> = knowledge.taxonomy.each().flat_map(|c| c.names.each().map(text::phrase_key).collect::<Vec<_>>()).collect();
    for department in &knowledge.lexicon.goods.departments {
        for id in &department.near {
            assert!(knowledge.taxonomy.by_id(id).is_some(), "{} is near the unknown category `{id}`", department.id);
        }
        for good in department.goods.iter().flat_map(|g| g.each().collect::<Vec<_>>()) {
            assert!(!names.contains(&text::phrase_key(good)), "`{good}` is a category of ours");
        }
    }
}

/// A word that names a thing tells nothing of its shopper: "backpacking" is written like "backpack".
#[test]
fn no_trait_is_told_by_the_name_of_a_category() {
    let knowledge = knowledge();
    let names: HashMap<String, &str> = knowledge.taxonomy.each().flat_map(|c| c.names.en.iter().map(|name| (text::phrase_key(name), c.id.as_str()))).collect();
    for known in knowledge.lexicon.traits.iter().filter(|t| t.home == "common") {
        for phrase in &known.en {
            let named = names.get(&text::phrase_key(phrase));
            assert!(named.is_none(), "the trait {} is told by `{phrase}`, which names {}", known.id, named.unwrap_or(&""));
        }
    }
}

#[test]
fn umbrellas_cover_categories_that_exist() {
    let knowledge = knowledge();
    for umbrella in &knowledge.taxonomy.umbrellas {
        for id in &umbrella.members {
            assert!(knowledge.taxonomy.by_id(id).is_some(), "an umbrella covers the unknown `{id}`");
        }
    }
}

#[test]
fn a_broken_guide_is_refused_by_name() {
    let folder = tempfile::TempDir::new().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("index");
    for part in ["categories", "guides", "lexicon", "lexicon/traits", "phrases"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(root.join(part)).unwrap().flatten().filter(|e| e.path().is_file()) {
            std::fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).unwrap();
        }
    }
    let files = Files::Folder(folder.path().to_owned());
    Knowledge::load(&files).unwrap();
    let guide = folder.path().join("guides/hats.toml");
    let text = std::fs::read_to_string(&guide).unwrap();
    for (from, to, named) in
        [("\"newsboy\"", "\"newsboi\"", "newsboi"), ("\"round-face\"]", "\"rund-face\"]", "rund-face"), ("category = \"hats\"", "category = \"hatz\"", "hatz")]
    {
        std::fs::write(&guide, text.replacen(from, to, 1)).unwrap();
        let error = format!("{:#}", Knowledge::load(&files).err().expect("a broken guide is refused"));
        assert!(error.contains(named) && error.contains("hats.toml"), "{error}");
    }
}
