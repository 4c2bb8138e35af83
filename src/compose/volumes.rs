//! `volumes` of a service: the short form `[SOURCE:]TARGET[:MODE]` and the long one.

use super::model::{Mount, MountKind};
use super::read::{MAX_ITEMS, Reader};
use super::text::Text;
use super::yaml::Node;
use crate::span::Traced;

pub(crate) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<Mount> {
    let items = node.map_or(&[][..], Node::items).iter().take(MAX_ITEMS);
    items
        .filter_map(|item| {
            if item.is_mapping() {
                return Some(long(reader, item));
            }
            let text = reader.text("volumes", item)?;
            Some(short(reader, &text))
        })
        .collect()
}

fn long(reader: &mut Reader<'_>, node: &Node) -> Mount {
    let mut value = |key: &str| {
        let node = node.get(key)?;
        reader.text(key, node)
    };
    let kind = value("type").and_then(|text| text.value);
    let source = value("source");
    let target = value("target").and_then(|text| text.value);
    let read_only = value("read_only");
    // A part of a volume is none that others name.
    let is_part = node
        .get("volume")
        .and_then(|it| it.get("subpath"))
        .is_some();
    let kind = match kind.as_ref().map(Traced::as_str) {
        Some("volume") if is_part => MountKind::Unknown,
        Some("bind") => MountKind::Bind,
        Some("tmpfs") => MountKind::Tmpfs,
        Some("volume") if source.is_none() => MountKind::Anonymous,
        Some("volume") => MountKind::Named,
        _ => MountKind::Unknown,
    };
    let source = source.and_then(|text| text.value);
    Mount {
        span: node.span,
        source_path: source
            .as_ref()
            .filter(|_| kind == MountKind::Bind)
            .and_then(|source| reader.path(source.as_str(), source.span())),
        kind,
        source,
        target: target.filter(|target| target.as_str().starts_with('/')),
        is_read_only: read_only.is_some_and(|text| text.as_str() == Some("true")),
    }
}

fn short(reader: &Reader<'_>, text: &Text) -> Mount {
    let mut mount = Mount {
        span: text.span(),
        kind: MountKind::Unknown,
        source: None,
        source_path: None,
        target: None,
        is_read_only: false,
    };
    let Some(value) = &text.value else {
        return of_project(reader, &mount, text).unwrap_or_else(|| unknown_source(mount, text));
    };
    let raw = value.as_str();
    let mut ends = raw.match_indices(':').map(|(at, _)| at);
    let Some(first) = ends.next() else {
        mount.kind = MountKind::Anonymous;
        mount.target = Some(value.clone()).filter(|_| raw.starts_with('/'));
        return mount;
    };
    let second = ends.next().unwrap_or(raw.len());
    let source = value.slice(0..first);
    let target = value.slice(first + 1..second);
    mount.is_read_only = mode_is_read_only(raw.get(second + 1..).unwrap_or_default());
    let is_path = source.as_str().starts_with(['.', '/', '~']);
    mount.kind = if is_path {
        MountKind::Bind
    } else {
        MountKind::Named
    };
    if is_path {
        mount.source_path = reader.path(source.as_str(), text.span());
    }
    mount.source = Some(source);
    mount.target = Some(target).filter(|target| target.as_str().starts_with('/'));
    mount
}

/// `${PWD}/app:/srv`: the directory that compose is called in is that of the project.
fn of_project(reader: &Reader<'_>, mount: &Mount, text: &Text) -> Option<Mount> {
    let raw = text.scalar.as_str();
    let rest = raw
        .strip_prefix("${PWD}")
        .or_else(|| raw.strip_prefix("$PWD"))?;
    let (inner, after) = rest.split_once(':')?;
    let (target, mode) = after.split_once(':').unwrap_or((after, ""));
    if !inner.is_empty() && !inner.starts_with('/')
        || after.contains('$')
        || !target.starts_with('/')
    {
        return None;
    }
    let (end, start) = (
        raw.len() - rest.len() + inner.len(),
        raw.len() - after.len(),
    );
    let mut mount = mount.clone();
    mount.kind = MountKind::Bind;
    mount.source_path = reader.path(&format!(".{inner}"), text.span());
    mount.source = Some(text.scalar.text.slice(0..end));
    mount.target = Some(text.scalar.text.slice(start..start + target.len()));
    mount.is_read_only = mode_is_read_only(mode);
    Some(mount)
}

/// `${DATA:-./data}:/data`: the target may be known although the source is not.
fn unknown_source(mut mount: Mount, text: &Text) -> Mount {
    let raw = text.scalar.as_str();
    if let Some(brace) = raw.rfind('}')
        && let Some(rest) = raw[brace + 1..].strip_prefix(':')
        && !rest.contains('$')
    {
        let start = brace + 2;
        let (target, mode) = rest.split_once(':').unwrap_or((rest, ""));
        mount.is_read_only = mode_is_read_only(mode);
        if target.starts_with('/') {
            mount.target = Some(text.scalar.text.slice(start..start + target.len()));
        }
    }
    mount
}

fn mode_is_read_only(mode: &str) -> bool {
    mode.split(',').any(|option| option == "ro")
}
