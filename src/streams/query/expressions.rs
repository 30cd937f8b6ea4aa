//! The grammar of expressions: operators by how tightly they bind, and what they stand between.

use super::error::{QueryError, SHOWN_NAME_MAX, shortened};
use super::expr::{
    Arguments, Branch, Call, Decimal, Expr, ExprKind, HEIGHT_MAX, Literal, Name, OPERATORS, Operator, Path, Quote, Step, level,
};
use super::functions::{FUNCTIONS, Function, function, nearest_function};
use super::lexer::Lexeme;
use super::missing::{self, Place};
use super::parser::{NameOf, Parsed, Parser, Shown, What};
use super::span::Span;
use super::words::Keyword;

/// All that can begin one is named so.
const EXPRESSION: Shown = Shown::As("an expression");

impl Parser<'_> {
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.binding(level::OR)
    }

    /// An expression in which nothing binds less than this.
    pub fn binding(&mut self, lowest: u8) -> Parsed<Expr> {
        let mut left = self.operand(lowest)?;
        let mut compared = false;
        loop {
            if lowest <= level::COMPARE {
                let at = self.span();
                if let Some(negated) = self.starts_predicate()? {
                    self.compared_once(compared, at)?;
                    left = self.predicate(left, negated)?;
                    compared = true;
                    continue;
                }
            }
            let at = self.span();
            let Some((operator, own)) = self.operator(lowest) else { return Ok(left) };
            self.compared_once(compared && own == level::COMPARE, at)?;
            compared = own == level::COMPARE;
            let right = self.binding(own + 1)?;
            if compared {
                self.compared_with_null(operator, &left, &right, at)?;
            }
            let span = left.span.to(right.span);
            left = self.node(ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, span)?;
        }
    }

    fn node(&self, kind: ExprKind, span: Span) -> Parsed<Expr> {
        let expr = Expr::new(kind, span);
        if expr.height() > HEIGHT_MAX { Err(self.too_deep(span)) } else { Ok(expr) }
    }

    /// `a < b < c` compares a truth with c, which nobody means.
    fn compared_once(&self, again: bool, at: Span) -> Parsed<()> {
        if !again {
            return Ok(());
        }
        let error = self.error(at, "What is compared cannot be compared once more.");
        Err(error.with_hint("Join comparisons with AND (a < b AND b < c), or put the first in parentheses."))
    }

    fn compared_with_null(&self, operator: Operator, left: &Expr, right: &Expr, at: Span) -> Parsed<()> {
        let is_null = |expr: &Expr| expr.kind == ExprKind::Literal(Literal::Null);
        if !is_null(left) && !is_null(right) {
            return Ok(());
        }
        let instead = if operator == Operator::NotEqual { "IS NOT NULL" } else { "IS NULL" };
        self.complain(|parser| {
            let error = parser.error(at, "Nothing is equal to NULL, nor less or greater: this is never true.");
            error.with_hint(format!("Did you mean {instead}?"))
        })
    }

    fn operator(&mut self, lowest: u8) -> Option<(Operator, u8)> {
        for (operator, text, own) in OPERATORS.iter().filter(|row| row.2 >= lowest) {
            let is = match operator {
                Operator::Or => self.accept_as(Keyword::Or, Shown::Quiet),
                Operator::And => self.accept_as(Keyword::And, Shown::Quiet),
                _ => self.accept_sign_as(text, Shown::Quiet),
            };
            if is {
                return Some((*operator, *own));
            }
        }
        None
    }

    /// Takes the NOT of `NOT LIKE`, and says whether there was one; `None` if no predicate comes.
    fn starts_predicate(&mut self) -> Parsed<Option<bool>> {
        const KEYWORDS: [Keyword; 3] = [Keyword::Like, Keyword::Between, Keyword::In];
        if self.accept_as(Keyword::Not, Shown::Quiet) {
            for keyword in KEYWORDS {
                self.want(What::Keyword(keyword), Shown::Itself);
            }
            let comes = KEYWORDS.into_iter().any(|keyword| self.sees(keyword));
            return if comes { Ok(Some(true)) } else { Err(self.unexpected()) };
        }
        for keyword in KEYWORDS.into_iter().chain([Keyword::Is]) {
            self.want(What::Keyword(keyword), Shown::Quiet);
            if self.sees(keyword) {
                return Ok(Some(false));
            }
        }
        Ok(None)
    }

    fn predicate(&mut self, value: Expr, not: bool) -> Parsed<Expr> {
        let start = value.span;
        let value = Box::new(value);
        let operand = |parser: &mut Self| parser.binding(level::CONCAT).map(Box::new);
        let kind = if self.accept_as(Keyword::Like, Shown::Quiet) {
            let pattern = operand(self)?;
            missing::refuse(self, Place::AfterPattern)?;
            ExprKind::Like { value, pattern, not }
        } else if self.accept_as(Keyword::Between, Shown::Quiet) {
            let low = operand(self)?;
            self.expect(Keyword::And)?;
            ExprKind::Between { value, low, high: operand(self)?, not }
        } else if self.accept_as(Keyword::In, Shown::Quiet) {
            self.open()?;
            let list = self.nested(|parser| parser.list(Self::expression))?;
            self.close()?;
            ExprKind::In { value, list, not }
        } else {
            self.expect(Keyword::Is)?;
            let not = self.accept(Keyword::Not);
            missing::refuse(self, Place::AfterPattern)?;
            self.expect(Keyword::Null)?;
            ExprKind::IsNull { value, not }
        };
        let span = start.to(self.span_before());
        self.node(kind, span)
    }

    /// What stands between binary operators.
    fn operand(&mut self, lowest: u8) -> Parsed<Expr> {
        let start = self.span();
        if lowest <= level::NOT && self.accept_as(Keyword::Not, EXPRESSION) {
            let inner = self.nested(|parser| parser.binding(level::NOT))?;
            let span = start.to(inner.span);
            return self.node(ExprKind::Not(Box::new(inner)), span);
        }
        if !self.accept_sign_as("-", EXPRESSION) {
            let base = self.primary()?;
            return self.with_steps(base);
        }
        if matches!(self.lexeme(), Lexeme::Integer | Lexeme::Decimal) {
            let number = self.number(true)?;
            return self.node(ExprKind::Literal(number), start.to(self.span_before()));
        }
        let inner = self.nested(|parser| parser.operand(level::NEGATIVE))?;
        let span = start.to(inner.span);
        self.node(ExprKind::Negative(Box::new(inner)), span)
    }

    fn number(&mut self, negative: bool) -> Parsed<Literal> {
        let text = format!("{}{}", if negative { "-" } else { "" }, self.here());
        let literal = if *self.lexeme() == Lexeme::Integer {
            Literal::Int(text.parse().map_err(|_| self.too_large(self.span()))?)
        } else {
            let value = text.parse().unwrap_or(f64::INFINITY);
            if value.is_infinite() {
                return Err(self.error(self.span(), "This number is too large: decimals end at about 1.8e308."));
            }
            Literal::Decimal(Decimal { text, value })
        };
        self.step();
        Ok(literal)
    }

    fn literal(&mut self) -> Parsed<Option<Literal>> {
        for what in [What::Text, What::Number] {
            self.want(what, EXPRESSION);
        }
        if matches!(self.lexeme(), Lexeme::Integer | Lexeme::Decimal) {
            return self.number(false).map(Some);
        }
        if let Lexeme::Text(text) = self.lexeme() {
            let text = text.clone();
            self.step();
            return Ok(Some(Literal::Text(text)));
        }
        let words = [(Keyword::Null, Literal::Null), (Keyword::True, Literal::Bool(true)), (Keyword::False, Literal::Bool(false))];
        Ok(words.into_iter().find(|(keyword, _)| self.accept_as(*keyword, EXPRESSION)).map(|(_, literal)| literal))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.span();
        if let Some(literal) = self.literal()? {
            return self.node(ExprKind::Literal(literal), start);
        }
        if self.accept_as(Keyword::Case, EXPRESSION) {
            return self.nested(|parser| parser.case(start));
        }
        if self.accept_as(Keyword::Cast, EXPRESSION) {
            return self.nested(|parser| parser.cast(start));
        }
        self.want(What::Sign("("), EXPRESSION);
        if self.sees_sign(self.at, "(") {
            self.open()?;
            let mut inner = self.nested(Self::expression)?;
            self.close()?;
            // What is pointed at includes the parentheses.
            inner.span = start.to(self.span_before());
            return Ok(inner);
        }
        self.want(What::Name(NameOf::Field), EXPRESSION);
        self.want(What::Name(NameOf::Function), EXPRESSION);
        if !self.is_name() {
            return Err(self.unexpected());
        }
        if self.sees_sign(self.at + 1, "(") && matches!(self.lexeme(), Lexeme::Word(_)) {
            return self.call();
        }
        let root = self.take_name();
        self.node(ExprKind::Path(Path { root, steps: Vec::new() }), start)
    }

    /// CASE has been taken.
    fn case(&mut self, start: Span) -> Parsed<Expr> {
        self.want(What::Keyword(Keyword::When), Shown::Itself);
        let value = if self.sees(Keyword::When) { None } else { Some(Box::new(self.expression()?)) };
        let mut branches = Vec::new();
        loop {
            let more = if branches.is_empty() { self.expect(Keyword::When).map(|()| true)? } else { self.accept(Keyword::When) };
            if !more {
                break;
            }
            let when = self.expression()?;
            self.expect(Keyword::Then)?;
            branches.push(Branch { when, then: self.expression()? });
        }
        let otherwise = if self.accept(Keyword::Else) { Some(Box::new(self.expression()?)) } else { None };
        self.expect(Keyword::End)?;
        let span = start.to(self.span_before());
        self.node(ExprKind::Case { value, branches, otherwise }, span)
    }

    /// CAST has been taken.
    fn cast(&mut self, start: Span) -> Parsed<Expr> {
        self.open()?;
        let value = Box::new(self.expression()?);
        self.expect(Keyword::As)?;
        let to = self.data_type()?;
        self.close()?;
        let span = start.to(self.span_before());
        self.node(ExprKind::Cast { value, to }, span)
    }

    fn call(&mut self) -> Parsed<Expr> {
        missing::refuse(self, Place::Call)?;
        let (name, name_span) = (self.here(), self.span());
        let function = match function(name) {
            Some(function) => function,
            None => {
                self.complain(|parser| parser.unknown_function(name))?;
                // Only completion comes here, which looks at no tree.
                &FUNCTIONS[0]
            }
        };
        self.step();
        self.open()?;
        let arguments = self.nested(|parser| parser.arguments(function))?;
        self.close()?;
        if let Arguments::List(list) = &arguments
            && !function.takes(list.len())
        {
            self.complain(|parser| {
                let takes = function.arguments_text();
                let given = match list.len() {
                    0 => "none is".to_owned(),
                    1 => "1 is".to_owned(),
                    more => format!("{more} are"),
                };
                let error = parser.error(name_span, format!("{} takes {takes}, but {given} given.", function.name));
                error.with_hint(format!("It is called so: {}.", function.usage))
            })?;
        }
        let span = name_span.to(self.span_before());
        self.node(ExprKind::Call(Call { function, name_span, arguments }), span)
    }

    fn unknown_function(&self, name: &str) -> QueryError {
        let error = self.error(self.span(), format!("There is no function `{}`.", shortened(name, SHOWN_NAME_MAX)));
        match nearest_function(name) {
            Some(near) => error.with_hint(format!("Did you mean {}? It is called so: {}.", near.name, near.usage)),
            None => error.with_hint("The functions are listed under help."),
        }
    }

    fn arguments(&mut self, function: &'static Function) -> Parsed<Arguments> {
        let is_count = function.name == "COUNT";
        if is_count && self.accept_sign("*") {
            return Ok(Arguments::Star);
        }
        if self.sees(Keyword::Distinct) && !is_count {
            let error = self.error(self.span(), "DISTINCT is there for COUNT alone.");
            return Err(error.with_hint("COLLECT_SET(x) gives the different values of a group."));
        }
        if is_count && self.accept(Keyword::Distinct) {
            return Ok(Arguments::Distinct(Box::new(self.expression()?)));
        }
        self.want(What::Sign(")"), Shown::Itself);
        let none = self.sees_sign(self.at, ")");
        Ok(Arguments::List(if none { Vec::new() } else { self.list(Self::expression)? }))
    }

    /// `.b`, `->b`, `[0]` after a value.
    fn with_steps(&mut self, base: Expr) -> Parsed<Expr> {
        let mut steps = Vec::new();
        let is_path = matches!(base.kind, ExprKind::Path(_));
        let mut names = match &base.kind {
            ExprKind::Path(path) => vec![path.root.text.clone()],
            _ => Vec::new(),
        };
        while let Some(step) = self.path_step(is_path, &names)? {
            match &step {
                Step::Dot(name) | Step::Arrow(name) => names.push(name.text.clone()),
                Step::Item { .. } => {}
            }
            steps.push(step);
        }
        if steps.is_empty() {
            return Ok(base);
        }
        let span = base.span.to(self.span_before());
        // What stands in parentheses is the same path without them.
        let kind = match base.kind {
            ExprKind::Path(mut path) => {
                path.steps.append(&mut steps);
                ExprKind::Path(path)
            }
            ExprKind::Access { base, steps: mut first } => {
                first.append(&mut steps);
                ExprKind::Access { base, steps: first }
            }
            _ => ExprKind::Access { base: Box::new(base), steps },
        };
        self.node(kind, span)
    }

    fn path_step(&mut self, dots: bool, names: &[String]) -> Parsed<Option<Step>> {
        let dot = dots && self.accept_sign_as(".", Shown::Quiet);
        if dot || self.accept_sign_as("->", Shown::Quiet) {
            self.want(What::Name(NameOf::Field), Shown::Itself);
            if self.is_end() {
                self.path = names.to_vec();
            }
            // After a dot any word is a name.
            if !matches!(self.lexeme(), Lexeme::Word(_) | Lexeme::Quoted(..)) {
                return Err(self.unexpected());
            }
            let name = self.take_name();
            return Ok(Some(if dot { Step::Dot(name) } else { Step::Arrow(name) }));
        }
        if !self.accept_sign_as("[", Shown::Quiet) {
            return Ok(None);
        }
        let start = self.span();
        self.want(What::Text, Shown::Itself);
        if let Lexeme::Text(text) = self.lexeme() {
            let name = Name { text: text.clone(), quote: Quote::Back, span: start };
            if name.text.is_empty() {
                return Err(self.error(start, "The name of a field is empty."));
            }
            self.step();
            self.expect_sign("]")?;
            return Ok(Some(Step::Arrow(name)));
        }
        let negative = self.accept_sign_as("-", Shown::Quiet);
        let number = self.whole_number()?;
        let span = start.to(self.span_before());
        self.expect_sign("]")?;
        Ok(Some(Step::Item { index: if negative { -number } else { number }, span }))
    }
}
