//! Rows of a SELECT, as lines of a table.

use crate::streams::query::plan::Column;
use crate::streams::{Serde, Value};

/// A column is so wide at least.
const WIDTH: usize = 12;

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Rows {
    /// Empty: rows are shown as they are.
    columns: Vec<String>,
    limit: Option<u64>,
    count: u64,
}

impl Rows {
    pub(super) fn new(columns: &[Column], limit: Option<u64>) -> Self {
        Self { columns: columns.iter().map(|column| column.name.clone()).collect(), limit, count: 0 }
    }

    pub(super) fn head(&self) -> Vec<String> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let names: Vec<String> = self.columns.iter().map(|name| padded(name, name)).collect();
        vec![names.join("  ").trim_end().to_owned()]
    }

    pub(super) fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.count >= limit)
    }

    /// A result as a line; `None` once there are enough. A row of a table that is gone has its key alone.
    pub(super) fn line(&mut self, key: Option<&[u8]>, value: Option<&[u8]>) -> Option<String> {
        if self.is_full() {
            return None;
        }
        self.count += 1;
        let Some(bytes) = value else {
            return Some(format!("(gone: {})", String::from_utf8_lossy(key.unwrap_or_default())));
        };
        let row = match Serde::Json.deserialize(bytes) {
            Ok(row @ Value::Row(_)) if !self.columns.is_empty() => row,
            _ => return Some(String::from_utf8_lossy(bytes).into_owned()),
        };
        let cell = |name: &String| {
            let value = row.field(name).cloned().unwrap_or(Value::Null);
            let text = match value {
                Value::Text(text) => text.to_string(),
                value => String::from_utf8_lossy(&Serde::Json.serialize(&value)).into_owned(),
            };
            padded(&text, name)
        };
        let cells: Vec<String> = self.columns.iter().map(cell).collect();
        Some(cells.join("  ").trim_end().to_owned())
    }
}

fn padded(text: &str, name: &str) -> String {
    let width = WIDTH.max(name.chars().count());
    format!("{text:<width$}")
}
