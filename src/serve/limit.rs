//! How much one client may ask, and who that client is.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::error::ApiError;
use super::service::{Phase, Service};

/// Clients that are remembered at once. When there are more, those who have their full share are forgotten, and then all.
const MOST_CLIENTS: usize = 50_000;

/// The address a connection comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// A bucket for each client, which fills up over a minute.
pub struct Limiter {
    per_minute: u32,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Limiter {
    /// 0 for no limit.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, buckets: Mutex::default() }
    }

    /// Takes one from the client's bucket.
    ///
    /// # Errors
    /// Says after how many seconds there is one again.
    pub fn take(&self, client: IpAddr) -> Result<(), u64> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let (most, each_second) = (f64::from(self.per_minute), f64::from(self.per_minute) / 60.0);
        let now = Instant::now();
        let filled = |bucket: &Bucket| (bucket.left + now.duration_since(bucket.at).as_secs_f64() * each_second).min(most);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_CLIENTS && !buckets.contains_key(&client) {
            buckets.retain(|_, bucket| filled(bucket) < most);
            if buckets.len() >= MOST_CLIENTS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(client).or_insert(Bucket { left: most, at: now });
        (bucket.left, bucket.at) = (filled(bucket), now);
        if bucket.left < 1.0 {
            return Err(((1.0 - bucket.left) / each_second).ceil().max(1.0) as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// Who sends a request: the peer, or, behind so many trusted proxies, the address that the outermost of them saw. What stands
/// further left in X-Forwarded-For was written by the client and proves nothing. Neighbors in an IPv6 network of 64 bits
/// count as one client.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: usize) -> IpAddr {
    let forwarded = || {
        let values: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')).collect();
        let place = values.len().saturating_sub(trusted);
        address(values.get(place)?.trim())
    };
    let known = if trusted == 0 { peer } else { forwarded().unwrap_or(peer) };
    match known.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        four => four,
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    bare.unwrap_or(text).parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
}

/// A client that asks no more than it may.
pub struct Asker(());

impl FromRequestParts<Arc<Service>> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, ApiError> {
        if service.phase() != Phase::Running {
            return Err(ApiError::stopping());
        }
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0);
        service.limiter.take(client(peer, &parts.headers, service.settings.trusted_proxies)).map_err(|seconds| {
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "too many questions in a minute")
                .hint(format!("ask again in {seconds} s"))
                .retry_after(seconds)
        })?;
        Ok(Self(()))
    }
}

/// The right to have one answer made, given back when it is dropped. It is asked for once the whole request is there, so
/// that who sends slowly holds none.
pub struct Admission(#[allow(dead_code, reason = "held until the answer is made")] OwnedSemaphorePermit);

impl Admission {
    /// # Errors
    /// When as many answers are being made as may be.
    pub fn of(service: &Service) -> Result<Self, ApiError> {
        let permit = Arc::clone(&service.answers).try_acquire_owned();
        permit.map(Self).map_err(|_| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "too many answers are being made").retry_after(1))
    }
}
