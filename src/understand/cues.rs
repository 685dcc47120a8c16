//! What a turn says of earlier turns: which of the shown products it speaks of, and in what way. It knows no product yet.

use std::ops::Range;

use super::numbers::{ONE, figure_at};
use super::phrasebook::{Mention, Phrasebook, resolve};
use crate::knowledge::Knowledge;
use crate::lexicon::{Comparative, Cue, Dialogue, FieldId};
use crate::text::{self, Atom, AtomKind, Folded, atoms};

/// Longest list in which a place can be named.
const LONGEST_LIST: i64 = 40;
/// Words that may stand between "the" and "one" in "the small red one".
const DESCRIPTION: usize = 5;

/// Which of the shown products are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// 1 is the first of the last list, −1 its last, 0 the middle.
    Place(i32),
    First(usize),
    Last(usize),
    It,
    These,
    /// So many of them: "这三支", "both".
    Several(usize),
}

/// A turn, as far as it speaks of earlier ones.
#[derive(Debug)]
pub struct Cues {
    folded: Folded,
    atoms: Vec<Atom>,
    mentions: Vec<Mention<Cue>>,
    references: Vec<(Reference, Range<usize>)>,
    /// "the white one": a thing that only its description tells.
    described: bool,
    /// It asks, be it inside a longer phrase: "续航多久".
    asks: bool,
}

/// The phrases of a conversation. A thing's name stands for "one" behind a place ("the second tent"), and a superlative hides
/// the comparative inside it (贵的 in 最贵的).
pub fn phrases(knowledge: &Knowledge) -> Phrasebook<Cue> {
    let mut book = Phrasebook::default();
    knowledge.lexicon.dialogue.each().for_each(|(wording, cue)| book.add(wording, cue));
    knowledge.taxonomy.each().flat_map(|c| c.names.each()).for_each(|name| book.add(name, Cue::One));
    knowledge.lexicon.superlatives.iter().flat_map(|s| s.each()).for_each(|wording| book.add(wording, Cue::Superlative));
    book
}

/// "#3" as "number 3".
fn spelled_out(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '#' | '＃' if rest.peek().is_some_and(char::is_ascii_digit) => spelled.push_str(" number "),
            c => spelled.push(c),
        }
    }
    spelled
}

/// Whether a word joins two things that are named: "和", "and".
pub fn joins(atom: &Atom) -> bool {
    matches!(atom.text.as_str(), "和" | "跟" | "与" | "比" | "and" | "or" | "vs" | "versus" | "with" | "to")
}

impl Cues {
    pub fn new(text: &str, book: &Phrasebook<Cue>, dialogue: &Dialogue) -> Self {
        // A number sign is no atom.
        let folded = Folded::new(&spelled_out(text));
        let atoms = atoms(&folded.text);
        let mut free = vec![true; atoms.len()];
        let all = book.mentions(&atoms);
        let asks = all.iter().any(|m| m.meanings.contains(&Cue::Asks));
        let mentions = resolve(all, &mut free, |_| true);
        let mut cues = Self { folded, atoms, mentions, references: Vec::new(), described: false, asks };
        cues.references = cues.find_references(dialogue);
        cues.described = cues.describes_one();
        cues
    }

    pub fn has(&self, cue: Cue) -> bool {
        self.mentions.iter().any(|m| m.meanings.contains(&cue))
    }

    /// Whether the turn asks something of what was shown.
    pub fn asks(&self) -> bool {
        self.asks || self.ends_in_not()
    }

    /// "有货不".
    fn ends_in_not(&self) -> bool {
        self.atoms.iter().rfind(|a| !matches!(a.kind, AtomKind::Stop | AtomKind::Sign)).is_some_and(|a| a.text == "不")
    }

    /// Whether things are to be weighed: "区别", "which is better", "哪条更好".
    pub fn compares(&self) -> bool {
        let which = |place: usize| self.atoms[place].text == "哪" && self.has_at(place + 1, Cue::One);
        self.has(Cue::Compare) || (0..self.atoms.len()).any(which)
    }

    /// More or less of something is asked for than what was shown has.
    pub fn is_relative(&self) -> bool {
        self.mentions.iter().any(|m| m.meanings.iter().any(|cue| matches!(cue, Cue::Comparative(_))))
    }

    /// "便宜的那个", "the cheaper one": the one of those shown that is so, where "a cheaper one" asks for others.
    pub fn compares_to_point(&self) -> bool {
        let comparative = |m: &&Mention<Cue>| m.meanings.iter().any(|cue| matches!(cue, Cue::Comparative(_)));
        self.mentions.iter().filter(comparative).any(|m| {
            let after_the = m.span.start.checked_sub(1).is_some_and(|before| self.atoms[before].text == "the");
            after_the || self.has_at(m.span.end, Cue::It) && self.atoms[m.span.start].kind == AtomKind::Han
        })
    }

    /// More or less of what is asked for, with the words that say so.
    pub fn comparative<'d>(&self, dialogue: &'d Dialogue) -> Option<(&'d Comparative, String)> {
        self.each(|cue| if let Cue::Comparative(at) = cue { dialogue.comparatives.get(*at) } else { None }).next()
    }

    /// The fields of records that are named.
    pub fn fields<'d>(&'d self, dialogue: &'d Dialogue) -> impl Iterator<Item = FieldId> + 'd {
        self.each(|cue| if let Cue::Field(at) = cue { dialogue.fields.get(*at).map(|field| field.id) } else { None }).map(|(id, _)| id)
    }

    /// Whether it may take the records of what was shown to know what is meant.
    pub fn speaks_of_shown(&self) -> bool {
        !self.references.is_empty() || self.described || self.has(Cue::Back) || self.compares() || self.is_relative()
    }

    /// Every cue of a kind, with its words.
    pub fn each<T>(&self, pick: impl Fn(&Cue) -> Option<T>) -> impl Iterator<Item = (T, String)> {
        self.mentions.iter().flat_map(move |m| m.meanings.iter().filter_map(&pick).map(|found| (found, self.quote(&m.span))).collect::<Vec<_>>())
    }

    /// The references, as they stand in the turn.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        self.references.iter().map(|(reference, _)| *reference)
    }

    /// Whether a place in the list is named.
    pub fn names_places(&self) -> bool {
        self.references().any(|r| matches!(r, Reference::Place(_) | Reference::First(_) | Reference::Last(_)))
    }

    pub fn refers(&self, to: Reference) -> bool {
        self.references().any(|r| r == to)
    }

    /// Whether one product is meant that only its description tells: "the white one", "那顶白色的".
    pub fn describes(&self) -> bool {
        self.described || self.refers(Reference::It)
    }

    /// Whether the turn begins by asking: "is it", "does".
    pub fn begins_by_asking(&self) -> bool {
        self.mentions.first().is_some_and(|m| m.span.start == 0 && m.meanings.contains(&Cue::Asks))
    }

    /// Whether the turn ends by asking: "掉色吗".
    pub fn ends_by_asking(&self) -> bool {
        let words = self.atoms.iter().rposition(|a| !matches!(a.kind, AtomKind::Stop | AtomKind::Sign)).map_or(0, |last| last + 1);
        self.ends_in_not()
            || self.mentions.iter().any(|m| m.span.end == words && self.atoms[m.span.start].kind == AtomKind::Han && m.meanings.contains(&Cue::Asks))
    }

    /// The shopper's words behind atoms.
    pub fn quote(&self, span: &Range<usize>) -> String {
        match (self.atoms.get(span.start), span.end.checked_sub(1).and_then(|last| self.atoms.get(last))) {
            (Some(first), Some(last)) => self.folded.quote(first.range.start..last.range.end).to_owned(),
            _ => String::new(),
        }
    }

    /// The turn without the words that only point: what is left says what is asked.
    pub fn rest(&self) -> String {
        let points =
            |m: &&Mention<Cue>| m.meanings.iter().any(|cue| matches!(cue, Cue::Back | Cue::Compare | Cue::InChinese | Cue::InEnglish | Cue::Comparative(_)));
        let pointing = self.mentions.iter().filter(points).map(|m| m.span.clone());
        let mut gone = vec![false; self.atoms.len()];
        for span in pointing.chain(self.references.iter().map(|(_, span)| span.clone())) {
            span.for_each(|place| gone[place] = true);
        }
        let kept = self.atoms.iter().zip(&gone).map(|(atom, gone)| if *gone { " " } else { &self.folded.text[atom.range.clone()] });
        let mut rest = String::new();
        let mut before: Option<AtomKind> = None;
        for (piece, atom) in kept.zip(&self.atoms) {
            // Han characters stand together, all else apart.
            let glued = atom.kind == AtomKind::Han && before == Some(AtomKind::Han);
            if !(glued || rest.is_empty()) {
                rest.push(' ');
            }
            rest.push_str(piece);
            before = (piece != " ").then_some(atom.kind);
        }
        rest.trim().to_owned()
    }

    fn cues_at(&self, place: usize) -> impl Iterator<Item = (&Mention<Cue>, Cue)> {
        self.mentions.iter().filter(move |m| m.span.start == place).flat_map(|m| m.meanings.iter().map(move |cue| (m, *cue)))
    }

    /// Whether a wording stands beside a cue, with one atom between at most: "有哪些颜色", "颜色都有哪些", "what sizes".
    pub fn has_beside(&self, cue: Cue, wording: &str) -> bool {
        let wording = atoms(&text::fold(wording));
        let stands_at = |at: usize| self.atoms[at..].iter().map(|a| &a.text).take(wording.len()).eq(wording.iter().map(|a| &a.text));
        let places = (0..self.atoms.len()).filter(|at| !wording.is_empty() && stands_at(*at)).map(|at| at..at + wording.len());
        let near = |a: &Range<usize>, b: &Range<usize>| a.start <= b.end + 1 && b.start <= a.end + 1;
        let said: Vec<&Range<usize>> = self.mentions.iter().filter(|m| m.meanings.contains(&cue)).map(|m| &m.span).collect();
        places.into_iter().any(|place| said.iter().any(|span| near(span, &place)))
    }

    fn has_at(&self, place: usize, cue: Cue) -> bool {
        self.cues_at(place).any(|(_, known)| known == cue)
    }

    /// The end of the word for "one" that stands at a place, or the place itself.
    fn over_one(&self, place: usize) -> usize {
        self.cues_at(place).find(|(_, cue)| *cue == Cue::One).map_or(place, |(m, _)| m.span.end)
    }

    /// A whole figure that may be a place, and where it ends.
    fn place_at(&self, at: usize) -> Option<(i64, usize)> {
        let figure = figure_at(&self.atoms, at)?;
        let whole = figure.low / ONE;
        (figure.low == figure.high && figure.low % ONE == 0 && (1..=LONGEST_LIST).contains(&whole)).then_some((whole, figure.end))
    }

    fn find_references(&self, dialogue: &Dialogue) -> Vec<(Reference, Range<usize>)> {
        let mut found: Vec<(Reference, Range<usize>)> = Vec::new();
        let mut from = 0;
        for place in 0..self.atoms.len() {
            if place < from || self.has_at(place, Cue::Idle) {
                continue;
            }
            if let Some((reference, span)) = self.reference_at(place, dialogue) {
                from = span.end;
                found.push((reference, span));
            }
        }
        if found.is_empty() && self.compares() {
            found = self.bare_figures();
        }
        found
    }

    fn reference_at(&self, place: usize, dialogue: &Dialogue) -> Option<(Reference, Range<usize>)> {
        let latin = self.atoms[place].kind == AtomKind::Word;
        let after_the = place.checked_sub(1).is_some_and(|before| matches!(self.atoms[before].text.as_str(), "the" | "your" | "that" | "this"));
        if let Some(found) = self.counted(place) {
            return Some(found);
        }
        for (mention, cue) in self.cues_at(place) {
            let end = mention.span.end;
            let found = match cue {
                Cue::It => Some((Reference::It, end)),
                Cue::These => Some((Reference::These, end)),
                Cue::Both => Some((Reference::Several(2), end)),
                Cue::NumberBefore => self.place_at(end).and_then(|(n, after)| Some((Reference::Place(i32::try_from(n).ok()?), self.over_one(after)))),
                Cue::FirstMany | Cue::LastMany => self.place_at(end).filter(|(n, _)| *n > 1).and_then(|(n, after)| {
                    let n = usize::try_from(n).ok()?;
                    // "两款" in "后两款" is a cue of its own.
                    let behind =
                        self.cues_at(end).find(|(_, cue)| matches!(cue, Cue::Both | Cue::These)).map_or_else(|| self.over_one(after), |(m, _)| m.span.end);
                    // "前三天" counts days, "the first two weeks" weeks.
                    let counts = behind > after || behind >= self.atoms.len() || latin && !self.stands_alone(behind);
                    counts.then_some((if cue == Cue::FirstMany { Reference::First(n) } else { Reference::Last(n) }, behind))
                }),
                Cue::Ordinal(at) => {
                    let behind = self.over_one(end);
                    let several_words = mention.atoms.len() > 1 || !latin;
                    // "the third's wheels".
                    let possessive = self.folded.text[self.atoms[place].range.clone()].contains(['\'', '’']);
                    let in_question = after_the && (self.closes(end) || self.begins_by_asking() || possessive);
                    let pointed = several_words || behind > end || in_question || (self.compares() && self.closes(end));
                    dialogue.ordinals.get(at).filter(|_| pointed).map(|ordinal| (Reference::Place(ordinal.place), behind))
                }
                _ => None,
            };
            if let Some((reference, end)) = found {
                return Some((reference, place..end));
            }
        }
        // "2号".
        let (n, after) = self.place_at(place)?;
        let numbered = self.atoms.get(after).is_some_and(|a| a.text == "号");
        numbered.then(|| Some((Reference::Place(i32::try_from(n).ok()?), place..after + 1))).flatten()
    }

    /// "那袋", "这几条", "这三支", "三款里": a pointing word, or a count, with any measure word.
    fn counted(&self, place: usize) -> Option<(Reference, Range<usize>)> {
        if self.atoms[place].kind != AtomKind::Han || self.cues_at(place).any(|(_, cue)| matches!(cue, Cue::Idle | Cue::It | Cue::These | Cue::Both)) {
            return None;
        }
        let text = |at: usize| self.atoms.get(at).map_or("", |a| a.text.as_str());
        let points = matches!(text(place), "这" | "那");
        let from = if points { place + 1 } else { place };
        let (many, end) = match (text(from), self.place_at(from)) {
            ("几", _) => (Some(0), from + 1),
            (_, Some((n, end))) => (Some(n), end),
            _ => (None, from),
        };
        let behind = self.over_one(end);
        if behind == end || !(points || (many.is_some_and(|n| n > 1) && matches!(text(behind), "里" | "中" | "都" | "之" | "当"))) {
            return None;
        }
        let reference = match many {
            None | Some(1) => Reference::It,
            Some(n) => usize::try_from(n).ok().filter(|n| *n > 0).map_or(Reference::These, Reference::Several),
        };
        Some((reference, place..behind))
    }

    /// Whether a pronoun is one of two things that are weighed: "它和第一盏".
    pub fn joins_it(&self) -> bool {
        self.references.iter().any(|(reference, span)| *reference == Reference::It && self.beside(span).any(joins))
    }

    /// The atoms on both sides of a stretch.
    fn beside(&self, span: &Range<usize>) -> impl Iterator<Item = &Atom> {
        [span.start.checked_sub(1), Some(span.end)].into_iter().flatten().filter_map(|place| self.atoms.get(place))
    }

    /// Whether a Latin word stands there that is no cue: "weeks" in "the first two weeks".
    fn stands_alone(&self, place: usize) -> bool {
        self.atoms.get(place).is_some_and(|a| a.kind == AtomKind::Word) && self.cues_at(place).next().is_none()
    }

    /// Whether nothing that "first" could belong to stands there: the end, a mark, a joining or asking word.
    fn closes(&self, place: usize) -> bool {
        let Some(atom) = self.atoms.get(place) else { return true };
        let ends = matches!(atom.text.as_str(), "from" | "again" | "too" | "better" | "than");
        atom.kind != AtomKind::Word || ends || joins(atom) || self.cues_at(place).any(|(_, cue)| cue != Cue::One)
    }

    /// "compare 1 and 3", "一和三哪条更好".
    fn bare_figures(&self) -> Vec<(Reference, Range<usize>)> {
        let figures = (0..self.atoms.len()).filter_map(|at| self.place_at(at).map(|(n, end)| (n, at, end)));
        let places: Vec<(Reference, Range<usize>)> = figures
            .filter(|(_, at, end)| self.beside(&(*at..*end)).any(|a| joins(a) || matches!(a.text.as_str(), "、" | ",")))
            .filter_map(|(n, at, end)| Some((Reference::Place(i32::try_from(n).ok()?), at..end)))
            .collect();
        if places.len() > 1 { places } else { Vec::new() }
    }

    /// "the small red one": a few words between "the" and "one".
    fn describes_one(&self) -> bool {
        let ones = self.mentions.iter().filter(|m| m.meanings.contains(&Cue::One) && self.atoms[m.span.start].text == "one").map(|m| m.span.start);
        ones.into_iter().any(|one| {
            let from = one.saturating_sub(DESCRIPTION + 1);
            self.atoms[from..one].iter().rposition(|a| a.text == "the").is_some_and(|the| from + the + 1 < one)
        })
    }
}
