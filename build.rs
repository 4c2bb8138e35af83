//! Turns `rules/` into static data, so that no rule file or table is parsed at run time.

#[path = "build/command_lines.rs"]
mod command_lines;
#[path = "build/data.rs"]
mod data;
#[path = "build/rules.rs"]
mod rules;

fn main() {
    command_lines::generate();
    data::generate();
    rules::generate();
}
