//! `make bench`, the native half.

#[path = "assignors.rs"]
mod assignors;
#[path = "cluster.rs"]
mod cluster;
#[path = "figures.rs"]
mod figures;
#[path = "pace.rs"]
mod pace;
#[path = "../tests/common/source.rs"]
mod source;
#[path = "views.rs"]
mod views;

use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pace::Pace;

/// An argument names the one part to run: `cargo bench --bench native cluster`.
// The one clock of the benchmarks.
#[allow(clippy::disallowed_types)]
fn main() {
    // Cargo adds one of its own.
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1000.0;
    let pace = Pace::new(&clock, &|| Box::pin(ready(())));
    if let Some(factor) = part.as_ref().and_then(|part| part.parse().ok()) {
        return at_once(memory_of(&pace, factor));
    }
    let print = &mut |line: &str| println!("{line}");
    let runs = |name: &str| part.as_ref().is_none_or(|part| part == name);
    if runs("figures") {
        at_once(figures::run(&pace, print));
    }
    if runs("assignors") {
        at_once(assignors::run(&pace, print));
    }
    if runs("cluster") {
        at_once(cluster::run(&pace, print));
    }
    if runs("views") {
        at_once(views::run(&pace, print));
    }
    if runs("memory") {
        memory();
    }
}

/// Here nobody else wants a turn: all of it is done at the first poll.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// Three replicas against one: each in a process of its own, by what it holds resident at its end.
fn memory() {
    let resident = |factor: &str| -> f64 {
        let program = std::env::current_exe().expect("this program has a path");
        let output = std::process::Command::new(program).arg(factor).output().expect("it runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a number")
    };
    let (one, three) = (resident("1"), resident("3"));
    println!("memory with replication factor 3, {three:.0} kB          {:.2} of that with 1, {one:.0} kB", three / one);
}

/// Prints the kilobytes that a cluster's world takes after a million records.
async fn memory_of(pace: &Pace<'_>, replication_factor: i16) {
    let load = cluster::Load { brokers: 3, partitions: 100, replication_factor, records_per_second: 50_000 };
    let world = cluster::loaded(pace, load, 20_000).await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    println!("{}", resident.trim().trim_end_matches("kB").trim());
    std::hint::black_box(&world);
}
