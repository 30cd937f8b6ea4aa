//! `--describe`: offsets and lag, members, or state.

use super::{ConsumerGroups, Done};
use crate::base::{GroupId, Offset, SortedMap, TopicPartition, put_in_order, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{CommittedOffset, DescribedGroup, DescribedMember, OffsetSpec};
use crate::shell::cli::admin_command::{Desk, Step};
use crate::shell::cli::java::Thrown;

/// A table: columns with a least width, all but the last padded. `None`: the column is as wide as its widest cell.
struct Table {
    columns: Vec<(&'static str, usize)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn print(&self, desk: &mut Desk<'_, '_, '_>) {
        let width = |at: usize, least: usize| match least {
            0 => 0,
            least => self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0).max(least),
        };
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(at, (_, least))| width(at, *least)).collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join(" ")
        };
        desk.print("");
        desk.print(line(self.columns.iter().map(|(name, _)| *name).collect()));
        for row in &self.rows {
            desk.print(line(row.iter().map(String::as_str).collect()));
        }
    }
}

impl ConsumerGroups {
    pub(crate) fn describe(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let groups = match self.wanted(desk)? {
            Ok(groups) => groups,
            Err(thrown) => return Ok(Err(thrown)),
        };
        // The tool keeps what it collects in a TreeMap.
        let mut groups = groups;
        put_in_order(&mut groups, &|one, other| one < other);
        let mut described = Vec::new();
        for group in groups {
            if group.as_str().is_empty() {
                let what = "`ConsumerGroupDescribe` request for group id  failed due to unexpected error INVALID_GROUP_ID.";
                let logger = "org.apache.kafka.clients.admin.internals.DescribeConsumerGroupsHandler";
                desk.log("ERROR", &format!("[AdminClient clientId=adminclient-1] {what}"), logger);
                return Ok(Err(Thrown::api("InvalidGroupIdException", "The group id is invalid.").execution()));
            }
            match desk.described_group(&group)? {
                Ok(found) if found.state != "Dead" => described.push((group, found)),
                Ok(_) | Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => {
                    // The broker's words tell a group of another kind from none; here the list does.
                    let listed = desk.listed_groups()?.unwrap_or_default();
                    let of_another_kind = listed.iter().any(|known| known.group_id == group && known.group_type == "share");
                    let what = match of_another_kind {
                        true => format!("Group {group} is not a consumer group."),
                        false => format!("Group {group} not found."),
                    };
                    return Ok(Err(not_found(&what)));
                }
                Err(error) => return Ok(Err(Thrown::code(error).execution())),
            }
        }
        for (group, found) in &described {
            let done = if self.given.has("members") {
                self.members(desk, group, found);
                Ok(())
            } else if self.given.has("state") {
                self.state(desk, group, found);
                Ok(())
            } else {
                self.offsets(desk, group, found)?
            };
            if let Err(thrown) = done {
                return Ok(Err(thrown));
            }
        }
        Ok(Ok(()))
    }

    /// `printGroupStates` and its like begin with what is notable about the group.
    fn warn(desk: &mut Desk<'_, '_, '_>, group: &GroupId, state: &str) {
        match state {
            "Empty" => {
                desk.error("");
                desk.error(format!("Consumer group '{group}' has no active members."));
            }
            "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
                desk.error("");
                desk.error(format!("Warning: Consumer group '{group}' is rebalancing."));
            }
            _ => {}
        }
    }

    fn offsets(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) -> Step<Done> {
        let committed = match desk.committed(group)? {
            Ok(committed) => committed,
            Err(error) => return Ok(Err(Thrown::code(error).execution())),
        };
        let mut owners: SortedMap<TopicPartition, Option<&DescribedMember>> = SortedMap::new();
        owners.extend(committed.keys().map(|partition| (partition.clone(), None)));
        for member in &found.members {
            owners.extend(member.assignment.iter().map(|partition| (partition.clone(), Some(member))));
        }
        let partitions: Vec<TopicPartition> = owners.keys().cloned().collect();
        let ends = match desk.known_offsets(&partitions, OffsetSpec::Latest)? {
            Ok(ends) => ends,
            Err(error) => return Ok(Err(Thrown::code(error).execution())),
        };
        Self::warn(desk, group, found.state);
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
            Table { columns, rows }.print(desk);
        }
        Ok(Ok(()))
    }

    fn members(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(desk, group, found.state);
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
                    assignment(&member.assignment),
                    or_dash(found.assignment_epoch.map(|epoch| epoch.to_string())),
                    or_dash(modern.map(|modern| assignment(&modern.target_assignment))),
                ]);
                if is_mixed {
                    row.push(or_dash(modern.map(|modern| modern.upgraded.to_string())));
                }
            }
            row
        };
        let rows = members.into_iter().map(row).collect();
        Table { columns, rows }.print(desk);
    }

    fn state(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedGroup) {
        Self::warn(desk, group, found.state);
        let verbose = self.given.has("verbose");
        let coordinator = format!("{}  ({})", desk.broker_address(found.coordinator), found.coordinator);
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
        Table { columns, rows: vec![row] }.print(desk);
    }
}

/// `GroupIdNotFoundException` as the future throws it, of which only the outer exception has frames.
fn not_found(what: &str) -> Thrown {
    Thrown::api("GroupIdNotFoundException", what).execution()
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

/// `one:0;two:0,1`
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for partition in partitions {
        topics.get_or_default(partition.topic.as_str()).push(partition.partition);
    }
    if topics.is_empty() {
        return "-".to_owned();
    }
    let text = |(topic, mut partitions): (&str, Vec<i32>)| {
        sort(&mut partitions);
        let partitions: Vec<String> = partitions.iter().map(ToString::to_string).collect();
        format!("{topic}:{}", partitions.join(","))
    };
    topics.into_iter().map(text).collect::<Vec<_>>().join(";")
}
