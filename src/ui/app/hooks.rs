//! What components are given, and the small hooks and helpers that they share.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use crate::ui::app::handle::{Frames, SessionHandle};
use crate::ui::app::state::{Do, Theme, Ui};

/// What every part of the page is given: the live session, what the page remembers, and the frames.
#[derive(Clone, PartialEq)]
pub struct Page {
    pub session: SessionHandle,
    pub frames: Frames,
    pub ui: UseReducerHandle<Ui>,
}

/// The props of a component that needs nothing else.
#[derive(Properties, PartialEq)]
pub struct PageProps {
    pub page: Page,
}

impl Page {
    pub fn dispatch(&self, action: Do) {
        self.ui.dispatch(action);
    }

    /// A callback that does one thing to what the page remembers.
    pub fn doing(&self, action: Do) -> Callback<MouseEvent> {
        let dispatcher = self.ui.dispatcher();
        Callback::from(move |_: MouseEvent| dispatcher.dispatch(action.clone()))
    }

    /// A callback that acts on the session.
    pub fn acting(&self, act: fn(&Page)) -> Callback<MouseEvent> {
        let page = self.clone();
        Callback::from(move |_: MouseEvent| act(&page))
    }

    /// A callback that gives script lines.
    pub fn giving(&self, lines: Vec<String>) -> Callback<MouseEvent> {
        let page = self.clone();
        Callback::from(move |_: MouseEvent| page.give(&lines))
    }
}

/// Draws the component anew whenever time has moved.
#[hook]
pub fn use_moment(frames: &Frames) {
    let update = use_force_update();
    use_effect_with(frames.clone(), move |frames| {
        let id = frames.listen(Callback::from(move |()| update.force_update()));
        let frames = frames.clone();
        move || frames.unlisten(id)
    });
}

/// An element whose size is watched, until this is dropped.
struct Observed {
    element: web_sys::Element,
    observer: Option<web_sys::ResizeObserver>,
    /// What the observer calls.
    _closure: Closure<dyn FnMut()>,
}

impl Observed {
    fn new(element: web_sys::Element, size: UseStateHandle<(i32, i32)>) -> Self {
        let measured = |element: &web_sys::Element| (element.client_width(), element.client_height());
        size.set(measured(&element));
        let watched = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || size.set(measured(&watched)));
        let observer = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        Self { element, observer, _closure: closure }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// The inner width and height of an element, in CSS pixels; 0 before they are known. Where another element takes its place
/// in the page, that one is watched from then on.
#[hook]
pub fn use_size(node: NodeRef) -> (i32, i32) {
    let size = use_state_eq(|| (0, 0));
    let observed = use_mut_ref(|| None::<Observed>);
    {
        let size = size.clone();
        use_effect(move || {
            let element = node.cast::<web_sys::Element>();
            let mut observed = observed.borrow_mut();
            if observed.as_ref().map(|observed| &observed.element) != element.as_ref() {
                *observed = element.map(|element| Observed::new(element, size));
            }
        });
    }
    *size
}

pub fn window() -> web_sys::Window {
    web_sys::window().expect("the page runs in a window")
}

pub fn document() -> web_sys::Document {
    window().document().expect("a window has a document")
}

/// Milliseconds since the page was opened, on the wall.
pub fn wall_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The theme that the page does not have now, with its icon and its name.
pub fn other_theme(theme: Theme) -> (&'static str, &'static str, Theme) {
    let is_dark = match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches()),
    };
    if is_dark { ("sun", "Light theme", Theme::Light) } else { ("moon", "Dark theme", Theme::Dark) }
}

/// The element that an event of a field or a choice comes from, as text: what it holds now.
pub fn value_of(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    let held = js_sys::Reflect::get(&target, &"value".into());
    held.ok().and_then(|held| held.as_string()).unwrap_or_default()
}

/// The first element that fits a selector.
pub fn element(selector: &str) -> Option<web_sys::HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Is this a place where keys write text or choose something?
pub fn takes_keys(target: &web_sys::Element) -> bool {
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || target.closest("dialog, .terminal").ok().flatten().is_some()
}

/// Gives an element the focus; one that cannot take it leaves it where it is.
pub fn focus(element: Option<web_sys::HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}

/// Gives something the focus that may be there only once the page has been drawn.
pub fn focus_soon(selector: &'static str) {
    gloo_timers::callback::Timeout::new(30, move || focus(element(selector))).forget();
}

/// A button's callback that saves a file.
pub fn downloading(name: &'static str, page: &Page) -> Callback<MouseEvent> {
    let page = page.clone();
    Callback::from(move |_: MouseEvent| {
        download(name, &page.session.look().script());
    })
}

/// `text` as a file in the downloads.
pub fn download(name: &str, text: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url).ok()
}
