//! One record inside a batch, in Kafka's own encoding (`DefaultRecord`, magic 2).
//!
//! ```text
//! length attributes timestampDelta offsetDelta keyLength key valueLength value headerCount (keyLength key valueLength value)*
//! varint int8       varlong        varint      varint -1=null ...                          varint
//! ```

use crate::base::{Offset, Timestamp};

/// A header of a record. Keys may repeat; a value may be null.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    pub key: String,
    pub value: Option<Vec<u8>>,
}

/// A record as read from a batch: bytes borrowed from it, nothing copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordView<'a> {
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub key: Option<&'a [u8]>,
    /// `None` is a tombstone; an empty value is not.
    pub value: Option<&'a [u8]>,
    /// Encoded headers, `header_count` of them.
    headers: &'a [u8],
    header_count: u32,
    /// Size in the batch, its length field included.
    pub size_bytes: u32,
}

impl RecordView<'_> {
    pub fn headers(&self) -> Vec<Header> {
        let mut reader = Reader { bytes: self.headers };
        let mut headers = Vec::new();
        for _ in 0..self.header_count {
            let Some((key, value)) = reader.header() else {
                break;
            };
            headers.push(Header { key: String::from_utf8_lossy(key).into_owned(), value: value.map(<[u8]>::to_vec) });
        }
        headers
    }

    pub fn header_count(&self) -> u32 {
        self.header_count
    }

    /// The key as text, where it is UTF-8.
    pub fn key_text(&self) -> Option<&str> {
        self.key.and_then(|key| std::str::from_utf8(key).ok())
    }

    /// The value as text, where it is UTF-8.
    pub fn value_text(&self) -> Option<&str> {
        self.value.and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// How many bytes a zigzag varint takes.
pub fn varint_size(value: i64) -> usize {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    (64 - (zigzag | 1).leading_zeros() as usize).div_ceil(7)
}

pub fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    if zigzag < 0x80 {
        return out.push(zigzag as u8);
    }
    let mut bytes = [0; 10];
    let mut count = 0;
    while zigzag >= 0x80 {
        bytes[count] = (zigzag as u8) | 0x80;
        zigzag >>= 7;
        count += 1;
    }
    bytes[count] = zigzag as u8;
    out.extend_from_slice(&bytes[..=count]);
}

fn optional_size(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => varint_size(bytes.len() as i64) + bytes.len(),
        None => 1,
    }
}

fn put_optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            put_varint(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
        None => put_varint(out, -1),
    }
}

/// Size of a record's body: all but its length field.
fn body_size(timestamp_delta: i64, offset_delta: i64, key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
    1 + varint_size(timestamp_delta)
        + varint_size(offset_delta)
        + optional_size(key)
        + optional_size(value)
        + varint_size(headers.len() as i64)
        + headers
            .iter()
            .map(|header| optional_size(Some(header.key.as_bytes())) + optional_size(header.value.as_deref()))
            .sum::<usize>()
}

/// Size of a record in a batch, its length field included (`DefaultRecord.sizeInBytes`).
pub fn record_size(timestamp_delta: i64, offset_delta: i64, key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
    let body = body_size(timestamp_delta, offset_delta, key, value, headers);
    varint_size(body as i64) + body
}

/// The most that one record can take in a batch besides key, value and headers (`DefaultRecord.MAX_RECORD_OVERHEAD`).
const MAX_RECORD_OVERHEAD: usize = 21;

/// Upper bound of a batch that holds this record alone (`DefaultRecordBatch.estimateBatchSizeUpperBound`).
pub fn batch_size_upper_bound(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
    let headers_size = varint_size(headers.len() as i64)
        + headers
            .iter()
            .map(|header| optional_size(Some(header.key.as_bytes())) + optional_size(header.value.as_deref()))
            .sum::<usize>();
    super::batch::BATCH_OVERHEAD + MAX_RECORD_OVERHEAD + optional_size(key) + optional_size(value) + headers_size
}

pub fn put_record(
    out: &mut Vec<u8>,
    timestamp_delta: i64,
    offset_delta: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header],
) {
    let size = body_size(timestamp_delta, offset_delta, key, value, headers);
    out.reserve(size + varint_size(size as i64));
    put_varint(out, size as i64);
    out.push(0);
    put_varint(out, timestamp_delta);
    put_varint(out, offset_delta);
    put_optional(out, key);
    put_optional(out, value);
    put_varint(out, headers.len() as i64);
    for header in headers {
        put_optional(out, Some(header.key.as_bytes()));
        put_optional(out, header.value.as_deref());
    }
}

/// Reads what `put_record` wrote. Every read is checked: broken bytes end the reading, they never panic.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<i64> {
        let mut zigzag = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            zigzag |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(((zigzag >> 1) as i64) ^ -((zigzag & 1) as i64));
            }
        }
        None
    }

    fn take(&mut self, length: i64) -> Option<&'a [u8]> {
        let length = usize::try_from(length).ok()?;
        if length > self.bytes.len() {
            return None;
        }
        let (taken, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        Some(taken)
    }

    fn optional(&mut self) -> Option<Option<&'a [u8]>> {
        match self.varint()? {
            -1 => Some(None),
            length => self.take(length).map(Some),
        }
    }

    fn header(&mut self) -> Option<(&'a [u8], Option<&'a [u8]>)> {
        Some((self.optional()??, self.optional()?))
    }

    pub(super) fn record(&mut self, base_offset: Offset, base_timestamp: Timestamp) -> Option<RecordView<'a>> {
        let before = self.bytes.len();
        let length = self.varint()?;
        let mut body = Reader { bytes: self.take(length)? };
        let size_bytes = (before - self.bytes.len()) as u32;
        body.byte()?;
        let timestamp = Timestamp(base_timestamp.0 + body.varint()?);
        let offset = base_offset.plus(body.varint()?);
        let key = body.optional()?;
        let value = body.optional()?;
        let header_count = u32::try_from(body.varint()?).ok()?;
        Some(RecordView { offset, timestamp, key, value, headers: body.bytes, header_count, size_bytes })
    }
}
