//! What functions and aggregates of queries do to lists.

use super::Value;
use super::expression::order;
use super::scalar::Scalar;
use std::cmp::Ordering;
use std::rc::Rc;

/// So many items a list of an aggregate has at most; what comes after them is left out.
pub const LENGTH_MAX: usize = 1000;

pub(super) fn of(function: &Scalar, list: &Value, rest: &[Value]) -> Value {
    let items: &[Value] = if let Value::List(items) = list { items } else { &[] };
    let [item, ..] = rest else { return list.clone() };
    match function {
        Scalar::Append => appended(items, [item], false),
        Scalar::AppendNew => appended(items, [item], true),
        Scalar::Joined | Scalar::JoinedNew => {
            let others: &[Value] = if let Value::List(others) = item { others } else { &[] };
            appended(items, others, *function == Scalar::JoinedNew)
        }
        _ => {
            let Some(at) = items.iter().rposition(|other| other == item) else { return list.clone() };
            Value::List(items.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, item)| item.clone()).collect())
        }
    }
}

fn appended<'v>(items: &[Value], more: impl IntoIterator<Item = &'v Value>, new_only: bool) -> Value {
    let mut all = items.to_vec();
    for item in more {
        if all.len() < LENGTH_MAX && !(new_only && all.contains(item)) {
            all.push(item.clone());
        }
    }
    Value::List(all.into())
}

/// The greatest first. Null, and what cannot be compared with what is there, is left out.
pub(super) fn top(function: &Scalar, list: &Value, rest: &[Value]) -> Value {
    let [more, Value::Long(length)] = rest else { return list.clone() };
    let length = usize::try_from(*length).unwrap_or(0).min(LENGTH_MAX);
    let items: &[Value] = if let Value::List(items) = list { items } else { &[] };
    let mut all = items.to_vec();
    let more = match (function, more) {
        (Scalar::TopJoined, Value::List(more)) => more.clone(),
        _ => Rc::from([more.clone()]),
    };
    for item in more.iter().filter(|item| **item != Value::Null) {
        let comparable = all.first().is_none_or(|first| order(first, item).is_some());
        if comparable {
            let place = all.iter().position(|other| order(other, item) == Some(Ordering::Less)).unwrap_or(all.len());
            all.insert(place, item.clone());
        }
    }
    all.truncate(length);
    Value::List(all.into())
}

pub(super) fn item(list: &Value, rest: &[Value]) -> Value {
    let (Value::List(items), [Value::Long(number)]) = (list, rest) else { return Value::Null };
    let back = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let place = if *number < 0 { items.len().checked_sub(back) } else { back.checked_sub(1) };
    place.and_then(|place| items.get(place)).cloned().unwrap_or(Value::Null)
}
