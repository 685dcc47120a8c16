//! A need as a query: hard constraints as filters that never touch the score, words as weighted terms.
//!
//! The query is built term by term from our own tokens. Shoppers' words never go through a query parser: it would read an
//! unspaced Chinese question as one phrase and punctuation as operators.

use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use super::ablation::TextSignal;
use super::analysis::Analyzer;
use super::collect::TallyCollector;
use super::schema::{Fields, category_term, has_term, measure_column, mention_term, value_term};
use super::vocabulary::Vocabulary;
use super::wording::{Lengths, Wording};
use crate::need::{Comparison, Constraint, Found, Need, Phrase, Rule, WantedValue};
use crate::taxonomy::Taxonomy;
use crate::text;

/// Share of the best text score from which a product counts as a match, where words alone choose.
const NEAR_BEST: f32 = 0.6;

/// What lying in a category that does not filter adds, as a share of the words' score: where properties alone point to it,
/// few of the words name what is wanted.
const INFERRED_CATEGORY: f32 = 0.3;

/// A comparison on a number that the collector tests on a column.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberTest {
    /// The column: "price", or that of an attribute's figures of one dimension.
    pub column: String,
    pub comparison: Comparison,
    pub than: f64,
}

/// A need, ready to run.
pub struct Prepared {
    pub query: Box<dyn Query>,
    pub tests: Vec<NumberTest>,
    /// The text score of a product that has every word in its best field; 0 when no words are searched.
    pub best_text: f32,
    /// Words alone choose the products: then only those near the best match are spoken of as matching.
    pub by_words: bool,
}

impl Prepared {
    /// The least text score that counts as a match: a share of the best one, where words alone choose.
    pub fn floor(&self, searcher: &Searcher) -> tantivy::Result<f32> {
        if !self.by_words {
            return Ok(0.0);
        }
        let tally = searcher.search(&self.query, &TallyCollector { tests: &self.tests, scored: true, floor: 0.0 })?;
        Ok(tally.best * NEAR_BEST)
    }
}

/// What a query is prepared with.
pub struct Preparation<'a> {
    pub fields: &'a Fields,
    pub searcher: &'a Searcher,
    pub vocabulary: &'a Vocabulary,
    pub analyzer: &'a Analyzer,
    pub lengths: &'a Lengths,
    pub without: &'a [TextSignal],
    pub taxonomy: &'a Taxonomy,
}

impl Preparation<'_> {
    /// Builds the query of a need. `without` leaves constraints out, by place: what would relaxing them give?
    pub fn prepare(&self, need: &Need, without: &[usize]) -> tantivy::Result<Prepared> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut tests = Vec::new();
        for constraint in need.constraints.iter().enumerate().filter(|(place, c)| c.hard && !without.contains(place)).map(|(_, c)| c) {
            self.filter(constraint, &mut clauses, &mut tests);
        }
        let filtered = self.categories(need);
        let in_category = filtered.is_some();
        clauses.extend(filtered.map(|query| (Occur::Must, silent(query))));
        let goods: Vec<&Phrase> = need.words.iter().filter(|w| w.good).collect();
        let wording = Wording {
            fields: self.fields,
            searcher: self.searcher,
            analyzer: self.analyzer,
            lengths: self.lengths,
            characters: !in_category,
            without: self.without,
        };
        let (words, best_text) = wording.query(if in_category { &need.words } else { &need.wording }, &goods)?;
        let named = need.hard().any(|c| matches!(c.rule, Rule::Value { comparison: Comparison::Equal, .. })) && need.words.is_empty();
        match words {
            // With a category or a property known, words only rank; else something of what was said must be there.
            Some(words) => clauses.push((if in_category || named { Occur::Should } else { Occur::Must }, words)),
            None if !in_category && !need.words.is_empty() => clauses.push((Occur::Must, Box::new(EmptyQuery))),
            None => {}
        }
        for category in need.categories.iter().filter(|c| !c.filters && c.found == Found::Inferred && best_text > 0.0) {
            clauses.push((Occur::Should, Box::new(ConstScoreQuery::new(self.facet(&category_term(&category.key)), INFERRED_CATEGORY * best_text))));
        }
        clauses.push((Occur::Must, silent(Box::new(AllQuery))));
        let by_words = best_text > 0.0 && !in_category && !named;
        Ok(Prepared { query: Box::new(BooleanQuery::new(clauses)), tests, best_text, by_words })
    }

    fn categories(&self, need: &Need) -> Option<Box<dyn Query>> {
        let named = need.categories.iter().filter(|c| c.filters);
        let mut terms: Vec<Box<dyn Query>> = Vec::new();
        for category in named {
            terms.push(self.facet(&category_term(&category.key)));
            // A product that states no category is in the one that its title names.
            if let Some(known) = category.id.as_deref().and_then(|id| self.taxonomy.by_id(id)) {
                let names = known.names.each().map(|name| self.title_phrase(&text::phrase_key(name))).collect();
                let unstated = vec![(Occur::Must, Box::new(BooleanQuery::union(names)) as Box<dyn Query>), (Occur::MustNot, self.facet(&has_term("category")))];
                terms.push(Box::new(BooleanQuery::new(unstated)));
            }
        }
        (!terms.is_empty()).then(|| Box::new(BooleanQuery::union(terms)) as Box<dyn Query>)
    }

    fn filter(&self, constraint: &Constraint, clauses: &mut Vec<(Occur, Box<dyn Query>)>, tests: &mut Vec<NumberTest>) {
        match &constraint.rule {
            Rule::Price { comparison, amount, .. } => {
                clauses.push((Occur::Must, silent(self.facet(&format!("m:{}", amount.currency().code())))));
                tests.push(NumberTest { column: "price".to_owned(), comparison: *comparison, than: amount.minor() as f64 });
            }
            Rule::Measure { attribute, comparison, dimension, base, .. } => {
                tests.push(NumberTest { column: measure_column(attribute, dimension), comparison: *comparison, than: *base })
            }
            Rule::Value { attribute, comparison: Comparison::NotEqual, any_of } => {
                clauses.push((Occur::MustNot, silent(self.holds(attribute, any_of))));
                let in_title = any_of.iter().flat_map(WantedValue::title_words);
                clauses.extend(in_title.map(|word| (Occur::MustNot, silent(self.title_phrase(word)))));
            }
            Rule::Value { attribute, any_of, .. } => clauses.push((Occur::Must, silent(self.holds(attribute, any_of)))),
            Rule::Without { words } => clauses.extend(words.iter().map(|w| (Occur::MustNot, silent(self.title_phrase(w))))),
        }
    }

    /// Products whose attribute holds one of the values, or, where the attribute is not stated, whose title does.
    fn holds(&self, attribute: &str, any_of: &[WantedValue]) -> Box<dyn Query> {
        let stated = self.vocabulary.matching(attribute, any_of).into_iter().map(|key| self.facet(&value_term(attribute, key)));
        let in_title: Vec<Box<dyn Query>> = any_of.iter().flat_map(|v| &v.words).map(|word| self.title_phrase(word)).collect();
        let unstated = BooleanQuery::new(vec![
            (Occur::Must, Box::new(BooleanQuery::union(in_title)) as Box<dyn Query>),
            (Occur::MustNot, self.facet(&has_term(attribute))),
        ]);
        let either: Vec<Box<dyn Query>> = stated.chain(std::iter::once(Box::new(unstated) as Box<dyn Query>)).collect();
        Box::new(BooleanQuery::union(either))
    }

    fn facet(&self, term: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(self.fields.facet, term), IndexRecordOption::Basic))
    }

    /// How many products outside of our own categories are called so by their title, given as a phrase key. A product of
    /// ours that says the word only mentions it: a robot vacuum with a camera is no camera.
    pub fn titles_calling(&self, key: &str) -> tantivy::Result<usize> {
        let head = Box::new(TermQuery::new(Term::from_field_text(self.fields.heads, &mention_term(key)), IndexRecordOption::Basic)) as Box<dyn Query>;
        let ours = self.vocabulary.categories.iter().filter(|c| self.taxonomy.by_path(&c.key).is_some());
        let clauses = std::iter::once((Occur::Must, head)).chain(ours.map(|c| (Occur::MustNot, self.facet(&category_term(&c.key)))));
        self.searcher.search(&BooleanQuery::new(clauses.collect()), &tantivy::collector::Count)
    }

    /// Titles that contain the phrase, given as a phrase key.
    fn title_phrase(&self, key: &str) -> Box<dyn Query> {
        let term = |word: &str| Term::from_field_text(self.fields.title_atoms, word);
        let terms: Vec<Term> = key.split(' ').filter(|word| !word.is_empty()).map(term).collect();
        match <[Term; 1]>::try_from(terms) {
            Ok([one]) => Box::new(TermQuery::new(one, IndexRecordOption::Basic)),
            Err(terms) if terms.is_empty() => Box::new(EmptyQuery),
            Err(terms) => Box::new(PhraseQuery::new(terms)),
        }
    }

    /// The most products that have a word of this text in one field that says what the product is: title, category or attributes.
    pub fn names_products(&self, word: &str) -> tantivy::Result<u64> {
        let mut most = 0;
        for token in self.analyzer.words(word) {
            for field in [self.fields.text[0], self.fields.text[1], self.fields.text[3]] {
                most = most.max(self.searcher.doc_freq(&Term::from_field_text(field, &token))?);
            }
        }
        Ok(most)
    }

    /// How many products match a need, constraints left out by place.
    pub fn count(&self, need: &Need, without: &[usize]) -> tantivy::Result<u64> {
        let prepared = self.prepare(need, without)?;
        let floor = prepared.floor(self.searcher)?;
        let tally = self.searcher.search(&prepared.query, &TallyCollector { tests: &prepared.tests, scored: floor > 0.0, floor })?;
        Ok(tally.count)
    }

    /// How many titles contain the phrase, given as a phrase key.
    pub fn titles_with(&self, key: &str) -> tantivy::Result<usize> {
        self.searcher.search(&self.title_phrase(key), &tantivy::collector::Count)
    }
}

fn silent(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
