//! Lives here: `kafka-streams-groups.sh` (`org.apache.kafka.tools.streams.StreamsGroupCommand`): options and actions.
//! Never here: the group coordinator.

mod delete;
mod describe;
mod options;
mod reset;

use crate::base::{GroupId, Span};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{DescribedStreamsGroup, DescribedTopology, ListedGroup, StreamsGroupDescribeRequest};
use crate::shell::cli::admin_command::{Admin, AdminCommand, CLIENT_ID, ask};
use crate::shell::cli::delete_offsets::{delete_offsets, partitions_of};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{choices, fail, in_service, not_listed, timeout};
use crate::shell::cli::options::{self as parsing, Given, OptionError, Refusal, one_action};
pub use options::OPTIONS;

const ABOUT: &str = "This tool helps to list, describe, delete and manage the offsets of streams groups.";
const ACTIONS: &[&str] = &["list", "describe", "delete", "reset-offsets", "delete-offsets"];
const STATES: &[&str] = &["Assigning", "Dead", "Empty", "NotReady", "Reconciling", "Stable"];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroups {
    given: Given,
}

pub fn read(words: &[String]) -> Result<StreamsGroups, Refusal> {
    let unreadable = |error: OptionError| Refusal::lines([error.message()], 1);
    let given = parsing::read(OPTIONS, words, ABOUT, unreadable)?;
    options::check(&given)?;
    one_action(&given, ACTIONS, "--list, --describe, --delete, --reset-offsets, or --delete-offsets.")?;
    Ok(StreamsGroups { given })
}

impl AdminCommand for StreamsGroups {
    fn timeout(&self) -> Span {
        timeout(&self.given)
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let has = |name: &str| self.given.has(name);
        admin.check_client(&self.given).map_err(in_service)?;
        // `GroupOffsetsResetterOptions` are read whatever is to be done.
        self.given.longs("to-offset")?;
        self.given.value("by-duration")?;
        self.given.long("shift-by")?;
        self.given.long("timeout")?;
        if has("list") {
            self.list(admin)?;
        } else if has("describe") {
            return self.describe(admin);
        } else if has("reset-offsets") {
            self.reset(admin)?;
        } else if has("delete") {
            self.delete(admin)?;
        } else {
            self.delete_offsets(admin)?;
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        if thrown.class.starts_with("joptsimple.") {
            return admin.refuse(Refusal::usage(thrown.message));
        }
        fail(admin, "streams", thrown);
        1
    }
}

/// Streams groups, by name.
fn listed(admin: &mut Admin<'_, '_, '_>) -> Done<Result<Vec<ListedGroup>, Exception>> {
    let groups = admin.listed_groups()?.map_err(|error| not_listed(error).execution());
    Ok(groups.map(|groups| groups.into_iter().filter(|group| group.group_type == "streams").collect()))
}

/// `describeStreamsGroups` of one group. What it fails with is not yet in an `ExecutionException`.
fn described(
    admin: &mut Admin<'_, '_, '_>,
    group: &GroupId,
) -> Done<Result<(DescribedStreamsGroup, DescribedTopology), Exception>> {
    let logger = "internals.DescribeStreamsGroupsHandler";
    if group.as_str().is_empty() {
        let what = "`DescribeStreamsGroups` request for group id  failed due to unexpected error INVALID_GROUP_ID";
        admin.log_error(CLIENT_ID, what, logger);
        return Ok(Err(Exception::code(ErrorCode::InvalidGroupId)));
    }
    let response = match ask!(admin, StreamsGroupDescribe(StreamsGroupDescribeRequest { groups: vec![group.clone()] })) {
        Ok(response) => response,
        Err(error) => return Ok(Err(Exception::code(error))),
    };
    Ok(match response.groups.into_iter().next() {
        Some((_, Ok(found))) => match found.topology.clone() {
            Some(topology) => Ok((found, topology)),
            None => {
                let what = format!("`DescribeStreamsGroups` response for group id {group} is missing the topology information");
                admin.log_error(CLIENT_ID, &what, logger);
                Err(Exception::java("java.lang.IllegalStateException", "Topology information is missing"))
            }
        },
        Some((_, Err((error, words)))) => Err(Exception::api(error.exception(), &words)),
        None => Err(Exception::code(CallError::from(ErrorCode::GroupIdNotFound))),
    })
}

/// `printError`, without an exception.
fn print_error(admin: &mut Admin<'_, '_, '_>, what: &str) {
    admin.print("");
    admin.print(format!("Error: {what}"));
}

impl StreamsGroups {
    fn list(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let no_state = |text: &str| format!("Invalid state list '{text}'. Valid states are: {}", STATES.join(", "));
        let states = choices(&self.given, "state", STATES, no_state)?;
        let groups = listed(admin)?;
        if !self.given.has("state") {
            groups.map_err(Exception::runtime)?.iter().for_each(|group| admin.print(group.group_id.as_str()));
            return Ok(());
        }
        let mut groups = groups?;
        groups.retain(|group| states.is_empty() || states.contains(&group.state));
        let width = groups.iter().map(|group| group.group_id.as_str().chars().count()).max().unwrap_or(0).max(15);
        admin.print(format!("{:<width$} STATE", "GROUP"));
        for group in groups {
            admin.print(format!("{:<width$} {}", group.group_id.as_str(), group.state));
        }
        Ok(())
    }

    /// The groups that `--group` or `--all-groups` means, as given.
    fn groups(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<GroupId>> {
        Ok(match self.given.has("all-groups") {
            true => listed(admin)?.map_err(Exception::runtime)?.into_iter().map(|group| group.group_id).collect(),
            false => self.given.values("group").map(GroupId::from).collect(),
        })
    }

    fn delete_offsets(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let group: GroupId = self.given.value("group")?.unwrap_or_default().into();
        let found = match self.given.has("all-input-topics") {
            true => (reset::input_offsets(admin, &group)?.into_keys().collect(), Vec::new()),
            false => partitions_of(admin, self.given.values("input-topic"))?,
        };
        delete_offsets(admin, &group, found)
    }
}
