//! Programs of npm, and the packages that bring them.

use super::by_name::find_by_name;

/// A program whose package has another name.
#[derive(Debug)]
struct FrontendTool {
    program: &'static str,
    packages: &'static [&'static str],
}

static TOOLS: &[FrontendTool] = include!(concat!(env!("OUT_DIR"), "/frontend-tools.rs"));

/// Where a program puts what it builds.
#[derive(Debug)]
pub(crate) struct FrontendOutput {
    program: &'static str,
    /// When nothing says so, below the directory with its `package.json`.
    pub(crate) directory: &'static str,
    /// Words of its configuration and command line that may say so.
    pub(crate) told_by: &'static [&'static str],
}

static OUTPUTS: &[FrontendOutput] = include!(concat!(env!("OUT_DIR"), "/frontend-outputs.rs"));

/// Where a program puts what it builds.
pub(crate) fn output(program: &str) -> Option<&'static FrontendOutput> {
    find_by_name!(OUTPUTS, program)(program)
}

/// The packages that bring a program, by its own name where the table has no other.
pub(crate) fn packages(program: &str) -> impl Iterator<Item = &str> {
    let row = find_by_name!(TOOLS, program)(program);
    let own = row.is_none().then_some(program);
    own.into_iter()
        .chain(row.into_iter().flat_map(|row| row.packages.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_called_like_their_programs_or_otherwise() {
        assert!(TOOLS.is_sorted_by_key(|row| row.program));
        assert!(OUTPUTS.is_sorted_by_key(|row| row.program));
        assert_eq!(output("vite").map(|row| row.directory), Some("dist"));
        assert_eq!(packages("vite").collect::<Vec<_>>(), ["vite"]);
        assert_eq!(packages("tsc").collect::<Vec<_>>(), ["typescript"]);
    }
}
