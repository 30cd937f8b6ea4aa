//! Queries at random, as trees: all that the grammar has, and names, texts and numbers of the kinds that need care.

use kafka_playground::streams::query::ast::*;
use kafka_playground::streams::query::expr::*;
use kafka_playground::streams::query::functions::FUNCTIONS;
use kafka_playground::streams::query::{PROPERTIES, Select, Span, Statement};

/// The same numbers on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % end
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn maybe<T>(&mut self, one_in: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.one_in(one_in).then(|| make(self))
    }

    fn some<T>(&mut self, max: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..=self.below(max)).map(|_| make(self)).collect()
    }
}

const NO: Span = Span { start: 0, end: 0 };
const NAMES: [&str; 16] = [
    "rides",
    "r",
    "Fare",
    "size",
    "key",
    "end",
    "select",
    "straße",
    "größe_2",
    "two words",
    "a`b",
    "a\"b",
    "2nd",
    "ROWTIME",
    "_",
    "'",
];
const TEXTS: [&str; 8] = ["", "Berlin", "it's", "''", "%a_", "два\nстроки", "-- no comment", "\\"];

pub fn name(chance: &mut Chance) -> Name {
    let mut name = Name::new(*chance.of(&NAMES));
    if chance.one_in(6) {
        name.quote = Quote::Double;
    }
    name
}

fn duration(chance: &mut Chance) -> Duration {
    let unit = *chance.of(&[1, 1000, 60_000, 3_600_000, 86_400_000]);
    Duration { ms: unit * i64::try_from(1 + chance.below(100)).expect("it is small"), span: NO }
}

fn literal(chance: &mut Chance) -> Literal {
    match chance.below(8) {
        0 => Literal::Bool(chance.one_in(2)),
        1 | 2 => Literal::Text((*chance.of(&TEXTS)).to_owned()),
        3 => {
            let text = (*chance.of(&["1.5", "-0.25", "1e3", "2.50E-3", "-1.0", "00.1"])).to_owned();
            let value = text.parse().expect("it is a number");
            Literal::Decimal(Decimal { text, value })
        }
        _ => Literal::Int(*chance.of(&[0, 1, -1, 42, i64::MAX, i64::MIN, -7])),
    }
}

fn step(chance: &mut Chance, dots: bool) -> Step {
    match chance.below(3) {
        0 if dots => Step::Dot(name(chance)),
        1 => Step::Item { index: *chance.of(&[0, 1, -1, 12]), span: NO },
        _ => Step::Arrow(name(chance)),
    }
}

fn leaf(chance: &mut Chance) -> Expr {
    let kind = if chance.one_in(2) {
        ExprKind::Literal(literal(chance))
    } else {
        let steps = if chance.one_in(2) { Vec::new() } else { chance.some(3, |chance| step(chance, true)) };
        ExprKind::Path(Path { root: name(chance), steps })
    };
    Expr::new(kind, NO)
}

fn call(chance: &mut Chance, depth: usize) -> ExprKind {
    let function = chance.of(FUNCTIONS);
    let arguments = match function.name {
        "COUNT" if chance.one_in(2) => Arguments::Star,
        "COUNT" if chance.one_in(2) => Arguments::Distinct(Box::new(expr(chance, depth))),
        _ => {
            let (min, max) = (function.arguments_min, function.arguments_max.unwrap_or(5));
            Arguments::List((0..min + chance.below(max - min + 1)).map(|_| expr(chance, depth)).collect())
        }
    };
    ExprKind::Call(Call { function, name_span: NO, arguments })
}

pub fn data_type(chance: &mut Chance, depth: usize) -> DataType {
    match chance.below(7) {
        0 => DataType::Boolean,
        1 => DataType::Int,
        2 => DataType::Bigint,
        3 => DataType::Double,
        4 if depth > 0 => DataType::Array(Box::new(data_type(chance, depth - 1))),
        5 if depth > 0 => DataType::Map(Box::new(data_type(chance, depth - 1))),
        _ => DataType::String,
    }
}

pub fn expr(chance: &mut Chance, depth: usize) -> Expr {
    use Operator::*;
    if depth == 0 || chance.one_in(5) {
        return leaf(chance);
    }
    let depth = depth - 1;
    let inner = |chance: &mut Chance| Box::new(expr(chance, depth));
    let not = chance.one_in(2);
    let kind = match chance.below(14) {
        0 => ExprKind::Not(inner(chance)),
        1 => ExprKind::Negative(inner(chance)),
        2 => ExprKind::Like { value: inner(chance), pattern: inner(chance), not },
        3 => ExprKind::Between { value: inner(chance), low: inner(chance), high: inner(chance), not },
        4 => ExprKind::In { value: inner(chance), list: chance.some(3, |chance| expr(chance, depth)), not },
        5 => ExprKind::IsNull { value: inner(chance), not },
        6 => ExprKind::Case {
            value: chance.maybe(2, inner),
            branches: chance.some(2, |chance| Branch { when: expr(chance, depth), then: expr(chance, depth) }),
            otherwise: chance.maybe(2, inner),
        },
        7 => ExprKind::Cast { value: inner(chance), to: data_type(chance, 2) },
        8 => call(chance, depth),
        9 => {
            let base = inner(chance);
            // What has steps already takes more of its own.
            if matches!(base.kind, ExprKind::Path(_) | ExprKind::Access { .. }) {
                return *base;
            }
            ExprKind::Access { base, steps: chance.some(2, |chance| step(chance, false)) }
        }
        _ => {
            let all = [
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
            ];
            ExprKind::Binary { operator: *chance.of(&all), left: inner(chance), right: inner(chance) }
        }
    };
    Expr::new(kind, NO)
}

fn source(chance: &mut Chance) -> Source {
    Source { name: name(chance), alias: chance.maybe(2, name) }
}

fn join(chance: &mut Chance) -> Join {
    let within = chance.maybe(2, |chance| {
        let before = duration(chance);
        let after = if chance.one_in(2) { before } else { duration(chance) };
        Within { before, after, grace: chance.maybe(2, duration), span: NO }
    });
    Join {
        kind: *chance.of(&[JoinKind::Inner, JoinKind::Left, JoinKind::Full]),
        source: source(chance),
        within,
        left: expr(chance, 2),
        right: expr(chance, 1),
        span: NO,
    }
}

fn window(chance: &mut Chance) -> Window {
    let size = duration(chance);
    let advance = Duration { ms: (size.ms / 2).max(1), span: NO };
    let kind = *chance.of(&[
        WindowKind::Tumbling { size },
        WindowKind::Hopping { size, advance },
        WindowKind::Sliding { size },
        WindowKind::Session { gap: size },
    ]);
    let sliding = matches!(kind, WindowKind::Sliding { .. });
    let none = Duration { ms: 0, span: NO };
    let grace = chance.maybe(2, |chance| if chance.one_in(3) { none } else { duration(chance) });
    Window { kind, grace, retention: if sliding { None } else { chance.maybe(3, duration) }, span: NO }
}

pub fn select(chance: &mut Chance, depth: usize) -> Select {
    let item = |chance: &mut Chance| match chance.below(6) {
        0 => Item::All(NO),
        1 => Item::AllOf { source: name(chance), span: NO },
        _ => Item::Value { expr: expr(chance, depth), alias: chance.maybe(2, name) },
    };
    Select {
        items: chance.some(4, item),
        from: source(chance),
        joins: if chance.one_in(3) { chance.some(2, join) } else { Vec::new() },
        window: chance.maybe(3, window),
        filter: chance.maybe(2, |chance| expr(chance, depth)),
        group_by: if chance.one_in(2) { chance.some(3, |chance| expr(chance, depth)) } else { Vec::new() },
        having: chance.maybe(3, |chance| expr(chance, depth)),
        partition_by: chance.maybe(4, |chance| expr(chance, depth)),
        emit: *chance.of(&[None, Some(Emit::Changes), Some(Emit::Final)]),
        limit: *chance.of(&[None, Some(0), Some(10), Some(u64::MAX / 2)]),
        span: NO,
    }
}

fn create(chance: &mut Chance, depth: usize) -> Create {
    let query = chance.one_in(2);
    let mut properties = Vec::new();
    for (at, (name, _)) in PROPERTIES.iter().enumerate() {
        if chance.one_in(3) || (at == 0 && !query) {
            let value = if at < 5 { Literal::Text((*chance.of(&TEXTS)).to_owned()) } else { Literal::Int(7) };
            properties.push(Property { name, name_span: NO, value, value_span: NO });
        }
    }
    let column = |chance: &mut Chance| Column {
        name: name(chance),
        data_type: data_type(chance, 3),
        key: *chance.of(&[ColumnKey::No, ColumnKey::Key, ColumnKey::PrimaryKey]),
        span: NO,
    };
    let body = if query {
        CreateBody::Query(Box::new(select(chance, depth)))
    } else {
        CreateBody::Declared(if chance.one_in(2) { Vec::new() } else { chance.some(3, column) })
    };
    Create {
        kind: *chance.of(&[SourceKind::Stream, SourceKind::Table]),
        or_replace: chance.one_in(3),
        if_not_exists: chance.one_in(3),
        name: name(chance),
        properties,
        body,
    }
}

pub fn statement(chance: &mut Chance, depth: usize) -> Statement {
    let which = |chance: &mut Chance| if chance.one_in(3) { Which::All } else { Which::One(name(chance)) };
    match chance.below(16) {
        0 => Statement::Drop(DropSource {
            kind: *chance.of(&[SourceKind::Stream, SourceKind::Table]),
            if_exists: chance.one_in(2),
            name: name(chance),
            delete_topic: chance.one_in(2),
        }),
        1 => Statement::Terminate(which(chance)),
        2 => [Statement::Pause(which(chance)), Statement::Resume(which(chance))][chance.below(2)].clone(),
        3 => Statement::Show(*chance.of(&[Show::Streams, Show::Tables, Show::Queries, Show::Topics])),
        4 => Statement::Describe(name(chance)),
        5 => Statement::Explain(Explain::Query(name(chance))),
        6 => Statement::Explain(Explain::Select(Box::new(select(chance, depth)))),
        7 => Statement::Insert { into: name(chance), select: Box::new(select(chance, depth)) },
        8..12 => Statement::Create(Box::new(create(chance, depth))),
        _ => Statement::Select(Box::new(select(chance, depth))),
    }
}
