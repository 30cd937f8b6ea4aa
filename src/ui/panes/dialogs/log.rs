//! The command log: everything that was done, as script lines.

use yew::prelude::*;

use crate::ui::app::hooks::{Page, downloading};
use crate::ui::parts::command::copy_button;
use crate::ui::parts::icon::icon;
use crate::ui::parts::outcome::outcome_html;
use crate::view::outcome::outcome;
use crate::view::text::clock_text;

pub fn command_log(page: &Page) -> Html {
    let session = page.session.look();
    let script = session.script();
    let applied = session.inputs_applied();
    html! {
        <>
            <p>{ "Everything that was done in this session, by hand or by a button, in the order in which it was done, \
                  with what each command printed. The script is the whole session: opened again, it gives the same one." }</p>
            if session.inputs().is_empty() { <p class="quiet">{ "Nothing was done yet." }</p> }
            <ol class="log-lines" tabindex="0" aria-label="Inputs">
                { for session.inputs().iter().enumerate().map(|(at, input)| html! {
                    <li key={at} class={classes!((at >= applied).then_some("ahead"))}>
                        <button type="button" class="link mono" title="Go to the moment before it" onclick={
                            let (page, cursor) = (page.clone(), input.cursor);
                            Callback::from(move |_: MouseEvent| page.move_in_time(&|session| session.seek(cursor)))
                        }>{ clock_text(input.at) }</button>
                        <div>
                            <pre>{ input.text.to_string() }</pre>
                            if let Some(outcome) = outcome(&session, input) { { outcome_html(&outcome) } }
                        </div>
                    </li>
                }) }
            </ol>
            <div class="row window-foot">
                { copy_button(page, &script, "Copy the script", true) }
                <button type="button" class="button" onclick={downloading("session.kafka", page)}>{ icon("download") }{ "Download it" }</button>
            </div>
        </>
    }
}
