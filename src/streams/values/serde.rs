//! How keys and values become bytes, and come back.

use super::json;
use super::value::{Instruction, Response, Subscription, Value, Window};
use std::rc::Rc;

/// `Serdes` of Kafka, and those that Streams makes of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Serde {
    /// `Serdes.String()`
    Text,
    /// `Serdes.Long()`: eight bytes, the highest first.
    Long,
    /// JSON, read into rows.
    Json,
    /// `TimeWindowedSerde`: the key and the start. The size of the windows is not in the bytes.
    TimeWindowed(Rc<Serde>, i64),
    /// `SessionWindowedSerde`: the key, the end and the start.
    SessionWindowed(Rc<Serde>),
    /// `SubscriptionWrapperSerde`, of the primary key's.
    Subscription(Rc<Serde>),
    /// `SubscriptionResponseWrapperSerde`, of the foreign value's.
    Response(Rc<Serde>),
}

/// What could not be read, as the words of an exception.
pub type Unreadable = String;

impl Serde {
    /// A value of another type than the serde's is written as what it looks like (a number as its digits).
    pub fn serialize(&self, value: &Value) -> Vec<u8> {
        match (self, value) {
            (Self::Long, Value::Long(number)) => number.to_be_bytes().to_vec(),
            (Self::Json, value) => json::write(value).into_bytes(),
            (Self::TimeWindowed(inner, _), Value::Windowed(windowed)) => {
                let mut bytes = inner.serialize(&windowed.key);
                bytes.extend(windowed.window.start.to_be_bytes());
                bytes
            }
            (Self::SessionWindowed(inner), Value::Windowed(windowed)) => {
                let mut bytes = inner.serialize(&windowed.key);
                bytes.extend(windowed.window.end.to_be_bytes());
                bytes.extend(windowed.window.start.to_be_bytes());
                bytes
            }
            (Self::Subscription(inner), Value::Subscription(subscription)) => write_subscription(inner, subscription),
            (Self::Response(inner), Value::Response(response)) => {
                let mut bytes = vec![if response.hash.is_some() { 0 } else { 0x80 }];
                response.hash.iter().flatten().for_each(|half| bytes.extend(half.to_be_bytes()));
                response.foreign_value.iter().for_each(|value| bytes.extend(inner.serialize(value)));
                bytes
            }
            (_, Value::Text(text)) => text.as_bytes().to_vec(),
            (_, value) => json::write(value).into_bytes(),
        }
    }

    /// # Errors
    /// What the deserializer of this kind says of bytes that are none of its own.
    pub fn deserialize(&self, bytes: &[u8]) -> Result<Value, Unreadable> {
        match self {
            Self::Text => Ok(Value::Text(String::from_utf8_lossy(bytes).into())),
            Self::Long => match bytes.try_into() {
                Ok(bytes) => Ok(Value::Long(i64::from_be_bytes(bytes))),
                Err(_) => Err("Size of data received by LongDeserializer is not 8".into()),
            },
            Self::Json => match std::str::from_utf8(bytes).ok().and_then(json::parse) {
                Some(value) => Ok(value),
                None => Err("The value is no JSON".into()),
            },
            Self::TimeWindowed(inner, size) => {
                let (key, start) = split_long(bytes)?;
                Ok(Value::windowed(inner.deserialize(key)?, Window { start, end: start.saturating_add(*size) }))
            }
            Self::SessionWindowed(inner) => {
                let (rest, start) = split_long(bytes)?;
                let (key, end) = split_long(rest)?;
                Ok(Value::windowed(inner.deserialize(key)?, Window { start, end }))
            }
            Self::Subscription(inner) => read_subscription(inner, bytes),
            Self::Response(inner) => {
                let (hash, rest) = split_hash(bytes, 1)?;
                let foreign_value = if rest.is_empty() { None } else { Some(inner.deserialize(rest)?) };
                Ok(Value::Response(Rc::new(Response { hash, foreign_value, primary_partition: None })))
            }
        }
    }

    /// The serde of the key inside a windowed one.
    pub fn inner(&self) -> &Self {
        match self {
            Self::TimeWindowed(inner, _) | Self::SessionWindowed(inner) => inner,
            plain => plain,
        }
    }
}

/// The bytes that decide on the partition of a key: `WindowedStreamPartitioner` leaves the window out.
pub fn partition_bytes(serde: &Serde, key: &Value) -> Vec<u8> {
    match key {
        Value::Windowed(windowed) => serde.inner().serialize(&windowed.key),
        key => serde.serialize(key),
    }
}

/// `ChangedSerializer`: a table's new value, its old one, or both, told apart by the last byte. `None` where there is neither.
pub fn serialize_change(serde: &Serde, new: Option<&Value>, old: Option<&Value>) -> Option<Vec<u8>> {
    let bytes = match (new, old) {
        (Some(new), Some(old)) => {
            let new = serde.serialize(new);
            let mut bytes = Vec::new();
            // A zigzag varint of the length, as in records.
            let mut length = (new.len() as u64) << 1;
            while length >= 0x80 {
                bytes.push(length as u8 | 0x80);
                length >>= 7;
            }
            bytes.push(length as u8);
            bytes.extend(new);
            bytes.extend(serde.serialize(old));
            bytes.push(2);
            bytes
        }
        (Some(new), None) => [serde.serialize(new), vec![1]].concat(),
        (None, Some(old)) => [serde.serialize(old), vec![0]].concat(),
        (None, None) => return None,
    };
    Some(bytes)
}

/// `ChangedDeserializer`: the new value and the old one.
///
/// # Errors
/// What the serde says of either, and bytes that no serializer of changes writes.
pub fn deserialize_change(serde: &Serde, bytes: &[u8]) -> Result<(Option<Value>, Option<Value>), Unreadable> {
    let unknown = || Unreadable::from("Encountered unknown byte value in the value of a change");
    let (flag, data) = bytes.split_last().ok_or_else(unknown)?;
    match flag {
        0 => Ok((None, Some(serde.deserialize(data)?))),
        1 => Ok((Some(serde.deserialize(data)?), None)),
        2 => {
            let mut length = 0u64;
            let mut at = 0;
            loop {
                let byte = *data.get(at).filter(|_| at < 9).ok_or_else(unknown)?;
                length |= u64::from(byte & 0x7f) << (7 * at);
                at += 1;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let end = usize::try_from(length >> 1).ok().and_then(|length| length.checked_add(at)).ok_or_else(unknown)?;
            let new = data.get(at..end).ok_or_else(unknown)?;
            Ok((Some(serde.deserialize(new)?), Some(serde.deserialize(&data[end..])?)))
        }
        _ => Err(unknown()),
    }
}

fn write_subscription(inner: &Serde, subscription: &Subscription) -> Vec<u8> {
    let version = 1;
    let mut bytes = vec![if subscription.hash.is_some() { version } else { version | 0x80 }, subscription.instruction.number()];
    subscription.hash.iter().flatten().for_each(|half| bytes.extend(half.to_be_bytes()));
    bytes.extend(inner.serialize(&subscription.primary_key));
    bytes.extend(subscription.primary_partition.to_be_bytes());
    bytes
}

fn read_subscription(inner: &Serde, bytes: &[u8]) -> Result<Value, Unreadable> {
    let instruction = bytes.get(1).copied().and_then(Instruction::of).ok_or("No such instruction of a subscription")?;
    let (hash, rest) = split_hash(bytes, 2)?;
    let (key, partition) = rest.split_last_chunk().ok_or("A subscription ends too early")?;
    let primary_key = inner.deserialize(key)?;
    let primary_partition = i32::from_be_bytes(*partition);
    Ok(Value::Subscription(Rc::new(Subscription { hash, instruction, primary_key, primary_partition })))
}

impl Instruction {
    fn number(self) -> u8 {
        match self {
            Self::DeleteKeyNoPropagate => 0,
            Self::DeleteKeyAndPropagate => 1,
            Self::PropagateNullIfNoForeignValue => 2,
            Self::PropagateOnlyIfForeignValue => 3,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [
            Self::DeleteKeyNoPropagate,
            Self::DeleteKeyAndPropagate,
            Self::PropagateNullIfNoForeignValue,
            Self::PropagateOnlyIfForeignValue,
        ]
        .into_iter()
        .find(|instruction| instruction.number() == number)
    }
}

/// The hash after a head of some bytes, whose first bit says that there is none; and what comes after it.
fn split_hash(bytes: &[u8], head: usize) -> Result<(Option<[u64; 2]>, &[u8]), Unreadable> {
    let early = || Unreadable::from("A message of a foreign-key join ends too early");
    let rest = bytes.get(head..).ok_or_else(early)?;
    if bytes[0] & 0x80 != 0 {
        return Ok((None, rest));
    }
    let (first, rest) = rest.split_first_chunk().ok_or_else(early)?;
    let (second, rest) = rest.split_first_chunk().ok_or_else(early)?;
    Ok((Some([u64::from_be_bytes(*first), u64::from_be_bytes(*second)]), rest))
}

/// What comes before the last eight bytes, and these as a number.
fn split_long(bytes: &[u8]) -> Result<(&[u8], i64), Unreadable> {
    let (rest, long) = bytes.split_last_chunk().ok_or("A windowed key ends too early")?;
    Ok((rest, i64::from_be_bytes(*long)))
}
