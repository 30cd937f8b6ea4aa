//! The files of `tests/vectors`. With `VECTORS=FOLDER` in the environment, a file of that folder takes the place of the one of
//! its name, so that answers recorded elsewhere can be put to the same tests.

use std::path::Path;
use std::{env, fs};

pub struct Vectors {
    pub text: String,
    /// They are the project's own: only of these it is known how many there are.
    pub own: bool,
}

/// Reads a file by its name in `tests/vectors`.
pub fn read(name: &str) -> Vectors {
    let given = env::var_os("VECTORS").map(|folder| Path::new(&folder).join(name)).filter(|path| path.exists());
    let own = given.is_none();
    let path = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    Vectors { text, own }
}

impl Vectors {
    /// That as many were checked as the project's own file has; of another one, that any were.
    pub fn counted(&self, checked: usize, own: usize) {
        if self.own {
            assert_eq!(checked, own);
        }
        assert!(checked > 0, "no row was checked");
    }
}
