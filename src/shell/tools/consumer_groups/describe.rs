//! `--describe`: offsets and lag, members, or state.

use super::ConsumerGroups;
use crate::base::{GroupId, Offset, SortedMap, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{CommittedOffset, DescribedGroup, DescribedMember, OffsetSpec};
use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{Table, assignment};

impl ConsumerGroups {
    pub(super) fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        // The tool keeps what it collects in a TreeMap.
        let mut groups = self.wanted(admin)?;
        put_in_order(&mut groups, &|one, other| one < other);
        let mut described = Vec::new();
        for group in groups {
            if group.as_str().is_empty() {
                let what = "`ConsumerGroupDescribe` request for group id  failed due to unexpected error INVALID_GROUP_ID.";
                admin.log_error(self.client_id(), what, "internals.DescribeConsumerGroupsHandler");
                return Err(CallError::from(ErrorCode::InvalidGroupId).into());
            }
            match admin.described_group(&group)? {
                Ok(found) if found.state != "Dead" => described.push((group, found)),
                Ok(_) | Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => {
                    // The broker's words tell a group of another kind from none; here the list does.
                    let listed = admin.listed_groups()?.unwrap_or_default();
                    let of_another_kind = listed.iter().any(|known| known.group_id == group && known.group_type == "share");
                    let what = match of_another_kind {
                        true => format!("Group {group} is not a consumer group."),
                        false => format!("Group {group} not found."),
                    };
                    return Err(Exception::api("GroupIdNotFoundException", &what).execution().into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        for (group, found) in &described {
            if self.given.has("members") {
                self.members(admin, group, found);
            } else if self.given.has("state") {
                self.state(admin, group, found);
            } else {
                self.offsets(admin, group, found)?;
            }
        }
        Ok(())
    }

    /// `printGroupStates` and its like begin with what is notable about the group.
    fn warn(admin: &mut Admin<'_, '_, '_>, group: &GroupId, state: &str) {
        match state {
            "Empty" => {
                admin.error("");
                admin.error(format!("Consumer group '{group}' has no active members."));
            }
            "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
                admin.error("");
                admin.error(format!("Warning: Consumer group '{group}' is rebalancing."));
            }
            _ => {}
        }
    }

    fn offsets(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) -> Done {
        let committed = admin.committed(group)??;
        let mut owners: SortedMap<TopicPartition, Option<&DescribedMember>> = SortedMap::new();
        owners.extend(committed.keys().map(|partition| (partition.clone(), None)));
        for member in &found.members {
            owners.extend(member.assignment.iter().map(|partition| (partition.clone(), Some(member))));
        }
        let partitions: Vec<TopicPartition> = owners.keys().cloned().collect();
        let ends = admin.known_offsets(&partitions, OffsetSpec::Latest)??;
        Self::warn(admin, group, found.state);
        let verbose = self.given.has("verbose");
        let mut columns = vec![("GROUP", 15), ("TOPIC", 15), ("PARTITION", 10)];
        if verbose {
            columns.push(("LEADER-EPOCH", 15));
        }
        columns.extend([("CURRENT-OFFSET", 15), ("LOG-END-OFFSET", 15), ("LAG", 15)]);
        columns.extend([("CONSUMER-ID", 15), ("HOST", 15), ("CLIENT-ID", 0)]);
        let row = |(partition, member): (&TopicPartition, &Option<&DescribedMember>)| {
            offset_row(group, partition, *member, committed.get(partition), ends.get(partition).copied(), verbose)
        };
        let rows: Vec<_> = owners.iter().map(row).collect();
        if !rows.is_empty() {
            Table { columns, rows }.print(admin);
        }
        Ok(())
    }

    fn members(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(admin, group, found.state);
        let verbose = self.given.has("verbose");
        let with_instance = found.members.iter().any(|member| member.group_instance_id.is_some());
        let upgraded = || found.members.iter().filter_map(|member| member.modern.as_ref()).map(|modern| modern.upgraded);
        let is_mixed = upgraded().any(|upgraded| upgraded) && upgraded().any(|upgraded| !upgraded);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let mut columns = vec![("GROUP", 15), ("CONSUMER-ID", 15)];
        if with_instance {
            columns.push(("GROUP-INSTANCE-ID", 17));
        }
        columns.extend([("HOST", 15), ("CLIENT-ID", 15), ("#PARTITIONS", 15)]);
        if verbose {
            columns.extend([("CURRENT-EPOCH", 15), ("CURRENT-ASSIGNMENT", 20), ("TARGET-EPOCH", 15), ("TARGET-ASSIGNMENT", 20)]);
            if is_mixed {
                columns.push(("UPGRADED", 0));
            }
        }
        let mut members: Vec<&DescribedMember> = found.members.iter().collect();
        put_in_order(&mut members, &|one, other| one.member_id < other.member_id);
        let row = |member: &DescribedMember| {
            let mut row = vec![group.to_string(), member.member_id.to_string()];
            if with_instance {
                row.push(member.group_instance_id.clone().unwrap_or_default());
            }
            row.extend([member.client_host.clone(), member.client_id.clone(), member.assignment.len().to_string()]);
            if verbose {
                let modern = member.modern.as_ref();
                row.extend([
                    or_dash(modern.map(|modern| modern.member_epoch.to_string())),
                    or_dash(Some(assignment(&member.assignment)).filter(|text| !text.is_empty())),
                    or_dash(found.assignment_epoch.map(|epoch| epoch.to_string())),
                    or_dash(modern.map(|modern| assignment(&modern.target_assignment)).filter(|text| !text.is_empty())),
                ]);
                if is_mixed {
                    row.push(or_dash(modern.map(|modern| modern.upgraded.to_string())));
                }
            }
            row
        };
        let rows = members.into_iter().map(row).collect();
        Table { columns, rows }.print(admin);
    }

    fn state(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(admin, group, found.state);
        let verbose = self.given.has("verbose");
        let coordinator = format!("{}  ({})", admin.broker_address(found.coordinator), found.coordinator);
        let mut columns = vec![("GROUP", 15), ("COORDINATOR (ID)", 25), ("ASSIGNMENT-STRATEGY", 20), ("STATE", 20)];
        if verbose {
            columns.extend([("GROUP-EPOCH", 15), ("TARGET-ASSIGNMENT-EPOCH", 25)]);
        }
        columns.push(("#MEMBERS", 0));
        let strategy = if found.protocol.is_empty() { "-".to_owned() } else { found.protocol.clone() };
        let mut row = vec![group.to_string(), coordinator, strategy, found.state.to_owned()];
        if verbose {
            let epochs = found.assignment_epoch.map(|epoch| [found.generation_id, epoch].map(|epoch| epoch.to_string()));
            row.extend(epochs.unwrap_or_else(|| ["-".to_owned(), "-".to_owned()]));
        }
        row.push(found.members.len().to_string());
        Table { columns, rows: vec![row] }.print(admin);
    }
}

fn offset_row(
    group: &GroupId,
    partition: &TopicPartition,
    member: Option<&DescribedMember>,
    committed: Option<&CommittedOffset>,
    end: Option<Offset>,
    verbose: bool,
) -> Vec<String> {
    let dash = || "-".to_owned();
    let mut row = vec![group.to_string(), partition.topic.to_string(), partition.partition.to_string()];
    if verbose {
        row.push(committed.and_then(|committed| committed.leader_epoch).map_or_else(dash, |epoch| epoch.to_string()));
    }
    let lag = committed.zip(end).map(|(committed, end)| end.0 - committed.offset.0);
    row.push(committed.map_or_else(dash, |committed| committed.offset.to_string()));
    row.push(end.map_or_else(dash, |end| end.to_string()));
    row.push(lag.map_or_else(dash, |lag| lag.to_string()));
    row.push(member.map_or_else(dash, |member| member.member_id.to_string()));
    row.push(member.map_or_else(dash, |member| member.client_host.clone()));
    row.push(member.map_or_else(dash, |member| member.client_id.clone()));
    row
}
