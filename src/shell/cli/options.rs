//! Options of the tools: one table per tool, and parsing as joptsimple does it (without abbreviations, as Kafka asks).

use crate::base::java::{hash_order, parse_number, string_hash};

/// One option of a tool. The table serves parsing, help and completion.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    pub name: &'static str,
    pub argument: Argument,
    /// What it does, in one line.
    pub about: &'static str,
    /// It goes with one of these only (`availableIf`); with all where there are none.
    pub goes_with: &'static [&'static str],
    /// What stands between several values in one argument (`withValuesSeparatedBy`).
    pub separator: Option<char>,
}

impl Opt {
    const fn new(name: &'static str, argument: Argument, about: &'static str) -> Self {
        Self { name, argument, about, goes_with: &[], separator: None }
    }

    pub const fn goes_with(self, others: &'static [&'static str]) -> Self {
        Self { goes_with: others, ..self }
    }

    pub const fn separated_by(self, separator: char) -> Self {
        Self { separator: Some(separator), ..self }
    }

    /// `ArgumentAcceptingOptionSpec.addArguments`: the values of an argument, itself where there are none in it.
    fn values(&self, argument: String) -> Vec<String> {
        let Some(separator) = self.separator else { return vec![argument] };
        let values: Vec<String> = argument.split(separator).filter(|value| !value.is_empty()).map(str::to_owned).collect();
        if values.is_empty() { vec![argument] } else { values }
    }
}

/// What follows an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Argument {
    None,
    /// Needs one; the word says what it is.
    Required(&'static str),
    /// May have one.
    Optional(&'static str),
}

pub const fn flag(name: &'static str, about: &'static str) -> Opt {
    Opt::new(name, Argument::None, about)
}

pub const fn with(name: &'static str, what: &'static str, about: &'static str) -> Opt {
    Opt::new(name, Argument::Required(what), about)
}

pub const fn maybe(name: &'static str, what: &'static str, about: &'static str) -> Opt {
    Opt::new(name, Argument::Optional(what), about)
}

/// What a person gave.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Given {
    options: Vec<(&'static str, Option<String>)>,
    /// The words as they were, for messages that repeat them.
    pub words: Vec<String>,
}

/// What joptsimple throws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OptionError {
    Unrecognized(String),
    ArgumentMissing(String),
    Multiple(String),
    /// These do not go with what else was given.
    Unavailable(Vec<&'static str>),
    /// The argument is no number; `java` is the exception's own text.
    CannotParse {
        value: String,
        option: String,
    },
    /// The argument is not one of these words.
    NotOneOf {
        value: String,
        option: String,
        choices: &'static [&'static str],
    },
}

impl OptionError {
    pub fn message(&self) -> String {
        match self {
            Self::Unrecognized(option) => format!("{option} is not a recognized option"),
            Self::ArgumentMissing(option) => format!("Option {option} requires an argument"),
            Self::Multiple(option) => format!("Found multiple arguments for option {option}, but you asked for only one"),
            Self::Unavailable(options) => {
                format!("Option(s) [{}] are unavailable given other options on the command line", options.join(", "))
            }
            Self::CannotParse { value, option } | Self::NotOneOf { value, option, .. } => {
                format!("Cannot parse argument '{value}' of option {option}")
            }
        }
    }

    /// How a tool ends that prints it with its page of options.
    pub fn usage(self) -> Refusal {
        Refusal::usage(self.message())
    }

    /// The exception's class.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Unrecognized(_) => "joptsimple.UnrecognizedOptionException",
            Self::ArgumentMissing(_) => "joptsimple.OptionMissingRequiredArgumentException",
            Self::Multiple(_) => "joptsimple.MultipleArgumentsForOptionException",
            Self::Unavailable(_) => "joptsimple.UnavailableOptionException",
            Self::CannotParse { .. } | Self::NotOneOf { .. } => "joptsimple.OptionArgumentConversionException",
        }
    }

    /// The stack trace below its first line.
    pub fn below(&self) -> Vec<String> {
        let mut lines = vec!["<stack>".to_owned()];
        if let Self::CannotParse { value, .. } = self {
            let number = format!("java.lang.NumberFormatException: {}", number_format(value));
            lines.push(format!("Caused by: joptsimple.internal.ReflectionException: {number}"));
            lines.push("<stack>".to_owned());
            lines.push(format!("Caused by: {number}"));
            lines.push("<stack>".to_owned());
        }
        if let Self::NotOneOf { value, choices, .. } = self {
            let choices = choices.join(",");
            lines.push(format!("Caused by: joptsimple.ValueConversionException: Value [{value}] is not one of [[{choices}]]"));
            lines.push("<stack>".to_owned());
        }
        lines
    }
}

fn number_of<N: std::str::FromStr>(option: &str, value: &str) -> Result<N, OptionError> {
    let wrong = || OptionError::CannotParse { value: value.to_owned(), option: option.to_owned() };
    parse_number(value).ok_or_else(wrong)
}

/// `NumberFormatException.forInputString`.
pub fn number_format(value: &str) -> String {
    format!("For input string: \"{value}\"")
}

/// Reads the words after a tool's name.
pub fn parse(table: &'static [Opt], words: &[String]) -> Result<Given, OptionError> {
    let mut given = Given::new(words);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word == "--" {
            break;
        }
        let Some(body) = word.strip_prefix("--").or_else(|| word.strip_prefix('-').filter(|rest| !rest.is_empty())) else {
            continue;
        };
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let Some(option) = table.iter().find(|option| option.name == name) else {
            // A cluster of short options, of which the tools have none: the first letter is told.
            let short = !word.starts_with("--");
            let told = if short { name.chars().take(1).collect() } else { name.to_owned() };
            return Err(OptionError::Unrecognized(told));
        };
        let value = match option.argument {
            Argument::None => None,
            Argument::Required(_) => match value {
                Some(value) => Some(value),
                None => {
                    let next = words.get(at).ok_or_else(|| OptionError::ArgumentMissing(name.to_owned()))?;
                    at += 1;
                    Some(next.clone())
                }
            },
            Argument::Optional(_) => value.or_else(|| {
                let next = words.get(at).filter(|next| *next == "-" || !next.starts_with('-'))?;
                at += 1;
                Some(next.clone())
            }),
        };
        match value {
            None => given.options.push((option.name, None)),
            Some(value) => option.values(value).into_iter().for_each(|value| given.options.push((option.name, Some(value)))),
        }
    }
    check_available(table, &given)?;
    Ok(given)
}

/// `OptionParser.ensureAllowedOptions`.
fn check_available(table: &'static [Opt], given: &Given) -> Result<(), OptionError> {
    if given.has("help") || given.has("version") {
        return Ok(());
    }
    let fits = |option: &&Opt| option.goes_with.is_empty() || option.goes_with.iter().any(|other| given.has(other));
    let mut unavailable: Vec<&'static str> = table.iter().filter(|option| !fits(option)).map(|option| option.name).collect();
    // A `HashMap` by lists of one name.
    hash_order(&mut unavailable, 16, |name| string_hash(name).wrapping_add(31));
    unavailable.retain(|name| given.has(name));
    if unavailable.is_empty() { Ok(()) } else { Err(OptionError::Unavailable(unavailable)) }
}

/// Reads the words after the name of a tool: without any it tells what it is for. `wrong`: how it ends when they cannot be
/// read.
pub fn read(table: &'static [Opt], words: &[String], about: &str, wrong: fn(OptionError) -> Refusal) -> Result<Given, Refusal> {
    if words.is_empty() {
        return Err(Refusal::usage(about));
    }
    let given = parse(table, words).map_err(wrong)?;
    help_or_version(table, &given, about)?;
    Ok(given)
}

impl Given {
    pub(crate) fn new(words: &[String]) -> Self {
        Self { options: Vec::new(), words: words.to_vec() }
    }

    /// Adds an option; `alone` where a later one takes the place of an earlier.
    pub(crate) fn put(&mut self, name: &'static str, value: Option<String>, alone: bool) {
        if alone {
            self.options.retain(|(given, _)| *given != name);
        }
        self.options.push((name, value));
    }

    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == name)
    }

    /// The options' names, in the order in which they were given.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.options.iter().map(|(name, _)| *name)
    }

    /// Given with an argument.
    pub fn has_argument(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// All arguments of an option, in order.
    pub fn values<'a>(&'a self, name: &str) -> std::vec::IntoIter<&'a str> {
        let values = self.options.iter().filter(|(given, _)| *given == name);
        values.filter_map(|(_, value)| value.as_deref()).collect::<Vec<_>>().into_iter()
    }

    /// The one argument of an option (`OptionSet.valueOf`).
    pub fn value(&self, name: &str) -> Result<Option<&str>, OptionError> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() { Err(OptionError::Multiple(name.to_owned())) } else { Ok(first) }
    }

    /// The same for an `Integer` option.
    pub fn int(&self, name: &str) -> Result<Option<i32>, OptionError> {
        self.number(name)
    }

    /// The same for a `Long` option.
    pub fn long(&self, name: &str) -> Result<Option<i64>, OptionError> {
        self.number(name)
    }

    /// All arguments of a `Long` option.
    pub fn longs(&self, name: &str) -> Result<Vec<i64>, OptionError> {
        self.values(name).map(|value| number_of(name, value)).collect()
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, OptionError> {
        self.converted(name, |value| number_of(name, value))
    }

    /// `OptionSet.valueOf`: all arguments are converted, and then it must be one.
    fn converted<V>(&self, name: &str, convert: impl Fn(&str) -> Result<V, OptionError>) -> Result<Option<V>, OptionError> {
        let values: Vec<V> = self.values(name).map(convert).collect::<Result<_, _>>()?;
        if values.len() > 1 { Err(OptionError::Multiple(name.to_owned())) } else { Ok(values.into_iter().next()) }
    }

    /// The first argument as a number; `None` where it is none.
    pub fn integer(&self, name: &str) -> Option<i64> {
        parse_number(self.values(name).next()?)
    }

    /// The same as `value` for one of several words, of which upper and lower case do not differ (`EnumConverter`).
    pub fn choice(&self, name: &str, choices: &'static [&'static str]) -> Result<Option<&'static str>, OptionError> {
        let wrong = |value: &str| OptionError::NotOneOf { value: value.to_owned(), option: name.to_owned(), choices };
        self.converted(name, |value| {
            choices.iter().find(|choice| choice.eq_ignore_ascii_case(value)).copied().ok_or_else(|| wrong(value))
        })
    }
}

/// How a tool ends before it has begun.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Refusal {
    pub lines: Vec<String>,
    pub code: i32,
    /// The lines are for standard output, and not for standard error.
    pub output: bool,
}

impl Refusal {
    /// `CommandLineUtils.printUsageAndExit`.
    pub fn usage(message: impl Into<String>) -> Self {
        let message = message.into();
        let lines = message.split('\n').map(str::to_owned).chain(["<usage>".to_owned()]);
        Self::lines(lines, 1)
    }

    /// What `--version` prints.
    pub fn version() -> Self {
        Self::lines(["4.4.0"], 0).on_output()
    }

    pub fn lines<L: Into<String>>(lines: impl IntoIterator<Item = L>, code: i32) -> Self {
        Self { lines: lines.into_iter().map(Into::into).collect(), code, output: false }
    }

    /// The same, on standard output.
    pub fn on_output(self) -> Self {
        Self { output: true, ..self }
    }

    /// What exists in Kafka and not here.
    pub fn not_simulated(tool: &str, what: &str, why: &str) -> Self {
        Self::lines([format!("{tool}: {what} is not simulated: {why}")], 1)
    }
}

/// `CommandLineUtils.checkRequiredArgs`.
pub fn require(given: &Given, names: &[&str]) -> Result<(), Refusal> {
    match names.iter().find(|name| !given.has(name)) {
        Some(missing) => Err(Refusal::usage(format!("Missing required argument \"[{missing}]\""))),
        None => Ok(()),
    }
}

/// `CommandLineUtils.checkInvalidArgs`.
pub fn forbid(given: &Given, used: &str, others: &[&str]) -> Result<(), Refusal> {
    match others.iter().find(|other| given.has(used) && **other != used && given.has(other)) {
        Some(other) => Err(Refusal::usage(format!("Option \"[{used}]\" can't be used with option \"[{other}]\""))),
        None => Ok(()),
    }
}

/// Of these one at most.
pub fn at_most_one(given: &Given, names: &[&str]) -> Result<(), Refusal> {
    names.iter().try_for_each(|name| forbid(given, name, names))
}

/// Of these exactly one: an action. `told` lists them as the tool does.
pub fn one_action(given: &Given, actions: &[&str], told: &str) -> Result<(), Refusal> {
    match actions.iter().filter(|action| given.has(action)).count() {
        1 => Ok(()),
        _ => Err(Refusal::usage(format!("Command must include exactly one action: {told}"))),
    }
}

/// What tools say of an option that has aged.
pub fn deprecated(older: &str, newer: &str) -> String {
    format!("Option --{older} has been deprecated and will be removed in a future version. Use --{newer} instead.")
}

/// `--help` and `--version`, which every tool has (`CommandLineUtils.maybePrintHelpOrVersion`).
pub fn help_or_version(table: &'static [Opt], given: &Given, about: &str) -> Result<(), Refusal> {
    if given.has("help") {
        let mut lines = vec![about.to_owned()];
        lines.extend(usage_page(table));
        return Err(Refusal::lines(lines, 1));
    }
    if given.has("version") {
        return Err(Refusal::version());
    }
    Ok(())
}

/// The page that `--help` prints.
pub fn usage_page(table: &'static [Opt]) -> Vec<String> {
    let mut lines = vec![format!("{:<41}Description", "Option"), format!("{:<41}-----------", "------")];
    for option in table {
        let head = match option.argument {
            Argument::None => format!("--{}", option.name),
            Argument::Required(what) => format!("--{} <{what}>", option.name),
            Argument::Optional(what) => format!("--{} [{what}]", option.name),
        };
        lines.push(format!("{head:<40} {}", option.about));
    }
    lines
}
