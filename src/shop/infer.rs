//! Categories that nobody named: from what the guides answer and speak of, and from what retrieval itself finds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Shop;
use super::recalled::Story;
use crate::catalog::Lang;
use crate::guide::{Guide, Plan};
use crate::index::{ScoreFn, Vocabulary};
use crate::need::{CategoryMatch, Comparison, Constraint, Found, Intent, Need, Phrase, Rule, TraitMatch};
use crate::taxonomy::path_key;
use crate::text::{self, AtomKind};

/// Best text matches that vote for their category.
const VOTERS: usize = 20;
/// Share of the votes that settles it.
const SETTLES: f32 = 0.7;
/// Words that a match must have for certain, and the bounds of what share of all words that makes.
const CERTAIN_WORDS: f32 = 1.2;
const LEAST_SHARE: (f32, f32) = (0.15, 0.4);
/// Categories taken together when none leads.
const MOST_GUESSES: usize = 3;
/// Share of the matching products that must state an attribute before a wish for it filters.
const STATED: f32 = 0.3;
/// How rare the traits must be that a guide answers, and how near to the best guide another is as good.
const POINTS_TO_IT: f32 = 2.0;
const NEAR_BEST: f32 = 0.85;
/// What each further piece of advice about a trait adds to it.
const MORE_PIECES: f32 = 0.25;

/// The least text score that is a match at all: of few words most must be there, of a long story some.
pub fn least_match(need: &Need) -> f32 {
    let atoms = || need.wording.iter().flat_map(|run| text::atoms(&run.said)).map(|atom| atom.kind);
    let words = atoms().filter(|kind| matches!(kind, AtomKind::Word | AtomKind::Number)).count() as f32;
    let han = atoms().filter(|kind| *kind == AtomKind::Han).count() as f32;
    (CERTAIN_WORDS / (words + han / 2.0).max(1.0)).clamp(LEAST_SHARE.0, LEAST_SHARE.1)
}

/// Fills in categories where the question names none and no good.
pub fn categories(shop: &Shop, story: &Story<'_>, mut need: Need) -> anyhow::Result<Need> {
    if need.intent != Intent::Shop || !need.categories.is_empty() {
        return Ok(need);
    }
    carried(shop, &mut need)?;
    soften(shop, &mut need)?;
    if !need.goods.is_empty() {
        return Ok(need);
    }
    if !need.words.is_empty() {
        need.categories = by_votes(shop, &need)?;
        // Beside words of its own, a story points only to one category, of our own tree.
        let ours = |found: Vec<CategoryMatch>| if found.len() == 1 && found.iter().all(|c| c.filters) { found } else { Vec::new() };
        if need.categories.is_empty() {
            need.categories = ours(story.category());
        }
        if need.categories.is_empty() {
            need.categories = ours(by_guides(shop, &need));
        }
    } else if !need.traits.is_empty() {
        need.categories = by_guides(shop, &need);
    }
    let knowledge = shop.knowledge();
    let known = |t: &TraitMatch| knowledge.lexicon.trait_by_id(&t.id);
    let nowhere = need.categories.is_empty() && !need.words.is_empty();
    need.traits.retain(|t| known(t).is_some_and(|t| if nowhere { t.home == "common" } else { knowledge.concerns(t, &need.categories) }));
    Ok(need)
}

/// A property that hardly any matching product states cannot filter: what is not said of a product is not untrue of it. It
/// ranks instead. Where a category of ours filters, the vocabulary is ours and stated.
fn soften(shop: &Shop, need: &mut Need) -> anyhow::Result<()> {
    if need.categories.iter().any(|c| c.filters) {
        return Ok(());
    }
    let wants = |c: &Constraint| c.hard && matches!(&c.rule, Rule::Value { comparison: Comparison::Equal, .. });
    let places: Vec<usize> = need.constraints.iter().enumerate().filter(|(_, c)| wants(c)).map(|(place, _)| place).collect();
    if places.is_empty() || need.wording.is_empty() {
        return Ok(());
    }
    let survey = shop.index().survey(need, &places)?;
    for place in places {
        let constraint = &mut need.constraints[place];
        let stated = survey.stated.get(constraint.name()).copied().unwrap_or(0);
        constraint.hard = stated as f32 >= STATED * survey.total as f32;
    }
    Ok(())
}

/// The lexicon calls it a good that we may not have; titles know better. A good that some title names is searched for under
/// every name the catalog uses for it; when none does, the good stays, and is not carried.
fn carried(shop: &Shop, need: &mut Need) -> anyhow::Result<()> {
    let mut carried = false;
    for good in &need.goods {
        let mut used = Vec::new();
        for word in &good.words {
            if shop.index().titles_calling(word)? > 0 {
                used.push(word.clone());
            }
        }
        if used.is_empty() {
            continue;
        }
        carried = true;
        let said = text::fold(&good.text);
        let only_others = shop.index().titles_with(&text::phrase_key(&good.text))? == 0;
        used.retain(|word| *word != text::phrase_key(&good.text));
        let used: Vec<String> = used.iter().map(|key| text::unspaced(key)).collect();
        for run in need.wording.iter_mut().filter(|run| run.said.contains(&said)) {
            run.also.extend(used.iter().map(|name| run.said.replacen(&said, name, 1)));
            run.only_others |= only_others;
        }
        match need.words.iter_mut().find(|w| w.said == said) {
            Some(phrase) => (phrase.also, phrase.good) = (used, true),
            None => need.words.push(Phrase { also: used, good: true, only_others, ..Phrase::new(said) }),
        }
    }
    if carried {
        need.goods.clear();
    }
    Ok(())
}

/// The category of most of the best text matches, weighted by how well they match.
fn by_votes(shop: &Shop, need: &Need) -> anyhow::Result<Vec<CategoryMatch>> {
    let score: ScoreFn = Arc::new(|features| features.text);
    let top = shop.index().search(need, &Plan::default(), &[], VOTERS, score)?;
    let least = least_match(need);
    let voters: Vec<_> = top.candidates.into_iter().filter(|c| c.features.text >= least).collect();
    let slots: Vec<_> = voters.iter().map(|c| c.slot).collect();
    let mut votes: BTreeMap<String, f32> = BTreeMap::new();
    for (slot, product) in shop.store().records(&slots)? {
        let weight = voters.iter().find(|c| c.slot == slot).map_or(0.0, |c| c.features.text);
        if let Some(path) = &product.product_type {
            *votes.entry(path_key(path.get(Lang::En))).or_default() += weight * weight;
        }
    }
    let all: f32 = votes.values().sum();
    let best = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, votes)| *votes >= SETTLES * all && all > 0.0);
    // A path of another catalog says something only where its name does.
    let says = |c: &CategoryMatch| c.filters || need.words.iter().any(|w| text::key_contains(&text::phrase_key(&c.key), &text::phrase_key(&w.said)));
    Ok(best.map(|(key, _)| matched(shop, key)).filter(says).into_iter().collect())
}

/// The categories whose guides answer most of these traits. A trait that few guides answer says more than one that many do:
/// each counts `ln(G / g)` for `g` of `G` guides, and more for a guide with several pieces about it. Traits that say nothing of a thing ("cheap", "for my mother") point nowhere.
fn by_guides(shop: &Shop, need: &Need) -> Vec<CategoryMatch> {
    let vocabulary = shop.vocabulary();
    let points = points(shop, need, &vocabulary);
    // Where few guides are known at all, one that answers is found by answering alone.
    let least = POINTS_TO_IT.min((points.len() as f32).ln() / 2.0);
    let most = points.iter().map(|(points, _)| *points).fold(0.0, f32::max);
    if most < least || most <= 0.0 {
        return Vec::new();
    }
    let mut best: Vec<(f32, &str)> = points.into_iter().filter(|(points, _)| *points >= most * NEAR_BEST).collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    best.into_iter().take(MOST_GUESSES).map(|(_, key)| matched(shop, key.to_owned())).collect()
}

/// How much the guide of each category, by key, answers of a need's traits; categories without a guide are left out.
fn points<'v>(shop: &Shop, need: &Need, vocabulary: &'v Vocabulary) -> Vec<(f32, &'v str)> {
    let guide_of = |key: &str| shop.knowledge().taxonomy.by_path(key).and_then(|c| shop.knowledge().guides.of(&c.id));
    let guided: Vec<(&str, &Guide)> = vocabulary.categories.iter().filter_map(|c| Some((c.key.as_str(), guide_of(&c.key)?))).collect();
    let mut points = vec![0.0; guided.len()];
    for known in &need.traits {
        let answering: Vec<usize> = guided.iter().enumerate().filter(|(_, (_, guide))| guide.answers(&known.id)).map(|(place, _)| place).collect();
        let rarity = (guided.len() as f32 / answering.len().max(1) as f32).ln();
        for place in answering {
            let pieces = guided[place].1.pieces_for(&known.id);
            points[place] += rarity * (1.0 + MORE_PIECES * pieces.saturating_sub(1) as f32);
        }
    }
    points.into_iter().zip(&guided).map(|(points, (key, _))| (points, *key)).collect()
}

/// Of several categories under a wider word, the one whose guide answers this shopper: advice for one thing is better than
/// counts over several.
pub fn narrow(shop: &Shop, mut need: Need) -> Need {
    let wider = need.categories.len() > 1 && need.categories.iter().all(|c| c.found == Found::Umbrella && c.filters);
    if !wider || need.traits.is_empty() || need.intent != Intent::Shop {
        return need;
    }
    let vocabulary = shop.vocabulary();
    let mut points = points(shop, &need, &vocabulary);
    points.retain(|(_, key)| need.categories.iter().any(|c| c.key == *key));
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let [(most, key), (next, _), ..] = points.as_slice()
        && *most > *next / NEAR_BEST
    {
        let key = (*key).to_owned();
        need.categories.retain(|c| c.key == key);
    }
    need
}

pub(super) fn matched(shop: &Shop, key: String) -> CategoryMatch {
    let known = shop.knowledge().taxonomy.by_path(&key);
    let (id, filters) = (known.map(|c| c.id.clone()), known.is_some_and(|c| c.key() == key));
    CategoryMatch { key, id, text: String::new(), found: Found::Inferred, filters }
}
