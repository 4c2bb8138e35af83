//! The syntax tree of a Dockerfile.
//!
//! Lossless in the sense that every node knows its bytes and comments and directives are kept.
//! Broken instructions stay in the tree with what could be read of them; what is wrong is in
//! [`Dockerfile::errors`]. Nothing here knows what an instruction means for the image.

use crate::span::{FileId, Span, Traced};

/// A parsed Dockerfile. Parsing never fails.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    pub file: FileId,
    /// The escape character: `\` or a backtick.
    pub escape: char,
    pub directives: Vec<Directive>,
    /// In file order.
    pub instructions: Vec<Instruction>,
    /// Every comment line, also those inside continued instructions, in file order.
    pub comments: Vec<Comment>,
    /// In file order; empty when BuildKit accepts the file.
    pub errors: Vec<SyntaxError>,
}

/// `# syntax=docker/dockerfile:1`
#[derive(Debug, Clone)]
pub struct Directive {
    /// Lower case: `syntax`, `escape` or `check`.
    pub name: String,
    pub value: Traced,
    pub span: Span,
}

/// A comment line, from `#` to the end of the line.
#[derive(Debug, Clone)]
pub struct Comment {
    pub span: Span,
    /// It stands between the lines of a continued instruction.
    pub is_inside_instruction: bool,
}

/// Something BuildKit refuses.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    pub kind: SyntaxErrorKind,
    pub span: Span,
    /// One clause, lower case, that says what to do where that is known.
    pub message: String,
}

/// How far BuildKit gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Its parser gives up.
    Parse,
    /// An instruction is refused one step later.
    Instruction,
}

/// One instruction with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Instruction {
    pub keyword: Keyword,
    /// As written.
    pub keyword_text: Traced,
    /// From the keyword to the last byte of its last line or heredoc terminator, no line end.
    pub span: Span,
    /// From 1; the line of the keyword.
    pub start_line: u32,
    /// From 1; the last line, dropped comment and blank lines of a continuation and heredocs counted.
    pub end_line: u32,
    pub flags: Vec<Flag>,
    /// What follows the flags, joined over continuations and trimmed.
    pub rest: Traced,
    pub args: Args,
    /// In order of their `<<NAME`.
    pub heredocs: Vec<Heredoc>,
    /// The instruction that ONBUILD holds. Its heredocs stand on the ONBUILD.
    pub trigger: Option<Box<Instruction>>,
    /// BuildKit refuses it (or its trigger); facts take only what is certain from it.
    pub is_broken: bool,
}

/// What an instruction says, read by BuildKit's rules for that keyword.
///
/// Texts are as written: quotes and escapes kept, variables not expanded.
#[derive(Debug, Clone)]
pub enum Args {
    /// RUN, CMD, ENTRYPOINT, SHELL, ADD, COPY, VOLUME in JSON form; the command of HEALTHCHECK in JSON form.
    Json(Vec<Traced>),
    /// RUN, CMD, ENTRYPOINT in shell form (also HEALTHCHECK CMD); WORKDIR, USER, STOPSIGNAL, MAINTAINER.
    Text(Traced),
    /// FROM, EXPOSE, ARG words; ADD, COPY, VOLUME in plain form.
    Words(Vec<Traced>),
    /// ENV and LABEL.
    Pairs(Vec<Pair>),
    /// HEALTHCHECK NONE, instructions without arguments, ONBUILD (see `trigger`), unknown keywords.
    None,
}

/// `KEY=value` of ENV or LABEL.
#[derive(Debug, Clone)]
pub struct Pair {
    pub key: Traced,
    /// As written, quotes kept; not to be unquoted when `is_legacy`... see [`crate::dockerfile::expand`].
    pub value: Traced,
    /// `ENV key value`: the form with a blank.
    pub is_legacy: bool,
}

/// `--name=value` or `--name`.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Without the dashes.
    pub name: Traced,
    /// Quotes and escapes removed, variables not expanded; `None` without `=`.
    pub value: Option<Traced>,
    pub span: Span,
}

/// A heredoc of RUN, COPY or ADD.
#[derive(Debug, Clone)]
pub struct Heredoc {
    /// Without quotes.
    pub name: String,
    /// The whole `<<-"NAME"` word with the digits before it.
    pub word: Span,
    /// Variables in it are expanded: no part of the name was quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are stripped when it is used. `content` keeps them.
    pub chomp: bool,
    /// Raw lines with their endings, up to the terminator line.
    pub content: Traced,
    pub terminator: Span,
}

/// The keyword of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// Not one of Docker's.
    Unknown,
}

impl Keyword {
    /// All of Docker's keywords, upper case, in alphabetical order.
    pub const ALL: [(&'static str, Keyword); 18] = [
        ("ADD", Keyword::Add),
        ("ARG", Keyword::Arg),
        ("CMD", Keyword::Cmd),
        ("COPY", Keyword::Copy),
        ("ENTRYPOINT", Keyword::Entrypoint),
        ("ENV", Keyword::Env),
        ("EXPOSE", Keyword::Expose),
        ("FROM", Keyword::From),
        ("HEALTHCHECK", Keyword::Healthcheck),
        ("LABEL", Keyword::Label),
        ("MAINTAINER", Keyword::Maintainer),
        ("ONBUILD", Keyword::Onbuild),
        ("RUN", Keyword::Run),
        ("SHELL", Keyword::Shell),
        ("STOPSIGNAL", Keyword::Stopsignal),
        ("USER", Keyword::User),
        ("VOLUME", Keyword::Volume),
        ("WORKDIR", Keyword::Workdir),
    ];

    /// The keyword for a word in any case.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map_or(Self::Unknown, |(_, keyword)| *keyword)
    }

    /// Upper case; empty for an unknown one.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, keyword)| *keyword == self)
            .map_or("", |(name, _)| name)
    }
}
