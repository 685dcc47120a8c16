//! The store in a file: SQLite, for the processes of one machine.

use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite as Engine, SqliteConnection};

use super::Bounds;
use super::neighbors::Neighbors;
use super::store::{EMPTY, Found, MANY, Record, Row, Stored, Totals};

/// What brings the file from each version to the next.
const STEPS: &[&str] = &[include_str!("sqlite/1.sql")];
/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(2);
/// Rows in one statement: each has a handful of values, and a statement takes so many.
const ROWS: usize = 500;

#[derive(Debug)]
pub struct Sqlite {
    pool: SqlitePool,
    bounds: Bounds,
    totals: Mutex<Totals>,
    neighbors: Neighbors,
}

type Result<T> = sqlx::Result<T>;

impl Sqlite {
    /// Opens the file, or makes it. `None` where nothing can be written.
    ///
    /// # Errors
    /// Says what is wrong with the file, and the way out.
    pub async fn open(path: &Path, bounds: Bounds, stays: bool) -> anyhow::Result<Option<Self>> {
        let folder = path.parent().unwrap_or(Path::new("."));
        // Whether that worked is seen at once.
        let _ = std::fs::create_dir_all(folder);
        make_private(path);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(BUSY)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            // Turns are a few kilobytes; more of them on a page are less to write and to overwrite.
            .page_size(16_384)
            // What is erased is overwritten.
            .pragma("secure_delete", "ON")
            // 16 MiB for pages that are read over and over, and as much of a log before it is taken into the file.
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", "4096")
            // A log that grew in a busy hour is cut again.
            .pragma("journal_size_limit", "16777216");
        let pool = SqlitePoolOptions::new().max_connections(3).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        let opened = async {
            let pool = pool.connect_with(options).await?;
            anyhow::Ok((migrate(&pool).await?, pool).1)
        };
        let pool = match opened.await {
            Ok(pool) => pool,
            Err(error) if matches!(code(&error), Some(CANNOT_OPEN | READ_ONLY)) && !path.is_dir() => return Ok(None),
            Err(error) => return Err(explained(error, path)),
        };
        let neighbors = Neighbors::meet(folder, stays);
        let store = Self { pool, bounds, totals: Mutex::default(), neighbors };
        store.tidy().await.with_context(|| format!("cannot tidy up `{}`", path.display()))?;
        Ok(Some(store))
    }

    pub fn seen(&self) -> Option<u64> {
        self.neighbors.seen()
    }

    pub fn totals(&self) -> Totals {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_totals(&self, totals: Totals) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    pub async fn enter(&self, id: &str) -> Result<Found> {
        let query = sqlx::query_scalar("SELECT remembered FROM session WHERE id = $1 AND touched > $2");
        let remembered = query.bind(id).bind(self.oldest()).fetch_optional(&self.pool).await?;
        Ok(remembered.map_or(Found::Absent, Found::Known))
    }

    pub async fn turns(&self, id: &str) -> Result<Option<Vec<Stored>>> {
        let mut reading = self.pool.begin().await?;
        let query = sqlx::query_scalar::<_, i64>("SELECT 1 FROM session WHERE id = $1 AND touched > $2");
        if query.bind(id).bind(self.oldest()).fetch_optional(&mut *reading).await?.is_none() {
            return Ok(None);
        }
        let query = sqlx::query_as("SELECT question, answer FROM turn WHERE session = $1 ORDER BY number");
        query.bind(id).fetch_all(&mut *reading).await.map(Some)
    }

    pub async fn write(&self, records: &[Record]) -> Result<Vec<String>> {
        let mut writing = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        // Only this writes in this process, one thing after the other.
        let mut totals = self.totals();
        insert_new(&mut writing, records, now()).await?;
        let mut gone = Vec::new();
        let mut longer = Vec::new();
        for record in records {
            totals.weight += record.weight();
            if record.new {
                (totals.sessions, totals.weight) = (totals.sessions + 1, totals.weight + EMPTY);
                continue;
            }
            let query = "UPDATE session SET remembered = $2, turns = turns + $3, weight = weight + $4, touched = $5 WHERE id = $1 RETURNING turns";
            let query = sqlx::query_scalar::<_, i64>(query).bind(&record.id).bind(&record.remembered).bind(record.turns.len() as i64);
            match query.bind(record.weight()).bind(now()).fetch_optional(&mut *writing).await? {
                None => gone.push(record.id.clone()),
                Some(turns) if turns > self.bounds.turns as i64 => longer.push(&record.id),
                Some(_) => {}
            }
        }
        let written: Vec<(&str, &Row)> =
            records.iter().filter(|r| !gone.contains(&r.id)).flat_map(|r| r.turns.iter().map(|row| (r.id.as_str(), row))).collect();
        for (id, row) in written.iter().filter(|(_, row)| row.again) {
            let query = "DELETE FROM turn WHERE number = (SELECT max(number) FROM turn WHERE session = $1) AND question = $2";
            sqlx::query(query).bind(id).bind(&row.question).execute(&mut *writing).await?;
        }
        insert_turns(&mut writing, &written).await?;
        let recount = written.iter().filter(|(_, row)| row.again).map(|(id, _)| *id).chain(longer.iter().map(|id| id.as_str())).collect::<Vec<_>>();
        for id in &longer {
            let query = "DELETE FROM turn WHERE session = $1 AND number NOT IN (SELECT number FROM turn WHERE session = $1 ORDER BY number DESC LIMIT $2)";
            sqlx::query(query).bind(id).bind(self.bounds.turns as i64).execute(&mut *writing).await?;
        }
        for id in recount {
            weigh(&mut writing, id).await?;
        }
        gone.extend(make_room(&mut writing, &mut totals, &self.bounds).await?);
        writing.commit().await?;
        self.set_totals(totals);
        self.neighbors.tell();
        Ok(gone)
    }

    pub async fn erase(&self, id: &str) -> Result<bool> {
        let query = sqlx::query_scalar::<_, i64>("DELETE FROM session WHERE id = $1 RETURNING weight");
        let Some(weight) = query.bind(id).fetch_optional(&self.pool).await? else { return Ok(false) };
        let totals = self.totals();
        self.set_totals(Totals { sessions: totals.sessions - 1, weight: totals.weight - weight });
        self.neighbors.tell();
        self.scrub().await?;
        Ok(true)
    }

    pub async fn tidy(&self) -> Result<Vec<String>> {
        let mut gone: Vec<String> = Vec::new();
        loop {
            let query = "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE touched <= $1 LIMIT $2) RETURNING id";
            let expired: Vec<String> = sqlx::query_scalar(query).bind(self.oldest()).bind(MANY).fetch_all(&self.pool).await?;
            gone.extend(expired.iter().cloned());
            if (expired.len() as i64) < MANY {
                break;
            }
        }
        let mut writing = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query_as("SELECT count(*), coalesce(sum(weight), 0) FROM session");
        let (sessions, weight) = query.fetch_one(&mut *writing).await?;
        let mut totals = Totals { sessions, weight };
        gone.extend(make_room(&mut writing, &mut totals, &self.bounds).await?);
        writing.commit().await?;
        self.set_totals(totals);
        if !gone.is_empty() {
            self.neighbors.tell();
            self.scrub().await?;
        }
        Ok(gone)
    }

    /// Empties the log of writes, where erased words would stand on. A reader may be in the way; then the next time does it.
    async fn scrub(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await.map(drop)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// What was touched then or before is forgotten.
    fn oldest(&self) -> i64 {
        now() - i64::try_from(self.bounds.expiry.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What shoppers said is nobody's business who shares the machine. What lies beside the file gets the same rights.
fn make_private(path: &Path) {
    let mut file = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    // A file that is there is left as it is.
    let _ = file.write(true).create_new(true).open(path);
}

/// Milliseconds since 1970.
fn now() -> i64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as i64)
}

async fn insert_new(writing: &mut SqliteConnection, records: &[Record], now: i64) -> Result<()> {
    let new: Vec<&Record> = records.iter().filter(|record| record.new).collect();
    for rows in new.chunks(ROWS) {
        let mut query = QueryBuilder::<Engine>::new("INSERT INTO session (id, remembered, turns, weight, created, touched) ");
        query.push_values(rows, |mut row, record| {
            row.push_bind(&record.id).push_bind(&record.remembered).push_bind(record.turns.len() as i64);
            row.push_bind(EMPTY + record.weight()).push_bind(now).push_bind(now);
        });
        // Another process may have begun a conversation of this name.
        query.push(" ON CONFLICT (id) DO UPDATE SET remembered = excluded.remembered, turns = session.turns + excluded.turns, weight = session.weight + excluded.weight, touched = excluded.touched");
        query.build().persistent(false).execute(&mut *writing).await?;
    }
    Ok(())
}

async fn insert_turns(writing: &mut SqliteConnection, turns: &[(&str, &Row)]) -> Result<()> {
    for rows in turns.chunks(ROWS) {
        let mut query = QueryBuilder::<Engine>::new("INSERT INTO turn (session, token, question, answer) ");
        query.push_values(rows, |mut into, (id, row)| {
            into.push_bind(*id).push_bind(row.token).push_bind(&row.question).push_bind(&row.answer);
        });
        query.push(" ON CONFLICT (session, token) DO NOTHING");
        query.build().persistent(false).execute(&mut *writing).await?;
    }
    Ok(())
}

/// Counts a conversation's turns anew.
async fn weigh(writing: &mut SqliteConnection, id: &str) -> Result<()> {
    let query = "UPDATE session SET (turns, weight) = (SELECT count(*), $2 + coalesce(sum(octet_length(question) + octet_length(answer)), 0) FROM turn WHERE session = $1) WHERE id = $1";
    sqlx::query(query).bind(id).bind(EMPTY).execute(writing).await.map(drop)
}

async fn make_room(writing: &mut SqliteConnection, totals: &mut Totals, bounds: &Bounds) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    while totals.over(bounds) {
        let idle = sqlx::query_as("SELECT id, weight FROM session ORDER BY touched LIMIT $1").bind(MANY).fetch_all(&mut *writing).await?;
        let surplus = totals.surplus(bounds, idle);
        if surplus.is_empty() {
            break;
        }
        // Ids hold no sign that JSON would write in another way.
        let list = format!("[\"{}\"]", surplus.join("\",\""));
        sqlx::query("DELETE FROM session WHERE id IN (SELECT value FROM json_each($1))").bind(list).execute(&mut *writing).await?;
        gone.extend(surplus);
    }
    Ok(gone)
}

/// Brings the file to the version of this program.
async fn migrate(pool: &SqlitePool) -> anyhow::Result<()> {
    let mut writing = pool.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *writing).await?;
    let steps = usize::try_from(version).ok().and_then(|version| STEPS.get(version..));
    let Some(steps) = steps else { bail!("it was written by a newer version of the program (its version is {version}, this program knows {})", STEPS.len()) };
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *writing).await?;
    if version == 0 && tables > 0 {
        bail!("it is a database of another program");
    }
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *writing).await?;
    }
    if !steps.is_empty() {
        sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {}", STEPS.len()))).execute(&mut *writing).await?;
    }
    Ok(writing.commit().await?)
}

const BUSY_FILE: i32 = 5;
const READ_ONLY: i32 = 8;
const DAMAGED: i32 = 11;
const CANNOT_OPEN: i32 = 14;
const NO_DATABASE: i32 = 26;

/// SQLite's own number for what went wrong.
fn code(error: &anyhow::Error) -> Option<i32> {
    let error = error.downcast_ref::<sqlx::Error>()?.as_database_error()?;
    Some(i32::from_str(&error.code()?).ok()? & 0xff)
}

fn explained(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let path = path.display();
    let way_out = "move it away and a new one is begun, or name another place with the setting `sessions.url`";
    match code(&error) {
        Some(BUSY_FILE) => anyhow!("`{path}`, where sessions are kept, is locked by another program; end that one, or name another data folder with --data"),
        Some(NO_DATABASE | DAMAGED) => anyhow!("`{path}`, where sessions are kept, is damaged or no SQLite database; {way_out}"),
        _ => error.context(format!("`{path}`, where sessions are kept, cannot be used; {way_out}")),
    }
}
