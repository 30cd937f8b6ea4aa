//! Share links: the script, deflated, as base64url. Everything is in the link; nothing is stored anywhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::script::SCRIPT_BYTES_MAX;

/// Why a link cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// Characters that no link has, or too few.
    NotALink,
    /// It was cut or changed on its way.
    Damaged,
    TooLarge,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotALink => "This is no session link: it has characters that a link does not have.",
            Self::Damaged => "The session link is damaged: part of it is missing or was changed. Ask for it again.",
            Self::TooLarge => "The session link holds more than a session can: it was not made here.",
        })
    }
}

pub fn script_to_link(script: &str) -> String {
    URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(script.as_bytes(), 9))
}

pub fn link_to_script(link: &str) -> Result<String, LinkError> {
    let deflated = URL_SAFE_NO_PAD.decode(link.trim()).map_err(|_| LinkError::NotALink)?;
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&deflated, SCRIPT_BYTES_MAX).map_err(|error| {
        if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput { LinkError::TooLarge } else { LinkError::Damaged }
    })?;
    String::from_utf8(bytes).map_err(|_| LinkError::Damaged)
}
