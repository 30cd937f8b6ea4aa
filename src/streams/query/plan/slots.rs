//! What each aggregate keeps in the row of a group.

use super::compile::Compiler;
use super::scope::{Typed, typed};
use super::types::Type;
use super::wrong::{Wrong, short};
use crate::streams::query::expr::{Arguments, Call, Expr, ExprKind, Literal};
use crate::streams::query::functions::FunctionId;
use crate::streams::query::span::Span;
use crate::streams::topology::Aggregator;
use crate::streams::values::expression::{Arithmetic, Comparison};
use crate::streams::values::lists::LENGTH_MAX;
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Value};
use std::rc::Rc;

/// A field of a group's row. In its expressions the row so far is `Other`, what comes to it `Value`.
pub(super) struct Slot {
    pub name: Rc<str>,
    initial: Value,
    add: Expression,
    /// `None`: a row that leaves its group cannot be taken back.
    subtract: Option<Expression>,
    merge: Expression,
}

/// One aggregate.
pub(super) struct Made {
    /// What it needs of a record.
    pub prepared: Vec<(Rc<str>, Expression)>,
    pub slots: Vec<Slot>,
    /// Read from the group's row, which is `Value` then.
    pub result: Typed,
}

fn long(number: i64) -> Expression {
    Expression::Literal(Value::Long(number))
}

fn so_far(name: &str) -> Expression {
    Expression::Other.field_of(name)
}

fn coming(name: &str) -> Expression {
    Expression::Value.field_of(name)
}

impl Slot {
    /// What all records of a group have in common.
    pub fn of_group(name: Rc<str>) -> Self {
        let merge = Expression::call(Scalar::Coalesce, [coming(&name), so_far(&name)]);
        Self { initial: Value::Null, add: coming(&name), subtract: Some(so_far(&name)), merge, name }
    }

    /// A sum of something that each record has.
    fn sum(name: &str, initial: Value, of: Expression) -> Self {
        let with = |arithmetic, other| so_far(name).compute(arithmetic, other);
        let (add, subtract) = (with(Arithmetic::Add, of.clone()), with(Arithmetic::Subtract, of));
        Self { name: name.into(), initial, add, subtract: Some(subtract), merge: with(Arithmetic::Add, coming(name)) }
    }

    /// Made by a function of what there is and what comes, twice: for a record, and for a session.
    fn folded(name: &str, initial: Value, of: &Expression, by: impl Fn(Expression, Expression) -> Expression) -> Self {
        let (add, merge) = (by(so_far(name), of.clone()), by(so_far(name), coming(name)));
        Self { name: name.into(), initial, add, subtract: None, merge }
    }

    fn list(name: &str, of: &Expression, (append, join): (Scalar, Scalar)) -> Self {
        let none = Value::List(Rc::from([]));
        let add = Expression::call(append, [so_far(name), of.clone()]);
        let merge = Expression::call(join, [so_far(name), coming(name)]);
        Self { name: name.into(), initial: none, add, subtract: None, merge }
    }

    pub fn aggregator(slots: Vec<Self>, of_table: bool) -> Aggregator {
        let row = |part: &dyn Fn(&Self) -> Expression| {
            Expression::Row(slots.iter().map(|slot| (slot.name.clone(), part(slot))).collect())
        };
        let initial = Value::Row(slots.iter().map(|slot| (slot.name.clone(), slot.initial.clone())).collect());
        let subtract = of_table.then(|| row(&|slot| slot.subtract.clone().unwrap_or(Expression::Literal(Value::Null))));
        Aggregator { initial, add: row(&|slot| slot.add.clone()), subtract, merge: Some(row(&|slot| slot.merge.clone())) }
    }
}

pub(super) fn slots_of(inner: &Compiler, call: &Call, span: Span, of_table: bool) -> Result<Made, Wrong> {
    let list: &[Expr] = match &call.arguments {
        Arguments::Star => return Ok(count_all(call)),
        Arguments::Distinct(one) => std::slice::from_ref(&**one),
        Arguments::List(list) => list,
    };
    let Some(first) = list.first() else { return Err(Wrong::new(span, format!("{} takes an argument.", call.function.name))) };
    let value = inner.compile(first)?;
    let (text, argument) = (call.to_string(), first.to_string());
    let id = match &call.arguments {
        Arguments::Distinct(_) => FunctionId::CountDistinct,
        _ => call.function.id,
    };
    check(id, first, &value.data_type)?;
    let (slots, expression, data_type) = made(id, (&text, &argument), &value.data_type, list)?;
    if of_table && slots.iter().any(|slot| slot.subtract.is_none()) {
        let wrong = Wrong::new(
            span,
            format!("{} cannot be taken over a table: a row that changes would have to be taken back.", short(&text)),
        );
        return Err(wrong.hint("COUNT, SUM, AVG and COLLECT_LIST can; over a stream all of them can."));
    }
    Ok(Made { prepared: vec![(argument.into(), value.expression)], slots, result: typed(expression, data_type) })
}

fn count_all(call: &Call) -> Made {
    let name = call.to_string();
    let slot = Slot::sum(&name, Value::Long(0), long(1));
    Made { prepared: Vec::new(), slots: vec![slot], result: typed(coming(&name), Type::Long) }
}

fn made(id: FunctionId, (text, argument): (&str, &str), of: &Type, list: &[Expr]) -> Result<(Vec<Slot>, Expression, Type), Wrong> {
    let value = coming(argument);
    let present = |there: Expression, missing: Expression| {
        Expression::Case(vec![(Expression::IsNull(Box::new(value.clone())), missing)], Box::new(there))
    };
    let count = |name: &str| Slot::sum(name, Value::Long(0), present(long(1), long(0)));
    let list_of = || Type::List(Box::new(of.clone()));
    let one = |slot: Slot, data_type: Type| Ok((vec![slot], coming(text), data_type));
    let both = |function: &'static Scalar| move |one, two| Expression::call(function.clone(), [one, two]);
    match id {
        FunctionId::Count => one(count(text), Type::Long),
        FunctionId::Sum => one(sum(text, &value, of), if of.is_number() { of.clone() } else { Type::Unknown }),
        FunctionId::Avg => {
            let (sum_name, count_name) = (format!("SUM({argument})"), format!("COUNT({argument})"));
            // Of what may be no number, only numbers count.
            let count_name = if of.is_number() { count_name } else { format!("COUNT(numbers of {argument})") };
            let is_number = Expression::IsNull(Box::new(Expression::call(Scalar::Number, [value.clone()])));
            let counted = Expression::Case(vec![(is_number, long(0))], Box::new(long(1)));
            let slots = vec![sum(&sum_name, &value, of), Slot::sum(&count_name, Value::Long(0), counted)];
            let (sum, count) = (coming(&sum_name), coming(&count_name));
            let none = (count.clone().compare(Comparison::Equal, long(0)), Expression::Literal(Value::Null));
            let double = sum.compute(Arithmetic::Multiply, Expression::Literal(Value::Double(1.0)));
            let mean = Expression::Case(vec![none], Box::new(double.compute(Arithmetic::Divide, count)));
            Ok((slots, mean, Type::Double))
        }
        FunctionId::Min => one(Slot::folded(text, Value::Null, &value, both(&Scalar::Least)), of.clone()),
        FunctionId::Max => one(Slot::folded(text, Value::Null, &value, both(&Scalar::Greatest)), of.clone()),
        FunctionId::EarliestByOffset => one(Slot::folded(text, Value::Null, &value, both(&Scalar::Coalesce)), of.clone()),
        FunctionId::LatestByOffset => {
            let latest = |so_far, next| Expression::call(Scalar::Coalesce, [next, so_far]);
            one(Slot::folded(text, Value::Null, &value, latest), of.clone())
        }
        FunctionId::CollectList => {
            let removed = Expression::call(Scalar::RemoveLast, [so_far(text), value.clone()]);
            let slot = Slot::list(text, &value, (Scalar::Append, Scalar::Joined));
            one(Slot { subtract: Some(removed), ..slot }, list_of())
        }
        FunctionId::CollectSet => one(Slot::list(text, &value, (Scalar::AppendNew, Scalar::JoinedNew)), list_of()),
        FunctionId::CountDistinct => {
            let slot = Slot::list(text, &value, (Scalar::AppendNew, Scalar::JoinedNew));
            let add = present(slot.add.clone(), so_far(text));
            let size = Expression::call(Scalar::Size, [coming(text)]);
            Ok((vec![Slot { add, ..slot }], size, Type::Long))
        }
        _ => one(top(text, &value, list)?, list_of()),
    }
}

fn sum(name: &str, value: &Expression, of: &Type) -> Slot {
    let initial = if *of == Type::Double { Value::Double(0.0) } else { Value::Long(0) };
    let number = Expression::call(Scalar::Number, [value.clone()]);
    Slot::sum(name, initial, Expression::call(Scalar::Coalesce, [number, long(0)]))
}

fn top(name: &str, value: &Expression, list: &[Expr]) -> Result<Slot, Wrong> {
    let how_many = match list.get(1).map(|argument| (&argument.kind, argument.span)) {
        Some((ExprKind::Literal(Literal::Int(number)), _)) if (1..=LENGTH_MAX as i64).contains(number) => *number,
        other => {
            let span = other.map_or(Span::default(), |(_, span)| span);
            return Err(Wrong::new(span, format!("TOPK takes a number from 1 to {LENGTH_MAX} as its second argument.")));
        }
    };
    let slot = Slot::list(name, value, (Scalar::Append, Scalar::Joined));
    let add = Expression::call(Scalar::Top, [so_far(name), value.clone(), long(how_many)]);
    let merge = Expression::call(Scalar::TopJoined, [so_far(name), coming(name), long(how_many)]);
    Ok(Slot { add, merge, ..slot })
}

fn check(id: FunctionId, argument: &Expr, data_type: &Type) -> Result<(), Wrong> {
    let parts = matches!(data_type, Type::List(_) | Type::Map(_) | Type::Row(_));
    let wanted = match id {
        FunctionId::Sum | FunctionId::Avg if !data_type.is_number() && !data_type.is_unknown() => "numbers",
        FunctionId::Min | FunctionId::Max | FunctionId::TopK if parts => "values that have an order",
        _ => return Ok(()),
    };
    let (name, shown) = (format!("{id:?}").to_uppercase(), short(&argument.to_string()));
    Err(Wrong::new(argument.span, format!("{name} takes {wanted}, but {shown} is {data_type}.")))
}
