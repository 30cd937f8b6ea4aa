//! What the picture shows, in words, for those who hear it.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::hooks::use_page;
use crate::view::narrate::narrate;

/// While the clock runs, sentences are gathered for so long: a screen reader must be able to keep up.
const GATHER_MS: u32 = 2500;

/// The polite live region.
#[component]
pub fn Live() -> Html {
    let page = use_page();
    let said = use_state_eq(String::new);
    let next = use_mut_ref(|| page.session.look().world().trace().end());
    let timer = use_mut_ref(|| None::<Timeout>);
    {
        let (page, said) = (page.clone(), said.clone());
        use_effect_with((page.ui.revision, page.ui.playing), move |(_, playing)| {
            if *playing && timer.borrow().is_some() {
                return;
            }
            let (session, next, timer_in) = (page.session.clone(), next.clone(), timer.clone());
            let tell = move || {
                timer_in.borrow_mut().take();
                let session = session.look();
                let world = session.world();
                let since = (*next.borrow()).min(world.trace().end());
                let narration = narrate(world, since);
                *next.borrow_mut() = narration.next;
                if !narration.sentences.is_empty() {
                    said.set(narration.sentences.join(" "));
                }
            };
            let wait = if *playing { GATHER_MS } else { 50 };
            *timer.borrow_mut() = Some(Timeout::new(wait, tell));
        });
    }
    html! {
        <div class="visually-hidden" role="log" aria-live="polite" aria-label="What happens" data-testid="narration">
            { (*said).clone() }
        </div>
    }
}
