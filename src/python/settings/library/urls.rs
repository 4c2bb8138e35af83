//! Addresses of databases as the dictionaries that Django wants.

use crate::python::settings::value::{Kind, Value};
use crate::span::Span;

/// The backend of a scheme, as dj-database-url and django-environ name it.
fn engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "pgsql" | "psql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "timescale" => "timescale.db.backends.postgresql",
        "timescalegis" => "timescale.db.backends.postgis",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "mssql" | "mssqlms" => "mssql",
        "oracle" => "django.db.backends.oracle",
        "oraclegis" => "django.contrib.gis.db.backends.oracle",
        "pyodbc" => "sql_server.pyodbc",
        "redshift" => "django_redshift_backend",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "sqlite" => "django.db.backends.sqlite3",
        "cockroach" => "django_cockroachdb",
        "ldap" => "ldapdb.backends.ldap",
        _ => return None,
    })
}

/// The dictionary of an address; empty text gives an empty one. `None` for what no reader takes.
pub(crate) fn database(address: &str, span: Span) -> Option<Value> {
    if address.is_empty() {
        return Some(Value::dict(Vec::new(), false, span));
    }
    let mut entries = Vec::new();
    let mut put = |key: &str, value: &str| {
        entries.push((Value::str(key, span), Value::str(value, span)));
    };
    if address == "sqlite://:memory:" {
        put("ENGINE", "django.db.backends.sqlite3");
        put("NAME", ":memory:");
        return Some(Value::dict(entries, false, span));
    }
    let (scheme, rest) = address.split_once("://")?;
    put("ENGINE", engine(scheme)?);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let name = if matches!(scheme, "sqlite" | "spatialite") && path.is_empty() {
        ":memory:".to_owned()
    } else {
        decode(path)
    };
    put("NAME", &name);
    put("USER", &decode(user));
    put("PASSWORD", &decode(password));
    put("HOST", &decode(host));
    if port.is_empty() {
        put("PORT", "");
    } else if let Ok(port) = port.parse() {
        entries.push((Value::str("PORT", span), Value::new(Kind::Int(port), span)));
    }
    // Options of the query become keys of their own or of `OPTIONS`.
    Some(Value::dict(entries, !query.is_empty(), span))
}

/// Percent escapes, where they give text.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
