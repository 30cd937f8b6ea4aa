//! A place to try queries: a catalog, and a driver that runs what is planned.

use kafka_playground::streams::query::plan::{Catalog, Plan, QueryPlan, Topic, Type, plan};
use kafka_playground::streams::query::{QueryError, parse, parse_script};
use kafka_playground::streams::values::serde::Serde;
use kafka_playground::streams::{Input, TestDriver, Value};

/// Where the results of a SELECT alone go.
pub const OUT: &str = "out";

#[derive(Clone, Debug, Default)]
pub struct Lab {
    pub catalog: Catalog,
}

impl Lab {
    /// Topics, each with a record as its records are; without one nothing is known of them.
    pub fn new(topics: &[(&str, &str)]) -> Self {
        let mut catalog = Catalog::default();
        for (name, sample) in topics {
            let mut topic = Topic::new(*name, 3);
            if !sample.is_empty() {
                topic.learn(&json(sample));
            }
            catalog.topics.push(topic);
        }
        Self { catalog }
    }

    /// With what the statements of a script create.
    pub fn with(mut self, script: &str) -> Self {
        for (statement, _) in parse_script(script).unwrap_or_else(|error| panic!("{}", error.render(script))) {
            match plan(&self.catalog, script, &statement, OUT).unwrap_or_else(|error| panic!("{}", error.render(script))) {
                Plan::Query(query) => {
                    let name = format!("Q_{}", self.catalog.queries.len());
                    self.catalog.started(&query, &name);
                }
                Plan::Declare(declared) => self.catalog.declare(&declared),
                other => panic!("{other:?} creates nothing"),
            }
        }
        self
    }

    pub fn plan(&self, text: &str) -> Result<Plan, QueryError> {
        plan(&self.catalog, text, &parse(text)?, OUT)
    }

    pub fn query(&self, text: &str) -> QueryPlan {
        match self.plan(text) {
            Ok(Plan::Query(query)) => *query,
            Ok(other) => panic!("{text}: {other:?}"),
            Err(error) => panic!("{}", error.render(text)),
        }
    }

    /// What is said about a query that cannot be.
    pub fn wrong(&self, text: &str) -> String {
        match self.plan(text) {
            Err(error) => {
                let marked = &text[error.at.offset as usize..(error.at.offset + error.at.len) as usize];
                format!("{marked} | {}{}", error.message, error.hint.map_or(String::new(), |hint| format!(" | {hint}")))
            }
            Ok(plan) => panic!("{text} is planned: {plan:?}"),
        }
    }

    /// Runs a query, or several of which each may read what those before it write; gives the results of the last.
    ///
    /// A line of the input is a topic, a time, a key and a value; `-` stands for none. A line of the output is a time, a key, for
    /// a window with its start and end, and a value.
    pub fn run(&self, text: &str, input: &str) -> Vec<String> {
        run(&self.query(text), input)
    }
}

pub fn json(text: &str) -> Value {
    Serde::Json.deserialize(text.as_bytes()).unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

pub fn run(query: &QueryPlan, input: &str) -> Vec<String> {
    let mut driver = TestDriver::new(query.topology.clone(), 0);
    let mut results = Vec::new();
    for line in input.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_else(|| panic!("a part is missing: {line}"));
        let (topic, time, key, value) = (part(), part(), part(), part());
        let input = Input {
            topic,
            key: (key != "-").then_some(key.as_bytes()),
            value: (value != "-").then_some(value.as_bytes()),
            timestamp: time.parse().unwrap_or_else(|_| panic!("no time: {line}")),
        };
        for output in driver.pipe(input).unwrap_or_else(|failure| panic!("{line}: {failure:?}")) {
            if output.topic == query.topic {
                results.push(shown(query, &output.key, &output.value, output.timestamp));
            }
        }
    }
    results
}

fn shown(query: &QueryPlan, key: &Option<Vec<u8>>, value: &Option<Vec<u8>>, time: Option<i64>) -> String {
    use kafka_playground::streams::query::plan::Windowed;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let long = |bytes: &[u8]| i64::from_be_bytes(bytes.try_into().expect("eight bytes"));
    let key = match (key, query.windowed) {
        (None, _) => "-".to_owned(),
        (Some(key), None) => text(key),
        (Some(key), Some(Windowed::Time { size_ms })) => {
            let (key, start) = key.split_at(key.len() - 8);
            format!("{}@{}-{}", text(key), long(start), long(start) + size_ms)
        }
        (Some(key), Some(Windowed::Session)) => {
            let (key, times) = key.split_at(key.len() - 16);
            format!("{}@{}-{}", text(key), long(&times[8..]), long(&times[..8]))
        }
    };
    let value = value.as_ref().map_or("-".to_owned(), |value| text(value));
    format!("{} {key} {value}", time.unwrap_or(-1))
}

/// The types of a plan's columns.
pub fn columns(query: &QueryPlan) -> String {
    let shown = |(name, data_type): (&str, &Type)| format!("{name} {data_type}");
    query.columns.iter().map(|column| shown((&column.name, &column.data_type))).collect::<Vec<_>>().join(", ")
}
