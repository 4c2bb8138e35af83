//! Scripts handed to other shells: `sh -c "..."`, `su -c`, `eval`.

use std::rc::Rc;

use super::environment::Value;
use super::meant::{Handed, Meant};
use super::parse;
use super::positional::Positional;
use super::simple::Line;
use super::state::{Context, Mode, Walk};

/// Deepest nesting at which a string is parsed: each parse needs stack of its own.
const MAX_DEPTH: u32 = 24;

impl Walk<'_, '_, '_> {
    /// Walks the commands of a script handed over; `false` when they cannot be had, so that the
    /// command that hands it over is listed itself.
    pub(super) fn nested(
        &mut self,
        handed: &Handed,
        meant: &Meant,
        line: &Line,
        context: &Context,
    ) -> bool {
        if context.depth > MAX_DEPTH {
            return false;
        }
        let dialect = handed.shell.as_ref().map_or(self.script.dialect, |shell| {
            let is_sh = meant.name.as_deref() == Some("sh");
            if is_sh && self.script.dialect == super::Dialect::BusyBox {
                super::Dialect::BusyBox
            } else {
                shell.dialect
            }
        });
        let script = parse(&handed.text, dialect);
        if script.file.body.stmts.is_empty() {
            return false;
        }
        let mut inner = context.clone();
        inner.depth += 4;
        let mut wrappers = context.wrappers.to_vec();
        wrappers.extend(meant.wrappers.iter().cloned());
        wrappers.extend(meant.name.clone());
        inner.wrappers = Rc::from(wrappers);
        let mut runners = context.runners.to_vec();
        runners.extend(meant.runners.iter().cloned());
        let named = line.args.get(meant.at).and_then(|arg| arg.text.clone());
        runners.extend(named);
        inner.runners = Rc::from(runners);
        if meant.run_as.is_some() {
            inner.run_as.clone_from(&meant.run_as);
        }
        let Some(shell) = &handed.shell else {
            Walk::new(&script, self.shared).top(&inner);
            return true;
        };
        let stops = context.stops(&self.shared.mode);
        inner.status = stops;
        inner.abort = stops;
        inner.ignores_errexit = false;
        self.apart(|walk| {
            let environment = &mut walk.shared.environment;
            for assignment in line.assignments.iter().chain(&meant.assignments) {
                let value = assignment.value.clone();
                let value = value.map_or(Value::Unknown, |text| Value::Known(Rc::new(text)));
                environment.set(&assignment.name, value);
                environment.export(&assignment.name);
            }
            environment.hide_unexported();
            walk.shared.mode = Mode {
                errexit: shell.errexit,
                pipefail: shell.pipefail,
                cd: walk.shared.mode.cd.clone(),
                args: match &handed.args {
                    Some(args) => Positional::new(Some(args)),
                    None => Positional::unknown(),
                },
                has_own_separators: false,
                is_ended: walk.shared.mode.is_ended,
                is_returned: false,
            };
            Walk::new(&script, walk.shared).top(&inner);
        });
        let is_exec = meant.wrappers.iter().any(|wrapper| wrapper == "exec");
        if is_exec {
            self.ends(context, true);
        }
        true
    }
}
