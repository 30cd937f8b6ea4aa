//! Calls of functions over one record: which operator's function each is, what it takes and gives.

use super::compile::{Compiler, of_both};
use super::scope::{Typed, typed};
use super::types::Type;
use super::wrong::{Wrong, short};
use crate::streams::Expression;
use crate::streams::query::expr::{Arguments, Call, Expr, ExprKind, Literal};
use crate::streams::query::functions::FunctionId;
use crate::streams::values::calendar;
use crate::streams::values::scalar::Scalar;

/// What an argument has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Any,
    Number,
    /// A number counts as its digits.
    Text,
}

/// What comes of a call.
enum Gives {
    Known(Type),
    /// As the arguments are.
    Same,
}

pub(super) fn compile(compiler: &Compiler, call: &Call) -> Result<Typed, Wrong> {
    let list: &[Expr] = if let Arguments::List(list) = &call.arguments { list } else { &[] };
    let mut arguments = Vec::with_capacity(list.len());
    let mut types: Vec<Type> = Vec::with_capacity(list.len());
    let id = call.function.id;
    for (at, argument) in list.iter().enumerate() {
        let value = compiler.compile(argument)?;
        check(call, wants(id, at), argument, &value.data_type)?;
        arguments.push(value.expression);
        types.push(value.data_type);
    }
    check_literals(id, list)?;
    let (scalar, gives) = function(id, list.len());
    let data_type = match gives {
        Gives::Known(data_type) => data_type,
        Gives::Same if id == FunctionId::NullIf => types.into_iter().next().unwrap_or_default(),
        Gives::Same => {
            let numbers = types.iter().all(Type::is_number);
            let first = types.first().cloned().unwrap_or_default();
            if numbers {
                types.iter().fold(Type::Long, |all, next| of_both(&all, next))
            } else if types.iter().all(|other| *other == first) {
                first
            } else {
                Type::Unknown
            }
        }
    };
    if id == FunctionId::TimestampToString {
        arguments.truncate(2);
    }
    match (scalar, arguments.as_mut_slice()) {
        (Some(scalar), _) => Ok(typed(Expression::call(scalar, arguments), data_type)),
        (None, [only, ..]) => Ok(typed(std::mem::replace(only, Expression::Value), data_type)),
        (None, []) => Err(Wrong::new(call.name_span, format!("{} takes an argument.", call.function.name))),
    }
}

/// `None`: the argument as it is.
fn function(id: FunctionId, arguments: usize) -> (Option<Scalar>, Gives) {
    use FunctionId as Id;
    let (long, double, text) = (Gives::Known(Type::Long), Gives::Known(Type::Double), Gives::Known(Type::Text));
    let (scalar, gives) = match id {
        Id::Abs => (Scalar::Abs, Gives::Same),
        Id::Ceil => (Scalar::Ceil, Gives::Same),
        Id::Floor => (Scalar::Floor, Gives::Same),
        Id::Round => (Scalar::Round, if arguments == 1 { long } else { double }),
        Id::Sqrt => (Scalar::Sqrt, double),
        Id::Sign => (Scalar::Sign, long),
        Id::Greatest => (Scalar::Greatest, Gives::Same),
        Id::Least => (Scalar::Least, Gives::Same),
        Id::Len => (Scalar::Len, long),
        Id::Lcase => (Scalar::Lcase, text),
        Id::Ucase => (Scalar::Ucase, text),
        Id::Trim => (Scalar::Trim, text),
        Id::Substring => (Scalar::Substring, text),
        Id::Concat => (Scalar::Concat, text),
        Id::Replace => (Scalar::Replace, text),
        Id::Split => (Scalar::Split, Gives::Known(Type::List(Box::new(Type::Text)))),
        Id::Instr => (Scalar::Instr, long),
        Id::Coalesce | Id::IfNull => (Scalar::Coalesce, Gives::Same),
        Id::NullIf => (Scalar::NullIf, Gives::Same),
        Id::TimestampToString => (Scalar::TimestampToString, text),
        Id::GeoDistance => (Scalar::GeoDistance, double),
        Id::AsValue => return (None, Gives::Same),
        Id::Count
        | Id::CountDistinct
        | Id::Sum
        | Id::Min
        | Id::Max
        | Id::Avg
        | Id::LatestByOffset
        | Id::EarliestByOffset
        | Id::CollectList
        | Id::CollectSet
        | Id::TopK
        | Id::Explode => return (None, Gives::Known(Type::Unknown)),
    };
    (Some(scalar), gives)
}

fn wants(id: FunctionId, at: usize) -> Wants {
    use FunctionId as Id;
    match (id, at) {
        (Id::Abs | Id::Ceil | Id::Floor | Id::Round | Id::Sqrt | Id::Sign, _) => Wants::Number,
        (Id::GeoDistance, 0..4) | (Id::Substring, 1..) | (Id::TimestampToString, 0) => Wants::Number,
        (Id::Len | Id::Lcase | Id::Ucase | Id::Trim | Id::Substring | Id::Replace | Id::Split | Id::Instr, _) => Wants::Text,
        (Id::TimestampToString | Id::GeoDistance, _) => Wants::Text,
        _ => Wants::Any,
    }
}

fn check(call: &Call, wants: Wants, argument: &Expr, data_type: &Type) -> Result<(), Wrong> {
    let fits = match wants {
        Wants::Any => true,
        Wants::Number => data_type.is_number() || *data_type == Type::Unknown,
        Wants::Text => !matches!(data_type, Type::List(_) | Type::Map(_) | Type::Row(_)),
    };
    if fits {
        return Ok(());
    }
    let what = if wants == Wants::Number { "a number" } else { "a text" };
    let shown = short(&argument.to_string());
    let message = format!("{} takes {what} here, but {shown} is {data_type}.", call.function.name);
    Err(Wrong::new(argument.span, message).hint(format!("It is called like this: {}.", call.function.usage)))
}

/// What can be said of texts that are written out: formats, zones and units.
fn check_literals(id: FunctionId, list: &[Expr]) -> Result<(), Wrong> {
    let literal = |at: usize| match list.get(at).map(|argument| (&argument.kind, argument.span)) {
        Some((ExprKind::Literal(Literal::Text(text)), span)) => Some((text.as_str(), span)),
        _ => None,
    };
    match id {
        FunctionId::TimestampToString => {
            if let Some((format, span)) = literal(1).filter(|(format, _)| !calendar::is_format(format)) {
                let wrong = Wrong::new(span, format!("The format {} is not known.", short(format)));
                return Err(wrong.hint("Its letters are yyyy, MM, dd, HH, mm, ss and SSS; other letters stand in quotes."));
            }
            if let Some(argument) = list.get(2)
                && !literal(2).is_some_and(|(zone, _)| ["UTC", "GMT", "Z"].contains(&zone))
            {
                return Err(Wrong::new(argument.span, "Only the zone 'UTC' is known."));
            }
        }
        FunctionId::GeoDistance => {
            let unit = literal(4).filter(|(unit, _)| !["KM", "MI"].contains(&&*unit.to_ascii_uppercase()));
            if let Some((_, span)) = unit {
                return Err(Wrong::new(span, "Distances are in 'KM' or 'MI'."));
            }
        }
        _ => {}
    }
    Ok(())
}
