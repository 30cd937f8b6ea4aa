//! What a client believes about the cluster (`org.apache.kafka.clients.Metadata`): topics, partition counts, leaders.
//! Asked for on demand, again while something is missing, and when older than its age.
//!
//! Between an answer, or a failure, and the next question lies `retry.backoff.ms`; twice as long after each failure, and
//! after each answer that tells nothing new, up to `retry.backoff.max.ms`.

use std::rc::Rc;

use super::{ClientContext, ClientTimer, Target};
use crate::base::{BrokerId, SimTime, SortedMap, SortedSet, Span, TopicId, TopicName, TopicPartition};
use crate::engine::protocol::{ErrorCode, MetadataRequest, MetadataResponse, Request};

#[derive(Clone, Hash, Debug, Default)]
pub struct Metadata {
    /// Topics to ask for.
    wanted: SortedSet<TopicName>,
    /// All topics are asked for: some are to be found by a pattern.
    all: bool,
    known: SortedMap<TopicName, KnownTopic>,
    /// The brokers of the last answer, with `broker.rack` where they have one.
    nodes: SortedMap<BrokerId, Option<Rc<str>>>,
    /// Errors of the last answer, for topics that are wanted and not known.
    errors: SortedMap<TopicName, ErrorCode>,
    in_flight: Option<u32>,
    /// It is to be asked for (again).
    needed: bool,
    retry_at: Option<SimTime>,
    ages: bool,
    allow_auto_topic_creation: bool,
    retry_backoff: Span,
    last_refresh: Option<SimTime>,
    /// Failures, and answers without news, in a row.
    failures: u32,
    equivalent: u32,
    max_age: Span,
    /// Grows with each answer.
    pub version: u64,
}

/// Leader and its epoch, for each partition of a topic.
pub type Leaders = [(Option<BrokerId>, i32)];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KnownTopic {
    pub topic_id: TopicId,
    /// Leader and its epoch, for each partition.
    pub leaders: Vec<(Option<BrokerId>, i32)>,
    /// The replicas of each partition.
    replicas: Rc<[Vec<BrokerId>]>,
}

/// Where the replicas of a partition are: those whose brokers live and have a rack, and those whose brokers are down.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReplicaRacks {
    pub online: Vec<(BrokerId, Rc<str>)>,
    pub offline: Vec<BrokerId>,
}

impl Metadata {
    pub fn new(allow_auto_topic_creation: bool, retry_backoff: Span, max_age: Span) -> Self {
        Self { allow_auto_topic_creation, retry_backoff, max_age, ..Self::default() }
    }

    /// The topics that the client deals with.
    pub fn wanted(&self) -> impl Iterator<Item = &TopicName> {
        self.wanted.iter()
    }

    /// The name of a known topic as the cluster shares it, and leader and epoch of each of its partitions.
    pub fn known_topic(&self, topic: &str) -> Option<(&TopicName, &Leaders)> {
        self.known.get_key_value(topic).map(|(name, known)| (name, known.leaders.as_slice()))
    }

    /// All partitions of known topics.
    pub fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        let of = |(topic, known): (&TopicName, &KnownTopic)| {
            let topic = topic.clone();
            (0..known.leaders.len() as i32).map(move |partition| TopicPartition { topic: topic.clone(), partition })
        };
        self.known.iter().flat_map(of)
    }

    /// The topic's name and id, as the last answer had them.
    pub fn topic_id(&self, topic: &TopicName) -> Option<(TopicName, TopicId)> {
        self.known.get_key_value(topic).map(|(name, known)| (name.clone(), known.topic_id))
    }

    pub fn partition_count(&self, topic: &str) -> Option<i32> {
        self.known.get(topic).map(|known| known.leaders.len() as i32)
    }

    pub fn leader(&self, partition: &TopicPartition) -> Option<BrokerId> {
        self.known.get(&partition.topic)?.leaders.get(usize::try_from(partition.partition).ok()?)?.0
    }

    pub fn leader_epoch(&self, partition: &TopicPartition) -> Option<i32> {
        Some(self.known.get(&partition.topic)?.leaders.get(usize::try_from(partition.partition).ok()?)?.1)
    }

    /// `broker.rack` of a broker that the last answer named.
    pub fn rack(&self, broker: BrokerId) -> Option<&str> {
        self.nodes.get(&broker)?.as_deref()
    }

    /// Where the replicas of a topic are, partition by partition; nothing for a topic that is not known.
    pub fn replica_racks(&self, topic: &str) -> impl Iterator<Item = ReplicaRacks> {
        let partitions = self.known.get(topic).map_or(&[][..], |known| &known.replicas);
        partitions.iter().map(|replicas| {
            let rack = |replica: &BrokerId| Some((*replica, self.nodes.get(replica)?.clone()?));
            let is_offline = |replica: &&BrokerId| !self.nodes.contains_key(*replica);
            ReplicaRacks {
                online: replicas.iter().filter_map(rack).collect(),
                offline: replicas.iter().filter(is_offline).copied().collect(),
            }
        })
    }

    /// Why a wanted topic is not known, as of the last answer.
    pub fn error(&self, topic: &str) -> Option<ErrorCode> {
        self.errors.get(topic).copied()
    }

    pub fn wants(&self, topic: &str) -> bool {
        self.wanted.contains(topic)
    }

    /// Adds a topic to those asked for, and asks when it is new.
    pub fn want(&mut self, cx: &mut ClientContext<'_>, topic: &TopicName) {
        if self.wanted.insert(topic.clone()) {
            self.refresh(cx);
        }
    }

    /// Asks for all topics from now on, or no more; what is wanted then has to be said.
    pub fn want_all(&mut self, cx: &mut ClientContext<'_>, all: bool) {
        if self.all != all {
            self.all = all;
            self.wanted.clear();
            self.known.clear();
            if all {
                self.refresh(cx);
            }
        }
    }

    /// Asks for exactly these topics from now on; with all topics there, these are among them.
    pub fn want_only(&mut self, cx: &mut ClientContext<'_>, topics: impl IntoIterator<Item = TopicName>) {
        if self.all {
            return;
        }
        let topics: SortedSet<TopicName> = topics.into_iter().collect();
        let new = topics.iter().any(|topic| !self.known.contains_key(topic));
        self.known.retain(|topic, _| topics.contains(topic));
        self.wanted = topics;
        if new {
            self.refresh(cx);
        }
    }

    /// Asks now, for topics that it has not asked for yet; or when the answer that is on its way has come.
    fn refresh(&mut self, cx: &mut ClientContext<'_>) {
        self.needed = true;
        if self.in_flight.is_none() {
            self.ask(cx);
        }
    }

    fn ask(&mut self, cx: &mut ClientContext<'_>) {
        self.needed = false;
        if cx.wire.rebootstrap(cx.now) {
            self.known.clear();
        }
        let topics = (!self.all).then(|| self.wanted.iter().cloned().collect());
        let request = MetadataRequest { topics, allow_auto_topic_creation: self.allow_auto_topic_creation };
        self.in_flight = Some(cx.request(Target::Any, Request::Metadata(request)));
    }

    /// Asks as soon as the backoff allows: something was missing or wrong (`Metadata.requestUpdate`).
    pub fn request_update(&mut self, cx: &mut ClientContext<'_>) {
        self.needed = true;
        self.ask_if_needed(cx);
    }

    fn ask_if_needed(&mut self, cx: &mut ClientContext<'_>) {
        if !self.needed || self.in_flight.is_some() {
            return;
        }
        // `Metadata.timeToAllowUpdate`
        let attempt = self.failures.max(self.equivalent).saturating_sub(1);
        let allowed_at = self.last_refresh.map_or(cx.now, |last| last + backoff(self.retry_backoff, attempt));
        if allowed_at <= cx.now {
            self.ask(cx);
        } else if self.retry_at.is_none_or(|at| at > allowed_at) {
            self.retry_at = Some(allowed_at);
            cx.timer_at(allowed_at, ClientTimer::MetadataRetry);
        }
    }

    /// Takes an answer in; false when it is not this metadata's.
    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &MetadataResponse) -> bool {
        if self.in_flight != Some(correlation) {
            return false;
        }
        self.in_flight = None;
        self.version += 1;
        self.last_refresh = Some(cx.now);
        self.failures = 0;
        self.equivalent += 1;
        self.errors.clear();
        self.nodes =
            response.brokers.iter().map(|broker| (*broker, response.racks.get(broker).map(|rack| rack.as_str().into()))).collect();
        if self.all {
            self.known.retain(|topic, _| response.topics.iter().any(|found| found.name == *topic));
        }
        let mut missing = self.wanted.iter().any(|topic| !response.topics.iter().any(|found| found.name == *topic));
        for topic in &response.topics {
            if let Some(error) = topic.error {
                self.known.remove(&topic.name);
                self.errors.insert(topic.name.clone(), error);
                missing |= error != ErrorCode::InvalidTopic;
                log_issue(cx, correlation, &topic.name, error);
                continue;
            }
            let leaders = topic.partitions.iter().map(|partition| (partition.leader, partition.leader_epoch)).collect();
            let replicas = topic.partitions.iter().map(|partition| partition.replicas.clone()).collect();
            let known = KnownTopic { topic_id: topic.topic_id, leaders, replicas };
            let before = self.known.get(&topic.name);
            // Other replicas alone are no news here.
            if before.is_none_or(|before| (before.topic_id, &before.leaders) != (known.topic_id, &known.leaders)) {
                self.equivalent = 0;
            }
            // LEADER_NOT_AVAILABLE
            missing |= known.leaders.iter().any(|(leader, _)| leader.is_none());
            self.known.insert(topic.name.clone(), known);
        }
        if missing || self.needed {
            self.request_update(cx);
        }
        if !self.ages {
            self.ages = true;
            cx.timer(self.max_age, ClientTimer::MetadataAge);
        }
        true
    }

    /// The answer will never come; false when it was not asked by this metadata.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        let lost = self.in_flight == Some(correlation);
        if lost {
            self.in_flight = None;
            self.failures += 1;
            self.last_refresh = Some(cx.now);
            self.request_update(cx);
        }
        lost
    }

    /// Handles `MetadataRetry` and `MetadataAge`; false for other timers.
    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) -> bool {
        match timer {
            ClientTimer::MetadataRetry => {
                if self.retry_at.is_some_and(|at| at <= cx.now) {
                    self.retry_at = None;
                }
                self.ask_if_needed(cx);
            }
            ClientTimer::MetadataAge => {
                self.ages = false;
                self.equivalent = 0;
                self.request_update(cx);
            }
            _ => return false,
        }
        true
    }
}

/// `retry.backoff.max.ms`.
const RETRY_BACKOFF_MAX: Span = Span::from_ms(1000);

/// `ExponentialBackoff`, without its jitter: twice as long with each attempt, counted from 0.
pub fn backoff(initial: Span, attempt: u32) -> Span {
    if initial >= RETRY_BACKOFF_MAX {
        return initial;
    }
    Span(initial.0 << attempt.min(10)).min(RETRY_BACKOFF_MAX)
}

/// What `NetworkClient` and `Metadata` write to the log about a topic's error.
fn log_issue(cx: &mut ClientContext<'_>, correlation: u32, topic: &TopicName, error: ErrorCode) {
    let issue = format!("The metadata response from the cluster reported a recoverable issue with correlation id {correlation} : ");
    cx.log("WARN", format!("{issue}{{{topic}={error}}}"), "org.apache.kafka.clients.NetworkClient");
    if error == ErrorCode::InvalidTopic {
        let text = format!("Metadata response reported invalid topics [{topic}]");
        cx.log("ERROR", text, "org.apache.kafka.clients.Metadata");
    }
}
