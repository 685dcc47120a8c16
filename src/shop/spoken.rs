//! Turns about products that were shown: which of them are meant, and what is wanted of them.

use super::Shop;
use crate::catalog::{Lang, ProductId, Record};
use crate::lexicon::{Cue, FieldId};
use crate::need::check::{Verdict, order_figure};
use crate::need::{About, CategoryMatch, Constraint, Found, Intent, Need, Order, Remark, Rule, Topic, Wish};
use crate::question::Question;
use crate::session::Remembered;
use crate::text::{self, AtomKind};
use crate::understand::Aside;
use crate::understand::cues::{self, Cues, Reference};

/// Products of earlier turns that a description is looked for in, the latest first.
const LOOKED_BACK: usize = 60;
/// Products that one comparison holds.
const MOST_COMPARED: usize = 4;
/// Products that one answer about shown ones speaks of.
const MOST_SPOKEN_OF: usize = 6;
/// Runs of unknown words that a question about shown products has at most.
const MOST_UNKNOWN: usize = 2;
/// What a property that a record states counts, beside words of its title.
const STATED: f64 = 2.0;

/// The products of a conversation, as far as a turn may speak of them.
pub struct Spoken {
    /// The latest first, each once.
    records: Vec<Record>,
    /// The last list.
    list: Vec<ProductId>,
    /// What was spoken of since.
    spoken: Vec<ProductId>,
}

impl Spoken {
    /// Reads the records of what was shown, where the turn may speak of them; what is not sold any more is left out.
    pub fn of(shop: &Shop, cues: &Cues, before: &Remembered) -> anyhow::Result<Self> {
        let mut seen: Vec<&ProductId> = Vec::new();
        for id in before.lists.iter().rev().flatten().take(LOOKED_BACK).filter(|_| cues.speaks_of_shown()) {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
        let mut records = Vec::with_capacity(seen.len());
        for id in seen {
            records.extend(shop.product(id)?.map(Record::from));
        }
        Ok(Self { records, list: before.lists.last().cloned().unwrap_or_default(), spoken: before.spoken.clone() })
    }

    pub fn list(&self) -> &[ProductId] {
        &self.list
    }

    /// What a turn compares with: the products that it names, else the last list.
    pub fn compared(&self, cues: &Cues) -> Vec<&Record> {
        let named: Vec<ProductId> = if cues.names_places() { self.resolve(cues).0 } else { self.list.clone() };
        self.records.iter().filter(|p| named.contains(&p.id)).collect()
    }

    /// The products that references mean, in the order in which they were shown, and a place that the list does not have.
    fn resolve(&self, cues: &Cues) -> (Vec<ProductId>, bool) {
        let length = self.list.len();
        let mut places: Vec<usize> = Vec::new();
        let mut others: Vec<ProductId> = Vec::new();
        let mut missing = false;
        for reference in cues.references() {
            match reference {
                Reference::Place(n) => {
                    let place = match n {
                        0 => (length % 2 == 1).then_some(length / 2),
                        n if n > 0 => usize::try_from(n - 1).ok(),
                        n => usize::try_from(-n).ok().and_then(|back| length.checked_sub(back)),
                    };
                    match place.filter(|place| *place < length) {
                        Some(place) => places.push(place),
                        None => missing = true,
                    }
                }
                Reference::First(n) => places.extend(0..n.min(length)),
                Reference::Last(n) => places.extend(length.saturating_sub(n)..length),
                Reference::It if !cues.names_places() || (cues.joins_it() && self.spoken.len() == 1) => match self.spoken.as_slice() {
                    [one] => others.push(one.clone()),
                    _ => others.extend(self.list.iter().cloned()),
                },
                // "The first two, how do they differ": what is named says it.
                Reference::These | Reference::Several(_) if cues.names_places() => {}
                Reference::Several(n) if self.spoken.len() == n => others.extend(self.spoken.iter().cloned()),
                Reference::Several(n) => places.extend(0..n.min(length)),
                Reference::These if self.spoken.len() > 1 => others.extend(self.spoken.iter().cloned()),
                Reference::These => places.extend(0..length),
                Reference::It => {}
            }
        }
        places.sort_unstable();
        places.dedup();
        let mut products: Vec<ProductId> = places.into_iter().filter_map(|place| self.list.get(place).cloned()).collect();
        for id in others {
            if !products.contains(&id) {
                products.push(id);
            }
        }
        (products, missing)
    }

    /// The products that words describe best, all of equal rank: words of titles and brands that few of them share, and
    /// properties that their records state.
    fn described(&self, words: &str, properties: &[&Constraint], shop: &Shop) -> Vec<ProductId> {
        let units = &shop.knowledge().lexicon.units;
        let now = jiff::Timestamp::now();
        let asked = pieces(&text::phrase_key(words));
        let named = |record: &Record| record.title_keys().iter().map(String::as_str).chain(record.brand_key()).flat_map(pieces).collect();
        let titles: Vec<Vec<String>> = self.records.iter().map(named).collect();
        let rarity = |piece: &String| {
            let having = titles.iter().filter(|title| title.contains(piece)).count();
            if having == 0 { 0.0 } else { ((titles.len() + 1) as f64 / having as f64).ln() }
        };
        let score = |(record, title): (&Record, &Vec<String>)| {
            let verdicts: Vec<Verdict> = properties.iter().map(|c| c.check(record, now, units)).collect();
            if verdicts.contains(&Verdict::Violated) {
                return 0.0;
            }
            let said: f64 = asked.iter().filter(|piece| title.contains(piece)).map(rarity).sum();
            said + STATED * verdicts.iter().filter(|v| **v == Verdict::Met).count() as f64
        };
        let scores: Vec<f64> = self.records.iter().zip(&titles).map(score).collect();
        let most = scores.iter().copied().fold(0.0, f64::max);
        let best = self.records.iter().zip(&scores).filter(|(_, score)| most > 0.0 && **score >= most - 1e-9);
        let best: Vec<ProductId> = best.map(|(p, _)| p.id.clone()).collect();
        // Of several, those that were shown last are meant.
        let latest: Vec<ProductId> = best.iter().filter(|id| self.list.contains(id)).cloned().collect();
        if latest.is_empty() { best } else { latest }
    }

    /// In the order in which they were shown.
    fn in_order(&self, mut products: Vec<ProductId>, before: &Remembered) -> Vec<ProductId> {
        let place =
            |id: &ProductId| self.list.iter().position(|one| one == id).map_or_else(|| (1, before.shown().position(|one| one == id)), |at| (0, Some(at)));
        products.sort_by_key(place);
        products.dedup();
        products
    }
}

/// Words, and pairs of neighboring Han characters, of a phrase key.
fn pieces(key: &str) -> Vec<String> {
    let atoms: Vec<&str> = key.split(' ').filter(|a| !a.is_empty()).collect();
    let han = |atom: &str| atom.chars().all(text::is_han);
    let pairs = atoms.windows(2).filter(|pair| han(pair[0]) && han(pair[1])).map(|pair| pair.concat());
    let words = atoms.iter().filter(|a| !han(a) && a.chars().count() > 2).map(|a| (*a).to_owned());
    pairs.chain(words).collect()
}

/// The products that are meant, and what is wanted of them.
struct Meant {
    products: Vec<ProductId>,
    wish: Wish,
}

/// What a turn asks apart from whom it asks about.
struct Asked<'q> {
    question: &'q Question,
    cues: &'q Cues,
    fresh: Need,
    /// Attributes that are named, with the words that name them.
    attributes: Vec<(Vec<String>, String)>,
    /// Words that nothing explains.
    unexplained: Vec<String>,
    said: Vec<String>,
    asks: bool,
}

/// The need of a turn about products that were shown. `None` when it is about something else.
pub fn about(shop: &Shop, question: &Question, cues: &Cues, before: &Remembered, spoken: &Spoken) -> anyhow::Result<Option<Need>> {
    if spoken.list.is_empty() || cues.has(Cue::Switch) && !cues.names_places() {
        return Ok(None);
    }
    // What was named then is not named in this turn.
    let inferred = |c: &CategoryMatch| CategoryMatch { found: Found::Inferred, ..c.clone() };
    let context: Vec<CategoryMatch> = before.need.iter().flat_map(|need| &need.categories).map(inferred).collect();
    let Aside { need: fresh, attributes, unexplained, said } = shop.current_interpreter().aside(question, &cues.rest(), &context, shop);
    // "Is it good for running" names no running shoe.
    let pointed = cues.refers(Reference::It) && cues.begins_by_asking();
    let named = |c: &CategoryMatch| c.found == Found::Named || (c.found == Found::Umbrella && !pointed);
    let elsewhere =
        !fresh.goods.is_empty() || fresh.intent != Intent::Shop || fresh.categories.iter().any(|c| named(c) && !context.iter().any(|known| known.key == c.key));
    if (elsewhere && !cues.names_places()) || (fresh.more && !cues.has(Cue::Back)) {
        return Ok(None);
    }
    let asks = cues.asks() || question.text().contains(['?', '？']);
    let asked = Asked { question, cues, fresh, attributes, unexplained, said, asks };
    let last = before.need.clone().unwrap_or_else(|| Need::blank(question.lang()));
    if asked.rejects() {
        let (products, _) = spoken.resolve(cues);
        return Ok(Some(without(&last, question.lang(), &products)));
    }
    let Some(Meant { products, wish }) = asked.about(shop, spoken) else { return Ok(None) };
    let missing = spoken.resolve(cues).1;
    let products = if products.is_empty() && missing { spoken.list.clone() } else { spoken.in_order(products, before) };
    let wish = if missing && products.len() != 1 { Wish::See } else { wish };
    let most = if matches!(wish, Wish::Compare(_)) { MOST_COMPARED } else { MOST_SPOKEN_OF };
    let mut need = Need { lang: question.lang(), order: None, more: false, shelf: None, remarks: Vec::new(), ..last };
    let products: Vec<ProductId> = products.into_iter().take(most).collect();
    let places = products.iter().map(|id| spoken.list.iter().position(|one| one == id).map_or(0, |place| place + 1)).collect();
    need.intent = Intent::Shown(About { products, places, wish });
    if missing {
        need.remarks.push(Remark::NoSuchPlace(spoken.list.len()));
    }
    for known in asked.fresh.traits {
        // What is weighed in this turn; it is not remembered.
        if !need.has_trait(&known.id) {
            need.traits.push(known);
        }
    }
    Ok(Some(need))
}

impl Asked<'_> {
    fn points(&self) -> bool {
        self.cues.references().next().is_some() || self.cues.describes()
    }

    /// "不要第二个".
    fn rejects(&self) -> bool {
        let pointed = self.cues.names_places() || (self.cues.refers(Reference::It) && self.fresh.is_blank() && self.cues.has(Cue::Reject));
        self.cues.has(Cue::Reject) && pointed && !self.asks && !self.cues.compares() && self.fresh.constraints.is_empty()
    }

    fn about(&self, shop: &Shop, spoken: &Spoken) -> Option<Meant> {
        let cues = self.cues;
        let compares = cues.compares() || (cues.has(Cue::Than) && spoken.resolve(cues).0.len() > 1);
        if cues.is_relative() {
            // "第一个太贵了" asks for others; "哪个更轻" weighs these, "便宜的那个" points to one of them.
            if !compares && cues.compares_to_point() {
                let one = self.order(shop).and_then(|order| extreme(&spoken.records, &spoken.list, &order, shop))?;
                return Some(Meant { products: vec![one], wish: self.facts_or_see(&self.fresh.constraints.iter().collect::<Vec<_>>(), shop) });
            }
            if !compares {
                return None;
            }
        }
        if compares && let Some(about) = self.comparison(shop, spoken) {
            return Some(about);
        }
        let (mut products, _) = spoken.resolve(cues);
        if cues.names_places() {
            return Some(Meant { products, wish: self.facts_or_see(&[], shop) });
        }
        if let Some(order) = self.fresh.order.as_ref().filter(|_| cues.describes() && !compares)
            && let Some(one) = extreme(&spoken.records, &spoken.list, order, shop)
        {
            return Some(Meant { products: vec![one], wish: self.facts_or_see(&[], shop) });
        }
        let description = self.description();
        let looks_back = cues.has(Cue::Back);
        if looks_back || !description.is_empty() || (cues.describes() && !cues.refers(Reference::It)) {
            let found = spoken.described(&cues.rest(), &description, shop);
            let telling = !found.is_empty() && found.len() <= 3;
            if telling && (looks_back || cues.describes()) {
                let mut wish = self.facts_or_see(&description, shop);
                if let Wish::Facts(topics) = &mut wish
                    && topics.iter().any(|t| !matches!(t, Topic::Holds(_) | Topic::Words(_)))
                {
                    // What tells which one is meant is not asked of it.
                    topics.retain(|t| !matches!(t, Topic::Holds(_) | Topic::Words(_)));
                }
                return Some(Meant { products: found, wish });
            }
        }
        if self.points() && !products.is_empty() {
            let english_wish = cues.has(Cue::Wish) && self.question.lang() == Lang::En && !cues.begins_by_asking();
            if self.asks && !english_wish {
                if let Some(order) = self.order(shop).filter(|_| products.len() > 1) {
                    return Some(Meant { products, wish: Wish::Compare(Some(order)) });
                }
                return Some(Meant { products, wish: self.facts_or_see(&[], shop) });
            }
            let one = self.order(shop).and_then(|order| extreme(&spoken.records, &spoken.list, &order, shop));
            if let Some(one) = one {
                products = vec![one];
            }
            let bare = self.fresh.is_blank() && self.attributes.is_empty();
            return (bare && products.len() < spoken.list.len().max(2)).then_some(Meant { products, wish: Wish::See });
        }
        let topics = self.topics(&[], shop);
        let of_the_record = |t: &Topic| matches!(t, Topic::Attribute(_) | Topic::Dimension(_) | Topic::Field(_) | Topic::Holds(_)) && !is_price(t);
        let named = self.fresh.categories.iter().any(|c| c.found != Found::Inferred);
        let elliptic = cues.asks() && !(cues.has(Cue::Exists) || cues.has(Cue::Wish) || cues.has(Cue::HowMany) || named || compares);
        // "粉尘大吗", "适合送人吗".
        let suits = |t: &Topic| matches!(t, Topic::Suits(_)) && cues.ends_by_asking();
        let beside = |t: &Topic| of_the_record(t) || suits(t) || (matches!(t, Topic::Words(_)) && cues.begins_by_asking());
        // "会夹头吗": nothing of it is understood, and something is asked.
        let unknown = topics.iter().all(|t| matches!(t, Topic::Words(_))) && self.fresh.traits.is_empty() && self.unexplained.len() <= MOST_UNKNOWN;
        let asking = (cues.begins_by_asking() || cues.ends_by_asking()) && !self.fresh.asks_how && !self.fresh.asks_why;
        let all = !topics.is_empty()
            && self.fresh.order.is_none()
            && (topics.iter().any(|t| of_the_record(t) || suits(t)) && topics.iter().all(beside) || unknown && asking);
        let products = if spoken.spoken.is_empty() { &spoken.list } else { &spoken.spoken };
        (elliptic && all).then(|| Meant { products: products.clone(), wish: Wish::Facts(topics) })
    }

    /// "前两个有什么区别", "compare the white one and the Northlane".
    fn comparison(&self, shop: &Shop, spoken: &Spoken) -> Option<Meant> {
        let order = self.order(shop);
        let compare = |products| Some(Meant { products, wish: Wish::Compare(order.clone()) });
        let (mut products, _) = spoken.resolve(self.cues);
        if !self.cues.names_places() || products.len() < 2 {
            for id in self.named(shop, spoken) {
                if !products.contains(&id) {
                    products.push(id);
                }
            }
        }
        if products.len() > 1 {
            return compare(products);
        }
        let fresh = &self.fresh;
        let named = fresh.categories.iter().any(|c| c.found != Found::Inferred);
        let only_weighs = order.is_some() || (self.attributes.is_empty() && fresh.words.is_empty());
        let nothing_else = fresh.constraints.is_empty() && only_weighs && !named;
        let whole = if spoken.spoken.len() > 1 { &spoken.spoken } else { &spoken.list };
        (whole.len() > 1 && (nothing_else || products.len() == 1)).then(|| compare(whole.clone())).flatten()
    }

    /// The products that the parts of an enumeration name.
    fn named(&self, shop: &Shop, spoken: &Spoken) -> Vec<ProductId> {
        let loose = self.cues.has(Cue::Back) || self.cues.describes();
        let mut found = Vec::new();
        for part in parts(self.question.text()) {
            let inside = |c: &&Constraint| !c.text.is_empty() && part.contains(&c.text);
            let properties: Vec<&Constraint> = if loose { self.fresh.constraints.iter().filter(inside).collect() } else { Vec::new() };
            if let [one] = spoken.described(&part, &properties, shop).as_slice() {
                found.push(one.clone());
            }
        }
        found
    }

    /// One end of an order that is asked for: a superlative, or a comparative where things are compared.
    fn order(&self, shop: &Shop) -> Option<Order> {
        let said = self.cues.comparative(&shop.knowledge().lexicon.dialogue);
        self.fresh.order.clone().or_else(|| said.and_then(|(known, text)| Some(Order { by: known.orders().next()?, least: known.least, text })))
    }

    /// Properties that tell which product is meant, not what is asked of it: "那顶白色的多少钱", "is the white one warm".
    fn description(&self) -> Vec<&Constraint> {
        let whole = text::fold(self.question.text());
        let tells = |c: &&Constraint| {
            let said = text::fold(&c.text);
            let Some(at) = (!said.is_empty()).then(|| whole.find(&said)).flatten() else { return false };
            let behind = whole[at + said.len()..].trim_start();
            let behind_de = behind.strip_prefix('的').map(str::trim_start);
            let asks_itself = |rest: &str| rest.is_empty() || rest.starts_with(['吗', '么', '嘛', '?', '!', '.']);
            match behind_de {
                Some(rest) => !asks_itself(rest) || !self.asks,
                None => behind.starts_with(['那', '这']) || before_one(&whole[..at], behind),
            }
        };
        self.fresh.constraints.iter().filter(tells).collect()
    }

    fn facts_or_see(&self, description: &[&Constraint], shop: &Shop) -> Wish {
        let topics = self.topics(description, shop);
        if self.asks || !topics.is_empty() { Wish::Facts(topics) } else { Wish::See }
    }

    /// What is asked of the records.
    fn topics(&self, description: &[&Constraint], shop: &Shop) -> Vec<Topic> {
        let dialogue = &shop.knowledge().lexicon.dialogue;
        let mut topics: Vec<Topic> = Vec::new();
        let holds = self.fresh.constraints.iter().filter(|c| !description.contains(c));
        topics.extend(holds.map(|c| Topic::Holds(c.clone())));
        let held = |key: &str, topics: &[Topic]| topics.iter().any(|t| matches!(t, Topic::Holds(c) if c.name() == key));
        let words = self.cues.each(|cue| if let Cue::Topic(at) = cue { dialogue.topics.get(*at) } else { None });
        let asked = words
            .flat_map(|(words, _)| [words.attribute.clone().map(|key| Topic::Attribute(vec![key])), words.dimension.clone().map(Topic::Dimension)])
            .flatten();
        for topic in self.attributes.iter().map(|(keys, _)| Topic::Attribute(keys.clone())).chain(asked) {
            let known = matches!(&topic, Topic::Attribute(keys) if keys.iter().any(|key| held(key, &topics)));
            if !known && !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        for field in self.cues.fields(dialogue) {
            let named = |t: &Topic| matches!(t, Topic::Attribute(keys) if keys.iter().any(|key| key == field.as_str()));
            topics.retain(|t| !named(t));
            if !topics.contains(&Topic::Field(field)) {
                topics.push(Topic::Field(field));
            }
        }
        let of_money = topics.iter().any(|t| matches!(t, Topic::Field(FieldId::Price)));
        topics.extend(self.fresh.traits.iter().filter(|t| !(of_money && t.id.starts_with("budget"))).cloned().map(Topic::Suits));
        // What is asked for by name or cue is not also looked for as words.
        let cues = self.cues.each(|cue| matches!(cue, Cue::Field(_) | Cue::Topic(_)).then_some(())).map(|(_, said)| said);
        let said: Vec<String> = cues.chain(self.attributes.iter().map(|(_, said)| said.clone())).map(|said| text::fold(&said)).collect();
        let open = |word: &str| word.chars().count() > 1 && !said.iter().any(|said| said.contains(word) || word.contains(said.as_str()));
        let words = self.fresh.words.iter().map(|w| w.said.clone()).chain(self.unexplained.iter().map(|w| text::fold(w)));
        let whatever = self.said.iter().filter(|_| self.asks).map(|w| text::fold(w));
        let words: Vec<String> = if topics.is_empty() && self.unexplained.is_empty() { words.chain(whatever).collect() } else { words.collect() };
        for word in words.into_iter().filter(|word| open(word)) {
            let known = topics.iter().any(|t| matches!(t, Topic::Words(other) if other.contains(&word) || word.contains(other.as_str())));
            if !known {
                topics.push(Topic::Words(word));
            }
        }
        topics
    }
}

/// Whether "one" follows within a few words, and "the" stands before.
fn before_one(before: &str, behind: &str) -> bool {
    before.split_whitespace().rev().take(4).any(|word| word == "the")
        && behind.split_whitespace().take(4).any(|word| word.trim_end_matches(|c: char| !c.is_alphabetic()) == "one")
}

fn is_price(topic: &Topic) -> bool {
    matches!(topic, Topic::Holds(Constraint { rule: Rule::Price { .. }, .. }))
}

/// The parts of an enumeration.
fn parts(question: &str) -> Vec<String> {
    let folded = text::fold(question);
    let mut parts = vec![String::new()];
    for atom in text::atoms(&folded) {
        let joins = cues::joins(&atom) || atom.kind == AtomKind::Stop;
        match parts.last_mut() {
            Some(part) if !joins => {
                if atom.kind != AtomKind::Han {
                    part.push(' ');
                }
                part.push_str(&folded[atom.range]);
            }
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// The product of the list that stands at one end of an order.
fn extreme(records: &[Record], list: &[ProductId], order: &Order, shop: &Shop) -> Option<ProductId> {
    let units = &shop.knowledge().lexicon.units;
    let now = jiff::Timestamp::now();
    let known = records.iter().filter(|p| list.contains(&p.id)).filter_map(|p| Some((order_figure(p, &order.by, now, units)?, p)));
    let best = if order.least { known.min_by(|a, b| a.0.total_cmp(&b.0)) } else { known.max_by(|a, b| a.0.total_cmp(&b.0)) };
    best.map(|(_, p)| p.id.clone())
}

/// The last need without these products, which the shopper has sent away.
fn without(last: &Need, lang: Lang, products: &[ProductId]) -> Need {
    let mut need = Need { lang, remarks: Vec::new(), more: false, ..last.clone() };
    need.rejected.extend(products.iter().filter(|id| !last.rejected.contains(id)).cloned());
    need
}
