//! Answers as they lie in the store: compressed, since JSON shrinks to half for a few microseconds.

use std::sync::Arc;

/// More than any answer has.
const LARGEST: usize = 64 << 20;

/// Compresses.
pub fn pack(answer: &str) -> Vec<u8> {
    lz4_flex::compress_prepend_size(answer.as_bytes())
}

/// Gives back what was compressed; `None` when it is damaged.
pub fn unpack(packed: &[u8]) -> Option<Arc<str>> {
    let size = u32::from_le_bytes(*packed.first_chunk()?);
    if usize::try_from(size).ok()? > LARGEST {
        return None;
    }
    let bytes = lz4_flex::decompress_size_prepended(packed).ok()?;
    Some(std::str::from_utf8(&bytes).ok()?.into())
}
