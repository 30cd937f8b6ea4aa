//! `kafka-metadata-quorum.sh` (`org.apache.kafka.tools.MetadataQuorumCommand`).

use crate::base::Timestamp;
use crate::engine::protocol::{DescribeQuorumResponse, QuorumReplica};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::argparse::{Kind, Usage};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{Given, Opt, Refusal, flag, with};
use crate::shell::cli::queries::controller_port;

pub const OPTIONS: &[Opt] = &[
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("bootstrap-server", "String: server(s)", "Where the cluster is (this or --bootstrap-controller)."),
    with("bootstrap-controller", "String: controller(s)", "Where the controllers are."),
    flag("help", "Show this page."),
    flag("status", "describe: the quorum as a whole."),
    flag("replication", "describe: each replica of the metadata log."),
    flag("human-readable", "describe --replication: times as what has passed since."),
];

const TOOL: Usage = Usage {
    tool: "kafka-metadata-quorum",
    about: "Describes the quorum of KRaft controllers.",
    options: OPTIONS.split_at(3).0,
    one_of: (&["bootstrap-server", "bootstrap-controller"], true),
    commands: &["describe", "add-controller", "remove-controller"],
    ..Usage::NONE
};

const DESCRIBE: Usage =
    Usage { tool: TOOL.tool, command: "describe", about: "Describes the quorum.", options: OPTIONS.split_at(4).1, ..Usage::NONE };

const REMOVE: Usage = Usage {
    tool: TOOL.tool,
    command: "remove-controller",
    about: "Removes a controller from the quorum.",
    options: &[
        with("controller-id", "Integer", "The controller's id."),
        with("controller-directory-id", "String", "The id of its folder."),
        flag("dry-run", "Say what would be done."),
        flag("unregister", "Unregister it as well."),
    ],
    short: &[("controller-id", "i"), ("controller-directory-id", "d")],
    required: &["controller-directory-id", "controller-id"],
    kinds: &[("controller-id", Kind::Integer)],
    ..Usage::NONE
};

const ADD: Usage = Usage {
    tool: TOOL.tool,
    command: "add-controller",
    about: "Adds a controller to the quorum.",
    options: &[flag("dry-run", "Say what would be done.")],
    ..Usage::NONE
};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataQuorum {
    /// `--command-config`
    file: Option<String>,
    /// What to do; `None` to remove a controller.
    describe: Option<Given>,
}

pub fn read(words: &[String]) -> Result<MetadataQuorum, Refusal> {
    let (outer, rest) = TOOL.parse(words).map_err(|failure| TOOL.refusal(failure, 0))?;
    let file = outer.values("command-config").next().map(str::to_owned);
    let (command, rest) = rest.split_first().map_or(("", rest), |(command, rest)| (TOOL.command(command), rest));
    let inner = |usage: &Usage| -> Result<Given, Refusal> {
        let (given, _) = usage.parse(rest).map_err(|failure| usage.refusal(failure, 0))?;
        TOOL.check(&outer).map_err(|failure| TOOL.refusal(failure, 0))?;
        Ok(given)
    };
    match command {
        "describe" => {
            let given = inner(&DESCRIBE)?;
            let (status, replication) = (given.has("status"), given.has("replication"));
            let wrong = match (status, replication, given.has("human-readable")) {
                (true, true, _) => "Only one of --status or --replication should be specified with describe sub-command",
                (_, false, true) => "The option --human-readable is only supported along with --replication",
                (false, false, _) => "One of --status or --replication must be specified with describe sub-command",
                _ => return Ok(MetadataQuorum { file, describe: Some(given) }),
            };
            Err(Refusal::lines([wrong], 1))
        }
        "add-controller" => {
            inner(&ADD)?;
            let wrong = "You must supply the configuration file of the controller you are adding when using add-controller.";
            match outer.has("command-config") {
                true => Err(Refusal::not_simulated(
                    "kafka-metadata-quorum.sh",
                    "add-controller",
                    "the controllers are those that the session began with",
                )),
                false => Err(Refusal::lines([wrong], 1)),
            }
        }
        _ => {
            inner(&REMOVE)?;
            Ok(MetadataQuorum { file, describe: None })
        }
    }
}

impl AdminCommand for MetadataQuorum {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        if let Some(file) = self.file.as_ref().filter(|file| admin.read_file(file).is_none()) {
            admin.error(format!("Properties file {file} does not exist."));
            return Ok(1);
        }
        let Some(given) = &self.describe else {
            let what = "Cluster doesn't support removing voter because the kraft.version feature is 0";
            return Err(Exception::api("UnsupportedVersionException", what).execution().into());
        };
        let quorum = ask!(admin, DescribeQuorum)?;
        if given.has("status") {
            let cluster = admin.cluster()?.map_err(told)?;
            status(admin, &cluster.cluster_id.to_string(), &quorum);
        } else {
            replication(admin, &quorum, given.has("human-readable"));
        }
        Ok(0)
    }
}

fn status(admin: &mut Admin<'_, '_, '_>, cluster_id: &str, quorum: &DescribeQuorumResponse) {
    let leader = quorum.voters.iter().find(|replica| replica.id == quorum.leader);
    let others = quorum.voters.iter().chain(&quorum.observers).filter(|replica| replica.id != quorum.leader);
    let end = leader.map_or(quorum.high_watermark, |leader| leader.log_end_offset);
    let lag = others.clone().map(|replica| end.0 - replica.log_end_offset.0).max().unwrap_or(0);
    let caught_up = leader.map(|leader| leader.last_caught_up);
    let lagged = |replica: &QuorumReplica| match replica.last_caught_up.0 {
        -1 => None,
        at => Some(caught_up?.0 - at),
    };
    // Of one that the leader has never heard of, nobody knows.
    let lag_time = others.map(lagged).try_fold(0, |most, lagged| Some(lagged?.max(most))).unwrap_or(-1);
    let voters: Vec<String> = quorum
        .voters
        .iter()
        .map(|voter| format!("{{\"id\": {}, \"endpoints\": [\"CONTROLLER://localhost:{}\"]}}", voter.id, controller_port(voter.id)))
        .collect();
    let observers: Vec<String> = quorum.observers.iter().map(observer).collect();
    for (name, value) in [
        ("ClusterId", cluster_id.to_owned()),
        ("LeaderId", quorum.leader.to_string()),
        ("LeaderEpoch", quorum.leader_epoch.to_string()),
        ("HighWatermark", quorum.high_watermark.to_string()),
        ("MaxFollowerLag", lag.to_string()),
        ("MaxFollowerLagTimeMs", lag_time.to_string()),
        ("CurrentVoters", format!("[{}]", voters.join(", "))),
        ("CurrentObservers", format!("[{}]", observers.join(", "))),
    ] {
        admin.print(format!("{:<24}{value}", format!("{name}:")));
    }
}

/// As JSON, with the id of its folder.
fn observer(observer: &QuorumReplica) -> String {
    let id = observer.id;
    match observer.directory_id {
        Some(directory) => format!("{{\"id\": {id}, \"directoryId\": \"{directory}\"}}"),
        None => format!("{{\"id\": {id}}}"),
    }
}

fn replication(admin: &mut Admin<'_, '_, '_>, quorum: &DescribeQuorumResponse, human: bool) {
    let now = admin.now();
    let leader = quorum.voters.iter().find(|replica| replica.id == quorum.leader);
    let end = leader.map_or(quorum.high_watermark, |leader| leader.log_end_offset);
    let time = |at: Timestamp| if human && at.0 >= 0 { format!("{} ms ago", now.0 - at.0) } else { at.0.to_string() };
    let row = |replica: &QuorumReplica, status: &str| {
        [
            replica.id.to_string(),
            replica.directory_id.map_or_else(|| "A".repeat(22), |directory| directory.to_string()),
            replica.log_end_offset.to_string(),
            (end.0 - replica.log_end_offset.0).to_string(),
            time(replica.last_fetch),
            time(replica.last_caught_up),
            status.to_owned(),
        ]
    };
    let head = ["NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(leader.map(|leader| row(leader, "Leader")));
    let followers = quorum.voters.iter().filter(|voter| voter.id != quorum.leader);
    rows.extend(followers.map(|voter| row(voter, "Follower")));
    rows.extend(quorum.observers.iter().map(|observer| row(observer, "Observer")));
    print_table(admin, &rows);
}

/// `ToolsUtils.prettyPrintTable`: columns as wide as their widest, with tabs between.
fn print_table<const N: usize>(admin: &mut Admin<'_, '_, '_>, rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<0$}\t", width(column)));
        admin.print(cells.collect::<String>());
    }
}
