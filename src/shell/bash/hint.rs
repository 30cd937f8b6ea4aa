//! Commands as older tutorials have them, and how they are written today.
//!
//! The tool itself answers as the real one does; a hint is what stands beside that answer, and is never part of it.

use super::ast::{Command, Kind};
use super::commands::LACKING;
use super::parser::parse;
use crate::shell::tools::bare_name;

/// What a command that has aged is called now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hint {
    /// Why the command is not what one types today, in plain words.
    pub why: String,
    /// The command as it is written today; `None` where nothing has taken its place.
    pub now: Option<String>,
}

/// What has become of an option.
enum Fate {
    /// It is called otherwise.
    Renamed(&'static str),
    /// Tools ask a broker.
    Server,
    /// It says what is the case anyway.
    Dropped,
    /// It has gone with its argument.
    DroppedWithValue,
}

use Fate::{Dropped, DroppedWithValue, Renamed, Server};

/// The console producer's options that have aged.
const PRODUCER: &[(&str, Fate)] = &[
    ("broker-list", Server),
    ("zookeeper", Server),
    ("new-producer", Dropped),
    ("queue-size", DroppedWithValue),
    ("queue-enqueuetimeout-ms", DroppedWithValue),
    ("property", Renamed("reader-property")),
    ("producer-property", Renamed("command-property")),
    ("producer.config", Renamed("command-config")),
    ("max-partition-memory-bytes", Renamed("batch-size")),
];

const CONSUMER: &[(&str, Fate)] = &[
    ("zookeeper", Server),
    ("broker-list", Server),
    ("new-consumer", Dropped),
    ("whitelist", Renamed("include")),
    ("property", Renamed("formatter-property")),
    ("consumer-property", Renamed("command-property")),
    ("consumer.config", Renamed("command-config")),
];

/// The same for every other tool.
const OTHERS: &[(&str, Fate)] = &[("zookeeper", Server), ("broker-list", Server), ("new-consumer", Dropped)];

/// Programs of older versions that are gone, with why and what does their work.
const GONE: &[(&str, &str, Option<&str>)] = &[
    ("zookeeper-server-start", "Kafka 4 has no ZooKeeper: its controllers keep the metadata. The cluster here runs already.", None),
    ("zookeeper-server-stop", "Kafka 4 has no ZooKeeper, so there is none to stop.", None),
    ("zookeeper-shell", "Kafka 4 has no ZooKeeper; what was kept there, the tools ask the brokers for.", None),
    ("kafka-server-start", "The cluster here runs already: begin with a topic.", None),
    ("kafka-server-stop", "The cluster here is the page’s own.", None),
    (
        "kafka-consumer-offset-checker",
        "That program is gone; groups are described by another one.",
        Some("kafka-consumer-groups.sh --describe --all-groups --bootstrap-server localhost:9092"),
    ),
];

/// The hint to a command line; `None` where it is as one types it today.
pub fn hint(command: &str) -> Option<Hint> {
    if only_sets_variables(command) {
        let why = "A variable lives as long as its line here: put the command that needs it behind it, after a semicolon.";
        return Some(Hint { why: why.to_owned(), now: None });
    }
    let mut whys: Vec<String> = Vec::new();
    let mut now = String::new();
    let mut whole = true;
    for part in parts(command) {
        match part {
            Part::Between(text) => now.push_str(text),
            Part::Command(words) => match command_now(&words, &mut whys) {
                Some(text) => now.push_str(&text),
                None => whole = false,
            },
        }
    }
    whys.dedup();
    (!whys.is_empty()).then(|| Hint { why: whys.join(" "), now: whole.then(|| now.trim().to_owned()) })
}

/// A command of a line as it would be written today; `None` where nothing has taken its place.
fn command_now(words: &[&str], whys: &mut Vec<String>) -> Option<String> {
    let unchanged = || words.join(" ");
    let Some((first, rest)) = words.split_first() else { return Some(String::new()) };
    let tool = bare_name(first);
    if let Some((_, why, instead)) = GONE.iter().find(|(name, ..)| *name == tool) {
        whys.push((*why).to_owned());
        return instead.map(str::to_owned);
    }
    if tool == "kafka-run-class" && rest.first().is_some_and(|class| class.ends_with(".GetOffsetShell")) {
        whys.push("Offsets of partitions have a tool of their own now.".to_owned());
        let mut words = vec!["kafka-get-offsets.sh"];
        words.extend(&rest[1..]);
        return Some(renewed(&words, OTHERS, whys));
    }
    if let Some((_, instead)) = LACKING.iter().find(|(name, _)| name == first) {
        whys.push(format!("The shell here is a small one, without {first}: {instead}."));
        return None;
    }
    if !tool.starts_with("kafka-") {
        return Some(unchanged());
    }
    if tool == "kafka-topics"
        && has(rest, "alter")
        && (has(rest, "config") || has(rest, "delete-config"))
        && let Some(text) = topic_settings(rest)
    {
        whys.push("kafka-topics.sh no longer changes the settings of a topic: kafka-configs.sh does.".to_owned());
        return Some(text);
    }
    let table = match tool {
        "kafka-console-producer" => PRODUCER,
        "kafka-console-consumer" => CONSUMER,
        _ => OTHERS,
    };
    Some(renewed(words, table, whys))
}

/// An option's name, and what follows a `=`.
fn option(word: &str) -> Option<(&str, Option<&str>)> {
    let body = word.strip_prefix("--")?;
    Some(body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value))))
}

fn has(words: &[&str], name: &str) -> bool {
    words.iter().any(|word| option(word).is_some_and(|(given, _)| given == name))
}

/// The arguments of an option, as written.
fn values<'w>(words: &[&'w str], name: &str) -> Vec<&'w str> {
    let given = words.iter().enumerate().filter_map(|(at, word)| {
        let (given, value) = option(word)?;
        (given == name).then(|| value.or_else(|| words.get(at + 1).copied()))?
    });
    given.collect()
}

fn renewed(words: &[&str], table: &[(&str, Fate)], whys: &mut Vec<String>) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    let mut server_named = has(words, "bootstrap-server");
    while let Some(word) = words.get(at) {
        at += 1;
        let Some((name, value)) = option(word) else {
            // The class has moved to another package.
            match word.strip_prefix("kafka.tools.") {
                Some(class) if class.ends_with("MessageFormatter") => {
                    whys.push("The formatters have moved to another package.".to_owned());
                    out.push(format!("org.apache.kafka.tools.consumer.{class}"));
                }
                _ => out.push((*word).to_owned()),
            }
            continue;
        };
        let Some((_, fate)) = table.iter().find(|(old, _)| *old == name) else {
            out.push((*word).to_owned());
            continue;
        };
        let mut argument = || {
            value.or_else(|| {
                let next = words.get(at).copied().filter(|next| !next.starts_with("--"));
                at += usize::from(next.is_some());
                next
            })
        };
        match fate {
            Renamed(new) => {
                whys.push(format!("--{name} is called --{new} now."));
                out.push(match value {
                    Some(value) => format!("--{new}={value}"),
                    None => format!("--{new}"),
                });
            }
            Server => {
                let address = argument().filter(|_| name != "zookeeper").unwrap_or("localhost:9092");
                if !server_named {
                    out.push(format!("--bootstrap-server {address}"));
                    server_named = true;
                }
                whys.push(match name {
                    "zookeeper" => "Kafka 4 has no ZooKeeper: tools ask a broker, with --bootstrap-server.".to_owned(),
                    _ => format!("--{name} is called --bootstrap-server in every tool now."),
                });
            }
            Dropped => whys.push(format!("--{name} is gone: there is no other kind any more.")),
            DroppedWithValue => {
                argument();
                whys.push(format!("--{name} is gone with the producer that it was for."));
            }
        }
    }
    out.join(" ")
}

/// `kafka-topics.sh --alter` with settings, as `kafka-configs.sh` takes it.
fn topic_settings(words: &[&str]) -> Option<String> {
    let topic = *values(words, "topic").first()?;
    let server = values(words, "bootstrap-server").first().copied().unwrap_or("localhost:9092");
    let mut text = format!("kafka-configs.sh --alter --topic {topic}");
    for (old, new) in [("config", "add-config"), ("delete-config", "delete-config")] {
        let given = values(words, old);
        if !given.is_empty() {
            text += &format!(" --{new} {}", given.join(","));
        }
    }
    Some(format!("{text} --bootstrap-server {server}"))
}

/// A part of a line: a command's words as written, quotes included, or what stands between two commands.
enum Part<'l> {
    Command(Vec<&'l str>),
    Between(&'l str),
}

fn parts(line: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut words = Vec::new();
    let mut rest = line;
    // After a redirection comes a file, and then what is left of the same command: all of it stays as it is.
    let mut between_from: Option<&str> = None;
    loop {
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            break;
        }
        let operator = trimmed.len() - trimmed.trim_start_matches(['|', ';', '&', '<', '>']).len();
        if operator > 0 {
            if !words.is_empty() {
                parts.push(Part::Command(std::mem::take(&mut words)));
            }
            let redirects = trimmed.starts_with(['<', '>']);
            between_from = between_from.or(Some(rest));
            rest = &trimmed[operator..];
            if redirects {
                let file = rest.trim_start();
                rest = &file[word_end(file)..];
            }
            continue;
        }
        if let Some(from) = between_from.take() {
            let gap = from.len() - trimmed.len();
            parts.push(Part::Between(&from[..gap]));
        }
        let end = word_end(trimmed);
        words.push(&trimmed[..end]);
        rest = &trimmed[end..];
    }
    if !words.is_empty() {
        parts.push(Part::Command(words));
    }
    if let Some(from) = between_from {
        parts.push(Part::Between(from));
    }
    parts
}

/// Where the word that a text begins with ends: at a blank or an operator outside of quotes.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match (quote, char) {
            (Some(open), char) if open == char => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                chars.next();
            }
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(char),
            (None, ' ' | '\t' | '|' | ';' | '&' | '<' | '>') => return at,
            (None, _) => {}
        }
    }
    text.len()
}

/// Is there nothing in the line but variables that are set?
fn only_sets_variables(line: &str) -> bool {
    let Ok(parsed) = parse(line) else { return false };
    let sets = |command: &Command| match &command.kind {
        Kind::Simple { assignments, words } => match words.first().and_then(|word| word.bare()) {
            None => !assignments.is_empty() && words.is_empty(),
            Some(name) => name == "export",
        },
        _ => false,
    };
    let mut commands = parsed.list.pipelines.iter().flat_map(|(_, pipeline)| &pipeline.commands).peekable();
    commands.peek().is_some() && commands.all(sets)
}
