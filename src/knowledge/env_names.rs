//! Environment variables everybody knows, to recognise the ones nobody reads.

use super::{find, letters_of, nearest};

/// A variable with a meaning.
#[derive(Debug)]
pub(crate) struct EnvName {
    pub name: &'static str,
    /// Who reads it: `python`, `pip`, `uv`, `django`, ...
    pub reader: &'static str,
}

static NAMES: &[EnvName] = include!(concat!(env!("OUT_DIR"), "/env-names.rs"));

/// A well-known variable.
#[must_use]
pub(crate) fn get(name: &str) -> Option<&'static EnvName> {
    find(NAMES, name, |row| row.name)
}

/// The well-known variable a name was meant for: one edit away, or two where it is long. Whether
/// something in the project reads the name as it stands is for the caller to find out.
#[must_use]
pub(crate) fn suggest(name: &str) -> Option<&'static EnvName> {
    if name.len() < 8 || get(name).is_some() {
        return None;
    }
    let head = |name: &str| name.find('_').unwrap_or(name.len());
    let (letters, own_head) = (letters_of(name), head(name));
    let close = NAMES.iter().map(|row| row.name).filter(|known| {
        // A version belongs to whatever its name begins with: PHP_VERSION is no PIP_VERSION.
        // Two edits in a short name make another name: DB_HOST and DB_PORT. Two change at most four letters: cheaper to
        // see than the rest.
        let edits = if known.len() >= 16 { 2 } else { 1 };
        if known.len().abs_diff(name.len()) > edits
            || (letters ^ letters_of(known)).count_ones() as usize > 2 * edits
            || known.ends_with("_VERSION")
        {
            return false;
        }
        // A short beginning that differs is another program's: PIP_, UV_.
        let short = head(known).min(own_head);
        if short < 6 && known.get(..=short) != name.get(..=short) {
            return false;
        }
        edits == 2 || strsim::osa_distance(known, name) <= 1
    });
    nearest(name, close).and_then(get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_understood() {
        for (wrong, meant) in [
            ("PYTHONUNBUFFRED", Some("PYTHONUNBUFFERED")),
            ("PYTHONUNBUFERED", Some("PYTHONUNBUFFERED")),
            ("PYTHON_UNBUFFERED", Some("PYTHONUNBUFFERED")),
            ("PYTHONDONTWRITEBYTECODES", Some("PYTHONDONTWRITEBYTECODE")),
            ("PYTHONDONOTWRITEBYTECODE", Some("PYTHONDONTWRITEBYTECODE")),
            ("DJANGO_SETTING_MODULE", Some("DJANGO_SETTINGS_MODULE")),
            ("DEBIAN_FRONTENT", Some("DEBIAN_FRONTEND")),
            ("PIP_NO_CACHEDIR", Some("PIP_NO_CACHE_DIR")),
            ("DATABSE_URL", Some("DATABASE_URL")),
            ("PYTHONUNBUFFERED", None),
            ("SECRETKEY", Some("SECRET_KEY")),
            ("POSTGRES_PORT", None),
            ("PHP_VERSION", None),
            ("PIP_VENV_PYTHON", None),
            ("PIPENV_PYTHONS", Some("PIPENV_PYTHON")),
            ("PIP_VERSION", None),
            ("MY_SETTING", None),
            ("UV_FROZE", Some("UV_FROZEN")),
        ] {
            let found = suggest(wrong).map(|row| row.name);
            assert_eq!(found, meant, "{wrong}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_no_name_hides_another() {
        assert!(NAMES.is_sorted_by(|a, b| a.name < b.name));
        for row in NAMES {
            assert!(suggest(row.name).is_none(), "{}", row.name);
        }
    }
}
