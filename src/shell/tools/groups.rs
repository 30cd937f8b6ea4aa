//! `kafka-groups.sh` (`org.apache.kafka.tools.GroupsCommand`): lists groups of all kinds.

use crate::base::Span;
use crate::engine::client::CallError;
use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::capitalised;
use crate::shell::cli::options::{Given, Opt, OptionError, Refusal, flag, forbid, help_or_version, parse, with};
use crate::shell::cli::time::log_time;

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("consumer", "Only groups of consumers."),
    with("group-type", "String: type", "Only this type: classic, consumer, share or streams."),
    flag("help", "Show this page."),
    flag("list", "Show the groups."),
    with("protocol", "String: protocol", "Only groups with this protocol type."),
    flag("share", "Only share groups."),
    flag("streams", "Only streams groups."),
    flag("version", "Show Kafka's version."),
];

/// The page of options as joptsimple sets it. Unlike those of other tools it has a column for what is needed.
const PAGE: &str = "\
Option (* = required)                 Description
---------------------                 -----------
* --bootstrap-server <String: server  REQUIRED: The Kafka server to connect
  to connect to>                        to.
--command-config <String: command     Property file containing configs to be
  config property file>                 passed to Admin Client.
--consumer                            Filter the groups to show all kinds of
                                        consumer groups, including classic
                                        and simple consumer groups. This
                                        matches group type 'consumer', and
                                        group type 'classic' where the
                                        protocol type is 'consumer' or empty.
--group-type <String: type>           Filter the groups based on group type.
                                        Valid types are: 'classic',
                                        'consumer', 'share' and 'streams'.
--help                                Print usage information.
--list                                List the groups.
--protocol <String: protocol>         Filter the groups based on protocol
                                        type.
--share                               Filter the groups to show share groups.
--streams                             Filter the groups to show streams
                                        groups.
--version                             Display Kafka version.";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Groups {
    given: Given,
}

/// With the page of options after the message.
fn with_page(mut refusal: Refusal) -> Refusal {
    refusal.lines.truncate(1);
    refusal.lines.extend(PAGE.lines().map(str::to_owned));
    refusal
}

fn usage(message: impl Into<String>) -> Refusal {
    with_page(Refusal::usage(message))
}

pub fn read(words: &[String]) -> Result<Groups, Refusal> {
    let given = parse(OPTIONS, words).map_err(|error| usage(error.message()))?;
    if !["bootstrap-server", "help", "version"].iter().any(|option| given.has(option)) {
        return Err(usage("Missing required option(s) [bootstrap-server]"));
    }
    help_or_version(OPTIONS, &given, "This tool helps to list groups of all types.").map_err(|refusal| match refusal.code {
        0 => refusal,
        _ => with_page(refusal),
    })?;
    if !given.has("list") {
        return Err(usage("Command must include exactly one action: --list."));
    }
    if let Some(wanted) = given.value("group-type").map_err(OptionError::reported)?
        && !["classic", "consumer", "share", "streams"].iter().any(|known| known.eq_ignore_ascii_case(wanted))
    {
        let what = "--group-type must be a valid group type.";
        return Err(Exception::illegal_argument(what).reported());
    }
    forbid(&given, "consumer", &["group-type", "protocol", "share", "streams"]).map_err(with_page)?;
    forbid(&given, "share", &["consumer", "group-type", "protocol", "streams"]).map_err(with_page)?;
    forbid(&given, "streams", &["consumer", "group-type", "protocol", "share"]).map_err(with_page)?;
    Ok(Groups { given })
}

/// How long the tool waits for the list.
const TIMEOUT: Span = Span::from_secs(30);

impl AdminCommand for Groups {
    fn timeout(&self) -> Span {
        TIMEOUT
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.print(format!("Error while executing groups command : {}", thrown.message));
        admin.errors(thrown.stack_after(&format!("[{}] ERROR ", log_time(admin.now()))));
        admin.error(" (org.apache.kafka.tools.GroupsCommand)");
        1
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.given).map_err(Exception::reported)?;
        let groups = match admin.listed_groups()? {
            Err(CallError::NoNode { .. } | CallError::Unanswered(_)) => {
                admin.print("Error while executing groups command : null");
                admin.error(format!("[{}] ERROR java.util.concurrent.TimeoutException", log_time(admin.now())));
                admin.error("<stack>");
                admin.error(" (org.apache.kafka.tools.GroupsCommand)");
                return Ok(1);
            }
            groups => groups.map_err(Exception::code)?,
        };
        let given = &self.given;
        let group_type = given.values("group-type").next();
        let protocol = given.value("protocol")?;
        let rows: Vec<[String; 3]> = groups
            .into_iter()
            .filter(|group| {
                let of_consumers = group.protocol_type == "consumer" || group.protocol_type.is_empty();
                group_type.is_none_or(|wanted| wanted.eq_ignore_ascii_case(group.group_type))
                    && protocol.is_none_or(|wanted| wanted == group.protocol_type)
                    && (!given.has("consumer") || of_consumers)
                    && (!given.has("share") || group.group_type == "share")
                    && (!given.has("streams") || group.group_type == "streams")
            })
            .map(|group| [group.group_id.to_string(), capitalised(group.group_type), group.protocol_type])
            .collect();
        let width = rows.iter().flatten().map(|cell| cell.encode_utf16().count()).max().unwrap_or(0).max(20);
        admin.print(format!("{:<width$} {:<width$} {:<width$}", "GROUP", "TYPE", "PROTOCOL").trim_end());
        for [group, kind, protocol] in &rows {
            admin.print(format!("{group:<width$} {kind:<width$} {protocol:<width$}").trim_end());
        }
        Ok(0)
    }
}
