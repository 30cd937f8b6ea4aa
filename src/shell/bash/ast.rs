//! What a command line says to do: lists of pipelines of commands with their redirections.

use crate::shell::bash::lexer::{Token, tokens};

/// `a && b ; c`: pipelines, each with the condition under which it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct List {
    pub pipelines: Vec<(Condition, Pipeline)>,
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
    pub commands: Vec<SimpleCommand>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SimpleCommand {
    pub words: Vec<String>,
    pub input: Option<String>,
    /// Standard input that is part of the command line.
    pub here: Option<Here>,
    pub output: Option<Redirect>,
    pub errors: Option<Redirect>,
    /// `2>&1`: errors go where the output goes.
    pub merged: bool,
}

/// `<<< text`, and `<< END` with the lines up to `END`, which are typed after the command.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Here {
    /// The line that ends it, while that has not come.
    pub until: Option<String>,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Redirect {
    pub file: String,
    pub append: bool,
}

/// Commands in one line; more is no command line but an accident.
const COMMANDS_MAX: usize = 64;

pub fn parse(line: &str) -> Result<List, String> {
    let mut list = List { pipelines: Vec::new() };
    let mut condition = Condition::Always;
    let mut pipeline = Pipeline::default();
    let mut command = SimpleCommand::default();
    let mut tokens = tokens(line)?.into_iter();
    let mut count = 0;
    while let Some(token) = tokens.next() {
        let operator = match token {
            Token::Word(word) => {
                command.words.push(word);
                continue;
            }
            Token::Operator(operator) => operator,
        };
        match operator {
            ">" | ">>" | "1>" | "1>>" | "&>" | "2>" | "2>>" | "<" | "<<" | "<<<" => {
                let Some(Token::Word(file)) = tokens.next() else {
                    return Err(format!("a file name is missing after '{operator}'"));
                };
                let redirect = Redirect { file, append: operator.ends_with(">>") };
                match operator {
                    "<" => command.input = Some(redirect.file),
                    "<<<" => command.here = Some(Here { until: None, text: redirect.file + "\n" }),
                    "<<" => command.here = Some(Here { until: Some(redirect.file), text: String::new() }),
                    "2>" | "2>>" => command.errors = Some(redirect),
                    _ => {
                        command.merged |= operator == "&>";
                        command.output = Some(redirect);
                    }
                }
            }
            "2>&1" => command.merged = true,
            "&" => return Err("'&' (background) is not simulated: open another terminal instead".to_owned()),
            _ => {
                if command.words.is_empty() {
                    return Err(format!("a command is missing before '{operator}'"));
                }
                count += 1;
                if count > COMMANDS_MAX {
                    return Err(format!("more than {COMMANDS_MAX} commands in one line"));
                }
                pipeline.commands.push(std::mem::take(&mut command));
                if operator != "|" {
                    list.pipelines.push((condition, std::mem::take(&mut pipeline)));
                    condition = match operator {
                        "&&" => Condition::Success,
                        "||" => Condition::Failure,
                        _ => Condition::Always,
                    };
                }
            }
        }
    }
    if !command.words.is_empty() {
        pipeline.commands.push(command);
    } else if !pipeline.commands.is_empty() || condition != Condition::Always {
        return Err("the line ends where a command should follow".to_owned());
    }
    if !pipeline.commands.is_empty() {
        list.pipelines.push((condition, pipeline));
    }
    Ok(list)
}
