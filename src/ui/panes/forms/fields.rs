//! What forms are made of: what has been filled in, fields, choices, and what is remarked on a field.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::app::hooks::value_of;
use crate::ui::parts::choice::choice;
use crate::ui::parts::icon::icon;
use crate::view::forms::{Remark, Weight};

/// What has been filled in so far. Each form says in `first` what its places hold.
#[derive(Clone, PartialEq, Default)]
pub struct Filled {
    pub texts: [String; 6],
    pub ticks: [bool; 2],
    /// Made once, when the window opened: a free name, a link.
    pub made: String,
}

pub type Filling = UseStateHandle<Filled>;

impl Filled {
    pub fn of<const N: usize>(texts: [&str; N], ticks: [bool; 2], made: impl Into<String>) -> Self {
        let mut filled = Self { ticks, made: made.into(), ..Self::default() };
        filled.texts.iter_mut().zip(texts).for_each(|(place, text)| *place = text.to_owned());
        filled
    }

    pub fn made(&self) -> &str {
        &self.made
    }

    /// The other of the two links.
    pub fn until_now(&self) -> &str {
        &self.texts[0]
    }

    pub fn text(&self, at: usize) -> &str {
        self.texts[at].trim()
    }

    pub fn whole(&self, at: usize) -> Option<i64> {
        self.text(at).parse().ok()
    }
}

/// Puts a text into a place.
pub fn putting(filled: &Filling, at: usize, text: String) -> Callback<MouseEvent> {
    let filled = filled.clone();
    Callback::from(move |_: MouseEvent| {
        let mut next = (*filled).clone();
        next.texts[at] = text.clone();
        filled.set(next);
    })
}

/// Takes in what was typed or chosen.
pub fn typing(filled: &Filling, at: usize) -> Callback<Event> {
    let filled = filled.clone();
    Callback::from(move |event: Event| {
        let mut next = (*filled).clone();
        next.texts[at] = value_of(&event);
        filled.set(next);
    })
}

/// A field of a form: its label, its place, and the name that remarks call it by.
#[derive(Clone, Copy)]
pub struct Field<'f> {
    pub label: &'f str,
    pub at: usize,
    pub name: &'static str,
    /// A number, and the least it can be.
    pub min: Option<i64>,
}

impl<'f> Field<'f> {
    pub fn text(label: &'f str, at: usize, name: &'static str) -> Self {
        Self { label, at, name, min: None }
    }

    pub fn number(label: &'f str, at: usize, name: &'static str, min: i64) -> Self {
        Self { label, at, name, min: Some(min) }
    }

    /// A line to write in, with what is remarked on it below. What stands there is selected when it gets the focus, so that
    /// writing takes its place.
    pub fn html(self, filled: &Filling, remarks: &[Remark]) -> Html {
        let Self { label, at, name, min } = self;
        let typed = typing(filled, at);
        let wrong = remarks.iter().any(|remark| remark.field == name && remark.weight == Weight::Wrong);
        let id = format!("field-{at}");
        let onfocus = Callback::from(|event: FocusEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                input.select();
            }
        });
        html! {
            <div class="field">
                <label for={id.clone()}>{ label }</label>
                <input id={id} class="input mono" type="text" inputmode={min.map(|min| if min < 0 { "text" } else { "numeric" })}
                    autocomplete="off" spellcheck="false" autofocus={at == 0} value={filled.texts[at].clone()} {onfocus}
                    aria-invalid={wrong.then_some("true")} aria-describedby={format!("remarks-{at}")}
                    oninput={move |event: InputEvent| typed.emit(event.into())} />
                { remarks_html(filled, at, name, remarks) }
            </div>
        }
    }
}

/// What is remarked on a field: a sentence each, a way out where there is one, and Kafka's words folded away.
pub fn remarks_html(filled: &Filling, at: usize, name: &str, remarks: &[Remark]) -> Html {
    let own = remarks.iter().filter(|remark| remark.field == name);
    html! {
        <div id={format!("remarks-{at}")} class="remarks" role="status">
            { for own.map(|remark| html! {
                <div class={classes!("remark", weight_class(remark.weight))} key={remark.sentence.clone()}>
                    <p>
                        if remark.weight != Weight::Note { { icon("warn") } }
                        <span>{ &remark.sentence }</span>
                    </p>
                    if let Some(instead) = &remark.instead {
                        <button type="button" class="button button-small" onclick={putting(filled, at, instead.clone())}>
                            { "Use " }<span class="mono">{ instead }</span>
                        </button>
                    }
                    if let Some(words) = &remark.kafka {
                        <details><summary>{ "Kafka’s words" }</summary><p class="mono">{ words }</p></details>
                    }
                </div>
            }) }
        </div>
    }
}

fn weight_class(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "remark-note",
        Weight::Warning => "remark-warning",
        Weight::Wrong => "remark-wrong",
    }
}

pub fn tick(label: &str, filled: &Filling, at: usize) -> Html {
    let changed = filled.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        let mut next = (*changed).clone();
        next.ticks[at] = !next.ticks[at];
        changed.set(next);
    });
    html! {
        <label class="check"><input type="checkbox" checked={filled.ticks[at]} {onclick} /><span>{ label }</span></label>
    }
}

/// A choice of one of some names.
pub fn name_choice<'n>(label: &str, filled: &Filling, at: usize, names: impl Iterator<Item = &'n str>) -> Html {
    let options: Vec<(&str, &str)> = names.map(|name| (name, name)).collect();
    choice(label, filled.text(at), typing(filled, at), &options)
}
