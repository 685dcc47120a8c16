//! `daogou serve`: the web service.

use std::net::SocketAddr;

use clap::Args;

use super::{DONE, open, remark};
use crate::config::Config;
use crate::serve;

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one [default: the setting serve.listen, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let mut config = config.clone();
        config.serve.listen = self.listen.unwrap_or(config.serve.listen);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let opened = config.clone();
        let done = runtime.block_on(serve::run(&config, move || Ok((open::shop(&opened, false)?, open::model(&opened, false)?)), remark));
        // A search that still runs must not hold up the end.
        runtime.shutdown_background();
        done.map(|()| DONE)
    }
}
