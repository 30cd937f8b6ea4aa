//! Kafka's deserializers, as far as a console consumer prints what they return (`org.apache.kafka.common.serialization`).

use super::config_def;
use super::exception::Exception;
use super::properties::config_exception;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deserializer {
    Text,
    ByteArray,
    Bytes,
    ByteBuffer,
    Boolean,
    Short,
    Integer,
    Long,
    Float,
    Double,
    Uuid,
    Void,
}

const PACKAGE: &str = "org.apache.kafka.common.serialization.";

impl Deserializer {
    /// The one of that class, or why it cannot be made.
    pub fn named(class: &str) -> Result<Self, Exception> {
        let found = match class.strip_prefix(PACKAGE).unwrap_or_default() {
            "StringDeserializer" => Self::Text,
            "ByteArrayDeserializer" => Self::ByteArray,
            "BytesDeserializer" => Self::Bytes,
            "ByteBufferDeserializer" => Self::ByteBuffer,
            "BooleanDeserializer" => Self::Boolean,
            "ShortDeserializer" => Self::Short,
            "IntegerDeserializer" => Self::Integer,
            "LongDeserializer" => Self::Long,
            "FloatDeserializer" => Self::Float,
            "DoubleDeserializer" => Self::Double,
            "UUIDDeserializer" => Self::Uuid,
            "VoidDeserializer" => Self::Void,
            "ListDeserializer" => {
                let why = "Not able to determine the list class because it was neither passed via the constructor nor set in the \
                           config.";
                return Err(config_exception(why));
            }
            _ if config_def::class(class).is_some() => {
                let what = cannot_be_cast(class, "org.apache.kafka.common.serialization.Deserializer");
                return Err(Exception::java("java.lang.ClassCastException", &what));
            }
            _ => return Err(Exception::java("java.lang.ClassNotFoundException", class)),
        };
        Ok(found)
    }

    /// What it makes of bytes, as Java prints it.
    pub fn print(self, bytes: &[u8]) -> Result<String, Exception> {
        Ok(match self {
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
            // The number is Java's own for the array, and another each time.
            Self::ByteArray => "[B@5ca881b5".to_owned(),
            Self::Bytes => bytes.iter().map(|byte| printable(*byte)).collect(),
            Self::ByteBuffer => format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()),
            Self::Boolean => match sized::<1>(bytes, "BooleanDeserializer")?[0] as i8 {
                0 => "false".to_owned(),
                1 => "true".to_owned(),
                other => return Err(unreadable(&format!("Unexpected byte received by BooleanDeserializer: {other}"))),
            },
            Self::Short => i16::from_be_bytes(sized(bytes, "ShortDeserializer")?).to_string(),
            Self::Integer => i32::from_be_bytes(sized(bytes, "IntegerDeserializer")?).to_string(),
            Self::Long => i64::from_be_bytes(sized(bytes, "LongDeserializer")?).to_string(),
            Self::Float => java_decimal(&format!("{:e}", f32::from_be_bytes(sized(bytes, "Deserializer")?))),
            Self::Double => java_decimal(&format!("{:e}", f64::from_be_bytes(sized(bytes, "Deserializer")?))),
            Self::Uuid => uuid(&String::from_utf8_lossy(bytes))?,
            Self::Void => return Err(Exception::illegal_argument("Data should be null for a VoidDeserializer.")),
        })
    }
}

/// As Java words a cast between two classes of which the first is one of its own.
pub fn cannot_be_cast(class: &str, interface: &str) -> String {
    let place = format!("{class} is in module java.base of loader 'bootstrap'; {interface} is in unnamed module of loader 'app'");
    format!("class {class} cannot be cast to class {interface} ({place})")
}

fn unreadable(why: &str) -> Exception {
    Exception::java("org.apache.kafka.common.errors.SerializationException", why)
}

fn sized<const N: usize>(bytes: &[u8], name: &str) -> Result<[u8; N], Exception> {
    bytes.try_into().map_err(|_| unreadable(&format!("Size of data received by {name} is not {N}")))
}

/// `Bytes.toString`
fn printable(byte: u8) -> String {
    match byte {
        b' '..=b'~' if byte != b'\\' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    }
}

/// `Float.toString` and `Double.toString`, from the shortest digits and their exponent (`1.5e-7`).
fn java_decimal(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else {
        return if text == "inf" { "Infinity".to_owned() } else { text.replace("inf", "Infinity") };
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    let or_zero = |part: &str| if part.is_empty() { "0".to_owned() } else { part.to_owned() };
    match usize::try_from(exponent) {
        Ok(places) if places < 7 => {
            let all = format!("{all:0<width$}", width = places + 1);
            format!("{sign}{}.{}", &all[..=places], or_zero(&all[places + 1..]))
        }
        Err(_) if exponent >= -3 => {
            let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
            format!("{sign}0.{zeros}{all}")
        }
        _ => format!("{sign}{whole}.{}E{exponent}", or_zero(part)),
    }
}

/// `UUID.fromString`: five groups of hexadecimal digits, each cut to its length.
fn uuid(text: &str) -> Result<String, Exception> {
    let wrong = |why: String| unreadable("Error parsing data into UUID").because(Exception::illegal_argument(&why));
    let groups: Vec<&str> = text.split('-').collect();
    if text.len() > 36 {
        return Err(wrong("UUID string too large".to_owned()));
    }
    if groups.len() != 5 || groups.iter().any(|group| group.is_empty()) {
        return Err(wrong(format!("Invalid UUID string: {text}")));
    }
    let mut shown = Vec::new();
    for (group, width) in groups.iter().zip([8usize, 4, 4, 4, 12]) {
        let number = u64::from_str_radix(group, 16).map_err(|_| wrong(format!("Invalid UUID string: {text}")))?;
        shown.push(format!("{:0width$x}", number & (u64::MAX >> (64 - 4 * width))));
    }
    Ok(shown.join("-"))
}
