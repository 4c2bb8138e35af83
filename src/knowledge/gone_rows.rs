//! Tables of modules, and of names in them, that are gone: how a row is found.

/// A row of such a table, which is sorted by module.
pub(super) trait GoneRow {
    fn module(&self) -> &str;

    /// `None` for the module itself.
    fn name(&self) -> Option<&'static str>;
}

/// The module that is gone: itself, or the one that it lies in.
pub(super) fn module<R: GoneRow>(rows: &'static [R], dotted: &str) -> Option<&'static R> {
    let above = dotted.match_indices('.').map(|(at, _)| &dotted[..at]);
    let mut all = std::iter::once(dotted).chain(above);
    all.find_map(|module| of(rows, module).iter().find(|row| row.name().is_none()))
}

/// The name of a module that is gone.
pub(super) fn name<R: GoneRow>(rows: &'static [R], module: &str, name: &str) -> Option<&'static R> {
    of(rows, module).iter().find(|row| row.name() == Some(name))
}

/// A name of a module, or of one below it, is gone.
pub(super) fn may_hold<R: GoneRow>(rows: &'static [R], dotted: &str) -> bool {
    let start = rows.partition_point(|row| row.module() < dotted);
    let below = |row: &R| {
        let rest = row.module().strip_prefix(dotted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let after = rows[start..].iter();
    let mut after = after.take_while(|row| row.module().starts_with(dotted));
    after.any(|row| below(row) && row.name().is_some())
}

fn of<R: GoneRow>(rows: &'static [R], module: &str) -> &'static [R] {
    let start = rows.partition_point(|row| row.module() < module);
    let end = start + rows[start..].partition_point(|row| row.module() == module);
    rows.get(start..end).unwrap_or(&[])
}
