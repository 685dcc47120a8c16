//! Which question of life is asked, and what is said of it: for how many people, within what budget, without what.

use std::collections::BTreeSet;

use super::constraints::{self, Walk};
use super::phrasebook::{Meaning, Mention, Phrasebook};
use super::quantity::{Dimension, Free};
use super::reading::Reading;
use super::{Interpreter, Lookup};
use crate::guide::scene::Scene;
use crate::knowledge::Knowledge;
use crate::lexicon::{Task, WordClass};
use crate::need::{CategoryMatch, Comparison, Constraint, Found, Intent, Need, Party, Persona, Rule};
use crate::question::Question;

/// The unit in which people are counted.
const PEOPLE: &str = "people";
/// More people than this are no party but a misreading.
const MOST_PEOPLE: u32 = 200;

/// How a scene is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// By a phrase that asks it outright, or what to do about its subject.
    Plainly,
    /// What its subject needs.
    ForThings,
    /// By its subject alone.
    BySubject,
}

/// Adds the phrases by which scenes are asked for.
pub(super) fn add_phrases(knowledge: &Knowledge, book: &mut Phrasebook<Meaning>) {
    for scene in &knowledge.scenes {
        scene.asks.each().for_each(|phrase| spoken(phrase, |phrase| book.add(phrase, Meaning::Scene(scene.id.clone()))));
        scene.about.each().for_each(|phrase| book.add(phrase, Meaning::SceneSubject(scene.id.clone())));
    }
    for (place, task) in knowledge.lexicon.tasks.iter().enumerate() {
        task.words.each().for_each(|word| spoken(word, |word| book.add(word, Meaning::Task(place))));
    }
}

/// A phrase, and how it is said where people say 啥 for 什么.
fn spoken(phrase: &str, mut add: impl FnMut(&str)) {
    add(phrase);
    if phrase.contains("什么") {
        add(&phrase.replace("什么", "啥"));
    }
}

impl Interpreter {
    /// The scene that a question asks for, and how plainly: what is asked plainly goes first, then the longest wording; of
    /// equally long ones, the one said in more words.
    pub(super) fn scene_of(&self, reading: &Reading, forced: Option<Persona>) -> Option<(Asked, &Scene)> {
        let suits = |scene: &Scene| forced.is_none_or(|persona| persona == scene.persona);
        let outright =
            |m: &Mention<Meaning>| m.meanings.iter().find_map(|meaning| if let Meaning::Scene(id) = meaning { self.knowledge.scene(id) } else { None });
        let asked = reading.life.iter().filter_map(|m| Some((m, outright(m)?)));
        if let Some((mention, scene)) = asked.max_by_key(|(mention, scene)| (suits(scene), mention.atoms.len())) {
            // "a suitcase for island hopping" wants a suitcase, unless it is also asked what to do.
            let phrase: BTreeSet<usize> = mention.atoms.iter().copied().collect();
            if forced == Some(scene.persona) || self.asks_firmly(reading, scene) || !self.names_product(reading, scene, &phrase) {
                return Some((Asked::Plainly, scene));
            }
        }
        let mut best: Option<((bool, usize, usize), Asked, &Scene)> = None;
        for scene in self.knowledge.scenes.iter().filter(|scene| suits(scene)) {
            let about = |m: &&Mention<Meaning>| m.meanings.iter().any(|meaning| matches!(meaning, Meaning::SceneSubject(id) if *id == scene.id));
            let subjects: Vec<&Mention<Meaning>> = reading.life.iter().filter(about).collect();
            let places: BTreeSet<usize> = subjects.iter().flat_map(|m| m.atoms.iter().copied()).collect();
            if places.is_empty() {
                continue;
            }
            let plainly = forced == Some(scene.persona) || self.asks_firmly(reading, scene);
            let asked = if plainly { Some(Asked::Plainly) } else { self.asked_softly(reading, scene, &places) };
            let rank = (plainly, places.len(), subjects.len());
            if let Some(asked) = asked
                && best.as_ref().is_none_or(|(most, ..)| rank > *most)
            {
                best = Some((rank, asked, scene));
            }
        }
        best.map(|(_, asked, scene)| (asked, scene))
    }

    fn asks_firmly(&self, reading: &Reading, scene: &Scene) -> bool {
        self.tasks(reading).any(|task| task.persona == scene.persona && task.firm)
    }

    fn tasks<'m>(&'m self, reading: &'m Reading) -> impl Iterator<Item = &'m Task> {
        let place = |meaning: &Meaning| if let Meaning::Task(place) = meaning { Some(*place) } else { None };
        reading.life.iter().flat_map(|m| &m.meanings).filter_map(place).filter_map(|place| self.knowledge.lexicon.tasks.get(place))
    }

    /// Where no product is named, the subject of a scene beside what is needed asks for it, and some subjects do alone, unless
    /// an explanation is wanted ("what is the capital of France").
    fn asked_softly(&self, reading: &Reading, scene: &Scene, subject: &BTreeSet<usize>) -> Option<Asked> {
        if self.names_product(reading, scene, subject) {
            return None;
        }
        if self.tasks(reading).any(|task| task.persona == scene.persona) {
            return Some(Asked::ForThings);
        }
        let explains = reading.functions.iter().any(|f| f.meanings.contains(&WordClass::Explain));
        // "a winter coat, I'm vegan" wants a coat.
        let wider = reading.content.iter().flat_map(|m| &m.meanings).any(|meaning| match meaning {
            Meaning::Umbrella(place) => self.knowledge.taxonomy.umbrellas.get(*place).is_some_and(|umbrella| !umbrella.activity),
            _ => false,
        });
        let implied = self.knowledge.lexicon.tasks.iter().any(|task| task.persona == scene.persona && task.implied);
        (implied && !explains && !wider).then_some(Asked::BySubject)
    }

    /// Whether it is asked what to do, whatever about: a firm task that is not to choose.
    pub(super) fn asks_how(&self, reading: &Reading) -> bool {
        self.tasks(reading).any(|task| task.firm && task.persona != Persona::Guide)
    }

    /// Whether a product is named beside the subject of a scene: then that is what is wanted. Several things that the scene's
    /// kit needs anyway are the kit.
    fn names_product(&self, reading: &Reading, scene: &Scene, subject: &BTreeSet<usize>) -> bool {
        let apart = |m: &Mention<Meaning>| m.atoms.iter().filter(|place| !subject.contains(place)).count();
        let beside = || reading.content.iter().filter(|m| apart(m) > 0);
        // "red wine" in "a red wine stain" is part of the subject.
        let elsewhere = |m: &Mention<Meaning>| {
            apart(m) == m.atoms.len() && m.meanings.iter().any(|meaning| matches!(meaning, Meaning::Goods(..) | Meaning::CatalogCategory(_)))
        };
        if beside().any(elsewhere) {
            return true;
        }
        let named: BTreeSet<&str> = beside().flat_map(|m| &m.meanings).filter_map(Meaning::named_category).collect();
        let of_the_kit = named.iter().all(|id| scene.related.iter().any(|related| related == id));
        !(named.is_empty() || (of_the_kit && named.len() > 1))
    }

    /// Reads a question as one about a scene that was found otherwise. `None` when there is no such scene.
    pub fn about_scene(&self, question: &Question, id: &str, lookup: &dyn Lookup) -> Option<Need> {
        Some(self.in_scene(question, &Reading::new(question.text(), self), self.knowledge.scene(id)?, lookup))
    }

    pub(super) fn in_scene(&self, question: &Question, reading: &Reading, scene: &Scene, lookup: &dyn Lookup) -> Need {
        let mut need = Need::blank(question.lang());
        need.persona = question.persona.unwrap_or(scene.persona);
        need.intent = Intent::Scene(scene.id.clone());
        if scene.slots.is_empty() {
            need.traits = self.traits(reading, &[]);
            return need;
        }
        need.categories = self.categories_of(scene);
        need.more = reading.functions.iter().any(|f| f.meanings.contains(&WordClass::More));
        need.traits = self.traits(reading, &need.categories);
        need.reset = reading.resets();
        need.party = self.party(reading);
        let mut walk = Walk::new(self, reading, &need, lookup);
        walk.run();
        let constraints::Found { constraints, remarks, dropped_traits, .. } = walk.finish();
        need.constraints = constraints.into_iter().filter_map(|c| of_the_whole(c, scene.ideas)).collect();
        need.remarks = remarks;
        need.traits.retain(|t| !dropped_traits.contains(&t.id));
        need
    }

    /// The categories of a scene's slots that this catalog has.
    pub fn categories_of(&self, scene: &Scene) -> Vec<CategoryMatch> {
        let mut categories: Vec<CategoryMatch> = Vec::new();
        for id in scene.slots.iter().map(|slot| &slot.category) {
            if !categories.iter().any(|c| c.id.as_ref() == Some(id)) {
                categories.extend(self.in_catalog(id, "", Found::Inferred));
            }
        }
        categories
    }

    /// How many people: a figure with a word for people, else what a trait says ("一家三口", "couple").
    fn party(&self, reading: &Reading) -> Option<Party> {
        let all = Free::all(reading.atoms.len());
        let quantities = self.quantities.find(&reading.atoms, &all, &reading.functions, &self.knowledge.lexicon);
        let people = quantities.iter().filter(|q| matches!(&q.dimension, Dimension::Unit(unit) if unit == PEOPLE));
        let mut counted = people.map(|q| Party { people: q.high.high_f64().ceil() as u32, text: reading.quote(&q.span) });
        if let Some(party) = counted.rfind(|party| (1..=MOST_PEOPLE).contains(&party.people)) {
            return Some(party);
        }
        let traits = reading.traits.iter().flat_map(|m| m.meanings.iter().map(move |meaning| (m, meaning)));
        traits
            .filter_map(|(mention, meaning)| {
                let Meaning::Trait(place) = meaning else { return None };
                let people = self.knowledge.lexicon.traits.get(*place)?.people?;
                Some(Party { people, text: reading.quote(&mention.span) })
            })
            .next_back()
    }
}

/// A constraint as it holds for a kit: a budget is for all of it, an exclusion for each product, and a wish for a value ranks,
/// because most products of a kit do not have such a thing. How many people is no measure of a product.
fn of_the_whole(mut constraint: Constraint, ideas: bool) -> Option<Constraint> {
    constraint.hard = match &constraint.rule {
        Rule::Measure { dimension, .. } if dimension == PEOPLE => return None,
        Rule::Price { comparison, .. } => ideas || matches!(comparison, Comparison::AtMost | Comparison::LessThan),
        Rule::Value { comparison, .. } => *comparison == Comparison::NotEqual,
        Rule::Without { .. } => true,
        Rule::Measure { .. } => false,
    };
    Some(constraint)
}
