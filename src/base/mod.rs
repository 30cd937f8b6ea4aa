//! Lives here: ids, offsets and times as newtypes, the seeded PRNG, the world's hasher, a vector that is cheap to copy.
//! Never here: anything that knows what Kafka does.

pub mod chunked;
pub mod hash;
pub mod ids;
pub mod prng;
pub mod time;

pub use chunked::Chunked;
pub use hash::WorldHasher;
pub use ids::{BrokerId, ClientId, GroupId, MemberId, Offset, ProgramId, TopicId, TopicName, TopicPartition};
pub use prng::Prng;
pub use time::{SimTime, Span, Timestamp};
