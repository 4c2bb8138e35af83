//! Environment markers, asked about the Linux images that containers are.

use std::str::FromStr;
use std::sync::OnceLock;

use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree};

use crate::span::Span;

/// The condition after `;`.
#[derive(Clone, Debug)]
pub struct Marker {
    pub text: String,
    pub span: Span,
    /// `None` when the text is not understood.
    tree: Option<MarkerTree>,
}

/// Minor versions of Python 3 tried when the interpreter is not known.
const MINORS: std::ops::RangeInclusive<u8> = 5..=16;

impl Marker {
    pub(super) fn new(text: &str, span: Span) -> Self {
        Self {
            text: text.to_owned(),
            span,
            tree: MarkerTree::from_str(text).ok(),
        }
    }

    /// Whether the text is a marker.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.tree.is_some()
    }

    /// Whether the requirement counts on Linux with this Python (major and minor), with these
    /// extras of the project asked for. Without a version, only what holds for all of Python 3 is
    /// known.
    #[must_use]
    pub fn applies(&self, python: Option<(u8, u8)>, extras: &[String]) -> Option<bool> {
        let tree = self.tree.as_ref()?;
        let extras: Vec<ExtraName> = extras
            .iter()
            .filter_map(|extra| ExtraName::from_str(extra).ok())
            .collect();
        let mut answers = environments()
            .iter()
            .filter(|(version, _)| python.is_none_or(|python| python == *version))
            .map(|(_, environment)| tree.evaluate(environment, &extras));
        let first = answers.next()?;
        answers.all(|answer| answer == first).then_some(first)
    }
}

/// Linux on the two common machines, one environment a minor version.
fn environments() -> &'static [((u8, u8), MarkerEnvironment)] {
    static ENVIRONMENTS: OnceLock<Vec<((u8, u8), MarkerEnvironment)>> = OnceLock::new();
    ENVIRONMENTS.get_or_init(|| {
        let machines = ["x86_64", "aarch64"];
        let versions = MINORS.flat_map(|minor| machines.map(|machine| (minor, machine)));
        versions
            .filter_map(|(minor, machine)| {
                let short = format!("3.{minor}");
                // Two patch levels would be needed to decide `python_full_version` markers that
                // cut a minor version in two; those are rare and answered for a late patch.
                let full = format!("3.{minor}.20");
                let environment = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
                    implementation_name: "cpython",
                    implementation_version: &full,
                    os_name: "posix",
                    platform_machine: machine,
                    platform_python_implementation: "CPython",
                    platform_release: "6.1.0",
                    platform_system: "Linux",
                    platform_version: "#1 SMP",
                    python_full_version: &full,
                    python_version: &short,
                    sys_platform: "linux",
                });
                Some(((3, minor), environment.ok()?))
            })
            .collect()
    })
}
