//! Lives here: `kafka-features.sh` (`org.apache.kafka.tools.FeatureCommand`). All is checked and told as the controller does; what
//! would really change a version is not simulated.
//! Never here: how words are parsed (that is `cli/argparse`).

mod versions;

use self::versions::{FEATURES, Feature, LATEST, METADATA, OLDEST, UpgradeType, check_update, metadata_level, metadata_name};
use crate::base::java::{hash_order, parse_number, string_hash};
use crate::base::{BrokerId, put_in_order, sort};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::argparse::{Failure, Kind, Usage};
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{Given, Opt, Refusal, flag, with};

pub const OPTIONS: &[Opt] = &[
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("bootstrap-server", "String: server(s)", "Where the cluster is."),
    with("bootstrap-controller", "String: controller(s)", "Where the controllers are."),
    with("node-id", "Integer: id", "describe: the node to ask."),
    with("metadata", "String: release", "upgrade, downgrade: deprecated; the metadata.version, such as 4.3."),
    with("release-version", "String: release", "upgrade, downgrade, version-mapping: all features as in this release."),
    with("feature", "String: name=version", "A feature and its version; disable takes the name alone."),
    flag("dry-run", "upgrade, downgrade, disable: check, and change nothing."),
    flag("unsafe", "downgrade, disable: even if metadata is lost."),
];

const TOOL: Usage = Usage {
    tool: "kafka-features",
    about: "Shows the features of a cluster.",
    options: OPTIONS.split_at(3).0,
    one_of: (&["bootstrap-server", "bootstrap-controller"], false),
    commands: &["describe", "upgrade", "downgrade", "disable", "version-mapping", "feature-dependencies"],
    ..Usage::NONE
};

const INNER: Usage = Usage { tool: TOOL.tool, append: &["feature"], ..Usage::NONE };

/// The command's own options.
fn usage(command: &'static str) -> Usage {
    let inner = Usage { command, ..INNER };
    match command {
        "describe" => Usage { options: &OPTIONS[3..4], kinds: &[("node-id", Kind::Integer)], ..inner },
        "upgrade" => Usage { options: &OPTIONS[4..8], ..inner },
        "downgrade" => Usage { options: &OPTIONS[4..], ..inner },
        "disable" => Usage { options: &OPTIONS[6..], ..inner },
        "version-mapping" => Usage { options: &OPTIONS[5..6], ..inner },
        _ => Usage { options: &OPTIONS[6..7], required: &["feature"], ..inner },
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Features {
    command: &'static str,
    /// What stands before the command.
    outer: Given,
    given: Given,
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
    let (outer, rest) = TOOL.parse(words).map_err(refused)?;
    let (command, rest) = rest.split_first().map_or(("", rest), |(command, rest)| (TOOL.command(command), rest));
    let usage = usage(command);
    let (given, _) = usage.parse(rest).map_err(|failure| match failure {
        Failure::Help => usage.refusal(Failure::Help, 0),
        wrong => refused(wrong),
    })?;
    let asks = !matches!(command, "version-mapping" | "feature-dependencies");
    if asks && !outer.has("bootstrap-server") && !outer.has("bootstrap-controller") {
        let wrong = "You must specify either --bootstrap-controller or --bootstrap-server.";
        return Err(refused(Failure::Wrong(wrong.to_owned())));
    }
    Ok(Features { command, outer, given })
}

/// A tool that says one sentence and ends.
fn terse(text: impl Into<String>) -> Refusal {
    Refusal::lines([text.into()], 1)
}

/// A feature, the version that it should have, and how.
struct Update {
    name: String,
    level: i16,
    how: UpgradeType,
}

impl AdminCommand for Features {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.outer).map_err(|thrown| terse(thrown.message))?;
        match self.command {
            "describe" => self.describe(admin),
            "version-mapping" => self.version_mapping(admin),
            "feature-dependencies" => self.dependencies(admin),
            _ => {
                let updates = self.updates(admin)?;
                self.update(admin, updates)
            }
        }
    }
}

impl Features {
    fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        if let Some(id) = self.given.int("node-id")?.filter(|id| *id < 0) {
            return Err(terse(format!("Invalid node id {id}: must be non-negative.")).into());
        }
        let epoch = ask!(admin, DescribeQuorum).map_err(told)?.high_watermark;
        let mut rows: Vec<[String; 4]> = FEATURES
            .iter()
            .map(|feature| {
                let levels = [0, feature.highest(), feature.formatted].map(|level| level.to_string());
                let [lowest, highest, level] = levels;
                [feature.name.to_owned(), lowest, highest, level]
            })
            .collect();
        let [oldest, latest] = [OLDEST, LATEST].map(|level| metadata_name(level).unwrap_or_default());
        rows.push([METADATA.to_owned(), oldest, latest.clone(), latest]);
        sort(&mut rows);
        for [name, lowest, highest, level] in rows {
            admin.print(format!(
                "Feature: {name:<42}SupportedMinVersion: {lowest:<17}SupportedMaxVersion: {highest:<17}\
                 FinalizedVersionLevel: {level:<17}Epoch: {epoch}"
            ));
        }
        Ok(0)
    }

    fn version_mapping(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let latest = metadata_name(LATEST).unwrap_or_default();
        let release = self.given.values("release-version").next().unwrap_or(&latest);
        let metadata = metadata_level(release).map_err(terse)?;
        admin.print(format!("{METADATA}={metadata} ({release})"));
        for feature in FEATURES {
            admin.print(format!("{}={}", feature.name, feature.default_for(metadata)));
        }
        Ok(0)
    }

    fn dependencies(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        for text in self.given.values("feature") {
            let (name, level) = name_and_level(text)?;
            if name == METADATA {
                let version = metadata_name(level).ok_or_else(|| terse(format!("Unknown metadata.version {level}")))?;
                admin.print(format!("{name}={level} ({version}) has no dependencies."));
                continue;
            }
            let feature = Feature::named(name).ok_or_else(|| terse(format!("Unknown feature: {name}")))?;
            if level < 0 || level > feature.highest() {
                return Err(terse(format!("No feature:{name} with feature level {level}")).into());
            }
            match feature.dependency(level) {
                None => admin.print(format!("{name}={level} has no dependencies.")),
                Some(metadata) => {
                    admin.print(format!("{name}={level} requires:"));
                    let version = metadata_name(metadata).unwrap_or_default();
                    admin.print(format!("    {METADATA}={metadata} ({version})"));
                }
            }
        }
        Ok(0)
    }

    /// What is asked for, in the order of the tool's map.
    fn updates(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<Update>> {
        let given = &self.given;
        let how = match (self.command, given.has("unsafe")) {
            ("upgrade", _) => UpgradeType::Upgrade,
            (_, false) => UpgradeType::SafeDowngrade,
            (_, true) => UpgradeType::UnsafeDowngrade,
        };
        let mut updates: Vec<Update> = Vec::new();
        let release = given.values("release-version").next();
        if release.is_some() && (given.has("metadata") || given.has("feature")) {
            return Err(terse("Can not specify `release-version` with other feature flags.").into());
        }
        if let Some(release) = release {
            let metadata = metadata_level(release).map_err(terse)?;
            updates.push(Update::new(METADATA, metadata, how)?);
            for feature in FEATURES {
                let level = feature.default_for(metadata);
                if how != UpgradeType::Upgrade || level > 0 {
                    updates.push(Update::new(feature.name, level, how)?);
                }
            }
        }
        if let Some(metadata) = given.values("metadata").next() {
            admin.print(" `metadata` flag is deprecated and may be removed in a future release.".to_owned());
            updates.push(Update::new(METADATA, metadata_level(metadata).map_err(terse)?, how)?);
        }
        for text in given.values("feature") {
            let (name, level) = if self.command == "disable" { (text, 0) } else { name_and_level(text)? };
            let update = Update::new(name, level, how)?;
            if updates.iter().any(|other| other.name == name) {
                return Err(terse(format!("Feature {name} was specified more than once.")).into());
            }
            updates.push(update);
        }
        hash_order(&mut updates, 16, |update| string_hash(&update.name));
        Ok(updates)
    }

    fn update(&self, admin: &mut Admin<'_, '_, '_>, mut updates: Vec<Update>) -> Done<i32> {
        let op = self.command;
        if updates.is_empty() {
            return Err(terse(format!("You must specify at least one feature to {op}")).into());
        }
        if updates.iter().any(|update| update.name.trim().is_empty()) {
            return Err(terse("Provided feature can not be empty.").into());
        }
        let controller = ask!(admin, DescribeQuorum).map_err(told)?.leader;
        let dry_run = self.given.has("dry-run");
        let outcome = checked(controller, &updates);
        if let (Ok(Some(at)), false) = (&outcome, dry_run) {
            let what = format!("{op} of {}", updates[*at].name);
            let why = "features keep the versions of a newly formatted cluster here (--dry-run checks it)";
            return Err(Refusal::not_simulated("kafka-features.sh", &what, why).into());
        }
        put_in_order(&mut updates, &|one, other| one.name < other.name);
        let Err(why) = outcome else {
            let verb = if dry_run { "can be" } else { "was" };
            for Update { name, level, .. } in &updates {
                let done = if op == "disable" { "disabled.".to_owned() } else { format!("{op}d to {level}.") };
                admin.print(format!("{name} {verb} {done}"));
            }
            return Ok(0);
        };
        let helper = if dry_run { "Can not" } else { "Could not" };
        for Update { name, level, .. } in &updates {
            let what = if op == "disable" { format!("disable {name}") } else { format!("{op} {name} to {level}") };
            admin.print(format!(
                "{helper} {what}. The update failed for all features since the following feature had an error: {why}"
            ));
        }
        Err(terse(format!("{count} out of {count} operation(s) failed.", count = updates.len())).into())
    }
}

/// Why the first wrong one is wrong, or where the first is whose version would change.
fn checked(controller: BrokerId, updates: &[Update]) -> Result<Option<usize>, String> {
    let changes = updates.iter().map(|update| check_update(controller, &update.name, update.level, update.how));
    let changes: Vec<bool> = changes.collect::<Result<_, _>>()?;
    Ok(changes.iter().position(|changes| *changes))
}

impl Update {
    /// As the constructor of `FeatureUpdate` checks it.
    fn new(name: &str, level: i16, how: UpgradeType) -> Result<Self, Refusal> {
        if level == 0 && how == UpgradeType::Upgrade {
            return Err(terse(
                "The upgradeType flag should be set to SAFE_DOWNGRADE or UNSAFE_DOWNGRADE when the provided \
                 maxVersionLevel:0 is < 1.",
            ));
        }
        if level < 0 {
            return Err(terse("Cannot specify a negative version level."));
        }
        Ok(Self { name: name.to_owned(), level, how })
    }
}

/// `FeatureCommand.parseNameAndLevel`.
fn name_and_level(text: &str) -> Result<(&str, i16), Refusal> {
    let wrong = |why: String| terse(format!("Can't parse feature=level string {text}: {why}"));
    let (name, level) = text.split_once('=').ok_or_else(|| wrong("equals sign not found.".to_owned()))?;
    let level = level.trim();
    let number: Option<i16> = parse_number(level);
    number.map(|number| (name.trim(), number)).ok_or_else(|| wrong(format!("unable to parse {level} as a short.")))
}
