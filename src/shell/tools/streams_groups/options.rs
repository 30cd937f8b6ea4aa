//! Options of `kafka-streams-groups.sh` (`StreamsGroupCommandOptions`).

use crate::shell::cli::options::{Given, Opt, OptionError, Refusal, at_most_one, flag, forbid, maybe, require, with};

pub const OPTIONS: &[Opt] = &[
    flag("all-groups", "All streams groups."),
    flag("all-input-topics", "With --reset-offsets or --delete-offsets: all input topics of the group's topology."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("by-duration", "String: duration", "Reset to the offset of a time ago, as P1DT2H3M4S."),
    with("command-config", "String: command config property file", "A file with settings for the admin client."),
    flag("delete", "Delete streams groups with all their offsets."),
    flag("delete-all-internal-topics", "With --reset-offsets or --delete: also delete all internal topics of the group."),
    with("delete-internal-topic", "String", "With --reset-offsets: also delete this internal topic; may be repeated."),
    flag("delete-offsets", "Delete a group's offsets of some input topics."),
    flag("describe", "Show streams groups: offset lag, members, or state."),
    flag("dry-run", "With --reset-offsets: only show what would be done."),
    flag("execute", "With --reset-offsets: do it."),
    flag("export", "With --reset-offsets: print the plan as CSV."),
    with("from-file", "String: path to CSV file", "Reset to the offsets in a file."),
    with("group", "String: group id", "The streams group; may be repeated."),
    flag("help", "Show this page."),
    with("input-topic", "String: topic", "The input topic, or topic:0,1 for some partitions; may be repeated."),
    flag("list", "Show the names of all streams groups."),
    flag("members", "With --describe: the members and their tasks.").goes_with(&["describe"]),
    flag("offsets", "With --describe: the offset lag (the default).").goes_with(&["describe"]),
    flag("reset-offsets", "Set a group's offsets anew; the application must not run."),
    with("shift-by", "Long: number-of-offsets", "Reset by so many offsets forward, or back when negative."),
    maybe("state", "String", "With --describe: the group's state. With --list: show states, or only some.")
        .goes_with(&["describe", "list"]),
    with("timeout", "Long: timeout (ms)", "How long an answer may take."),
    flag("to-current", "Reset to the committed offset."),
    with("to-datetime", "String", "Reset to the offset of a date, YYYY-MM-DDThh:mm:ss.sss."),
    flag("to-earliest", "Reset to the first record."),
    flag("to-latest", "Reset to the end."),
    with("to-offset", "Long: offset", "Reset to an offset."),
    flag("topology", "With --describe: the topology, where a broker's plugin keeps it.").goes_with(&["describe"]),
    flag("verbose", "With --describe: show more.").goes_with(&["describe"]),
    flag("version", "Show Kafka's version."),
];

/// In the order in which they are looked through for two at once.
pub(super) const SCENARIOS: &[&str] =
    &["to-offset", "to-datetime", "by-duration", "to-earliest", "to-latest", "to-current", "shift-by", "from-file"];

const GROUPS: &str = "takes one of these options: [all-groups], [group]";

fn usage(what: impl Into<String>) -> Result<(), Refusal> {
    Err(Refusal::usage(what))
}

/// `StreamsGroupCommandOptions.checkArgs`.
pub(super) fn check(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    require(given, &["bootstrap-server"])?;
    if has("describe") {
        check_describe(given)?;
    }
    if has("delete") {
        if !has("group") && !has("all-groups") {
            return usage(format!("Option [delete] {GROUPS}"));
        }
        if has("input-topic") || has("all-input-topics") {
            return usage("Kafka Streams does not support topic-specific offset deletion from a streams group.");
        }
    }
    if has("delete-offsets") {
        check_delete_offsets(given)?;
    }
    if has("reset-offsets") {
        check_reset(given)?;
    }
    check_internal_topics(given)?;
    if (has("dry-run") || has("execute")) && !has("reset-offsets") {
        return usage("Only Option [reset-offsets] accepts [execute] or [dry-run]");
    }
    forbid(given, "list", &["members", "offsets", "topology"])?;
    forbid(given, "group", &["all-groups", "list"])?;
    forbid(given, "input-topic", &["list", "describe", "delete"])
}

fn check_describe(given: &Given) -> Result<(), Refusal> {
    if !given.has("group") && !given.has("all-groups") {
        return usage(format!("Option [describe] {GROUPS}"));
    }
    if ["members", "offsets", "state", "topology"].iter().filter(|option| given.has(option)).count() > 1 {
        return usage("Option [describe] takes at most one of these options: [members], [offsets], [state], [topology]");
    }
    if given.value("state").map_err(OptionError::usage)?.is_some() {
        return usage("Option [describe] does not take a value for [state]");
    }
    Ok(())
}

fn check_delete_offsets(given: &Given) -> Result<(), Refusal> {
    if !given.has("group") || !given.has("input-topic") && !given.has("all-input-topics") {
        return usage("Option [delete-offsets] takes the [group] and one of these options: [all-input-topics], [input-topic]");
    }
    let groups: Vec<&str> = given.values("group").collect();
    if groups.len() > 1 {
        let found = groups.join(", ");
        return usage(format!("Option [delete-offsets] supports only one [group] at a time, but found: [{found}]"));
    }
    Ok(())
}

fn check_reset(given: &Given) -> Result<(), Refusal> {
    match (given.has("dry-run"), given.has("execute")) {
        (true, true) => return usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]"),
        (false, false) => return usage("Option [reset-offsets] takes the option: [execute] or [dry-run]"),
        _ => {}
    }
    if !given.has("group") && !given.has("all-groups") {
        return usage(format!("Option [reset-offsets] {GROUPS}"));
    }
    at_most_one(given, SCENARIOS)
}

fn check_internal_topics(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if has("delete-all-internal-topics") {
        if !has("reset-offsets") && !has("delete") {
            return usage("Option [delete-all-internal-topics] takes one of these options: [delete], [reset-offsets]");
        }
        if has("reset-offsets") && !has("execute") {
            return usage("Option [delete-all-internal-topics] takes [execute] when [reset-offsets] is used.");
        }
    } else if has("delete-internal-topic") && !(has("reset-offsets") && has("execute")) {
        return usage("Option [delete-internal-topic] takes [reset-offsets] when [execute] is used.");
    }
    Ok(())
}
