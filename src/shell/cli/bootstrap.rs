//! `--bootstrap-server`: what the clients make of it (`ClientUtils.parseAndValidateAddresses`), before they ask anybody.

use crate::base::BrokerId;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::throughput::CONSUMER_HEADER;

/// Stands in a line of a [`Refusal`] where the time belongs, as the tools' logger writes it.
pub const NOW: &str = "[now]";

/// `ToolsUtils.validateBootstrapServer`.
pub fn check_bootstrap(servers: Option<&str>) -> Result<(), Refusal> {
    let Some(servers) = servers.filter(|servers| !servers.is_empty()) else {
        return Err(Refusal::usage("Error while validating the bootstrap address\n"));
    };
    let valid = |server: &str| server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if !servers.split(',').all(valid) {
        return Err(Refusal::usage("Please provide valid host:port like host1:9091,host2:9092\n"));
    }
    Ok(())
}

/// How `tool` ends because of its servers; `None` when one of them can be looked up.
pub fn refuse(tool: &str, servers: &str) -> Option<Refusal> {
    let (warnings, why) = unusable(servers)?;
    let client = match tool {
        "kafka-console-consumer" | "kafka-consumer-perf-test" | "kafka-verifiable-consumer" => "Failed to construct kafka consumer",
        "kafka-console-producer" | "kafka-producer-perf-test" | "kafka-verifiable-producer" => "Failed to construct kafka producer",
        "kafka-console-share-consumer" => "Failed to construct Kafka share consumer",
        _ => "Failed to create new KafkaAdminClient",
    };
    let admin = client == "Failed to create new KafkaAdminClient";
    let unset = "You must set either bootstrap.servers or bootstrap.controllers";
    let why = if admin && servers.trim().is_empty() { unset.to_owned() } else { why };
    let thrown = Exception::java("org.apache.kafka.common.KafkaException", client);
    let caused = [format!("Caused by: org.apache.kafka.common.config.ConfigException: {why}"), "<stack>".to_owned()];
    let stack = thrown.stack().into_iter().chain(caused);
    let mut lines = warnings;
    let code = match tool {
        "kafka-console-consumer" | "kafka-console-share-consumer" => {
            let logger = if tool == "kafka-console-consumer" { "ConsoleConsumer" } else { "ConsoleShareConsumer" };
            lines.push(format!("{NOW} ERROR Unknown error when running consumer:  (org.apache.kafka.tools.consumer.{logger})"));
            lines.extend(stack);
            1
        }
        "kafka-console-producer" => {
            lines.extend(stack);
            1
        }
        "kafka-producer-perf-test" | "kafka-verifiable-producer" | "kafka-verifiable-consumer" => {
            let at = lines.len();
            lines.extend(stack);
            lines[at] = format!("Exception in thread \"main\" {}", lines[at]);
            1
        }
        "kafka-consumer-groups" | "kafka-share-groups" | "kafka-streams-groups" => {
            let kind = tool.trim_start_matches("kafka-").trim_end_matches("-groups");
            lines.extend([String::new(), format!("Error: Executing {kind} group command failed due to {client}")]);
            lines.extend(stack);
            i32::from(kind == "streams")
        }
        other => {
            if other == "kafka-consumer-perf-test" {
                lines.insert(0, CONSUMER_HEADER.to_owned());
            }
            lines.push(client.to_owned());
            lines.extend(stack);
            lines.push(String::new());
            1
        }
    };
    Some(Refusal::lines(lines, code))
}

/// The warnings, and what is wrong.
fn unusable(servers: &str) -> Option<(Vec<String>, String)> {
    let mut warnings = Vec::new();
    let mut found = false;
    for server in servers.split(',').map(str::trim).filter(|server| !server.is_empty()) {
        let wrong = |what: &str| Some((Vec::new(), format!("Invalid {what} in bootstrap.servers: {server}")));
        let address = server.split_once("://").map_or(server, |(_, address)| address);
        let Some((host, port)) = address.rsplit_once(':') else { return wrong("url") };
        if host.is_empty() || port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("url");
        }
        if port.parse::<u16>().is_err() {
            return wrong("port");
        }
        if is_known(host) {
            found = true;
        } else {
            warnings.push(format!(
                "{NOW} WARN Couldn't resolve server {server} from bootstrap.servers as DNS resolution failed for {host} \
                 (org.apache.kafka.clients.ClientUtils)"
            ));
        }
    }
    (!found).then(|| (warnings, "No resolvable bootstrap urls given in bootstrap.servers".to_owned()))
}

/// The brokers at the addresses of a command's words: `localhost:9093` is broker 2; of another known name the number at its
/// end counts, as in `kafka-2:9092`, and 1 without one. An unknown port maps to a broker id that does not
/// exist, so connecting fails.
pub fn brokers(words: &[String]) -> Vec<BrokerId> {
    let mut servers = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        match option {
            "--bootstrap-server" | "-b" if value.is_empty() => servers.extend(words.get(at + 1).map(String::as_str)),
            "--bootstrap-server" | "bootstrap.servers" => servers.push(value),
            _ => {}
        }
    }
    servers.into_iter().flat_map(|servers| servers.split(',')).filter_map(broker).collect()
}

fn broker(server: &str) -> Option<BrokerId> {
    let (host, port) = server.trim().rsplit_once(':')?;
    let host = host.rsplit_once("//").map_or(host, |(_, host)| host);
    if !is_known(host) {
        return None;
    }
    if host == "localhost" || host == "[::1]" || host.starts_with("127.") {
        return Some(BrokerId::at_port(port.parse().ok()?));
    }
    let digits = host.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    Some(BrokerId(host[digits..].parse().unwrap_or(1)))
}

/// The names that this machine has, and the usual ones of a broker in tutorials.
fn is_known(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.") || host.starts_with("broker") || host.starts_with("kafka")
}
