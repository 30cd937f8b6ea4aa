//! `kafka-share-groups.sh` (`org.apache.kafka.tools.consumer.group.ShareGroupCommand`).

use crate::base::{GroupId, Offset, SortedMap, TopicPartition, put_in_order, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{
    AlterShareGroupOffsetsRequest, DeleteGroupsRequest, DeleteShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequest,
    DescribedShareGroup, DescribedShareMember, ListedGroup, OffsetSpec, Request, Response, ShareGroupDescribeRequest,
    SharePartitionOffsetInfo,
};
use crate::shell::cli::admin_command::{Desk, Errand, Step};
use crate::shell::cli::java::{Thrown, exception_line};
use crate::shell::cli::options::{Given, Opt, Refusal, flag, forbid, help_or_version, maybe, parse, require, with};
use crate::shell::cli::time::parse_datetime;
use crate::shell::tools::consumer_groups::reset::{
    GroupPlan, Plan, Stop, by_time, clamp, parse_exception, plan_from_file, print_plans, topic_partitions,
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
    flag("members", "With --describe: the members."),
    flag("offsets", "With --describe: where the group starts, and its lag (the default)."),
    flag("reset-offsets", "Set a group's start anew; the group must be empty."),
    maybe("state", "String", "With --describe: the group's state. With --list: show states, or only some."),
    with("timeout", "Long: timeout (ms)", "How long an answer may take."),
    flag("to-current", "Reset to where the group starts now."),
    with("to-datetime", "String: datetime", "Reset to the offset of a date, YYYY-MM-DDThh:mm:ss.sss."),
    flag("to-earliest", "Reset to the first record."),
    flag("to-latest", "Reset to the end."),
    with("to-offset", "Long: offset", "Reset to an offset."),
    with("topic", "String: topic", "The topic, or topic:0,1 for some partitions; may be repeated."),
    flag("verbose", "With --describe: show more."),
    flag("version", "Show Kafka's version."),
];

const ABOUT: &str = "This tool helps to list, describe, delete and manage the offsets of share groups.";
const ACTIONS: &[&str] = &["list", "describe", "delete", "reset-offsets", "delete-offsets"];
const SCENARIOS: &[&str] = &["to-offset", "to-datetime", "to-earliest", "to-latest", "to-current", "from-file"];
const STATES: &[&str] = &["Dead", "Empty", "Stable"];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroups {
    given: Given,
    states: Vec<&'static str>,
}

fn uncaught(mut stack: Vec<String>) -> Refusal {
    if let Some(first) = stack.first_mut() {
        first.insert_str(0, "Exception in thread \"main\" ");
    }
    Refusal::lines(stack, 1)
}

pub fn read(words: &[String]) -> Result<ShareGroups, Refusal> {
    let given = parse(OPTIONS, words).map_err(|error| uncaught(error.stack()))?;
    if given.is_empty() {
        return Err(Refusal::usage(ABOUT));
    }
    let unavailable = |name: &str, with: &[&str]| given.has(name) && !with.iter().any(|option| given.has(option));
    for (name, with) in
        [("members", &["describe"][..]), ("offsets", &["describe"]), ("state", &["describe", "list"]), ("verbose", &["describe"])]
    {
        if unavailable(name, with) {
            let what = format!("Option(s) [{name}] are unavailable given other options on the command line");
            let stack = vec![format!("joptsimple.UnavailableOptionException: {what}"), "<stack>".to_owned()];
            return Err(uncaught(stack));
        }
    }
    help_or_version(OPTIONS, &given, ABOUT)?;
    check(&given)?;
    if ACTIONS.iter().filter(|action| given.has(action)).count() != 1 {
        return Err(Refusal::usage(
            "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets.",
        ));
    }
    let mut states = Vec::new();
    let text = given.value("state").map_err(|error| uncaught(error.stack()))?.unwrap_or_default();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty() && given.has("list")) {
        let Some(state) = STATES.iter().find(|state| state.eq_ignore_ascii_case(word)) else {
            let what = format!("Invalid state list '{text}'. Valid states are: {}", STATES.join(", "));
            return Err(Refusal::usage(what));
        };
        states.push(*state);
    }
    Ok(ShareGroups { given, states })
}

/// `ShareGroupCommandOptions.checkArgs`.
fn check(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    let usage = |what: &str| Err(Refusal::usage(what));
    require(given, &["bootstrap-server"])?;
    if has("describe") {
        if !has("group") && !has("all-groups") {
            return usage("Option [describe] takes one of these options: [all-groups], [group]");
        }
        if ["members", "offsets", "state"].iter().filter(|option| has(option)).count() > 1 {
            return usage("Option [describe] takes at most one of these options: [members], [offsets], [state]");
        }
        if given.has_argument("state") {
            return usage("Option [describe] does not take a value for [state]");
        }
    }
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
    if has("delete-offsets") && (!has("group") || !has("topic")) {
        return usage("Option [delete-offsets] takes the following options: [group], [topic]");
    }
    if has("reset-offsets") {
        check_reset(given)?;
    }
    forbid(given, "group", &["all-groups"])?;
    forbid(given, "group", &["list"])?;
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
    for scope in scopes {
        forbid(given, scope, &scopes)?;
    }
    if !SCENARIOS.iter().any(|scenario| has(scenario)) {
        return usage(
            "Option [reset-offsets] takes one of these options: [from-file], [to-current], [to-datetime], [to-earliest], \
             [to-latest], [to-offset]",
        );
    }
    for scenario in SCENARIOS {
        forbid(given, scenario, SCENARIOS)?;
    }
    Ok(())
}

type Done<T = ()> = Result<T, Thrown>;

/// `?` for a result inside a step.
macro_rules! go {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error.into())),
        }
    };
}

impl Errand for ShareGroups {
    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        let has = |name: &str| self.given.has(name);
        let numbers = self.given.long("timeout").and_then(|_| self.given.long("to-offset"));
        let done = if let Err(error) = numbers {
            Err(error.into())
        } else if has("list") {
            self.list(desk)?
        } else if has("describe") {
            self.describe(desk)?
        } else if has("delete") {
            self.delete(desk)?
        } else if has("delete-offsets") {
            self.delete_offsets(desk)?
        } else {
            match self.reset(desk)? {
                Ok(()) => Ok(()),
                Err(Stop::Thrown(thrown)) => Err(thrown),
                Err(Stop::Refused(refusal)) => {
                    refusal.lines.into_iter().for_each(|line| desk.error(line));
                    return Ok(refusal.code);
                }
            }
        };
        if let Err(thrown) = done {
            // A failed command is told, and yet the tool ends with 0.
            desk.print("");
            desk.print(format!("Error: Executing share group command failed due to {}", thrown.message));
            thrown.stack.into_iter().for_each(|line| desk.error(line));
        }
        Ok(0)
    }
}

/// `one:0;two:0,1`
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for partition in partitions {
        topics.get_or_default(partition.topic.as_str()).push(partition.partition);
    }
    let text = |(topic, mut partitions): (&str, Vec<i32>)| {
        sort(&mut partitions);
        let partitions: Vec<String> = partitions.iter().map(ToString::to_string).collect();
        format!("{topic}:{}", partitions.join(","))
    };
    topics.into_iter().map(text).collect::<Vec<_>>().join(";")
}

impl ShareGroups {
    /// Share groups, by name.
    fn listed(desk: &mut Desk<'_, '_, '_>) -> Step<Done<Vec<ListedGroup>>> {
        let groups = desk.listed_groups()?.map_err(Thrown::code);
        Ok(groups.map(|groups| groups.into_iter().filter(|group| group.group_type == "share").collect()))
    }

    fn list(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let groups = go!(Self::listed(desk)?);
        if !self.given.has("state") {
            groups.iter().for_each(|group| desk.print(group.group_id.as_str()));
            return Ok(Ok(()));
        }
        let wanted = |group: &&ListedGroup| self.states.is_empty() || self.states.contains(&group.state);
        let groups: Vec<&ListedGroup> = groups.iter().filter(wanted).collect();
        let width = groups.iter().map(|group| group.group_id.as_str().len()).max().unwrap_or(0).max(15);
        desk.print(format!("{:<width$} STATE", "GROUP"));
        for group in groups {
            desk.print(format!("{:<width$} {}", group.group_id.as_str(), group.state));
        }
        Ok(Ok(()))
    }

    fn wanted(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done<Vec<GroupId>>> {
        if self.given.has("all-groups") {
            let listed = go!(Self::listed(desk)?);
            return Ok(Ok(listed.into_iter().map(|group| group.group_id).collect()));
        }
        let mut groups: Vec<GroupId> = Vec::new();
        for name in self.given.values("group") {
            if !groups.iter().any(|known| known.as_str() == name) {
                groups.push(name.into());
            }
        }
        Ok(Ok(groups))
    }

    fn describe(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        // The tool keeps what it collects in a TreeMap.
        let mut groups = go!(self.wanted(desk)?);
        put_in_order(&mut groups, &|one, other| one < other);
        let mut described = Vec::new();
        for group in groups {
            match described_share_group(desk, &group)? {
                Ok(found) => described.push((group, found)),
                Err(thrown) => return Ok(Err(thrown.execution())),
            }
        }
        for (group, found) in &described {
            if self.given.has("members") {
                self.members(desk, group, found);
            } else if self.given.has("state") {
                self.state(desk, group, found);
            } else {
                go!(self.offsets(desk, group)?);
            }
        }
        Ok(Ok(()))
    }

    fn offsets(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId) -> Step<Done> {
        let mut rows = match share_offsets(desk, group)? {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(Thrown::code(error))),
        };
        desk.print("");
        if rows.is_empty() {
            desk.print(format!("Share group '{group}' has no offset information."));
            return Ok(Ok(()));
        }
        put_in_order(&mut rows, &|(one, _), (other, _)| one < other);
        let group_width = group.as_str().len().max(15);
        let topic_width = rows.iter().map(|(partition, _)| partition.topic.as_str().len()).max().unwrap_or(0).max(15);
        let verbose = self.given.has("verbose");
        let line = |group: &str, topic: &str, partition: &str, epoch: &str, start: &str, lag: &str| {
            let epoch = if verbose { format!("{epoch:<13} ") } else { String::new() };
            format!("{group:<group_width$} {topic:<topic_width$} {partition:<10} {epoch}{start:<13} {lag}")
        };
        desk.print(line("GROUP", "TOPIC", "PARTITION", "LEADER-EPOCH", "START-OFFSET", "LAG"));
        let text = |number: Option<i64>| number.map_or("-".to_owned(), |number| number.to_string());
        for (partition, info) in &rows {
            let epoch = text(info.map(|info| info.leader_epoch.into()));
            let start = text(info.map(|info| info.start_offset.0));
            let lag = text(info.and_then(|info| info.lag));
            let number = partition.partition.to_string();
            desk.print(line(group.as_str(), partition.topic.as_str(), &number, &epoch, &start, &lag));
        }
        Ok(Ok(()))
    }

    fn warn_if_empty(desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        if found.state == "Empty" {
            desk.error("");
            desk.error(format!("Share group '{group}' has no active members."));
        }
    }

    fn members(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        Self::warn_if_empty(desk, group, found);
        if found.members.is_empty() {
            return;
        }
        let mut members: Vec<&DescribedShareMember> = found.members.iter().collect();
        put_in_order(&mut members, &|one, other| one.member_id < other.member_id);
        let width = |text: fn(&DescribedShareMember) -> &str| {
            members.iter().map(|member| text(member).chars().count()).max().unwrap_or(0).max(15)
        };
        let group_width = group.as_str().len().max(15);
        let id_width = width(|member| member.member_id.as_str());
        let host_width = width(|member| &member.client_host);
        let client_width = width(|member| &member.client_id);
        let verbose = self.given.has("verbose");
        let line = |group: &str, id: &str, host: &str, client: &str, count: &str, epoch: &str, assignment: &str| {
            let epoch = if verbose { format!("{epoch:<13} ") } else { String::new() };
            format!(
                "{group:<group_width$} {id:<id_width$} {host:<host_width$} {client:<client_width$} {count:<12} {epoch}{assignment}"
            )
        };
        desk.print("");
        desk.print(line("GROUP", "CONSUMER-ID", "HOST", "CLIENT-ID", "#PARTITIONS", "MEMBER-EPOCH", "ASSIGNMENT"));
        for member in members {
            desk.print(line(
                group.as_str(),
                member.member_id.as_str(),
                &member.client_host,
                &member.client_id,
                &member.assignment.len().to_string(),
                &member.member_epoch.to_string(),
                &assignment(&member.assignment),
            ));
        }
    }

    fn state(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, found: &DescribedShareGroup) {
        Self::warn_if_empty(desk, group, found);
        let group_width = group.as_str().len().max(15);
        let coordinator = format!("{}  ({})", desk.broker_address(found.coordinator), found.coordinator);
        let width = coordinator.len().max(25);
        let verbose = self.given.has("verbose");
        let line = |group: &str, coordinator: &str, state: &str, epoch: &str, assignment: &str, members: &str| {
            let epochs = if verbose { format!("{epoch:<12} {assignment:<17} ") } else { String::new() };
            format!("{group:<group_width$} {coordinator:<width$} {state:<15} {epochs}{members}")
        };
        desk.print("");
        desk.print(line("GROUP", "COORDINATOR (ID)", "STATE", "GROUP-EPOCH", "ASSIGNMENT-EPOCH", "#MEMBERS"));
        desk.print(line(
            group.as_str(),
            &coordinator,
            found.state,
            &found.group_epoch.to_string(),
            &found.assignment_epoch.to_string(),
            &found.members.len().to_string(),
        ));
    }

    fn delete(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let known = go!(Self::listed(desk)?);
        let groups = match self.given.has("all-groups") {
            true => known.iter().map(|group| group.group_id.clone()).collect(),
            false => go!(self.wanted(desk)?),
        };
        let (mut deleted, mut failed) = (Vec::new(), Vec::new());
        for group in groups {
            let why = match known.iter().find(|known| known.group_id == group) {
                None => Some(Thrown::api("GroupIdNotFoundException", &format!("Group '{group}' is not a share group."))),
                Some(known) if known.state != "Empty" => {
                    Some(Thrown::api("GroupNotEmptyException", &format!("Share group '{group}' is not EMPTY.")))
                }
                Some(_) => delete_group(desk, &group)?.map(Thrown::code),
            };
            match why {
                None => deleted.push(format!("'{group}'")),
                Some(thrown) => failed.push((group, thrown)),
            }
        }
        if failed.is_empty() {
            desk.print(format!("Deletion of requested share groups ({}) was successful.", deleted.join(", ")));
            return Ok(Ok(()));
        }
        desk.print("");
        desk.print("Error: Deletion of some share groups failed:");
        for (group, thrown) in failed {
            desk.print(format!("* Group '{group}' could not be deleted due to: {}", thrown.line()));
        }
        if !deleted.is_empty() {
            desk.print("");
            desk.print(format!("These share groups were deleted successfully: {}", deleted.join(", ")));
        }
        Ok(Ok(()))
    }

    fn delete_offsets(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let group_id: GroupId = match self.given.value("group") {
            Ok(group) => group.unwrap_or_default().into(),
            Err(error) => return Ok(Err(error.into())),
        };
        let mut topics: Vec<&str> = self.given.values("topic").collect();
        sort(&mut topics);
        topics.dedup();
        let topics_asked = topics.iter().map(|topic| (*topic).into()).collect();
        let request = DeleteShareGroupOffsetsRequest { group_id, topics: topics_asked };
        let (error, results) = match desk.call(Request::DeleteShareGroupOffsets(request))? {
            Ok(response) => match response.as_ref() {
                Response::DeleteShareGroupOffsets(response) => (response.error.clone(), response.topics.clone()),
                _ => (None, Vec::new()),
            },
            Err(error) => {
                let code = error.code();
                (Some((code, Thrown::code(error).message)), Vec::new())
            }
        };
        if let Some((code, words)) = &error {
            let what = match code {
                ErrorCode::InvalidGroupId | ErrorCode::GroupIdNotFound | ErrorCode::NonEmptyGroup => words.clone(),
                code => format!("Encounter some unknown error: {}", exception_line(*code)),
            };
            desk.print("");
            desk.print(format!("Error: {what}"));
        }
        let width = topics.iter().map(|topic| topic.len()).max().unwrap_or(0).max(15);
        desk.print("");
        desk.print(format!("{:<width$} STATUS", "TOPIC"));
        for topic in topics {
            let own = results.iter().find(|(name, _)| name.as_str() == topic).and_then(|(_, error)| error.clone());
            let status = match error.as_ref().or(own.as_ref()) {
                Some((_, words)) => format!("Error: {words}"),
                None => "Successful".to_owned(),
            };
            desk.print(format!("{topic:<width$} {status}"));
        }
        Ok(Ok(()))
    }

    // ---- reset

    fn reset(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Plan<()>> {
        let group: GroupId = go!(self.given.value("group")).unwrap_or_default().into();
        if let Ok(found) = described_share_group(desk, &group)?
            && found.state != "Empty"
        {
            let refusal = Refusal::lines([format!("Share group '{group}' is not empty.")], 1);
            return Ok(Err(Stop::Refused(refusal)));
        }
        let partitions = match self.given.has("topic") {
            true => go!(topic_partitions(desk, self.given.values("topic"))?),
            false => go!(share_offsets(desk, &group)?).into_iter().map(|(partition, _)| partition).collect(),
        };
        let plan = go!(self.plan(desk, &group, partitions)?);
        if self.given.has("execute") && !plan.is_empty() {
            go!(alter(desk, &group, &plan)?);
        }
        if plan.is_empty() {
            desk.print("");
        } else {
            print_plans(desk, &self.given, vec![(group, plan)]);
        }
        Ok(Ok(()))
    }

    fn plan(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId, partitions: Vec<TopicPartition>) -> Step<Plan<GroupPlan>> {
        let given = &self.given;
        if let Some(offset) = go!(given.long("to-offset")) {
            return clamp(desk, partitions.into_iter().map(|partition| (partition, Offset(offset))).collect());
        }
        if given.has("to-earliest") {
            return Ok(desk.known_offsets(&partitions, OffsetSpec::Earliest)?.map_err(Stop::from));
        }
        if given.has("to-latest") {
            return Ok(desk.known_offsets(&partitions, OffsetSpec::Latest)?.map_err(Stop::from));
        }
        if let Some(text) = go!(given.value("to-datetime")) {
            let at = go!(parse_datetime(text).map_err(|why| parse_exception(&why)));
            return by_time(desk, &partitions, at);
        }
        if given.has("from-file") {
            let plans = go!(plan_from_file(desk, given)).unwrap_or_default();
            return clamp(desk, plans.get(group).cloned().unwrap_or_default());
        }
        let current = go!(share_offsets(desk, group)?);
        let start = |partition: &TopicPartition| {
            let found = current.iter().find(|(known, _)| known == partition);
            found.and_then(|(_, info)| *info).map(|info| info.start_offset)
        };
        let without: Vec<TopicPartition> = partitions.iter().filter(|partition| start(partition).is_none()).cloned().collect();
        let mut plan = go!(desk.known_offsets(&without, OffsetSpec::Latest)?);
        plan.extend(partitions.into_iter().filter_map(|partition| Some((partition.clone(), start(&partition)?))));
        Ok(Ok(plan))
    }
}

fn delete_group(desk: &mut Desk<'_, '_, '_>, group: &GroupId) -> Step<Option<CallError>> {
    let request = DeleteGroupsRequest { groups: vec![group.clone()] };
    Ok(match desk.call(Request::DeleteGroups(request))? {
        Err(error) => Some(error),
        Ok(response) => match response.as_ref() {
            Response::DeleteGroups(response) => response.groups.first().and_then(|(_, error)| *error).map(CallError::from),
            _ => None,
        },
    })
}

fn described_share_group(desk: &mut Desk<'_, '_, '_>, group: &GroupId) -> Step<Done<DescribedShareGroup>> {
    let request = Request::ShareGroupDescribe(ShareGroupDescribeRequest { groups: vec![group.clone()] });
    Ok(desk.call(request)?.map_err(Thrown::code).and_then(|response| match response.as_ref() {
        Response::ShareGroupDescribe(response) => match response.groups.first() {
            Some((_, Ok(described))) => Ok(described.clone()),
            Some((_, Err((error, words)))) => Err(Thrown::api(error.exception(), words)),
            None => Err(Thrown::code(ErrorCode::GroupIdNotFound)),
        },
        _ => Err(Thrown::code(ErrorCode::UnknownServerError)),
    }))
}

type ShareOffsets = Vec<(TopicPartition, Option<SharePartitionOffsetInfo>)>;

fn share_offsets(desk: &mut Desk<'_, '_, '_>, group: &GroupId) -> Step<Result<ShareOffsets, CallError>> {
    let request = DescribeShareGroupOffsetsRequest { group_id: group.clone() };
    Ok(desk.call(Request::DescribeShareGroupOffsets(request))?.and_then(|response| match response.as_ref() {
        Response::DescribeShareGroupOffsets(response) => {
            response.error.map_or(Ok(response.partitions.clone()), |error| Err(error.into()))
        }
        _ => Err(ErrorCode::UnknownServerError.into()),
    }))
}

fn alter(desk: &mut Desk<'_, '_, '_>, group: &GroupId, plan: &GroupPlan) -> Step<Plan<()>> {
    let offsets = plan.iter().map(|(partition, offset)| (partition.clone(), *offset)).collect();
    let request = AlterShareGroupOffsetsRequest { group_id: group.clone(), offsets };
    let response = go!(desk.call(Request::AlterShareGroupOffsets(request))?);
    let Response::AlterShareGroupOffsets(response) = response.as_ref() else { return Ok(Ok(())) };
    let failed = response.partitions.iter().find_map(|(_, error)| error.map(|error| (error, error.message().to_owned())));
    let Some((error, words)) = response.error.clone().or(failed) else { return Ok(Ok(())) };
    let names: Vec<String> = plan.keys().map(ToString::to_string).collect();
    let what = format!("{words} Failed altering group offsets for the following partitions: [{}]", names.join(", "));
    Ok(Err(Stop::Thrown(Thrown::api(error.exception(), &what))))
}
