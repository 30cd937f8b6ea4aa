//! Steps above, columns below: for anything that is compared. What stands in a column is given.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::app::hooks;
use crate::ui::parts::icon::icon;

#[derive(Clone, Copy, PartialEq)]
pub struct FrameStep {
    pub title: &'static str,
    pub text: &'static str,
}

/// One of the things compared.
#[derive(Clone, PartialEq)]
pub struct FrameColumn {
    pub title: &'static str,
    pub chips: Vec<Chip>,
    pub body: Html,
    pub foot: Html,
}

/// A setting.
#[derive(Clone, PartialEq)]
pub struct Chip {
    pub text: &'static str,
    /// The column before has another value.
    pub differs: bool,
}

#[derive(Properties, PartialEq)]
pub struct FrameProps {
    pub steps: Vec<FrameStep>,
    pub at: usize,
    pub on_step: Callback<usize>,
    pub columns: Vec<FrameColumn>,
    /// What stands in place of the columns while there are none.
    pub children: Html,
}

#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let FrameProps { steps, at, on_step, columns, children } = props;
    let (at, last) = (*at, steps.len().saturating_sub(1));
    let strip = use_node_ref();
    let onkeydown = {
        let (on_step, strip) = (on_step.clone(), strip.clone());
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowRight" | "PageDown" if at < last => at + 1,
                "ArrowLeft" | "PageUp" if at > 0 => at - 1,
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
                return;
            }
            event.prevent_default();
            walk(&strip, &event, to);
            on_step.emit(to);
        })
    };
    let go = |to: usize| {
        let on_step = on_step.clone();
        Callback::from(move |_: MouseEvent| on_step.emit(to))
    };
    let way = |label: &'static str, sign: &'static str, class: &'static str, to: Option<usize>| {
        html! {
            <button type="button" class={classes!("button", class)} aria-disabled={to.is_none().then_some("true")}
                onclick={to.map(go)}>{ icon(sign) }{ label }</button>
        }
    };
    html! {
        <div class="compare" {onkeydown}>
            <nav class="compare-strip" aria-label="Steps" ref={strip}>
                <ol>
                    { for steps.iter().enumerate().map(|(step, FrameStep { title, .. })| html! {
                        <li key={step}>
                            <button type="button" class={classes!("compare-step", (step < at).then_some("compare-step-past"))}
                                aria-current={(step == at).then_some("step")} autofocus={step == at} title={*title} onclick={go(step)}>
                                <span class="compare-number">{ step + 1 }</span>{ " " }<span class="compare-title">{ *title }</span>
                            </button>
                        </li>
                    }) }
                </ol>
            </nav>
            if let Some(step) = steps.get(at) {
                <div class="compare-told">
                    <h3>{ format!("{}. {}", at + 1, step.title) }</h3>
                    <p>{ step.text }</p>
                </div>
            }
            <div class="compare-ways">
                { way("Previous", "step-back", "", at.checked_sub(1)) }
                { way("Next", "step", "button-strong", (at < last).then_some(at + 1)) }
            </div>
            { children.clone() }
            if !columns.is_empty() {
                <div class="compare-columns">{ for columns.iter().enumerate().map(column_html) }</div>
            }
        </div>
    }
}

/// Where a step's button has the focus, it goes on to the next one's.
fn walk(strip: &NodeRef, event: &KeyboardEvent, to: usize) {
    let on_step =
        event.target_dyn_into::<web_sys::Element>().is_some_and(|target| target.matches(".compare-step").unwrap_or(false));
    let buttons = strip.cast::<web_sys::Element>().and_then(|strip| strip.query_selector_all(".compare-step").ok());
    let button = buttons.and_then(|buttons| buttons.item(to as u32)).and_then(|button| button.dyn_into().ok());
    if on_step {
        hooks::focus(button);
    }
}

fn column_html((at, column): (usize, &FrameColumn)) -> Html {
    html! {
        <section key={at} class="compare-column" aria-label={column.title}>
            <header class="compare-head">
                <h4>{ column.title }</h4>
                <ul class="chips" aria-label="Settings">
                    { for column.chips.iter().map(|chip| html! {
                        <li key={chip.text} class={classes!("chip", chip.differs.then_some("chip-differs"))}>
                            { chip.text }
                            if chip.differs { <span class="visually-hidden">{ " (another value than in the run before)" }</span> }
                        </li>
                    }) }
                </ul>
            </header>
            { column.body.clone() }
            <div class="compare-foot">{ column.foot.clone() }</div>
        </section>
    }
}
