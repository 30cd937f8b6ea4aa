//! Expressions, as trees.

use super::functions::{Function, FunctionKind};
use super::span::Span;
use super::words::{Keyword, is_word};

/// No tree is higher: whatever walks one down may call itself.
pub const HEIGHT_MAX: usize = 256;

/// How a name was quoted. Both kinds of quotes say the same; the kind is kept since who writes "Berlin" may mean a text.
#[derive(Clone, Copy, Debug)]
pub enum Quote {
    None,
    Back,
    Double,
}

impl PartialEq for Quote {
    fn eq(&self, other: &Self) -> bool {
        matches!(self, Self::None) == matches!(other, Self::None)
    }
}

impl Eq for Quote {}

/// A name as typed. Names of streams, tables and queries are the same in large and small letters, names of fields are not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    pub text: String,
    pub quote: Quote,
    pub span: Span,
}

impl Name {
    /// A name that stands nowhere yet, in quotes if it needs them.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let plain = is_word(&text) && !Keyword::of(&text).is_some_and(Keyword::is_reserved);
        let quote = if plain { Quote::None } else { Quote::Back };
        Self { text, quote, span: Span::default() }
    }

    pub fn is_quoted(&self) -> bool {
        self.quote != Quote::None
    }

    /// Is it this source, query or pseudo column? A name in quotes is only itself.
    pub fn is(&self, name: &str) -> bool {
        if self.is_quoted() { self.text == name } else { self.text.eq_ignore_ascii_case(name) }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
    height: u16,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    Literal(Literal),
    Path(Path),
    /// Fields and items of what an expression gives: `SPLIT(a, '/')[0]`, never of a path, which has steps of its own.
    Access {
        base: Box<Expr>,
        steps: Vec<Step>,
    },
    Call(Call),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Like {
        value: Box<Expr>,
        pattern: Box<Expr>,
        not: bool,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        not: bool,
    },
    /// The list has one item at least.
    In {
        value: Box<Expr>,
        list: Vec<Expr>,
        not: bool,
    },
    IsNull {
        value: Box<Expr>,
        not: bool,
    },
    /// `CASE WHEN a > 1 THEN …`, or with a value that is compared: `CASE a WHEN 1 THEN …`. One branch at least.
    Case {
        value: Option<Box<Expr>>,
        branches: Vec<Branch>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        value: Box<Expr>,
        to: DataType,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(String),
}

/// A number with a fraction or an exponent. It is printed as it was typed, so nothing is lost on the way.
#[derive(Clone, PartialEq, Debug)]
pub struct Decimal {
    pub text: String,
    pub value: f64,
}

/// `a`, `a.b`, `a->b`, `a[0]`. Whether `a` in `a.b` is a source or a field is for the planner to say; pseudo columns
/// (`ROWTIME`, `WINDOWSTART`) are paths without steps.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    pub root: Name,
    pub steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// `.b`
    Dot(Name),
    /// `->b` or `['b']`: a field of a value, never of a source.
    Arrow(Name),
    /// `[0]`
    Item { index: i64, span: Span },
}

#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    pub function: &'static Function,
    pub name_span: Span,
    pub arguments: Arguments,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Arguments {
    /// `COUNT(*)`
    Star,
    /// `COUNT(DISTINCT a)`
    Distinct(Box<Expr>),
    List(Vec<Expr>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    pub when: Expr,
    pub then: Expr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DataType {
    Boolean,
    Int,
    Bigint,
    Double,
    String,
    Array(Box<DataType>),
    /// From texts to values of this type.
    Map(Box<DataType>),
}

/// How tightly things bind, from OR, which binds least.
pub(super) mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    /// Also LIKE, BETWEEN, IN and IS NULL. Of these only one can stand without parentheses.
    pub const COMPARE: u8 = 4;
    pub const CONCAT: u8 = 5;
    pub const ADD: u8 = 6;
    pub const MULTIPLY: u8 = 7;
    pub const NEGATIVE: u8 = 8;
    pub const STEPS: u8 = 9;
}

/// Operators with their text and level.
pub(super) const OPERATORS: [(Operator, &str, u8); 15] = [
    (Operator::Or, "OR", level::OR),
    (Operator::And, "AND", level::AND),
    (Operator::Equal, "=", level::COMPARE),
    (Operator::NotEqual, "<>", level::COMPARE),
    (Operator::NotEqual, "!=", level::COMPARE),
    (Operator::Less, "<", level::COMPARE),
    (Operator::LessOrEqual, "<=", level::COMPARE),
    (Operator::Greater, ">", level::COMPARE),
    (Operator::GreaterOrEqual, ">=", level::COMPARE),
    (Operator::Concat, "||", level::CONCAT),
    (Operator::Add, "+", level::ADD),
    (Operator::Subtract, "-", level::ADD),
    (Operator::Multiply, "*", level::MULTIPLY),
    (Operator::Divide, "/", level::MULTIPLY),
    (Operator::Remainder, "%", level::MULTIPLY),
];

impl Operator {
    /// The first of its spellings.
    pub fn text(self) -> &'static str {
        OPERATORS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    pub fn is_comparison(self) -> bool {
        self.level() == level::COMPARE
    }

    pub(super) fn level(self) -> u8 {
        OPERATORS.iter().find(|row| row.0 == self).map_or(0, |row| row.2)
    }
}

impl Expr {
    pub fn new(kind: ExprKind, span: Span) -> Self {
        let mut expr = Self { kind, span, height: 0 };
        let mut below = 0;
        expr.each_child(&mut |child| below = below.max(child.height));
        expr.height = below.saturating_add(1);
        expr
    }

    /// 1 for a leaf; not past `HEIGHT_MAX` in what was parsed.
    pub fn height(&self) -> usize {
        self.height.into()
    }

    /// What the expression is made of, from left to right.
    pub fn each_child<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Path(_) => {}
            ExprKind::Access { base: one, .. } | ExprKind::Not(one) | ExprKind::Negative(one) => visit(one),
            ExprKind::IsNull { value, .. } | ExprKind::Cast { value, .. } => visit(value),
            ExprKind::Call(call) => match &call.arguments {
                Arguments::Star => {}
                Arguments::Distinct(one) => visit(one),
                Arguments::List(list) => list.iter().for_each(visit),
            },
            ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|child| visit(child)),
            ExprKind::Like { value, pattern, .. } => [value, pattern].into_iter().for_each(|child| visit(child)),
            ExprKind::Between { value, low, high, .. } => [value, low, high].into_iter().for_each(|child| visit(child)),
            ExprKind::In { value, list, .. } => {
                visit(value);
                list.iter().for_each(visit);
            }
            ExprKind::Case { value, branches, otherwise } => {
                value.iter().for_each(|child| visit(child));
                for branch in branches {
                    visit(&branch.when);
                    visit(&branch.then);
                }
                otherwise.iter().for_each(|child| visit(child));
            }
        }
    }

    /// The paths in it, from left to right: what it reads.
    pub fn paths(&self) -> Vec<(&Path, Span)> {
        let mut paths = Vec::new();
        self.visit(&mut |expr| {
            if let ExprKind::Path(path) = &expr.kind {
                paths.push((path, expr.span));
            }
        });
        paths
    }

    /// The calls of a kind in it, outer ones before those in their arguments.
    pub fn calls(&self, kind: FunctionKind) -> Vec<(&Call, Span)> {
        let mut calls = Vec::new();
        self.visit(&mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && call.function.kind == kind
            {
                calls.push((call, expr.span));
            }
        });
        calls
    }

    /// The expression and all in it, outer before inner.
    pub fn visit<'e>(&'e self, see: &mut dyn FnMut(&'e Expr)) {
        see(self);
        self.each_child(&mut |child| child.visit(see));
    }
}
