//! `kafka-groups.sh` (`org.apache.kafka.tools.GroupsCommand`): lists groups of all kinds.

use crate::base::Span;
use crate::engine::client::CallError;
use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::capitalised;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, at_most_one, flag, with};
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

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Groups {
    given: Given,
}

pub fn read(words: &[String]) -> Result<Groups, Refusal> {
    let about = "This tool helps to list groups of all types.";
    let given = options::read(OPTIONS, words, about, |error| match error {
        OptionError::ArgumentMissing(_) => error.usage(),
        _ => error.reported(),
    })?;
    if !given.has("bootstrap-server") {
        let message = "Missing required option(s) [bootstrap-server]";
        return Err(Exception::without_frames("joptsimple.MissingRequiredOptionsException", message).reported());
    }
    if !given.has("list") {
        return Err(Refusal::usage("Command must include exactly one action: --list."));
    }
    at_most_one(&given, &["consumer", "share", "streams"])?;
    if let Some(wanted) = given.values("group-type").next()
        && !["classic", "consumer", "share", "streams"].iter().any(|known| known.eq_ignore_ascii_case(wanted))
    {
        let what = "--group-type must be a valid group type.";
        return Err(Exception::illegal_argument(what).reported());
    }
    Ok(Groups { given })
}

/// How long the tool waits for the list.
const TIMEOUT: Span = Span::from_secs(30);

impl AdminCommand for Groups {
    fn timeout(&self) -> Span {
        TIMEOUT
    }

    /// Nobody catches what the future throws.
    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.errors(thrown.stack());
        1
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let groups = match admin.listed_groups()? {
            Err(CallError::NoNode { .. } | CallError::Unanswered(_)) => {
                admin.print("Error while executing groups command : null");
                admin.error(format!("[{}] ERROR java.util.concurrent.TimeoutException", log_time(admin.now())));
                admin.error("<stack>");
                admin.error(" (org.apache.kafka.tools.GroupsCommand)");
                return Ok(1);
            }
            groups => groups?,
        };
        let given = &self.given;
        let group_type = given.values("group-type").next();
        let protocol = given.values("protocol").next();
        let rows: Vec<[String; 3]> = groups
            .into_iter()
            .filter(|group| {
                let of_consumers = group.protocol_type == "consumer" || group.protocol_type.is_empty();
                group_type.is_none_or(|wanted| wanted.eq_ignore_ascii_case(group.group_type))
                    && protocol.is_none_or(|wanted| wanted == group.protocol_type)
                    && (!given.has("consumer") || of_consumers)
                    && (!given.has("share") || group.group_type == "share")
                    && !given.has("streams")
            })
            .map(|group| [group.group_id.to_string(), capitalised(group.group_type), group.protocol_type])
            .collect();
        let width = rows.iter().map(|row| row[0].len()).max().unwrap_or(0).max(20);
        admin.print(format!("{:<width$} {:<20} {:<20}", "GROUP", "TYPE", "PROTOCOL").trim_end());
        for [group, kind, protocol] in &rows {
            admin.print(format!("{group:<width$} {kind:<20} {protocol:<20}").trim_end());
        }
        Ok(0)
    }
}
