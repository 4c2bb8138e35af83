//! `rules/data/command-lines.toml` as static Rust data: the grammars of command lines.

use std::fmt::Write as _;
use std::{env, fs, path::Path};

use toml::{Table, Value};

use crate::data;
use crate::texts::Texts;

const SOURCE: &str = "rules/data/command-lines.toml";

pub(crate) fn generate(texts: &mut Texts) {
    println!("cargo::rerun-if-changed={SOURCE}");
    let text = fs::read_to_string(SOURCE).expect("the table of commands is part of the package");
    let mut table: Table = text.parse().expect("the table of commands is TOML");
    add_servers(&mut table);
    let commands = table["command"].as_table().expect("[command.NAME]");
    let wrappers = table["wrapper"].as_table().expect("[wrapper.NAME]");
    let mut out = String::new();
    list(&mut out, "COMMANDS", "Grammar", grammars(commands, texts));
    let names = commands.iter().chain(wrappers).flat_map(|(name, entry)| {
        let others = list_of(entry.get("also")).into_iter();
        others.map(move |other| format!("({other:?}, {name:?})"))
    });
    list(&mut out, "NAMES", "(&str, &str)", names.collect());
    let versioned = commands.iter().filter(|(_, entry)| {
        let entry = entry.as_table();
        entry.is_some_and(|entry| flag(entry, "versioned"))
    });
    let versioned = versioned.map(|(name, _)| format!("{name:?}"));
    list(&mut out, "VERSIONED", "&str", versioned.collect());
    list(
        &mut out,
        "WRAPPERS",
        "Wrapper",
        wrapper_rows(wrappers, texts),
    );
    let modules = pairs(table.get("module"));
    writeln!(
        out,
        "pub(super) static MODULES: &[(&str, &str)] = {modules};"
    )
    .expect("memory");
    let target = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("command-lines.rs");
    fs::write(target, out).expect("the build directory can be written");
}

/// The names and modules of servers, and the command lines of those whose options are in their table.
fn add_servers(table: &mut Table) {
    let flags = data::rows("server-flags");
    for server in data::rows("servers") {
        let mut commands = server["commands"].split(' ');
        let first = commands.next().expect("split gives one").to_owned();
        let others: Vec<&str> = commands.collect();
        let modules = table["module"].as_table_mut().expect("a table");
        for module in server["modules"].split(' ').filter(|it| *it != "-") {
            modules.insert(module.to_owned(), Value::String(first.clone()));
        }
        let own: Vec<_> = flags
            .iter()
            .filter(|flag| flag["server"] == server["name"])
            .collect();
        let lines = table["command"].as_table_mut().expect("a table");
        let is_read = lines.contains_key(&first);
        if first == "-" || !is_read && own.is_empty() {
            assert!(
                others.is_empty(),
                "{first}: its other names need its options"
            );
            continue;
        }
        let mut line = Table::new();
        line.insert("also".to_owned(), Value::String(others.join(" ")));
        if !is_read {
            add_flags(&mut line, &own);
        }
        let entry = lines.entry(first).or_insert(Value::Table(Table::new()));
        entry.as_table_mut().expect("a table").extend(line);
    }
}

/// The options of a server as the grammar of its command line.
fn add_flags(line: &mut Table, flags: &[&data::Row]) {
    let mut values = Vec::new();
    let mut same = Table::new();
    for flag in flags {
        let names: Vec<&str> = flag["names"].split(' ').filter(|it| *it != "-").collect();
        let long = names.iter().find(|name| name.starts_with("--"));
        for name in &names {
            if let Some(long) = long.filter(|long| *long != name) {
                same.insert((*name).to_owned(), Value::String((*long).to_owned()));
            }
        }
        if flag["takes_value"] == "yes" {
            values.extend(names);
        }
    }
    line.insert("values".to_owned(), Value::String(values.join(" ")));
    line.insert("same".to_owned(), Value::Table(same));
}

/// One `Grammar` for each command, and for each that is like it.
fn grammars(commands: &Table, texts: &mut Texts) -> Vec<String> {
    let mut rows = Vec::new();
    for (name, entry) in commands {
        let entry = entry.as_table().expect("a table");
        known_keys(
            name,
            entry,
            "also like versioned subcommand groups values optional switches same style stops last until",
        );
        let style = match entry.get("style").and_then(Value::as_str) {
            None => "Gnu",
            Some("single") => "Single",
            Some("set") => "Set",
            Some("bundle") => "Bundle",
            Some(other) => panic!("{SOURCE}: `{name}` has the unknown style `{other}`"),
        };
        let body = format!(
            "subcommand: {}, groups: {}, values: {}, optional: {}, switches: {}, same: {}, style: Style::{style}, \
                stops: {}, last: {}, until: {}",
            flag(entry, "subcommand") || entry.contains_key("groups"),
            words(entry, "groups", texts),
            words(entry, "values", texts),
            words(entry, "optional", texts),
            words(entry, "switches", texts),
            pairs(entry.get("same")),
            flag(entry, "stops"),
            words(entry, "last", texts),
            words(entry, "until", texts),
        );
        for name in list_of(entry.get("like")).iter().chain([name]) {
            rows.push(format!("Grammar {{ name: {name:?}, {body} }}"));
        }
    }
    rows
}

/// One `Wrapper` for each program that runs another.
fn wrapper_rows(wrappers: &Table, texts: &mut Texts) -> Vec<String> {
    let mut row = |(name, entry): (&String, &Value)| {
        let entry = entry.as_table().expect("a table");
        known_keys(
            name,
            entry,
            "also values optional operands run_as assignments unless needs separator stdin",
        );
        let operands = entry.get("operands").and_then(Value::as_integer);
        format!(
            "Wrapper {{ name: {name:?}, values: {}, optional: {}, operands: {}, run_as: {}, assignments: {}, unless: \
                {}, needs: {}, separator: {}, stdin: {} }}",
            words(entry, "values", texts),
            words(entry, "optional", texts),
            operands.unwrap_or(0),
            words(entry, "run_as", texts),
            flag(entry, "assignments"),
            words(entry, "unless", texts),
            words(entry, "needs", texts),
            flag(entry, "separator"),
            flag(entry, "stdin"),
        )
    };
    wrappers.iter().map(&mut row).collect()
}

fn known_keys(name: &str, entry: &Table, keys: &str) {
    for key in entry.keys() {
        assert!(
            keys.split(' ').any(|known| known == key),
            "{SOURCE}: `{name}` has the unknown key `{key}`"
        );
    }
}

fn flag(entry: &Table, key: &str) -> bool {
    entry.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn list_of(value: Option<&Value>) -> Vec<String> {
    let text = value.and_then(Value::as_str).unwrap_or("");
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}

fn words(entry: &Table, key: &str, texts: &mut Texts) -> String {
    texts.list(list_of(entry.get(key)))
}

fn pairs(value: Option<&Value>) -> String {
    let mut pairs: Vec<(String, String)> = value
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
        .map(|(from, to)| (from.clone(), to.as_str().expect("a word").to_owned()))
        .collect();
    pairs.sort();
    format!("&{pairs:?}")
}

/// A static list, in the order of the names that its rows begin with.
fn list(out: &mut String, name: &str, kind: &str, mut rows: Vec<String>) {
    rows.sort();
    writeln!(out, "pub(super) static {name}: &[{kind}] = &[").expect("memory");
    for row in rows {
        writeln!(out, "    {row},").expect("memory");
    }
    writeln!(out, "];").expect("memory");
}
