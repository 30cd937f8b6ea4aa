//! The operators of Kafka Streams, as data. Each name is followed by the class of Kafka that it stands for.

use crate::streams::{Expression, Serde, Value, store::Side};
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Operator {
    /// `SourceNode`
    Source { topics: Vec<Rc<str>>, key: Serde, value: Serde, changes: bool, extractor: Extractor },
    /// `SinkNode`. A topic that is internal gets the application's id before its name.
    Sink { topic: Rc<str>, internal: bool, key: Serde, value: Serde, changes: bool },
    /// `PassThrough`
    PassThrough,
    /// The filter before a repartition topic: a record without a key belongs to no partition. Not counted as dropped.
    DropNullKeys,
    /// `KStreamFilter`
    Filter { test: Expression, not: bool },
    /// `KStreamMap`, `KStreamMapValues`: what is not given stays.
    Map { key: Option<Expression>, value: Option<Expression> },
    /// `KStreamFlatMap`, `KStreamFlatMapValues`: a record for each element of a list.
    FlatMap { elements: Expression, key: Option<Expression>, value: Expression },
    /// `KStreamBranch`: to the first child whose test holds; to the one after the last test, if there is one, where none does.
    Branch { tests: Vec<Expression> },
    /// A processor that passes records on, and sends one each time that its punctuation is due.
    Punctuate { interval_ms: i64, by: Punctuation, key: Expression, value: Expression },
    /// `KTable#toStream`
    ToStream,
    /// `KStreamAggregate`, `KStreamReduce`
    Aggregate { store: usize, by: Aggregator, old: bool },
    /// `KStreamWindowAggregate`
    WindowAggregate { store: usize, size_ms: i64, advance_ms: i64, grace_ms: i64, on_close: bool, by: Aggregator, old: bool },
    /// `KStreamSlidingWindowAggregate`
    SlidingAggregate { store: usize, difference_ms: i64, grace_ms: i64, on_close: bool, by: Aggregator, old: bool },
    /// `KStreamSessionWindowAggregate`
    SessionAggregate { store: usize, gap_ms: i64, grace_ms: i64, on_close: bool, by: Aggregator, old: bool },
    /// `KTableSource`
    TableSource { store: Option<usize>, old: bool },
    /// `KTableFilter`
    TableFilter { test: Expression, not: bool, store: Option<usize>, old: bool },
    /// `KTableMapValues`
    TableMap { value: Expression, store: Option<usize>, old: bool },
    /// `KTableRepartitionMap`
    TableGroup { key: Expression, value: Expression },
    /// `KTableAggregate`, and `KTableReduce` where there is no first value.
    TableAggregate { store: usize, by: Aggregator, old: bool },
    /// `KTableKTableInnerJoin`, `…LeftJoin`, `…RightJoin`, `…OuterJoin`: one side of a join of tables.
    TableJoin { side: Side, kind: JoinKind, other: Getter, joiner: Expression, old: bool },
    /// `KTableKTableJoinMerger`
    TableMerge { store: Option<usize>, old: bool },
    /// `KStreamJoinWindow`: keeps a record for the other side.
    JoinWindow { store: usize },
    /// `KStreamKStreamJoin`
    StreamJoin(StreamJoin),
    /// `KStreamKTableJoin`, and `KStreamGlobalKTableJoin` where a key is chosen.
    StreamTableJoin { table: Getter, key: Option<Expression>, key_serde: Serde, joiner: Expression, left: bool },
    /// `KTableSuppressProcessor`. Final results are buffered by the end of their window, others by their time; above
    /// `max_records` the earliest go out at once.
    Suppress { store: usize, wait_ms: i64, r#final: bool, max_records: Option<usize> },
    /// `SubscriptionSendProcessorSupplier`
    SubscriptionSend { foreign_key: Expression, foreign_serde: Serde, value: Serde, left: bool },
    /// `SubscriptionReceiveProcessorSupplier`
    SubscriptionReceive { store: usize, foreign_serde: Serde, primary_serde: Serde },
    /// `SubscriptionJoinProcessorSupplier`
    SubscriptionJoin { table: Getter, key: Serde },
    /// `ForeignTableJoinProcessorSupplier`
    ForeignTableJoin { store: usize, foreign_serde: Serde },
    /// `ResponseJoinProcessorSupplier`
    ResponseJoin { table: Getter, key: Serde, value: Serde, joiner: Expression, left: bool },
}

/// `TimestampExtractor`: what becomes of a record whose timestamp is below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extractor {
    /// `FailOnInvalidTimestamp`
    #[default]
    Fail,
    /// `LogAndSkipOnInvalidTimestamp`
    Skip,
    /// `UsePartitionTimeOnInvalidTimestamp`
    PartitionTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Punctuation {
    StreamTime,
    WallClock,
}

/// How one value is made of many. The aggregate so far is `Expression::Other`, a record's value `Expression::Value`.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Aggregator {
    /// Null where the first value is taken as it is (`reduce`).
    pub initial: Value,
    pub add: Expression,
    /// For the old row of a table.
    pub subtract: Option<Expression>,
    /// Two sessions that become one: `Other` is what has been merged, `Value` the session that comes to it.
    pub merge: Option<Expression>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    Inner,
    Left,
    Outer,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct StreamJoin {
    pub side: Side,
    /// Whether a record of this side comes out without a partner too.
    pub outer: bool,
    /// The other side's records.
    pub other_store: usize,
    /// The records of both sides that have no partner yet. There is one if either side is outer.
    pub outer_store: Option<usize>,
    /// How far before and after a record of the left side one of the right side may be.
    pub before_ms: i64,
    pub after_ms: i64,
    pub grace_ms: i64,
    /// The left side is `Value`, the right one `Other`.
    pub joiner: Expression,
    /// The node of the left side, whose clock both share.
    pub clock: usize,
}

/// Where the current row of a table is found (`KTableValueGetter`).
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Getter {
    Store(usize),
    Window(usize),
    Session(usize),
    Filter {
        of: Box<Getter>,
        test: Expression,
        not: bool,
    },
    Map {
        of: Box<Getter>,
        value: Expression,
    },
    Join {
        kind: JoinKind,
        left: Box<Getter>,
        right: Box<Getter>,
        joiner: Expression,
    },
    /// What a suppressed table has sent so far.
    Suppress {
        buffer: usize,
        of: Box<Getter>,
    },
}

impl Aggregator {
    pub fn count() -> Self {
        let one = |arithmetic| Expression::Other.compute(arithmetic, Expression::Literal(Value::Long(1)));
        let both = Expression::Other.compute(crate::streams::values::expression::Arithmetic::Add, Expression::Value);
        use crate::streams::values::expression::Arithmetic::{Add, Subtract};
        Self { initial: Value::Long(0), add: one(Add), subtract: Some(one(Subtract)), merge: Some(both) }
    }

    /// The sum of whole numbers.
    pub fn sum(of: Expression) -> Self {
        use crate::streams::values::expression::Arithmetic::{Add, Subtract};
        let (add, subtract) = (Expression::Other.compute(Add, of.clone()), Expression::Other.compute(Subtract, of));
        let both = Expression::Other.compute(Add, Expression::Value);
        Self { initial: Value::Long(0), add, subtract: Some(subtract), merge: Some(both) }
    }

    /// The first value as it is; then what an expression makes of the aggregate (`Other`) and the next value.
    pub fn reduce(by: Expression, subtract: Option<Expression>) -> Self {
        let first = (Expression::IsNull(Box::new(Expression::Other)), Expression::Value);
        let add = Expression::Case(vec![first], Box::new(by));
        Self { initial: Value::Null, merge: Some(add.clone()), add, subtract }
    }
}
