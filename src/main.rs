//! What Trunk starts: the page. Natively there is no page, so it says how to get one.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    yew::Renderer::<Page>::new().render();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is the page's program, for a browser. Run `make serve` to build the page and serve it.");
}

#[cfg(target_arch = "wasm32")]
#[yew::function_component]
fn Page() -> yew::Html {
    yew::html! { <main><h1>{ "Kafka Playground" }</h1></main> }
}
