//! Command lines: how words, quotes and operators are read.

use kafka_playground::shell::bash::ast::{Command, Condition, How, Kind, Part, Word};
use kafka_playground::shell::bash::parser::{ParseError, is_open, parse};

/// The words of the first command, without their quotes.
fn words(line: &str) -> Vec<String> {
    let parsed = parse(line).expect("a line that bash takes");
    let Kind::Simple { words, .. } = &parsed.list.pipelines[0].1.commands[0].kind else { panic!("{line} is no simple command") };
    let text = |part: &Part| match part {
        Part::Text(text) | Part::Quoted(text) => text.clone(),
        part => format!("{part:?}"),
    };
    words.iter().map(|word| word.0.iter().map(text).collect()).collect()
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
        ("{1..3} x{a,b}", vec!["1", "2", "3", "xa", "xb"]),
    ] {
        assert_eq!(words(line), expected, "{line}");
    }
}

#[test]
fn an_open_quote_or_loop_is_no_command_yet() {
    for line in ["echo 'a", "echo \"a", "echo $'a", "for i in 1 2; do", "if true; then echo", "echo $(ls", "a |"] {
        assert!(is_open(line), "{line}");
    }
    for line in ["echo a", "| a", "done", "a && && b"] {
        assert!(!is_open(line), "{line}");
    }
}

#[test]
fn pipelines_lists_and_redirections_are_told_apart() {
    let parsed = parse("a x | b > f && c 2>> e < i; d || e 2>&1").expect("a legal line");
    let conditions: Vec<Condition> = parsed.list.pipelines.iter().map(|(condition, _)| *condition).collect();
    assert_eq!(conditions, [Condition::Always, Condition::Success, Condition::Always, Condition::Failure]);
    let first = &parsed.list.pipelines[0].1.commands;
    assert_eq!(first.len(), 2);
    let redirects = |command: &Command| {
        command.redirects.iter().map(|redirect| (redirect.stream, redirect.how, redirect.target.clone())).collect::<Vec<_>>()
    };
    assert_eq!(redirects(&first[1]), [(1, How::Write, Word::text("f"))]);
    let second = &parsed.list.pipelines[1].1.commands[0];
    assert_eq!(redirects(second), [(2, How::Append, Word::text("e")), (0, How::Read, Word::text("i"))]);
    assert_eq!(redirects(&parsed.list.pipelines[3].1.commands[0]), [(2, How::Same, Word::text("1"))]);
    for wrong in ["| a", "a |", "a &&", "a >"] {
        assert!(matches!(parse(wrong), Err(ParseError::Syntax(..))), "{wrong}");
    }
    assert!(matches!(parse("a &"), Err(ParseError::Lacking(_))));
}
