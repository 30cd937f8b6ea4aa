//! The line that is being typed.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::has_selection;
use crate::session::line::{is_continued, join_continued, lines_of};
use crate::ui::app::hooks::{Page, value_of};
use crate::ui::app::storage;
use crate::ui::app::typing::{draft, keep_draft};
use crate::ui::parts::menu;
use crate::view::terminal::{Completion, Tab, complete};
use crate::view::text;

/// Completions shown; of more, how many there are.
const SHOWN_MAX: usize = 40;

#[derive(Properties, PartialEq)]
pub struct PromptProps {
    pub page: Page,
    pub tab: Tab,
}

/// What the prompt remembers between keys.
#[derive(Clone, PartialEq, Default)]
struct Typing {
    text: String,
    /// Where in the history: 0 is the line itself, 1 the command before.
    back: usize,
    /// The line that was left for the history.
    kept: String,
    /// The search of the history: how many finds back.
    search: Option<usize>,
    /// What Tab offered.
    offered: Vec<(String, String)>,
    /// Esc was pressed: Tab leaves.
    leaves: bool,
}

#[component]
pub fn Prompt(props: &PromptProps) -> Html {
    let PromptProps { page, tab } = props;
    let typing = use_state_eq(|| Typing { text: draft(&tab.name), ..Typing::default() });
    let node = use_node_ref();
    let caret = use_mut_ref(|| None::<u32>);
    {
        let (node, caret, name) = (node.clone(), caret.clone(), tab.name.clone());
        use_effect_with(typing.text.clone(), move |text| {
            keep_draft(&name, text);
            if let (Some(field), Some(at)) = (node.cast::<web_sys::HtmlTextAreaElement>(), caret.take()) {
                // Refused only where the field is no text field.
                let _ = field.set_selection_range(at, at);
            }
        });
    }
    let (line, list) = (use_node_ref(), use_node_ref());
    {
        // Wherever the prompt stands by now: below it, or above where there is no room.
        let (line, list) = (line.clone(), list.clone());
        use_effect(move || menu::place(&line, &list, false));
    }
    let hit = typing.search.and_then(|nth| search(page, &typing.text, nth));
    let oninput = {
        let (typing, caret) = (typing.clone(), caret.clone());
        Callback::from(move |event: InputEvent| {
            // Where the caret was to go, had the line changed, no longer matters.
            caret.borrow_mut().take();
            let search = typing.search.map(|_| 0);
            typing.set(Typing { text: value_of(&event), search, ..Typing::default() });
        })
    };
    let onkeydown = {
        let (page, tab, typing, hit) = (page.clone(), tab.clone(), typing.clone(), hit.clone());
        let caret = caret.clone();
        Callback::from(move |event: KeyboardEvent| {
            let Some(field) = event.target_dyn_into::<web_sys::HtmlTextAreaElement>() else { return };
            if event.is_composing() {
                return;
            }
            let key = Key { page: &page, tab: &tab, typing: &typing, field: &field, hit: hit.as_deref() };
            let Some(next) = key.pressed(&event) else { return };
            event.prevent_default();
            *caret.borrow_mut() = next.1;
            typing.set(next.0);
        })
    };
    let onpaste = {
        let (page, tab, typing) = (page.clone(), tab.clone(), typing.clone());
        Callback::from(move |event: Event| {
            let Some(text) = pasted(&event).filter(|text| text.contains(['\n', '\r', '\u{3}', '\u{4}'])) else { return };
            let Some(field) = event.target_dyn_into::<web_sys::HtmlTextAreaElement>() else { return };
            event.prevent_default();
            let (before, after) = around(&field);
            let mut lines = lines_of(&format!("{before}{text}{after}"));
            // The last line has no end yet: it stays to be typed on.
            let last = lines.pop().unwrap_or_default();
            submit(&page, &tab, lines);
            typing.set(Typing { text: last, ..Typing::default() });
        })
    };
    let mark = match (tab.runs, tab.reads) {
        (false, _) => "$",
        (true, true) => ">",
        (true, false) => "…",
    };
    let placeholder = match (tab.runs, tab.reads) {
        (false, _) => "a command, or help",
        (true, true) => "a line of input; Ctrl-D ends it",
        (true, false) => "it reads no input; Ctrl-C interrupts it",
    };
    let more = typing.offered.len().saturating_sub(SHOWN_MAX);
    let status = format!("terminal-offered-{}", tab.name);
    html! {
        <>
        <label class="terminal-prompt" ref={line}>
            <span class="term-mark" aria-hidden="true">{ mark }</span>
            if typing.search.is_some() { <span class="term-search">{ "search: " }</span> }
            <textarea ref={node} rows="1" aria-label={format!("Command line of terminal {}", tab.label)} autocapitalize="off"
                autocomplete="off" autocorrect="off" spellcheck="false" enterkeyhint="send" {placeholder}
                aria-describedby={status.clone()} value={typing.text.clone()} {oninput} {onkeydown} {onpaste} />
        </label>
        <div id={status} class="visually-hidden" role="status">{ said(&typing, hit.as_deref()) }</div>
        if typing.search.is_some() || !typing.offered.is_empty() {
            <div class="term-offered" ref={list} popover="manual" aria-hidden="true">
                if typing.search.is_some() {
                    <span>{ hit.clone().unwrap_or_else(|| "nothing found".to_owned()) }</span>
                }
                { for typing.offered.iter().take(SHOWN_MAX).map(|(text, about)| html! {
                    <span class="term-offer" title={about.clone()}>{ text }</span>
                }) }
                if more > 0 { <span>{ format!("and {more} more") }</span> }
            </div>
        }
        </>
    }
}

/// What is offered, in words.
fn said(typing: &Typing, hit: Option<&str>) -> String {
    match typing.offered.len() {
        _ if typing.search.is_some() => hit.unwrap_or("nothing found").to_owned(),
        0 => String::new(),
        count => {
            let words: Vec<&str> = typing.offered.iter().take(SHOWN_MAX).map(|(text, _)| text.as_str()).collect();
            format!("{}: {}", text::count(count as i64, "completion"), words.join(", "))
        }
    }
}

/// The text before and after the caret; what is selected goes.
fn around(field: &web_sys::HtmlTextAreaElement) -> (String, String) {
    let units: Vec<u16> = field.value().encode_utf16().collect();
    let end = units.len() as u32;
    let place = |place: Result<Option<u32>, _>| place.ok().flatten().unwrap_or(end).min(end) as usize;
    let (from, to): (usize, usize) = (place(field.selection_start()), place(field.selection_end()));
    (String::from_utf16_lossy(&units[..from]), String::from_utf16_lossy(&units[to..]))
}

fn pasted(event: &Event) -> Option<String> {
    let data = js_sys::Reflect::get(event, &"clipboardData".into()).ok()?.dyn_into::<web_sys::DataTransfer>().ok()?;
    data.get_data("text/plain").ok()
}

/// Gives lines to the terminal, and remembers the commands.
fn submit(page: &Page, tab: &Tab, lines: Vec<String>) {
    let lines = join_continued(lines);
    if !tab.runs {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            storage::remember_command(line);
        }
    }
    page.type_lines(&tab.name, lines);
}

/// The commands typed before, the latest first: of this session, then of earlier visits.
fn history(page: &Page) -> Vec<String> {
    let here = page.session.way().typing.commands(&page.session.look());
    let mut all: Vec<String> =
        storage::load_history().into_iter().filter(|command| !here.contains(command)).chain(here.clone()).collect();
    all.dedup();
    all.reverse();
    all
}

fn search(page: &Page, wanted: &str, nth: usize) -> Option<String> {
    if wanted.is_empty() {
        return None;
    }
    history(page).into_iter().filter(|command| command.contains(wanted)).nth(nth)
}

/// A key, and all that it may act on.
struct Key<'a> {
    page: &'a Page,
    tab: &'a Tab,
    typing: &'a Typing,
    field: &'a web_sys::HtmlTextAreaElement,
    hit: Option<&'a str>,
}

/// What the prompt is after a key, and where the caret goes.
type Next = Option<(Typing, Option<u32>)>;

impl Key<'_> {
    /// `None`: the key is the browser's.
    fn pressed(&self, event: &KeyboardEvent) -> Next {
        let typing = self.typing;
        let empty = Some((Typing::default(), None));
        let key = event.key();
        if event.ctrl_key() && !event.alt_key() && !event.meta_key() {
            return match key.to_ascii_lowercase().as_str() {
                "c" if self.field.selection_start() == self.field.selection_end() && !has_selection() => {
                    self.page.type_lines(&self.tab.name, vec!["^C".to_owned()]);
                    empty
                }
                "d" => {
                    if typing.text.is_empty() {
                        self.page.type_lines(&self.tab.name, vec!["^D".to_owned()]);
                    }
                    Some((typing.clone(), None))
                }
                "r" => {
                    let search = Some(typing.search.map_or(0, |nth| nth + usize::from(self.hit.is_some())));
                    Some((Typing { text: typing.text.clone(), search, ..Typing::default() }, None))
                }
                "l" if !self.tab.runs => {
                    self.page.type_lines(&self.tab.name, vec!["clear".to_owned()]);
                    Some((typing.clone(), None))
                }
                "u" => Some((Typing { text: around(self.field).1, ..Typing::default() }, Some(0))),
                _ => None,
            };
        }
        match key.as_str() {
            "Enter" if !event.shift_key() => {
                let text = match (typing.search, self.hit) {
                    (Some(_), Some(hit)) => hit.to_owned(),
                    _ => typing.text.clone(),
                };
                if !self.tab.runs && is_continued(&text) {
                    return None;
                }
                submit(self.page, self.tab, lines_of(&text));
                empty
            }
            "Tab" if !event.shift_key() && !typing.leaves && typing.search.is_none() => self.complete(),
            "Escape" => {
                event.stop_propagation();
                let text = self.hit.filter(|_| typing.search.is_some()).unwrap_or(&typing.text).to_owned();
                Some((Typing { text, leaves: true, ..Typing::default() }, None))
            }
            "ArrowUp" if typing.search.is_none() && !typing.text.contains('\n') => self.walk(typing.back + 1),
            "ArrowDown" if typing.back > 0 => self.walk(typing.back - 1),
            _ => None,
        }
    }

    /// So many commands back.
    fn walk(&self, back: usize) -> Next {
        let typing = self.typing;
        let kept = if typing.back == 0 { typing.text.clone() } else { typing.kept.clone() };
        let text = match back {
            0 => kept.clone(),
            back => history(self.page).into_iter().nth(back - 1)?,
        };
        let end = text.encode_utf16().count() as u32;
        Some((Typing { text, back, kept, ..Typing::default() }, Some(end)))
    }

    /// Completes the word before the caret. On an empty line Tab goes on to the next control, and after Esc; else it
    /// stays: who presses it twice does not want what follows to be taken for the page's keys.
    fn complete(&self) -> Next {
        if self.typing.text.trim().is_empty() {
            return None;
        }
        let (before, after) = around(self.field);
        let found = if self.tab.runs { None } else { complete(&self.page.session.look(), &before, &after) };
        let Some(Completion { text, offered }) = found else {
            return Some((self.typing.clone(), None));
        };
        let caret = text.encode_utf16().count() as u32;
        Some((Typing { text: text + &after, offered, ..Typing::default() }, Some(caret)))
    }
}
