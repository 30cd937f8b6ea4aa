//! `make bench`, the half that runs in Chromium.

#![cfg(target_arch = "wasm32")]

#[path = "figures.rs"]
mod figures;

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn figures_in_the_browser() {
    let performance = web_sys::window().and_then(|window| window.performance()).expect("a clock");
    figures::run(&|| performance.now(), &mut |line| console_log!("{line}"));
}
