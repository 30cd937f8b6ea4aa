//! Lines, option lists and whole session scripts from chance, for as long as one wants: `make fuzz`.

// How long it runs and how slow a case is, only a real clock can tell.
#![allow(clippy::disallowed_types)]

use std::time::{Duration, Instant};

use kafka_playground::base::Span;
use kafka_playground::session::Session;
use kafka_playground::session::transcript::run;

use crate::shell_lines::commands::{self, Chance};

/// How long one case may take. What is slower goes on for ever, as far as a person at the page can tell.
const CASE_MAX: Duration = Duration::from_secs(60);

/// Bytes that a script is made of: the marks of the format among letters, so that many lines mean something.
const MARKS: &[&str] = &[
    "! seed 3",
    "! brokers 1",
    "! brokers 0",
    "! latency 5",
    "! at 2.5",
    "! at -1",
    "! broker num.partitions=2",
    "! scenario x",
    "!",
    "$ sleep 1",
    "$ sleep x",
    "$ ",
    "@a $ cat",
    "@a > x",
    "@a ^D",
    "@a ^C",
    "@a ?",
    "@ $ x",
    "> typed",
    ">",
    "^D",
    "^C",
    "# words",
    "$ kill-broker 1",
    "$ start-broker 1",
    "$ kill-service x",
    "é",
    "$ 'open",
    "$ echo \\",
    "$ cat << E",
    "$ yes",
    "\t",
    "$ seq 20000 | sort | uniq -c",
];

fn one_line(seed: u64) -> String {
    let text = commands::line(&mut Chance(seed));
    let mut session = Session::open("! seed 1\n", &[]).expect("an empty world opens");
    if session.input(&format!("$ {text}")).is_ok() {
        let _ = session.input("@main > a,b");
        session.advance(Span::from_secs(3), 5_000);
        let _ = session.input("@main ^C");
        session.advance(Span::from_secs(3), 5_000);
        assert!(session.world().failure().is_none(), "{text}: {:?}", session.world().failure());
    }
    text
}

/// A line with some of its characters doubled, dropped or put in place of others.
fn bent_line(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut chars: Vec<char> = commands::line(&mut chance).chars().collect();
    for _ in 0..=chance.below(6) {
        let at = chance.below(chars.len().max(1));
        let odd = ['\'', '"', '\\', '|', '&', ';', '<', '>', '$', '\u{0}', '\u{7f}', '日', '-', '=', ' ', '9'];
        match chance.below(3) {
            0 => chars.insert(at, odd[chance.below(odd.len())]),
            1 if !chars.is_empty() => drop(chars.remove(at)),
            _ if !chars.is_empty() => chars[at] = odd[chance.below(odd.len())],
            _ => {}
        }
    }
    let text: String = chars.into_iter().collect();
    let mut session = Session::open("! seed 1\n", &[]).expect("an empty world opens");
    if session.input(&format!("$ {text}")).is_ok() {
        session.advance(Span::from_secs(4), 5_000);
        let _ = session.input("@main ^C");
        session.advance(Span::from_secs(2), 5_000);
        assert!(session.world().failure().is_none(), "{text}: {:?}", session.world().failure());
    }
    text
}

/// A script of lines that mean something and lines that do not, run as a transcript.
fn script(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut text = String::new();
    for _ in 0..chance.below(12) {
        match chance.below(3) {
            0 => text += &format!("$ {}", commands::line(&mut chance)),
            _ => text += chance.pick(MARKS),
        }
        text.push('\n');
    }
    let _ = run(&text, &[]);
    text
}

/// One session of some commands that goes back and forth must end as it did.
fn session(seed: u64) -> String {
    let mut session = commands::session(seed, 8);
    let (end, hash) = (session.cursor(), session.hash());
    session.seek(end / 2);
    session.seek(end);
    assert_eq!(session.hash(), hash, "seed {seed} replayed");
    format!("a session of seed {seed}")
}

#[test]
#[ignore = "runs for FUZZ_SECONDS: make fuzz"]
fn fuzz() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, first) = (number("FUZZ_SECONDS").unwrap_or(60), number("FUZZ_SEED").unwrap_or(1));
    let begin = Instant::now();
    let mut told = begin;
    let mut cases = [0u64; 4];
    let kinds: [fn(u64) -> String; 4] = [one_line, bent_line, script, session];
    for seed in first.. {
        if begin.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
        // Sessions are long: one for each hundred of the others.
        let kind = if seed % 100 == 0 { 3 } else { seed as usize % 3 };
        let since = Instant::now();
        let result = std::panic::catch_unwind(|| kinds[kind](seed));
        let Ok(what) = result else { panic!("FUZZ_SEED={seed} shows it again") };
        assert!(since.elapsed() < CASE_MAX, "seed {seed} took {:?}: {what}", since.elapsed());
        cases[kind] += 1;
        if told.elapsed() > Duration::from_secs(60) {
            told = Instant::now();
            println!("seed {seed}: {cases:?} lines, bent lines, scripts and sessions so far");
        }
    }
    println!("{cases:?} lines, bent lines, scripts and sessions in {seconds} s, none of them a problem");
}
