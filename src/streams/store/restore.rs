//! Stores from their changelogs: what each record of one does to a store (`StateRestoreCallback`).

use super::{Buffered, Side, Store, StoreSpec, WindowEntry};
use crate::streams::values::Raw;
use crate::streams::values::serde::Unreadable;
use crate::streams::values::value::{Record, Value, Window, Windowed};
use crate::streams::{Context, Serde};

impl Store {
    /// Applies one record of the store's changelog.
    ///
    /// # Errors
    /// A key or a value that this store does not write.
    pub fn restore(&mut self, spec: &StoreSpec, record: &Raw) -> Result<(), Unreadable> {
        let key = record.key.as_deref().ok_or("A record of a changelog has no key")?;
        let value = |bytes: &[u8]| spec.value.deserialize(bytes);
        match self {
            Self::KeyValue(store) => {
                let value = record.value.as_deref().map(value).transpose()?;
                store.put(key.to_vec(), value, record.timestamp);
            }
            Self::Window(store) => {
                let (rest, sequence) = last::<4>(key)?;
                let (key, start) = last::<8>(rest)?;
                let (start, sequence) = (i64::from_be_bytes(start), u32::from_be_bytes(sequence));
                store.count_sequence(sequence);
                match record.value.as_deref() {
                    Some(bytes) => {
                        let entry = WindowEntry {
                            key: spec.key.deserialize(key)?,
                            start,
                            value: value(bytes)?,
                            timestamp: record.timestamp,
                        };
                        store.put(key, sequence, entry);
                    }
                    None => store.remove(key, start, sequence),
                }
            }
            Self::Session(store) => {
                let (rest, start) = last::<8>(key)?;
                let (key, end) = last::<8>(rest)?;
                let window = Window { start: i64::from_be_bytes(start), end: i64::from_be_bytes(end) };
                match record.value.as_deref() {
                    Some(bytes) => {
                        store.put(key, Windowed { key: spec.key.deserialize(key)?, window }, value(bytes)?);
                    }
                    None => store.remove(key, window),
                }
            }
            Self::OuterJoin(store) => {
                store.remove(key);
                if let Some(bytes) = &record.value {
                    let (time, rest) = first::<8>(key)?;
                    let (side, plain) = first::<1>(rest)?;
                    let side = if side == [1] { Side::Left } else { Side::Right };
                    let plain = spec.key.deserialize(plain)?;
                    for bytes in listed(bytes)? {
                        // The first byte repeats the side.
                        let (_, bytes) = first::<1>(bytes)?;
                        store.add(key.to_vec(), &plain, i64::from_be_bytes(time), side, value(bytes)?);
                    }
                }
            }
            Self::Suppress(buffer) => {
                let held = record.value.as_deref().map(|bytes| buffered(&spec.key, &spec.value, key, bytes)).transpose()?;
                buffer.restore(key.to_vec(), held);
            }
        }
        Ok(())
    }
}

fn last<const N: usize>(bytes: &[u8]) -> Result<(&[u8], [u8; N]), Unreadable> {
    let (rest, last) = bytes.split_last_chunk::<N>().ok_or("A key of a changelog ends too early")?;
    Ok((rest, *last))
}

fn first<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), Unreadable> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or("A record of a changelog ends too early")?;
    Ok((*first, rest))
}

/// Bytes after their length; none where that is -1.
fn sized(bytes: &[u8]) -> Result<(Option<&[u8]>, &[u8]), Unreadable> {
    let (length, rest) = first::<4>(bytes)?;
    let length = i32::from_be_bytes(length);
    if length < 0 {
        return Ok((None, rest));
    }
    let (part, rest) = rest.split_at_checked(length as usize).ok_or("A record of a changelog ends too early")?;
    Ok((Some(part), rest))
}

/// The entries of a `ListSerializer`.
fn listed(bytes: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let (_, rest) = first::<1>(bytes)?;
    let (_, mut rest) = first::<4>(rest)?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (entry, after) = sized(rest)?;
        entries.extend(entry);
        rest = after;
    }
    Ok(entries)
}

/// A `BufferValue` with the time after it.
fn buffered(key_serde: &Serde, serde: &Serde, key: &[u8], bytes: &[u8]) -> Result<(i64, Buffered), Unreadable> {
    let (timestamp, rest) = first::<8>(bytes)?;
    let (offset, rest) = first::<8>(rest)?;
    let (topic, rest) = sized(rest)?;
    let (partition, rest) = first::<4>(rest)?;
    let (_, rest) = first::<4>(rest)?;
    let (prior, rest) = sized(rest)?;
    let (old, rest) =
        if rest.starts_with(&super::buffer::SAME_AS_PRIOR.to_be_bytes()) { (prior, &rest[4..]) } else { sized(rest)? };
    let (new, rest) = sized(rest)?;
    let (time, _) = first::<8>(rest)?;
    let value =
        |bytes: Option<&[u8]>| -> Result<Option<Value>, Unreadable> { bytes.map(|bytes| serde.deserialize(bytes)).transpose() };
    let timestamp = i64::from_be_bytes(timestamp);
    let context = Context {
        topic: String::from_utf8_lossy(topic.unwrap_or_default()).into(),
        partition: i32::from_be_bytes(partition),
        offset: i64::from_be_bytes(offset),
        timestamp,
        now: 0,
    };
    let change = Record { key: Some(key_serde.deserialize(key)?), value: value(new)?, old: value(old)?, timestamp };
    Ok((i64::from_be_bytes(time), Buffered { prior: value(prior)?, change, context }))
}
