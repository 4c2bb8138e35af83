//! The texts of tables in one string, and their lists in one list of places in it: a pointer in static data is
//! written by the loader at every start, a place is not.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

/// Collects the texts of all tables.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: String,
    places: HashMap<String, (usize, usize)>,
    items: Vec<(usize, usize)>,
    lists: HashMap<Vec<String>, usize>,
}

impl Texts {
    fn place(&mut self, text: &str) -> (usize, usize) {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = (self.text.len(), text.len());
        self.text.push_str(text);
        self.places.insert(text.to_owned(), place);
        place
    }

    /// The expression of type `Text` for a text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        let (start, length) = self.place(text);
        format!("Text::at({start}, {length})")
    }

    /// The expression of type `List` for texts.
    pub(crate) fn list(&mut self, texts: Vec<String>) -> String {
        let length = texts.len();
        let start = match self.lists.get(&texts) {
            Some(start) => *start,
            None => {
                let start = self.items.len();
                let places: Vec<_> = texts.iter().map(|text| self.place(text)).collect();
                self.items.extend(places);
                self.lists.insert(texts, start);
                start
            }
        };
        format!("List::at({start}, {length})")
    }

    /// Writes `texts.rs` to `OUT_DIR`.
    pub(crate) fn write(self) {
        println!("cargo::rerun-if-changed=build/texts.rs");
        let mut out = format!("static TEXTS: &str = {:?};\n", self.text);
        out.push_str("static LISTS: &[Text] = &[\n");
        for (start, length) in self.items {
            writeln!(out, "    Text::at({start}, {length}),").expect("memory");
        }
        out.push_str("];\n");
        let target = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("texts.rs");
        fs::write(target, out).expect("the build directory can be written");
    }
}
