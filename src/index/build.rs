//! Building the index from the store, keeping it in step, and finding out when it does not fit.
//!
//! A whole build goes to a folder of its own that then takes the old one's place, so that a search never sees half an index.
//! Each commit carries the schema's version, the fingerprint of the words the analyzer knows, and the store's sequence
//! number; when one of them differs on opening, the index is built again from the store.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use tantivy::{IndexSettings, IndexWriter, ReloadPolicy, Term};

use super::analysis::Analyzer;
use super::schema::{Fields, VERSION};
use super::survey::FacetTable;
use super::vocabulary::Vocabulary;
use super::wording::Lengths;
use super::{Index, Open, search_error};
use crate::catalog::store::{Committed, Store};
use crate::knowledge::Knowledge;

/// Memory of the writer before it flushes a segment, in bytes.
const WRITER_MEMORY: usize = 256 << 20;
const SMALL_WRITER_MEMORY: usize = 32 << 20;

/// Told how many products of how many are indexed.
pub type BuildProgress<'a> = &'a dyn Fn(u64, u64);

/// What opening had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// The index fitted.
    Opened,
    /// It was built from the store.
    Rebuilt,
    /// The folder cannot be written: the index lives in memory.
    InMemory,
}

impl Index {
    /// Opens the index beside the store, building it when it is missing, damaged, of another version, or behind.
    ///
    /// # Errors
    /// When the store cannot be read or the disk is full.
    pub fn open(folder: PathBuf, store: &Store, knowledge: Arc<Knowledge>, progress: BuildProgress<'_>) -> anyhow::Result<(Self, Built)> {
        let analyzer = Analyzer::new(&knowledge);
        let warming = analyzer.clone();
        let warm = std::thread::spawn(move || warming.warm());
        let opened = Self::open_with(analyzer, folder, store, knowledge, progress);
        // The dictionary loads beside all the rest; a first question must not wait for it.
        let _ = warm.join();
        opened
    }

    fn open_with(analyzer: Analyzer, folder: PathBuf, store: &Store, knowledge: Arc<Knowledge>, progress: BuildProgress<'_>) -> anyhow::Result<(Self, Built)> {
        let fields = Fields::new();
        let wanted = stamp(&knowledge, store.sequence()?);
        if let Some(inner) = fitting(&folder, &wanted) {
            // A damaged file that was not noticed yet is noticed here.
            if let Ok(open) = opened(inner, &fields, store.sequence()?) {
                return Ok((Self { fields, analyzer, knowledge, folder, without: Vec::new(), open: RwLock::new(Arc::new(open)) }, Built::Opened));
            }
        }
        if store.is_read_only() {
            let inner = tantivy::Index::create_in_ram(fields.schema.clone());
            fill(&inner, &fields, &analyzer, &knowledge, store, progress)?;
            let open = opened(inner, &fields, store.sequence()?)?;
            return Ok((Self { fields, analyzer, knowledge, folder, without: Vec::new(), open: RwLock::new(Arc::new(open)) }, Built::InMemory));
        }
        let _alone = lock(&folder)?;
        if let Some(inner) = fitting(&folder, &stamp(&knowledge, store.sequence()?)) {
            // Another process built it while this one waited.
            if let Ok(open) = opened(inner, &fields, store.sequence()?) {
                return Ok((Self { fields, analyzer, knowledge, folder, without: Vec::new(), open: RwLock::new(Arc::new(open)) }, Built::Opened));
            }
        }
        let inner = rebuild(&folder, &fields, &analyzer, &knowledge, store, progress)?;
        let open = opened(inner, &fields, store.sequence()?)?;
        Ok((Self { fields, analyzer, knowledge, folder, without: Vec::new(), open: RwLock::new(Arc::new(open)) }, Built::Rebuilt))
    }
}

fn opened(inner: tantivy::Index, fields: &Fields, sequence: u64) -> anyhow::Result<Open> {
    let reader: tantivy::IndexReader = inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(search_error)?;
    let vocabulary = Vocabulary::read(&reader.searcher(), fields).map_err(search_error)?;
    let tables = reader
        .searcher()
        .segment_readers()
        .iter()
        .map(|segment| FacetTable::read(segment, &vocabulary).map(Arc::new))
        .collect::<tantivy::Result<_>>()
        .map_err(search_error)?;
    let lengths = Lengths::read(&reader.searcher(), fields).map_err(search_error)?;
    Ok(Open { inner, reader, vocabulary: Arc::new(vocabulary), tables, lengths, sequence })
}

/// Builds in a folder of its own and puts that in the place of the old one.
fn rebuild(
    folder: &Path,
    fields: &Fields,
    analyzer: &Analyzer,
    knowledge: &Knowledge,
    store: &Store,
    progress: BuildProgress<'_>,
) -> anyhow::Result<tantivy::Index> {
    let fresh = beside(folder, "new");
    let built = build_in(&fresh, fields, analyzer, knowledge, store, progress).and_then(|()| swap(&fresh, folder));
    if let Err(error) = built {
        // What is half-built is of no use to anyone.
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    tantivy::Index::open_in_dir(folder).map_err(search_error)
}

/// What a commit says about itself.
fn stamp(knowledge: &Knowledge, sequence: u64) -> Value {
    let mut words = DefaultHasher::new();
    for category in knowledge.taxonomy.each() {
        category.names.zh.hash(&mut words);
        category.attributes.iter().flat_map(|a| &a.values).for_each(|v| (&v.zh, &v.also).hash(&mut words));
    }
    knowledge.lexicon.traits.iter().for_each(|t| t.zh.hash(&mut words));
    knowledge.lexicon.colors.iter().for_each(|c| c.zh.hash(&mut words));
    knowledge.lexicon.goods.departments.iter().flat_map(|d| &d.goods).for_each(|g| g.zh.hash(&mut words));
    knowledge.lexicon.units.each().for_each(|u| (&u.id, &u.zh, &u.en).hash(&mut words));
    json!({"schema": VERSION, "words": format!("{:016x}", words.finish()), "sequence": sequence})
}

/// The index in the folder, when it is whole and of this stamp.
fn fitting(folder: &Path, wanted: &Value) -> Option<tantivy::Index> {
    if !whole(folder) {
        return None;
    }
    let inner = tantivy::Index::open_in_dir(folder).ok()?;
    let payload = inner.load_metas().ok()?.payload?;
    (serde_json::from_str::<Value>(&payload).ok()? == *wanted).then_some(inner)
}

/// Whether every file has the length it was written with: a truncated one must not be mapped.
fn whole(folder: &Path) -> bool {
    let Some(lengths) = fs::read(folder.join("lengths.json")).ok().and_then(|bytes| serde_json::from_slice::<BTreeMap<String, u64>>(&bytes).ok()) else {
        return false;
    };
    lengths.iter().all(|(name, length)| fs::metadata(folder.join(name)).is_ok_and(|m| m.len() == *length))
}

fn note_lengths(inner: &tantivy::Index, folder: &Path) -> anyhow::Result<()> {
    let segments: Vec<String> = inner.searchable_segment_ids().map_err(search_error)?.iter().map(|id| id.uuid_string()).collect();
    let mut lengths = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|e| disk_error(e, folder))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if segments.iter().any(|id| name.starts_with(id))
            && let Ok(meta) = entry.metadata()
        {
            lengths.insert(name, meta.len());
        }
    }
    let text = serde_json::to_string_pretty(&lengths).context("cannot write down the lengths of the index files")?;
    let draft = folder.join("lengths.json.new");
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, folder.join("lengths.json"))).map_err(|e| disk_error(e, folder))
}

fn build_in(fresh: &Path, fields: &Fields, analyzer: &Analyzer, knowledge: &Knowledge, store: &Store, progress: BuildProgress<'_>) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(fresh);
    fs::create_dir_all(fresh).map_err(|e| disk_error(e, fresh))?;
    let inner = tantivy::Index::create(
        tantivy::directory::MmapDirectory::open(fresh).map_err(|e| anyhow!("cannot open `{}`: {e}", fresh.display()))?,
        fields.schema.clone(),
        IndexSettings::default(),
    )
    .map_err(|e| write_error(e, fresh))?;
    fill(&inner, fields, analyzer, knowledge, store, progress)?;
    note_lengths(&inner, fresh)
}

fn fill(inner: &tantivy::Index, fields: &Fields, analyzer: &Analyzer, knowledge: &Knowledge, store: &Store, progress: BuildProgress<'_>) -> anyhow::Result<()> {
    let total = store.len()?;
    let sequence = store.sequence()?;
    // A small catalog is best in one segment; a large one is worth both cores.
    let (threads, memory) = if total < 20_000 { (1, SMALL_WRITER_MEMORY.max(15 << 20)) } else { (2, WRITER_MEMORY) };
    let mut writer: IndexWriter = inner.writer_with_num_threads(threads, memory).map_err(search_error)?;
    let mut done = 0;
    store.each(|slot, product| {
        writer.add_document(fields.document(slot, &product, analyzer, &knowledge.lexicon.units)).map_err(search_error)?;
        done += 1;
        progress(done, total);
        Ok(())
    })?;
    commit(&mut writer, knowledge, sequence)?;
    writer.wait_merging_threads().map_err(search_error)
}

fn commit(writer: &mut IndexWriter, knowledge: &Knowledge, sequence: u64) -> anyhow::Result<()> {
    let mut prepared = writer.prepare_commit().map_err(search_error)?;
    prepared.set_payload(&stamp(knowledge, sequence).to_string());
    prepared.commit().map_err(search_error)?;
    Ok(())
}

/// Puts the fresh folder in the place of the old one.
fn swap(fresh: &Path, folder: &Path) -> anyhow::Result<()> {
    let old = beside(folder, "old");
    let _ = fs::remove_dir_all(&old);
    if folder.exists() {
        fs::rename(folder, &old).map_err(|e| disk_error(e, folder))?;
    }
    fs::rename(fresh, folder).map_err(|e| disk_error(e, folder))?;
    // Searches that still map the old files keep them alive.
    let _ = fs::remove_dir_all(&old);
    Ok(())
}

/// A change of more than this share of the catalog is cheaper to build anew than to patch in.
const MUCH: f64 = 0.2;

/// Brings the index in step with a change, and makes it visible.
pub(super) fn follow(index: &Index, store: &Store, committed: &Committed, progress: BuildProgress<'_>) -> anyhow::Result<()> {
    let _alone = lock(&index.folder)?;
    let open = index.current();
    let changed = (committed.touched.len() + committed.removed.len()) as f64;
    let behind = open.sequence + 1 != committed.sequence;
    let inner = if behind || changed > MUCH * open.vocabulary.products as f64 {
        rebuild(&index.folder, &index.fields, &index.analyzer, &index.knowledge, store, progress)?
    } else {
        patch(index, &open.inner, store, committed)?;
        open.inner.clone()
    };
    index.replace(opened(inner, &index.fields, committed.sequence)?);
    Ok(())
}

/// Opens what another process has built, once it fits the store.
pub(super) fn reopen(index: &Index, sequence: u64) -> anyhow::Result<bool> {
    let Some(inner) = fitting(&index.folder, &stamp(&index.knowledge, sequence)) else { return Ok(false) };
    index.replace(opened(inner, &index.fields, sequence)?);
    Ok(true)
}

/// Re-indexes the products that a change touched.
fn patch(index: &Index, inner: &tantivy::Index, store: &Store, committed: &Committed) -> anyhow::Result<()> {
    let mut writer: IndexWriter = inner.writer_with_num_threads(1, SMALL_WRITER_MEMORY).map_err(|e| write_error(e, &index.folder))?;
    for slot in committed.touched.iter().chain(&committed.removed) {
        writer.delete_term(Term::from_field_u64(index.fields.slot, *slot));
    }
    for chunk in committed.touched.chunks(512) {
        for (slot, product) in store.products(chunk)? {
            writer
                .add_document(index.fields.document(slot, &product, &index.analyzer, &index.knowledge.lexicon.units))
                .map_err(|e| write_error(e, &index.folder))?;
        }
    }
    commit(&mut writer, &index.knowledge, committed.sequence)?;
    writer.wait_merging_threads().map_err(search_error)?;
    note_lengths(inner, &index.folder)
}

/// Waits until no other process builds here. The lock goes with the file handle.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = beside(folder, "lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| disk_error(e, &path))?;
    file.lock().map_err(|e| disk_error(e, &path))?;
    Ok(file)
}

fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().map(|n| n.to_os_string()).unwrap_or_default();
    name.push(".");
    name.push(ending);
    folder.with_file_name(name)
}

fn write_error(error: tantivy::TantivyError, place: &Path) -> anyhow::Error {
    anyhow!(error).context(format!("cannot write the search index in `{}`; is there space, and may this user write there?", place.display()))
}

fn disk_error(error: std::io::Error, place: &Path) -> anyhow::Error {
    let advice = match error.kind() {
        std::io::ErrorKind::StorageFull => "free some space, or name another folder with --data DIR",
        _ => "name a folder that can be written with --data DIR",
    };
    anyhow!("cannot write `{}`: {error}; {advice}", place.display())
}
