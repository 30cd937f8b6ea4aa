//! Lives here: the first screen: what this is, one record's three moments, and the doors to what can be done.
//! Never here: what the picture plays (`scenario::first`), and the page behind the doors.
//!
//! `index.html` holds the same elements, so that they stand there before the program does: when it comes alive, nothing
//! may move.

mod picture;

use yew::prelude::*;

use crate::scenario::lessons::LESSONS;
use crate::scenario::{is_tour, tour};
use crate::ui::app::hooks::{self, Page, PageProps, focus_soon, other_theme, window};
use crate::ui::app::open::{self, CATALOG};
use crate::ui::app::state::{Dialog, Do, LessonPlace, Start};
use crate::ui::parts::icon::{icon, icon_button};
use picture::Picture;

/// The story behind the first door.
pub const STORY: &str = "taxi-booking";

#[component]
pub fn First(props: &PageProps) -> Html {
    let page = &props.page;
    let start = page.ui.start;
    {
        // Back from the list, the focus is where it was; in the list it is on the first of it.
        let before = use_mut_ref(|| None::<Start>);
        use_effect_with(start, move |start| {
            let was = before.replace(*start);
            match (was, start) {
                (_, Some(Start::Lessons)) => hooks::focus(hooks::element(".first-list .door")),
                (Some(Start::Lessons), _) => hooks::focus(hooks::element(".first-doors .door:last-child")),
                _ => {}
            }
        });
    }
    let words = match start {
        Some(Start::Lessons) => (
            "Lessons and tours",
            "A lesson plays one script several times, with one setting changed, and shows the runs side by \
                                                       side. A tour asks what will happen, and lets it happen.",
        ),
        _ => (
            "Apache Kafka, to play with, in this tab",
            "Kafka keeps records in a log. Programs write to its end; others read it, each from its own place. Here a whole \
             cluster is simulated: stop it, break it, step back in time.",
        ),
    };
    html! {
        <div class="first" data-testid="first">
            { bar(page) }
            <main class="first-hero">
                <div class="first-words"><h1>{ words.0 }</h1><p>{ words.1 }</p></div>
                if start == Some(Start::Lessons) {
                    { list(page) }
                } else {
                    <Picture />
                    { doors(page) }
                }
            </main>
        </div>
    }
}

fn bar(page: &Page) -> Html {
    let (name, label, theme) = other_theme(page.ui.settings.theme);
    html! {
        <header class="first-bar">
            <span class="first-brand"><svg class="icon" aria-hidden="true" focusable="false"><use href="#i-mark" /></svg>{ "Kafka Playground" }</span>
            { icon_button(name, label, None, false, "", page.doing(Do::Theme(theme))) }
            { icon_button("help", "Keyboard help", None, false, "", page.doing(Do::Open(Dialog::Help))) }
        </header>
    }
}

fn doors(page: &Page) -> Html {
    let steps = tour(STORY).map_or(0, |tour| tour.steps.len());
    let act = |go: fn(&Page)| {
        let page = page.clone();
        Callback::from(move |event: MouseEvent| {
            // With a key for a new tab the address does the same there.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                go(&page);
            }
        })
    };
    let door = |class: &'static str, address: String, sign: &str, title: &str, words: String, go: fn(&Page)| {
        html! {
            <a {class} href={address} onclick={act(go)}>{ icon(sign) }<b>{ title }</b><span>{ words }</span></a>
        }
    };
    html! {
        <nav class="first-doors" aria-label="Begin">
            { door("door door-main", format!("#scenario={STORY}"), "play", "Show me", format!("A taxi company in {steps} steps"),
                Page::show_me) }
            { door("door", "#terminal".to_owned(), "terminal", "Let me type",
                "An empty cluster, Kafka’s own commands".to_owned(), Page::let_me_type) }
            { door("door", "#lessons".to_owned(), "columns", "Lessons",
                "To teach with: the same run, three settings".to_owned(), Page::choose_lesson) }
        </nav>
    }
}

/// What there is to choose from.
fn list(page: &Page) -> Html {
    let lessons = LESSONS.iter().map(|lesson| {
        let onclick = page.doing(Do::Open(Dialog::Lesson(LessonPlace { lesson, step: 0 })));
        let runs = format!("One script, {} runs, {} moments to look at", lesson.variants.len(), lesson.steps.len());
        entry("columns", lesson.title, runs, onclick)
    });
    let tours = CATALOG.iter().filter_map(|known| {
        let steps = tour(known.name)?.steps.len();
        let (sign, words) = match is_tour(known.name) {
            true => ("list", format!("One subject, {steps} steps")),
            false => ("play", format!("A story, {steps} steps")),
        };
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| page.tell_story(known.name));
        Some(entry(sign, known.title, words, onclick))
    });
    let questions = QUESTIONS.iter().map(|(question, where_, address)| {
        let onclick = Callback::from(move |_: MouseEvent| {
            // The page follows its address.
            let _ = window().location().set_hash(address);
        });
        entry("help", question, (*where_).to_owned(), onclick)
    });
    html! {
        <div class="first-list">
            <section aria-label="Lessons"><h2>{ "Lessons" }</h2>{ for lessons }</section>
            <section aria-label="Questions"><h2>{ "By question" }</h2>{ for questions }</section>
            <section aria-label="Stories and tours"><h2>{ "Stories and tours" }</h2>{ for tours }</section>
            <p><button type="button" class="button" onclick={page.doing(Do::Start(Some(Start::Doors)))}>{ "Back" }</button></p>
        </div>
    }
}

/// What one may have come to find out: the question, where it is answered, and the address of that.
const QUESTIONS: [(&str, &str, &str); 4] = [
    ("What does a consumer miss while it is off?", "Taxi booking, step 4", "scenario=taxi-booking&step=4"),
    ("Can a record be processed twice?", "Taxi booking, step 8", "scenario=taxi-booking&step=8"),
    ("Can a record be lost?", "The lost record", "lesson=lost-record"),
    ("Who reads what in a group?", "Who reads what", "scenario=who-reads-what"),
];

fn entry(sign: &str, title: &'static str, words: String, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" class="door" {onclick}>{ icon(sign) }<b>{ title }</b><span>{ words }</span></button>
    }
}

impl Page {
    /// Comes to the first screen; the session stays as it is.
    pub fn to_first_screen(&self) {
        self.play(false);
        self.dispatch(Do::Start(Some(Start::Doors)));
    }

    fn show_me(&self) {
        self.tell_story(STORY);
    }

    fn tell_story(&self, name: &str) {
        self.open_story(name);
        focus_soon(".story");
    }

    /// An empty playground, at its prompt.
    pub fn let_me_type(&self) {
        self.open(Ok(open::empty()));
        self.to_terminal();
    }

    fn choose_lesson(&self) {
        self.dispatch(Do::Start(Some(Start::Lessons)));
    }
}

/// What a key does here: Escape leads back.
pub fn on_key(page: &Page, event: &KeyboardEvent) {
    match (event.key().as_str(), page.ui.start) {
        ("Escape", Some(Start::Lessons)) => page.dispatch(Do::Start(Some(Start::Doors))),
        ("?", _) => page.dispatch(Do::Open(Dialog::Help)),
        _ => return,
    }
    event.prevent_default();
}
