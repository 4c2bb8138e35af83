//! The application that celery is told to load, where it certainly is not there.

use crate::context::Origin;
use crate::facts::django::settings::path_to_settings;
use crate::facts::model::{self, CeleryLack, DjangoPhase, NoCelery, ServiceFact, StartFact};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::python::celery;
use crate::shell::ast::Command;
use crate::source::{Sources, absolute};
use crate::span::Traced;

/// Modules that are looked through for an application.
const MAX_MODULES: usize = 400;

/// All of them, by the commands that name them.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<CeleryLack> {
    let mut out: Vec<CeleryLack> = Vec::new();
    for (image, start) in model::started(&p.images, services) {
        if is_moved(p, services, image, start) {
            continue;
        }
        let Some(module) = named(&start.command) else {
            continue;
        };
        if let Some(lack) = lacking(p, image, start, &module, sources) {
            let elsewhere = match lack {
                NoCelery::Module(Some(_)) => None,
                _ => made_elsewhere(p, image, start, sources),
            };
            out.push(CeleryLack {
                command: start.command.span,
                module,
                lack,
                elsewhere,
            });
        }
    }
    out
}

/// Services start it in another directory than the image's, or bring files that are not those of the image.
fn is_moved(p: &DjangoPhase, services: &[ServiceFact], image: usize, start: &StartFact) -> bool {
    let brings = |key: &str| matches!(key, "configs" | "volumes_from");
    let mut own = services.iter().filter(|it| it.image == Some(image));
    let is_of_image = p.images[image]
        .starts
        .iter()
        .any(|it| it.command.span == start.command.span);
    own.any(|fact| {
        let starts_image = is_of_image && fact.run.is_none();
        let is_elsewhere = starts_image && fact.deployed(p).workdir.is_some();
        let compose = fact.compose(p);
        is_elsewhere || compose.is_some_and(|it| it.keys.iter().any(|key| brings(key.as_str())))
    })
}

/// The value of `-A` without an attribute.
fn named(command: &Command) -> Option<Traced> {
    if command.name.as_deref() != Some("celery") || !command.is_complete {
        return None;
    }
    let value = command.flag("--app")?.value.as_ref()?.text.clone()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let is_module = !value.is_empty() && value.as_str().chars().all(is_plain);
    (is_module && command.flag("--workdir").is_none()).then_some(value)
}

/// Why celery does not find an application in the module, where it does not.
fn lacking(
    p: &DjangoPhase,
    image: usize,
    start: &StartFact,
    module: &Traced,
    sources: &Sources,
) -> Option<NoCelery> {
    let directory = start.directory.as_deref()?;
    let mut path = path_to_settings(p, image, sources)?;
    path.add(directory);
    match path.find(module.as_str()) {
        // Whatever a module binds may be an application.
        Place::File {
            file,
            is_package: true,
            ..
        } => {
            let text = &sources.get(file).text;
            let mut lines = text.lines().map(str::trim);
            let is_empty = lines.all(|line| line.is_empty() || line.starts_with('#'));
            let below = format!("{}.celery", module.as_str());
            let is_lost = is_empty && matches!(path.find(&below), Place::Missing);
            is_lost.then_some(NoCelery::Application)
        }
        Place::Missing => Some(NoCelery::Module(None)),
        Place::Unknown if !module.as_str().contains('.') => {
            let is_nowhere = path.roots.iter().all(|root| {
                let base = absolute(root, module.as_str());
                let names = [base.clone(), format!("{base}.py")];
                names
                    .iter()
                    .all(|it| matches!(path.origin(it), Origin::Missing))
            });
            let instead = beside(&path, directory).filter(|_| is_nowhere)?;
            Some(NoCelery::Module(Some(instead)))
        }
        _ => None,
    }
}

/// The one module in the packages of the directory that something starts in which makes an application:
/// `app = Celery("shop")`.
fn made_elsewhere(
    p: &DjangoPhase,
    image: usize,
    start: &StartFact,
    sources: &Sources,
) -> Option<String> {
    let directory = start.directory.as_deref()?;
    let path = path_to_settings(p, image, sources)?;
    let packages = path.listing(directory).names.into_iter();
    let packages = packages.filter(|name| !name.contains('.'));
    let modules = packages.flat_map(|package| {
        let names = path.listing(&format!("{directory}/{package}")).names;
        let names = names.into_iter();
        names.filter_map(move |name| {
            let module = name.strip_suffix(".py")?;
            Some(format!("{package}.{module}"))
        })
    });
    let makes = |module: &String| {
        let file = format!("{directory}/{}.py", module.replace('.', "/"));
        let found = path.read(&file);
        found.is_some_and(|(file, source)| {
            let read = || sources.once(file, |source| celery::read(file, &source.text));
            let binds = |tasks: &celery::Tasks| tasks.binds;
            source.text.contains(celery::MAKES) && read().as_ref().as_ref().is_some_and(binds)
        })
    };
    let mut found = modules.take(MAX_MODULES).filter(makes);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The one package of a directory that has a module `celery`.
fn beside(path: &PythonPath<'_>, directory: &str) -> Option<String> {
    let names = path.listing(directory).names.into_iter();
    let mut found = names.filter(|name| {
        let file = format!("{directory}/{name}/celery.py");
        !name.contains('.') && matches!(path.origin(&file), Origin::Context(_))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
