//! Evaluation: statements, expressions and calls of the project, one `impl` over several files.

mod argv;
mod assign;
mod attempts;
mod branches;
mod calls;
mod classes;
mod collections;
mod conditions;
mod expressions;
mod functions;
mod host;
mod imports;
mod modules;
mod operators;
mod statements;
