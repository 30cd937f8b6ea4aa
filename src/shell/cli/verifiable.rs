//! What the verifiable producer and consumer have in common: what they do, they say in lines of JSON.

use serde_json::Value;

use super::argparse::{Failure, Usage};
use super::clients::load;
use super::io::Io;
use super::options::{Given, Refusal, deprecated};
use super::properties::Properties;

/// One line about what happened.
pub fn say(io: &mut Io<'_, '_>, name: &str, rest: &str) {
    let at = io.context.now().timestamp();
    let comma = if rest.is_empty() { "" } else { "," };
    io.print(format!("{{\"timestamp\":{at},\"name\":\"{name}\"{comma}{rest}}}"));
}

pub fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// The client's settings: those of a file, if one is named. One that is not there is a misread word for these tools.
pub fn settings(usage: &Usage, given: &Given, older: &str, io: &mut Io<'_, '_>) -> Result<Properties, Refusal> {
    if given.has(older) {
        io.print(deprecated(older, "command-config"));
    }
    let file = given.values(older).chain(given.values("command-config")).next();
    load(io, file).map_err(|thrown| usage.refusal(Failure::Wrong(thrown.message), 1))
}
