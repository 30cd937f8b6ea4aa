//! The page itself, mounted in a browser: what a person would see and press.

use kafka_playground::scenario::CATALOG;
use kafka_playground::session::Session;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::load::{Mounted, all, click, loaded, page, text};

#[wasm_bindgen_test]
async fn the_taxi_story_opens() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    assert_eq!(all("[data-testid=story] .step"), 1);
    assert!(text("[data-testid=story]").contains("1 of "), "{}", text("[data-testid=story]"));
    assert!(all(".topic") >= 2, "payments and rides");
    // The page's own style is not loaded here: the stage has its room all the same.
    let style = "<style>.rem-probe { width: 1024px } .stage-body { height: 600px }</style>";
    page().insert_adjacent_html("afterbegin", style).expect("it is put in");
    mounted.pass(0).await;
    mounted.pass(0).await;
    assert!(all(".reader .switch") >= 8, "its services have their switches: {}", text(".readers"));
}

#[wasm_bindgen_test]
async fn a_record_with_markup_is_text() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    mounted.put(Session::empty(1, 1, CATALOG)).await;
    let key = "<b class=injected>k</b>";
    let value = "<img class=injected src=x>";
    for block in [
        "$ kafka-topics.sh --create --topic t --bootstrap-server localhost:9092".to_owned(),
        format!(
            "$ kafka-console-producer.sh --topic t --bootstrap-server localhost:9092 --reader-property parse.key=true \
             --reader-property key.separator=@\n> {key}@{value}\n^D"
        ),
    ] {
        mounted.session.borrow_mut().input(&block).expect("a block of the script");
        mounted.pass(5_000).await;
    }
    assert_eq!(all(".cell"), 1);
    click(".cell", "").await;
    assert!(text("[data-testid=inspector]").contains(value), "{}", text("[data-testid=inspector]"));
    click(".topbar-views .tab", "Records").await;
    assert!(text(".records-table").contains(key), "{}", text(".records-table"));
    assert!(text(".records-table").contains(value));
    assert_eq!(all(".injected"), 0, "markup became an element");
    click(".topbar-views .tab", "Logs").await;
}

#[wasm_bindgen_test]
async fn an_empty_playground_teaches_the_first_command() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    mounted.put(Session::empty(1, 1, CATALOG)).await;
    assert!(text(".log .empty").contains("kafka-topics.sh --create --topic rides"), "{}", text(".log"));
    click(".log .empty button", "Type it for me").await;
    mounted.pass(5_000).await;
    assert_eq!(all(".log .empty"), 0);
    assert_eq!(text(".topic .name-button"), "rides");
    assert_eq!(all(".topic .partition"), 3);
}

/// The log is as wide after its topics have gone and come back.
#[wasm_bindgen_test]
async fn the_log_keeps_its_cells_through_an_empty_world() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    // The page's own style is not loaded here: a cell has a width all the same.
    let style = "<style>.rem-probe { width: 1024px } .stage-body { width: 400px; height: 600px }</style>";
    page().insert_adjacent_html("afterbegin", style).expect("it is put in");
    mounted.put(Session::empty(1, 1, CATALOG)).await;
    for block in [
        "$ kafka-topics.sh --create --topic t --bootstrap-server localhost:9092",
        "$ kafka-console-producer.sh --topic t --bootstrap-server localhost:9092\n> a\n> b\n> c\n> d\n^D",
    ] {
        mounted.session.borrow_mut().input(block).expect("a block of the script");
        mounted.pass(5_000).await;
    }
    mounted.pass(0).await;
    assert_eq!(all(".cell"), 4, "after the first topic");
    let end = mounted.session.borrow().end_cursor();
    mounted.session.borrow_mut().seek(0);
    mounted.pass(0).await;
    assert_eq!(all(".topic"), 0, "in the beginning there is nothing");
    mounted.session.borrow_mut().seek(end);
    mounted.pass(0).await;
    mounted.pass(0).await;
    assert_eq!(all(".cell"), 4, "after going back and forth");
}

#[wasm_bindgen_test]
async fn step_and_step_back_move_the_cursor() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    let cursor = || mounted.session.borrow().cursor();
    let before = cursor();
    click("[aria-label=Step]", "").await;
    assert_eq!(cursor(), before + 1);
    click("[aria-label='Step back']", "").await;
    assert_eq!(cursor(), before);
}

#[wasm_bindgen_test]
async fn a_million_records_put_a_screenful_into_the_page() {
    let mounted = Mounted::open("scenario=taxi-booking").await;
    mounted.put(loaded(1_000_000).await).await;
    assert!(text(".slot").contains("1000000"), "{}", text(".slot"));
    let cells = all(".cell");
    assert!((1..=200).contains(&cells), "{cells} cells");
    assert!(all("*") < 5_000, "{} elements", all("*"));
}
