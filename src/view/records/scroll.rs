//! Where rows of one height stand in a table that is longer than any page can be.
//!
//! A row's *slot* is its position; the record that is unfolded takes some more slots below its own, and all after it stand so
//! much lower. Scroll bars end at some millions of pixels, so beyond `SPACE_MAX` their length stands for all slots in proportion.
//!
//! ```text
//!   first                 top                               first + slots
//!     ├─────────────────────┼──── body: what is seen ────┼──────┤
//! ```

/// Pixels that the scroll bar's length stands for at most.
pub const SPACE_MAX: f64 = 1_000_000.0;

/// What there is to scroll over, and how much of it is seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Extent {
    /// The first row's position.
    pub first: i64,
    /// Positions from the first to the last.
    pub rows: i64,
    /// The position of the record that is unfolded, and how many slots that takes.
    pub unfolded: Option<(i64, i64)>,
    /// Height of the part that is seen, and of a row, in pixels.
    pub body: f64,
    pub row: f64,
}

impl Extent {
    fn slots(&self) -> f64 {
        (self.rows + self.unfolded.map_or(0, |(_, slots)| slots)) as f64
    }

    /// Rows that are seen, the last one perhaps in part.
    pub fn seen(&self) -> f64 {
        self.body / self.row
    }

    /// The slot at the upper edge when the last row stands at the lower one.
    pub fn top_max(&self) -> f64 {
        self.first as f64 + (self.slots() - self.seen()).max(0.0)
    }

    pub fn bounded(&self, top: f64) -> f64 {
        top.clamp(self.first as f64, self.top_max())
    }

    /// Height of all that scrolls, in pixels.
    pub fn space(&self) -> f64 {
        (self.slots() * self.row).min(SPACE_MAX).max(self.body)
    }

    /// A pixel of the scroll bar is more than a pixel of the table.
    pub fn is_scaled(&self) -> bool {
        self.slots() * self.row > SPACE_MAX
    }

    /// How far the page is scrolled when this slot is at the upper edge, in pixels.
    pub fn scroll_of(&self, top: f64) -> f64 {
        let (most, first) = (self.top_max(), self.first as f64);
        if most > first { (self.bounded(top) - first) / (most - first) * (self.space() - self.body) } else { 0.0 }
    }

    /// The slot at the upper edge when the page is scrolled so far.
    pub fn top_of(&self, scroll: f64) -> f64 {
        let (room, first) = (self.space() - self.body, self.first as f64);
        if room > 0.0 { self.bounded(first + scroll / room * (self.top_max() - first)) } else { first }
    }

    /// The position to draw from, and how far above the upper edge that row begins, in pixels.
    pub fn begin(&self, top: f64) -> (i64, f64) {
        let slot = top.floor() as i64;
        let start = match self.unfolded {
            // The record itself has gone by, and its lines not yet.
            Some((position, slots)) if slot > position && slot <= position + slots => position,
            Some((position, slots)) if slot > position => return (slot - slots, (top - top.floor()) * self.row),
            _ => slot,
        };
        (start, (top - start as f64) * self.row)
    }

    pub fn slot_of(&self, position: i64) -> i64 {
        position + self.unfolded.filter(|(unfolded, _)| position > *unfolded).map_or(0, |(_, slots)| slots)
    }
}
