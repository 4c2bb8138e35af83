//! Turns `rules/` into static data, so that no rule file or table is parsed at run time.

#[path = "build/command_lines.rs"]
mod command_lines;
#[path = "build/data.rs"]
mod data;
#[path = "build/rules.rs"]
mod rules;
#[path = "build/texts.rs"]
mod texts;

fn main() {
    let mut texts = texts::Texts::default();
    command_lines::generate(&mut texts);
    data::generate(&mut texts);
    texts.write();
    rules::generate();
}
