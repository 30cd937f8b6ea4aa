//! Several runs of one script side by side: what differs, the replicas of a partition, and what became of each record.

use crate::base::{BrokerId, ClientId, Offset, SimTime, TopicPartition};
use crate::engine::World;
use crate::engine::broker::Broker;
use crate::engine::client::ClientKind;
use crate::scenario::CATALOG;
use crate::scenario::lessons::{Lesson, Looks, Variant};
use crate::session::{OpenError, Session};
use crate::view::group::history;
use crate::view::readers::Readers;
use crate::view::safety::list;

/// The runs of a lesson.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    pub lesson: &'static Lesson,
    /// Those that have been played, in the lesson's order.
    runs: Vec<Run>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Run {
    script: String,
    /// How it is at each step.
    columns: Vec<Column>,
}

/// A run that has been played to its end, and whose records can be looked at.
struct Played {
    session: Session,
    topic: &'static str,
    records: &'static [&'static str],
    /// When the producer was told that a record is written.
    acknowledged: Vec<Option<SimTime>>,
    /// When each was typed.
    typed: Vec<Option<SimTime>>,
}

/// One run, as it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub title: &'static str,
    pub settings: Vec<Chip>,
    pub body: Body,
}

/// What is looked at in a run, at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    Replicas(Replicas),
    Readers(Readers),
}

/// The replicas of a partition, and what became of the records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replicas {
    pub replicas: Vec<ReplicaColumn>,
    pub fates: Vec<Fate>,
}

/// A setting of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chip {
    /// `acks=1` and the like.
    pub text: &'static str,
    /// The run before has another value.
    pub differs: bool,
}

/// A broker's copy of the partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaColumn {
    pub broker: BrokerId,
    /// Leader, follower, down, disk replaced.
    pub state: &'static str,
    pub leads: bool,
    pub down: bool,
    pub in_sync: bool,
    pub cells: Vec<Cell>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    pub offset: Offset,
    pub text: String,
    /// Below the replica's high watermark.
    pub committed: bool,
}

/// What has become of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    NotSent,
    /// Nobody has promised anything.
    Waiting,
    Kept,
    /// Acknowledged, and the partition has no leader now.
    OutOfReach,
    /// Acknowledged, and not there any more.
    Lost,
}

impl Word {
    pub fn text(self) -> &'static str {
        match self {
            Self::NotSent => "not sent yet",
            Self::Waiting => "not acknowledged yet",
            Self::Kept => "acknowledged, and there",
            Self::OutOfReach => "acknowledged, and out of reach",
            Self::Lost => "acknowledged, and lost",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fate {
    pub record: &'static str,
    pub word: Word,
    /// The running brokers that have it.
    pub copies: Vec<BrokerId>,
}

impl Comparison {
    /// No run has been played: for who does not want to wait for all of them at once.
    pub fn begin(lesson: &'static Lesson) -> Self {
        Self { lesson, runs: Vec::new() }
    }

    /// Plays the next run to its end. False where all have been.
    ///
    /// # Errors
    ///
    /// Its script is none.
    pub fn play_next(&mut self) -> Result<bool, OpenError> {
        let Some(run) = self.lesson.variants.get(self.runs.len()) else { return Ok(false) };
        let script = self.lesson.script_of(run);
        let bodies = bodies(self.lesson, &script)?;
        let own = self.runs.len();
        let column = |body| Column { title: run.title, settings: chips(self.lesson, own), body };
        let columns = bodies.into_iter().map(column).collect();
        self.runs.push(Run { script, columns });
        Ok(true)
    }

    pub fn is_complete(&self) -> bool {
        self.runs.len() == self.lesson.variants.len()
    }

    /// The script of a run, to be opened by itself.
    pub fn script(&self, run: usize) -> Option<&str> {
        self.runs.get(run).map(|run| run.script.as_str())
    }

    /// All runs at a step.
    pub fn columns(&self, step: usize) -> Vec<&Column> {
        self.runs.iter().filter_map(|run| run.columns.get(step)).collect()
    }
}

/// Plays a script to its end: what there is to see at each step.
fn bodies(lesson: &Lesson, script: &str) -> Result<Vec<Body>, OpenError> {
    let moments = (0..lesson.steps.len()).map(|step| moment(lesson, step));
    match lesson.looks {
        Looks::Replicas { topic, producer, records } => {
            let mut played = Played::play(script, topic, producer, records)?;
            Ok(moments.map(|at| Body::Replicas(played.replicas(at))).collect())
        }
        Looks::Readers { group, from_seconds, changes_seconds } => {
            let session = Session::open(script, CATALOG)?;
            let past = history(session.world(), &group.into());
            let seconds = |seconds: u64| SimTime::from_ms(seconds * 1000);
            let changes: Vec<SimTime> = changes_seconds.iter().copied().map(seconds).collect();
            let end = moment(lesson, lesson.steps.len() - 1);
            Ok(moments.map(|at| Body::Readers(Readers::new(&past, (seconds(from_seconds), end), at, &changes))).collect())
        }
    }
}

/// When a lesson's step is.
pub fn moment(lesson: &Lesson, step: usize) -> SimTime {
    lesson.steps.get(step).map_or(SimTime::ZERO, |step| SimTime::from_ms(step.at_seconds * 1000))
}

fn chips(lesson: &Lesson, run: usize) -> Vec<Chip> {
    let before = run.checked_sub(1).map(|before| lesson.variants[before].settings);
    let settings = lesson.variants[run].settings.iter();
    settings.map(|setting| Chip { text: setting.shown, differs: before.is_some_and(|before| !before.contains(setting)) }).collect()
}

impl Played {
    fn play(script: &str, topic: &'static str, producer: &str, records: &'static [&'static str]) -> Result<Self, OpenError> {
        let mut session = Session::open(script, CATALOG)?;
        let typed: Vec<Option<SimTime>> = records
            .iter()
            .map(|record| {
                let line = format!("@{producer} > {record}");
                session.inputs().iter().find(|input| *input.text == *line).map(|input| input.at)
            })
            .collect();
        let mut acknowledged = vec![None; typed.len()];
        let mut taken = vec![false; typed.len()];
        let end = session.end_cursor();
        session.seek(0);
        while session.cursor() < end && session.step() {
            let now = session.now();
            let latest = typed.iter().rposition(|typed| typed.is_some_and(|typed| typed <= now));
            let Some(latest) = latest else { continue };
            let idle = is_idle(session.world(), producer);
            taken[latest] |= !idle;
            if idle && taken[latest] && acknowledged[latest].is_none() {
                acknowledged[latest] = Some(now);
            }
        }
        Ok(Self { session, topic, records, acknowledged, typed })
    }

    fn replicas(&mut self, at: SimTime) -> Replicas {
        self.session.seek_time(at);
        let fates = (0..self.records.len()).map(|record| self.fate(record, at)).collect();
        Replicas { replicas: replicas(self.session.world(), self.topic), fates }
    }

    fn fate(&self, record: usize, at: SimTime) -> Fate {
        let world = self.session.world();
        let text = self.records[record];
        let partition = TopicPartition::new(self.topic, 0);
        let has =
            |broker: &Broker| broker.replica(&partition).is_some_and(|replica| values(replica).any(|(_, value)| value == text));
        let before = |moment: Option<SimTime>| moment.is_some_and(|moment| moment <= at);
        let leader = world.cluster().topic(self.topic).and_then(|topic| topic.partition(0)?.leader);
        let word = if !before(self.typed[record]) {
            Word::NotSent
        } else if !before(self.acknowledged[record]) {
            Word::Waiting
        } else {
            match leader.and_then(|leader| world.broker(leader)) {
                None => Word::OutOfReach,
                Some(leader) if has(leader) => Word::Kept,
                Some(_) => Word::Lost,
            }
        };
        let copies = world.brokers().filter(|broker| broker.running && has(broker)).map(|broker| broker.id).collect();
        Fate { record: text, word, copies }
    }
}

/// Has the program's producer nothing on its way?
fn is_idle(world: &World, program: &str) -> bool {
    let Some(program) = world.program_named(program) else { return false };
    let own: Option<ClientId> = world
        .clients()
        .find(|client| client.owner == program.id && matches!(client.kind, ClientKind::Producer(_)))
        .map(|client| client.id);
    own.and_then(|client| world.producer(client))
        .is_some_and(|producer| producer.queued_records() == 0 && producer.in_flight_batches().next().is_none())
}

fn values(replica: &crate::engine::broker::Replica) -> impl Iterator<Item = (Offset, String)> {
    let batches = replica.log.batches_from(replica.log.log_start_offset());
    batches.flat_map(|batch| batch.records().map(|record| (record.offset, text_of(record.value))).collect::<Vec<_>>())
}

fn text_of(value: Option<&[u8]>) -> String {
    value.map_or_else(String::new, |value| String::from_utf8_lossy(value).into_owned())
}

fn replicas(world: &World, topic: &str) -> Vec<ReplicaColumn> {
    let partition = TopicPartition::new(topic, 0);
    let Some(state) = world.cluster().topic(topic).and_then(|topic| topic.partition(0)) else { return Vec::new() };
    let column = |id: &BrokerId| {
        let broker = world.broker(*id)?;
        let replica = broker.replica(&partition);
        let leads = state.leader == Some(*id);
        let word = match (broker.running, replica) {
            (false, None) => "down, disk replaced",
            (false, _) => "down",
            (true, _) if leads => "leader",
            (true, _) => "follower",
        };
        let cells = replica.into_iter().flat_map(|replica| {
            values(replica).map(|(offset, text)| Cell { offset, text, committed: offset < replica.high_watermark })
        });
        Some(ReplicaColumn {
            broker: *id,
            state: word,
            leads,
            down: !broker.running,
            in_sync: state.isr.contains(id),
            cells: cells.collect(),
        })
    };
    state.replicas.iter().filter_map(column).collect()
}

/// A piece of the script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Same(String),
    /// What stands there in each run.
    Differs(Vec<&'static str>),
}

/// The script of all runs, with the places where they differ.
pub fn script_pieces(lesson: &Lesson) -> Vec<Piece> {
    let script = lesson.common_script();
    let placeholders = lesson.variants.first().map(|run| run.settings).unwrap_or_default();
    let mut rest = script.as_str();
    let mut pieces = Vec::new();
    let next = |rest: &str| placeholders.iter().filter_map(|own| Some((rest.find(own.placeholder)?, own.placeholder))).min();
    while let Some((at, placeholder)) = next(rest) {
        pieces.push(Piece::Same(rest[..at].to_owned()));
        let of_run = |run: &Variant| run.settings.iter().find(|own| own.placeholder == placeholder).map_or("", |own| own.value);
        pieces.push(Piece::Differs(lesson.variants.iter().map(of_run).collect()));
        rest = &rest[at + placeholder.len()..];
    }
    pieces.push(Piece::Same(rest.to_owned()));
    pieces
}

impl ReplicaColumn {
    pub fn sync(&self) -> &'static str {
        if self.in_sync { "in sync" } else { "not in sync" }
    }

    /// In words, for who does not see the picture.
    fn words(&self) -> String {
        let cell =
            |cell: &Cell| format!("{} at offset {}{}", cell.text, cell.offset, if cell.committed { "" } else { ", not committed" });
        let cells: Vec<String> = self.cells.iter().map(cell).collect();
        let has = if cells.is_empty() { "nothing".to_owned() } else { cells.join(", ") };
        format!("broker {}: {}, {}, has {has}", self.broker, self.state, self.sync())
    }
}

impl Fate {
    /// Where it is; empty before it was sent.
    pub fn copies_words(&self) -> String {
        let brokers = list(&self.copies, "", "and");
        match (self.word, self.copies.len()) {
            (Word::NotSent, _) => String::new(),
            (_, 0) => "on no running broker".to_owned(),
            (_, 1) => format!("on broker {brokers}"),
            _ => format!("on brokers {brokers}"),
        }
    }

    fn words(&self) -> String {
        let words = [self.word.text(), &self.copies_words()].join(", ");
        format!("{}: {}", self.record, words.trim_end_matches(", "))
    }
}

impl Replicas {
    /// What is otherwise than a step before.
    fn changes(&self, before: Option<&Self>) -> Vec<String> {
        let replicas = self.replicas.iter().filter(|replica| before.is_none_or(|before| !before.replicas.contains(replica)));
        let fates = self.fates.iter().filter(|fate| before.is_none_or(|before| !before.fates.contains(fate)));
        replicas.map(ReplicaColumn::words).chain(fates.map(Fate::words)).collect()
    }
}

/// What is otherwise than a step before, in words; in the beginning, how everything is.
pub fn changes(before: Option<&Column>, now: &Column) -> String {
    let words = match (before.map(|before| &before.body), &now.body) {
        (Some(Body::Replicas(before)), Body::Replicas(now)) => now.changes(Some(before)),
        (_, Body::Replicas(now)) => now.changes(None),
        (Some(Body::Readers(before)), Body::Readers(now)) if before == now => Vec::new(),
        (_, Body::Readers(now)) => now.words(),
    };
    let words = if words.is_empty() { "nothing has changed".to_owned() } else { words.join("; ") };
    format!("{}: {words}.", now.title)
}
