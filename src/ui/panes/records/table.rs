//! What the table remembers while it is scrolled: where it is, what is unfolded, what a search has found, its columns.

use std::rc::Rc;

use crate::base::{Offset, TopicPartition};
use crate::session::Session;
use crate::view::View;
use crate::view::fields::{Column, chosen_by_width, learn};
use crate::view::records::{self, Extent, From, RecordFilter, RecordList, Search, TableRow};
use crate::view::text::ValueText;

/// Records that a search looks at for one drawing.
const LOOKED_AT_ONCE: usize = 4_000;

/// Records at either end that columns are learnt from.
const LEARNT_FROM: usize = 30;

/// A record, by its partition and offset.
pub type At = (TopicPartition, i64);

/// What is shown. With another value of it the table begins anew.
#[derive(Clone, PartialEq)]
pub struct Subject {
    pub topic: Rc<str>,
    pub filter: RecordFilter,
    /// The session, and how often somebody wanted to go to a place.
    pub sessions: u32,
    pub jumps: u32,
}

/// Sizes in pixels: of what is seen of the table without its head, and of a row.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Sizes {
    pub width: f64,
    pub body: f64,
    pub row: f64,
    /// A character of the table's face.
    pub letter: f64,
}

#[derive(Default)]
pub struct Table {
    subject: Option<Subject>,
    /// The slot at the upper edge.
    pub top: f64,
    /// The latest record is kept in view.
    pub tail: bool,
    /// The row that the arrow keys move.
    pub cursor: Option<At>,
    /// The record that is unfolded.
    pub open: Option<At>,
    pub search: Option<Search>,
    /// The search has more to look at, and does so at the next frame.
    pub searching: bool,
    /// The next frame was asked for.
    pub asked: bool,
    moment: u64,
    pub columns: Vec<Column>,
    /// Chosen by the width, and the width.
    auto: (f64, Vec<String>),
    pub extent: Option<Extent>,
    /// The rows as they are drawn, and how far above the upper edge the first one begins, in pixels.
    pub rows: Vec<TableRow>,
    pub above: f64,
    /// How far the page was last scrolled by us, or seen to be scrolled.
    pub scrolled: i32,
    /// The scroll bar has to follow, wherever it is.
    pub moved: bool,
    /// A finger scrolls.
    pub touched: bool,
}

pub fn at(row: &TableRow) -> At {
    (row.topic_partition.clone(), row.offset)
}

impl Table {
    /// Reads what is to be drawn now.
    pub fn look(&mut self, session: &Session, subject: &Subject, sizes: Sizes) {
        let list = RecordList::of(View::of(session).into(), &subject.topic, subject.filter.partition);
        let went_back = session.cursor() < self.moment;
        self.moment = session.cursor();
        if self.subject.as_ref() != Some(subject) {
            self.begin(&list, subject);
        } else if went_back && self.search.is_some() {
            // Other records may come in place of those that were found.
            self.search = Some(Search::begin(&list, subject.filter.from));
        }
        self.search_a_little(&list, subject, sizes);
        let unfolded = self.open.clone().and_then(|open| {
            let row = records::record_row(View::of(session).into(), &open.0, Offset(open.1))?;
            Some((self.position(&list, &open)?, detail_rows(&row.value, row.headers.len(), sizes)))
        });
        let (first, end) = match &self.search {
            Some(search) => (0, search.found() as i64),
            None => (list.first(), list.end()),
        };
        let extent = Extent { first, rows: end - first, unfolded, body: sizes.body, row: sizes.row };
        self.extent = Some(extent);
        self.top = if self.tail { extent.top_max() } else { extent.bounded(self.top) };
        self.fill(&list, extent);
        self.learn_columns(&list, sizes);
    }

    fn begin(&mut self, list: &RecordList<'_>, subject: &Subject) {
        let same_topic =
            self.subject.as_ref().is_some_and(|before| before.topic == subject.topic && before.sessions == subject.sessions);
        if !same_topic {
            self.columns.clear();
            self.auto = Default::default();
        }
        self.subject = Some(subject.clone());
        self.moved = true;
        self.open = None;
        self.cursor = None;
        self.tail = subject.filter.from == From::Tail;
        self.search = None;
        let place = list.place(subject.filter.from);
        if subject.filter.searches() {
            self.search = Some(Search::begin(list, subject.filter.from));
            self.top = 0.0;
        } else {
            self.top = place as f64;
            if matches!(subject.filter.from, From::Offset(_) | From::Time(_)) {
                self.cursor = list.window(place, 1).first().map(at);
            }
        }
    }

    fn search_a_little(&mut self, list: &RecordList<'_>, subject: &Subject, sizes: Sizes) {
        let Some(search) = &mut self.search else {
            self.searching = false;
            return;
        };
        let screen = (sizes.body / sizes.row.max(1.0)).ceil() as usize + 1;
        // Two screens beyond what is seen, at the end where it searches.
        let near = if subject.filter.from == From::Tail { search.found() as f64 - self.top } else { self.top };
        let wanted = near.max(0.0) as usize + 3 * screen;
        let before = search.found_before();
        self.searching = search.go_on(list, &subject.filter, wanted, LOOKED_AT_ONCE);
        self.top += (search.found_before() - before) as f64;
    }

    /// A record's position, or its place among what was found.
    pub fn position(&self, list: &RecordList<'_>, at: &At) -> Option<i64> {
        match &self.search {
            Some(search) => search.index_of(&at.0, at.1).map(|index| index as i64),
            None => Some(list.position(&at.0, at.1)),
        }
    }

    pub fn window(&self, list: &RecordList<'_>, from: i64, max: usize) -> Vec<TableRow> {
        match &self.search {
            Some(search) => search.rows(list, usize::try_from(from).unwrap_or(0), max),
            None => list.window(from, max),
        }
    }

    pub fn before(&self, list: &RecordList<'_>, to: i64, max: usize) -> Vec<TableRow> {
        match &self.search {
            Some(search) => {
                let to = usize::try_from(to).unwrap_or(0).min(search.found());
                search.rows(list, to.saturating_sub(max), max.min(to))
            }
            None => list.before(to, max),
        }
    }

    /// Reads the rows that are seen, and says where they stand.
    fn fill(&mut self, list: &RecordList<'_>, extent: Extent) {
        let most = extent.seen().ceil() as usize + 2;
        let end = extent.first + extent.rows;
        if !self.tail {
            let (from, above) = extent.begin(self.top);
            self.rows = self.window(list, from, most);
            self.above = above;
            let full = self.height(extent) - above >= extent.body;
            if full || from <= extent.first {
                return;
            }
        }
        // The last row stands at the lower edge. Where offsets have gaps there are fewer rows than offsets.
        self.rows = self.before(list, end, most);
        self.above = (self.height(extent) - extent.body).max(0.0);
    }

    /// Height of the rows that were read, in pixels.
    fn height(&self, extent: Extent) -> f64 {
        let is_open = self.open.as_ref().is_some_and(|open| self.rows.iter().any(|row| at(row) == *open));
        let unfolded = extent.unfolded.filter(|_| is_open).map_or(0, |(_, slots)| slots);
        (self.rows.len() as i64 + unfolded) as f64 * extent.row
    }

    fn learn_columns(&mut self, list: &RecordList<'_>, sizes: Sizes) {
        let unknown = self.columns.is_empty();
        if unknown && self.rows.iter().any(|row| row.fields.is_some()) {
            let ends = [list.window(list.first(), LEARNT_FROM), list.before(list.end(), LEARNT_FROM)];
            ends.iter().flatten().filter_map(|row| row.fields.as_ref()).for_each(|fields| learn(&mut self.columns, fields));
        }
        // Widths stay as they were learnt at first: columns must not move while one scrolls.
        let widths: Vec<usize> = self.columns.iter().map(|column| column.chars).collect();
        let known: Vec<String> = self.columns.iter().map(|column| column.path.clone()).collect();
        self.rows.iter().filter_map(|row| row.fields.as_ref()).for_each(|fields| learn(&mut self.columns, fields));
        for (path, chars) in known.iter().zip(widths) {
            if let Some(column) = self.columns.iter_mut().find(|column| column.path == *path) {
                column.chars = chars;
            }
        }
        if sizes.width != self.auto.0 || self.auto.1.is_empty() {
            self.auto = (sizes.width, Vec::new());
        }
    }

    /// The fields that are shown where nobody has chosen. They stay while one scrolls.
    pub fn auto_columns(&mut self, chars: usize) -> Vec<String> {
        if self.auto.1.is_empty() {
            self.auto.1 = chosen_by_width(&self.columns, chars);
        }
        self.auto.1.clone()
    }

    // ---- moving

    /// Somebody scrolls the page.
    pub fn scroll(&mut self, scrolled: i32, at_end: bool) {
        let Some(extent) = self.extent else { return };
        let by = f64::from(scrolled - self.scrolled);
        self.scrolled = scrolled;
        if at_end {
            self.tail = true;
            return;
        }
        // A finger moves rows by as much as it moves; a scroll bar's handle stands for all of them.
        let by_hand = extent.is_scaled() && self.touched && by.abs() < 2.0 * extent.body;
        self.scroll_to(if by_hand { self.top + by / extent.row } else { extent.top_of(f64::from(scrolled)) });
    }

    /// Somebody turns the wheel over a table whose scroll bar is too coarse for that.
    pub fn wheel(&mut self, pixels: f64) {
        if let Some(extent) = self.extent {
            self.moved = true;
            self.scroll_to(self.top + pixels / extent.row);
        }
    }

    /// To the first record, or to the latest, which stays in view.
    pub fn go_to_end(&mut self, tail: bool) {
        self.moved = true;
        self.tail = tail;
        self.top = self.extent.map_or(0.0, |extent| extent.first as f64);
    }

    fn scroll_to(&mut self, top: f64) {
        let Some(extent) = self.extent else { return };
        self.top = extent.bounded(top);
        // Less than a pixel from the end is at the end.
        self.tail = self.top >= extent.top_max() - 1.0 / extent.row;
    }

    /// Moves the cursor by so many rows; far beyond the ends is at the ends.
    pub fn walk(&mut self, session: &Session, by: i64) {
        let (Some(subject), Some(extent)) = (self.subject.clone(), self.extent) else { return };
        let list = RecordList::of(View::of(session).into(), &subject.topic, subject.filter.partition);
        let end = extent.first + extent.rows;
        let full = extent.seen().floor().max(1.0) as usize;
        let from = self.cursor.clone().and_then(|cursor| self.position(&list, &cursor));
        let target = match (from, by) {
            (_, i64::MIN) => self.window(&list, extent.first, 1).into_iter().next(),
            (_, i64::MAX) => self.before(&list, end, 1).into_iter().next_back(),
            (None, _) => self.rows.get(usize::from(self.above > 0.5)).cloned(),
            (Some(from), 0..) => self.window(&list, from, by as usize + 1).into_iter().next_back(),
            (Some(from), _) => match self.before(&list, from, by.unsigned_abs() as usize).into_iter().next() {
                Some(row) => Some(row),
                None => self.window(&list, extent.first, 1).into_iter().next(),
            },
        };
        let Some(target) = target else { return };
        self.moved = true;
        self.cursor = Some(at(&target));
        if !self.is_seen(extent, &target) {
            self.top = if by < 0 {
                extent.slot_of(target.position) as f64
            } else {
                let rows = self.before(&list, target.position + 1, full);
                let slots = (extent.slot_of(target.position) + 1) as f64 - extent.seen();
                // Where offsets have gaps, fewer of them fill the screen.
                rows.first().map_or(slots, |first| slots.max(extent.slot_of(first.position) as f64 - extent.seen().fract()))
            };
        }
        // Who stands on the latest record goes on to see the latest.
        self.tail = self.window(&list, target.position + 1, 1).is_empty();
    }

    /// The first and the last row of which something is seen.
    pub fn seen(&self) -> Option<(&TableRow, &TableRow)> {
        let extent = self.extent?;
        let mut upper = -self.above;
        let mut seen: Option<(&TableRow, &TableRow)> = None;
        for row in &self.rows {
            if upper > 1.0 - extent.row && upper < extent.body - 1.0 {
                seen = Some((seen.map_or(row, |(first, _)| first), row));
            }
            let is_open = self.open.as_ref().is_some_and(|open| at(row) == *open);
            let unfolded = extent.unfolded.filter(|_| is_open).map_or(0, |(_, slots)| slots);
            upper += (1 + unfolded) as f64 * extent.row;
        }
        seen
    }

    /// Is a row wholly inside what is drawn?
    fn is_seen(&self, extent: Extent, target: &TableRow) -> bool {
        let Some(index) = self.rows.iter().position(|row| row.position == target.position) else { return false };
        let open = self.open.as_ref().and_then(|open| self.rows.iter().position(|row| at(row) == *open));
        let unfolded = extent.unfolded.filter(|_| open.is_some_and(|open| open < index)).map_or(0, |(_, slots)| slots);
        let upper = (index as i64 + unfolded) as f64 * extent.row - self.above;
        (-0.5..=extent.body - extent.row + 0.5).contains(&upper)
    }

    /// Unfolds a record, or folds it.
    pub fn toggle(&mut self, record: At) {
        self.cursor = Some(record.clone());
        self.moved = true;
        let opens = self.open.as_ref() != Some(&record);
        // The rows above stay where they are, whatever arrives.
        self.tail = false;
        if let (Some(extent), Some(first)) = (self.extent, self.rows.first()) {
            let shut = Extent { unfolded: None, ..extent };
            self.top = shut.slot_of(first.position) as f64 + self.above / extent.row;
            self.tail = !opens && self.top >= shut.top_max() - 1.0 / extent.row;
        }
        self.open = opens.then_some(record);
    }
}

/// Lines of a row's height that an unfolded record takes.
fn detail_rows(value: &ValueText, headers: usize, sizes: Sizes) -> i64 {
    const LINE: f64 = 22.0;
    let lines = value.as_str().lines().count().max(1) + headers;
    let rows = ((lines as f64 * LINE + 64.0) / sizes.row.max(1.0)).ceil();
    let most = (sizes.body / sizes.row.max(1.0) * 0.6).floor().max(4.0);
    rows.clamp(3.0, most) as i64
}
