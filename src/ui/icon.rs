//! Icons: symbols of the sprite that index.html carries.

use yew::prelude::*;

/// A symbol of the sprite. It says nothing by itself: the control around it has the name.
pub fn icon(name: &str) -> Html {
    html! {
        <svg class="icon" aria-hidden="true" focusable="false"><use href={format!("#i-{name}")} /></svg>
    }
}

#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    pub icon: &'static str,
    /// The accessible name, shown as a tooltip too.
    pub label: AttrValue,
    /// The key that does the same.
    #[prop_or_default]
    pub keys: Option<&'static str>,
    pub onclick: Callback<MouseEvent>,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub class: Classes,
}

/// A button that shows an icon alone.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let title = match props.keys {
        Some(keys) => format!("{} ({keys})", props.label),
        None => props.label.to_string(),
    };
    html! {
        <button
            type="button"
            class={classes!("icon-button", props.class.clone())}
            aria-label={&props.label}
            aria-keyshortcuts={props.keys}
            {title}
            aria-disabled={props.disabled.then_some("true")}
            onclick={if props.disabled { Callback::noop() } else { props.onclick.clone() }}
        >
            { icon(props.icon) }
        </button>
    }
}
