//! One container of a pod.

use super::configs::{Configs, value};
use super::exposed::{Exposed, number};
use super::pod::{Pod, text};
use crate::compose::yaml::Node;
use crate::compose::{
    CommandForm, CommandLine, EnvVar, Environment, Healthcheck, Mount, MountKind, Text,
};
use crate::deployed::model::{Asked, Deployed};
use crate::span::{Span, Traced};

/// Variables and words that are read.
const MAX_ENTRIES: usize = 200;

/// Probes, those that restart it first.
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// What holds for all pods of a project.
pub(super) struct Project {
    pub(super) configs: Configs,
    pub(super) exposed: Exposed,
    /// A proxy of a service mesh asks in the place of the cluster.
    pub(super) has_mesh: bool,
}

pub(super) fn read(
    source: &'static str,
    project: &Project,
    pod: &Pod<'_>,
    container: &Node,
    is_init: bool,
) -> Option<Deployed> {
    let name = container.get("name")?.scalar()?.text.clone();
    let changes = |key: &str| project.configs.changes(key);
    let (env, has_unread_env_file) = environment(project, container);
    let line = |key: &str| {
        let node = container.get(key).filter(|node| !node.is_null());
        if changes(key) {
            let span = node.map_or(name.span(), |node| node.span);
            return Some(unknown(span));
        }
        node.map(|node| command(node, &env))
    };
    let rights = |key: &str| {
        let own = container.get("securityContext").and_then(|it| it.get(key));
        own.or_else(|| pod.spec.get("securityContext")?.get(key))
    };
    let is_true = |node: &Node| node.scalar().is_some_and(|it| it.as_str() == "true");
    let user = match rights("runAsUser") {
        _ if changes("runAsUser") => Some(Text::unknown(name.span())),
        node => node.map(value),
    };
    let not_root = rights("runAsNonRoot").filter(|node| is_true(node));
    let read_only = rights("readOnlyRootFilesystem").filter(|node| is_true(node));
    let has_probes = !is_init && !changes("Probe");
    Some(Deployed {
        purpose: pod.purpose(container),
        image: container.get("image").map(value),
        entrypoint: line("command"),
        command: line("args"),
        is_unprivileged: user.is_none() && not_root.is_some(),
        refuses_root: not_root.filter(|_| user.is_none()).map(|node| node.span),
        read_only: read_only.filter(|_| !changes("readOnly")).map(|it| it.span),
        workdir: container.get("workingDir").map(value),
        mounts: mounts(container, &name, changes("volumeMounts")),
        ports: match is_init || changes("ort:") {
            true => Vec::new(),
            false => project.exposed.ports(pod, container),
        },
        probe: has_probes.then(|| executed(container)).flatten(),
        asked: match has_probes && pod.is_alone() && !project.has_mesh {
            true => asked(pod, container),
            false => Vec::new(),
        },
        user,
        env,
        has_unread_env_file,
        ..Deployed::new(source, name, pod.path)
    })
}

fn unknown(span: Span) -> CommandLine {
    CommandLine {
        span,
        form: CommandForm::Line(Text::unknown(span)),
    }
}

fn command(node: &Node, env: &Environment) -> CommandLine {
    if !node.is_sequence() {
        return unknown(node.span);
    }
    let words = node.items().iter().take(MAX_ENTRIES);
    CommandLine {
        span: node.span,
        form: CommandForm::List(words.map(|word| filled(word, env)).collect()),
    }
}

/// A word with the variables of the container filled in, `$(NAME)`; one that it does not set stays as it is.
fn filled(node: &Node, env: &Environment) -> Text {
    let text = value(node);
    let Some(written) = text.value.clone().filter(|it| it.as_str().contains("$(")) else {
        return text;
    };
    let raw = written.as_str();
    let mut out = Traced::empty(written.span());
    let mut at = 0;
    while let Some(found) = raw[at..].find("$(") {
        let start = at + found;
        let Some(end) = raw[start..].find(')').map(|end| start + end) else {
            break;
        };
        let (name, escaped) = (&raw[start + 2..end], raw[..start].ends_with('$'));
        out.push_traced(&written.slice(at..start));
        match env.get(name).filter(|_| !escaped) {
            None => out.push_traced(&written.slice(start..end + 1)),
            Some(var) => match var.value.as_ref().filter(|_| !var.may_vary) {
                Some(value) => out.push(value.as_str(), written.span_of(start..end + 1)),
                None => return Text::unknown(node.span),
            },
        }
        at = end + 1;
    }
    out.push_traced(&written.slice(at..raw.len()));
    Text {
        value: Some(out),
        ..text
    }
}

/// Its variables, and whether others come from what is not here.
fn environment(project: &Project, container: &Node) -> (Environment, bool) {
    let mut vars: Vec<EnvVar> = Vec::new();
    let mut is_unread = false;
    let may_vary = project.configs.changes("env");
    let var = |name: &Traced, node: Option<&Node>| {
        let text = node.map(value);
        EnvVar {
            name: name.clone(),
            value: text.as_ref().and_then(|text| text.value.clone()),
            may_vary: may_vary || text.is_none_or(|text| text.value.is_none()),
            scalar: node.and_then(Node::scalar).cloned(),
        }
    };
    let all = |key: &str| container.get(key).map_or(&[][..], Node::items).iter();
    for from in all("envFrom").take(MAX_ENTRIES) {
        let map = text(from, &["configMapRef", "name"]).and_then(|it| project.configs.map(it));
        match map.filter(|_| from.get("prefix").is_none()) {
            Some(entries) => {
                vars.extend(entries.iter().map(|it| var(&it.key.text, Some(&it.value))))
            }
            None => is_unread = true,
        }
    }
    for one in all("env").take(MAX_ENTRIES) {
        let Some(name) = one.get("name").and_then(Node::scalar) else {
            continue;
        };
        let key = |node: &Node| {
            let from = node.get("valueFrom")?.get("configMapKeyRef")?;
            let map = project.configs.map(text(from, &["name"])?)?;
            let wanted = text(from, &["key"])?;
            let found = map.iter().find(|entry| entry.key.as_str() == wanted);
            found.map(|entry| entry.value.clone())
        };
        let given = one.get("value").cloned().or_else(|| key(one));
        vars.push(var(&name.text, given.as_ref()));
    }
    let is_open = is_unread || may_vary;
    let mut env = Environment::open(vars.into_iter());
    env.is_closed = !is_open && all("env").len() <= MAX_ENTRIES;
    (env, is_open)
}

/// What lies there instead of what the image has; what of it is in a volume is not known.
fn mounts(container: &Node, name: &Traced, may_be_more: bool) -> Vec<Mount> {
    let mount = |span: Span, target: Option<Traced>, is_read_only: bool| Mount {
        span,
        kind: MountKind::Unknown,
        source: None,
        source_path: None,
        target,
        is_read_only,
    };
    let items = container.get("volumeMounts").map_or(&[][..], Node::items);
    let one = |node: &Node| {
        let path = node.get("mountPath")?;
        let target = value(path).value;
        Some(mount(
            path.span,
            target,
            text(node, &["readOnly"]) == Some("true"),
        ))
    };
    let mut all: Vec<Mount> = items.iter().take(MAX_ENTRIES).filter_map(one).collect();
    if may_be_more {
        all.push(mount(name.span(), None, false));
    }
    all
}

/// What a probe runs in the container.
fn executed(container: &Node) -> Option<Healthcheck> {
    let command = PROBES
        .iter()
        .find_map(|name| container.get(name)?.get("exec")?.get("command"))?;
    let first = Text::from(Traced::new(
        "CMD",
        Span::point(command.span.file, command.span.start),
    ));
    let words = command.items().iter().take(MAX_ENTRIES).map(value);
    Some(Healthcheck {
        span: command.span,
        test: Some(CommandLine {
            span: command.span,
            form: CommandForm::List(std::iter::once(first).chain(words).collect()),
        }),
        is_disabled: false,
    })
}

/// What probes ask from outside.
fn asked(pod: &Pod<'_>, container: &Node) -> Vec<Asked> {
    let one = |name: &&str| {
        let entry = container.entry(name)?;
        let http = entry.value.get("httpGet");
        let node = http.or_else(|| entry.value.get("tcpSocket"))?;
        // Another host than the pod is asked there.
        if node.get("host").is_some() {
            return None;
        }
        let port = node.get("port")?;
        let headers = node.get("httpHeaders").map_or(&[][..], Node::items).iter();
        let mut hosts = headers.filter(|header| {
            text(header, &["name"]).is_some_and(|name| name.eq_ignore_ascii_case("host"))
        });
        Some(Asked {
            name: entry.key.text.clone(),
            is_http: http.is_some(),
            is_secure: text(node, &["scheme"]) == Some("HTTPS"),
            port: number(pod, port),
            span: port.span,
            path: node.get("path").and_then(|path| value(path).value),
            host: hosts.find_map(|header| Some(value(header.get("value")?))),
        })
    };
    PROBES.iter().filter_map(one).collect()
}
