//! As which user a cluster runs the images of the project: what manifests of Kubernetes and charts of Helm say, read as
//! text, line by line, since most of them are templates; and whether the cluster is one of OpenShift, which gives each
//! container a user of its own.

use crate::facts::build::users;
use crate::facts::ci::{self, values};
use crate::facts::intent::words;
use crate::facts::model::DjangoPhase;
use crate::knowledge::words::FileWords;
use crate::source::Sources;

/// Whether a manifest or a chart of the project starts images of its own as another user than root, and none starts
/// one as root. Looked for only where an image is started as root.
pub(crate) fn is_unprivileged(p: &DjangoPhase, sources: &Sources) -> bool {
    let root = &p.around.root;
    let mut images = p.images.iter();
    let is_root = images.any(|image| {
        let user = users::current(&p.stages, image.stage);
        user.is_some_and(|user| users::is_root(&user))
    });
    if !is_root || p.around.dockerfile.is_none() {
        return false;
    }
    let manifests = p.around.deployed.manifests.paths.iter();
    let mut says = manifests.filter_map(|path| {
        let file = root.read(sources, path).ok()?;
        user_of(&sources.get(file).text)
    });
    let mut any = false;
    let all = says.all(|is_other| {
        any = true;
        is_other
    });
    all && (any || ci::deploys_to_openshift(root, sources))
}

/// Whether a manifest starts an image of the project as another user than root; `None` when it says no user, or starts
/// images of others only.
fn user_of(text: &str) -> Option<bool> {
    if !text.contains("runAs") {
        return None;
    }
    let of = |wanted: &'static str| values(text, move |key| key == wanted);
    let is_number = |value: &&str| value.parse::<u64>().is_ok();
    let mut users = of("runasuser").filter(is_number).peekable();
    let mut flags = of("runasnonroot").peekable();
    if users.peek().is_none() && flags.peek().is_none() {
        return None;
    }
    let is_own = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        let mut words = words(name.split([':', '@']).next().unwrap_or(name));
        !words.any(|word| FileWords::ClusterBeside.contains(&word))
    };
    let mut images = of("image").chain(of("repository"));
    let mut lines = text.lines().map(|line| line.trim_start_matches(['-', ' ']));
    let is_template = |line: &str| line.starts_with("image:") && line.contains(['{', '$']);
    if !images.any(is_own) && !lines.any(is_template) {
        return None;
    }
    let mut numbers = users.map(|user| user != "0");
    let mut words = flags.map(|flag| flag == "true");
    Some(numbers.all(|is_other| is_other) && words.all(|is_other| is_other))
}

#[cfg(test)]
mod tests {
    use super::user_of;

    #[test]
    fn users_of_manifests() {
        let cases = [
            ("image: ghcr.io/shop/web\nrunAsNonRoot: true\n", Some(true)),
            (
                "image:\n  repository: shop/web\nrunAsUser: 1000\n",
                Some(true),
            ),
            (
                "- image: shop/web\n  securityContext: {runAsUser: 0}\n",
                Some(false),
            ),
            ("image: shop/web\nrunAsNonRoot: false\n", Some(false)),
            ("image: shop/web\n# runAsNonRoot: true\n", None),
            ("image: bitnami/postgresql:16\nrunAsUser: 1001\n", None),
            ("runAsUser: 1001\n", None),
        ];
        for (text, expected) in cases {
            assert_eq!(user_of(text), expected, "{text}");
        }
    }
}
