//! What is known of the types of values.

use crate::streams::Value;
use crate::streams::query::expr::DataType;
use crate::streams::values::scalar::Target;
use std::fmt::{Display, Formatter, Result};
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Type {
    /// Nothing is known, or it is not always the same.
    #[default]
    Unknown,
    Boolean,
    /// A whole number.
    Long,
    Double,
    Text,
    List(Box<Type>),
    Map(Box<Type>),
    /// A JSON object with these fields; there may be others.
    Row(Vec<Column>),
}

/// A field, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    pub name: String,
    pub data_type: Type,
}

impl Column {
    pub fn new(name: impl Into<String>, data_type: Type) -> Self {
        Self { name: name.into(), data_type }
    }
}

/// So deep, and with so many fields in a row, what is seen in records is kept.
const DEPTH_MAX: usize = 8;
const FIELDS_MAX: usize = 200;

impl Type {
    pub fn of(value: &Value) -> Self {
        Self::seen(value, DEPTH_MAX)
    }

    fn seen(value: &Value, depth: usize) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::Long(_) => Self::Long,
            Value::Double(_) => Self::Double,
            Value::Text(_) => Self::Text,
            Value::List(items) if depth > 0 => {
                let first = items.iter().map(|item| Self::seen(item, depth - 1)).reduce(Self::merged);
                Self::List(Box::new(first.unwrap_or_default()))
            }
            Value::Row(fields) if depth > 0 => {
                let columns = fields.iter().take(FIELDS_MAX);
                Self::Row(columns.map(|(name, value)| Column::new(&**name, Self::seen(value, depth - 1))).collect())
            }
            _ => Self::Unknown,
        }
    }

    /// What is known if values of both types have been seen.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Unknown, known) | (known, Self::Unknown) => known,
            (Self::Long, Self::Double) | (Self::Double, Self::Long) => Self::Double,
            (Self::List(one), Self::List(two)) => Self::List(Box::new(one.merged(*two))),
            (Self::Map(one), Self::Map(two)) => Self::Map(Box::new(one.merged(*two))),
            (Self::Row(mut columns), Self::Row(others)) => {
                for other in others {
                    match columns.iter().position(|column| column.name == other.name) {
                        Some(at) => columns[at].data_type = std::mem::take(&mut columns[at].data_type).merged(other.data_type),
                        None if columns.len() < FIELDS_MAX => columns.push(other),
                        None => {}
                    }
                }
                Self::Row(columns)
            }
            _ => Self::Unknown,
        }
    }

    pub fn declared(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int | DataType::Bigint => Self::Long,
            DataType::Double => Self::Double,
            DataType::String => Self::Text,
            DataType::Array(of) => Self::List(Box::new(Self::declared(of))),
            DataType::Map(of) => Self::Map(Box::new(Self::declared(of))),
        }
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::Long | Self::Double)
    }

    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }

    /// Whether `=` can be true of values of the two.
    pub(super) fn is_comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (one, two) if one.is_number() && two.is_number() => true,
            (Self::List(one), Self::List(two)) => one.is_comparable(two),
            (Self::Map(_) | Self::Row(_), Self::Map(_) | Self::Row(_)) => true,
            (one, two) => one == two,
        }
    }
}

/// As it is declared.
impl Display for Type {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Unknown => out.write_str("ANY"),
            Self::Boolean => out.write_str("BOOLEAN"),
            Self::Long => out.write_str("BIGINT"),
            Self::Double => out.write_str("DOUBLE"),
            Self::Text => out.write_str("STRING"),
            Self::List(of) => write!(out, "ARRAY<{of}>"),
            Self::Map(of) => write!(out, "MAP<STRING, {of}>"),
            Self::Row(columns) => {
                out.write_str("STRUCT<")?;
                for (at, column) in columns.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(out, "{comma}{} {}", column.name, column.data_type)?;
                }
                out.write_str(">")
            }
        }
    }
}

pub(super) fn target(data_type: &DataType) -> Target {
    match data_type {
        DataType::Boolean => Target::Boolean,
        DataType::Int => Target::Int,
        DataType::Bigint => Target::Long,
        DataType::Double => Target::Double,
        DataType::String => Target::Text,
        DataType::Array(of) => Target::List(Rc::new(target(of))),
        DataType::Map(of) => Target::Map(Rc::new(target(of))),
    }
}
