//! The catalog on disk: an LMDB environment, which is the truth. The search index is derived from it and can always be rebuilt.
//!
//! Every committed change has a sequence number; the index carries the number it was built from, so that the two can never
//! disagree unnoticed. LMDB keeps readers and one writer of several processes apart: a shop can import while it serves.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use heed::types::{Bytes, Str, U64};
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RwTxn, WithoutTls, byteorder::BE};
use moka::sync::Cache;

use super::feed::jsonl;
use super::{Product, ProductId, Record};
use crate::lexicon::AttributeNames;

/// Address space reserved for the store; the file grows only as it is filled.
const MAP_SIZE: usize = 64 << 30;
/// The operating system's number for an input/output error.
const INPUT_OUTPUT_ERROR: i32 = 5;
/// LMDB's page size here, for the check against truncation.
const PAGE: u64 = 4096;

/// Bytes of the store whose records are kept in memory, where they take about four times as much.
const READ_BYTES: u64 = 16 << 20;

type Slots = U64<BE>;

/// Names one product inside the program: small, stable while the product lives, and the index's own key.
pub type Slot = u64;

/// The catalog on disk.
pub struct Store {
    env: Env<WithoutTls>,
    /// Sequence number and next free slot.
    meta: Database<'static, Str, Slots>,
    slots: Database<'static, Str, Slots>,
    products: Database<'static, Slots, Bytes>,
    names: AttributeNames,
    /// Records that were read, by the sequence number they were read at, with their bytes in the store.
    read: Cache<(u64, Slot), (usize, Arc<Record>)>,
    folder: PathBuf,
    read_only: bool,
}

impl Store {
    /// Opens the store in a folder, creating it when it does not exist. A folder that cannot be written is opened for reading.
    ///
    /// # Errors
    /// When the folder can be neither made nor read, or the file in it is damaged.
    pub fn open(folder: &Path, names: AttributeNames) -> anyhow::Result<Self> {
        match fs::create_dir_all(folder) {
            Err(error) if !folder.is_dir() => {
                return Err(error).with_context(|| format!("cannot make the data folder `{}`; name another with --data DIR", folder.display()));
            }
            _ => {}
        }
        let file = folder.join("data.mdb");
        let length = fs::metadata(&file).map_or(0, |m| m.len());
        if file.exists() && length < 2 * PAGE {
            return Err(damaged(folder, &format!("`data.mdb` has only {length} bytes")));
        }
        let (env, read_only) = match open_env(folder, EnvFlags::empty()) {
            Ok(env) => (env, false),
            Err(heed::Error::Io(error)) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) && file.exists() => {
                // Nobody can write here, so nothing needs locking.
                let env = open_env(folder, EnvFlags::READ_ONLY | EnvFlags::NO_LOCK).map_err(|e| store_error(e, folder))?;
                (env, true)
            }
            Err(error) => return Err(store_error(error, folder)),
        };
        let pages = env.info().last_page_number as u64 + 1;
        let length = fs::metadata(&file).map_or(0, |m| m.len());
        if length > 0 && pages > 2 && length < pages * PAGE {
            return Err(damaged(folder, &format!("`data.mdb` has {length} bytes, wanted {}", pages * PAGE)));
        }
        let databases = if read_only { open_databases(&env) } else { create_databases(&env) };
        let (meta, slots, products) = databases
            .map_err(|e| store_error(e, folder))?
            .ok_or_else(|| anyhow!("the data folder `{}` is read-only and holds no catalog yet; name another with --data DIR", folder.display()))?;
        let read = Cache::builder().max_capacity(READ_BYTES).weigher(|_, (bytes, _): &(usize, _)| u32::try_from(*bytes).unwrap_or(u32::MAX)).build();
        Ok(Self { env, meta, slots, products, names, read, folder: folder.to_owned(), read_only })
    }

    /// Number of the last change; 0 when nothing was ever stored.
    pub fn sequence(&self) -> anyhow::Result<u64> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        Ok(self.meta.get(&txn, "sequence").map_err(|e| self.error(e))?.unwrap_or(0))
    }

    /// Whether changes are impossible because the folder cannot be written.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// How many products there are.
    pub fn len(&self) -> anyhow::Result<u64> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        self.products.len(&txn).map_err(|e| self.error(e))
    }

    pub fn is_empty(&self) -> anyhow::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The records in these slots, in order, as they are kept in memory; a slot that is empty by now gives none.
    pub fn records(&self, slots: &[Slot]) -> anyhow::Result<Vec<(Slot, Arc<Record>)>> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        let sequence = self.meta.get(&txn, "sequence").map_err(|e| self.error(e))?.unwrap_or(0);
        let mut found = Vec::with_capacity(slots.len());
        for slot in slots {
            if let Some((_, record)) = self.read.get(&(sequence, *slot)) {
                found.push((*slot, record));
            } else if let Some(bytes) = self.products.get(&txn, slot).map_err(|e| self.error(e))? {
                let record = Arc::new(Record::from(self.decode(bytes)?));
                self.read.insert((sequence, *slot), (bytes.len(), Arc::clone(&record)));
                found.push((*slot, record));
            }
        }
        Ok(found)
    }

    /// The products in these slots, in order, straight from the store; a slot that is empty by now gives none.
    pub fn products(&self, slots: &[Slot]) -> anyhow::Result<Vec<(Slot, Product)>> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        let mut found = Vec::with_capacity(slots.len());
        for slot in slots {
            if let Some(bytes) = self.products.get(&txn, slot).map_err(|e| self.error(e))? {
                found.push((*slot, self.decode(bytes)?));
            }
        }
        Ok(found)
    }

    /// One product by its id.
    pub fn by_id(&self, id: &ProductId) -> anyhow::Result<Option<Product>> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        let Some(slot) = self.slots.get(&txn, id.as_str()).map_err(|e| self.error(e))? else { return Ok(None) };
        let bytes = self.products.get(&txn, &slot).map_err(|e| self.error(e))?;
        bytes.map(|b| self.decode(b)).transpose()
    }

    /// Visits every product in the order of slots; the visitor's error ends the visit.
    pub fn each(&self, mut visit: impl FnMut(Slot, Product) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        for entry in self.products.iter(&txn).map_err(|e| self.error(e))? {
            let (slot, bytes) = entry.map_err(|e| self.error(e))?;
            visit(slot, self.decode(bytes)?)?;
        }
        Ok(())
    }

    /// How many products of the sample catalog are still there: those in the slots it was given first.
    pub fn sample_left(&self) -> anyhow::Result<u64> {
        let txn = self.env.read_txn().map_err(|e| self.error(e))?;
        let end = self.meta.get(&txn, "sample_end").map_err(|e| self.error(e))?.unwrap_or(0);
        let slots = self.products.range(&txn, &(0..end)).map_err(|e| self.error(e))?;
        Ok(slots.count() as u64)
    }

    /// Starts a change. Nothing of it is seen by anyone before [`Batch::commit`]; dropped, it leaves no trace.
    pub fn begin(&self) -> anyhow::Result<Batch<'_>> {
        if self.read_only {
            return Err(anyhow!("the data folder `{}` cannot be written; name another with --data DIR or change its permissions", self.folder.display()));
        }
        let txn = self.env.write_txn().map_err(|e| self.error(e))?;
        let next = self.meta.get(&txn, "next_slot").map_err(|e| self.error(e))?.unwrap_or(0);
        Ok(Batch { store: self, txn, next, touched: Vec::new(), removed: Vec::new() })
    }

    fn decode(&self, bytes: &[u8]) -> anyhow::Result<Product> {
        match jsonl::parse_line(bytes, &self.names) {
            Some(Ok(product)) => Ok(product),
            _ => Err(damaged(&self.folder, "a record in it cannot be read")),
        }
    }

    fn error(&self, error: heed::Error) -> anyhow::Error {
        store_error(error, &self.folder)
    }
}

/// What a write did to a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Added,
    Replaced,
    Unchanged,
}

/// What a committed change did, for the index to follow.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    pub sequence: u64,
    pub touched: Vec<Slot>,
    pub removed: Vec<Slot>,
}

/// A change in the making.
pub struct Batch<'s> {
    store: &'s Store,
    txn: RwTxn<'s>,
    next: Slot,
    touched: Vec<Slot>,
    removed: Vec<Slot>,
}

impl Batch<'_> {
    /// Adds a product, or replaces the one with its id.
    pub fn put(&mut self, product: &Product) -> anyhow::Result<Put> {
        let bytes = jsonl::to_json(product).to_string();
        let known = self.store.slots.get(&self.txn, product.id.as_str()).map_err(|e| self.store.error(e))?;
        if let Some(slot) = known {
            let same = self.store.products.get(&self.txn, &slot).map_err(|e| self.store.error(e))?;
            if same == Some(bytes.as_bytes()) {
                return Ok(Put::Unchanged);
            }
        }
        let slot = known.unwrap_or(self.next);
        self.store.products.put(&mut self.txn, &slot, bytes.as_bytes()).map_err(|e| self.store.error(e))?;
        self.touched.push(slot);
        if known.is_some() {
            return Ok(Put::Replaced);
        }
        self.store.slots.put(&mut self.txn, product.id.as_str(), &slot).map_err(|e| self.store.error(e))?;
        self.next += 1;
        Ok(Put::Added)
    }

    /// Removes a product; `false` when there is none with this id.
    pub fn delete(&mut self, id: &ProductId) -> anyhow::Result<bool> {
        let Some(slot) = self.store.slots.get(&self.txn, id.as_str()).map_err(|e| self.store.error(e))? else { return Ok(false) };
        self.store.slots.delete(&mut self.txn, id.as_str()).map_err(|e| self.store.error(e))?;
        self.store.products.delete(&mut self.txn, &slot).map_err(|e| self.store.error(e))?;
        self.removed.push(slot);
        Ok(true)
    }

    /// Marks all that was put so far as the sample catalog.
    pub fn mark_sample(&mut self) -> anyhow::Result<()> {
        self.store.meta.put(&mut self.txn, "sample_end", &self.next).map_err(|e| self.store.error(e))
    }

    /// Every id there is, before this change is committed.
    pub fn ids(&self) -> anyhow::Result<Vec<ProductId>> {
        let mut ids = Vec::new();
        for entry in self.store.slots.iter(&self.txn).map_err(|e| self.store.error(e))? {
            let (id, _) = entry.map_err(|e| self.store.error(e))?;
            ids.extend(ProductId::new(id));
        }
        Ok(ids)
    }

    /// Makes the change durable and visible.
    pub fn commit(mut self) -> anyhow::Result<Committed> {
        let sequence = self.store.meta.get(&self.txn, "sequence").map_err(|e| self.store.error(e))?.unwrap_or(0) + 1;
        self.store.meta.put(&mut self.txn, "sequence", &sequence).map_err(|e| self.store.error(e))?;
        self.store.meta.put(&mut self.txn, "next_slot", &self.next).map_err(|e| self.store.error(e))?;
        self.txn.commit().map_err(|e| self.store.error(e))?;
        Ok(Committed { sequence, touched: self.touched, removed: self.removed })
    }
}

type Databases = (Database<'static, Str, Slots>, Database<'static, Str, Slots>, Database<'static, Slots, Bytes>);

fn open_env(folder: &Path, flags: EnvFlags) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(MAP_SIZE).max_dbs(4).max_readers(512);
    // SAFETY: the file is changed only through LMDB, which locks it against other processes; it was checked for truncation.
    // With NO_LOCK the environment is read-only, in a folder that cannot be written.
    #[allow(unsafe_code, reason = "LMDB maps its file; heed asks the caller to vouch that nothing else writes to it")]
    unsafe {
        options.flags(flags);
        options.open(folder)
    }
}

fn create_databases(env: &Env<WithoutTls>) -> heed::Result<Option<Databases>> {
    let made = env.create_databases_and_commit(env.write_txn()?, |opener, txn| {
        let meta = opener.create_database::<Str, Slots>(txn, Some("meta"))?;
        let slots = opener.create_database::<Str, Slots>(txn, Some("slots"))?;
        let products = opener.create_database::<Slots, Bytes>(txn, Some("products"))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit((meta, slots, products)))
    })?;
    Ok(Some(made.unwrap_commit()))
}

fn open_databases(env: &Env<WithoutTls>) -> heed::Result<Option<Databases>> {
    let opened = env.open_databases_and_commit(env.read_txn()?, |opener, txn| {
        let meta = opener.open_database::<Str, Slots>(txn, Some("meta"))?;
        let slots = opener.open_database::<Str, Slots>(txn, Some("slots"))?;
        let products = opener.open_database::<Slots, Bytes>(txn, Some("products"))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit((meta, slots, products)))
    })?;
    Ok(match opened.unwrap_commit() {
        (Some(meta), Some(slots), Some(products)) => Some((meta, slots, products)),
        _ => None,
    })
}

fn store_error(error: heed::Error, folder: &Path) -> anyhow::Error {
    let place = folder.display();
    match error {
        heed::Error::Io(io) if io.kind() == ErrorKind::StorageFull => {
            anyhow!("no space left for the catalog in `{place}`; nothing was changed; free some or name another folder with --data DIR")
        }
        // LMDB reports a short write, which is what a full disk gives, as an input/output error.
        heed::Error::Io(io) if io.raw_os_error() == Some(INPUT_OUTPUT_ERROR) => {
            anyhow!(
                "the catalog in `{place}` could not be written ({io}): is the disk full? Nothing was changed; free some space or name another folder with --data DIR"
            )
        }
        heed::Error::Io(io) if matches!(io.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            anyhow!("the data folder `{place}` cannot be written ({io}); name another with --data DIR")
        }
        heed::Error::Mdb(heed::MdbError::Invalid | heed::MdbError::Corrupted | heed::MdbError::PageNotFound | heed::MdbError::VersionMismatch) => {
            damaged(folder, "it is not a catalog of this program")
        }
        other => anyhow!("the catalog in `{place}` cannot be used: {other}"),
    }
}

fn damaged(folder: &Path, how: &str) -> anyhow::Error {
    anyhow!("the catalog in `{}` is damaged: {how}; move the folder away and import the feed again", folder.display())
}
