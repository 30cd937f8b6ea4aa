//! Values from JSON and back.

use super::Value;
use std::rc::Rc;

/// `None` for what is no JSON.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(from_json)
}

fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(value) => Value::Long(value),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(value) => Value::Text(value.into()),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(fields) => {
            Value::Row(fields.into_iter().map(|(name, value)| (Rc::from(name), from_json(value))).collect())
        }
    }
}

/// The shortest JSON, as Jackson writes it. A number that is none (a division by zero) is null.
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    put(value, &mut text);
    text
}

fn put(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Long(value) => text.push_str(&value.to_string()),
        Value::Double(value) if value.is_finite() => text.push_str(&double(*value)),
        Value::Double(_) => text.push_str("null"),
        Value::Text(value) => put_text(value, text),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                text.push(if index == 0 { '[' } else { ',' });
                put(item, text);
            }
            text.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Row(fields) => {
            for (index, (name, value)) in fields.iter().enumerate() {
                text.push(if index == 0 { '{' } else { ',' });
                put_text(name, text);
                text.push(':');
                put(value, text);
            }
            text.push_str(if fields.is_empty() { "{}" } else { "}" });
        }
        Value::Windowed(windowed) => put(&windowed.key, text),
        Value::Combined(keys) => put(&keys.1, text),
        Value::Subscription(subscription) => put(&subscription.primary_key, text),
        Value::Response(response) => put(response.foreign_value.as_ref().unwrap_or(&Value::Null), text),
    }
}

fn put_text(value: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(value).to_string());
}

/// `Double.toString`: at least one digit after the point, and an exponent outside 10^-3 to 10^7.
pub fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}
