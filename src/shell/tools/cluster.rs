//! `kafka-cluster.sh` (`org.apache.kafka.tools.ClusterTool`).

use crate::base::{BrokerId, sort};
use crate::engine::protocol::{DescribeClusterResponse, Request, Response};
use crate::shell::cli::admin_command::{Desk, Errand, Step};
use crate::shell::cli::argparse::{Kind, USAGE, Usage};
use crate::shell::cli::java::{Thrown, exception_line};
use crate::shell::cli::options::{Given, Opt, Refusal, flag, with};
use crate::shell::tools::metadata_quorum::controller_port;

pub const OPTIONS: &[Opt] = &[
    with("config", "String: file", "Older name of --command-config."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("bootstrap-server", "String: server(s)", "Where the cluster is (this or --bootstrap-controller)."),
    with("bootstrap-controller", "String: controller(s)", "Where the controllers are."),
    flag("include-fenced-brokers", "list-endpoints: also brokers that are fenced."),
    with("id", "Integer", "unregister: the broker's id."),
    flag("help", "Show this page."),
];

const SERVERS: &[&str] = &["bootstrap-server", "bootstrap-controller"];

const TOOL: Usage = Usage {
    tool: "kafka-cluster",
    about: "Shows and changes a cluster as a whole.",
    commands: &["cluster-id", "unregister", "unregister-controller", "list-endpoints", "api-versions"],
    ..USAGE
};

/// What all commands take.
const COMMAND: Usage = Usage {
    tool: TOOL.tool,
    about: "One of the commands of kafka-cluster.sh.",
    options: OPTIONS.split_at(4).0,
    short: &[("bootstrap-server", "b"), ("bootstrap-controller", "C"), ("config", "c"), ("id", "i")],
    one_of: (SERVERS, true),
    ..USAGE
};

const WITH_ID: Usage = Usage { options: OPTIONS.split_at(6).0, required: &["id"], kinds: &[("id", Kind::Integer)], ..COMMAND };

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cluster {
    command: &'static str,
    given: Given,
}

pub fn read(words: &[String]) -> Result<Cluster, Refusal> {
    let (_, rest) = TOOL.parse(words).map_err(|failure| TOOL.refusal(failure, 1))?;
    let (command, rest) = rest.split_first().map_or(("", rest), |(command, rest)| (TOOL.command(command), rest));
    let usage = match command {
        "unregister" | "unregister-controller" => Usage { command, ..WITH_ID },
        "list-endpoints" => Usage { command, options: OPTIONS.split_at(5).0, ..COMMAND },
        _ => Usage { command, ..COMMAND },
    };
    let (given, _) = usage.parse(rest).map_err(|failure| usage.refusal(failure, 1))?;
    Ok(Cluster { command, given })
}

impl Errand for Cluster {
    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        if self.given.has("config") {
            let text = "has been deprecated and will be removed in a future version. Use --command-config instead.";
            desk.print(format!("Option --config {text}"));
        }
        let files = self.given.values("config").chain(self.given.values("command-config"));
        for file in files {
            if desk.read_file(file).is_none() {
                desk.thrown(Thrown::java("java.nio.file.NoSuchFileException", file));
                return Ok(1);
            }
        }
        match self.command {
            "unregister" => return self.unregister(desk),
            "unregister-controller" => {
                desk.error("kafka-cluster.sh: unregister-controller is not simulated: controllers stay registered");
                return Ok(1);
            }
            "api-versions" => return desk.api_versions(),
            _ => {}
        }
        let Some(cluster) = desk.cluster()? else { return Ok(1) };
        match self.command {
            "cluster-id" => desk.print(format!("Cluster ID: {}", cluster.cluster_id)),
            _ => return Ok(self.endpoints(desk, &cluster)),
        }
        Ok(0)
    }
}

impl Cluster {
    fn endpoints(&self, desk: &mut Desk<'_, '_, '_>, cluster: &DescribeClusterResponse) -> i32 {
        let fenced: &[BrokerId] = if self.given.has("include-fenced-brokers") { &cluster.fenced } else { &[] };
        let mut brokers: Vec<(BrokerId, &str)> = cluster.brokers.iter().map(|broker| (*broker, "unfenced")).collect();
        brokers.extend(fenced.iter().map(|broker| (*broker, "fenced")));
        sort(&mut brokers);
        // As wide as the longest rack, also where that is less than the heading. Controllers have none.
        let shown = brokers.iter().filter(|_| !self.given.has("bootstrap-controller"));
        let longest = shown.filter_map(|(broker, _)| cluster.racks.get(broker)).map(|rack| rack.chars().count()).max();
        let rack_width = longest.unwrap_or(10);
        let row = |id: &str, host: &str, port: &str, rack: &str, state: Option<&str>, kind: &str| {
            let state = state.map(|state| format!("{state:<10} ")).unwrap_or_default();
            format!("{id:<10} {host:<9} {port:<10} {rack:<rack_width$} {state}{kind:<15}")
        };
        if self.given.has("bootstrap-controller") {
            if self.given.has("include-fenced-brokers") {
                let what = "The option --include-fenced-brokers is only supported with --bootstrap-server option";
                desk.thrown(Thrown::java("java.lang.IllegalArgumentException", what));
                return 1;
            }
            desk.print(row("ID", "HOST", "PORT", "RACK", None, "ENDPOINT_TYPE"));
            for controller in &cluster.controllers {
                let port = controller_port(*controller).to_string();
                desk.print(row(&controller.to_string(), "localhost", &port, "null", None, "controller"));
            }
            return 0;
        }
        desk.print(row("ID", "HOST", "PORT", "RACK", Some("STATE"), "ENDPOINT_TYPE"));
        for (broker, state) in brokers {
            let address = desk.broker_address(broker);
            let (host, port) = address.split_once(':').unwrap_or((&address, ""));
            let rack = cluster.racks.get(&broker).map_or("null", String::as_str);
            desk.print(row(&broker.to_string(), host, port, rack, Some(state), "broker"));
        }
        0
    }

    fn unregister(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        let Some(cluster) = desk.cluster()? else { return Ok(1) };
        let id = self.given.values("id").next().and_then(|id| id.parse::<i32>().ok()).unwrap_or(0);
        if cluster.brokers.iter().any(|broker| broker.0 == id) {
            desk.error("kafka-cluster.sh: unregister of a broker that runs is not simulated: brokers stay registered here");
            return Ok(1);
        }
        let why = format!("Broker ID {id} is not currently registered");
        let text = format!("[AdminClient clientId=adminclient-1] Unregister broker request for broker ID {id} failed: {why}");
        desk.log("ERROR", &text, "org.apache.kafka.clients.admin.KafkaAdminClient");
        desk.thrown(Thrown::api("BrokerIdNotRegisteredException", &why).execution());
        Ok(1)
    }
}

impl Desk<'_, '_, '_> {
    /// The cluster's id and brokers; an error is told here.
    pub(crate) fn cluster(&mut self) -> Step<Option<DescribeClusterResponse>> {
        Ok(match self.call(Request::DescribeCluster)? {
            Ok(response) => match response.as_ref() {
                Response::DescribeCluster(cluster) => Some(cluster.clone()),
                _ => None,
            },
            Err(error) => {
                self.error(exception_line(error));
                None
            }
        })
    }

    /// What a tool prints of an exception that ends it: the message, the stack, an empty line.
    pub(crate) fn thrown(&mut self, thrown: Thrown) {
        thrown.uncaught().lines.into_iter().for_each(|line| self.error(line));
    }
}
