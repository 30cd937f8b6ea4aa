//! `kafka-broker-api-versions.sh` (`org.apache.kafka.tools.BrokerApiVersionsCommand`).

use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, require, with};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings for the admin client."),
    flag("help", "Show this page."),
    flag("version", "Show Kafka's version."),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ApiVersions {
    given: Given,
}

pub fn read(words: &[String]) -> Result<ApiVersions, Refusal> {
    let about = "This tool helps to retrieve broker version information.";
    let given = options::read(OPTIONS, words, about, OptionError::reported)?;
    require(&given, &["bootstrap-server"])?;
    Ok(ApiVersions { given })
}

impl AdminCommand for ApiVersions {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.given)?;
        admin.api_versions()
    }
}
