//! What is wrong with a StreamsGroupHeartbeat, before anything is done (`GroupCoordinatorService`, `GroupMetadataManager`).

use super::Refusal;
use crate::base::TopicName;
use crate::engine::group::streams::{ConfiguredTopology, StreamsMember, TaskId, by_task};
use crate::engine::metadata::{OFFSETS_TOPIC, STATE_TOPIC, check_name};
use crate::engine::protocol::{ErrorCode, JOIN_EPOCH, LEAVE_STATIC_EPOCH, StreamsGroupHeartbeatRequest, Subtopology, TaskIds};

fn invalid<T>(what: &str) -> Result<T, Refusal> {
    Err((ErrorCode::InvalidRequest, what.to_owned()))
}

/// Topics that a topology must not use (`KafkaApis.handleStreamsGroupHeartbeat`).
fn topic_names(subtopologies: &[Subtopology]) -> Result<(), Refusal> {
    let mut topics: Vec<&str> = Vec::new();
    for subtopology in subtopologies {
        let infos = subtopology.repartition_source_topics.iter().chain(&subtopology.state_changelog_topics);
        let names = subtopology.source_topics.iter().chain(&subtopology.repartition_sink_topics);
        for name in names.chain(infos.map(|topic| &topic.name)).map(TopicName::as_str) {
            if !topics.contains(&name) {
                topics.push(name);
            }
        }
    }
    let those = |wrong: &dyn Fn(&str) -> bool| {
        let names: Vec<&str> = topics.iter().copied().filter(|name| wrong(name)).collect();
        Some(names.join(",")).filter(|_| !names.is_empty())
    };
    let text = match (those(&is_internal), those(&|name| check_name(name).is_err())) {
        (Some(names), _) => format!("Use of Kafka internal topics {names} in a Kafka Streams topology is prohibited."),
        (None, Some(names)) => format!("Topic names {names} are not valid topic names."),
        (None, None) => return Ok(()),
    };
    Err((ErrorCode::StreamsInvalidTopology, text))
}

/// `Topic.isInternal`.
fn is_internal(name: &str) -> bool {
    [OFFSETS_TOPIC, STATE_TOPIC, "__transaction_state"].contains(&name)
}

/// `throwIfStreamsGroupHeartbeatRequestIsUsingUnsupportedFeatures`, `throwIfStreamsGroupHeartbeatRequestIsInvalid`.
pub(super) fn request(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    if let Some(topology) = &request.topology {
        topic_names(&topology.subtopologies)?;
    }
    let subtopologies = || request.topology.iter().flat_map(|topology| &topology.subtopologies);
    if subtopologies().any(|subtopology| !subtopology.source_topic_regex.is_empty()) {
        return invalid("Regular expressions for source topics are not supported yet.");
    }
    if request.member_id.as_str().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.instance_id.as_deref() == Some("") {
        return invalid("InstanceId can't be empty.");
    }
    if request.rack_id.as_deref() == Some("") {
        return invalid("RackId can't be empty.");
    }
    let tasks = [&request.active_tasks, &request.standby_tasks, &request.warmup_tasks];
    match request.member_epoch {
        JOIN_EPOCH => joining(request, subtopologies())?,
        LEAVE_STATIC_EPOCH if request.instance_id.is_none() => return invalid("InstanceId can't be null."),
        epoch if epoch < LEAVE_STATIC_EPOCH => {
            return invalid(&format!("MemberEpoch is {epoch}, but must be greater than or equal to -2."));
        }
        _ => {}
    }
    if tasks.iter().any(|tasks| tasks.is_some()) && tasks.iter().any(|tasks| tasks.is_none()) {
        return invalid("If one task-type is non-null, all must be non-null.");
    }
    if request.member_epoch != JOIN_EPOCH && request.topology.is_some() {
        return invalid("Topology can only be provided when (re-)joining.");
    }
    Ok(())
}

fn joining<'r>(
    request: &StreamsGroupHeartbeatRequest,
    mut subtopologies: impl Iterator<Item = &'r Subtopology>,
) -> Result<(), Refusal> {
    if request.rebalance_timeout_ms.is_none() {
        return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    let tasks =
        [("ActiveTasks", &request.active_tasks), ("StandbyTasks", &request.standby_tasks), ("WarmupTasks", &request.warmup_tasks)];
    let wrong = tasks.iter().find(|(_, tasks)| tasks.as_ref().is_none_or(|tasks| !tasks.is_empty()));
    if let Some((kind, _)) = wrong {
        return invalid(&format!("{kind} must be empty when (re-)joining."));
    }
    if request.topology.is_none() {
        return invalid("Topology must be non-null when (re-)joining.");
    }
    let fixed = subtopologies.find_map(|subtopology| subtopology.state_changelog_topics.iter().find(|topic| topic.partitions != 0));
    let words = |topic: &TopicName, partitions: i32| {
        format!("Changelog topic {topic} must have an undefined partition count, but it is set to {partitions}.")
    };
    match fixed {
        Some(topic) => Err((ErrorCode::StreamsInvalidTopology, words(&topic.name, topic.partitions))),
        None => Ok(()),
    }
}

/// `throwIfStreamsGroupMemberEpochIsInvalid`: an older epoch is taken only when it is the one before and the member runs
/// nothing that it should not, as when an answer was lost.
pub(super) fn epoch(member: &StreamsMember, request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let fenced = |word: &str| {
        let text = format!(
            "The streams group member has a {word} member epoch ({epoch}) than the one known by the group coordinator ({}). The \
             member must abandon all its partitions and rejoin.",
            member.epoch
        );
        Err((ErrorCode::FencedMemberEpoch, text))
    };
    let assigned = &member.assigned;
    let runs = |tasks: &Option<Vec<TaskIds>>, may: &dyn Fn(&TaskId) -> bool| {
        tasks.as_ref().is_some_and(|tasks| by_task(tasks).all(|task| may(&task)))
    };
    let runs_no_more = || {
        runs(&request.active_tasks, &|task| assigned.active.contains_key(task))
            && runs(&request.standby_tasks, &|task| assigned.standby.contains(task))
            && runs(&request.warmup_tasks, &|task| assigned.warmup.contains(task))
    };
    match () {
        () if epoch == JOIN_EPOCH || epoch == member.epoch => Ok(()),
        () if epoch > member.epoch => fenced("greater"),
        () if epoch == member.previous_epoch && runs_no_more() => Ok(()),
        () => fenced("smaller"),
    }
}

/// `throwIfRequestContainsInvalidTasks`.
pub(super) fn tasks(topology: &ConfiguredTopology, request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let Some(subtopologies) = &topology.subtopologies else { return Ok(()) };
    let all = [&request.active_tasks, &request.standby_tasks, &request.warmup_tasks];
    for tasks in all.into_iter().flatten().flatten() {
        let id = &tasks.subtopology_id;
        let Some(subtopology) = subtopologies.get(id) else {
            return invalid(&format!("Subtopology {id} does not exist in the topology."));
        };
        let count = subtopology.number_of_tasks;
        if let Some(task) = tasks.partitions.iter().find(|partition| !(0..count).contains(*partition)) {
            let text = format!("Task {task} for subtopology {id} is invalid. Number of tasks for this subtopology: {count}");
            return Err((ErrorCode::InvalidRequest, text));
        }
    }
    Ok(())
}
