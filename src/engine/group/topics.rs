//! The topics that a group of the consumer protocol or a share group reads, as its coordinator saw them last, and the hash
//! that its records keep of them (`org.apache.kafka.coordinator.group.Utils`).

use xxhash_rust::xxh3::xxh3_64;

use crate::base::{SortedMap, TopicId, TopicName, sort};
use crate::engine::metadata::Cluster;

/// What a group remembers of a topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TopicMetadata {
    pub topic_id: TopicId,
    pub partition_count: i32,
    /// Of each partition the racks of its replicas, sorted; empty where no broker tells its rack.
    pub racks: Vec<Vec<String>>,
}

/// The topics that a group reads and that exist.
pub type Topics = SortedMap<TopicName, TopicMetadata>;

impl TopicMetadata {
    /// A topic as the cluster's metadata has it; `None` for one that does not exist.
    pub fn of(cluster: &Cluster, name: &TopicName) -> Option<Self> {
        let topic = cluster.topic(name.as_str())?;
        let known = cluster.racks_of(&cluster.broker_ids);
        let racks = topic.partitions.iter().filter(|_| !known.is_empty()).map(|partition| {
            let mut racks: Vec<String> = partition.replicas.iter().filter_map(|broker| known.get(broker).cloned()).collect();
            sort(&mut racks);
            racks
        });
        Some(Self { topic_id: topic.topic_id, partition_count: topic.partitions.len() as i32, racks: racks.collect() })
    }

    /// `Utils.computeTopicHash`: XXH3 of the id, the name, and each partition with its racks.
    pub fn hash(&self, name: &str) -> i64 {
        let mut bytes = vec![0];
        for half in [(self.topic_id.0 >> 64) as u64, self.topic_id.0 as u64] {
            bytes.extend(half.to_le_bytes());
        }
        put_string(&mut bytes, name);
        bytes.extend(self.partition_count.to_le_bytes());
        for partition in 0..self.partition_count {
            bytes.extend(partition.to_le_bytes());
            for rack in self.racks.get(partition as usize).into_iter().flatten() {
                bytes.extend((rack.encode_utf16().count() as i32).to_le_bytes());
                put_string(&mut bytes, rack);
            }
        }
        xxh3_64(&bytes) as i64
    }
}

/// A string as `HashStream.putString` takes it in: its UTF-16, and how much that is.
fn put_string(bytes: &mut Vec<u8>, text: &str) {
    text.encode_utf16().for_each(|unit| bytes.extend(unit.to_le_bytes()));
    bytes.extend((text.encode_utf16().count() as i32).to_le_bytes());
}

/// `Utils.computeGroupHash`: XXH3 of the topics' hashes, by name; 0 without topics.
pub fn group_hash(topics: &Topics) -> i64 {
    if topics.is_empty() {
        return 0;
    }
    let bytes: Vec<u8> = topics.iter().flat_map(|(name, topic)| topic.hash(name.as_str()).to_le_bytes()).collect();
    xxh3_64(&bytes) as i64
}
