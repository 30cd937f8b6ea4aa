//! Share partitions and share groups while a handler changes them: copies, what is asked of share coordinators, and what is to
//! be returned. `finish` makes the outcome: an answer waits for all that is asked here on its behalf.

use std::rc::Rc;

use super::persister;
use crate::base::{GroupId, SimTime, SortedMap, TopicPartition};
use crate::engine::broker::{Asked, Broker};
use crate::engine::coordinator::home::append;
use crate::engine::group::{ShareGroup, share_records};
use crate::engine::network::{Endpoint, RequestRef};
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::partition::led;
use crate::engine::protocol::{ListOffsetsRequest, OffsetSpec, Request, Response, ShareGroupStateRequest, StateOperation};
use crate::engine::share::{Awaiting, ParkedShareFetch, ShareChange, ShareKey, SharePartition, ShareTimer, StateAsk, Then};

pub struct ShareWork<'a> {
    pub cx: &'a NodeContext<'a>,
    pub broker: &'a Broker,
    pub outcome: Outcome,
    partitions: SortedMap<ShareKey, Option<SharePartition>>,
    groups: SortedMap<GroupId, ShareGroup>,
    /// By group, partition of `__share_group_state` and kind of operation: one request each.
    asks: SortedMap<(GroupId, i32, i16), Vec<(TopicPartition, StateOperation)>>,
    /// Partitions whose ends are to be asked for.
    ends: Vec<TopicPartition>,
    /// Who is answered, after so many answers that are still out.
    answer: Option<(RequestRef, Then, u32)>,
    parked: Option<ParkedShareFetch>,
}

impl<'a> ShareWork<'a> {
    pub fn new(cx: &'a NodeContext<'a>, broker: &'a Broker) -> Self {
        Self {
            cx,
            broker,
            outcome: Outcome::default(),
            partitions: SortedMap::new(),
            groups: SortedMap::new(),
            asks: SortedMap::new(),
            ends: Vec::new(),
            answer: None,
            parked: None,
        }
    }

    pub fn now(&self) -> SimTime {
        self.cx.now
    }

    /// Answers, when all that is asked here is answered.
    pub fn answer(&mut self, to: RequestRef, response: Response) {
        self.answer = Some((to, Then::Answer(response), 0));
    }

    /// The same, and when so many earlier questions are.
    pub fn answer_after(&mut self, to: RequestRef, response: Response, left: u32) {
        self.answer = Some((to, Then::Answer(response), left));
    }

    /// Goes on when all that is asked here is answered.
    pub fn then(&mut self, to: RequestRef, then: Then) {
        self.answer = Some((to, then, 0));
    }

    /// A name for what this broker itself waits for: that of the question that comes next.
    pub fn own_request(&self) -> RequestRef {
        RequestRef { from: Endpoint::Broker(self.broker.id), correlation: self.broker.next_correlation }
    }

    /// Has a fetch wait.
    pub fn park(&mut self, parked: ParkedShareFetch) {
        self.parked = Some(parked);
    }

    pub fn timer(&mut self, at: SimTime, timer: ShareTimer) {
        self.outcome.timers.push((at, BrokerTimer::Share(timer)));
    }

    pub fn change(&mut self, change: ShareChange) {
        self.outcome.changes.push(Change::Share { broker: self.broker.id, change: Box::new(change) });
    }

    /// Puts a share group in place of what was there, and writes down what has changed.
    pub fn put_group(&mut self, group_id: &GroupId, group: ShareGroup) {
        self.groups.insert(group_id.clone(), group);
    }

    // ---- share partitions

    pub fn partition(&self, key: &ShareKey) -> Option<&SharePartition> {
        match self.partitions.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.broker.share.partitions.get(key).map(Rc::as_ref),
        }
    }

    /// A copy to change, while the broker leads the partition; `put` takes it back.
    pub fn take(&self, key: &ShareKey) -> Option<SharePartition> {
        let (_, leader_epoch) = led(self.cx, self.broker, &key.1).ok()?;
        self.partition(key).filter(|share| share.leader_epoch == leader_epoch).cloned()
    }

    /// Puts a share partition in place, and sees to it that its locks end in time.
    pub fn put(&mut self, key: ShareKey, mut partition: SharePartition) {
        if let Some(at) = partition.next_lock_end()
            && partition.lock_timer_at.is_none_or(|armed| armed > at || armed <= self.now())
        {
            partition.lock_timer_at = Some(at);
            self.timer(at, ShareTimer::Locks { key: key.clone() });
        }
        if self.partition(&key) != Some(&partition) {
            self.partitions.insert(key, Some(partition));
        }
    }

    pub fn forget(&mut self, key: ShareKey) {
        self.partitions.insert(key, None);
    }

    // ---- what share coordinators keep

    /// Asks the share coordinator of a share partition for something.
    pub fn ask(&mut self, key: &ShareKey, operation: StateOperation) {
        // Those whose home is not known yet are asked for one by one: each may turn out to live elsewhere.
        let home = persister::home(self.cx, key).unwrap_or(-1 - self.asks.len() as i32);
        let asks = self.asks.get_or_default((key.0.clone(), home, operation.api_key()));
        asks.push((key.1.clone(), operation));
    }

    /// Asks the leader of a partition where it ends.
    pub fn ask_end(&mut self, partition: &TopicPartition) {
        self.ends.push(partition.clone());
    }

    pub fn finish(mut self) -> Outcome {
        for (key, partition) in std::mem::take(&mut self.partitions) {
            self.change(ShareChange::Partition { key, partition: partition.map(Rc::new) });
        }
        for (group_id, group) in std::mem::take(&mut self.groups) {
            let before = self.broker.share_groups.get(&group_id).map(Rc::as_ref);
            let records = share_records::difference(self.cx.metadata, &group_id, before, Some(&group));
            append(self.cx, self.broker, &group_id, &records, &mut self.outcome);
            let (broker, group) = (self.broker.id, Some(Rc::new(group)));
            self.outcome.changes.push(Change::ShareGroup { broker, group_id, group });
        }
        let waits = self.answer.as_ref().map(|(to, ..)| *to).or(self.parked.as_ref().map(|parked| parked.from));
        // A share partition that is read back keeps no answer: the fetches for it wait for their records.
        let is_waited_for =
            |operations: &[(TopicPartition, StateOperation)]| !matches!(operations.first(), Some((_, StateOperation::Read { .. })));
        let asks = std::mem::take(&mut self.asks);
        let leaders = persister::by_leader(self.cx, std::mem::take(&mut self.ends).into_iter());
        let asked = asks.values().filter(|operations| is_waited_for(operations)).count() + leaders.len();
        let asked = u32::try_from(asked).unwrap_or(u32::MAX);
        match (self.answer.take(), self.parked.take()) {
            (Some((to, Then::Answer(response), left)), _) if left + asked == 0 => self.outcome.responses.push((to, response)),
            (Some((to, then, left)), _) => {
                let (states, ends) = (Vec::new(), Vec::new());
                self.change(ShareChange::Await(Awaiting { to, left: left + asked, then, states, ends }));
            }
            (None, Some(parked)) => self.change(ShareChange::Park(ParkedShareFetch { left: asked, ..parked })),
            (None, None) => {}
        }
        for ((group_id, home, _), partitions) in asks {
            let waits = waits.filter(|_| is_waited_for(&partitions));
            let request = ShareGroupStateRequest { group_id, home, partitions };
            persister::send(self.cx, self.broker, StateAsk { request, tries: 0, waits }, &mut self.outcome);
        }
        if let Some(to) = waits {
            for (leader, partitions) in leaders {
                let partitions = partitions.into_iter().map(|partition| (partition, OffsetSpec::Latest)).collect();
                let request = Request::ListOffsets(ListOffsetsRequest { partitions });
                self.outcome.requests.push((leader, request, Asked::Ends(to)));
            }
        }
        self.outcome
    }
}
