//! `--reset-offsets` (`GroupOffsetsResetter`): works out new offsets, and commits them with `--execute`.

use super::{ConsumerGroups, SCENARIOS};
use crate::base::{GroupId, Offset, Timestamp, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::metadata::check_name;
use crate::engine::protocol::{CommittedOffset, OffsetCommitRequest};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::queries::joined;
use crate::shell::cli::reset_offsets::{
    FromFile, NewOffsets, by_time, common, from_file, print_plans, topic_partitions, within_log,
};
use crate::shell::cli::time::parse_duration;

impl ConsumerGroups {
    pub(super) fn reset(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let file = from_file(admin, &self.given)?;
        let mut plans: Vec<(GroupId, NewOffsets)> = Vec::new();
        for group in self.wanted(admin)? {
            let state = match admin.described_group(&group)? {
                Ok(found) => found.state,
                Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => "Dead",
                Err(error) => return Err(error.into()),
            };
            if !matches!(state, "Empty" | "Dead") {
                admin.print("");
                admin.print(format!(
                    "Error: Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
                ));
                plans.push((group, NewOffsets::new()));
                continue;
            }
            let partitions = self.partitions(admin, &group)?;
            let plan = self.plan(admin, &group, partitions, file.as_ref())?;
            if self.given.has("execute") && !plan.is_empty() {
                commit(admin, &group, &plan)?;
            }
            plans.push((group, plan));
        }
        print_plans(admin, &self.given, &plans);
        Ok(())
    }

    /// The partitions to reset: those of `--topic`, or all that the group has offsets of.
    fn partitions(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Vec<TopicPartition>> {
        if self.given.has("all-topics") {
            return Ok(admin.committed(group)??.into_keys().collect());
        }
        if self.given.has("topic") {
            return topic_partitions(admin, self.given.values("topic"));
        }
        if self.given.has("from-file") {
            return Ok(Vec::new());
        }
        Err(Refusal::usage("One of the reset scopes should be defined: --all-topics, --topic.").into())
    }

    fn plan(
        &self,
        admin: &mut Admin<'_, '_, '_>,
        group: &GroupId,
        partitions: Vec<TopicPartition>,
        file: Option<&FromFile>,
    ) -> Done<NewOffsets> {
        let given = &self.given;
        let current = |admin: &mut Admin<'_, '_, '_>| -> Done<NewOffsets> {
            Ok(admin.committed(group)??.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect())
        };
        if let Some(plan) = common(admin, given, &partitions, current)? {
            return Ok(plan);
        }
        if let Some(shift) = given.long("shift-by")? {
            let committed = admin.committed(group)??;
            let mut wanted = NewOffsets::new();
            for partition in partitions {
                let Some(current) = committed.get(&partition) else {
                    let what = format!("Cannot shift offset for partition {partition} since there is no current committed offset");
                    return Err(Exception::illegal_argument(&what).into());
                };
                wanted.insert(partition, Offset(current.offset.0.saturating_add(shift)));
            }
            return within_log(admin, wanted);
        }
        if let Some(text) = given.value("by-duration")? {
            let Some(ms) = parse_duration(text) else {
                let what = "Text cannot be parsed to a Duration";
                return Err(Exception::java("java.time.format.DateTimeParseException", what).into());
            };
            let at = Timestamp(admin.started_at().0.saturating_sub(ms));
            return by_time(admin, &partitions, at);
        }
        if let Some(file) = file {
            let Some(plan) = file.get(group) else {
                admin.print("");
                admin.print(format!("Error: No reset plan for group {group} found."));
                return Ok(NewOffsets::new());
            };
            self.check_names(admin, plan)?;
            return within_log(admin, plan.clone());
        }
        let mut names: Vec<String> = SCENARIOS.iter().map(|name| format!("[{name}]")).collect();
        put_in_order(&mut names, &|one, other| one < other);
        let what = format!("Option '[reset-offsets]' requires one of the following scenarios: [{}]", names.join(", "));
        Err(Refusal::usage(what).into())
    }

    /// The admin client does not look for a topic that the brokers call illegal.
    fn check_names(&self, admin: &mut Admin<'_, '_, '_>, plan: &NewOffsets) -> Done {
        let Some(partition) = plan.keys().find(|partition| check_name(partition.topic.as_str()).is_err()) else {
            return Ok(());
        };
        let topic = &partition.topic;
        let text = format!("Received invalid topic error for topic {topic} in `Metadata` response");
        admin.log_error(self.client_id(), &text, "internals.PartitionLeaderStrategy");
        admin.error(exception_line(ErrorCode::InvalidTopic));
        let what = format!("Failed to fetch metadata for partition {partition} due to invalid topic `{topic}`");
        Err(Exception::api("InvalidTopicException", &what).execution().runtime().into())
    }
}

fn commit(admin: &mut Admin<'_, '_, '_>, group: &GroupId, plan: &NewOffsets) -> Done {
    let offsets = plan.iter().map(|(partition, offset)| {
        let committed =
            CommittedOffset { offset: *offset, leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
        (partition.clone(), committed)
    });
    let request = OffsetCommitRequest {
        group_id: group.clone(),
        generation_id: -1,
        member_id: None,
        group_instance_id: None,
        offsets: offsets.collect(),
    };
    let response = ask!(admin, OffsetCommit(request))?;
    let Some(error) = response.partitions.iter().find_map(|(_, error)| *error) else { return Ok(()) };
    let partitions = joined(plan.keys(), ", ");
    let what = format!("Failed altering group offsets for the following partitions: [{partitions}]");
    Err(Exception::api(error.exception(), &what).into())
}
