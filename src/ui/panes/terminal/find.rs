//! The find box of a terminal.

use yew::prelude::*;

use crate::ui::app::hooks::value_of;
use crate::ui::app::typing::focus_prompt;
use crate::ui::parts::icon::icon_button;

/// What is looked for, and which of the finds is shown.
#[derive(Clone, PartialEq, Default)]
pub struct Found {
    pub items: Vec<usize>,
    pub at: usize,
}

/// The box; `go` is told by how many finds to move.
pub fn find_box(terminal: &str, wanted: &str, found: &Found, finding: &UseStateHandle<Option<String>>, go: &Callback<i32>) -> Html {
    let oninput = {
        let finding = finding.clone();
        Callback::from(move |event: InputEvent| finding.set(Some(value_of(&event))))
    };
    let close = {
        let finding = finding.clone();
        Callback::from(move |()| {
            finding.set(None);
            focus_prompt();
        })
    };
    let onkeydown = {
        let (go, close) = (go.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                go.emit(if event.shift_key() { -1 } else { 1 });
            }
            "Escape" => {
                event.stop_propagation();
                close.emit(());
            }
            _ => {}
        })
    };
    let words = match (wanted.is_empty(), found.items.len()) {
        (true, _) => String::new(),
        (_, 0) => "nothing found".to_owned(),
        (_, all) => format!("{} of {all}", found.at + 1),
    };
    let step = |by: i32| {
        let go = go.clone();
        Callback::from(move |_: MouseEvent| go.emit(by))
    };
    let none = found.items.is_empty();
    html! {
        <div class="terminal-find" role="search" aria-label={format!("Find in terminal {terminal}")}>
            <input class="input" type="search" aria-label="Find in the output" placeholder="Find" value={wanted.to_owned()}
                spellcheck="false" autocomplete="off" {oninput} {onkeydown} />
            <span class="terminal-found" role="status">{ words }</span>
            { icon_button("up", "Previous find", Some("Shift+Enter"), none, "icon-button-small", step(-1)) }
            { icon_button("chevron", "Next find", Some("Enter"), none, "icon-button-small", step(1)) }
            { icon_button("close", "Close the find box", Some("Escape"), false, "icon-button-small", Callback::from(move |_: MouseEvent| close.emit(()))) }
        </div>
    }
}
