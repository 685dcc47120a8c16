//! Passages → Answer, the only maker. A passage is admitted when its figures stand in a shown record, a cited source or the
//! shopper's own words, and it carries no link; one of a model must also pass `Scrutiny`. Products are named by the program.

use std::collections::VecDeque;

use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use super::scrutiny::Scrutiny;
use super::sources::Sources;
use super::{Answer, Ask, Card, CategoryLabel, Cited, Content, DimensionAdvice, Event, Nearest, Timing, Understood};
use crate::catalog::{Lang, ProductId};
use crate::compose::{Case, Manuscript, Part, Passage, Writing, Written};
use crate::guide::Evidence;
use crate::index::Vocabulary;
use crate::index::analysis::Analyzer;
use crate::knowledge::Knowledge;
use crate::llm::Usage;
use crate::need::Need;
use crate::rank::{Pick, Shortlist};

/// What the program itself adds to an answer; none of it is prose of a composer.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub id: String,
    pub session: String,
    pub categories: Vec<CategoryLabel>,
    pub question: Option<Ask>,
    pub follow_ups: Vec<String>,
    pub notices: Vec<String>,
}

/// What checking needs beside the case.
pub struct Rules<'a> {
    pub knowledge: &'a Knowledge,
    pub analyzer: &'a Analyzer,
    /// Brands of the whole catalog, as phrase keys: a model may not name those of other products.
    pub brands: Vec<String>,
}

impl<'a> Rules<'a> {
    pub fn new(knowledge: &'a Knowledge, analyzer: &'a Analyzer, vocabulary: &Vocabulary, writing: &Writing) -> Self {
        // Only a model's prose is looked through for brands.
        let known = vocabulary.attributes.get("brand").filter(|_| matches!(writing, Writing::Model(_)));
        let brands = known.into_iter().flat_map(|brand| &brand.values).flat_map(|value| value.phrases.clone()).collect();
        Self { knowledge, analyzer, brands }
    }
}

/// Sends what was understood, before anything is looked for.
pub async fn announce(understood: Understood, out: &Sender<Event>) {
    send(out, Event::Need(Box::new(understood))).await;
}

/// Sends what is there before any prose: the products, and what was understood, where that is not what was announced.
pub async fn present(case: &Case, frame: Frame, knowledge: &Knowledge, announced: Option<&Need>, out: &Sender<Event>) {
    let content = blank(case, frame, knowledge);
    if announced != Some(&case.need) {
        announce(content.understood(), out).await;
    }
    send(out, Event::Products(Box::new(content.offer()))).await;
}

/// Checks each passage, sends it on, and makes the answer. Where a passage of the model is missing or falls, that of the
/// built-in composer takes its place. A receiver that has gone away changes nothing.
pub async fn admit(built_in: Vec<Passage>, writing: Writing, case: &Case, frame: Frame, rules: &Rules<'_>, out: &Sender<Event>) -> Answer {
    let mut page = Page { content: blank(case, frame, rules.knowledge), case, sources: Sources::of(case, rules.knowledge), named: Vec::new(), out };
    let mut built_in = VecDeque::from(built_in);
    match writing {
        Writing::BuiltIn => {}
        Writing::Failed(reason) => page.content.degraded = Some(reason),
        Writing::Model(manuscript) => page.copy(manuscript, &mut built_in, rules).await,
    }
    for passage in built_in {
        page.built_in(passage).await;
    }
    let content = page.content;
    if let Some(reason) = &content.degraded {
        metrics::counter!("daogou_degraded_total", "reason" => reason.clone()).increment(1);
    }
    if let Some(question) = content.question.clone() {
        send(out, Event::Question(question)).await;
    }
    for notice in content.notices.clone() {
        send(out, Event::Notice(notice)).await;
    }
    Answer(content)
}

/// An answer that is being written.
struct Page<'a> {
    content: Content,
    case: &'a Case,
    sources: Sources<'a>,
    /// Products whose title was spelled out already.
    named: Vec<ProductId>,
    out: &'a Sender<Event>,
}

impl Page<'_> {
    /// Takes over what a model writes, as far as it holds.
    async fn copy(&mut self, mut manuscript: Manuscript, built_in: &mut VecDeque<Passage>, rules: &Rules<'_>) {
        let scrutiny = Scrutiny::new(self.case, rules, &manuscript.instructions);
        let mut said: Vec<String> = Vec::new();
        let mut failed = None;
        while let Some(written) = manuscript.written.next().await {
            let passage = match written {
                Written::Passage(passage) => passage,
                Written::Foreign => {
                    self.drop("unasked");
                    continue;
                }
                Written::Used { prompt, completion } => {
                    self.content.usage = Usage { prompt, completion };
                    continue;
                }
                Written::Failed(reason) => {
                    failed = Some(reason);
                    break;
                }
            };
            let own = match built_in.iter().position(|own| own.part == passage.part) {
                // What the model left out before this stays the program's.
                Some(place) => {
                    for skipped in built_in.drain(..place).collect::<Vec<_>>() {
                        self.built_in(skipped).await;
                    }
                    built_in.pop_front()
                }
                None if passage.part == Part::Verdict && self.content.verdict.is_none() => None,
                None => {
                    self.drop("repeated");
                    continue;
                }
            };
            let checked = scrutiny.check(&passage, self.case).and_then(|()| self.sources.prose(&passage, self.case, &mut self.named));
            match checked.and_then(|prose| if said.contains(&prose) { Err("repeated") } else { Ok(prose) }) {
                Ok(prose) => {
                    self.content.admitted += 1;
                    metrics::counter!("daogou_passages_total", "fate" => "admitted").increment(1);
                    said.push(prose.clone());
                    self.place(prose, &passage.part).await;
                }
                Err(reason) => {
                    self.drop(reason);
                    if let Some(own) = own {
                        self.built_in(own).await;
                    }
                }
            }
        }
        if self.content.admitted > 0 {
            self.content.model = Some(manuscript.model);
        }
        self.content.degraded = failed.or_else(|| (self.content.admitted == 0).then(|| "ungrounded".to_owned()));
    }

    fn drop(&mut self, reason: &'static str) {
        tracing::info!(reason, "a passage was dropped");
        metrics::counter!("daogou_passages_total", "fate" => "dropped", "reason" => reason).increment(1);
        self.content.dropped += 1;
    }

    /// The program's own passage; it is checked as well.
    async fn built_in(&mut self, passage: Passage) {
        match self.sources.check(&passage, self.case, &mut self.named) {
            Ok(prose) => self.place(prose, &passage.part).await,
            Err(reason) => {
                tracing::warn!(part = ?passage.part, reason, "a built-in passage was dropped");
                self.content.dropped += 1;
            }
        }
    }

    async fn place(&mut self, prose: String, part: &Part) {
        match part {
            Part::Summary => {
                self.content.summary.clone_from(&prose);
                send(self.out, Event::Summary(prose)).await;
            }
            Part::Dimension(id) => {
                if let Some(advice) = dimension(id, prose, self.case) {
                    self.content.dimensions.push(advice.clone());
                    send(self.out, Event::Dimension(Box::new(advice))).await;
                }
            }
            Part::Reason(id) => {
                let nearest = self.content.nearest.iter_mut().flat_map(|n| &mut n.products);
                for card in self.content.products.iter_mut().chain(nearest).filter(|card| card.id == *id) {
                    card.reason.clone_from(&prose);
                }
            }
            Part::Verdict => match &mut self.content.comparison {
                Some(comparison) => comparison.verdict = prose,
                None => self.content.verdict = Some(prose),
            },
        }
    }
}

/// An answer without prose.
fn blank(case: &Case, frame: Frame, knowledge: &Knowledge) -> Content {
    let lang = case.need.lang;
    let mut nearest: Vec<Nearest> =
        case.relaxed.iter().map(|r| Nearest { relaxed: r.name.clone(), text: r.text.clone(), count: r.count, products: cards(&r.shortlist, lang) }).collect();
    number(&mut nearest, case.shortlist.picks.len());
    Content {
        id: frame.id,
        session: frame.session,
        outcome: case.outcome,
        need: case.need.clone(),
        categories: frame.categories,
        summary: String::new(),
        verdict: None,
        dimensions: Vec::new(),
        products: shown(case, knowledge),
        kit: case.kit.clone(),
        nearest,
        comparison: case.comparison.clone(),
        question: frame.question,
        follow_ups: frame.follow_ups,
        notices: frame.notices,
        model: None,
        degraded: None,
        timing: Timing::default(),
        usage: Usage::default(),
        admitted: 0,
        dropped: 0,
    }
}

/// Numbers what relaxed wishes would give, behind the shown ones; the same product has the same number everywhere.
fn number(nearest: &mut [Nearest], shown: usize) {
    let mut seen: Vec<ProductId> = Vec::new();
    for card in nearest.iter_mut().flat_map(|n| &mut n.products) {
        let at = seen.iter().position(|id| *id == card.id).unwrap_or_else(|| {
            seen.push(card.id.clone());
            seen.len() - 1
        });
        card.place = shown + at + 1;
    }
}

fn shown(case: &Case, knowledge: &Knowledge) -> Vec<Card> {
    let numbered = case.shortlist.picks.iter().enumerate();
    numbered.map(|(at, pick)| Card { labels: labels(pick, case, knowledge), place: case.place(at), ..card(pick, case.need.lang) }).collect()
}

async fn send(out: &Sender<Event>, event: Event) {
    // Nobody listening is no reason to stop: the answer is still recorded.
    let _ = out.send(event).await;
}

fn dimension(id: &str, advice: String, case: &Case) -> Option<DimensionAdvice> {
    let plan = case.plan.dimension(id)?;
    let lang = case.need.lang;
    let cite = |evidence: &Evidence| match evidence {
        Evidence::Guide(reference) => Cited { kind: "guide", reference: reference.clone(), text: None },
        Evidence::Scene(reference) => Cited { kind: "scene", reference: reference.clone(), text: None },
        Evidence::Facet { attribute, text } => Cited { kind: "facet", reference: attribute.clone(), text: Some(text.clone()) },
        Evidence::Review { reference, text } => Cited { kind: "review", reference: reference.clone(), text: Some(text.clone()) },
    };
    let states = |pick: &&Pick| match (plan.prefer.is_empty(), plan.attribute.as_str()) {
        (false, _) => pick.follows_in(id).is_some(),
        (true, "price" | "title") => true,
        (true, "reviews") => !pick.product().reviews.is_empty(),
        (true, "brand") => pick.product().brand.is_some(),
        (true, attribute) => pick.product().attribute(attribute).is_some(),
    };
    Some(DimensionAdvice {
        id: id.to_owned(),
        name: plan.name.clone(),
        advice,
        prefer: plan.prefer.iter().map(|p| p.show(lang)).collect(),
        avoid: plan.avoid.iter().map(|p| p.show(lang)).collect(),
        evidence: plan.advice.iter().map(|a| cite(&a.evidence)).collect(),
        products: case.shortlist.picks.iter().filter(states).map(|p| p.id().clone()).collect(),
    })
}

/// What a product is in a kit.
fn labels(pick: &Pick, case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let Some((kit, slot)) = case.kit.as_ref().and_then(|kit| Some((kit, kit.slot_of(pick.id())?))) else { return Vec::new() };
    if kit.ideas {
        return vec![slot.name.clone()];
    }
    let key = if slot.products.first() == Some(pick.id()) { "kit-slot" } else { "kit-other" };
    vec![knowledge.phrases.say(case.need.lang, key, &[("slot", &slot.name), ("quantity", &slot.quantity.to_string())])]
}

/// The products as they are shown.
pub fn cards(shortlist: &Shortlist, lang: Lang) -> Vec<Card> {
    shortlist.picks.iter().map(|pick| card(pick, lang)).collect()
}

fn card(pick: &Pick, lang: Lang) -> Card {
    let product = pick.product();
    Card {
        id: product.id.clone(),
        place: 0,
        title: product.title.get(lang).to_owned(),
        link: product.link.clone(),
        image_link: product.image_link.clone(),
        price: product.price,
        final_price: pick.price().total,
        price_steps: pick.price().steps.clone(),
        availability: product.availability,
        brand: product.brand.clone(),
        rating: product.rating,
        review_count: product.review_count,
        seller: product.seller.as_ref().map(|s| s.name.clone()),
        reason: String::new(),
        meets: pick.meets().to_vec(),
        unstated: pick.unstated().to_vec(),
        labels: Vec::new(),
        signals: pick.signals().to_vec(),
    }
}
