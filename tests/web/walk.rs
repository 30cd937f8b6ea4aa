//! An address that names a step opens the world that it opens natively.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../common/walk.rs"]
mod list;

#[wasm_bindgen_test]
fn step_nine_begins_as_natively() {
    assert_eq!(format!("{:016x}", list::hash()), list::KEPT.trim());
}
