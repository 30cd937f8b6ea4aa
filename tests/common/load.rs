//! A session whose one partition holds as many records as asked for, and the page over it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::source::Source;
use kafka_playground::base::Span;
use kafka_playground::engine::Program;
use kafka_playground::session::{Advanced, ScenarioEntry, Session};
use wasm_bindgen::JsCast;

const CATALOG: &[ScenarioEntry] =
    &[ScenarioEntry { name: "load", title: "Load", script: "! scenario load\n", service: |name| Some(source(name.parse().ok()?)) }];

fn source(records: u64) -> Box<dyn Program> {
    Box::new(Source::new(records, 1, 10))
}

/// A session with so many records in `t-0`.
pub async fn loaded(records: u64) -> Session {
    let mut session = Session::open("! scenario load\n", CATALOG).expect("the script is a script");
    session.input(&format!("$ start-service {records}")).expect("the service is there");
    let held = |session: &Session| {
        let partitions = kafka_playground::view::logs::partitions(session.world(), "t", 0..1);
        partitions.first().map_or(0, |partition| partition.log_end_offset)
    };
    for _ in 0..10_000 {
        if held(&session) == records as i64 {
            return session;
        }
        let _: Advanced = session.advance(Span::from_ms(100), u64::MAX);
        turn().await;
    }
    panic!("only {} of {records} records came", held(&session));
}

/// The page in this document, in place of the one before it.
pub struct Mounted {
    pub session: Rc<RefCell<Session>>,
    pub touch: Rc<dyn Fn()>,
}

impl Mounted {
    /// Opens the page as a first visit does, at an address.
    pub async fn open(fragment: &str) -> Self {
        let window = web_sys::window().expect("a window");
        if let Ok(Some(storage)) = window.local_storage() {
            storage.clear().expect("storage can be cleared");
        }
        let document = window.document().expect("a document");
        if let Some(before) = document.get_element_by_id("page") {
            before.remove();
        }
        let root = document.create_element("div").expect("an element");
        root.set_id("page");
        document.body().expect("a body").append_child(&root).expect("it is appended");
        window.location().set_hash(fragment).expect("a fragment");
        let live: Rc<RefCell<Option<Self>>> = Rc::default();
        let attached = live.clone();
        kafka_playground::ui::start(move |session, touch| *attached.borrow_mut() = Some(Self { session, touch }));
        let mounted = live.borrow_mut().take().expect("start attaches the session");
        drawn().await;
        mounted
    }

    /// Puts another session in place and waits until it is drawn.
    pub async fn put(&self, session: Session) {
        *self.session.borrow_mut() = session;
        self.touched().await;
    }

    pub async fn touched(&self) {
        (self.touch)();
        drawn().await;
    }

    /// Lets simulated time pass.
    pub async fn pass(&self, ms: u64) {
        self.session.borrow_mut().advance(Span::from_ms(ms), u64::MAX);
        self.touched().await;
    }
}

/// The page's own element.
pub fn page() -> web_sys::Element {
    let document = web_sys::window().and_then(|window| window.document()).expect("a document");
    document.get_element_by_id("page").expect("the page is mounted")
}

pub fn all(selector: &str) -> u32 {
    page().query_selector_all(selector).expect("a selector").length()
}

pub fn text(selector: &str) -> String {
    let element = page().query_selector(selector).expect("a selector");
    element.and_then(|element| element.text_content()).unwrap_or_default()
}

/// Clicks the first element of this selector that says so.
pub async fn click(selector: &str, words: &str) {
    let found = page().query_selector_all(selector).expect("a selector");
    let elements = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<web_sys::HtmlElement>().ok());
    let says = |element: &web_sys::HtmlElement| element.text_content().is_some_and(|text| text.contains(words));
    let element = elements.into_iter().find(says).unwrap_or_else(|| panic!("no {selector} says “{words}”"));
    element.click();
    drawn().await;
}

/// Gives the browser its turn.
pub async fn turn() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let window = web_sys::window().expect("a window");
        window.set_timeout_with_callback(&resolve).expect("a timeout");
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.expect("it ends");
}

/// Waits until Yew has drawn: it does so in microtasks, and measures widths in a frame.
pub async fn drawn() {
    for _ in 0..3 {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            let window = web_sys::window().expect("a window");
            window.request_animation_frame(&resolve).expect("a frame");
        });
        wasm_bindgen_futures::JsFuture::from(promise).await.expect("a frame comes");
    }
}
