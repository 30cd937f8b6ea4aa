//! The same seeds give the same worlds as on every other machine (see also the browser's half in `tests/web`).

#[path = "../common/seeds.rs"]
mod list;

#[test]
fn same_seed_same_world() {
    let now = list::list();
    assert!(now == list::KEPT, "tests/seeds.txt does not fit. If behaviour was meant to change, this is the new list:\n{now}");
}
