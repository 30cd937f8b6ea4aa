//! The tests that run inside a browser, in one binary. Natively it is empty: `make test-web` runs it in headless Chromium.

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod commands;
#[cfg(target_arch = "wasm32")]
mod hashes;
#[cfg(target_arch = "wasm32")]
#[path = "../common/load.rs"]
mod load;

#[cfg(target_arch = "wasm32")]
mod seeds;
#[cfg(target_arch = "wasm32")]
#[path = "../common/source.rs"]
mod source;
#[cfg(target_arch = "wasm32")]
mod ui;
#[cfg(target_arch = "wasm32")]
mod walk;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
