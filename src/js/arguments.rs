//! Arguments as JavaScript gives them: anything at all. What does not fit is an error that says what was expected.

use wasm_bindgen::prelude::*;

/// `new Playground({ seed, brokers })`.
pub(super) struct Options {
    pub(super) seed: u64,
    pub(super) brokers: u64,
}

/// Above this a JavaScript number skips whole numbers.
const SAFE_MAX: f64 = 9_007_199_254_740_991.0;

pub(super) fn options(value: &JsValue) -> Result<Options, JsError> {
    let mut options = Options { seed: 1, brokers: 1 };
    if value.is_undefined() || value.is_null() {
        return Ok(options);
    }
    if !value.is_object() || js_sys::Array::is_array(value) {
        return Err(expected("options", "an object like { seed: 42, brokers: 1 }", value));
    }
    for key in js_sys::Object::keys(value.unchecked_ref::<js_sys::Object>()).iter() {
        let field = js_sys::Reflect::get(value, &key).unwrap_or(JsValue::UNDEFINED);
        match key.as_string().as_deref() {
            _ if field.is_undefined() => {}
            Some("seed") => options.seed = whole(&field, "seed")?,
            Some("brokers") => options.brokers = whole(&field, "brokers")?,
            other => {
                let name = other.unwrap_or("a symbol");
                return Err(JsError::new(&format!("there is no option '{name}': expected seed and brokers")));
            }
        }
    }
    Ok(options)
}

pub(super) fn text(value: &JsValue, name: &str) -> Result<String, JsError> {
    value.as_string().ok_or_else(|| expected(name, "a string", value))
}

/// A whole number from 0 on.
pub(super) fn whole(value: &JsValue, name: &str) -> Result<u64, JsError> {
    match value.as_f64() {
        Some(number) if (0.0..=SAFE_MAX).contains(&number) && number.fract() == 0.0 => Ok(number as u64),
        _ => Err(expected(name, "a whole number, 0 or more", value)),
    }
}

/// A whole number from 0 on that is no larger than a partition number can be.
pub(super) fn small(value: &JsValue, name: &str) -> Result<i32, JsError> {
    i32::try_from(whole(value, name)?).map_err(|_| expected(name, "a whole number up to 2147483647", value))
}

/// Milliseconds, with decimals, as microseconds.
pub(super) fn micros(value: &JsValue, name: &str) -> Result<u64, JsError> {
    match value.as_f64() {
        Some(ms) if (0.0..=SAFE_MAX / 1000.0).contains(&ms) => Ok((ms * 1000.0).round() as u64),
        _ => Err(expected(name, "a number of milliseconds, 0 or more", value)),
    }
}

fn expected(name: &str, what: &str, value: &JsValue) -> JsError {
    let got = match (value.as_f64(), value.js_typeof().as_string()) {
        _ if value.is_null() => "null".to_owned(),
        (Some(number), _) => number.to_string(),
        (None, Some(kind)) => kind,
        (None, None) => "something else".to_owned(),
    };
    JsError::new(&format!("{name}: expected {what}, got {got}"))
}
