//! The commands that bash has to be itself: they change its variables, or where it goes on.

use std::rc::Rc;

use super::arithmetic;
use super::interpreter::Asked;
use super::lexer::is_name;
use super::parser::{ParseError, parse};
use super::variables::Variables;
use crate::shell::unix::printf::{Words, printf};

/// Runs the command of that name, if it is one of them. `complain`: a line of standard error.
pub(super) fn run(name: &str, arguments: &[String], variables: &mut Variables, complain: &mut dyn FnMut(&str)) -> Asked {
    let code = variables.code;
    let number = |at: usize, default: i32| arguments.get(at).and_then(|word| word.parse::<i32>().ok()).unwrap_or(default);
    match name {
        ":" | "true" | "wait" => Asked::Done(0),
        "false" => Asked::Done(1),
        "read" => Asked::Read,
        "break" | "continue" => {
            Asked::Leave { loops: usize::try_from(number(0, 1)).unwrap_or(1).max(1), goes_on: name == "continue" }
        }
        "exit" => Asked::Exit(number(0, code) & 255),
        "return" => Asked::Return(number(0, code) & 255),
        "command" | "builtin" if arguments.first().is_some_and(|word| !word.starts_with('-')) => Asked::Run(arguments.to_vec()),
        "export" | "declare" | "typeset" | "local" | "readonly" => Asked::Done(declare(name, arguments, variables, complain)),
        "unset" => {
            arguments.iter().filter(|word| !word.starts_with('-')).for_each(|word| variables.unset(word));
            Asked::Done(0)
        }
        "shift" => {
            let count = usize::try_from(number(0, 1)).unwrap_or(0);
            let fits = count <= variables.parameters.len();
            if fits {
                variables.parameters.drain(..count);
            }
            Asked::Done(i32::from(!fits))
        }
        "let" => {
            let mut value = Ok(0);
            for expression in arguments {
                value = value.and_then(|_| arithmetic::evaluate(expression, variables));
            }
            match value {
                Ok(value) => Asked::Done(i32::from(value == 0)),
                Err(why) => {
                    complain(&why.replacen("bash: line 1: ", "bash: line 1: let: ", 1));
                    Asked::Done(1)
                }
            }
        }
        "eval" => match parse(&arguments.join(" ")) {
            Ok(parsed) if parsed.heres.is_empty() => Asked::List(parsed.list),
            Ok(_) => Asked::Done(0),
            Err(ParseError::Syntax(lines, code)) => {
                lines.iter().for_each(|line| complain(&line.replacen("bash: -c:", "bash: eval:", 1)));
                Asked::Done(code)
            }
            Err(ParseError::Lacking(why)) => {
                complain(&format!("bash: {why}"));
                Asked::Done(1)
            }
        },
        "set" => match arguments.split_first() {
            Some((first, rest)) if first == "--" => {
                variables.parameters = rest.to_vec();
                Asked::Done(0)
            }
            _ => {
                complain("bash: set: of its options none is simulated");
                Asked::Done(1)
            }
        },
        "printf" if arguments.first().is_some_and(|word| word == "-v") && arguments.len() > 2 => {
            let spoken = printf(&arguments[2..]);
            let mut value = String::new();
            for words in &spoken.said {
                match words {
                    Words::Text(text) => value += text,
                    Words::Error(line) => complain(line),
                }
            }
            variables.set(&arguments[1], value);
            Asked::Done(spoken.code)
        }
        _ => Asked::Other,
    }
}

fn declare(name: &str, arguments: &[String], variables: &mut Variables, complain: &mut dyn FnMut(&str)) -> i32 {
    let mut code = 0;
    for word in arguments {
        let (variable, value) = word.split_once('=').map_or((word.as_str(), None), |(variable, value)| (variable, Some(value)));
        if word.starts_with('-') {
            if word.contains(['a', 'A', 'n', 'p']) {
                complain(&format!("bash: {name}: {word} is not simulated"));
                return 1;
            }
        } else if !is_name(variable) {
            complain(&format!("bash: line 1: {name}: `{word}': not a valid identifier"));
            code = 1;
        } else if let Some(value) = value {
            variables.set(variable, value.to_owned());
        }
    }
    code
}

/// `read [-r] NAMES` with the line that there is: its text, and whether it has no end.
pub(super) fn read(
    words: &[String],
    line: Option<(Rc<str>, bool)>,
    separators: &str,
    variables: &mut Variables,
    complain: &mut dyn FnMut(&str),
) -> i32 {
    let mut raw = false;
    let mut names: Vec<&str> = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some(letters) if names.is_empty() && letters.chars().all(|letter| "rsep".contains(letter)) => {
                raw |= letters.contains('r');
                if letters.ends_with('p') {
                    words.next();
                }
            }
            Some(_) if names.is_empty() => {
                complain(&format!("bash: read: {word} is not simulated"));
                return 2;
            }
            _ => names.push(word),
        }
    }
    if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
        complain(&format!("bash: line 1: read: `{wrong}': not a valid identifier"));
        return 1;
    }
    let (text, code) = match &line {
        Some((text, unended)) => (text.to_string(), i32::from(*unended)),
        None => (String::new(), 1),
    };
    // A backslash keeps the character after it, also a separator.
    let mut chars: Vec<(char, bool)> = Vec::new();
    let mut source = text.chars();
    while let Some(char) = source.next() {
        match char {
            '\\' if !raw => chars.extend(source.next().map(|char| (char, true))),
            char => chars.push((char, false)),
        }
    }
    if names.is_empty() {
        variables.set("REPLY", chars.iter().map(|mark| mark.0).collect());
        return code;
    }
    for (name, value) in names.iter().zip(fields(&chars, names.len(), separators)) {
        variables.set(name, value);
    }
    code
}

/// The fields of a line; the last one is all that is left.
fn fields(chars: &[(char, bool)], count: usize, separators: &str) -> Vec<String> {
    let is = |mark: &(char, bool)| !mark.1 && separators.contains(mark.0);
    let is_blank = |mark: &(char, bool)| is(mark) && mark.0.is_ascii_whitespace();
    let text = |marks: &[(char, bool)]| marks.iter().map(|mark| mark.0).collect::<String>();
    let skip_blanks = |at: usize| at + chars[at..].iter().take_while(|mark| is_blank(mark)).count();
    let mut at = skip_blanks(0);
    let mut found = Vec::new();
    while found.len() + 1 < count {
        let end = at + chars[at..].iter().take_while(|mark| !is(mark)).count();
        found.push(text(&chars[at..end]));
        at = skip_blanks(end);
        if chars.get(at).is_some_and(|mark| is(mark) && !is_blank(mark)) {
            at = skip_blanks(at + 1);
        }
    }
    let mut rest = &chars[at..];
    while let Some((last, before)) = rest.split_last()
        && is_blank(last)
    {
        rest = before;
    }
    // A single separator at the end only ends the field.
    if let Some((last, before)) = rest.split_last()
        && is(last)
        && !before.iter().any(is)
    {
        rest = before;
    }
    found.push(text(rest));
    found
}
