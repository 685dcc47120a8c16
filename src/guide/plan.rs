//! What to advise in this case: the dimensions, the advice in each, and the values that rank products.

use super::scene::{Scene, Slot, Step, StepPiece};
use super::{Guide, GuideDimension, Piece, Preference};
use crate::catalog::{Lang, Record};
use crate::lexicon::Units;
use crate::need::check::base_figures;
use crate::need::{Comparison, Need, Rule};

/// Most pieces of advice given in one dimension.
const MOST_PIECES: usize = 2;

/// Where a piece of advice comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A piece of a guide: "hats#shape.round-face".
    Guide(String),
    /// A piece of a scene: "hotpot-at-home#broth.general".
    Scene(String),
    /// Counts of an attribute, and the counts as text.
    Facet { attribute: String, text: String },
    /// A review, by product id and place from 1, and what reviews like it say in counts.
    Review { reference: String, text: String },
}

/// A piece of advice in the answer's language.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    pub text: String,
    pub evidence: Evidence,
}

/// One dimension of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    pub id: String,
    pub name: String,
    pub attribute: String,
    pub advice: Vec<Advice>,
    pub prefer: Vec<Preference>,
    pub avoid: Vec<Preference>,
    /// Whether the advice was chosen for something the shopper said.
    pub personal: bool,
}

/// The advice for one need. Without dimensions it is an empty plan, which ranks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The guide it was made from, by category id.
    pub guide: Option<String>,
    /// How to choose, in general.
    pub general: Option<String>,
    pub dimensions: Vec<Dimension>,
    /// Traits that some piece of advice answers.
    pub answered: Vec<String>,
}

impl Plan {
    /// The plan that a guide gives for a need.
    pub fn from_guide(guide: &Guide, need: &Need) -> Self {
        let mut plan = Self { guide: Some(guide.category.clone()), general: Some(guide.general.get(need.lang).to_owned()), ..Self::default() };
        for dimension in &guide.dimensions {
            let pieces = chosen(dimension, need);
            for set in pieces.iter().flat_map(|p| p.when.sets()) {
                plan.answered.extend(set.iter().filter(|id| need.has_trait(id) && !plan.answered.contains(id)).cloned().collect::<Vec<_>>());
            }
            plan.dimensions.push(planned(guide, dimension, &pieces, need));
        }
        plan
    }

    /// What a scene advises, step by step. The slots that are there say what the products of a step have.
    pub fn from_scene(scene: &Scene, need: &Need, filled: &[&Slot]) -> Self {
        let mut plan = Self { general: Some(scene.summary.get(need.lang).to_owned()), ..Self::default() };
        for step in &scene.steps {
            let (personal, pieces) = said(step, need);
            let advice = |piece: &&StepPiece| Advice {
                text: piece.advice.get(need.lang).to_owned(),
                evidence: Evidence::Scene(format!("{}#{}.{}", scene.id, step.id, piece.id)),
            };
            let mut prefer: Vec<Preference> = Vec::new();
            for slot in filled.iter().filter(|slot| slot.step == step.id) {
                for preference in slot.held() {
                    if !prefer.contains(preference) {
                        prefer.push(preference.clone());
                    }
                }
            }
            plan.dimensions.push(Dimension {
                id: step.id.clone(),
                name: step.name.get(need.lang).to_owned(),
                attribute: String::new(),
                advice: pieces.iter().map(advice).collect(),
                prefer,
                avoid: Vec::new(),
                personal,
            });
        }
        plan
    }

    pub fn dimension(&self, id: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|d| d.id == id)
    }
}

/// What a step says to this shopper, and whether any of it is for them in particular: what is for everybody, unless a piece
/// stands instead of it, then what is for them.
fn said<'s>(step: &'s Step, need: &Need) -> (bool, Vec<&'s StepPiece>) {
    let fitting = || step.pieces.iter().filter(|piece| piece.when.holding(|id| need.has_trait(id)).next().is_some());
    let first = fitting().find(|piece| piece.instead).or(step.pieces.first());
    let more = fitting().filter(|piece| !piece.instead).take(MOST_PIECES);
    (fitting().next().is_some(), first.into_iter().chain(more).collect())
}

/// The pieces for this shopper: those that ask for most of what was said first; a piece for two traits replaces the pieces
/// for each; without any, the one for everybody.
fn chosen<'g>(dimension: &'g GuideDimension, need: &Need) -> Vec<&'g Piece> {
    let mut fitting: Vec<(usize, usize, &Piece)> = Vec::new();
    for piece in &dimension.pieces {
        let met = piece.when.holding(|id| need.has_trait(id));
        let place = |set: &&Vec<String>| need.traits.iter().position(|t| set.contains(&t.id)).unwrap_or(usize::MAX);
        if let Some(set) = met.max_by_key(|set| (set.len(), std::cmp::Reverse(place(set)))) {
            fitting.push((set.len(), place(&set), piece));
        }
    }
    fitting.sort_by_key(|(size, place, _)| (std::cmp::Reverse(*size), *place));
    let mut pieces: Vec<&Piece> = Vec::new();
    let mut answered: Vec<&String> = Vec::new();
    for (_, _, piece) in fitting {
        let said: Vec<&String> = piece.when.holding(|id| need.has_trait(id)).flatten().collect();
        if said.iter().any(|id| !answered.contains(id)) && pieces.len() < MOST_PIECES {
            answered.extend(said);
            pieces.push(piece);
        }
    }
    if pieces.is_empty() {
        pieces.extend(dimension.pieces.first());
    }
    pieces
}

fn planned(guide: &Guide, dimension: &GuideDimension, pieces: &[&Piece], need: &Need) -> Dimension {
    let mut planned = Dimension {
        id: dimension.id.clone(),
        name: dimension.name.get(need.lang).to_owned(),
        attribute: dimension.attribute.clone(),
        advice: Vec::new(),
        prefer: Vec::new(),
        avoid: Vec::new(),
        personal: pieces.iter().any(|p| !p.when.is_empty()),
    };
    for piece in pieces {
        let reference = format!("{}#{}.{}", guide.category, dimension.id, piece.id);
        planned.advice.push(Advice { text: piece.advice.get(need.lang).to_owned(), evidence: Evidence::Guide(reference) });
        // What an earlier, more fitting piece says holds against a later one.
        for preference in &piece.prefer {
            if !planned.avoid.contains(preference) && !planned.prefer.contains(preference) && !ruled_out(preference, need) {
                planned.prefer.push(preference.clone());
            }
        }
        for preference in &piece.avoid {
            if !planned.prefer.contains(preference) && !planned.avoid.contains(preference) && !asked_for(preference, need) {
                planned.avoid.push(preference.clone());
            }
        }
    }
    planned
}

/// Whether the shopper ruled a value out, or insists on another.
fn ruled_out(preference: &Preference, need: &Need) -> bool {
    need.hard().any(|constraint| match (&constraint.rule, preference) {
        (Rule::Value { attribute, comparison, any_of }, Preference::Value { attribute: about, words, key, .. }) if attribute == about => {
            let named = any_of.iter().any(|v| v.key == *key || words.iter().any(|w| v.words.contains(w)));
            named == (*comparison == Comparison::NotEqual)
        }
        _ => false,
    })
}

/// Whether the shopper insists on a value that the guide would avoid.
fn asked_for(preference: &Preference, need: &Need) -> bool {
    need.hard().any(|constraint| match (&constraint.rule, preference) {
        (Rule::Value { attribute, comparison: Comparison::Equal, any_of }, Preference::Value { attribute: about, words, key, .. }) if attribute == about => {
            any_of.iter().any(|v| v.key == *key || words.iter().any(|w| v.words.contains(w)))
        }
        _ => false,
    })
}

impl Preference {
    /// Whether a record shows it. Other catalogs may have the value under another attribute.
    pub fn held_by(&self, record: &Record, units: &Units) -> bool {
        match self {
            Self::Range { attribute, comparison, dimension, base, .. } => {
                let stated = record.attribute(attribute);
                stated.is_some_and(|stated| base_figures(stated, dimension, units).any(|figure| comparison.holds(figure, *base)))
            }
            Self::Value { attribute, words, .. } => match record.value_keys(attribute) {
                Some(keys) => keys.iter().any(|key| words.contains(key)),
                None => record.each_value_key().any(|key| words.contains(key)),
            },
        }
    }

    /// How it reads in a list of preferred values.
    pub fn show(&self, lang: Lang) -> String {
        self.label(lang).to_owned()
    }
}
