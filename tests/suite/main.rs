//! Every integration test, in one binary.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod cli;
mod compose;
mod context;
#[cfg(test)]
mod docs;
mod fixtures;
mod knowledge;
#[cfg(test)]
mod policy;
mod python;
#[cfg(test)]
mod report;
mod rules;
#[cfg(test)]
mod support;
#[cfg(test)]
mod syntax;
mod user_rules;
