//! Lives here: the JavaScript API: `new Playground({ seed, brokers })`, and `window.playground` for the live session.
//! Never here: what the answers are made of (that is `view/api`), and anything that the page draws.

mod arguments;
mod types;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::base::Span;
use crate::session::{Advanced, Catalog, Session};
use crate::view::{View, api};
use arguments::{Options, text, whole};

thread_local! {
    /// The stories that `load` can open: those of the page.
    static CATALOG: Cell<Catalog> = const { Cell::new(&[]) };
}

/// Things that one call of `advance` may let happen: beyond it, something never comes to rest.
const DUES_MAX: u64 = 2_000_000;

/// Steps that one `seek` goes beyond what has been: a typing error must not hang the page.
const SEEK_AHEAD_MAX: u64 = 2_000_000;

/// A simulated Kafka.
#[wasm_bindgen]
pub struct Playground {
    session: Rc<RefCell<Session>>,
    changed: Rc<dyn Fn()>,
}

/// Makes the page's session known as `window.playground`. `changed` is called when something was done to it from there.
pub fn attach(session: Rc<RefCell<Session>>, changed: Rc<dyn Fn()>) {
    CATALOG.set(session.borrow().catalog());
    let playground = JsValue::from(Playground { session, changed });
    // It fails only where the global object is frozen: then the page works without its API.
    let _ = js_sys::Reflect::set(&js_sys::global(), &"playground".into(), &playground);
}

#[wasm_bindgen]
impl Playground {
    /// A world of its own.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "PlaygroundOptions")] options: JsValue,
    ) -> Result<Playground, JsError> {
        let Options { seed, brokers } = arguments::options(&options)?;
        let script = format!("! seed {seed}\n! brokers {brokers}\n");
        let session = Session::open(&script, CATALOG.get()).map_err(error)?;
        Ok(Playground { session: Rc::new(RefCell::new(session)), changed: Rc::new(|| {}) })
    }

    /// A line as typed: a bare command, `$ …`, `@name $ …`, `@name > …`, `@name ^C`. Simulated time passes until its command
    /// has ended; one in another terminal may run on.
    #[wasm_bindgen(unchecked_return_type = "RunResult")]
    pub fn run(&self, #[wasm_bindgen(unchecked_param_type = "string")] line: JsValue) -> Result<JsValue, JsError> {
        let line = text(&line, "line")?;
        let result = self.change(|session| api::run(session, &line))?.map_err(error)?;
        give(&result)
    }

    /// Lets so many milliseconds of simulated time pass.
    pub fn advance(&self, #[wasm_bindgen(unchecked_param_type = "number")] ms: JsValue) -> Result<(), JsError> {
        let span = Span(arguments::micros(&ms, "ms")?);
        match self.change(|session| session.advance(span, DUES_MAX))? {
            Advanced::There => Ok(()),
            Advanced::DuesUsedUp => Err(error(format!("more than {DUES_MAX} things happened before {} ms were over", span.ms()))),
        }
    }

    /// The simulated time in milliseconds since the start.
    pub fn now(&self) -> Result<f64, JsError> {
        Ok(api::ms(self.look()?.now()))
    }

    /// The next thing due. False when nothing is due any more.
    pub fn step(&self) -> Result<bool, JsError> {
        self.change(Session::step)
    }

    /// Back by one. False at the beginning.
    pub fn back(&self) -> Result<bool, JsError> {
        self.change(Session::back)
    }

    /// To any cursor.
    pub fn seek(&self, #[wasm_bindgen(unchecked_param_type = "number")] cursor: JsValue) -> Result<(), JsError> {
        let cursor = whole(&cursor, "cursor")?;
        let end = self.look()?.end_cursor();
        if cursor > end.saturating_add(SEEK_AHEAD_MAX) {
            return Err(error(format!("cursor is {cursor}: expected at most {SEEK_AHEAD_MAX} beyond the session's end ({end})")));
        }
        self.change(|session| session.seek(cursor))
    }

    /// How many things have happened until here.
    pub fn cursor(&self) -> Result<f64, JsError> {
        Ok(self.look()?.cursor() as f64)
    }

    #[wasm_bindgen(unchecked_return_type = "Topic[]")]
    pub fn topics(&self) -> Result<JsValue, JsError> {
        self.ask(|view| Ok(api::topics(view.into())))
    }

    #[wasm_bindgen(unchecked_return_type = "Partition[]")]
    pub fn partitions(&self, #[wasm_bindgen(unchecked_param_type = "string")] topic: JsValue) -> Result<JsValue, JsError> {
        let topic = text(&topic, "topic")?;
        self.ask(|view| api::partitions(view.into(), &topic))
    }

    /// Records from an offset on, below the high watermark, as a consumer would read them.
    #[wasm_bindgen(unchecked_return_type = "KafkaRecord[]")]
    pub fn records(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] topic: JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] partition: JsValue,
        #[wasm_bindgen(js_name = fromOffset, unchecked_param_type = "number")] from_offset: JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] max: JsValue,
    ) -> Result<JsValue, JsError> {
        let topic = text(&topic, "topic")?;
        let partition = arguments::small(&partition, "partition")?;
        let from_offset = i64::try_from(whole(&from_offset, "fromOffset")?).unwrap_or(i64::MAX);
        let max = arguments::small(&max, "max")?;
        self.ask(|view| api::records(view.into(), &topic, partition, from_offset, max.unsigned_abs()))
    }

    #[wasm_bindgen(unchecked_return_type = "Group[]")]
    pub fn groups(&self) -> Result<JsValue, JsError> {
        self.ask(|view| Ok(api::groups(view.into())))
    }

    #[wasm_bindgen(unchecked_return_type = "Group")]
    pub fn group(&self, #[wasm_bindgen(unchecked_param_type = "string")] id: JsValue) -> Result<JsValue, JsError> {
        let id = text(&id, "id")?;
        self.ask(|view| api::group(view.into(), &id))
    }

    #[wasm_bindgen(unchecked_return_type = "Broker[]")]
    pub fn brokers(&self) -> Result<JsValue, JsError> {
        self.ask(|view| Ok(api::brokers(view.into())))
    }

    /// What happened, from an index on.
    #[wasm_bindgen(unchecked_return_type = "TraceEntry[]")]
    pub fn trace(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] from: JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] max: JsValue,
    ) -> Result<JsValue, JsError> {
        let from = whole(&from, "from")?;
        let max = arguments::small(&max, "max")?;
        self.ask(|view| api::trace(view.into(), from, max.unsigned_abs()))
    }

    /// The session as text.
    pub fn script(&self) -> Result<String, JsError> {
        Ok(self.look()?.script())
    }

    /// Puts another session in the place of this one.
    pub fn load(&self, #[wasm_bindgen(unchecked_param_type = "string")] script: JsValue) -> Result<(), JsError> {
        let script = text(&script, "script")?;
        let catalog = self.look()?.catalog();
        let session = Session::open(&script, catalog).map_err(error)?;
        self.change(|current| *current = session)
    }

    /// The share link. On the page it is a whole address, elsewhere its fragment.
    pub fn link(&self) -> Result<String, JsError> {
        let fragment = self.look()?.link();
        Ok(match page_address() {
            Some(address) => format!("{address}#{fragment}"),
            None => format!("#{fragment}"),
        })
    }

    /// The world's hash, 16 hexadecimal digits: the same natively and in every browser.
    pub fn hash(&self) -> Result<String, JsError> {
        Ok(api::hash(View::of(&*self.look()?).into()))
    }
}

impl Playground {
    /// The page may be in the middle of a change when a listener of its own calls back.
    fn look(&self) -> Result<std::cell::Ref<'_, Session>, JsError> {
        self.session.try_borrow().map_err(|_| error("the session is busy: call again when the current event is over"))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Session) -> T) -> Result<T, JsError> {
        let mut session =
            self.session.try_borrow_mut().map_err(|_| error("the session is busy: call again when the current event is over"))?;
        let result = change(&mut session);
        drop(session);
        (self.changed)();
        Ok(result)
    }

    fn ask<T: Serialize>(&self, ask: impl FnOnce(View<'_>) -> Result<T, String>) -> Result<JsValue, JsError> {
        let answer = ask(View::of(&*self.look()?)).map_err(error)?;
        give(&answer)
    }
}

/// Plain objects, numbers, and null for nothing.
fn give(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_large_number_types_as_bigints(false)
        .serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(error)
}

fn error(what: impl std::fmt::Display) -> JsError {
    JsError::new(&what.to_string())
}

/// The page's address without its fragment; `None` outside of a page.
fn page_address() -> Option<String> {
    let location = js_sys::Reflect::get(&js_sys::global(), &"location".into()).ok()?;
    let href = js_sys::Reflect::get(&location, &"href".into()).ok()?.as_string()?;
    Some(href.split('#').next().unwrap_or_default().to_owned())
}
