//! Draft → Answer, the only maker. A passage is admitted when its figures stand in a shown record, a cited source or the
//! shopper's own words, and it carries no link. Products are named by the program.

use std::collections::HashSet;

use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use super::{Answer, Ask, Card, Cited, Content, DimensionAdvice, Event, Nearest, Timing};
use crate::catalog::feed::jsonl;
use crate::catalog::{Lang, ProductId};
use crate::compose::{Case, Draft, Part, Passage, Segment};
use crate::guide::Evidence;
use crate::knowledge::Knowledge;
use crate::rank::{Pick, Shortlist};
use crate::text::{self, AtomKind};

/// What the program itself adds to an answer; none of it is prose of a composer.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub id: String,
    pub session: String,
    pub category_paths: Vec<String>,
    pub question: Option<Ask>,
    pub follow_ups: Vec<String>,
    pub notices: Vec<String>,
}

/// Checks each passage, sends it on, and makes the answer. A receiver that has gone away changes nothing.
pub async fn admit(mut draft: Draft, case: &Case, frame: Frame, knowledge: &Knowledge, out: &Sender<Event>) -> Answer {
    let sources = Sources::of(case, knowledge);
    let lang = case.need.lang;
    let mut content = Content {
        id: frame.id,
        session: frame.session,
        outcome: case.outcome,
        need: case.need.clone(),
        category_paths: frame.category_paths,
        summary: String::new(),
        dimensions: Vec::new(),
        products: case.shortlist.picks.iter().map(|pick| Card { labels: labels(pick, case, knowledge), ..card(pick, lang) }).collect(),
        kit: case.kit.clone(),
        nearest: case
            .relaxed
            .iter()
            .map(|r| Nearest { relaxed: r.name.clone(), text: r.text.clone(), count: r.count, products: cards(&r.shortlist, lang) })
            .collect(),
        question: frame.question,
        follow_ups: frame.follow_ups,
        notices: frame.notices,
        model: None,
        degraded: None,
        timing: Timing::default(),
        dropped: 0,
    };
    send(out, Event::Need(Box::new(content.understood()))).await;
    send(out, Event::Products(Box::new(content.offer()))).await;
    let mut named = Vec::new();
    while let Some(passage) = draft.next().await {
        match sources.check(&passage, case, &mut named) {
            Ok(prose) => place(prose, &passage, case, &mut content, out).await,
            Err(reason) => {
                tracing::warn!(part = ?passage.part, reason, "passage dropped");
                content.dropped += 1;
            }
        }
    }
    if let Some(question) = content.question.clone() {
        send(out, Event::Question(question)).await;
    }
    for notice in content.notices.clone() {
        send(out, Event::Notice(notice)).await;
    }
    Answer(content)
}

async fn send(out: &Sender<Event>, event: Event) {
    // Nobody listening is no reason to stop: the answer is still recorded.
    let _ = out.send(event).await;
}

async fn place(prose: String, passage: &Passage, case: &Case, content: &mut Content, out: &Sender<Event>) {
    match &passage.part {
        Part::Summary => {
            content.summary.clone_from(&prose);
            send(out, Event::Summary(prose)).await;
        }
        Part::Dimension(id) => {
            if let Some(advice) = dimension(id, prose, case) {
                content.dimensions.push(advice.clone());
                send(out, Event::Dimension(Box::new(advice))).await;
            }
        }
        Part::Reason(id) => {
            let nearest = content.nearest.iter_mut().flat_map(|n| &mut n.products);
            for card in content.products.iter_mut().chain(nearest).filter(|card| card.id == *id) {
                card.reason.clone_from(&prose);
            }
        }
    }
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

/// Everything that prose may repeat.
struct Sources {
    figures: HashSet<String>,
    /// Words of titles, brands and values that look like an address ("StarTech.com").
    names: HashSet<String>,
}

impl Sources {
    fn of(case: &Case, knowledge: &Knowledge) -> Self {
        let mut texts: Vec<String> = vec![case.question.clone()];
        texts.extend(case.plan.general.clone());
        for dimension in &case.plan.dimensions {
            texts.extend(dimension.advice.iter().map(|a| a.text.clone()));
            texts.extend(dimension.prefer.iter().chain(&dimension.avoid).map(|p| p.show(case.need.lang)));
        }
        for pick in case.picks() {
            texts.push(jsonl::to_json(pick.product()).to_string());
            texts.push(pick.price().total.pretty());
            // Units are printed in the shopper's language, which may round the record's figure.
            texts.extend(pick.product().attributes.iter().filter_map(|a| pick.value(&a.key, &knowledge.lexicon.units, case.need.lang)));
        }
        texts.extend(case.constraint_labels.values().cloned());
        // Names of traits may have figures in them: "ages 7 to 12".
        let traits = case.need.traits.iter().filter_map(|t| knowledge.lexicon.trait_by_id(&t.id));
        texts.extend(traits.map(|known| known.name.get(case.need.lang).to_owned()));
        texts.extend(case.reply.clone());
        texts.extend(case.categories.iter().map(|(name, count)| format!("{name} {count}")));
        texts.extend(case.relaxed.iter().map(|r| format!("{} {}", r.text, r.count)));
        texts.push(format!("{} {}", case.shortlist.total, case.shortlist.picks.len()));
        if let Some(kit) = &case.kit {
            texts.push(format!("{} {} {}", kit.people, kit.slots.len(), kit.total.pretty()));
            texts.extend(kit.spare().map(|(_, cost)| cost.pretty()));
            texts.extend(kit.slots.iter().map(|slot| format!("{} {} {}", slot.name, slot.why, slot.quantity)));
        }
        let figures = texts.iter().flat_map(|t| figures(t)).collect();
        let products = case.picks().map(Pick::product);
        let mut names: HashSet<String> = products.flat_map(|p| p.title.each().chain(p.brand.as_deref()).flat_map(addresses).collect::<Vec<_>>()).collect();
        for brand in case.survey.values.get("brand").into_iter().flat_map(|values| values.keys()) {
            names.extend(addresses(&brand.replace(' ', ".")));
        }
        Self { figures, names }
    }

    /// The passage as prose, or why it may not be said. A product is named by its title the first time, and by its place
    /// among the cards after that.
    fn check(&self, passage: &Passage, case: &Case, named: &mut Vec<ProductId>) -> Result<String, &'static str> {
        let mut prose = String::new();
        for segment in &passage.segments {
            match segment {
                Segment::Text(text) => {
                    if has_link(text) || addresses(text).any(|address| !self.names.contains(&address)) {
                        return Err("it carries a link");
                    }
                    if figures(text).iter().any(|figure| !self.figures.contains(figure)) {
                        return Err("it carries a figure that no source has");
                    }
                    prose.push_str(text);
                }
                Segment::Product(id) => {
                    let place = case.shortlist.picks.iter().position(|p| p.id() == id).ok_or("it names a product that is not shown")?;
                    let title = case.shortlist.picks[place].product().title.get(case.need.lang);
                    let first = !named.contains(id);
                    prose.push_str(&match (case.need.lang, first) {
                        // A title with title marks of its own is not put between the same marks again.
                        (Lang::Zh, true) if title.contains('《') => format!("“{title}”"),
                        (Lang::Zh, true) => format!("《{title}》"),
                        (Lang::Zh, false) => format!("第 {} 款", place + 1),
                        (Lang::En, true) => format!("“{title}”"),
                        (Lang::En, false) => format!("pick {}", place + 1),
                    });
                    if first {
                        named.push(id.clone());
                    }
                }
            }
        }
        let prose = prose.trim().to_owned();
        if prose.is_empty() { Err("it says nothing") } else { Ok(prose) }
    }
}

/// The figures of a text in one form: digits without needless zeros or separators.
pub fn figures(prose: &str) -> Vec<String> {
    let atoms = text::atoms(&text::fold(prose));
    let numbers = atoms.iter().filter(|a| a.kind == AtomKind::Number);
    numbers
        .map(|a| a.text.trim_start_matches('-'))
        .map(|figure| if figure.contains('.') { figure.trim_end_matches('0').trim_end_matches('.') } else { figure })
        .map(|figure| figure.trim_start_matches('0'))
        .map(|figure| if figure.is_empty() || figure.starts_with('.') { format!("0{figure}") } else { figure.to_owned() })
        .collect()
}

/// Whether a text carries a link in any notation.
fn has_link(prose: &str) -> bool {
    let folded = text::fold(prose);
    folded.contains("://") || folded.contains("www.") || folded.contains("](")
}

/// Words that end like the name of a host.
fn addresses(prose: &str) -> impl Iterator<Item = String> {
    const ENDS: [&str; 9] = [".com", ".cn", ".net", ".org", ".example", ".io", ".shop", ".xyz", ".top"];
    let folded = text::fold(prose);
    let words: Vec<String> = folded
        .split(|c: char| c.is_whitespace() || text::is_han(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .filter(|word| ENDS.iter().any(|end| word.ends_with(end) || word.contains(&format!("{end}/"))))
        .collect();
    words.into_iter()
}
