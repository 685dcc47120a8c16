//! Figures with what they measure: money, units, and the words that bound them.

use std::ops::Range;

use super::numbers::{Figure, figure_at};
use super::phrasebook::{Mention, Phrasebook};
use crate::catalog::Currency;
use crate::lexicon::{Lexicon, WordClass};
use crate::text::{Atom, AtomKind};

/// What a figure measures.
#[derive(Debug, Clone, PartialEq)]
pub enum Dimension {
    Money(Option<Currency>),
    /// A unit, by id.
    Unit(String),
}

/// How a figure bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    AtMost,
    AtLeast,
    About,
    Between,
    /// The figure alone.
    Plain,
}

/// A figure that means something.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub dimension: Dimension,
    pub low: Figure,
    pub high: Figure,
    pub bound: Bound,
    /// All atoms it is made of, for quoting.
    pub span: Range<usize>,
}

/// Bare figures below this are never taken for a price.
const LEAST_BARE_PRICE: i64 = 10 * super::numbers::ONE;
/// How many atoms before a figure a bounding word may stand.
const REACH: usize = 3;

/// The second figure of a span, where it ends, and its unit with where that ends.
type Second = (Figure, usize, Option<(Dimension, usize)>);

/// Atoms that nothing has taken so far.
pub struct Free {
    pub of_content: Vec<bool>,
    /// Neither content nor a trait.
    pub of_traits: Vec<bool>,
}

impl Free {
    pub fn all(count: usize) -> Self {
        Self { of_content: vec![true; count], of_traits: vec![true; count] }
    }
}

/// The words around figures.
pub struct QuantityWords {
    currencies: Phrasebook<Currency>,
    units: Phrasebook<String>,
    before: Phrasebook<String>,
    whole: Phrasebook<(String, u32)>,
}

impl QuantityWords {
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut words = Self { currencies: Phrasebook::default(), units: Phrasebook::default(), before: Phrasebook::default(), whole: Phrasebook::default() };
        for (word, currency) in lexicon.currencies.words() {
            words.currencies.add(word, currency);
        }
        for unit in lexicon.units.each() {
            for word in unit.zh.iter().chain(&unit.en) {
                words.units.add(word, unit.id.clone());
            }
            unit.whole.iter().for_each(|(word, figure)| words.whole.add(word, (unit.id.clone(), *figure)));
            unit.alone.iter().for_each(|word| words.before.add(word, unit.id.clone()));
        }
        words
    }

    /// Every quantity whose figure stands on free atoms. Bare figures count as prices only beside a word that bounds a price.
    pub fn find(&self, atoms: &[Atom], free: &Free, functions: &[Mention<WordClass>], lexicon: &Lexicon) -> Vec<Quantity> {
        let mut found: Vec<Quantity> = Vec::new();
        let mut place = 0;
        while place < atoms.len() {
            let taken = found.last().map_or(0, |q| q.span.end);
            let open: Vec<&Mention<WordClass>> = functions.iter().filter(|f| f.span.start >= taken).collect();
            match self.at(atoms, place, free, &open, lexicon) {
                Some(quantity) => {
                    place = quantity.span.end.max(place + 1);
                    found.push(quantity);
                }
                None => place += 1,
            }
        }
        found
    }

    fn at(&self, atoms: &[Atom], start: usize, free: &Free, functions: &[&Mention<WordClass>], lexicon: &Lexicon) -> Option<Quantity> {
        let whole = longest(&self.whole, atoms, start).map(|((unit, figure), end)| (Figure::whole(figure, end), Some((Dimension::Unit(unit), end))));
        let (figure, mut unit) = match whole {
            Some(known) => known,
            None => {
                let figure = figure_at(atoms, start)?;
                (figure, self.unit(atoms, start, figure.end, lexicon))
            }
        };
        let traits_too = matches!(&unit, Some((Dimension::Unit(id), _)) if lexicon.units.find(id).is_some_and(|unit| unit.traits_too));
        let free = if traits_too { &free.of_content } else { &free.of_traits };
        if !(start..figure.end).all(|place| free[place]) {
            return None;
        }
        let mut end = unit.as_ref().map_or(figure.end, |(_, end)| *end);
        // "万" alone is a figure only as money (百元, 千元), and a figure glued to letters is part of a name.
        let alone = |powers: &[&str]| figure.end == start + 1 && powers.contains(&atoms[start].text.as_str());
        let bare_power = alone(&["百", "千", "万", "佰", "仟"]) || (unit.is_none() && alone(&["十", "拾"]));
        if bare_power && !matches!(unit, Some((Dimension::Money(_), _))) {
            return None;
        }
        let glued = start > 0 && atoms[start - 1].kind == AtomKind::Word && atoms[start - 1].range.end == atoms[start].range.start;
        if glued && longest(&self.before, atoms, start - 1).is_none() {
            return None;
        }
        // "一块五花肉" is a piece of it, not a price.
        let thing_follows = atoms.get(end).is_some_and(|a| a.kind == AtomKind::Han && !"钱的以之内左上下到多吧吗呢就够起".contains(&a.text));
        if matches!(unit, Some((Dimension::Money(_), _))) && atoms[end - 1].text == "块" && figure.high <= 10 * super::numbers::ONE && thing_follows {
            return None;
        }
        let (mut high, mut bound) = (figure, if figure.vague { Bound::About } else { Bound::Plain });
        if let Some((second, second_end, second_unit)) = self.second(atoms, end, functions, lexicon)
            && second.high >= figure.low
        {
            (high, bound, end) = (second, Bound::Between, second_end);
            unit = second_unit.or(unit);
        }
        let mut span = start..end;
        let mut price_word = false;
        for function in functions {
            let is = |class| function.meanings.contains(&class);
            let gap_before = span.start.checked_sub(function.span.end).filter(|_| function.span.end <= start);
            let gap_after = function.span.start.checked_sub(end);
            // "300 and under", but "black and under 300": it stands behind a figure where there is one.
            let behind_another = (function.span.start.saturating_sub(4)..function.span.start).any(|place| figure_at(atoms, place).is_some());
            let near_before = !(is(WordClass::Behind) && (behind_another || is_han(atoms, function.span.start)))
                && gap_before.is_some_and(|gap| gap <= REACH && same_clause(atoms, function.span.end, start));
            // "4 people under 150": what stands directly before another figure bounds that one.
            let bounds_next = (function.span.end..=function.span.end + 1).any(|place| figure_at(atoms, place).is_some());
            // "27寸 2000以内": a bound belongs to the figure next to it.
            let other_between = (end..function.span.start).any(|place| figure_at(atoms, place).is_some());
            let beside = gap_after.is_some_and(|gap| gap <= 1 && same_clause(atoms, end, function.span.start)) && !other_between;
            let near_after = beside && (is(WordClass::Behind) || !bounds_next);
            if !(near_before || near_after) {
                continue;
            }
            if is(WordClass::Budget) {
                price_word = true;
            } else if is(WordClass::AtMost) && bound != Bound::Between {
                bound = Bound::AtMost;
            } else if is(WordClass::AtLeast) && bound != Bound::Between {
                bound = Bound::AtLeast;
            } else if is(WordClass::About) && bound == Bound::Plain {
                bound = Bound::About;
            } else if !(is(WordClass::Between) && near_before && bound == Bound::Between) {
                continue;
            }
            span.start = span.start.min(function.span.start);
            span.end = span.end.max(function.span.end);
        }
        let before_sign = start.checked_sub(1).and_then(|place| atoms.get(place)).is_some_and(|a| a.kind == AtomKind::Sign && "$€£¥".contains(&a.text));
        if before_sign {
            span.start = span.start.min(start - 1);
        }
        let named_before = (start.saturating_sub(3)..start).find(|from| longest(&self.before, atoms, *from).is_some_and(|(_, end)| end == start));
        if let Some(from) = named_before.filter(|_| matches!(unit, Some((Dimension::Unit(_), unit_end)) if unit_end == figure.end)) {
            span.start = span.start.min(from);
        }
        let dimension = match unit {
            Some((dimension, _)) => dimension,
            None if price_word || bound != Bound::Plain || followed_by_of(atoms, end) || spoken_price(atoms, start, end, figure) => {
                let bare = figure.low >= LEAST_BARE_PRICE && (price_word || plausible_bare(atoms, start, end));
                bare.then_some(Dimension::Money(None))?
            }
            None => return None,
        };
        if matches!(dimension, Dimension::Money(_)) && price_word && bound == Bound::Plain {
            bound = Bound::AtMost;
        }
        Some(Quantity { dimension, low: figure, high, bound, span })
    }

    /// The unit or currency after the figure, or before it; and where it ends.
    fn unit(&self, atoms: &[Atom], start: usize, end: usize, lexicon: &Lexicon) -> Option<(Dimension, usize)> {
        let sign = start.checked_sub(1).and_then(|place| atoms.get(place));
        let by_sign = |sign: &Atom| (sign.kind == AtomKind::Sign).then(|| currency_sign(&sign.text)).flatten();
        if let Some(currency) = sign.and_then(by_sign) {
            let after = longest(&self.currencies, atoms, end).filter(|(c, _)| *c == currency).map_or(end, |(_, end)| end);
            return Some((Dimension::Money(Some(currency)), after));
        }
        if let Some(currency) = atoms.get(end).and_then(by_sign).filter(|_| sign.is_none_or(|s| s.kind != AtomKind::Sign)) {
            return Some((Dimension::Money(Some(currency)), end + 1));
        }
        if let Some(sign) = atoms.get(end).filter(|a| a.kind == AtomKind::Sign && a.range.start == atoms[end - 1].range.end)
            && let Some(unit) = lexicon.units.find(&sign.text)
        {
            return Some((Dimension::Unit(unit.id.clone()), end + 1));
        }
        // "2-person": a hyphen may join figure and unit.
        let from = if atoms.get(end).is_some_and(|a| a.text == "-") { end + 1 } else { end };
        let money = longest(&self.currencies, atoms, end);
        let measure = longest(&self.units, atoms, from).or_else(|| longest(&self.units, atoms, end));
        match (money, measure) {
            (Some((currency, end)), measure) if measure.as_ref().is_none_or(|(_, other)| end >= *other) => Some((Dimension::Money(Some(currency)), end)),
            (_, Some((unit, end))) => Some((Dimension::Unit(unit), end)),
            _ => {
                let before = (start.saturating_sub(3)..start).find_map(|from| longest(&self.before, atoms, from).filter(|(_, end)| *end == start));
                before.map(|(unit, _)| (Dimension::Unit(unit), end))
            }
        }
    }

    /// The second figure of a span: "500到800", "50 to 80 dollars", "between 50 and 80".
    fn second(&self, atoms: &[Atom], end: usize, functions: &[&Mention<WordClass>], lexicon: &Lexicon) -> Option<Second> {
        let joiner = atoms.get(end)?;
        let after = if joiner.kind == AtomKind::Sign && matches!(joiner.text.as_str(), "-" | "~" | "–" | "—") {
            end + 1
        } else {
            functions.iter().find(|f| f.span.start == end && f.meanings.contains(&WordClass::Between))?.span.end
        };
        let from = if atoms.get(after).is_some_and(|a| a.kind == AtomKind::Sign && currency_sign(&a.text).is_some()) { after + 1 } else { after };
        let figure = figure_at(atoms, from)?;
        let unit = self.unit(atoms, from, figure.end, lexicon);
        let end = unit.as_ref().map_or(figure.end, |(_, end)| *end);
        Some((figure, end, unit))
    }
}

fn currency_sign(sign: &str) -> Option<Currency> {
    match sign {
        "$" => Currency::parse("USD"),
        "€" => Currency::parse("EUR"),
        "£" => Currency::parse("GBP"),
        "¥" => Currency::parse("CNY"),
        _ => None,
    }
}

/// The longest phrase of a book that starts exactly here.
fn longest<M: Clone + PartialEq>(book: &Phrasebook<M>, atoms: &[Atom], start: usize) -> Option<(M, usize)> {
    let window = atoms.get(start..(start + 4).min(atoms.len()))?;
    let best = book.mentions(window).into_iter().filter(|m| m.span.start == 0).max_by_key(|m| m.span.end)?;
    Some((best.meanings.first()?.clone(), start + best.span.end))
}

fn is_han(atoms: &[Atom], place: usize) -> bool {
    atoms.get(place).is_some_and(|a| a.kind == AtomKind::Han)
}

fn same_clause(atoms: &[Atom], from: usize, to: usize) -> bool {
    atoms.get(from.min(to)..to.max(from)).is_some_and(|between| between.iter().all(|a| a.kind != AtomKind::Stop))
}

/// "300的帽子": a figure that a noun follows through 的 is a price.
fn followed_by_of(atoms: &[Atom], end: usize) -> bool {
    atoms.get(end).is_some_and(|a| a.text == "的")
}

/// "两三百", "茶叶 三百": a Chinese figure of a hundred or more that ends its clause is a price.
fn spoken_price(atoms: &[Atom], start: usize, end: usize, figure: Figure) -> bool {
    let ends = atoms.get(end).is_none_or(|next| next.kind == AtomKind::Stop);
    atoms[start].kind == AtomKind::Han && end > start + 1 && figure.low >= 100 * super::numbers::ONE && (ends || figure.low != figure.high)
}

/// A bare figure beside a bound is a price unless it is glued to letters, as in a model name.
fn plausible_bare(atoms: &[Atom], start: usize, end: usize) -> bool {
    let glued = |left: Option<&Atom>, right: Option<&Atom>| match (left, right) {
        (Some(left), Some(right)) => left.range.end == right.range.start && (left.kind == AtomKind::Word || right.kind == AtomKind::Word),
        _ => false,
    };
    !glued(start.checked_sub(1).and_then(|p| atoms.get(p)), atoms.get(start)) && !glued(atoms.get(end - 1), atoms.get(end))
}
