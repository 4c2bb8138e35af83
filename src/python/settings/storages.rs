//! What is known of the classes that store static files.

use super::Settings;

/// Whether a storage class puts a hash of the content into file names; `None` for classes that are
/// not known.
#[must_use]
pub(crate) fn is_hashed(class: &str) -> Option<bool> {
    const HASHED: &[&str] = &[
        "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
        "django.contrib.staticfiles.storage.CachedStaticFilesStorage",
        "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "whitenoise.django.GzipManifestStaticFilesStorage",
        "storages.backends.s3.S3ManifestStaticStorage",
        "storages.backends.s3boto3.S3ManifestStaticStorage",
        "pipeline.storage.PipelineManifestStorage",
        "pipeline.storage.PipelineCachedStorage",
        "django_manifeststaticfiles_enhanced.storage.EnhancedManifestStaticFilesStorage",
    ];
    const PLAIN: &[&str] = &[
        "django.contrib.staticfiles.storage.StaticFilesStorage",
        "django.core.files.storage.FileSystemStorage",
        "whitenoise.storage.CompressedStaticFilesStorage",
        "storages.backends.s3.S3StaticStorage",
        "storages.backends.s3.S3Storage",
        "storages.backends.s3boto3.S3StaticStorage",
        "storages.backends.s3boto3.S3Boto3Storage",
        "pipeline.storage.PipelineStorage",
    ];
    if HASHED.contains(&class) {
        Some(true)
    } else {
        PLAIN.contains(&class).then_some(false)
    }
}

/// Whether a storage class keeps files in a directory of the container; `None` for classes that are not known.
#[must_use]
pub(crate) fn is_local(class: &str) -> Option<bool> {
    let local = ["django.contrib.staticfiles.", "whitenoise.", "pipeline."];
    if local.iter().any(|prefix| class.starts_with(prefix)) {
        return Some(true);
    }
    class.starts_with("storages.backends.").then_some(false)
}

/// A storage class looks each name up in a manifest beside the files, and fails for a name that is not there.
#[must_use]
pub(crate) fn asks_manifest(settings: &Settings, class: &str) -> bool {
    let is_lenient = settings.get("WHITENOISE_MANIFEST_STRICT").is_some();
    is_local(class) == Some(true) && class.contains("Manifest") && !is_lenient
}
