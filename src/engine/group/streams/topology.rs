//! What a topology asks of topics: which it reads, and which internal ones it needs, with how many partitions
//! (`InternalTopicManager`, `RepartitionTopics`, `CopartitionedTopicsEnforcer`, `ChangelogTopics`).
//!
//! ```text
//!  topic                       │ partitions
//!  source                      │ as it has; one that is missing: MISSING_SOURCE_TOPICS
//!  repartition, given a number │ that
//!  repartition                 │ the most that a source has of the subtopology that writes to it
//!  in a copartition group      │ all the same: INCORRECTLY_PARTITIONED_TOPICS where they cannot be
//!  changelog                   │ the most that a source of its subtopology has: its number of tasks
//!  internal, there already     │ as it should have: INCORRECTLY_PARTITIONED_TOPICS
//!  internal, not there         │ MISSING_INTERNAL_TOPICS: the coordinator has them made
//! ```
//!
//! Java's tables say in which order topics are gone through and told.

use crate::base::java::{hash_order, string_hash};
use crate::base::{SortedMap, SortedSet, TopicName, put_in_order, sort};
use crate::engine::metadata::{Cluster, check_name};
use crate::engine::protocol::{
    DescribedSubtopology, DescribedTopology, ErrorCode, NewTopic, StreamsStatus, StreamsTopology, Subtopology, TopicInfo,
};

/// Names told of a list of topics.
const TOPICS_TOLD: usize = 3;

/// A topology with the topics as they are, or are to be (`ConfiguredTopology`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConfiguredTopology {
    pub epoch: i32,
    /// By id. `None` where sources are missing or partitions do not fit.
    pub subtopologies: Option<SortedMap<String, ConfiguredSubtopology>>,
    /// Internal topics that are not there, in the order in which they are told.
    pub internal_topics_to_be_created: Vec<NewTopic>,
    /// What stands in the way.
    pub problem: Option<(StreamsStatus, String)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConfiguredSubtopology {
    pub number_of_tasks: i32,
    /// The internal topics with their partitions.
    pub topics: DescribedSubtopology,
}

impl ConfiguredTopology {
    pub fn is_ready(&self) -> bool {
        self.problem.is_none()
    }

    pub fn described(&self) -> DescribedTopology {
        let subtopologies = self.subtopologies.iter().flatten().map(|(_, subtopology)| subtopology.topics.clone()).collect();
        DescribedTopology { epoch: self.epoch, subtopologies }
    }
}

impl ConfiguredSubtopology {
    /// Has it state that is kept in a changelog?
    pub fn is_stateful(&self) -> bool {
        !self.topics.state_changelog_topics.is_empty()
    }
}

impl StreamsTopology {
    /// With its subtopologies in the order in which the coordinator goes through them.
    pub fn in_order(mut self) -> Self {
        put_in_order(&mut self.subtopologies, &|one, other| one.subtopology_id < other.subtopology_id);
        hash_order(&mut self.subtopologies, 16, |subtopology| string_hash(&subtopology.subtopology_id));
        self
    }

    /// All topics that it reads or keeps state in (`requiredTopics`), in the order of a `HashSet`.
    pub(in crate::engine) fn required_topics(&self) -> Vec<&TopicName> {
        let mut topics: SortedSet<&TopicName> = SortedSet::new();
        for subtopology in &self.subtopologies {
            let internal = subtopology.repartition_source_topics.iter().chain(&subtopology.state_changelog_topics);
            topics.extend(subtopology.source_topics.iter().chain(internal.map(|topic| &topic.name)));
        }
        let mut topics: Vec<&TopicName> = topics.into_iter().collect();
        hash_order(&mut topics, 16, |topic| string_hash(topic.as_str()));
        topics
    }

    /// As it was told, for a group whose topics are not in order.
    pub fn described(&self) -> DescribedTopology {
        let mut subtopologies: Vec<DescribedSubtopology> =
            self.subtopologies.iter().map(|subtopology| described(subtopology, &|topic| topic.clone())).collect();
        put_in_order(&mut subtopologies, &|one, other| one.subtopology_id < other.subtopology_id);
        DescribedTopology { epoch: self.epoch, subtopologies }
    }
}

fn described(subtopology: &Subtopology, configured: &dyn Fn(&TopicInfo) -> TopicInfo) -> DescribedSubtopology {
    let names = |topics: &[TopicName]| {
        let mut topics = topics.to_vec();
        sort(&mut topics);
        topics
    };
    let infos = |topics: &[TopicInfo]| {
        let mut topics: Vec<TopicInfo> = topics.iter().map(configured).collect();
        put_in_order(&mut topics, &|one, other| one.name < other.name);
        topics
    };
    DescribedSubtopology {
        subtopology_id: subtopology.subtopology_id.clone(),
        source_topics: names(&subtopology.source_topics),
        repartition_sink_topics: names(&subtopology.repartition_sink_topics),
        state_changelog_topics: infos(&subtopology.state_changelog_topics),
        repartition_source_topics: infos(&subtopology.repartition_source_topics),
    }
}

/// A topology that no topics would help, in the coordinator's words.
pub type TopologyError = (ErrorCode, String);

/// What is wrong with topics, or with the topology.
enum Wrong {
    Topics(StreamsStatus, String),
    Topology(TopologyError),
}

fn incorrectly_partitioned(words: String) -> Wrong {
    Wrong::Topics(StreamsStatus::IncorrectlyPartitionedTopics, words)
}

fn invalid(words: &str) -> Wrong {
    Wrong::Topology((ErrorCode::StreamsInvalidTopology, words.to_owned()))
}

/// What Kafka's own checks should have kept out.
fn illegal() -> Wrong {
    Wrong::Topology(ErrorCode::UnknownServerError.told())
}

/// `InternalTopicManager.configureTopics`.
pub fn configure(cluster: &Cluster, topology: &StreamsTopology) -> Result<ConfiguredTopology, TopologyError> {
    let (subtopologies, topics, problem) = match (Configuration { cluster, topology, decided: Counts::new() }).run() {
        Ok((subtopologies, topics)) => {
            let names: Vec<&TopicName> = topics.iter().map(|topic| &topic.name).collect();
            let missing = || format!("Internal topics are missing: {}", summary(&names));
            let problem = (!topics.is_empty()).then(|| (StreamsStatus::MissingInternalTopics, missing()));
            (Some(subtopologies), topics, problem)
        }
        Err(Wrong::Topics(status, words)) => (None, Vec::new(), Some((status, words))),
        Err(Wrong::Topology(error)) => return Err(error),
    };
    Ok(ConfiguredTopology { epoch: topology.epoch, subtopologies, internal_topics_to_be_created: topics, problem })
}

/// `a, b, c and 2 additional topics`.
fn summary(topics: &[&TopicName]) -> String {
    let told: Vec<&str> = topics.iter().take(TOPICS_TOLD).map(|topic| topic.as_str()).collect();
    let more = topics.len().saturating_sub(TOPICS_TOLD);
    let more = if more > 0 { format!(" and {more} additional topics") } else { String::new() };
    told.join(", ") + &more
}

/// Numbers of partitions.
type Counts = SortedMap<TopicName, i32>;

struct Configuration<'a> {
    cluster: &'a Cluster,
    topology: &'a StreamsTopology,
    /// Of internal topics, as far as they are decided on.
    decided: Counts,
}

type Configured = (SortedMap<String, ConfiguredSubtopology>, Vec<NewTopic>);

impl Configuration<'_> {
    fn run(mut self) -> Result<Configured, Wrong> {
        self.check_sources()?;
        let repartition = self.repartition_counts()?;
        self.decided.extend(repartition);
        self.enforce_copartitioning()?;
        let changelogs = self.changelog_counts()?;
        self.decided.extend(changelogs);
        let mut subtopologies = SortedMap::new();
        for subtopology in &self.topology.subtopologies {
            subtopologies.insert(subtopology.subtopology_id.clone(), self.configured(subtopology)?);
        }
        let missing = self.missing()?;
        Ok((subtopologies, missing))
    }

    /// The partitions of a topic that is there; else as decided.
    fn count(&self, topic: &TopicName) -> Option<i32> {
        let there = self.cluster.topic(topic.as_str()).map(|topic| topic.partitions.len() as i32);
        there.or_else(|| self.decided.get(topic).copied())
    }

    fn check_sources(&self) -> Result<(), Wrong> {
        let sources = self.topology.subtopologies.iter().flat_map(|subtopology| &subtopology.source_topics);
        let missing: SortedSet<&TopicName> = sources.filter(|topic| self.cluster.topic(topic.as_str()).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let words = format!("Source topics {} are missing.", summary(missing.as_slice()));
        Err(Wrong::Topics(StreamsStatus::MissingSourceTopics, words))
    }

    /// `RepartitionTopics.setup`: a topic that is written to after others waits for their numbers. Each round decides on one
    /// at least, or is the last.
    fn repartition_counts(&self) -> Result<Counts, Wrong> {
        let subtopologies = &self.topology.subtopologies;
        let sources = || subtopologies.iter().flat_map(|subtopology| &subtopology.repartition_source_topics);
        let fixed = sources().filter(|topic| topic.partitions != 0);
        let mut counts: Counts = fixed.map(|topic| (topic.name.clone(), topic.partitions)).collect();
        loop {
            let (mut needed, mut progress) = (false, false);
            for subtopology in subtopologies {
                for sink in &subtopology.repartition_sink_topics {
                    if counts.contains_key(sink) {
                        continue;
                    }
                    match self.most_partitions(subtopology, &counts) {
                        Some(count) => {
                            counts.insert(sink.clone(), count);
                            progress = true;
                        }
                        None => needed = true,
                    }
                }
            }
            if !needed {
                break;
            }
            if !progress {
                return Err(invalid(
                    "Failed to compute number of partitions for all repartition topics. There may be loops in the topology that \
                     cannot be resolved.",
                ));
            }
        }
        match sources().all(|topic| counts.contains_key(&topic.name)) {
            true => Ok(counts),
            false => Err(invalid(
                "Failed to compute number of partitions for all repartition topics, because a repartition source topic is never \
                 used as a sink topic.",
            )),
        }
    }

    /// The most that a source has, of those that are known so far.
    fn most_partitions(&self, subtopology: &Subtopology, counts: &Counts) -> Option<i32> {
        let repartition = subtopology.repartition_source_topics.iter().filter_map(|topic| counts.get(&topic.name).copied());
        repartition.chain(subtopology.source_topics.iter().filter_map(|topic| self.count(topic))).max()
    }

    fn enforce_copartitioning(&mut self) -> Result<(), Wrong> {
        let repartition = self.topology.subtopologies.iter().flat_map(|subtopology| &subtopology.repartition_source_topics);
        let (fixed, flexible): (Vec<&TopicInfo>, Vec<&TopicInfo>) = repartition.partition(|topic| topic.partitions != 0);
        let [fixed, flexible] = [fixed, flexible].map(|topics| topics.into_iter().map(|topic| &topic.name).collect());
        for subtopology in &self.topology.subtopologies {
            for group in &subtopology.copartition_groups {
                let place = |at: &i16| usize::try_from(*at).ok();
                let source = |at| place(at).and_then(|at| subtopology.source_topics.get(at));
                let internal = |at| place(at).and_then(|at| subtopology.repartition_source_topics.get(at)).map(|topic| &topic.name);
                let topics = group.source_topics.iter().map(source).chain(group.repartition_source_topics.iter().map(internal));
                let topics: Option<SortedSet<&TopicName>> = topics.collect();
                let enforced = self.enforce(&topics.ok_or_else(illegal)?, &fixed, &flexible)?;
                self.decided.extend(enforced);
            }
        }
        Ok(())
    }

    /// `CopartitionedTopicsEnforcer.enforce`.
    fn enforce(
        &self,
        topics: &SortedSet<&TopicName>,
        fixed: &SortedSet<&TopicName>,
        flexible: &SortedSet<&TopicName>,
    ) -> Result<Counts, Wrong> {
        let is_repartition = |topic: &&&TopicName| fixed.contains(**topic) || flexible.contains(**topic);
        let counted = |topic: &&TopicName| Some(((*topic).clone(), self.count(topic)?));
        let repartition: Option<Counts> = topics.iter().filter(is_repartition).map(counted).collect();
        let others: Option<Counts> = topics.iter().filter(|topic| !is_repartition(topic)).map(counted).collect();
        let (repartition, others) = (repartition.ok_or_else(illegal)?, others.ok_or_else(illegal)?);
        let differ = |counts: &Counts| {
            let told: Vec<String> = counts.iter().map(|(topic, count)| format!("{topic}={count}")).collect();
            incorrectly_partitioned(format!(
                "Following topics do not have the same number of partitions: [{{{}}}]",
                told.join(", ")
            ))
        };
        let all_the_same = |counts: &[i32]| counts.first().copied().filter(|first| counts.iter().all(|count| count == first));
        let count = match (others.is_empty(), fixed.is_empty()) {
            _ if topics.is_empty() => return Ok(Counts::new()),
            // Those of all groups are looked at.
            (true, false) => {
                let counts: Option<Vec<i32>> = fixed.iter().map(|topic| self.count(topic)).collect();
                all_the_same(&counts.ok_or_else(illegal)?).ok_or_else(|| differ(&repartition))?
            }
            (true, true) => repartition.values().copied().max().unwrap_or(0),
            (false, _) => {
                let counts: Vec<i32> = others.values().copied().collect();
                all_the_same(&counts).ok_or_else(|| differ(&others))?
            }
        };
        let wrong = repartition.iter().find(|(topic, given)| fixed.contains(*topic) && **given != count);
        match wrong {
            Some((topic, given)) => Err(incorrectly_partitioned(format!(
                "Number of partitions [{given}] of repartition topic [{topic}] doesn't match number of partitions [{count}] of the \
                 source topic."
            ))),
            None => Ok(repartition.into_keys().map(|topic| (topic, count)).collect()),
        }
    }

    fn changelog_counts(&self) -> Result<Counts, Wrong> {
        let mut counts = Counts::new();
        for subtopology in &self.topology.subtopologies {
            let count = self.number_of_tasks(subtopology)?;
            counts.extend(subtopology.state_changelog_topics.iter().map(|topic| (topic.name.clone(), count)));
        }
        Ok(counts)
    }

    fn number_of_tasks(&self, subtopology: &Subtopology) -> Result<i32, Wrong> {
        let internal = subtopology.repartition_source_topics.iter().map(|topic| &topic.name);
        let counts: Option<Vec<i32>> = subtopology.source_topics.iter().chain(internal).map(|topic| self.count(topic)).collect();
        let none = || invalid(&format!("No source topics found for subtopology {}", subtopology.subtopology_id));
        counts.ok_or_else(illegal)?.into_iter().max().ok_or_else(none)
    }

    /// The topic with its partitions.
    fn decided_on(&self, topic: &TopicInfo) -> TopicInfo {
        let partitions = if topic.partitions == 0 { self.decided.get(&topic.name).copied() } else { Some(topic.partitions) };
        TopicInfo { partitions: partitions.unwrap_or(0), ..topic.clone() }
    }

    fn configured(&self, subtopology: &Subtopology) -> Result<ConfiguredSubtopology, Wrong> {
        let number_of_tasks = self.number_of_tasks(subtopology)?;
        let topics = described(subtopology, &|topic| self.decided_on(topic));
        for topic in topics.repartition_source_topics.iter().chain(&topics.state_changelog_topics) {
            check_name(topic.name.as_str()).map_err(|why| Wrong::Topology((ErrorCode::InvalidTopic, why)))?;
            if topic.partitions < 1 {
                return Err(illegal());
            }
        }
        Ok(ConfiguredSubtopology { number_of_tasks, topics })
    }

    /// `missingInternalTopics`, in the order of the `HashMap` that they are kept in.
    fn missing(&self) -> Result<Vec<NewTopic>, Wrong> {
        let by_id: SortedMap<&str, &Subtopology> =
            self.topology.subtopologies.iter().map(|subtopology| (subtopology.subtopology_id.as_str(), subtopology)).collect();
        let mut needed: Vec<TopicInfo> = Vec::new();
        for subtopology in by_id.values() {
            for topics in [&subtopology.repartition_source_topics, &subtopology.state_changelog_topics] {
                let mut topics: Vec<TopicInfo> = topics.iter().map(|topic| self.decided_on(topic)).collect();
                hash_order(&mut topics, 16, |topic| string_hash(topic.name.as_str()));
                for topic in topics {
                    match needed.iter_mut().find(|known| known.name == topic.name) {
                        Some(known) => *known = topic,
                        None => needed.push(topic),
                    }
                }
            }
        }
        for topic in self.topology.required_topics() {
            let there = self.cluster.topic(topic.as_str()).map(|topic| topic.partitions.len() as i32);
            let expected = needed.iter().find(|known| known.name == *topic).map(|topic| topic.partitions);
            let (Some(found), Some(expected)) = (there, expected) else { continue };
            if found != expected {
                return Err(incorrectly_partitioned(format!(
                    "Existing topic {topic} has different number of partitions: expected {expected}, found {found}"
                )));
            }
        }
        hash_order(&mut needed, 16, |topic| string_hash(topic.name.as_str()));
        needed.retain(|topic| self.cluster.topic(topic.name.as_str()).is_none());
        Ok(needed.into_iter().map(new_topic).collect())
    }
}

fn new_topic(topic: TopicInfo) -> NewTopic {
    NewTopic {
        name: topic.name,
        partitions: Some(topic.partitions),
        replication_factor: Some(topic.replication_factor).filter(|factor| *factor != 0),
        replica_assignment: Vec::new(),
        configs: topic.topic_configs,
    }
}
