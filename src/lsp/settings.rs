//! What a client can do, and what it is set to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::text::Encoding;
use crate::finding::Severity;

/// What a client can do. Read key by key: one that says something odd is not turned away.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// It asks for diagnostics itself, and asks anew when it is told to.
    pub(super) pulls: bool,
    pub(super) watches_files: bool,
    pub(super) registers_settings: bool,
    pub(super) gives_settings: bool,
    pub(super) has_versioned_edits: bool,
    pub(super) creates_files: bool,
    pub(super) has_snippet_edits: bool,
    /// It completes an action when it is chosen.
    pub(super) resolves_edits: bool,
    pub(super) refreshes_hints: bool,
}

impl Client {
    pub(super) fn read(params: &Value) -> Self {
        let find = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let is = |path: &str| find(path).and_then(Value::as_bool).unwrap_or_default();
        let lists = |path: &str, item: &str| {
            let list = find(path).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|one| one == item))
        };
        let edit = "workspace/workspaceEdit";
        Self {
            encoding: match lists("general/positionEncodings", "utf-8") {
                true => Encoding::Utf8,
                false => Encoding::Utf16,
            },
            pulls: find("textDocument/diagnostic").is_some_and(Value::is_object)
                && is("workspace/diagnostics/refreshSupport"),
            watches_files: is("workspace/didChangeWatchedFiles/dynamicRegistration"),
            registers_settings: is("workspace/didChangeConfiguration/dynamicRegistration"),
            gives_settings: is("workspace/configuration"),
            has_versioned_edits: is(&format!("{edit}/documentChanges")),
            creates_files: lists(&format!("{edit}/resourceOperations"), "create"),
            has_snippet_edits: is(&format!("{edit}/snippetEditSupport")),
            resolves_edits: lists("textDocument/codeAction/resolveSupport/properties", "edit"),
            refreshes_hints: is("workspace/inlayHint/refreshSupport"),
        }
    }
}

/// What is told to whoever reads the log.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Off,
    Error,
    #[default]
    Info,
    Debug,
}

/// Files that the environment of the server names, absolute; `None` where it names none.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// The configuration of all folders, unless the client names another or asks for none.
    pub(crate) configuration: Option<PathBuf>,
    /// What is laid over the configurations of the folders.
    pub(crate) policy: Option<PathBuf>,
}

/// What a client is set to; everything as the command line has it, unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Settings {
    /// The configuration, instead of the nearest.
    pub(super) configuration: Option<PathBuf>,
    /// Look for no configuration.
    pub(super) isolated: bool,
    pub(super) select: Vec<String>,
    pub(super) ignore: Vec<String>,
    pub(super) severity: BTreeMap<String, String>,
    pub(super) build_args: BTreeMap<String, String>,
    pub(super) target: Option<String>,
    pub(super) context: Option<PathBuf>,
    /// Leave out what the checks of Docker's own build tell as well.
    pub(super) leave_to_build_checks: bool,
    pub(super) inlay_hints: bool,
    pub(super) server: ServerSettings,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ServerSettings {
    pub(super) log_level: Level,
}

impl Settings {
    /// Reads what a client sent, alone or under `seatrial`; nothing is a setting too.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let value = value.get("settings").unwrap_or(value);
        let value = value.get("seatrial").unwrap_or(value);
        if value.is_null() {
            return Ok(Self::default());
        }
        let settings: Self =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        for level in settings.severity.values() {
            if Severity::parse(level).is_none() {
                return Err(format!(
                    "`{level}` is not a severity; use `error`, `warning` or `info`"
                ));
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_read_wherever_clients_put_them() {
        let plain = json!({"ignore": ["a"], "server": {"logLevel": "debug"}, "other": 1});
        let settings = Settings::read(&plain).unwrap();
        assert_eq!(settings.ignore, ["a"]);
        assert_eq!(settings.server.log_level, Level::Debug);
        for wrapped in [
            json!({"seatrial": plain}),
            json!({"settings": plain}),
            json!({"settings": {"seatrial": plain}}),
        ] {
            assert_eq!(Settings::read(&wrapped).unwrap(), settings);
        }
        assert_eq!(Settings::read(&Value::Null).unwrap(), Settings::default());
        assert!(Settings::read(&json!({"ignore": 1})).is_err());
        assert!(Settings::read(&json!({"severity": {"a": "off"}})).is_err());
    }

    #[test]
    fn clients_are_read_key_by_key() {
        let odd = json!({"capabilities": {
            "general": {"positionEncodings": ["utf-32", "utf-8", 1]},
            "workspace": {"configuration": "yes", "didChangeWatchedFiles": {"dynamicRegistration": true}},
            "textDocument": 1,
        }});
        let client = Client::read(&odd);
        assert_eq!(client.encoding, Encoding::Utf8);
        assert!(client.watches_files && !client.gives_settings && !client.pulls);
        assert_eq!(Client::read(&Value::Null).encoding, Encoding::Utf16);
    }
}
