//! `--topic-id` (`Uuid.fromString`), with what Java's decoder of base64 says of a text that is none.

use crate::base::TopicId;
use crate::shell::cli::exception::Exception;

/// The most that an id with its padding takes.
const LENGTH_MAX: usize = 24;

pub(super) fn parse(text: &str) -> Result<TopicId, Exception> {
    let wrong = |why: String| Exception::illegal_argument(&why);
    if text.encode_utf16().count() > LENGTH_MAX {
        let begin: String = text.chars().take(LENGTH_MAX).collect();
        return Err(wrong(format!("Input string with prefix `{begin}` is too long to be decoded as a base64 UUID")));
    }
    let bytes = decode(text).map_err(wrong)?;
    match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ok(TopicId(u128::from_be_bytes(bytes))),
        Err(_) => Err(wrong(format!(
            "Input string `{text}` decoded as {} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID",
            bytes.len()
        ))),
    }
}

/// The six bits that a character stands for.
fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

/// `Base64.getUrlDecoder().decode`.
fn decode(text: &str) -> Result<Vec<u8>, String> {
    // Java looks at the bytes of Latin-1, in which a question mark stands for all others.
    let source: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap_or(b'?')).collect();
    if source.len() == 1 {
        return Err("Input byte[] should at least have 2 bytes for base64 bytes".to_owned());
    }
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    let mut rest = source.iter().copied().enumerate();
    for (at, byte) in rest.by_ref() {
        if byte == b'=' {
            let second = count == 2 && source.get(at + 1) != Some(&b'=');
            if count == 0 || second {
                return Err("Input byte array has wrong 4-byte ending unit".to_owned());
            }
            break;
        }
        bits = bits << 6 | value(byte).ok_or_else(|| format!("Illegal base64 character {byte:x}"))?;
        count += 1;
        if count == 4 {
            bytes.extend(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        1 => return Err("Last unit does not have enough valid bits".to_owned()),
        2 => {
            bytes.push((bits >> 4) as u8);
            rest.next();
        }
        3 => bytes.extend([(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
    match rest.next() {
        Some((at, _)) => Err(format!("Input byte array has incorrect ending byte at {at}")),
        None => Ok(bytes),
    }
}
