//! Options of the tools: one table per tool, and parsing as joptsimple does it (without abbreviations, as Kafka asks).

/// One option of a tool. The table serves parsing, help and completion.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    pub name: &'static str,
    pub argument: Argument,
    /// What it does, in one line.
    pub about: &'static str,
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
    Opt { name, argument: Argument::None, about }
}

pub const fn with(name: &'static str, what: &'static str, about: &'static str) -> Opt {
    Opt { name, argument: Argument::Required(what), about }
}

pub const fn maybe(name: &'static str, what: &'static str, about: &'static str) -> Opt {
    Opt { name, argument: Argument::Optional(what), about }
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
                let next = words.get(at).filter(|next| !next.starts_with('-'))?;
                at += 1;
                Some(next.clone())
            }),
        };
        given.options.push((option.name, value));
    }
    Ok(given)
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
        match values.next() {
            Some(_) => Err(OptionError::Multiple(name.to_owned())),
            None => Ok(first),
        }
    }

    /// The same for an `Integer` option.
    pub fn int(&self, name: &str) -> Result<Option<i32>, OptionError> {
        self.number(name)
    }

    /// The same for a `Long` option.
    pub fn long(&self, name: &str) -> Result<Option<i64>, OptionError> {
        self.number(name)
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, OptionError> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        let number = value.parse();
        number.map(Some).map_err(|_| OptionError::CannotParse { value: value.to_owned(), option: name.to_owned() })
    }

    /// The first argument as a number; `None` where it is none.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.values(name).next()?.parse().ok()
    }

    /// The same as `value` for one of several words, of which upper and lower case do not differ (`EnumConverter`).
    pub fn choice(&self, name: &str, choices: &'static [&'static str]) -> Result<Option<&'static str>, OptionError> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        let found = choices.iter().find(|choice| choice.eq_ignore_ascii_case(value)).copied();
        let wrong = || OptionError::NotOneOf { value: value.to_owned(), option: name.to_owned(), choices };
        found.map(Some).ok_or_else(wrong)
    }
}

/// How a tool ends before it has begun.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Refusal {
    /// Lines, those of standard error marked.
    pub lines: Vec<String>,
    pub code: i32,
}

impl Refusal {
    /// `CommandLineUtils.printUsageAndExit`.
    pub fn usage(message: impl Into<String>) -> Self {
        let lines = message.into().split('\n').map(str::to_owned).chain(["<usage>".to_owned()]).collect();
        Self { lines, code: 1 }
    }

    /// For tools whose `--help` ends with 1, as it would without arguments.
    pub fn with_code_of_help(self) -> Self {
        let code = if self.lines.len() > 1 { 1 } else { self.code };
        Self { code, ..self }
    }

    pub fn lines<L: Into<String>>(lines: impl IntoIterator<Item = L>, code: i32) -> Self {
        Self { lines: lines.into_iter().map(Into::into).collect(), code }
    }

    /// What exists in Kafka and not here.
    pub fn not_simulated(tool: &str, what: &str, why: &str) -> Self {
        Self { lines: vec![format!("{tool}: {what} is not simulated: {why}")], code: 1 }
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

/// `--help` and `--version`, which every tool has.
pub fn help_or_version(table: &'static [Opt], given: &Given, about: &str) -> Result<(), Refusal> {
    if given.has("help") {
        let mut lines = vec![about.to_owned()];
        lines.extend(usage_page(table));
        return Err(Refusal { lines, code: 0 });
    }
    if given.has("version") {
        return Err(Refusal::lines(["4.4.0"], 0));
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
