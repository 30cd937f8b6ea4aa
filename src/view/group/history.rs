//! What a group has been through, as the trace tells it: its rebalances, and who has read which partition since when.

use std::rc::Rc;

use super::steps::{Lane, Rebalance, Segment, Step, StepKind};
use super::words;
use crate::base::{ClientId, MemberId, ProgramId, SimTime, SortedMap, SortedSet, TopicPartition, sort};
use crate::engine::group::{ConsumerGroupState, GroupState, ReconciliationState};
use crate::engine::trace::{AnyGroupState, GroupReason, MemberStep, TraceEvent};
use crate::engine::world::World;

/// Rebalances kept; beyond them the oldest go.
const REBALANCES_MAX: usize = 24;

/// Steps kept of one rebalance.
const STEPS_MAX: usize = 400;

/// Partitions whose reading is drawn, of one rebalance.
const LANES_MAX: usize = 64;

/// Changes of reader kept of one partition; beyond them the oldest go.
const READERS_MAX: usize = 1024;

/// Members whose names are kept; beyond them those that are no longer in the group go.
const NAMES_MAX: usize = 1024;

/// Members of now and of before, each with its client and the name of its program.
pub type Names = SortedMap<MemberId, (ClientId, Rc<str>)>;

/// When a partition got another reader, or lost its own.
pub type Reads = Vec<(SimTime, Option<Rc<str>>)>;

/// A group's past, as far as it has been read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The oldest first.
    pub rebalances: Vec<Rc<Rebalance>>,
    /// Crashes that their coordinator has not noticed yet.
    pub unnoticed: Vec<Step>,
    pub readers: SortedMap<TopicPartition, Rc<Reads>>,
    /// When its coordinator was lost and when another had read the group, in words; of the latest.
    pub coordinators: Vec<(SimTime, String)>,
    pub members: Names,
}

impl History {
    /// Since when the partition is read, or read by nobody; `None`: for longer than the trace goes back.
    pub fn since(&self, partition: &TopicPartition) -> Option<SimTime> {
        self.readers.get(partition)?.last().map(|(at, _)| *at)
    }

    /// A member's name; its id where nobody knows its program.
    pub fn name_of(&self, member: &MemberId) -> Rc<str> {
        self.members.get(member).map_or_else(|| member.0.clone(), |(_, name)| name.clone())
    }

    /// The names of members, in order.
    pub fn names_of<'m>(&self, members: impl Iterator<Item = &'m MemberId>) -> Vec<Rc<str>> {
        let mut names: Vec<Rc<str>> = members.map(|member| self.name_of(member)).collect();
        sort(&mut names);
        names
    }

    /// Who read each partition between two moments.
    pub fn lanes(&self, from: SimTime, to: SimTime) -> Vec<Lane> {
        self.readers.iter().map(|(partition, readers)| lane(partition, readers, from, to)).collect()
    }
}

/// A member's client.
struct Known {
    name: Rc<str>,
    program: ProgramId,
    /// It is there, and in the group.
    reads: bool,
    /// It has been assigned something that it has not taken in yet.
    due: bool,
}

/// A group's past while it is read, event by event.
pub(super) struct Past {
    clients: SortedMap<ClientId, Known>,
    /// The coordinator's members; those of them that have joined in this round.
    members: SortedSet<MemberId>,
    joined: SortedSet<MemberId>,
    open: Option<Rebalance>,
    /// What came before a rebalance and belongs to it.
    before: Vec<Step>,
    /// The group's last state is one of rest.
    settled: bool,
    /// Partitions were given up after the group came to rest: they are handed on in another round.
    handing_on: bool,
    state: AnyGroupState,
    rebalances: Vec<Rc<Rebalance>>,
    readers: SortedMap<TopicPartition, Rc<Reads>>,
    pub names: Names,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            clients: SortedMap::new(),
            members: SortedSet::new(),
            joined: SortedSet::new(),
            open: None,
            before: Vec::new(),
            settled: false,
            handing_on: false,
            state: AnyGroupState::Classic(GroupState::Empty),
            rebalances: Vec::new(),
            readers: SortedMap::new(),
            names: SortedMap::new(),
        }
    }
}

impl Past {
    /// The client is or was this member.
    pub fn learn(&mut self, world: &World, member: &MemberId, client: ClientId, program: ProgramId) {
        let name: Rc<str> = world.program(program).map_or_else(|| member.0.clone(), |program| program.name.clone());
        self.members.insert(member.clone());
        self.names.insert(member.clone(), (client, name.clone()));
        if self.names.len() > NAMES_MAX {
            let members = &self.members;
            self.names.retain(|member, _| members.contains(member));
            let names = &self.names;
            self.clients.retain(|client, _| names.values().any(|(known, _)| known == client));
        }
        self.clients.insert(client, Known { name, program, reads: true, due: false });
    }

    pub fn has_members(&self) -> bool {
        !self.members.is_empty()
    }

    /// Does one of its clients belong to the program?
    pub fn has_client_of(&self, program: ProgramId) -> bool {
        self.clients.values().any(|known| known.program == program)
    }

    fn name(&self, member: &MemberId) -> Rc<str> {
        self.names.get(member).map_or_else(|| member.0.clone(), |(_, name)| name.clone())
    }

    fn reason(&self, reason: Option<&GroupReason>) -> String {
        reason.map_or(String::new(), |reason| words::reason(reason, |member| self.name(member).to_string()))
    }

    // ---- steps

    /// A step of the rebalance that goes on, or of the one that it may lead to.
    fn step(&mut self, at: SimTime, kind: StepKind, member: Option<Rc<str>>, text: String) {
        let step = Step { at, kind, member, text };
        let steps = match &mut self.open {
            Some(open) => &mut open.steps,
            None => &mut self.before,
        };
        // A member that is told the same again has taken no step.
        let is_like = |earlier: &&Step| (earlier.kind, &earlier.member) == (step.kind, &step.member);
        let again = step.kind == StepKind::Reconciles && steps.iter().rfind(is_like).is_some_and(|last| last.text == step.text);
        if steps.len() < STEPS_MAX && !again {
            steps.push(step);
        }
    }

    fn begin(&mut self, at: SimTime, reason: Option<&GroupReason>) {
        let trigger = self.reason(reason);
        let mut steps = std::mem::take(&mut self.before);
        // Only a crash is noticed later; all else happened just now, or led to nothing.
        steps.retain(|step| step.kind == StepKind::Crashed || at.since(step.at).ms() <= 1000);
        let at_step = steps.iter().position(|step| step.kind == StepKind::Reconciles).unwrap_or(steps.len());
        let text = format!("The group rebalances: {trigger}");
        steps.insert(at_step, Step { at, kind: StepKind::Trigger, member: None, text });
        self.open = Some(Rebalance { began: at, until: None, trigger, generation: None, steps, lanes: Vec::new() });
        self.settled = false;
        self.handing_on = false;
    }

    fn end(&mut self, at: SimTime, text: &str) {
        self.step(at, StepKind::Done, None, text.to_owned());
        if let Some(mut open) = self.open.take() {
            open.until = Some(at);
            self.keep(open);
        }
        self.before.clear();
    }

    fn keep(&mut self, rebalance: Rebalance) {
        self.rebalances.push(Rc::new(rebalance));
        if self.rebalances.len() > REBALANCES_MAX {
            self.rebalances.remove(0);
        }
    }

    fn end_if_done(&mut self, at: SimTime) {
        let done = self.open.is_some()
            && self.settled
            && !self.handing_on
            && self.clients.values().all(|client| !client.reads || !client.due);
        if done {
            self.end(at, "Everybody has what it was assigned.");
        }
    }

    // ---- reading

    fn set_reader(&mut self, at: SimTime, partition: &TopicPartition, reader: Option<Rc<str>>) {
        let readers = self.readers.get_or_default(partition.clone());
        if readers.last().is_none_or(|(_, last)| *last != reader) {
            let readers = Rc::make_mut(readers);
            readers.push((at, reader));
            if readers.len() > READERS_MAX {
                readers.remove(0);
            }
        }
    }

    fn reads(&self, client: ClientId) -> Vec<TopicPartition> {
        let Some(known) = self.clients.get(&client) else { return Vec::new() };
        let mine = |readers: &Rc<Reads>| readers.last().is_some_and(|(_, reader)| reader.as_deref() == Some(&*known.name));
        self.readers.iter().filter(|(_, readers)| mine(readers)).map(|(partition, _)| partition.clone()).collect()
    }

    /// The client reads nothing any more.
    fn stops(&mut self, at: SimTime, client: ClientId) {
        for partition in self.reads(client) {
            self.set_reader(at, &partition, None);
        }
        if let Some(known) = self.clients.get_mut(&client) {
            (known.reads, known.due) = (false, false);
        }
    }

    // ---- events

    /// Something that happened to the group, or to one of its clients.
    pub fn event(&mut self, world: &World, at: SimTime, event: &TraceEvent) {
        self.draw_last(at);
        match event {
            TraceEvent::GroupState { state, generation_id, reason, .. } => {
                self.group_state(at, *state, *generation_id, reason.as_ref());
            }
            TraceEvent::MemberJoined { member, by, .. } => {
                let owned = by.and_then(|client| Some((client, world.owner(client)?)));
                self.member_joined(world, at, member, owned);
            }
            TraceEvent::MemberStep { member, step, .. } => self.member_step(at, member, step),
            TraceEvent::MemberGone { member, reason, .. } => {
                let name = self.name(member);
                self.members.remove(member);
                self.joined.remove(member);
                if let Some((client, _)) = self.names.get(member).cloned() {
                    self.stops(at, client);
                }
                let text = words::goes(&name, reason);
                self.step(at, StepKind::Gone, Some(name), text);
            }
            TraceEvent::PartitionsAssigned { client, partitions } => self.assigned(at, *client, partitions),
            TraceEvent::PartitionsRevoked { client, partitions } => self.given_up(at, *client, partitions, "gives up"),
            TraceEvent::PartitionsLost { client, partitions } => self.given_up(at, *client, partitions, "has lost"),
            TraceEvent::ProgramKilled { clients, .. } => {
                for (client, _) in clients.iter() {
                    if let Some(name) = self.clients.get(client).filter(|known| known.reads).map(|known| known.name.clone()) {
                        let held = words::partitions(&self.reads(*client));
                        self.stops(at, *client);
                        self.step(at, StepKind::Crashed, Some(name.clone()), format!("{name} crashes. It read {held}"));
                    }
                }
            }
            TraceEvent::ProgramExited { program, .. } => {
                let ended: Vec<ClientId> =
                    self.clients.iter().filter(|(_, known)| known.program == *program).map(|(client, _)| *client).collect();
                ended.into_iter().for_each(|client| self.stops(at, client));
            }
            _ => return,
        }
        self.end_if_done(at);
    }

    fn group_state(&mut self, at: SimTime, state: AnyGroupState, generation: i32, reason: Option<&GroupReason>) {
        use ConsumerGroupState::{Assigning, Reconciling};
        use GroupState::{CompletingRebalance, PreparingRebalance, Stable};
        let is_new = self.state == AnyGroupState::Classic(GroupState::Empty);
        self.state = state;
        match state {
            AnyGroupState::Classic(PreparingRebalance) | AnyGroupState::Consumer(Assigning | Reconciling)
                if self.open.is_none() =>
            {
                self.begin(at, reason);
                if state == AnyGroupState::Classic(PreparingRebalance) && is_new {
                    let text = "A new group waits group.initial.rebalance.delay.ms for more members".to_owned();
                    self.step(at, StepKind::Trigger, None, text);
                }
            }
            AnyGroupState::Classic(PreparingRebalance) => {
                let (text, was_handing_on) = (self.reason(reason), std::mem::take(&mut self.handing_on));
                let text = if was_handing_on { format!("Second round: {text}") } else { format!("Begins again: {text}") };
                self.step(at, StepKind::Again, None, text);
                self.settled = false;
            }
            AnyGroupState::Consumer(Assigning | Reconciling) => {
                let text = format!("{}, group epoch {generation}: {}", state.name(), self.reason(reason));
                self.step(at, StepKind::Target, None, text);
                self.settled = false;
            }
            AnyGroupState::Classic(CompletingRebalance) => {
                self.joined.clear();
                let text = format!(
                    "{}: generation {generation}. The leader works out who gets what",
                    words::capitalised(&self.reason(reason))
                );
                self.step(at, StepKind::AllJoined, None, text);
            }
            AnyGroupState::Classic(Stable) | AnyGroupState::Consumer(ConsumerGroupState::Stable) => {
                if self.open.is_none() && !self.before.is_empty() {
                    self.begin(at, reason);
                }
                if let Some(GroupReason::HandedIn { leader }) = reason {
                    for known in self.clients.values_mut() {
                        known.due |= known.reads;
                    }
                    let text = format!("The leader {} has handed in the assignment", self.name(leader));
                    self.step(at, StepKind::HandedIn, None, text);
                }
                self.settled = true;
                self.handing_on = false;
            }
            // Nobody in a share group waits for another: it does not rebalance.
            AnyGroupState::Share(_) | AnyGroupState::Streams(_) => self.before.clear(),
            _ => {
                self.settled = true;
                self.handing_on = false;
                if self.open.is_some() {
                    self.end(at, "No member is left: nobody reads.");
                }
            }
        }
        if let Some(open) = &mut self.open
            && generation > 0
        {
            open.generation = Some(generation);
        }
    }

    fn member_joined(&mut self, world: &World, at: SimTime, member: &MemberId, by: Option<(ClientId, ProgramId)>) {
        if let Some((client, program)) = by {
            self.learn(world, member, client, program);
            // It is back: that it crashed has led to nothing.
            let name = self.name(member);
            self.before.retain(|step| step.kind != StepKind::Crashed || step.member.as_ref() != Some(&name));
        }
        self.members.insert(member.clone());
        let name = self.name(member);
        self.joined.insert(member.clone());
        let text = format!("{name} joins the group{}", self.waits());
        self.step(at, StepKind::Joined, Some(name), text);
    }

    /// Whom a JoinGroup waits for.
    fn waits(&self) -> String {
        if self.state != AnyGroupState::Classic(GroupState::PreparingRebalance) {
            return String::new();
        }
        let missing: Vec<Rc<str>> =
            self.members.iter().filter(|member| !self.joined.contains(*member)).map(|member| self.name(member)).collect();
        if missing.is_empty() { String::new() } else { format!(", and waits for {}", words::names(&missing)) }
    }

    fn member_step(&mut self, at: SimTime, member: &MemberId, step: &MemberStep) {
        let name = self.name(member);
        match step {
            MemberStep::Told if self.open.is_some() => {
                let text = format!("{name} is told: its heartbeat is answered REBALANCE_IN_PROGRESS");
                self.step(at, StepKind::Told, Some(name), text);
            }
            MemberStep::Told => {}
            MemberStep::Rejoined => {
                self.joined.insert(member.clone());
                let text = format!("{name} joins again{}", self.waits());
                self.step(at, StepKind::Joined, Some(name), text);
            }
            MemberStep::Reconciles { member_epoch, state, assigned, pending_revocation } => {
                let may = words::partitions(assigned.iter());
                let text = match state {
                    ReconciliationState::UnrevokedPartitions => format!(
                        "{name} is to give up {} and keeps {may}; it stays at epoch {member_epoch} until it has",
                        words::partitions(pending_revocation.iter())
                    ),
                    ReconciliationState::UnreleasedPartitions => {
                        format!("{name} reaches epoch {member_epoch} with {may}, and waits for what others have not given up")
                    }
                    ReconciliationState::Stable => format!("{name} reaches epoch {member_epoch} with {may}"),
                };
                if let Some((client, _)) = self.names.get(member).cloned() {
                    let own: SortedSet<TopicPartition> = self.reads(client).into_iter().collect();
                    let differs = own.len() != assigned.len() || assigned.iter().any(|partition| !own.contains(partition));
                    if let Some(known) = self.clients.get_mut(&client) {
                        (known.reads, known.due) = (true, differs);
                    }
                }
                self.step(at, StepKind::Reconciles, Some(name), text);
            }
        }
    }

    fn assigned(&mut self, at: SimTime, client: ClientId, partitions: &[TopicPartition]) {
        let Some(known) = self.clients.get_mut(&client) else { return };
        (known.reads, known.due) = (true, false);
        let name = known.name.clone();
        for partition in partitions {
            self.set_reader(at, partition, Some(name.clone()));
        }
        let text = match (partitions, self.reads(client).as_slice()) {
            ([], []) => format!("{name} gets nothing for now"),
            ([], kept) => format!("{name} keeps {}", words::partitions(kept)),
            (new, _) => format!("{name} reads {} from now on", words::partitions(new)),
        };
        if self.open.is_some() {
            self.step(at, StepKind::Got, Some(name), text);
        }
    }

    fn given_up(&mut self, at: SimTime, client: ClientId, partitions: &[TopicPartition], verb: &str) {
        let Some(name) = self.clients.get(&client).map(|known| known.name.clone()) else { return };
        if partitions.is_empty() {
            return;
        }
        for partition in partitions {
            let mine = self.readers.get(partition).and_then(|readers| readers.last());
            if mine.is_some_and(|(_, reader)| reader.as_deref() == Some(&*name)) {
                self.set_reader(at, partition, None);
            }
        }
        self.handing_on |= self.settled && self.open.is_some() && verb == "gives up";
        let text = format!("{name} {verb} {}", words::partitions(partitions));
        self.step(at, StepKind::GaveUp, Some(name), text);
    }

    // ---- the end

    /// Draws the lanes of what is over, once nothing more can happen at the moment of its end.
    fn draw_last(&mut self, at: SimTime) {
        for last in self.rebalances.iter_mut().rev().take_while(|last| last.lanes.is_empty()) {
            if last.until.is_some_and(|until| until < at) {
                Rc::make_mut(last).lanes = lanes(&self.readers, last, at);
            }
        }
    }

    /// As it is at a moment.
    pub fn history(&self, now: SimTime) -> History {
        let mut rebalances = self.rebalances.clone();
        rebalances.extend(self.open.clone().map(Rc::new));
        for last in rebalances.iter_mut().rev().take_while(|last| last.lanes.is_empty()) {
            Rc::make_mut(last).lanes = lanes(&self.readers, last, now);
        }
        let extra = rebalances.len().saturating_sub(REBALANCES_MAX);
        rebalances.drain(..extra);
        History {
            rebalances,
            unnoticed: self.before.iter().filter(|step| step.kind == StepKind::Crashed).cloned().collect(),
            readers: self.readers.clone(),
            coordinators: Vec::new(),
            members: self.names.clone(),
        }
    }
}

fn lanes(readers: &SortedMap<TopicPartition, Rc<Reads>>, rebalance: &Rebalance, now: SimTime) -> Vec<Lane> {
    let (from, to) = (rebalance.from(), rebalance.to(now));
    readers.iter().take(LANES_MAX).map(|(partition, readers)| lane(partition, readers, from, to)).collect()
}

/// What a partition saw between two moments.
fn lane(partition: &TopicPartition, readers: &[(SimTime, Option<Rc<str>>)], from: SimTime, to: SimTime) -> Lane {
    let first = readers.partition_point(|(at, _)| *at <= from);
    let mut segments = vec![Segment { from, until: to, owner: first.checked_sub(1).and_then(|at| readers[at].1.clone()) }];
    for (at, owner) in readers[first..].iter().filter(|(at, _)| *at <= to) {
        if let Some(last) = segments.last_mut() {
            last.until = *at;
        }
        segments.push(Segment { from: *at, until: to, owner: owner.clone() });
    }
    // Who reads it in the end counts, though the last step may be the one that gave it.
    let last = segments.len() - 1;
    let mut at = 0;
    segments.retain(|segment| {
        at += 1;
        segment.until > segment.from || at > last
    });
    Lane { topic_partition: partition.clone(), segments }
}
