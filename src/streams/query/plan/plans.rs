//! What comes of planning.

use super::catalog::{KeyColumn, Source, Windowed};
use super::types::Column;
use crate::streams::Topology;
use crate::streams::query::ast::{Show, SourceKind};

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// CREATE … AS SELECT, INSERT INTO and SELECT.
    Query(Box<QueryPlan>),
    Declare(Declared),
    Drop(Dropped),
    /// Names of queries; all of them have been found.
    Terminate(Vec<String>),
    Pause(Vec<String>),
    Resume(Vec<String>),
    Show(Show),
    /// A source, as the catalog has it, with the fields that are known.
    Describe(Box<Source>),
    /// `Topology#describe` of a SELECT.
    Explain(String),
    /// The query that runs and is to be explained.
    ExplainQuery(String),
    /// IF EXISTS or IF NOT EXISTS: there is nothing to do. Why.
    Nothing(String),
}

/// A stream or table over a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Declared {
    pub source: Source,
    /// The topic is not there, and is made with so many partitions.
    pub new_topic: Option<i32>,
    pub replicas: Option<i16>,
    pub retention_ms: Option<i64>,
    pub replaces: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dropped {
    pub source: String,
    /// The query that writes it, which ends too.
    pub query: Option<String>,
    pub delete_topic: Option<String>,
}

/// A query that can be started.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct QueryPlan {
    pub topology: Topology,
    pub kind: SourceKind,
    /// The stream or table that is created, or that is written into. `None`: a SELECT alone.
    pub name: Option<String>,
    /// INSERT INTO a stream that is there.
    pub insert: bool,
    /// OR REPLACE: the query that writes it now ends first.
    pub replaces: bool,
    pub topic: String,
    /// For a topic that is not there yet.
    pub partitions: i32,
    pub replicas: Option<i16>,
    pub retention_ms: Option<i64>,
    /// The fields of the result's values; empty: any.
    pub columns: Vec<Column>,
    /// Columns that say the same as the result's key. Without any the key has no name but ROWKEY.
    pub key: Vec<KeyColumn>,
    pub windowed: Option<Windowed>,
    /// Names of the sources.
    pub reads: Vec<String>,
    /// After so many results a SELECT ends.
    pub limit: Option<u64>,
    /// What a person should know beforehand, in sentences.
    pub notes: Vec<String>,
}
