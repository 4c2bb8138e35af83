//! Turns `rules/` into static data, so that no rule file or table is parsed at run time.

#[path = "build/data.rs"]
mod data;
#[path = "build/rules.rs"]
mod rules;

fn main() {
    data::generate();
    rules::generate();
}
