//! The data files hold together: vocabulary, guides, sample products, lexicon, phrases.

use std::collections::{BTreeMap, HashMap, HashSet};

use daogou::catalog::sample;
use daogou::catalog::{Lang, Localized, Product, Value};
use daogou::guide::Preference;
use daogou::knowledge::{Files, Knowledge};
use daogou::need::check::RecordKeys;
use daogou::text;

fn knowledge() -> Knowledge {
    Knowledge::load(&Files::Shipped).unwrap()
}

fn products(knowledge: &Knowledge) -> BTreeMap<String, Vec<Product>> {
    let mut by_category: BTreeMap<String, Vec<Product>> = BTreeMap::new();
    for product in sample::load(&Files::Shipped, knowledge).unwrap() {
        let key = daogou::taxonomy::path_key(product.product_type.as_ref().unwrap().get(Lang::En));
        by_category.entry(knowledge.taxonomy.by_path(&key).unwrap().id.clone()).or_default().push(product);
    }
    by_category
}

#[test]
fn twelve_categories_have_forty_products_and_a_guide() {
    let knowledge = knowledge();
    let products = products(&knowledge);
    assert!(products.len() >= 12);
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
                    let held = products[&guide.category].iter().filter(|p| preference.held_by(&RecordKeys::new(p), &knowledge.lexicon.units)).count();
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
                    key: value.key(),
                    label: daogou::knowledge::Bilingual { zh: value.zh.clone(), en: value.en.clone() },
                    words: vec![text::phrase_key(&value.en), text::phrase_key(&value.zh)],
                };
                let held = products[&category.id].iter().filter(|p| preference.held_by(&RecordKeys::new(p), &knowledge.lexicon.units)).count();
                assert!(held > 0, "{}: no product has {} = {}", category.id, attribute.id, value.id);
            }
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
    for part in ["categories", "guides", "lexicon", "lexicon/traits", "scenes", "phrases"] {
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
