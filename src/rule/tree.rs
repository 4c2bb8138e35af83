//! The tree of an expression, in the shape that rules need. MiniJinja's parser gives it; for the rules of this
//! repository that is done at build time, and the tree is kept as bytes. Knows no facts: this file is part of the build
//! script too.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::ast;
use minijinja::value::ValueKind;
use serde::{Deserialize, Serialize};

/// How deep an expression may be nested; a chain of `and` nests too.
const MAX_DEPTH: usize = 120;

/// An expression with its place in the text, which is not kept: it is for mistakes, and what is kept has none.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tree<'t> {
    #[serde(skip)]
    start: u32,
    #[serde(skip)]
    end: u32,
    #[serde(borrow)]
    pub(crate) node: Node<'t>,
}

/// What an expression is.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Node<'t> {
    Name(&'t str),
    None,
    Bool(bool),
    Int(i64),
    /// A number that is not whole, or too large.
    OtherNumber,
    #[serde(borrow)]
    Text(Cow<'t, str>),
    Field(#[serde(borrow)] Box<Tree<'t>>, &'t str),
    #[serde(borrow)]
    Item(Box<[Tree<'t>; 2]>),
    /// `of[start:stop:step]`
    Slice(
        #[serde(borrow)] Box<Tree<'t>>,
        #[serde(borrow)] [Option<Box<Tree<'t>>>; 3],
    ),
    #[serde(borrow)]
    Not(Box<Tree<'t>>),
    #[serde(borrow)]
    Negate(Box<Tree<'t>>),
    #[serde(borrow)]
    And(Box<[Tree<'t>; 2]>),
    #[serde(borrow)]
    Or(Box<[Tree<'t>; 2]>),
    Binary(Operator, #[serde(borrow)] Box<[Tree<'t>; 2]>),
    Compare(
        #[serde(borrow)] Box<Tree<'t>>,
        #[serde(borrow)] Vec<(Comparison, Tree<'t>)>,
    ),
    /// Condition, value where it holds, value where it does not.
    If(
        #[serde(borrow)] Box<[Tree<'t>; 2]>,
        #[serde(borrow)] Option<Box<Tree<'t>>>,
    ),
    #[serde(borrow)]
    List(Vec<Tree<'t>>),
    Filter(
        #[serde(borrow)] Option<Box<Tree<'t>>>,
        #[serde(borrow)] Call<'t>,
    ),
    Test(#[serde(borrow)] Box<Tree<'t>>, #[serde(borrow)] Call<'t>),
    /// A call of a method of that name; without a name, of anything else.
    #[serde(borrow)]
    Call(Option<&'t str>),
    Map,
    TooDeep,
}

/// A filter or test and what stands in its parentheses.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call<'t> {
    pub(crate) name: &'t str,
    #[serde(borrow)]
    pub(crate) arguments: Vec<Argument<'t>>,
}

/// What stands between the commas of a call.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Argument<'t> {
    #[serde(borrow)]
    Positional(Tree<'t>),
    Named(&'t str, #[serde(borrow)] Tree<'t>),
    /// `*list` or `**map`.
    #[serde(borrow)]
    Spread(Tree<'t>),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

/// What stands between two operands and is neither `and`, `or` nor a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concatenate,
    Power,
}

/// The same expression, wherever it stands.
impl PartialEq for Tree<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<'t> Tree<'t> {
    /// In bytes of the text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// What an expression joins with `and`, in this order; the expression itself when that is one.
    pub(crate) fn clauses(self) -> Vec<Self> {
        match self.node {
            Node::And(sides) => {
                let [left, right] = *sides;
                let mut all = left.clauses();
                all.extend(right.clauses());
                all
            }
            _ => vec![self],
        }
    }

    /// The tree that MiniJinja's parser gives.
    pub(crate) fn of(expr: &ast::Expr<'t>) -> Self {
        Self::at(expr, 0)
    }

    fn at(expr: &ast::Expr<'t>, depth: usize) -> Self {
        let span = expr.span();
        Self {
            start: span.start_offset.min(span.end_offset),
            end: span.end_offset,
            node: if depth < MAX_DEPTH {
                Node::at(expr, depth + 1)
            } else {
                Node::TooDeep
            },
        }
    }
}

impl<'t> Node<'t> {
    fn at(expr: &ast::Expr<'t>, depth: usize) -> Self {
        let tree = |expr: &ast::Expr<'t>| Tree::at(expr, depth);
        let boxed = |expr: &ast::Expr<'t>| Box::new(tree(expr));
        let maybe = |expr: &Option<ast::Expr<'t>>| expr.as_ref().map(boxed);
        let call = |name: &'t str, arguments: &[ast::CallArg<'t>]| Call {
            name,
            arguments: arguments
                .iter()
                .map(|argument| match argument {
                    ast::CallArg::Pos(expr) => Argument::Positional(tree(expr)),
                    ast::CallArg::Kwarg(key, expr) => Argument::Named(key, tree(expr)),
                    ast::CallArg::PosSplat(expr) | ast::CallArg::KwargSplat(expr) => {
                        Argument::Spread(tree(expr))
                    }
                })
                .collect(),
        };
        match expr {
            ast::Expr::Var(var) => Self::Name(var.id),
            ast::Expr::Const(constant) => Self::constant(&constant.value),
            ast::Expr::GetAttr(get) => Self::Field(boxed(&get.expr), get.name),
            ast::Expr::GetItem(get) => {
                Self::Item(Box::new([tree(&get.expr), tree(&get.subscript_expr)]))
            }
            ast::Expr::Slice(slice) => Self::Slice(
                boxed(&slice.expr),
                [maybe(&slice.start), maybe(&slice.stop), maybe(&slice.step)],
            ),
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => Self::Not(boxed(&unary.expr)),
                ast::UnaryOpKind::Neg => Self::Negate(boxed(&unary.expr)),
            },
            ast::Expr::BinOp(binary) => {
                Self::binary(binary.op, tree(&binary.left), tree(&binary.right))
            }
            ast::Expr::Compare(compare) => Self::Compare(
                boxed(&compare.expr),
                compare
                    .ops
                    .iter()
                    .map(|part| (Comparison::of(part.op), tree(&part.expr)))
                    .collect(),
            ),
            ast::Expr::IfExpr(choice) => Self::If(
                Box::new([tree(&choice.test_expr), tree(&choice.true_expr)]),
                maybe(&choice.false_expr),
            ),
            ast::Expr::List(list) => Self::List(list.items.iter().map(tree).collect()),
            ast::Expr::Filter(filter) => {
                Self::Filter(maybe(&filter.expr), call(filter.name, &filter.args))
            }
            ast::Expr::Test(test) => Self::Test(boxed(&test.expr), call(test.name, &test.args)),
            ast::Expr::Call(call) => Self::Call(match call.identify_call() {
                ast::CallType::Method(_, name) => Some(name),
                _ => None,
            }),
            ast::Expr::Map(_) => Self::Map,
        }
    }

    fn constant(value: &minijinja::Value) -> Self {
        match value.kind() {
            ValueKind::None | ValueKind::Undefined => Self::None,
            ValueKind::Bool => Self::Bool(value.is_true()),
            ValueKind::String => {
                Self::Text(Cow::Owned(value.as_str().unwrap_or_default().to_owned()))
            }
            _ => match value.as_i64() {
                Some(number) if value.is_integer() => Self::Int(number),
                _ => Self::OtherNumber,
            },
        }
    }

    fn binary(op: ast::BinOpKind, left: Tree<'t>, right: Tree<'t>) -> Self {
        use ast::BinOpKind as Kind;
        let compare = |op, left, right| Self::Compare(Box::new(left), vec![(op, right)]);
        let operator = match op {
            Kind::ScAnd => return Self::And(Box::new([left, right])),
            Kind::ScOr => return Self::Or(Box::new([left, right])),
            Kind::Eq => return compare(Comparison::Eq, left, right),
            Kind::Ne => return compare(Comparison::Ne, left, right),
            Kind::Lt => return compare(Comparison::Lt, left, right),
            Kind::Lte => return compare(Comparison::Le, left, right),
            Kind::Gt => return compare(Comparison::Gt, left, right),
            Kind::Gte => return compare(Comparison::Ge, left, right),
            Kind::In => return compare(Comparison::In, left, right),
            Kind::Add => Operator::Add,
            Kind::Sub => Operator::Subtract,
            Kind::Mul => Operator::Multiply,
            Kind::Div | Kind::FloorDiv => Operator::Divide,
            Kind::Rem => Operator::Remainder,
            Kind::Concat => Operator::Concatenate,
            Kind::Pow => Operator::Power,
        };
        Self::Binary(operator, Box::new([left, right]))
    }
}

impl Comparison {
    fn of(op: ast::CompareOpKind) -> Self {
        match op {
            ast::CompareOpKind::Eq => Self::Eq,
            ast::CompareOpKind::Ne => Self::Ne,
            ast::CompareOpKind::Lt => Self::Lt,
            ast::CompareOpKind::Lte => Self::Le,
            ast::CompareOpKind::Gt => Self::Gt,
            ast::CompareOpKind::Gte => Self::Ge,
            ast::CompareOpKind::In => Self::In,
            ast::CompareOpKind::NotIn => Self::NotIn,
        }
    }
}
