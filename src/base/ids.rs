//! Ids and offsets. Each is its own type, so that one is never taken for another.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub Rc<str>);

        // Most names that meet are copies of one: then the text need not be read.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if Rc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
            }
        }

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

number_id!(
    /// A broker's `node.id`. Brokers count from 1.
    BrokerId(i32)
);
number_id!(
    /// One client object (producer, consumer or admin) of one program. Never used again after its end.
    ClientId(u32)
);
number_id!(
    /// One run of a program. A program that is started again has a new id.
    ProgramId(u32)
);
number_id!(
    /// A place in a partition's log. Whether it names a record or the gap before one, its holder's name says:
    /// `position`, `high_watermark`, `log_end_offset` and `committed_offset` are all the *next* record's offset.
    Offset(i64)
);

impl Offset {
    pub const ZERO: Offset = Offset(0);

    pub fn plus(self, records: i64) -> Offset {
        Offset(self.0 + records)
    }
}

text_id!(
    /// A topic's name.
    TopicName
);
text_id!(
    /// A consumer group's id.
    GroupId
);
text_id!(
    /// A member's id in its group, as the coordinator made it.
    MemberId
);

impl BrokerId {
    /// Whose port this is; `port` has the other way.
    pub fn at_port(port: u16) -> Self {
        Self(i32::from(port) - 9091)
    }

    /// The port that it listens at: 9092 for broker 1.
    pub fn port(self) -> i32 {
        self.0.saturating_add(9091)
    }
}

/// A topic's id: a random UUID, written as Kafka writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TopicId(pub u128);

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use base64::Engine as _;
        f.write_str(&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.0.to_be_bytes()))
    }
}

/// One partition of one topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicPartition {
    pub topic: TopicName,
    pub partition: i32,
}

impl TopicPartition {
    pub fn new(topic: impl Into<TopicName>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

/// As Kafka writes it: `rides-1`.
impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
