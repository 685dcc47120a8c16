//! What answering costs beside bare tantivy on the same index, in the same run: `cargo bench`.
//!
//! The catalog is the sample shop many times over with other ids. Floor and program take turns, query by query; of each query
//! the best round counts, and the medians over queries are compared. Only the ratios mean anything on another machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints, and stops when it cannot go on")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use daogou::catalog::feed::jsonl;
use daogou::catalog::store::Store;
use daogou::catalog::{Currency, sample};
use daogou::knowledge::{Files, Knowledge};
use daogou::question::Question;
use daogou::rank::Weights;
use daogou::shop::{Shop, ShopSettings};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{TantivyDocument, Term};

/// Copies of the sample catalog.
const COPIES: usize = 6;
const ROUNDS: usize = 7;

const QUERIES: [&str; 12] = [
    "圆脸适合什么帽子",
    "三百块以内的降噪耳机，不要入耳式",
    "敏感肌用什么防晒",
    "腰疼 办公椅 预算1500",
    "送长辈的茶叶，两三百",
    "-30度 羽绒服",
    "a hat for a round face under 200",
    "quiet robot vacuum for long-haired cats",
    "tent for 4 people under 1500",
    "rice cooker for a family of four",
    "running shoes for flat feet, size 43",
    "pillow for side sleepers with neck pain",
];

fn main() {
    let folder = tempfile::TempDir::new().unwrap();
    let knowledge = Arc::new(Knowledge::load(&Files::Shipped).unwrap());
    let names = knowledge.lexicon.attribute_names.clone();
    let store = Arc::new(Store::open(&folder.path().join("catalog"), names.clone()).unwrap());
    let rows: Vec<serde_json::Value> = sample::load(&Files::Shipped, &knowledge).unwrap().iter().map(jsonl::to_json).collect();

    let started = Instant::now();
    let mut batch = store.begin().unwrap();
    for copy in 0..COPIES {
        for row in &rows {
            let mut row = row.clone();
            row["id"] = format!("{}-{copy}", row["id"].as_str().unwrap()).into();
            batch.put(&jsonl::parse_line(row.to_string().as_bytes(), &names).unwrap().unwrap()).unwrap();
        }
    }
    batch.commit().unwrap();
    let stored = started.elapsed();
    let started = Instant::now();
    let settings = ShopSettings { shown: 3, weights: Weights::default(), currency: Currency::CNY };
    let (shop, _) = Shop::open(folder.path(), Arc::clone(&store), knowledge, settings, &|_, _| {}).unwrap();
    let built = started.elapsed();
    let products = (COPIES * rows.len()) as f64;
    println!("products                      {products}");
    println!("stored, products a second     {:.0}", products / stored.as_secs_f64());
    println!("indexed, products a second    {:.0}", products / built.as_secs_f64());

    let bare = tantivy::Index::open_in_dir(folder.path().join("search")).unwrap();
    let reader = bare.reader().unwrap();
    let field = bare.schema().get_field("title").unwrap();
    let floor = |query: &str| {
        let terms = shop
            .index()
            .analyzer()
            .words(query)
            .into_iter()
            .map(|word| Box::new(TermQuery::new(Term::from_field_text(field, &word), IndexRecordOption::WithFreqs)) as Box<dyn Query>);
        let query = BooleanQuery::union(terms.collect());
        let searcher = reader.searcher();
        for (_, address) in searcher.search(&query, &TopDocs::with_limit(20).order_by_score()).unwrap() {
            let document: TantivyDocument = searcher.doc(address).unwrap();
            black_box(document.get_first(field).and_then(|v| v.as_str().map(str::len)));
        }
    };
    let search = |query: &str| {
        black_box(shop.search(&Question::new(query).unwrap(), 20, |_| Ok(())).unwrap().total);
    };
    let find = |query: &str| {
        let need = shop.understand(&Question::new(query).unwrap(), None).unwrap();
        black_box(shop.find(query, need).unwrap().case.shortlist.picks.len());
    };
    let understand = |query: &str| {
        black_box(shop.understand(&Question::new(query).unwrap(), None).unwrap().traits.len());
    };
    let mut best = vec![[f64::INFINITY; 4]; QUERIES.len()];
    for _ in 0..ROUNDS {
        for (query, best) in QUERIES.iter().zip(&mut best) {
            let works: [&dyn Fn(&str); 4] = [&floor, &understand, &search, &find];
            for (work, best) in works.iter().zip(best) {
                let started = Instant::now();
                work(query);
                *best = best.min(started.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    let median = |part: usize| {
        let mut all: Vec<f64> = best.iter().map(|b| b[part]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!("                              microseconds   times the floor");
    for (part, name) in ["bare tantivy, top 20 by title", "understand", "search, 20 records read", "find all of an answer"].iter().enumerate() {
        println!("{name:<30} {:>11.0}   {:>8.1}", median(part), median(part) / median(0));
    }
}
