//! A session of 500 commands ends as it does natively.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../common/commands.rs"]
mod list;

#[wasm_bindgen_test]
fn five_hundred_commands_end_as_natively() {
    assert_eq!(format!("{:016x}", list::session(7, 500).hash()), list::KEPT.trim());
}
