//! The share link: the whole session in the address.

use yew::prelude::*;

use crate::ui::command::copy_button;
use crate::ui::hooks::{Page, window};
use crate::view::text::size_text;

/// Links longer than this are cut by some programs.
const LONG: usize = 8000;

/// The link to the session as it is now.
pub fn link(page: &Page) -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    [&origin, &location.pathname().unwrap_or_default(), "#", &page.session.look().link()].concat()
}

pub fn share(page: &Page, link: &str) -> Html {
    html! {
        <>
            <p>{ "Whoever opens this link gets the same session, from its beginning to this moment. All of it is in the link; \
                  nothing is stored anywhere." }</p>
            <textarea class="input mono share-link" readonly=true rows="4" aria-label="Link" value={link.to_owned()} />
            if link.len() > LONG {
                <p class="quiet">{ format!("The link is long ({}). Some programs cut such links: send the session file instead.",
                    size_text(link.len() as u64)) }</p>
            }
            <div class="row window-foot">{ copy_button(page, link, "Copy the link", true) }</div>
        </>
    }
}
