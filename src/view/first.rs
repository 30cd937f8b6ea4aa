//! The first screen's picture: one producer, one partition, one group, and which of the three moments it is.

use std::rc::Rc;

use crate::base::{Offset, SimTime};
use crate::engine::World;
use crate::scenario::first::{self, KITCHEN, Order, order, partition};
use crate::view::parts::flights::{Flight, flights};
use crate::view::parts::logs::partitions;
use crate::view::parts::row::{RecordCell, RowStart, partition_row};
use crate::view::parts::text::hue;

/// Records that the picture has room for.
pub const CELLS: usize = 3;

/// Messages looked at: there is never more than a handful.
const FLIGHTS_MAX: usize = 32;

/// What is rung.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// A record is on its way to the log.
    Written,
    /// It has its place.
    Appended,
    /// It is on its way to the reader, or there.
    Read,
}

/// A record between a client and the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnItsWay {
    /// On its way to the log: the one that it will get.
    pub offset: i64,
    pub order: Order,
    pub hue: u16,
    pub sent_at: SimTime,
    pub arrives_at: SimTime,
}

impl OnItsWay {
    fn new(offset: i64, flight: &Flight) -> Self {
        let order = order(Offset(offset));
        let (sent_at, arrives_at) = (flight.sent_at, flight.arrives_at);
        Self { offset, order, hue: hue(order.table.as_bytes()), sent_at, arrives_at }
    }
}

/// The picture at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FirstPicture {
    /// The latest records.
    pub cells: Vec<RecordCell>,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    pub committed_offset: i64,
    pub written: Option<OnItsWay>,
    pub read: Option<OnItsWay>,
    /// What the reader was given last.
    pub in_hand: Option<Order>,
    pub moment: Moment,
}

impl FirstPicture {
    /// Log end − committed.
    pub fn lag(&self) -> i64 {
        self.log_end_offset - self.committed_offset
    }

    pub fn is_committed(&self, cell: &RecordCell) -> bool {
        cell.offset < self.committed_offset
    }

    /// Where in the row an offset stands: 0 is before the first cell.
    pub fn place(&self, offset: i64) -> i64 {
        let first = self.cells.first().map_or(self.log_end_offset, |cell| cell.offset);
        (offset - first).clamp(0, self.cells.len() as i64)
    }

    /// The offset that the moment is about.
    pub fn offset(&self) -> i64 {
        match self.moment {
            Moment::Written => self.log_end_offset,
            _ => self.log_end_offset - 1,
        }
    }
}

/// The session's picture; `None` where it is another session than the first screen's.
pub fn first_picture(world: &World, at: SimTime) -> Option<FirstPicture> {
    let own = partition();
    let row = partition_row(world, &own, RowStart::Tail, CELLS)?;
    let view = partitions(world, first::TOPIC, 0..1).into_iter().next()?;
    let marker = view.markers.into_iter().find(|marker| marker.group.as_deref() == Some(KITCHEN))?;
    let (position, committed_offset) = (marker.position.unwrap_or(0), marker.committed_offset.unwrap_or(0));
    let air = flights(world, at, FLIGHTS_MAX).flights;
    let carries = |flight: &&Flight| flight.loads.iter().any(|load| load.topic_partition == own);
    let written = air.iter().filter(carries).find(|flight| !flight.is_response);
    let read = air.iter().filter(carries).find(|flight| flight.is_response);
    let moment = match (written, read) {
        (Some(_), _) => Moment::Written,
        (None, None) if position < row.log_end_offset => Moment::Appended,
        _ => Moment::Read,
    };
    Some(FirstPicture {
        written: written.map(|flight| OnItsWay::new(row.log_end_offset, flight)),
        read: read.map(|flight| OnItsWay::new(position, flight)),
        in_hand: (position > 0).then(|| order(Offset(position - 1))),
        cells: row.cells,
        log_end_offset: row.log_end_offset,
        committed_offset,
        moment,
    })
}

/// The words below the picture: what is bold, and the rest.
pub fn sentences(offset: i64) -> [(&'static str, Rc<str>); 3] {
    [
        ("Written.", "On its way.".into()),
        ("Appended", format!("at the end. Its place is its offset: {offset}.").into()),
        ("Read,", "and it stays.".into()),
    ]
}
