//! Statements, as trees.

use super::expr::{DataType, Expr, Literal, Name};
use super::span::Span;

#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    Create(Box<Create>),
    Insert { into: Name, select: Box<Select> },
    Select(Box<Select>),
    Drop(DropSource),
    Terminate(Which),
    Pause(Which),
    Resume(Which),
    Show(Show),
    Describe(Name),
    Explain(Explain),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SourceKind {
    Stream,
    Table,
}

impl SourceKind {
    /// In a sentence.
    pub fn word(self) -> &'static str {
        if self == Self::Stream { "stream" } else { "table" }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Create {
    pub kind: SourceKind,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub name: Name,
    /// No name twice; empty only for a query.
    pub properties: Vec<Property>,
    pub body: CreateBody,
}

#[derive(Clone, PartialEq, Debug)]
pub enum CreateBody {
    /// A topic that is there, or is made. Without columns the fields are those that the records have.
    Declared(Vec<Column>),
    Query(Box<Select>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    pub name: Name,
    pub data_type: DataType,
    pub key: ColumnKey,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKey {
    No,
    Key,
    PrimaryKey,
}

/// `PARTITIONS=3`: a name of `PROPERTIES`, in large letters, and a value of the kind that it takes.
#[derive(Clone, PartialEq, Debug)]
pub struct Property {
    pub name: &'static str,
    pub name_span: Span,
    pub value: Literal,
    pub value_span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct DropSource {
    pub kind: SourceKind,
    pub if_exists: bool,
    pub name: Name,
    pub delete_topic: bool,
}

/// Which queries are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Which {
    All,
    One(Name),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Show {
    Streams,
    Tables,
    Queries,
    Topics,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Explain {
    /// A query that runs.
    Query(Name),
    Select(Box<Select>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Select {
    /// One at least.
    pub items: Vec<Item>,
    pub from: Source,
    pub joins: Vec<Join>,
    pub window: Option<Window>,
    pub filter: Option<Expr>,
    /// Empty without GROUP BY.
    pub group_by: Vec<Expr>,
    pub having: Option<Expr>,
    pub partition_by: Option<Expr>,
    /// `None`: not said, which is CHANGES.
    pub emit: Option<Emit>,
    pub limit: Option<u64>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// `*`
    All(Span),
    /// `rides.*`
    AllOf {
        source: Name,
        span: Span,
    },
    Value {
        expr: Expr,
        alias: Option<Name>,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    pub name: Name,
    pub alias: Option<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinKind {
    Inner,
    Left,
    Full,
}

/// `kind JOIN source WITHIN … ON left = right`
#[derive(Clone, PartialEq, Debug)]
pub struct Join {
    pub kind: JoinKind,
    pub source: Source,
    pub within: Option<Within>,
    pub left: Expr,
    pub right: Expr,
    /// From the kind to the end of ON.
    pub span: Span,
}

/// How far apart two records may be: the one of the right side at most `before` earlier and `after` later.
#[derive(Clone, PartialEq, Debug)]
pub struct Within {
    pub before: Duration,
    pub after: Duration,
    pub grace: Option<Duration>,
    pub span: Span,
}

/// A time span, and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Duration {
    /// Not negative.
    pub ms: i64,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Window {
    pub kind: WindowKind,
    pub grace: Option<Duration>,
    /// Not for sliding windows.
    pub retention: Option<Duration>,
    pub span: Span,
}

/// Sizes, advances and gaps are more than 0, and an advance is no more than its size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowKind {
    Tumbling { size: Duration },
    Hopping { size: Duration, advance: Duration },
    Sliding { size: Duration },
    Session { gap: Duration },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Emit {
    Changes,
    Final,
}
