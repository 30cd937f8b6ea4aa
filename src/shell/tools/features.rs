//! `kafka-features.sh` (`org.apache.kafka.tools.FeatureCommand`): what can be asked. Features cannot be changed here.

use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::argparse::{Failure, Usage};
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{Given, Opt, Refusal, with};

pub const OPTIONS: &[Opt] = &[
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("bootstrap-server", "String: server(s)", "Where the cluster is."),
    with("bootstrap-controller", "String: controller(s)", "Where the controllers are."),
];

const TOOL: Usage = Usage {
    tool: "kafka-features",
    about: "Shows the features of a cluster.",
    options: OPTIONS,
    one_of: (&["bootstrap-server", "bootstrap-controller"], false),
    commands: &["describe", "upgrade", "downgrade", "disable", "version-mapping", "feature-dependencies"],
    ..Usage::NONE
};

/// Features with the lowest and highest version that 4.4 supports, and the one in force after formatting.
const FEATURES: &[(&str, &str, &str, &str)] = &[
    ("eligible.leader.replicas.version", "0", "1", "1"),
    ("group.version", "0", "1", "1"),
    ("kraft.version", "0", "1", "0"),
    ("metadata.version", "3.3-IV3", "4.4-IV2", "4.4-IV2"),
    ("share.version", "0", "2", "2"),
    ("streams.version", "0", "1", "1"),
    ("transaction.version", "0", "2", "2"),
];

/// What belongs to the latest stable metadata version.
const LATEST: &[(&str, &str)] = &[
    ("metadata.version", "33 (4.4-IV2)"),
    ("kraft.version", "1"),
    ("transaction.version", "2"),
    ("group.version", "1"),
    ("eligible.leader.replicas.version", "1"),
    ("share.version", "2"),
    ("streams.version", "1"),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Features {
    given: Given,
    describe: bool,
}

fn refused(failure: Failure) -> Refusal {
    match failure {
        Failure::Help => TOOL.refusal(Failure::Help, 0),
        Failure::Wrong(message) => {
            let message = message.split_once('\n').map_or(message.as_str(), |(first, _)| first);
            Refusal::lines([format!("Command line error: {message}. Type --help for help.")], 1)
        }
    }
}

pub fn read(words: &[String]) -> Result<Features, Refusal> {
    let (given, rest) = TOOL.parse(words).map_err(refused)?;
    let (command, rest) = rest.split_first().map_or(("", rest), |(command, rest)| (TOOL.command(command), rest));
    match command {
        "describe" | "version-mapping" => {
            let plain = Usage { command: "describe", ..Usage { tool: TOOL.tool, ..Usage::NONE } };
            if command == "version-mapping" && !rest.is_empty() {
                let what = "version-mapping of an older release";
                return Err(Refusal::not_simulated("kafka-features.sh", what, "only Kafka 4.4 is"));
            }
            plain.parse(rest).map_err(refused)?;
        }
        other => {
            let why = "features are those of a newly formatted cluster here";
            return Err(Refusal::not_simulated("kafka-features.sh", other, why));
        }
    }
    let describe = command == "describe";
    if describe && !given.has("bootstrap-server") && !given.has("bootstrap-controller") {
        let wrong = "You must specify either --bootstrap-controller or --bootstrap-server.";
        return Err(refused(Failure::Wrong(wrong.to_owned())));
    }
    Ok(Features { given, describe })
}

impl AdminCommand for Features {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        if !self.describe {
            LATEST.iter().for_each(|(name, version)| admin.print(format!("{name}={version}")));
            return Ok(0);
        }
        let epoch = ask!(admin, DescribeQuorum).map_err(told)?.high_watermark;
        for (name, lowest, highest, level) in FEATURES {
            admin.print(format!(
                "Feature: {name:<42}SupportedMinVersion: {lowest:<17}SupportedMaxVersion: {highest:<17}\
                 FinalizedVersionLevel: {level:<17}Epoch: {epoch}"
            ));
        }
        Ok(0)
    }
}
