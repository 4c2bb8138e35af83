//! Rule files of `rules/` as static Rust data: no rule file is parsed at run time.
//!
//! Only the shape is looked at here; whether conditions fit the facts is the business of the tests,
//! which see the table of facts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "../src/rule/file.rs"]
#[expect(
    dead_code,
    reason = "examples and documentation stay in the text of the file"
)]
mod file;
#[path = "../src/rule/tree.rs"]
#[expect(dead_code, reason = "what the trees are compiled with")]
mod tree;

use file::{Audience, EditFile, FixFile, Level, Many, RuleFile, SafetyFile, Scope, Text};

pub(crate) fn generate() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets the directory"));
    let rules = root.join("rules");
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=src/rule/file.rs");
    println!("cargo:rerun-if-changed=src/rule/tree.rs");
    println!("cargo:rerun-if-changed=build");

    let mut paths = Vec::new();
    collect(&rules, &rules, &mut paths);
    // The catalogue is searched by id.
    paths.sort_by(|a, b| id(a).cmp(id(b)));
    let mut out = String::from("static RULES: &[Rule] = &[\n");
    for path in &paths {
        let full = rules.join(path);
        let text = fs::read_to_string(&full)
            .unwrap_or_else(|error| panic!("cannot read rules/{path}: {error}"));
        let rule: RuleFile =
            toml::from_str(&text).unwrap_or_else(|error| panic!("rules/{path}: {error}"));
        source(&mut out, path, &full, &rule);
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var("OUT_DIR").expect("cargo sets the directory"));
    fs::write(target.join("rules.rs"), out).expect("the build directory can be written");
}

fn collect(rules: &Path, folder: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "data") {
                collect(rules, &path, paths);
            }
        } else if path.extension().is_some_and(|end| end == "toml")
            && let Ok(relative) = path.strip_prefix(rules)
            && let Some(text) = relative.to_str()
        {
            paths.push(text.replace('\\', "/"));
        }
    }
}

fn id(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn severity(level: Level) -> String {
    let name = match level {
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Info => "Info",
    };
    format!("Severity::{name}")
}

fn source(out: &mut String, path: &str, full: &Path, rule: &RuleFile) {
    let topic = path.rsplit('/').nth(1).unwrap_or("own");
    let (kind, keys) = match rule.select.get_ref().iter().next() {
        Some((kind, keys)) => (kind.get_ref().as_str(), many(keys)),
        None => panic!("rules/{path}: `select` names no kind of fact"),
    };
    let scope = match rule.scope {
        Scope::Shipped => "Shipped",
        Scope::Built => "Built",
        Scope::Any => "Unused",
    };
    let audience = match rule.intent {
        Audience::Production => "Production",
        Audience::Any => "Any",
    };
    let labels = rule.label.iter().map(|label| {
        let (at, text) = (text(&label.at), text(&label.text));
        format!("Label {{ at: {at}, text: {text} }}")
    });
    let severities = rule.severity_when.conditions();
    let severities =
        severities.map(|(level, when)| format!("({}, {})", severity(level), text(when)));
    let follows = rule.follows.iter().map(|cause| {
        let (rule, at) = (text(&cause.rule), maybe(cause.at.as_ref()));
        format!("Cause {{ rule: {rule}, at: {at} }}")
    });
    let options = rule.options.iter().map(|(name, option)| {
        let (name, doc) = (text(name), string(&option.doc));
        let default = value(path, option.default.get_ref());
        format!("OptionSpec {{ name: {name}, default: {default}, doc: {doc} }}")
    });
    let fields = [
        ("id", string(id(path))),
        ("topic", string(topic)),
        ("summary", text(&rule.summary)),
        ("severity", severity(rule.severity)),
        ("severity_when", list(severities)),
        ("recommendations", many(&rule.recommendation)),
        ("aliases", many(&rule.aliases)),
        ("renamed_from", many(&rule.renamed_from)),
        ("is_security", rule.security.to_string()),
        (
            "tags",
            list(rule.tags.iter().map(|tag| format!("Tag::{tag:?}"))),
        ),
        ("is_default", rule.default.to_string()),
        ("scope", format!("Reach::{scope}")),
        ("audience", format!("Audience::{audience}")),
        ("kind", string(kind)),
        ("keys", keys),
        ("when", maybe(rule.when.as_ref())),
        (
            "clauses",
            list(
                rule.when
                    .iter()
                    .flat_map(|when| clauses(path, when.get_ref())),
            ),
        ),
        ("at", text(&rule.at)),
        ("group", maybe(rule.group.as_ref())),
        ("follows", list(follows)),
        ("message", text(&rule.message)),
        ("help", maybe(rule.help.as_ref())),
        ("labels", list(labels)),
        ("options", list(options)),
        (
            "fix",
            rule.fix.as_ref().map_or("None".to_owned(), |rule| {
                format!("Some({})", fix(rule.get_ref()))
            }),
        ),
        ("references", many(&rule.references)),
        ("path", string(&format!("rules/{path}"))),
        ("toml", format!("Cow::Borrowed(include_str!({full:?}))")),
    ];
    out.push_str("    Rule {\n");
    for (name, value) in fields {
        let _ = writeln!(out, "        {name}: {value},");
    }
    out.push_str("    },\n");
}

/// The clauses of a condition, as [`tree::Tree`] in bytes.
fn clauses(path: &str, when: &str) -> Vec<String> {
    let parsed = minijinja::machinery::parse_expr(when)
        .unwrap_or_else(|error| panic!("rules/{path}: `when`: {error}"));
    let trees = tree::Tree::of(&parsed).clauses().into_iter();
    let bytes = trees.map(|clause| {
        let bytes = postcard::to_allocvec(&clause).expect("a tree can be written");
        format!("Cow::Borrowed(b\"{}\")", bytes.escape_ascii())
    });
    bytes.collect()
}

fn fix(fix: &FixFile) -> String {
    let safety = match fix.safety {
        SafetyFile::Safe => "Safe",
        SafetyFile::Unsafe => "Unsafe",
    };
    let lone = edit(
        [
            &fix.insert_before,
            &fix.insert_after,
            &fix.replace,
            &fix.delete,
        ],
        &fix.text,
    );
    let several = fix.edits.iter().filter_map(|each| {
        let EditFile {
            insert_before,
            insert_after,
            replace,
            delete,
            text,
        } = each.get_ref();
        edit([insert_before, insert_after, replace, delete], text)
    });
    format!(
        "FixSource {{ title: {}, safety: Safety::{safety}, when: {}, safe_when: {}, edits: {} }}",
        text(&fix.title),
        maybe(fix.when.as_ref()),
        maybe(fix.safe_when.as_ref()),
        list(lone.into_iter().chain(several)),
    )
}

fn edit(places: [&Option<Text>; 4], content: &Option<Text>) -> Option<String> {
    let ops = ["InsertBefore", "InsertAfter", "Replace", "Delete"];
    let mut all = ops.iter().zip(places);
    let (op, at) = all.find_map(|(op, at)| Some((op, at.as_ref()?)))?;
    let content = content.as_ref().map_or(string(""), text);
    Some(format!(
        "EditSource {{ op: EditOp::{op}, at: {}, text: {content} }}",
        text(at)
    ))
}

fn value(path: &str, value: &toml::Value) -> String {
    match value {
        toml::Value::Boolean(value) => format!("OptionValue::Bool({value})"),
        toml::Value::Integer(value) => format!("OptionValue::Int({value})"),
        toml::Value::String(value) => format!("OptionValue::Str({})", string(value)),
        toml::Value::Array(items) => {
            let items = items.iter().filter_map(toml::Value::as_str).map(string);
            format!("OptionValue::List({})", list(items))
        }
        _ => panic!("rules/{path}: a default is a string, bool, int or list"),
    }
}

fn string(text: &str) -> String {
    format!("Cow::Borrowed({text:?})")
}

fn text(text: &Text) -> String {
    string(text.get_ref())
}

fn maybe(value: Option<&Text>) -> String {
    value.map_or("None".to_owned(), |value| format!("Some({})", text(value)))
}

fn many(texts: &Many) -> String {
    list(texts.0.iter().map(text))
}

/// A slice in static memory.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("Cow::Borrowed(const {{ &[{}] }})", items.join(", "))
}
