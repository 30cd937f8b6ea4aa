//! `make bench`, the native half.

#[path = "figures.rs"]
mod figures;
#[path = "../tests/common/source.rs"]
mod source;

// The one clock of the benchmarks.
#[allow(clippy::disallowed_types)]
fn main() {
    let start = std::time::Instant::now();
    figures::run(&|| start.elapsed().as_secs_f64() * 1000.0, &mut |line| println!("{line}"));
}
