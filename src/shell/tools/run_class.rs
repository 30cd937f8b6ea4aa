//! `kafka-run-class.sh`, for the class that Kafka's own quickstart runs with it: `WordCountDemo` of Kafka Streams.

use crate::engine::program::Event;
use crate::shell::cli::bootstrap;
use crate::shell::cli::clients::load;
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::{Io, TOKENS};
use crate::shell::cli::options::{Opt, Refusal};
use crate::shell::cli::process::Command;
use crate::shell::cli::properties::Properties;
use crate::streams::app::State;
use crate::streams::{Expression, Serde, StreamsApp, StreamsBuilder, StreamsConfig, Topology};

pub const OPTIONS: &[Opt] = &[];

const WORD_COUNT: &str = "org.apache.kafka.streams.examples.wordcount.WordCountDemo";

/// An application of streams as a command.
#[derive(Clone, Hash, Debug)]
pub struct Application {
    file: Option<String>,
    warning: Option<&'static str>,
    app: Option<StreamsApp>,
}

pub fn read(words: &[String]) -> Result<Application, Refusal> {
    let Some(class) = words.first() else {
        return Err(Refusal::lines(["USAGE: kafka-run-class.sh [-daemon] [-name servicename] [-loggc] classname [opts]"], 1));
    };
    if class != WORD_COUNT {
        let lines = [
            format!("Error: Could not find or load main class {class}"),
            format!("Caused by: java.lang.ClassNotFoundException: {class}"),
        ];
        return Err(Refusal::lines(lines, 1));
    }
    let ignored = "Warning: Some command line arguments were ignored. This demo only accepts an optional configuration file.";
    let warning = (words.len() > 2).then_some(ignored);
    Ok(Application { file: words.get(1).cloned(), warning, app: None })
}

/// How often each word has come: `streams-plaintext-input` to `streams-wordcount-output`.
pub fn word_count() -> Topology {
    let mut builder = StreamsBuilder::default();
    let text = &Serde::Text;
    let lines = builder.stream("streams-plaintext-input", text, text, None);
    let words = Expression::Words(Box::new(Expression::Value));
    let words = builder.flat_map_values(&lines, words, Expression::Other, None);
    let words = builder.group_by(&words, Expression::Value, text, None);
    let counts = builder.count_plain(&words, None);
    let counts = builder.to_stream(&counts, None);
    builder.to(&counts, "streams-wordcount-output", None);
    builder.build()
}

impl Application {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        if let Some(warning) = self.warning {
            io.print(warning);
        }
        let properties = load(io, self.file.as_deref())?;
        let config = config(&properties, io)?;
        self.app = Some(StreamsApp::new(config, word_count()));
        Ok(())
    }
}

/// What of a file's settings has an effect here.
fn config(properties: &Properties, io: &mut Io<'_, '_>) -> Done<StreamsConfig> {
    let protocol = properties.get("group.protocol").unwrap_or("classic");
    if !protocol.eq_ignore_ascii_case("streams") {
        let what = format!("group.protocol={protocol}");
        let why = "write group.protocol=streams into a file and name that after the class";
        return Err(Refusal::not_simulated("kafka-run-class.sh", &what, why).into());
    }
    let mut config = StreamsConfig::new(properties.get("application.id").unwrap_or("streams-wordcount"));
    config.client_id = properties.get("client.id").map(str::to_owned);
    config.group_instance_id = properties.get("group.instance.id").map(str::to_owned);
    if let Some(ms) = properties.get("commit.interval.ms").and_then(|ms| ms.parse().ok()) {
        config.commit_interval_ms = ms;
    }
    let servers = properties.get("bootstrap.servers").unwrap_or("localhost:9092");
    config.bootstrap_servers = bootstrap::brokers(&["--bootstrap-server".to_owned(), servers.to_owned()]);
    config.timer = io.task * TOKENS;
    Ok(config)
}

impl Command for Application {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        if event == Event::Started
            && let Err(stop) = self.start(io)
        {
            return io.refuse(stop.uncaught());
        }
        let Some(app) = &mut self.app else { return };
        app.react(&event, io.context);
        for client in app.clients() {
            if !io.clients.contains(&client) {
                io.clients.push(client);
            }
        }
        match app.state() {
            State::NotRunning => io.exit(0),
            State::Error => {
                let problem = app.failure().map(|failure| failure.problem.clone()).unwrap_or_default();
                io.error(format!("Exception in thread \"main\" org.apache.kafka.streams.errors.StreamsException: {problem}"));
                io.exit(1);
            }
            _ => {}
        }
    }
}
