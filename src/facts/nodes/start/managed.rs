//! The `manage.py` that a start command runs.

use super::View;
use crate::facts::files::origin;
use crate::facts::model::{SourceFact, SourcePresence};
use crate::facts::nodes::owner::Owner;
use crate::facts::nodes::shared::presence;
use crate::facts::table::Cell;
use crate::knowledge::intent_words::Intent;

impl View<'_> {
    pub(super) fn manage(&self) -> Cell {
        let command = self.command();
        let is_script = |path: &&str| path.ends_with("manage.py");
        let own = command.program.as_deref();
        let own = own.filter(|path| is_script(path) && path.contains('/'));
        let given = command.args.first();
        let given =
            given.and_then(|script| Some((script.as_str().filter(is_script)?, script.span)));
        let script = own.map(|path| (path, command.name_span)).or(given);
        let Some((path, span)) = script.filter(|_| command.management.is_some()) else {
            return Cell::ABSENT;
        };
        let Some(stage) = self.stage() else {
            return Cell::UNKNOWN;
        };
        // The build ends at a COPY, and what its image would hold is for a person to say.
        let is_missing = |fact: &SourceFact| {
            matches!(fact.presence, SourcePresence::Missing)
                && crate::facts::build::at::is_part(
                    &self.p.stages,
                    self.p.copies[fact.copy].stage,
                    stage,
                )
        };
        if self.p.sources.iter().any(is_missing) {
            return Cell::UNKNOWN.at(span);
        }
        // Whoever starts an image without code mounts it.
        if let Owner::Image(image) = self.owner
            && origin::brings_lists_only(self.p, image)
        {
            return Cell::UNKNOWN.at(span);
        }
        // Whoever develops mounts the code over what there is of it.
        if self.p.stages[stage].intent != Intent::Production
            && !origin::may_have(self.p, stage, "manage.py")
        {
            return Cell::UNKNOWN.at(span);
        }
        // Whoever starts the image begins in another directory.
        let mut services = self.p.services.iter().filter(|it| it.builds_this);
        let is_moved = matches!(self.owner, Owner::Image(_))
            && services.any(|it| it.deployed(self.p).workdir.is_some());
        let cell = match (path.starts_with('/'), &self.fact().directory) {
            (true, _) => presence(self.p, stage, path),
            _ if is_moved => Cell::UNKNOWN,
            (false, Some(directory)) => {
                let path = crate::source::absolute(directory, path);
                presence(self.p, stage, &path)
            }
            (false, None) => Cell::UNKNOWN,
        };
        cell.at(span)
    }

    pub(super) fn manage_is_copied(&self) -> Cell {
        let stage = self.stage();
        stage.map_or(Cell::UNKNOWN, |stage| {
            Cell::bool(origin::may_have(self.p, stage, "manage.py"))
        })
    }
}
