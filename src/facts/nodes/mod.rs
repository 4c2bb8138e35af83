//! The facts as rules see them: one file a kind, with its table and what answers each field.
//!
//! Kinds know [`node`], which says how to get from one fact to another, and not each other; this file knows them all.

mod account;
mod application;
mod arg;
mod asked_address;
mod base;
mod bind;
mod cells;
mod collectstatic;
mod command;
mod compose_file;
mod copy;
mod database;
mod dependency;
mod emptied_variable;
mod env;
mod ignore_pattern;
mod image;
mod import;
mod install;
mod instruction;
mod layer;
mod local_file;
mod lost_variable;
mod mount;
mod named_file;
mod nginx;
mod nginx_files;
mod nginx_pass;
pub(crate) mod node;
mod owner;
mod package;
mod port;
mod process;
mod pull;
mod reference;
mod requirement;
mod requirement_file;
mod script;
mod server;
mod service;
mod service_env;
mod service_port;
mod service_volume;
mod setting;
mod settings;
mod shared;
mod slot;
mod source;
mod stage;
mod start;
mod storage;
mod supervisor_program;
mod unwanted;
mod user;
mod uwsgi_option;
mod write;

use crate::facts::table::{self, Cell, Kind, Schema, Selected, Table, Visit};
use crate::span::Span;

pub(crate) use node::Facts;
use node::{Id, Node, Row};

/// The kinds that rules can select: a file each, and a line here; and the options of uWSGI once more, those that hold.
macro_rules! kinds {
    ($($module:ident),* $(,)?) => {
        static KINDS: &[Kind] = &[$($module::KIND,)* uwsgi_option::IN_FORCE];
        static VISITS: &[fn(&Facts, &mut dyn FnMut(Selected))] =
            &[$($module::visit,)* uwsgi_option::visit_in_force];
        static KIND_TABLES: &[&Table] = &[$(&$module::TABLE),*];
    };
}

kinds![
    instruction,
    stage,
    base,
    env,
    arg,
    layer,
    command,
    package,
    copy,
    source,
    unwanted,
    local_file,
    ignore_pattern,
    install,
    requirement_file,
    requirement,
    lost_variable,
    settings,
    setting,
    application,
    import,
    collectstatic,
    named_file,
    port,
    user,
    reference,
    pull,
    image,
    server,
    script,
    start,
    uwsgi_option,
    compose_file,
    service,
    service_env,
    service_port,
    service_volume,
    asked_address,
    nginx_pass,
    nginx_files,
    emptied_variable,
    nginx,
    supervisor_program,
    write,
];

/// Tables of facts that are reached from others only.
static PARTS: &[&Table] = &[
    &account::TABLE,
    &bind::TABLE,
    &database::TABLE,
    &dependency::TABLE,
    &mount::TABLE,
    &process::TABLE,
    &slot::TABLE,
];

/// What rules may ask.
pub(crate) static SCHEMA: Schema = Schema {
    kinds: KINDS,
    tables: &[KIND_TABLES, PARTS],
    printed: &[
        ("stage", Some("stages")),
        ("image", Some("images")),
        ("instruction", None),
        ("layer", None),
        ("command", None),
        ("base", None),
        ("server", None),
        ("uwsgi_setting", None),
    ],
};

impl Node {
    fn row(&self) -> &'static Row {
        match self.id {
            Id::Instruction { .. } => &instruction::ROW,
            Id::Stage(_) => &stage::ROW,
            Id::Base(_) => &base::ROW,
            Id::Env(_) => &env::ROW,
            Id::Arg { .. } => &arg::ROW,
            Id::Layer(_) => &layer::ROW,
            Id::Command(_) => &command::ROW,
            Id::Package(_) => &package::ROW,
            Id::Copy(_) => &copy::ROW,
            Id::Source(_) => &source::ROW,
            Id::Unwanted(_) => &unwanted::ROW,
            Id::LocalFile(_) => &local_file::ROW,
            Id::EmptiedVariable(_) => &emptied_variable::ROW,
            Id::NamedFile(_) => &named_file::ROW,
            Id::Pull(_) => &pull::ROW,
            Id::IgnorePattern(_) => &ignore_pattern::ROW,
            Id::Install(_) => &install::ROW,
            Id::RequirementFile { .. } => &requirement_file::ROW,
            Id::Requirement { .. } => &requirement::ROW,
            Id::LostVariable(_) => &lost_variable::ROW,
            Id::Settings(_) => &settings::ROW,
            Id::Setting { .. } => &setting::ROW,
            Id::Application(_) => &application::ROW,
            Id::Import(_) => &import::ROW,
            Id::Collectstatic(_) => &collectstatic::ROW,
            Id::Port { .. } => &port::ROW,
            Id::User { .. } => &user::ROW,
            Id::Reference(_) => &reference::ROW,
            Id::Image(_) => &image::ROW,
            Id::Server { .. } => &server::ROW,
            Id::Script { .. } => &script::ROW,
            Id::Start { .. } => &start::ROW,
            Id::UwsgiOption(_) => &uwsgi_option::ROW,
            Id::ComposeFile(_) => &compose_file::ROW,
            Id::Service(_) => &service::ROW,
            Id::ServiceEnv { .. } => &service_env::ROW,
            Id::ServicePort { .. } => &service_port::ROW,
            Id::ServiceVolume { .. } => &service_volume::ROW,
            Id::AskedAddress { .. } => &asked_address::ROW,
            Id::NginxPass { .. } => &nginx_pass::ROW,
            Id::NginxFiles { .. } => &nginx_files::ROW,
            Id::Nginx(_) => &nginx::ROW,
            Id::SupervisorProgram { .. } => &supervisor_program::ROW,
            Id::Write(_) => &write::ROW,
            Id::Process { .. } => &process::ROW,
            Id::Mount { .. } => &mount::ROW,
            Id::Account(_) => &account::ROW,
            Id::Bind { .. } => &bind::ROW,
            Id::Dependency { .. } => &dependency::ROW,
            Id::Database { .. } => &database::ROW,
            Id::Slot { .. } => &slot::ROW,
        }
    }
}

impl table::Node for Node {
    fn table(&self) -> &'static Table {
        self.row().table
    }

    fn field(&self, index: usize) -> Cell {
        (self.row().field)(self, index)
    }

    fn span(&self) -> Option<Span> {
        (self.row().span)(self)
    }

    fn text(&self) -> String {
        (self.row().text)(self)
    }
}

impl Visit for Facts {
    fn visit(&self, kind: &Kind, each: &mut dyn FnMut(Selected)) {
        let mut known = KINDS.iter().zip(VISITS);
        if let Some((_, visit)) = known.find(|(known, _)| std::ptr::eq(*known, kind)) {
            visit(self, each);
        }
    }
}
