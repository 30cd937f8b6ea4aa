//! Lives here: the Records view: filters, columns, and a table of which only the rows that are seen are in the page.
//! Never here: which records those are: `view::records` reads them.

mod columns;
mod filters;
mod rows;
mod table;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use crate::ui::app::hooks::{self, Page, PageProps};
use crate::ui::app::state::{Dialog, Do};
use crate::ui::parts::icon::icon;
use crate::view::View;
use crate::view::records;
use table::{At, Sizes, Subject, Table};

/// A wheel's lines, in pixels.
const WHEEL_LINE: f64 = 40.0;

/// So long after the last move a finger has come to rest.
const REST_MS: u32 = 160;

pub fn records(page: &Page) -> Html {
    html! { <Records page={page.clone()} /> }
}

/// What the table's events change, and how it is drawn anew.
#[derive(Clone)]
struct Handle {
    table: Rc<RefCell<Table>>,
    page: Page,
    update: UseForceUpdateHandle,
}

impl Handle {
    fn change(&self, change: impl FnOnce(&mut Table)) {
        change(&mut self.table.borrow_mut());
        self.update.force_update();
    }

    fn changing(&self, change: impl Fn(&mut Table) + 'static) -> Callback<MouseEvent> {
        let handle = self.clone();
        Callback::from(move |_: MouseEvent| handle.change(&change))
    }

    /// Unfolds a record, or folds it. The table keeps the focus: its rows come and go.
    fn toggle(&self, record: At) {
        self.change(|table| table.toggle(record));
        if let Some(table) = hooks::element(".records-table") {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = table.focus_with_options(&options);
        }
    }

    fn walk(&self, by: i64) {
        let session = self.page.session.clone();
        self.change(|table| table.walk(&session.look(), by));
        // The inspector goes with the cursor, where it is open.
        let cursor = self.table.borrow().cursor.clone();
        if self.page.ui.selection.is_some()
            && let Some(cursor) = cursor
        {
            self.page.dispatch(Do::Select(Some(rows::selection(&cursor))));
        }
    }
}

/// The view. It is drawn with the page, and by itself while it scrolls or searches.
#[component]
fn Records(props: &PageProps) -> Html {
    let page = &props.page;
    let (scroller, probe) = (use_node_ref(), use_node_ref());
    let handle = Handle { table: use_mut_ref(Table::default), page: page.clone(), update: use_force_update() };
    let sizes = use_sizes(&scroller, &probe, &handle.update);
    let (topics, topic, partitions) = {
        let session = page.session.look();
        let view = View::of(&session);
        let topics = records::topic_names(view.into(), page.ui.settings.internal);
        let topic = page.ui.topic.clone().filter(|topic| topics.contains(topic)).or_else(|| view.fullest_topic(&topics));
        let count = topic.as_ref().map_or(0, |topic| view.partition_count(topic));
        (topics, topic, count)
    };
    if let Some(topic) = &topic {
        let subject =
            Subject { topic: topic.clone(), filter: page.ui.filter.clone(), sessions: page.ui.sessions, jumps: page.ui.jumps };
        handle.table.borrow_mut().look(&page.session.look(), &subject, sizes);
    }
    use_listeners(&scroller, &handle);
    {
        let (handle, scroller) = (handle.clone(), scroller.clone());
        use_effect(move || drawn(&handle, &scroller));
    }
    let Some(topic) = topic else {
        return html! {
            <div class="records"><div class="empty">
                <h3>{ "There are no topics yet" }</h3>
                <p>{ "Records lie in topics. Create one, then write to it." }</p>
                <button type="button" class="button button-strong" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                    { icon("plus") }{ "Create a topic" }
                </button>
            </div></div>
        };
    };
    html! {
        <section class="records" aria-label="Records">
            { filters::filters(page, &topics, &topic, partitions) }
            { rows::table_html(&handle, &topic, partitions, sizes, &scroller, &probe) }
        </section>
    }
}

/// The table while its sizes are watched: until this is dropped, since the observer must not call what is gone.
struct Observed {
    element: web_sys::Element,
    observer: web_sys::ResizeObserver,
    /// What the observer calls.
    _closure: Closure<dyn FnMut()>,
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The sizes of the table and of a row, watched.
#[hook]
fn use_sizes(scroller: &NodeRef, probe: &NodeRef, update: &UseForceUpdateHandle) -> Sizes {
    let sizes = use_mut_ref(Sizes::default);
    let observed = use_mut_ref(|| None::<Observed>);
    {
        let (scroller, probe, update, sizes) = (scroller.clone(), probe.clone(), update.clone(), sizes.clone());
        use_effect(move || {
            let (Some(element), Some(row)) = (scroller.cast::<web_sys::Element>(), probe.cast::<web_sys::Element>()) else {
                return;
            };
            let mut observed = observed.borrow_mut();
            if observed.as_ref().is_some_and(|observed| observed.element == element) {
                return;
            }
            let (watched, measured) = (element.clone(), row.clone());
            let closure = Closure::<dyn FnMut()>::new(move || {
                let now = measure(&watched, &measured);
                if std::mem::replace(&mut *sizes.borrow_mut(), now) != now {
                    update.force_update();
                }
            });
            if let Ok(observer) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
                observer.observe(&element);
                observer.observe(&row);
                *observed = Some(Observed { element, observer, _closure: closure });
            }
        });
    }
    let sizes = *sizes.borrow();
    // Before anything is known: enough for a screen.
    if sizes.row > 0.0 { sizes } else { Sizes { width: 0.0, body: 320.0, row: 32.0, letter: 9.0 } }
}

/// The probe is as high as a row and as wide as ten characters.
fn measure(scroller: &web_sys::Element, probe: &web_sys::Element) -> Sizes {
    let (rect, row) = (probe.get_bounding_client_rect(), probe.get_bounding_client_rect().height());
    let body = (f64::from(scroller.client_height()) - row).max(row);
    Sizes { width: f64::from(scroller.client_width()), body, row, letter: rect.width() / 10.0 }
}

/// Hears how the table is scrolled: by its bar, a finger, or a wheel.
#[hook]
fn use_listeners(scroller: &NodeRef, handle: &Handle) {
    let heard = use_mut_ref(|| None::<(web_sys::Element, Vec<EventListener>)>);
    let rest = use_mut_ref(|| None::<Timeout>);
    let (scroller, handle) = (scroller.clone(), handle.clone());
    use_effect(move || {
        let element = scroller.cast::<web_sys::Element>();
        if heard.borrow().as_ref().map(|(element, _)| element) == element.as_ref() {
            return;
        }
        *heard.borrow_mut() = element.map(|element| {
            let listeners = vec![on_scroll(&element, &handle, rest), on_touch(&element, &handle), on_wheel(&element, &handle)];
            (element, listeners)
        });
    });
}

fn on_scroll(element: &web_sys::Element, handle: &Handle, rest: Rc<RefCell<Option<Timeout>>>) -> EventListener {
    let (handle, watched) = (handle.clone(), element.clone());
    EventListener::new(element, "scroll", move |_| {
        let scrolled = watched.scroll_top();
        if scrolled != handle.table.borrow().scrolled {
            // Where the pane has grown, the browser itself goes back to the end: that is no going away from it.
            let at_end = scrolled + watched.client_height() >= watched.scroll_height() - 1;
            handle.change(|table| table.scroll(scrolled, at_end));
        }
        let later = handle.clone();
        *rest.borrow_mut() = Some(Timeout::new(REST_MS, move || {
            if std::mem::take(&mut later.table.borrow_mut().touched) {
                later.update.force_update();
            }
        }));
    })
}

fn on_touch(element: &web_sys::Element, handle: &Handle) -> EventListener {
    let handle = handle.clone();
    EventListener::new(element, "touchmove", move |_| handle.table.borrow_mut().touched = true)
}

fn on_wheel(element: &web_sys::Element, handle: &Handle) -> EventListener {
    let handle = handle.clone();
    let heard = move |event: &Event| {
        let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
        let extent = handle.table.borrow().extent;
        let Some(extent) = extent.filter(|extent| extent.is_scaled()) else { return };
        if event.ctrl_key() || event.shift_key() || event.delta_y() == 0.0 {
            return;
        }
        event.prevent_default();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => WHEEL_LINE,
            WheelEvent::DOM_DELTA_PAGE => extent.body,
            _ => 1.0,
        };
        let pixels = event.delta_y() * unit;
        handle.change(|table| table.wheel(pixels));
    };
    EventListener::new_with_options(element, "wheel", EventListenerOptions::enable_prevent_default(), heard)
}

/// Puts the scroll bar where the table is, and looks further for what fits.
fn drawn(handle: &Handle, scroller: &NodeRef) {
    let mut table = handle.table.borrow_mut();
    if let (Some(element), Some(extent)) = (scroller.cast::<web_sys::Element>(), table.extent) {
        let wanted = extent.scroll_of(table.top).round() as i32;
        // Where somebody has scrolled since, the event that says so is on its way.
        let follows = std::mem::take(&mut table.moved) || element.scroll_top() == table.scrolled;
        if follows && !table.touched {
            if (element.scroll_top() - wanted).abs() > 1 {
                element.set_scroll_top(wanted);
            }
            table.scrolled = element.scroll_top();
        }
    }
    if table.searching && !std::mem::replace(&mut table.asked, true) {
        let later = handle.clone();
        let next = Closure::once_into_js(move || later.change(|table| table.asked = false));
        // Refused only where the window is going away.
        let _ = hooks::window().request_animation_frame(next.unchecked_ref());
    }
}

/// Keys of the table. They are its own: the page's shortcuts do not hear them.
fn on_key(handle: &Handle, event: &KeyboardEvent) {
    let target = event.target_dyn_into::<web_sys::Element>();
    // What is inside an unfolded record has its own keys.
    let inside = target.is_some_and(|target| target.closest(".record-more").ok().flatten().is_some());
    if event.ctrl_key() || event.meta_key() || event.alt_key() || (inside && event.key() != "Escape") {
        return;
    }
    let screen = handle.table.borrow().extent.map_or(1, |extent| (extent.seen() as i64 - 1).max(1));
    match event.key().as_str() {
        "ArrowDown" => handle.walk(1),
        "ArrowUp" => handle.walk(-1),
        "PageDown" => handle.walk(screen),
        "PageUp" => handle.walk(-screen),
        "Home" => handle.walk(i64::MIN),
        "End" => handle.walk(i64::MAX),
        "Enter" | " " => {
            let cursor = handle.table.borrow().cursor.clone();
            match cursor {
                Some(cursor) => handle.toggle(cursor),
                None => handle.walk(1),
            }
        }
        "Escape" => {
            let open = handle.table.borrow().open.clone();
            match open {
                Some(open) => handle.toggle(open),
                None => return,
            }
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
