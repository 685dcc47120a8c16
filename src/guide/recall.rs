//! Which guide or scene a story is about: the knowledge itself, searched by the words of the question.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::Lang;
use crate::index::TokenKind;
use crate::index::analysis::Analyzer;
use crate::knowledge::{Bilingual, Knowledge, WordList};

/// What a word counts that stands only in the advice, beside one that stands in the subject.
const IN_ADVICE: f32 = 0.35;

/// `ln(N / n)` from which a word tells topics apart: it stands in one of four, or fewer.
const RARE: f32 = 1.4;

/// A piece of knowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// A scene, by id.
    Scene(String),
    /// A guide, by the id of its category.
    Guide(String),
}

/// A piece of knowledge, and how much of the question it speaks of: 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    pub topic: Topic,
    pub share: f32,
    /// Rare words of the question that stand in its subject.
    pub telling: usize,
}

/// All guides and scenes by their words.
pub struct Recall {
    topics: Vec<Topic>,
    /// For each token the topics that have it, with what it counts there.
    postings: HashMap<String, BTreeMap<usize, f32>>,
}

impl Recall {
    /// Reads the words of all guides and scenes.
    pub fn new(knowledge: &Knowledge, analyzer: &Analyzer) -> Self {
        let mut recall = Self { topics: Vec::new(), postings: HashMap::new() };
        for scene in &knowledge.scenes {
            let names = scene.steps.iter().map(|step| &step.name).chain([&scene.name]);
            let subject = names.flat_map(both).chain(words(&scene.asks)).chain(words(&scene.about)).collect();
            recall.add(Topic::Scene(scene.id.clone()), subject, scene.texts().flat_map(both).collect(), analyzer);
        }
        let mut guides: Vec<_> = knowledge.guides.each().collect();
        guides.sort_by(|a, b| a.category.cmp(&b.category));
        for guide in guides {
            let Some(category) = knowledge.taxonomy.by_id(&guide.category) else { continue };
            let answered = knowledge.lexicon.traits.iter().filter(|t| t.home == category.id && guide.answers(&t.id));
            let traits = answered.flat_map(|t| both(&t.name).into_iter().chain(t.zh.clone()).chain(t.en.clone()));
            let names = guide.dimensions.iter().map(|d| &d.name).flat_map(both);
            let subject = words(&category.names).into_iter().chain(names).chain(traits).collect();
            recall.add(Topic::Guide(guide.category.clone()), subject, guide.texts().flat_map(both).collect(), analyzer);
        }
        recall
    }

    fn add(&mut self, topic: Topic, subject: Vec<String>, advice: Vec<String>, analyzer: &Analyzer) {
        let place = self.topics.len();
        self.topics.push(topic);
        for (texts, counts) in [(subject, 1.0), (advice, IN_ADVICE)] {
            for token in texts.iter().flat_map(|text| tokens(text, analyzer)) {
                let here = self.postings.entry(token).or_default().entry(place).or_insert(counts);
                *here = here.max(counts);
            }
        }
    }

    /// The topics that speak of most of the question, best first: the sum of `ln(N / n)` over the words that a topic has,
    /// each times what it counts there, as a share of that sum over all words of the question. `N` is the number of topics, `n`
    /// how many have the word.
    pub fn best(&self, question: &str, analyzer: &Analyzer) -> Vec<Recalled> {
        let tokens: HashSet<String> = tokens(question, analyzer).collect();
        let (mut shares, mut telling) = (vec![0.0; self.topics.len()], vec![0; self.topics.len()]);
        let mut all = 0.0;
        for token in &tokens {
            let known = self.postings.get(token);
            let rarity = (self.topics.len() as f32 / known.map_or(0.5, |list| list.len() as f32)).ln();
            all += rarity;
            for (place, counts) in known.into_iter().flatten() {
                shares[*place] += rarity * counts;
                telling[*place] += usize::from(rarity >= RARE && *counts >= 1.0);
            }
        }
        let mut found: Vec<Recalled> = self
            .topics
            .iter()
            .zip(shares.into_iter().zip(telling))
            .filter(|(_, (share, _))| *share > 0.0)
            .map(|(topic, (share, telling))| Recalled { topic: topic.clone(), share: share / all, telling })
            .collect();
        found.sort_by(|a, b| b.share.total_cmp(&a.share));
        found
    }
}

fn both(text: &Bilingual) -> Vec<String> {
    Lang::BOTH.map(|lang| text.get(lang).to_owned()).to_vec()
}

fn words(list: &WordList) -> Vec<String> {
    list.each().map(|phrase| phrase.replace('*', " ")).collect()
}

/// Words, and of Han text the pairs of characters.
fn tokens(text: &str, analyzer: &Analyzer) -> impl Iterator<Item = String> {
    analyzer.query_tokens(text).into_iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Pair)).map(|token| token.text)
}
