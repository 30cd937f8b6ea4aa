//! Lives here: the window of a lesson: steps above, the runs of one script side by side, one column each.
//! Never here: what happens in a run and what became of a record: `view::compare` says that.

mod frame;
mod readers;
mod replicas;
mod script;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::scenario::lessons::{Lesson, Looks};
use crate::session::{OpenError, Session};
use crate::ui::app::hooks::Page;
use crate::ui::app::open::{self, CATALOG};
use crate::ui::app::state::{Dialog, Do, LessonPlace, StageView};
use crate::ui::parts::command::copy_button;
use crate::ui::parts::icon::icon;
use crate::view::compare::{Body, Column, Comparison, changes, moment};
use frame::{Chip, Frame, FrameColumn, FrameStep};

/// The window is painted before the first run is played, and between each two.
const PAINT_MS: u32 = 20;

#[derive(Properties, PartialEq)]
pub struct LessonProps {
    pub page: Page,
    pub place: LessonPlace,
}

/// What is inside the window.
#[component]
pub fn LessonView(props: &LessonProps) -> Html {
    let LessonProps { page, place } = props;
    let lesson = place.lesson;
    let played = use_state(|| Ok(Comparison::begin(lesson)));
    {
        let played = played.clone();
        use_effect_with((*played).clone(), move |now: &Result<Comparison, OpenError>| {
            let next = now.as_ref().ok().filter(|now| !now.is_complete()).cloned();
            let timer = next.map(|mut next| Timeout::new(PAINT_MS, move || played.set(next.play_next().map(|_| next))));
            move || drop(timer)
        });
    }
    let steps: Vec<FrameStep> = lesson.steps.iter().map(|step| FrameStep { title: step.title, text: step.text }).collect();
    let on_step = {
        let (dispatcher, lesson) = (page.ui.dispatcher(), lesson);
        Callback::from(move |step: usize| dispatcher.dispatch(Do::Open(Dialog::Lesson(LessonPlace { lesson, step }))))
    };
    let (columns, said, wait) = match &*played {
        Ok(comparison) if comparison.is_complete() => (columns(page, place, comparison), told(place, comparison), Html::default()),
        Ok(_) => (Vec::new(), String::new(), waiting(lesson)),
        Err(why) => (Vec::new(), String::new(), html! { <p role="alert">{ format!("The runs cannot be played. {why}") }</p> }),
    };
    html! {
        <>
            <div class={classes!("lesson-lead", (place.step > 0).then_some("lesson-lead-read"))}>
                <p>{ lesson.text }</p>
                { copy_button(page, &open::lesson_link(place), "Copy the link", true) }
            </div>
            <Frame {steps} at={place.step} {on_step} {columns}>{ wait }</Frame>
            <p class="visually-hidden" role="status" data-testid="lesson-said">{ said }</p>
            <footer class="lesson-foot">
                { script::script(lesson) }
                { match lesson.looks {
                    Looks::Replicas { .. } => replicas::legend(),
                    Looks::Readers { .. } => readers::legend(),
                } }
            </footer>
        </>
    }
}

/// The runs are being played.
fn waiting(lesson: &Lesson) -> Html {
    let number = match lesson.variants.len() {
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        number => number.to_string(),
    };
    html! {
        <p class="compare-waits" role="status">{ format!("Playing {number} runs…") }</p>
    }
}

/// The step, and what has changed in each run, for who does not see it.
fn told(place: &LessonPlace, comparison: &Comparison) -> String {
    let now = comparison.columns(place.step);
    let before = place.step.checked_sub(1).map(|before| comparison.columns(before)).unwrap_or_default();
    let runs: Vec<String> = now.iter().enumerate().map(|(run, column)| changes(before.get(run).copied(), column)).collect();
    let step = place.lesson.steps.get(place.step);
    let (title, text) = step.map_or(("", ""), |step| (step.title, step.text));
    format!("Step {} of {}: {title}. {text} {}", place.step + 1, place.lesson.steps.len(), runs.join(" "))
}

fn columns(page: &Page, place: &LessonPlace, comparison: &Comparison) -> Vec<FrameColumn> {
    let before = place.step.checked_sub(1).map(|before| comparison.columns(before)).unwrap_or_default();
    let columns = comparison.columns(place.step).into_iter().enumerate();
    columns
        .map(|(run, column)| FrameColumn {
            title: column.title,
            chips: column.settings.iter().map(|chip| Chip { text: chip.text, differs: chip.differs }).collect(),
            body: match (&column.body, before.get(run).map(|before| &before.body)) {
                (Body::Replicas(now), Some(Body::Replicas(before))) => replicas::body(now, Some(before)),
                (Body::Replicas(now), _) => replicas::body(now, None),
                (Body::Readers(now), _) => readers::body(now),
            },
            foot: opener(page, place, column, comparison.script(run).unwrap_or_default()),
        })
        .collect()
}

/// Opens a run as the page's session, at the moment that is looked at.
fn opener(page: &Page, place: &LessonPlace, column: &Column, script: &str) -> Html {
    let onclick = {
        let (page, script, at) = (page.clone(), script.to_owned(), moment(place.lesson, place.step));
        let view = match column.body {
            Body::Replicas(_) => StageView::Cluster,
            Body::Readers(_) => StageView::Groups,
        };
        Callback::from(move |_: MouseEvent| {
            let opened = Session::open(&script, CATALOG).map(|mut session| {
                session.seek_time(at);
                session
            });
            page.open(opened.map_err(|error| error.to_string()));
            page.dispatch(Do::View(view));
        })
    };
    html! {
        <button type="button" class="button" aria-label={format!("Open this run: {}", column.title)} {onclick}
            title="It becomes the page’s session, at this moment">{ icon("open") }{ "Open this run" }</button>
    }
}
