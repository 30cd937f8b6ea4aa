//! Figures of the load tools. They are whole numbers until they are printed, so that they are the same on every machine.

use crate::base::{SimTime, SortedMap, Span};
use crate::shell::cli::io::Io;
use crate::shell::cli::options::Refusal;

/// Records that one run of a load tool may send: they stay in the page's memory.
pub const RECORDS_MAX: i64 = 1_000_000;

/// Bytes that they may have.
pub const BYTES_MAX: i64 = 64 << 20;

/// What `kafka-consumer-perf-test.sh` prints above its figures.
pub const CONSUMER_HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
                                 rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

/// Records that a load tool hands to its client at once, and the time that it takes for them.
pub const BURST: u64 = 1000;
pub const BURST_TIME: Span = Span::from_ms(1);

/// Refuses a run that a page could not hold.
pub fn check_size(tool: &str, records: i64, bytes: i64) -> Result<(), Refusal> {
    if records > RECORDS_MAX || records.saturating_mul(bytes) > BYTES_MAX {
        let what = format!("a run of more than {RECORDS_MAX} records or {} MB", BYTES_MAX >> 20);
        return Err(Refusal::not_simulated(tool, &what, "it would not fit into the page"));
    }
    Ok(())
}

/// `numerator / denominator` with so many digits behind the point, as `%.Nf` prints it.
pub fn ratio(numerator: u64, denominator: u64, digits: u32) -> String {
    if denominator == 0 {
        return if numerator == 0 { "NaN" } else { "Infinity" }.to_owned();
    }
    let scale = 10u128.pow(digits);
    let scaled = (u128::from(numerator) * scale * 2 + u128::from(denominator)) / (2 * u128::from(denominator));
    format!("{}.{:0>width$}", scaled / scale, scaled % scale, width = digits as usize)
}

/// Latencies in milliseconds, with what they belong to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Latencies {
    pub count: u64,
    pub bytes: u64,
    total_ms: u64,
    max_ms: u64,
    by_ms: SortedMap<u64, u64>,
}

impl Latencies {
    pub fn record(&mut self, latency_ms: u64, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        self.total_ms += latency_ms;
        self.max_ms = self.max_ms.max(latency_ms);
        *self.by_ms.get_or_default(latency_ms) += 1;
    }

    /// `ProducerPerformance.Stats.printWindow`.
    pub fn window(&self, elapsed_ms: u64) -> String {
        format!(
            "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {}.0 ms max latency.",
            self.count,
            ratio(self.count * 1000, elapsed_ms, 1),
            ratio(self.bytes * 1000, elapsed_ms << 20, 2),
            ratio(self.total_ms, self.count, 1),
            self.max_ms
        )
    }

    /// `ProducerPerformance.Stats.printTotal`.
    pub fn total(&self, what: &str, elapsed_ms: u64) -> String {
        format!(
            "{}{what} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {}.00 ms max latency, {} ms 50th, {} ms 95th, \
             {} ms 99th, {} ms 99.9th.",
            self.count,
            ratio(self.count * 1000, elapsed_ms, 6),
            ratio(self.bytes * 1000, elapsed_ms << 20, 2),
            ratio(self.total_ms, self.count, 2),
            self.max_ms,
            self.percentile(500),
            self.percentile(950),
            self.percentile(990),
            self.percentile(999)
        )
    }

    fn percentile(&self, thousandths: u64) -> u64 {
        let wanted = self.count * thousandths / 1000;
        let mut seen = 0;
        for (latency_ms, count) in self.by_ms.iter() {
            seen += count;
            if seen > wanted {
                return *latency_ms;
            }
        }
        self.max_ms
    }
}

/// `java.util.SplittableRandom`: the load tool's payloads come from it, so they are the same as the real one's.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SplittableRandom(u64);

impl SplittableRandom {
    pub fn new(seed: i64) -> Self {
        Self(seed.cast_unsigned())
    }

    fn next(&mut self) -> i32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 33)).wrapping_mul(0x62a9_d9ed_7997_05f5);
        (((z ^ (z >> 28)).wrapping_mul(0xcb24_d0a5_c88c_35b3)) >> 32) as i32
    }

    /// `nextInt(bound)`, for bounds above 0.
    pub fn below(&mut self, bound: i32) -> i32 {
        let bound = bound.max(1);
        let most = bound - 1;
        let first = self.next();
        if bound & most == 0 {
            return first & most;
        }
        let mut bits = (first.cast_unsigned() >> 1).cast_signed();
        loop {
            let drawn = bits % bound;
            if bits.wrapping_add(most).wrapping_sub(drawn) >= 0 {
                return drawn;
            }
            bits = (self.next().cast_unsigned() >> 1).cast_signed();
        }
    }
}

/// Lets so many records pass each second (`ThroughputThrottler`); below 0 as many as there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Throttle {
    per_thousand_seconds: i64,
    begun_at: SimTime,
    /// Until a timer of token 0 ends.
    waits: bool,
}

impl Throttle {
    pub fn begin(io: &Io<'_, '_>, per_thousand_seconds: i64) -> Self {
        Self { per_thousand_seconds, begun_at: io.context.now(), waits: false }
    }

    /// The timer has ended.
    pub fn go_on(&mut self) {
        self.waits = false;
    }

    /// Since it began.
    pub fn elapsed(&self, io: &Io<'_, '_>) -> Span {
        io.context.now().since(self.begun_at)
    }

    /// May record number `sent` go? If not, a timer says when the next may.
    pub fn lets_pass(&mut self, io: &mut Io<'_, '_>, sent: u64) -> bool {
        if self.waits {
            return false;
        }
        let due_us = match u64::try_from(self.per_thousand_seconds) {
            Err(_) if sent.is_multiple_of(BURST) => u128::from(BURST_TIME.0) * u128::from(sent / BURST),
            Err(_) => 0,
            Ok(0) if sent > 0 => return false,
            Ok(0) => 0,
            Ok(rate) => u128::from(sent) * 1_000_000_000 / u128::from(rate),
        };
        let wait_us = u64::try_from(due_us).unwrap_or(u64::MAX).saturating_sub(self.elapsed(io).0);
        self.waits = wait_us > 0;
        if self.waits {
            io.timer(Span::from_us(wait_us), 0);
        }
        !self.waits
    }
}
