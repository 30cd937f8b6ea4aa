//! What is printed and read again is the same; whatever is typed, nothing panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kafka_playground::streams::query::{Statement, expected_at, parse, parse_script};

use super::generate::{Chance, statement};

const ROUND_TRIPS: u64 = 4_000;
const MUTATIONS: u64 = 20_000;

/// Longer texts may be too long when they are printed.
const PRINTED_MAX: usize = 32 * 1024;

#[test]
fn what_is_printed_and_read_again_is_the_same() {
    for seed in 0..ROUND_TRIPS {
        let chance = &mut Chance::new(seed);
        let depth = chance.below(5);
        let made = statement(chance, depth);
        let text = made.to_string();
        match parse(&text) {
            Ok(read) => assert_eq!(read, made, "seed {seed}: {text}"),
            // Comparing with NULL is refused, and the trees have no NULL: nothing else may be.
            Err(error) => panic!("seed {seed}: {text}\n{}", error.render(&text)),
        }
        assert_eq!(parse(&text).unwrap().to_string(), text);
    }
}

/// Nearly all are well formed.
const STARTS: [&str; 10] = [
    "SELECT city, COUNT(*) AS n FROM rides r WINDOW TUMBLING (SIZE 1 MINUTE, \
     GRACE PERIOD 10 SECONDS) WHERE fare > 5.5 GROUP BY city EMIT CHANGES;",
    "CREATE STREAM rides (id STRING KEY, tags ARRAY<STRING>, m MAP<STRING, INT>) WITH (KAFKA_TOPIC='rides', PARTITIONS=3);",
    "CREATE OR REPLACE TABLE t AS SELECT a->b[0] AS x, SUM(c) FROM s GROUP BY (a, b) \
     HAVING SUM(c) BETWEEN 1 AND 2 PARTITION BY a LIMIT 5",
    "SELECT * FROM a LEFT OUTER JOIN b WITHIN (1 MINUTE, 2 MINUTES) GRACE PERIOD 1 DAY ON a.id = b.id FULL JOIN c ON c.k = a.k",
    "SELECT CASE x WHEN 1 THEN 'it''s' \
     ELSE \"two words\" END, CAST(-y AS DOUBLE) FROM `größe` WHERE NOT a LIKE '%ß%' OR b IS NOT NULL",
    "SELECT x FROM s WINDOW HOPPING (SIZE 2 HOURS, ADVANCE BY 30 MINUTES) /* comment */ \
     WHERE x NOT IN (1, 2, -3) -- end\nEMIT FINAL",
    "DROP STREAM IF EXISTS rides DELETE TOPIC; TERMINATE ALL; PAUSE q; SHOW STREAMS; DESCRIBE x; \
     EXPLAIN SELECT 1 FROM a;",
    "INSERT INTO all_rides SELECT GREATEST(a, b, c) || '!' AS d, r.*, COUNT(DISTINCT e) \
     FROM rides AS r WINDOW SESSION (5 MINUTES)",
    "SELECT ((((((((((1 + 2) * 3) - 4) / 5) % 6)))))) AS deep, - - -a, \
     ROUND(SQRT(ABS(-1.5e3)), 2) FROM s WINDOW SLIDING (SIZE 5 SECONDS)",
    "SELECT \t‘x’, ж, \u{1F695} FROM s;\r\n\r\n   SELECT 2 FROM s",
];

/// Where the parts of a text begin, roughly as a person sees them.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if at > 0 && !(letter.is_alphanumeric() && before.is_alphanumeric()) {
            parts.push(&text[start..at]);
            start = at;
        }
        before = letter;
    }
    parts.push(&text[start..]);
    parts
}

fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut parts: Vec<String> = parts(text).into_iter().map(str::to_owned).collect();
    let (at, other) = (chance.below(parts.len()), chance.below(parts.len()));
    match chance.below(8) {
        0 => parts.swap(at, other),
        1 => drop(parts.remove(at)),
        2 => parts.insert(other, parts[at].clone()),
        3 => parts.truncate(at),
        4 => drop(parts.drain(..at)),
        // A part many times over: parentheses, minus signs, dots.
        5 => parts[at] = parts[at].repeat(1 + chance.below(300)),
        6 => {
            let signs = [
                "(",
                ")",
                "'",
                "\"",
                "`",
                "--",
                "/*",
                "*/",
                "->",
                "[",
                "CASE ",
                "NOT ",
                "-",
                "<",
                "9999999999999999999",
                "\0",
                "\n",
                "€",
            ];
            parts.insert(at, (*chance.of(&signs)).to_owned());
        }
        _ => {
            for _ in 0..=chance.below(4) {
                let at = chance.below(bytes.len());
                bytes[at] = u8::try_from(chance.below(256)).expect("it is a byte");
            }
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    parts.concat()
}

fn text_of(seed: u64) -> String {
    let chance = &mut Chance::new(seed);
    let mut text = if chance.one_in(3) { statement(chance, 3).to_string() } else { (*chance.of(&STARTS)).to_owned() };
    for _ in 0..=chance.below(4) {
        if !text.is_empty() {
            text = mutated(&text, chance);
        }
    }
    text
}

/// Reads it in all ways, and looks whether what comes of it holds together. Was it a statement?
fn look_at(text: &str, chance: &mut Chance) -> bool {
    let script = parse_script(text);
    if text.len() < PRINTED_MAX {
        script.iter().flatten().for_each(|(statement, _)| same_again(statement));
    }
    if let Err(error) = script {
        let (start, end) = (error.at.offset as usize, (error.at.offset + error.at.len) as usize);
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{error:?}");
        assert_eq!(text[..start].matches('\n').count() + 1, error.at.line as usize);
        let shown = error.render(text);
        assert!(shown.lines().count() >= 3 && shown.len() < 4_000, "{shown}");
        assert!(!error.to_string().is_empty() && !error.found.is_empty());
    }
    let expected = expected_at(text, chance.below(text.len() + 2));
    assert!(expected.typed.start <= expected.typed.end && expected.typed.end as usize <= text.len());
    parse(text).is_ok()
}

fn same_again(read: &Statement) {
    let printed = read.to_string();
    let again = parse(&printed).unwrap_or_else(|error| panic!("{}", error.render(&printed)));
    assert_eq!(again, *read, "{printed}");
}

fn run(seed: u64) -> bool {
    let text = text_of(seed);
    let chance = &mut Chance::new(seed + 1);
    catch_unwind(AssertUnwindSafe(|| look_at(&text, chance))).unwrap_or_else(|_| panic!("seed {seed}: {text:?}"))
}

#[test]
fn nothing_that_is_typed_panics() {
    let well_formed = (0..MUTATIONS).filter(|seed| run(*seed)).count();
    // Were all of them wrong from the first token on, little would be tried.
    assert!(well_formed > 500, "{well_formed} of {MUTATIONS} are statements");
}

/// By hand: `SECONDS=120 cargo test --release -- --ignored --nocapture`.
#[test]
#[ignore = "as long as one likes"]
#[allow(clippy::disallowed_types)]
fn nothing_that_is_typed_panics_for_long() {
    let seconds = std::env::var("SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let (start, mut seed, mut well_formed) = (std::time::Instant::now(), MUTATIONS, 0);
    while start.elapsed().as_secs() < seconds {
        well_formed += u64::from(run(seed));
        seed += 1;
    }
    println!("{} inputs in {seconds} s, {well_formed} of them statements", seed - MUTATIONS);
}
