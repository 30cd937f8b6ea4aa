//! The share link: the whole session in the address.

use yew::prelude::*;

use crate::ui::command::CopyButton;
use crate::ui::hooks::{use_page, window};
use crate::view::text::size_text;

/// Links longer than this are cut by some programs.
const LONG: usize = 8000;

#[component]
pub fn Share() -> Html {
    let page = use_page();
    let link = use_memo((), |()| {
        let location = window().location();
        let base = format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
        format!("{base}#{}", page.session.look().link())
    });
    html! {
        <>
            <p>{ "Whoever opens this link gets the same session, from its beginning to this moment. All of it is in the link; \
                  nothing is stored anywhere." }</p>
            <textarea class="input mono share-link" readonly=true rows="4" aria-label="Link" value={(*link).clone()} />
            if link.len() > LONG {
                <p class="quiet">{ format!("The link is long ({}). Some programs cut such links: send the session file instead.",
                    size_text(link.len() as u64)) }</p>
            }
            <div class="row window-foot"><CopyButton text={(*link).clone()} label="Copy the link" wide=true /></div>
        </>
    }
}
