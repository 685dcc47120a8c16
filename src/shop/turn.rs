//! A turn in the light of the turns before it: which operation it is, and the need that comes of it.
//!
//! References are resolved here, by code, from what the conversation remembers. Nothing that is only asked about becomes a
//! wish, and no wish is lost but by the shopper's own word.

use super::Shop;
use super::spoken::{Spoken, about};
use crate::catalog::Lang;
use crate::lexicon::{Cue, FieldId, Trait, TraitKind};
use crate::need::{Found, Intent, Need, Remark, Rule, Shelf};
use crate::question::Question;
use crate::session::Remembered;
use crate::understand::Aside;
use crate::understand::cues::Cues;

/// Share of a new kind's products that must meet a budget for it to go along.
const MAKES_SENSE: f64 = 0.1;

impl Shop {
    /// The need behind a turn.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read.
    pub fn turn(&self, question: &Question, before: &Remembered) -> anyhow::Result<Need> {
        self.catch_up()?;
        let interpreter = self.current_interpreter();
        let cues = interpreter.cues(question.text());
        let spoken = Spoken::of(self, &cues, before)?;
        if let Some(known) = about(self, question, &cues, before, &spoken)? {
            return Ok(known);
        }
        let mut question = question.clone();
        question.lang = question.lang.or_else(|| language(&cues));
        let relative = !spoken.list().is_empty() && cues.is_relative();
        let mut need = match before.need.as_ref().filter(|_| relative) {
            // "有没有比第一个便宜的": what points says nothing of the thing itself.
            Some(last) => match question.narrowed(&cues.rest()) {
                Some(rest) => self.understand(&rest, Some(last))?,
                None => Need { lang: question.lang(), remarks: Vec::new(), more: false, ..last.clone() },
            },
            None => self.understand(&question, before.need.as_ref())?,
        };
        if let Some(last) = &before.need {
            if language(&cues).is_some() && (need.is_blank() || need.intent != Intent::Shop) {
                need = Need { lang: question.lang(), remarks: Vec::new(), ..last.clone() };
            }
            if need.reset.iter().any(|name| name == "price") && last.constraints.iter().any(|c| c.name() == "price") {
                // Taking a budget back is no wish for something fine.
                need.traits.retain(|t| last.has_trait(&t.id) || self.knowledge().lexicon.trait_by_id(&t.id).is_none_or(|t| t.kind != TraitKind::Budget));
            }
            need = switched(self, last, need, &cues)?;
            need = super::comparative::apply(self, need, last, &cues, &spoken)?;
        }
        need.shelf = shelf(self, &question, &cues, &need);
        if need.shelf == Some(Shelf::Departments) {
            return Ok(Need { shelf: need.shelf, ..Need::blank(need.lang) });
        }
        if need.more {
            // "还有别的吗": what was shown is not shown again.
            need.seen = before.shown().cloned().collect();
        }
        need.asked.clone_from(&before.asked);
        Ok(need)
    }
}

fn language(cues: &Cues) -> Option<Lang> {
    match (cues.has(Cue::InChinese), cues.has(Cue::InEnglish)) {
        (true, false) => Some(Lang::Zh),
        (false, true) => Some(Lang::En),
        _ => None,
    }
}

/// What is asked of the shop beside products. An attribute must be named for its values to be meant.
fn shelf(shop: &Shop, question: &Question, cues: &Cues, need: &Need) -> Option<Shelf> {
    let brand = cues.asks() && cues.fields(&shop.knowledge().lexicon.dialogue).any(|field| field == FieldId::Brand);
    let asks = brand || [Cue::Departments, Cue::HowMany, Cue::PriceRange, Cue::WhichValues].into_iter().any(|cue| cues.has(cue));
    if need.intent != Intent::Shop || !asks {
        return None;
    }
    let Aside { need: own, attributes, .. } = shop.current_interpreter().aside(question, question.text(), &[], shop);
    if cues.has(Cue::Departments) && own.categories.iter().all(|c| c.found == Found::Inferred) && own.constraints.is_empty() && own.goods.is_empty() {
        return Some(Shelf::Departments);
    }
    if need.categories.is_empty() {
        return None;
    }
    if cues.has(Cue::HowMany) {
        return Some(Shelf::Count);
    }
    if cues.has(Cue::PriceRange) && own.constraints.iter().all(|c| c.name() != "price") {
        return Some(Shelf::Prices);
    }
    if brand {
        return Some(Shelf::Values(FieldId::Brand.as_str().to_owned()));
    }
    // "Which monitor is best for photo editing" asks for monitors.
    attributes.into_iter().filter(|(_, wording)| cues.has_beside(Cue::WhichValues, wording)).find_map(|(keys, _)| keys.into_iter().next()).map(Shelf::Values)
}

/// "那换成充电宝呢": another thing for the same person. Who it is for goes along; the budget does where enough of the new kind
/// can be had for it.
fn switched(shop: &Shop, last: &Need, mut need: Need, cues: &Cues) -> anyhow::Result<Need> {
    let other = !need.categories.is_empty() && need.categories.iter().all(|c| c.found != Found::Inferred && !last.categories.iter().any(|l| l.key == c.key));
    if !cues.has(Cue::Switch) || !other || need.intent != Intent::Shop || last.intent != Intent::Shop {
        return Ok(need);
    }
    let knowledge = shop.knowledge();
    for known in &last.traits {
        let of_the_person = |t: &Trait| {
            use TraitKind::{Age, Body, Health, Occasion, Pet, Recipient, Skin};
            matches!(t.kind, Recipient | Age | Occasion | Body | Skin | Health | Pet) && knowledge.concerns(t, &need.categories)
        };
        if !need.has_trait(&known.id) && knowledge.lexicon.trait_by_id(&known.id).is_some_and(of_the_person) {
            need.traits.push(known.clone());
        }
    }
    let stated = need.constraints.iter().any(|c| c.name() == "price") || need.reset.iter().any(|name| name == "price");
    let relative = |text: &str| knowledge.lexicon.dialogue.is_relative(text);
    let budget: Vec<_> = last.constraints.iter().filter(|c| matches!(c.rule, Rule::Price { .. }) && !stated && !relative(&c.text)).cloned().collect();
    if let Some(text) = budget.first().map(|c| c.text.clone()) {
        let all = shop.index().count(&need, &[])?;
        let mut with = need.clone();
        with.constraints.extend(budget);
        if shop.index().count(&with, &[])? as f64 >= MAKES_SENSE * all as f64 {
            need = with;
        } else {
            need.remarks.push(Remark::BudgetLeft(text));
        }
    }
    Ok(need)
}
