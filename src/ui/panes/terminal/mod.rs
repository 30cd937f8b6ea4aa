//! Lives here: the terminal pane: its tabs, its screen, its prompt.
//! Never here: what a line does and what a program prints: `view::terminal` reads that from the session.

mod find;
mod prompt;
mod screen;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::session::script::MAIN_TERMINAL;
use crate::ui::app::hooks::{self, Page, PageProps, window};
use crate::ui::app::state::Side;
use crate::ui::app::typing::focus_prompt;
use crate::ui::parts::icon::{icon, icon_button};
use crate::view::terminal::Tab;
use screen::ScreenView;

/// The pane's height, in hundredths of the window.
const HEIGHT: u32 = 34;
const HEIGHT_MIN: u32 = 14;
const HEIGHT_MAX: u32 = 80;

#[component]
pub fn Terminal(props: &PageProps) -> Html {
    let page = &props.page;
    let open = page.terminal_is_open();
    let height = match page.ui.settings.terminal.height {
        0 => HEIGHT,
        height => height.clamp(HEIGHT_MIN, HEIGHT_MAX),
    };
    let (left, right) = page.shown_terminals();
    let split = right.is_some();
    let used = if split { page.ui.settings.terminal.used() } else { Side::Left };
    let class = classes!("terminal", "pane", (!open).then_some("terminal-folded"));
    html! {
        <section {class} aria-label="Terminal" tabindex="-1" data-testid="terminal" style={format!("--terminal-height:{height}dvh")}>
            if open {
                { separator(page, height) }
                <div class={classes!("terminal-sides", split.then_some("terminal-split"))}>
                    <SideView page={page.clone()} side={Side::Left} tab={left} used={used == Side::Left} {split} />
                    if let Some(tab) = right {
                        <SideView page={page.clone()} side={Side::Right} {tab} used={used == Side::Right} {split} />
                    }
                </div>
            }
        </section>
    }
}

/// The button that closes the pane; the clock's line has the one that opens it.
fn handle(page: &Page) -> Html {
    html! {
        <button type="button" class="terminal-fold" aria-label="Fold the terminal" title="Fold the terminal"
            onclick={page.acting(Page::toggle_terminal)}>{ icon("terminal") }{ icon("chevron") }</button>
    }
}

#[derive(Properties, PartialEq)]
pub struct SideProps {
    pub page: Page,
    pub side: Side,
    pub tab: Tab,
    /// It was used last: keys that lead to the terminal lead here.
    pub used: bool,
    /// There are two.
    pub split: bool,
}

/// One terminal of the pane: its bar and its screen.
#[component]
fn SideView(props: &SideProps) -> Html {
    let SideProps { page, side, tab, used, split } = props;
    let finding = use_state_eq(|| None::<String>);
    let onkeydown = {
        let (page, tab, finding) = (page.clone(), tab.clone(), finding.clone());
        Callback::from(move |event: KeyboardEvent| on_key(&page, &tab, &finding, &event))
    };
    let onfocusin = {
        let (page, side, used) = (page.clone(), *side, *used);
        Callback::from(move |_: FocusEvent| {
            if !used {
                page.place_terminal(|place| place.right = side == Side::Right);
            }
        })
    };
    let label = match (split, side) {
        (false, _) => None,
        (true, Side::Left) => Some("Left terminal"),
        (true, Side::Right) => Some("Right terminal"),
    };
    html! {
        <div class={classes!("terminal-side", used.then_some("terminal-side-used"))} role={label.map(|_| "group")} aria-label={label}
            {onkeydown} {onfocusin}>
            <header class="terminal-bar">
                if *side == Side::Left { { handle(page) } }
                { tab_list(page, *side, tab) }
                { tools(page, *side, tab, *split, &finding) }
            </header>
            <ScreenView key={tab.name.to_string()} page={page.clone()} tab={tab.clone()} finding={finding.clone()} />
        </div>
    }
}

/// Shows a second terminal beside the first: one that is there, or a new one. With two: only the one in use is left.
fn split(page: &Page) {
    let (left, right) = page.shown_terminals();
    match right {
        Some(right) => {
            let used = page.ui.settings.terminal.used();
            let stays = if used == Side::Right { right } else { left };
            page.place_terminal(|place| {
                place.beside.clear();
                place.active = stays.name.to_string();
                place.right = false;
            });
        }
        None => {
            let other = page.terminals().into_iter().find(|tab| tab.name != left.name);
            let name = other.map_or_else(|| page.new_terminal(), |tab| tab.name.to_string());
            page.place_terminal(|place| {
                place.active = left.name.to_string();
                place.beside.clone_from(&name);
            });
            return show(page, Side::Right, &name);
        }
    }
    focus_prompt();
}

/// The other one of two takes the keys.
fn to_other_side(page: &Page) {
    page.place_terminal(|place| place.right = !place.right);
    focus_prompt();
}

fn on_key(page: &Page, active: &Tab, finding: &UseStateHandle<Option<String>>, event: &KeyboardEvent) {
    let key = event.key();
    let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
    let does = match key.to_ascii_lowercase().as_str() {
        "f" if control && !event.shift_key() => {
            finding.set(Some((**finding).clone().unwrap_or_default()));
            focus_find();
            true
        }
        "\\" if event.ctrl_key() => {
            split(page);
            true
        }
        "enter" if control && active.runs && !page.ui.clock.runs() => {
            page.play(true);
            true
        }
        "f6" if page.shown_terminals().1.is_some() => {
            to_other_side(page);
            true
        }
        _ => false,
    };
    if does {
        event.prevent_default();
        return;
    }
    // On the screen, the keys of a terminal work as at the prompt; a letter goes on there.
    let on_screen = event.target_dyn_into::<web_sys::Element>().is_some_and(|target| target.class_name() == "terminal-screen");
    if !on_screen {
        return;
    }
    match (event.ctrl_key(), key.to_ascii_lowercase().as_str()) {
        (true, "c") if !has_selection() => page.type_lines(&active.name, vec!["^C".to_owned()]),
        (true, "d") => page.type_lines(&active.name, vec!["^D".to_owned()]),
        (false, " " | "pageup" | "pagedown") => return,
        (false, one) if !event.meta_key() && !event.alt_key() && one.chars().count() == 1 => {
            hooks::focus(hooks::element(crate::ui::app::typing::PROMPT));
            return;
        }
        _ => return,
    }
    event.prevent_default();
}

/// Is some text of the page selected?
fn has_selection() -> bool {
    let selection =
        js_sys::Reflect::get(&window(), &"getSelection".into()).ok().and_then(|get| get.dyn_into::<js_sys::Function>().ok());
    let selection = selection.and_then(|get| get.call0(&window()).ok());
    selection.is_some_and(|selection| {
        js_sys::Reflect::get(&selection, &"isCollapsed".into()).is_ok_and(|collapsed| collapsed.is_falsy())
    })
}

fn focus_find() {
    gloo_timers::callback::Timeout::new(30, || hooks::focus(hooks::element(".terminal-side-used .terminal-find input"))).forget();
}

/// The edge that is dragged, or moved by the arrow keys.
fn separator(page: &Page, height: u32) -> Html {
    let resize = {
        let page = page.clone();
        move |height: u32| page.place_terminal(|place| place.height = height.clamp(HEIGHT_MIN, HEIGHT_MAX))
    };
    let onpointer = {
        let resize = resize.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
            match event.type_().as_str() {
                "pointerdown" if event.button() == 0 => {
                    // Without capture the drag ends at the edge, no worse.
                    let _ = target.set_pointer_capture(event.pointer_id());
                    event.prevent_default();
                }
                "pointermove" if event.buttons() & 1 == 1 => {
                    let whole = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(1.0).max(1.0);
                    let below = whole - f64::from(event.client_y());
                    resize((below / whole * 100.0).clamp(0.0, 100.0).round() as u32);
                }
                _ => {}
            }
        })
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowUp" => height + 4,
            "ArrowDown" => height.saturating_sub(4),
            "Home" => HEIGHT_MIN,
            "End" => HEIGHT_MAX,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        resize(to);
    });
    html! {
        <div class="terminal-edge" role="separator" tabindex="0" aria-orientation="horizontal" aria-label="Height of the terminal"
            aria-valuemin={HEIGHT_MIN.to_string()} aria-valuemax={HEIGHT_MAX.to_string()} aria-valuenow={height.to_string()}
            onpointerdown={&onpointer} onpointermove={&onpointer} {onkeydown}></div>
    }
}

fn tab_list(page: &Page, side: Side, active: &Tab) -> Html {
    let add = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| show(&page, side, &page.new_terminal()))
    };
    html! {
        <nav class="terminal-tabs" aria-label={format!("Terminals{}", at(page, side))}>
            { for page.terminals().iter().map(|tab| tab_html(page, side, tab, active)) }
            { icon_button("plus", "New terminal", None, false, "icon-button-small", add) }
        </nav>
    }
}

/// Where it is, of two.
fn at(page: &Page, side: Side) -> &'static str {
    match (page.shown_terminals().1, side) {
        (None, _) => "",
        (_, Side::Left) => ", left",
        (_, Side::Right) => ", right",
    }
}

/// Shows a terminal, and takes what is typed there.
fn show(page: &Page, side: Side, name: &str) {
    page.place_terminal(|place| {
        place.open = Some(true);
        place.show(side, name);
        place.closed.retain(|(closed, _)| closed != name);
        if name != MAIN_TERMINAL && !place.opened.iter().any(|opened| opened == name) {
            place.opened.push(name.to_owned());
        }
    });
    focus_prompt();
}

fn tab_html(page: &Page, side: Side, tab: &Tab, active: &Tab) -> Html {
    let current = tab.name == active.name;
    let onclick = {
        let (page, name) = (page.clone(), tab.name.clone());
        Callback::from(move |_: MouseEvent| show(&page, side, &name))
    };
    let close = {
        let (page, tab) = (page.clone(), tab.clone());
        Callback::from(move |_: MouseEvent| close(&page, side, &tab))
    };
    let label = format!("Terminal {}{}", tab.label, if tab.runs { ", runs" } else { "" });
    html! {
        <span class={classes!("terminal-tab", current.then_some("terminal-tab-current"))} key={tab.name.to_string()}>
            <button type="button" class="terminal-tab-name" aria-label={label} aria-current={current.then_some("true")} {onclick}>
                if tab.runs { <span class="terminal-runs" title="A program runs"></span> }
                { &tab.label }
            </button>
            if current && *tab.name != *MAIN_TERMINAL {
                <button type="button" class="terminal-tab-close" aria-label={format!("Close terminal {}", tab.label)} onclick={close}>
                    { icon("close") }
                </button>
            }
        </span>
    }
}

/// Closes a terminal; as a real one does, it ends what runs there.
fn close(page: &Page, side: Side, tab: &Tab) {
    let inputs = tab.inputs + usize::from(tab.runs);
    if tab.runs {
        page.type_lines(&tab.name, vec!["^C".to_owned()]);
    }
    let (left, right) = page.shown_terminals();
    page.place_terminal(|place| {
        place.opened.retain(|opened| **opened != *tab.name);
        place.closed.retain(|(closed, _)| **closed != *tab.name);
        place.closed.push((tab.name.to_string(), inputs));
        // Of two, the other one stays.
        place.active = match (side, right) {
            (Side::Left, Some(right)) => right.name.to_string(),
            (Side::Right, Some(_)) => left.name.to_string(),
            (_, None) => MAIN_TERMINAL.to_owned(),
        };
        place.beside.clear();
        place.right = false;
    });
    focus_prompt();
}

/// What there is to press: most of all for those without a Ctrl key.
fn tools(page: &Page, side: Side, active: &Tab, two: bool, finding: &UseStateHandle<Option<String>>) -> Html {
    let press = |label: &'static str, words: &'static str, off: bool| {
        let (page, name) = (page.clone(), active.name.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            page.type_lines(&name, vec![label.to_owned()]);
            focus_prompt();
        });
        html! {
            <button type="button" class="terminal-key" aria-label={words} title={words} aria-disabled={off.then_some("true")}
                onclick={(!off).then_some(onclick)}>{ label }</button>
        }
    };
    let find = {
        let finding = finding.clone();
        Callback::from(move |_: MouseEvent| match *finding {
            Some(_) => finding.set(None),
            None => {
                finding.set(Some(String::new()));
                focus_find();
            }
        })
    };
    // One button for both, in the corner.
    let splits = if two { "One terminal" } else { "Two terminals side by side" };
    html! {
        <div class="terminal-tools">
            { press("^C", "^C: interrupt", !active.runs) }
            { press("^D", "^D: end of input", !active.runs) }
            { icon_button("search", "Find in the output", Some("Control+F"), false, "icon-button-small", find) }
            { screen::copy_all(page, active) }
            if side == Side::Right || !two {
                { icon_button("split", splits, Some("Control+\\"), false, "icon-button-small terminal-splits", page.acting(split)) }
            }
        </div>
    }
}

/// A callback that runs a command in a terminal that is free.
fn running(page: &Page, command: &str) -> Callback<MouseEvent> {
    let (page, command): (Page, Rc<str>) = (page.clone(), command.into());
    Callback::from(move |_: MouseEvent| page.run_in_terminal(&command))
}
