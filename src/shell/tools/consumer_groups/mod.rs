//! Lives here: `kafka-consumer-groups.sh` (`org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`): options and actions.
//! Never here: the group coordinator.

mod describe;
mod reset;

use crate::base::{GroupId, Pattern, Span};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{DescribedGroup, ListedGroup};
use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::delete_offsets::{delete_offsets, partitions_of};
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{
    capitalised, check_actions, choices, fail, in_service, not_listed, tell_deleted, timeout, wanted,
};
use crate::shell::cli::options::{
    self, Given, Opt, OptionError, Refusal, at_most_one, flag, forbid, maybe, one_action, require, with,
};

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
    flag("members", "With --describe: the members.").goes_with(&["describe"]),
    flag("offsets", "With --describe: the offsets (the default).").goes_with(&["describe"]),
    flag("reset-offsets", "Set a group's offsets anew; the group must be inactive."),
    with("shift-by", "Long: number-of-offsets", "Reset by so many offsets forward, or back when negative."),
    maybe("state", "String", "With --describe: the group's state. With --list: show states, or only some.")
        .goes_with(&["describe", "list"]),
    with("timeout", "Long: timeout (ms)", "How long an answer may take."),
    flag("to-current", "Reset to the committed offset."),
    with("to-datetime", "String: datetime", "Reset to the offset of a date, YYYY-MM-DDTHH:mm:SS.sss."),
    flag("to-earliest", "Reset to the first record."),
    flag("to-latest", "Reset to the end."),
    with("to-offset", "Long: offset", "Reset to an offset."),
    with("topic", "String: topic", "The topic, or topic:0,1 for some partitions; may be repeated."),
    maybe("type", "String", "With --list: show types, or only some.").goes_with(&["list"]),
    with("validate-regex", "String: regex", "Check a regular expression."),
    flag("verbose", "With --describe: show more.").goes_with(&["describe"]),
    flag("version", "Show Kafka's version."),
];

const ABOUT: &str = "This tool helps to list, describe, delete and manage the offsets of consumer groups.";

/// In the order in which they are looked through for two at once.
const SCENARIOS: &[&str] =
    &["to-offset", "to-datetime", "by-duration", "to-earliest", "to-latest", "to-current", "shift-by", "from-file"];

const NO_ACTION: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will \
                         require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if \
                         you are scripting this command and want to keep the current default behavior without prompting.";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroups {
    given: Given,
}

pub fn read(words: &[String]) -> Result<ConsumerGroups, Refusal> {
    let given = options::read(OPTIONS, words, ABOUT, OptionError::uncaught)?;
    check(&given)?;
    let actions = ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];
    let told = "--list, --describe, --delete, --reset-offsets, --delete-offsets, --validate-regex";
    one_action(&given, &actions, told)?;
    given.value("validate-regex").map_err(OptionError::usage)?;
    Ok(ConsumerGroups { given })
}

const STATES: &[&str] = &["Assigning", "CompletingRebalance", "Dead", "Empty", "PreparingRebalance", "Reconciling", "Stable"];
const TYPES: &[&str] = &["Classic", "Consumer"];

/// `ConsumerGroupCommandOptions.checkArgs`.
fn check(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if !has("validate-regex") {
        require(given, &["bootstrap-server"])?;
    }
    let groups = "takes one of these options: [all-groups], [group]";
    check_actions(given, OptionError::uncaught)?;
    if has("delete") {
        if !has("group") && !has("all-groups") {
            return Err(Refusal::usage(format!("Option [delete] {groups}")));
        }
        if has("topic") {
            return Err(Refusal::usage("The consumer does not support topic-specific offset deletion from a consumer group."));
        }
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
        if !has("group") && !has("all-groups") {
            return Err(warned(Refusal::usage(format!("Option [reset-offsets] {groups}"))));
        }
        at_most_one(given, SCENARIOS).map_err(warned)?;
    }
    forbid(given, "group", &["all-groups", "list"])?;
    forbid(given, "topic", &["list", "describe"])
}

/// What `listGroups` throws when nobody can be asked, as this tool wraps it.
fn no_brokers(call: CallError) -> Exception {
    match call {
        CallError::NoNode { .. } => not_listed(call).execution().runtime(),
        call => Exception::code(call),
    }
}

impl AdminCommand for ConsumerGroups {
    fn timeout(&self) -> Span {
        timeout(&self.given)
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let has = |name: &str| self.given.has(name);
        if has("reset-offsets") && !has("execute") && !has("dry-run") {
            admin.error(NO_ACTION);
        }
        if has("validate-regex") {
            self.validate(admin);
            return Ok(0);
        }
        admin.check_client(&self.given).map_err(in_service)?;
        // `GroupOffsetsResetterOptions` are read whatever is to be done.
        self.given.longs("to-offset")?;
        self.given.value("by-duration")?;
        self.given.long("shift-by")?;
        self.given.long("timeout")?;
        if has("list") {
            self.list(admin)?;
        } else if has("describe") {
            self.describe(admin)?;
        } else if has("delete") {
            self.delete(admin)?;
        } else if has("delete-offsets") {
            let group: GroupId = self.given.value("group")?.unwrap_or_default().into();
            let partitions = partitions_of(admin, self.given.values("topic"))?;
            delete_offsets(admin, &group, partitions)?;
        } else {
            self.reset(admin)?;
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        fail(admin, "consumer", thrown)
    }
}

/// Groups of consumers, by name.
fn listed(admin: &mut Admin<'_, '_, '_>) -> Done<Vec<ListedGroup>> {
    let of_consumers = |group: &ListedGroup| group.protocol_type == "consumer" || group.protocol_type.is_empty();
    Ok(admin.listed_groups()?.map_err(no_brokers)?.into_iter().filter(of_consumers).collect())
}

impl ConsumerGroups {
    fn validate(&self, admin: &mut Admin<'_, '_, '_>) {
        let regex = self.given.value("validate-regex").ok().flatten().unwrap_or_default();
        admin.print(match Pattern::re2(regex) {
            Ok(_) => format!("The regular expression `{regex}` is valid."),
            Err(why) => format!("The regular expression `{regex}` is invalid: {why}."),
        });
    }

    fn list(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let (with_state, with_type) = (self.given.has("state"), self.given.has("type"));
        let no_type = |text: &str| format!("Invalid types list '{text}'. Valid types are: Consumer, Classic");
        let types = choices(&self.given, "type", TYPES, no_type)?;
        let no_state = |text: &str| format!("Invalid state list '{text}'. Valid states are: {}", STATES.join(", "));
        let states = choices(&self.given, "state", STATES, no_state)?;
        let mut groups = listed(admin)?;
        groups.retain(|group| {
            let state_fits = states.is_empty() || states.contains(&group.state);
            state_fits && (types.is_empty() || types.contains(&capitalised(group.group_type).as_str()))
        });
        let width = groups.iter().map(|group| group.group_id.as_str().chars().count()).max().unwrap_or(0).max(15) + 10;
        if with_state || with_type {
            let mut head = format!("{:<width$} ", "GROUP");
            if with_type {
                head += &format!("{:<20} ", "TYPE");
            }
            if with_state {
                head += &format!("{:<20} ", "STATE");
            }
            admin.print(head.trim_end());
        }
        for group in groups {
            let group_type = capitalised(group.group_type);
            if !with_state && !with_type {
                admin.print(group.group_id.as_str());
                continue;
            }
            let mut row = format!("{:<width$} ", group.group_id.as_str());
            if with_type {
                row += &format!("{group_type:<20} ");
            }
            if with_state {
                row += &format!("{:<20} ", group.state);
            }
            admin.print(row.trim_end());
        }
        Ok(())
    }

    fn wanted(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<GroupId>> {
        wanted(admin, &self.given, listed)
    }

    /// `describeConsumerGroups` of one group.
    fn described(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId) -> Done<Result<DescribedGroup, CallError>> {
        if group.as_str().is_empty() {
            let what = "`ConsumerGroupDescribe` request for group id  failed due to unexpected error INVALID_GROUP_ID.";
            admin.log_error(self.client_id(), what, "internals.DescribeConsumerGroupsHandler");
            return Ok(Err(ErrorCode::InvalidGroupId.into()));
        }
        admin.described_group(group)
    }

    fn delete(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut results = Vec::new();
        for group in self.wanted(admin)? {
            let result = admin.delete_group(&group)?.map_err(|error| exception_line(error.code()));
            results.push((group, result));
        }
        tell_deleted(admin, "consumer", results);
        Ok(())
    }
}
