//! What the verifiable producer and consumer have in common: what they do, they say in lines of JSON.

use serde_json::Value;

use super::argparse::{Failure, Usage};
use super::clients::load;
use super::io::Io;
use super::options::{Given, Refusal};
use super::properties::Properties;

pub fn called(usage: &Usage, words: &[String]) -> Result<Given, Refusal> {
    if words.is_empty() {
        return Err(usage.refusal(Failure::Help, 0));
    }
    usage.parse(words).map(|(given, _)| given).map_err(|failure| usage.refusal(failure, 1))
}

pub fn integer(given: &Given, name: &str) -> Option<i64> {
    given.values(name).next().and_then(|text| text.parse().ok())
}

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
        let words = "has been deprecated and will be removed in a future version. Use --command-config instead.";
        io.print(format!("Option --{older} {words}"));
    }
    let file = given.values(older).chain(given.values("command-config")).next();
    load(io, file).map_err(|thrown| usage.refusal(Failure::Wrong(thrown.message), 1))
}
