//! `kafka-run-class.sh`, for the class that Kafka's own quickstart runs with it: `WordCountDemo` of Kafka Streams.

use crate::engine::program::Event;
use crate::shell::cli::bootstrap;
use crate::shell::cli::clients::load;
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::{Io, TOKENS};
use crate::shell::cli::options::{Opt, Refusal};
use crate::shell::cli::process::Command;
use crate::shell::cli::properties::Properties;
use crate::shell::cli::time::log_time;
use crate::streams::app::State;
use crate::streams::{Expression, Serde, StreamsApp, StreamsBuilder, StreamsConfig, Topology};

pub const OPTIONS: &[Opt] = &[];

const WORD_COUNT: &str = "org.apache.kafka.streams.examples.wordcount.WordCountDemo";

const STREAMS_CONFIG: &str = "org.apache.kafka.streams.StreamsConfig";

const WARMUP: &str = "Warmup replicas are not supported yet with the streams protocol and will be ignored. If you want to use warmup \
                      replicas, please set group.protocol=classic.";

const STANDBY: &str = "Standby replicas are configured broker-side in the streams group protocol and will be ignored. Please use the \
                       admin client or kafka-configs.sh to set the streams groups's standby replicas.";

const GLOBAL_HANDLER: &str = "Processing exception handler is not enabled for the GlobalThread. It's recommended to set \
                              `processing.exception.handler.global.enabled` to true to enable it. Enabling the processing exception \
                              handler for global state/KTable processing now, ensures future backward compatibility. The processing \
                              exception handler will get enabled by default with Apache Kafka 5.0 release.";

const NAMES: &str = "Explicit naming for internal resources is currently disabled. If you want to enforce user-defined names for all \
                     internal resources, set ensure.explicit.internal.resource.naming to true. Note: Changing internal resource \
                     names may require a full streams application reset for an already deployed application. Consult the \
                     documentation on naming operators for more details.";

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
        let topology = word_count();
        let number = |name: &str, default: i64| properties.get(name).and_then(|value| value.parse().ok()).unwrap_or(default);
        warn_of_names(&topology, io);
        if number("max.warmup.replicas", 2) != 0 {
            io.log("WARN", WARMUP, STREAMS_CONFIG);
        }
        if number("num.standby.replicas", 0) != 0 {
            io.log("WARN", STANDBY, STREAMS_CONFIG);
        }
        if !properties.get("processing.exception.handler.global.enabled").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            io.log("WARN", GLOBAL_HANDLER, STREAMS_CONFIG);
        }
        self.app = Some(StreamsApp::new(config, topology));
        Ok(())
    }
}

/// `InternalTopologyBuilder.checkUnprovidedNames`, of the word count: nothing in it was given a name.
fn warn_of_names(topology: &Topology, io: &mut Io<'_, '_>) {
    let Some(store) = topology.stores.first().map(|store| store.name.to_string()) else { return };
    let topics = [
        format!("Following changelog topic(s) has not been named: {store}-changelog"),
        format!("Following state store(s) has not been named: {store}"),
        format!("Following repartition topic(s) has not been named: {store}-repartition"),
    ];
    let time = log_time(io.context.now().timestamp());
    io.error(format!("[{time}] WARN {NAMES} {}", topics[0]));
    topics[1..].iter().for_each(|line| io.error(line.as_str()));
    io.error(" (org.apache.kafka.streams.processor.internals.InternalTopologyBuilder)");
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
        if let Event::Logged { client, level, text, logger, thrown } = event {
            let prefix = io.context.log_prefix(client);
            io.log(level, &format!("{prefix} {text}"), logger);
            return io.errors(thrown);
        }
        let Some(app) = &mut self.app else { return };
        app.react(&event, io.context);
        for client in app.clients() {
            if !io.clients.contains(&client) {
                io.clients.push(client);
            }
        }
        match app.state() {
            // The hook that closes it runs while the signal ends the process.
            State::NotRunning => io.exit(130),
            State::Error => {
                let problem = app.failure().map(|failure| failure.problem.clone()).unwrap_or_default();
                io.error(format!("Exception in thread \"main\" org.apache.kafka.streams.errors.StreamsException: {problem}"));
                io.exit(1);
            }
            _ => {}
        }
    }
}
