//! `--reset-offsets`: new offsets as `GroupOffsetsResetter` works them out, and what goes with them.

use super::delete::internal_topics;
use super::options::SCENARIOS;
use super::{StreamsGroups, described, print_error};
use crate::base::java::partition_set;
use crate::base::{GroupId, SortedMap, TopicName, TopicPartition};
use crate::engine::protocol::{CommittedOffset, DescribedSubtopology};
use crate::shell::cli::admin_command::Admin;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::ordered;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::reset_offsets::{
    Identities, NewOffsets, Reset, check_partitions, commit, export, from_file, no_scenario, plan_of, rows, topic_partitions,
};

/// Where all partitions were listed.
const LISTED: Identities = Identities { end: "7a1ebcd8", current: "711f39f9", datetime: ["1563da5", "2bbf4b8b"] };

/// Where whole topics were given.
const WHOLE: Identities = Identities { end: "305fd85d", current: "51cdd8a", datetime: ["33c7e1bb", "34c4973"] };

type Committed = SortedMap<TopicPartition, CommittedOffset>;

/// What a group has committed of topics that its topology names.
fn committed(
    admin: &mut Admin<'_, '_, '_>,
    group: &GroupId,
    names: impl Fn(&DescribedSubtopology) -> Vec<TopicName>,
) -> Done<Committed> {
    let (_, topology) = described(admin, group)?.map_err(|thrown| thrown.execution().runtime())?;
    let topics: Vec<TopicName> = topology.subtopologies.iter().flat_map(names).collect();
    Ok(all_committed(admin, group)?.into_iter().filter(|(partition, _)| topics.contains(&partition.topic)).collect())
}

fn all_committed(admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Committed> {
    Ok(admin.committed(group)?.map_err(|error| Exception::code(error).execution().runtime())?)
}

/// `getInputTopicOffsets`: of the topics that come from outside.
pub(super) fn input_offsets(admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Committed> {
    committed(admin, group, |subtopology| subtopology.source_topics.clone())
}

/// `getCommittedOffsets`: of all that is read, repartition topics too.
pub(super) fn source_offsets(admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Committed> {
    committed(admin, group, |subtopology| {
        let repartitioned = subtopology.repartition_source_topics.iter().map(|topic| topic.name.clone());
        subtopology.source_topics.iter().cloned().chain(repartitioned).collect()
    })
}

impl StreamsGroups {
    pub(super) fn reset(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut plans: Vec<(GroupId, NewOffsets)> = Vec::new();
        for group in ordered(self.groups(admin)?) {
            match described(admin, &group)? {
                Ok((found, _)) if matches!(found.state, "Empty" | "Dead") => {
                    let plan = self.reset_inactive(admin, &group)?;
                    plans.push((group.clone(), plan));
                    if self.given.has("execute") {
                        self.delete_internal_topics(admin, &group)?;
                    }
                }
                Ok((found, _)) => {
                    let state = found.state;
                    print_error(
                        admin,
                        &format!(
                            "Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
                        ),
                    );
                    plans.push((group, NewOffsets::new()));
                }
                Err(thrown) if thrown.class.ends_with(".GroupIdNotFoundException") => {
                    let plan = self.reset_inactive(admin, &group)?;
                    plans.push((group, plan));
                }
                Err(thrown) => return Err(thrown.execution().runtime().into()),
            }
        }
        self.print(admin, &plans);
        Ok(())
    }

    /// `printOffsetsToReset`: columns of one width, whatever is in them.
    fn print(&self, admin: &mut Admin<'_, '_, '_>, plans: &[(GroupId, NewOffsets)]) {
        let rows = rows(plans);
        if self.given.has("export") {
            export(admin, &self.given, &rows);
            return;
        }
        let line = |[group, topic, partition, offset]: [&str; 4]| format!("{group:<30} {topic:<30} {partition:<10} {offset:<15}");
        admin.print("");
        if !plans.is_empty() {
            admin.print(line(["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"]));
        }
        for (group, partition, offset) in rows {
            let (number, offset) = (partition.partition.to_string(), offset.to_string());
            admin.print(line([group.as_str(), partition.topic.as_str(), &number, &offset]));
        }
    }

    /// `resetOffsetsForInactiveGroup`.
    fn reset_inactive(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<NewOffsets> {
        let partitions = self.partitions(admin, group)?;
        let plan = self.plan(admin, group, partitions)?;
        if self.given.has("execute") && !plan.is_empty() {
            commit(admin, group, &plan)?;
        }
        Ok(plan)
    }

    /// `getPartitionsToReset`.
    fn partitions(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Vec<TopicPartition>> {
        if self.given.has("all-input-topics") {
            return Ok(partition_set(input_offsets(admin, group)?.into_keys()));
        }
        if self.given.has("input-topic") {
            let partitions = topic_partitions(admin, self.given.values("input-topic"))?;
            check_partitions(admin, &partitions)?;
            let known = all_committed(admin, group)?;
            if !partitions.iter().all(|partition| known.contains_key(partition)) {
                print_error(admin, &format!("One or more topics are not part of the group '{group}'."));
                return Ok(Vec::new());
            }
            return Ok(partitions);
        }
        if self.given.has("from-file") {
            return Ok(Vec::new());
        }
        Err(Refusal::usage("One of the reset scopes should be defined: --all-input-topics, --input-topic.").into())
    }

    /// `prepareOffsetsToReset`.
    fn plan(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, partitions: Vec<TopicPartition>) -> Done<NewOffsets> {
        let given = &self.given;
        let listed = given.values("input-topic").all(|topic| topic.contains(':'));
        let reset = Reset { given, partitions, identities: if listed { LISTED } else { WHOLE } };
        let current = |admin: &mut Admin<'_, '_, '_>| -> Done<NewOffsets> {
            let known = source_offsets(admin, group)?.into_iter();
            Ok(known.map(|(partition, committed)| (partition, committed.offset)).collect())
        };
        if let Some(plan) = reset.common(admin, current)? {
            return Ok(plan);
        }
        let duration = if listed { ["2bbf4b8b", "30a3107a"] } else { ["5faeada1", "528931cf"] };
        if let Some(plan) = reset.moved(admin, current, duration)? {
            return Ok(plan);
        }
        match from_file(admin, given)? {
            Some(plans) => plan_of(admin, group, &plans),
            None => Err(no_scenario(SCENARIOS).into()),
        }
    }

    /// Deletes the internal topics that go with a reset.
    fn delete_internal_topics(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done {
        let topics = if self.given.has("delete-all-internal-topics") {
            match internal_topics(admin, std::slice::from_ref(group))?.pop() {
                Some((_, topics)) => topics,
                None => {
                    // The real tool does not expect a group without internal topics.
                    let what = "Cannot invoke \"java.util.List.isEmpty()\" because \"internalTopics\" is null";
                    return Err(Exception::java("java.lang.NullPointerException", what).into());
                }
            }
        } else {
            self.given.values("delete-internal-topic").map(TopicName::from).collect()
        };
        let failed = super::delete::delete_topics(admin, topics)?;
        let Some((_, thrown)) = failed.into_iter().next() else { return Ok(()) };
        if thrown.class.ends_with(".UnknownTopicOrPartitionException") {
            print_error(admin, &format!("Deleting internal topics for group '{group}' failed because the topics do not exist."));
        } else {
            let thrown = thrown.execution();
            print_error(admin, &format!("Deleting internal topics for group '{group}' failed due to {}", thrown.message));
            admin.errors(thrown.stack());
        }
        Ok(())
    }
}
