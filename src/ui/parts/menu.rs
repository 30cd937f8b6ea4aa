//! A button that opens a menu. Arrow keys walk, Esc closes, the focus returns to the button.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::app::hooks;
use crate::ui::parts::icon::icon;

/// One line of a menu.
#[derive(Clone, PartialEq)]
pub struct MenuItem {
    pub icon: Option<&'static str>,
    pub label: AttrValue,
    /// A quieter second line.
    pub hint: Option<AttrValue>,
    /// Of several, the one that holds now.
    pub current: bool,
    /// A rule above it.
    pub ruled: bool,
    /// Lines in a row with the same word here stand below it.
    pub section: Option<&'static str>,
    /// There is nothing to do now.
    pub off: bool,
    pub onclick: Callback<MouseEvent>,
}

impl MenuItem {
    pub fn new(icon: &'static str, label: &'static str, onclick: Callback<MouseEvent>) -> Self {
        let label = AttrValue::Static(label);
        Self { icon: Some(icon), label, hint: None, current: false, ruled: false, section: None, off: false, onclick }
    }

    pub fn off(self, off: bool) -> Self {
        Self { off, ..self }
    }
}

#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// The button's accessible name.
    pub label: AttrValue,
    /// What the button shows.
    pub children: Html,
    #[prop_or_default]
    pub class: &'static str,
    /// Hangs at the button's right edge.
    #[prop_or_default]
    pub end: bool,
    pub items: Vec<MenuItem>,
}

#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let (root, button, list) = (use_node_ref(), use_node_ref(), use_node_ref());
    {
        // Opening puts the focus on the current line, or the first; a press anywhere else closes it.
        let (open, root, button, list) = (open.clone(), root.clone(), button.clone(), list.clone());
        let end = props.end;
        use_effect_with(*open, move |is_open| {
            let listener = is_open.then(|| {
                place(&button, &list, end);
                if let Some(root) = root.cast::<web_sys::Element>() {
                    let item = root.query_selector("[aria-checked=true]").ok().flatten();
                    let item = item.or_else(|| root.query_selector("[role^=menuitem]").ok().flatten());
                    hooks::focus(item.and_then(|item| item.dyn_into().ok()));
                }
                EventListener::new(&hooks::document(), "pointerdown", move |event| {
                    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
                    if !root.cast::<web_sys::Node>().is_some_and(|root| root.contains(target.as_ref())) {
                        open.set(false);
                    }
                })
            });
            move || drop(listener)
        });
    }
    let close = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |()| {
            open.set(false);
            hooks::focus(button.cast());
        })
    };
    let onkeydown = {
        let (open, root, close) = (open.clone(), root.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| {
            if !*open {
                return;
            }
            let by = match event.key().as_str() {
                "Escape" => {
                    event.prevent_default();
                    event.stop_propagation();
                    return close.emit(());
                }
                "Tab" => return open.set(false),
                "ArrowDown" => 1,
                "ArrowUp" => -1,
                "Home" => i32::MIN,
                "End" => i32::MAX,
                _ => {
                    event.stop_propagation();
                    return;
                }
            };
            event.prevent_default();
            event.stop_propagation();
            walk(&root, by);
        })
    };
    let onfocusout = {
        let (open, root) = (open.clone(), root.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
            let inside = root.cast::<web_sys::Node>().is_some_and(|root| root.contains(to.as_ref()));
            if !inside && to.is_some() {
                open.set(false);
            }
        })
    };
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    html! {
        <div class={classes!("menu", props.class)} ref={root} {onkeydown} {onfocusout}>
            <button type="button" class="menu-button" ref={button} aria-haspopup="menu" aria-expanded={(*open).to_string()}
                aria-label={&props.label} title={&props.label} onclick={toggle}>
                { props.children.clone() }
            </button>
            if *open {
                <div class="menu-list" ref={list} popover="manual" role="menu" aria-label={&props.label}>
                    { for props.items.chunk_by(|one, other| one.section == other.section).map(|items| section(items, &close)) }
                </div>
            }
        </div>
    }
}

fn section(items: &[MenuItem], close: &Callback<()>) -> Html {
    let lines = || items.iter().map(|item| line(item, close));
    match items.first().and_then(|item| item.section) {
        None => lines().collect(),
        Some(words) => html! {
            <div class="menu-section" role="group" aria-label={words}>
                <p class="menu-heading" aria-hidden="true">{ words }</p>
                { for lines() }
            </div>
        },
    }
}

fn line(item: &MenuItem, close: &Callback<()>) -> Html {
    let onclick = {
        let (act, close, off) = (item.onclick.clone(), close.clone(), item.off);
        Callback::from(move |event: MouseEvent| {
            if !off {
                close.emit(());
                act.emit(event);
            }
        })
    };
    let (role, checked) = if item.icon.is_none() { ("menuitemradio", Some(item.current.to_string())) } else { ("menuitem", None) };
    html! {
        <button type="button" {role} tabindex="-1" aria-checked={checked} aria-disabled={item.off.then_some("true")} {onclick}
            class={classes!("menu-item", item.ruled.then_some("menu-item-ruled"))}>
            if let Some(name) = item.icon { { icon(name) } } else if item.current { { icon("check") } }
            else { <span class="icon" aria-hidden="true"></span> }
            <span class="menu-words">
                { &item.label }
                if let Some(hint) = &item.hint { <span class="menu-hint">{ hint }</span> }
            </span>
        </button>
    }
}

/// Gap between the button and its menu, and the least one to the window's edge.
const GAP: f64 = 4.0;

/// Shows the menu above everything else, so that no pane cuts it off: below its button, or above where that has more room.
pub(in crate::ui) fn place(button: &NodeRef, list: &NodeRef, end: bool) {
    let (Some(button), Some(list)) = (button.cast::<web_sys::Element>(), list.cast::<web_sys::HtmlElement>()) else {
        return;
    };
    // A browser without popovers shows the list as a plain fixed element.
    let _ = list.show_popover();
    let window = hooks::window();
    let size = |value: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| value.ok().and_then(|value| value.as_f64());
    let width = size(window.inner_width()).unwrap_or(0.0);
    let height = size(window.inner_height()).unwrap_or(0.0);
    let (from, own) = (button.get_bounding_client_rect(), list.get_bounding_client_rect());
    let below = from.bottom() + GAP;
    let above = (from.top() - GAP - own.height()).max(GAP);
    let top = if below + own.height() + GAP <= height { below } else { above };
    let left = if end { from.right() - own.width() } else { from.left() };
    let left = left.min(width - own.width() - GAP).max(GAP);
    let style = list.style();
    for (name, value) in [("left", left), ("top", top)] {
        // Both are legal values of properties that exist.
        let _ = style.set_property(name, &format!("{value:.0}px"));
    }
}

/// Moves the focus by so many lines, round at the ends.
fn walk(root: &NodeRef, by: i32) {
    let Some(items) = root.cast::<web_sys::Element>().and_then(|root| root.query_selector_all("[role^=menuitem]").ok()) else {
        return;
    };
    let count = items.length() as i32;
    if count == 0 {
        return;
    }
    let active = hooks::document().active_element();
    let at = (0..count).find(|at| {
        let item = items.item(*at as u32).and_then(|item| item.dyn_into::<web_sys::Element>().ok());
        item.is_some() && item == active
    });
    let next = match (by, at) {
        (i32::MIN, _) | (1.., None) => 0,
        (i32::MAX, _) | (_, None) => count - 1,
        (_, Some(at)) => (at + by).rem_euclid(count),
    };
    if let Some(item) = items.item(next as u32).and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
