//! A command as it would be typed, with a button that copies it.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::hooks::{document, window};
use super::icon::icon;

/// How long the button says that it has copied.
const SAID_MS: u32 = 1600;

#[derive(Properties, PartialEq)]
pub struct CopyProps {
    pub text: AttrValue,
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
    /// Show the label beside the icon.
    #[prop_or_default]
    pub wide: bool,
}

/// Copies a text, and says so.
#[component]
pub fn CopyButton(props: &CopyProps) -> Html {
    let said = use_state_eq(|| None::<bool>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let onclick = {
        let (said, text) = (said.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (said, timer, text) = (said.clone(), timer.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let done = copy(&text).await;
                said.set(Some(done));
                let calm = said.clone();
                *timer.borrow_mut() = Some(Timeout::new(SAID_MS, move || calm.set(None)));
            });
        })
    };
    let word = match *said {
        None => props.label.to_string(),
        Some(true) => "Copied".to_owned(),
        Some(false) => "The browser refused: select the text and copy it".to_owned(),
    };
    html! {
        <button type="button" class={if props.wide { "button" } else { "icon-button icon-button-small" }} {onclick}
            aria-label={(!props.wide).then(|| word.clone())} title={word.clone()}>
            { icon(if *said == Some(true) { "check" } else { "copy" }) }
            if props.wide { { word.clone() } }
            <span class="visually-hidden" role="status">{ said.is_some().then_some(word) }</span>
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

#[derive(Properties, PartialEq)]
pub struct CommandProps {
    pub text: AttrValue,
}

/// A command in its own face, with its copy button.
#[component]
pub fn Command(props: &CommandProps) -> Html {
    html! {
        <div class="command">
            <pre class="command-text" tabindex="0" role="region" aria-label="Command"><code>{ &props.text }</code></pre>
            <CopyButton text={&props.text} label="Copy the command" />
        </div>
    }
}
