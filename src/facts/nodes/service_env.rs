//! A variable of a service.

use crate::compose::{EnvVar, Service, Style, UNKNOWN, skeleton};
use crate::facts::deploy::addresses::Apart;
use crate::facts::deploy::databases::{self, Url};
use crate::facts::deploy::names::Mismatch;
use crate::facts::deploy::numbers;
use crate::facts::deploy::{addresses, groups, passwords, plain_databases};
use crate::facts::model::{Holder, Misfit, MisfitFact, ServiceFact};
use crate::facts::nodes::cells::{at, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::in_settings;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::knowledge::words::FileWords;
use crate::python::settings::verdicts::{self, Answer};
use crate::source::{Entry, is_in, join};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "service_env",
    table: &TABLE,
    key: "the variable",
    vars: &["service"],
    doc: "a variable of a service",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.services.iter().enumerate() {
        let purpose = fact.purpose(p);
        for (at, var) in fact.deployed(p).env.vars.iter().enumerate() {
            let node = Id::ServiceEnv { service: i, i: at }.node(p);
            each(facts.of_service(purpose, var.name.as_str(), node));
        }
    }
}

table! {
    "service_env",
    "A variable of a service.";
    name: Type::Str, "the variable";
    value: Type::Str, "what the container gets; unknown when the shell that runs compose decides";
    raw: Type::Str, "as written, quotes aside; absent when it is passed on from the shell";
    is_yaml_boolean: Type::Bool, "an `on`, `yes`, `true` or the like without quotes: a boolean for YAML 1.1";
    has_quotes: Type::Bool,
        "quotes around the value of an item of a list, `- NAME=\"value\"`, which the container gets as a part \
         of it";
    is_in_compose: Type::Bool, "it is in the compose file, not in an env file";
    secret: Type::Str,
        "`secret`, `guessable` (words anybody would try) or, when the value or a comment beside it says so, \
         `stand-in`; absent when it is none";
    form: Type::Str,
        "how it is written: `list` (`- NAME=value`), `mapping` (`NAME: value`), or `file`, a line of an env file";
    in_settings: Type::Str,
        "`named` or `not named`: whether the settings of the image that the service builds name the variable; absent \
         where they are not known";
    gives_debug: Type::Bool, "Django's DEBUG certainly has its value from it";
    first_alike: Type::Str, "the first variable of the stack that holds the same password; absent when it holds none";
    others: Type::List(&Type::Str), "the other variables of the stack that hold the same password, also in a URL";
    is_from_another_file: Type::Bool,
        "it is in another compose file than the one that defines the service, which others may share";
    is_internal: Type::Bool, "its password only opens a server of the stack that publishes no port";
    env_is_directory: Type::Bool, "`.env` beside the compose file is a directory, which compose does not read";
    is_unasked: Type::Bool,
        "the databases that it opens publish no port and ask nobody for it: `POSTGRES_HOST_AUTH_METHOD=trust`";
    kept_by: Type::Str,
        "the database that keeps the account with its password in a volume: `postgres`, `mysql` or `mariadb`; \
         absent when none does";
    is_committed: Type::Bool, "git does not ignore its file";
    url_part: Type::Str,
        "the first part of a database's URL that no database of the stack answers to: `host`, `port`, `user`, \
         `password` or `name`; `host` as well for the host that the settings hand to the database; absent when \
         there is none, and for other values";
    url_found: Type::Str, "that part as the URL has it";
    url_expected: Type::Str, "what the database has";
    unmatched_hosts: Type::List(&Type::Str),
        "where ALLOWED_HOSTS is read from it, the entries that match no `Host` header";
    fills: Type::Str,
        "the setting that is read from it and cannot use what it gets: an address of files without a slash at its end, \
         an origin without a scheme or with a path; absent otherwise";
    without_slash: Type::List(&Type::Str), "of that setting: addresses of files that do not end with a slash";
    without_scheme: Type::List(&Type::Str), "of that setting: origins without `https://` or `http://`";
    with_path: Type::List(&Type::Str), "of that setting: origins with a path, or a slash at the end";
    number_call: Type::Str,
        "the call by which the settings certainly make a number of it, where the value is none: \
         `int(os.environ[...])`; marks it; absent otherwise";
    server: Type::Str,
        "`redis` or `rabbitmq`, where the value is the address of one that none of the stack answers to; absent \
         otherwise";
    server_part: Type::Str, "what of that address is wrong: `host`, `port`, `user` or `virtual host`";
    server_found: Type::Str, "that part as the address has it";
    server_expected: Type::Str, "what the server has";
    published_port: Type::Str,
        "the port that the service beside it, which `NAME_HOST` names, only publishes on the host, where the variable \
         is `NAME_PORT`; absent otherwise";
    inner_port: Type::Str, "the port of its container that this one leads to";
    apart_from: Type::Str,
        "the database, cache or broker whose address the value is and that the service certainly cannot reach: they \
         are in no network together; marks the host; absent otherwise";
    asks_tls: Type::Str,
        "what its address of a database asks, which speaks no TLS as the image makes it: `sslmode=require`; absent \
         otherwise";
    plain_database: Type::Str, "the service of that database";
    outside_network: Type::Str,
        "that is because the service is in another network than those of compose: `host` or `bridge`; absent otherwise";
    service: Type::Link("service"), "the service";
}

view! { ServiceEnv { service: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &ServiceFact {
        &self.p.services[self.service]
    }

    fn var(&self) -> &EnvVar {
        &self.fact().deployed(self.p).env.vars[self.i]
    }

    fn find_name(&self) -> &str {
        self.var().name.as_str()
    }

    fn known(&self) -> Option<&Traced> {
        self.var().value.as_ref().filter(|_| !self.var().may_vary)
    }

    fn number_call(&self) -> Cell {
        let found = numbers::of_service(self.p, self.service, self.i);
        found.map_or(Cell::ABSENT, |(call, span)| Cell::str(&call).at(span))
    }

    /// What the first setting that is read from it, the one of hosts aside, cannot use; for hosts what that one cannot.
    fn misfit(&self, kind: Misfit) -> Cell {
        let all = self.fact().misfits.iter();
        let own = all.filter(|it| it.variable == self.i);
        let is_like = |it: &&MisfitFact| (it.kind == Misfit::Host) == (kind == Misfit::Host);
        let setting = own.clone().find(is_like).map(|it| it.setting);
        let found = own.filter(|it| Some(it.setting) == setting && it.kind == kind);
        let texts = found.flat_map(|it| &it.texts);
        Cell::list(texts.map(|text| Cell::str(text)).collect())
    }

    fn unmatched_hosts(&self) -> Cell {
        self.misfit(Misfit::Host)
    }

    fn fills(&self) -> Cell {
        let mut all = self.fact().misfits.iter();
        let found = all.find(|it| it.variable == self.i && it.kind != Misfit::Host);
        found.map_or(Cell::ABSENT, |it| Cell::str(it.setting))
    }

    fn without_slash(&self) -> Cell {
        self.misfit(Misfit::Slash)
    }

    fn without_scheme(&self) -> Cell {
        self.misfit(Misfit::Scheme)
    }

    fn with_path(&self) -> Cell {
        self.misfit(Misfit::Path)
    }

    fn value(&self) -> Cell {
        at(
            known_str(self.known().map(Traced::as_str)),
            Some(self.value_span()),
        )
    }

    fn value_span(&self) -> Span {
        match (&self.var().scalar, &self.var().value) {
            (Some(scalar), _) => scalar.span,
            (None, Some(value)) => value.span(),
            (None, None) => self.var().name.span(),
        }
    }

    fn find_is_from_another_file(&self) -> bool {
        let file = self.var().name.span().file;
        file != self.fact().deployed(self.p).place().file && self.find_is_in_compose()
    }

    /// A file of variables gives it to somebody else's image too, which need not read it.
    fn may_be_for_others(&self) -> bool {
        let fact = self.fact();
        let is_built = |service: &Service| service.build.is_some();
        !self.find_is_in_compose()
            && fact.image.is_none()
            && !fact.compose(self.p).is_some_and(is_built)
    }

    fn raw(&self) -> Cell {
        self.var().scalar.as_ref().map_or(Cell::ABSENT, |scalar| {
            Cell::str(scalar.as_str()).at(scalar.span)
        })
    }

    /// The file is one to copy and fill in, by its name.
    fn is_in_sample(&self) -> bool {
        let file = self.var().name.span().file;
        let files = self.fact().compose(self.p);
        let mut files = files.iter().flat_map(|service| &service.env_files);
        files.any(|env_file| {
            let first = env_file.pairs.iter().flat_map(|all| all.iter()).next();
            first.is_some_and(|pair| pair.key.span().file == file)
                && env_file.resolved.as_deref().is_some_and(|path| {
                    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
                    FileWords::Sample.is_within(&name)
                })
        })
    }

    /// An item `- NAME="value"` of a list: the quotes are a part of the value.
    fn find_has_quotes(&self) -> bool {
        let Some(scalar) = self
            .var()
            .scalar
            .as_ref()
            .filter(|_| self.find_is_in_compose())
        else {
            return false;
        };
        let value = scalar.as_str();
        let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let is_quoted = ['"', '\'']
            .iter()
            .any(|quote| inner(*quote).is_some_and(|inner| !inner.contains(*quote)));
        let span = self.var().name.span();
        let text = self.p.texts.iter().find(|(file, _)| *file == span.file);
        // Who quotes the whole item means the quotes inside.
        let is_plain = text.is_some_and(|(_, source)| {
            let before = source.text.get(..span.start as usize).unwrap_or_default();
            before.ends_with(['-', ' ', ',', '['])
        });
        is_quoted && is_plain && scalar.style == Style::Part
    }

    /// It stands in the compose file, not in an env file.
    fn find_is_in_compose(&self) -> bool {
        let file = self.var().name.span().file;
        self.p
            .around
            .deployed
            .compose
            .files
            .iter()
            .any(|other| other.file == file)
    }

    /// Django's DEBUG has its value from this line.
    fn find_gives_debug(&self) -> bool {
        let own = self.var().name.span();
        let mut given = self.p.around.environment().iter();
        let is_given = given.any(|(_, span, value)| *span == own && value.is_some());
        let image = self.fact().image;
        let mut settings = self.p.settings.iter();
        is_given
            && settings.any(|fact| match verdicts::flag(&fact.settings, "DEBUG") {
                Answer::Known(known) => {
                    let name = known.env.map(|given| given.name);
                    Some(fact.image) == image && name.as_deref() == Some(self.find_name())
                }
                _ => false,
            })
    }

    /// How the line is written.
    fn find_form(&self) -> &'static str {
        if !self.find_is_in_compose() {
            return "file";
        }
        let file = self.var().name.span().file;
        let text = self.p.texts.iter().find(|(other, _)| *other == file);
        let end = self.var().name.span().end as usize;
        let rest = text.and_then(|(_, source)| source.text.get(end..));
        if rest.is_some_and(|rest| rest.starts_with('=')) {
            "list"
        } else {
            "mapping"
        }
    }

    /// The variables of the stack that hold the password that this one holds, itself among them.
    fn holders(&self) -> &[Holder] {
        let group = self.fact().deployed(self.p).group;
        passwords::holders(self.p, group, self.var())
    }

    /// The others of them, with their places.
    fn others(&self) -> Cell {
        let mut cells: Vec<Cell> = Vec::new();
        let own = self.var().name.span();
        for holder in self.holders() {
            let span = holder.var.name.span();
            let is_new = cells.iter().all(|cell| cell.span != Some(span));
            if span != own && is_new {
                cells.push(traced(&holder.var.name));
            }
        }
        Cell::list(cells)
    }

    /// Another variable of the service names a secret that is mounted for this one: `DB_PASSWORD_FILE` beside
    /// `DB_PASSWORD`.
    fn has_secret_file(&self) -> bool {
        let own = self.find_name();
        let mut vars = self.fact().deployed(self.p).env.vars.iter();
        vars.any(|var| {
            let rest = var.name.as_str().strip_prefix(own);
            let path = var.value.as_ref().map_or("", Traced::as_str);
            rest.is_some_and(|rest| rest.starts_with('_')) && path.starts_with("/run/secrets/")
        })
    }

    fn secret(&self) -> Cell {
        let Some(value) = self.known() else {
            // What a variable stands for is not written here.
            let scalar = self.var().scalar.as_ref();
            let written = scalar.map(|scalar| skeleton(scalar).as_str().replace(UNKNOWN, ""));
            let has_default = scalar.is_some_and(|scalar| scalar.as_str().contains(['-', '+']));
            return match written {
                Some(rest) if has_default || !rest.is_empty() => Cell::UNKNOWN,
                _ => Cell::ABSENT,
            };
        };
        let span = self.var().name.span();
        let text = self.p.texts.iter().find(|(file, _)| *file == span.file);
        let text = text.map_or("", |(_, source)| source.text.as_str());
        let at = (span.start as usize).min(text.len());
        let verdict = secret::judge_in(self.find_name(), Some(value.as_str()), text, at, true);
        let cell = match verdict {
            Verdict::Harmless => return Cell::ABSENT,
            _ if self.is_in_sample() || self.has_secret_file() => Cell::str("stand-in"),
            Verdict::Secret(_) => Cell::str("secret"),
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy => Cell::str("stand-in"),
        };
        cell.at(self.value_span())
    }

    fn mismatch(&self) -> Option<Mismatch> {
        let fact = self.fact();
        let (stack, own) = (fact.stack(self.p)?, fact.compose(self.p)?);
        if !stack.is_complete || self.may_be_for_others() {
            return None;
        }
        if let Some(value) = self.known()
            && stack.is_whole
            && let Some(found) = addresses::own_host(self.p, fact, self.find_name(), value)
        {
            return Some(found);
        }
        if let Some(value) = self.known()
            && let Some(found) = addresses::wrong_account(self.p, fact, self.find_name(), value)
        {
            return Some(found);
        }
        let url = Url::parse(&self.known().cloned().or_else(|| self.partly())?)?;
        let is_alone = databases::is_alone(self.p, fact);
        let found = databases::mismatch(&url, stack, own, is_alone)?;
        // A host that is not here may be in a file that is used together with this one.
        (found.part != "host" || stack.is_whole).then_some(found)
    }

    /// An address as written: variables in it leave the rest as it is.
    fn partly(&self) -> Option<Traced> {
        let scalar = self.var().scalar.as_ref();
        let scalar = scalar.filter(|_| self.find_is_in_compose())?;
        scalar.as_str().contains("://").then(|| skeleton(scalar))
    }

    fn find_apart(&self) -> Option<Apart> {
        let fact = self.fact();
        let is_complete = fact.stack(self.p)?.is_complete;
        let is_template = groups::extended(self.p).contains(fact.deployed(self.p).name.as_str());
        let is_told = is_complete && !is_template && !self.may_be_for_others();
        let value = self.known().filter(|_| is_told)?;
        addresses::apart(fact, self.p, self.find_name(), value)
    }

    /// What is wrong with the address of a cache or a broker.
    fn wrong_address(&self) -> Option<(&'static str, Mismatch)> {
        let fact = self.fact();
        let (stack, own) = (fact.stack(self.p)?, fact.compose(self.p)?);
        if !stack.is_complete || self.may_be_for_others() {
            return None;
        }
        let is_alone = databases::is_alone(self.p, fact);
        let found = self.known().and_then(|value| {
            let found = addresses::mismatch(value, stack, own, is_alone)?;
            (found.1.part != "host" || stack.is_whole).then_some(found)
        });
        let store = || {
            let value = self.known().filter(|_| stack.is_whole)?;
            addresses::own_store(self.p, fact, self.find_name(), value)
        };
        found.or_else(store).or_else(|| {
            let value = self.known().cloned().or_else(|| self.partly())?;
            addresses::wrong_login(&value, stack).filter(|_| stack.is_whole)
        })
    }

    fn place(&self) -> Option<Span> {
        let name = self.var().name.span();
        let value = self.value_span();
        Some(if name.file == value.file {
            name.cover(value)
        } else {
            name
        })
    }

    fn label(&self) -> String {
        self.find_name().to_owned()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        traced(&self.var().name)
    }

    fn is_yaml_boolean(&self) -> Cell {
        Cell::bool(
            self.find_is_in_compose()
                && self
                    .var()
                    .scalar
                    .as_ref()
                    .is_some_and(|scalar| scalar.is_boolean_1_1()),
        )
    }

    fn has_quotes(&self) -> Cell {
        Cell::bool(self.find_has_quotes())
    }

    fn is_in_compose(&self) -> Cell {
        Cell::bool(self.find_is_in_compose())
    }

    fn form(&self) -> Cell {
        Cell::str(self.find_form())
    }

    /// Whether the settings of what the service runs name it.
    fn in_settings(&self) -> Cell {
        let image = self.fact().image;
        let own = self.p.settings.iter().filter(|it| Some(it.image) == image);
        in_settings(own, self.find_name())
    }

    fn gives_debug(&self) -> Cell {
        Cell::bool(self.find_gives_debug())
    }

    fn first_alike(&self) -> Cell {
        self.holders()
            .first()
            .map_or(Cell::ABSENT, |holder| traced(&holder.var.name))
    }

    fn is_from_another_file(&self) -> Cell {
        Cell::bool(self.find_is_from_another_file())
    }

    fn is_internal(&self) -> Cell {
        Cell::bool(passwords::is_internal(self.p, self.holders()))
    }

    fn env_is_directory(&self) -> Cell {
        let file = self.fact().deployed(self.p).place().file;
        let mut files = self.p.around.deployed.compose.files.iter();
        let path = files.find(|it| it.file == file).map(|it| it.path.as_str());
        let directory = path
            .and_then(|path| path.rsplit_once('/'))
            .map_or("", |it| it.0);
        let own = join(directory, ".env");
        let is_there = matches!(self.p.around.root.entry(&own), Entry::Directory);
        let services = self.p.services.iter().filter_map(|it| it.compose(self.p));
        let files = services.flat_map(|it| &it.env_files);
        let mut paths = files.filter_map(|it| it.resolved.as_deref());
        Cell::bool(is_there || paths.any(|path| path != own && is_in(path, &own)))
    }

    fn is_unasked(&self) -> Cell {
        Cell::bool(passwords::is_unasked(self.p, self.holders()))
    }

    fn kept_by(&self) -> Cell {
        passwords::kept_by(self.p, self.holders()).map_or(Cell::ABSENT, |engine| {
            Cell::str(databases::engine_name(engine))
        })
    }

    fn is_committed(&self) -> Cell {
        Cell::bool(!self.p.uncommitted.contains(&self.var().name.span().file))
    }

    fn url_part(&self) -> Cell {
        self.mismatch().map_or(Cell::ABSENT, |found| {
            Cell::str(found.part).at(found.found.span())
        })
    }

    fn url_found(&self) -> Cell {
        self.mismatch()
            .map_or(Cell::ABSENT, |found| traced(&found.found))
    }

    fn url_expected(&self) -> Cell {
        self.mismatch()
            .map_or(Cell::ABSENT, |found| traced(&found.expected))
    }

    fn server(&self) -> Cell {
        self.wrong_address()
            .map_or(Cell::ABSENT, |(server, _)| Cell::str(server))
    }

    fn server_part(&self) -> Cell {
        self.wrong_address()
            .map_or(Cell::ABSENT, |(_, found)| Cell::str(found.part))
    }

    fn server_found(&self) -> Cell {
        self.wrong_address()
            .map_or(Cell::ABSENT, |(_, found)| traced(&found.found))
    }

    fn server_expected(&self) -> Cell {
        self.wrong_address()
            .map_or(Cell::ABSENT, |(_, found)| traced(&found.expected))
    }

    fn find_published(&self) -> Option<Mismatch> {
        let fact = self.fact();
        let is_complete = fact.stack(self.p)?.is_complete;
        let value = self.known().filter(|_| is_complete)?;
        addresses::published(self.p, fact, self.find_name(), value)
    }

    fn published_port(&self) -> Cell {
        self.find_published()
            .map_or(Cell::ABSENT, |it| traced(&it.found))
    }

    fn inner_port(&self) -> Cell {
        self.find_published()
            .map_or(Cell::ABSENT, |it| traced(&it.expected))
    }

    fn apart_from(&self) -> Cell {
        self.find_apart().map_or(Cell::ABSENT, |found| {
            Cell::str(found.service.as_str()).at(found.host.span())
        })
    }

    fn asks_tls(&self) -> Cell {
        let found = plain_databases::of_variable(self.p, self.fact(), self.i);
        found.map_or(Cell::ABSENT, |(asked, _)| traced(&asked))
    }

    fn plain_database(&self) -> Cell {
        let found = plain_databases::of_variable(self.p, self.fact(), self.i);
        found.map_or(Cell::ABSENT, |(_, name)| traced(&name))
    }

    fn outside_network(&self) -> Cell {
        str_or_absent(self.find_apart().and_then(|found| found.outside))
    }

    fn service(&self) -> Cell {
        Id::Service(self.service).cell(self.p)
    }
}
