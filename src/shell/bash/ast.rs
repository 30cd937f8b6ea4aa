//! What a command line says to do: lists of pipelines of commands with their redirections, loops and conditions.

use std::rc::Rc;

/// `a && b ; c`: pipelines, each with the condition under which it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct List {
    pub pipelines: Vec<(Condition, Pipeline)>,
}

impl List {
    /// A single command.
    pub fn of(command: Command) -> Self {
        Self { pipelines: vec![(Condition::Always, Pipeline { negated: false, commands: vec![command] })] }
    }
}

/// When a pipeline runs, given how the one before it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Condition {
    Always,
    /// After `&&`.
    Success,
    /// After `||`.
    Failure,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Pipeline {
    /// `! a | b`
    pub negated: bool,
    pub commands: Vec<Command>,
}

/// A command with its redirections, in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    /// `for NAME in WORDS; do BODY; done`
    For {
        name: String,
        words: Vec<Word>,
        body: Rc<List>,
    },
    /// `for ((FIRST; TEST; NEXT)); do BODY; done`
    Count {
        first: Word,
        test: Word,
        next: Word,
        body: Rc<List>,
    },
    /// `while TEST; do BODY; done`, and `until`, which goes on while the test fails.
    While {
        until: bool,
        test: Rc<List>,
        body: Rc<List>,
    },
    /// The branches of `if` and `elif`, and that of `else`.
    If {
        branches: Rc<[(Rc<List>, Rc<List>)]>,
        otherwise: Rc<List>,
    },
    /// Patterns, and what is done where one of them fits.
    Case {
        word: Word,
        branches: Rc<[(Vec<Word>, Rc<List>)]>,
    },
    /// `{ BODY; }`
    Group(Rc<List>),
    /// `( BODY )`
    Subshell(Rc<List>),
    /// `(( EXPRESSION ))`
    Arithmetic(Word),
    /// `[[ WORDS ]]`
    Conditional(Vec<Word>),
    /// `NAME() BODY`
    Function {
        name: String,
        body: Rc<Command>,
    },
}

/// `NAME=VALUE`, or `NAME+=VALUE`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Assignment {
    pub name: String,
    pub append: bool,
    pub value: Word,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Redirect {
    /// 0, 1 or 2.
    pub stream: u8,
    pub how: How,
    pub target: Word,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    Read,
    Write,
    Append,
    /// `&>`: output and errors.
    WriteBoth,
    AppendBoth,
    /// `2>&1`
    Same,
    /// `<<< word`
    HereString,
    /// `<< END`: the here-document of that number.
    Here(usize),
}

/// A here-document: lines that are typed after the command, up to one that says that it ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Here {
    pub until: String,
    /// `<<-`: without the tabs in front.
    pub strip: bool,
    /// The end was quoted: nothing in it is expanded.
    pub literal: bool,
    pub text: String,
    pub complete: bool,
}

/// A word as it is written, before it is expanded.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Word(pub Vec<Part>);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// Without quotes: `*` stands for files.
    Text(String),
    Quoted(String),
    Parameter {
        name: String,
        operation: Operation,
        quoted: bool,
    },
    /// `$(…)`
    Command {
        list: Rc<List>,
        quoted: bool,
    },
    Arithmetic {
        expression: Word,
        quoted: bool,
    },
    /// What a command in the word said.
    Value {
        text: String,
        quoted: bool,
    },
}

/// What `${NAME…}` asks for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    Plain,
    /// `${#NAME}`
    Length,
    /// `- = + ?`, after a colon where empty counts as unset.
    Otherwise {
        operator: char,
        empty_too: bool,
        word: Word,
    },
    /// `# ## % %%`: without what fits at the beginning or the end.
    Without {
        from_end: bool,
        longest: bool,
        pattern: Word,
    },
    /// `/ // /# /%`
    Replace {
        how: char,
        pattern: Word,
        with: Word,
    },
    /// `${NAME:OFFSET:LENGTH}`
    Slice {
        offset: Word,
        length: Option<Word>,
    },
    /// `^ ^^ , ,,`
    Case {
        upper: bool,
        all: bool,
    },
}

impl Word {
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// The word, if nothing in it is quoted or expanded.
    pub fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The first command in the word that has not run.
    fn open(&mut self) -> Option<&mut Part> {
        self.0.iter_mut().find_map(|part| match part {
            Part::Command { .. } => Some(part),
            Part::Arithmetic { expression, .. } => expression.open(),
            Part::Parameter { operation, .. } => operation.open(),
            _ => None,
        })
    }
}

impl Operation {
    fn open(&mut self) -> Option<&mut Part> {
        match self {
            Self::Plain | Self::Length | Self::Case { .. } => None,
            Self::Otherwise { word, .. } => word.open(),
            Self::Without { pattern, .. } => pattern.open(),
            Self::Replace { pattern, with, .. } => pattern.open().or_else(|| with.open()),
            Self::Slice { offset, length } => offset.open().or_else(|| length.as_mut().and_then(Word::open)),
        }
    }
}

impl Command {
    /// The first command in its words that has to run before it.
    pub fn open(&mut self) -> Option<&mut Part> {
        let in_kind = match &mut self.kind {
            Kind::Simple { assignments, words } => {
                let values = assignments.iter_mut().map(|assignment| &mut assignment.value);
                values.chain(words).find_map(Word::open)
            }
            Kind::For { words, .. } | Kind::Conditional(words) => words.iter_mut().find_map(Word::open),
            Kind::Case { word, .. } | Kind::Arithmetic(word) => word.open(),
            _ => None,
        };
        in_kind.or_else(|| self.redirects.iter_mut().find_map(|redirect| redirect.target.open()))
    }
}
