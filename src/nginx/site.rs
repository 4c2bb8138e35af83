//! What configuration files say of where requests go: addresses that they are passed to, directories that they are
//! answered from, ports that are listened on.

use super::covered::{self, Covered};
use super::dropped::{self, Dropped};
use super::syntax::{Config, Directive};
use super::types;
use crate::span::Traced;

/// All that one nginx reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Site {
    pub(crate) passes: Vec<Pass>,
    pub(crate) files: Vec<Files>,
    /// Ports that it listens on itself.
    pub(crate) listens: Vec<u16>,
    /// It says where bodies of requests and answers are kept meanwhile (`client_body_temp_path`).
    pub(crate) moves_caches: bool,
    /// It hands `Upgrade` on to some address, or reads a file that may say so.
    pub(crate) may_upgrade: bool,
    /// Where the number of its process is kept.
    pub(crate) pid: Option<Traced>,
    /// Its `http`, where that certainly says nothing of media types: every file is sent as `text/plain`.
    pub(crate) untyped: Option<Traced>,
    /// Prefixes and patterns of locations that are answered from files, whatever else may answer.
    pub(crate) served: Vec<Traced>,
    /// It includes files that are not read.
    pub(crate) is_open: bool,
    /// The files that it includes, by the paths as written.
    pub(crate) included: Vec<Traced>,
    /// It says how large bodies of requests may be, or a file that is not read may.
    pub(crate) may_limit_bodies: bool,
    /// Something says that browsers come by HTTPS or through a proxy before it.
    pub(crate) is_behind: bool,
    pub(crate) dropped: Vec<Dropped>,
    /// The private keys of its certificates.
    pub(crate) keys: Vec<Traced>,
    pub(crate) covered: Vec<Covered>,
}

/// What is spoken to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    Http,
    Uwsgi,
    /// FastCGI, SCGI, gRPC.
    Other,
}

/// An address that requests are passed to.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    /// `proxy_pass`, `uwsgi_pass` ..., or `server` of an upstream that nothing passes to.
    pub(crate) directive: Traced,
    /// `None` where nothing passes to its upstream.
    pub(crate) spoken: Option<Spoken>,
    pub(crate) to: To,
    /// Other servers of its upstream may answer instead.
    pub(crate) is_one_of_several: bool,
    /// The name that goes out as `Host`, since no `proxy_set_header` says another one.
    pub(crate) sent_host: Option<Traced>,
    /// The headers that `proxy_set_header` says, in lower case; `None` where a file that is not read may say others.
    pub(crate) headers: Option<Vec<String>>,
    /// The server ends TLS for the clients.
    pub(crate) ends_tls: bool,
    /// What `proxy_set_header Host` says.
    pub(crate) given_host: Option<Traced>,
}

/// What stands around a `proxy_pass`.
#[derive(Debug, Clone, Default)]
struct Around {
    /// The headers that are said, in lower case.
    headers: Vec<String>,
    /// What `Host` is said to be.
    host: Option<Traced>,
    /// A file that is not read may say others.
    is_open: bool,
    ends_tls: bool,
}

impl Around {
    /// What the files say outside of servers, where all of them are one.
    fn all(configs: &[&Config]) -> Self {
        let top = configs.iter().flat_map(|config| &config.directives);
        let inner = top.clone().filter(|it| it.is("http"));
        let all: Vec<Directive> = top
            .filter(|it| !it.is("http"))
            .chain(inner.flat_map(Directive::inner))
            .filter(|it| it.block.is_none() && !it.is_usual_include())
            .cloned()
            .collect();
        Self::default().within(&all)
    }

    /// What holds in a block: what it says itself of headers takes the place of all that stands around it.
    fn within(&self, directives: &[Directive]) -> Self {
        let own = directives.iter().filter(|it| it.is("proxy_set_header"));
        let is_host = |it: &&Directive| {
            let name = it.args.first();
            name.is_some_and(|name| name.as_str().eq_ignore_ascii_case("host"))
        };
        let host = own.clone().find(is_host);
        let host = host.and_then(|it| it.args.get(1).cloned());
        let own: Vec<String> = own
            .filter_map(|it| Some(it.args.first()?.as_str().to_ascii_lowercase()))
            .collect();
        let includes = |it: &Directive| it.is("include") && !it.is_usual_include();
        let is_open = directives.iter().any(includes);
        let ends_tls = |it: &Directive| {
            let mut args = it.args.iter().map(Traced::as_str);
            it.is("listen") && args.any(|arg| matches!(arg, "ssl" | "quic"))
                || it.is("ssl") && args.any(|arg| arg == "on")
        };
        Self {
            is_open: is_open || own.is_empty() && self.is_open,
            host: match own.is_empty() {
                true => self.host.clone(),
                false => host,
            },
            headers: match own.is_empty() {
                true => self.headers.clone(),
                false => own,
            },
            ends_tls: self.ends_tls || directives.iter().any(ends_tls),
        }
    }

    /// nginx makes the header `Host` of the address.
    fn makes_host(&self) -> bool {
        !self.is_open && !self.headers.iter().any(|name| name == "host")
    }
}

/// An address.
#[derive(Debug, Clone)]
pub(crate) enum To {
    Tcp {
        host: Traced,
        /// `None` where it is none: nginx takes a default then.
        port: Option<Traced>,
        /// The port that it means.
        number: u16,
    },
    Socket(Traced),
}

/// A location that is answered with files and with nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The prefix of the requests, as written.
    pub(crate) prefix: Traced,
    /// `alias` or `root`.
    pub(crate) is_alias: bool,
    /// The directory as written, absolute.
    pub(crate) directory: Traced,
}

impl Files {
    /// The directory that the rest of a request's path is looked up in.
    pub(crate) fn looks_in(&self) -> String {
        let directory = self.directory.as_str().trim_end_matches('/');
        match self.is_alias {
            true => directory.to_owned(),
            false => {
                let prefix = self.prefix.as_str().trim_matches('/');
                format!("{directory}/{prefix}")
            }
        }
    }
}

impl Site {
    /// What files that are read together say.
    #[must_use]
    pub(crate) fn read(configs: &[&Config]) -> Self {
        let mut site = Self::default();
        let mut upstreams = Vec::new();
        for config in configs {
            find_upstreams(&config.directives, &mut upstreams);
        }
        let around = Around::all(configs);
        for config in configs {
            site.collect(&config.directives, &mut upstreams, &around);
        }
        site.untyped = types::untyped(configs);
        site.dropped = dropped::read(configs);
        site.covered = covered::read(configs);
        for upstream in upstreams.iter().filter(|it| !it.is_used) {
            for server in &upstream.servers {
                if let Some(to) = address(&server.args[0], 80) {
                    site.passes.push(Pass {
                        directive: server.name.clone(),
                        spoken: None,
                        to,
                        is_one_of_several: upstream.servers.len() > 1,
                        sent_host: None,
                        headers: None,
                        ends_tls: false,
                        given_host: None,
                    });
                }
            }
        }
        site
    }

    fn collect(
        &mut self,
        directives: &[Directive],
        upstreams: &mut [Upstream<'_>],
        around: &Around,
    ) {
        for directive in directives {
            match directive.name.as_str() {
                // Their servers are no web servers.
                "stream" | "mail" | "upstream" => continue,
                "listen" => self
                    .listens
                    .extend(directive.args.first().and_then(listened)),
                "location" => {
                    self.files.extend(files(directive));
                    self.served.extend(served(directive));
                }
                "pid" => self.pid = directive.args.first().cloned(),
                "include" => {
                    self.included.extend(directive.args.first().cloned());
                    let is_unread = !directive.is_usual_include();
                    self.may_upgrade |= is_unread;
                    self.is_open |= is_unread;
                    self.may_limit_bodies |= is_unread && !directive.includes_parameters();
                }
                "ssl_certificate_key" => self.keys.extend(directive.args.first().cloned()),
                "client_max_body_size" => self.may_limit_bodies = true,
                "ssl_certificate" => self.is_behind = true,
                "proxy_set_header" => {
                    let name = directive.args.first().map(Traced::as_str);
                    self.may_upgrade |= name.is_some_and(|it| it.eq_ignore_ascii_case("upgrade"));
                    self.is_behind |= is_of_https(directive);
                }
                name if name.ends_with("_temp_path") => self.moves_caches = true,
                name => {
                    if let Some((spoken, scheme, port)) = spoken(name)
                        && let Some(target) = directive.args.first()
                    {
                        let spoken = (spoken, scheme, port);
                        self.pass(directive, target, spoken, upstreams, around);
                    }
                }
            }
            let inner = directive.inner();
            self.collect(inner, upstreams, &around.within(inner));
        }
    }

    fn pass(
        &mut self,
        directive: &Directive,
        target: &Traced,
        (spoken, scheme, port): (Spoken, &str, u16),
        upstreams: &mut [Upstream<'_>],
        around: &Around,
    ) {
        let raw = target.as_str();
        let mut start = 0;
        let mut default = port;
        let mut is_tls = false;
        if let Some(at) = raw.find("://") {
            let written = &raw[..at];
            start = at + 3;
            is_tls = written == format!("{scheme}s");
            if is_tls {
                default = 443;
            } else if written != scheme {
                return;
            }
        } else if spoken == Spoken::Http {
            return;
        }
        let rest = &raw[start..];
        // What follows the path of a socket, or a host, is the path of the request.
        let end = match rest.strip_prefix("unix:") {
            Some(path) => path.find(':').map_or(raw.len(), |at| start + 5 + at),
            None => rest.find('/').map_or(raw.len(), |at| start + at),
        };
        let place = target.slice(start..end);
        let is_made = around.makes_host() && spoken == Spoken::Http;
        let headers = (!around.is_open).then(|| around.headers.clone());
        let ends_tls = around.ends_tls;
        let is_http = spoken == Spoken::Http;
        let given_host = around.host.clone().filter(|_| is_http && !around.is_open);
        let colon = place.as_str().find(':').unwrap_or(place.len());
        let sent_host = is_made.then(|| place.slice(0..colon));
        let spoken = (!is_tls).then_some(spoken);
        let upstream = upstreams.iter_mut().find(|it| it.name == place.as_str());
        let Some(upstream) = upstream else {
            self.passes.extend(address(&place, default).map(|to| Pass {
                directive: directive.name.clone(),
                spoken,
                to,
                is_one_of_several: false,
                sent_host,
                headers,
                ends_tls,
                given_host,
            }));
            return;
        };
        upstream.is_used = true;
        for server in &upstream.servers {
            self.passes
                .extend(address(&server.args[0], 80).map(|to| Pass {
                    directive: directive.name.clone(),
                    spoken,
                    to,
                    is_one_of_several: upstream.servers.len() > 1,
                    sent_host: sent_host.clone(),
                    headers: headers.clone(),
                    ends_tls,
                    given_host: given_host.clone(),
                }));
        }
    }
}

/// What a directive speaks, with the scheme and the port of its addresses.
fn spoken(directive: &str) -> Option<(Spoken, &'static str, u16)> {
    match directive {
        "proxy_pass" => Some((Spoken::Http, "http", 80)),
        "uwsgi_pass" => Some((Spoken::Uwsgi, "uwsgi", 0)),
        "fastcgi_pass" => Some((Spoken::Other, "", 0)),
        "scgi_pass" => Some((Spoken::Other, "scgi", 0)),
        "grpc_pass" => Some((Spoken::Other, "grpc", 80)),
        _ => None,
    }
}

struct Upstream<'a> {
    name: &'a str,
    servers: Vec<&'a Directive>,
    is_used: bool,
}

fn find_upstreams<'a>(directives: &'a [Directive], out: &mut Vec<Upstream<'a>>) {
    for directive in directives {
        if directive.is("stream") || directive.is("mail") {
            continue;
        }
        if directive.is("upstream")
            && let Some(name) = directive.args.first()
        {
            // What is looked up while nginx runs may be there later.
            let is_server = |it: &&Directive| {
                it.is("server")
                    && !it.args.is_empty()
                    && !it.args.iter().any(|arg| arg.as_str() == "resolve")
            };
            out.push(Upstream {
                name: name.as_str(),
                servers: directive.inner().iter().filter(is_server).collect(),
                is_used: false,
            });
        }
        find_upstreams(directive.inner(), out);
    }
}

/// `host:port`, `host` or `unix:path`; `None` where a variable is in it.
pub(super) fn address(text: &Traced, default: u16) -> Option<To> {
    let raw = text.as_str();
    if raw.is_empty() || raw.contains(['$', '[', '{']) {
        return None;
    }
    if let Some(path) = raw.strip_prefix("unix:") {
        let path = text.slice(raw.len() - path.len()..raw.len());
        return path.as_str().starts_with('/').then_some(To::Socket(path));
    }
    let colon = raw.rfind(':');
    let port = colon.map(|at| text.slice(at + 1..raw.len()));
    let number = match &port {
        Some(port) => port.as_str().parse().ok()?,
        None => default,
    };
    Some(To::Tcp {
        host: text.slice(0..colon.unwrap_or(raw.len())),
        port,
        number,
    })
}

/// The port of `listen`.
fn listened(text: &Traced) -> Option<u16> {
    let raw = text.as_str();
    raw.rsplit(':')
        .next()?
        .parse()
        .ok()
        .or_else(|| (!raw.starts_with("unix:")).then_some(80))
}

/// What a location answers from files; `None` where something else may answer, or it does not go by a plain prefix.
fn files(location: &Directive) -> Option<Files> {
    let prefix = match location.args.as_slice() {
        [prefix] => prefix,
        [modifier, prefix] if modifier.as_str() == "^~" => prefix,
        _ => return None,
    };
    let inner = location.inner();
    let answers = |it: &Directive| {
        let name = it.name.as_str();
        name.ends_with("_pass")
            || name.starts_with("try_")
            || it.block.is_some()
            || answers_otherwise(name)
    };
    if !prefix.as_str().starts_with('/') || inner.iter().any(answers) {
        return None;
    }
    let found = inner.iter().find(|it| it.is("alias") || it.is("root"))?;
    let directory = found.args.first()?;
    let is_plain = directory.as_str().starts_with('/') && !directory.as_str().contains('$');
    is_plain.then(|| Files {
        prefix: prefix.clone(),
        is_alias: found.is("alias"),
        directory: directory.clone(),
    })
}

/// The prefix or pattern of a location that is answered from files, if with others; `None` where it says itself of
/// which type they are.
fn served(location: &Directive) -> Option<Traced> {
    let inner = location.inner();
    let is_from_files = inner.iter().any(|it| it.is("alias") || it.is("root"));
    let is_else = inner.iter().any(|it| {
        let name = it.name.as_str();
        name.ends_with("_pass")
            || name == "return"
            || name == "default_type"
            || name == "add_header"
    });
    let last = location.args.last().filter(|_| is_from_files && !is_else);
    last.cloned()
}

/// A header says that somebody comes by HTTPS, or hands on what a proxy before it says of that.
fn is_of_https(directive: &Directive) -> bool {
    let value = directive.args.get(1).map_or("", |value| value.as_str());
    value.contains("https") || value.contains("$http_x_") || value.contains("_port")
}

/// It lets something else answer than the file of a request's path.
fn answers_otherwise(name: &str) -> bool {
    matches!(
        name,
        "return" | "rewrite" | "error_page" | "internal" | "include"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;
    use crate::span::FileId;

    fn shown(text: &str) -> Vec<String> {
        let config = parse(FileId(0), text);
        let site = Site::read(&[&config]);
        let passes = site.passes.iter().map(|pass| {
            let spoken = pass.spoken;
            match &pass.to {
                To::Tcp { host, number, .. } => {
                    format!("{} {spoken:?} {host} {number}", pass.directive)
                }
                To::Socket(path) => format!("{} {spoken:?} {path}", pass.directive),
            }
        });
        let files = site
            .files
            .iter()
            .map(|it| format!("{} {}", it.prefix, it.looks_in()));
        passes.chain(files).collect()
    }

    #[test]
    fn addresses_and_directories_are_found() {
        let text = "upstream app { server web:8000; server unix:/run/app.sock; }\nupstream idle { server old:9; }\n\
                    server { listen 80; location / { proxy_pass http://app/x; }\n\
                    location /u { uwsgi_pass queue:3031; }\nlocation /s { proxy_pass http://unix:/run/s.sock:/y; }\n\
                    location /v { proxy_pass http://$host:80; }\nlocation /d { proxy_pass https://other; }\n\
                    location /static/ { alias /vol/static/; }\nlocation ^~ /media/ { root /vol; }\n\
                    location ~ /x { root /vol; }\nlocation /t/ { root /vol; try_files $uri =404; } }";
        assert_eq!(
            shown(text),
            [
                "proxy_pass Some(Http) web 8000",
                "proxy_pass Some(Http) /run/app.sock",
                "uwsgi_pass Some(Uwsgi) queue 3031",
                "proxy_pass Some(Http) /run/s.sock",
                "proxy_pass None other 443",
                "server None old 9",
                "/static/ /vol/static",
                "/media/ /vol/media",
            ]
        );
    }

    #[test]
    fn headers_and_where_tls_ends() {
        let text = "proxy_set_header Host $host;\nserver { listen 80; location / { proxy_pass http://a:1; } }\n\
                    server { listen 443 ssl; location / { proxy_set_header X-Forwarded-Proto $scheme; proxy_pass \
                    http://b:1; }\n\
                    location /x { include other; proxy_pass http://c:1; } }";
        let config = parse(FileId(0), text);
        let site = Site::read(&[&config]);
        let found: Vec<_> = site
            .passes
            .iter()
            .map(|it| (it.headers.clone(), it.ends_tls))
            .collect();
        let named = |name: &str| Some(vec![name.to_owned()]);
        assert_eq!(
            found,
            [
                (named("host"), false),
                (named("x-forwarded-proto"), true),
                (None, true)
            ]
        );
    }

    #[test]
    fn media_types_and_headers() {
        let read = |texts: &[&str]| {
            let configs: Vec<Config> = texts.iter().map(|text| parse(FileId(0), text)).collect();
            let configs: Vec<&Config> = configs.iter().collect();
            Site::read(&configs)
        };
        let server = "server { location /static/ { alias /vol/; try_files $uri =404; }\n\
                      location / { proxy_pass http://a; } }";
        let whole = |more: &str| format!("events {{}} http {{ {more} {server} }}");
        let plain = read(&[&whole("")]);
        assert!(plain.untyped.is_some() && !plain.is_open && !plain.is_behind);
        let served: Vec<&str> = plain.served.iter().map(Traced::as_str).collect();
        assert_eq!(served, ["/static/"]);
        for more in [
            "include mime.types;",
            "types { text/css css; }",
            "include more/*.conf;",
        ] {
            assert!(read(&[&whole(more)]).untyped.is_none(), "{more}");
        }
        assert!(read(&[server]).untyped.is_none());
        let pass = |more: &str| read(&[&whole(more)]).passes[0].clone();
        assert!(pass("").given_host.is_none());
        let host = pass("proxy_set_header Host $host;").given_host;
        assert_eq!(host.as_ref().map(Traced::as_str), Some("$host"));
        assert!(read(&[&whole("proxy_set_header X-Forwarded-Proto https;")]).is_behind);
    }

    #[test]
    fn the_host_that_goes_out_is_the_address_unless_a_directive_says_another() {
        let sent = |texts: &[&str]| {
            let configs: Vec<Config> = texts.iter().map(|text| parse(FileId(0), text)).collect();
            let configs: Vec<&Config> = configs.iter().collect();
            let site = Site::read(&configs);
            let first = site.passes.first().and_then(|pass| pass.sent_host.clone());
            first.map(|host| host.as_str().to_owned())
        };
        let pass = "proxy_pass http://shop_web:8000;";
        let in_server = |more: &str, own: &str| {
            sent(&[&format!(
                "server {{ {more} location / {{ {own} {pass} }} }}"
            )])
        };
        let other = "proxy_set_header X-Real-IP $remote_addr;";
        let host = "proxy_set_header Host $host;";
        assert_eq!(in_server("", "").as_deref(), Some("shop_web"));
        assert_eq!(in_server("", other).as_deref(), Some("shop_web"));
        assert_eq!(in_server(host, other).as_deref(), Some("shop_web"));
        assert_eq!(in_server(host, ""), None);
        assert_eq!(in_server("", host), None);
        assert_eq!(in_server("", "include proxy_params;"), None);
        let main = "http { proxy_set_header host $host; include /etc/nginx/conf.d/*.conf; }";
        let server = format!("server {{ location / {{ {pass} }} }}");
        assert_eq!(sent(&[main, &server]), None);
        let upstream = format!(
            "upstream the_shop {{ server web:8000; }} {}",
            server.replace("shop_web:8000", "the_shop")
        );
        assert_eq!(sent(&[&upstream]).as_deref(), Some("the_shop"));
    }
}
