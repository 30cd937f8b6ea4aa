//! Command lines drawn from a seed, as a curious and careless person types them: for tests natively and in the browser.

use kafka_playground::base::Span;
use kafka_playground::session::Session;

/// The hash that a session of 500 commands from seed 7 ends with, natively and in every browser.
pub const KEPT: &str = include_str!("../commands.txt");

/// Things that one command may set off before the test goes on to the next.
const DUES_PER_COMMAND: u64 = 2_000;

/// SplitMix64: the tests' own chance, apart from the engine's.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    pub fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const TOOLS: &[&str] = &[
    "kafka-topics.sh",
    "kafka-console-producer.sh",
    "kafka-console-consumer.sh",
    "kafka-consumer-groups.sh",
    "kafka-configs.sh",
    "kafka-get-offsets.sh",
    "kafka-delete-records.sh",
    "kafka-groups.sh",
    "kafka-log-dirs.sh",
    "kafka-broker-api-versions.sh",
    "kafka-metadata-quorum.sh",
    "kafka-cluster.sh",
    "kafka-features.sh",
    "kafka-producer-perf-test.sh",
    "kafka-consumer-perf-test.sh",
    "kafka-verifiable-producer.sh",
    "kafka-verifiable-consumer.sh",
];

const WORDS: &[&str] = &[
    "echo",
    "seq 5",
    "seq 3 -1 1",
    "cat",
    "head -n 2",
    "tail -1",
    "grep -c a",
    "grep -v '^b$'",
    "wc",
    "sort -rn",
    "uniq -c",
    "tr a-z A-Z",
    "cut -d , -f 1",
    "xargs",
    "xargs -n1 echo",
    "timeout 2",
    "tee f",
    "sleep 0.1",
    "ls",
    "rm f",
    "date",
    "true",
    "false",
    "help",
];

const OPTIONS: &[&str] = &[
    "--bootstrap-server localhost:9092",
    "--bootstrap-server=localhost:9092",
    "--bootstrap-server x",
    "--list",
    "--create",
    "--describe",
    "--alter",
    "--delete",
    "--topic a",
    "--topic 'b|c'",
    "--topic ''",
    "--topic",
    "--topic=é",
    "--partitions 3",
    "--partitions -1",
    "--partition 0",
    "--offset earliest",
    "--offset 5",
    "--group g",
    "--all-groups",
    "--all-topics",
    "--members",
    "--state",
    "--verbose",
    "--reset-offsets",
    "--to-earliest",
    "--to-offset 2",
    "--shift-by -3",
    "--by-duration PT1H",
    "--to-datetime 2026-01-01T00:00:00.000",
    "--execute",
    "--dry-run",
    "--export",
    "--from-file f",
    "--delete-offsets",
    "--from-beginning",
    "--max-messages 2",
    "--timeout-ms 500",
    "--add-config retention.ms=5",
    "--delete-config retention.ms",
    "--config cleanup.policy=compact",
    "--time -3",
    "--time 99999999999999999999",
    "--offset-json-file f",
    "--include '.*'",
    "--include '[('",
    "--reader-property parse.key=true",
    "--reader-property key.separator=,",
    "--formatter-property print.key=true",
    "--command-property auto.offset.reset=by_duration:PT1S",
    "--topic-id 日本語日本語日本語日本語日本語",
    "--replica-assignment 1:1,x",
    "--if-exists",
    "--no-such",
    "--num-records 30 --record-size 10 --throughput 20",
    "--num-records 5",
    "--num-records -1",
    "--payload-monotonic",
    "--record-size 1000000000",
    "--max-messages 5",
    "--max-messages -1 --throughput 100000",
    "--group-id g",
    "--topic-list a,b",
    "--broker-list 1,x",
    "describe",
    "describe --status",
    "describe --replication --human-readable",
    "cluster-id",
    "list-endpoints",
    "unregister",
    "--id 7",
    "--entity-type brokers",
    "--entity-type groups --entity-name g",
    "--",
    "-x",
    "stray",
    "$?",
    "--help",
];

const JOINTS: &[&str] = &[" | ", " && ", " || ", " ; ", " > f ; ", " 2>&1 | ", " < f | ", " &> f ; ", " <<< 'a,b' ; "];

/// One line: now and then several commands, now and then nonsense.
pub fn line(chance: &mut Chance) -> String {
    let mut line = String::new();
    for at in 0..=chance.below(3) {
        if at > 0 {
            line += chance.pick(JOINTS);
        }
        if chance.below(3) == 0 {
            line += chance.pick(WORDS);
            if chance.below(2) == 0 {
                line += " f";
            }
            continue;
        }
        line += chance.pick(TOOLS);
        if chance.below(8) > 0 {
            line += " --bootstrap-server localhost:9092";
        }
        for _ in 0..chance.below(5) {
            line.push(' ');
            line += chance.pick(OPTIONS);
        }
    }
    line
}

/// A session of so many commands, each given some time, with lines typed into it and then interrupted.
pub fn session(seed: u64, commands: usize) -> Session {
    let mut session = Session::open(&format!("! seed {seed}\n"), &[]).expect("an empty world opens");
    let mut chance = Chance(seed);
    for _ in 0..commands {
        // What bash would not take is refused and changes nothing.
        let _ = session.input(&format!("$ {}", line(&mut chance)));
        for _ in 0..chance.below(3) {
            let _ = session.input(&format!("@main > {}", chance.pick(&["a,1", "b", "", "c,2,3", "é→ü"])));
        }
        session.advance(Span::from_ms(700), DUES_PER_COMMAND);
        for ending in ["@main ^D", "@main ^C"] {
            let _ = session.input(ending);
            session.advance(Span::from_ms(300), DUES_PER_COMMAND);
        }
        assert!(session.world().failure().is_none(), "seed {seed}: {:?}", session.world().failure());
    }
    session
}
