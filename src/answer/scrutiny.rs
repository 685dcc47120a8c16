//! What a model's prose must not carry beyond links and foreign figures: prices, claims that only the program makes, names of
//! anything that is not shown, its own instructions, or the wrong language. It would rather drop a good passage than let a bad
//! one through: the built-in composer has another.

use std::collections::HashSet;

use super::grounding::Rules;
use super::sources::{addresses, advice, has_link};
use crate::catalog::{Lang, ProductId};
use crate::compose::{Case, Part, Passage, Segment};
use crate::index::analysis::WordKind;
use crate::knowledge::{Knowledge, Prose};
use crate::rank::Pick;
use crate::text::{self, Atom, AtomKind};
use crate::understand::numbers;

/// Longest passage, in characters.
const LONGEST: usize = 900;
/// Words in a row that a passage may share with the instructions.
const SHARED_WORDS: usize = 6;
/// Least share of Han letters in Chinese prose, and largest in English.
const LEAST_HAN: f64 = 0.5;
const MOST_HAN: f64 = 0.05;
/// Number words up to here are ordinary: "two of them".
const SMALL_NUMBER: f64 = 12.0;
/// Signs and words that make a figure a price.
const MONEY: [&str; 17] = ["¥", "$", "€", "£", "元", "块", "圆", "rmb", "cny", "usd", "yuan", "dollar", "buck", "euro", "pound", "cent", "折"];
/// Marks that people put around names.
const QUOTES: [(char, char); 6] = [('《', '》'), ('「', '」'), ('『', '』'), ('“', '”'), ('"', '"'), ('〈', '〉')];

/// What a case lets a model say.
pub struct Scrutiny<'a> {
    rules: &'a Rules<'a>,
    lang: Lang,
    /// Everything that may be quoted, as one phrase key with breaks.
    sources: String,
    /// Words and pairs of characters of the sources.
    words: Prose,
    /// Figures of advice and question, which any passage may use.
    advised: HashSet<String>,
    /// Figures of the question alone: a budget may be repeated.
    asked: HashSet<String>,
    /// Figures of each shown record, as it is written and as it is shown.
    stated: Vec<(ProductId, HashSet<String>)>,
    /// Brands of the catalog that are not shown, as phrase keys.
    foreign_brands: Vec<String>,
    instructions: String,
}

impl<'a> Scrutiny<'a> {
    pub fn new(case: &Case, rules: &'a Rules<'a>, instructions: &str) -> Self {
        let mut advice = advice(case, rules.knowledge);
        advice.extend(case.plan.dimensions.iter().map(|dimension| dimension.name.clone()));
        let advised = advice.iter().flat_map(|said| text::figures(said)).collect();
        let mut all = advice;
        // Only what says what a product is. Descriptions and reviews are anybody's words, and no name is taken from them.
        all.extend(case.shortlist.picks.iter().flat_map(facts));
        let mut words = Prose::default();
        all.iter().for_each(|said| words.learn(said));
        let sources = all.iter().map(|said| format!(" {} ", text::phrase_key(said))).collect::<Vec<_>>().join("|");
        let prose = rules.knowledge.prose();
        let is_name = |brand: &&String| !text::key_contains(&sources, brand) && !brand.split(' ').all(|word| prose.has_word(word));
        Self {
            lang: case.need.lang,
            foreign_brands: rules.brands.iter().filter(is_name).cloned().collect(),
            words,
            stated: case.shortlist.picks.iter().map(|pick| (pick.id().clone(), stated(pick, rules.knowledge, case.need.lang))).collect(),
            advised,
            asked: text::figures(&case.question).into_iter().collect(),
            instructions: text::phrase_key(instructions),
            sources,
            rules,
        }
    }

    /// Whether the passage may be said; else why not.
    pub fn check(&self, passage: &Passage, case: &Case) -> Result<(), &'static str> {
        let own: Option<&Pick> = match &passage.part {
            Part::Reason(id) => case.shortlist.picks.iter().find(|pick| pick.id() == id),
            _ => None,
        };
        let texts: Vec<&str> = passage.segments.iter().filter_map(|s| if let Segment::Text(said) = s { Some(said.as_str()) } else { None }).collect();
        let said = texts.join(" ");
        if said.chars().count() > LONGEST {
            return Err("too long");
        }
        let folded = text::fold(&said);
        if has_link(&folded) || addresses(&folded).next().is_some() {
            return Err("link");
        }
        if said.contains(['<', '>', '{', '}', '|', '\\']) || said.contains("](") {
            return Err("markup");
        }
        let atoms = text::atoms(&folded);
        self.figures(&said, &atoms, own)?;
        let key = text::phrase_key(&said);
        if self.rules.knowledge.lexicon.claims.iter().any(|claim| text::key_contains(&key, claim)) {
            return Err("claim");
        }
        if self.repeats_instructions(&key) {
            return Err("instructions");
        }
        let letters = texts.join("");
        let han = text::han_share(&letters);
        let foreign = match self.lang {
            Lang::Zh => han < LEAST_HAN && letters.chars().any(char::is_alphabetic),
            Lang::En => han > MOST_HAN,
        };
        if foreign {
            return Err("language");
        }
        if self.foreign_brands.iter().any(|brand| text::key_contains(&key, brand)) {
            return Err("name");
        }
        texts.iter().try_for_each(|said| self.names(said))
    }

    /// Every figure must stand in advice, question or a shown record (of the product itself where one is spoken of); a price
    /// must be the shopper's own; and numbers in words must be there word for word.
    fn figures(&self, said: &str, atoms: &[Atom], own: Option<&Pick>) -> Result<(), &'static str> {
        let shown = self.stated.iter().filter(|(id, _)| own.is_none_or(|own| own.id() == id));
        let mut allowed: HashSet<&String> = shown.flat_map(|(_, stated)| stated).collect();
        // Why a product fits is told with its own figures; the guide's are no product's.
        allowed.extend(if own.is_some() { &self.asked } else { &self.advised });
        if text::figures(said).iter().any(|figure| !allowed.contains(figure)) {
            return Err("figure");
        }
        for (place, atom) in atoms.iter().enumerate() {
            let Some(figure) = numbers::figure_at(atoms, place) else { continue };
            let end = figure.end.clamp(place + 1, atoms.len());
            let beside = [place.checked_sub(1).and_then(|before| atoms.get(before)), atoms.get(end)];
            let is_money = |atom: &&Atom| MONEY.iter().any(|sign| atom.text == *sign || atom.text == text::stem(sign));
            let digits = text::figures(&atom.text);
            let is_asked = !digits.is_empty() && digits.iter().all(|figure| self.asked.contains(figure));
            if beside.iter().flatten().any(is_money) && !is_asked && !self.quoted(&atoms[place..(end + 1).min(atoms.len())]) {
                return Err("price");
            }
            let in_words = atom.kind != AtomKind::Number;
            let large = figure.high_f64() > SMALL_NUMBER || end > place + 1;
            if in_words && large && !self.quoted(&atoms[place..end]) {
                return Err("number in words");
            }
        }
        Ok(())
    }

    /// Whether these atoms stand in a source one after another.
    fn quoted(&self, atoms: &[Atom]) -> bool {
        let key: Vec<&str> = atoms.iter().map(|a| a.text.as_str()).collect();
        text::key_contains(&self.sources, &key.join(" "))
    }

    fn repeats_instructions(&self, key: &str) -> bool {
        let words: Vec<&str> = key.split(' ').collect();
        words.windows(SHARED_WORDS).any(|run| {
            let run = run.join(" ");
            text::key_contains(&self.instructions, &run) && !text::key_contains(&self.sources, &run)
        })
    }

    /// Names that are no source's: in quotes, with capitals, or of characters that no prose of ours puts together.
    fn names(&self, said: &str) -> Result<(), &'static str> {
        for (open, close) in QUOTES {
            for (place, _) in said.match_indices(open) {
                let inner = &said[place + open.len_utf8()..];
                let quoted = inner.find(close).map_or("", |end| &inner[..end]);
                if !quoted.is_empty() && !text::key_contains(&self.sources, &text::phrase_key(quoted)) {
                    return Err("name");
                }
            }
        }
        if self.capital_name(said) || (self.lang == Lang::Zh && (self.latin_name(said) || self.han_name(said))) {
            return Err("name");
        }
        Ok(())
    }

    fn knows(&self, stem: &str) -> bool {
        self.words.has_word(stem) || self.rules.knowledge.prose().has_word(stem)
    }

    /// A word with a capital inside a sentence, or a word in capitals, must be a source's; two in a row must stand there
    /// together. The first word of a sentence must be an ordinary one.
    fn capital_name(&self, said: &str) -> bool {
        let mut starts = true;
        let mut run: Vec<String> = Vec::new();
        for word in said.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let first = bare.chars().next();
            let ends = word.ends_with(['.', '!', '?', ':', ';', '。', '！', '？']);
            // "I", "I'm", "I'd".
            let is_capital = first.is_some_and(char::is_uppercase) && !bare.starts_with("I'") && !bare.starts_with("I’") && bare != "I";
            let key = text::phrase_key(bare);
            if is_capital {
                let known = !key.is_empty() && key.split(' ').all(|stem| self.knows(stem));
                let in_sources = !key.is_empty() && text::key_contains(&self.sources, &key);
                let acronym = bare.chars().all(|c| !c.is_lowercase()) && known;
                if !(in_sources || (starts && known) || acronym) {
                    return true;
                }
                if !starts || in_sources {
                    run.push(key);
                }
                if run.len() > 1 && !text::key_contains(&self.sources, &run.join(" ")) {
                    return true;
                }
            } else {
                run.clear();
            }
            if ends {
                run.clear();
            }
            starts = ends || (starts && bare.is_empty());
        }
        false
    }

    /// A Latin word in Chinese prose must be a source's or one of ours.
    fn latin_name(&self, said: &str) -> bool {
        let folded = text::fold(said);
        text::atoms(&folded).iter().filter(|a| a.kind == AtomKind::Word).any(|a| !self.knows(&a.text))
    }

    /// A name is: a word that the dictionary knows for one; what stands before 牌; characters in a row that neither the dictionary
    /// nor any of our texts puts together, two that could name a thing or three of any kind.
    fn han_name(&self, said: &str) -> bool {
        let known_pair = |a: char, b: char| self.words.has_pair(a, b) || self.rules.knowledge.prose().has_pair(a, b);
        let known_word = |word: &str| {
            let characters: Vec<char> = word.chars().collect();
            characters.windows(2).all(|pair| known_pair(pair[0], pair[1]))
        };
        let tagged = self.rules.analyzer.tagged(&text::fold(said));
        let mut unknown = 0;
        for pair in tagged.windows(2) {
            let [(word, kind), (next, next_kind)] = pair else { continue };
            if *kind == WordKind::Name && !known_word(word) {
                return true;
            }
            let (last, first) = (word.chars().last(), next.chars().next());
            let both_single = word.chars().count() == 1 && next.chars().count() == 1;
            let (Some(last), Some(first)) = (last, first) else { continue };
            if !text::is_han(last) || !text::is_han(first) {
                unknown = 0;
                continue;
            }
            if next == "牌" && !known_pair(last, '牌') && !text::key_contains(&self.sources, &text::phrase_key(&format!("{word}牌"))) {
                return true;
            }
            if !both_single || known_pair(last, first) || is_function(last) || is_function(first) {
                unknown = 0;
                continue;
            }
            unknown += 1;
            if unknown > 1 || (*kind == WordKind::Thing && *next_kind == WordKind::Thing) {
                return true;
            }
        }
        tagged.last().is_some_and(|(word, kind)| *kind == WordKind::Name && !known_word(word))
    }
}

/// Characters that join words and make no name.
fn is_function(character: char) -> bool {
    "的了是在有和与也都就不没很更最又再会能可要想用把被给让从到对为这那它你我您他她们个款双顶件只条种时里上下中前后内外多少大小点些着过吧呢吗啊得地之其而且但或如若因所以比按向于".contains(character)
}

/// What a record says of what the product is.
fn facts(pick: &Pick) -> Vec<String> {
    let product = pick.product();
    let mut facts: Vec<String> = product.title.each().map(str::to_owned).collect();
    facts.extend(product.brand.clone());
    facts.extend(product.product_type.iter().flat_map(|path| path.each().map(str::to_owned).collect::<Vec<_>>()));
    for attribute in &product.attributes {
        facts.extend(attribute.name.each().map(str::to_owned));
        facts.extend(attribute.values.iter().flat_map(|value| [Lang::Zh, Lang::En].map(|lang| value.show(lang))));
    }
    facts
}

/// The figures of a record.
fn stated(pick: &Pick, knowledge: &Knowledge, lang: Lang) -> HashSet<String> {
    let shown = pick.product().attributes.iter().filter_map(|a| pick.value(&a.key, &knowledge.lexicon.units, lang));
    facts(pick).into_iter().chain(shown).flat_map(|fact| text::figures(&fact)).collect()
}
