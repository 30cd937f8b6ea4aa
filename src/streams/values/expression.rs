//! What an operator computes of a record, as data: a topology is a value that can be copied, hashed and shown.

use super::{Scalar, Value, json, value::Record};
use crate::base::java;
use std::cmp::Ordering;
use std::rc::Rc;

/// An expression over a record. In a joiner and in a reducer there is a second value beside the record's own.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Expression {
    Literal(Value),
    /// The record's key. Of a windowed key it is the key without the window.
    Key,
    Value,
    /// The other side's value in a joiner, the aggregate so far in an aggregator, the element in `flatMap`.
    Other,
    /// The record's timestamp.
    Timestamp,
    WindowStart,
    WindowEnd,
    /// A field of a row, or of a text that is a JSON object. Null where it is missing.
    Field(Box<Expression>, Rc<str>),
    /// An element of a list, from 0.
    Element(Box<Expression>, Box<Expression>),
    /// What Jackson's `asText` makes of a value: a number's digits, and an empty text of a list or an object.
    Text(Box<Expression>),
    /// `Long.parseLong` of a text; a number stays as it is.
    Long(Box<Expression>),
    /// As JSON: a text, even of what is not there.
    Json(Box<Expression>),
    /// As `String.valueOf` and `+` of Java put texts together: null is "null".
    Concat(Vec<Expression>),
    /// `String.split`: a list, with or without empty parts.
    Split {
        of: Box<Expression>,
        at: char,
        skip_empty: bool,
    },
    /// The words of a text in lower case: `value.toLowerCase().split("\\W+")`. One that begins with no letter has an empty first word.
    Words(Box<Expression>),
    /// Whether a text has another in it.
    Contains(Box<Expression>, Rc<str>),
    /// The keys of `Row` are names.
    Row(Vec<(Rc<str>, Expression)>),
    Not(Box<Expression>),
    IsNull(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    Compute(Arithmetic, Box<Expression>, Box<Expression>),
    /// The first with a condition that holds, or the last.
    Case(Vec<(Expression, Expression)>, Box<Expression>),
    /// What belongs to the first of the values that is equal to a value, or the last.
    Switch(Box<Expression>, Vec<(Expression, Expression)>, Box<Expression>),
    /// A function of queries. It never throws.
    Call(Scalar, Vec<Expression>),
    /// Null where an expression throws, as queries have it.
    OrNull(Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub key: Option<&'a Value>,
    pub value: Option<&'a Value>,
    pub other: Option<&'a Value>,
    pub timestamp: i64,
}

impl<'a> Scope<'a> {
    pub fn of(record: &'a Record) -> Self {
        Self { key: record.key.as_ref(), value: record.value.as_ref(), other: None, timestamp: record.timestamp }
    }

    /// With another value than the record's.
    pub fn with_value(self, value: Option<&'a Value>) -> Self {
        Self { value, ..self }
    }

    pub fn with_other(self, other: Option<&'a Value>) -> Self {
        Self { other, ..self }
    }

    fn window(&self, part: impl Fn(&super::value::Window) -> i64) -> Value {
        match self.key {
            Some(Value::Windowed(windowed)) => Value::Long(part(&windowed.window)),
            _ => Value::Null,
        }
    }
}

/// Why an expression has no value, in the words of an exception: `For input string: "abc"`.
pub type Problem = String;

impl Expression {
    pub fn field(name: &str) -> Self {
        Self::Field(Box::new(Self::Value), name.into())
    }

    pub fn text(self) -> Self {
        Self::Text(Box::new(self))
    }

    pub fn long(self) -> Self {
        Self::Long(Box::new(self))
    }

    pub fn compare(self, comparison: Comparison, other: Self) -> Self {
        Self::Compare(comparison, Box::new(self), Box::new(other))
    }

    pub fn call(function: Scalar, arguments: impl Into<Vec<Self>>) -> Self {
        Self::Call(function, arguments.into())
    }

    pub fn field_of(self, name: &str) -> Self {
        Self::Field(Box::new(self), name.into())
    }

    pub fn compute(self, arithmetic: Arithmetic, other: Self) -> Self {
        Self::Compute(arithmetic, Box::new(self), Box::new(other))
    }

    /// # Errors
    /// Where Java would throw: text that is no number, and a remainder or quotient of whole numbers by zero.
    pub fn evaluate(&self, scope: Scope) -> Result<Value, Problem> {
        let found = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Key => match scope.key {
                Some(Value::Windowed(windowed)) => windowed.key.clone(),
                key => found(key),
            },
            Self::Value => found(scope.value),
            Self::Other => found(scope.other),
            Self::Timestamp => Value::Long(scope.timestamp),
            Self::WindowStart => scope.window(|window| window.start),
            Self::WindowEnd => scope.window(|window| window.end),
            Self::Field(of, name) => field(&of.evaluate(scope)?, name),
            Self::Element(of, index) => element(&of.evaluate(scope)?, &index.evaluate(scope)?),
            Self::Text(of) => as_text(of.evaluate(scope)?),
            Self::Long(of) => as_long(of.evaluate(scope)?)?,
            Self::Json(of) => Value::Text(json::write(&of.evaluate(scope)?).into()),
            Self::Concat(parts) => {
                let mut text = String::new();
                for part in parts {
                    text.push_str(&shown(&part.evaluate(scope)?));
                }
                Value::Text(text.into())
            }
            Self::Split { of, at, skip_empty } => match of.evaluate(scope)? {
                Value::Text(text) => {
                    let parts = java::split(&text, *at).into_iter().filter(|part| !skip_empty || !part.is_empty());
                    Value::List(parts.map(Value::text).collect())
                }
                _ => Value::Null,
            },
            Self::Words(of) => match of.evaluate(scope)? {
                Value::Text(text) => Value::List(words(&text.to_lowercase())),
                _ => Value::Null,
            },
            Self::Contains(of, part) => match of.evaluate(scope)? {
                Value::Text(text) => Value::Bool(text.contains(&**part)),
                _ => Value::Null,
            },
            Self::Row(fields) => {
                let mut row = Vec::with_capacity(fields.len());
                for (name, expression) in fields {
                    row.push((name.clone(), expression.evaluate(scope)?));
                }
                Value::Row(row.into())
            }
            Self::Not(of) => truth(&of.evaluate(scope)?).map_or(Value::Null, |truth| Value::Bool(!truth)),
            Self::IsNull(of) => Value::Bool(of.evaluate(scope)? == Value::Null),
            // SQL's three values: what is not known decides nothing that the other side decides alone.
            Self::And(one, two) => decided(one, two, scope, false)?,
            Self::Or(one, two) => decided(one, two, scope, true)?,
            Self::Compare(comparison, one, two) => comparison.of(&one.evaluate(scope)?, &two.evaluate(scope)?),
            Self::Compute(arithmetic, one, two) => arithmetic.of(&one.evaluate(scope)?, &two.evaluate(scope)?)?,
            Self::Case(cases, otherwise) => {
                for (condition, value) in cases {
                    if truth(&condition.evaluate(scope)?) == Some(true) {
                        return value.evaluate(scope);
                    }
                }
                otherwise.evaluate(scope)?
            }
            Self::Switch(of, cases, otherwise) => {
                let of = of.evaluate(scope)?;
                for (value, then) in cases {
                    if truth(&Comparison::Equal.of(&of, &value.evaluate(scope)?)) == Some(true) {
                        return then.evaluate(scope);
                    }
                }
                otherwise.evaluate(scope)?
            }
            Self::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(argument.evaluate(scope)?);
                }
                function.of(&values)
            }
            Self::OrNull(of) => of.evaluate(scope).unwrap_or(Value::Null),
        })
    }

    /// Whether it is true; what is not known is not.
    ///
    /// # Errors
    /// As `evaluate`.
    pub fn holds(&self, scope: Scope) -> Result<bool, Problem> {
        Ok(truth(&self.evaluate(scope)?) == Some(true))
    }
}

fn words(text: &str) -> Rc<[Value]> {
    let mut words: Vec<&str> = Vec::new();
    let mut rest = text;
    loop {
        let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        words.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(|char| !is_word(char));
        if rest.is_empty() {
            break;
        }
    }
    words.iter().map(|word| Value::text(word)).collect()
}

fn field(of: &Value, name: &str) -> Value {
    match of {
        Value::Text(text) => json::parse(text).and_then(|value| value.field(name).cloned()).unwrap_or(Value::Null),
        value => value.field(name).cloned().unwrap_or(Value::Null),
    }
}

fn element(of: &Value, index: &Value) -> Value {
    match (of, index) {
        (Value::List(items), Value::Long(index)) => {
            usize::try_from(*index).ok().and_then(|index| items.get(index)).cloned().unwrap_or(Value::Null)
        }
        _ => Value::Null,
    }
}

fn as_text(value: Value) -> Value {
    match value {
        Value::Null | Value::Text(_) => value,
        Value::List(_) | Value::Row(_) => Value::text(""),
        value => Value::Text(shown(&value).into()),
    }
}

fn as_long(value: Value) -> Result<Value, Problem> {
    match value {
        Value::Text(text) => match java::parse_number(&text) {
            Some(number) => Ok(Value::Long(number)),
            None => Err(format!("For input string: \"{text}\"")),
        },
        Value::Null => Err("Cannot parse null string: null".into()),
        value => Ok(value),
    }
}

/// As `String.valueOf`.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Double(value) => json::double(*value),
        value => json::write(value),
    }
}

fn truth(value: &Value) -> Option<bool> {
    if let Value::Bool(truth) = value { Some(*truth) } else { None }
}

fn decided(one: &Expression, two: &Expression, scope: Scope, by: bool) -> Result<Value, Problem> {
    let one = truth(&one.evaluate(scope)?);
    if one == Some(by) {
        return Ok(Value::Bool(by));
    }
    let two = truth(&two.evaluate(scope)?);
    Ok(match (one, two) {
        (_, Some(two)) if two == by => Value::Bool(by),
        (Some(_), Some(two)) => Value::Bool(two),
        _ => Value::Null,
    })
}

/// The order of two values of one kind; none where they cannot be compared.
pub fn order(one: &Value, two: &Value) -> Option<Ordering> {
    match (one, two) {
        (Value::Long(one), Value::Long(two)) => Some(one.cmp(two)),
        (Value::Text(one), Value::Text(two)) => Some(one.cmp(two)),
        (Value::Bool(one), Value::Bool(two)) => Some(one.cmp(two)),
        (one, two) => number(one)?.partial_cmp(&number(two)?),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Long(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        _ => None,
    }
}

impl Comparison {
    pub(super) fn of(self, one: &Value, two: &Value) -> Value {
        if matches!(one, Value::Null) || matches!(two, Value::Null) {
            return Value::Null;
        }
        let order = order(one, two);
        let equal = order.map_or(one == two, Ordering::is_eq);
        Value::Bool(match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Less => order.is_some_and(Ordering::is_lt),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order.is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        })
    }
}

impl Arithmetic {
    fn of(self, one: &Value, two: &Value) -> Result<Value, Problem> {
        if let (Value::Long(one), Value::Long(two)) = (one, two) {
            return Ok(Value::Long(match self {
                Self::Add => one.wrapping_add(*two),
                Self::Subtract => one.wrapping_sub(*two),
                Self::Multiply => one.wrapping_mul(*two),
                Self::Divide | Self::Remainder if *two == 0 => return Err("/ by zero".into()),
                Self::Divide => one.wrapping_div(*two),
                Self::Remainder => one.wrapping_rem(*two),
            }));
        }
        let (Some(one), Some(two)) = (number(one), number(two)) else { return Ok(Value::Null) };
        Ok(Value::Double(match self {
            Self::Add => one + two,
            Self::Subtract => one - two,
            Self::Multiply => one * two,
            Self::Divide => one / two,
            Self::Remainder => one % two,
        }))
    }
}
