//! Settings of a producer (`ProducerConfig`).

use crate::base::BrokerId;

/// `acks`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Acks {
    None,
    Leader,
    All,
}

impl Acks {
    pub fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// `partitioner.class`: what finds the partition of a record that names none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Partitioner {
    #[default]
    BuiltIn,
    RoundRobin,
}

/// Settings of a producer, with Kafka's defaults.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducerConfig {
    pub client_id: String,
    /// `bootstrap.servers`; none stands for all brokers.
    pub bootstrap_servers: Vec<BrokerId>,
    pub acks: Acks,
    pub batch_size: usize,
    pub linger_ms: u64,
    pub max_in_flight: usize,
    /// On by default; of no effect unless acks is all.
    pub enable_idempotence: bool,
    pub max_request_size: u64,
    pub max_block_ms: u64,
    pub buffer_memory: u64,
    pub request_timeout_ms: u64,
    pub delivery_timeout_ms: u64,
    pub retry_backoff_ms: u64,
    pub retries: u32,
    pub metadata_max_age_ms: u64,
    pub partitioner: Partitioner,
    /// `partitioner.adaptive.partitioning.enable`; this and the next ones count for the built-in partitioner alone.
    pub adaptive_partitioning: bool,
    pub partitioner_ignore_keys: bool,
    pub partitioner_availability_timeout_ms: u64,
    pub partitioner_rack_aware: bool,
    /// `client.rack`; empty for none.
    pub client_rack: String,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            bootstrap_servers: Vec::new(),
            acks: Acks::All,
            batch_size: 16_384,
            linger_ms: 5,
            max_in_flight: 5,
            enable_idempotence: true,
            max_request_size: 1_048_576,
            max_block_ms: 60_000,
            buffer_memory: 32 << 20,
            request_timeout_ms: 30_000,
            delivery_timeout_ms: 120_000,
            retry_backoff_ms: 100,
            retries: i32::MAX as u32,
            metadata_max_age_ms: 300_000,
            partitioner: Partitioner::BuiltIn,
            adaptive_partitioning: true,
            partitioner_ignore_keys: false,
            partitioner_availability_timeout_ms: 0,
            partitioner_rack_aware: false,
            client_rack: String::new(),
        }
    }
}
