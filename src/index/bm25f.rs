//! BM25F: one token over several fields at once. The fields' frequencies are weighted, each by its own length, and added
//! before they saturate, so a token that stands in title and description does not count as two finds.
//!
//! Formula: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6;
//! the inverse document frequency is ln(1 + (N − n + ½) / (n + ½)), n being the most products that one field gives.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

/// A field as it is searched.
#[derive(Debug, Clone, Copy)]
pub struct WeightedField {
    pub field: Field,
    /// How much one occurrence counts.
    pub weight: f32,
    /// BM25's b: how far a longer text lowers the count, 0 to 1.
    pub length: f32,
    /// Mean number of tokens of the products that have the field.
    pub average: f32,
}

/// One token, looked up in several fields.
#[derive(Debug, Clone)]
pub struct TokenQuery {
    fields: Vec<(WeightedField, Term)>,
    /// BM25's k1: how soon repeats stop counting.
    saturation: f32,
    inverse_document_frequency: f32,
}

impl TokenQuery {
    /// `None` when no product has the token in any of the fields.
    pub fn new(token: &str, fields: &[WeightedField], saturation: f32, searcher: &Searcher) -> tantivy::Result<(Option<Self>, f32)> {
        let mut found = Vec::new();
        let mut most = 0;
        for field in fields {
            let term = Term::from_field_text(field.field, token);
            let products = searcher.doc_freq(&term)?;
            most = most.max(products);
            if products > 0 {
                found.push((*field, term));
            }
        }
        let idf = inverse_document_frequency(most, searcher.num_docs());
        let query = (!found.is_empty()).then_some(Self { fields: found, saturation, inverse_document_frequency: idf });
        Ok((query, idf * (saturation + 1.0)))
    }
}

/// BM25's weight of a term.
fn inverse_document_frequency(found: u64, documents: u64) -> f32 {
    let (found, all) = (found as f32, documents.max(found) as f32);
    (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
}

impl Query for TokenQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(TokenWeight(self.clone())))
    }
}

struct TokenWeight(TokenQuery);

impl Weight for TokenWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut parts = Vec::new();
        for (field, term) in &self.0.fields {
            if let Some(postings) = reader.inverted_index(field.field)?.read_postings(term, IndexRecordOption::WithFreqs)? {
                parts.push(Part { postings, lengths: reader.get_fieldnorms_reader(field.field)?, field: *field });
            }
        }
        if parts.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let mut scorer = TokenScorer {
            parts,
            document: TERMINATED,
            saturation: self.0.saturation,
            most: boost * self.0.inverse_document_frequency * (self.0.saturation + 1.0),
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, document: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > document || scorer.seek(document) != document {
            return Err(TantivyError::InvalidArgument(format!("document {document} does not match")));
        }
        Ok(Explanation::new("BM25F", scorer.score()))
    }
}

struct Part {
    postings: SegmentPostings,
    lengths: FieldNormReader,
    field: WeightedField,
}

impl Part {
    fn frequency(&self, document: DocId) -> f32 {
        let length = self.lengths.fieldnorm(document) as f32 / self.field.average.max(1.0);
        self.field.weight * self.postings.term_freq() as f32 / (1.0 - self.field.length + self.field.length * length)
    }
}

/// The union of a token's fields within one segment.
struct TokenScorer {
    parts: Vec<Part>,
    document: DocId,
    saturation: f32,
    /// What an endless frequency would score.
    most: f32,
}

impl TokenScorer {
    fn settle(&mut self) {
        self.document = self.parts.iter().map(|p| p.postings.doc()).min().unwrap_or(TERMINATED);
    }
}

impl DocSet for TokenScorer {
    fn advance(&mut self) -> DocId {
        let document = self.document;
        if document != TERMINATED {
            self.parts.iter_mut().filter(|p| p.postings.doc() == document).for_each(|p| {
                p.postings.advance();
            });
            self.settle();
        }
        self.document
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.parts.iter_mut().filter(|p| p.postings.doc() < target).for_each(|p| {
            p.postings.seek(target);
        });
        self.settle();
        self.document
    }

    fn doc(&self) -> DocId {
        self.document
    }

    fn size_hint(&self) -> u32 {
        self.parts.iter().map(|p| p.postings.size_hint()).max().unwrap_or(0)
    }
}

impl Scorer for TokenScorer {
    fn score(&mut self) -> Score {
        let document = self.document;
        let frequency: f32 = self.parts.iter().filter(|p| p.postings.doc() == document).map(|p| p.frequency(document)).sum();
        self.most * frequency / (frequency + self.saturation)
    }
}

/// Mean number of tokens of the products that have a field; 1 where none has.
pub fn average_length(searcher: &Searcher, field: Field) -> tantivy::Result<f32> {
    let (mut tokens, mut products) = (0u64, 0u64);
    for segment in searcher.segment_readers() {
        let lengths = segment.get_fieldnorms_reader(field)?;
        for document in segment.doc_ids_alive() {
            let length = u64::from(lengths.fieldnorm(document));
            tokens += length;
            products += u64::from(length > 0);
        }
    }
    Ok(if products == 0 { 1.0 } else { tokens as f32 / products as f32 })
}
