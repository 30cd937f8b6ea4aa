//! Command lines: how words, quotes and operators are read.

use kafka_playground::shell::bash::ast::{Condition, parse};
use kafka_playground::shell::bash::lexer::{Token, tokens};

fn words(line: &str) -> Vec<String> {
    let found = tokens(line).expect("a line that bash takes");
    found.into_iter().map(|token| if let Token::Word(word) = token { word } else { format!("{token:?}") }).collect()
}

#[test]
fn words_are_split_and_unquoted_as_bash_does() {
    for (line, expected) in [
        ("a  b\tc", vec!["a", "b", "c"]),
        ("--topic 'my topic'", vec!["--topic", "my topic"]),
        (r#"key.separator="|" x"#, vec!["key.separator=|", "x"]),
        (r#""a \"b\" \n""#, vec![r#"a "b" \n"#]),
        (r"a\ b \'", vec!["a b", "'"]),
        (r"$'a\tb'", vec!["a\tb"]),
        ("a # comment", vec!["a"]),
        ("a#b", vec!["a#b"]),
        ("''", vec![""]),
    ] {
        assert_eq!(words(line), expected, "{line}");
    }
}

#[test]
fn an_open_quote_is_no_command() {
    for line in ["echo 'a", "echo \"a", "echo $'a"] {
        assert!(tokens(line).is_err(), "{line}");
    }
}

#[test]
fn pipelines_lists_and_redirections_are_told_apart() {
    let list = parse("a x | b > f && c 2>> e < i; d || e 2>&1").expect("a legal line");
    let conditions: Vec<Condition> = list.pipelines.iter().map(|(condition, _)| *condition).collect();
    assert_eq!(conditions, [Condition::Always, Condition::Success, Condition::Always, Condition::Failure]);
    let first = &list.pipelines[0].1.commands;
    assert_eq!(first.len(), 2);
    assert_eq!(first[1].output.as_ref().map(|redirect| (redirect.file.as_str(), redirect.append)), Some(("f", false)));
    let second = &list.pipelines[1].1.commands[0];
    assert_eq!(second.input.as_deref(), Some("i"));
    assert!(second.errors.as_ref().is_some_and(|redirect| redirect.append));
    assert!(list.pipelines[3].1.commands[0].merged);
    for wrong in ["| a", "a |", "a &&", "a >", "a &"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
