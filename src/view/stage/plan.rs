//! What fits: how many records a row has, how tall they are, what folds when room is short and what grows when there is more,
//! and where each part lies. All lengths are sixteenths of a rem.
//!
//! ```text
//! folds first: topics outside the scene become one line · the second row of marks goes · partitions that the tour's step does
//!              not speak of are left out · cards become lines · cards are counted
//! grows first: the open cards' pictures · taller records · more of them · the next cards · the legend · a writer's board
//! ```

use crate::scenario::cast::Picture;

/// The room for the picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Room {
    pub width: i32,
    pub height: i32,
}

/// How the parts stand to one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Side by side: pens, log, lanes, readers.
    Wide,
    /// One below the other: the log, a row of readers, one card.
    Phone,
}

/// How tall the rows of a partition are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Density {
    pub head: i32,
    /// A folded topic.
    pub line: i32,
    pub lane: i32,
    pub cell: i32,
    /// The row of the chosen group's mark.
    pub ruler: i32,
    /// The row of the others' marks.
    pub others: i32,
    pub row_gap: i32,
    pub topic_gap: i32,
    pub card_gap: i32,
    /// The key has a line of its own.
    pub tall: bool,
}

/// From the tallest on. The first that fits is taken.
const DENSITIES: [Density; 4] = [
    Density {
        head: 36,
        line: LINE,
        lane: 32,
        cell: 64,
        ruler: 30,
        others: 30,
        row_gap: 12,
        topic_gap: 16,
        card_gap: 8,
        tall: true,
    },
    Density { head: 36, line: LINE, lane: 26, cell: 64, ruler: 26, others: 24, row_gap: 6, topic_gap: 12, card_gap: 6, tall: true },
    Density { head: 36, line: LINE, lane: 26, cell: 54, ruler: 26, others: 24, row_gap: 4, topic_gap: 8, card_gap: 6, tall: false },
    TIGHT,
];
const TIGHT: Density =
    Density { head: 28, line: LINE, lane: 20, cell: 42, ruler: 22, others: 20, row_gap: 4, topic_gap: 8, card_gap: 4, tall: false };
/// On a phone there is no room for the second row of marks, and a topic's head is pressed by a finger.
const PHONE: Density = Density { head: FINGER, line: FINGER, others: 0, row_gap: 6, ..TIGHT };

/// Below this width the parts lie below one another.
const PHONE_WIDTH: i32 = 640;
/// A folded topic, and a card as one line.
const LINE: i32 = 36;
/// The same, for a finger.
const FINGER: i32 = 44;
/// A card's head with its sentence on a line of its own.
const HEAD: i32 = 46;
/// The legend's lines, and how wide the log has to be for one.
const LEGEND_LINE: i32 = 28;
const LEGEND_WIDTH: i32 = 640;
/// A writer's board: its head, and a line for each channel.
const BOARD: i32 = 196;
/// The partition's number, and the box for the next record.
pub const LABEL: i32 = 20;
pub const SLOT: i32 = 34;
pub const CELL_GAP: i32 = 3;
const PEN_GAP: i32 = 8;
/// The row of readers on a phone, with what keeps it apart.
const READER_ROW: i32 = 56;
const ROW_PAD: i32 = 2;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TopicWish {
    pub partitions: usize,
    /// Those of them with something that is ringed or chosen.
    pub pinned: Vec<usize>,
    /// All of its partitions stay, however short room is.
    pub whole: bool,
    /// There is more to mark than the chosen group.
    pub others: bool,
    /// In the scene, or there is none.
    pub wanted: bool,
    /// Folded or unfolded by hand.
    pub by_hand: Option<bool>,
    /// Below the partitions is a button for the rest of them.
    pub more: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CardWish {
    pub picture: Option<Picture>,
    /// Lines that the picture or the list of members has.
    pub lines: usize,
    /// The place among the open cards; `None`: it opens where room is left.
    pub rank: Option<usize>,
    pub chosen: bool,
    /// It has a sentence.
    pub says: bool,
}

/// What is to be shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wishes {
    pub topics: Vec<TopicWish>,
    pub cards: Vec<CardWish>,
    pub board: bool,
    /// All cards, also those that do not fit.
    pub all_cards: bool,
    /// Letters of the longest name of a writer.
    pub pen_letters: usize,
    /// A tour arranges the stage: what it does not speak of may be left out.
    pub tour: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicPlan {
    pub y: i32,
    pub folded: bool,
    /// The second row of marks is shown.
    pub others: bool,
    pub rows: Vec<RowPlan>,
    pub height: i32,
}

/// A partition that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowPlan {
    /// Its place among the topic's partitions.
    pub at: usize,
    pub y: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardForm {
    /// It did not fit, and is counted.
    Hidden,
    /// One line: name, what it says, lag.
    Line,
    /// The sentence has a line of its own.
    Head,
    /// With its picture.
    Open,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CardPlan {
    pub y: i32,
    pub height: i32,
    pub form: CardForm,
}

/// The picture, laid out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub shape: Shape,
    pub density: Density,
    /// Records in a row.
    pub cells: usize,
    pub cell_width: i32,
    pub pens: i32,
    pub lanes: i32,
    pub readers: i32,
    pub topics: Vec<TopicPlan>,
    /// Where the writers' board begins.
    pub board: Option<i32>,
    pub legend: Option<i32>,
    pub log_height: i32,
    pub cards: Vec<CardPlan>,
    /// Where the line stands that counts the hidden cards.
    pub more_cards: Option<i32>,
    pub height: i32,
}

impl Plan {
    /// From one record to the next.
    pub fn pitch(&self) -> i32 {
        self.cell_width + CELL_GAP
    }

    /// Where a strip's first record begins, from the log's left edge.
    pub fn strip_x(&self) -> i32 {
        if self.shape == Shape::Phone { LABEL } else { self.pens + PEN_GAP + LABEL }
    }

    /// The height of a partition's row.
    pub fn row_height(&self, others: bool) -> i32 {
        row_height(&self.density, others)
    }
}

fn row_height(density: &Density, others: bool) -> i32 {
    density.lane + density.cell + density.ruler + if others { density.others } else { 0 } + ROW_PAD
}

pub fn plan(room: Room, wishes: &Wishes) -> Plan {
    if room.width < PHONE_WIDTH { phone(room, wishes) } else { wide(room, wishes) }
}

fn wide(room: Room, wishes: &Wishes) -> Plan {
    let (readers, lanes, pens, cell_width) = match room.width {
        1500.. => (416, 56, 96, 84),
        1100.. => (360, 48, 88, 80),
        940.. => (320, 40, 80, 80),
        _ => (240, 36, 80, 76),
    };
    let pens = (wishes.pen_letters as i32 * 8 + 16).clamp(pens, pens + 32);
    let log = room.width - lanes - readers;
    let cells = ((log - pens - PEN_GAP - LABEL - SLOT) / (cell_width + CELL_GAP)).clamp(1, 200) as usize;
    let mut shown = Shown::of(wishes, |topic| topic.by_hand.unwrap_or(false));
    let legend_height = LEGEND_LINE * if log - pens - PEN_GAP < LEGEND_WIDTH { 2 } else { 1 };
    let (density, board) = fit(room, legend_height, &mut shown);
    let (topics, mut y) = shown.lay(&density);
    let board = board.then(|| {
        let at = y + density.topic_gap;
        y = at + BOARD;
        at
    });
    let (cards, more_cards, readers_height) = cards(room.height, readers, density.card_gap, wishes);
    let legend = (readers_height.max(y + legend_height) <= room.height).then_some(room.height - legend_height);
    let height = y.max(readers_height).max(if legend.is_some() { room.height } else { 0 });
    Plan {
        shape: Shape::Wide,
        density,
        cells,
        cell_width,
        pens,
        lanes,
        readers,
        topics,
        board,
        legend,
        log_height: y,
        cards,
        more_cards,
        height,
    }
}

/// The tallest density in which all fits, and whether the writers' board does; folds what may be folded where none does.
fn fit(room: Room, legend_height: i32, shown: &mut Shown<'_>) -> (Density, bool) {
    for board in [true, false] {
        if board && !shown.wishes.board {
            continue;
        }
        for density in DENSITIES {
            let legend = if density == TIGHT { 0 } else { legend_height };
            let board_height = if board { BOARD + density.topic_gap } else { 0 };
            if shown.lay(&density).1 + board_height + legend <= room.height {
                return (density, board);
            }
        }
    }
    shown.fold(&TIGHT, room.height, |topic| !topic.wanted);
    shown.others = shown.lay(&TIGHT).1 <= room.height;
    shown.leave_out(&TIGHT, room.height);
    (TIGHT, false)
}

/// What of the log is shown.
struct Shown<'w> {
    wishes: &'w Wishes,
    /// By topic: it is one line.
    folded: Vec<bool>,
    /// By topic: the partitions that are shown where it is not folded.
    partitions: Vec<Vec<usize>>,
    /// The second row of marks.
    others: bool,
}

impl<'w> Shown<'w> {
    fn of(wishes: &'w Wishes, folded: impl Fn(&TopicWish) -> bool) -> Self {
        Self {
            wishes,
            folded: wishes.topics.iter().map(folded).collect(),
            partitions: wishes.topics.iter().map(|topic| (0..topic.partitions).collect()).collect(),
            others: true,
        }
    }

    /// Topics become lines, from the last one on, until the log is no higher than that. The first one stays.
    fn fold(&mut self, density: &Density, height: i32, may: impl Fn(&TopicWish) -> bool) {
        for at in (0..self.folded.len()).rev() {
            let wish = &self.wishes.topics[at];
            let another = (0..self.folded.len()).any(|other| other != at && !self.folded[other]);
            if another && wish.by_hand.is_none() && may(wish) && self.lay(density).1 > height {
                self.folded[at] = true;
            }
        }
    }

    /// In a tour partitions are left out, from the last one on, until the log is no higher than that: none with something
    /// that is ringed, and not all of a topic.
    fn leave_out(&mut self, density: &Density, height: i32) {
        if !self.wishes.tour {
            return;
        }
        for topic in (0..self.partitions.len()).rev() {
            let wish = &self.wishes.topics[topic];
            for at in (0..wish.partitions).rev() {
                if wish.whole || self.partitions[topic].len() < 2 || self.lay(density).1 <= height {
                    break;
                }
                if !wish.pinned.contains(&at) {
                    self.partitions[topic].retain(|shown| *shown != at);
                }
            }
        }
    }

    /// The topics one below the other, and where the last one ends.
    fn lay(&self, density: &Density) -> (Vec<TopicPlan>, i32) {
        let mut y = 0;
        let mut plans = Vec::with_capacity(self.wishes.topics.len());
        for (at, wish) in self.wishes.topics.iter().enumerate() {
            if y > 0 {
                y += density.topic_gap;
            }
            let from = y;
            let folded = self.folded[at];
            let others = self.others && wish.others && density.others > 0;
            let mut rows = Vec::new();
            if folded {
                y += density.line;
            } else {
                y += density.head;
                for (place, at) in self.partitions[at].iter().enumerate() {
                    y += if place > 0 { density.row_gap } else { 0 };
                    rows.push(RowPlan { at: *at, y });
                    y += row_height(density, others);
                }
                y += if wish.more { density.line + density.row_gap } else { 0 };
            }
            plans.push(TopicPlan { y: from, folded, others, rows, height: y - from });
        }
        (plans, y)
    }
}

/// The least height of what an open card shows, and the one that it is best seen at.
fn body(wish: &CardWish) -> Option<(i32, i32)> {
    let lines = wish.lines as i32;
    Some(match wish.picture? {
        Picture::City => (136, 232),
        Picture::Phone => (64, 64),
        Picture::Billing => (84, 84),
        Picture::Wallets => (lines * 23 + 12, lines * 23 + 12),
        Picture::Analytics => (lines * 22 + 12, lines * 22 + 12),
        Picture::Screen => (92, 118),
        Picture::Desk => (84, 84),
        Picture::Newsroom => return None,
    })
}

/// A list of members, where the card has no picture.
fn body_or_members(wish: &CardWish) -> Option<(i32, i32)> {
    let members = (wish.lines as i32).min(12) * 28 + 12;
    body(wish).or((wish.lines > 0).then_some((members, members)))
}

/// Does its picture use more room than it needs?
fn is_flexible(wish: &CardWish) -> Option<i32> {
    match wish.picture? {
        Picture::City => Some(320),
        Picture::Screen => Some(170),
        _ => None,
    }
}

fn cards(room: i32, width: i32, gap: i32, wishes: &Wishes) -> (Vec<CardPlan>, Option<i32>, i32) {
    let wanted = &wishes.cards;
    let mut forms = vec![CardForm::Line; wanted.len()];
    let mut heights = vec![LINE; wanted.len()];
    let used = |heights: &[i32], forms: &[CardForm]| {
        let shown = forms.iter().filter(|form| **form != CardForm::Hidden).count() as i32;
        let hidden = if forms.contains(&CardForm::Hidden) { LINE + gap } else { 0 };
        heights.iter().sum::<i32>() + gap * (shown - 1).max(0) + hidden
    };
    let mut order: Vec<usize> = (0..wanted.len()).filter(|at| wanted[*at].rank.is_some()).collect();
    crate::base::put_in_order(&mut order, &|one, other| wanted[*one].rank < wanted[*other].rank);
    let least = |at: usize| body_or_members(&wanted[at]);
    // What is open needs its room first; cards for which none is left are counted.
    let opened = order.first().and_then(|at| least(*at)).map_or(0, |(least, _)| least + HEAD - LINE);
    for at in (0..wanted.len()).rev() {
        if !wishes.all_cards && used(&heights, &forms) + opened > room && wanted[at].rank.is_none() && !wanted[at].chosen && at > 1
        {
            forms[at] = CardForm::Hidden;
            heights[at] = 0;
        }
    }
    for (rank, at) in order.iter().enumerate() {
        let Some((least, _)) = least(*at) else { continue };
        let more = HEAD + least - heights[*at];
        if rank == 0 || used(&heights, &forms) + more <= room {
            forms[*at] = CardForm::Open;
            heights[*at] += more;
        }
    }
    let grow = |at: usize, to: i32, heights: &mut [i32], forms: &[CardForm]| {
        let more = (to - heights[at]).max(0).min((room - used(heights, forms)).max(0));
        heights[at] += more;
    };
    for at in &order {
        if let (CardForm::Open, Some((_, best))) = (forms[*at], least(*at)) {
            grow(*at, HEAD + best, &mut heights, &forms);
        }
    }
    for at in 0..wanted.len() {
        if forms[at] == CardForm::Line && wanted[at].says && used(&heights, &forms) + HEAD - LINE <= room {
            forms[at] = CardForm::Head;
            heights[at] = HEAD;
        }
    }
    for at in 0..wanted.len() {
        let Some((_, best)) = least(at) else { continue };
        if matches!(forms[at], CardForm::Line | CardForm::Head) && used(&heights, &forms) + HEAD + best - heights[at] <= room {
            forms[at] = CardForm::Open;
            heights[at] = HEAD + best;
        }
    }
    let stretch: Vec<usize> =
        (0..wanted.len()).filter(|at| forms[*at] == CardForm::Open && is_flexible(&wanted[*at]).is_some()).collect();
    let each = (room - used(&heights, &forms)).max(0) / (stretch.len() as i32).max(1);
    for at in stretch {
        let most = is_flexible(&wanted[at]).unwrap_or(0).min(width * 4 / 5);
        heights[at] += each.min((HEAD + most - heights[at]).max(0));
    }
    let mut y = 0;
    let mut plans = Vec::with_capacity(wanted.len());
    for (form, height) in forms.iter().zip(&heights) {
        plans.push(CardPlan { y, height: *height, form: *form });
        if *form != CardForm::Hidden {
            y += height + gap;
        }
    }
    let more = forms.contains(&CardForm::Hidden).then_some(y);
    (plans, more, y - gap + if more.is_some() { LINE + gap } else { 0 })
}

fn phone(room: Room, wishes: &Wishes) -> Plan {
    let (density, cell_width) = (PHONE, 74);
    let cells = ((room.width - LABEL - SLOT) / (cell_width + CELL_GAP)).clamp(1, 200) as usize;
    let open = wishes.cards.iter().position(|card| card.rank == Some(0)).or(wishes.cards.iter().position(|card| card.chosen));
    let (least, best) = open.and_then(|at| body_or_members(&wishes.cards[at])).unwrap_or_default();
    let names = if wishes.cards.is_empty() { 0 } else { READER_ROW };
    let log = room.height - names - if open.is_some() { HEAD + least } else { 0 };
    let mut shown = Shown::of(wishes, |topic| topic.by_hand.unwrap_or(!topic.wanted));
    if shown.folded.iter().all(|folded| *folded)
        && let Some(first) = wishes.topics.first()
    {
        shown.folded[0] = first.by_hand.unwrap_or(false);
    }
    // So that the card is in sight: what the step does not speak of first.
    shown.leave_out(&density, log);
    shown.fold(&density, log, |topic| topic.pinned.is_empty());
    shown.fold(&density, log + least / 2, |_| true);
    let (topics, y) = shown.lay(&density);
    // Where a tour has no room for half of it, its head is enough.
    let free = (room.height - y - names - HEAD).max(0);
    let least = if !wishes.tour {
        least
    } else if free < least / 2 {
        0
    } else {
        least.min(free)
    };
    let body = if wishes.tour && least == 0 { 0 } else { free.clamp(least, best.max(least)) };
    let card = if open.is_some() { HEAD + body } else { 0 };
    let height = y + names + card;
    let cards = wishes.cards.iter().enumerate().map(|(at, _)| match Some(at) == open {
        true => CardPlan { y: 0, height: card, form: if body > 0 { CardForm::Open } else { CardForm::Head } },
        false => CardPlan { y: 0, height: 0, form: CardForm::Hidden },
    });
    Plan {
        shape: Shape::Phone,
        density,
        cells,
        cell_width,
        pens: 0,
        lanes: 0,
        readers: room.width,
        topics,
        board: None,
        legend: None,
        log_height: y,
        cards: cards.collect(),
        more_cards: None,
        height,
    }
}
