//! `--describe`: offsets and lag, members, or state.

use super::ConsumerGroups;
use crate::base::{GroupId, SortedMap, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{DescribedGroup, DescribedMember, OffsetSpec};
use crate::shell::cli::admin_command::Admin;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{Table, assignment, or_dash};

impl ConsumerGroups {
    pub(super) fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut described = Vec::new();
        for group in self.wanted(admin)? {
            match self.described(admin, &group)? {
                Ok(found) if found.state != "Dead" => described.push((group, found)),
                Ok(_) | Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => {
                    // The broker's words tell a group of another kind from none; here the list does.
                    let listed = admin.listed_groups()?.unwrap_or_default();
                    let of_another_kind =
                        listed.iter().any(|known| known.group_id == group && ["share", "streams"].contains(&known.group_type));
                    let what = match of_another_kind {
                        true => format!("Group {group} is not a consumer group."),
                        false => format!("Group {group} not found."),
                    };
                    return Err(Exception::api("GroupIdNotFoundException", &what).execution().into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        // The tool keeps what it collects in a TreeMap.
        put_in_order(&mut described, &|(one, _), (other, _)| one < other);
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
        if owners.is_empty() {
            return Ok(());
        }
        let rows: Vec<(&TopicPartition, Option<&DescribedMember>)> =
            owners.iter().map(|(partition, member)| (partition, *member)).collect();
        let offset = |partition: &TopicPartition| committed.get(partition).map(|committed| committed.offset);
        let end = |partition: &TopicPartition| ends.get(partition).copied();
        let mut table = Table::of(&rows);
        table.column("GROUP", 15, |_| group.to_string());
        table.column("TOPIC", 15, |(partition, _)| partition.topic.to_string());
        table.column("PARTITION", 10, |(partition, _)| partition.partition.to_string());
        if self.given.has("verbose") {
            let epoch = |partition| committed.get(partition).and_then(|committed| committed.leader_epoch);
            table.column("LEADER-EPOCH", 15, |(partition, _)| or_dash(epoch(*partition)));
        }
        table.column("CURRENT-OFFSET", 15, |(partition, _)| or_dash(offset(partition)));
        table.column("LOG-END-OFFSET", 15, |(partition, _)| or_dash(end(partition)));
        table.column("LAG", 15, |(partition, _)| {
            or_dash(offset(partition).zip(end(partition)).map(|(offset, end)| end.0 - offset.0))
        });
        table.column("CONSUMER-ID", 15, |(_, member)| or_dash(member.map(|member| &member.member_id)));
        table.column("HOST", 15, |(_, member)| or_dash(member.map(|member| &member.client_host)));
        table.column("CLIENT-ID", 0, |(_, member)| or_dash(member.map(|member| &member.client_id)));
        table.print(admin);
        Ok(())
    }

    fn members(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(admin, group, found.state);
        let upgraded = || found.members.iter().filter_map(|member| member.modern.as_ref()).map(|modern| modern.upgraded);
        let mut members: Vec<&DescribedMember> = found.members.iter().collect();
        put_in_order(&mut members, &|one, other| one.member_id < other.member_id);
        let mut table = Table::of(&members);
        table.column("GROUP", 15, |_| group.to_string());
        table.column("CONSUMER-ID", 15, |member| member.member_id.to_string());
        if members.iter().any(|member| member.group_instance_id.is_some()) {
            table.column("GROUP-INSTANCE-ID", 17, |member| member.group_instance_id.clone().unwrap_or_default());
        }
        table.column("HOST", 15, |member| member.client_host.clone());
        table.column("CLIENT-ID", 15, |member| member.client_id.clone());
        table.column("#PARTITIONS", 15, |member| member.assignment.len().to_string());
        if self.given.has("verbose") {
            let assigned = |partitions: &[TopicPartition]| Some(assignment(partitions)).filter(|text| !text.is_empty());
            let modern = |member: &DescribedMember| member.modern.clone();
            table.column("CURRENT-EPOCH", 15, |member| or_dash(modern(member).map(|modern| modern.member_epoch)));
            table.column("CURRENT-ASSIGNMENT", 20, |member| or_dash(assigned(&member.assignment)));
            table.column("TARGET-EPOCH", 15, |_| or_dash(found.assignment_epoch));
            table.column("TARGET-ASSIGNMENT", 20, |member| {
                or_dash(modern(member).and_then(|modern| assigned(&modern.target_assignment)))
            });
            if upgraded().any(|upgraded| upgraded) && upgraded().any(|upgraded| !upgraded) {
                table.column("UPGRADED", 0, |member| or_dash(modern(member).map(|modern| modern.upgraded)));
            }
        }
        table.print(admin);
    }

    fn state(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(admin, group, found.state);
        let coordinator = format!("{}  ({})", admin.broker_address(found.coordinator), found.coordinator);
        let mut table = Table::of(&[()]);
        table.column("GROUP", 15, |()| group.to_string());
        table.column("COORDINATOR (ID)", 25, |()| coordinator.clone());
        table.column("ASSIGNMENT-STRATEGY", 20, |()| or_dash(Some(&found.protocol).filter(|name| !name.is_empty())));
        table.column("STATE", 20, |()| found.state.to_owned());
        if self.given.has("verbose") {
            let epoch = found.assignment_epoch.map(|_| found.generation_id);
            table.column("GROUP-EPOCH", 15, |()| or_dash(epoch));
            table.column("TARGET-ASSIGNMENT-EPOCH", 25, |()| or_dash(found.assignment_epoch));
        }
        table.column("#MEMBERS", 0, |()| found.members.len().to_string());
        table.print(admin);
    }
}
