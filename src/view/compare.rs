//! Several runs of one script side by side: what differs, the replicas of a partition, and what became of each record.

use crate::base::{BrokerId, ClientId, Offset, SimTime, TopicPartition};
use crate::engine::World;
use crate::engine::broker::Broker;
use crate::engine::client::ClientKind;
use crate::scenario::CATALOG;
use crate::scenario::lessons::Lesson;
use crate::session::{OpenError, Session};

/// The runs of a lesson, all at the same step.
pub struct Comparison {
    pub lesson: &'static Lesson,
    runs: Vec<Run>,
}

struct Run {
    session: Session,
    script: String,
    /// When the producer was told that a record is written.
    acknowledged: Vec<Option<SimTime>>,
    /// When each was typed.
    typed: Vec<Option<SimTime>>,
}

/// One run, as it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub title: &'static str,
    /// `acks=1` and the like.
    pub settings: Vec<String>,
    pub replicas: Vec<ReplicaColumn>,
    pub fates: Vec<Fate>,
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
    /// Plays all runs to their end.
    pub fn new(lesson: &'static Lesson) -> Result<Self, OpenError> {
        let runs = lesson.variants.iter().map(|variant| Run::play(lesson, lesson.script_of(variant))).collect::<Result<_, _>>()?;
        Ok(Self { lesson, runs })
    }

    /// The script of a run, to be opened by itself.
    pub fn script(&self, run: usize) -> Option<&str> {
        self.runs.get(run).map(|run| run.script.as_str())
    }

    /// All runs at a step.
    pub fn columns(&mut self, step: usize) -> Vec<Column> {
        let lesson = self.lesson;
        let at = lesson.steps.get(step).map_or(SimTime::ZERO, |step| SimTime::from_ms(step.at_seconds * 1000));
        lesson
            .variants
            .iter()
            .zip(&mut self.runs)
            .map(|(variant, run)| {
                run.session.seek_time(at);
                Column {
                    title: variant.title,
                    settings: variant.settings.iter().map(|setting| format!("{}={}", setting.name, setting.value)).collect(),
                    replicas: replicas(run.session.world(), lesson),
                    fates: (0..lesson.records.len()).map(|record| run.fate(lesson, record, at)).collect(),
                }
            })
            .collect()
    }
}

impl Run {
    fn play(lesson: &Lesson, script: String) -> Result<Self, OpenError> {
        let mut session = Session::open(&script, CATALOG)?;
        let typed: Vec<Option<SimTime>> = lesson
            .records
            .iter()
            .map(|record| {
                let line = format!("@{} > {record}", lesson.producer);
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
            let idle = is_idle(session.world(), lesson.producer);
            taken[latest] |= !idle;
            if idle && taken[latest] && acknowledged[latest].is_none() {
                acknowledged[latest] = Some(now);
            }
        }
        Ok(Self { session, script, acknowledged, typed })
    }

    fn fate(&self, lesson: &Lesson, record: usize, at: SimTime) -> Fate {
        let world = self.session.world();
        let text = lesson.records[record];
        let partition = TopicPartition::new(lesson.topic, 0);
        let has =
            |broker: &Broker| broker.replica(&partition).is_some_and(|replica| values(replica).any(|(_, value)| value == text));
        let before = |moment: Option<SimTime>| moment.is_some_and(|moment| moment <= at);
        let leader = world.cluster().topic(lesson.topic).and_then(|topic| topic.partition(0)?.leader);
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

fn replicas(world: &World, lesson: &Lesson) -> Vec<ReplicaColumn> {
    let partition = TopicPartition::new(lesson.topic, 0);
    let Some(state) = world.cluster().topic(lesson.topic).and_then(|topic| topic.partition(0)) else { return Vec::new() };
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
