//! The share link: the whole session in the address.

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::parts::command::copy_button;
use crate::view::text::{clock_text, size_text};

/// Links longer than this are cut by some programs.
const LONG: usize = 8000;

/// In the past two links are offered: one that ends here, and one with all that lies ahead.
pub fn share(page: &Page, whole: &str, until_now: &str) -> Html {
    let (now, end, in_past) = {
        let session = page.session.look();
        (clock_text(session.now()), clock_text(session.end_time()), session.would_set_aside().is_some())
    };
    html! {
        <>
            <p>{ "Whoever opens this link gets the same session. All of it is in the link; nothing is stored anywhere." }</p>
            if in_past {
                { one_link(page, until_now, &format!("From its beginning to this moment, {now}"), "Copy the link to this moment") }
                { one_link(page, whole, &format!("The whole session, to its latest moment, {end}"), "Copy the link to the whole") }
            } else {
                { one_link(page, whole, "From its beginning to this moment", "Copy the link") }
            }
        </>
    }
}

fn one_link(page: &Page, link: &str, words: &str, copy: &'static str) -> Html {
    html! {
        <>
            <p class="field-label">{ words }</p>
            <textarea class="input mono share-link" readonly=true rows="4" aria-label={words.to_owned()} value={link.to_owned()} />
            if link.len() > LONG {
                <p class="quiet">{ format!("The link is long ({}). Some programs cut such links: send the session file instead.",
                    size_text(link.len() as u64)) }</p>
            }
            <div class="row window-foot">{ copy_button(page, link, copy, true) }</div>
        </>
    }
}
