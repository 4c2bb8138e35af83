//! Template packs of django-crispy-forms: which distribution and application bring each.

/// A value of CRISPY_TEMPLATE_PACK.
#[derive(Debug)]
pub(crate) struct FormTemplatePack {
    pub(crate) pack: &'static str,
    pub(crate) distribution: &'static str,
    pub(crate) application: &'static str,
    /// The first release of django-crispy-forms that does not contain it any more; `None` where none ever did.
    pub(crate) own_until: Option<&'static str>,
}

static PACKS: &[FormTemplatePack] = include!(concat!(env!("OUT_DIR"), "/form-template-packs.rs"));

/// What is known of a pack.
pub(crate) fn of(pack: &str) -> Option<&'static FormTemplatePack> {
    PACKS.iter().find(|row| row.pack == pack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::application_files;

    #[test]
    fn the_files_of_each_application_are_known() {
        for row in PACKS {
            let files = application_files::of(row.application);
            assert!(
                files.is_some_and(|files| files.templates.contains(&row.pack)),
                "{row:?}"
            );
        }
        assert!(of("uni_form").is_none());
    }
}
