//! A vector that is cheap to copy: full chunks are shared, only the last one is copied, and only when it is written to.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

const CHUNK: usize = 1024;

/// An append-only vector, cut at the front in whole chunks. Indexes count from the first item ever pushed, so they
/// stay valid when the front is dropped.
///
/// ```text
///  dropped   full chunks, shared by copies     tail, copied on write
///  ........ [0 1 2 … 1023] [1024 … 2047] …     [n-2 n-1]
///           ^ start()                                   ^ end()
/// ```
#[derive(Clone, Debug)]
pub struct Chunked<T> {
    start: u64,
    full: Rc<Vec<Rc<Vec<T>>>>,
    tail: Rc<Vec<T>>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self { start: 0, full: Rc::default(), tail: Rc::new(Vec::new()) }
    }
}

impl<T: Clone> Chunked<T> {
    pub fn push(&mut self, item: T) {
        let tail = Rc::make_mut(&mut self.tail);
        tail.push(item);
        if tail.len() == CHUNK {
            let full = std::mem::take(&mut self.tail);
            Rc::make_mut(&mut self.full).push(full);
        }
    }

    /// Drops whole chunks at the front while more than `keep` items are left without them.
    pub fn keep_last(&mut self, keep: usize) {
        let extra = self.len().saturating_sub(keep) / CHUNK;
        let drop = extra.min(self.full.len());
        if drop > 0 {
            Rc::make_mut(&mut self.full).drain(..drop);
            self.start += (drop * CHUNK) as u64;
        }
    }
}

impl<T> Chunked<T> {
    /// Index of the first item that is still here.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// One past the index of the last item: the number of items ever pushed.
    pub fn end(&self) -> u64 {
        self.start + self.len() as u64
    }

    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.tail.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, index: u64) -> Option<&T> {
        let at = usize::try_from(index.checked_sub(self.start)?).ok()?;
        match self.full.get(at / CHUNK) {
            Some(chunk) => chunk.get(at % CHUNK),
            None => self.tail.get(at.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    pub fn last(&self) -> Option<&T> {
        self.tail.last().or_else(|| self.full.last().and_then(|chunk| chunk.last()))
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.full.iter().flat_map(|chunk| chunk.iter()).chain(self.tail.iter())
    }

    /// The items from `index` on.
    pub fn iter_from(&self, index: u64) -> impl Iterator<Item = &T> {
        let from = index.max(self.start);
        (from..self.end()).map_while(|at| self.get(at))
    }

    /// The index of the first item for which `before` is false. The items must be ordered by it.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> u64 {
        let chunk = self.full.partition_point(|chunk| chunk.last().is_some_and(&mut before));
        let within = match self.full.get(chunk) {
            Some(full) => full.partition_point(before),
            None => self.tail.partition_point(before),
        };
        self.start + (chunk * CHUNK + within) as u64
    }
}

impl<T: PartialEq> Chunked<T> {
    /// Is this what `earlier` has become by items pushed at the end and cut at the front? False where items are missing in
    /// between. Chunks that both share are not compared.
    pub fn continues(&self, earlier: &Self) -> bool {
        if earlier.end() > self.end() || earlier.end() < self.start {
            return false;
        }
        let chunk = |of: &Self, start: u64| of.full.get(((start - of.start) / CHUNK as u64) as usize).unwrap_or(&of.tail).clone();
        let mut starts = (self.start.max(earlier.start)..earlier.end()).step_by(CHUNK);
        starts.all(|start| {
            let (own, known) = (chunk(self, start), chunk(earlier, start));
            Rc::ptr_eq(&own, &known) || own.starts_with(&known)
        })
    }
}

impl<T: Hash> Hash for Chunked<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.start.hash(state);
        state.write_u64(self.len() as u64);
        for item in self.iter() {
            item.hash(state);
        }
    }
}

impl<T: Clone> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut chunked = Self::default();
        for item in items {
            chunked.push(item);
        }
        chunked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grew_by_its_end_continues_what_it_was() {
        let mut now: Chunked<usize> = (0..CHUNK + 500).collect();
        let then = now.clone();
        (0..2 * CHUNK).for_each(|item| now.push(CHUNK + 500 + item));
        assert!(now.continues(&then) && !then.continues(&now) && now.continues(&Chunked::default()));
        let another_way: Chunked<usize> = (0..4 * CHUNK).map(|item| if item == CHUNK + 499 { 7 } else { item }).collect();
        assert!(!another_way.continues(&then));
        let the_same_again: Chunked<usize> = (0..4 * CHUNK).collect();
        assert!(the_same_again.continues(&then), "not shared, and equal");
        now.keep_last(2 * CHUNK);
        assert!(now.continues(&then), "the last that it had is still here");
        now.keep_last(10);
        assert!(!now.continues(&then), "items in between are gone");
    }
}
