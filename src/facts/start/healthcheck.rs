//! Which ports of its own container a HEALTHCHECK asks, as far as they are written out, and which program of its test
//! the image lacks.

use crate::compose::CommandForm;
use crate::deployed::Deployed;
use crate::dockerfile::ast::Args;
use crate::facts::build::at;
use crate::facts::model::{ImageFact, Project, ServiceFact};
use crate::facts::start::commands;
use crate::knowledge::images::Libc;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, ValueWords, VariableWords};
use crate::python::imports;
use crate::shell::ast::{Arg, Command, CommandFlag, OnFailure, Runs};
use crate::shell::{self, Dialect, Options, UnknownVariables, reserved};
use crate::span::{Span, Traced};
use std::borrow::Borrow;

/// A program that a health check cannot do without and that the image lacks.
pub(crate) struct Lacking {
    pub(crate) program: String,
    pub(crate) span: Span,
    pub(crate) package: &'static str,
}

/// A health check: what it runs, and how it is written.
pub(crate) struct Check<'a> {
    pub(crate) commands: Vec<Command>,
    pub(crate) span: Span,
    pub(crate) text: &'a str,
}

/// The HEALTHCHECK of an image; without commands for `NONE`.
pub(crate) fn of_image<'a>(p: &'a Project, image: &ImageFact) -> Option<Check<'a>> {
    let instruction = &p.dockerfile.instructions[instruction(p, image)?];
    let commands = match &instruction.args {
        Args::Json(words) => exec_form(words),
        Args::Text(text) => shell_form(text),
        _ => Vec::new(),
    };
    Some(Check {
        commands,
        span: instruction.span,
        text: instruction.span.slice(&p.text.text),
    })
}

/// The check of a service; `None` where it has none, or none that is known.
pub(crate) fn of_service<'a>(p: &'a Project, service: &Deployed) -> Option<Check<'a>> {
    let check = service.probe.as_ref().filter(|check| !check.is_disabled)?;
    let test = check.test.as_ref()?;
    let commands = match &test.form {
        CommandForm::Line(text) | CommandForm::Shell(text) => shell_form(text.value.as_ref()?),
        CommandForm::List(items) => {
            let words: Option<Vec<Traced>> = items.iter().map(|item| item.value.clone()).collect();
            let words = words?;
            let (first, rest) = words.split_first()?;
            match first.as_str() {
                "CMD" => exec_form(rest),
                "CMD-SHELL" => shell_form(behind_options(rest).first()?),
                _ => return None,
            }
        }
        CommandForm::Null => return None,
    };
    let mut texts = p.texts.iter();
    let (_, source) = texts.find(|(file, _)| *file == test.span.file)?;
    Some(Check {
        commands,
        span: test.span,
        text: test.span.slice(&source.text),
    })
}

/// The words behind the options that the shell of a check is given, the script first: `sh -c -c 'ping.sh'` runs
/// `ping.sh`. None where an option may take a word for itself.
pub(crate) fn behind_options<T: Borrow<Traced>>(words: &[T]) -> &[T] {
    let text = |word: &T| word.borrow().as_str().to_owned();
    let count = words.iter().take_while(|word| text(word).starts_with('-'));
    let count = count.count();
    let mut options = words[..count].iter().map(text);
    match options.any(|it| !it.starts_with("--") && it.contains(['o', 'O'])) {
        true => &[],
        false => &words[count..],
    }
}

fn exec_form(words: &[Traced]) -> Vec<Command> {
    shell::exec_form(words, &UnknownVariables, &Options::default())
}

fn shell_form(text: &Traced) -> Vec<Command> {
    let script = shell::parse(text, Dialect::Posix);
    script.commands(&UnknownVariables, &Options::default())
}

impl Check<'_> {
    /// The commands that certainly run, by the name of a program on the search path, and whose failing is the failing
    /// of the check.
    pub(crate) fn needed(&self) -> impl Iterator<Item = (&Command, &str)> {
        self.commands.iter().filter_map(|command| {
            let name = command.name.as_deref()?;
            let is_needed = command.runs == Runs::Always
                && command.on_failure == OnFailure::Stops
                && !command.is_condition
                && !command.is_substitution
                && command.function.is_none()
                && command.program.as_deref() == Some(name);
            is_needed.then_some((command, name))
        })
    }

    /// The modules that the code of a `python -c` imports first of all, whose failing is the failing of the check.
    pub(crate) fn modules(&self) -> Vec<(String, Span)> {
        let code = |command: &Command| {
            let is_python = command.name.as_deref() == Some("python");
            let code = command.flag("-c").filter(|_| is_python)?.value.as_ref()?;
            code.text.clone()
        };
        let codes = self.needed().filter_map(|(command, _)| code(command));
        let of_code = |code: Traced| {
            let imports = imports::read(code.span().file, code.as_str())
                .all
                .into_iter();
            let imports = imports.filter(|it| it.level == 0);
            let span = code.span();
            imports.map(|it| (it.module, span)).collect::<Vec<_>>()
        };
        codes.flat_map(of_code).collect()
    }

    /// The program that it cannot do without and that a stage lacks.
    pub(crate) fn lacks(&self, p: &Project, stage: usize) -> Option<Lacking> {
        self.needed().find_map(|(command, name)| {
            if commands::is_installed(p, stage, name) != Some(false) {
                return None;
            }
            Some(Lacking {
                program: name.to_owned(),
                span: command.name_span,
                package: commands::package_of(p, stage, name)?,
            })
        })
    }
}

/// An address of the container itself that a check asks by HTTP.
pub(crate) struct Asked {
    pub(crate) is_secure: bool,
    /// `localhost`, `127.0.0.1`, `[::1]`
    pub(crate) host: &'static str,
    /// `None` where a variable stands for it.
    pub(crate) port: Option<u16>,
    /// With the slash in front; empty for none.
    pub(crate) path: String,
    /// Host and port.
    pub(crate) span: Span,
}

/// The instruction that checks an image.
fn instruction(p: &Project, image: &ImageFact) -> Option<usize> {
    let mut stages = image.chain.iter().map(|stage| &p.stages[*stage]);
    stages.find_map(|stage| stage.healthcheck)
}

/// The addresses of the container itself that a check asks by HTTP: `http://localhost:8000/`.
fn addresses(check: &Check<'_>) -> Vec<Asked> {
    let (span, text) = (check.span, check.text);
    let mut out = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + "://".len();
        let ends = |c: char| matches!(c, '/' | '?' | '"' | '\'') || c.is_whitespace();
        let end = text[start..]
            .find(ends)
            .map_or(text.len(), |end| start + end);
        let authority = &text[start..end];
        let mut hosts = ValueWords::OwnHost.iter();
        let Some(host) = hosts.find(|host| authority.starts_with(host)) else {
            continue;
        };
        let is_secure = text[..at].ends_with("https");
        let port = match authority[host.len()..].strip_prefix(':') {
            Some(port) => port.parse().ok(),
            None if authority.len() != host.len() => continue,
            None => Some(if is_secure { 443 } else { 80 }),
        };
        let path = &text[end..];
        let stops = |c: char| matches!(c, '"' | '\'') || c.is_whitespace();
        let path = path.split(stops).next().unwrap_or_default();
        out.push(Asked {
            is_secure,
            host,
            port,
            path: path.to_owned(),
            span: place(span, start, end),
        });
    }
    out
}

/// A part of what an instruction says.
fn place(whole: Span, start: usize, end: usize) -> Span {
    let at = |offset: usize| whole.start + u32::try_from(offset).unwrap_or(0);
    Span::new(whole.file, at(start), at(end))
}

/// The addresses of the container itself that its HEALTHCHECK asks by HTTP, under no other name than theirs, and whose
/// refusal certainly fails it.
pub(crate) fn needs_answer(p: &Project, image: &ImageFact) -> Vec<Asked> {
    let Some(check) = of_image(p, image) else {
        return Vec::new();
    };
    // A service may check in another way, and a proxy may answer.
    let checks = |service: &ServiceFact| {
        service
            .image
            .is_some_and(|it| p.images[it].stage == image.stage)
            && service.deployed(p).probe.is_some()
    };
    let has_proxy = VariableWords::Proxy
        .iter()
        .any(|name| at::sets_env(p, image.stage, name));
    let is_one = check.text.matches("://").count() == 1;
    if p.services.iter().any(checks) || has_proxy || !is_one {
        return Vec::new();
    }
    let says = |command: &Command, part: &str| {
        let mut args = command.args.iter();
        args.any(|arg| {
            let text = arg.prefix.to_ascii_lowercase().replace("localhost", "");
            text.contains(part)
        })
    };
    let fails = |command: &Command| {
        let is_certain = command.runs == Runs::Always && command.on_failure == OnFailure::Stops;
        let is_plain = !says(command, "host:");
        let fails = match command.name.as_deref() {
            Some("curl")
                if OptionWords::AsksElsewhere
                    .iter()
                    .any(|it| command.flag(it).is_some()) =>
            {
                false
            }
            Some("curl") => {
                command.flag("--fail").is_some() || command.flag("--fail-with-body").is_some()
            }
            Some("wget") => true,
            Some("python") => {
                says(command, "urlopen(") && !says(command, "request(") && !says(command, "except")
            }
            _ => false,
        };
        is_certain && command.is_complete && is_plain && fails && !says(command, "header")
    };
    match &check.commands[..] {
        [command] if fails(command) => addresses(&check),
        _ => Vec::new(),
    }
}

/// The HEALTHCHECK of an image goes where an answer sends it, with nothing in its requests but the address.
pub(crate) fn goes_on(p: &Project, image: &ImageFact) -> bool {
    let check = of_image(p, image);
    let [command] = check.as_ref().map_or(&[][..], |check| &check.commands[..]) else {
        return false;
    };
    let goes_on = match command.name.as_deref() {
        Some("curl") => command.flag("--location").is_some(),
        Some("wget") => command.flag("--max-redirect").is_none(),
        Some("python") => !command.args.iter().any(|arg| arg.prefix.contains("opener")),
        _ => false,
    };
    goes_on && command.flag("--header").is_none()
}

/// The method with which the only command of an image's HEALTHCHECK asks; `None` where it is not known.
pub(crate) fn method(p: &Project, image: &ImageFact) -> Option<String> {
    let check = of_image(p, image)?;
    let [command] = &check.commands[..] else {
        return None;
    };
    let given = |name: &str| {
        let value = command.flag(name)?.value.as_ref()?.as_str()?;
        Some(value.to_ascii_uppercase())
    };
    let sends = |flag: &CommandFlag| OptionWords::SendsData.contains(&flag.name);
    if command.flags.iter().any(sends) {
        return None;
    }
    let plain = || "GET".to_owned();
    match command.name.as_deref()? {
        "curl" if command.flag("--request").is_some() => given("--request"),
        "curl" if command.flag("--head").is_some() => Some("HEAD".to_owned()),
        "curl" => Some(plain()),
        "wget" if command.flag("--method").is_some() => given("--method"),
        // That of busybox has a way of its own.
        "wget" if command.flag("--spider").is_some() => {
            let base = &at::root(&p.stages, image.stage).base.knowledge;
            (base.libc == Libc::Glibc).then(|| "HEAD".to_owned())
        }
        "wget" => Some(plain()),
        "python" => (!check.text.contains("data")).then(plain),
        _ => None,
    }
}

/// Options of HEALTHCHECK that stand behind its CMD, and the program that is given them in its place.
pub(crate) fn misplaced(p: &Project, image: &ImageFact) -> Vec<(String, String, Span)> {
    let Some(check) = of_image(p, image) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for command in &check.commands {
        let Some(name) = command.name.as_deref() else {
            continue;
        };
        let takes = |option: &str| name == "wget" && option == "--timeout";
        let options = command.args.iter().filter_map(|arg| {
            let (option, _) = arg.as_str()?.split_once('=')?;
            let is_one = OptionWords::OfHealthcheck.contains(option) && !takes(option);
            is_one.then(|| (name.to_owned(), option.to_owned(), arg.span))
        });
        let options: Vec<_> = options.collect();
        let is_probe = matches!(name, "curl" | "wget");
        // A program of the project may have one of the kind.
        if is_probe || options.len() > 1 {
            out.extend(options);
        }
    }
    out
}

/// The words of a check in exec form that a shell would read and the program does not: what joins commands, and
/// variables in an address or an option of a program that asks.
pub(crate) fn unread<'a>(words: &[&'a Traced]) -> Vec<&'a Traced> {
    let name = |word: &Traced| {
        word.as_str()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let program = words.first().map(|word| name(word)).unwrap_or_default();
    let has_shell = words.iter().any(|word| programs::is_shell(&name(word)));
    if has_shell || programs::is(&program, Role::Tests) {
        return Vec::new();
    }
    let asks = programs::is(&program, Role::Probe) || program == "celery";
    let is_variable = |text: &str| {
        let mut behind = text.split('$').skip(1);
        behind
            .any(|rest| rest.starts_with(|c: char| c == '{' || c == '_' || c.is_ascii_alphabetic()))
    };
    let is_unread = |text: &str| reserved::is_operator(text) || asks && is_variable(text);
    let rest = words.iter().skip(1).copied();
    rest.filter(|word| is_unread(word.as_str())).collect()
}

/// The words of an image's HEALTHCHECK in exec form; none for another form.
pub(crate) fn words_of_image<'a>(p: &'a Project, image: &ImageFact) -> Vec<&'a Traced> {
    match instruction(p, image).map(|at| &p.dockerfile.instructions[at].args) {
        Some(Args::Json(words)) => words.iter().collect(),
        _ => Vec::new(),
    }
}

/// The ports that the HEALTHCHECK of an image asks, see [`ports_of`].
pub(crate) fn ports(p: &Project, image: &ImageFact) -> Option<Vec<(u16, Span)>> {
    of_image(p, image).map_or(Some(Vec::new()), |check| ports_of(&check))
}

/// The ports in addresses of the container itself: `http://localhost:8000/`, `nc -z 127.0.0.1 8000`. `None`
/// where an address has a variable in the place of its port.
pub(crate) fn ports_of(check: &Check<'_>) -> Option<Vec<(u16, Span)>> {
    let (span, text) = (check.span, check.text);
    let mut out = Vec::new();
    for asked in addresses(check) {
        out.push((asked.port?, asked.span));
    }
    let is_part = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']');
    let mut words = text.split(is_part).filter(|word| !word.is_empty());
    if words.any(|word| matches!(word, "nc" | "ncat" | "netcat")) {
        let mut host = false;
        for word in words {
            if host {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                out.push((word.parse().ok()?, place(span, start, start + word.len())));
                break;
            }
            host = ValueWords::OwnHost.contains(word);
        }
    }
    Some(out)
}

/// The curl of a check that fails for no answer of the server at all: no option makes it, and nothing looks at what it
/// prints.
pub(crate) fn accepts_errors(check: &Check<'_>) -> Option<Span> {
    let asked = addresses(check);
    let is_end = |command: &Command| {
        let is_one = command.args.first().and_then(|arg| arg.as_str()) == Some("1");
        match command.name.as_deref() {
            Some("exit") => is_one,
            Some("false") => command.args.is_empty(),
            _ => false,
        }
    };
    let (first, rest) = check.commands.split_first()?;
    let looks = |text: &str| {
        let is_short = text.starts_with('-') && !text.starts_with("--");
        let name = text.split('=').next().unwrap_or(text);
        is_short && text.contains(['f', 'w', 'K', 'x'])
            || OptionWords::CurlFails.iter().any(|it| name.starts_with(it))
    };
    let is_address = |arg: &Arg| arg.as_str().is_some_and(|text| text.contains("://"));
    let mut words = first.args.iter();
    let is_plain = first.name.as_deref() == Some("curl")
        && first.is_complete
        && !first.is_substitution
        && !first.is_condition
        && first.pipeline.1 <= 1;
    let is_blind = is_plain
        && asked.len() == 1
        && first.args.iter().any(is_address)
        && !words.any(|arg| arg.as_str().is_none_or(looks))
        && rest.iter().all(is_end);
    is_blind.then_some(first.name_span)
}
