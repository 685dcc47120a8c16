//! The store for several machines: PostgreSQL.
//!
//! A turn is answered under a lease, which stands in the row of its conversation and runs out by itself when nobody renews it.
//! Unlike an advisory lock it needs no connection of its own, so it works through poolers, and it outlives a database that
//! restarts. Should a lease run out under a turn that was merely slow, both turns are kept, in the order they are written.
//! The clock is the database's throughout.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};

use super::Bounds;
use super::store::{EMPTY, Found, MANY, Record, Row, Stored, Totals};

/// What brings the database from each version to the next.
const STEPS: &[&str] = &[include_str!("postgres/1.sql")];
/// Held while the tables are made, so that several instances may start at once.
const MAKING_TABLES: i64 = 0x64_61_6f_67_6f_75;
const CONNECTIONS: u32 = 16;
const CONNECT: Duration = Duration::from_secs(2);
/// How long a lease is good for: others wait as long for one that died with it.
const LEASE_MS: i64 = 4_000;
/// How often leases are renewed.
pub const RENEWAL: Duration = Duration::from_millis(1_000);

#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    bounds: Bounds,
    totals: Mutex<Totals>,
}

type Result<T> = sqlx::Result<T>;

impl Postgres {
    /// Connects, and makes the tables where there are none.
    ///
    /// # Errors
    /// Says what is in the way, and the way out; never the password.
    pub async fn open(url: &str, bounds: Bounds) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| anyhow!("the setting `sessions.url` cannot be read, wanted postgres://USER:PASSWORD@HOST:PORT/DATABASE"))?;
        let options = options.application_name("daogou");
        let place = format!("the database `{}` on {}:{}", options.get_database().unwrap_or_default(), options.get_host(), options.get_port());
        let way_out =
            "see whether it runs and lets this machine and user in; the setting `sessions.url` names it, and without that sessions are kept in a file";
        // Not through the pool at first: it would try until its time is up, and could not say why.
        let mut first = tokio::time::timeout(2 * CONNECT, PgConnection::connect_with(&options))
            .await
            .map_err(|_| anyhow!("no answer"))
            .and_then(|connected| Ok(connected?))
            .with_context(|| format!("cannot connect to {place}, where sessions are kept; {way_out}"))?;
        migrate(&mut first).await.with_context(|| format!("{place}, where sessions are kept, cannot be used"))?;
        let _ = first.close().await;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT).connect_lazy_with(options);
        let store = Self { pool, bounds, totals: Mutex::default() };
        store.tidy().await.with_context(|| format!("cannot tidy up in {place}"))?;
        Ok(store)
    }

    pub fn totals(&self) -> Totals {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_totals(&self, totals: Totals) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    fn add(&self, sessions: i64, weight: i64) {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        (totals.sessions, totals.weight) = (totals.sessions + sessions, totals.weight + weight);
    }

    pub async fn begin(&self, id: &str, holder: i64) -> Result<()> {
        let query = "INSERT INTO daogou_session (id, remembered, turns, weight, created, touched, holder, held_until)
            VALUES ($1, '{}', 0, $2, daogou_now(), daogou_now(), $3, daogou_now() + $4)";
        sqlx::query(query).bind(id).bind(EMPTY).bind(holder).bind(LEASE_MS).execute(&self.pool).await?;
        self.add(1, EMPTY);
        Ok(())
    }

    pub async fn enter(&self, id: &str, holder: i64) -> Result<Found> {
        // A lease need not outlive a crash of the database, so nobody waits for it to reach the disk.
        let query = "UPDATE daogou_session SET holder = $2, held_until = daogou_now() + $3
            FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quick
            WHERE id = $1 AND touched > daogou_now() - $4 AND (holder IS NULL OR held_until < daogou_now()) RETURNING remembered";
        let query = sqlx::query_scalar(query).bind(id).bind(holder).bind(LEASE_MS).bind(self.expiry());
        if let Some(remembered) = query.fetch_optional(&self.pool).await? {
            return Ok(Found::Known(remembered));
        }
        Ok(if self.is_there(id).await? { Found::Held } else { Found::Absent })
    }

    async fn is_there(&self, id: &str) -> Result<bool> {
        let query = "SELECT 1 FROM daogou_session WHERE id = $1 AND touched > daogou_now() - $2";
        Ok(sqlx::query_scalar::<_, i32>(query).bind(id).bind(self.expiry()).fetch_optional(&self.pool).await?.is_some())
    }

    /// Gives a lease back; a conversation without any turn goes with it.
    pub async fn leave(&self, id: &str, holder: i64) -> Result<()> {
        let query = "DELETE FROM daogou_session WHERE id = $1 AND holder = $2 AND turns = 0";
        if sqlx::query(query).bind(id).bind(holder).execute(&self.pool).await?.rows_affected() > 0 {
            self.add(-1, -EMPTY);
            return Ok(());
        }
        let query = "UPDATE daogou_session SET holder = NULL, held_until = NULL WHERE id = $1 AND holder = $2";
        sqlx::query(query).bind(id).bind(holder).execute(&self.pool).await.map(drop)
    }

    /// Renews leases. Rows that are being written are left alone: their leases end with that.
    pub async fn renew(&self, leases: &[(String, i64)]) -> Result<()> {
        let (ids, holders): (Vec<&str>, Vec<i64>) = leases.iter().map(|(id, holder)| (id.as_str(), *holder)).unzip();
        let query = "UPDATE daogou_session AS s SET held_until = daogou_now() + $3
            FROM (SELECT id FROM daogou_session WHERE id = ANY($1) AND holder = ANY($2) FOR UPDATE SKIP LOCKED) AS held WHERE s.id = held.id";
        sqlx::query(query).bind(ids).bind(holders).bind(LEASE_MS).execute(&self.pool).await.map(drop)
    }

    pub async fn turns(&self, id: &str) -> Result<Option<Vec<Stored>>> {
        let query = sqlx::query_as("SELECT question, answer FROM daogou_turn WHERE session = $1 ORDER BY number");
        let turns: Vec<Stored> = query.bind(id).fetch_all(&self.pool).await?;
        Ok(self.is_there(id).await?.then_some(turns))
    }

    pub async fn write(&self, records: &[Record]) -> Result<Vec<String>> {
        let mut writing = self.pool.begin().await?;
        let begun = begin_late(&mut writing, records).await?;
        let known = update(&mut writing, records).await?;
        let mut gone: Vec<String> = records.iter().filter(|record| !known.contains_key(&record.id)).map(|record| record.id.clone()).collect();
        let written: Vec<(&str, &Row)> =
            records.iter().filter(|r| known.contains_key(&r.id)).flat_map(|r| r.turns.iter().map(|row| (r.id.as_str(), row))).collect();
        for (id, row) in written.iter().filter(|(_, row)| row.again) {
            let query = "DELETE FROM daogou_turn WHERE number = (SELECT max(number) FROM daogou_turn WHERE session = $1) AND question = $2";
            sqlx::query(query).bind(id).bind(&row.question).execute(&mut *writing).await?;
        }
        insert_turns(&mut writing, &written).await?;
        let longer: Vec<&str> = known.iter().filter(|(_, turns)| **turns > self.bounds.turns as i64).map(|(id, _)| id.as_str()).collect();
        let recount = written.iter().filter(|(_, row)| row.again).map(|(id, _)| *id).chain(longer.iter().copied()).collect::<Vec<_>>();
        for id in longer {
            let query = "DELETE FROM daogou_turn WHERE session = $1 AND number NOT IN
                (SELECT number FROM daogou_turn WHERE session = $1 ORDER BY number DESC LIMIT $2)";
            sqlx::query(query).bind(id).bind(self.bounds.turns as i64).execute(&mut *writing).await?;
        }
        for id in recount {
            weigh(&mut writing, id).await?;
        }
        let (before, weight) = (self.totals(), begun * EMPTY + written.iter().map(|(_, row)| row.weight()).sum::<i64>());
        let mut after = Totals { sessions: before.sessions + begun, weight: before.weight + weight };
        gone.extend(make_room(&mut writing, &mut after, &self.bounds).await?);
        writing.commit().await?;
        self.add(after.sessions - before.sessions, after.weight - before.weight);
        Ok(gone)
    }

    pub async fn erase(&self, id: &str) -> Result<bool> {
        let query = sqlx::query_scalar::<_, i64>("DELETE FROM daogou_session WHERE id = $1 RETURNING weight");
        let Some(weight) = query.bind(id).fetch_optional(&self.pool).await? else { return Ok(false) };
        self.add(-1, -weight);
        Ok(true)
    }

    pub async fn tidy(&self) -> Result<Vec<String>> {
        let mut gone: Vec<String> = Vec::new();
        loop {
            let query = "DELETE FROM daogou_session WHERE id IN (SELECT id FROM daogou_session
                WHERE touched <= daogou_now() - $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id";
            let expired: Vec<String> = sqlx::query_scalar(query).bind(self.expiry()).bind(MANY).fetch_all(&self.pool).await?;
            gone.extend(expired.iter().cloned());
            if (expired.len() as i64) < MANY {
                break;
            }
        }
        let mut writing = self.pool.begin().await?;
        let query = sqlx::query_as("SELECT count(*), coalesce(sum(weight), 0)::bigint FROM daogou_session");
        let (sessions, weight) = query.fetch_one(&mut *writing).await?;
        let mut totals = Totals { sessions, weight };
        gone.extend(make_room(&mut writing, &mut totals, &self.bounds).await?);
        writing.commit().await?;
        self.set_totals(totals);
        Ok(gone)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn expiry(&self) -> i64 {
        i64::try_from(self.bounds.expiry.as_millis()).unwrap_or(i64::MAX / 4)
    }
}

/// Begins what could not be begun in time, because the database was away.
async fn begin_late(writing: &mut PgConnection, records: &[Record]) -> Result<i64> {
    let new: Vec<&str> = records.iter().filter(|record| record.new).map(|record| record.id.as_str()).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let query = "INSERT INTO daogou_session (id, remembered, turns, weight, created, touched)
        SELECT id, '{}', 0, $2, daogou_now(), daogou_now() FROM unnest($1::text[]) AS new (id) ON CONFLICT (id) DO NOTHING";
    Ok(sqlx::query(query).bind(new).bind(EMPTY).execute(writing).await?.rows_affected() as i64)
}

/// Writes what is remembered, and gives the leases back. How many turns each conversation has now, if it is still there.
async fn update(writing: &mut PgConnection, records: &[Record]) -> Result<HashMap<String, i64>> {
    let query = "UPDATE daogou_session AS s SET remembered = r.remembered, turns = s.turns + r.turns, weight = s.weight + r.weight, touched = daogou_now(),
            holder = nullif(s.holder, r.holder)
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS r (id, remembered, turns, weight, holder)
        WHERE s.id = r.id RETURNING s.id, s.turns";
    let query = sqlx::query_as(query)
        .bind(records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.remembered.as_str()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.turns.len() as i64).collect::<Vec<_>>())
        .bind(records.iter().map(Record::weight).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.holder).collect::<Vec<_>>());
    Ok(query.fetch_all(writing).await?.into_iter().collect())
}

async fn insert_turns(writing: &mut PgConnection, turns: &[(&str, &Row)]) -> Result<()> {
    let query = "INSERT INTO daogou_turn (session, token, question, answer) SELECT session, token, question, answer
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[]) WITH ORDINALITY AS turn (session, token, question, answer, place)
        ORDER BY place ON CONFLICT (session, token) DO NOTHING";
    let query = sqlx::query(query)
        .bind(turns.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind(turns.iter().map(|(_, row)| row.token).collect::<Vec<_>>())
        .bind(turns.iter().map(|(_, row)| row.question.as_str()).collect::<Vec<_>>())
        .bind(turns.iter().map(|(_, row)| row.answer.as_slice()).collect::<Vec<_>>());
    query.execute(writing).await.map(drop)
}

/// Counts a conversation's turns anew.
async fn weigh(writing: &mut PgConnection, id: &str) -> Result<()> {
    let query = "UPDATE daogou_session SET (turns, weight) =
        (SELECT count(*), $2 + coalesce(sum(octet_length(question) + octet_length(answer)), 0) FROM daogou_turn WHERE session = $1) WHERE id = $1";
    sqlx::query(query).bind(id).bind(EMPTY).execute(writing).await.map(drop)
}

async fn make_room(writing: &mut PgConnection, totals: &mut Totals, bounds: &Bounds) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    while totals.over(bounds) {
        // Several instances may make room at once: each takes others.
        let query = "SELECT id, weight FROM daogou_session ORDER BY touched LIMIT $1 FOR UPDATE SKIP LOCKED";
        let idle = sqlx::query_as(query).bind(MANY).fetch_all(&mut *writing).await?;
        let surplus = totals.surplus(bounds, idle);
        if surplus.is_empty() {
            break;
        }
        sqlx::query("DELETE FROM daogou_session WHERE id = ANY($1)").bind(&surplus).execute(&mut *writing).await?;
        gone.extend(surplus);
    }
    Ok(gone)
}

/// Brings the database to the version of this program.
async fn migrate(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut writing = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MAKING_TABLES).execute(&mut *writing).await?;
    // Asked first, since a user who may not make tables may still use those that are there.
    if !sqlx::query_scalar::<_, bool>("SELECT to_regclass('daogou_schema') IS NOT NULL").fetch_one(&mut *writing).await? {
        sqlx::raw_sql("CREATE TABLE daogou_schema (version BIGINT NOT NULL); INSERT INTO daogou_schema VALUES (0)").execute(&mut *writing).await?;
    }
    let version: i64 = sqlx::query_scalar("SELECT version FROM daogou_schema").fetch_one(&mut *writing).await?;
    let Some(steps) = usize::try_from(version).ok().and_then(|version| STEPS.get(version..)) else {
        bail!(
            "it was written by a newer version of the program (its version is {version}, this program knows {}); use that one, or another database",
            STEPS.len()
        )
    };
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *writing).await?;
    }
    if !steps.is_empty() {
        sqlx::query("UPDATE daogou_schema SET version = $1").bind(STEPS.len() as i64).execute(&mut *writing).await?;
    }
    Ok(writing.commit().await?)
}
