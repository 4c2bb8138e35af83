//! uWSGI's options.

use crate::server::TargetKind;
use crate::server::uwsgi::{ConfigState, Effective};
use crate::span::Traced;

use super::{Case, run, serve};

#[test]
fn uwsgi_values_know_their_place_and_their_doubts() {
    let ini = "[uwsgi]\nchdir = /code\nif-env = X\nworkers = 9\nendif =\nmodule = %(chdir).wsgi\nhttp = :%k\n";
    let server = run(
        "uwsgi --ini u.ini",
        &[("UWSGI_WORKERS", "3"), ("UWSGI_LAZY_APPS", "")],
        &[("u.ini", ini)],
    );
    let config = server.uwsgi.as_ref().expect("options");
    assert!(matches!(config.effective("processes"), Effective::Unknown));
    assert_eq!(config.flag("lazy-apps"), Some(true));
    assert_eq!(config.flag("master"), Some(false));
    assert_eq!(config.get("workers").len(), 2);
    assert_eq!(
        server.app.as_ref().map(|app| app.module.as_str()),
        Some("/code.wsgi")
    );
    assert!(!server.binds_are_known);
    let Effective::Known(value, _) = config.effective("chdir") else {
        panic!("known");
    };
    assert_eq!(value.name_span.len(), 5);
    let open = Case {
        line: &["uwsgi", "--processes", "4"],
        env: &[("UWSGI_HTTP", ":80")],
        files: &[],
        is_closed: false,
    };
    let open = serve(&open).expect("a server");
    assert_eq!(open.workers.as_str(), Some("4"));
    let config = open.uwsgi.as_ref().expect("options");
    assert_eq!(config.flag("master"), None);
    assert_eq!(config.has_master(), None);
    let has_master = |line, env| {
        let server = run(line, env, &[]);
        server.uwsgi.as_ref().and_then(|config| config.has_master())
    };
    assert_eq!(has_master("uwsgi --stats :1", &[]), Some(true));
    assert_eq!(
        has_master("uwsgi --stats :1", &[("UWSGI_MASTER", "0")]),
        Some(false)
    );
    let refused = run("uwsgi --nosuch --master=1 --http :1", &[], &[]);
    assert_eq!(
        refused.uwsgi.as_ref().map(|config| config.refused.len()),
        Some(2)
    );
    for (line, state) in [
        ("uwsgi none.ini", ConfigState::Missing),
        ("uwsgi --ini u.ini:other", ConfigState::NoSection),
        ("uwsgi u.ini", ConfigState::Read),
        ("uwsgi --ini http://x/u.ini", ConfigState::Unknown),
    ] {
        assert_eq!(
            run(line, &[], &[("u.ini", ini)]).files[0].state,
            state,
            "{line}"
        );
    }
    let app = run("uwsgi --wsgi-file a/wsgi.py --callable app", &[], &[])
        .app
        .expect("a target");
    assert_eq!(app.kind, TargetKind::File);
    assert_eq!(app.attribute.as_ref().map(Traced::as_str), Some("app"));
}
