//! Image references: registry, repository, tag and digest, with the place of each.
//!
//! Reads text in which variables are expanded already. Knows which names mean the same image of
//! Docker Hub; not what an image contains.

use crate::span::{Span, Traced};

/// `registry/repository:tag@digest`, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// `None` when none is written: Docker Hub.
    pub registry: Option<String>,
    /// The path without registry, tag and digest.
    pub repository: String,
    /// Without the colon. Empty when nothing follows it.
    pub tag: Option<Traced>,
    /// Without the `@`: `sha256:...`.
    pub digest: Option<Traced>,
    /// Registry and repository.
    pub name_span: Span,
    /// The whole reference.
    pub span: Span,
}

/// Names of Docker Hub itself.
const DOCKER_HUB: [&str; 4] = [
    ImageRef::HUB,
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
];

/// Namespaces that hold the official images built for one architecture.
const ARCHITECTURES: [&str; 11] = [
    "amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64",
    "s390x", "winamd64",
];

/// What stands before a name of Docker Hub in a path of GitLab's proxy.
const GITLAB_PROXY: &str = "dependency_proxy/containers/";

impl ImageRef {
    /// What Docker Hub is called in full names.
    pub(crate) const HUB: &str = "docker.io";

    /// Reads a reference. Never fails: what is no valid reference is split all the same.
    #[must_use]
    pub fn parse(reference: &Traced) -> Self {
        let text = reference.as_str();
        let parsed = dockerfile_parser::ImageRef::parse(text);
        let base = parsed.registry.as_ref().map_or(0, |name| name.len() + 1);
        let mut repository = parsed.image;
        let mut tag = parsed.tag;
        let digest_start = base + repository.len() + 1;
        // With a digest the crate leaves the tag in the image.
        if parsed.hash.is_some()
            && let Some(colon) = tag_colon(&repository)
        {
            tag = Some(repository[colon + 1..].to_owned());
            repository.truncate(colon);
        }
        let name_end = base + repository.len();
        let part = |start: usize, length: usize| reference.slice(start..start + length);
        Self {
            tag: tag.map(|tag| part(name_end + 1, tag.len())),
            digest: parsed.hash.map(|hash| part(digest_start, hash.len())),
            name_span: reference.span_of(0..name_end),
            span: reference.span(),
            registry: parsed.registry,
            repository,
        }
    }

    /// The empty image every image ends at. It has no tag and no registry.
    #[must_use]
    pub fn is_scratch(&self) -> bool {
        self.registry.is_none()
            && self.repository == "scratch"
            && self.tag.is_none()
            && self.digest.is_none()
    }

    /// The short name of an official image of Docker Hub, however it is written: `python` for
    /// `docker.io/library/python`, `amd64/python`, `public.ecr.aws/docker/library/python` or
    /// `proxy.example/library/python`. `None` for every other image, and where that is not sure.
    #[must_use]
    pub fn official(&self) -> Option<&str> {
        let path = self.repository.as_str();
        if self.is_on_docker_hub() {
            return official_on_hub(path);
        }
        if let Some(at) = path.find(GITLAB_PROXY) {
            return official_on_hub(&path[at + GITLAB_PROXY.len()..]);
        }
        let (before, name) = path.rsplit_once('/')?;
        let is_library = before == "library" || before.ends_with("/library");
        (is_library && !name.is_empty()).then_some(name)
    }

    /// Registry and path in full: `docker.io/library/python` for an official image, however it is
    /// written; `docker.io/owner/app`, `ghcr.io/astral-sh/uv` for others.
    #[must_use]
    pub fn normalized(&self) -> String {
        let path = self.repository.as_str();
        match (self.official(), &self.registry) {
            (Some(name), _) => format!("{}/library/{name}", Self::HUB),
            (None, Some(registry)) if !self.is_on_docker_hub() => format!("{registry}/{path}"),
            (None, _) => format!("{}/{path}", Self::HUB),
        }
    }

    /// Registry and path in full, where it is written: a mirror stays one.
    #[must_use]
    pub fn full_name(&self) -> String {
        let path = self.repository.as_str();
        match &self.registry {
            Some(registry) if !self.is_on_docker_hub() => format!("{registry}/{path}"),
            _ if path.contains('/') => format!("{}/{path}", Self::HUB),
            _ => format!("{}/library/{path}", Self::HUB),
        }
    }

    fn is_on_docker_hub(&self) -> bool {
        self.registry
            .as_deref()
            .is_none_or(|registry| DOCKER_HUB.contains(&registry))
    }
}

fn official_on_hub(path: &str) -> Option<&str> {
    let name = match path.split_once('/') {
        None => path,
        Some((space, name)) if space == "library" || ARCHITECTURES.contains(&space) => name,
        Some(_) => return None,
    };
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// The colon before the tag: one in the last part of the path.
fn tag_colon(path: &str) -> Option<usize> {
    let last = path.rfind('/').map_or(0, |slash| slash + 1);
    path[last..].find(':').map(|colon| last + colon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn read(text: &str) -> ImageRef {
        let length = u32::try_from(text.len()).unwrap();
        ImageRef::parse(&Traced::new(text, Span::new(FileId(0), 0, length)))
    }

    /// Registry, repository, tag and digest; each part slices to itself.
    fn parts(text: &str) -> (Option<String>, String, Option<String>, Option<String>) {
        let image = read(text);
        let show = |part: &Option<Traced>| {
            part.as_ref().map(|part| {
                assert_eq!(part.span().slice(text), part.as_str());
                part.as_str().to_owned()
            })
        };
        let (tag, digest) = (show(&image.tag), show(&image.digest));
        assert!(image.name_span.slice(text).ends_with(&image.repository));
        (image.registry, image.repository, tag, digest)
    }

    fn expected(
        registry: Option<&str>,
        repository: &str,
        tag: Option<&str>,
        digest: Option<&str>,
    ) -> (Option<String>, String, Option<String>, Option<String>) {
        let own = |text: Option<&str>| text.map(str::to_owned);
        (own(registry), repository.to_owned(), own(tag), own(digest))
    }

    #[test]
    fn splits_references() {
        let cases = [
            ("python", expected(None, "python", None, None)),
            (
                "python:3.13-slim",
                expected(None, "python", Some("3.13-slim"), None),
            ),
            ("owner/app:1", expected(None, "owner/app", Some("1"), None)),
            (
                "python@sha256:ab",
                expected(None, "python", None, Some("sha256:ab")),
            ),
            (
                "python:3@sha256:ab",
                expected(None, "python", Some("3"), Some("sha256:ab")),
            ),
            (
                "localhost/a:b",
                expected(Some("localhost"), "a", Some("b"), None),
            ),
            (
                "ex.org:5000/a/b",
                expected(Some("ex.org:5000"), "a/b", None, None),
            ),
            (
                "ex.org:5000/a/b:1@sha256:cd",
                expected(Some("ex.org:5000"), "a/b", Some("1"), Some("sha256:cd")),
            ),
            ("python:", expected(None, "python", Some(""), None)),
            ("", expected(None, "", None, None)),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_point_to_where_each_part_was_written() {
        // `python:` at 5..12, `3.13` from a variable at 40..44
        let mut text = Traced::new("python:", Span::new(FileId(0), 5, 12));
        text.push("3.13", Span::new(FileId(0), 40, 44));
        let image = ImageRef::parse(&text);
        assert_eq!(image.tag.unwrap().span(), Span::new(FileId(0), 40, 44));
        assert_eq!(image.name_span, Span::new(FileId(0), 5, 11));
    }

    #[test]
    fn knows_the_official_image_under_all_its_names() {
        for name in [
            "python",
            "library/python",
            "docker.io/python",
            "docker.io/library/python:3",
            "index.docker.io/library/python",
            "public.ecr.aws/docker/library/python",
            "mirror.gcr.io/library/python",
            "amd64/python",
            "arm64v8/python@sha256:ab",
            "proxy.example/hub/library/python:3.13",
            "gitlab.example/group/dependency_proxy/containers/python:3",
        ] {
            assert_eq!(read(name).official(), Some("python"), "{name}");
            assert_eq!(
                read(name).normalized(),
                "docker.io/library/python",
                "{name}"
            );
        }
    }

    #[test]
    fn other_images_are_not_official() {
        for (name, normalized) in [
            ("bitnami/python", "docker.io/bitnami/python"),
            ("docker.io/owner/python", "docker.io/owner/python"),
            ("cgr.dev/chainguard/python", "cgr.dev/chainguard/python"),
            ("proxy.example/python", "proxy.example/python"),
            (
                "ghcr.io/astral-sh/uv:python3.13-alpine",
                "ghcr.io/astral-sh/uv",
            ),
            ("mylibrary/python", "docker.io/mylibrary/python"),
            ("ex.org/mylibrary/python", "ex.org/mylibrary/python"),
        ] {
            assert_eq!(read(name).official(), None, "{name}");
            assert_eq!(read(name).normalized(), normalized);
        }
        assert!(read("scratch").is_scratch());
        assert!(!read("scratch:1").is_scratch());
    }
}
