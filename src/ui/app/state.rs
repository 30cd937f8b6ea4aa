//! What the page itself remembers: what is selected, which view is open, what is asked. Nothing of the world.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use yew::Reducible;

use crate::base::{Offset, SimTime, TopicPartition};
use crate::scenario::lessons::Lesson;
use crate::scenario::tour::Scene;
pub use crate::scenario::tour::StageView;
use crate::session::script::MAIN_TERMINAL;
use crate::session::{Clock, Fork, Input};
use crate::view::inspect::{Form, Selection};
use crate::view::records::RecordFilter;
use crate::view::safety::SafetyView;

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    Light,
    Dark,
}

/// How much room the window has: it decides whether the step is a column, a caption or a sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Room {
    #[default]
    Wide,
    /// Less wide, or not high: a tablet, a projector that is zoomed, a phone on its side.
    Caption,
    Phone,
}

impl Room {
    pub fn word(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Caption => "caption",
            Self::Phone => "phone",
        }
    }
}

/// Simulated time for wall time, in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Speed(pub u32);

impl Default for Speed {
    fn default() -> Self {
        Self(1000)
    }
}

impl Speed {
    pub const ALL: [Speed; 8] =
        [Speed(100), Speed(250), Speed(500), Speed(1000), Speed(2000), Speed(5000), Speed(10_000), Speed(20_000)];

    pub fn label(self) -> String {
        let text = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        format!("{}×", text.trim_end_matches('0').trim_end_matches('.'))
    }

    /// The next one up or down.
    pub fn shifted(self, by: i32) -> Speed {
        let at = Self::ALL.iter().position(|speed| *speed == self).unwrap_or(3) as i32;
        Self::ALL[(at + by).clamp(0, Self::ALL.len() as i32 - 1) as usize]
    }
}

/// How the terminal pane is laid out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TerminalPlace {
    /// `None`: open where there is no story.
    pub open: Option<bool>,
    /// In hundredths of the window; 0 before anybody has moved it.
    pub height: u32,
    /// The terminal that is shown, the left one of two; empty: the main one.
    pub active: String,
    /// The one at the right of two; empty: there is one alone.
    pub beside: String,
    /// Of two, the right one was used last.
    pub right: bool,
    /// Terminals that were opened by hand.
    pub opened: Vec<String>,
    /// Terminals that were closed, with the inputs they had had: a further one opens them again.
    pub closed: Vec<(String, usize)>,
}

/// Of two terminals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Left,
    Right,
}

impl TerminalPlace {
    pub fn is_split(&self) -> bool {
        !self.beside.is_empty()
    }

    /// The side that was used last.
    pub fn used(&self) -> Side {
        if self.right && self.is_split() { Side::Right } else { Side::Left }
    }

    /// Shows a terminal at a side, which is the one in use from then on. One that the other side shows changes places with
    /// the one here: no terminal is shown twice.
    pub fn show(&mut self, side: Side, name: &str) {
        let here = match side {
            Side::Left => &self.active,
            Side::Right => &self.beside,
        };
        let before = if here.is_empty() { MAIN_TERMINAL } else { here }.to_owned();
        let (to, other) = match side {
            Side::Left => (&mut self.active, &mut self.beside),
            Side::Right => (&mut self.beside, &mut self.active),
        };
        let is_there = *other == name || (other.is_empty() && side == Side::Right && name == MAIN_TERMINAL);
        if is_there {
            *other = before;
        }
        name.clone_into(to);
        self.right = side == Side::Right;
    }
}

/// What is kept from visit to visit beside the session.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: Theme,
    pub view: StageView,
    /// The story is folded away beside the stage, or below it. A phone's sheet has folds of its own.
    pub story_folded: bool,
    pub speed: Speed,
    /// Show internal topics.
    pub internal: bool,
    pub terminal: TerminalPlace,
    /// The fields that have a column, for topics where somebody has chosen; the latest of them.
    pub columns: Vec<(String, Vec<String>)>,
}

/// What the first screen shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    Doors,
    /// The lessons and tours, to choose from.
    Lessons,
}

/// A lesson, and the step of it that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LessonPlace {
    pub lesson: &'static Lesson,
    pub step: usize,
}

/// A window over the page.
#[derive(Clone, PartialEq, Debug)]
pub enum Dialog {
    Help,
    CommandLog,
    Share,
    CreateTopic,
    Lesson(LessonPlace),
    /// One of the view's forms.
    Form(Form),
    /// Something that cannot be undone by stepping back: asked first.
    Reset,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    /// Something failed: `role=alert`.
    Alert,
    /// Something to know: `role=status`.
    Status,
}

/// A message on the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    pub kind: NoticeKind,
    pub text: String,
    /// A file that goes with it: its name and content.
    pub file: Option<(String, String)>,
    /// Told once at a time: a later notice of the same topic takes its place.
    pub topic: &'static str,
}

impl Notice {
    pub fn alert(topic: &'static str, text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Alert, text: text.into(), file: None, topic }
    }

    pub fn status(topic: &'static str, text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Status, text: text.into(), file: None, topic }
    }

    pub fn with_file(mut self, name: &str, content: String) -> Self {
        self.file = Some((name.to_owned(), content));
        self
    }
}

/// The last answer to "is my record safe?".
#[derive(Clone, PartialEq, Debug)]
pub struct SafetyAnswer {
    pub topic_partition: TopicPartition,
    pub offset: Offset,
    /// What was asked holds at this moment; once the session has gone on, it has to be asked again.
    pub cursor: u64,
    pub at: SimTime,
    /// `None`: there was no such record.
    pub view: Option<Rc<SafetyView>>,
}

/// What the page remembers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ui {
    /// Grows when the picture may differ.
    pub revision: u64,
    pub clock: Clock,
    pub room: Room,
    /// The stage alone fills the window, for a room that looks on.
    pub presenter: bool,
    /// The first screen stands in place of the panes.
    pub start: Option<Start>,
    pub settings: Settings,
    pub selection: Option<Selection>,
    /// The group whose commits fill the cells; `None`: the first there is.
    pub group: Option<Rc<str>>,
    /// Readers whose cards are open, the most important first.
    pub cards: Vec<Rc<str>>,
    /// Topics that stay unfolded when room is short, the most important first; empty: all.
    pub topics: Vec<Rc<str>>,
    /// The stage stands as the tour's step has it; no more so once a person has chosen otherwise.
    pub arranged: bool,
    pub topic: Option<Rc<str>>,
    pub filter: RecordFilter,
    /// Grows when the table of records has to go to the place that the filter names.
    pub jumps: u32,
    pub dialog: Option<Dialog>,
    pub notices: Vec<Notice>,
    /// Sessions that were put in place of the first one.
    pub sessions: u32,
    /// The command that was given last: its outcome is told over the stage.
    pub command: Option<Input>,
    /// The cursor of a command that was told long enough: of it only a failure is told any more.
    pub hushed: Option<u64>,
    /// Why the open form's command was refused.
    pub form_error: Option<String>,
    pub fork: Option<Fork>,
    /// Grows when a terminal's prompt has to take its draft again.
    pub put_back: u32,
    /// What was unfolded by hand (a why, a row, a topic), by name; the latest of them.
    pub unfolded: Vec<String>,
    /// The text that was just put on the clipboard, and whether that went well.
    pub copied: Option<(String, bool)>,
    /// Why the place to begin the table at cannot be read.
    pub wrong: Option<&'static str>,
    pub safety: Option<SafetyAnswer>,
    /// What the live region says.
    pub said: String,
}

/// What can happen to it.
#[derive(Clone, PartialEq, Debug)]
pub enum Do {
    /// The session has changed.
    Touch,
    Play(bool),
    Speed(Speed),
    Theme(Theme),
    View(StageView),
    Room(Room),
    StoryFolded(bool),
    Presenter(bool),
    Internal(bool),
    Select(Option<Selection>),
    Topic(Rc<str>),
    /// The group whose commits fill the cells.
    Group(Option<Rc<str>>),
    /// Opens a reader's card, or closes it.
    Card(Rc<str>),
    /// Folds a topic, or unfolds it.
    FoldTopic(Rc<str>, bool),
    /// Arranges the stage for a step of the tour, and puts it back so.
    Arrange(&'static Scene),
    /// A skip has come to a step: the stage is arranged for it, but for a view that was asked for, or turned to meanwhile.
    Arrive(&'static Scene),
    Filter(RecordFilter),
    /// The fields of a topic's values that have a column; `None`: as nobody had chosen.
    Columns(Rc<str>, Option<Vec<String>>),
    /// Shows a partition's records from an offset on.
    Browse(TopicPartition, i64),
    Start(Option<Start>),
    Open(Dialog),
    CloseDialog,
    Tell(Notice),
    /// By topic.
    Dismiss(&'static str),
    Terminal(TerminalPlace),
    /// The clock is lent to commands, or given back.
    Clock(Clock),
    Command(Option<Input>),
    Hush(u64),
    FormError(Option<String>),
    Fork(Option<Fork>),
    /// A line that came to nothing stands at its prompt again.
    PutBack,
    /// Folds or unfolds what has this name.
    Fold(String),
    Copied(Option<(String, bool)>),
    Wrong(Option<&'static str>),
    Safety(SafetyAnswer),
    Said(String),
    /// Another session is in place.
    Opened,
}

const NOTICES_MAX: usize = 4;

/// Unfolded things that are remembered; beyond them the oldest folds.
const UNFOLDED_MAX: usize = 64;

/// Topics whose columns are remembered.
const COLUMNS_MAX: usize = 64;

impl Reducible for Ui {
    type Action = Do;

    fn reduce(self: Rc<Self>, action: Do) -> Rc<Self> {
        let mut ui = (*self).clone();
        match action {
            Do::Touch => ui.revision += 1,
            Do::Play(runs) => ui.clock.play(runs),
            Do::Speed(speed) => ui.settings.speed = speed,
            Do::Theme(theme) => ui.settings.theme = theme,
            Do::View(view) => ui.show_view(view),
            Do::Room(room) => ui.room = room,
            Do::StoryFolded(folded) => ui.settings.story_folded = folded,
            Do::Presenter(on) => ui.presenter = on,
            Do::Internal(internal) => ui.settings.internal = internal,
            Do::Select(selection) => ui.select(selection),
            Do::Topic(topic) => {
                ui.filter.partition = None;
                ui.filter.from = crate::view::records::From::Tail;
                ui.topic = Some(topic);
            }
            Do::Group(group) => {
                ui.arranged = false;
                ui.group = group;
            }
            Do::Card(name) => {
                ui.arranged = false;
                match ui.cards.iter().position(|open| *open == name) {
                    Some(at) => drop(ui.cards.remove(at)),
                    None => ui.cards.insert(0, name),
                }
            }
            Do::FoldTopic(name, folded) => {
                ui.arranged = false;
                let (shut, open) = (format!("shut {name}"), format!("topic {name}"));
                ui.unfolded.retain(|known| *known != shut && *known != open);
                ui.fold(if folded { shut } else { open });
            }
            Do::Arrange(scene) => ui.arrange(scene),
            Do::Arrive(scene) => {
                let view = (!ui.arranged).then_some(ui.settings.view);
                ui.arrange(scene);
                if let Some(view) = view {
                    ui.show_view(view);
                }
            }
            Do::Filter(filter) => {
                ui.filter = filter;
                ui.jumps += 1;
                ui.wrong = None;
            }
            Do::Columns(topic, fields) => ui.choose_columns(&topic, fields),
            Do::Browse(partition, offset) => {
                ui.topic = Some(partition.topic.0.clone());
                ui.jumps += 1;
                ui.filter = RecordFilter {
                    partition: Some(partition.partition),
                    from: crate::view::records::From::Offset(Offset(offset)),
                    ..RecordFilter::default()
                };
                ui.show_view(StageView::Records);
            }
            Do::Start(start) => ui.start = start,
            Do::Open(dialog) => {
                ui.dialog = Some(dialog);
                ui.form_error = None;
            }
            Do::CloseDialog => {
                ui.dialog = None;
                ui.form_error = None;
            }
            Do::Tell(notice) => ui.tell(notice),
            Do::Dismiss(topic) => ui.notices.retain(|notice| notice.topic != topic),
            Do::Terminal(place) => ui.settings.terminal = place,
            Do::Clock(clock) => ui.clock = clock,
            Do::Command(command) => ui.command = command,
            Do::Hush(cursor) => ui.hushed = Some(cursor),
            Do::FormError(Some(error)) if ui.dialog.is_none() => ui.tell(Notice::alert("input", error)),
            Do::FormError(error) => ui.form_error = error,
            Do::Fork(fork) => ui.fork = fork,
            Do::PutBack => ui.put_back += 1,
            Do::Fold(name) => ui.fold(name),
            Do::Copied(copied) => ui.copied = copied,
            Do::Wrong(wrong) => ui.wrong = wrong,
            Do::Safety(answer) => ui.safety = Some(answer),
            Do::Said(said) => ui.said = said,
            Do::Opened => {
                ui = Ui {
                    revision: ui.revision + 1,
                    sessions: ui.sessions + 1,
                    room: ui.room,
                    presenter: ui.presenter,
                    settings: Settings {
                        view: StageView::default(),
                        terminal: TerminalPlace {
                            open: ui.settings.terminal.open,
                            height: ui.settings.terminal.height,
                            ..TerminalPlace::default()
                        },
                        ..ui.settings
                    },
                    ..Ui::default()
                };
            }
        }
        Rc::new(ui)
    }
}

impl Ui {
    pub fn is_unfolded(&self, name: &str) -> bool {
        self.unfolded.iter().any(|known| known == name)
    }

    fn arrange(&mut self, scene: &Scene) {
        self.settings.view = scene.view;
        self.group = scene.group.map(Into::into);
        self.cards = scene.cards.iter().map(|name| (*name).into()).collect();
        self.topics = scene.topics.iter().map(|name| (*name).into()).collect();
        // What was unfolded by hand belongs to how it was before.
        self.unfolded.retain(|name| !name.starts_with("topic ") && !name.starts_with("shut "));
        self.selection = None;
        self.arranged = true;
    }

    fn fold(&mut self, name: String) {
        match self.unfolded.iter().position(|known| *known == name) {
            Some(at) => {
                self.unfolded.remove(at);
            }
            None => {
                self.unfolded.push(name);
                let extra = self.unfolded.len().saturating_sub(UNFOLDED_MAX);
                self.unfolded.drain(..extra);
            }
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.notices.retain(|other| other.topic != notice.topic);
        self.notices.push(notice);
        let extra = self.notices.len().saturating_sub(NOTICES_MAX);
        self.notices.drain(..extra);
    }

    fn choose_columns(&mut self, topic: &str, fields: Option<Vec<String>>) {
        let columns = &mut self.settings.columns;
        columns.retain(|(known, _)| known != topic);
        columns.extend(fields.map(|fields| (topic.to_owned(), fields)));
        let extra = columns.len().saturating_sub(COLUMNS_MAX);
        columns.drain(..extra);
    }

    fn show_view(&mut self, view: StageView) {
        self.arranged &= self.settings.view == view;
        self.settings.view = view;
        if self.room == Room::Phone {
            // There the terminal has the stage's place, and this leads back from both.
            self.settings.terminal.open = Some(false);
            self.selection = None;
        }
    }

    fn select(&mut self, selection: Option<Selection>) {
        match &selection {
            Some(Selection::Group(group)) => self.group = Some(group.0.clone()),
            Some(Selection::Topic(topic)) => self.topic = Some(topic.0.clone()),
            _ => {}
        }
        self.selection = selection;
    }
}
