//! Where a project keeps the options of its uWSGI, and how another one is written there.
//!
//! Where there is a configuration file, there; on the command line, where most are on it; else in ENV.

use crate::dockerfile::ast::Args;
use crate::facts::build::insert::{Insert, end_of, in_env};
use crate::facts::model::{Project, UwsgiOptionFact};
use crate::knowledge::words::UwsgiWords;
use crate::span::Span;

/// In which language options are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Env,
    CommandLine,
    Ini,
    Yaml,
    Xml,
    Json,
}

/// Where another option is written.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) form: Form,
    /// The configuration file.
    pub(crate) path: Option<String>,
    /// What the new option is written behind; what findings mark, for a configuration file.
    pub(crate) mark: Option<Span>,
    /// Between name and value, for an ini file: ` = `.
    pub(crate) sign: String,
    /// How an option is switched on there: `true`, `True`, `1`.
    pub(crate) on: String,
    /// `None` where it is not sure how the text goes on.
    pub(crate) insert: Option<Insert>,
}

impl Slot {
    /// Of an image that starts uWSGI.
    pub(crate) fn of_image(p: &Project, image: usize) -> Self {
        let options = || p.uwsgi_options.iter().filter(move |o| o.image == image);
        let in_file = || options().filter(|o| o.source == "file" && o.value.is_some());
        let named = |names: UwsgiWords| {
            let mut names = names.iter();
            names.find_map(|name| in_file().find(|option| option.name == name))
        };

        if let Some(option) = named(UwsgiWords::Main).or_else(|| in_file().last()) {
            return Self::behind(p, option);
        }
        let count = |source: &str| {
            options()
                .filter(|o| o.source == source && o.name != "show-config")
                .count()
        };
        if count("command line") > count("env") + count("environment") {
            return Self::on_command_line(p, image);
        }
        let envs = || options().filter(|o| o.env.is_some() && o.overridden_by.is_none());
        let anchor = ["master", "http", "http-socket"]
            .iter()
            .find_map(|name| envs().find(|option| option.name == *name));
        if let Some(option) = anchor {
            return Self::behind(p, option);
        }
        let on = envs().last().and_then(|option| switched_on(p, option));
        let insert = envs().filter_map(|o| o.env).max().map(|env| Insert {
            at: end_of(p, env),
            before: "\n# Options of uWSGI\nENV ".to_owned(),
            after: "",
        });
        Self::new(Form::Env, None, insert).on(on)
    }

    /// Behind an option that is given, in the same language.
    pub(crate) fn behind(p: &Project, option: &UwsgiOptionFact) -> Self {
        match option.source {
            "file" => in_file(option).on(switched_on(p, option)),
            "command line" => Self::on_command_line(p, option.image),
            _ => {
                let insert = option.env.map(|env| in_env(p, env));
                Self::new(Form::Env, Some(option.span), insert).on(switched_on(p, option))
            }
        }
    }

    fn new(form: Form, mark: Option<Span>, insert: Option<Insert>) -> Self {
        Self {
            form,
            path: None,
            mark,
            sign: " = ".to_owned(),
            on: if form == Form::Env { "1" } else { "true" }.to_owned(),
            insert,
        }
    }

    fn on(mut self, on: Option<String>) -> Self {
        self.on = on.unwrap_or(self.on);
        self
    }

    fn on_command_line(p: &Project, image: usize) -> Self {
        let server = p.images[image].server.as_ref();
        let insert = server
            .and_then(|server| behind_word(p, image, server.instruction, server.command.name_span));
        Self::new(Form::CommandLine, None, insert)
    }
}

fn in_file(option: &UwsgiOptionFact) -> Slot {
    let path = option.path.as_deref().unwrap_or_default();
    let form = match path.rsplit('.').next() {
        Some("yaml" | "yml") => Form::Yaml,
        Some("xml") => Form::Xml,
        Some("json" | "js") => Form::Json,
        _ => Form::Ini,
    };
    let (indent, sign) = option.style.clone().unwrap_or_default();
    let insert = (form == Form::Ini && option.style.is_some()).then(|| Insert {
        at: Span::point(option.span.file, option.span.end),
        before: format!("\n{indent}"),
        after: "",
    });
    Slot {
        form,
        path: option.path.clone(),
        mark: Some(option.span),
        on: "true".to_owned(),
        sign: if sign.is_empty() {
            " = ".to_owned()
        } else {
            sign
        },
        insert,
    }
}

/// How an option, or another one of the same place, is switched on: those who write `True` go on so.
fn switched_on(p: &Project, option: &UwsgiOptionFact) -> Option<String> {
    let is_beside = |other: &&UwsgiOptionFact| {
        other.image == option.image && other.source == option.source && other.path == option.path
    };
    let options = p.uwsgi_options.iter().filter(is_beside);
    let mut all = std::iter::once(option).chain(options);
    all.find_map(|option| {
        let value = option.value.as_ref()?.as_str();
        let is_word = ["true", "yes", "on"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word));
        (is_word || option.name == "master" && value == "1").then(|| value.to_owned())
    })
}

/// Behind the word that names the program: an element of the exec form, a word of a shell.
fn behind_word(p: &Project, image: usize, instruction: usize, word: Span) -> Option<Insert> {
    let instruction = p.dockerfile.instructions.get(instruction)?;
    let is_own = instruction.span.contains(word);
    let next = if is_own {
        p.text.text.as_bytes().get(word.end as usize).copied()
    } else {
        let mut scripts = p.images[image].scripts.iter();
        let text = scripts.find_map(|script| {
            let text = script.text.as_ref()?;
            (text.span().file == word.file && !script.is_sourced).then(|| text.as_str())
        })?;
        text.as_bytes().get(word.end as usize).copied()
    };
    match (is_own && matches!(instruction.args, Args::Json(_)), next) {
        (true, Some(b'"')) => Some(Insert {
            at: Span::point(word.file, word.end + 1),
            before: ", \"".to_owned(),
            after: "\"",
        }),
        (false, None | Some(b' ' | b'\n' | b'\r' | b'\t')) => Some(Insert {
            at: Span::point(word.file, word.end),
            before: " ".to_owned(),
            after: "",
        }),
        _ => None,
    }
}
