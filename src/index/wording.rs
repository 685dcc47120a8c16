//! Words as a query: every token scored by BM25F over the fields that say what a product is, other names and spellings of the
//! same thing as alternatives.

use std::collections::HashSet;

use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use super::ablation::TextSignal;
use super::analysis::Analyzer;
use super::bm25f::{TokenQuery, WeightedField, average_length};
use super::schema::{Fields, TEXT_FIELDS, TokenKind};
use crate::need::Phrase;
use crate::text;

/// Most distinct tokens of one question that are looked up.
const MOST_TOKENS: usize = 96;
/// What being called by the name of the good adds, as a share of all words' score.
const CALLED: f32 = 0.03;
/// What another name of the same thing counts beside the one that was said.
const OTHER_NAME: f32 = 0.7;
/// What a word written together counts beside its parts: "headset" for "head set".
const COMPOUND: f32 = 0.7;

/// The text fields with their mean lengths, taken when the index is opened.
pub struct Lengths(Vec<f32>);

impl Lengths {
    pub fn read(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Self> {
        Ok(Self(fields.text.iter().map(|field| average_length(searcher, *field)).collect::<tantivy::Result<_>>()?))
    }
}

/// What words are made into a query with.
pub struct Wording<'a> {
    pub fields: &'a Fields,
    pub searcher: &'a Searcher,
    pub analyzer: &'a Analyzer,
    pub lengths: &'a Lengths,
    /// Whether single Han characters count: they find what segmenters miss, but among the goods of one category the few words
    /// that are left over would match by chance.
    pub characters: bool,
    /// Signals that a measurement leaves out.
    pub without: &'a [TextSignal],
}

/// A part of a query, and the most it can score.
struct Scored {
    query: Option<Box<dyn Query>>,
    most: f32,
}

impl Wording<'_> {
    /// The words as a disjunction, and the score of a product that had them all. `None` when no product has any of them.
    pub fn query(&self, words: &[Phrase], goods: &[&Phrase]) -> tantivy::Result<(Option<Box<dyn Query>>, f32)> {
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        let mut best_text = 0.0;
        let mut seen = HashSet::new();
        for phrase in words {
            let said = self.form(&phrase.said, &mut seen)?;
            let mut forms: Vec<Box<dyn Query>> = Vec::new();
            let mut most = said.most;
            let known = said.query.is_some();
            forms.extend(said.query);
            for other in phrase.also.iter().filter(|_| !self.without.contains(&TextSignal::OtherNames)) {
                let other = self.form(other, &mut HashSet::new())?;
                let Some(query) = other.query else { continue };
                if forms.is_empty() || most <= 0.0 {
                    most = other.most;
                }
                // How rare another name is says nothing; where the one that was said is found at all, it goes before.
                let even = most / other.most.max(f32::MIN_POSITIVE);
                let share = if known && !phrase.only_others { OTHER_NAME * even.min(1.0) } else { even };
                forms.push(Box::new(BoostQuery::new(query, share)));
            }
            best_text += if known || !forms.is_empty() { most } else { said.most };
            if !forms.is_empty() {
                queries.push(Box::new(DisjunctionMaxQuery::new(forms)));
            }
        }
        // What a title calls the product weighs more than what it mentions.
        let called: Vec<Box<dyn Query>> = goods.iter().flat_map(|good| std::iter::once(&good.said).chain(&good.also)).map(|name| self.called(name)).collect();
        if !called.is_empty() && !queries.is_empty() && !self.without.contains(&TextSignal::OwnName) {
            queries.push(Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::union(called)), CALLED * best_text)));
            best_text *= 1.0 + CALLED;
        }
        let query = (!queries.is_empty()).then(|| Box::new(BooleanQuery::union(queries)) as Box<dyn Query>);
        Ok((query, best_text))
    }

    fn called(&self, name: &str) -> Box<dyn Query> {
        let head = Term::from_field_text(self.fields.heads, &text::phrase_key(name));
        Box::new(TermQuery::new(head, IndexRecordOption::Basic))
    }

    /// One way to say something: its tokens that were not seen before.
    fn form(&self, text: &str, seen: &mut HashSet<(TokenKind, String)>) -> tantivy::Result<Scored> {
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        let mut most = 0.0;
        let mut tokens = self.analyzer.query_tokens(text).into_iter().peekable();
        while let Some(token) = tokens.next() {
            let single = token.kind == TokenKind::Character || token.kind == TokenKind::HanWord && token.text.chars().nth(1).is_none();
            let chance = single && !self.characters || TextSignal::drops_token(self.without, token.kind);
            if chance || seen.len() >= MOST_TOKENS || !seen.insert((token.kind, token.text.clone())) {
                continue;
            }
            let mut one = self.token(token.kind, &token.text)?;
            if let Some(compound) = token.compound.as_ref().filter(|_| !self.without.contains(&TextSignal::Compounds))
                && let Some(next) = tokens.peek().cloned()
                && let Scored { query: Some(joined), most: joined_most } = self.token(token.kind, compound)?
            {
                tokens.next();
                seen.insert((next.kind, next.text.clone()));
                let second = self.token(next.kind, &next.text)?;
                let both = one.most + second.most;
                let apart: Vec<Box<dyn Query>> = one.query.into_iter().chain(second.query).collect();
                let together = Box::new(BoostQuery::new(joined, COMPOUND * both / joined_most.max(f32::MIN_POSITIVE))) as Box<dyn Query>;
                let ways = std::iter::once(together).chain((!apart.is_empty()).then(|| Box::new(BooleanQuery::union(apart)) as Box<dyn Query>));
                one = Scored { query: Some(Box::new(DisjunctionMaxQuery::new(ways.collect::<Vec<_>>()))), most: both };
            }
            most += one.most;
            queries.extend(one.query);
        }
        let query = (!queries.is_empty()).then(|| Box::new(BooleanQuery::union(queries)) as Box<dyn Query>);
        Ok(Scored { query, most })
    }

    /// A token in its fields.
    fn token(&self, kind: TokenKind, token: &str) -> tantivy::Result<Scored> {
        let even = self.without.contains(&TextSignal::FieldWeights);
        let fields: Vec<WeightedField> = TEXT_FIELDS
            .iter()
            .zip(self.fields.text)
            .zip(&self.lengths.0)
            .filter(|((known, _), _)| known.tokens == kind.tokens() && !TextSignal::drops_field(self.without, known))
            .map(|((known, field), average)| WeightedField {
                field,
                weight: if even { 1.0 } else { known.weight },
                length: kind.length().unwrap_or(known.length),
                average: *average,
            })
            .collect();
        let (query, most) = TokenQuery::new(token, &fields, kind.saturation(), self.searcher)?;
        let weight = kind.weight();
        Ok(Scored { query: query.map(|q| Box::new(BoostQuery::new(Box::new(q), weight)) as Box<dyn Query>), most: most * weight })
    }
}
