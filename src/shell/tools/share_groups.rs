//! `kafka-share-groups.sh` (`org.apache.kafka.tools.consumer.group.ShareGroupCommand`).

use crate::base::java::partition_set;
use crate::base::{GroupId, Span, TopicPartition, put_in_order, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{
    AlterShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequest, DescribedShareGroup,
    DescribedShareMember, ListedGroup, ShareGroupDescribeRequest, SharePartitionOffsetInfo,
};
use crate::shell::cli::admin_command::{Admin, AdminCommand, CLIENT_ID, ask};
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{
    Table, assignment, check_actions, choices, fail, in_service, or_dash, tell_deleted, timeout, wanted,
};
use crate::shell::cli::options::{
    self, Given, Opt, OptionError, Refusal, at_most_one, flag, forbid, maybe, one_action, require, with,
};
use crate::shell::cli::queries::joined;
use crate::shell::cli::reset_offsets::{
    Identities, NewOffsets, Reset, check_partitions, from_file, plan_of, print_plans, topic_partitions,
};

pub const OPTIONS: &[Opt] = &[
    flag("all-groups", "All share groups."),
    flag("all-topics", "With --reset-offsets: all topics that the group has a start in."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: command config property file", "A file with settings for the admin client."),
    flag("delete", "Delete share groups."),
    flag("delete-offsets", "Delete a group's start in some topics."),
    flag("describe", "Show share groups: where they start, members, or state."),
    flag("dry-run", "With --reset-offsets: only show what would be done."),
    flag("execute", "With --reset-offsets: do it."),
    flag("export", "With --reset-offsets: print the plan as CSV."),
    with("from-file", "String: path to CSV file", "Reset to the offsets in a file."),
    with("group", "String: group id", "The share group; may be repeated."),
    flag("help", "Show this page."),
    flag("list", "Show the names of all share groups."),
    flag("members", "With --describe: the members.").goes_with(&["describe"]),
    flag("offsets", "With --describe: where the group starts, and its lag (the default).").goes_with(&["describe"]),
    flag("reset-offsets", "Set a group's start anew; the group must be empty."),
    maybe("state", "String", "With --describe: the group's state. With --list: show states, or only some.")
        .goes_with(&["describe", "list"]),
    with("timeout", "Long: timeout (ms)", "How long an answer may take."),
    flag("to-current", "Reset to where the group starts now."),
    with("to-datetime", "String: datetime", "Reset to the offset of a date, YYYY-MM-DDThh:mm:ss.sss."),
    flag("to-earliest", "Reset to the first record."),
    flag("to-latest", "Reset to the end."),
    with("to-offset", "Long: offset", "Reset to an offset."),
    with("topic", "String: topic", "The topic, or topic:0,1 for some partitions; may be repeated."),
    flag("verbose", "With --describe: show more.").goes_with(&["describe"]),
    flag("version", "Show Kafka's version."),
];

const ABOUT: &str = "This tool helps to list, describe, delete and manage the offsets of share groups.";
const ACTIONS: &[&str] = &["list", "describe", "delete", "reset-offsets", "delete-offsets"];
const SCENARIOS: &[&str] = &["to-offset", "to-datetime", "to-earliest", "to-latest", "to-current", "from-file"];
const STATES: &[&str] = &["Dead", "Empty", "Stable"];

/// Where all partitions were listed.
const LISTED: Identities = Identities { end: "1d29cf23", current: "1f57539", datetime: ["4d95d2a2", "53f65459"] };

/// Where whole topics were given.
const WHOLE: Identities = Identities { end: "1e965684", current: "6ee52dcd", datetime: ["1d29cf23", "5f282abb"] };

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroups {
    given: Given,
}

pub fn read(words: &[String]) -> Result<ShareGroups, Refusal> {
    let given = options::read(OPTIONS, words, ABOUT, OptionError::uncaught)?;
    check(&given)?;
    one_action(&given, ACTIONS, "--list, --describe, --delete, --reset-offsets, --delete-offsets.")?;
    Ok(ShareGroups { given })
}

/// `ShareGroupCommandOptions.checkArgs`.
fn check(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    let usage = |what: &str| Err(Refusal::usage(what));
    require(given, &["bootstrap-server"])?;
    check_actions(given, OptionError::usage)?;
    if has("delete") {
        if !has("group") && !has("all-groups") {
            return usage("Option [delete] takes the options [group] or [all-groups].");
        }
        if has("group") && has("all-groups") {
            return usage("Option [delete] takes either [group] or [all-groups], not both.");
        }
        if has("all-topics") || has("topic") {
            return usage("Option [delete] does not take the options [topic] or [all-topics].");
        }
    }
    if has("reset-offsets") {
        check_reset(given)?;
    }
    forbid(given, "group", &["all-groups", "list"])?;
    forbid(given, "topic", &["list", "describe", "delete"])
}

fn check_reset(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    let usage = |what: &str| Err(Refusal::usage(what));
    match (has("dry-run"), has("execute")) {
        (true, true) => return usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]"),
        (false, false) => return usage("Option [reset-offsets] takes the option: [execute] or [dry-run]"),
        _ => {}
    }
    if !has("group") {
        return usage("Option [reset-offsets] takes the option: [group]");
    }
    let scopes = ["topic", "all-topics", "from-file"];
    if !scopes.iter().any(|scope| has(scope)) {
        return usage("Option [reset-offsets] takes one of these options: [all-topics], [from-file], [topic]");
    }
    at_most_one(given, &scopes)?;
    if !SCENARIOS.iter().any(|scenario| has(scenario)) {
        return usage(
            "Option [reset-offsets] takes one of these options: [from-file], [to-current], [to-datetime], [to-earliest], \
             [to-latest], [to-offset]",
        );
    }
    at_most_one(given, SCENARIOS)
}

impl AdminCommand for ShareGroups {
    fn timeout(&self) -> Span {
        timeout(&self.given)
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let has = |name: &str| self.given.has(name);
        admin.check_client(&self.given).map_err(in_service)?;
        // Both are read, whatever is to be done.
        self.given.longs("to-offset")?;
        self.given.long("timeout")?;
        if has("list") {
            self.list(admin)?;
        } else if has("describe") {
            self.describe(admin)?;
        } else if has("delete") {
            self.delete(admin)?;
        } else if has("delete-offsets") {
            self.delete_offsets(admin)?;
        } else {
            self.reset(admin)?;
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        fail(admin, "share", thrown)
    }
}

/// Share groups, by name.
fn listed(admin: &mut Admin<'_, '_, '_>) -> Done<Vec<ListedGroup>> {
    let groups = admin.listed_groups()?.map_err(Exception::code)?;
    Ok(groups.into_iter().filter(|group| group.group_type == "share").collect())
}

impl ShareGroups {
    fn list(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let no_state = |text: &str| format!("Invalid state list '{text}'. Valid states are: {}", STATES.join(", "));
        let states = choices(&self.given, "state", STATES, no_state)?;
        let groups = listed(admin)?;
        if !self.given.has("state") {
            groups.iter().for_each(|group| admin.print(group.group_id.as_str()));
            return Ok(());
        }
        let wanted = |group: &&ListedGroup| states.is_empty() || states.contains(&group.state);
        let groups: Vec<&ListedGroup> = groups.iter().filter(wanted).collect();
        let width = groups.iter().map(|group| group.group_id.as_str().len()).max().unwrap_or(0).max(15);
        admin.print(format!("{:<width$} STATE", "GROUP"));
        for group in groups {
            admin.print(format!("{:<width$} {}", group.group_id.as_str(), group.state));
        }
        Ok(())
    }

    fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut described = Vec::new();
        for group in wanted(admin, &self.given, listed)? {
            let found = described_share_group(admin, &group)?.map_err(Exception::execution)?;
            described.push((group, found));
        }
        // The tool keeps what it collects in a TreeMap.
        put_in_order(&mut described, &|(one, _), (other, _)| one < other);
        for (group, found) in &described {
            if self.given.has("members") {
                self.members(admin, group, found);
            } else if self.given.has("state") {
                self.state(admin, group, found);
            } else {
                self.offsets(admin, group)?;
            }
        }
        Ok(())
    }

    fn offsets(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done {
        let mut rows = share_offsets(admin, group)?.map_err(Exception::code)?;
        if rows.is_empty() {
            admin.print("");
            admin.print(format!("Share group '{group}' has no offset information."));
            return Ok(());
        }
        put_in_order(&mut rows, &|(one, _), (other, _)| one < other);
        let mut table = Table::of(&rows);
        table.column("GROUP", 15, |_| group.to_string());
        table.column("TOPIC", 15, |(partition, _)| partition.topic.to_string());
        table.column("PARTITION", 10, |(partition, _)| partition.partition.to_string());
        if self.given.has("verbose") {
            table.column("LEADER-EPOCH", 13, |(_, info)| or_dash(info.map(|info| info.leader_epoch)));
        }
        table.column("START-OFFSET", 13, |(_, info)| or_dash(info.map(|info| info.start_offset)));
        table.column("LAG", 0, |(_, info)| or_dash(info.and_then(|info| info.lag)));
        table.print(admin);
        Ok(())
    }

    fn warn_if_empty(admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        if found.state == "Empty" {
            admin.error("");
            admin.error(format!("Share group '{group}' has no active members."));
        }
    }

    fn members(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        Self::warn_if_empty(admin, group, found);
        if found.members.is_empty() {
            return;
        }
        let mut members: Vec<&DescribedShareMember> = found.members.iter().collect();
        put_in_order(&mut members, &|one, other| one.member_id < other.member_id);
        let mut table = Table::of(&members);
        table.column("GROUP", 15, |_| group.to_string());
        table.column("CONSUMER-ID", 15, |member| member.member_id.to_string());
        table.column("HOST", 15, |member| member.client_host.clone());
        table.column("CLIENT-ID", 15, |member| member.client_id.clone());
        table.column("#PARTITIONS", 12, |member| member.assignment.len().to_string());
        if self.given.has("verbose") {
            table.column("MEMBER-EPOCH", 13, |member| member.member_epoch.to_string());
        }
        table.column("ASSIGNMENT", 0, |member| assignment(&member.assignment));
        table.print(admin);
    }

    fn state(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        Self::warn_if_empty(admin, group, found);
        let coordinator = format!("{}  ({})", admin.broker_address(found.coordinator), found.coordinator);
        let mut table = Table::of(&[()]);
        table.column("GROUP", 15, |()| group.to_string());
        table.column("COORDINATOR (ID)", 25, |()| coordinator.clone());
        table.column("STATE", 15, |()| found.state.to_owned());
        if self.given.has("verbose") {
            table.column("GROUP-EPOCH", 12, |()| found.group_epoch.to_string());
            table.column("ASSIGNMENT-EPOCH", 17, |()| found.assignment_epoch.to_string());
        }
        table.column("#MEMBERS", 0, |()| found.members.len().to_string());
        table.print(admin);
    }

    fn delete(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let known = listed(admin)?;
        let mut results = Vec::new();
        for group in wanted(admin, &self.given, |_| Ok(known.clone()))? {
            let result = match known.iter().find(|known| known.group_id == group) {
                None => Err(Exception::api("GroupIdNotFoundException", &format!("Group '{group}' is not a share group."))),
                Some(known) if known.state != "Empty" => {
                    Err(Exception::api("GroupNotEmptyException", &format!("Share group '{group}' is not EMPTY.")))
                }
                Some(_) => admin.delete_group(&group)?.map_err(Exception::code),
            };
            results.push((group, result.map_err(|thrown| thrown.line().to_owned())));
        }
        tell_deleted(admin, "share", results);
        Ok(())
    }

    fn delete_offsets(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let group_id: GroupId = self.given.value("group")?.unwrap_or_default().into();
        let mut topics: Vec<&str> = self.given.values("topic").collect();
        sort(&mut topics);
        topics.dedup();
        let topics_asked = topics.iter().map(|topic| (*topic).into()).collect();
        let request = DeleteShareGroupOffsetsRequest { group_id, topics: topics_asked };
        let (error, results) = match ask!(admin, DeleteShareGroupOffsets(request)) {
            Ok(response) => (response.error, response.topics),
            Err(error) => (Some((error.code(), Exception::code(error).message)), Vec::new()),
        };
        if let Some((code, words)) = &error {
            let what = match code {
                ErrorCode::InvalidGroupId | ErrorCode::GroupIdNotFound | ErrorCode::NonEmptyGroup => words.clone(),
                code => format!("Encounter some unknown error: {}", exception_line(*code)),
            };
            admin.print("");
            admin.print(format!("Error: {what}"));
        }
        let width = topics.iter().map(|topic| topic.len()).max().unwrap_or(0).max(15);
        admin.print("");
        admin.print(format!("{:<width$} STATUS", "TOPIC"));
        for topic in topics {
            let own = results.iter().find(|(name, _)| name.as_str() == topic).and_then(|(_, error)| error.clone());
            let status = match error.as_ref().or(own.as_ref()) {
                Some((_, words)) => format!("Error: {words}"),
                None => "Successful".to_owned(),
            };
            admin.print(format!("{topic:<width$} {status}"));
        }
        Ok(())
    }

    fn reset(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let group: GroupId = self.given.value("group")?.unwrap_or_default().into();
        match described_share_group(admin, &group)? {
            Ok(found) if found.state != "Empty" => {
                return Err(Refusal::lines([format!("Share group '{group}' is not empty.")], 1).into());
            }
            Err(thrown) if !thrown.class.ends_with(".GroupIdNotFoundException") => {
                return Err(Refusal::lines([thrown.message], 1).into());
            }
            _ => {}
        }
        let partitions = match self.given.has("topic") {
            true => topic_partitions(admin, self.given.values("topic"))?,
            false => {
                let known = share_offsets(admin, &group)?.map_err(Exception::code)?;
                partition_set(known.into_iter().map(|(partition, _)| partition))
            }
        };
        check_partitions(admin, &partitions)?;
        let plan = self.plan(admin, &group, partitions)?;
        if self.given.has("execute") && !plan.is_empty() {
            alter(admin, &group, &plan)?;
        }
        let plans = if plan.is_empty() { Vec::new() } else { vec![(group, plan)] };
        print_plans(admin, &self.given, &plans);
        Ok(())
    }

    fn plan(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, partitions: Vec<TopicPartition>) -> Done<NewOffsets> {
        let current = |admin: &mut Admin<'_, '_, '_>| -> Done<NewOffsets> {
            let known = share_offsets(admin, group)?.map_err(Exception::code)?.into_iter();
            Ok(known.filter_map(|(partition, info)| Some((partition, info?.start_offset))).collect())
        };
        let listed = self.given.values("topic").all(|topic| topic.contains(':'));
        let reset = Reset { given: &self.given, partitions, identities: if listed { LISTED } else { WHOLE } };
        match reset.common(admin, current)? {
            Some(plan) => Ok(plan),
            None => {
                let plans = from_file(admin, &self.given)?.unwrap_or_default();
                plan_of(admin, group, &plans)
            }
        }
    }
}

fn described_share_group(admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Result<DescribedShareGroup, Exception>> {
    if group.as_str().is_empty() {
        let what = "`DescribeShareGroups` request for group id  failed due to unexpected error INVALID_GROUP_ID";
        admin.log_error(CLIENT_ID, what, "internals.DescribeShareGroupsHandler");
        return Ok(Err(Exception::code(ErrorCode::InvalidGroupId)));
    }
    let response = ask!(admin, ShareGroupDescribe(ShareGroupDescribeRequest { groups: vec![group.clone()] }));
    Ok(response.map_err(Exception::code).and_then(|response| match response.groups.into_iter().next() {
        Some((_, Ok(described))) => Ok(described),
        Some((_, Err((error, words)))) => Err(Exception::api(error.exception(), &words)),
        None => Err(Exception::code(ErrorCode::GroupIdNotFound)),
    }))
}

type ShareOffsets = Vec<(TopicPartition, Option<SharePartitionOffsetInfo>)>;

fn share_offsets(admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Result<ShareOffsets, CallError>> {
    let response = ask!(admin, DescribeShareGroupOffsets(DescribeShareGroupOffsetsRequest { group_id: group.clone() }));
    Ok(response.and_then(|response| response.error.map_or(Ok(response.partitions), |error| Err(error.into()))))
}

fn alter(admin: &mut Admin<'_, '_, '_>, group: &GroupId, plan: &NewOffsets) -> Done {
    let offsets = plan.iter().map(|(partition, offset)| (partition.clone(), *offset)).collect();
    let request = AlterShareGroupOffsetsRequest { group_id: group.clone(), offsets };
    let response = ask!(admin, AlterShareGroupOffsets(request)).map_err(Exception::code)?;
    let failed = response.partitions.iter().find_map(|(_, error)| error.map(|error| (error, error.message().to_owned())));
    let Some((error, words)) = response.error.or(failed) else { return Ok(()) };
    let partitions = joined(partition_set(plan.keys().cloned()), ", ");
    let what = format!("{words} Failed altering group offsets for the following partitions: [{partitions}]");
    Err(Exception::api(error.exception(), &what).into())
}
