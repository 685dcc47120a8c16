//! Opening the shop for a command: the catalog that ships on the first use, the index when it does not fit, progress on stderr.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::runtime::Runtime;

use super::{Answering, remark};
use crate::assistant::Assistant;
use crate::catalog::sample;
use crate::catalog::store::Store;
use crate::config::Config;
use crate::index::Built;
use crate::knowledge::Knowledge;
use crate::llm::Llm;
use crate::model::Model;
use crate::session::{Place, Sessions};
use crate::shop::{Shop, ShopSettings};

/// Opens the shop. The first use of a data folder fills it with the sample catalog, unless `bare` says that a catalog is
/// about to take its place.
pub fn shop(config: &Config, bare: bool) -> anyhow::Result<Shop> {
    let mut knowledge = Knowledge::load(&config.knowledge)?;
    knowledge.lexicon.currencies.overrides = config.rates.clone();
    let knowledge = Arc::new(knowledge);
    let store = Arc::new(Store::open(&config.data_dir.join("catalog"), knowledge.lexicon.attribute_names.clone())?);
    let mut first = None;
    if store.sequence()? == 0 && !bare {
        let started = Instant::now();
        let products = sample::load(&config.knowledge, &knowledge)?;
        let mut batch = store.begin()?;
        for product in &products {
            batch.put(product)?;
        }
        batch.mark_sample()?;
        batch.commit()?;
        remark(&format!("no catalog yet: building the index from the sample catalog ({} products)", products.len()));
        first = Some(started);
    }
    let started = first.unwrap_or_else(Instant::now);
    let bar = Bar::new("indexing");
    let settings = ShopSettings { shown: config.products, weights: config.weights.clone(), currency: config.currency };
    let (shop, built) = Shop::open(&config.data_dir, Arc::clone(&store), knowledge, settings, &|done, total| bar.at(done, total))?;
    bar.finish();
    match built {
        Built::Opened => {}
        Built::Rebuilt if store.is_empty()? => {}
        Built::Rebuilt => {
            remark(&format!("index built in {:.1} s ({} products, in {})", started.elapsed().as_secs_f64(), store.len()?, config.data_dir.display()))
        }
        Built::InMemory => remark("the data folder cannot be written: the search index was built in memory for this run only"),
    }
    Ok(shop)
}

/// Opens the shop and whoever answers in it: with the configured model, unless it is unwanted, and with the stored sessions,
/// if one of them is to go on.
pub fn assistant(config: &Config, answering: &Answering, runtime: &Runtime) -> anyhow::Result<Assistant> {
    let model = model(config, answering.no_llm)?;
    let shop = Arc::new(shop(config, false)?);
    if model.is_some() {
        // What a model's prose is compared with takes a moment to read; the first answer should not wait for it.
        let knowledge = Arc::clone(shop.knowledge());
        std::thread::spawn(move || _ = knowledge.prose());
    }
    let place = if answering.session.is_some() { &config.sessions } else { &Place::Memory };
    let sessions = runtime.block_on(Sessions::open(place, config.serve.sessions.clone(), false))?;
    Ok(Assistant::with_sessions(shop, model, Arc::new(sessions)))
}

/// The configured model.
pub fn model(config: &Config, no_llm: bool) -> anyhow::Result<Option<Arc<Model>>> {
    let Some(settings) = config.llm.as_ref().filter(|_| !no_llm) else { return Ok(None) };
    Ok(Some(Arc::new(Model::new(Arc::new(Llm::new(settings)?))?)))
}

/// A progress bar on a terminal, nothing elsewhere.
pub struct Bar {
    bar: ProgressBar,
    started: Instant,
}

impl Bar {
    pub fn new(what: &'static str) -> Self {
        let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {human_pos}/{human_len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what);
        Self { bar, started: Instant::now() }
    }

    pub fn at(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(HumanDuration(self.started.elapsed()).to_string());
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
