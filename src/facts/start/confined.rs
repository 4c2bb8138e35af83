//! What those who start an image do not allow it: to be root, to write.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::{at, users};
use crate::facts::model::{Project, ServiceFact};
use crate::knowledge::words::{DirectoryWords, ValueWords, VariableWords};
use crate::source::is_in;
use crate::span::Span;

/// The setting of gunicorn that says where the files of its workers are.
const WORKER_DIRECTORY: &str = "worker_tmp_dir";

/// The user of an image that is refused: the kubelet looks at what USER says, and starts neither root nor a name.
pub(crate) fn refused_user(p: &Project, fact: &ServiceFact) -> Option<(String, Span)> {
    let place = fact.deployed(p).refuses_root?;
    let user = users::current(&p.stages, p.images[fact.image?].stage)?;
    let name = user.name.split(':').next().unwrap_or_default();
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if users::is_root(&user) {
        return Some(("root".to_owned(), place));
    }
    (!is_number).then(|| (name.to_owned(), place))
}

/// Where it is said that nothing can be written, while gunicorn's workers write: with Python's `tempfile`, in the
/// directory that TMPDIR, TEMP or TMP name, in `/tmp`, `/var/tmp`, `/usr/tmp` or where it is started.
pub(crate) fn lacks_temporary(p: &Project, fact: &ServiceFact) -> Option<Span> {
    let deployed = fact.deployed(p);
    let place = deployed.read_only?;
    let image = &p.images[fact.image?];
    let served = fact.served.as_deref().filter(|_| fact.is_known(p))?;
    if served.product.name != "gunicorn" || !served.setting(WORKER_DIRECTORY).is_absent() {
        return None;
    }
    let is_told =
        |name: &&str| at::sets_env(p, image.stage, name) || deployed.env.get(name).is_some();
    let has_more = fact.compose(p).is_some_and(|service| {
        service.has_key(ValueWords::MountsMore) || service.extends.is_some()
    });
    if deployed.has_unread_env_file
        || has_more
        || VariableWords::Temporary.iter().any(|it| is_told(&it))
    {
        return None;
    }
    let directory = match &deployed.workdir {
        Some(path) => path.as_str()?.to_owned(),
        None => at::workdir(&p.stages, image.stage)?,
    };
    let mut instructions = p.dockerfile.instructions.iter();
    let is_over = |target: &str| {
        let target = target.trim_end_matches('/');
        let mut places = DirectoryWords::Temporary.iter();
        is_in(&directory, target) || places.any(|place| is_in(place, target))
    };
    let mut mounts = deployed.mounts.iter();
    let is_writable = instructions.any(|it| it.keyword == Keyword::Volume)
        || mounts.any(|mount| mount.target.as_ref().is_none_or(|it| is_over(it.as_str())));
    (!is_writable).then_some(place)
}
