//! `--reset-offsets` (`GroupOffsetsResetter`): works out new offsets, and commits them with `--execute`.

use super::{ConsumerGroups, SCENARIOS};
use crate::base::java::partition_set;
use crate::base::{GroupId, TopicPartition};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::shell::cli::admin_command::Admin;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::reset_offsets::{
    Identities, NewOffsets, Reset, check_partitions, commit, from_file, no_scenario, plan_of, print_plans, topic_partitions,
};

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
        let current = |admin: &mut Admin<'_, '_, '_>| self.current(admin, group);
        if let Some(plan) = reset.common(admin, current)? {
            return Ok(plan);
        }
        let duration = if listed { ["694e1548", "1c3a4799"] } else { ["26aa12dd", "3fd7a715"] };
        if let Some(plan) = reset.moved(admin, current, duration)? {
            return Ok(plan);
        }
        if let Some(plans) = from_file(admin, given)? {
            return plan_of(admin, group, &plans);
        }
        Err(no_scenario(SCENARIOS).into())
    }
}
