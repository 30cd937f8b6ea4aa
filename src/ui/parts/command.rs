//! A command as it would be typed, with a button that copies it.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::ui::app::hooks::{Page, document, window};
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;

/// How long the button says that it has copied.
const SAID_MS: u32 = 1600;

/// Copies a text, and says so. `wide`: the label is shown beside the icon.
pub fn copy_button(page: &Page, text: &str, label: &'static str, wide: bool) -> Html {
    let held = text.to_owned();
    copying(page, text, Callback::from(move |()| held.clone()), label, wide)
}

/// Copies a text that is made only when it is asked for; `name` tells it from others.
pub fn copy_button_of(page: &Page, name: &str, text: impl Fn(()) -> String + 'static, label: &'static str) -> Html {
    copying(page, name, Callback::from(text), label, false)
}

fn copying(page: &Page, name: &str, text: Callback<(), String>, label: &'static str, wide: bool) -> Html {
    let said = page.ui.copied.as_ref().filter(|(copied, _)| copied == name).map(|(_, done)| *done);
    let onclick = {
        let (page, name) = (page.clone(), name.to_owned());
        Callback::from(move |_: MouseEvent| {
            let (page, name, text) = (page.clone(), name.clone(), text.emit(()));
            wasm_bindgen_futures::spawn_local(async move {
                let done = copy(&text).await;
                page.dispatch(Do::Copied(Some((name, done))));
                Timeout::new(SAID_MS, move || page.dispatch(Do::Copied(None))).forget();
            });
        })
    };
    let word = match said {
        None => label,
        Some(true) => "Copied",
        Some(false) => "The browser refused: select the text and copy it",
    };
    html! {
        <button type="button" class={if wide { "button" } else { "icon-button icon-button-small" }} {onclick}
            aria-label={(!wide).then_some(word)} title={word}>
            { icon(if said == Some(true) { "check" } else { "copy" }) }
            if wide { { word } }
            <span class="visually-hidden" role="status">{ said.map_or("", |_| word) }</span>
        </button>
    }
}

/// Puts a text on the clipboard. Where the browser has none (no secure context), a text field is selected and copied.
async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| !clipboard.is_undefined());
    if clipboard && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    copy_by_selection(text).unwrap_or(false)
}

fn copy_by_selection(text: &str) -> Option<bool> {
    use wasm_bindgen::JsCast;
    let document = document();
    let field: web_sys::HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    field.set_class_name("visually-hidden");
    document.body()?.append_child(&field).ok()?;
    field.select();
    let exec = js_sys::Reflect::get(&document, &"execCommand".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let done = exec.call1(&document, &"copy".into()).ok().and_then(|done| done.as_bool());
    field.remove();
    done
}

/// A command in its own face, with its copy button.
pub fn command(page: &Page, text: &str) -> Html {
    html! {
        <div class="command">
            <pre class="command-text" tabindex="0" role="region" aria-label="Command"><code>{ text }</code></pre>
            { copy_button(page, text, "Copy the command", false) }
        </div>
    }
}
