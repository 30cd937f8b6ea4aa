//! The grammar of SELECT.

use super::ast::{Duration, Emit, Item, Join, JoinKind, Select, Source, Window, WindowKind, Within};
use super::expr::{Expr, ExprKind, Name, Operator, level};
use super::lexer::Lexeme;
use super::missing::{self, Place};
use super::parser::{NameOf, Parsed, Parser, Shown, What};
use super::words::Keyword;

const CLAUSES: &str = "FROM, JOIN, WINDOW, WHERE, GROUP BY, HAVING, PARTITION BY, EMIT, LIMIT";

impl Parser<'_> {
    pub fn select(&mut self) -> Parsed<Select> {
        let start = self.span();
        self.expect(Keyword::Select)?;
        missing::refuse(self, Place::AfterSelect)?;
        let items = self.list(Self::item)?;
        self.expect(Keyword::From)?;
        let from = self.source()?;
        let mut joins = Vec::new();
        while let Some(join) = self.join()? {
            joins.push(join);
        }
        let window = if self.accept(Keyword::Window) { Some(self.window()?) } else { None };
        let filter = if self.accept(Keyword::Where) { Some(self.expression()?) } else { None };
        let group_by = if self.accept_by(Keyword::Group)? { self.group_by()? } else { Vec::new() };
        // ksqlDB has PARTITION BY before HAVING; here it may stand on either side.
        let mut partition_by = self.partition_by()?;
        let having = if self.accept(Keyword::Having) { Some(self.expression()?) } else { None };
        if partition_by.is_none() {
            partition_by = self.partition_by()?;
        }
        let emit = if self.accept(Keyword::Emit) { Some(self.emit()?) } else { None };
        let limit = if self.accept(Keyword::Limit) { Some(self.whole_number()?.unsigned_abs()) } else { None };
        let span = start.to(self.span_before());
        self.clause_too_late()?;
        Ok(Select { items, from, joins, window, filter, group_by, having, partition_by, emit, limit, span })
    }

    fn item(&mut self) -> Parsed<Item> {
        let start = self.span();
        if self.accept_sign("*") {
            return Ok(Item::All(start));
        }
        let all_of = self.is_name() && self.sees_sign(self.at + 1, ".") && self.sees_sign(self.at + 2, "*");
        if all_of {
            let source = self.take_name();
            self.step();
            self.step();
            return Ok(Item::AllOf { source, span: start.to(self.span_before()) });
        }
        let expr = self.expression()?;
        let alias = if self.accept(Keyword::As) { Some(self.name(NameOf::Alias, Shown::Itself)?) } else { None };
        Ok(Item::Value { expr, alias })
    }

    fn source(&mut self) -> Parsed<Source> {
        let name = self.name(NameOf::Source, Shown::Itself)?;
        Ok(Source { name, alias: self.source_alias()? })
    }

    fn source_alias(&mut self) -> Parsed<Option<Name>> {
        if self.accept_as(Keyword::As, Shown::Quiet) {
            return self.name(NameOf::Alias, Shown::Itself).map(Some);
        }
        missing::refuse(self, Place::Clause)?;
        self.want(What::Name(NameOf::Alias), Shown::Quiet);
        if !self.is_name() {
            return Ok(None);
        }
        let is_word = matches!(self.lexeme(), Lexeme::Word(_));
        self.soft_alias = is_word.then_some(self.at);
        Ok(Some(self.take_name()))
    }

    fn join(&mut self) -> Parsed<Option<Join>> {
        missing::refuse(self, Place::Clause)?;
        let start = self.span();
        let a_join = Shown::As("JOIN");
        let kind = if self.accept(Keyword::Join) {
            JoinKind::Inner
        } else {
            let kind = if self.accept_as(Keyword::Inner, a_join) {
                JoinKind::Inner
            } else if self.accept_as(Keyword::Left, a_join) {
                self.accept(Keyword::Outer);
                JoinKind::Left
            } else if self.accept_as(Keyword::Full, a_join) {
                self.accept(Keyword::Outer);
                JoinKind::Full
            } else {
                return Ok(None);
            };
            self.expect(Keyword::Join)?;
            kind
        };
        let source = self.source()?;
        let within = if self.accept(Keyword::Within) { Some(self.within()?) } else { None };
        if within.is_none() && self.sees(Keyword::Grace) {
            let error = self.error(self.span(), "GRACE PERIOD stands after WITHIN.");
            return Err(
                error.with_hint("WITHIN says how far apart the two records may be: WITHIN 5 MINUTES GRACE PERIOD 10 SECONDS.")
            );
        }
        self.expect(Keyword::On)?;
        let (left, right) = self.join_condition()?;
        Ok(Some(Join { kind, source, within, left, right, span: start.to(self.span_before()) }))
    }

    /// `a.x = b.y`, perhaps in parentheses.
    fn join_condition(&mut self) -> Parsed<(Expr, Expr)> {
        let condition = self.binding(level::COMPARE)?;
        if self.sees(Keyword::Within) {
            let error = self.error(self.span(), "WITHIN stands before ON.");
            return Err(error.with_hint("As in: JOIN payments p WITHIN 5 MINUTES ON r.id = p.ride."));
        }
        let one_pair = "A join compares one thing of each side, with `=`; other conditions go to WHERE.";
        let joined = self.sees(Keyword::And) || self.sees(Keyword::Or);
        if joined {
            return Err(self.error(self.span(), "ON takes one comparison.").with_hint(one_pair));
        }
        match condition.kind {
            ExprKind::Binary { operator: Operator::Equal, left, right } => Ok((*left, *right)),
            _ if self.is_end() || self.sees_sign(self.at, "==") => {
                self.want(What::Sign("="), Shown::Itself);
                Err(self.unexpected())
            }
            _ => Err(self.error(condition.span, "ON takes a comparison with `=`.").with_hint(one_pair)),
        }
    }

    /// WITHIN has been taken.
    fn within(&mut self) -> Parsed<Within> {
        let start = self.span_before();
        self.want(What::Sign("("), Shown::Itself);
        let (before, after) = if self.sees_sign(self.at, "(") {
            self.open()?;
            let before = self.duration()?;
            self.expect_sign(",")?;
            let after = self.duration()?;
            self.close()?;
            (before, after)
        } else {
            let both = self.duration()?;
            (both, both)
        };
        let grace = if self.accept(Keyword::Grace) { Some(self.grace_period()?) } else { None };
        Ok(Within { before, after, grace, span: start.to(self.span_before()) })
    }

    /// GRACE has been taken.
    fn grace_period(&mut self) -> Parsed<Duration> {
        self.expect(Keyword::Period)?;
        self.duration()
    }

    /// WINDOW has been taken.
    fn window(&mut self) -> Parsed<Window> {
        let start = self.span_before();
        let kinds = [Keyword::Tumbling, Keyword::Hopping, Keyword::Sliding, Keyword::Session];
        let Some(kind) = kinds.into_iter().find(|kind| self.accept(*kind)) else { return Err(self.unexpected()) };
        self.open()?;
        let kind = match kind {
            Keyword::Session => WindowKind::Session { gap: self.duration_not_zero("The gap between sessions")? },
            Keyword::Tumbling => WindowKind::Tumbling { size: self.size()? },
            Keyword::Sliding => WindowKind::Sliding { size: self.size()? },
            _ => {
                let size = self.size()?;
                WindowKind::Hopping { size, advance: self.advance(size)? }
            }
        };
        let (grace, retention) = self.window_options(matches!(kind, WindowKind::Sliding { .. }))?;
        self.close()?;
        Ok(Window { kind, grace, retention, span: start.to(self.span_before()) })
    }

    fn size(&mut self) -> Parsed<Duration> {
        self.expect(Keyword::Size)?;
        self.duration_not_zero("The SIZE of a window")
    }

    /// `, ADVANCE BY 1 MINUTE`
    fn advance(&mut self, size: Duration) -> Parsed<Duration> {
        self.expect_sign(",")?;
        self.expect(Keyword::Advance)?;
        self.expect(Keyword::By)?;
        let advance = self.duration_not_zero("What a window advances by")?;
        if advance.ms > size.ms {
            self.complain(|parser| {
                let error = parser.error(advance.span, "A window cannot advance by more than its SIZE.");
                error.with_hint("Records between two windows would be in none of them.")
            })?;
        }
        Ok(advance)
    }

    /// Grace and retention, each once, in any order.
    fn window_options(&mut self, sliding: bool) -> Parsed<(Option<Duration>, Option<Duration>)> {
        let (mut grace, mut retention) = (None, None);
        while self.accept_sign(",") {
            if grace.is_none() && self.accept(Keyword::Grace) {
                grace = Some(self.grace_period()?);
            } else if retention.is_none() && !sliding && self.accept(Keyword::Retention) {
                retention = Some(self.duration()?);
            } else {
                return Err(self.unexpected());
            }
        }
        Ok((grace, retention))
    }

    /// `GROUP BY`, `PARTITION BY`
    fn accept_by(&mut self, keyword: Keyword) -> Parsed<bool> {
        let is = self.accept(keyword);
        if is {
            self.expect(Keyword::By)?;
        }
        Ok(is)
    }

    /// A list, which may stand in parentheses as a whole: `(a, b)`, but also `(a + b) * 2, c`.
    fn group_by(&mut self) -> Parsed<Vec<Expr>> {
        if self.sees_sign(self.at, "(") {
            let start = self.at;
            self.open()?;
            let list = self.nested(|parser| parser.list(Self::expression))?;
            self.close()?;
            if list.len() > 1 {
                return Ok(list);
            }
            // One expression in parentheses: it may go on behind them. This is read twice, once per SELECT.
            self.at = start;
        }
        self.list(Self::expression)
    }

    fn partition_by(&mut self) -> Parsed<Option<Expr>> {
        if !self.accept_by(Keyword::Partition)? {
            return Ok(None);
        }
        let by = self.expression()?;
        if self.sees_sign(self.at, ",") {
            let error = self.error(self.span(), "PARTITION BY takes one expression: it becomes the key.");
            return Err(error.with_hint("Join several with `||`."));
        }
        Ok(Some(by))
    }

    /// EMIT has been taken.
    fn emit(&mut self) -> Parsed<Emit> {
        if self.accept(Keyword::Changes) {
            return Ok(Emit::Changes);
        }
        self.expect(Keyword::Final)?;
        Ok(Emit::Final)
    }

    /// A clause that stands where no clause of its kind can come.
    fn clause_too_late(&self) -> Parsed<()> {
        use Keyword::*;
        let clauses = [Join, Inner, Left, Full, Window, Where, Group, Having, Partition, Emit, Limit];
        let Some(clause) = clauses.into_iter().find(|clause| self.sees(*clause)) else { return Ok(()) };
        let message = format!("{} comes too late, or a second time.", clause.text());
        Err(self.error(self.span(), message).with_hint(format!("Each is given once, in this order: {CLAUSES}.")))
    }
}
