//! What is said when a session begins: what the client has, what it may ask, what it shall tell.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::settings::Client;
use super::text::Encoding;
use super::{questions, uri};

/// The folders that a client has open, as it writes them.
pub(super) fn folders(params: &Value) -> Vec<PathBuf> {
    match params["workspaceFolders"].as_array() {
        Some(folders) => {
            let uris = folders.iter().filter_map(|one| one["uri"].as_str());
            uris.filter_map(uri::to_path).collect()
        }
        None => {
            let root = params["rootUri"].as_str().and_then(uri::to_path);
            let root = root.or_else(|| params["rootPath"].as_str().map(PathBuf::from));
            root.into_iter().collect()
        }
    }
}

/// The answer to `initialize`.
pub(super) fn answer(client: &Client) -> Value {
    let mut capabilities = json!({
        "positionEncoding": match client.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        },
        "textDocumentSync": {"openClose": true, "change": 2, "save": true},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if client.pulls {
        capabilities["diagnosticProvider"] = json!({
            "identifier": "seatrial",
            "interFileDependencies": true,
            "workspaceDiagnostics": true,
        });
    }
    questions::offer(&mut capabilities, client);
    json!({
        "capabilities": capabilities,
        "serverInfo": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
    })
}

/// What a client shall tell that it tells only when it is asked to.
pub(super) fn registrations(client: &Client) -> Vec<Value> {
    let files = json!({
        "id": "files",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": [{"globPattern": "**/*"}]},
    });
    let settings = json!({
        "id": "settings",
        "method": "workspace/didChangeConfiguration",
        "registerOptions": {"section": "seatrial"},
    });
    let wanted = [
        (client.watches_files, files),
        (client.registers_settings, settings),
    ];
    let wanted = wanted.into_iter().filter(|(can, _)| *can);
    wanted.map(|(_, registration)| registration).collect()
}
