//! What Trunk starts: the page. Natively there is no page, so it says how to get one.

#[cfg(target_arch = "wasm32")]
fn main() {
    kafka_playground::ui::start(kafka_playground::js::attach);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is the page's program, for a browser. Run `make serve` to build the page and serve it.");
}
