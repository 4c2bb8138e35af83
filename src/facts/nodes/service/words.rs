//! What a service says of the words that it starts with.

use crate::compose::text::Variable;
use crate::compose::{given_inside, shadowed};
use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::deploy::required::{self, Lacking};
use crate::facts::deploy::{labels, powerless};
use crate::facts::files::{bound, origin};
use crate::facts::model::{ModulePresence, ScriptFact};
use crate::facts::nodes::cells::{known_bool, traced};
use crate::facts::nodes::service::view::View;
use crate::facts::start::{handed, signals};
use crate::facts::table::Cell;
use crate::source::absolute;
use crate::span::{Span, Traced};

impl View<'_> {
    pub(super) fn labelled_port(&self) -> Cell {
        let found = self.compose().and_then(labels::port);
        found.map_or(Cell::ABSENT, |it| Cell::int(i64::from(it.port)).at(it.span))
    }

    pub(super) fn labelled_for(&self) -> Cell {
        let found = self.compose().and_then(labels::port);
        found.map_or(Cell::ABSENT, |it| Cell::str(it.program))
    }

    pub(super) fn quoted(&self) -> Cell {
        Cell::list(self.deployed().quoted.iter().map(traced).collect())
    }

    /// The first variable that its sibling is given and it is not.
    fn find_lacking(&self) -> Option<(Lacking<'_>, &Traced)> {
        let mut all = required::lacking(self.p, self.i).into_iter();
        all.find_map(|it| it.given_to.map(|other| (it, other)))
    }

    pub(super) fn lacks_variable(&self) -> Cell {
        let place = self.deployed().place();
        let found = self.find_lacking();
        found.map_or(Cell::ABSENT, |(it, _)| Cell::str(it.name).at(place))
    }

    pub(super) fn lacks_variable_read(&self) -> Cell {
        let found = self.find_lacking();
        found.map_or(Cell::ABSENT, |(it, _)| Cell::str(it.name).at(it.read))
    }

    pub(super) fn lacks_variable_unlike(&self) -> Cell {
        let found = self.find_lacking();
        found.map_or(Cell::ABSENT, |(_, other)| traced(other))
    }

    pub(super) fn shadowed(&self) -> Cell {
        let deployed = self.deployed();
        let lines = [&deployed.command, &deployed.entrypoint];
        let lines = lines.into_iter().flatten().map(|line| (line, false));
        let check = deployed
            .probe
            .as_ref()
            .and_then(|probe| probe.test.as_ref());
        let all: Vec<_> = lines.chain(check.map(|line| (line, true))).collect();
        let mut variables: Vec<&Variable> = all
            .iter()
            .flat_map(|(line, is_shell)| shadowed(line, *is_shell))
            .collect();
        if let Some((service, stack)) = self.compose().zip(self.fact().stack(self.p)) {
            let inside = all.iter().flat_map(|(line, _)| given_inside(line, service));
            let is_open = |name: &String| stack.exemplary.contains(name);
            variables.extend(inside.filter(|variable| !is_open(&variable.name)));
        }
        let cells = variables
            .into_iter()
            .map(|variable| Cell::str(&variable.name).at(variable.span));
        Cell::list(cells.collect())
    }

    pub(super) fn hands_over_nothing(&self) -> Cell {
        let fact = self.fact();
        if self.deployed().entrypoint.is_none() {
            return Cell::ABSENT;
        }
        let Some(image) = fact.image.map(|image| &self.p.images[image]) else {
            return Cell::UNKNOWN;
        };
        let (words, scripts, starts) = match &fact.run {
            Some(run) => (&run.words, &run.scripts, &run.starts),
            None => (&image.words, &image.scripts, &image.starts),
        };
        // A service without it may be there for others to extend.
        let entrypoint = self.deployed().entrypoint.as_ref();
        let found = handed::hands_over_nothing(words, scripts, starts);
        match entrypoint.zip(found).zip(scripts.first()) {
            Some(((line, _), script)) => Cell::str(&script.path).at(line.span),
            None => Cell::ABSENT,
        }
    }

    /// The script that is started instead of its command.
    fn find_ignoring(&self) -> Option<(&ScriptFact, &Traced)> {
        let line = self.deployed().command.as_ref()?;
        let run = self.fact().run.as_ref()?;
        handed::unread_by_script(run.scripts.first()?, &run.words, line)
    }

    pub(super) fn ignored_command(&self) -> Cell {
        let found = self.find_ignoring();
        found.map_or(Cell::ABSENT, |(_, word)| traced(word))
    }

    pub(super) fn ignored_alike(&self) -> Cell {
        let is_alike = |(script, word): (&ScriptFact, &Traced)| {
            let run = self.fact().run.as_ref()?;
            let at = run.words.iter().position(|it| it.span() == word.span())?;
            Some(handed::runs_the_same(script, &run.words[at..]))
        };
        Cell::bool(self.find_ignoring().and_then(is_alike).unwrap_or(false))
    }

    pub(super) fn ignored_by_script(&self) -> Cell {
        let found = self.find_ignoring();
        found.map_or(Cell::ABSENT, |(script, _)| Cell::str(&script.path))
    }

    pub(super) fn unexecutable(&self) -> Cell {
        let found = self.fact().image.and_then(|image| {
            let scripts = match &self.fact().run {
                Some(run) => &run.scripts,
                None => &self.p.images[image].scripts,
            };
            let script = scripts.first()?;
            Some((
                script,
                bound::unexecutable(self.p, self.deployed(), script)?,
            ))
        });
        found.map_or(Cell::ABSENT, |(script, mount)| {
            Cell::str(&script.path).at(mount)
        })
    }

    pub(super) fn powerless_user(&self) -> Cell {
        powerless::nginx_user(self.p, self.i).map_or(Cell::ABSENT, traced)
    }

    pub(super) fn refused_sudo(&self) -> Cell {
        let found = powerless::refused_sudo(self.p, self.i);
        found.map_or(Cell::ABSENT, |(name, span, _)| Cell::str(name).at(span))
    }

    pub(super) fn no_new_privileges(&self) -> Cell {
        let found = powerless::refused_sudo(self.p, self.i);
        found.map_or(Cell::ABSENT, |(_, _, span)| {
            Cell::str("no-new-privileges").at(span)
        })
    }

    pub(super) fn closed_pid(&self) -> Cell {
        powerless::closed_pid(self.p, self.i).map_or(Cell::ABSENT, |path| traced(&path))
    }

    fn find_graceful(&self) -> Option<(f64, Span)> {
        signals::graceful(self.fact().served.as_deref()?)
    }

    pub(super) fn graceful_seconds(&self) -> Cell {
        let found = self.find_graceful();
        found.map_or(Cell::ABSENT, |(seconds, span)| {
            Cell::str(&seconds.to_string()).at(span)
        })
    }

    pub(super) fn outlives_grace(&self) -> Cell {
        let grace = self.compose().and_then(signals::grace);
        let both = self.find_graceful().zip(grace);
        known_bool(both.map(|((graceful, _), grace)| graceful > grace))
    }

    pub(super) fn grace_period(&self) -> Cell {
        self.text_of(|service| service.stop_grace_period.as_ref())
    }

    /// What the server of the image loads lies where the image starts it, and not where the service does.
    fn find_lacks_application(&self) -> Option<Cell> {
        let fact = self.fact();
        let (image, workdir) = (fact.image?, self.deployed().workdir.as_ref()?);
        let directory = workdir.as_str().filter(|path| path.starts_with('/'))?;
        let application = self.p.applications.iter().find(|it| it.image == image)?;
        let is_own = !application.is_path
            && matches!(application.presence, ModulePresence::There(_))
            && fact.run.is_none();
        let stage = self.p.images[image].stage;
        let is_elsewhere = at::workdir(&self.p.stages, stage).is_some_and(|own| own != directory);
        let served = fact.served.as_deref()?;
        let has_path = at::sets_env(self.p, stage, "PYTHONPATH")
            || self.deployed().env.get("PYTHONPATH").is_some()
            || !self.deployed().env.is_closed
            || !served.chdir.is_absent()
            || served.uwsgi.is_some()
            || served
                .settings
                .iter()
                .any(|(name, _)| name.contains("path"));
        // The project itself may be installed.
        let chain = &self.p.images[image].chain;
        let mut installs = self
            .p
            .installs
            .iter()
            .filter(|it| chain.contains(&it.stage));
        let installs_itself = installs.any(|install| {
            let command = &self.p.commands[install.command].command;
            command
                .args
                .iter()
                .any(|arg| arg.as_str().is_none_or(|text| text.starts_with(['.', '/'])))
                && install.targets.is_empty()
        });
        let first = application.target.as_str().split('.').next()?;
        let is_missing = |name: &str| {
            let path = absolute(directory, name);
            matches!(origin::at_end(self.p, stage, &path).origin, Origin::Missing)
        };
        let lacks = is_missing(first) && is_missing(&format!("{first}.py"));
        let is_it = is_own && is_elsewhere && !has_path && !installs_itself && lacks;
        is_it.then(|| Cell::str(application.target.as_str()).at(workdir.span()))
    }

    pub(super) fn lacks_application(&self) -> Cell {
        self.find_lacks_application().unwrap_or(Cell::ABSENT)
    }
}
