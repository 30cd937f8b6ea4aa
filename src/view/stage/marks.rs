//! The marks below a strip. The first row is the chosen group's alone, with its lag drawn as a length; the second has all
//! others, one mark for each place.

use std::rc::Rc;

use super::strip::{Item, Strip};
use crate::base::{put_in_order, sort};
use crate::view::parts::logs::Marker;
use crate::view::parts::text::count;

/// Where a mark stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// At an offset before the strip's first record.
    Before,
    /// So many quarters of a cell from the strip's beginning.
    At(i32),
    /// At an offset behind the strip's last record, where that is not the log's end.
    After,
}

/// The chosen group's mark, and the bracket from there to the high watermark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    pub group: Rc<str>,
    pub committed_offset: i64,
    pub place: Place,
    pub lag: i64,
    /// The name stands left of its sign, not right of it.
    pub left: bool,
    /// The lag's number stands beside the name: the bracket has no room for it.
    pub beside: bool,
    /// The chosen group has nothing here: this is the one group that has.
    pub second: bool,
}

/// The groups at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Others {
    pub place: Place,
    /// As much of the names as there is room for.
    pub label: String,
    pub left: bool,
    /// All of them, with their offsets.
    pub title: String,
}

/// Widths of letters, in sixteenths of a rem: those of the first row, and of the second.
const LETTER: i32 = 9;
const SMALL_LETTER: i32 = 8;
/// A sign, and what keeps labels apart.
const SIGN: i32 = 20;

impl Strip {
    fn place(&self, committed: i64) -> Place {
        let Some(first) = self.cells().next() else { return Place::At(0) };
        if committed < first.offset && self.has_earlier {
            return Place::Before;
        }
        let mut at = 0;
        let mut last = first.offset;
        for item in &self.items {
            match item {
                Item::Cell(cell) if cell.offset >= committed => return Place::At(at),
                Item::Cell(cell) => last = cell.offset,
                Item::Fold(offsets) if committed > last + 1 && committed <= last + offsets => return Place::At(at + 1),
                Item::Fold(_) => {}
            }
            at += item.quarters();
        }
        if self.has_later && committed > last + 1 { Place::After } else { Place::At(at) }
    }

    /// Where an offset lies, in quarters of a cell from the strip's beginning.
    pub fn at(&self, offset: i64) -> i32 {
        match self.place(offset) {
            Place::Before => 0,
            Place::At(at) => at,
            Place::After => self.quarters(),
        }
    }

    /// The mark of the chosen group. `group`: the one that is chosen; where it has nothing in this topic, the topic's only
    /// one stands in for it. `quarter`: the length of a quarter of a cell.
    pub fn chosen(&self, markers: &[Marker], group: Option<&str>, second: bool, quarter: i32) -> Option<Chosen> {
        let marker = markers.iter().find(|marker| marker.group.as_deref() == group && group.is_some())?;
        let (group, committed) = (marker.group.clone()?, marker.committed_offset?);
        let place = self.place(committed);
        // As Kafka's tools count it: what lies above the high watermark cannot be read yet.
        let lag = (self.high_watermark - committed).max(0);
        let name = (group.chars().count() + committed.to_string().len() + 1) as i32 * LETTER + SIGN;
        let behind = (lag.to_string().len() + 4) as i32 * LETTER + SIGN;
        let left = match place {
            Place::At(at) => {
                let (before, after) = (at * quarter, (self.at(self.high_watermark) - at) * quarter);
                // In the bracket, if its number has room beside it; else where there is more room.
                if lag > 0 && after >= name + behind { false } else { before >= name || (lag == 0 && before > after) }
            }
            Place::Before | Place::After => false,
        };
        let bracket = (self.at(self.high_watermark) - self.at(committed)) * quarter;
        let beside = bracket < if left { behind } else { name + behind };
        Some(Chosen { group, committed_offset: committed, place, lag, left, beside, second })
    }

    /// The marks of all groups but the one of the first row.
    pub fn others(&self, markers: &[Marker], first_row: Option<&str>, quarter: i32) -> Vec<Others> {
        let mut places: Vec<(Place, Vec<(Rc<str>, i64)>)> = Vec::new();
        for marker in markers {
            let (Some(group), Some(committed)) = (&marker.group, marker.committed_offset) else { continue };
            if first_row == Some(group) {
                continue;
            }
            let place = self.place(committed);
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, groups)) => groups.push((group.clone(), committed)),
                None => places.push((place, vec![(group.clone(), committed)])),
            }
        }
        put_in_order(&mut places, &|one, other| one.0 < other.0);
        let end = self.quarters();
        let x = |place: Place| match place {
            Place::Before => 0,
            Place::At(at) => at,
            Place::After => end,
        };
        // Where a sign and a number have no room before the next sign (at the left edge, at a fold), one stands for both.
        let mut at = 0;
        while at + 1 < places.len() {
            if (x(places[at + 1].0) - x(places[at].0)) * quarter < SIGN + SMALL_LETTER {
                let (_, groups) = places.remove(at + 1);
                places[at].1.extend(groups);
            } else {
                at += 1;
            }
        }
        let mut taken = 0;
        let mut others: Vec<Others> = Vec::with_capacity(places.len());
        for (at, (place, groups)) in places.iter().enumerate() {
            let here = x(*place) * quarter;
            let next = places.get(at + 1).map_or((end + 1) * quarter, |(next, _)| x(*next) * quarter);
            // At the log's end a name stands left of its sign, else right of it.
            let left = x(*place) >= end && here > 0;
            let room = if left { here - taken } else { next - here } - SIGN;
            let label = label(*place, groups, room / SMALL_LETTER);
            taken = here + SIGN + if left { 0 } else { label.chars().count() as i32 * SMALL_LETTER };
            let title = groups.iter().map(|(group, offset)| format!("{group} at {offset}")).collect::<Vec<_>>().join(", ");
            others.push(Others { place: *place, label, left, title });
        }
        others
    }
}

/// The names if they fit into so many letters, else how many there are.
fn label(place: Place, groups: &[(Rc<str>, i64)], letters: i32) -> String {
    let names = groups.iter().map(|(group, _)| &**group).collect::<Vec<_>>().join(", ");
    let many = match groups.len() {
        1 => names.clone(),
        many => count(many as i64, "group"),
    };
    let fits = |text: &str| text.chars().count() as i32 <= letters;
    if place == Place::Before {
        let mut offsets: Vec<i64> = groups.iter().map(|(_, offset)| *offset).collect();
        sort(&mut offsets);
        offsets.dedup();
        let at = match offsets.as_slice() {
            [one] => format!("{names}, at {one}"),
            [first, last] => format!("{many}, at {first} and {last}"),
            [first, .., last] => format!("{many}, at {first} to {last}"),
            [] => String::new(),
        };
        if fits(&at) {
            return at;
        }
    }
    if fits(&names) {
        names
    } else if fits(&many) {
        many
    } else {
        groups.len().to_string()
    }
}
