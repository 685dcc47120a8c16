//! What the model is told when it writes an answer, and how its reply becomes passages.

use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::understanding::fenced;
use crate::catalog::Lang;
use crate::compose::plain::constraint_label;
use crate::compose::{Case, Part, Passage, Segment, Written};
use crate::llm::{Failure, Piece, object_schema};
use crate::phrases::Phrases;
use crate::rank::Pick;
use crate::shop::Shop;

/// How much is told, in entries and characters.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    advice: usize,
    values: usize,
    attributes: usize,
    facts: usize,
    description: usize,
    review: usize,
}

impl Detail {
    pub const FULL: Self = Self { advice: 700, values: 160, attributes: 10, facts: 500, description: 160, review: 100 };
    /// For models that read little.
    pub const BRIEF: Self = Self { advice: 110, values: 50, attributes: 4, facts: 120, description: 0, review: 0 };
}

/// Most characters of each part of the reply.
const LONGEST_SUMMARY: usize = 400;
const LONGEST_ADVICE: usize = 360;
const LONGEST_REASON: usize = 200;

/// The variables of the prompt.
pub struct Material {
    language: &'static str,
    voice: &'static str,
    question: String,
    need: String,
    plan: String,
    products: String,
    form: String,
}

impl Material {
    /// All that an answer depends on but the shopper's wording.
    pub fn essence(&self) -> [&str; 4] {
        [self.language, self.voice, &self.plan, &self.products]
    }

    /// As the prompt takes them.
    pub fn as_pairs(&self) -> [(&str, &str); 7] {
        [
            ("language", self.language),
            ("voice", self.voice),
            ("question", &self.question),
            ("need", &self.need),
            ("plan", &self.plan),
            ("products", &self.products),
            ("form", &self.form),
        ]
    }
}

/// Gathers need, plan and shortlist as text.
pub fn material(shop: &Shop, case: &Case, detail: Detail) -> Material {
    use crate::need::Persona;
    let (need, knowledge) = (&case.need, shop.knowledge());
    let lang = need.lang;
    let labels = need.constraints.iter().map(|c| constraint_label(c, need, knowledge));
    let traits = need.traits.iter().filter_map(|t| knowledge.lexicon.trait_by_id(&t.id)).map(|t| t.name.get(lang).to_owned());
    let plan: Vec<String> = case
        .plan
        .dimensions
        .iter()
        .enumerate()
        .map(|(place, dimension)| {
            let advice: Vec<&str> = dimension.advice.iter().map(|a| a.text.as_str()).collect();
            let prefer: Vec<String> = dimension.prefer.iter().map(|p| p.show(lang)).collect();
            let avoid: Vec<String> = dimension.avoid.iter().map(|p| p.show(lang)).collect();
            format!(
                "dimension {}: {}. {} Prefer: {}. Avoid: {}.",
                place + 1,
                fenced(&dimension.name, 40),
                fenced(&advice.join(" "), detail.advice),
                fenced(&prefer.join(", "), detail.values),
                fenced(&avoid.join(", "), detail.values)
            )
        })
        .collect();
    let products: Vec<String> = case.shortlist.picks.iter().enumerate().map(|(place, pick)| record(shop, case, (place, pick), detail)).collect();
    Material {
        language: if lang == Lang::Zh { "Simplified Chinese" } else { "English" },
        voice: match need.persona {
            Persona::Guide => "a senior shopping guide",
            Persona::Life => "someone who knows about life at home",
            Persona::Food => "a food expert",
            Persona::Travel => "a travel planner",
            Persona::Writer => "a soulful writer",
        },
        question: fenced(&case.question, 600),
        need: fenced(&labels.chain(traits).collect::<Vec<_>>().join("; "), 400),
        plan: plan.join("\n"),
        products: products.join("\n"),
        form: form(case).iter().map(|(name, what, _)| format!("- \"{name}\": {what}")).collect::<Vec<_>>().join("\n"),
    }
}

fn record(shop: &Shop, case: &Case, (place, pick): (usize, &Pick), detail: Detail) -> String {
    let (lang, product) = (case.need.lang, pick.product());
    let units = &shop.knowledge().lexicon.units;
    let facts: Vec<String> =
        product.attributes.iter().take(detail.attributes).filter_map(|a| Some(format!("{}: {}", a.name.get(lang), pick.value(&a.key, units, lang)?))).collect();
    let quoted = |said: Option<&str>, most: usize| said.filter(|_| most > 0).map_or(String::new(), |said| format!(" \"{}\"", fenced(said, most)));
    let description = product.description.as_ref().map(|d| d.get(lang));
    format!(
        "[{}] facts: {}. Follows the advice in: {}. Not stated: {}. Merchant's text:{}. A buyer's words:{}.",
        place + 1,
        fenced(&facts.join("; "), detail.facts),
        pick.meets().join(", "),
        pick.unstated().join(", "),
        quoted(description, detail.description),
        quoted(product.reviews.first().map(|r| r.text.get(lang)), detail.review)
    )
}

/// The fields of the reply: name, what it is, and its length.
fn form(case: &Case) -> Vec<(String, String, usize)> {
    let mut form = vec![("summary".to_owned(), "how to choose for this shopper, two or three sentences".to_owned(), LONGEST_SUMMARY)];
    for place in 1..=case.plan.dimensions.len() {
        form.push((format!("dimension_{place}"), format!("the advice of dimension {place} for this shopper, two sentences"), LONGEST_ADVICE));
    }
    for place in 1..=case.shortlist.picks.len() {
        form.push((format!("reason_{place}"), format!("why product [{place}] fits this shopper, one sentence"), LONGEST_REASON));
    }
    if case.shortlist.picks.len() > 1 {
        form.push(("verdict".to_owned(), "which product for which wish, one sentence".to_owned(), LONGEST_REASON));
    }
    form
}

/// The form as a schema, in the order in which it is to be written.
pub fn schema(case: &Case) -> Value {
    object_schema(form(case).into_iter().map(|(name, _, most)| (name, json!({"type": "string", "maxLength": most}))).collect::<Map<_, _>>())
}

/// The passages of a reply, each as soon as it is whole. `keep` gets all of them when the reply is.
pub fn passages(
    pieces: BoxStream<'static, Result<Piece, Failure>>,
    case: Case,
    phrases: Phrases,
    keep: impl Fn(Vec<Passage>) + Send + Sync + 'static,
) -> BoxStream<'static, Written> {
    let mut fields = Fields::default();
    let mut all: Vec<Passage> = Vec::new();
    pieces
        .flat_map(move |piece| {
            let written: Vec<Written> = match piece {
                Ok(Piece::Text(text)) => fields
                    .take(&text)
                    .into_iter()
                    .map(|(name, text)| match passage(&name, &text, &case, &phrases) {
                        Some(passage) => {
                            all.push(passage.clone());
                            Written::Passage(passage)
                        }
                        None => Written::Foreign,
                    })
                    .collect(),
                Ok(Piece::End(usage)) => {
                    if fields.is_whole() {
                        keep(std::mem::take(&mut all));
                    }
                    vec![Written::Used { prompt: usage.prompt, completion: usage.completion }]
                }
                Err(failure) => vec![Written::Failed(failure.reason())],
            };
            futures::stream::iter(written)
        })
        .boxed()
}

/// A field as a passage; `None` when the form has no such field.
fn passage(name: &str, text: &str, case: &Case, phrases: &Phrases) -> Option<Passage> {
    let (kind, number) = name.split_once('_').unwrap_or((name, "1"));
    let place = number.parse::<usize>().ok()?.checked_sub(1)?;
    let part = match kind {
        "summary" => Part::Summary,
        "verdict" => Part::Verdict,
        "dimension" => Part::Dimension(case.plan.dimensions.get(place)?.id.clone()),
        "reason" => Part::Reason(case.shortlist.picks.get(place)?.id().clone()),
        _ => return None,
    };
    let clean: String = text.replace("**", "").replace('`', "").chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let segments = segments(&clean.split_whitespace().collect::<Vec<_>>().join(" "), case, &part, phrases);
    Some(Passage { part, segments })
}

/// Splits a text at its references. One to the product that is spoken of anyway becomes "this one".
fn segments(text: &str, case: &Case, part: &Part, phrases: &Phrases) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['[', '【', '［']) {
        let bracket = rest[open..].chars().next().map_or(1, char::len_utf8);
        let inner = &rest[open + bracket..];
        let Some(close) = inner.find([']', '】', '］']) else { break };
        let closing = inner[close..].chars().next().map_or(1, char::len_utf8);
        let numbers: Option<Vec<usize>> = inner[..close].split([',', '、', '，', ' ']).filter(|n| !n.is_empty()).map(|n| n.trim().parse().ok()).collect();
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
            segments.push(Segment::Text(rest[..open + bracket + close + closing].to_owned()));
            rest = &inner[close + closing..];
            continue;
        };
        segments.push(Segment::Text(rest[..open].to_owned()));
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                segments.push(Segment::Text(if case.need.lang == Lang::Zh { "、" } else { ", " }.to_owned()));
            }
            segments.push(match number.checked_sub(1).and_then(|place| case.shortlist.picks.get(place)) {
                Some(pick) if *part == Part::Reason(pick.id().clone()) => Segment::Text(phrases.say(case.need.lang, "this-one", &[])),
                Some(pick) => Segment::Product(pick.id().clone()),
                None => Segment::Stray,
            });
        }
        rest = &inner[close + closing..];
    }
    segments.push(Segment::Text(rest.to_owned()));
    if case.need.lang == Lang::Zh && segments.len() > 1 {
        // Title marks need no spaces around them.
        for segment in &mut segments {
            if let Segment::Text(text) = segment {
                *text = text.trim().to_owned();
            }
        }
    }
    segments.retain(|segment| !matches!(segment, Segment::Text(text) if text.is_empty()));
    segments
}
