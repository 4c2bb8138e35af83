//! What the Dockerfiles under one configuration have in common: its terms, and the rules that run.

use crate::knowledge::intent_words::Intent;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover;
use super::known::{self, Baselines};
use super::places::is_within;
use super::request::Request;
use crate::config::{self, Config, Named, RuleTable, Setting, Value};
use crate::facts::SCHEMA;
use crate::facts::intent;
use crate::finding::Problem;
use crate::policy::{Known, Selection, Terms, own};
use crate::rule::{self, Catalogue, OptionValue, RuleError, RuleSet, Settings};
use crate::source::Sources;

/// One configuration, understood.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) terms: Arc<Terms>,
    pub(super) rules: RuleSet,
    /// Every rule, whether it runs or not.
    pub(super) catalogue: Catalogue,
    /// Absolute.
    pub(super) context: Option<PathBuf>,
    pub(super) target: Option<String>,
    pub(super) build_args: BTreeMap<String, String>,
    /// What is configured and has no effect.
    pub(super) warnings: Vec<Problem>,
    settings: rule::Selection,
}

/// Where a setup comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    /// Absolute; `None`: there is no configuration.
    pub(super) config: Option<&'a Path>,
    /// The configuration is the project's own word: neither it nor what it names may lie outside the project.
    pub(super) is_found: bool,
    /// The policy that is laid over it.
    pub(super) policy: Option<&'a Config>,
}

impl Setup {
    /// Reads the configuration, or takes the defaults.
    ///
    /// # Errors
    /// Every mistake in it, in the rules it names and in what the command line says of rules.
    pub(super) fn new(
        sources: &Sources,
        embedded: &Catalogue,
        request: &Request,
        origin: Origin<'_>,
        baselines: &mut Baselines,
    ) -> Result<Self, Vec<Problem>> {
        let bound = origin.config.filter(|_| origin.is_found);
        let bound = bound.and_then(|path| bound_of(sources, request, path));
        let bound = bound.as_deref();
        let mut config = match origin.config {
            Some(path) => read(sources, request, path, bound, origin.is_found)?,
            None => Config::default(),
        };
        if let Some(policy) = origin.policy {
            config.obey(policy.clone());
        }
        let expired = config.expire(request.today);
        let mut warnings: Vec<Problem> = expired
            .iter()
            .map(|named| Problem {
                file: config.name_of(named),
                span: named.span,
                message: expiry(named),
            })
            .collect();
        let catalogue = catalogue(sources, embedded, request, &config, bound)?;
        let known = known_rules(&catalogue);
        let mut selection = Selection::new(&known, &config, &request.overrides)?;
        warnings.append(&mut selection.overruled);
        let tables = config.policy.iter_mut().flat_map(|policy| &mut policy.rule);
        for table in tables.chain(&mut config.rule) {
            if let Some(known) = selection.called(&table.id.text) {
                table.id.text = known.id.to_string();
            }
        }
        let settings = settings(&catalogue, &config, &selection, &mut warnings)?;
        let rules = RuleSet::new(&catalogue, &settings, &SCHEMA);

        let files = sources.file_system();
        let working_directory = &request.working_directory;
        let typed = request.context.as_ref();
        let configured = config.context.as_ref();
        let context = typed
            .map(|context| discover::absolute(working_directory, context))
            .or_else(|| {
                configured.map(|name| discover::absolute(&config.directory, Path::new(&name.text)))
            });
        if let Some(context) = context
            .as_ref()
            .filter(|context| !files.has_directory(context))
        {
            let shown = discover::display_name(working_directory, context);
            return Err(vec![Problem {
                file: match (typed, configured) {
                    (None, Some(configured)) => config.name_of(configured),
                    _ => "command line".to_owned(),
                },
                span: configured
                    .and_then(|name| name.span)
                    .filter(|_| typed.is_none()),
                message: format!("the build context `{shown}` is not a directory"),
            }]);
        }
        if let (Some(context), None, Some(configured)) = (&context, typed, configured)
            && !config.is_of_policy(configured)
            && !is_within(sources, context, bound)
        {
            return Err(vec![Problem {
                file: config.name_of(configured),
                span: configured.span,
                message: format!(
                    "`{}` is outside the project; only `--context` can set it",
                    configured.text
                ),
            }]);
        }
        let known = known::of(sources, request, &config, bound, baselines);
        let known = known.map_err(|problem| vec![problem])?;
        let target = request
            .target
            .clone()
            .or_else(|| config.target.as_ref().map(|target| target.text.clone()));
        let build_args = config.build_args.iter().chain(&request.build_args);
        Ok(Self {
            rules,
            settings,
            catalogue,
            context,
            target,
            build_args: build_args.cloned().collect(),
            warnings,
            terms: Arc::new(Terms {
                config,
                selection,
                known,
            }),
        })
    }

    /// What files are checked by that the project excludes: only the rules that the policy sets run. `None` when there
    /// are none. Says nothing of its own.
    pub(super) fn only_locked(&self) -> Option<Self> {
        let terms = &self.terms;
        let selection = terms.selection.clone().only_locked()?;
        let mut settings = self.settings.clone();
        for rule in self
            .catalogue
            .rules()
            .filter(|rule| !selection.runs(&rule.id))
        {
            let setting = settings.rules.entry(rule.id.to_string()).or_default();
            setting.is_enabled = Some(false);
        }
        Some(Self {
            rules: RuleSet::new(&self.catalogue, &settings, &SCHEMA),
            settings,
            catalogue: self.catalogue.clone(),
            context: self.context.clone(),
            target: self.target.clone(),
            build_args: self.build_args.clone(),
            warnings: Vec::new(),
            terms: Arc::new(Terms {
                config: terms.config.clone(),
                selection,
                known: terms.known.clone(),
            }),
        })
    }

    /// What a Dockerfile is for, and what says so: the configuration, else its path, absolute, from `home` on, the
    /// repository's or the project's root; without one, from the working directory. `None` when neither says.
    pub(super) fn intent(
        &self,
        home: Option<&Path>,
        path: Option<&Path>,
        working_directory: &Path,
    ) -> Option<(Intent, &'static str)> {
        let path = path?;
        let mut configured = self.terms.config.intent.iter();
        if let Some((_, intent)) = configured.find(|(globs, _)| globs.matches(path)) {
            return Some((*intent, "the configuration says so"));
        }
        let root = home
            .or_else(|| {
                path.starts_with(working_directory)
                    .then_some(working_directory)
            })
            .or_else(|| path.parent())
            .unwrap_or(path);
        let intent = intent::by_path(&discover::display_name(root, path))?;
        Some((intent, "its name says so"))
    }
}

/// What is said of an ignore whose last day has passed.
fn expiry(named: &Named) -> String {
    let day = named.until.map(|day| day.to_string()).unwrap_or_default();
    format!(
        "the ignore of `{}` expired on {day} and no longer has an effect; fix what is reported and remove it, or \
         set a later day",
        named.text
    )
}

/// The directories that the patterns of a configuration in `directory` are relative to. One that was found is above
/// what it is for; one that was given may be anywhere: its patterns are relative to what is checked, then.
fn bases(sources: &Sources, request: &Request, directory: &Path, is_found: bool) -> Vec<PathBuf> {
    let files = sources.file_system();
    let here = &request.working_directory;
    let real = |path: &Path| files.canonical(path).unwrap_or_else(|_| path.to_owned());
    let mut bases = Vec::new();
    let input = request
        .buffer
        .as_ref()
        .and_then(|input| input.path.as_ref());
    for path in request.paths.iter().chain(input).filter(|_| !is_found) {
        let path = real(&discover::absolute(here, path));
        if path.starts_with(directory) {
            bases.push(directory.to_owned());
            continue;
        }
        let here = real(here);
        let is_below = path.starts_with(&here);
        bases.extend(is_below.then_some(here));
        match files.has_directory(&path) {
            true => bases.push(path),
            false if !is_below => bases.extend(path.parent().map(Path::to_owned)),
            false => {}
        }
    }
    if bases.is_empty() {
        bases.push(directory.to_owned());
    }
    bases.sort();
    bases.dedup();
    bases
}

/// The directory that a configuration which was found may not lead out of.
fn bound_of(sources: &Sources, request: &Request, path: &Path) -> Option<PathBuf> {
    let directory = path.parent()?;
    let here = request.working_directory.as_path();
    let above = if directory.starts_with(here) {
        here
    } else {
        directory
    };
    let home = sources.repository(directory).unwrap_or(above);
    sources.file_system().canonical(home).ok()
}

/// Configurations that extend each other, at most.
const MOST_EXTENDED: usize = 16;

/// Reads the configuration at `path`, absolute, and those it extends.
pub(super) fn read(
    sources: &Sources,
    request: &Request,
    path: &Path,
    bound: Option<&Path>,
    is_found: bool,
) -> Result<Config, Vec<Problem>> {
    let directory = real_directory(sources, path);
    let around = bases(sources, request, &directory, is_found);
    let mut config = read_one(sources, request, path, bound, &around)?;
    let mut seen = vec![path.to_owned()];
    let extended = |config: &Config| -> Vec<(PathBuf, Named)> {
        let base = config.directory.clone();
        let names = config.extends.iter().rev().cloned();
        names
            .map(|named| (discover::absolute(&base, Path::new(&named.text)), named))
            .collect()
    };
    // The last one of a list is nearest.
    let mut waiting = extended(&config);
    waiting.reverse();
    while let Some((path, named)) = waiting.pop() {
        let problem = |message: String| {
            vec![Problem {
                file: config.name_of(&named),
                span: named.span,
                message,
            }]
        };
        if seen.contains(&path) || seen.len() > MOST_EXTENDED {
            return Err(problem(format!(
                "`{}` extends itself, or is one of more than {MOST_EXTENDED} that extend each other",
                named.text
            )));
        }
        if !sources.file_system().has(&path) {
            return Err(problem(format!("there is no file `{}`", named.text)));
        }
        if !is_within(sources, &path, bound) {
            let message =
                "is outside the project; only a configuration given by `--config` can extend it";
            return Err(problem(format!("`{}` {message}", named.text)));
        }
        // Patterns of what lies elsewhere are meant for what extends it.
        let place = real_directory(sources, &path);
        let is_above = around.iter().all(|base| base.starts_with(&place));
        let places = if is_above {
            vec![place]
        } else {
            around.clone()
        };
        let base = read_one(sources, request, &path, bound, &places)?;
        let mut further = extended(&base);
        further.reverse();
        waiting.extend(further);
        config.extend(base);
        seen.push(path);
    }
    Ok(config)
}

fn read_one(
    sources: &Sources,
    request: &Request,
    path: &Path,
    bound: Option<&Path>,
    bases: &[PathBuf],
) -> Result<Config, Vec<Problem>> {
    let name = discover::display_name(&request.working_directory, path);
    // What leads nowhere is told by whoever reads it.
    if sources.file_system().has(path) && !is_within(sources, path, bound) {
        return Err(vec![Problem {
            file: name,
            span: None,
            message: "it is a link to outside the project, which is not followed".to_owned(),
        }]);
    }
    let file = sources.read(path, &name).map_err(|error| {
        vec![Problem {
            file: name.clone(),
            span: None,
            message: error.without_name(),
        }]
    })?;
    let directory = real_directory(sources, path);
    config::read(file, &sources.get(file), &directory, bases)
}

/// The directory of a file, without links.
fn real_directory(sources: &Sources, path: &Path) -> PathBuf {
    let directory = path.parent().unwrap_or(path);
    let real = sources.file_system().canonical(directory);
    real.unwrap_or_else(|_| directory.to_owned())
}

/// The rules that are built in, those of the configuration and those of the command line.
fn catalogue(
    sources: &Sources,
    embedded: &Catalogue,
    request: &Request,
    config: &Config,
    bound: Option<&Path>,
) -> Result<Catalogue, Vec<Problem>> {
    let mut directories: Vec<PathBuf> = Vec::new();
    let mut problems = Vec::new();
    let typed = request.rules.iter().map(|path| {
        let name = Named::typed(path.to_string_lossy());
        (&request.working_directory, name)
    });
    let configured = config.rules.iter().cloned();
    let configured = configured.map(|name| (&config.directory, name));
    for (base, name) in configured.chain(typed) {
        let directory = discover::absolute(base, Path::new(&name.text));
        let is_there = sources.file_system().has_directory(&directory);
        let is_free = name.span.is_none() || config.is_of_policy(&name);
        if is_there && (is_free || is_within(sources, &directory, bound)) {
            directories.push(directory);
        } else {
            problems.push(Problem {
                file: config.name_of(&name),
                span: name.span,
                message: match is_there {
                    true => format!(
                        "`{}` is outside the project; only `--rules` can set it",
                        name.text
                    ),
                    false => format!("there is no directory `{}`", name.text),
                },
            });
        }
    }
    directories.sort();
    directories.dedup();
    let mut catalogue = embedded.clone();
    for directory in &directories {
        let shown = discover::display_name(&request.working_directory, directory);
        if let Err(errors) = catalogue.load_directory(directory, &shown, &SCHEMA, sources) {
            problems.extend(errors.into_iter().map(rule_problem));
        }
    }
    if problems.is_empty() {
        Ok(catalogue)
    } else {
        Err(problems)
    }
}

/// A mistake in a rule file, as any other problem.
pub(crate) fn rule_problem(error: RuleError) -> Problem {
    Problem {
        file: error.file,
        span: error.span,
        message: match error.help {
            Some(help) => format!("{}; {help}", error.message),
            None => error.message,
        },
    }
}

/// Every rule as policy knows it, those of policy included.
fn known_rules(catalogue: &Catalogue) -> Vec<Known> {
    let rules = catalogue.rules().map(|rule| Known {
        id: rule.id.clone(),
        topic: rule.topic.clone(),
        aliases: rule.aliases.clone(),
        renamed_from: rule.renamed_from.clone(),
        severity: rule.severity,
        is_default: rule.is_default,
    });
    rules.chain(own::known()).collect()
}

/// What the rules have to be told, where it is not what they say themselves.
fn settings(
    catalogue: &Catalogue,
    config: &Config,
    selection: &Selection,
    warnings: &mut Vec<Problem>,
) -> Result<rule::Selection, Vec<Problem>> {
    let mut settings: BTreeMap<String, Settings> = BTreeMap::new();
    for rule in catalogue.rules() {
        let (is_active, severity) = selection.choice(&rule.id);
        if is_active != rule.is_default {
            let setting = settings.entry(rule.id.to_string()).or_default();
            setting.is_enabled = Some(is_active);
        }
        if let Some(severity) = severity {
            let setting = settings.entry(rule.id.to_string()).or_default();
            setting.severity = Some(severity);
        }
    }
    let mut problems = Vec::new();
    let policy = config.policy.as_deref();
    let by_policy = policy.map_or(&[][..], |policy| &policy.rule[..]);
    // The last one that speaks of an option wins.
    for table in config.rule.iter().chain(by_policy) {
        let rule = catalogue.get(&table.id.text);
        if rule.is_some() && !table.options.is_empty() && !selection.runs(&table.id.text) {
            warnings.extend(unused_options(config, table));
        }
        for (option, setting) in &table.options {
            let value = match rule {
                Some(rule) => option_value(setting).and_then(|value| {
                    rule.check_option(&option.text, &value)?;
                    Ok(value)
                }),
                None => Err(format!("`{}` has no options", table.id.text)),
            };
            match value {
                Ok(value) => {
                    let settings = settings.entry(table.id.text.clone()).or_default();
                    let before = settings.options.insert(option.text.clone(), value.clone());
                    let is_replaced = before.is_some_and(|before| before != value);
                    let own = config.rule.iter().rev();
                    let mut own = own.filter(|own| own.id.text == table.id.text);
                    let option = own.find_map(|own| {
                        own.options
                            .iter()
                            .find(|(name, _)| name.text == option.text)
                    });
                    if let (true, Some(policy), Some((name, _))) = (is_replaced, policy, option) {
                        warnings.extend(replaced_option(config, policy, table, name));
                    }
                }
                Err(message) => {
                    let is_known = rule.is_some_and(|rule| rule.option(&option.text).is_some());
                    problems.push(Problem {
                        file: config.name_of(&table.id),
                        span: if is_known {
                            Some(setting.span)
                        } else {
                            option.span
                        },
                        message,
                    });
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(rule::Selection { rules: settings })
    } else {
        Err(problems)
    }
}

/// Options of a rule that does not run.
fn unused_options(config: &Config, table: &RuleTable) -> Option<Problem> {
    // Who turns a rule off need not take its options out.
    if table.enabled == Some(false) {
        return None;
    }
    Some(Problem {
        file: config.name_of(&table.id),
        span: table.id.span,
        message: format!(
            "`{}` does not run, so its options have no effect; add `enabled = true`",
            table.id.text
        ),
    })
}

/// An option that the policy sets otherwise.
fn replaced_option(
    config: &Config,
    policy: &Config,
    table: &RuleTable,
    name: &Named,
) -> Option<Problem> {
    let (_, file) = policy.names.first()?;
    let is_of_policy = policy.rule.iter().any(|other| std::ptr::eq(other, table));
    is_of_policy.then(|| Problem {
        file: config.name_of(name),
        span: name.span,
        message: format!("`{}` has no effect: `{file}` sets it", name.text),
    })
}

fn option_value(setting: &Setting) -> Result<OptionValue, String> {
    Ok(match &setting.value {
        Value::Bool(value) => OptionValue::Bool(*value),
        Value::Int(value) => OptionValue::Int(*value),
        Value::Str(text) => OptionValue::Str(Cow::Owned(text.clone())),
        Value::List(items) => {
            let items = items.iter().map(|item| match &item.value {
                Value::Str(text) => Ok(Cow::Owned(text.clone())),
                other => Err(format!("a list of strings cannot contain {}", other.kind())),
            });
            OptionValue::List(items.collect::<Result<_, _>>()?)
        }
    })
}
