//! One comparison of a marker: a variable of the environment, an operator, a quoted text, in either order.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use super::name::normalize_name;

/// Where a requirement would be installed: CPython on Linux.
#[derive(Debug)]
pub(super) struct Environment {
    /// Major and minor.
    pub(super) python: Version,
    pub(super) full: Version,
    pub(super) machine: &'static str,
}

/// A comparison that is written as one.
#[derive(Clone, Debug)]
pub(super) enum Comparison {
    Version(Variable, VersionSpecifier),
    /// `python_version in "3.8 3.9"`
    Versions(Variable, Vec<Version>, Is),
    /// `extra == "a"`
    Extra(String, Is),
    Text(Variable, Order, String),
    /// The text is a part of the variable, `"linux" in sys_platform`, or the other way round.
    Part {
        variable: Variable,
        text: String,
        is_part_of_variable: bool,
        is: Is,
    },
    /// It makes no sense, and installers pass over it.
    Nothing,
}

/// Whether it is so, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    So,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    PythonVersion,
    PythonFullVersion,
    ImplementationVersion,
    ImplementationName,
    OsName,
    PlatformMachine,
    PythonImplementation,
    PlatformRelease,
    PlatformSystem,
    PlatformVersion,
    SysPlatform,
    Extra,
}

impl Variable {
    /// A variable by its name, those of older specifications too.
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "python_version" => Self::PythonVersion,
            "python_full_version" => Self::PythonFullVersion,
            "implementation_version" => Self::ImplementationVersion,
            "implementation_name" => Self::ImplementationName,
            "os_name" | "os.name" => Self::OsName,
            "platform_machine" | "platform.machine" => Self::PlatformMachine,
            "platform_python_implementation"
            | "platform.python_implementation"
            | "python_implementation" => Self::PythonImplementation,
            "platform_release" => Self::PlatformRelease,
            "platform_system" => Self::PlatformSystem,
            "platform_version" | "platform.version" => Self::PlatformVersion,
            "sys_platform" | "sys.platform" => Self::SysPlatform,
            "extra" => Self::Extra,
            _ => return None,
        })
    }

    fn is_version(self) -> bool {
        matches!(
            self,
            Self::PythonVersion | Self::PythonFullVersion | Self::ImplementationVersion
        )
    }

    fn version(self, environment: &Environment) -> &Version {
        match self {
            Self::PythonVersion => &environment.python,
            _ => &environment.full,
        }
    }

    fn text(self, environment: &Environment) -> &'static str {
        match self {
            Self::ImplementationName => "cpython",
            Self::OsName => "posix",
            Self::PlatformMachine => environment.machine,
            Self::PythonImplementation => "CPython",
            Self::PlatformRelease => "6.1.0",
            Self::PlatformSystem => "Linux",
            Self::PlatformVersion => "#1 SMP",
            Self::SysPlatform => "linux",
            Self::PythonVersion
            | Self::PythonFullVersion
            | Self::ImplementationVersion
            | Self::Extra => "",
        }
    }
}

/// One side of a comparison.
enum Side<'a> {
    Variable(Variable),
    Text(&'a str),
}

/// Operators, those first that begin as others do.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

impl Comparison {
    /// `None` when the text is no comparison.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (left, rest) = side(text)?;
        let rest = rest.trim_start();
        let (operator, rest) = operator(rest)?;
        let (right, rest) = side(rest.trim_start())?;
        if !rest.trim().is_empty() {
            return None;
        }
        Some(match (left, right) {
            (Side::Variable(variable), Side::Text(text)) => {
                Self::new(variable, operator, text, false)
            }
            (Side::Text(_), Side::Variable(_)) if operator == "~=" => Self::Nothing,
            (Side::Text(text), Side::Variable(variable)) => {
                Self::new(variable, mirrored(operator), text, true)
            }
            (Side::Variable(_), Side::Variable(_)) | (Side::Text(_), Side::Text(_)) => {
                Self::Nothing
            }
        })
    }

    fn new(variable: Variable, operator: &str, text: &str, is_mirrored: bool) -> Self {
        let is = match operator {
            "not in" | "!=" => Is::Not,
            _ => Is::So,
        };
        if variable == Variable::Extra {
            return match operator {
                "==" | "!=" => Self::Extra(normalize_name(text), is),
                _ => Self::Nothing,
            };
        }
        if operator == "in" || operator == "not in" {
            if variable.is_version() {
                let versions = text
                    .split(|char: char| char.is_whitespace() || char == ',' || char == '|')
                    .filter(|part| !part.is_empty())
                    .map(|part| Version::from_str(part).ok());
                return match versions.collect::<Option<Vec<Version>>>() {
                    Some(versions) if !is_mirrored => Self::Versions(variable, versions, is),
                    _ => Self::Nothing,
                };
            }
            return Self::Part {
                variable,
                text: text.to_owned(),
                is_part_of_variable: is_mirrored,
                is,
            };
        }
        if variable.is_version() {
            let specifier = VersionSpecifier::from_str(&format!("{operator}{}", text.trim()));
            return specifier.map_or(Self::Nothing, |specifier| {
                Self::Version(variable, specifier)
            });
        }
        let order = match operator {
            "==" | "===" => Order::Equal,
            "!=" => Order::NotEqual,
            "<" => Order::Less,
            "<=" => Order::LessOrEqual,
            ">" => Order::Greater,
            ">=" => Order::GreaterOrEqual,
            _ => return Self::Nothing,
        };
        Self::Text(variable, order, text.to_owned())
    }

    /// It asks for a release of a minor version.
    pub(super) fn asks_patch(&self) -> bool {
        let (Self::Version(variable, _) | Self::Versions(variable, ..)) = self else {
            return false;
        };
        *variable != Variable::PythonVersion
    }

    /// Whether it holds; `None` where there is nothing to compare.
    pub(super) fn holds(&self, environment: &Environment, extras: &[String]) -> Option<bool> {
        Some(match self {
            Self::Version(variable, specifier) => specifier.contains(variable.version(environment)),
            Self::Versions(variable, versions, is) => {
                versions.contains(variable.version(environment)) == (*is == Is::So)
            }
            Self::Extra(extra, is) => extras.contains(extra) == (*is == Is::So),
            Self::Text(variable, order, text) => {
                let own = variable.text(environment);
                let text = text.as_str();
                match order {
                    Order::Equal => own == text,
                    Order::NotEqual => own != text,
                    Order::Less => own < text,
                    Order::LessOrEqual => own <= text,
                    Order::Greater => own > text,
                    Order::GreaterOrEqual => own >= text,
                }
            }
            Self::Part {
                variable,
                text,
                is_part_of_variable,
                is,
            } => {
                let own = variable.text(environment);
                let is_part = match is_part_of_variable {
                    true => own.contains(text.as_str()),
                    false => text.contains(own),
                };
                is_part == (*is == Is::So)
            }
            Self::Nothing => return None,
        })
    }
}

/// A quoted text or a variable, and what follows.
fn side(text: &str) -> Option<(Side<'_>, &str)> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let (inner, rest) = inner.split_once(quote)?;
            return Some((Side::Text(inner), rest));
        }
    }
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '.';
    let end = text.find(|char| !is_part(char)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    Some((Side::Variable(Variable::parse(name)?), rest))
}

/// An operator, and what follows.
fn operator(text: &str) -> Option<(&'static str, &str)> {
    for operator in OPERATORS {
        if let Some(rest) = text.strip_prefix(operator) {
            return Some((operator, rest));
        }
    }
    let ends =
        |rest: &&str| rest.starts_with(|char: char| char.is_whitespace() || "\"'".contains(char));
    if let Some(rest) = text.strip_prefix("in").filter(ends) {
        return Some(("in", rest));
    }
    let rest = text
        .strip_prefix("not")
        .filter(|rest| rest.starts_with(char::is_whitespace))?;
    let rest = rest.trim_start().strip_prefix("in").filter(ends)?;
    Some(("not in", rest))
}

/// The operator with its sides changed.
fn mirrored(operator: &'static str) -> &'static str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Option<Option<bool>> {
        let environment = Environment {
            python: Version::new([3, 13]),
            full: Version::new([3, 13, 20]),
            machine: "x86_64",
        };
        let extras = ["dev".to_owned(), "a-b".to_owned()];
        Comparison::parse(text).map(|comparison| comparison.holds(&environment, &extras))
    }

    #[test]
    fn comparisons_hold_as_installers_say() {
        for (text, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version>='3.14'", Some(false)),
            ("'3.8' <= python_version", Some(true)),
            ("'3.8' > python_version", Some(false)),
            ("python_version == '3.13.*'", Some(true)),
            ("python_version === '3.13'", Some(true)),
            ("python_version ~= '3.8'", Some(true)),
            ("python_version in '3.12 3.13'", Some(true)),
            ("python_version not in '3.12,3.13'", Some(false)),
            ("python_full_version < '3.13.2'", Some(false)),
            ("implementation_version >= '3.13.2'", Some(true)),
            ("sys_platform == 'linux'", Some(true)),
            ("sys.platform != 'linux'", Some(false)),
            ("'linux' in sys_platform", Some(true)),
            ("sys_platform in 'linux linux2'", Some(true)),
            ("sys_platform not in'win32'", Some(true)),
            ("python_implementation == 'CPython'", Some(true)),
            ("platform_machine == 'arm64'", Some(false)),
            ("os_name > 'nt'", Some(true)),
            ("extra == 'dev'", Some(true)),
            ("extra == 'A_b'", Some(true)),
            ("'dev' == extra", Some(true)),
            ("extra != 'dev'", Some(false)),
            ("extra == 'test'", Some(false)),
            // There is nothing to compare.
            ("python_version >= 'new'", None),
            ("python_version >= '3.8.*'", None),
            ("python_version ~= '3'", None),
            ("python_version in 'old'", None),
            ("os_name ~= 'posix'", None),
            ("'a' == 'b'", None),
            ("os_name == sys_platform", None),
            ("extra > 'dev'", None),
        ] {
            assert_eq!(holds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_comparison() {
        for text in [
            "",
            "python_version",
            "python_version >=",
            "python >= '3.8'",
            "python_version >= 3.8",
            "python_version >= '3.8",
            "python_version => '3.8'",
            "python_version inside '3.8'",
            "sys_platform not 'linux'",
            "python_version >= '3.8' x",
        ] {
            assert_eq!(holds(text), None, "{text}");
        }
    }
}
