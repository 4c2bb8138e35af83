//! Everything known of one Dockerfile and its project.

use crate::knowledge::django::DjangoSeries;
use crate::knowledge::intent_words::Intent;
use crate::maps::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::OnceLock;

use crate::compose::{Service, Stack};
use crate::deployed::Deployed;
use crate::facts::model::{
    AccountMarks, AptHabit, Builders, CacheHabits, CodeNames, DeployPhase, DjangoPhase, Gains,
    HistoryReaders, Holders, ProgramMarks, ServerFact, ServiceFact, SettingsFact, StartFact,
    StartPhase, Succession, WriteFact,
};
use crate::facts::table::Cell;

/// Everything known of one Dockerfile and its project. Each phase holds the one before it and is made from it alone,
/// so that nothing is looked at before it is there; what rules ask only now and then is found out when it is first
/// asked for.
#[derive(Debug)]
pub struct Project {
    /// The phase before.
    pub before: DeployPhase,
    /// What the Dockerfile is for; see [`crate::facts::intent`].
    pub intent: Intent,
    /// For each stage, see [`crate::facts::deploy::shipped`].
    pub(crate) serves_nobody: Vec<bool>,
    /// See [`crate::facts::deploy::code_names`].
    pub(crate) code_names: CodeNames,
    /// The words of the Dockerfile, see [`crate::facts::build::env_text`].
    pub(crate) mentioned: OnceLock<HashSet<String>>,
    /// What base images can be moved to.
    pub(crate) succession: Succession,
    /// The Dockerfile is for OpenShift.
    pub is_for_openshift: OnceLock<bool>,
    /// See [`crate::facts::deploy::groups::added_to`].
    pub(crate) added_to: OnceLock<HashSet<String>>,
    /// See [`crate::facts::deploy::groups::extended`].
    pub(crate) extended: OnceLock<HashSet<String>>,
    /// Who holds each password, see [`crate::facts::deploy::passwords`].
    pub(crate) passwords: OnceLock<Holders>,
    /// For each stage whether it is part of what is built in the end, see [`crate::facts::nodes::stage`].
    pub(crate) product: OnceLock<Vec<bool>>,
    /// See [`crate::facts::system::accounts`].
    pub(crate) account_marks: OnceLock<AccountMarks>,
    /// See [`crate::facts::start::placed`].
    pub(crate) program_marks: OnceLock<ProgramMarks>,
    /// For each image what uWSGI is told, as rules ask for it.
    pub(crate) uwsgi_told: Vec<OnceLock<Cell>>,
    /// For each image, see [`crate::facts::django::needs::django`].
    pub(crate) installed_django: Vec<OnceLock<Option<&'static DjangoSeries>>>,
    /// See [`crate::facts::deploy::writes`].
    pub(crate) writes: OnceLock<Vec<WriteFact>>,
    /// See [`crate::facts::nodes::unwanted`].
    pub(crate) history_readers: OnceLock<HistoryReaders>,
    /// See [`crate::facts::system::leftovers`].
    pub(crate) builders: OnceLock<Builders>,
    /// See [`crate::facts::python::no_cache`].
    pub(crate) caches: OnceLock<CacheHabits>,
    /// See [`crate::facts::system::recommends`].
    pub(crate) recommends: OnceLock<AptHabit>,
    /// For each stage, see [`crate::facts::python::overlaid`].
    pub(crate) environments: OnceLock<Vec<Vec<(String, usize)>>>,
    /// See [`crate::facts::system::fate`].
    pub(crate) pullers: OnceLock<HashMap<String, Vec<usize>>>,
    /// For each image, whether its services run code that is mounted.
    pub(crate) runs_mounted: OnceLock<Vec<bool>>,
}

impl Project {
    /// What starts in an image, or in the place of its own start, may install one of these packages.
    pub(crate) fn may_gain(&self, image: usize, names: &[&str]) -> bool {
        self.gains(image).any(|gains| {
            let mut named = gains.named.iter();
            gains.others || named.any(|name| names.contains(&name.as_str()))
        })
    }

    /// What starts in an image, or in the place of its own start, may bring programs.
    pub(crate) fn may_gain_programs(&self, image: usize) -> bool {
        self.gains(image).any(|gains| gains.programs)
    }

    fn gains(&self, image: usize) -> impl Iterator<Item = &Gains> {
        let own = self.images.get(image).map(|it| &it.gains);
        own.into_iter()
            .chain(self.runs_of(image).map(|run| &run.gains))
    }

    pub(crate) fn new(deploy: DeployPhase, intent: Intent, serves_nobody: Vec<bool>) -> Self {
        let images = 0..deploy.images.len();
        Self {
            uwsgi_told: images.clone().map(|_| OnceLock::new()).collect(),
            installed_django: images.map(|_| OnceLock::new()).collect(),
            before: deploy,
            intent,
            serves_nobody,
            code_names: CodeNames::default(),
            mentioned: OnceLock::new(),
            succession: Succession::default(),
            is_for_openshift: OnceLock::new(),
            added_to: OnceLock::new(),
            extended: OnceLock::new(),
            passwords: OnceLock::new(),
            product: OnceLock::new(),
            account_marks: OnceLock::new(),
            program_marks: OnceLock::new(),
            writes: OnceLock::new(),
            history_readers: OnceLock::new(),
            builders: OnceLock::new(),
            caches: OnceLock::new(),
            runs_mounted: OnceLock::new(),
            pullers: OnceLock::new(),
            recommends: OnceLock::new(),
            environments: OnceLock::new(),
        }
    }
}

impl Deref for Project {
    type Target = DeployPhase;

    fn deref(&self) -> &DeployPhase {
        &self.before
    }
}

impl ServiceFact {
    /// What its file says.
    pub(crate) fn deployed<'a>(&self, p: &'a StartPhase) -> &'a Deployed {
        &p.around.deployed.all[self.deployed]
    }

    /// The service of compose that it is, for what only compose says.
    pub(crate) fn compose<'a>(&self, p: &'a StartPhase) -> Option<&'a Service> {
        p.around.deployed.service(self.deployed(p))
    }

    /// The stack of that service.
    pub(crate) fn stack<'a>(&self, p: &'a StartPhase) -> Option<&'a Stack> {
        p.around.deployed.stack(self.deployed(p))
    }

    /// What its files are for.
    pub(crate) fn purpose(&self, p: &StartPhase) -> Option<Intent> {
        self.deployed(p).purpose
    }

    /// The server that it starts in an image of this Dockerfile.
    pub(crate) fn server<'a>(&'a self, p: &'a StartPhase) -> Option<&'a ServerFact> {
        match &self.run {
            Some(run) => run.server.as_ref(),
            None => p.images[self.image?].server.as_ref(),
        }
    }

    /// Several servers start, none of which is *the* server, or something else may answer in its place.
    pub(crate) fn has_several(&self, p: &StartPhase) -> bool {
        let beside = match &self.run {
            Some(run) => run.beside.len(),
            None => self.image.map_or(0, |image| p.images[image].beside.len()),
        };
        beside > 0 || self.server(p).is_some_and(|server| server.shares)
    }

    /// The commands that it starts, or that the image does which it runs.
    pub(crate) fn starts<'a>(&'a self, p: &'a StartPhase) -> &'a [StartFact] {
        match (&self.run, self.image) {
            (Some(run), _) => &run.starts,
            (None, Some(image)) => &p.images[image].starts,
            (None, None) => &[],
        }
    }

    /// What that installs.
    pub(crate) fn gains<'a>(&'a self, p: &'a StartPhase) -> Option<&'a Gains> {
        match (&self.run, self.image) {
            (Some(run), _) => Some(&run.gains),
            (None, image) => Some(&p.images[image?].gains),
        }
    }

    /// The settings of its image.
    pub(crate) fn settings<'a>(&self, p: &'a DjangoPhase) -> Option<&'a SettingsFact> {
        let mut all = p.settings.iter();
        all.find(|settings| Some(settings.image) == self.image)
    }

    /// Everything that starts could be read.
    pub(crate) fn is_known(&self, p: &StartPhase) -> bool {
        match &self.run {
            Some(run) => run.is_known,
            None => self
                .image
                .is_some_and(|image| p.images[image].process_is_known),
        }
    }
}
