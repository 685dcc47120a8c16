//! Store and index: a crash between the two loses nothing.

use std::sync::Arc;

use daogou::catalog::feed::jsonl;
use daogou::catalog::store::{Put, Store};
use daogou::index::{Built, Index};
use daogou::knowledge::{Files, Knowledge};

use crate::support::product;

#[test]
fn an_uncommitted_change_leaves_no_trace_and_a_committed_one_is_indexed_at_the_next_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let knowledge = Arc::new(Knowledge::load(&Files::Shipped).unwrap());
    let names = knowledge.lexicon.attribute_names.clone();
    let store = Store::open(&folder.path().join("catalog"), names.clone()).unwrap();
    let parse = |id: &str| jsonl::parse_line(product(id, "Oak Table", "90.00 CNY").to_string().as_bytes(), &names).unwrap().unwrap();

    let mut batch = store.begin().unwrap();
    assert_eq!(batch.put(&parse("a")).unwrap(), Put::Added);
    drop(batch);
    assert_eq!((store.sequence().unwrap(), store.len().unwrap()), (0, 0));

    let mut batch = store.begin().unwrap();
    batch.put(&parse("a")).unwrap();
    assert_eq!(batch.put(&parse("a")).unwrap(), Put::Unchanged);
    assert_eq!(batch.commit().unwrap().sequence, 1);
    let open = || Index::open(folder.path().join("search"), &store, Arc::clone(&knowledge), &|_, _| {}).unwrap();
    let (index, built) = open();
    assert_eq!((built, index.vocabulary().products), (Built::Rebuilt, 1));
    drop(index);
    assert_eq!(open().1, Built::Opened);

    // As if the program had stopped after the store's commit and before the index's.
    let mut batch = store.begin().unwrap();
    batch.put(&parse("b")).unwrap();
    batch.commit().unwrap();
    let (index, built) = open();
    assert_eq!((built, index.vocabulary().products), (Built::Rebuilt, 2));
}

#[test]
fn long_ids_of_any_script_are_keys() {
    let folder = tempfile::TempDir::new().unwrap();
    let knowledge = Knowledge::load(&Files::Shipped).unwrap();
    let names = knowledge.lexicon.attribute_names;
    let store = Store::open(folder.path(), names.clone()).unwrap();
    let id = "𠮷".repeat(128);
    let mut batch = store.begin().unwrap();
    batch.put(&jsonl::parse_line(product(&id, "Oak Table", "90.00 CNY").to_string().as_bytes(), &names).unwrap().unwrap()).unwrap();
    batch.commit().unwrap();
    assert!(store.by_id(&daogou::catalog::ProductId::new(&id).unwrap()).unwrap().is_some());
}
