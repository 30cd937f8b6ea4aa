//! A clock that stands still while the browser has its turn: work is cut into slices, so that the main thread is never blocked
//! for long, and what happens between them does not count.

use std::cell::Cell;
use std::pin::Pin;

/// How long work goes on before the browser has its turn. A slow machine needs several times as long for the last step of it.
const SLICE_MS: f64 = 250.0;

pub type Rest<'a> = &'a dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>;

pub struct Pace<'a> {
    clock: &'a dyn Fn() -> f64,
    rest: Rest<'a>,
    rested: Cell<f64>,
    /// When work went on last.
    begun: Cell<f64>,
}

impl<'a> Pace<'a> {
    /// `clock` counts milliseconds; `rest` ends when the browser has had its turn.
    pub fn new(clock: &'a dyn Fn() -> f64, rest: Rest<'a>) -> Self {
        Self { clock, rest, rested: Cell::new(0.0), begun: Cell::new(clock()) }
    }

    /// Milliseconds of work.
    pub fn now(&self) -> f64 {
        (self.clock)() - self.rested.get()
    }

    /// Between two pieces of work: gives the browser its turn if it is time.
    pub async fn breathe(&self) {
        let stopped = (self.clock)();
        if stopped - self.begun.get() < SLICE_MS {
            return;
        }
        (self.rest)().await;
        self.begun.set((self.clock)());
        self.rested.set(self.rested.get() + self.begun.get() - stopped);
    }
}
