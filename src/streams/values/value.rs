//! What flows through a topology: records, and the values in them.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A key or a value, as an operator sees it. In stores and topics it is bytes, by its `Serde`.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, inside a row or a list, and as the result of an expression. A record without a value has `None`.
    Null,
    Bool(bool),
    Long(i64),
    Double(f64),
    Text(Rc<str>),
    List(Rc<[Value]>),
    /// A JSON object, its fields in the order in which they were written.
    Row(Rc<[(Rc<str>, Value)]>),
    /// The key of a windowed result.
    Windowed(Rc<Windowed>),
    /// What a foreign-key join sends to the other table's tasks, and what comes back.
    Subscription(Rc<Subscription>),
    Response(Rc<Response>),
    /// A foreign key with the primary key that subscribed to it (`CombinedKey`).
    Combined(Rc<(Option<Value>, Value)>),
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Windowed {
    pub key: Value,
    pub window: Window,
}

/// In milliseconds. The end belongs to sliding and session windows, and does not to tumbling and hopping ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    pub start: i64,
    pub end: i64,
}

/// `SubscriptionWrapper`: what a row of the left table tells the right one.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Subscription {
    /// Of the left value: an answer to an older one is dropped. `None` for a deleted row.
    pub hash: Option<[u64; 2]>,
    pub instruction: Instruction,
    pub primary_key: Value,
    pub primary_partition: i32,
}

/// `SubscriptionWrapper.Instruction`, by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    DeleteKeyNoPropagate,
    DeleteKeyAndPropagate,
    PropagateNullIfNoForeignValue,
    PropagateOnlyIfForeignValue,
}

/// `SubscriptionResponseWrapper`.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Response {
    pub hash: Option<[u64; 2]>,
    pub foreign_value: Option<Value>,
    /// Where the answer goes. It does not travel with it.
    pub primary_partition: Option<i32>,
}

/// A record on its way through a topology.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Record {
    pub key: Option<Value>,
    /// `None`: a tombstone.
    pub value: Option<Value>,
    /// What a table's row was before (`Change.oldValue`), if the next operators asked for it.
    pub old: Option<Value>,
    /// In milliseconds.
    pub timestamp: i64,
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// `None` for `Null`, as the value of a record.
    pub fn present(self) -> Option<Self> {
        (!matches!(self, Self::Null)).then_some(self)
    }

    /// The field of a row. `None` where there is no such field, or no row.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Row(fields) = self else { return None };
        // The last one counts, as it does for a JSON reader.
        fields.iter().rev().find(|(field, _)| &**field == name).map(|(_, value)| value)
    }

    pub fn windowed(key: Self, window: Window) -> Self {
        Self::Windowed(Rc::new(Windowed { key, window }))
    }
}

/// Doubles are equal if their bits are, as `Double.equals` has it: what is in a store has to be equal to itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Long(one), Self::Long(two)) => one == two,
            (Self::Double(one), Self::Double(two)) => one.to_bits() == two.to_bits(),
            (Self::Text(one), Self::Text(two)) => one == two,
            (Self::List(one), Self::List(two)) => one == two,
            (Self::Row(one), Self::Row(two)) => one == two,
            (Self::Windowed(one), Self::Windowed(two)) => one == two,
            (Self::Subscription(one), Self::Subscription(two)) => one == two,
            (Self::Response(one), Self::Response(two)) => one == two,
            (Self::Combined(one), Self::Combined(two)) => one == two,
            _ => false,
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Long(value) => value.hash(state),
            Self::Double(value) => value.to_bits().hash(state),
            Self::Text(value) => value.hash(state),
            Self::List(value) => value.hash(state),
            Self::Row(value) => value.hash(state),
            Self::Windowed(value) => value.hash(state),
            Self::Subscription(value) => value.hash(state),
            Self::Response(value) => value.hash(state),
            Self::Combined(value) => value.hash(state),
        }
    }
}

impl Record {
    pub fn with_key(&self, key: Option<Value>) -> Self {
        Self { key, ..self.clone() }
    }

    /// A record of a stream: no old value.
    pub fn with_value(&self, value: Option<Value>) -> Self {
        Self { key: self.key.clone(), value, old: None, timestamp: self.timestamp }
    }
}
