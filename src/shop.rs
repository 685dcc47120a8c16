//! One shop: its catalog, its index, and what is known about its goods. All that answers and searches read.

mod comparative;
mod infer;
mod kit;
mod outcome;
mod proposed;
mod recalled;
mod shown;
mod spoken;
mod turn;

use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};

use anyhow::Context as _;

use crate::catalog::store::{Batch, Committed, Slot, Store};
use crate::catalog::{Currency, Lang, Product, ProductId, Record};
use crate::compose::Case;
use crate::guide::facets::{self, Facts};
use crate::guide::recall::{Recall, Recalled};
use crate::guide::scene::Scene;
use crate::guide::{Guide, Plan};
use crate::index::ablation::TextSignal;
use crate::index::{BuildProgress, Built, Candidate, Index, ScoreFn, Survey, Vocabulary};
use crate::knowledge::Knowledge;
use crate::need::{Intent, Need, Phrase};
use crate::question::Question;
use crate::rank::signal::{PriceLean, signals, total};
use crate::rank::{Context, Pick, Weights};
use crate::text;
use crate::understand::{Interpreter, Lookup};
use recalled::Story;

/// Candidates whose records are read for an answer.
const READ_FOR_ANSWER: usize = 60;

/// How a shop is set up.
#[derive(Debug, Clone)]
pub struct ShopSettings {
    /// Products shown in an answer.
    pub shown: usize,
    pub weights: Weights,
    /// The currency of bare figures while the catalog is empty.
    pub currency: Currency,
}

/// One shop.
pub struct Shop {
    knowledge: Arc<Knowledge>,
    store: Arc<Store>,
    index: Index,
    interpreter: RwLock<Arc<Interpreter>>,
    /// Made at the first story that names nothing.
    recall: OnceLock<Recall>,
    settings: ShopSettings,
}

/// What was found for a need.
pub struct Found {
    pub case: Case,
    pub currency: Currency,
}

/// What retrieval alone gives.
pub struct Hits {
    pub need: Need,
    pub plan: Plan,
    pub total: u64,
    pub picks: Vec<Pick>,
}

impl Shop {
    /// Opens the shop whose data lies in a folder; its catalog must be there.
    pub fn open(
        folder: &Path,
        store: Arc<Store>,
        knowledge: Arc<Knowledge>,
        settings: ShopSettings,
        progress: BuildProgress<'_>,
    ) -> anyhow::Result<(Self, Built)> {
        let (index, built) = Index::open(folder.join("search"), &store, Arc::clone(&knowledge), progress)?;
        let interpreter = Self::interpreter_for(&knowledge, &index, &settings);
        Ok((Self { knowledge, store, index, interpreter: RwLock::new(Arc::new(interpreter)), recall: OnceLock::new(), settings }, built))
    }

    fn interpreter_for(knowledge: &Arc<Knowledge>, index: &Index, settings: &ShopSettings) -> Interpreter {
        Interpreter::new(Arc::clone(knowledge), index.vocabulary(), index.analyzer().clone(), settings.currency)
    }

    pub fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    pub fn vocabulary(&self) -> Arc<Vocabulary> {
        self.index.vocabulary()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Leaves signals out of the text score from now on, for measurements.
    pub fn leave_out(&mut self, without: Vec<TextSignal>) {
        self.index.leave_out(without);
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The need when a question is read as one about a scene.
    fn about_scene(&self, question: &Question, id: &str) -> Option<Need> {
        self.current_interpreter().about_scene(question, id, self)
    }

    /// The guides and scenes that speak of most of a text, best first.
    fn recall(&self, text: &str) -> Vec<Recalled> {
        let recall = self.recall.get_or_init(|| Recall::new(&self.knowledge, self.index.analyzer()));
        recall.best(text, self.index.analyzer())
    }

    /// Makes now what is otherwise made at the first question that needs it.
    pub fn warm_up(&self) {
        self.recall("");
        self.knowledge.spells("");
    }

    /// What each scene's kit is missing on this shelf, by the names of its slots, for somebody of whom nothing is known.
    pub fn missing_for_scenes(&self, lang: Lang) -> anyhow::Result<Vec<(&Scene, Vec<String>)>> {
        let mut missing = Vec::new();
        for scene in self.knowledge.scenes.iter().filter(|scene| !scene.slots.is_empty()) {
            let mut need = Need::blank(lang);
            need.categories = self.current_interpreter().categories_of(scene);
            let lacks = match kit::fill(self, scene, &need)? {
                kit::Outcome::Filled(filled) | kit::Outcome::TooDear(filled) => filled.kit.missing,
                kit::Outcome::Empty => scene.slots.iter().map(|slot| slot.name.get(lang).to_owned()).collect(),
            };
            missing.push((scene, lacks));
        }
        Ok(missing)
    }

    /// One product by its id.
    pub fn product(&self, id: &ProductId) -> anyhow::Result<Option<Product>> {
        self.store.by_id(id)
    }

    /// Changes the catalog and lets the index follow. The change is durable before the index is touched.
    pub fn change<T>(&self, progress: BuildProgress<'_>, work: impl FnOnce(&mut Batch<'_>) -> anyhow::Result<T>) -> anyhow::Result<(T, Committed)> {
        let mut batch = self.store.begin()?;
        let result = work(&mut batch)?;
        let committed = batch.commit()?;
        self.index
            .follow(&self.store, &committed, progress)
            .context("the catalog was changed, but the search index could not follow; it is built again at the next start")?;
        self.learn();
        Ok((result, committed))
    }

    /// Learns the phrases of the catalog as it is now.
    fn learn(&self) {
        let fresh = Arc::new(Self::interpreter_for(&self.knowledge, &self.index, &self.settings));
        *self.interpreter.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
    }

    /// The need behind a question. Never fails but when the index cannot be read. What another process has imported since
    /// the last question is seen from here on.
    pub fn understand(&self, question: &Question, last: Option<&Need>) -> anyhow::Result<Need> {
        self.catch_up()?;
        let need = self.current_interpreter().understand(question, last, self);
        let story = Story::new(self, question);
        let need = story.scene(infer::narrow(self, need));
        infer::categories(self, &story, need)
    }

    fn catch_up(&self) -> anyhow::Result<()> {
        if self.index.catch_up(self.store.sequence()?)? {
            self.learn();
        }
        Ok(())
    }

    fn current_interpreter(&self) -> Arc<Interpreter> {
        Arc::clone(&self.interpreter.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Everything an answer is made from.
    pub fn find(&self, question: &str, need: Need) -> anyhow::Result<Found> {
        let case = outcome::decide(self, question, need)?;
        Ok(Found { case, currency: self.currency() })
    }

    /// Retrieval alone: the best products for a question, in the order of their score.
    pub fn search(&self, question: &Question, limit: usize, extra: impl FnOnce(&mut Need) -> anyhow::Result<()>) -> anyhow::Result<Hits> {
        let mut need = self.understand(question, None)?;
        if need.intent != Intent::Shop {
            // Whoever searches wants products, whatever else the words may mean.
            need.wording = vec![Phrase::new(text::fold(question.text()))];
            need.words.clone_from(&need.wording);
        }
        extra(&mut need)?;
        let survey = self.index.survey(&need, &[])?;
        let plan = self.plan(&need, &survey)?;
        // Some candidates may fall to the last check of their record.
        let (total, mut picks) = self.picks(&need, &plan, &survey, &[], limit.saturating_add(20))?;
        picks.truncate(limit);
        Ok(Hits { need, plan, total, picks })
    }

    /// The currency of most prices.
    pub fn currency(&self) -> Currency {
        self.vocabulary().currencies.first().and_then(|code| Currency::parse(code)).unwrap_or(self.settings.currency)
    }

    /// What to advise: a guide where all categories have the same one, else the catalog's own facts.
    fn plan(&self, need: &Need, survey: &Survey) -> anyhow::Result<Plan> {
        if let Some(guide) = self.guide(need) {
            return Ok(Plan::from_guide(guide, need));
        }
        let records: Vec<Arc<Record>> = self.store.records(&survey.slots)?.into_iter().map(|(_, record)| record).collect();
        let vocabulary = self.vocabulary();
        let facts = Facts {
            survey,
            vocabulary: &vocabulary,
            knowledge: &self.knowledge,
            records: &records,
            currency: self.currency(),
            analyzer: self.index.analyzer(),
        };
        Ok(facets::plan(need, &facts))
    }

    fn guide(&self, need: &Need) -> Option<&Guide> {
        let id = need.categories.first()?.id.as_deref()?;
        need.categories.iter().all(|c| c.id.as_deref() == Some(id)).then(|| self.knowledge.guides.of(id)).flatten()
    }

    /// The products that may be shown, in the order of their score, and how many match; `without` waives constraints by place.
    fn picks(&self, need: &Need, plan: &Plan, survey: &Survey, without: &[usize], limit: usize) -> anyhow::Result<(u64, Vec<Pick>)> {
        let weights = self.settings.weights.clone();
        let lean = price_lean(need, survey);
        let score: ScoreFn = Arc::new(move |features| total(&signals(features, &weights, lean)));
        let top = self.index.search(need, plan, without, limit.max(READ_FOR_ANSWER), score)?;
        let slots: Vec<Slot> = top.candidates.iter().map(|c| c.slot).collect();
        let fetched = self.store.records(&slots)?;
        // A product deleted since the index was read is simply not there any more.
        let present: Vec<Candidate> = top.candidates.iter().filter(|c| fetched.iter().any(|(slot, _)| *slot == c.slot)).cloned().collect();
        let records = fetched.into_iter().map(|(_, record)| record).collect();
        let context = Context {
            now: jiff::Timestamp::now(),
            units: &self.knowledge.lexicon.units,
            weights: &self.settings.weights,
            traits: &self.knowledge.lexicon.traits,
            price_lean: lean,
            waived: without,
        };
        Ok((top.total, crate::rank::scored(need, plan, &present, records, &context)))
    }

    pub fn settings(&self) -> &ShopSettings {
        &self.settings
    }
}

/// Whether cheap or fine products are wished for without a figure.
fn leans_on_price(need: &Need) -> bool {
    need.has_trait("budget-low") || need.has_trait("budget-high")
}

/// What was not shown before. Where everything was, it is shown again rather than nothing; but never what was sent away.
fn unseen(picks: Vec<Pick>, need: &Need) -> Vec<Pick> {
    let kept: Vec<Pick> = picks.into_iter().filter(|p| !need.rejected.contains(p.id())).collect();
    let fresh: Vec<Pick> = kept.iter().filter(|p| !need.seen.contains(p.id())).cloned().collect();
    if fresh.is_empty() { kept } else { fresh }
}

/// A wish for cheap or fine without a figure leans between the 10th and the 90th percentile of what matches.
fn price_lean(need: &Need, survey: &Survey) -> Option<PriceLean> {
    let cheap = need.has_trait("budget-low");
    if !leans_on_price(need) {
        return None;
    }
    Some(PriceLean { low: survey.all.price_at(0.1)?, high: survey.all.price_at(0.9)?, cheap })
}

impl Lookup for Shop {
    fn titles_with(&self, key: &str) -> usize {
        // An index that cannot be read fails at the search that follows, with its own message.
        self.index.titles_with(key).unwrap_or(0)
    }

    fn names_products(&self, word: &str) -> u64 {
        self.index.names_products(word).unwrap_or(0)
    }
}
