//! Compose files: forms, places, interpolation, merging, hostile input.

use crate::knowledge::intent_words::Intent;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::compose::{CommandForm, MountKind, Project, Service, Style, Text, is_compose_name};
use crate::source::{MemoryFile, Root, Sources};
use crate::span::{Span, Traced};

fn root(files: &[(&str, &str)]) -> Root {
    let file = |content: &str| MemoryFile {
        content: content.as_bytes().to_vec(),
        is_executable: false,
    };
    let entries = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), file(text)));
    Root::memory(entries.collect::<BTreeMap<_, _>>())
}

/// All files whose names are those of compose files.
fn load(files: &[(&str, &str)]) -> (Project, Sources) {
    let sources = Sources::new();
    let is_compose = |path: &&str| is_compose_name(path.rsplit('/').next().unwrap_or_default());
    let paths: Vec<String> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(is_compose)
        .map(str::to_owned)
        .collect();
    (Project::load(&root(files), &sources, &paths), sources)
}

fn service<'a>(project: &'a Project, stack: usize, name: &str) -> &'a Service {
    let services = &project.stacks[stack].services;
    services
        .iter()
        .find(|service| service.name.as_str() == name)
        .expect("the service")
}

fn one(text: &str) -> (Service, Sources) {
    let (project, sources) = load(&[("compose.yml", text)]);
    let file = &project.files[0];
    assert_eq!(file.errors, [], "{text}");
    (file.services[0].clone(), sources)
}

fn text(value: Option<&Text>) -> Option<&str> {
    value.and_then(Text::as_str)
}

fn words(words: Option<Vec<Traced>>) -> Vec<String> {
    words
        .expect("known words")
        .iter()
        .map(|word| word.as_str().to_owned())
        .collect()
}

#[test]
fn long_and_short_forms_say_the_same() {
    let short = concat!(
        "services:\n",
        "  web:\n",
        "    build: ./app\n",
        "    command: gunicorn --bind \"0.0.0.0:80\" a.wsgi\n",
        "    environment:\n",
        "      - A=1\n",
        "      - B\n",
        "      - C=x=y\n",
        "    ports: ['127.0.0.1:80:8000/udp']\n",
        "    volumes: ['.:/code:ro', 'data:/data', '/anon']\n",
        "    depends_on: [db]\n",
        "    env_file: .env.web\n",
    );
    let long = concat!(
        "services:\n",
        "  web:\n",
        "    build: {context: ./app}\n",
        "    command: [gunicorn, --bind, '0.0.0.0:80', a.wsgi]\n",
        "    environment: {A: 1, B: , C: x=y}\n",
        "    ports: [{target: 8000, published: '80', host_ip: 127.0.0.1, protocol: udp}]\n",
        "    volumes:\n",
        "      - {type: bind, source: ., target: /code, read_only: true}\n",
        "      - {type: volume, source: data, target: /data}\n",
        "      - {type: volume, target: /anon}\n",
        "    depends_on: {db: {condition: service_started}}\n",
        "    env_file: [{path: .env.web, required: true}]\n",
    );
    for written in [short, long] {
        let (web, _) = one(written);
        let build = web.build.as_ref().expect("a build");
        assert_eq!(build.context_path.as_deref(), Some("app"));
        assert_eq!(build.dockerfile_path.as_deref(), Some("app/Dockerfile"));
        let command = web.command.as_ref().expect("a command");
        assert_eq!(
            words(command.words()),
            ["gunicorn", "--bind", "0.0.0.0:80", "a.wsgi"]
        );
        let env = web.env();
        let value = |name: &str| {
            env.get(name)
                .and_then(|var| var.value.as_ref())
                .map(Traced::as_str)
        };
        assert_eq!(
            [value("A"), value("B"), value("C")],
            [Some("1"), None, Some("x=y")]
        );
        assert!(!env.is_closed);
        let port = &web.ports[0];
        assert_eq!(port.target, Some((8000, 8000)));
        assert_eq!(port.published.as_ref().map(Traced::as_str), Some("80"));
        assert_eq!(port.host_ip.as_ref().map(Traced::as_str), Some("127.0.0.1"));
        assert_eq!(port.protocol, "udp");
        let kinds: Vec<MountKind> = web.volumes.iter().map(|mount| mount.kind).collect();
        assert_eq!(
            kinds,
            [MountKind::Bind, MountKind::Named, MountKind::Anonymous]
        );
        assert_eq!(web.volumes[0].source_path.as_deref(), Some(""));
        assert!(web.volumes[0].is_read_only);
        assert_eq!(web.depends_on[0].service.as_str(), "db");
        assert_eq!(web.env_files[0].resolved.as_deref(), Some(".env.web"));
    }
}

#[test]
fn ports_are_read() {
    let table = [
        ("8000", None, Some((8000, 8000))),
        ("80:8000", Some("80"), Some((8000, 8000))),
        ("\"80:8000\"", Some("80"), Some((8000, 8000))),
        ("3000-3005:4000-4005", Some("3000-3005"), Some((4000, 4005))),
        ("'[::1]:80:8000'", Some("80"), Some((8000, 8000))),
        ("127.0.0.1::8000", None, Some((8000, 8000))),
        ("${PORT:-80}:8000", Some("80"), Some((8000, 8000))),
        ("${PORT}:8000", None, Some((8000, 8000))),
        ("80:${PORT}", None, None),
        ("${A}:${B}", None, None),
    ];
    for (written, published, target) in table {
        let (web, _) = one(&format!(
            "services:\n  web:\n    image: x\n    ports:\n      - {written}\n"
        ));
        let port = &web.ports[0];
        let found = (port.published.as_ref().map(Traced::as_str), port.target);
        assert_eq!(found, (published, target), "{written}");
    }
}

#[test]
fn unquoted_words_and_pairs_are_told() {
    let source = concat!(
        "services:\n",
        "  web:\n",
        "    image: x\n",
        "    environment:\n",
        "      A: on\n",
        "      B: 'on'\n",
        "      C: Yes\n",
        "    ports:\n",
        "      - 22:22\n",
        "      - '22:22'\n",
        "      - 8000:8000\n",
        "      - 1.5:22\n",
    );
    let (web, sources) = one(source);
    let env = web.env();
    let scalars: Vec<_> = env
        .vars
        .iter()
        .filter_map(|var| var.scalar.clone())
        .collect();
    let told: Vec<bool> = scalars
        .iter()
        .map(crate::compose::yaml::Scalar::is_boolean_1_1)
        .collect();
    assert_eq!(told, [true, false, true]);
    assert_eq!(sources.slice(scalars[1].span), "'on'");
    assert_eq!(scalars[1].style, Style::Single);
    let pairs: Vec<bool> = web
        .ports
        .iter()
        .filter_map(|port| port.short.as_ref().map(|text| text.scalar.is_base_60()))
        .collect();
    assert_eq!(pairs, [true, false, false, false]);
}

#[test]
fn variables_are_filled_in() {
    let env = "TAG=1.2 # which\nexport Q='$x'\nD=\"a${TAG}\\n\"\nMULTI=\"one\ntwo\"\nE=\n";
    let table = [
        ("a${TAG}b", Some("a1.2b"), true),
        ("$TAG", Some("1.2"), true),
        ("$$TAG", Some("$TAG"), false),
        ("${X:-d}", Some("d"), true),
        ("${X-${TAG}}", Some("1.2"), true),
        ("${E:-d}", Some("d"), true),
        ("${E-d}", Some(""), true),
        ("${X}", None, false),
        ("${X:?must}", None, false),
        ("${TAG:+y}", Some("y"), true),
        ("${Q}", Some("$x"), true),
        ("${D}", Some("a1.2\n"), true),
        ("${MULTI}", Some("one\ntwo"), true),
        ("plain", Some("plain"), false),
    ];
    for (written, value, may_vary) in table {
        let compose = format!("services:\n  a:\n    image: \"{written}\"\n");
        let (project, _) = load(&[("compose.yml", &compose), (".env", env)]);
        let image = project.files[0].services[0]
            .image
            .clone()
            .expect("an image");
        assert_eq!(
            (image.as_str(), image.may_vary),
            (value, may_vary),
            "{written}"
        );
        assert_eq!(project.files[0].errors, []);
    }
}

#[test]
fn a_dollar_that_is_not_doubled_is_told() {
    let source = concat!(
        "services:\n",
        "  a:\n",
        "    image: x\n",
        "    environment:\n",
        "      R: '^(?!HOST$) break:400'\n",
        "      S: pa$word\n",
        "      T: a${b\n",
    );
    let (project, sources) = load(&[("compose.yml", source)]);
    let file = &project.files[0];
    let marked: Vec<String> = file
        .errors
        .iter()
        .map(|error| sources.slice(error.span))
        .collect();
    assert_eq!(marked, ["${"]);
    let word = &file.services[0].environment[1]
        .value
        .as_ref()
        .expect("a value")
        .variables[0];
    assert_eq!((word.name.as_str(), word.is_braced), ("word", false));
    assert_eq!(sources.slice(word.span), "$word");
}

#[test]
fn override_files_are_merged() {
    let base = concat!(
        "services:\n",
        "  web:\n",
        "    build: .\n",
        "    command: uwsgi\n",
        "    environment: [A=1, B=2]\n",
        "    ports: ['80:80']\n",
        "    volumes: ['.:/code', 'x:/x']\n",
        "    depends_on: [db]\n",
        "  db:\n",
        "    image: postgres:16\n",
    );
    let over = concat!(
        "services:\n",
        "  web:\n",
        "    build: {target: dev}\n",
        "    command: [python, manage.py, runserver]\n",
        "    environment: {B: 3, C: 4}\n",
        "    ports: ['81:81']\n",
        "    volumes: ['./src:/code/']\n",
        "    depends_on: {cache: {condition: service_healthy}}\n",
        "  db: !reset null\n",
        "  cache: {image: redis}\n",
    );
    let (project, sources) = load(&[
        ("docker-compose.yml", base),
        ("docker-compose.override.yml", over),
    ]);
    assert_eq!(project.stacks.len(), 1);
    assert_eq!(project.stacks[0].purpose, Some(Intent::Development));
    let web = service(&project, 0, "web");
    let build = web.build.as_ref().expect("a build");
    assert_eq!(build.context_path.as_deref(), Some(""));
    assert_eq!(text(build.target.as_ref()), Some("dev"));
    let command = web.command.as_ref().expect("a command");
    assert_eq!(words(command.words()), ["python", "manage.py", "runserver"]);
    let env = web.env();
    let pairs: Vec<String> = env
        .vars
        .iter()
        .map(|var| {
            format!(
                "{}={}",
                var.name,
                var.value.as_ref().map_or("?", Traced::as_str)
            )
        })
        .collect();
    assert_eq!(pairs, ["A=1", "B=3", "C=4"]);
    assert_eq!(web.ports.len(), 2);
    let mounts: Vec<&str> = web
        .volumes
        .iter()
        .filter_map(|m| Some(m.source.as_ref()?.as_str()))
        .collect();
    assert_eq!(mounts, ["x", "./src"]);
    let waits: Vec<&str> = web.depends_on.iter().map(|d| d.service.as_str()).collect();
    assert_eq!(waits, ["db", "cache"]);
    // Every value keeps the file it was written in.
    let name = |span: Span| sources.get(span.file).name.clone();
    assert_eq!(name(command.span), "docker-compose.override.yml");
    assert_eq!(name(web.ports[0].span), "docker-compose.yml");
    assert_eq!(project.files.len(), 2);
}

#[test]
fn files_that_need_a_base_get_one() {
    let base = "services:\n  web: {build: ., command: runserver}\n";
    let prod = "services:\n  web: {command: uwsgi}\n";
    let alone = "services:\n  web: {image: x}\n";
    let files = [
        ("docker-compose.yml", base),
        ("docker-compose.prod.yml", prod),
        ("docker-compose.ci.yml", alone),
    ];
    let (project, _) = load(&files);
    let stacks: Vec<(Vec<&str>, Option<Intent>)> = project
        .stacks
        .iter()
        .map(|stack| {
            let files = stack
                .files
                .iter()
                .map(|at| project.files[*at].path.as_str());
            (files.collect(), stack.purpose)
        })
        .collect();
    assert_eq!(
        stacks,
        [
            (vec!["docker-compose.ci.yml"], Some(Intent::Ci)),
            (
                vec!["docker-compose.yml", "docker-compose.prod.yml"],
                Some(Intent::Production)
            ),
            (vec!["docker-compose.yml"], None),
        ]
    );
    let web = &project.stacks[1].services[0];
    let CommandForm::Line(command) = &web.command.as_ref().expect("a command").form else {
        panic!("a line");
    };
    assert_eq!(command.as_str(), Some("uwsgi"));
    assert_eq!(
        web.build
            .as_ref()
            .and_then(|build| build.dockerfile_path.as_deref()),
        Some("Dockerfile")
    );
}

#[test]
fn extends_and_anchors_are_followed() {
    let compose = concat!(
        "x-app: &app\n",
        "  build: {context: ., dockerfile: docker/Dockerfile}\n",
        "  environment: &env {A: 1}\n",
        "services:\n",
        "  web:\n",
        "    <<: *app\n",
        "    command: uwsgi\n",
        "  worker:\n",
        "    <<: *app\n",
        "    environment: {<<: *env, B: 2}\n",
        "    command: celery\n",
        "  api:\n",
        "    extends: {file: common/base.yml, service: api}\n",
        "    environment: [Z=9]\n",
        "  job:\n",
        "    extends: worker\n",
        "    command: job\n",
    );
    let common = concat!(
        "services:\n",
        "  api:\n",
        "    extends: {service: root}\n",
        "    build: .\n",
        "    env_file: api.env\n",
        "  root:\n",
        "    environment: {Y: 8}\n",
    );
    let (project, _) = load(&[
        ("compose.yaml", compose),
        ("common/base.yml", common),
        ("common/api.env", "X=7\n"),
    ]);
    assert_eq!(project.files.len(), 1);
    assert_eq!(project.files[0].errors, []);
    let api = service(&project, 0, "api");
    assert_eq!(
        api.build.as_ref().and_then(|b| b.context_path.as_deref()),
        Some("common")
    );
    let env = api.env();
    let names: Vec<&str> = env.vars.iter().map(|var| var.name.as_str()).collect();
    assert_eq!((names, env.is_closed), (vec!["X", "Y", "Z"], true));
    let job = service(&project, 0, "job");
    assert_eq!(job.environment.len(), 2);
    assert!(job.extends.is_none());
    let services = project.stacks[0].services.iter();
    let builds = services.filter_map(|service| service.build.as_ref()?.dockerfile_path.as_deref());
    assert_eq!(
        builds.filter(|path| *path == "docker/Dockerfile").count(),
        3
    );
}

#[test]
fn commands_are_split_without_a_shell() {
    let table: &[(&str, Option<&[&str]>)] = &[
        ("a b  c", Some(&["a", "b", "c"])),
        ("sh -c 'a && b $$X'", Some(&["sh", "-c", "a && b $X"])),
        (r#"a "b \"c\" d" e\ f"#, Some(&["a", "b \"c\" d", "e f"])),
        ("a '' b", Some(&["a", "", "b"])),
        ("a 'b", None),
    ];
    for (line, expected) in table {
        let (web, _) = one(&format!(
            "services:\n  w:\n    image: x\n    command: >-\n      {line}\n"
        ));
        let found = web.command.expect("a command").words();
        let found: Option<Vec<String>> =
            found.map(|words| words.iter().map(|w| w.as_str().to_owned()).collect());
        let expected: Option<Vec<String>> =
            expected.map(|words| words.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn a_broken_file_leaves_the_others() {
    let files = [
        ("compose.yml", "services:\n  a: {image: x}\n"),
        ("compose.prod.yml", "services:\n  b: {image: y}\n  c: [\n"),
        (
            "compose.dev.yml",
            "services:\n  a: nonsense\n  d: {image: z, ports: [{}], environment: [{a: b}]}\n",
        ),
        ("local.yml", "site: {a: b\n"),
    ];
    let (project, sources) = load(&files);
    assert_eq!(project.files.len(), 3);
    let errors: Vec<usize> = project.files.iter().map(|file| file.errors.len()).collect();
    assert_eq!(errors, [2, 1, 0]);
    assert_eq!(sources.slice(project.files[0].errors[0].span), "a");
    assert!(
        project.files[1]
            .services
            .iter()
            .any(|s| s.name.as_str() == "b")
    );
}

#[test]
fn a_context_seen_from_above_is_not_known() {
    let part = "services:\n  a: {build: {context: app}}\n  b: {build: none}\n  c: {build: .}\n";
    let (project, _) = load(&[("extra/compose.yml", part), ("app/Dockerfile", "")]);
    let services = &project.stacks[0].services;
    let paths: Vec<Option<&str>> = services
        .iter()
        .map(|service| {
            service
                .build
                .as_ref()
                .and_then(|build| build.context_path.as_deref())
        })
        .collect();
    assert_eq!(paths, [None, Some("extra/none"), Some("extra")]);
}

#[test]
fn nothing_outside_is_read() {
    let compose = concat!(
        "services:\n",
        "  a:\n",
        "    extends: {file: ../../etc/passwd, service: x}\n",
        "    env_file: [/etc/passwd, ../../x]\n",
        "    build: ../..\n",
    );
    let (project, _) = load(&[("compose.yml", compose)]);
    assert_eq!(project.files[0].errors, []);
    let a = service(&project, 0, "a");
    assert!(
        a.env_files
            .iter()
            .all(|file| file.resolved.is_none() && file.pairs.is_none())
    );
    assert_eq!(a.build.as_ref().expect("a build").context_path, None);
}

#[test]
fn hostile_files_end_with_an_error() {
    let mut bomb = "x0: &x0 {a: 1}\n".to_owned();
    let mut chain = "services:\n  s0: {image: x}\n".to_owned();
    let mut anchors = "services:\n  web:\n    environment: &e0 {A: 1}\n".to_owned();
    for i in 1..1000 {
        let p = i - 1;
        writeln!(
            bomb,
            "x{i}: &x{i} {{<<: [*x{p}, *x{p}, *x{p}], k{i}: [*x{p}, *x{p}]}}"
        )
        .expect("a string");
        writeln!(chain, "  s{i}: {{extends: s{p}}}").expect("a string");
        writeln!(anchors, "x{i}: &e{i} {{n: *e{p}}}").expect("a string");
    }
    bomb.push_str("services:\n  web: *x999\n");
    let cycle = "services:\n  a: {extends: b}\n  b: {extends: a}\n".to_owned();
    let own = "services:\n  a: &a {extends: {service: a}, environment: *a}\n".to_owned();
    let wide = format!(
        "services:\n  a:\n    environment:\n{}",
        "      - A=${B:-${C:-d}}\n".repeat(60_000)
    );
    let huge = "- a\n".repeat(2_500_000);
    let mut growth = "V0=xx\n".to_owned();
    for i in 1..200 {
        writeln!(growth, "V{i}=$V{p}$V{p}$V{p}", p = i - 1).expect("a string");
    }
    for (i, text) in [bomb, chain, anchors, cycle, own, wide, huge]
        .iter()
        .enumerate()
    {
        let started = std::time::Instant::now();
        let (project, _) = load(&[("compose.yml", text), (".env", &growth)]);
        let is_told = !project.unread.is_empty()
            || project
                .files
                .first()
                .is_some_and(|file| !file.errors.is_empty());
        assert!(is_told, "case {i} says nothing");
        assert!(
            started.elapsed().as_secs() < 60,
            "case {i}: {:?}",
            started.elapsed()
        );
    }
    let use_it = "services:\n  a: {image: '$V199', env_file: .env}\n";
    let (project, _) = load(&[("compose.yml", use_it), (".env", &growth)]);
    assert_eq!(text(project.files[0].services[0].image.as_ref()), None);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(300))]
    /// Whatever stands in the files: no panic, and every place lies in its file.
    #[test]
    fn any_text_is_survived(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "services:\n", "  web:\n", "    image: ", "    build: ", "    ports:\n", "      - ",
                "    environment:\n", "A=", "B: ", "${X:-", "${", "}", "$$", "$", "'", "\"", "\\", "|\n",
                ">-\n", "&a ", "*a", "<<: ", "[", "]", "{", "}", ": ", ", ", "\n", "  ", "é", "🙂", "\r\n",
                "80:80", "./x:/y:ro", "\t", "#", "!reset ", "extends: web\n", "env_file: .env\n", "\u{feff}",
            ]),
            0..60,
        ),
    ) {
        let body = pieces.concat();
        let text = format!("services:\n  web:\n    image: x\n{body}");
        for text in [body, text] {
            let (project, sources) = load(&[("compose.yml", &text), (".env", &text)]);
            for file in &project.files {
                for error in &file.errors {
                    let source = sources.get(error.span.file);
                    proptest::prop_assert!(source.text.get(error.span.range()).is_some());
                }
            }
            for service in project.stacks.iter().flat_map(|stack| &stack.services) {
                let source = sources.get(service.span.file);
                proptest::prop_assert!(source.text.get(service.span.range()).is_some());
                for var in service.env().vars {
                    let span = var.name.span();
                    proptest::prop_assert!(sources.get(span.file).text.get(span.range()).is_some());
                }
                for port in &service.ports {
                    let source = sources.get(port.span.file);
                    proptest::prop_assert!(source.text.get(port.target_span.range()).is_some());
                }
                if let Some(command) = &service.command {
                    let _ = command.words();
                }
            }
        }
    }
}
