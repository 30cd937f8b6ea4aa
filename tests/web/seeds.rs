//! The same list of hashes as natively: one simulation, wherever it runs.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../common/seeds.rs"]
mod seeds;

#[wasm_bindgen_test]
fn same_seed_same_world_in_the_browser() {
    assert_eq!(seeds::list(), seeds::KEPT);
}
