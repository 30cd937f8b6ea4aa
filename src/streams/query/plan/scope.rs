//! What names in expressions stand for: fields of the sources, and what every record has.

use super::catalog::{KeyColumn, Windowed};
use super::types::{Column, Type};
use super::wrong::{Wrong, short};
use crate::streams::query::expr::{Name, Path, Step};
use crate::streams::query::span::Span;
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Value};

/// An expression, and what is known of its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Typed {
    pub expression: Expression,
    pub data_type: Type,
}

/// One of the sources of a query, as its records are found in those that flow.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Its alias, or its name.
    pub name: Name,
    /// Empty: any field may be there.
    pub columns: Vec<Column>,
    pub key: Vec<KeyColumn>,
    /// Where its value is.
    pub base: Expression,
    /// Whether it has been joined: what comes of its key and time is in fields then.
    pub joined: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub sides: Vec<Side>,
    pub windowed: Option<Windowed>,
    /// Sources of the query that are not seen here.
    pub others: Vec<Name>,
}

/// What every record has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pseudo {
    Time,
    Key,
    Partition,
    Offset,
    WindowStart,
    WindowEnd,
}

pub(super) const ROWTIME: &str = "ROWTIME";
pub(super) const ROWKEY: &str = "ROWKEY";

impl Pseudo {
    pub const ALL: [(&'static str, Self); 6] = [
        (ROWTIME, Self::Time),
        (ROWKEY, Self::Key),
        ("ROWPARTITION", Self::Partition),
        ("ROWOFFSET", Self::Offset),
        ("WINDOWSTART", Self::WindowStart),
        ("WINDOWEND", Self::WindowEnd),
    ];

    pub fn of(name: &Name) -> Option<Self> {
        Self::ALL.into_iter().find(|(text, _)| name.is(text)).map(|(_, pseudo)| pseudo)
    }
}

impl Side {
    pub fn column(&self, name: &str) -> Option<Type> {
        let key = self.key.iter().map(|key| &key.column);
        key.chain(&self.columns).find(|column| column.name == name).map(|column| column.data_type.clone())
    }

    /// Whether any field may be there.
    pub fn is_open(&self) -> bool {
        self.columns.is_empty()
    }

    /// All columns that are known, those of the key first.
    pub fn all_columns(&self) -> Vec<Column> {
        let known = |column: &&Column| !self.key.iter().any(|key| key.column.name == column.name);
        self.key.iter().map(|key| key.column.clone()).chain(self.columns.iter().filter(known).cloned()).collect()
    }

    pub fn field(&self, name: &str) -> Expression {
        match self.key.iter().find(|key| key.column.name == name && !key.in_value) {
            Some(key) if !self.joined => key_as(&key.column.data_type),
            _ => self.base.clone().field_of(name),
        }
    }

    fn unknown(&self, name: &Name) -> Wrong {
        let columns = self.all_columns();
        let known: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        Wrong::unknown(name, "field", (&format!(" in {}", short(&self.name.text)), "It has"), &known).or_text(name)
    }

    fn pseudo(&self, pseudo: Pseudo, windowed: Option<Windowed>, span: Span) -> Result<Typed, Wrong> {
        match pseudo {
            Pseudo::Time if self.joined => Ok(typed(self.base.clone().field_of(ROWTIME), Type::Long)),
            Pseudo::Key if self.joined => Ok(typed(self.base.clone().field_of(ROWKEY), Type::Text)),
            _ => known(pseudo, windowed, span),
        }
    }
}

/// A key as the type that it is declared to have.
fn key_as(data_type: &Type) -> Expression {
    use crate::streams::values::scalar::Target;
    let target = match data_type {
        Type::Boolean => Target::Boolean,
        Type::Long => Target::Long,
        Type::Double => Target::Double,
        _ => return Expression::Key,
    };
    Expression::call(Scalar::Cast(target), [Expression::Key])
}

pub(super) fn typed(expression: Expression, data_type: Type) -> Typed {
    Typed { expression, data_type }
}

/// What an operator knows of any record.
pub(super) fn known(pseudo: Pseudo, windowed: Option<Windowed>, span: Span) -> Result<Typed, Wrong> {
    let expression = match pseudo {
        Pseudo::Time => Expression::Timestamp,
        Pseudo::Key => return Ok(typed(Expression::Key, Type::Text)),
        Pseudo::WindowStart if windowed.is_some() => Expression::WindowStart,
        Pseudo::WindowEnd if windowed.is_some() => Expression::WindowEnd,
        Pseudo::WindowStart | Pseudo::WindowEnd => {
            let wrong = Wrong::new(span, "The records have no window here.");
            return Err(wrong.hint("There is one after GROUP BY with WINDOW, in SELECT and HAVING."));
        }
        Pseudo::Partition | Pseudo::Offset => {
            let wrong = Wrong::new(span, "The operators of a query do not see partitions and offsets.");
            return Err(wrong.hint("ROWTIME and ROWKEY are there."));
        }
    };
    Ok(typed(expression, Type::Long))
}

impl Scope {
    pub fn resolve(&self, path: &Path, span: Span) -> Result<Typed, Wrong> {
        if let [Step::Dot(first), rest @ ..] = path.steps.as_slice()
            && let Some(side) = self.sides.iter().find(|side| same(&side.name, &path.root))
        {
            if side.column(&first.text).is_none()
                && let Some(pseudo) = Pseudo::of(first)
            {
                return self.steps(side.pseudo(pseudo, self.windowed, span)?, rest, &first.text);
            }
            return self.steps(self.field_of(side, first)?, rest, &first.text);
        }
        let dotted = matches!(path.steps.first(), Some(Step::Dot(_)));
        if dotted && self.others.iter().any(|other| same(other, &path.root)) {
            return Err(Wrong::new(span, format!("{} is not known here.", short(&path.to_string()))));
        }
        let start = self.root(&path.root, span)?;
        self.steps(start, &path.steps, &path.root.text)
    }

    fn root(&self, name: &Name, span: Span) -> Result<Typed, Wrong> {
        let having: Vec<&Side> = self.sides.iter().filter(|side| side.column(&name.text).is_some()).collect();
        match having.as_slice() {
            [side] => return self.field_of(side, name),
            [] => {}
            [first, second, ..] => {
                let (one, two) = (&first.name.text, &second.name.text);
                let wrong = Wrong::new(span, format!("{} is a field of {one} and of {two}.", short(&name.text)));
                return Err(wrong.hint(format!("Write {one}.{0} or {two}.{0}.", short(&name.text))));
            }
        }
        if let Some(pseudo) = Pseudo::of(name) {
            return known(pseudo, self.windowed, span);
        }
        if self.sides.iter().any(|side| same(&side.name, name)) {
            let wrong = Wrong::new(span, format!("{} is a source, not a value.", short(&name.text)));
            return Err(wrong.hint("Write a field of it, after a dot."));
        }
        let open: Vec<&Side> = self.sides.iter().filter(|side| side.is_open()).collect();
        match (open.as_slice(), self.sides.as_slice()) {
            ([side], _) => self.field_of(side, name),
            ([], [side]) => Err(side.unknown(name)),
            _ => {
                let columns: Vec<Column> = self.sides.iter().flat_map(Side::all_columns).collect();
                let known: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
                if open.is_empty() {
                    return Err(Wrong::unknown(name, "field", (" in any of the sources", "They have"), &known).or_text(name));
                }
                let wrong = Wrong::new(span, format!("Which source has the field {}?", short(&name.text)));
                Err(wrong.hint("Write the name of the source before it, and a dot."))
            }
        }
    }

    fn field_of(&self, side: &Side, name: &Name) -> Result<Typed, Wrong> {
        let data_type = match side.column(&name.text) {
            Some(data_type) => data_type,
            None if side.is_open() => Type::Unknown,
            None => return Err(side.unknown(name)),
        };
        Ok(typed(side.field(&name.text), data_type))
    }

    fn steps(&self, start: Typed, steps: &[Step], whole: &str) -> Result<Typed, Wrong> {
        let mut shown = whole.to_owned();
        steps.iter().try_fold(start, |from, step| {
            let next = step_of(from, step, &shown)?;
            shown += &step.to_string();
            Ok(next)
        })
    }
}

/// Names of sources are the same in large and small letters, unless they are quoted.
pub(super) fn same(one: &Name, two: &Name) -> bool {
    one.is(&two.text) || two.is(&one.text)
}

/// A field or an item of a value.
pub(super) fn step_of(from: Typed, step: &Step, whole: &str) -> Result<Typed, Wrong> {
    let Typed { expression, data_type } = from;
    match step {
        Step::Dot(name) | Step::Arrow(name) => {
            let inner = match data_type {
                // A text may be JSON.
                Type::Unknown | Type::Text => Type::Unknown,
                Type::Map(of) => *of,
                Type::Row(columns) => match columns.iter().find(|column| column.name == name.text) {
                    Some(column) => column.data_type.clone(),
                    None => {
                        let known: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
                        return Err(
                            Wrong::unknown(name, "field", (&format!(" in {}", short(whole)), "It has"), &known).or_text(name)
                        );
                    }
                },
                other => return Err(Wrong::new(name.span, format!("{} has no fields: it is {other}.", short(whole)))),
            };
            Ok(typed(expression.field_of(&name.text), inner))
        }
        Step::Item { index: 0, span } => {
            Err(Wrong::new(*span, "Items of an array are counted from 1.").hint("The first is [1], the last [-1]."))
        }
        Step::Item { index, span } => {
            let inner = match data_type {
                Type::Unknown => Type::Unknown,
                Type::List(of) => *of,
                other => return Err(Wrong::new(*span, format!("{} has no items: it is {other}.", short(whole)))),
            };
            let number = Expression::Literal(Value::Long(*index));
            Ok(typed(Expression::call(Scalar::Item, [expression, number]), inner))
        }
    }
}
