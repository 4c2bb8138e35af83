//! Turns `rules/` into static data, so that no rule file or table is parsed at run time.

#[path = "build/commands.rs"]
mod commands;
#[path = "build/data.rs"]
mod data;
#[path = "build/rules.rs"]
mod rules;

fn main() {
    commands::generate();
    data::generate();
    rules::generate();
}
