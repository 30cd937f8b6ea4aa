//! The session script: what a person would type, line by line, with time passing in between.
//!
//! ```text
//! # text                a comment; the first one is the title
//! ! seed 42             how the world is made: seed, brokers, racks A,B,C, latency MS, scenario NAME,
//!                       broker KEY=VALUE
//! ! at 12.5             the next line is given at 12.5 s of simulated time, whatever ran before it;
//!                       with nothing after it: time passes until then
//! $ command             runs; the next line waits until it has ended
//! > text                a line typed into the command above
//! ^D                    end of its input
//! @name $ command       starts a command in another terminal, and waits until it has settled
//! @name > text          types a line there
//! @name ?               waits for its output
//! @name ^D, @name ^C    ends its input, interrupts it; `main` is the name of the terminal without one
//! $ sleep 1.5           1.5 s pass
//! ```
//!
//! A newer version reads every older script: lines may be added to this list, never changed.

use std::fmt;
use std::fmt::Write as _;

use super::timeline::Input;
use crate::base::{SimTime, SortedMap, Span};
use crate::engine::WorldConfig;
use crate::engine::configs::validate_start;

/// Larger scripts are refused.
pub const SCRIPT_BYTES_MAX: usize = 1024 * 1024;

/// The largest cluster.
pub const BROKERS_MAX: u32 = 99;

/// The terminal that `$` lines run in.
pub const MAIN_TERMINAL: &str = "main";

/// One line of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    Comment(String),
    Header(Header),
    At(SimTime),
    Sleep(Span),
    Command { terminal: String, command: String },
    Typed { terminal: String, text: String },
    EndOfInput { terminal: String },
    Interrupt { terminal: String },
    Look { terminal: String },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Header {
    Seed(u64),
    Brokers(u32),
    /// `broker.rack` of broker 1, 2, …
    /// Controllers that are nodes of their own.
    Controllers(u32),
    Racks(Vec<String>),
    Latency(Span),
    Scenario(String),
    Broker {
        key: String,
        value: String,
    },
}

/// What is wrong with a script, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// From 1; 0 when it is the script as a whole.
    pub line: usize,
    pub what: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

/// A part of a script that is given at once: a command with what is typed into it, or one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// From `! at`.
    pub at: Option<SimTime>,
    pub lines: Vec<Line>,
    /// The lines as they were written, comments before them included.
    pub text: String,
    /// The next block says by itself when it comes, so nothing waits for this one.
    pub next_is_timed: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Script {
    pub title: Option<String>,
    pub headers: Vec<Header>,
    pub blocks: Vec<Block>,
    /// A trailing `! at`: time passes until then.
    pub end: Option<SimTime>,
}

impl Script {
    pub fn scenario(&self) -> Option<&str> {
        self.headers.iter().rev().find_map(|header| match header {
            Header::Scenario(name) => Some(name.as_str()),
            _ => None,
        })
    }

    pub fn world_config(&self) -> WorldConfig {
        let mut config = WorldConfig { broker_configs: SortedMap::new(), ..WorldConfig::default() };
        for header in &self.headers {
            match header {
                Header::Seed(seed) => config.seed = *seed,
                Header::Brokers(brokers) => config.brokers = *brokers,
                Header::Controllers(controllers) => config.controllers = *controllers,
                Header::Racks(racks) => config.racks.clone_from(racks),
                Header::Latency(latency) => {
                    config.latency = *latency;
                    config.jitter = Span(latency.0 / 4);
                }
                Header::Scenario(_) => {}
                Header::Broker { key, value } => {
                    config.broker_configs.insert(key.clone(), value.clone());
                }
            }
        }
        config
    }
}

pub fn parse(text: &str) -> Result<Script, ScriptError> {
    if text.len() > SCRIPT_BYTES_MAX {
        let what = format!("the script has {} bytes; the limit is {SCRIPT_BYTES_MAX}", text.len());
        return Err(ScriptError { line: 0, what });
    }
    let mut script = Script::default();
    let mut at = None;
    let mut comments = String::new();
    for (number, raw) in text.lines().enumerate() {
        let number = number + 1;
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        if raw.trim().is_empty() {
            continue;
        }
        let fail = |what: String| ScriptError { line: number, what };
        let line = parse_line(raw).map_err(fail)?;
        match line {
            Line::Comment(comment) if script.title.is_none() && script.blocks.is_empty() && comments.is_empty() => {
                script.title = Some(comment);
            }
            Line::Comment(_) => {
                let _ = writeln!(comments, "{raw}");
            }
            Line::Header(header) => {
                if !script.blocks.is_empty() {
                    return Err(fail(
                        "a line that begins with ! must come before the first command (only ! at may follow)".to_owned(),
                    ));
                }
                check_header(&header).map_err(fail)?;
                script.headers.push(header);
            }
            Line::At(moment) => {
                if at.is_some_and(|before| before > moment) {
                    return Err(fail("! at goes back in time".to_owned()));
                }
                at = Some(moment);
            }
            line => {
                let typed =
                    matches!(&line, Line::Typed { terminal, .. } | Line::EndOfInput { terminal } if terminal == MAIN_TERMINAL);
                let above = script.blocks.last_mut().filter(|block| typed && at.is_none() && block.takes_typing());
                if let Some(block) = above {
                    block.text.push('\n');
                    block.text.push_str(raw);
                    block.lines.push(line);
                    continue;
                }
                // With the terminal's name it may come at any moment.
                if typed && !raw.starts_with('@') {
                    return Err(fail("there is no command above that this could be typed into".to_owned()));
                }
                let text = std::mem::take(&mut comments) + raw;
                if let Some(before) = script.blocks.last_mut() {
                    before.next_is_timed = at.is_some();
                }
                script.blocks.push(Block { at: at.take(), lines: vec![line], text, next_is_timed: false });
            }
        }
    }
    if let (Some(_), Some(last)) = (at, script.blocks.last_mut()) {
        last.next_is_timed = true;
    }
    script.end = at;
    Ok(script)
}

impl Block {
    fn takes_typing(&self) -> bool {
        matches!(self.lines.first(), Some(Line::Command { terminal, .. }) if terminal == MAIN_TERMINAL)
    }
}

/// What is given at once by a click or a typed line.
pub fn parse_block(text: &str) -> Result<Block, ScriptError> {
    let script = parse(text)?;
    let mut blocks = script.blocks.into_iter();
    match (blocks.next(), blocks.next()) {
        (Some(block), None) if script.headers.is_empty() && block.at.is_none() && script.end.is_none() => Ok(block),
        (None, _) => Err(ScriptError { line: 0, what: "there is no command in it".to_owned() }),
        _ => Err(ScriptError { line: 0, what: "one command at a time, without lines that begin with !".to_owned() }),
    }
}

fn check_header(header: &Header) -> Result<(), String> {
    match header {
        Header::Brokers(1..=BROKERS_MAX) | Header::Controllers(1 | 3) => Ok(()),
        Header::Controllers(_) => Err("! controllers wants 1 or 3".to_owned()),
        Header::Racks(racks) if racks.len() > BROKERS_MAX as usize || racks.iter().any(|rack| rack.len() > 40) => {
            Err("! racks wants a short name for each broker, with commas between them".to_owned())
        }
        Header::Brokers(_) => Err(format!("! brokers wants a number from 1 to {BROKERS_MAX}")),
        Header::Latency(latency) if latency.0 > 10_000_000 => Err("a latency of more than 10 s (10000) is refused".to_owned()),
        _ => Ok(()),
    }
}

fn parse_line(raw: &str) -> Result<Line, String> {
    if let Some(comment) = raw.strip_prefix('#') {
        return Ok(Line::Comment(comment.trim().to_owned()));
    }
    if let Some(header) = raw.strip_prefix('!') {
        return parse_header(header.trim());
    }
    let (terminal, rest) = match raw.strip_prefix('@') {
        Some(rest) => {
            let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            check_terminal(name)?;
            (name, rest)
        }
        None => (MAIN_TERMINAL, raw),
    };
    let terminal = terminal.to_owned();
    if let Some(command) = rest.strip_prefix('$') {
        let command = command.trim();
        // Alone it lets time pass; together with others it is a command like them.
        if let Some(seconds) = command.strip_prefix("sleep ")
            && terminal == MAIN_TERMINAL
            && !seconds.trim().contains([' ', ';', '&', '|', '>'])
        {
            let span =
                parse_seconds(seconds).ok_or_else(|| format!("sleep wants a number of seconds, not '{}'", seconds.trim()))?;
            return Ok(Line::Sleep(span));
        }
        if command.is_empty() {
            return Err("there is no command after $".to_owned());
        }
        return Ok(Line::Command { terminal, command: command.to_owned() });
    }
    if let Some(text) = rest.strip_prefix('>') {
        return Ok(Line::Typed { terminal, text: text.strip_prefix(' ').unwrap_or(text).to_owned() });
    }
    match rest.trim() {
        "^D" => Ok(Line::EndOfInput { terminal }),
        "^C" if raw.starts_with('@') => Ok(Line::Interrupt { terminal }),
        "?" if raw.starts_with('@') => Ok(Line::Look { terminal }),
        _ => Err(format!("'{}' is no line of a script: a command begins with $, a typed line with >", shorten(raw))),
    }
}

fn parse_header(header: &str) -> Result<Line, String> {
    let (name, value) = header.split_once(' ').unwrap_or((header, ""));
    let value = value.trim();
    let number = || value.parse::<u64>().map_err(|_| format!("! {name} wants a whole number, not '{}'", shorten(value)));
    Ok(Line::Header(match name {
        "seed" => Header::Seed(number()?),
        "brokers" => Header::Brokers(u32::try_from(number()?).unwrap_or(u32::MAX)),
        "controllers" => Header::Controllers(u32::try_from(number()?).unwrap_or(u32::MAX)),
        "racks" if !value.is_empty() => Header::Racks(value.split(',').map(|rack| rack.trim().to_owned()).collect()),
        "latency" => Header::Latency(Span::from_ms(number()?)),
        "scenario" if !value.is_empty() => Header::Scenario(value.to_owned()),
        "broker" => match value.split_once('=') {
            Some((key, value)) => {
                let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
                let told = |why: String| format!("! broker: {}", why.chars().take(200).collect::<String>());
                validate_start(&key, &value).map_err(told)?;
                Header::Broker { key, value }
            }
            None => return Err("! broker wants KEY=VALUE".to_owned()),
        },
        "at" => {
            let span = parse_seconds(value).ok_or_else(|| format!("! at wants a number of seconds, not '{}'", shorten(value)))?;
            return Ok(Line::At(SimTime(span.0)));
        }
        _ => {
            return Err(format!(
                "! {} is not known: there are seed, brokers, controllers, racks, latency, scenario, broker and at",
                shorten(name)
            ));
        }
    }))
}

fn check_terminal(name: &str) -> Result<(), String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(legal) {
        return Err(format!("'@{}' is no terminal's name: up to 40 letters, digits, - and _", shorten(name)));
    }
    Ok(())
}

/// Seconds with up to six decimals, without floats.
fn parse_seconds(text: &str) -> Option<Span> {
    let text = text.trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && part.is_empty() || part.len() > 6 || whole.len() > 9 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    Some(Span(whole * 1_000_000 + part))
}

/// Seconds as `parse_seconds` reads them.
pub fn format_seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The script of a session.
pub(super) fn write(title: Option<&str>, scenario: Option<&str>, config: &WorldConfig, inputs: &[Input], end: SimTime) -> String {
    let mut text = String::new();
    let mut line = |parts: fmt::Arguments<'_>| {
        let _ = writeln!(text, "{parts}");
    };
    if let Some(title) = title {
        line(format_args!("# {title}"));
    }
    if let Some(scenario) = scenario {
        line(format_args!("! scenario {scenario}"));
    }
    line(format_args!("! seed {}", config.seed));
    if config.brokers != 1 {
        line(format_args!("! brokers {}", config.brokers));
    }
    if config.controllers != 1 {
        line(format_args!("! controllers {}", config.controllers));
    }
    if !config.racks.is_empty() {
        line(format_args!("! racks {}", config.racks.join(",")));
    }
    if config.latency != WorldConfig::default().latency {
        line(format_args!("! latency {}", config.latency.ms()));
    }
    for (key, value) in &config.broker_configs {
        line(format_args!("! broker {key}={value}"));
    }
    for input in inputs {
        line(format_args!("! at {}", format_seconds(input.at.0)));
        line(format_args!("{}", input.text));
    }
    if inputs.last().map_or(SimTime::ZERO, |input| input.at) < end {
        line(format_args!("! at {}", format_seconds(end.0)));
    }
    text
}
