//! From trees to text: one line, keywords in large letters, parentheses only where they are needed. What is printed and read
//! again is the same tree; nothing is nested more deeply than it was typed.

use std::fmt::{Display, Formatter, Result, Write};

use super::ast::{
    Column, ColumnKey, Create, CreateBody, DropSource, Duration, Emit, Explain, Item, Join, JoinKind, Property, Select, Show,
    Source, SourceKind, Statement, Which, Window, WindowKind, Within,
};
use super::expr::{Arguments, Call, DataType, Expr, ExprKind, Literal, Name, Path, Step, level};
use super::types::UNITS;
use super::words::{is_reserved, is_word};

/// What needs no parentheses anywhere.
const PRIMARY: u8 = level::STEPS + 1;

impl Display for Statement {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Create(create) => write!(out, "{create}"),
            Self::Insert { into, select } => write!(out, "INSERT INTO {into} {select}"),
            Self::Select(select) => write!(out, "{select}"),
            Self::Drop(DropSource { kind, if_exists, name, delete_topic }) => {
                let (exists, topic) = (said(*if_exists, " IF EXISTS"), said(*delete_topic, " DELETE TOPIC"));
                write!(out, "DROP {kind}{exists} {name}{topic}")
            }
            Self::Terminate(which) => write!(out, "TERMINATE {which}"),
            Self::Pause(which) => write!(out, "PAUSE {which}"),
            Self::Resume(which) => write!(out, "RESUME {which}"),
            Self::Show(show) => out.write_str(match show {
                Show::Streams => "SHOW STREAMS",
                Show::Tables => "SHOW TABLES",
                Show::Queries => "SHOW QUERIES",
                Show::Topics => "SHOW TOPICS",
            }),
            Self::Describe(name) => write!(out, "DESCRIBE {name}"),
            Self::Explain(Explain::Query(name)) => write!(out, "EXPLAIN {name}"),
            Self::Explain(Explain::Select(select)) => write!(out, "EXPLAIN {select}"),
        }
    }
}

impl Display for SourceKind {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        out.write_str(if *self == Self::Stream { "STREAM" } else { "TABLE" })
    }
}

impl Display for Which {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::All => out.write_str("ALL"),
            Self::One(name) => write!(out, "{name}"),
        }
    }
}

impl Display for Create {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let (replace, exists) = (said(self.or_replace, " OR REPLACE"), said(self.if_not_exists, " IF NOT EXISTS"));
        write!(out, "CREATE{replace} {}{exists} {}", self.kind, self.name)?;
        if let CreateBody::Declared(columns) = &self.body
            && !columns.is_empty()
        {
            list(out, " (", columns)?;
            out.write_char(')')?;
        }
        if !self.properties.is_empty() {
            list(out, " WITH (", &self.properties)?;
            out.write_char(')')?;
        }
        match &self.body {
            CreateBody::Declared(_) => Ok(()),
            CreateBody::Query(select) => write!(out, " AS {select}"),
        }
    }
}

impl Display for Column {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let key = match self.key {
            ColumnKey::No => "",
            ColumnKey::Key => " KEY",
            ColumnKey::PrimaryKey => " PRIMARY KEY",
        };
        write!(out, "{} {}{key}", self.name, self.data_type)
    }
}

impl Display for Property {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}={}", self.name, self.value)
    }
}

impl Display for Select {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        list(out, "SELECT ", &self.items)?;
        write!(out, " FROM {}", self.from)?;
        self.joins.iter().try_for_each(|join| write!(out, " {join}"))?;
        self.window.iter().try_for_each(|window| write!(out, " {window}"))?;
        self.filter.iter().try_for_each(|filter| write!(out, " WHERE {filter}"))?;
        if !self.group_by.is_empty() {
            list(out, " GROUP BY ", &self.group_by)?;
        }
        self.having.iter().try_for_each(|having| write!(out, " HAVING {having}"))?;
        self.partition_by.iter().try_for_each(|by| write!(out, " PARTITION BY {by}"))?;
        out.write_str(match self.emit {
            None => "",
            Some(Emit::Changes) => " EMIT CHANGES",
            Some(Emit::Final) => " EMIT FINAL",
        })?;
        self.limit.iter().try_for_each(|limit| write!(out, " LIMIT {limit}"))
    }
}

impl Display for Item {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::All(_) => out.write_char('*'),
            Self::AllOf { source, .. } => write!(out, "{source}.*"),
            Self::Value { expr, alias: None } => write!(out, "{expr}"),
            Self::Value { expr, alias: Some(alias) } => write!(out, "{expr} AS {alias}"),
        }
    }
}

impl Display for Source {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}", self.name)?;
        self.alias.iter().try_for_each(|alias| write!(out, " AS {alias}"))
    }
}

impl Display for Join {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        out.write_str(match self.kind {
            JoinKind::Inner => "INNER JOIN ",
            JoinKind::Left => "LEFT JOIN ",
            JoinKind::Full => "FULL JOIN ",
        })?;
        write!(out, "{}", self.source)?;
        self.within.iter().try_for_each(|within| write!(out, " {within}"))?;
        out.write_str(" ON ")?;
        write_binding(out, &self.left, level::CONCAT)?;
        out.write_str(" = ")?;
        write_binding(out, &self.right, level::CONCAT)
    }
}

impl Display for Within {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        if self.before.ms == self.after.ms {
            write!(out, "WITHIN {}", self.before)?;
        } else {
            write!(out, "WITHIN ({}, {})", self.before, self.after)?;
        }
        self.grace.iter().try_for_each(|grace| write!(out, " GRACE PERIOD {grace}"))
    }
}

impl Display for Window {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self.kind {
            WindowKind::Tumbling { size } => write!(out, "WINDOW TUMBLING (SIZE {size}"),
            WindowKind::Hopping { size, advance } => write!(out, "WINDOW HOPPING (SIZE {size}, ADVANCE BY {advance}"),
            WindowKind::Sliding { size } => write!(out, "WINDOW SLIDING (SIZE {size}"),
            WindowKind::Session { gap } => write!(out, "WINDOW SESSION ({gap}"),
        }?;
        self.retention.iter().try_for_each(|retention| write!(out, ", RETENTION {retention}"))?;
        self.grace.iter().try_for_each(|grace| write!(out, ", GRACE PERIOD {grace}"))?;
        out.write_char(')')
    }
}

/// In the largest unit of which it is a whole number.
impl Display for Duration {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        // No time at all is no day, but nobody says so.
        let fits = |ms: i64| self.ms % ms == 0 && (self.ms > 0 || ms == 1000);
        let unit = UNITS.iter().find(|(_, _, ms)| fits(*ms));
        let (one, several, ms) = unit.unwrap_or(&UNITS[UNITS.len() - 1]);
        let count = self.ms / ms;
        write!(out, "{count} {}", if count == 1 { one } else { several }.text())
    }
}

impl Display for Name {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write_name(out, self, self.is_quoted() || !is_word(&self.text) || is_reserved(&self.text))
    }
}

fn write_name(out: &mut Formatter<'_>, name: &Name, quoted: bool) -> Result {
    if quoted { write!(out, "`{}`", name.text.replace('`', "``")) } else { out.write_str(&name.text) }
}

impl Display for Literal {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => out.write_str("NULL"),
            Self::Bool(true) => out.write_str("TRUE"),
            Self::Bool(false) => out.write_str("FALSE"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Decimal(decimal) => out.write_str(&decimal.text),
            Self::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
        }
    }
}

impl Display for DataType {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Boolean => out.write_str("BOOLEAN"),
            Self::Int => out.write_str("INT"),
            Self::Bigint => out.write_str("BIGINT"),
            Self::Double => out.write_str("DOUBLE"),
            Self::String => out.write_str("STRING"),
            Self::Array(item) => write!(out, "ARRAY<{item}>"),
            Self::Map(value) => write!(out, "MAP<STRING, {value}>"),
        }
    }
}

impl Display for Path {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}", self.root)?;
        self.steps.iter().try_for_each(|step| write!(out, "{step}"))
    }
}

impl Display for Step {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let (sign, name) = match self {
            Self::Dot(name) => (".", name),
            Self::Arrow(name) => ("->", name),
            Self::Item { index, .. } => return write!(out, "[{index}]"),
        };
        out.write_str(sign)?;
        write_name(out, name, name.is_quoted() || !is_word(&name.text))
    }
}

impl Display for Call {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}(", self.function.name)?;
        match &self.arguments {
            Arguments::Star => out.write_char('*')?,
            Arguments::Distinct(one) => write!(out, "DISTINCT {one}")?,
            Arguments::List(arguments) => list(out, "", arguments)?,
        }
        out.write_char(')')
    }
}

impl Display for Expr {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write_binding(out, self, level::OR)
    }
}

/// In parentheses if it binds less than what stands around it.
fn write_binding(out: &mut Formatter<'_>, expr: &Expr, lowest: u8) -> Result {
    if level_of(expr) >= lowest {
        return write_plain(out, expr);
    }
    out.write_char('(')?;
    write_plain(out, expr)?;
    out.write_char(')')
}

fn level_of(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary { operator, .. } => operator.level(),
        ExprKind::Not(_) => level::NOT,
        ExprKind::Like { .. } | ExprKind::Between { .. } | ExprKind::In { .. } | ExprKind::IsNull { .. } => level::COMPARE,
        ExprKind::Negative(_) => level::NEGATIVE,
        ExprKind::Literal(_) if begins(expr) == Some('-') => level::NEGATIVE,
        ExprKind::Path(_) | ExprKind::Access { .. } => level::STEPS,
        ExprKind::Literal(_) | ExprKind::Call(_) | ExprKind::Case { .. } | ExprKind::Cast { .. } => PRIMARY,
    }
}

/// The sign or digit with which the text of an operand begins.
fn begins(expr: &Expr) -> Option<char> {
    match &expr.kind {
        ExprKind::Negative(_) => Some('-'),
        ExprKind::Literal(Literal::Int(number)) => Some(if *number < 0 { '-' } else { '0' }),
        ExprKind::Literal(Literal::Decimal(decimal)) => Some(if decimal.text.starts_with('-') { '-' } else { '0' }),
        ExprKind::Access { base, .. } if level_of(base) == PRIMARY => begins(base),
        _ => None,
    }
}

fn write_plain(out: &mut Formatter<'_>, expr: &Expr) -> Result {
    let not_text = |not: bool| said(not, " NOT");
    match &expr.kind {
        ExprKind::Literal(literal) => write!(out, "{literal}"),
        ExprKind::Path(path) => write!(out, "{path}"),
        ExprKind::Access { base, steps } => {
            write_binding(out, base, PRIMARY)?;
            steps.iter().try_for_each(|step| write!(out, "{step}"))
        }
        ExprKind::Call(call) => write!(out, "{call}"),
        ExprKind::Not(inner) => {
            out.write_str("NOT ")?;
            write_binding(out, inner, level::NOT)
        }
        // `--` would be a comment, and `-5` a number instead of a sign before one.
        ExprKind::Negative(inner) => match begins(inner) {
            Some('0') => write!(out, "-({inner})"),
            first => {
                out.write_str(if first.is_some() { "- " } else { "-" })?;
                write_binding(out, inner, level::NEGATIVE)
            }
        },
        ExprKind::Binary { operator, left, right } => {
            let own = operator.level();
            write_binding(out, left, own + u8::from(operator.is_comparison()))?;
            write!(out, " {} ", operator.text())?;
            write_binding(out, right, own + 1)
        }
        ExprKind::Like { value, pattern, not } => {
            write_binding(out, value, level::CONCAT)?;
            write!(out, "{} LIKE ", not_text(*not))?;
            write_binding(out, pattern, level::CONCAT)
        }
        ExprKind::Between { value, low, high, not } => {
            write_binding(out, value, level::CONCAT)?;
            write!(out, "{} BETWEEN ", not_text(*not))?;
            write_binding(out, low, level::CONCAT)?;
            out.write_str(" AND ")?;
            write_binding(out, high, level::CONCAT)
        }
        ExprKind::In { value, list: items, not } => {
            write_binding(out, value, level::CONCAT)?;
            list(out, &format!("{} IN (", not_text(*not)), items)?;
            out.write_char(')')
        }
        ExprKind::IsNull { value, not } => {
            write_binding(out, value, level::CONCAT)?;
            write!(out, " IS{} NULL", not_text(*not))
        }
        ExprKind::Case { value, branches, otherwise } => {
            out.write_str("CASE")?;
            value.iter().try_for_each(|value| write!(out, " {value}"))?;
            branches.iter().try_for_each(|branch| write!(out, " WHEN {} THEN {}", branch.when, branch.then))?;
            otherwise.iter().try_for_each(|otherwise| write!(out, " ELSE {otherwise}"))?;
            out.write_str(" END")
        }
        ExprKind::Cast { value, to } => write!(out, "CAST({value} AS {to})"),
    }
}

fn list<T: Display>(out: &mut Formatter<'_>, before: &str, items: &[T]) -> Result {
    out.write_str(before)?;
    for (at, item) in items.iter().enumerate() {
        write!(out, "{}{item}", if at > 0 { ", " } else { "" })?;
    }
    Ok(())
}

fn said(is: bool, words: &'static str) -> &'static str {
    if is { words } else { "" }
}
