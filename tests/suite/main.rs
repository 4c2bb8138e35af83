//! Every integration test, in one binary.

#![cfg(test)]

mod architecture;
mod cascade;
mod cli;
mod discovery;
mod docs;
mod doors;
mod facts_snapshots;
mod fixtures;
mod floors;
mod growth;
mod hook;
mod hostile;
mod hostile_process;
mod imports;
mod knowledge;
mod language;
mod lsp;
mod lsp_actions;
mod lsp_client;
mod lsp_questions;
mod lsp_random;
mod mutated;
#[path = "../mutation/mod.rs"]
mod mutation;
mod mutations_process;
mod mutations_project;
mod options;
mod organisation;
mod overlay;
mod pairs;
mod picture;
mod policies;
mod policy;
mod report;
mod report_xml;
mod robustness;
mod rules;
mod screen;
mod servers;
#[path = "../shared/mod.rs"]
mod shared;
mod strings;
mod support;
mod tables;
mod uwsgi_shown;
mod words;
