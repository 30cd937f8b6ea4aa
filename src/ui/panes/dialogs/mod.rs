//! Lives here: the windows over the page: help, command log, share, lessons, forms.
//! Never here: what the forms' commands are: `view::parts::commands` makes them.

mod help;
mod lesson;
mod log;
mod reset;
mod share;

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::panes::forms::{Filled, form_html};
use crate::ui::parts::icon::icon_button;
use crate::view::inspect::Form;

impl Dialog {
    /// The window's heading.
    pub fn title(&self) -> String {
        match self {
            Self::Help => "Help".to_owned(),
            Self::CommandLog => "Command log".to_owned(),
            Self::Share => "Share".to_owned(),
            Self::CreateTopic => "Create a topic".to_owned(),
            Self::Reset => "Reset".to_owned(),
            Self::Lesson(place) => place.lesson.title.to_owned(),
            Self::Form(Form::Produce { .. }) => "Write a record".to_owned(),
            Self::Form(Form::StartConsumer { .. }) => "Start a consumer".to_owned(),
            Self::Form(Form::AddPartitions { topic, .. }) => format!("Add partitions to {topic}"),
            Self::Form(Form::ResetOffsets { group, .. }) => format!("Reset the offsets of {group}"),
            Self::Form(Form::Seek { service, topic_partition, .. }) => format!("Move {service} in {topic_partition}"),
            Self::Form(Form::DeleteRecords { topic_partition, .. }) => format!("Delete records of {topic_partition}"),
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct DialogProps {
    pub page: Page,
    pub dialog: Dialog,
}

/// A modal window. The browser keeps the focus inside, closes it on Esc and gives the focus back; it opens on what is
/// marked `autofocus`.
#[component]
pub fn DialogView(props: &DialogProps) -> Html {
    let DialogProps { page, dialog } = props;
    let node = use_node_ref();
    let filled = use_state_eq(|| Filled::first(page, dialog));
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let window = node.cast::<web_sys::HtmlDialogElement>();
            if let Some(window) = &window
                && !window.open()
            {
                // Refused only for an element that is not in the page.
                let _ = window.show_modal();
            }
            move || {
                if let Some(window) = window {
                    window.close();
                }
            }
        });
    }
    let oncancel = {
        let dispatcher = page.ui.dispatcher();
        Callback::from(move |_: Event| dispatcher.dispatch(Do::CloseDialog))
    };
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
    let class = match dialog {
        Dialog::Lesson(_) => "window window-full",
        Dialog::CommandLog => "window window-wide",
        _ => "window",
    };
    html! {
        <dialog {class} ref={node} {oncancel} {onclick} aria-labelledby="window-title">
            <div class="window-inner">
                <header class="window-head">
                    <h2 id="window-title">{ dialog.title() }</h2>
                    { icon_button("close", "Close", None, false, "", page.doing(Do::CloseDialog)) }
                </header>
                { match dialog {
                    Dialog::Help => help::help(page),
                    Dialog::CommandLog => log::command_log(page),
                    Dialog::Share => share::share(page, filled.made(), filled.until_now()),
                    Dialog::Reset => reset::reset(page),
                    Dialog::Lesson(place) => html! { <lesson::LessonView page={page.clone()} place={*place} /> },
                    Dialog::CreateTopic => form_html(page, None, &filled),
                    Dialog::Form(form) => form_html(page, Some(form), &filled),
                } }
            </div>
        </dialog>
    }
}
