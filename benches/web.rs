//! `make bench`, the half that runs in Chromium.

#![cfg(target_arch = "wasm32")]

#[path = "assignors.rs"]
mod assignors;
#[path = "cluster.rs"]
mod cluster;
#[path = "figures.rs"]
mod figures;
// The tests need more of it.
#[allow(dead_code)]
#[path = "../tests/common/load.rs"]
mod load;
#[path = "pace.rs"]
mod pace;
#[path = "../tests/common/source.rs"]
mod source;
#[path = "views.rs"]
mod views;

use pace::Pace;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn figures_in_the_browser() {
    let clock = clock();
    figures::run(&Pace::new(&clock, &|| Box::pin(load::turn())), &mut |line| console_log!("{line}")).await;
}

#[wasm_bindgen_test]
async fn cluster_in_the_browser() {
    let clock = clock();
    cluster::run(&Pace::new(&clock, &|| Box::pin(load::turn())), &mut |line| console_log!("{line}")).await;
}

#[wasm_bindgen_test]
async fn assignors_in_the_browser() {
    let clock = clock();
    assignors::run(&Pace::new(&clock, &|| Box::pin(load::turn())), &mut |line| console_log!("{line}")).await;
}

fn clock() -> impl Fn() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance()).expect("a clock");
    move || performance.now()
}

#[wasm_bindgen_test]
async fn views_in_the_browser() {
    let clock = clock();
    views::run(&Pace::new(&clock, &|| Box::pin(load::turn())), &mut |line| console_log!("{line}")).await;
}

/// Draws a partition's screenful through Yew, for a hundred records and for a million.
#[wasm_bindgen_test]
async fn a_screenful_through_yew() {
    let performance = web_sys::window().and_then(|window| window.performance()).expect("a clock");
    let mounted = load::Mounted::open("scenario=taxi-booking").await;
    let mut took = Vec::new();
    for records in [100, 1_000_000] {
        mounted.put(load::loaded(records).await).await;
        assert!(load::all(".cell") > 0, "the records are on the page");
        let mut best = f64::INFINITY;
        for _ in 0..30 {
            // Yew draws in the microtasks that follow; the resolved promise comes after them.
            let start = performance.now();
            (mounted.touch)();
            for _ in 0..4 {
                let promise = js_sys::Promise::resolve(&wasm_bindgen::JsValue::NULL);
                wasm_bindgen_futures::JsFuture::from(promise).await.expect("it is resolved");
            }
            best = best.min(performance.now() - start);
            load::drawn().await;
        }
        console_log!("{:<52} {best:>9.3} ms", format!("drawing the page over {records} records"));
        took.push(best);
    }
    console_log!("{:<52} {:>9.2} x", "  a million against a hundred", took[1] / took[0].max(0.001));
}
