//! Conditions, places and templates after reading: names resolved, types checked.
//!
//! Rules are written in MiniJinja's language and read by MiniJinja's parser; [`super::compile`]
//! turns its tree into this one and [`super::eval`] evaluates it. The evaluation is ours because of
//! what a rule needs and a template engine has no notion of: values keep the place they were written
//! at, also through filters, and a look at something unknown ends the check at once.

use std::sync::OnceLock;

use regex_lite::Regex;

use crate::facts::table::{Cell, Table};

use super::tree::Comparison;

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Const(Cell),
    /// The fact that was selected.
    Subject,
    /// A loop variable, by depth.
    Local(usize),
    /// An option of the rule, by position.
    Option(usize),
    /// A field of a fact. `index` is its position in `table`.
    Field {
        of: Box<Expr>,
        table: &'static Table,
        index: usize,
    },
    /// An item of a list, or the value of a key.
    Item(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    List(Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a < b < c`: every operator between its neighbours.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    Math(Math, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Test(Box<Expr>, Test),
    Filter(Box<Expr>, Filter),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Math {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// `x is ...`, also in `selectattr`.
#[derive(Debug)]
pub(crate) enum Test {
    True,
    None,
    Compare(Comparison, Box<Expr>),
    StartsWith(Box<Expr>),
    EndsWith(Box<Expr>),
    Below(Box<Expr>),
    Matches(Pattern),
}

/// `x | ...`
#[derive(Debug)]
pub(crate) enum Filter {
    Length,
    Lower,
    Upper,
    Trim,
    First,
    Last,
    Sort,
    Unique,
    Keys,
    Values,
    Int,
    Join(Option<Box<Expr>>),
    Split(Option<Box<Expr>>),
    Replace(Box<Expr>, Box<Expr>),
    Default(Box<Expr>),
    /// The items whose `path` passes (or, with `keep` false, fails) the test.
    Select {
        path: Vec<Step>,
        test: Test,
        keep: bool,
    },
    Map(Vec<Step>),
}

/// One attribute of an attribute path: `stage.name`.
#[derive(Debug)]
pub(crate) enum Step {
    Field(&'static Table, usize),
    Key(String),
}

/// A regular expression that is compiled when it is first needed. `regex-lite` compiles some fifty
/// times faster than `regex`, which counts: most patterns see one short string in a run.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    /// # Errors
    /// What the regex parser says.
    pub(crate) fn compile(source: &str) -> Result<Regex, String> {
        let built = regex_lite::RegexBuilder::new(source)
            .size_limit(1 << 20)
            .build();
        built.map_err(|error| error.to_string())
    }

    /// A pattern that does not compile matches nothing; the check of the rule has refused it.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let compiled = self
            .compiled
            .get_or_init(|| Self::compile(&self.source).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Part {
    Raw(String),
    Emit(Expr),
    If(Expr, Vec<Part>, Vec<Part>),
    /// The item is the next local.
    For(Expr, Vec<Part>),
}
