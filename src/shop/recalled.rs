//! What a question is about that names nothing to buy: the guide or scene that speaks of it.

use std::cell::OnceCell;

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

/// A question, and the guides and scenes that speak of it: looked up once, and only where something asks.
pub struct Story<'s> {
    shop: &'s Shop,
    question: &'s Question,
    recalled: OnceCell<Vec<Recalled>>,
}

impl<'s> Story<'s> {
    pub fn new(shop: &'s Shop, question: &'s Question) -> Self {
        Self { shop, question, recalled: OnceCell::new() }
    }

    /// Makes a need one about a scene, where a scene is what the question is about.
    pub fn scene(&self, need: Need) -> Need {
        if need.intent != Intent::Shop || !need.goods.is_empty() {
            return need;
        }
        let named = need.categories.iter().any(|c| c.found == Found::Named);
        let topic = match need.categories.is_empty() {
            _ if need.asks_how && !named => self.of_life().or_else(|| self.spoken_of()),
            true if need.words.is_empty() => None,
            true => self.spoken_of(),
            // "My green tea tastes bitter, how hot should the water be?" names tea and does not want any.
            false if need.asks_how && need.constraints.is_empty() => self.beside_its_guide(&need),
            false => None,
        };
        match topic {
            Some(Topic::Scene(id)) => self.shop.about_scene(self.question, id).unwrap_or(need),
            _ => need,
        }
    }

    /// The category whose guide speaks of most of the question.
    pub fn category(&self) -> Vec<CategoryMatch> {
        let Some(Topic::Guide(id)) = self.spoken_of() else { return Vec::new() };
        let known = self.shop.knowledge().taxonomy.by_id(id).map(|c| c.key().to_owned());
        let vocabulary = self.shop.vocabulary();
        vocabulary.categories.iter().filter(|c| Some(&c.key) == known.as_ref()).map(|c| infer::matched(self.shop, c.key.clone())).collect()
    }

    /// Best first.
    fn recalled(&self) -> &[Recalled] {
        self.recalled.get_or_init(|| self.shop.recall(self.question.text()))
    }

    /// The guide or scene that speaks of enough of the question.
    fn spoken_of(&self) -> Option<&Topic> {
        clearly_best(self.recalled().iter(), SPEAKS_OF_IT)
    }

    /// The scene that speaks of enough of a question about what to do.
    fn of_life(&self) -> Option<&Topic> {
        clearly_best(self.recalled().iter().filter(|r| matches!(r.topic, Topic::Scene(_))), SPEAKS_OF_SOME)
    }

    /// The scene about the named goods that speaks of the question more than their guide does.
    fn beside_its_guide(&self, need: &Need) -> Option<&Topic> {
        let named = |id: &str| need.categories.iter().any(|c| c.id.as_deref() == Some(id));
        let guide = self.recalled().iter().filter(|r| matches!(&r.topic, Topic::Guide(id) if named(id))).map(|r| r.share).fold(0.0, f32::max);
        let concerns = |topic: &Topic| match topic {
            Topic::Scene(id) => self.shop.knowledge().scene(id).is_some_and(|scene| scene.related.iter().any(|id| named(id))),
            Topic::Guide(_) => false,
        };
        let best = self.recalled().iter().find(|r| concerns(&r.topic))?;
        (best.share >= SPEAKS_OF_IT && best.share > guide && best.telling >= TELLING_WORDS).then_some(&best.topic)
    }
}

/// The first of several, best first, when it speaks of enough and clearly of more than the next.
fn clearly_best<'r>(mut recalled: impl Iterator<Item = &'r Recalled>, least: f32) -> Option<&'r Topic> {
    let best = recalled.next()?;
    let next = recalled.next().map_or(0.0, |second| second.share);
    tracing::debug!(?best, next, least, "recalled");
    (best.share >= least && best.share >= next * CLEARLY && best.telling >= TELLING_WORDS).then_some(&best.topic)
}
