//! What a client believes about the cluster (`org.apache.kafka.clients.Metadata`): topics, partition counts, leaders.
//! Asked for on demand, again after `retry.backoff.ms` while something is missing, and when older than its age.

use super::{ClientContext, ClientTimer, Target};
use crate::base::{BrokerId, SortedMap, SortedSet, Span, TopicId, TopicName, TopicPartition};
use crate::engine::error::ErrorCode;
use crate::engine::program::Event;
use crate::engine::protocol::{MetadataRequest, MetadataResponse, Request};

#[derive(Clone, Hash, Debug)]
pub struct Metadata {
    /// Topics to ask for.
    wanted: SortedSet<TopicName>,
    known: SortedMap<TopicName, KnownTopic>,
    /// Errors of the last answer, for topics that are wanted and not known.
    errors: SortedMap<TopicName, ErrorCode>,
    in_flight: Option<u32>,
    retry_waits: bool,
    ages: bool,
    allow_auto_topic_creation: bool,
    retry_backoff: Span,
    max_age: Span,
    /// Grows with each answer.
    pub version: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KnownTopic {
    pub topic_id: TopicId,
    /// Leader and its epoch, for each partition.
    pub leaders: Vec<(Option<BrokerId>, i32)>,
}

impl Metadata {
    pub fn new(allow_auto_topic_creation: bool, retry_backoff: Span, max_age: Span) -> Self {
        Self {
            wanted: SortedSet::new(),
            known: SortedMap::new(),
            errors: SortedMap::new(),
            in_flight: None,
            retry_waits: false,
            ages: false,
            allow_auto_topic_creation,
            retry_backoff,
            max_age,
            version: 0,
        }
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

    /// Asks for exactly these topics from now on.
    pub fn want_only(&mut self, cx: &mut ClientContext<'_>, topics: impl IntoIterator<Item = TopicName>) {
        let topics: SortedSet<TopicName> = topics.into_iter().collect();
        let new = topics.iter().any(|topic| !self.known.contains_key(topic));
        self.known.retain(|topic, _| topics.contains(topic));
        self.wanted = topics;
        if new {
            self.refresh(cx);
        }
    }

    /// Asks now, unless an answer is on its way.
    pub fn refresh(&mut self, cx: &mut ClientContext<'_>) {
        if self.in_flight.is_none() {
            let topics = Some(self.wanted.iter().cloned().collect());
            let request = MetadataRequest { topics, allow_auto_topic_creation: self.allow_auto_topic_creation };
            self.in_flight = Some(cx.request(Target::Bootstrap, Request::Metadata(request)));
        }
    }

    /// Asks again after the backoff: something was missing or wrong.
    pub fn refresh_later(&mut self, cx: &mut ClientContext<'_>) {
        if !self.retry_waits {
            self.retry_waits = true;
            cx.timer(self.retry_backoff, ClientTimer::MetadataRetry);
        }
    }

    /// Takes an answer in; false when it is not this metadata's.
    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &MetadataResponse) -> bool {
        if self.in_flight != Some(correlation) {
            return false;
        }
        self.in_flight = None;
        self.version += 1;
        self.errors.clear();
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
            self.known.insert(topic.name.clone(), KnownTopic { topic_id: topic.topic_id, leaders });
        }
        if missing {
            self.refresh_later(cx);
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
            self.refresh_later(cx);
        }
        lost
    }

    /// Handles `MetadataRetry` and `MetadataAge`; false for other timers.
    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) -> bool {
        match timer {
            ClientTimer::MetadataRetry => self.retry_waits = false,
            ClientTimer::MetadataAge => self.ages = false,
            _ => return false,
        }
        self.refresh(cx);
        true
    }
}

/// What `NetworkClient` and `Metadata` write to the log about a topic's error.
fn log_issue(cx: &mut ClientContext<'_>, correlation: u32, topic: &TopicName, error: ErrorCode) {
    let client = cx.id;
    let issue = format!("The metadata response from the cluster reported a recoverable issue with correlation id {correlation} : ");
    let text = format!("{issue}{{{topic}={error}}}").into();
    cx.emit(Event::Logged { client, level: "WARN", text, logger: "org.apache.kafka.clients.NetworkClient" });
    if error == ErrorCode::InvalidTopic {
        let text = format!("Metadata response reported invalid topics [{topic}]").into();
        cx.emit(Event::Logged { client, level: "ERROR", text, logger: "org.apache.kafka.clients.Metadata" });
    }
}
