//! Parsing as argparse4j does it, the library of some of the tools: abbreviations, short names, commands within a tool,
//! and messages that are set in lines of 75.

use crate::base::sort;
use crate::shell::cli::options::{Argument, Given, Opt, Refusal};

/// How a tool, or a command of one, is called.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// The tool's name, as in its messages.
    pub tool: &'static str,
    /// The command within the tool; empty for the tool itself.
    pub command: &'static str,
    pub about: &'static str,
    pub options: &'static [Opt],
    /// Short names of options: `("id", "i")`.
    pub short: &'static [(&'static str, &'static str)],
    /// Options that must be given, in the order in which one that is missing is told.
    pub required: &'static [&'static str],
    /// Of these, exactly one; with `false` none is fine as well.
    pub one_of: (&'static [&'static str], bool),
    /// What values must be, where not every text will do.
    pub kinds: &'static [(&'static str, Kind)],
    /// Options that take as many values as follow.
    pub many: &'static [&'static str],
    /// Options that may be given more than once, each time with one value.
    pub append: &'static [&'static str],
    /// The commands of the tool, of which one must follow.
    pub commands: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Integer,
    Long,
    Double,
    /// An integer, one of these.
    IntegerChoice(&'static [&'static str]),
}

impl Usage {
    /// One without options, to build others on.
    pub const NONE: Self = Self {
        tool: "",
        command: "",
        about: "",
        options: &[],
        short: &[],
        required: &[],
        one_of: (&[], false),
        kinds: &[],
        many: &[],
        append: &[],
        commands: &[],
    };
}

const WIDTH: usize = 75;

/// What is further from an unknown option is not named.
const ALIKE: usize = 8;

/// How words cannot be read.
pub enum Failure {
    Help,
    Wrong(String),
}

fn wrong<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Wrong(message.into()))
}

impl Usage {
    /// The command that a word names, which may be the beginning of one.
    pub fn command(&self, word: &str) -> &'static str {
        let named = self.commands.iter().find(|known| **known == word);
        named.or_else(|| self.commands.iter().find(|known| known.starts_with(word))).copied().unwrap_or_default()
    }

    /// Reads the words of a tool without commands; without words it prints its page.
    pub fn read(&self, words: &[String]) -> Result<Given, Refusal> {
        if words.is_empty() {
            return Err(self.refusal(Failure::Help, 0));
        }
        self.parse(words).map(|(given, _)| given).map_err(|failure| self.refusal(failure, 1))
    }

    /// Reads the words up to a command, if the tool has some: the rest is the command's, with its name first.
    pub fn parse<'w>(&self, words: &'w [String]) -> Result<(Given, &'w [String]), Failure> {
        let mut given = Given::new(words);
        let mut at = 0;
        let mut separated = false;
        let mut command: &[String] = &[];
        while let Some(word) = words.get(at) {
            at += 1;
            if word == "--" && !separated {
                separated = true;
                continue;
            }
            if separated || !is_option(word) {
                // All that is left is told, read or not.
                if separated || self.commands.is_empty() {
                    return wrong(format!("unrecognized arguments: '{}'", words[at - 1..].join(" ")));
                }
                let fitting = self.commands.iter().filter(|known| known.starts_with(word.as_str())).count();
                if !self.commands.contains(&word.as_str()) && fitting != 1 {
                    let known: Vec<String> = self.commands.iter().map(|known| format!("'{known}'")).collect();
                    return wrong(format!("invalid choice: '{word}' (choose from {})", known.join(", ")));
                }
                command = &words[at - 1..];
                break;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            if matches!(name, "-h" | "--help") {
                return Err(Failure::Help);
            }
            let (option, value) = match self.named(name)? {
                Some(option) => (Some(option), value),
                None => self.attached(word),
            };
            let Some(option) = option else {
                return wrong(format!("unrecognized arguments: '{word}'{}", self.similar(name)));
            };
            self.check_exclusive(&given, option.name)?;
            at += self.take(&mut given, option, value, &words[at..])?;
        }
        if !self.commands.is_empty() && command.is_empty() {
            return wrong("too few arguments");
        }
        // The command's own words are looked at first: the caller then checks the tool's.
        if self.commands.is_empty() {
            self.check(&given)?;
        }
        Ok((given, command))
    }

    /// Puts the option with its values, and says how many words they were.
    fn take(&self, given: &mut Given, option: &Opt, value: Option<String>, rest: &[String]) -> Result<usize, Failure> {
        if option.argument == Argument::None {
            if let Some(value) = value {
                return wrong(format!("argument {}: ignore implicit argument '{value}'", self.title(option.name)));
            }
            given.put(option.name, None, true);
            return Ok(0);
        }
        if self.many.contains(&option.name) {
            let count = if value.is_some() { 0 } else { rest.iter().take_while(|word| !is_option(word)).count() };
            if value.is_none() && count == 0 {
                return wrong(format!("argument {}: expected 1 argument(s)", self.title(option.name)));
            }
            value.into_iter().chain(rest[..count].iter().cloned()).for_each(|word| given.put(option.name, Some(word), false));
            return Ok(count);
        }
        let (value, count) = match (value, rest.first()) {
            (Some(value), _) => (value, 0),
            (None, Some(next)) if !is_option(next) => (next.clone(), 1),
            _ => return wrong(format!("argument {}: expected one argument", self.title(option.name))),
        };
        if let Some((_, kind)) = self.kinds.iter().find(|(name, _)| *name == option.name) {
            let title = self.title(option.name);
            let (fits, class) = match kind {
                Kind::Integer | Kind::IntegerChoice(_) => (value.parse::<i32>().is_ok(), "Integer"),
                Kind::Long => (value.parse::<i64>().is_ok(), "Long"),
                Kind::Double => (value.trim().parse::<f64>().is_ok(), "Double"),
            };
            if !fits {
                let why = crate::shell::cli::options::number_format(&value);
                return wrong(format!("argument {title}: could not convert '{value}' to {class} ({why})"));
            }
            if let Kind::IntegerChoice(known) = kind
                && !known.contains(&value.as_str())
            {
                return wrong(format!("argument {title}: invalid choice: '{value}' (choose from {{{}}})", known.join(",")));
            }
        }
        given.put(option.name, Some(value), !self.append.contains(&option.name));
        Ok(count)
    }

    fn named(&self, word: &str) -> Result<Option<&'static Opt>, Failure> {
        let by_name = |name: &str| self.options.iter().find(|option| option.name == name);
        let Some(long) = word.strip_prefix("--") else {
            let short = word.trim_start_matches('-');
            let long = self.short.iter().find(|(_, known)| *known == short).map(|(long, _)| *long);
            return Ok(long.and_then(by_name));
        };
        if let Some(exact) = by_name(long) {
            return Ok(Some(exact));
        }
        let fitting: Vec<&'static Opt> = self.options.iter().filter(|option| option.name.starts_with(long)).collect();
        match fitting.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            many => {
                let mut names: Vec<String> = many.iter().map(|option| format!("--{}", option.name)).collect();
                sort(&mut names);
                wrong(format!("ambiguous option: {word} could match {}", names.join(", ")))
            }
        }
    }

    /// A short name with its value behind it: `-i9`.
    fn attached(&self, word: &str) -> (Option<&'static Opt>, Option<String>) {
        let text = word.strip_prefix('-').filter(|text| !text.starts_with('-')).unwrap_or_default();
        let found = self.short.iter().find_map(|(long, short)| Some((*long, text.strip_prefix(short)?)));
        let option = found.and_then(|(long, _)| self.options.iter().find(|option| option.name == long));
        let option = option.filter(|option| option.argument != Argument::None);
        (option, found.map(|(_, value)| value.to_owned()))
    }

    /// The options that an unknown one is most like (`printFlagCandidates`).
    fn similar(&self, word: &str) -> String {
        let body: Vec<char> = word.trim_start_matches('-').chars().take(64).collect();
        if body.len() < 2 {
            return String::new();
        }
        let names = self.options.iter().map(|option| option.name).chain(["help"]);
        let mut known: Vec<(usize, &str)> = names.map(|name| (distance(&body, name), name)).collect();
        sort(&mut known);
        let best = known.first().map_or(0, |(distance, _)| *distance);
        if best > ALIKE {
            return String::new();
        }
        let lines = known.iter().filter(|(distance, _)| *distance == best).map(|(_, name)| format!("\n\t--{name}"));
        format!("\n\nDid you mean:{}", lines.collect::<String>())
    }

    fn check_exclusive(&self, given: &Given, name: &str) -> Result<(), Failure> {
        let group = self.one_of.0;
        match group.iter().find(|other| **other != name && group.contains(&name) && given.has(other)) {
            Some(other) => wrong(format!("argument {}: not allowed with argument {}", self.title(name), self.title(other))),
            None => Ok(()),
        }
    }

    /// That all is there which must be.
    pub fn check(&self, given: &Given) -> Result<(), Failure> {
        if let Some(missing) = self.required.iter().find(|name| !given.has(name)) {
            return wrong(format!("argument {} is required", self.title(missing)));
        }
        let (group, needed) = self.one_of;
        if needed && !group.iter().any(|name| given.has(name)) {
            let titles: Vec<String> = group.iter().map(|name| self.title(name)).collect();
            return wrong(format!("one of the arguments {} is required", titles.join(" ")));
        }
        Ok(())
    }

    /// `--id/-i`
    fn title(&self, name: &str) -> String {
        match self.short.iter().find(|(long, _)| *long == name) {
            Some((_, short)) => format!("--{name}/-{short}"),
            None => format!("--{name}"),
        }
    }

    /// The lines of the usage, as they stand in front of an error.
    fn head(&self) -> Vec<String> {
        let mut words = vec![format!("usage: {}", self.tool)];
        if !self.command.is_empty() {
            words.push(self.command.to_owned());
        }
        words.push("[-h]".to_owned());
        let form = |option: &Opt| match option.argument {
            Argument::None => format!("--{}", option.name),
            _ => format!("--{} {}", option.name, option.name.to_uppercase().replace('-', "_")),
        };
        let alone = |option: &&Opt| !self.one_of.0.contains(&option.name);
        for option in self.options.iter().filter(alone) {
            let form = form(option);
            words.push(if self.required.contains(&option.name) { form } else { format!("[{form}]") });
        }
        let group: Vec<String> = self.options.iter().filter(|option| !alone(option)).map(form).collect();
        if !group.is_empty() {
            let (open, close) = if self.one_of.1 { ('(', ')') } else { ('[', ']') };
            words.push(format!("{open}{}{close}", group.join(" | ")));
        }
        if !self.commands.is_empty() {
            words.extend([format!("{{{}}}", self.commands.join(",")), "...".to_owned()]);
        }
        let mut lines: Vec<String> = Vec::new();
        for word in words {
            match lines.last_mut() {
                Some(line) if line.len() + word.len() < WIDTH => *line += &format!(" {word}"),
                Some(_) => lines.push(format!("       {word}")),
                None => lines.push(word),
            }
        }
        lines
    }

    /// The page of `--help`.
    pub fn page(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.extend([String::new(), self.about.to_owned(), String::new()]);
        lines.extend(crate::shell::cli::options::usage_page(self.options).into_iter().skip(2));
        lines
    }

    /// What the tool prints for words that it cannot read.
    pub fn refusal(&self, failure: Failure, help_code: i32) -> Refusal {
        match failure {
            Failure::Help => Refusal::lines(self.page(), help_code).on_output(),
            Failure::Wrong(message) => {
                let mut lines = self.head();
                let (message, more) = message.split_once('\n').unwrap_or((&message, ""));
                lines.extend(justify(&format!("{}: error: {message}", self.tool)));
                lines.extend(more.lines().map(str::to_owned));
                Refusal::lines(lines, 1)
            }
        }
    }
}

/// An option, and no negative number.
fn is_option(word: &str) -> bool {
    let rest = word.strip_prefix('-').filter(|rest| !rest.is_empty());
    rest.is_some_and(|rest| !rest.chars().all(|char| char.is_ascii_digit() || char == '.'))
}

/// What it costs to make one word of another: 2 for another character, 1 for a new one, 4 for one less.
fn distance(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).map(|deleted| 4 * deleted).collect();
    for (at, wanted) in to.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], at + 1);
        for (at, char) in from.iter().enumerate() {
            let changed = before + if *char == wanted { 0 } else { 2 };
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 4);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// `TextHelper.wrap`: lines of 75, all but the last filled up with spaces, those that are left over in the middle.
/// A word may be broken after its hyphens.
pub fn justify(text: &str) -> Vec<String> {
    let mut lines: Vec<Vec<String>> = vec![Vec::new()];
    let mut width = 0;
    for word in text.split(' ') {
        let parts = parts(word);
        for (at, part) in parts.iter().enumerate() {
            // What ends with a hyphen may fill the line; after a whole word there must be room for a space.
            let length = part.chars().count() + usize::from(at + 1 == parts.len());
            let gap = usize::from(at == 0 && width > 0);
            let Some(line) = lines.last_mut() else { continue };
            if width > 0 && width + gap + length > WIDTH {
                lines.push(vec![(*part).to_owned()]);
                width = part.chars().count();
                continue;
            }
            width += gap + part.chars().count();
            match line.last_mut().filter(|_| at > 0) {
                Some(begun) => begun.push_str(part),
                None => line.push((*part).to_owned()),
            }
        }
    }
    let last = lines.len() - 1;
    lines.iter().enumerate().map(|(at, words)| if at < last { filled(words) } else { words.join(" ") }).collect()
}

/// A word's pieces: a new one begins with a letter after a hyphen.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut before) = (0, ' ');
    for (at, char) in word.char_indices() {
        if before == '-' && char.is_alphabetic() {
            parts.push(&word[from..at]);
            from = at;
        }
        before = char;
    }
    parts.push(&word[from..]);
    parts
}

fn filled(words: &[String]) -> String {
    let gaps = words.len().saturating_sub(1);
    let used: usize = words.iter().map(|word| word.chars().count()).sum::<usize>() + gaps;
    let Some(each) = WIDTH.saturating_sub(used).checked_div(gaps) else {
        return words.join(" ");
    };
    let over = WIDTH.saturating_sub(used) - each * gaps;
    let from = (gaps - over).div_ceil(2);
    let mut line = String::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            let more = usize::from((from..from + over).contains(&(at - 1)));
            line.push_str(&" ".repeat(1 + each + more));
        }
        line.push_str(word);
    }
    line
}
