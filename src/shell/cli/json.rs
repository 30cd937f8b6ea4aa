//! JSON as the tools read it, with Kafka's words for what is wrong (`org.apache.kafka.server.util.json`).

use serde_json::{Map, Value};

use crate::shell::cli::exception::Exception;

/// `Json.parseFull`, of an object: what follows it is not looked at. `None` for what is no JSON; nothing but space is a value,
/// though one without text (`MissingNode`).
pub fn parse(text: &str) -> Option<Result<Map<String, Value>, Exception>> {
    let none = || mapping("Expected JSON object, received ");
    match serde_json::Deserializer::from_str(text).into_iter::<Value>().next() {
        Some(value) => Some(object(&value.ok()?).cloned()),
        None if text.is_empty() => None,
        None => Some(Err(none())),
    }
}

/// `JsonMappingException`.
pub fn mapping(message: &str) -> Exception {
    Exception::java("com.fasterxml.jackson.databind.JsonMappingException", message)
}

/// A file that is not there, as `Utils.readFileAsString` tells it.
pub fn unreadable(name: &str) -> Exception {
    let cause = Exception::java("java.nio.file.NoSuchFileException", name);
    Exception::java("java.io.IOException", &format!("Unable to read file {name}")).because(cause)
}

pub fn object(value: &Value) -> Result<&Map<String, Value>, Exception> {
    value.as_object().ok_or_else(|| mapping(&format!("Expected JSON object, received {value}")))
}

pub fn array(value: &Value) -> Result<&Vec<Value>, Exception> {
    value.as_array().ok_or_else(|| mapping(&format!("Expected JSON array, received {value}")))
}

/// A field that must be there.
pub fn field<'v>(fields: &'v Map<String, Value>, name: &str) -> Result<&'v Value, Exception> {
    fields.get(name).ok_or_else(|| mapping(&format!("No such field exists: `{name}`")))
}

fn expected(kind: &str, value: &Value) -> Exception {
    mapping(&format!("Expected `{kind}` value, received {value}"))
}

pub fn string(value: &Value) -> Result<&str, Exception> {
    value.as_str().ok_or_else(|| expected("String", value))
}

pub fn int(value: &Value) -> Result<i32, Exception> {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or_else(|| expected("Integer", value))
}

pub fn long(value: &Value) -> Result<i64, Exception> {
    value.as_i64().ok_or_else(|| expected("Long", value))
}

/// A list, each of its elements read in the same way.
pub fn list<'v, T>(value: &'v Value, read: fn(&'v Value) -> Result<T, Exception>) -> Result<Vec<T>, Exception> {
    let elements = value.as_array().ok_or_else(|| expected("JSON array", value))?;
    elements.iter().map(read).collect()
}
