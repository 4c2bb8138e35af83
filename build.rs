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
    link_at_fixed_address();
}

/// The tables are half a megabyte of pointers. In a position-independent executable the loader
/// writes every one of them at start, which takes a quarter of the time of a whole run; at a fixed address
/// the linker has done it.
fn link_at_fixed_address() {
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
