//! As much of Rust as it takes to see which names a file uses: words, paths, `use`, `mod`, `impl`.

use std::collections::{BTreeSet, HashMap};

/// What a file says of names.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Below `src`.
    pub(crate) file: String,
    /// `crate`, `facts`, `build`
    pub(crate) path: Vec<String>,
    /// `mod NAME;`
    pub(crate) children: BTreeSet<String>,
    /// What `use` brings in: the name here, the path as written.
    pub(crate) names: HashMap<String, Vec<String>>,
    /// Every path of two or more parts, and those of `use`.
    pub(crate) paths: BTreeSet<Vec<String>>,
    /// Types, as written, that an `impl` of no trait gives methods to, and these.
    pub(crate) methods: Vec<(Vec<String>, Vec<String>)>,
    /// Every `fn NAME`.
    pub(crate) functions: Vec<String>,
    /// `.name()`
    pub(crate) calls: BTreeSet<String>,
}

/// A piece of Rust that matters for paths.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

/// The words and signs of Rust text, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if bytes[at..].starts_with(b"//") {
            let end = bytes[at..].iter().position(|byte| *byte == b'\n');
            at = end.map_or(bytes.len(), |end| at + end);
        } else if byte == b'"' {
            at = end_of_string(bytes, at);
        } else if byte == b'\'' {
            at = end_of_char(bytes, at);
        } else if is_word(byte) {
            let end = (at..bytes.len()).find(|i| !is_word(bytes[*i]));
            let word = &text[at..end.unwrap_or(bytes.len())];
            at += word.len();
            let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
            let opens = bytes.get(at + hashes) == Some(&b'"');
            if opens && matches!(word, "r" | "br" | "cr") {
                let close = format!("\"{}", "#".repeat(hashes));
                let from = at + hashes + 1;
                let end = text[from..].find(&close);
                at = end.map_or(bytes.len(), |end| from + end + close.len());
            } else if opens && hashes == 0 && matches!(word, "b" | "c") {
                at = end_of_string(bytes, at);
            } else {
                tokens.push(Token::Word(word.to_owned()));
            }
        } else if bytes[at..].starts_with(b"::") {
            tokens.push(Token::Colons);
            at += 2;
        } else {
            if byte.is_ascii_punctuation() {
                tokens.push(Token::Sign(byte as char));
            }
            at += 1;
        }
    }
    tokens
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// After a character or, where it is none, after the quote of a lifetime.
fn end_of_char(bytes: &[u8], start: usize) -> usize {
    let Some(first) = bytes.get(start + 1) else {
        return start + 1;
    };
    if *first == b'\\' {
        let end = (start + 3..bytes.len()).find(|i| bytes[*i] == b'\'');
        return end.map_or(bytes.len(), |end| end + 1);
    }
    let width = match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    match bytes.get(start + 1 + width) {
        Some(b'\'') => start + width + 2,
        _ => start + 1,
    }
}

fn word(token: Option<&Token>) -> Option<&str> {
    match token {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

fn is_sign(token: Option<&Token>, sign: char) -> bool {
    token == Some(&Token::Sign(sign))
}

/// Without what is compiled for tests alone.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let is_mark = is_sign(tokens.get(at), '#')
            && word(tokens.get(at + 2)) == Some("cfg")
            && word(tokens.get(at + 4)) == Some("test")
            && is_sign(tokens.get(at + 6), ']');
        if !is_mark {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += 7;
        let mut depth = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}') if depth == 1 => break,
                Token::Sign('}' | ')' | ']') => depth -= 1,
                Token::Sign(';') if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

/// The paths of a `use`, each with the name it has here. Returns where it ends.
fn use_tree(
    tokens: &[Token],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(String, Vec<String>)>,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) if word == "as" => {
                if let Some(Token::Word(name)) = tokens.get(at + 1) {
                    found.push((name.clone(), path));
                }
                return at + 2;
            }
            Some(Token::Word(word)) => {
                if word != "self" || path.is_empty() {
                    path.push(word.clone());
                }
                at += 1;
            }
            Some(Token::Colons) => at += 1,
            Some(Token::Sign('{')) => {
                at += 1;
                while at < tokens.len() && !is_sign(tokens.get(at), '}') {
                    at = use_tree(tokens, at, &path, found);
                    if is_sign(tokens.get(at), ',') {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(Token::Sign('*')) => {
                found.push(("*".to_owned(), path));
                return at + 1;
            }
            _ => {
                if let Some(last) = path.last() {
                    found.push((last.clone(), path));
                }
                return at;
            }
        }
    }
}

/// The type of an `impl` that is of no trait, and where its body begins.
fn own_impl(tokens: &[Token], start: usize) -> Option<(Vec<String>, usize)> {
    let mut at = start;
    let mut depth = 0;
    loop {
        match tokens.get(at)? {
            Token::Sign('<') => depth += 1,
            Token::Sign('>') => depth -= 1,
            _ if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    let mut path = vec![word(tokens.get(at))?.to_owned()];
    while tokens.get(at + 1) == Some(&Token::Colons) {
        path.push(word(tokens.get(at + 2))?.to_owned());
        at += 2;
    }
    while !is_sign(tokens.get(at), '{') {
        if at - start > 60 || word(tokens.get(at)) == Some("for") {
            return None;
        }
        at += 1;
    }
    Some((path, at))
}

/// The functions of an `impl` whose body begins here.
fn methods(tokens: &[Token], body: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for at in body..tokens.len() {
        match &tokens[at] {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            Token::Word(first) if first == "fn" && depth == 1 => {
                names.extend(word(tokens.get(at + 1)).map(str::to_owned));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// `facts/build/mod.rs` is `crate::facts::build`.
fn module_path(file: &str) -> Vec<String> {
    let mut path = vec!["crate".to_owned()];
    path.extend(file.trim_end_matches(".rs").split('/').map(str::to_owned));
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// Reads a file, given by its path below `src`.
pub(crate) fn read(file: &str, text: &str) -> Module {
    let tokens = without_tests(tokens(text));
    let mut module = Module {
        file: file.to_owned(),
        path: module_path(file),
        ..Module::default()
    };
    let mut at = 0;
    while at < tokens.len() {
        let Some(first) = word(tokens.get(at)) else {
            let after = tokens.get(at + 2);
            let is_call = is_sign(after, '(') || after == Some(&Token::Colons);
            let call = word(tokens.get(at + 1)).filter(|_| is_sign(tokens.get(at), '.') && is_call);
            module.calls.extend(call.map(str::to_owned));
            at += 1;
            continue;
        };
        let next = tokens.get(at + 1);
        match first {
            "use" if matches!(next, Some(Token::Word(_))) => {
                let mut found = Vec::new();
                at = use_tree(&tokens, at + 1, &[], &mut found);
                for (name, path) in found {
                    module.paths.insert(path.clone());
                    module.names.insert(name, path);
                }
                continue;
            }
            "mod" if is_sign(tokens.get(at + 2), ';') => {
                module.children.extend(word(next).map(str::to_owned));
                at += 3;
                continue;
            }
            "fn" => module.functions.extend(word(next).map(str::to_owned)),
            "impl" => {
                if let Some((ty, body)) = own_impl(&tokens, at + 1) {
                    module.methods.push((ty, methods(&tokens, body)));
                }
            }
            _ => {}
        }
        let mut path = vec![first.to_owned()];
        at += 1;
        while let (Some(Token::Colons), Some(next)) = (tokens.get(at), word(tokens.get(at + 1))) {
            path.push(next.to_owned());
            at += 2;
        }
        if path.len() > 1 {
            module.paths.insert(path);
        }
    }
    module
}
