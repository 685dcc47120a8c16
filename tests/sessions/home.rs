//! The two places where sessions are kept, so that one set of tests holds for both.

use std::sync::Arc;

use daogou::session::Place;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use super::postgres::{self, Way};
use crate::support::Program;
use crate::web::{Service, block, shop};

/// A shop, and where its sessions are kept.
pub struct Home {
    pub program: Arc<Program>,
    /// A database that can be taken away; `None` where sessions are kept in a file.
    pub database: Option<(Way, String)>,
}

impl Home {
    pub fn file() -> Self {
        Self { program: shop(), database: None }
    }

    pub fn postgres() -> Option<Self> {
        let (port, name) = postgres::database()?;
        Some(Self { program: shop(), database: Some((Way::to(port), name)) })
    }

    /// The setting `sessions.url`.
    pub fn url(&self) -> String {
        self.database.as_ref().map_or(String::new(), |(way, name)| format!("postgres://shop:a-secret@127.0.0.1:{}/{name}", way.port))
    }

    pub fn place(&self) -> Place {
        if self.database.is_some() { Place::Postgres(self.url()) } else { Place::File(self.program.data().join("sessions.db")) }
    }

    pub fn serve(&self) -> Service {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, settings: &[(&str, &str)]) -> Service {
        let url = self.url();
        let mut all = vec![("DAOGOU_SESSIONS_URL", url.as_str())];
        all.extend(settings);
        Service::over(Arc::clone(&self.program), &all)
    }

    /// The program, about to use these sessions from the terminal.
    pub fn terminal(&self) -> assert_cmd::Command {
        let mut command = self.program.command();
        command.env("DAOGOU_SESSIONS_URL", self.url());
        command
    }

    /// Changes something behind the service's back. `daogou_` before a table's name is left out for a file.
    pub fn change(&self, sql: &str) {
        block(async {
            match self.place() {
                Place::Postgres(url) => drop(PgConnection::connect(&url).await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap()),
                _ => drop(self.file_connection().await.execute(AssertSqlSafe(sql.replace("daogou_", ""))).await.unwrap()),
            }
        });
    }

    /// One figure.
    pub fn figure(&self, sql: &str) -> i64 {
        block(async {
            match self.place() {
                Place::Postgres(url) => PgConnection::connect(&url).await.unwrap().fetch_one(AssertSqlSafe(sql.to_owned())).await.unwrap().get(0),
                _ => self.file_connection().await.fetch_one(AssertSqlSafe(sql.replace("daogou_", ""))).await.unwrap().get(0),
            }
        })
    }

    pub async fn file_connection(&self) -> SqliteConnection {
        let path = self.program.data().join("sessions.db");
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
    }
}

/// Each test, once for each place.
macro_rules! in_each_place {
    ($($name:ident)*) => {
        mod in_a_file {
            $(#[test] fn $name() { super::$name(&crate::sessions::home::Home::file()); })*
        }
        mod in_postgres {
            $(#[test] fn $name() {
                match crate::sessions::home::Home::postgres() {
                    Some(home) => super::$name(&home),
                    None => eprintln!("SKIPPED: there is no PostgreSQL here (initdb and postgres); sessions in a database are NOT tested"),
                }
            })*
        }
    };
}
pub(super) use in_each_place;
