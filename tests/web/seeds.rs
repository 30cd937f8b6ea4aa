//! The same list of hashes as natively: one simulation, wherever it runs.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../common/seeds.rs"]
mod list;

#[wasm_bindgen_test]
fn same_seed_same_world_in_the_browser() {
    assert_eq!(list::list(), list::KEPT);
}
