//! A session whose one partition holds as many records as asked for, and the page over it.

use std::cell::RefCell;
use std::rc::Rc;

use kafka_playground::base::{ClientId, Span};
use kafka_playground::engine::Program;
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};
use kafka_playground::session::{Advanced, ScenarioEntry, Session};
use wasm_bindgen::JsCast;

const CATALOG: &[ScenarioEntry] =
    &[ScenarioEntry { name: "load", title: "Load", script: "! scenario load\n", service: |name| Some(source(name.parse().ok()?)) }];

fn source(left: u64) -> Box<dyn Program> {
    Box::new(Source { left, unacknowledged: 0, producer: None })
}

/// Sends records as fast as the acknowledgements come.
#[derive(Clone, Hash, Debug)]
struct Source {
    left: u64,
    unacknowledged: u64,
    producer: Option<ClientId>,
}

impl Source {
    /// Records that may wait for an acknowledgement: about what buffer.memory would hold.
    const WINDOW: u64 = 20_000;

    fn fill(&mut self, context: &mut Context<'_>) {
        let Some(producer) = self.producer else { return };
        while self.left > 0 && self.unacknowledged < Self::WINDOW {
            context.send(producer, NewRecord { topic: "t", value: Some(b"0123456789"), ..NewRecord::default() });
            self.left -= 1;
            self.unacknowledged += 1;
        }
    }
}

impl Behaviour for Source {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = context.admin("setup");
                let topic = NewTopic {
                    name: "t".into(),
                    partitions: Some(1),
                    replication_factor: Some(1),
                    replica_assignment: Vec::new(),
                    configs: Vec::new(),
                };
                context.call(admin, Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] }));
                self.producer = Some(context.producer(ProducerConfig::default()));
            }
            Event::Answered { .. } => self.fill(context),
            Event::Delivered { sends, .. } => {
                self.unacknowledged -= sends.len() as u64;
                if self.unacknowledged < Self::WINDOW / 2 {
                    self.fill(context);
                }
            }
            _ => {}
        }
    }
}

/// A session with so many records in `t-0`.
pub fn loaded(records: u64) -> Session {
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
