//! How the picture of the Cluster view is divided: what fits beside what, and how many offsets there is room for.

/// Lengths are in tenths of the root's letter size (rem), so that a larger letter gets a picture for a smaller window.
const GAP: u32 = 8;

/// Columns that hold a partition's name, ISR and high watermark, and what a broker's column must have beside them. The wider
/// one has room for what is wrong as well; a replica's records and words fit beside each other from the lesser width on.
const LABELS: [(u32, u32); 2] = [(132, 140), (92, 104)];

/// The column that holds the controllers alone.
const LABEL_NARROW: u32 = 45;

/// One offset of a row, and what a row has around its offsets.
const SLOT: u32 = 11;
const AROUND: u32 = 7;

/// The same where a row's head and a replica's words have lines of their own.
const AROUND_NARROW: u32 = 52;

/// The height that is not the rows': programs, lanes, links, processes and disks.
const HOSTS: u32 = 147;

/// Offsets drawn of each partition: no fewer than show the high watermark, no more than a glance takes in.
const SLOTS_MIN: u32 = 3;
const SLOTS_MAX: u32 = 5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClusterLayout {
    /// The first column's width, in tenths of a rem.
    pub label: u32,
    /// A replica's words stand below its records, a partition's name above them.
    pub narrow: bool,
    pub slots: usize,
    /// The hosts leave no room for a row.
    pub low: bool,
}

/// The picture in an area of so many tenths of a rem, with so many brokers and partitions.
pub fn layout(width: u32, height: u32, brokers: usize, rows: usize) -> ClusterLayout {
    let brokers = u32::try_from(brokers).unwrap_or(u32::MAX).max(1);
    let column = |label: u32| (width.saturating_sub(label) / brokers).saturating_sub(GAP);
    let label = LABELS.into_iter().find(|(label, least)| column(*label) >= *least).map(|(label, _)| label);
    let around = if label.is_some() { AROUND } else { AROUND_NARROW };
    let rows = u32::try_from(rows).unwrap_or(u32::MAX).max(1);
    let each = height.saturating_sub(HOSTS) / rows;
    let slots = (each.saturating_sub(around) / SLOT).clamp(SLOTS_MIN, SLOTS_MAX);
    ClusterLayout {
        label: label.unwrap_or(LABEL_NARROW),
        narrow: label.is_none(),
        slots: slots as usize,
        low: height > 0 && height < HOSTS + 4 * SLOT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_room_shows_more_and_less_puts_words_below() {
        // Three brokers and five partitions: a projector, a desk, a phone.
        assert_eq!(layout(620, 360, 3, 5), ClusterLayout { label: 132, narrow: false, slots: 3, low: false });
        assert_eq!(layout(700, 472, 3, 5), ClusterLayout { label: 132, narrow: false, slots: 5, low: false });
        assert_eq!(layout(230, 330, 3, 5), ClusterLayout { label: 45, narrow: true, slots: 3, low: false });
        // A few partitions have room for more offsets, many brokers for fewer words.
        assert_eq!(layout(620, 360, 3, 2).slots, 5);
        assert_eq!(layout(620, 360, 4, 5).label, 92);
        assert!(layout(620, 360, 9, 5).narrow);
        assert!(layout(620, 140, 3, 5).low);
        assert_eq!(layout(0, 0, 0, 0), ClusterLayout { label: 45, narrow: true, slots: 3, low: false });
    }
}
