//! The fields of a value that is a JSON object, as columns of a table.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text;

/// Objects inside objects are fields of their own (`route.from`) down to this depth; what lies deeper stays one cell.
const DEPTH_MAX: usize = 3;

/// Fields that a value can have; further ones are left out.
pub const FIELDS_MAX: usize = 48;

/// Values that are longer stay one cell: a row is drawn too often to read a megabyte for it.
const BYTES_MAX: usize = 65_536;

/// Characters of a field that a cell can show.
const CELL_CHARS: usize = 120;

/// What kind of JSON a cell holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CellKind {
    Text,
    /// As it is written in the value: `1.0` stays `1.0`.
    Number,
    Bool,
    Null,
    /// An array, or an object that lies too deep, on one line.
    Nested,
}

impl CellKind {
    /// The cell's class.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "cell-text",
            Self::Number => "cell-number",
            Self::Bool => "cell-bool",
            Self::Null => "cell-null",
            Self::Nested => "cell-nested",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// `fare`, or `route.from` for a field of an object inside.
    pub path: String,
    pub kind: CellKind,
    pub text: String,
}

/// A value's fields in the order in which they are written; `None` for what is no JSON object.
pub fn of(value: &[u8]) -> Option<Vec<Field>> {
    if value.len() > BYTES_MAX {
        return None;
    }
    let mut fields = Vec::new();
    gather(std::str::from_utf8(value).ok()?, "", 1, &mut fields)?;
    Some(fields)
}

fn gather(object: &str, prefix: &str, depth: usize, fields: &mut Vec<Field>) -> Option<()> {
    if !object.trim_start().starts_with('{') {
        return None;
    }
    let Members(members) = serde_json::from_str(object).ok()?;
    for (name, raw) in members {
        if fields.len() >= FIELDS_MAX {
            break;
        }
        let path = format!("{prefix}{name}");
        let raw = raw.get();
        let inside = depth < DEPTH_MAX && raw.starts_with('{') && raw.contains(':');
        if inside && gather(raw, &format!("{path}."), depth + 1, fields).is_some() {
            continue;
        }
        let (kind, text) = match raw.as_bytes().first() {
            Some(b'"') => (CellKind::Text, serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())),
            Some(b't' | b'f') => (CellKind::Bool, raw.to_owned()),
            Some(b'n') => (CellKind::Null, raw.to_owned()),
            Some(b'{' | b'[') => (CellKind::Nested, raw.to_owned()),
            _ => (CellKind::Number, raw.to_owned()),
        };
        let field = Field { path, kind, text: text::preview(&text, CELL_CHARS) };
        // Of a name that is written twice, the last one counts.
        match fields.iter_mut().find(|other| other.path == field.path) {
            Some(other) => *other = field,
            None => fields.push(field),
        }
    }
    Some(())
}

/// An object's members, unread.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMembers;

        impl<'de> Visitor<'de> for OfMembers {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(OfMembers)
    }
}

/// What is known of a column: its field's name, how wide its cells are, and whether they are numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub path: String,
    /// Characters of the widest cell and of the name.
    pub chars: usize,
    pub numbers: bool,
}

/// Adds a value's fields to the columns that are known: new ones behind those that stand before them.
pub fn learn(columns: &mut Vec<Column>, fields: &[Field]) {
    let mut place = 0;
    for field in fields {
        let chars = field.text.chars().count();
        let is_number = field.kind == CellKind::Number;
        let at = columns.iter().position(|column| column.path == field.path);
        match at {
            Some(at) => {
                let column = &mut columns[at];
                column.chars = column.chars.max(chars);
                column.numbers &= is_number || field.kind == CellKind::Null;
                place = at + 1;
            }
            None if columns.len() < 2 * FIELDS_MAX => {
                let chars = chars.max(field.path.chars().count());
                let column = Column { path: field.path.clone(), chars, numbers: is_number };
                columns.insert(place.min(columns.len()), column);
                place += 1;
            }
            None => {}
        }
    }
}

/// Characters that a column takes at least and at most.
const COLUMN_CHARS: (usize, usize) = (4, 28);

/// The names of a field that says what happened: those of the stories first.
const EVENT_FIELDS: [&str; 5] = ["eventType", "kind", "type", "event", "name"];

impl Column {
    /// Characters that it is drawn with.
    pub fn width(&self) -> usize {
        self.chars.clamp(COLUMN_CHARS.0, COLUMN_CHARS.1)
    }
}

/// The columns that are shown where nobody has chosen: the field that says what happened, then the first ones, as many as fit
/// into so many characters, but one at least.
pub fn chosen_by_width(columns: &[Column], chars: usize) -> Vec<String> {
    let event = EVENT_FIELDS.iter().find_map(|name| columns.iter().find(|column| column.path == *name));
    let others = columns.iter().filter(|column| Some(*column) != event);
    let mut left = chars;
    let mut chosen = Vec::new();
    for column in event.into_iter().chain(others) {
        // Two characters lie between two columns.
        let taken = column.width() + 2;
        if taken > left && !chosen.is_empty() {
            break;
        }
        left = left.saturating_sub(taken);
        chosen.push(column.path.clone());
    }
    chosen
}
