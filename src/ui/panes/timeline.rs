//! The timeline: a slider over the session's history, with marks where something of note happened.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::{SimTime, Span};
use crate::ui::app::hooks::{Page, PageProps, use_moment};
use crate::view::View;
use crate::view::narrate::{self, Mark, MarkKind};
use crate::view::text::clock_text;

/// Lengths that the timeline can have, in seconds: the thumb moves, and the scale changes seldom.
const LENGTHS: &[u64] = &[10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/// Marks drawn; of more, the latest.
const MARKS_MAX: usize = 120;

/// How long the timeline is, so that `end` lies on it.
fn length(end: SimTime) -> SimTime {
    let seconds = end.0.div_ceil(1_000_000);
    let fits = LENGTHS.iter().find(|length| **length >= seconds);
    SimTime::from_ms(fits.copied().unwrap_or_else(|| seconds.next_multiple_of(86_400)).saturating_mul(1000))
}

/// Seconds between two ticks of the scale.
fn tick_seconds(length: SimTime) -> u64 {
    match length.ms() / 1000 {
        0..=10 => 2,
        11..=30 => 5,
        31..=60 => 10,
        61..=120 => 20,
        121..=300 => 60,
        seconds => (seconds / 6).max(1),
    }
}

fn percent(at: SimTime, length: SimTime) -> f64 {
    (at.0 as f64 / length.0.max(1) as f64 * 100.0).min(100.0)
}

/// The marks known so far. Those ahead of the cursor stay while the future they belong to does.
#[derive(Default, Clone, PartialEq)]
struct Known {
    marks: Vec<Mark>,
    /// The trace's index up to which they were read.
    next: u64,
    end_cursor: u64,
    inputs: usize,
}

/// The timeline, and the moment that is shown beside it. What moves with the moment is drawn by components of its own.
#[component]
pub fn Timeline(props: &PageProps) -> Html {
    let page = &props.page;
    let track = use_node_ref();
    let dragging = use_mut_ref(|| false);
    let known = use_mut_ref(Known::default);
    let (now, end, behind) = {
        let session = page.session.look();
        (session.now(), session.end_time(), session.would_set_aside().is_some())
    };
    let length = length(end);
    refresh(page, &mut known.borrow_mut());

    let seek_at = {
        let (page, track) = (page.clone(), track.clone());
        move |client_x: i32| {
            let Some(track) = track.cast::<web_sys::Element>() else { return };
            let rect = track.get_bounding_client_rect();
            let part = ((f64::from(client_x) - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
            seek(&page, SimTime((part * length.0 as f64) as u64).min(end));
        }
    };
    // Pressed, moved and let go: the drag.
    let onpointer = Callback::from({
        let (page, dragging) = (page.clone(), dragging.clone());
        move |event: PointerEvent| match event.type_().as_str() {
            "pointerdown" if event.button() == 0 => {
                if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                    // Without capture the drag ends at the track's edge, no worse.
                    let _ = target.set_pointer_capture(event.pointer_id());
                }
                *dragging.borrow_mut() = true;
                seek_at(event.client_x());
            }
            "pointermove" if *dragging.borrow() => seek_at(event.client_x()),
            "pointerup" | "pointercancel" if dragging.replace(false) => page.save(),
            _ => {}
        }
    });
    let onkeydown = {
        let page = page.clone();
        Callback::from(move |event: KeyboardEvent| {
            let second = Span::from_secs(1);
            let to = match event.key().as_str() {
                "ArrowRight" | "ArrowUp" => now + second,
                "ArrowLeft" | "ArrowDown" => back(now, second),
                "PageUp" => now + Span::from_secs(10),
                "PageDown" => back(now, Span::from_secs(10)),
                "Home" => SimTime::ZERO,
                "End" => end,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            seek(&page, to.min(end));
        })
    };
    let known = known.borrow();
    html! {
        <>
        <div class="timeline" data-testid="timeline" role="slider" tabindex="0" aria-label="Timeline"
            aria-valuemin="0" aria-valuemax={(end.ms()).to_string()} aria-valuenow={now.ms().to_string()}
            aria-valuetext={format!("{} of {}", clock_text(now), clock_text(end))}
            onpointerdown={&onpointer} onpointermove={&onpointer} onpointerup={&onpointer} onpointercancel={&onpointer} {onkeydown}>
            <div class="timeline-track" ref={track}>
                { ticks(length) }
                <div class="timeline-known" style={format!("transform:scaleX({:.5})", percent(end, length) / 100.0)}></div>
                { input_marks(page, length) }
                { for known.marks.iter().map(|mark| mark_html(mark, length)) }
                <Hand page={page.clone()} length_us={length.0} />
            </div>
        </div>
        <div class="clock-readout">
            <Readout page={page.clone()} />
            if behind { <span class="clock-cursor">{ "in the past" }</span> }
        </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct HandProps {
    page: Page,
    length_us: u64,
}

/// Where the moment is on the timeline: moved by transforms alone, which cost no layout.
#[component]
fn Hand(props: &HandProps) -> Html {
    use_moment(&props.page.frames);
    let part = percent(props.page.session.look().now(), SimTime(props.length_us));
    html! {
        <>
            <div class="timeline-done" style={format!("transform:scaleX({:.5})", part / 100.0)}></div>
            <div class="timeline-hand" style={format!("transform:translateX({part:.3}%)")}><div class="timeline-thumb"></div></div>
        </>
    }
}

/// While the clock runs, its digits change so often on the wall: nobody reads more, and each change is a layout.
const DIGITS_EVERY_MS: u64 = 50;

/// The moment in digits.
#[component]
fn Readout(props: &PageProps) -> Html {
    use_moment(&props.page.frames);
    let (now, ui) = (props.page.session.look().now(), &props.page.ui);
    // Milliseconds times thousandths are microseconds.
    let every = DIGITS_EVERY_MS * u64::from(ui.settings.speed.0);
    let told = if ui.clock.runs() { SimTime(now.0 - now.0 % every.max(1)) } else { now };
    html! { <time class="clock-time" data-testid="clock-time">{ clock_text(told) }</time> }
}

fn back(at: SimTime, by: Span) -> SimTime {
    SimTime(at.0.saturating_sub(by.0))
}

fn seek(page: &Page, to: SimTime) {
    page.move_in_time(&|session| session.seek_time(to));
}

fn ticks(length: SimTime) -> Html {
    let every = tick_seconds(length);
    let count = length.ms() / 1000 / every;
    html! {
        <div aria-hidden="true">
            { for (0..=count).map(|at| {
                let moment = SimTime::from_ms(at * every * 1000);
                let style = format!("inset-inline-start:{:.3}%", percent(moment, length));
                html! { <span class="timeline-tick" {style}>{ tick_text(moment) }</span> }
            }) }
        </div>
    }
}

fn tick_text(at: SimTime) -> String {
    let seconds = at.ms() / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

fn mark_html(mark: &Mark, length: SimTime) -> Html {
    let class = match mark.kind {
        MarkKind::Topic => "timeline-mark timeline-mark-topic",
        MarkKind::Rebalance => "timeline-mark timeline-mark-rebalance",
        MarkKind::Program => "timeline-mark timeline-mark-program",
        MarkKind::Fault => "timeline-mark timeline-mark-fault",
    };
    let style = format!("inset-inline-start:{:.3}%", percent(mark.at, length));
    html! {
        <span key={mark.step} {class} {style}
            title={format!("{} {}", clock_text(mark.at), mark.text)}></span>
    }
}

/// What the person did, as small notches.
fn input_marks(page: &Page, length: SimTime) -> Html {
    let session = page.session.look();
    let inputs = session.inputs();
    let shown = &inputs[inputs.len().saturating_sub(MARKS_MAX)..];
    html! {
        { for shown.iter().map(|input| {
            let style = format!("inset-inline-start:{:.3}%", percent(input.at, length));
            html! { <span key={input.cursor} class="timeline-input" {style} title={input.text.to_string()}></span> }
        }) }
    }
}

/// Takes in what has happened since the last look; forgets the marks of a future that is gone. What lies ahead of the cursor
/// was read once and stays known.
fn refresh(page: &Page, known: &mut Known) {
    let session = page.session.look();
    let trace = View::of(&session).trace_range();
    if session.end_cursor() < known.end_cursor || session.inputs().len() < known.inputs {
        *known = Known { next: trace.start, ..Known::default() };
    }
    if trace.end > known.next {
        let (fresh, next) = narrate::marks(View::of(&session).into(), known.next);
        known.marks.extend(fresh);
        known.next = next;
        let extra = known.marks.len().saturating_sub(MARKS_MAX);
        known.marks.drain(..extra);
    }
    known.end_cursor = session.end_cursor();
    known.inputs = session.inputs().len();
}
