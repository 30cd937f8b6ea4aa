//! Lives here: the windows over the page: help, command log, share, forms.
//! Never here: what the forms' commands are: `view::commands` makes them.

mod help;
mod log;
mod reset;
mod share;

use yew::prelude::*;

use super::forms::{CreateTopic, FormView};
use super::hooks::{self, use_page};
use super::icon::IconButton;
use super::state::{Dialog, Do};

/// The window that is open, if one is.
#[component]
pub fn Dialogs() -> Html {
    let page = use_page();
    match &page.ui.dialog {
        None => html! {},
        Some(Dialog::Help) => html! { <Window title="Keyboard"><help::Help /></Window> },
        Some(Dialog::CommandLog) => html! { <Window title="Command log" wide=true><log::CommandLog /></Window> },
        Some(Dialog::Share) => html! { <Window title="Share"><share::Share /></Window> },
        Some(Dialog::CreateTopic) => html! { <Window title="Create a topic"><CreateTopic /></Window> },
        Some(Dialog::Form(form)) => html! { <FormView form={form.clone()} /> },
        Some(Dialog::Reset) => html! { <Window title="Reset"><reset::Reset /></Window> },
    }
}

#[derive(Properties, PartialEq)]
pub struct WindowProps {
    pub title: AttrValue,
    #[prop_or_default]
    pub wide: bool,
    pub children: Html,
}

/// A modal window. The browser keeps the focus inside, closes it on Esc and gives the focus back.
#[component]
pub fn Window(props: &WindowProps) -> Html {
    let page = use_page();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<web_sys::HtmlDialogElement>();
            if let Some(dialog) = &dialog
                && !dialog.open()
            {
                // Refused only for an element that is not in the page.
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let close = page.doing::<MouseEvent>(Do::CloseDialog);
    let oncancel = page.doing::<Event>(Do::CloseDialog);
    let onclick = {
        let (node, page) = (node.clone(), page.clone());
        Callback::from(move |event: MouseEvent| {
            // A click on the dialog itself is one on its backdrop.
            let on_backdrop = event.target_dyn_into::<web_sys::Element>() == node.cast::<web_sys::Element>();
            if on_backdrop {
                page.dispatch(Do::CloseDialog);
            }
        })
    };
    html! {
        <dialog class={classes!("window", props.wide.then_some("window-wide"))} ref={node} {oncancel} {onclick}
            aria-labelledby="window-title">
            <div class="window-inner">
                <header class="window-head">
                    <h2 id="window-title">{ &props.title }</h2>
                    <IconButton icon="close" label="Close" onclick={close} />
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}

/// Puts the focus on an element when the window has opened.
#[hook]
pub fn use_first_focus() -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            gloo_timers::callback::Timeout::new(0, move || hooks::focus(&node)).forget();
        });
    }
    node
}
