//! Lives here: from a statement to what is to be done: a topology, and what comes of it (`query`, with `sources`, `joins`,
//! `project`, `aggregates` and `slots`), or a plain description (`statements`); what names stand for (`scope`), expressions
//! (`compile`, `calls`), what is known (`catalog`, `types`), what is said of mistakes (`wrong`), and what may be typed
//! (`candidates`).
//! Never here: clusters and clients. Whoever runs queries keeps the catalog, makes topics and starts topologies.
//!
//! ```text
//! Statement ─┐
//!            ├─▸ plan ─▸ Plan::Query: topology, topic, columns │ Plan::Declare, Drop, Terminate …
//! Catalog ───┘
//! ```

mod aggregates;
mod calls;
mod candidates;
mod catalog;
mod compile;
mod joins;
mod plans;
mod project;
mod query;
mod scope;
mod slots;
mod sources;
mod statements;
mod types;
mod wrong;

pub use candidates::{Candidate, CandidateKind, candidates};
pub use catalog::{Catalog, KeyColumn, Query, Source, Topic, Windowed};
pub use plans::{Declared, Dropped, Plan, QueryPlan};
pub use types::{Column, Type};

use super::ast::Statement;
use super::error::QueryError;

/// What a statement asks for.
///
/// `text`: that which the statement was read from, for the places of mistakes. `transient`: the topic for the results of a SELECT
/// that creates nothing.
///
/// # Errors
/// What is wrong with it, given what is known.
pub fn plan(catalog: &Catalog, text: &str, statement: &Statement, transient: &str) -> Result<Plan, QueryError> {
    statements::plan(catalog, statement, transient).map_err(|wrong| wrong.in_text(text))
}
