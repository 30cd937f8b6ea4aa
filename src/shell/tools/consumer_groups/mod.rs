//! Lives here: `kafka-consumer-groups.sh` (`org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`): options and actions.
//! Never here: the group coordinator.

mod describe;
mod offsets;
pub(crate) mod reset;

use crate::base::{GroupId, Span, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{
    ConsumerGroupDescribeRequest, DeleteGroupsRequest, DescribeGroupsRequest, DescribedGroup, ListedGroup, Request, Response,
};
use crate::shell::cli::admin_command::{Desk, Errand, Step};
use crate::shell::cli::java::Thrown;
use crate::shell::cli::options::{Given, Opt, OptionError, Refusal, flag, forbid, help_or_version, maybe, parse, require, with};

pub const OPTIONS: &[Opt] = &[
    flag("all-groups", "All groups."),
    flag("all-topics", "All topics that the group has offsets of."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("by-duration", "String: duration", "Reset to the offset of a time ago, as P1DT2H3M4S."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("delete", "Delete groups with all their offsets."),
    flag("delete-offsets", "Delete a group's offsets of some topics."),
    flag("describe", "Show groups: offsets and lag, members, or state."),
    flag("dry-run", "With --reset-offsets: only show what would be done."),
    flag("execute", "With --reset-offsets: do it."),
    flag("export", "With --reset-offsets: print the plan as CSV."),
    with("from-file", "String: path to CSV file", "Reset to the offsets in a file."),
    with("group", "String: group id", "The group; may be repeated."),
    flag("help", "Show this page."),
    flag("list", "Show the names of all groups."),
    flag("members", "With --describe: the members."),
    flag("offsets", "With --describe: the offsets (the default)."),
    flag("reset-offsets", "Set a group's offsets anew; the group must be inactive."),
    with("shift-by", "Long: number-of-offsets", "Reset by so many offsets forward, or back when negative."),
    maybe("state", "String", "With --describe: the group's state. With --list: show states, or only some."),
    with("timeout", "Long: timeout (ms)", "How long an answer may take."),
    flag("to-current", "Reset to the committed offset."),
    with("to-datetime", "String: datetime", "Reset to the offset of a date, YYYY-MM-DDTHH:mm:SS.sss."),
    flag("to-earliest", "Reset to the first record."),
    flag("to-latest", "Reset to the end."),
    with("to-offset", "Long: offset", "Reset to an offset."),
    with("topic", "String: topic", "The topic, or topic:0,1 for some partitions; may be repeated."),
    maybe("type", "String", "With --list: show types, or only some."),
    with("validate-regex", "String: regex", "Check a regular expression."),
    flag("verbose", "With --describe: show more."),
    flag("version", "Show Kafka's version."),
];

const ABOUT: &str = "This tool helps to list, describe, delete and manage the offsets of consumer groups.";

const SCENARIOS: &[&str] =
    &["by-duration", "from-file", "shift-by", "to-current", "to-datetime", "to-earliest", "to-latest", "to-offset"];

const NO_ACTION: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will \
                         require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if \
                         you are scripting this command and want to keep the current default behavior without prompting.";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroups {
    given: Given,
    states: Vec<String>,
    types: Vec<String>,
}

pub fn read(words: &[String]) -> Result<ConsumerGroups, Refusal> {
    let given = parse(OPTIONS, words).map_err(|error| uncaught(error.stack()))?;
    if given.is_empty() {
        return Err(Refusal::usage(ABOUT));
    }
    help_or_version(OPTIONS, &given, ABOUT)?;
    check(&given)?;
    let actions = ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];
    if actions.iter().filter(|action| given.has(action)).count() != 1 {
        return Err(Refusal::usage(
            "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets, \
             --validate-regex",
        ));
    }
    let list = |name: &str| given.value(name).map_err(|error| uncaught(error.stack())).map(|text| text.unwrap_or_default());
    let states = choices(list("state")?, STATES, given.has("list"), |text| {
        let valid = "Assigning, CompletingRebalance, Dead, Empty, PreparingRebalance, Reconciling, Stable";
        format!("Invalid state list '{text}'. Valid states are: {valid}")
    })?;
    let types = choices(list("type")?, TYPES, given.has("list"), |text| {
        format!("Invalid types list '{text}'. Valid types are: Consumer, Classic")
    })?;
    Ok(ConsumerGroups { given, states, types })
}

const STATES: &[&str] = &["Assigning", "CompletingRebalance", "Dead", "Empty", "PreparingRebalance", "Reconciling", "Stable"];
const TYPES: &[&str] = &["Classic", "Consumer"];

fn choices(text: &str, known: &[&str], check: bool, wrong: impl Fn(&str) -> String) -> Result<Vec<String>, Refusal> {
    let mut chosen = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match known.iter().find(|name| name.eq_ignore_ascii_case(word)) {
            Some(name) => chosen.push((*name).to_owned()),
            None if check => return Err(Refusal::usage(wrong(text))),
            None => {}
        }
    }
    Ok(chosen)
}

fn uncaught(mut stack: Vec<String>) -> Refusal {
    if let Some(first) = stack.first_mut() {
        first.insert_str(0, "Exception in thread \"main\" ");
    }
    Refusal::lines(stack, 1)
}

/// `ConsumerGroupCommandOptions.checkArgs`.
fn check(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if has("validate-regex") {
        return Ok(());
    }
    require(given, &["bootstrap-server"])?;
    if has("verbose") && !has("describe") {
        let what = "Option(s) [verbose] are unavailable given other options on the command line";
        return Err(uncaught(vec![format!("joptsimple.UnavailableOptionException: {what}"), "<stack>".to_owned()]));
    }
    let groups = "takes one of these options: [all-groups], [group]";
    if has("describe") {
        if !has("group") && !has("all-groups") {
            return Err(Refusal::usage(format!("Option [describe] {groups}")));
        }
        if ["members", "offsets", "state"].iter().filter(|option| has(option)).count() > 1 {
            return Err(Refusal::usage("Option [describe] takes at most one of these options: [members], [offsets], [state]"));
        }
        if given.has_argument("state") {
            return Err(Refusal::usage("Option [describe] does not take a value for [state]"));
        }
    }
    if has("delete") {
        if !has("group") && !has("all-groups") {
            return Err(Refusal::usage(format!("Option [delete] {groups}")));
        }
        if has("topic") {
            return Err(Refusal::usage("The consumer does not support topic-specific offset deletion from a consumer group."));
        }
    }
    if has("delete-offsets") && (!has("group") || !has("topic")) {
        return Err(Refusal::usage("Option [delete-offsets] takes the following options: [group], [topic]"));
    }
    if has("reset-offsets") {
        if has("dry-run") && has("execute") {
            return Err(Refusal::usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]"));
        }
        let warned = |mut refusal: Refusal| {
            if !has("dry-run") && !has("execute") {
                refusal.lines.insert(0, NO_ACTION.to_owned());
            }
            refusal
        };
        check_reset(given, groups).map_err(warned)?;
    }
    let actions = ["list", "describe", "delete", "reset-offsets", "delete-offsets"];
    let without = |but: &[&str]| -> Vec<&str> { actions.into_iter().filter(|action| !but.contains(action)).collect() };
    forbid(given, "group", &["all-groups"])?;
    forbid(given, "group", &without(&["describe", "delete", "reset-offsets", "delete-offsets"]))?;
    forbid(given, "topic", &without(&["delete", "reset-offsets", "delete-offsets"]))
}

fn check_reset(given: &Given, groups: &str) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if !has("group") && !has("all-groups") {
        return Err(Refusal::usage(format!("Option [reset-offsets] {groups}")));
    }
    for option in SCENARIOS {
        forbid(given, option, SCENARIOS).or_else(|refusal| {
            // The tool checks them in an order of its own; to-earliest comes before to-latest in both.
            if has(option) { Err(refusal) } else { Ok(()) }
        })?;
    }
    Ok(())
}

type Done<T = ()> = Result<T, Thrown>;

/// `--timeout` without a value of its own.
const TIMEOUT: Span = Span::from_secs(5);

/// What `listGroups` throws when nobody can be asked, as this tool wraps it.
fn no_brokers(call: CallError) -> Thrown {
    let CallError::NoNode { .. } = &call else { return Thrown::code(call) };
    let failed = "org.apache.kafka.common.KafkaException: Failed to find brokers to send ListGroups";
    let future = format!("java.util.concurrent.ExecutionException: {failed}");
    let cause = Thrown::code(call);
    let stack = vec![
        format!("java.lang.RuntimeException: {future}"),
        "<stack>".to_owned(),
        format!("Caused by: {future}"),
        "<stack>".to_owned(),
        format!("Caused by: {failed}"),
        "<stack>".to_owned(),
        format!("Caused by: {}", cause.line()),
    ];
    Thrown { message: future, stack }
}

impl Errand for ConsumerGroups {
    fn timeout(&self) -> Span {
        self.given.long("timeout").ok().flatten().and_then(|ms| u64::try_from(ms).ok()).map_or(TIMEOUT, Span::from_ms)
    }

    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        if self.given.has("reset-offsets") && !self.given.has("execute") && !self.given.has("dry-run") {
            desk.error(NO_ACTION);
        }
        let has = |name: &str| self.given.has(name);
        let done = if has("validate-regex") {
            return Ok(self.validate(desk));
        } else if let Err(error) = self.given.long("timeout") {
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
                Ok(done) => done,
                Err(refusal) => {
                    refusal.lines.into_iter().for_each(|line| desk.error(line));
                    return Ok(refusal.code);
                }
            }
        };
        if let Err(thrown) = done {
            // A failed command is told, and yet the tool ends with 0.
            desk.print("");
            desk.print(format!("Error: Executing consumer group command failed due to {}", thrown.message));
            thrown.stack.into_iter().for_each(|line| desk.error(line));
        }
        Ok(0)
    }
}

impl ConsumerGroups {
    fn validate(&self, desk: &mut Desk<'_, '_, '_>) -> i32 {
        let regex = self.given.value("validate-regex").ok().flatten().unwrap_or_default();
        match crate::base::Pattern::new(regex) {
            Some(_) => desk.print(format!("The regular expression `{regex}` is valid.")),
            None if regex.contains('[') => {
                desk.print(format!("The regular expression `{regex}` is invalid: missing closing ]."));
            }
            None => desk.print(format!("The regular expression `{regex}` is invalid.")),
        }
        0
    }

    /// Groups of consumers, by name.
    fn listed(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done<Vec<ListedGroup>>> {
        Ok(desk.listed_groups()?.map_err(no_brokers).map(|groups| {
            let of_consumers = |group: &ListedGroup| group.protocol_type == "consumer" || group.protocol_type.is_empty();
            groups.into_iter().filter(of_consumers).collect()
        }))
    }

    fn list(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let groups = match self.listed(desk)? {
            Ok(groups) => groups,
            Err(thrown) => return Ok(Err(thrown)),
        };
        let (with_state, with_type) = (self.given.has("state"), self.given.has("type"));
        if with_state || with_type {
            let mut head = format!("{:<25} ", "GROUP");
            if with_type {
                head += &format!("{:<20} ", "TYPE");
            }
            if with_state {
                head += &format!("{:<20} ", "STATE");
            }
            desk.print(head.trim_end());
        }
        for group in groups {
            let group_type = capitalised(group.group_type);
            let state_fits = self.states.is_empty() || self.states.iter().any(|state| state == group.state);
            let type_fits = self.types.is_empty() || self.types.contains(&group_type);
            if !state_fits || !type_fits {
                continue;
            }
            if !with_state && !with_type {
                desk.print(group.group_id.as_str());
                continue;
            }
            let mut row = format!("{:<25} ", group.group_id.as_str());
            if with_type {
                row += &format!("{group_type:<20} ");
            }
            if with_state {
                row += &format!("{:<20} ", group.state);
            }
            desk.print(row.trim_end());
        }
        Ok(Ok(()))
    }

    /// The groups that `--group` or `--all-groups` means.
    fn wanted(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done<Vec<GroupId>>> {
        if self.given.has("all-groups") {
            return Ok(self.listed(desk)?.map(|groups| groups.into_iter().map(|group| group.group_id).collect()));
        }
        let mut groups: Vec<GroupId> = Vec::new();
        for name in self.given.values("group") {
            if !groups.iter().any(|known| known.as_str() == name) {
                groups.push(name.into());
            }
        }
        Ok(Ok(groups))
    }

    fn delete(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let groups = match self.wanted(desk)? {
            Ok(groups) => groups,
            Err(thrown) => return Ok(Err(thrown)),
        };
        let (mut deleted, mut failed) = (Vec::new(), Vec::new());
        for group in groups {
            let request = DeleteGroupsRequest { groups: vec![group.clone()] };
            let error = match desk.call(Request::DeleteGroups(request))? {
                Err(error) => Some(error.code()),
                Ok(response) => match response.as_ref() {
                    Response::DeleteGroups(response) => response.groups.first().and_then(|(_, error)| *error),
                    _ => None,
                },
            };
            match error {
                None => deleted.push(format!("'{group}'")),
                Some(error) => failed.push((group, error)),
            }
        }
        if failed.is_empty() {
            desk.print(format!("Deletion of requested consumer groups ({}) was successful.", deleted.join(", ")));
            return Ok(Ok(()));
        }
        desk.print("");
        desk.print("Error: Deletion of some consumer groups failed:");
        for (group, error) in failed {
            let exception = crate::shell::cli::java::exception_line(error);
            desk.print(format!("* Group '{group}' could not be deleted due to: {exception}"));
        }
        if !deleted.is_empty() {
            desk.print("");
            desk.print(format!("These consumer groups were deleted successfully: {}", deleted.join(", ")));
        }
        Ok(Ok(()))
    }
}

/// `classic` as `Classic`.
pub(crate) fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| format!("{}{}", first.to_ascii_uppercase(), chars.as_str()))
}

impl From<&OptionError> for Thrown {
    fn from(error: &OptionError) -> Self {
        error.clone().into()
    }
}

impl Desk<'_, '_, '_> {
    /// All groups, by name.
    pub fn listed_groups(&mut self) -> Step<Result<Vec<ListedGroup>, CallError>> {
        Ok(self.call(Request::ListGroups)?.map(|response| match response.as_ref() {
            Response::ListGroups(response) => {
                let mut groups = response.groups.clone();
                put_in_order(&mut groups, &|one, other| one.group_id < other.group_id);
                groups
            }
            _ => Vec::new(),
        }))
    }

    pub fn described_group(&mut self, group: &GroupId) -> Step<Result<DescribedGroup, CallError>> {
        // Groups of the consumer protocol first; what is none of them is asked for as a classic group.
        let request = Request::ConsumerGroupDescribe(ConsumerGroupDescribeRequest { groups: vec![group.clone()] });
        let modern = self.call(request)?.map(|response| match response.as_ref() {
            Response::ConsumerGroupDescribe(response) => response.groups.first().map(|(_, described)| described.clone()),
            _ => None,
        });
        match modern {
            Ok(None | Some(Err(ErrorCode::GroupIdNotFound))) => {}
            Ok(Some(described)) => return Ok(described.map_err(CallError::from)),
            Err(error) => return Ok(Err(error)),
        }
        let request = Request::DescribeGroups(DescribeGroupsRequest { groups: vec![group.clone()] });
        Ok(self.call(request)?.and_then(|response| match response.as_ref() {
            Response::DescribeGroups(response) => match response.groups.first() {
                Some((_, described)) => described.clone().map_err(CallError::from),
                None => Err(ErrorCode::GroupIdNotFound.into()),
            },
            _ => Err(ErrorCode::UnknownServerError.into()),
        }))
    }
}
