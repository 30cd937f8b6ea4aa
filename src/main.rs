//! What Trunk starts: the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    kafka_playground::ui::start(|_, _| {});
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The page runs in a browser: `make serve`.");
}
