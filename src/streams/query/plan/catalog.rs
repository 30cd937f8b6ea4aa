//! What a planner knows: topics, streams, tables and queries.

use super::plans::{Declared, Dropped, QueryPlan};
use super::types::{Column, Type};
use crate::streams::Value;
use crate::streams::query::ast::SourceKind;
use crate::streams::query::expr::Name;

/// A plain value, which whoever runs queries keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Catalog {
    pub topics: Vec<Topic>,
    pub sources: Vec<Source>,
    pub queries: Vec<Query>,
}

/// A topic that can be read as a stream, without anything declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    pub name: String,
    pub partitions: i32,
    /// What has been seen in the records so far. Empty: nothing is known, and any field may be there.
    pub fields: Vec<Column>,
}

/// A stream or a table that was declared, or that a query writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub name: String,
    pub kind: SourceKind,
    pub topic: String,
    /// All of the value's fields that are known; empty: those that are seen in the topic.
    pub columns: Vec<Column>,
    pub key: Vec<KeyColumn>,
    /// The keys have windows.
    pub windowed: Option<Windowed>,
    /// The query that writes it.
    pub query: Option<String>,
}

/// A column that says the same as the record's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyColumn {
    pub column: Column,
    /// Whether the value has it too. If not, it is read from the key.
    pub in_value: bool,
}

/// What kind of windows the keys have. Of session windows the key says where they begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Windowed {
    Time { size_ms: i64 },
    Session,
}

/// A query that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    pub name: String,
    /// Names of sources.
    pub reads: Vec<String>,
    pub writes: Option<String>,
}

impl Topic {
    pub fn new(name: impl Into<String>, partitions: i32) -> Self {
        Self { name: name.into(), partitions, fields: Vec::new() }
    }

    /// Takes a record's value into what is known of the topic.
    pub fn learn(&mut self, value: &Value) {
        if let Type::Row(seen) = Type::Row(std::mem::take(&mut self.fields)).merged(match Type::of(value) {
            row @ Type::Row(_) => row,
            _ => Type::Row(Vec::new()),
        }) {
            self.fields = seen;
        }
    }
}

impl Source {
    pub(super) fn is_stream(&self) -> bool {
        self.kind == SourceKind::Stream
    }
}

impl Catalog {
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.name == name)
    }

    /// A declared stream or table. Without quotes large and small letters are the same.
    pub fn declared(&self, name: &Name) -> Option<&Source> {
        find(&self.sources, name, |source| &source.name)
    }

    pub fn query(&self, name: &Name) -> Option<&Query> {
        find(&self.queries, name, |query| &query.name)
    }

    /// A stream or table, or a topic, which is read as a stream.
    pub fn source(&self, name: &Name) -> Option<Source> {
        self.declared(name).cloned().or_else(|| find(&self.topics, name, |topic| &topic.name).map(of_topic))
    }

    /// The fields that a source's values have, as far as that is known; empty: any.
    pub fn fields(&self, source: &Source) -> Vec<Column> {
        if !source.columns.is_empty() {
            return source.columns.clone();
        }
        self.topic(&source.topic).map_or_else(Vec::new, |topic| topic.fields.clone())
    }

    /// The names that can stand after FROM: what was declared, then topics.
    pub fn source_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.sources.iter().map(|source| &*source.name).collect();
        for topic in &self.topics {
            if !names.iter().any(|name| name.eq_ignore_ascii_case(&topic.name)) {
                names.push(&topic.name);
            }
        }
        names
    }

    /// The queries that read or write a source.
    pub fn queries_of(&self, source: &str) -> Vec<&str> {
        let concerns = |query: &&Query| query.writes.as_deref() == Some(source) || query.reads.iter().any(|read| read == source);
        self.queries.iter().filter(concerns).map(|query| &*query.name).collect()
    }
}

/// What is there after something has been done.
impl Catalog {
    /// Takes a query that has been started. `query`: the name that it has been given.
    pub fn started(&mut self, plan: &QueryPlan, query: &str) {
        if self.topic(&plan.topic).is_none() {
            self.topics.push(Topic::new(plan.topic.clone(), plan.partitions));
        }
        self.queries.push(Query { name: query.to_owned(), reads: plan.reads.clone(), writes: plan.name.clone() });
        if let Some(name) = plan.name.as_ref().filter(|_| !plan.insert) {
            self.put(Source {
                name: name.clone(),
                kind: plan.kind,
                topic: plan.topic.clone(),
                columns: plan.columns.clone(),
                key: plan.key.clone(),
                windowed: plan.windowed,
                query: Some(query.to_owned()),
            });
        }
    }

    pub fn declare(&mut self, declared: &Declared) {
        if let Some(partitions) = declared.new_topic {
            self.topics.push(Topic::new(declared.source.topic.clone(), partitions));
        }
        self.put(declared.source.clone());
    }

    pub fn dropped(&mut self, dropped: &Dropped) {
        self.sources.retain(|source| source.name != dropped.source);
        self.topics.retain(|topic| dropped.delete_topic.as_ref() != Some(&topic.name));
        dropped.query.iter().for_each(|query| self.terminated(query));
    }

    /// What a query has written stays.
    pub fn terminated(&mut self, query: &str) {
        self.queries.retain(|other| other.name != query);
        for source in self.sources.iter_mut().filter(|source| source.query.as_deref() == Some(query)) {
            source.query = None;
        }
    }

    fn put(&mut self, source: Source) {
        self.sources.retain(|other| !other.name.eq_ignore_ascii_case(&source.name));
        self.sources.push(source);
    }
}

fn of_topic(topic: &Topic) -> Source {
    Source {
        name: topic.name.clone(),
        kind: SourceKind::Stream,
        topic: topic.name.clone(),
        columns: Vec::new(),
        key: Vec::new(),
        windowed: None,
        query: None,
    }
}

/// The one that is meant to the letter comes before others.
fn find<'c, T>(list: &'c [T], name: &Name, named: impl Fn(&T) -> &String) -> Option<&'c T> {
    let exact = list.iter().find(|one| *named(one) == name.text);
    exact.or_else(|| list.iter().find(|one| name.is(named(one))))
}
