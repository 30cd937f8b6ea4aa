//! A terminal's screen: the rows that are in sight, and the prompt below the last one.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::find::{Found, find_box};
use super::prompt::Prompt;
use super::running;
use crate::ui::app::hooks::{self, Page, use_size};
use crate::ui::app::typing::focus_prompt;
use crate::ui::parts::command::copy_button_of;
use crate::ui::parts::icon::icon;
use crate::view::terminal::{Row, Screen, Tab};

/// Rows drawn above and below what is in sight.
const BEYOND: u64 = 30;

/// Lines that a screen reader is told of at once; of more, the last.
const SAID_MAX: usize = 4;

/// The first commands to try, with what each does.
const FIRST: [(&str, &str); 3] = [
    ("Create a topic", "kafka-topics.sh --create --topic events --partitions 3 --bootstrap-server localhost:9092"),
    ("Write to it: type lines, ^D ends", "kafka-console-producer.sh --topic events --bootstrap-server localhost:9092"),
    ("Read it: ^C ends", "kafka-console-consumer.sh --topic events --from-beginning --bootstrap-server localhost:9092"),
];

#[derive(Properties, PartialEq)]
pub struct ScreenProps {
    pub page: Page,
    pub tab: Tab,
    pub finding: UseStateHandle<Option<String>>,
}

/// How the window is scrolled, in CSS pixels.
#[derive(Clone, Copy, PartialEq)]
struct Scroll {
    top: i32,
    height: i32,
    /// It follows what is printed.
    follows: bool,
}

/// A search as it was asked last, and what it found.
#[derive(Default)]
struct Searched {
    /// The text, the items there were, and the cursor.
    asked: (String, usize, u64),
    items: Vec<usize>,
}

/// The size of a letter and a line, in CSS pixels.
#[derive(Clone, Copy, PartialEq)]
struct Cell {
    width: f64,
    height: f64,
}

#[component]
pub fn ScreenView(props: &ScreenProps) -> Html {
    let ScreenProps { page, tab, finding } = props;
    let (node, probe) = (use_node_ref(), use_node_ref());
    let width = use_size(node.clone()).0;
    let scroll = use_state_eq(|| Scroll { top: 0, height: 400, follows: true });
    let cell = use_state_eq(|| Cell { width: 8.0, height: 22.0 });
    let screen = use_mut_ref(Screen::default);
    let found = use_state_eq(Found::default);
    let columns = (f64::from(width - 2 * PADDING_PX) / cell.width).max(0.0) as usize;
    let session = page.session.look();
    screen.borrow_mut().update(&session, &tab.name, if width == 0 { 80 } else { columns }, page.session.way().typing.refused());
    let wanted = (**finding).clone();
    // Looked for anew only where there is something new.
    let searched = use_mut_ref(Searched::default);
    let items = {
        let (screen, mut searched) = (screen.borrow(), searched.borrow_mut());
        let asked = (wanted.clone().unwrap_or_default(), screen.len(), session.cursor());
        if searched.asked != asked {
            searched.items = screen.find(&session, &asked.0);
            searched.asked = asked;
        }
        searched.items.clone()
    };
    let at = if found.items == items { found.at } else { items.len().saturating_sub(1) };
    let shown = Found { items, at };
    let window = in_sight(&screen.borrow(), &scroll, *cell);
    let (above, below) = {
        let screen = screen.borrow();
        (screen.rows_above(window.start), screen.height() - screen.rows_above(window.end))
    };
    let rows = screen.borrow().rows(&session, window.clone());
    let latest = screen.borrow().latest(&session, SAID_MAX);
    drop(session);

    // Follows the end, and takes the measure of a letter.
    {
        let (node, probe, scroll, cell) = (node.clone(), probe.clone(), scroll.clone(), cell.clone());
        use_effect(move || {
            let (Some(node), Some(probe)) = (node.cast::<web_sys::HtmlElement>(), probe.cast::<web_sys::Element>()) else { return };
            let rect = probe.get_bounding_client_rect();
            if rect.width() > 0.0 {
                cell.set(Cell { width: rect.width() / 100.0, height: rect.height() });
            }
            if scroll.follows {
                node.set_scroll_top(node.scroll_height());
            }
            scroll.set(Scroll { height: node.client_height(), ..*scroll });
        });
    }
    let onscroll = {
        let (scroll, cell) = (scroll.clone(), cell.clone());
        Callback::from(move |event: Event| {
            let Some(node) = event.target_dyn_into::<web_sys::HtmlElement>() else { return };
            let (top, height) = (node.scroll_top(), node.client_height());
            let follows = f64::from(node.scroll_height() - top - height) < cell.height;
            scroll.set(Scroll { top, height, follows });
        })
    };
    let go = {
        let (shown, found, screen, node, cell, scroll) =
            (shown.clone(), found.clone(), screen.clone(), node.clone(), cell.clone(), scroll.clone());
        Callback::from(move |by: i32| {
            let count = shown.items.len() as i32;
            if count == 0 {
                return;
            }
            let at = (shown.at as i32 + by).rem_euclid(count) as usize;
            let top = (screen.borrow().rows_above(shown.items[at]) as f64 * cell.height) as i32 - scroll.height / 3;
            if let Some(node) = node.cast::<web_sys::HtmlElement>() {
                scroll.set(Scroll { top: top.max(0), height: scroll.height, follows: false });
                node.set_scroll_top(top.max(0));
            }
            found.set(Found { items: shown.items.clone(), at });
        })
    };
    let current = shown.items.get(shown.at).copied();
    let onclick = Callback::from(|event: MouseEvent| {
        // A click beside everything is for the prompt; one that ends a selection is not.
        let on_text = event
            .target_dyn_into::<web_sys::Element>()
            .is_some_and(|on| on.closest("button, textarea, a").ok().flatten().is_some());
        if !on_text && !super::has_selection() {
            hooks::focus(hooks::element(crate::ui::app::typing::PROMPT));
        }
    });
    let way = page.session.way();
    let waits: Vec<&str> = way.typing.waiting(&tab.name).collect();
    let line = cell.height;
    html! {
        <>
        if let Some(wanted) = &wanted { { find_box(&tab.label, wanted, &shown, finding, &go) } }
        <div class="terminal-screen" ref={node} tabindex="0" role="region" aria-label={format!("Output of terminal {}", tab.label)}
            data-testid="terminal-screen" {onscroll} {onclick}>
            <span class="terminal-probe" ref={probe} aria-hidden="true">{ PROBE }</span>
            if screen.borrow().is_empty() && !tab.runs { { first(page) } }
            <div style={format!("block-size:{:.1}px", above as f64 * line)}></div>
            { for rows.iter().zip(window.start..).map(|(row, item)| row_html(page, row, item, wanted.as_deref(), current == Some(item))) }
            <div style={format!("block-size:{:.1}px", below as f64 * line)}></div>
            { for waits.iter().take(20).map(|line| html! { <div class="term-row term-waits"><span class="term-mark">{ "…" }</span>{ line }</div> }) }
            if waits.len() > 20 { <p class="term-row term-waits">{ format!("… and {} lines more wait", waits.len() - 20) }</p> }
            if tab.runs && !page.ui.clock.runs() { { stands(page) } }
            <Prompt key={page.ui.put_back} page={page.clone()} tab={tab.clone()} />
        </div>
        <div class="visually-hidden" role="log" aria-live="polite" aria-label={format!("Latest output of terminal {}", tab.label)}>
            { for latest.iter().map(|(item, text)| html! { <div key={*item}>{ text }</div> }) }
        </div>
        </>
    }
}

/// A hundred letters, to take their measure.
const PROBE: &str = "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";

/// The padding of the screen at either side.
const PADDING_PX: i32 = 16;

/// The items to draw.
fn in_sight(screen: &Screen, scroll: &Scroll, cell: Cell) -> std::ops::Range<usize> {
    let fits = (f64::from(scroll.height) / cell.height).ceil().max(1.0) as u64;
    let first = match scroll.follows {
        true => screen.height().saturating_sub(fits),
        false => (f64::from(scroll.top) / cell.height) as u64,
    };
    let start = screen.item_at(first.saturating_sub(BEYOND));
    let end = screen.item_at(first + fits + BEYOND).saturating_add(1).min(screen.len());
    start.min(end)..end
}

/// What runs in the terminal cannot go on by itself: it says so where its next line would come.
fn stands(page: &Page) -> Html {
    let run = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            page.play(true);
            focus_prompt();
        })
    };
    html! {
        <p class="term-stands" role="status">
            <span>{ "It waits: the clock is paused." }</span>
            <button type="button" class="term-run" aria-keyshortcuts="Control+Enter" title="Let it run (Ctrl+Enter)" onclick={run}>
                { icon("play") }{ "Let it run" }
            </button>
            <kbd class="wide-only">{ "Ctrl" }</kbd><kbd class="wide-only">{ "Enter" }</kbd>
        </p>
    }
}

fn first(page: &Page) -> Html {
    html! {
        <div class="term-first">
            <p>{ "Kafka’s own tools, and what a real Kafka 4.4 prints. Type, or begin with these:" }</p>
            <ol>
                { for FIRST.iter().map(|(what, command)| html! {
                    <li>
                        <span class="quiet">{ *what }</span>
                        <button type="button" class="term-try" onclick={running(page, command)}><code>{ *command }</code></button>
                    </li>
                }) }
            </ol>
            <p class="quiet">{ "Then " }<button type="button" class="term-try" onclick={running(page, "help")}><code>{ "help" }</code></button>
                { " lists the tools." }</p>
        </div>
    }
}

fn row_html(page: &Page, row: &Row, item: usize, wanted: Option<&str>, current: bool) -> Html {
    let marked = |text: &str| marked(text, wanted);
    let found = current.then_some("term-found");
    match row {
        Row::Command { text, failed, .. } => html! {
            <div key={item} class={classes!("term-row", "term-command", found)}>
                <span class="term-mark">{ "$ " }</span>{ marked(text) }
                if let Some(code) = failed { <span class="term-status">{ format!(" exit status {code}") }</span> }
            </div>
        },
        Row::Typed(text) => html! {
            <div key={item} class={classes!("term-row", "term-typed", found)}><span class="term-mark">{ "> " }</span>{ marked(text) }</div>
        },
        Row::Key(key) => html! { <div key={item} class="term-row term-key">{ *key }</div> },
        Row::Page(text) => html! {
            <div key={item} class="term-row term-page"><span class="term-mark">{ "· " }</span>{ "done: " }{ &**text }</div>
        },
        Row::Output(text) => html! { <div key={item} class={classes!("term-row", found)}>{ marked(text) }</div> },
        Row::Refused(why) => html! { <div key={item} class={classes!("term-row", "term-refused", found)}>{ marked(why) }</div> },
        Row::Example(command) => html! {
            <div key={item} class="term-row">{ "  $ " }<button type="button" class="term-try" title="Run it" onclick={running(page, command)}>{ marked(command) }</button></div>
        },
        Row::Stack(why) => html! {
            <div key={item} class="term-stack"><div class="term-row term-page">{ "    … stack trace folded" }</div><div class="term-why">{ *why }</div></div>
        },
        Row::Hint(hint) => html! {
            <aside key={item} class="term-hint" aria-label="Hint of the playground" data-testid="terminal-hint">
                <p>{ icon("info") }<span>{ &hint.why }</span></p>
                if let Some(now) = &hint.now {
                    <button type="button" class="term-try" title="Run it" onclick={running(page, now)}><code>{ now }</code></button>
                }
            </aside>
        },
    }
}

/// A text with what is looked for marked.
fn marked(text: &str, wanted: Option<&str>) -> Html {
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return html! { { text } } };
    // Letters whose small form has another length are found, and not marked.
    let (small, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    let same = small.len() == text.len();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in small.match_indices(&wanted).take(if same { 50 } else { 0 }) {
        let (Some(before), Some(hit)) = (text.get(from..at), text.get(at..at + wanted.len())) else { break };
        parts.push(html! { <>{ before }<mark>{ hit }</mark></> });
        from = at + wanted.len();
    }
    html! { <>{ for parts }{ text.get(from..).unwrap_or_default() }</> }
}

/// Copies all that the terminal holds, the part out of sight included.
pub fn copy_all(page: &Page, tab: &Tab) -> Html {
    let text: Rc<RefCell<Screen>> = Rc::default();
    let (handle, name) = (page.session.clone(), tab.name.clone());
    let all = Callback::from(move |()| {
        let session = handle.look();
        let mut screen = text.borrow_mut();
        screen.update(&session, &name, 80, handle.way().typing.refused());
        screen.all_text(&session)
    });
    copy_button_of(page, &format!("terminal {}", tab.name), move |()| all.emit(()), "Copy all output")
}
