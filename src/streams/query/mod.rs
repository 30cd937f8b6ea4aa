//! Lives here: the text of a query and what it says: `lexer` (tokens), `parser` with `statements`, `select`, `expressions` and
//! `types` (the grammar), `ast` and `expr` (what it becomes), `printer` (and back to text), `functions` and `words` (what the
//! language knows), `error`, `slips` and `missing` (what is said about a mistake), `completion` (what may come next), `span`
//! (where something stands).
//! Never here: what a query does. Which streams, fields and keys there are is known to the planner (`plan`), which reads the tree.
//!
//! ```text
//! text ─▸ lexer ─▸ tokens ─▸ parser ─▸ Statement ─▸ planner
//!                              │            └─▸ printer ─▸ text, from which the same Statement comes
//!                              └─▸ QueryError, or at the cursor: Expected
//! ```

pub mod ast;
mod completion;
mod error;
pub mod expr;
mod expressions;
pub mod functions;
mod lexer;
mod missing;
mod parser;
pub mod plan;
mod printer;
mod select;
mod slips;
mod span;
mod statements;
mod types;
mod words;

pub use ast::{Select, Statement};
pub use completion::{Expected, expected_at};
pub use error::QueryError;
pub use expr::{Expr, ExprKind, HEIGHT_MAX};
pub use parser::{NESTING_MAX, TEXT_LEN_MAX};
pub use span::{Position, Span};
pub use statements::{PROPERTIES, PropertyKind};
pub use words::{is_reserved, nearest};

use parser::Parser;

/// The grammar as people read it; `docs/queries.md` has the same.
pub const GRAMMAR: &str = include_str!("grammar.txt");

/// Reads one statement; a `;` may end it. Only syntax and functions are checked: sources and fields are the planner's.
pub fn parse(text: &str) -> Result<Statement, QueryError> {
    let mut parser = Parser::new(text)?;
    let statement = parser.statement()?;
    parser.end_of_statement()?;
    parser.end_of_text()?;
    Ok(statement)
}

/// Reads statements with a `;` between them, each with its place in the text. Blank text has none.
pub fn parse_script(text: &str) -> Result<Vec<(Statement, Span)>, QueryError> {
    Parser::new(text)?.script()
}
