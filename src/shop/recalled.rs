//! What a question is about that names nothing to buy: the guide or scene that speaks of it.

use super::{Shop, infer};
use crate::guide::recall::{Recalled, Topic};
use crate::need::{CategoryMatch, Found, Intent, Need};
use crate::question::Question;

/// Share of a question that a guide or scene must speak of to be what it is about.
const SPEAKS_OF_IT: f32 = 0.4;
/// The same for a scene, where it is asked what to do.
const SPEAKS_OF_SOME: f32 = 0.3;
/// How many times the share of the next one that must be, and how many rare words must be among its subject.
const CLEARLY: f32 = 1.15;
const TELLING_WORDS: usize = 2;

/// Makes a need one about a scene, where a scene is what the question is about.
pub fn scene(shop: &Shop, question: &Question, need: Need) -> Need {
    if need.intent != Intent::Shop || !need.goods.is_empty() {
        return need;
    }
    let named = need.categories.iter().any(|c| c.found == Found::Named);
    let topic = match need.categories.is_empty() {
        _ if need.asks_how && !named => of_life(shop, question).or_else(|| spoken_of(shop, question)),
        true if need.words.is_empty() => None,
        true => spoken_of(shop, question),
        // "My green tea tastes bitter, how hot should the water be?" names tea and does not want any.
        false if need.asks_how && need.constraints.is_empty() => beside_its_guide(shop, question, &need),
        false => None,
    };
    match topic {
        Some(Topic::Scene(id)) => shop.about_scene(question, &id).unwrap_or(need),
        _ => need,
    }
}

/// The category whose guide speaks of most of the question.
pub fn category(shop: &Shop, question: &Question) -> Vec<CategoryMatch> {
    let Some(Topic::Guide(id)) = spoken_of(shop, question) else { return Vec::new() };
    let known = shop.knowledge().taxonomy.by_id(&id).map(|c| c.key());
    let vocabulary = shop.vocabulary();
    vocabulary.categories.iter().filter(|c| Some(&c.key) == known.as_ref()).map(|c| infer::matched(shop, c.key.clone())).collect()
}

/// The guide or scene that speaks of enough of the question.
fn spoken_of(shop: &Shop, question: &Question) -> Option<Topic> {
    clearly_best(shop.recall(question.text(), 2), SPEAKS_OF_IT)
}

/// The scene that speaks of enough of a question about what to do.
fn of_life(shop: &Shop, question: &Question) -> Option<Topic> {
    let scenes = shop.recall(question.text(), usize::MAX).into_iter().filter(|r| matches!(r.topic, Topic::Scene(_)));
    clearly_best(scenes.take(2).collect(), SPEAKS_OF_SOME)
}

/// The first of several, best first, when it speaks of enough and clearly of more than the next.
fn clearly_best(recalled: Vec<Recalled>, least: f32) -> Option<Topic> {
    tracing::debug!(?recalled, least, "recalled");
    let next = recalled.get(1).map_or(0.0, |second| second.share);
    let best = recalled.into_iter().next()?;
    (best.share >= least && best.share >= next * CLEARLY && best.telling >= TELLING_WORDS).then_some(best.topic)
}

/// The scene about the named goods that speaks of the question more than their guide does.
fn beside_its_guide(shop: &Shop, question: &Question, need: &Need) -> Option<Topic> {
    let named = |id: &str| need.categories.iter().any(|c| c.id.as_deref() == Some(id));
    let recalled = shop.recall(question.text(), usize::MAX);
    let guide = recalled.iter().filter(|r| matches!(&r.topic, Topic::Guide(id) if named(id))).map(|r| r.share).fold(0.0, f32::max);
    let concerns = |topic: &Topic| match topic {
        Topic::Scene(id) => shop.knowledge().scenes.iter().any(|scene| scene.id == *id && scene.related.iter().any(|id| named(id))),
        Topic::Guide(_) => false,
    };
    let best = recalled.iter().find(|r| concerns(&r.topic))?;
    (best.share >= SPEAKS_OF_IT && best.share > guide && best.telling >= TELLING_WORDS).then(|| best.topic.clone())
}
