//! The settings of the web service.

use std::net::SocketAddr;
use std::time::Duration;

use super::whole_number;
use crate::session::Bounds;

/// Questions a minute where anybody can reach the service.
const PER_MINUTE: u32 = 60;
/// Most proxies in a row.
const MOST_PROXIES: usize = 16;

/// How the web service is set up.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    pub listen: SocketAddr,
    /// `None`: there are no admin routes.
    pub admin_token: Option<String>,
    /// `None` where the address that is listened on decides.
    pub chats_per_minute: Option<u32>,
    pub trusted_proxies: usize,
    pub cors_origins: Vec<String>,
    pub answers: usize,
    pub connections: usize,
    /// How long a client may take nothing of what is sent to it.
    pub write: Duration,
    pub body_bytes: usize,
    pub admin_body_bytes: usize,
    pub shutdown: Duration,
    pub sessions: Bounds,
}

impl ServeSettings {
    /// Questions and searches that one client may send in a minute; 0 for any number. A loopback address is reached only from
    /// this machine, so there is nobody to hold back.
    pub fn per_minute(&self) -> u32 {
        self.chats_per_minute.unwrap_or(if self.listen.ip().is_loopback() { 0 } else { PER_MINUTE })
    }
}

/// Reads the section. `get` gives a setting's text, `wrong` the error that names it and what was wanted.
pub fn read<'v>(get: &dyn Fn(&'static str) -> &'v str, wrong: &dyn Fn(&'static str, &str) -> anyhow::Error) -> anyhow::Result<ServeSettings> {
    let number = |name: &'static str, from: usize, to: usize| whole_number(name, get(name), from..=to, wrong);
    let token = get("serve.admin_token").trim();
    if token.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(anyhow::anyhow!("setting `serve.admin_token` holds characters that no header can carry, wanted letters, digits and signs of ASCII"));
    }
    let cors_origins: Vec<String> = get("serve.cors_origins").split([' ', ',']).filter(|o| !o.is_empty()).map(|o| o.trim_end_matches('/').to_owned()).collect();
    if cors_origins.iter().any(|origin| !is_origin(origin)) {
        return Err(wrong("serve.cors_origins", "origins such as \"https://shop.example https://app.example:8443\""));
    }
    Ok(ServeSettings {
        listen: get("serve.listen").parse().map_err(|_| wrong("serve.listen", "an address and a port such as 127.0.0.1:8080 or [::]:8080"))?,
        admin_token: (!token.is_empty()).then(|| token.to_owned()),
        chats_per_minute: match get("serve.chats_per_minute") {
            "auto" => None,
            _ => {
                let wanted = |_| wrong("serve.chats_per_minute", "auto, or a whole number from 0 to 1000000");
                Some(number("serve.chats_per_minute", 0, 1_000_000).map_err(wanted)? as u32)
            }
        },
        trusted_proxies: number("serve.trusted_proxies", 0, MOST_PROXIES)?,
        cors_origins,
        answers: number("serve.answers", 1, 100_000)?,
        connections: number("serve.connections", 1, 1_000_000)?,
        write: Duration::from_secs(number("serve.write_seconds", 1, 3_600)? as u64),
        body_bytes: number("serve.body_kib", 1, 16_384)? << 10,
        admin_body_bytes: number("serve.admin_body_mib", 1, 4_096)? << 20,
        shutdown: Duration::from_secs(number("serve.shutdown_seconds", 0, 3_600)? as u64),
        sessions: Bounds {
            sessions: number("serve.sessions", 1, 10_000_000)?,
            bytes: number("serve.session_mib", 1, 1_048_576)? << 20,
            expiry: Duration::from_secs(number("serve.session_minutes", 1, 525_600)? as u64 * 60),
            ..Bounds::default()
        },
    })
}

/// Whether a text is scheme, host and maybe a port, and nothing else.
fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text)
}
