//! What prose may repeat: figures of shown records, of the advice and of the question; and how a passage becomes prose.

use std::collections::HashSet;

use crate::catalog::{Lang, ProductId, Record};
use crate::compose::{Case, Passage, Segment};
use crate::knowledge::Knowledge;
use crate::rank::Pick;
use crate::text;

/// Everything that prose may repeat.
pub(super) struct Sources<'a> {
    figures: HashSet<String>,
    /// Shown records, with their own figures.
    records: Vec<&'a Record>,
    /// Words of titles, brands and values that look like an address ("StarTech.com").
    names: HashSet<String>,
}

impl<'a> Sources<'a> {
    pub fn of(case: &'a Case, knowledge: &Knowledge) -> Self {
        let mut texts = advice(case, knowledge);
        for pick in case.picks() {
            texts.push(pick.price().total.pretty());
            // Units are printed in the shopper's language, which may round the record's figure.
            texts.extend(pick.product().attributes.iter().filter_map(|a| pick.value(&a.key, &knowledge.lexicon.units, case.need.lang)));
        }
        texts.extend(case.reply.iter().chain(&case.lead).cloned());
        texts.extend(case.categories.iter().map(|(name, count)| format!("{name} {count}")));
        texts.extend(case.relaxed.iter().map(|r| format!("{} {}", r.text, r.count)));
        texts.push(format!("{} {}", case.shortlist.total, case.shortlist.picks.len()));
        if let Some(kit) = &case.kit {
            texts.push(format!("{} {} {}", kit.people, kit.slots.len(), kit.total.pretty()));
            texts.extend(kit.spare().map(|(_, cost)| cost.pretty()));
            texts.extend(kit.slots.iter().map(|slot| format!("{} {} {}", slot.name, slot.why, slot.quantity)));
        }
        let figures = texts.iter().flat_map(|t| text::figures(t)).collect();
        let products = case.picks().map(Pick::product);
        let texts = products.flat_map(|p| p.title.each().chain(p.brand.as_deref()).map(text::fold).collect::<Vec<_>>());
        let mut names: HashSet<String> = texts.flat_map(|folded| addresses(&folded).map(str::to_owned).collect::<Vec<_>>()).collect();
        for brand in case.survey.values.get("brand").into_iter().flat_map(|values| values.keys()) {
            names.extend(addresses(&brand.replace(' ', ".")).map(str::to_owned));
        }
        Self { figures, records: case.picks().map(Pick::record).collect(), names }
    }

    fn carry(&self, figure: &String) -> bool {
        self.figures.contains(figure) || self.records.iter().any(|record| record.figures().contains(figure))
    }

    /// The passage as prose, or why it may not be said.
    pub fn check(&self, passage: &Passage, case: &Case, named: &mut Vec<ProductId>) -> Result<String, &'static str> {
        for segment in &passage.segments {
            let Segment::Text(text) = segment else { continue };
            let folded = text::fold(text);
            if has_link(&folded) || addresses(&folded).any(|address| !self.names.contains(address)) {
                return Err("link");
            }
            if !text::figures(text).iter().all(|figure| self.carry(figure)) {
                return Err("figure");
            }
        }
        self.prose(passage, case, named)
    }

    /// The passage with its products named: by title the first time, and by place among the cards after that.
    pub fn prose(&self, passage: &Passage, case: &Case, named: &mut Vec<ProductId>) -> Result<String, &'static str> {
        let mut prose = String::new();
        let mut spelled = Vec::new();
        for segment in &passage.segments {
            let id = match segment {
                Segment::Text(text) => {
                    prose.push_str(text);
                    continue;
                }
                Segment::Stray => return Err("stray reference"),
                Segment::Product(id) => id,
            };
            let place = case.shortlist.picks.iter().position(|p| p.id() == id).ok_or("stray reference")?;
            let title = case.shortlist.picks[place].product().title.get(case.need.lang);
            // One of an earlier list has no number.
            let number = case.place(place);
            let first = number == 0 || (!named.contains(id) && !spelled.contains(id));
            prose.push_str(&match (case.need.lang, first) {
                // A title with title marks of its own is not put between the same marks again.
                (Lang::Zh, true) if title.contains('《') => format!("“{title}”"),
                (Lang::Zh, true) => format!("《{title}》"),
                (Lang::Zh, false) => format!("第 {number} 款"),
                (Lang::En, true) => format!("“{title}”"),
                (Lang::En, false) => format!("pick {number}"),
            });
            if first {
                spelled.push(id.clone());
            }
        }
        let prose = prose.trim().to_owned();
        if prose.is_empty() {
            return Err("empty");
        }
        named.extend(spelled);
        Ok(prose)
    }
}

/// The question, the advice and the shopper's wishes: what prose may repeat wherever it stands.
pub(super) fn advice(case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let lang = case.need.lang;
    let mut texts: Vec<String> = vec![case.question.clone()];
    texts.extend(case.plan.general.clone());
    for dimension in &case.plan.dimensions {
        texts.extend(dimension.advice.iter().map(|a| a.text.clone()));
        texts.extend(dimension.prefer.iter().chain(&dimension.avoid).map(|p| p.show(lang)));
    }
    texts.extend(case.constraint_labels.values().cloned());
    // Names of traits may have figures in them: "ages 7 to 12".
    let traits = case.need.traits.iter().filter_map(|t| knowledge.lexicon.trait_by_id(&t.id));
    texts.extend(traits.map(|known| known.name.get(lang).to_owned()));
    texts
}

/// Whether a folded text carries a link in any notation.
pub(super) fn has_link(folded: &str) -> bool {
    ["://", "www.", "]("].iter().any(|mark| folded.contains(mark))
}

/// Words of a folded text that end like the name of a host.
pub(super) fn addresses(folded: &str) -> impl Iterator<Item = &str> {
    const ENDS: [&str; 9] = [".com", ".cn", ".net", ".org", ".example", ".io", ".shop", ".xyz", ".top"];
    let is_host = |word: &&str| ENDS.iter().any(|end| word.match_indices(end).any(|(at, _)| matches!(word[at + end.len()..].chars().next(), None | Some('/'))));
    folded
        .split(|c: char| c.is_whitespace() || text::is_han(c))
        .filter(|word| word.contains('.'))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(is_host)
}
