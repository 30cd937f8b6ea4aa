//! Completion at a terminal's prompt: commands, options, names of topics, groups and settings, files; `statement` completes
//! those of the query language.

use crate::base::sort;
use crate::engine::client::{Client, ClientKind};
use crate::engine::configs::{Config, TOPIC_CONFIGS, broker_configs};
use crate::engine::world::World;
use crate::session::Session;
use crate::shell::bash::fault_lines::FAULT_LINES;
use crate::shell::cli::options::{Argument, Opt};
use crate::shell::query::is_statement;
use crate::shell::tools::{TOOLS, ToolInfo};
use crate::view::group;
use crate::view::parts::commands::quote;
use crate::view::records::topic_names;
use crate::view::terminal::statement;

/// What Tab comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The line up to the caret, as far as it is certain.
    pub text: String,
    /// What could follow, with what each is; empty where only one could.
    pub offered: Vec<(String, String)>,
}

/// The words of a Unix shell that people put around Kafka's tools.
const WORDS: &[&str] = &[
    "cat", "clear", "cut", "date", "echo", "grep", "head", "help", "history", "ls", "printf", "rm", "seq", "sleep", "sort", "tail",
    "tee", "timeout", "tr", "uniq", "wc", "xargs",
];

/// What the arguments of some options can be.
const VALUES: &[(&str, &[&str])] = &[
    ("bootstrap-server", &["localhost:9092"]),
    ("election-type", &["preferred", "unclean"]),
    ("entity-type", &["topics"]),
    ("isolation-level", &["read_committed", "read_uncommitted"]),
    ("compression-codec", &["gzip", "lz4", "none", "snappy", "zstd"]),
    ("offset", &["earliest", "latest"]),
    ("request-required-acks", &["0", "1", "all"]),
    (
        "reader-property",
        &["headers.delimiter=", "ignore.error=true", "key.separator=", "null.marker=", "parse.headers=true", "parse.key=true"],
    ),
    (
        "formatter-property",
        &[
            "key.separator=",
            "line.separator=",
            "null.literal=",
            "print.headers=true",
            "print.key=true",
            "print.offset=true",
            "print.partition=true",
            "print.timestamp=true",
            "print.value=false",
        ],
    ),
];

/// Completes the line before the caret; what is after it may tell what a statement reads. `None` where nothing fits.
pub fn complete(session: &Session, before: &str, after: &str) -> Option<Completion> {
    if is_statement(before) {
        return statement::complete(session.world(), before, after);
    }
    command(session, before).or_else(|| statement::complete(session.world(), before, after))
}

fn command(session: &Session, before: &str) -> Option<Completion> {
    let (words, start) = last_command(before);
    let partial = &before[start..];
    let mut found = candidates(session.world(), &words, partial);
    found.retain(|(text, _)| text.starts_with(partial));
    sort(&mut found);
    found.dedup_by(|one, other| one.0 == other.0);
    completed(before, start, found)
}

/// What all that is found has in common, in place of what stands from `start` on.
pub(super) fn completed(before: &str, start: usize, mut found: Candidates) -> Option<Completion> {
    let (first, _) = found.first()?;
    let common = found.iter().fold(first.as_str(), |common, (text, _)| {
        let same = common.chars().zip(text.chars()).take_while(|(one, other)| one == other).map(|(char, _)| char.len_utf8()).sum();
        &common[..same]
    });
    let mut text = format!("{}{common}", &before[..start]);
    if found.len() == 1 {
        if !text.ends_with(['=', '(']) {
            text.push(' ');
        }
        found.clear();
    }
    (text != before || !found.is_empty()).then_some(Completion { text, offered: found })
}

/// The words of the command that is being typed, operators of redirection among them, and where the last one begins,
/// which is not whole yet.
fn last_command(before: &str) -> (Vec<&str>, usize) {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, char) in before.char_indices() {
        match (quote, char) {
            (Some(open), _) if char == open => quote = None,
            (Some(_), _) => {}
            (None, ' ' | '\t' | '\n') => words.extend(start.take().map(|from| &before[from..at])),
            (None, '|' | ';' | '&') => {
                words.clear();
                start = None;
            }
            (None, '<' | '>') => {
                words.extend(start.take().map(|from| &before[from..at]));
                words.push(&before[at..=at]);
            }
            (None, _) => {
                start = start.or(Some(at));
                if matches!(char, '\'' | '"') {
                    quote = Some(char);
                }
            }
        }
    }
    (words, start.unwrap_or(before.len()))
}

pub(super) type Candidates = Vec<(String, String)>;

fn candidates(world: &World, words: &[&str], partial: &str) -> Candidates {
    let Some(first) = words.first() else { return commands(partial) };
    let last = words.last().copied().unwrap_or_default();
    if matches!(last, "<" | ">") {
        return files(world);
    }
    let name = first.rsplit_once("bin/").map_or(*first, |(_, base)| base);
    match tool(name) {
        Some(tool) if partial.starts_with('-') => options(tool, words),
        Some(tool) => match option_before(tool, last) {
            Some(option) => arguments(world, tool, words, option, partial),
            None => options(tool, words),
        },
        None if matches!(name, "timeout" | "xargs") => {
            let rest = words.iter().position(|word| tool(word).is_some());
            rest.map_or_else(|| commands(partial), |at| candidates(world, &words[at..], partial))
        }
        None if name == "help" => {
            let tools = TOOLS.iter().map(|tool| (format!("{}.sh", tool.name), tool.about.to_owned()));
            tools.chain([("sql".to_owned(), "SELECT and other statements over topics".to_owned())]).collect()
        }
        None if matches!(name, "cat" | "rm" | "head" | "tail" | "tee" | "wc" | "grep" | "sort" | "uniq") => files(world),
        // A Unix tool and a fault.
        None if name == "cut" => files(world).into_iter().chain(hosts(world, name, words.len())).collect(),
        None => hosts(world, name, words.len()),
    }
}

/// What the words of a fault can be.
fn hosts(world: &World, verb: &str, at: usize) -> Candidates {
    let Some((_, arguments, _)) = FAULT_LINES.iter().find(|(known, ..)| *known == verb) else { return Vec::new() };
    let plain = |text: String| (text, String::new());
    let runs = |wanted: bool| world.brokers().filter(move |broker| broker.running == wanted).map(|broker| broker.id.to_string());
    let quorum = &world.cluster().quorum;
    let controllers = |wanted: bool| {
        let several = quorum.voters.iter().filter(|_| quorum.voters.len() > 1);
        several.filter(|(_, voter)| voter.running == wanted).map(|(id, _)| plain(id.to_string())).collect()
    };
    if !arguments.contains("HOSTS") {
        return match (verb, at) {
            ("slow-consumer", 1) => {
                let reads = |client: &&Client| matches!(client.kind, ClientKind::Consumer(_));
                let owners = world.clients().filter(reads).filter_map(|client| world.program(client.owner));
                owners.map(|program| plain(program.name.to_string())).collect()
            }
            ("kill-broker" | "kill-controller", 2) => vec![plain("--crash".to_owned())],
            (_, at) if at > 1 => Vec::new(),
            ("kill-controller" | "start-controller", _) => controllers(verb == "kill-controller"),
            ("start-broker", _) => runs(false).map(plain).collect(),
            _ => runs(true).map(plain).collect(),
        };
    }
    if at > 2 {
        return Vec::new();
    }
    let brokers = world.brokers().map(|broker| broker.id.to_string());
    let programs = world.latest_programs().filter(|program| program.is_running()).map(|program| program.name.to_string());
    brokers.chain(["all", "controller"].map(str::to_owned)).chain(programs).map(plain).collect()
}

fn tool(name: &str) -> Option<&'static ToolInfo> {
    let name = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.iter().find(|tool| tool.name == name)
}

fn commands(partial: &str) -> Candidates {
    // As it stands in a folder of Kafka's.
    let (folder, _) = partial.rsplit_once("bin/").map_or(("", partial), |(before, base)| (&partial[..before.len() + 4], base));
    let tools = TOOLS.iter().map(|tool| (format!("{folder}{}.sh", tool.name), tool.about.to_owned()));
    let words = WORDS.iter().filter(|_| folder.is_empty()).map(|word| ((*word).to_owned(), String::new()));
    let faults = FAULT_LINES.iter().filter(|_| folder.is_empty());
    tools.chain(words).chain(faults.map(|(verb, _, about)| ((*verb).to_owned(), (*about).to_owned()))).collect()
}

/// The options that are not given yet.
fn options(tool: &ToolInfo, words: &[&str]) -> Candidates {
    let given = |name: &str| words.iter().any(|word| word.strip_prefix("--").is_some_and(|word| word == name));
    let repeats = |option: &Opt| option.name.contains("property") || option.name.contains("config") || option.name == "topic";
    let older = |option: &Opt| option.about.starts_with("Older name");
    let options = tool.options.iter().filter(|option| !older(option) && (repeats(option) || !given(option.name)));
    options.map(|option| (format!("--{}", option.name), option.about.to_owned())).collect()
}

/// The option that the word to complete is the argument of.
fn option_before(tool: &ToolInfo, word: &str) -> Option<&'static Opt> {
    let name = word.strip_prefix("--")?;
    tool.options.iter().find(|option| option.name == name && option.argument != Argument::None)
}

fn arguments(world: &World, tool: &ToolInfo, words: &[&str], option: &Opt, partial: &str) -> Candidates {
    let plain = |text: &str| (text.to_owned(), String::new());
    // Several settings stand in one word, between commas.
    let kept = partial.rfind(',').map_or("", |at| &partial[..=at]);
    let of_brokers = words.iter().any(|word| matches!(*word, "brokers" | "--broker" | "--broker-defaults"));
    let settings = |end: &str| -> Candidates {
        let offer = |config: &Config| (format!("{kept}{}{end}", config.name), format!("default: {}", config.default));
        match of_brokers {
            true => broker_configs().iter().filter(|known| known.changes()).map(|known| offer(&known.config)).collect(),
            false => TOPIC_CONFIGS.iter().map(offer).collect(),
        }
    };
    match option.name {
        "topic" | "entity-name" => topic_names(world, true).iter().map(|name| plain(&quote(name))).collect(),
        "broker" => world.cluster().broker_ids.iter().map(|broker| plain(&broker.to_string())).collect(),
        "group" => group::groups(world).iter().map(|group| plain(&quote(group.as_str()))).collect(),
        "config" | "add-config" => settings("="),
        "delete-config" => settings(""),
        "property" if tool.name == "kafka-console-producer" => known("reader-property"),
        "property" => known("formatter-property"),
        name if name.contains("file") || name.ends_with("-config") || name.ends_with(".config") => files(world),
        name => known(name),
    }
}

fn known(option: &str) -> Candidates {
    let values = VALUES.iter().find(|(name, _)| *name == option).map_or(&[][..], |(_, values)| values);
    values.iter().map(|value| ((*value).to_owned(), String::new())).collect()
}

fn files(world: &World) -> Candidates {
    world.files().map(|name| (quote(name), String::new())).collect()
}
