//! Question → Need, without a model: phrases the assistant knows, figures with units, and what is left.
//!
//! It never fails: at worst the need holds bare words. Constraints found here are filters that nothing later removes.

mod constraints;
mod content;
mod correct;
pub mod cues;
mod follow_up;
mod limit;
pub mod numbers;
mod phrasebook;
mod property;
mod quantity;
mod reading;
mod scenes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::Currency;
use crate::index::Vocabulary;
use crate::index::analysis::Analyzer;
use crate::knowledge::Knowledge;
use crate::lexicon::{Cue, ScopeEntry, ScopeKind, WordClass};
use crate::need::{CategoryMatch, Found, GoodsMatch, Intent, Need, Order, Remark, TraitMatch};
use crate::question::Question;
use crate::taxonomy::Category;
use crate::text;
use constraints::Walk;
use correct::Corrector;
use cues::Cues;
use phrasebook::{Meaning, Mention, Phrasebook, function_words};
use quantity::{Dimension, QuantityWords};
use reading::Reading;
use scenes::Asked;

/// What understanding asks of the index: whether words stand in product text.
pub trait Lookup {
    /// How many titles contain a phrase, given as a phrase key.
    fn titles_with(&self, key: &str) -> usize;
    /// How many products have the word where it says what they are.
    fn names_products(&self, word: &str) -> u64;
}

/// A text that is read beside the conversation: nothing of it becomes a wish by itself.
pub struct Aside {
    pub need: Need,
    /// Attributes that are named, each with the words that name it; a name may be that of several.
    pub attributes: Vec<(Vec<String>, String)>,
    /// Words that nothing explains.
    pub unexplained: Vec<String>,
    /// All words that do not only ask, join or point, whatever they mean.
    pub said: Vec<String>,
}

/// A scope entry that a question is about.
struct ScopeMatch {
    id: String,
    kind: ScopeKind,
    /// The entry holds even where a product is named.
    always: bool,
}

impl ScopeMatch {
    /// Whether a scene that is asked for goes before the entry: a question of life that we have an answer to is in scope.
    fn yields_to(&self, asked: Asked) -> bool {
        match (self.kind, asked) {
            (ScopeKind::Unsafe, _) | (_, Asked::BySubject) => false,
            (_, Asked::Plainly) => true,
            (_, Asked::ForThings) => !self.always,
        }
    }
}

/// Reads questions against one catalog.
pub struct Interpreter {
    knowledge: Arc<Knowledge>,
    vocabulary: Arc<Vocabulary>,
    analyzer: Analyzer,
    /// The catalog's paths of each of our categories, by id.
    carried: HashMap<String, Vec<String>>,
    content: Phrasebook<Meaning>,
    scope: Phrasebook<Meaning>,
    functions: Phrasebook<WordClass>,
    superlatives: Phrasebook<usize>,
    quantities: QuantityWords,
    corrector: Corrector,
    dialogue: Phrasebook<Cue>,
    /// The currency that bare figures are in.
    currency: Currency,
}

impl Interpreter {
    /// Learns the phrases of the lexicon, the categories and the catalog's own vocabulary.
    pub fn new(knowledge: Arc<Knowledge>, vocabulary: Arc<Vocabulary>, analyzer: Analyzer, default_currency: Currency) -> Self {
        let currency = vocabulary.currencies.first().and_then(|code| Currency::parse(code)).unwrap_or(default_currency);
        let mut carried: HashMap<String, Vec<String>> = HashMap::new();
        for (key, known) in vocabulary.categories.iter().filter_map(|c| Some((&c.key, knowledge.taxonomy.by_path(&c.key)?))) {
            carried.entry(known.id.clone()).or_default().push(key.clone());
        }
        let content = content::phrases(&knowledge, &vocabulary);
        let mut scope = Phrasebook::default();
        for (place, (_, entry)) in knowledge.lexicon.scope.entries.iter().enumerate() {
            entry.zh.iter().chain(&entry.en).for_each(|phrase| scope.add(phrase, Meaning::Scope(place)));
        }
        scenes::add_phrases(&knowledge, &mut scope);
        let mut functions = function_words(&knowledge.lexicon.words);
        let mut superlatives = Phrasebook::default();
        for (place, known) in knowledge.lexicon.superlatives.iter().enumerate() {
            known.each().for_each(|phrase| {
                functions.add(phrase, WordClass::Superlative);
                superlatives.add(phrase, place);
            });
        }
        let quantities = QuantityWords::new(&knowledge.lexicon);
        let corrector = Corrector::new(&knowledge);
        let dialogue = cues::phrases(&knowledge);
        Self { knowledge, vocabulary, analyzer, carried, content, scope, functions, superlatives, quantities, corrector, dialogue, currency }
    }

    /// Reads a question, in the light of what was understood before in the same conversation.
    pub fn understand(&self, question: &Question, last: Option<&Need>, lookup: &dyn Lookup) -> Need {
        let mut said = question.text().to_owned();
        let mut remarks: Vec<Remark> = (question.cut > 0).then_some(Remark::Cut(text::LONGEST_QUESTION)).into_iter().collect();
        let mut need = self.read(question, &said, &[], lookup);
        if need.intent == Intent::Shop
            && let Some((corrected, found, taken)) = self.corrector.correct(&said, &need.words, lookup)
        {
            need = self.read(question, &corrected, &[], lookup);
            remarks.push(Remark::Corrected { found, taken });
            said = corrected;
        }
        let mut need = match last {
            Some(last) => self.after(last, question, &said, need, lookup),
            None => need,
        };
        need.remarks.extend(remarks);
        need
    }

    /// What a turn says of earlier turns.
    pub fn cues(&self, text: &str) -> Cues {
        Cues::new(text, &self.dialogue, &self.knowledge.lexicon.dialogue)
    }

    /// Reads a text as one about things of these categories, where it names none of its own.
    pub fn aside(&self, question: &Question, text: &str, context: &[CategoryMatch], lookup: &dyn Lookup) -> Aside {
        let reading = Reading::new(text, self);
        let need = self.need_of(question, &reading, context, lookup);
        Aside { need, attributes: reading.attribute_names(), unexplained: reading.unexplained(), said: reading.said() }
    }

    /// A need in the light of the turn before it.
    fn after(&self, last: &Need, question: &Question, said: &str, need: Need, lookup: &dyn Lookup) -> Need {
        if let Intent::Scene(id) = &last.intent
            && follow_up::names_nothing(&need)
            && !follow_up::says_much(&need)
            && let Some(again) = self.about_scene(question, id, lookup)
            && follow_up::says_something(&again)
        {
            return follow_up::refine(last, again);
        }
        if last.intent == Intent::Shop && follow_up::names_nothing(&need) {
            // Its properties are those of what was spoken of: "UPF 50" of hats, not of umbrellas.
            let again = self.read(question, said, &last.categories, lookup);
            return follow_up::continue_from(last, if follow_up::may_refine(last, &again) { again } else { need });
        }
        follow_up::continue_from(last, need)
    }

    /// Reads a text. Where it names no category, it is about those of the context.
    fn read(&self, question: &Question, text: &str, context: &[CategoryMatch], lookup: &dyn Lookup) -> Need {
        self.need_of(question, &Reading::new(text, self), context, lookup)
    }

    fn need_of(&self, question: &Question, reading: &Reading, context: &[CategoryMatch], lookup: &dyn Lookup) -> Need {
        let mut need = Need::blank(question.lang());
        need.persona = question.persona.unwrap_or_default();
        let scope = self.scope_of(reading);
        if let Some((asked, scene)) = self.scene_of(reading, question.persona)
            && scope.as_ref().is_none_or(|scope| scope.yields_to(asked))
        {
            return self.in_scene(question, reading, scene, lookup);
        }
        if let Some(scope) = scope {
            need.intent = Intent::Scope(scope.id);
            return need;
        }
        need.order = self.order_of(reading);
        need.more = reading.functions.iter().any(|f| f.meanings.contains(&WordClass::More));
        need.asks_why = reading.functions.iter().any(|f| f.meanings.contains(&WordClass::Explain));
        need.asks_how = self.asks_how(reading);
        need.categories = self.categories(reading);
        if !context.is_empty() && follow_up::names_nothing(&need) {
            need.categories = context.to_vec();
        }
        need.traits = self.traits(reading, &need.categories);
        need.goods = if need.categories.is_empty() { self.goods(reading) } else { Vec::new() };
        need.reset = reading.resets();
        let mut walk = Walk::new(self, reading, &need, lookup);
        walk.run();
        let constraints::Found { constraints, words, wording, remarks, dropped_traits } = walk.finish();
        need.constraints = constraints;
        (need.words, need.wording) = (words, wording);
        need.remarks.extend(remarks);
        need.traits.retain(|t| !dropped_traits.contains(&t.id));
        need
    }

    /// The order that is asked for; the longest wording decides.
    fn order_of(&self, reading: &Reading) -> Option<Order> {
        let mentions = self.superlatives.mentions(&reading.atoms);
        let longest = mentions.iter().filter(|m| reading.is_word(m)).max_by_key(|m| m.atoms.len())?;
        let known = self.knowledge.lexicon.superlatives.get(*longest.meanings.first()?)?;
        Some(Order { by: known.by(), least: known.least, text: reading.quote(&longest.span) })
    }

    /// The scope entry that the question is about. Danger goes before everything, a named category before most else, and a
    /// greeting counts only when nothing but greeting is there.
    fn scope_of(&self, reading: &Reading) -> Option<ScopeMatch> {
        let entries = &self.knowledge.lexicon.scope.entries;
        let named = reading.content.iter().any(|m| {
            m.meanings.iter().any(|meaning| {
                matches!(meaning, Meaning::Category(_) | Meaning::CatalogCategory(_) | Meaning::Value { kind_of_product: true, .. } | Meaning::Goods(..))
            })
        });
        // "随便看看鞋子" is no greeting.
        let wider = reading.content.iter().any(|m| m.meanings.iter().any(|meaning| matches!(meaning, Meaning::Umbrella(_) | Meaning::Value { .. })));
        let greets = |meaning: &Meaning| matches!(meaning, Meaning::Scope(place) if entries.get(*place).is_some_and(|(kind, _)| *kind == ScopeKind::Greeting));
        let greeting: BTreeSet<usize> = reading.life.iter().filter(|m| m.meanings.iter().any(greets)).flat_map(|m| m.atoms.iter().copied()).collect();
        let whole = greeting.len() >= reading.content_atoms().saturating_sub(2);
        let mut found: Vec<(ScopeKind, &ScopeEntry, usize)> = Vec::new();
        for mention in &reading.life {
            for meaning in &mention.meanings {
                if let Meaning::Scope(place) = meaning
                    && let Some((kind, entry)) = entries.get(*place)
                {
                    let counts = match kind {
                        ScopeKind::Unsafe => true,
                        ScopeKind::OutOfScope => entry.always || !named,
                        ScopeKind::Greeting => !named && !wider && whole,
                    };
                    if counts {
                        found.push((*kind, entry, mention.atoms.len()));
                    }
                }
            }
        }
        let rank = |kind: ScopeKind| matches!(kind, ScopeKind::Unsafe) as usize;
        let (kind, entry, _) = found.into_iter().max_by_key(|(kind, _, length)| (rank(*kind), *length))?;
        Some(ScopeMatch { id: entry.id.clone(), kind, always: entry.always })
    }

    /// The categories that are meant: those named, else those whose kinds or wider words are named, else those of an activity.
    fn categories(&self, reading: &Reading) -> Vec<CategoryMatch> {
        let negated = reading.negated_categories();
        let mut named: Vec<(usize, CategoryMatch)> = Vec::new();
        let mut kinds: Vec<(usize, CategoryMatch)> = Vec::new();
        let mut active: Vec<(usize, CategoryMatch)> = Vec::new();
        let mentions = || reading.content.iter().chain(&reading.inner_categories);
        for mention in mentions().filter(|m| !negated.contains(&m.span.start)) {
            let text = reading.quote(&mention.span);
            for meaning in &mention.meanings {
                match meaning {
                    Meaning::Category(id) if self.is_trait_of_another(reading, mention, id) => {}
                    Meaning::Category(id) => named.extend(self.in_catalog(id, &text, Found::Named).into_iter().map(|c| (mention.span.start, c))),
                    Meaning::CatalogCategory(key) => {
                        named.push((mention.span.start, CategoryMatch { key: key.clone(), id: None, text: text.clone(), found: Found::Named, filters: false }))
                    }
                    Meaning::Value { category, kind_of_product: true, .. } => {
                        kinds.extend(self.in_catalog(category, &text, Found::Inferred).into_iter().map(|c| (mention.span.start, c)))
                    }
                    Meaning::Umbrella(place) => {
                        let Some(umbrella) = self.knowledge.taxonomy.umbrellas.get(*place) else { continue };
                        let members = umbrella.members.iter().flat_map(|id| self.in_catalog(id, &text, Found::Umbrella));
                        // A wider word stands beside kinds of things: "煎牛排的锅" wants a pan.
                        let list = if umbrella.activity { &mut active } else { &mut kinds };
                        list.extend(members.map(|c| (mention.span.start, c)));
                    }
                    _ => {}
                }
            }
        }
        let chosen = [named, kinds, active].into_iter().find(|list| !list.is_empty()).unwrap_or_default();
        if chosen.is_empty() { self.category_of_values(reading) } else { reading.head(chosen) }
    }

    /// Whether the guide of a named category answers the trait that its name carries.
    fn answers_inside(&self, category: &Mention<Meaning>, mention: &Mention<Meaning>) -> bool {
        let traits = || mention.meanings.iter().filter_map(|m| if let Meaning::Trait(place) = m { self.knowledge.lexicon.traits.get(*place) } else { None });
        let guides = category.meanings.iter().filter_map(|m| if let Meaning::Category(id) = m { self.knowledge.guides.of(id) } else { None });
        guides.into_iter().any(|guide| traits().any(|t| guide.answers(&t.id)))
    }

    /// A mention of traits without those that no guide of the named things speaks of: they must not hide the others.
    fn speaking(&self, mut mention: Mention<Meaning>, content: &[Mention<Meaning>]) -> Option<Mention<Meaning>> {
        let ids = content.iter().flat_map(|m| &m.meanings).filter_map(|m| match m {
            Meaning::Category(id) | Meaning::Value { category: id, kind_of_product: true, .. } => Some(id.as_str()),
            _ => None,
        });
        let guides: Vec<_> = ids.filter_map(|id| self.knowledge.guides.of(id)).collect();
        mention.meanings.retain(|m| match m {
            Meaning::Trait(place) => {
                self.knowledge.lexicon.traits.get(*place).is_some_and(|t| t.home == "common" || guides.is_empty() || guides.iter().any(|g| g.answers(&t.id)))
            }
            _ => true,
        });
        (!mention.meanings.is_empty()).then_some(mention)
    }

    /// Whether a category's name is here what the guide of another named category answers as a trait: "帽子 防晒".
    fn is_trait_of_another(&self, reading: &Reading, mention: &Mention<Meaning>, id: &str) -> bool {
        let traits: Vec<&str> = reading
            .traits
            .iter()
            .filter(|t| t.atoms.iter().any(|place| mention.atoms.contains(place)))
            .flat_map(|t| &t.meanings)
            .filter_map(|m| if let Meaning::Trait(place) = m { self.knowledge.lexicon.traits.get(*place).map(|t| t.id.as_str()) } else { None })
            .collect();
        let others = reading.content.iter().filter(|m| m.span != mention.span).flat_map(|m| &m.meanings);
        let guides = others.filter_map(|m| if let Meaning::Category(other) = m { self.knowledge.guides.of(other).filter(|_| other != id) } else { None });
        !traits.is_empty() && guides.into_iter().any(|guide| traits.iter().any(|t| guide.answers(t)))
    }

    /// The category whose vocabulary the properties speak: each mention has one vote, shared by the categories that know it.
    /// One word that nothing explains is outweighed by two properties, not by one.
    fn category_of_values(&self, reading: &Reading) -> Vec<CategoryMatch> {
        let mut votes: BTreeMap<&str, f32> = BTreeMap::new();
        if reading.content.iter().any(|m| m.meanings.iter().any(|meaning| matches!(meaning, Meaning::Goods(..)))) {
            // Something else is named, whatever its properties sound like.
            return Vec::new();
        }
        if reading.unknown_words() > reading.content.len().saturating_sub(1) {
            return Vec::new();
        }
        for mention in &reading.content {
            let known: BTreeSet<&str> =
                mention.meanings.iter().filter_map(|m| if let Meaning::Value { category, .. } = m { Some(category.as_str()) } else { None }).collect();
            known.iter().for_each(|id| *votes.entry(id).or_default() += 1.0 / known.len() as f32);
        }
        for quantity in &reading.quantities {
            if let Dimension::Unit(unit) = &quantity.dimension {
                let units = &self.knowledge.lexicon.units;
                let dimension = units.find(unit).map(|u| u.dimension.as_str());
                let measures =
                    |c: &&Category| c.attributes.iter().filter_map(|a| units.find(a.unit.as_deref()?)).any(|u| Some(u.dimension.as_str()) == dimension);
                let known: Vec<&str> = self.knowledge.taxonomy.each().filter(measures).map(|c| c.id.as_str()).collect();
                known.iter().for_each(|id| *votes.entry(id).or_default() += 1.0 / known.len() as f32);
            }
        }
        let most = votes.values().copied().fold(0.0, f32::max);
        let mut best = votes.iter().filter(|(_, votes)| **votes >= most && most >= 1.0);
        // Properties of different things ("康乃馨编织") speak for none.
        match (best.next(), best.next()) {
            (Some((id, _)), None) => self.in_catalog(id, "", Found::Inferred),
            _ => Vec::new(),
        }
    }

    /// Our category as the catalog's paths have it; none when the shop does not carry it.
    fn in_catalog(&self, id: &str, text: &str, found: Found) -> Vec<CategoryMatch> {
        let own = self.knowledge.taxonomy.by_id(id).map(Category::key);
        let keys = self.carried.get(id).into_iter().flatten();
        keys.map(|key| CategoryMatch { key: key.clone(), id: Some(id.to_owned()), text: text.to_owned(), found, filters: own == Some(key) }).collect()
    }

    fn traits(&self, reading: &Reading, categories: &[CategoryMatch]) -> Vec<TraitMatch> {
        let mut traits: Vec<TraitMatch> = Vec::new();
        for mention in &reading.traits {
            for meaning in &mention.meanings {
                if let Meaning::Trait(place) = meaning
                    && let Some(known) = self.knowledge.lexicon.traits.get(*place)
                    && !traits.iter().any(|t| t.id == known.id)
                    && self.knowledge.concerns(known, categories)
                {
                    traits.push(TraitMatch { id: known.id.clone(), text: reading.quote(&mention.span) });
                }
            }
        }
        traits
    }

    /// Goods that are named and, as far as categories go, not carried.
    fn goods(&self, reading: &Reading) -> Vec<GoodsMatch> {
        let departments = &self.knowledge.lexicon.goods.departments;
        let mut goods: Vec<(usize, GoodsMatch)> = Vec::new();
        for mention in &reading.content {
            let text = reading.quote(&mention.span);
            for meaning in &mention.meanings {
                match meaning {
                    Meaning::Goods(department, good) => {
                        if let Some(known) = departments.get(*department)
                            && let Some(words) = known.goods.get(*good)
                        {
                            goods.push((
                                mention.span.start,
                                GoodsMatch { department: known.id.clone(), text: text.clone(), words: words.each().map(text::phrase_key).collect() },
                            ));
                        }
                    }
                    // One of our categories that this shop does not have.
                    Meaning::Category(id) if self.in_catalog(id, &text, Found::Named).is_empty() => {
                        let words = self.knowledge.taxonomy.by_id(id).map(|c| c.names.each().map(text::phrase_key).collect()).unwrap_or_default();
                        goods.push((mention.span.start, GoodsMatch { department: id.clone(), text: text.clone(), words }));
                    }
                    _ => {}
                }
            }
        }
        reading.head(goods)
    }
}

/// Whether mentions of a trait are to be looked for apart: they may overlap categories and values.
fn is_trait(mention: &Mention<Meaning>) -> bool {
    mention.meanings.iter().any(|m| matches!(m, Meaning::Trait(_)))
}
