//! Reads the fields of a JSON object one by one: a derived reader for each kind of event would be ten times the code.

use serde_json::Value;

/// A JSON value that should be an object.
pub struct Fields(pub Value);

/// A field is missing, or of another kind.
#[derive(Debug)]
pub struct WrongField(&'static str);

impl std::fmt::Display for WrongField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is missing or of the wrong kind", self.0)
    }
}

impl Fields {
    pub fn text(&self, name: &'static str) -> Result<String, WrongField> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(WrongField(name))
    }

    /// For records typed by hand that leave the field out.
    pub fn text_or(&self, name: &'static str, other: &str) -> Result<String, WrongField> {
        if self.0.get(name).is_none() { Ok(other.to_owned()) } else { self.text(name) }
    }

    pub fn signed(&self, name: &'static str) -> Result<i64, WrongField> {
        self.0.get(name).and_then(Value::as_i64).ok_or(WrongField(name))
    }

    pub fn unsigned(&self, name: &'static str) -> Result<u64, WrongField> {
        self.0.get(name).and_then(Value::as_u64).ok_or(WrongField(name))
    }

    pub fn int(&self, name: &'static str) -> Result<i32, WrongField> {
        self.signed(name)?.try_into().map_err(|_| WrongField(name))
    }

    /// 0 where the field is left out.
    pub fn count(&self, name: &'static str) -> Result<u32, WrongField> {
        if self.0.get(name).is_none() { Ok(0) } else { self.unsigned(name)?.try_into().map_err(|_| WrongField(name)) }
    }

    pub fn unknown(name: &'static str) -> WrongField {
        WrongField(name)
    }
}
