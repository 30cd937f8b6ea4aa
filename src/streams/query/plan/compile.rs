//! From expressions of the language to those of operators.

use super::aggregates::Groups;
use super::calls;
use super::scope::{Pseudo, Scope, Typed, known, step_of, typed};
use super::types::{Type, target};
use super::wrong::{Wrong, short};
use crate::streams::query::expr::{Branch, Expr, ExprKind, Literal, Operator, Path};
use crate::streams::query::functions::FunctionKind;
use crate::streams::query::span::Span;
use crate::streams::values::expression::{Arithmetic, Comparison};
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Value};

/// Where an expression stands: what it may have in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Clause {
    Select,
    Where,
    On,
    GroupBy,
    Having,
    PartitionBy,
    /// The argument of an aggregate.
    Aggregate,
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub(super) struct Compiler<'a> {
    pub scope: &'a Scope,
    pub clause: Clause,
    /// The call that gives several rows; each is `Expression::Other`.
    pub exploded: Option<(&'a Expr, &'a Type)>,
    /// After grouping: what is left of the records.
    pub groups: Option<&'a Groups>,
}

type Compiled = Result<Typed, Wrong>;

impl Compiler<'_> {
    pub fn compile(&self, expr: &Expr) -> Compiled {
        if let Some((call, data_type)) = self.exploded
            && call == expr
        {
            return Ok(typed(Expression::Other, data_type.clone()));
        }
        if let Some(found) = self.groups.and_then(|groups| groups.find(self, expr)) {
            return Ok(found);
        }
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(literal_of(literal)),
            ExprKind::Path(path) => self.path(path, expr.span),
            ExprKind::Access { base, steps } => {
                let start = self.compile(base)?;
                steps.iter().try_fold(start, |from, step| step_of(from, step, &base.to_string()))
            }
            ExprKind::Call(call) => match call.function.kind {
                FunctionKind::Scalar => calls::compile(self, call),
                FunctionKind::Aggregate => Err(self.no_aggregate(&expr.to_string(), expr.span)),
                FunctionKind::Table => Err(self.no_table_function(expr.span)),
            },
            ExprKind::Not(of) => Ok(typed(Expression::Not(Box::new(self.condition(of)?)), Type::Boolean)),
            ExprKind::Negative(of) => self.negative(of),
            ExprKind::Binary { operator, left, right } => self.binary(*operator, left, right),
            ExprKind::IsNull { value, not } => {
                let test = Expression::IsNull(Box::new(self.compile(value)?.expression));
                Ok(typed(negated(test, *not), Type::Boolean))
            }
            ExprKind::Cast { value, to } => {
                let value = self.compile(value)?.expression;
                Ok(typed(Expression::call(Scalar::Cast(target(to)), [value]), Type::declared(to)))
            }
            ExprKind::Like { .. } | ExprKind::Between { .. } | ExprKind::In { .. } => self.test(expr),
            ExprKind::Case { value, branches, otherwise } => self.case(value.as_deref(), branches, otherwise.as_deref()),
        }
    }

    /// What WHERE and its like want.
    pub fn condition(&self, expr: &Expr) -> Result<Expression, Wrong> {
        let Typed { expression, data_type } = self.compile(expr)?;
        match data_type {
            Type::Boolean | Type::Unknown => Ok(expression),
            other => {
                let wrong = Wrong::new(expr.span, format!("A condition is true or false, but {} is {other}.", shown(expr)));
                Err(wrong.hint("Compare it with something."))
            }
        }
    }

    fn path(&self, path: &Path, span: Span) -> Compiled {
        let Some(groups) = self.groups else { return self.scope.resolve(path, span) };
        if let Some(pseudo) = Pseudo::of(&path.root).filter(|_| path.steps.is_empty()) {
            return known(pseudo, groups.windowed, span);
        }
        // What is wrong with the name itself is told first.
        self.scope.resolve(path, span)?;
        let shown = short(&path.to_string());
        let wrong = Wrong::new(span, format!("{shown} is not the same in all records of a group."));
        Err(wrong.hint(format!("Add it to GROUP BY, or take one of its values: LATEST_BY_OFFSET({shown}), MAX({shown}).")))
    }

    fn no_aggregate(&self, shown: &str, span: Span) -> Wrong {
        let wrong = |place: &str| Wrong::new(span, format!("{} cannot stand in {place}.", short(shown)));
        match self.clause {
            Clause::Where => wrong("WHERE, which sees one record at a time").hint("HAVING is for groups."),
            Clause::On => wrong("ON"),
            Clause::GroupBy => wrong("GROUP BY"),
            Clause::PartitionBy => wrong("PARTITION BY"),
            Clause::Aggregate => wrong("another aggregate").hint("Give the inner one a query of its own."),
            Clause::Select | Clause::Having => {
                Wrong::new(span, format!("{} is a value of a group, but there is no GROUP BY.", short(shown)))
                    .hint("All records are one group with GROUP BY 'all'.")
            }
        }
    }

    fn no_table_function(&self, span: Span) -> Wrong {
        let wrong = Wrong::new(span, "EXPLODE cannot stand here.");
        wrong.hint("It stands in SELECT, once, over a stream; conditions on its rows are for a query of their own.")
    }

    fn negative(&self, of: &Expr) -> Compiled {
        let Typed { expression, data_type } = self.number(of, "-")?;
        let zero = Expression::Literal(Value::Long(0));
        Ok(typed(zero.compute(Arithmetic::Subtract, expression), data_type))
    }

    fn number(&self, of: &Expr, sign: &str) -> Compiled {
        let value = self.compile(of)?;
        if value.data_type.is_unknown() || value.data_type.is_number() {
            return Ok(value);
        }
        let wrong = Wrong::new(of.span, format!("`{sign}` takes numbers, but {} is {}.", shown(of), value.data_type));
        Err(match value.data_type {
            Type::Text if sign == "+" => wrong.hint("Texts are joined with `||`."),
            Type::Text => wrong.hint(format!("Make it one: CAST({} AS DOUBLE).", shown(of))),
            _ => wrong,
        })
    }

    fn binary(&self, operator: Operator, left: &Expr, right: &Expr) -> Compiled {
        let arithmetic = match operator {
            Operator::Or | Operator::And => {
                let (left, right) = (Box::new(self.condition(left)?), Box::new(self.condition(right)?));
                let both = if operator == Operator::Or { Expression::Or(left, right) } else { Expression::And(left, right) };
                return Ok(typed(both, Type::Boolean));
            }
            Operator::Concat => {
                let (left, right) = (self.compile(left)?.expression, self.compile(right)?.expression);
                return Ok(typed(Expression::call(Scalar::Concat, [left, right]), Type::Text));
            }
            Operator::Equal => return self.compare(Comparison::Equal, left, right),
            Operator::NotEqual => return self.compare(Comparison::NotEqual, left, right),
            Operator::Less => return self.compare(Comparison::Less, left, right),
            Operator::LessOrEqual => return self.compare(Comparison::LessOrEqual, left, right),
            Operator::Greater => return self.compare(Comparison::Greater, left, right),
            Operator::GreaterOrEqual => return self.compare(Comparison::GreaterOrEqual, left, right),
            Operator::Add => Arithmetic::Add,
            Operator::Subtract => Arithmetic::Subtract,
            Operator::Multiply => Arithmetic::Multiply,
            Operator::Divide => Arithmetic::Divide,
            Operator::Remainder => Arithmetic::Remainder,
        };
        let (left, right) = (self.number(left, operator.text())?, self.number(right, operator.text())?);
        let data_type = of_both(&left.data_type, &right.data_type);
        let computed = left.expression.compute(arithmetic, right.expression);
        let throws = matches!(arithmetic, Arithmetic::Divide | Arithmetic::Remainder);
        Ok(typed(if throws { Expression::OrNull(Box::new(computed)) } else { computed }, data_type))
    }

    fn compare(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Compiled {
        let (one, two) = self.comparable(left, right)?;
        Ok(typed(one.expression.compare(comparison, two.expression), Type::Boolean))
    }

    /// Both of two values, if they can be equal.
    fn comparable(&self, left: &Expr, right: &Expr) -> Result<(Typed, Typed), Wrong> {
        let (one, two) = (self.compile(left)?, self.compile(right)?);
        must_compare((left, &one.data_type), (right, &two.data_type))?;
        Ok((one, two))
    }

    fn test(&self, expr: &Expr) -> Compiled {
        let (test, not) = match &expr.kind {
            ExprKind::Like { value, pattern, not } => {
                let (value, pattern) = (self.text(value)?, self.text(pattern)?);
                (Expression::call(Scalar::Like, [value, pattern]), *not)
            }
            ExprKind::Between { value, low, high, not } => {
                let (of, from) = self.comparable(value, low)?;
                let to = self.comparable(value, high)?.1;
                (Expression::call(Scalar::Between, [of.expression, from.expression, to.expression]), *not)
            }
            ExprKind::In { value, list, not } => {
                let of = self.compile(value)?;
                let mut all = vec![of.expression];
                for item in list {
                    let other = self.compile(item)?;
                    must_compare((value, &of.data_type), (item, &other.data_type))?;
                    all.push(other.expression);
                }
                (Expression::call(Scalar::In, all), *not)
            }
            _ => (Expression::Literal(Value::Null), false),
        };
        Ok(typed(negated(test, not), Type::Boolean))
    }

    fn text(&self, of: &Expr) -> Result<Expression, Wrong> {
        let Typed { expression, data_type } = self.compile(of)?;
        if matches!(data_type, Type::Unknown | Type::Text) {
            return Ok(expression);
        }
        let wrong = Wrong::new(of.span, format!("LIKE takes texts, but {} is {data_type}.", shown(of)));
        Err(wrong.hint(format!("Make it one: CAST({} AS STRING).", shown(of))))
    }

    fn case(&self, value: Option<&Expr>, branches: &[Branch], otherwise: Option<&Expr>) -> Compiled {
        let of = value.map(|value| Ok((value, self.compile(value)?))).transpose()?;
        let mut cases = Vec::with_capacity(branches.len());
        let mut data_type: Option<Type> = None;
        let mut seen = |next: Type| data_type = Some(data_type.take().map_or(next.clone(), |before| before.merged(next)));
        for branch in branches {
            let when = match &of {
                Some((value, of)) => {
                    let when = self.compile(&branch.when)?;
                    must_compare((value, &of.data_type), (&branch.when, &when.data_type))?;
                    when.expression
                }
                None => self.condition(&branch.when)?,
            };
            let then = self.compile(&branch.then)?;
            seen(then.data_type);
            cases.push((when, then.expression));
        }
        let mut last = Expression::Literal(Value::Null);
        if let Some(otherwise) = otherwise {
            let value = self.compile(otherwise)?;
            seen(value.data_type);
            last = value.expression;
        }
        let made = match of {
            Some((_, of)) => Expression::Switch(Box::new(of.expression), cases, Box::new(last)),
            None => Expression::Case(cases, Box::new(last)),
        };
        Ok(typed(made, data_type.unwrap_or_default()))
    }
}

fn must_compare((left, one): (&Expr, &Type), (right, two): (&Expr, &Type)) -> Result<(), Wrong> {
    if one.is_comparable(two) {
        return Ok(());
    }
    let span = left.span.to(right.span);
    let wrong = Wrong::new(span, format!("{} is {one} and {} is {two}: they cannot be compared.", shown(left), shown(right)));
    Err(wrong.hint("CAST(… AS STRING) makes a text of either."))
}

fn shown(expr: &Expr) -> String {
    short(&expr.to_string())
}

fn negated(test: Expression, not: bool) -> Expression {
    if not { Expression::Not(Box::new(test)) } else { test }
}

/// The type of a sum and its like.
pub(super) fn of_both(one: &Type, two: &Type) -> Type {
    match (one, two) {
        (Type::Long, Type::Long) => Type::Long,
        (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
        _ => Type::Double,
    }
}

fn literal_of(literal: &Literal) -> Typed {
    let (value, data_type) = match literal {
        Literal::Null => (Value::Null, Type::Unknown),
        Literal::Bool(value) => (Value::Bool(*value), Type::Boolean),
        Literal::Int(value) => (Value::Long(*value), Type::Long),
        Literal::Decimal(decimal) => (Value::Double(decimal.value), Type::Double),
        Literal::Text(text) => (Value::text(text), Type::Text),
    };
    typed(Expression::Literal(value), data_type)
}
