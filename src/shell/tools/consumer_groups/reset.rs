//! `--reset-offsets` (`GroupOffsetsResetter`): works out new offsets, and commits them with `--execute`.

use super::{ConsumerGroups, SCENARIOS};
use crate::base::java::partition_set;
use crate::base::{GroupId, Offset, Timestamp, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{CommittedOffset, OffsetCommitRequest};
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::queries::joined;
use crate::shell::cli::reset_offsets::{
    Identities, NewOffsets, Reset, check_partitions, each_once, from_file, plan_of, print_plans, topic_partitions, within_log,
};
use crate::shell::cli::time::parse_duration;

/// Where all partitions were listed.
const LISTED: Identities = Identities { end: "4f063c0a", current: "711f39f9", datetime: ["1f554b06", "694e1548"] };

/// Where whole topics were given.
const WHOLE: Identities = Identities { end: "614ddd49", current: "51cdd8a", datetime: ["131276c2", "26aa12dd"] };

impl ConsumerGroups {
    pub(super) fn reset(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut plans: Vec<(GroupId, NewOffsets)> = Vec::new();
        for group in self.wanted(admin)? {
            let state = match self.described(admin, &group)? {
                Ok(found) => found.state,
                Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => "Dead",
                Err(error) => return Err(Exception::code(error).execution().runtime().into()),
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
            check_partitions(admin, &partitions)?;
            let plan = self.plan(admin, &group, partitions)?;
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
            return Ok(partition_set(self.current(admin, group)?.into_keys()));
        }
        if self.given.has("topic") {
            return topic_partitions(admin, self.given.values("topic"));
        }
        if self.given.has("from-file") {
            return Ok(Vec::new());
        }
        Err(Refusal::usage("One of the reset scopes should be defined: --all-topics, --topic.").into())
    }

    /// `getCommittedOffsets`.
    fn current(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<NewOffsets> {
        let committed = admin.committed(group)?.map_err(|error| Exception::code(error).execution().runtime())?;
        Ok(committed.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect())
    }

    fn plan(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, partitions: Vec<TopicPartition>) -> Done<NewOffsets> {
        let given = &self.given;
        let listed = given.values("topic").all(|topic| topic.contains(':'));
        let reset = Reset { given, partitions, identities: if listed { LISTED } else { WHOLE } };
        if let Some(plan) = reset.common(admin, |admin| self.current(admin, group))? {
            return Ok(plan);
        }
        if let Some(shift) = given.long("shift-by")? {
            let current = self.current(admin, group)?;
            let mut wanted = NewOffsets::new();
            for (at, partition) in reset.partitions.iter().enumerate() {
                let Some(offset) = current.get(partition) else {
                    let what = format!("Cannot shift offset for partition {partition} since there is no current committed offset");
                    return Err(Refusal::usage(what).into());
                };
                let shifted = offset.0.wrapping_add(shift);
                each_once(&reset.partitions[..=at], |_| [shifted, shifted])?;
                wanted.insert(partition.clone(), Offset(shifted));
            }
            return within_log(admin, wanted);
        }
        if let Some(text) = given.value("by-duration")? {
            let at = parse_duration(text)?.before(admin.started_at())?;
            return reset.by_time(admin, at, if listed { ["694e1548", "1c3a4799"] } else { ["26aa12dd", "3fd7a715"] });
        }
        if let Some(plans) = from_file(admin, given)? {
            return plan_of(admin, group, &plans);
        }
        let mut names: Vec<String> = SCENARIOS.iter().map(|name| format!("[{name}]")).collect();
        put_in_order(&mut names, &|one, other| one < other);
        let what = format!("Option '[reset-offsets]' requires one of the following scenarios: [{}]", names.join(", "));
        Err(Refusal::usage(what).into())
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
    let response = ask!(admin, OffsetCommit(request)).map_err(Exception::code)?;
    let Some(error) = response.partitions.iter().find_map(|(_, error)| *error) else { return Ok(()) };
    let failed = response.partitions.iter().filter(|(_, error)| error.is_some()).map(|(partition, _)| partition.clone());
    let partitions = joined(partition_set(failed), ", ");
    let what = format!("Failed altering group offsets for the following partitions: [{partitions}]");
    Err(Exception::api(error.exception(), &what).into())
}
