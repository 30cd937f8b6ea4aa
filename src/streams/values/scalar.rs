//! The functions of queries over the values of one record. What a function cannot work on gives null, and so does null itself,
//! but where a function is there for it.

use super::expression::{Comparison, order, shown};
use super::{Value, calendar, earth, lists, texts};
use std::cmp::Ordering;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// A number as it is; null of anything else.
    Number,
    /// As text: a number's digits, rows and lists as JSON.
    Text,
    Cast(Target),
    Abs,
    Ceil,
    Floor,
    /// Half goes up. With a number of digits the result is a double.
    Round,
    Sqrt,
    Sign,
    /// Of the values that are not null.
    Greatest,
    Least,
    Len,
    Lcase,
    Ucase,
    Trim,
    /// From a place on, counted from 1, or back from the end if it is negative; as far as a length says.
    Substring,
    Concat,
    Replace,
    Split,
    Instr,
    /// `%`: any letters, `_`: one.
    Like,
    Coalesce,
    NullIf,
    /// Whether a value lies between two others, both included.
    Between,
    /// Whether the first value is one of the others, as SQL has it: null where that is not known.
    In,
    TimestampToString,
    /// In kilometres, or in miles where the last argument is 'MI'.
    GeoDistance,
    /// An item of a list, from 1, or back from the end if the number is negative.
    Item,
    /// How many items a list has.
    Size,
    /// A row with one more field: row, name, value.
    With,
    /// A list with one more item, if there is room (`lists::LENGTH_MAX`).
    Append,
    /// A list with one more item, unless it has it.
    AppendNew,
    /// A list without the last of the items that are like this one.
    RemoveLast,
    /// Two lists, one after the other.
    Joined,
    /// Two lists as one in which no item is twice.
    JoinedNew,
    /// The greatest items of a list and one more: list, item, how many.
    Top,
    /// The greatest items of two lists.
    TopJoined,
}

/// What a value is made to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Boolean,
    Int,
    Long,
    Double,
    Text,
    List(Rc<Target>),
    Map(Rc<Target>),
}

impl Scalar {
    pub fn of(&self, values: &[Value]) -> Value {
        let [first, rest @ ..] = values else { return Value::Null };
        match self {
            Self::Coalesce => values.iter().find(|value| **value != Value::Null).cloned().unwrap_or(Value::Null),
            Self::Greatest => extreme(values, Ordering::Greater),
            Self::Least => extreme(values, Ordering::Less),
            Self::NullIf => null_if(first, rest),
            Self::Between => between(first, rest),
            Self::In => is_in(first, rest),
            Self::With => with(first, rest),
            Self::Append | Self::AppendNew | Self::RemoveLast | Self::Joined | Self::JoinedNew => lists::of(self, first, rest),
            Self::Top | Self::TopJoined => lists::top(self, first, rest),
            _ if values.contains(&Value::Null) => Value::Null,
            Self::Number => {
                if number(first).is_some() {
                    first.clone()
                } else {
                    Value::Null
                }
            }
            Self::Text => Value::Text(shown(first).into()),
            Self::Cast(target) => target.of(first),
            Self::Abs | Self::Ceil | Self::Floor | Self::Round | Self::Sqrt | Self::Sign => self.of_number(first, rest),
            Self::TimestampToString => match (first, rest) {
                (Value::Long(at), [Value::Text(format), ..]) => calendar::formatted(*at, format).map_or(Value::Null, text),
                _ => Value::Null,
            },
            Self::GeoDistance => distance(values),
            Self::Item => lists::item(first, rest),
            Self::Size => match first {
                Value::List(items) => count(items.len()),
                _ => Value::Null,
            },
            _ => texts::of(self, first, rest),
        }
    }

    fn of_number(&self, first: &Value, rest: &[Value]) -> Value {
        match (self, first, rest) {
            (Self::Abs, Value::Long(number), _) => Value::Long(number.wrapping_abs()),
            (Self::Abs, Value::Double(number), _) => Value::Double(number.abs()),
            (Self::Sign, Value::Long(number), _) => Value::Long(number.signum()),
            (Self::Sign, Value::Double(number), _) => Value::Long(i64::from(*number > 0.0) - i64::from(*number < 0.0)),
            (Self::Ceil | Self::Floor | Self::Round, Value::Long(_), []) => first.clone(),
            (Self::Ceil, Value::Double(number), _) => Value::Double(number.ceil()),
            (Self::Floor, Value::Double(number), _) => Value::Double(number.floor()),
            // `Math.round`
            (Self::Round, Value::Double(number), []) => Value::Long((number + 0.5).floor() as i64),
            (Self::Round, _, [Value::Long(digits)]) => match number(first) {
                Some(number) => Value::Double(rounded(number, *digits)),
                None => Value::Null,
            },
            (Self::Sqrt, _, _) => match number(first).filter(|number| *number >= 0.0) {
                Some(number) => Value::Double(number.sqrt()),
                None => Value::Null,
            },
            _ => Value::Null,
        }
    }
}

impl Target {
    fn of(&self, value: &Value) -> Value {
        match (self, value) {
            (_, Value::Null) => Value::Null,
            (Self::Boolean, Value::Bool(_)) => value.clone(),
            (Self::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            (Self::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            (Self::Long, _) => whole(value).map_or(Value::Null, Value::Long),
            (Self::Int, _) => whole(value).filter(|number| i32::try_from(*number).is_ok()).map_or(Value::Null, Value::Long),
            (Self::Double, Value::Text(text)) => decimal(text).map_or(Value::Null, Value::Double),
            (Self::Double, _) => number(value).map_or(Value::Null, Value::Double),
            (Self::Text, _) => text(shown(value)),
            (Self::List(of), Value::List(items)) => Value::List(items.iter().map(|item| of.of(item)).collect()),
            (Self::Map(of), Value::Row(fields)) => {
                Value::Row(fields.iter().map(|(name, value)| (name.clone(), of.of(value))).collect())
            }
            _ => Value::Null,
        }
    }
}

pub(super) fn text(text: String) -> Value {
    Value::Text(text.into())
}

pub(super) fn count(count: usize) -> Value {
    Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Long(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        _ => None,
    }
}

/// A fraction is cut off.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Long(number) => Some(*number),
        Value::Double(number) if number.is_finite() => Some(number.trunc() as i64),
        Value::Text(text) => text.trim().parse().ok().or_else(|| Some(decimal(text)?.trunc() as i64)),
        _ => None,
    }
}

fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    // Rust would read `inf` and `nan` too.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| digits && number.is_finite())
}

/// To so many digits after the point; negative: before it. Half goes away from 0.
fn rounded(number: f64, digits: i64) -> f64 {
    if !number.is_finite() || digits > 15 {
        return number;
    }
    let scale = (0..digits.unsigned_abs().min(308)).fold(1.0, |scale, _| scale * 10.0);
    let (whole, back) = if digits >= 0 { (number * scale, 1.0 / scale) } else { (number / scale, scale) };
    if !whole.is_finite() {
        return number;
    }
    let half = whole.round();
    if digits >= 0 { half / scale } else { half * back }
}

fn extreme(values: &[Value], wanted: Ordering) -> Value {
    let mut found = &Value::Null;
    for value in values.iter().filter(|value| **value != Value::Null) {
        if *found == Value::Null || order(value, found) == Some(wanted) {
            found = value;
        }
    }
    found.clone()
}

fn equal(one: &Value, two: &Value) -> bool {
    order(one, two).map_or(one == two, Ordering::is_eq)
}

fn null_if(first: &Value, rest: &[Value]) -> Value {
    match rest {
        [other, ..] if equal(first, other) => Value::Null,
        _ => first.clone(),
    }
}

fn between(first: &Value, rest: &[Value]) -> Value {
    let [low, high] = rest else { return Value::Null };
    let sides = [Comparison::GreaterOrEqual.of(first, low), Comparison::LessOrEqual.of(first, high)];
    match sides {
        [Value::Bool(false), _] | [_, Value::Bool(false)] => Value::Bool(false),
        [Value::Bool(true), Value::Bool(true)] => Value::Bool(true),
        _ => Value::Null,
    }
}

fn is_in(first: &Value, rest: &[Value]) -> Value {
    if *first == Value::Null {
        return Value::Null;
    }
    if rest.iter().any(|other| *other != Value::Null && equal(first, other)) {
        return Value::Bool(true);
    }
    if rest.contains(&Value::Null) { Value::Null } else { Value::Bool(false) }
}

fn with(row: &Value, rest: &[Value]) -> Value {
    let (Value::Row(fields), [Value::Text(name), value]) = (row, rest) else { return row.clone() };
    let others = fields.iter().filter(|(field, _)| field != name).cloned();
    Value::Row(others.chain([(name.clone(), value.clone())]).collect())
}

fn distance(values: &[Value]) -> Value {
    let [lat_1, lon_1, lat_2, lon_2, unit @ ..] = values else { return Value::Null };
    let miles = match unit {
        [] => false,
        [Value::Text(unit)] if unit.to_ascii_uppercase().starts_with("KM") => false,
        [Value::Text(unit)] if unit.to_ascii_uppercase().starts_with("MI") => true,
        _ => return Value::Null,
    };
    let place = |lat: &Value, lon: &Value| Some((number(lat)?, number(lon)?));
    let (Some(from), Some(to)) = (place(lat_1, lon_1), place(lat_2, lon_2)) else { return Value::Null };
    earth::distance(from, to, if miles { earth::RADIUS_MI } else { earth::RADIUS_KM }).map_or(Value::Null, Value::Double)
}
