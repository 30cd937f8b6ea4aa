//! `help`, `help TOOL` and `help sql`: what there is, in few words, with lines to try.

use crate::shell::bash::fault_lines::FAULT_LINES;
use crate::shell::cli::options::usage_page;
use crate::shell::tools::{self, TOOLS, ToolInfo};
use crate::shell::unix::printf::Spoken;
use crate::shell::unix::{Builtin, complain};
use crate::streams::query::GRAMMAR;
use crate::streams::query::functions::FUNCTIONS;

/// What stands before a line to try. The page makes it a button.
pub const EXAMPLE: &str = "  $ ";

/// Statements to try.
const STATEMENTS: &[&str] = &[
    "SHOW TOPICS",
    "SELECT * FROM events EMIT CHANGES LIMIT 3",
    "CREATE TABLE events_per_minute AS SELECT ROWKEY, COUNT(*) AS n FROM events WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY ROWKEY",
];

/// `help`, `help TOOL`, or `help sql`.
pub(crate) fn help(tool: Option<&str>) -> Builtin {
    let text = match tool {
        None => overview(),
        Some("sql" | "SQL") => statements(),
        Some(tool) => match tools::named(tool) {
            Some(info) => page(info),
            None => return complain(format!("help: there is no Kafka tool '{tool}' here; 'help' alone lists them"), 1),
        },
    };
    Builtin::Says(Spoken::text(text))
}

fn overview() -> String {
    let mut text = "Kafka's tools, as they come with Kafka 4.4. More about one: help kafka-topics.sh\n\n".to_owned();
    for info in TOOLS {
        text += &format!("  {:<36}{}\n", format!("{}.sh", info.name), info.about);
    }
    text += "\nAround them: basename bash -c cat clear cut date echo false grep head help history ls nl paste printf read rev rm sed\n\
             seq sleep sort tac tail tee test timeout touch tr true uniq wc xargs yes, pipes, redirections, && || ;\n\
             here-documents, variables, $(...), $((...)), if, for, while, case, functions, * and {a,b}. A variable lives as\n\
             long as its line.\n\n\
             Faults of the cluster (HOSTS: brokers by number, controller, programs by name, all):\n";
    for (verb, arguments, about) in FAULT_LINES {
        text += &format!("  {:<44}{about}\n", format!("{verb} {arguments}"));
    }
    text += "\nStreaming SQL over topics with JSON, typed as it is: SELECT * FROM rides EMIT CHANGES. More about it: help sql\n";
    text += "\nA command that reads lines takes what you type; ^D ends its input, ^C ends the command.\n\nTo begin with:\n";
    for tool in ["kafka-topics", "kafka-console-producer", "kafka-console-consumer"] {
        let example = tools::named(tool).and_then(|info| info.examples.first());
        text += &format!("{EXAMPLE}{}\n", example.unwrap_or(&""));
    }
    text
}

fn page(info: &ToolInfo) -> String {
    let mut text = format!("{}.sh\n{}\n\nFor example:\n", info.name, info.about);
    for example in info.examples {
        text += &format!("{EXAMPLE}{example}\n");
    }
    text += "\nAll its options:\n";
    for line in usage_page(info.options) {
        text += &format!("{line}\n");
    }
    text
}

fn statements() -> String {
    let mut text = "Streaming SQL\nQuestions about topics whose values are JSON, which are answered anew with each record. A SELECT shows its rows \
                    until ^C;\nCREATE ... AS SELECT writes a topic as long as it runs. Nothing has to be declared: every topic is a stream.\n\
                    Kafka itself has no SQL: the language is the playground's own, and runs as an application of Kafka Streams.\n\n\
                    For example:\n"
        .to_owned();
    for example in STATEMENTS {
        text += &format!("{EXAMPLE}{example}\n");
    }
    text += &format!(
        "\nThe grammar ([ ] may be left out, {{ }} may come any number of times, | is a choice):\n\n{GRAMMAR}\nFunctions:\n"
    );
    for function in FUNCTIONS {
        text += &format!("  {:<44}{}\n", function.usage, function.help);
    }
    text
}
