//! `make bench`, the native half.

#[path = "assignors.rs"]
mod assignors;
#[path = "cluster.rs"]
mod cluster;
#[path = "figures.rs"]
mod figures;
#[path = "../tests/common/source.rs"]
mod source;

// The one clock of the benchmarks.
#[allow(clippy::disallowed_types)]
fn main() {
    if let Some(factor) = std::env::args().nth(1).and_then(|argument| argument.parse().ok()) {
        return memory_of(factor);
    }
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1000.0;
    figures::run(&clock, &mut |line| println!("{line}"));
    assignors::run(&clock, &mut |line| println!("{line}"));
    cluster::run(&clock, &mut |line| println!("{line}"));
    memory();
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
fn memory_of(replication_factor: i16) {
    let load = cluster::Load { brokers: 3, partitions: 100, replication_factor, records_per_second: 50_000 };
    let world = cluster::loaded(load, 20_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    println!("{}", resident.trim().trim_end_matches("kB").trim());
    std::hint::black_box(&world);
}
