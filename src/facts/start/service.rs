//! The database that a service of compose runs.

use crate::compose::Service;
use crate::dockerfile::image::ImageRef;
use crate::knowledge::Series;
use crate::knowledge::databases::{self, Engine};
use crate::span::Traced;

/// The image of a service, taken apart; `None` when it builds its own or the name is not known.
pub(crate) fn image(service: &Service) -> Option<ImageRef> {
    if service.build.is_some() {
        return None;
    }
    Some(ImageRef::parse(service.image.as_ref()?.value.as_ref()?))
}

/// The database that a service runs.
pub(crate) fn engine(service: &Service) -> Option<Engine> {
    databases::engine(&image(service)?.repository)
}

/// The database that the image is based on which a service builds, its release series, and where that is named.
pub(crate) fn built_on(service: &Service) -> Option<(Engine, Series, &Traced)> {
    let base = service.build.as_ref()?.base.as_ref()?;
    let image = ImageRef::parse(base);
    let engine = databases::engine(&image.repository)?;
    let series = databases::series_of_tag(engine, image.tag.as_ref()?.as_str())?;
    Some((engine, series, base))
}

/// Its release series; `None` when the tag does not say.
pub(crate) fn series(service: &Service) -> Option<Series> {
    let image = image(service)?;
    databases::series_of_tag(engine(service)?, image.tag.as_ref()?.as_str())
}
