//! What may be typed at the cursor, with the names that are known.

use super::catalog::Catalog;
use super::scope::Pseudo;
use super::types::{Column, Type};
use crate::streams::query::completion::{Expected, expected_at};
use crate::streams::query::expr::Name;
use crate::streams::query::functions::{FUNCTIONS, FunctionKind};
use crate::streams::query::lexer::{Lexeme, tokens};
use crate::streams::query::parser::TEXT_LEN_MAX;
use crate::streams::query::span::Span;
use crate::streams::query::statements::PROPERTIES;
use crate::streams::query::words::Keyword;

/// No more are offered.
const CANDIDATES_MAX: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKind {
    Field,
    Source,
    Query,
    Function,
    Property,
    Keyword,
}

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is typed, in quotes if it needs them.
    pub text: String,
    pub kind: CandidateKind,
    /// A field's type, what a source is, a function's help.
    pub about: String,
}

/// What may come at a byte of the text, best first, and the part of the text that it replaces.
pub fn candidates(catalog: &Catalog, text: &str, offset: usize) -> (Span, Vec<Candidate>) {
    let expected = expected_at(text, offset);
    let typed = expected.typed.of(text).trim_start_matches(['`', '"']).to_lowercase();
    let mut all = Vec::new();
    if expected.field {
        fields(catalog, text, offset, &expected, &mut all);
    }
    if expected.source {
        sources(catalog, &mut all);
    }
    if expected.query {
        let about = |writes: Option<&String>| writes.map_or_else(String::new, |writes| format!("writes {writes}"));
        all.extend(catalog.queries.iter().map(|query| name(&query.name, CandidateKind::Query, about(query.writes.as_ref()))));
    }
    if expected.function && expected.path.is_empty() {
        all.extend(FUNCTIONS.iter().map(|function| {
            let kind = match function.kind {
                FunctionKind::Aggregate => "of a group: ",
                FunctionKind::Scalar | FunctionKind::Table => "",
            };
            let about = format!("{kind}{} {}", function.usage, function.help);
            Candidate { text: format!("{}(", function.name), kind: CandidateKind::Function, about }
        }));
    }
    if expected.property {
        let property =
            |(name, _): &(&str, _)| Candidate { text: format!("{name}="), kind: CandidateKind::Property, about: String::new() };
        all.extend(PROPERTIES.iter().map(property));
    }
    let keyword = |word: &&str| Candidate { text: (*word).to_owned(), kind: CandidateKind::Keyword, about: String::new() };
    all.extend(expected.keywords.iter().map(keyword));
    all.retain(|candidate| candidate.text.trim_start_matches('`').to_lowercase().starts_with(&typed));
    all.truncate(CANDIDATES_MAX);
    (expected.typed, all)
}

fn name(text: &str, kind: CandidateKind, about: String) -> Candidate {
    Candidate { text: Name::new(text).to_string(), kind, about }
}

fn sources(catalog: &Catalog, all: &mut Vec<Candidate>) {
    for source in catalog.source_names() {
        let declared = catalog.sources.iter().find(|declared| declared.name == source);
        let about = declared.map_or_else(|| "topic".to_owned(), |declared| declared.kind.word().to_owned());
        all.push(name(source, CandidateKind::Source, about));
    }
}

/// Fields of the sources of the statement around the cursor, also of those that are named after it.
fn fields(catalog: &Catalog, text: &str, offset: usize, expected: &Expected, all: &mut Vec<Candidate>) {
    let sources = sources_around(text, offset);
    let known = |source: &Name| {
        let found = catalog.source(source)?;
        let key = found.key.iter().map(|key| key.column.clone());
        Some(key.chain(catalog.fields(&found)).collect::<Vec<Column>>())
    };
    let mut push = |columns: Vec<Column>| {
        for column in columns {
            let candidate = name(&column.name, CandidateKind::Field, column.data_type.to_string());
            if !all.contains(&candidate) {
                all.push(candidate);
            }
        }
    };
    if let [first, rest @ ..] = expected.path.as_slice() {
        let alias = sources.iter().find(|(alias, _)| alias.is(first));
        let (columns, rest) = match alias {
            Some((_, source)) => (known(source).unwrap_or_default(), rest),
            None => (sources.iter().filter_map(|(_, source)| known(source)).flatten().collect(), expected.path.as_slice()),
        };
        push(rest.iter().fold(columns, |columns, name| inside(columns, name)));
        return;
    }
    for (alias, source) in &sources {
        push(known(source).unwrap_or_default());
        if sources.len() > 1 {
            all_push_alias(alias, &mut push);
        }
    }
    for (text, _) in Pseudo::ALL.into_iter().filter(|(_, pseudo)| !matches!(pseudo, Pseudo::Partition | Pseudo::Offset)) {
        push(vec![Column::new(text, if text == super::scope::ROWKEY { Type::Text } else { Type::Long })]);
    }
}

fn all_push_alias(alias: &Name, push: &mut impl FnMut(Vec<Column>)) {
    push(vec![Column::new(alias.text.clone(), Type::Unknown)]);
}

fn inside(columns: Vec<Column>, name: &str) -> Vec<Column> {
    match columns.into_iter().find(|column| column.name == *name).map(|column| column.data_type) {
        Some(Type::Row(inner)) => inner,
        _ => Vec::new(),
    }
}

/// The sources after FROM and JOIN, each with the name that it has in the statement.
fn sources_around(text: &str, offset: usize) -> Vec<(Name, Name)> {
    if text.len() > TEXT_LEN_MAX {
        return Vec::new();
    }
    let tokens = tokens(text);
    let is_end = |at: usize| tokens[at].lexeme == Lexeme::Sign(";");
    let start = (0..tokens.len()).rev().find(|at| is_end(*at) && (tokens[*at].span.end as usize) <= offset).map_or(0, |at| at + 1);
    let end = (start..tokens.len()).find(|at| is_end(*at)).unwrap_or(tokens.len());
    let name_at = |at: usize| -> Option<Name> {
        let token = tokens.get(at).filter(|_| at < end)?;
        match &token.lexeme {
            Lexeme::Word(keyword) if !keyword.is_some_and(Keyword::is_reserved) => Some(Name::new(token.span.of(text))),
            Lexeme::Quoted(quote, name) => Some(Name { text: name.clone(), quote: *quote, span: token.span }),
            _ => None,
        }
    };
    let is = |at: usize, keyword: Keyword| tokens.get(at).is_some_and(|token| token.lexeme == Lexeme::Word(Some(keyword)));
    let mut found = Vec::new();
    for at in start..end {
        if !is(at, Keyword::From) && !is(at, Keyword::Join) {
            continue;
        }
        let Some(source) = name_at(at + 1) else { continue };
        let alias = if is(at + 2, Keyword::As) { name_at(at + 3) } else { name_at(at + 2).filter(|_| !clause_at(&tokens, at + 2)) };
        found.push((alias.unwrap_or_else(|| source.clone()), source));
    }
    found
}

/// A keyword that goes on after a source, and is no alias.
fn clause_at(tokens: &[crate::streams::query::lexer::Token], at: usize) -> bool {
    let clauses = [Keyword::Emit, Keyword::Grace];
    tokens.get(at).is_some_and(|token| matches!(token.lexeme, Lexeme::Word(Some(keyword)) if clauses.contains(&keyword)))
}
