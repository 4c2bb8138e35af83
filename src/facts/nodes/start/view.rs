//! What a command that starts does with its words, its shell and its signals.

use super::{View, label_of};
use crate::facts::build::at;
use crate::facts::deploy::{backgrounded, migrated, switched as users};
use crate::facts::model::{CeleryLack, NoCelery, PythonProcess, ServerFact, StartFact};
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::owner::Owner;
use crate::facts::python::closure;
use crate::facts::start::image::server_of;
use crate::facts::start::{
    called, commands, dash, elsewhere, foreground, handed, kept_open, scheduled, signals, user,
    written,
};
use crate::facts::table::Cell;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::signal_keepers;
use crate::knowledge::words::{OptionWords, VariableWords};
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{Arg, Command, Runs};
use crate::shell::program;
use crate::span::Traced;

/// A known argument.
fn argument(arg: &Arg) -> Cell {
    Cell::str(arg.as_str().unwrap_or_default()).at(arg.span)
}

/// Another command, as people name it.
fn command_cell(start: &StartFact) -> Cell {
    Cell::str(&label_of(&start.command)).at(start.command.span)
}

impl View<'_> {
    /// What of it files may send to the background.
    fn may_return(&self, command: &Command) -> bool {
        if server_of(command).is_none() {
            return false;
        }
        let is_it = |server: &ServerFact| server.command.span == command.span;
        let served = match self.owner {
            Owner::Image(i) => {
                let image = &self.p.images[i];
                let own = image.server.as_ref().filter(|server| is_it(server));
                let beside = || image.beside.iter().find(|one| is_it(&one.server));
                match own {
                    Some(_) => image.served.as_deref(),
                    None => beside().and_then(|one| one.served.as_deref()),
                }
            }
            Owner::Service(i) => {
                let service = &self.p.services[i];
                let server = service.run.as_ref().and_then(|run| run.server.as_ref());
                let own = server.is_some_and(is_it);
                service.served.as_deref().filter(|_| own)
            }
        };
        served.is_none_or(|served| {
            !served.background.is_absent() || served.is_open && served.uwsgi.is_some()
        })
    }

    /// What ENTRYPOINT, or `entrypoint` of a service, names.
    fn entrypoint(&self) -> Vec<Traced> {
        let given = match self.owner {
            Owner::Image(_) => None,
            Owner::Service(i) => self.p.services[i].deployed(self.p).entrypoint.as_ref(),
        };
        if let Some(line) = given {
            return line.words().unwrap_or_default();
        }
        let image = self.owner.image_index(self.p).map(|i| &self.p.images[i]);
        let own = image.and_then(|image| self.p.stages[image.entrypoint?].entrypoint.as_ref());
        own.filter(|own| own.is_json)
            .map_or_else(Vec::new, |own| own.words.clone())
    }

    fn words(&self) -> &[Traced] {
        match self.owner {
            Owner::Image(i) => &self.p.images[i].words,
            Owner::Service(i) => self.p.services[i]
                .run
                .as_ref()
                .map_or(&[], |run| &run.words),
        }
    }

    pub(super) fn lacks_static_root(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let own = self.p.settings.iter().filter(|it| Some(it.image) == image);
        let mut own = own.map(|it| verdicts::static_root(&it.settings)).peekable();
        let is_asked = self.command().management_name() == Some("collectstatic");
        let lacks =
            is_asked && own.peek().is_some() && own.all(|root| matches!(root, Answer::Unassigned));
        Cell::bool(lacks)
    }

    pub(super) fn is_set_apart(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        Cell::bool(image.is_some_and(|image| migrated::is_set_apart(self.p, image)))
    }

    pub(super) fn never_equal(&self) -> Cell {
        if matches!(self.owner, Owner::Service(_)) {
            return Cell::ABSENT;
        }
        let found = handed::never_equal(self.owner.starts(self.p), self.i);
        found.map_or(Cell::ABSENT, argument)
    }

    pub(super) fn unread(&self) -> Cell {
        let words = handed::unread(self.words(), self.owner.starts(self.p), self.i);
        Cell::list(words.iter().map(traced).collect())
    }

    pub(super) fn swallowed(&self) -> Cell {
        let found = handed::swallowed(&self.entrypoint(), self.fact());
        found.map_or(Cell::ABSENT, argument)
    }

    pub(super) fn later_line(&self) -> Cell {
        let line = match self.owner {
            Owner::Image(_) => None,
            Owner::Service(i) => self.p.services[i].deployed(self.p).command.as_ref(),
        };
        let found = line.zip(self.owner.image_index(self.p));
        let found =
            found.and_then(|(line, image)| handed::later_line(self.p, image, line, self.fact()));
        found.map_or(Cell::ABSENT, argument)
    }

    /// The earlier command at a position, where no branch ends between.
    fn earlier(&self, at: Option<usize>) -> Option<&StartFact> {
        let found = self.owner.starts(self.p).get(at?)?;
        let (own, other) = (found.command.span, self.command().span);
        let image = self.owner.image_index(self.p)?;
        let is_here =
            own.file != other.file || foreground::is_same_branch(self.p, image, own, other);
        is_here.then_some(found)
    }

    pub(super) fn behind_exec(&self) -> Cell {
        let found = self.earlier(self.fact().behind_exec);
        found.map_or(Cell::ABSENT, command_cell)
    }

    pub(super) fn behind_foreground(&self) -> Cell {
        let found = self.earlier(self.fact().behind_foreground);
        let found = found.filter(|start| !self.may_return(&start.command));
        found.map_or(Cell::ABSENT, command_cell)
    }

    pub(super) fn stays(&self) -> Cell {
        Cell::bool(foreground::stays(self.command()))
    }

    pub(super) fn is_closing(&self) -> Cell {
        let name = self.command().name.as_deref();
        Cell::bool(name.is_none_or(|name| {
            name.is_empty() || programs::is(name, Role::Closes) || programs::is(name, Role::Quiet)
        }))
    }

    pub(super) fn refused_switch(&self) -> Cell {
        let (service, command) = (self.owner.service_index(), self.command());
        let Some(image) = self.owner.image_index(self.p) else {
            return Cell::UNKNOWN;
        };
        let found = user::refused_switch(self.p, image, service, command);
        found.map_or(Cell::ABSENT, |name| Cell::str(name).at(command.span))
    }

    pub(super) fn refused_cron(&self) -> Cell {
        let (service, command) = (self.owner.service_index(), self.command());
        let Some(image) = self.owner.image_index(self.p) else {
            return Cell::UNKNOWN;
        };
        let found = scheduled::refused_cron(self.p, image, service, command);
        found.map_or(Cell::ABSENT, |user| Cell::str(&user).at(command.name_span))
    }

    pub(super) fn unknown_signal(&self) -> Cell {
        let found = self
            .stage()
            .zip(self.find_script())
            .and_then(|(stage, script)| {
                dash::unknown_signal(self.p, stage, script, self.command())
            });
        found.map_or(Cell::ABSENT, argument)
    }

    pub(super) fn refused_option(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let found = image.and_then(|image| {
            dash::refused_at_start(self.p, image, self.find_script(), self.fact())
        });
        found.map_or(Cell::ABSENT, traced)
    }

    pub(super) fn kept_command(&self) -> Cell {
        let starts = self.owner.starts(self.p);
        let image = self.owner.image_index(self.p);
        let found = image.and_then(|image| {
            let kept = signals::kept(self.p, image, starts, self.i)?;
            let text = written::at(self.p, image, kept.span)?;
            Some(Cell::str(&written::in_one_line(text)).at(kept.span))
        });
        found.unwrap_or(Cell::ABSENT)
    }

    pub(super) fn init(&self) -> Cell {
        let Owner::Service(i) = self.owner else {
            return Cell::ABSENT;
        };
        let found = signals::init(self.p, &self.p.services[i], self.words());
        found.map_or(Cell::ABSENT, Cell::str)
    }

    pub(super) fn is_looped(&self) -> Cell {
        Cell::bool(self.command().loop_depth > 0)
    }

    pub(super) fn is_followed(&self) -> Cell {
        let own = self.fact();
        let later = self.owner.starts(self.p).get(self.i + 1..);
        let mut later = later.unwrap_or_default().iter();
        let follows = |start: &StartFact| {
            let command = &start.command;
            let name = command.name.as_deref().unwrap_or_default();
            start.script == own.script
                && command.pipeline.0 == 0
                && command.loop_depth == 0
                && !command.is_substitution
                && !programs::is(name, Role::Closes)
        };
        Cell::bool(later.any(follows))
    }

    pub(super) fn waits_for(&self) -> Cell {
        let own = self.fact();
        if own.command.name.as_deref() != Some("wait") || own.command.function.is_some() {
            return Cell::list(Vec::new());
        }
        let of_script = || {
            let starts = self.owner.starts(self.p).iter();
            starts.filter(|start| start.script == own.script)
        };
        let serves = |start: &&StartFact| {
            start.command.is_background
                && start.command.runs == Runs::Always
                && foreground::stays(&start.command)
        };
        if kept_open::may_trap(of_script()) {
            return Cell::list(Vec::new());
        }
        Cell::list(of_script().filter(serves).map(command_cell).collect())
    }

    /// Everything that starts is read, and the shell is process 1 itself.
    fn is_plain_process(&self) -> bool {
        match self.owner {
            Owner::Image(i) => {
                self.p.images[i].process_is_known && foreground::init(self.p, i).is_none()
            }
            Owner::Service(i) => {
                let service = &self.p.services[i];
                let run = service.run.as_ref();
                run.is_some_and(|run| run.is_known)
                    && signals::init(self.p, service, self.words()).is_none()
            }
        }
    }

    pub(super) fn keeps_open_for(&self) -> Cell {
        let found = kept_open::left_alone(self.owner.starts(self.p), self.i);
        let found = found.into_iter().filter(|_| self.is_plain_process());
        Cell::list(found.map(command_cell).collect())
    }

    /// The program of Python that is process 1 and that SIGTERM does not end.
    fn python_process(&self) -> Option<&PythonProcess> {
        let (own, command) = (self.fact(), self.command());
        let mut all = self.p.python_processes.iter();
        let found = all.find(|it| it.command == command.span)?;
        let image = self.owner.image_index(self.p)?;
        let of_image = signals::stop_signal(self.p, &self.p.images[image]);
        let service = self.owner.service_index().map(|i| &self.p.services[i]);
        let of_service = service.and_then(|fact| fact.compose(self.p)?.stop_signal.as_ref());
        let is_first = !foreground::is_child(own)
            && !command.is_background
            && command.runs == Runs::Always
            && command.wrappers.iter().all(|wrapper| wrapper == "exec");
        let is_ended = of_image.is_some() || of_service.is_some();
        (is_first && !is_ended && self.is_plain_process()).then_some(found)
    }

    fn celery_lack(&self) -> Option<&CeleryLack> {
        let own = self.command().span;
        self.p.celery_lacks.iter().find(|it| it.command == own)
    }

    pub(super) fn lacks_celery(&self) -> Cell {
        self.celery_lack()
            .map_or(Cell::ABSENT, |it| traced(&it.module))
    }

    pub(super) fn lacks_celery_instead(&self) -> Cell {
        match self.celery_lack().map(|it| &it.lack) {
            Some(NoCelery::Module(Some(instead))) => Cell::str(instead),
            _ => Cell::ABSENT,
        }
    }

    pub(super) fn lacks_celery_module(&self) -> Cell {
        let lack = self.celery_lack().map(|it| &it.lack);
        Cell::bool(matches!(lack, Some(NoCelery::Module(_))))
    }

    pub(super) fn lacks_celery_elsewhere(&self) -> Cell {
        let found = self.celery_lack().and_then(|it| it.elsewhere.as_deref());
        found.map_or(Cell::ABSENT, Cell::str)
    }

    pub(super) fn lacks_celery_package(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let is_celery = self.command().name.as_deref() == Some("celery");
        let lacks = |image: usize| {
            let is_own = commands::is_own(self.p, self.p.images[image].stage, "celery");
            !is_own && closure::lacks(self.p, image, &["celery"]) == Some(true)
        };
        Cell::bool(is_celery && image.is_some_and(lacks))
    }

    pub(super) fn python_child(&self) -> Cell {
        let found = self.python_process().and_then(|it| it.child.as_ref());
        found.map_or(Cell::ABSENT, |(name, span)| Cell::str(name).at(*span))
    }

    pub(super) fn python_loop(&self) -> Cell {
        match self.python_process().and_then(|it| it.endless) {
            Some(span) => Cell::bool(true).at(span),
            None => Cell::bool(false),
        }
    }

    pub(super) fn loops_without_trap(&self) -> Cell {
        let starts = self.owner.starts(self.p);
        let image = self.owner.image_index(self.p);
        Cell::bool(image.is_some_and(|image| {
            kept_open::loops_for_good(self.p, image, starts, self.i) && self.is_plain_process()
        }))
    }

    fn find_keeper(&self) -> Option<&'static signal_keepers::Keeper> {
        let image = self.owner.image_index(self.p)?;
        signals::keeper(self.p, image, self.fact())
    }

    pub(super) fn keeper(&self) -> Cell {
        let span = self.command().name_span;
        self.find_keeper()
            .map_or(Cell::ABSENT, |it| Cell::str(it.name).at(span))
    }

    pub(super) fn keeper_kills(&self) -> Cell {
        Cell::bool(self.find_keeper().is_some_and(|it| it.kills))
    }

    pub(super) fn signalled_by(&self) -> Cell {
        let name = VariableWords::InitSignals;
        let is_set = |stage: usize| {
            name.iter()
                .any(|name| at::env(self.p, stage, name).is_some())
        };
        let given = self.p.around.service_variables();
        let is_told =
            name.iter().any(|name| given.contains(name)) || self.stage().is_none_or(is_set);
        if is_told || !signals::has_pool(self.command()) {
            return Cell::ABSENT;
        }
        let found = signals::signals_all(self.words());
        found.map_or(Cell::ABSENT, |word| {
            Cell::str(program(word.as_str())).at(self.command().name_span)
        })
    }

    fn find_unfinished(&self) -> Vec<signals::Unfinished> {
        let service = self.owner.service_index();
        match self.owner.image_index(self.p) {
            Some(image) => signals::unfinished(self.p, image, service, self.fact()),
            None => Vec::new(),
        }
    }

    /// It is the one server among what the image starts, development servers aside, in a branch of a script that
    /// something outside of the project chooses.
    pub(super) fn serves_in_branch(&self) -> Cell {
        let Owner::Image(i) = self.owner else {
            return Cell::bool(false);
        };
        let image = &self.p.images[i];
        let own = self.fact();
        let serves = |start: &&StartFact| {
            server_of(&start.command).is_some_and(|server| !server.is_for_development())
        };
        let mut servers = image.starts.iter().filter(serves);
        let is_it = servers.next().map(|start| start.command.span) == Some(own.command.span);
        // Where a script between them leads to it, that needs an `exec` too.
        let is_own = own.script.is_some() && own.kept.is_none();
        let is_chosen = own.command.runs != Runs::Always && is_own;
        Cell::bool(image.server.is_none() && is_chosen && is_it && servers.next().is_none())
    }

    /// A command before it removes a directory of static files.
    pub(super) fn follows_clearing(&self) -> Cell {
        let clears = |start: &StartFact| {
            let command = &start.command;
            let mut operands = command.operands.iter();
            command.name.as_deref() == Some("rm")
                && operands.any(|it| it.as_str().unwrap_or(&it.prefix).contains("static"))
        };
        let starts = self.owner.starts(self.p);
        Cell::bool(starts[..self.i].iter().any(clears))
    }

    pub(super) fn unfinished(&self) -> Cell {
        let found = self.find_unfinished().into_iter();
        Cell::list(found.map(|it| Cell::str(&it.signal).at(it.span)).collect())
    }

    pub(super) fn finishing_signal(&self) -> Cell {
        let first = self.find_unfinished().into_iter().next();
        first.map_or(Cell::ABSENT, |it| Cell::str(it.finishes))
    }

    pub(super) fn migrates_later(&self) -> Cell {
        let own = self.fact();
        let needs = |name: &str| OptionWords::ManagementNeedsTables.contains(name);
        let makes = |name: &str| OptionWords::ManagementMakesTables.contains(name);
        if !own.command.management_name().is_some_and(needs) {
            return Cell::ABSENT;
        }
        let starts = self.owner.starts(self.p);
        // What is not known may make tables as well.
        let may_make = |start: &StartFact| match start.command.management_name() {
            Some(name) => {
                makes(name) || !OptionWords::ManagementSure.contains(name) && !needs(name)
            }
            None => handed::may_stay(&start.command),
        };
        if starts[..self.i].iter().any(may_make) {
            return Cell::ABSENT;
        }
        let is_it = |start: &&StartFact| {
            let command = &start.command;
            start.script == own.script
                && command.runs == Runs::Always
                && command.management_name().is_some_and(makes)
        };
        let found = starts[self.i + 1..].iter().find(is_it);
        found.map_or(Cell::ABSENT, command_cell)
    }

    fn lacking(&self) -> Option<called::Lacking> {
        let image = self.owner.image_index(self.p)?;
        let stage = self.p.images[image].stage;
        called::lacking(self.p, stage, self.owner.starts(self.p), self.i)
    }

    pub(super) fn lacks_program(&self) -> Cell {
        let found = self.lacking();
        found.map_or(Cell::ABSENT, |it| {
            Cell::str(it.word.as_str()).at(it.word.span())
        })
    }

    pub(super) fn lacks_program_package(&self) -> Cell {
        let found = self.lacking();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.package))
    }

    pub(super) fn only_beside(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let stage = image.map(|image| self.p.images[image].stage);
        let found = stage.and_then(|stage| commands::only_beside(self.p, stage, self.fact()));
        str_or_absent(found.as_deref())
    }

    pub(super) fn refused_users(&self) -> Cell {
        let word = self.command().name_span;
        let mut all = self.p.supervisors.iter();
        let found = all.find(|it| it.word == word && it.is_certain);
        let users = found.map(|it| users::refused_by(self.p, it));
        Cell::list(users.unwrap_or_default().into_iter().map(traced).collect())
    }

    pub(super) fn leaves_foreground(&self) -> Cell {
        let word = self.command().name_span;
        let mut all = self.p.supervisors.iter();
        let found = all.find(|it| it.word == word && it.daemonizes);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.path).at(word))
    }

    pub(super) fn ends_start(&self) -> Cell {
        let Some(image) = self.owner.image_index(self.p) else {
            return Cell::UNKNOWN;
        };
        let is_known = match self.owner {
            Owner::Image(i) => self.p.images[i].process_is_known,
            Owner::Service(i) => self.p.services[i].is_known(self.p),
        };
        let starts = self.owner.starts(self.p);
        let found = backgrounded::at_start(self.p, image, starts, is_known, self.i);
        found.map_or(Cell::ABSENT, |(name, span)| Cell::str(&name).at(span))
    }

    fn find_elsewhere(&self) -> Option<elsewhere::Elsewhere> {
        let image = self.owner.image_index(self.p)?;
        elsewhere::of_start(self.p, image, self.owner.starts(self.p), self.i)
    }

    pub(super) fn elsewhere(&self) -> Cell {
        let found = self.find_elsewhere();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.directory).at(it.span()))
    }

    pub(super) fn elsewhere_path(&self) -> Cell {
        let found = self.find_elsewhere();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.path.as_str()))
    }
}
