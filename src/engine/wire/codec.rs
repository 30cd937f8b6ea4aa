//! How Kafka writes the fields of a message (`org.apache.kafka.common.protocol`), how they are read, and the same as JSON
//! (`JsonConverterGenerator`). A table made with `message!` gives all three.
//!
//! ```text
//!              │ plain versions                       │ flexible versions (KIP-482)
//!  string      │ int16 length, -1 is null; UTF-8      │ unsigned varint length + 1, 0 is null; UTF-8
//!  bytes, array│ int32 length, -1 is null; contents   │ unsigned varint length + 1, 0 is null; contents
//!  struct      │ its fields                           │ its fields, then how many are tagged, and of each tag, size, contents
//! ```
//!
//! Numbers are big-endian. A tagged field that has its default is left out, in JSON too.

use std::rc::Rc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::base::{GroupId, MemberId, Offset, Span, Timestamp, TopicId, TopicName};

/// Key and value of a record. A null value is a tombstone.
pub type Record = (Vec<u8>, Option<Vec<u8>>);

/// A type of field: one encoding, and one way to show it as JSON.
pub trait Field: Sized {
    /// Is its length an int16 in plain versions? So is a string's.
    const IS_TEXT: bool = false;
    const IS_STRUCT: bool = false;

    fn write(&self, out: &mut Writer);
    /// `None` where the bytes are of another shape.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
    fn json(&self) -> Value;
}

/// Writes fields one after another.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
    flexible: bool,
}

impl Writer {
    /// The bytes of a version and what follows it.
    pub fn versioned(version: i16, flexible: bool, fields: &impl Field) -> Vec<u8> {
        let mut out = Self { bytes: version.to_be_bytes().to_vec(), flexible };
        fields.write(&mut out);
        out.bytes
    }

    /// The bytes of one field alone.
    pub fn alone(field: &impl Field, flexible: bool) -> Vec<u8> {
        let mut out = Self { bytes: Vec::new(), flexible };
        field.write(&mut out);
        out.bytes
    }

    fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// `None` is null.
    fn length(&mut self, length: Option<usize>, is_text: bool) {
        match length {
            _ if self.flexible => self.unsigned_varint(length.map_or(0, |length| length as u32 + 1)),
            _ if is_text => length.map_or(-1, |length| length as i16).write(self),
            _ => length.map_or(-1, |length| length as i32).write(self),
        }
    }

    /// The end of a struct: its tagged fields, in the order of their tags.
    pub fn tagged(&mut self, fields: &[(u32, Vec<u8>)]) {
        if self.flexible {
            self.unsigned_varint(fields.len() as u32);
            for (tag, bytes) in fields {
                self.unsigned_varint(*tag);
                self.unsigned_varint(bytes.len() as u32);
                self.bytes.extend_from_slice(bytes);
            }
        }
    }

    pub fn is_flexible(&self) -> bool {
        self.flexible
    }
}

/// Reads fields one after another. Every read is checked; bytes that are left over do not count.
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    flexible: bool,
}

impl<'a> Reader<'a> {
    pub fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes, flexible: false }
    }

    /// Version and what follows it; `None` for another version, or where the bytes are of another shape.
    pub fn versioned<T: Field>(version: i16, flexible: bool, bytes: &'a [u8]) -> Option<T> {
        let mut from = Self { bytes, flexible };
        if i16::read(&mut from)? == version { T::read(&mut from) } else { None }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// -1 is null.
    fn length(&mut self, is_text: bool) -> Option<i64> {
        match is_text {
            _ if self.flexible => Some(i64::from(self.unsigned_varint()?) - 1),
            true => i16::read(self).map(i64::from),
            false => i32::read(self).map(i64::from),
        }
    }

    fn contents(&mut self, is_text: bool) -> Option<&'a [u8]> {
        let length = self.length(is_text)?;
        self.take(usize::try_from(length).ok()?)
    }

    /// The end of a struct: its tagged fields.
    pub fn tagged(&mut self) -> Option<Vec<(u32, Self)>> {
        let count = if self.flexible { self.unsigned_varint()? } else { 0 };
        let mut field = || {
            let (tag, size) = (self.unsigned_varint()?, self.unsigned_varint()?);
            Some((tag, Self { bytes: self.take(usize::try_from(size).ok()?)?, flexible: true }))
        };
        (0..count).map(|_| field()).collect()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn write(&self, out: &mut Writer) {
                out.bytes.extend_from_slice(&self.to_be_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Option<Self> {
                from.array().map(Self::from_be_bytes)
            }
            fn json(&self) -> Value {
                (*self).into()
            }
        }
    )*};
}
numbers!(i8, i16, u16, i32, i64);

/// Types that are written as a number: which, how to get there, and back.
macro_rules! written_as {
    ($($type:ty: $number:ty, $to:expr, $back:expr;)*) => {$(
        impl Field for $type {
            fn write(&self, out: &mut Writer) {
                <$number>::write(&$to(self), out);
            }
            fn read(from: &mut Reader<'_>) -> Option<Self> {
                <$number>::read(from).map($back)
            }
            fn json(&self) -> Value {
                <$number>::json(&$to(self))
            }
        }
    )*};
}
written_as! {
    Offset: i64, |offset: &Self| offset.0, Self;
    Timestamp: i64, |timestamp: &Self| timestamp.0, Self;
    // Milliseconds. A negative number is none.
    Span: i32, |span: &Self| i32::try_from(span.ms()).unwrap_or(i32::MAX), |ms| Self::from_ms(u64::try_from(ms).unwrap_or(0));
}

impl Field for TopicId {
    fn write(&self, out: &mut Writer) {
        out.bytes.extend_from_slice(&self.0.to_be_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.array().map(|bytes| Self(u128::from_be_bytes(bytes)))
    }

    fn json(&self) -> Value {
        self.to_string().into()
    }
}

macro_rules! texts {
    ($($text:ty, $as_str:expr;)*) => {$(
        impl Field for $text {
            const IS_TEXT: bool = true;

            fn write(&self, out: &mut Writer) {
                let text: &str = $as_str(self);
                out.length(Some(text.len()), true);
                out.bytes.extend_from_slice(text.as_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Option<Self> {
                std::str::from_utf8(from.contents(true)?).ok().map(Self::from)
            }
            fn json(&self) -> Value {
                $as_str(self).into()
            }
        }
    )*};
}
texts! {
    String, String::as_str;
    Rc<str>, Rc::as_ref;
    GroupId, GroupId::as_str;
    MemberId, MemberId::as_str;
    TopicName, TopicName::as_str;
}

/// Bytes that mean something only to who wrote them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bytes(pub Vec<u8>);

impl Field for Bytes {
    fn write(&self, out: &mut Writer) {
        out.length(Some(self.0.len()), false);
        out.bytes.extend_from_slice(&self.0);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.contents(false).map(|bytes| Self(bytes.to_vec()))
    }

    fn json(&self) -> Value {
        BASE64_STANDARD.encode(&self.0).into()
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.length(Some(self.len()), false);
        self.iter().for_each(|element| element.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let length = from.length(false).filter(|length| *length >= 0)?;
        (0..length).map(|_| T::read(from)).collect()
    }

    fn json(&self) -> Value {
        self.iter().map(T::json).collect()
    }
}

/// What may be null. A struct only where it is tagged: a varint before it says that it is there. Elsewhere it is a `Nullable`.
impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => {
                if T::IS_STRUCT {
                    out.unsigned_varint(1);
                }
                value.write(out);
            }
            None => out.length(None, T::IS_TEXT),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut ahead = from.clone();
        let is_null = ahead.length(T::IS_TEXT)? == -1;
        if is_null || T::IS_STRUCT {
            *from = ahead;
        }
        if is_null { Some(None) } else { T::read(from).map(Some) }
    }

    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::json)
    }
}

/// A struct that may be null: a byte before it says whether it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nullable<T>(pub Option<T>);

impl<T: Field> Field for Nullable<T> {
    fn write(&self, out: &mut Writer) {
        let marker: i8 = if self.0.is_some() { 1 } else { -1 };
        marker.write(out);
        self.0.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match i8::read(from)? {
            marker if marker < 0 => Some(Self(None)),
            _ => T::read(from).map(|value| Self(Some(value))),
        }
    }

    fn json(&self) -> Value {
        self.0.json()
    }
}

/// `leader_epoch` as `leaderEpoch`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_ascii_uppercase() + &word[1..])
}

/// Structs with their fields in Kafka's order, under Kafka's names. A tagged field says its tag and its default.
macro_rules! message {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(= tag $tag:literal or $default:expr)?),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }
        $crate::engine::wire::codec::fields!($name { $($field $(= tag $tag or $default)?),* });
    )*};
}

/// The fields of a struct, in Kafka's order.
macro_rules! fields {
    ($name:ident { $($field:ident $(= tag $tag:literal or $default:expr)?),* }) => {
        impl $crate::engine::wire::Field for $name {
            const IS_STRUCT: bool = true;

            fn write(&self, out: &mut $crate::engine::wire::Writer) {
                let tagged: &mut Vec<(u32, Vec<u8>)> = &mut Vec::new();
                $($crate::engine::wire::codec::fields!(@write self.$field, out, tagged $(, $tag, $default)?);)*
                out.tagged(tagged);
            }

            fn read(from: &mut $crate::engine::wire::Reader<'_>) -> Option<Self> {
                $($crate::engine::wire::codec::fields!(@read $field, from $(, $tag)?);)*
                let _tagged = from.tagged()?;
                $($($crate::engine::wire::codec::fields!(@read $field, _tagged, $tag, $default);)?)*
                Some(Self { $($field),* })
            }

            fn json(&self) -> serde_json::Value {
                let fields = &mut serde_json::Map::new();
                $(if true $(&& self.$field != $default)? {
                    let name = $crate::engine::wire::codec::camel_case(stringify!($field));
                    fields.insert(name, $crate::engine::wire::Field::json(&self.$field));
                })*
                std::mem::take(fields).into()
            }
        }
    };
    (@write $self:ident.$field:ident, $out:ident, $tagged:ident) => {
        $crate::engine::wire::Field::write(&$self.$field, $out)
    };
    (@write $self:ident.$field:ident, $out:ident, $tagged:ident, $tag:literal, $default:expr) => {
        if $self.$field != $default {
            $tagged.push(($tag, $crate::engine::wire::Writer::alone(&$self.$field, $out.is_flexible())));
        }
    };
    (@read $field:ident, $from:ident) => {
        let $field = $crate::engine::wire::Field::read($from)?;
    };
    (@read $field:ident, $from:ident, $tag:literal) => {};
    (@read $field:ident, $tagged:ident, $tag:literal, $default:expr) => {
        let $field = match $tagged.iter().find(|(tag, _)| *tag == $tag) {
            Some((_, field)) => $crate::engine::wire::Field::read(&mut field.clone())?,
            None => $default,
        };
    };
}

/// All records of one topic: the type that its key begins with, key, value, and the version of the value that is written.
macro_rules! records {
    ($(#[$doc:meta])* $name:ident { $($kind:literal $variant:ident: $key:ty => $value:ty, $version:literal $flexible:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum $name {
            $($variant($key, Option<$value>),)*
        }

        impl $name {
            pub fn write(&self) -> Record {
                match self {
                    $(Self::$variant(key, value) => (
                        Writer::versioned($kind, false, key),
                        value.as_ref().map(|value| Writer::versioned($version, $flexible, value)),
                    ),)*
                }
            }

            /// `None` for a record of another kind or version, or where the bytes are of another shape.
            pub fn read(key: &[u8], value: Option<&[u8]>) -> Option<Self> {
                match i16::read(&mut Reader::plain(key))? {
                    $($kind => {
                        let value = match value {
                            Some(value) => Some(Reader::versioned($version, $flexible, value)?),
                            None => None,
                        };
                        Some(Self::$variant(Reader::versioned($kind, false, key)?, value))
                    })*
                    _ => None,
                }
            }

            /// As Kafka's message formatters print it (`CoordinatorRecordMessageFormatter`), without line end.
            pub fn to_json(&self) -> String {
                match self {
                    $(Self::$variant(key, value) => {
                        let value = value.as_ref().map(|value| serde_json::json!({ "version": $version, "data": value.json() }));
                        serde_json::json!({ "key": { "type": $kind, "data": key.json() }, "value": value }).to_string()
                    })*
                }
            }
        }
    };
}

pub(super) use {fields, message, records};
