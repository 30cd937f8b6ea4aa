//! Lives here: statements of the query language that are typed in a terminal. A SELECT shows its rows as they come; a query that is
//! created runs as an application of streams until it is interrupted, and the same line in another terminal is one more instance.
//! Never here: the language and what its statements mean (that is `streams/query`).

mod catalog;
mod rows;

use crate::base::{ClientId, GroupId, Span, TopicName};
use crate::engine::program::{Behaviour, Context, Event};
use crate::engine::protocol::{
    CreateTopicsRequest, DeleteGroupsRequest, DeleteTopicsRequest, MetadataRequest, NewTopic, Request, Response,
};
use crate::streams::app::{ExceptionHandler, State};
use crate::streams::query::ast::{Show, SourceKind};
use crate::streams::query::plan::{Column, Declared, Dropped, Plan, QueryPlan, Source, plan};
use crate::streams::query::{self, QueryError, Statement};
use crate::streams::{StreamsApp, StreamsConfig};
use catalog::Look;
pub use catalog::{FILE, RECORDS, learn_statements};
use rows::Rows;
use std::rc::Rc;

/// Words that begin a statement. No command of the shell has such a name.
const FIRST_WORDS: &[&str] =
    &["select", "create", "drop", "show", "list", "describe", "explain", "terminate", "pause", "resume", "insert", "with", "alter"];

/// Where the results of a SELECT go: to this program, and to no topic.
const ROWS: &str = "rows";

/// What a statement is made of is a word of its own, not an option: `show topics`, not `show -x`.
pub fn is_statement(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    FIRST_WORDS.iter().any(|word| first.eq_ignore_ascii_case(word)) && !second.is_empty() && !second.starts_with('-')
}

/// A statement, and how far it is.
#[derive(Clone, Hash, Debug)]
pub struct Query {
    text: String,
    admin: Option<ClientId>,
    /// The question that is open.
    call: Option<u64>,
    phase: Phase,
    look: Look,
    plan: Option<Box<QueryPlan>>,
    app: Option<StreamsApp>,
    rows: Rows,
    interrupted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    /// Asks which topics there are.
    Topics,
    /// Looks into those that the statement names.
    Looking,
    /// Makes the topic of a query that is created, or of a declaration.
    Making,
    Running,
    /// Deletes the group of a SELECT, then its topics.
    DeletingGroup,
    DeletingTopics,
    Ended,
}

impl Query {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.trim().to_owned(),
            admin: None,
            call: None,
            phase: Phase::Topics,
            look: Look::default(),
            plan: None,
            app: None,
            rows: Rows::default(),
            interrupted: false,
        }
    }

    fn ask(&mut self, cx: &mut Context<'_>, phase: Phase, request: Request) {
        self.phase = phase;
        self.call = self.admin.map(|admin| cx.call(admin, request));
    }

    fn end(&mut self, cx: &mut Context<'_>, code: i32) {
        self.phase = Phase::Ended;
        cx.exit(code);
    }

    fn refuse(&mut self, cx: &mut Context<'_>, error: &QueryError) {
        error.render(&self.text).lines().for_each(|line| cx.print(line));
        self.end(cx, 1);
    }

    fn start(&mut self, cx: &mut Context<'_>) {
        if let Err(error) = query::parse(&self.text) {
            return self.refuse(cx, &error);
        }
        self.admin = Some(cx.admin("query"));
        self.ask(cx, Phase::Topics, Request::Metadata(MetadataRequest { topics: None, allow_auto_topic_creation: false }));
    }

    fn answered(&mut self, cx: &mut Context<'_>, response: Option<&Response>) {
        match (self.phase, response) {
            (Phase::Topics, Some(Response::Metadata(response))) => {
                self.look.learn_topics(response, cx, &self.text);
                self.phase = Phase::Looking;
                match query::parse(&self.text) {
                    Ok(statement) if self.look.begin(cx, self.admin, &statement) => {}
                    _ => self.decide(cx),
                }
            }
            (Phase::Making, _) => self.made(cx),
            (Phase::DeletingGroup, _) => self.delete_topics(cx),
            (Phase::DeletingTopics, _) => self.end(cx, self.code()),
            (Phase::Topics, _) => {
                cx.print("The brokers do not answer.");
                self.end(cx, 1);
            }
            _ => {}
        }
    }

    /// All is known that can be known: what is to be done?
    fn decide(&mut self, cx: &mut Context<'_>) {
        let planned = query::parse(&self.text).and_then(|statement| plan(&self.look.catalog, &self.text, &statement, ROWS));
        match planned {
            Err(error) => self.refuse(cx, &error),
            Ok(Plan::Query(plan)) => self.begin(cx, plan),
            Ok(Plan::Declare(declared)) => self.declare(cx, &declared),
            Ok(Plan::Drop(dropped)) => self.dropped(cx, &dropped),
            Ok(Plan::Terminate(_) | Plan::Pause(_) | Plan::Resume(_)) => {
                cx.print("A query runs in the terminal where it was typed: ^C ends it there, and the same line starts it again.");
                self.end(cx, 1);
            }
            Ok(Plan::Show(show)) => {
                self.shown(show).into_iter().for_each(|line| cx.print(line));
                self.end(cx, 0);
            }
            Ok(Plan::Describe(source)) => {
                self.described(&source).into_iter().for_each(|line| cx.print(line));
                self.end(cx, 0);
            }
            Ok(Plan::Explain(text)) => {
                text.lines().for_each(|line| cx.print(line));
                self.end(cx, 0);
            }
            Ok(Plan::ExplainQuery(name)) => {
                cx.print(format!("EXPLAIN shows the topology of a SELECT: type the one of {name} after it."));
                self.end(cx, 1);
            }
            Ok(Plan::Nothing(why)) => {
                cx.print(why);
                self.end(cx, 0);
            }
        }
    }

    fn begin(&mut self, cx: &mut Context<'_>, plan: Box<QueryPlan>) {
        plan.notes.iter().for_each(|note| cx.print(note.as_str()));
        let known = self.look.catalog.topic(&plan.topic).is_some();
        let (topic, partitions, created) = (plan.topic.clone(), plan.partitions, plan.name.is_some());
        self.plan = Some(plan);
        if created && !known {
            self.make(cx, &topic, partitions);
        } else {
            self.made(cx);
        }
    }

    fn make(&mut self, cx: &mut Context<'_>, topic: &str, partitions: i32) {
        let new = NewTopic {
            name: TopicName::from(topic),
            partitions: Some(partitions),
            replication_factor: None,
            replica_assignment: Vec::new(),
            configs: Vec::new(),
        };
        self.ask(cx, Phase::Making, Request::CreateTopics(CreateTopicsRequest { topics: vec![new] }));
    }

    /// Its topic is there: a query starts, a declaration is done.
    fn made(&mut self, cx: &mut Context<'_>) {
        let Some(plan) = &self.plan else { return self.end(cx, 0) };
        let id = match &plan.name {
            Some(name) => format!("query-{}{}", name.to_lowercase(), if plan.insert { "-insert" } else { "" }),
            None => format!("query-{:05}", cx.chance().below(100_000)),
        };
        let mut config = StreamsConfig::new(&id);
        config.on_failure = ExceptionHandler::LogAndContinue;
        config.commit_interval_ms = 1000;
        // Rows are to be seen soon.
        config.emit_interval_ms = 0;
        match &plan.name {
            Some(name) => {
                let what = if plan.kind == SourceKind::Stream { "stream" } else { "table" };
                cx.print(format!("The {what} {name} is written to the topic {} as long as this runs; ^C ends it.", plan.topic));
                catalog::remember(cx, &self.text);
            }
            None => {
                config.taken = Some(Rc::from(ROWS));
                self.rows = Rows::new(&plan.columns, plan.limit);
                self.rows.head().into_iter().for_each(|line| cx.print(line));
            }
        }
        let mut app = StreamsApp::new(config, plan.topology.clone());
        app.react(&Event::Started, cx);
        self.app = Some(app);
        self.phase = Phase::Running;
    }

    fn run(&mut self, cx: &mut Context<'_>, event: &Event) {
        let Some(app) = &mut self.app else { return };
        app.react(event, cx);
        for (key, value) in app.take_rows() {
            if let Some(line) = self.rows.line(key.as_deref(), value.as_deref()) {
                cx.print(line);
            }
        }
        if self.rows.is_full() && app.state() != State::PendingShutdown {
            app.react(&Event::Interrupt, cx);
        }
        if matches!(app.state(), State::NotRunning | State::Error) && self.phase == Phase::Running {
            self.stopped(cx);
        }
    }

    /// The application has ended. What a SELECT has made for itself goes with it.
    fn stopped(&mut self, cx: &mut Context<'_>) {
        match &self.app {
            Some(app) if self.plan.as_ref().is_some_and(|plan| plan.name.is_none()) => {
                let groups = vec![GroupId::from(app.application_id())];
                self.ask(cx, Phase::DeletingGroup, Request::DeleteGroups(DeleteGroupsRequest { groups }));
            }
            _ => self.end(cx, self.code()),
        }
    }

    fn delete_topics(&mut self, cx: &mut Context<'_>) {
        let own = self.app.as_ref().map(StreamsApp::own_topics).unwrap_or_default();
        if own.is_empty() {
            return self.end(cx, self.code());
        }
        let topics = own.iter().map(|topic| TopicName::from(topic.as_str())).collect();
        self.ask(cx, Phase::DeletingTopics, Request::DeleteTopics(DeleteTopicsRequest { topics }));
    }

    fn code(&self) -> i32 {
        if self.interrupted { 130 } else { 0 }
    }

    fn declare(&mut self, cx: &mut Context<'_>, declared: &Declared) {
        let source = &declared.source;
        let what = source.kind.word();
        cx.print(format!("The {what} {} reads the topic {}.", source.name, source.topic));
        catalog::remember(cx, &self.text);
        match declared.new_topic {
            Some(partitions) => self.make(cx, &source.topic.clone(), partitions),
            None => self.end(cx, 0),
        }
    }

    fn dropped(&mut self, cx: &mut Context<'_>, dropped: &Dropped) {
        catalog::forget(cx, &dropped.source);
        cx.print(format!("{} is not known any more. Its topic stays: kafka-topics.sh --delete removes it.", dropped.source));
        self.end(cx, 0);
    }

    fn shown(&self, show: Show) -> Vec<String> {
        let catalog = &self.look.catalog;
        let of = |kind| {
            let sources = catalog.sources.iter().filter(move |source| source.kind == kind);
            sources.map(|source| format!("{:<24} topic {}", source.name, source.topic)).collect::<Vec<_>>()
        };
        let lines = match show {
            Show::Streams => of(SourceKind::Stream),
            Show::Tables => of(SourceKind::Table),
            Show::Queries => {
                catalog.queries.iter().map(|query| format!("{:<24} reads {}", query.name, query.reads.join(", "))).collect()
            }
            Show::Topics => {
                let topics = catalog.topics.iter().filter(|topic| !topic.name.starts_with("__"));
                topics.map(|topic| format!("{:<24} {} partitions", topic.name, topic.partitions)).collect()
            }
        };
        if lines.is_empty() { vec!["There are none. Every topic can be read as a stream by its name.".to_owned()] } else { lines }
    }

    fn described(&self, source: &Source) -> Vec<String> {
        let columns: Vec<Column> = self.look.catalog.fields(source);
        let mut lines = vec![format!("The {} {} reads the topic {}.", source.kind.word(), source.name, source.topic)];
        if columns.is_empty() {
            lines.push("Nothing is known of its fields: no record has been seen.".to_owned());
        }
        lines.extend(columns.iter().map(|column| format!("  {:<24} {}", column.name, column.data_type)));
        lines
    }
}

impl Behaviour for Query {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match &event {
            Event::Started => return self.start(cx),
            Event::Interrupt => {
                self.interrupted = true;
                if self.app.is_none() {
                    return self.end(cx, 130);
                }
            }
            Event::Answered { admin, call, result } if self.admin == Some(*admin) => {
                if self.call == Some(*call) {
                    self.call = None;
                    return self.answered(cx, result.as_deref().ok());
                }
                if self.look.answered(cx, *call, result.as_deref().ok()) {
                    self.decide(cx);
                }
                return;
            }
            Event::Polled { consumer, records } if self.look.reads_by(*consumer) => {
                if self.look.polled(cx, records) {
                    self.decide(cx);
                }
                return;
            }
            Event::PollFailed { consumer, .. } if self.look.reads_by(*consumer) => return self.decide(cx),
            _ => {}
        }
        if self.phase == Phase::Running {
            self.run(cx, &event);
        }
    }
}

/// How long a look into topics may take.
const LOOK_TIME: Span = Span::from_secs(2);

/// How a statement is read again later: without what ends it.
fn same_statement(one: &str, two: &str) -> bool {
    let parsed = |text: &str| query::parse(text).ok();
    matches!((parsed(one), parsed(two)), (Some(one), Some(two)) if one == two)
}

/// The names of the topics that a statement reads.
fn sources(statement: &Statement) -> Vec<String> {
    let of = |select: &query::Select| {
        let joined = select.joins.iter().map(|join| &join.source);
        [&select.from].into_iter().chain(joined).map(|source| source.name.text.clone()).collect::<Vec<_>>()
    };
    match statement {
        Statement::Create(create) => match &create.body {
            query::ast::CreateBody::Query(select) => of(select),
            query::ast::CreateBody::Declared(_) => Vec::new(),
        },
        Statement::Insert { select, .. } | Statement::Select(select) | Statement::Explain(query::ast::Explain::Select(select)) => {
            of(select)
        }
        Statement::Describe(name) => vec![name.text.clone()],
        _ => Vec::new(),
    }
}
