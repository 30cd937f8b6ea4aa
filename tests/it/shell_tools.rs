//! Options, patterns, dates, and lines of several commands.

use kafka_playground::base::Pattern;
use kafka_playground::base::Timestamp;
use kafka_playground::session::transcript::run;
use kafka_playground::shell::cli::options::{OptionError, flag, maybe, parse, with};
use kafka_playground::shell::cli::time::{log_time, parse_datetime, parse_duration};

const TABLE: &[kafka_playground::shell::cli::options::Opt] =
    &[flag("list", ""), with("topic", "String", ""), with("partitions", "Integer", ""), maybe("state", "String", "")];

fn given(line: &str) -> Result<kafka_playground::shell::cli::options::Given, OptionError> {
    parse(TABLE, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn options_are_read_as_joptsimple_reads_them() {
    let read = given("--list --topic=a=b -partitions -1 --state").expect("legal options");
    assert!(read.has("list") && read.has("state") && !read.has_argument("state"));
    assert_eq!(read.value("topic"), Ok(Some("a=b")));
    assert_eq!(read.int("partitions"), Ok(Some(-1)));
    assert_eq!(given("--state Stable --list").expect("legal").value("state"), Ok(Some("Stable")));
    assert_eq!(given("--top a").expect_err("no abbreviations").message(), "top is not a recognized option");
    assert_eq!(given("--topic").expect_err("no argument").message(), "Option topic requires an argument");
    let twice = given("--topic a --topic b").expect("an error only when asked for one");
    assert_eq!(
        twice.value("topic").expect_err("two").message(),
        "Found multiple arguments for option topic, but you asked for only one"
    );
    let three = given("--partitions three").expect("an error only when asked for");
    assert_eq!(three.int("partitions").expect_err("no number").message(), "Cannot parse argument 'three' of option partitions");
}

#[test]
fn patterns_match_whole_names() {
    for (pattern, name, expected) in [
        ("a.*", "abc", true),
        ("a", "ab", false),
        ("t1|t2", "t2", true),
        ("rides-[0-9]+", "rides-42", true),
        ("rides-[^0-9]", "rides-4", false),
        (r"a\.b", "a.b", true),
        (r"a\.b", "axb", false),
        ("(ab){2,3}c?", "ababab", true),
        ("(ab){2}", "ab", false),
        (r"\w+", "fine_Name1", true),
        (".*", "", true),
    ] {
        let compiled = Pattern::java(pattern).expect("a legal pattern");
        assert_eq!(compiled.matches(name), expected, "{pattern} on {name}");
        assert_eq!(Pattern::re2(pattern).expect("legal in RE2").matches(name), expected, "{pattern} on {name} in RE2");
    }
    for wrong in ["[", "(", "a)", "*", "a{2,1}"] {
        assert!(Pattern::java(wrong).is_err() && Pattern::re2(wrong).is_err(), "{wrong}");
    }
    // An evil one ends in bounded time.
    assert!(!Pattern::java("(a*)*b").expect("legal").matches(&"a".repeat(60)));
    assert!(!Pattern::re2("((a*){0,100}){0,100}b").expect("legal").matches(&"a".repeat(60)));
}

/// What Java 17 and RE2J 1.8 say of expressions that are legal in one of them at most, and whether `ab` fits.
#[test]
fn java_and_re2_differ_as_they_do_there() {
    for (pattern, java, re2) in [
        ("(?=a)ab", Ok(true), Err("invalid or unsupported Perl syntax")),
        ("(?<n>a)(?!\\k<n>)b", Ok(true), Err("invalid or unsupported Perl syntax")),
        ("(?P<n>a)b", Err("Unknown inline modifier near index 2\n(?P<n>a)b\n  ^"), Ok(true)),
        ("(?i)A\\p{Lu}", Ok(true), Ok(true)),
        ("[a-z&&[^b]]b", Ok(true), Ok(false)),
        ("[[:alpha:]]+", Ok(false), Ok(true)),
        ("a{,2}b", Err("Illegal repetition near index 2\na{,2}b\n  ^"), Ok(false)),
        ("ab{1001}", Ok(false), Err("invalid repeat count")),
        ("a*+b", Ok(true), Err("invalid nested repetition operator")),
        (
            "\\p{Nope}",
            Err("Unknown character property name {Nope} near index 7\n\\p{Nope}\n       ^"),
            Err("invalid character class range"),
        ),
        ("(ab", Err("Unclosed group near index 3\n(ab"), Err("missing closing )")),
        ("ab)", Err("Unmatched closing ')' near index 1\nab)\n ^"), Err("regexp/syntax: internal error")),
    ] {
        let fits = |pattern: Pattern| pattern.matches("ab");
        assert_eq!(Pattern::java(pattern).map(fits).as_ref().copied().map_err(|why| why.as_str()), java, "{pattern} in Java");
        assert_eq!(Pattern::re2(pattern).map(fits), re2, "{pattern} in RE2J");
    }
}

#[test]
fn dates_and_durations_are_read_and_written() {
    assert_eq!(log_time(Timestamp(1_767_225_601_234)), "2026-01-01 00:00:01,234");
    assert_eq!(log_time(Timestamp(951_782_400_000)), "2000-02-29 00:00:00,000");
    assert_eq!(parse_datetime("2026-01-01T00:00:00.000"), Ok(Timestamp(1_767_225_600_000)));
    assert_eq!(parse_datetime("2026-01-01T01:00:00.000+01:00"), Ok(Timestamp(1_767_225_600_000)));
    assert!(parse_datetime("yesterday").is_err_and(|why| why.contains("does not contain a 'T'")));
    let ms = |text| parse_duration(text).ok().and_then(|duration| duration.ms());
    assert_eq!(ms("PT1H"), Some(3_600_000));
    assert_eq!(ms("P1DT2M3.5S"), Some(86_400_000 + 120_000 + 3500));
    assert_eq!(ms("-PT1S"), Some(-1000));
    assert_eq!(ms("PT-0.5S"), Some(-500));
    for wrong in ["yesterday", "P", "PT", "P1H", "1D"] {
        assert_eq!(ms(wrong), None, "{wrong}");
    }
}

fn output(script: &str) -> String {
    run(script, &[]).expect("a script that runs")
}

#[test]
fn lines_pass_through_pipes_and_files() {
    let shown = output(
        "$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic t\n\
         $ seq 3 | kafka-console-producer.sh --bootstrap-server localhost:9092 --topic t && echo sent > log.txt\n\
         $ cat log.txt; kafka-get-offsets --bootstrap-server localhost:9092 --topic t | cat > offsets.txt\n\
         $ bin/kafka-console-producer.sh --bootstrap-server localhost:9092 --topic t < offsets.txt\n\
         $ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic t --from-beginning --max-messages 4 2> /dev/null | tail -n 2\n\
         $ false || no-such-command\n",
    );
    assert!(shown.contains("cat > offsets.txt\nsent\n$ bin/kafka"), "{shown}");
    assert!(shown.contains("\nsent\n"), "{shown}");
    assert!(shown.contains("tail -n 2\n3\nt:0:3\n$ false"), "{shown}");
    assert!(shown.ends_with("no-such-command: command not found\n[127]\n"), "{shown}");
}

#[test]
fn headers_and_null_values_are_produced() {
    let shown = output(
        "$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic t\n\
         $ kafka-console-producer.sh --bootstrap-server localhost:9092 --topic t --reader-property parse.key=true --reader-property parse.headers=true --reader-property null.marker=NULL\n\
         > h:v,n:NULL\tk\tNULL\n\
         ^D\n\
         $ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic t --partition 0 --offset 0 --max-messages 1 --formatter-property print.headers=true --formatter-property print.key=true\n",
    );
    assert!(shown.contains("\nh:v,n:null\tk\tnull\n"), "{shown}");
}

#[test]
fn a_file_ends_at_its_limit_and_keeps_what_was_written() {
    let line = "x".repeat(1023);
    let eight = |from: &str, to: &str| format!("$ cat {0} {0} {0} {0} {0} {0} {0} {0} > {to}\n", from);
    let script = format!(
        "$ echo {line} > a\n{}{}{}{}$ cat e e e >> f\n$ echo $?\n$ cat e >> f\n$ cat e >> f ; echo more >> f\n$ wc -c f\n",
        eight("a", "b"),
        eight("b", "c"),
        eight("c", "d"),
        eight("d", "e")
    );
    let transcript = run(&script, &[]).expect("a good script");
    // Four times 4 MiB are the 16 MiB that fit.
    let tail: Vec<&str> = transcript.lines().skip_while(|line| *line != "$ cat e e e >> f").collect();
    let full = "bash: line 1: f: No space left on device";
    assert_eq!(
        tail,
        [
            "$ cat e e e >> f",
            "$ echo $?",
            "0",
            "$ cat e >> f",
            "$ cat e >> f ; echo more >> f",
            full,
            "[130]",
            "$ wc -c f",
            "16777216 f"
        ]
    );
}

#[test]
fn streams_groups_are_listed_and_are_no_consumer_groups() {
    let script = "\
! seed 1
$ kafka-topics.sh --create --topic streams-plaintext-input --bootstrap-server localhost:9092
$ kafka-topics.sh --create --topic streams-wordcount-output --bootstrap-server localhost:9092
$ printf 'bootstrap.servers=localhost:9092\\ngroup.protocol=streams\\n' > app.properties
@app $ kafka-run-class.sh org.apache.kafka.streams.examples.wordcount.WordCountDemo app.properties
$ sleep 12
$ kafka-groups.sh --list --streams --bootstrap-server localhost:9092
$ kafka-groups.sh --list --share --bootstrap-server localhost:9092
$ kafka-consumer-groups.sh --describe --group streams-wordcount --bootstrap-server localhost:9092
";
    let ran = run(script, &[]).expect("a script that runs");
    assert_eq!(ran.matches("streams-wordcount    Streams              streams").count(), 1, "{ran}");
    assert!(ran.contains("GroupIdNotFoundException: Group streams-wordcount is not a consumer group."), "{ran}");
}
