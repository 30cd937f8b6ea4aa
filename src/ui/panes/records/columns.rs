//! Which fields of JSON values have a column: chosen for each topic, and kept.

use std::rc::Rc;

use yew::prelude::*;

use super::Handle;
use super::rows::{Layout, WHOLE_VALUE};
use super::table::Table;
use crate::ui::app::hooks;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;

/// Where the panel stands: its lower edge above the button's upper one.
fn place(event: &MouseEvent) {
    // The click may be on the icon.
    let target = event.target_dyn_into::<web_sys::Element>();
    let button = target.and_then(|target| target.closest("button").ok().flatten());
    let (Some(button), Some(panel)) = (button, hooks::element("#record-columns")) else { return };
    let (at, window) = (button.get_bounding_client_rect(), hooks::window());
    let size = |size: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
    let right = (size(window.inner_width()) - at.right()).max(8.0);
    let bottom = size(window.inner_height()) - at.top() + 4.0;
    let shown = panel.set_attribute("style", &format!("right:{right}px;bottom:{bottom}px"));
    debug_assert!(shown.is_ok(), "an attribute with a legal name can be set");
}

/// The button and its panel; nothing where no value is JSON.
pub fn chooser(handle: &Handle, table: &Table, layout: &Layout, topic: &Rc<str>) -> Html {
    if table.columns.is_empty() {
        return Html::default();
    }
    let page = &handle.page;
    let is_chosen = page.ui.settings.columns.iter().any(|(known, _)| **known == **topic);
    let names = table.columns.iter().map(|column| column.path.as_str()).chain([WHOLE_VALUE]);
    let choice = |name: &str| {
        let on = layout.fields.iter().any(|field| field == name);
        let mut next = layout.fields.clone();
        match next.iter().position(|field| field == name) {
            Some(at) => drop(next.remove(at)),
            None => next.push(name.to_owned()),
        }
        let onclick = page.doing(Do::Columns(topic.clone(), Some(next)));
        html! {
            <label class="check" key={name.to_owned()}>
                <input type="checkbox" checked={on} disabled={on && layout.fields.len() == 1} {onclick} />
                <span class={(name != WHOLE_VALUE).then_some("mono")}>{ if name == WHOLE_VALUE { "the whole value" } else { name } }</span>
            </label>
        }
    };
    html! {
        <>
            <button type="button" class="button button-small" popovertarget="record-columns" onclick={Callback::from(|event| place(&event))}>
                { icon("columns") }{ format!("Columns ({})", layout.fields.len()) }
            </button>
            <div id="record-columns" class="columns-panel" popover="auto" role="group" aria-label="Columns">
                <p class="quiet">{ "Fields of the values" }</p>
                <div class="columns-list">{ for names.map(choice) }</div>
                if is_chosen {
                    <button type="button" class="button button-small" onclick={page.doing(Do::Columns(topic.clone(), None))}>
                        { "As at first" }
                    </button>
                }
            </div>
        </>
    }
}
