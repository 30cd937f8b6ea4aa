//! What operators give to the producer.

/// What a task gives to its producer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    Record {
        /// The node that sends it, which says to which topic.
        sink: usize,
        key: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        timestamp: i64,
        /// What decides on the partition, where that is not the whole key.
        partition_key: Option<Vec<u8>>,
        /// A partition that is given: the answer of a foreign-key join goes back to where the question came from.
        partition: Option<i32>,
    },
    Changelog {
        store: usize,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        /// `None`: the producer's clock.
        timestamp: Option<i64>,
    },
}
