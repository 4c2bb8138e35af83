//! The grammar: directives that end with `;` or hold a block. Reading never fails; what is not nginx's language leaves
//! [`Config::is_broken`] set.

use crate::span::{FileId, Span, Traced};

/// Blocks inside blocks that are read.
const MAX_DEPTH: usize = 12;

/// Directives of one file that are read.
const MAX_DIRECTIVES: usize = 5_000;

/// A file, or a part that another one includes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) directives: Vec<Directive>,
    /// nginx refuses it, or it is filled in before nginx reads it.
    pub(crate) is_broken: bool,
}

/// `name arguments;` or `name arguments { ... }`.
#[derive(Debug, Clone)]
pub(crate) struct Directive {
    pub(crate) name: Traced,
    pub(crate) args: Vec<Traced>,
    /// What stands between the braces; `None` without them.
    pub(crate) block: Option<Vec<Directive>>,
}

impl Directive {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.as_str() == name
    }

    /// It includes what says nothing of requests, or files that are read as well.
    pub(crate) fn is_usual_include(&self) -> bool {
        let path = self.args.first().map_or("", |path| path.as_str());
        self.is("include") && (path.ends_with("mime.types") || path.contains("conf.d/"))
    }

    /// It includes what is handed to a server of an application and nothing else: `uwsgi_params`.
    pub(crate) fn includes_parameters(&self) -> bool {
        let path = self.args.first().map_or("", |path| path.as_str());
        self.is("include") && path.ends_with("_params")
    }

    /// The directives of its block.
    pub(crate) fn inner(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Reads a file.
#[must_use]
pub(crate) fn parse(file: FileId, text: &str) -> Config {
    let mut reader = Reader {
        file,
        text,
        at: 0,
        left: MAX_DIRECTIVES,
        // Something fills it in first.
        is_broken: ["{{", "{%", "<%"].iter().any(|open| text.contains(open)),
    };
    let directives = reader.directives(0);
    Config {
        directives,
        is_broken: reader.is_broken,
    }
}

enum Token {
    Word(Traced),
    Open,
    Close,
    End,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    left: usize,
    is_broken: bool,
}

impl Reader<'_> {
    fn directives(&mut self, depth: usize) -> Vec<Directive> {
        let mut out = Vec::new();
        let mut words: Vec<Traced> = Vec::new();
        while let Some(token) = self.token() {
            let block = match token {
                Token::Word(word) => {
                    words.push(word);
                    continue;
                }
                Token::Close => {
                    self.is_broken |= depth == 0 || !words.is_empty();
                    return out;
                }
                Token::End => None,
                Token::Open if depth < MAX_DEPTH => Some(self.directives(depth + 1)),
                Token::Open => {
                    self.is_broken = true;
                    return out;
                }
            };
            if words.is_empty() || self.left == 0 {
                self.is_broken = true;
                return out;
            }
            self.left -= 1;
            let name = words.remove(0);
            out.push(Directive {
                name,
                args: std::mem::take(&mut words),
                block,
            });
        }
        self.is_broken |= depth > 0 || !words.is_empty();
        out
    }

    fn token(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                byte if byte.is_ascii_whitespace() => self.at += 1,
                b'#' => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        let byte = bytes[self.at];
        let single = match byte {
            b'{' => Some(Token::Open),
            b'}' => Some(Token::Close),
            b';' => Some(Token::End),
            _ => None,
        };
        if single.is_some() {
            self.at += 1;
            return single;
        }
        match byte {
            b'"' | b'\'' => Some(self.quoted(byte)),
            _ => Some(self.bare()),
        }
    }

    fn word(&self, start: usize, end: usize) -> Token {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(self.file, place(start), place(end));
        Token::Word(Traced::new(&self.text[start..end], span))
    }

    fn quoted(&mut self, quote: u8) -> Token {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != quote {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.is_broken |= end >= bytes.len();
        let end = self.text.floor_char_boundary(end.min(bytes.len()));
        self.at = (end + 1).min(bytes.len());
        self.word(start.min(end), end)
    }

    /// A word without quotes: a brace behind `$` belongs to a variable.
    fn bare(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b';' | b'{' => break,
                byte if byte.is_ascii_whitespace() => break,
                b'\\' => end += 2,
                b'$' if bytes.get(end + 1) == Some(&b'{') => {
                    let rest = &self.text[end..];
                    end += rest.find('}').map_or(rest.len(), |at| at + 1);
                }
                _ => end += 1,
            }
        }
        let end = self.text.floor_char_boundary(end.min(bytes.len()));
        self.at = end.max(start + 1);
        self.word(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(directives: &[Directive]) -> String {
        let one = |it: &Directive| {
            let args: Vec<&str> = it.args.iter().map(Traced::as_str).collect();
            let block = it
                .block
                .as_ref()
                .map(|inner| format!("{{{}}}", shown(inner)));
            format!(
                "{}({}){}",
                it.name,
                args.join(","),
                block.unwrap_or_default()
            )
        };
        directives.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn directives_are_read() {
        let text = concat!(
            "user nginx; # no\n",
            "http {\n",
            "  upstream app { server web:8000 weight=2; }\n",
            "  server {\n",
            "    location ~ \\.(jpg|png)$ { add_header X \"a;b}\"; }\n",
            "    set $a ${b}c;\n",
            "  }\n",
            "}\n",
        );
        let config = parse(FileId(0), text);
        assert!(!config.is_broken);
        assert_eq!(
            shown(&config.directives),
            "user(nginx) http(){upstream(app){server(web:8000,weight=2)} \
             server(){location(~,\\.(jpg|png)$){add_header(X,a;b})} set($a,${b}c)}}"
        );
        let span = config.directives[0].args[0].span();
        assert_eq!(span.slice(text), "nginx");
    }

    #[test]
    fn what_nginx_refuses_is_broken() {
        for text in [
            "http {",
            "}",
            "listen 80",
            "server { listen 80 }",
            "a \"b;",
            "{}",
            "x {{ y }};",
        ] {
            assert!(parse(FileId(0), text).is_broken, "{text}");
        }
        let deep = "a {".repeat(100_000);
        assert!(parse(FileId(0), &deep).is_broken);
        for at in 0..40 {
            let text = "location /ü { alias \"/ä\\ö/\"; return ${ü}; }\\é;";
            let _ = parse(FileId(0), &text[..text.floor_char_boundary(at)]);
        }
    }
}
