//! Every integration test, in one binary.

#![cfg(test)]

mod architecture;
mod cascade;
mod cli;
mod compose;
mod context;
mod discovery;
mod docs;
mod facts_schema;
mod facts_snapshots;
mod fixtures;
mod hook;
mod hostile;
mod hostile_process;
mod imports;
mod knowledge;
mod mutations_process;
mod mutations_project;
mod overlay;
mod pairs;
mod policy;
mod python;
mod report;
#[cfg(test)]
mod robustness;
mod rules;
mod server;
mod servers;
mod shell;
mod support;
mod syntax;
mod tables;
mod user_rules;
