//! Lives here: ids, offsets and times as newtypes, the seeded PRNG, the world's hasher, checksums, Java's hash order, patterns of names, a vector that is cheap to copy, sorted vectors as maps, maps by partition.
//! Never here: anything that knows what Kafka does.

pub mod chunked;
pub mod crc32c;
pub mod derived;
pub mod hash;
pub mod ids;
pub mod java;
pub mod partitions;
pub mod pattern;
pub mod prng;
pub mod sorted;
pub mod time;

pub use chunked::Chunked;
pub use derived::Derived;
pub use hash::WorldHasher;
pub use ids::{BrokerId, ClientId, GroupId, MemberId, Offset, ProgramId, TopicId, TopicName, TopicPartition};
pub use partitions::{Bits, PartitionMap, PartitionSet};
pub use pattern::Pattern;
pub use prng::Prng;
pub use sorted::{SortedMap, SortedSet, put_in_order, sort};
pub use time::{SimTime, Span, Timestamp};
