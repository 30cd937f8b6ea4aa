//! State that follows from other state and is kept because finding it anew takes long.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// An index or a bound that its owner can work out from its other fields: copied with it, and left out when it is hashed
/// or compared.
#[derive(Clone, Debug, Default)]
pub struct Derived<T>(pub T);

impl<T> Deref for Derived<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> PartialEq for Derived<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Derived<T> {}

impl<T> Hash for Derived<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
