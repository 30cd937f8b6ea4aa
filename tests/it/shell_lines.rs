//! Whatever is typed, the shell takes it: no panic, no end without end, and the same lines give the same world.

#[path = "../common/commands.rs"]
pub mod commands;

use commands::{Chance, line, session};
use kafka_playground::base::Span;
use kafka_playground::session::Session;
use proptest::prelude::*;

#[test]
fn five_hundred_commands_replay_to_the_same_world() {
    let mut first = session(7, 500);
    let end = first.cursor();
    assert!(first.inputs().len() >= 400, "only {} inputs were taken", first.inputs().len());
    let hash = first.hash();
    assert_eq!(
        format!("{hash:016x}"),
        commands::KEPT.trim(),
        "if behaviour was meant to change, put the new one in tests/commands.txt"
    );
    assert_eq!(session(7, 500).hash(), hash, "the same commands once more");
    assert_ne!(session(8, 20).hash(), hash, "a hash that does not tell worlds apart proves nothing");
    first.seek(0);
    first.seek(end);
    assert_eq!(first.hash(), hash, "replayed from the start");
}

/// Gives one line to an empty world, types into it, and calls it off.
fn run(text: &str) {
    let mut session = Session::open("! seed 1\n", &[]).expect("an empty world opens");
    if session.input(&format!("$ {text}")).is_err() {
        return;
    }
    let _ = session.input("@main > a,b");
    session.advance(Span::from_secs(3), 5_000);
    let _ = session.input("@main ^C");
    session.advance(Span::from_secs(3), 5_000);
    assert!(session.world().failure().is_none(), "{text}: {:?}", session.world().failure());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_generated_line_neither_panics_nor_goes_on_for_ever(seed in any::<u64>()) {
        run(&line(&mut Chance(seed)));
    }

    #[test]
    fn any_text_is_taken_or_refused(text in "[ -~é日\t]{0,60}") {
        run(&text);
    }

    #[test]
    fn any_value_of_an_option_is_taken_or_refused(
        head in prop::sample::select(vec![
            "kafka-topics.sh --create --topic", "kafka-topics.sh --describe --topic-id", "kafka-topics.sh --create --topic t --config",
            "kafka-topics.sh --create --topic t --replica-assignment", "kafka-topics.sh --list --topic", "kafka-get-offsets.sh --time",
            "kafka-get-offsets.sh --topic-partitions", "kafka-configs.sh --topic t --alter --add-config",
            "kafka-consumer-groups.sh --group g --reset-offsets --topic t --dry-run --by-duration",
            "kafka-consumer-groups.sh --group g --reset-offsets --topic t --dry-run --to-datetime", "kafka-console-consumer.sh --include",
            "kafka-console-consumer.sh --topic t --formatter-property", "kafka-console-producer.sh --topic t --reader-property", "seq",
            "cut -f", "tr", "timeout", "date", "sleep", "printf", "head -n", "xargs -I",
        ]),
        value in "[ -&(-~é日]{0,24}",
    ) {
        run(&format!("{head} '{value}' --bootstrap-server localhost:9092"));
    }
}

#[test]
fn the_small_commands_do_what_those_of_unix_do() {
    for (text, expected) in [
        ("printf 'b\\na\\nb\\n' | sort | uniq -c", vec!["      1 a", "      2 b"]),
        ("printf 'a,b,c\\n' | cut -d , -f 2-", vec!["b,c"]),
        ("echo hello | tr a-y b-z", vec!["ifmmp"]),
        ("echo a-b | tr -d -", vec!["ab"]),
        ("seq 3 | xargs -n1 echo no", vec!["no 1", "no 2", "no 3"]),
        ("false; echo $?", vec!["1"]),
        ("echo '$?' \"$?\"", vec!["$? 0"]),
        ("timeout 1 sleep 5; echo $?", vec!["124"]),
        ("cat <<< 'one two' | wc -w", vec!["2"]),
        ("printf '10\\n9\\n' | sort -n", vec!["9", "10"]),
        ("date +%F", vec!["2026-01-01"]),
        ("seq 20 | grep -c '^1.$'", vec!["10"]),
        ("nothing_here 2> e; cat e", vec!["bash: line 1: nothing_here: command not found"]),
    ] {
        let mut session = Session::open("! seed 1\n", &[]).expect("an empty world opens");
        session.input(&format!("$ {text}\n^D")).expect("a legal line");
        session.advance(Span::from_secs(6), 5_000);
        let program = session.world().program_named("main").expect("the command");
        let lines: Vec<String> = program.output.iter_from(0).map(|line| line.text.to_string()).collect();
        assert_eq!(lines, expected, "{text}");
    }
}

#[test]
fn a_here_document_is_typed_after_its_command() {
    let mut session = Session::open("! seed 1\n", &[]).expect("an empty world opens");
    session.input("$ cat << END | sort\n> b\n> a\n> END").expect("a legal command");
    session.advance(Span::from_secs(1), 1_000);
    let program = session.world().program_named("main").expect("the command");
    let lines: Vec<String> = program.output.iter_from(0).map(|line| line.text.to_string()).collect();
    assert_eq!(lines, ["a", "b"]);
}
