//! A record batch (`DefaultRecordBatch`, magic 2): the unit of writing, replication and reading.
//!
//! Its records are encoded once, by the producer, and shared from then on: by every replica and every fetch.
//! The broker sets `base_offset` and `partition_leader_epoch`, which lie outside the checksum, as in Kafka.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::record::{Header, Reader, RecordView, put_record, record_size};
use crate::base::{Offset, Timestamp, crc32c};

/// Bytes of a batch before its first record, offset and length fields included.
pub const BATCH_OVERHEAD: usize = 61;

/// The bit of the attributes that says whose time the timestamps are: the producer's, or the broker's.
pub const LOG_APPEND_TIME: i16 = 0x08;

/// No producer id, epoch or sequence: the batch is not idempotent.
pub const NO_PRODUCER_ID: i64 = -1;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    pub base_offset: Offset,
    pub partition_leader_epoch: i32,
    /// Bits of Kafka's attributes field: compression 0–2, timestamp type 3, transactional 4, control 5.
    pub attributes: i16,
    pub last_offset_delta: i32,
    pub base_timestamp: Timestamp,
    pub max_timestamp: Timestamp,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub record_count: i32,
    /// CRC-32C over everything from the attributes on, as on the wire.
    pub crc: u32,
    records: Rc<[u8]>,
}

impl Batch {
    pub fn last_offset(&self) -> Offset {
        self.base_offset.plus(self.last_offset_delta.into())
    }

    /// One past the last record: where the next batch begins.
    pub fn next_offset(&self) -> Offset {
        self.last_offset().plus(1)
    }

    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 { self.base_sequence } else { self.base_sequence.wrapping_add(self.last_offset_delta) & i32::MAX }
    }

    /// Size on disk: header and records.
    pub fn size_bytes(&self) -> u64 {
        (BATCH_OVERHEAD + self.records.len()) as u64
    }

    pub fn is_control(&self) -> bool {
        self.attributes & 0x20 != 0
    }

    /// The broker's stamp on a batch that it appends. Records and checksum stay as the producer made them.
    pub fn placed(&self, base_offset: Offset, partition_leader_epoch: i32) -> Batch {
        Batch { base_offset, partition_leader_epoch, ..self.clone() }
    }

    /// The same records under another producer id, epoch and sequence.
    pub fn with_producer(&self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> Batch {
        let mut batch = Batch { producer_id, producer_epoch, base_sequence, ..self.clone() };
        batch.crc = checksum(&batch);
        batch
    }

    /// `message.timestamp.type=LogAppendTime`: the time of the append counts for every record. The records' bytes stay as
    /// they are, with the producer's times in them.
    pub fn stamp(&mut self, log_append_time: Timestamp) {
        self.attributes |= LOG_APPEND_TIME;
        self.max_timestamp = log_append_time;
        self.crc = checksum(self);
    }

    /// All records, in order. Stops early if the bytes are broken.
    pub fn records(&self) -> impl Iterator<Item = RecordView<'_>> {
        let mut reader = Reader { bytes: &self.records };
        let (base_offset, base_timestamp) = (self.base_offset, self.base_timestamp);
        let stamped = (self.attributes & LOG_APPEND_TIME != 0).then_some(self.max_timestamp);
        (0..self.record_count).map_while(move |_| {
            let mut record = reader.record(base_offset, base_timestamp)?;
            record.timestamp = stamped.unwrap_or(record.timestamp);
            Some(record)
        })
    }

    /// Does the checksum fit the content?
    pub fn is_valid(&self) -> bool {
        self.crc == checksum(self)
    }
}

/// The checksum covers the content, and content is what a hash is for: hashing the bytes again would add nothing.
impl Hash for Batch {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.base_offset, self.partition_leader_epoch, self.record_count, self.crc, self.records.len() as u64).hash(state);
    }
}

fn checksum(batch: &Batch) -> u32 {
    let mut head = [0u8; 40];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        head[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(&batch.attributes.to_be_bytes());
    put(&batch.last_offset_delta.to_be_bytes());
    put(&batch.base_timestamp.0.to_be_bytes());
    put(&batch.max_timestamp.0.to_be_bytes());
    put(&batch.producer_id.to_be_bytes());
    put(&batch.producer_epoch.to_be_bytes());
    put(&batch.base_sequence.to_be_bytes());
    put(&batch.record_count.to_be_bytes());
    crc32c::append(crc32c::append(0, &head), &batch.records)
}

/// A batch that is being filled.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BatchBuilder {
    base_timestamp: Timestamp,
    max_timestamp: Timestamp,
    record_count: i32,
    records: Vec<u8>,
}

impl BatchBuilder {
    /// `capacity` bytes are set aside for the records; the batch can grow beyond them.
    pub fn new(capacity: usize) -> Self {
        Self { base_timestamp: Timestamp(-1), max_timestamp: Timestamp(-1), record_count: 0, records: Vec::with_capacity(capacity) }
    }

    pub fn push(&mut self, timestamp: Timestamp, key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) {
        if self.record_count == 0 {
            self.base_timestamp = timestamp;
            self.max_timestamp = timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(timestamp);
        put_record(&mut self.records, timestamp.0 - self.base_timestamp.0, self.record_count.into(), key, value, headers);
        self.record_count += 1;
    }

    /// What the batch would weigh with this record in it.
    pub fn size_with(&self, timestamp: Timestamp, key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
        let delta = if self.record_count == 0 { 0 } else { timestamp.0 - self.base_timestamp.0 };
        self.size_bytes() + record_size(delta, self.record_count.into(), key, value, headers)
    }

    pub fn size_bytes(&self) -> usize {
        BATCH_OVERHEAD + self.records.len()
    }

    pub fn record_count(&self) -> i32 {
        self.record_count
    }

    pub fn is_empty(&self) -> bool {
        self.record_count == 0
    }

    /// The finished batch, its offsets still counted from 0.
    pub fn build(self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> Batch {
        let mut batch = Batch {
            base_offset: Offset::ZERO,
            partition_leader_epoch: -1,
            attributes: 0,
            last_offset_delta: self.record_count - 1,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id,
            producer_epoch,
            base_sequence,
            record_count: self.record_count,
            crc: 0,
            records: self.records.into(),
        };
        batch.crc = checksum(&batch);
        batch
    }

    /// A batch of one record without a producer id, as the broker's own coordinators write it.
    pub fn single(timestamp: Timestamp, key: Option<&[u8]>, value: Option<&[u8]>) -> Batch {
        let mut builder = BatchBuilder::new(0);
        builder.push(timestamp, key, value, &[]);
        builder.build(NO_PRODUCER_ID, -1, -1)
    }
}
