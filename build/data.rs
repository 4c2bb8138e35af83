//! Tables of `rules/data` as static Rust data.
//!
//! A table says everything about itself: comments (`#`) tell what it holds, from where and as of
//! when; `# row: Name` is the struct of a line; the head names each field with its type
//! (`eol:date?`). So this file knows no table, and a new one needs no change here. Lines are
//! sorted by their first field, which must be unique unless `# key: several` says otherwise.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::texts::Texts;

/// Writes one `<stem>.rs` per table to `OUT_DIR`: an expression of type `&[Row]`.
pub(crate) fn generate(texts: &mut Texts) {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let folder = Path::new(&root).join("rules/data");
    println!("cargo::rerun-if-changed=build/data.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("rules/data can be read")
        .map(|entry| entry.expect("rules/data can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "tsv"))
        .collect();
    files.sort();
    let mut newest = String::new();
    for file in files {
        let text =
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        newest = newest.max(as_of(&text));
        let code =
            table(&text, texts).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("table names are ASCII");
        fs::write(Path::new(&out).join(format!("{stem}.rs")), code).expect("OUT_DIR is writable");
    }
    println!("cargo::rustc-env=SEATRIAL_DATA_AS_OF={newest}");
}

/// The day that the comments of a table give: `As of 2026-11-22.`
fn as_of(text: &str) -> String {
    let comments = text.lines().filter(|line| line.starts_with('#'));
    let days = comments.filter_map(|line| line.split_once("As of ")?.1.get(..10));
    days.max().unwrap_or_default().to_owned()
}

/// A line of a table: its cells by the names of the fields.
pub(crate) type Row = BTreeMap<String, String>;

/// The lines of a table, for what the build makes of them besides.
pub(crate) fn rows(stem: &str) -> Vec<Row> {
    let path = format!("rules/data/{stem}.tsv");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let head = lines.next().unwrap_or_default().split('\t');
    let names: Vec<&str> = head
        .map(|field| field.split(':').next().unwrap_or_default())
        .collect();
    let row = |line: &str| -> Row {
        let cells = line.split('\t').map(str::to_owned);
        let names = names.iter().map(|name| (*name).to_owned());
        names.zip(cells).collect()
    };
    lines.map(row).collect()
}

/// One table as a Rust expression.
fn table(text: &str, texts: &mut Texts) -> Result<String, String> {
    let mut row = None;
    let mut is_unique = true;
    let mut head: Option<Vec<(&str, &str)>> = None;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        if let Some(comment) = line.strip_prefix('#') {
            if let Some(name) = comment.trim().strip_prefix("row:") {
                row = Some(name.trim());
            }
            is_unique &= comment.trim() != "key: several";
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').collect();
        let Some(fields) = &head else {
            let fields: Option<Vec<_>> = cells.iter().map(|cell| cell.split_once(':')).collect();
            head = Some(fields.ok_or_else(|| format!("line {number}: a field has no type"))?);
            continue;
        };
        if cells.len() != fields.len() {
            let wanted = fields.len();
            return Err(format!(
                "line {number}: {} cells where the head has {wanted}",
                cells.len()
            ));
        }
        let key = sort_key(fields[0].1, cells[0]);
        let mut code = String::new();
        let read = fields
            .iter()
            .zip(&cells)
            .filter(|((_, kind), _)| *kind != "note");
        for ((name, kind), cell) in read {
            let value =
                literal(kind, cell, texts).map_err(|e| format!("line {number}, {name}: {e}"))?;
            write!(code, "{name}: {value}, ").expect("writing to a string");
        }
        lines.push((key, code, number));
    }
    let row = row.ok_or("`# row: Name` is missing")?;
    lines.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
    if is_unique && let Some(pair) = lines.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!(
            "lines {} and {} have the same key",
            pair[0].2, pair[1].2
        ));
    }
    let mut out = String::from("&[\n");
    for (_, code, _) in &lines {
        writeln!(out, "{row} {{ {code}}},").expect("writing to a string");
    }
    out.push(']');
    Ok(out)
}

/// Numbers before text, so that `3.9` comes before `3.10` where the type is a number.
fn sort_key(kind: &str, cell: &str) -> (Vec<u64>, String) {
    match kind {
        "series" | "int" => (
            cell.split('.')
                .map(|part| part.parse().unwrap_or(0))
                .collect(),
            String::new(),
        ),
        _ => (Vec::new(), cell.to_string()),
    }
}

/// A cell as a Rust literal. An empty cell or `-` is absent where the type may be (`?`, lists). `[str]` is a list of
/// words, `{str}` one of phrases with `, ` between them. `text`, `[text]` and `{text}` are the same in large tables,
/// without pointers. A `note` is for whoever reads the table.
fn literal(kind: &str, cell: &str, texts: &mut Texts) -> Result<String, String> {
    let is_absent = cell.is_empty() || cell == "-";
    if let Some(kind) = kind.strip_suffix('?') {
        return if is_absent {
            Ok("None".to_string())
        } else {
            Ok(format!("Some({})", literal(kind, cell, texts)?))
        };
    }
    if let Some(kind) = kind
        .strip_prefix('[')
        .and_then(|kind| kind.strip_suffix(']'))
    {
        let words = cell
            .split(' ')
            .filter(|word| !is_absent && !word.is_empty());
        if kind == "text" {
            return Ok(texts.list(words.map(str::to_owned).collect()));
        }
        let items: Result<Vec<String>, String> =
            words.map(|word| literal(kind, word, texts)).collect();
        return Ok(format!("&[{}]", items?.join(", ")));
    }
    if let Some(kind) = kind
        .strip_prefix('{')
        .and_then(|kind| kind.strip_suffix('}'))
    {
        let phrases = cell.split(", ").filter(|_| !is_absent);
        if kind == "text" {
            return Ok(texts.list(phrases.map(str::to_owned).collect()));
        }
        let items: Result<Vec<String>, String> =
            phrases.map(|words| literal(kind, words, texts)).collect();
        return Ok(format!("&[{}]", items?.join(", ")));
    }
    match kind {
        "str" => Ok(format!("{cell:?}")),
        "text" => Ok(texts.text(cell)),
        "bool" => match cell {
            "yes" => Ok("true".to_string()),
            "no" => Ok("false".to_string()),
            _ => Err(format!("`{cell}` is neither `yes` nor `no`")),
        },
        "int" => cell
            .parse::<u32>()
            .map(|number| number.to_string())
            .map_err(|error| format!("`{cell}`: {error}")),
        "series" => {
            let (major, minor) = cell.split_once('.').unwrap_or((cell, "0"));
            let major: u16 = major.parse().map_err(|_| format!("`{cell}` is no X.Y"))?;
            let minor: u16 = minor.parse().map_err(|_| format!("`{cell}` is no X.Y"))?;
            Ok(format!("Series({major}, {minor})"))
        }
        "date" => {
            let parts: Vec<&str> = cell.split('-').collect();
            let [year, month, day] = parts[..] else {
                return Err(format!("`{cell}` is no YYYY-MM-DD"));
            };
            let number = |text: &str| {
                text.parse::<u16>()
                    .map_err(|_| format!("`{cell}` is no YYYY-MM-DD"))
            };
            Ok(format!(
                "jiff::civil::date({}, {}, {})",
                number(year)?,
                number(month)?,
                number(day)?
            ))
        }
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => {
            let variant: String = cell
                .split('-')
                .map(|part| {
                    let (first, rest) = part.split_at(part.len().min(1));
                    first.to_ascii_uppercase() + rest
                })
                .collect();
            Ok(format!("{name}::{variant}"))
        }
        _ => Err(format!("unknown type `{kind}`")),
    }
}
