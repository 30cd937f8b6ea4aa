//! JSON as the tools read it, with Kafka's words for what is wrong (`org.apache.kafka.server.util.json`).

use serde_json::{Map, Value};

use crate::shell::cli::java::Thrown;

/// `Json.parseFull`: what follows the first value is not looked at. `None` for what is no JSON.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

/// `JsonMappingException`.
pub fn mapping(message: &str) -> Thrown {
    Thrown::java("com.fasterxml.jackson.databind.JsonMappingException", message)
}

/// A file that is not there, as `Utils.readFileAsString` tells it.
pub fn unreadable(name: &str) -> Thrown {
    let message = format!("Unable to read file {name}");
    let stack = vec![
        format!("java.io.IOException: {message}"),
        "<stack>".to_owned(),
        format!("Caused by: java.nio.file.NoSuchFileException: {name}"),
        "<stack>".to_owned(),
    ];
    Thrown { message, stack }
}

pub fn object(value: &Value) -> Result<&Map<String, Value>, Thrown> {
    value.as_object().ok_or_else(|| mapping(&format!("Expected JSON object, received {value}")))
}

pub fn array(value: &Value) -> Result<&Vec<Value>, Thrown> {
    value.as_array().ok_or_else(|| mapping(&format!("Expected JSON array, received {value}")))
}

/// A field that must be there.
pub fn field<'v>(fields: &'v Map<String, Value>, name: &str) -> Result<&'v Value, Thrown> {
    fields.get(name).ok_or_else(|| mapping(&format!("No such field exists: `{name}`")))
}

fn expected(kind: &str, value: &Value) -> Thrown {
    mapping(&format!("Expected `{kind}` value, received {value}"))
}

pub fn string(value: &Value) -> Result<&str, Thrown> {
    value.as_str().ok_or_else(|| expected("String", value))
}

pub fn int(value: &Value) -> Result<i32, Thrown> {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or_else(|| expected("Integer", value))
}

pub fn long(value: &Value) -> Result<i64, Thrown> {
    value.as_i64().ok_or_else(|| expected("Long", value))
}

/// A list, each of its elements read in the same way.
pub fn list<'v, T>(value: &'v Value, read: fn(&'v Value) -> Result<T, Thrown>) -> Result<Vec<T>, Thrown> {
    let elements = value.as_array().ok_or_else(|| expected("JSON array", value))?;
    elements.iter().map(read).collect()
}
