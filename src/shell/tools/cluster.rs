//! `kafka-cluster.sh` (`org.apache.kafka.tools.ClusterTool`).

use crate::base::{BrokerId, sort};
use crate::engine::protocol::{DescribeClusterResponse, UnregisterBrokerRequest};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::argparse::{Kind, Usage};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{Given, Opt, Refusal, deprecated, flag, with};
use crate::shell::cli::queries::controller_port;

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
    ..Usage::NONE
};

/// What all commands take.
const COMMAND: Usage = Usage {
    tool: TOOL.tool,
    about: "One of the commands of kafka-cluster.sh.",
    options: OPTIONS.split_at(4).0,
    short: &[("bootstrap-server", "b"), ("bootstrap-controller", "C"), ("config", "c"), ("id", "i")],
    one_of: (SERVERS, true),
    ..Usage::NONE
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

impl AdminCommand for Cluster {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        if self.given.has("config") {
            admin.print(deprecated("config", "command-config"));
        }
        let files = self.given.values("config").chain(self.given.values("command-config"));
        for file in files {
            if admin.read_file(file).is_none() {
                return Err(Exception::java("java.nio.file.NoSuchFileException", file).into());
            }
        }
        match self.command {
            "unregister" => return self.unregister(admin),
            "unregister-controller" => {
                let why = "controllers stay registered";
                return Err(Refusal::not_simulated("kafka-cluster.sh", "unregister-controller", why).into());
            }
            "api-versions" => return admin.api_versions(),
            _ => {}
        }
        let cluster = admin.cluster()?.map_err(told)?;
        match self.command {
            "cluster-id" => admin.print(format!("Cluster ID: {}", cluster.cluster_id)),
            _ => self.endpoints(admin, &cluster)?,
        }
        Ok(0)
    }
}

impl Cluster {
    fn endpoints(&self, admin: &mut Admin<'_, '_, '_>, cluster: &DescribeClusterResponse) -> Done {
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
                return Err(Exception::illegal_argument(what).into());
            }
            admin.print(row("ID", "HOST", "PORT", "RACK", None, "ENDPOINT_TYPE"));
            for controller in &cluster.controllers {
                let port = controller_port(*controller).to_string();
                admin.print(row(&controller.to_string(), "localhost", &port, "null", None, "controller"));
            }
            return Ok(());
        }
        admin.print(row("ID", "HOST", "PORT", "RACK", Some("STATE"), "ENDPOINT_TYPE"));
        for (broker, state) in brokers {
            let address = admin.broker_address(broker);
            let (host, port) = address.split_once(':').unwrap_or((&address, ""));
            let rack = cluster.racks.get(&broker).map_or("null", String::as_str);
            admin.print(row(&broker.to_string(), host, port, rack, Some(state), "broker"));
        }
        Ok(())
    }

    fn unregister(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let id = self.given.values("id").next().and_then(|id| id.parse::<i32>().ok()).unwrap_or(0);
        let request = UnregisterBrokerRequest { broker: BrokerId(id) };
        let response = ask!(admin, UnregisterBroker(request))?;
        let Some((error, why)) = response.error else {
            admin.print(format!("Broker {id} is no longer registered."));
            return Ok(0);
        };
        let text = format!("Unregister broker request for broker ID {id} failed: {why}");
        admin.log_error(self.client_id(), &text, "KafkaAdminClient");
        Err(Exception::api(error.exception(), &why).execution().into())
    }
}
