//! What a program of Python does when it is run: which other programs it starts and waits for, and whether it loops
//! without end. Nothing is evaluated: what is not written out is left out.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Number, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use super::syntax;
use crate::maps::{HashMap, HashSet};

/// What is found in a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Process {
    /// Programs that it starts and waits for.
    pub(crate) children: Vec<Child>,
    /// The head of the first loop without end that sleeps in between.
    pub(crate) endless: Option<TextRange>,
}

/// A program that is started as a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    /// The words before the first one that is not written out; of a line for a shell its text up to there.
    pub(crate) words: Vec<String>,
    pub(crate) is_line: bool,
    pub(crate) range: TextRange,
}

/// Where a program begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// At the top of the module.
    Top,
    /// In the method `handle` of the class `Command`.
    Command,
}

/// Functions that call others are followed so many times.
const MAX_FOLLOWED: usize = 60;

/// Reads a program; nothing of one that speaks of signals, or cannot be parsed.
pub(crate) fn read(text: &str, entry: Entry) -> Process {
    if ["signal", "SIGTERM"].iter().any(|word| text.contains(word)) {
        return Process::default();
    }
    let Ok(parsed) = syntax::parse(text) else {
        return Process::default();
    };
    let body = &parsed.syntax().body;
    let mut walk = Walk {
        waits: [".wait(", ".communicate("]
            .iter()
            .any(|call| text.contains(call)),
        functions: functions(body),
        names: HashMap::default(),
        called: Vec::new(),
        out: Process::default(),
    };
    match entry {
        Entry::Top => walk.block(body),
        Entry::Command => walk.called.push("handle".to_owned()),
    }
    let mut seen: HashSet<String> = HashSet::default();
    while let Some(name) = walk.called.pop() {
        if seen.len() >= MAX_FOLLOWED || !seen.insert(name.clone()) {
            continue;
        }
        if let Some(function) = walk.functions.get(name.as_str()).copied() {
            walk.block(&function.body);
        }
    }
    walk.out
}

/// The functions at the top of a module, and the methods of its classes.
fn functions(body: &[Stmt]) -> HashMap<&str, &StmtFunctionDef> {
    let mut out = HashMap::default();
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => {
                out.insert(function.name.as_str(), function);
            }
            Stmt::ClassDef(StmtClassDef { body, .. }) => {
                for member in body.iter() {
                    if let Stmt::FunctionDef(method) = member {
                        out.entry(method.name.as_str()).or_insert(method);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

struct Walk<'a> {
    /// Something waits for a program that was started.
    waits: bool,
    functions: HashMap<&'a str, &'a StmtFunctionDef>,
    /// What names were assigned last.
    names: HashMap<&'a str, &'a Expr>,
    called: Vec<String>,
    out: Process,
}

impl<'a> Walk<'a> {
    fn block(&mut self, body: &'a [Stmt]) {
        for statement in body {
            self.visit_stmt(statement);
        }
    }

    fn call(&mut self, call: &'a ExprCall) {
        match &*call.func {
            Expr::Name(name) if self.functions.contains_key(name.id.as_str()) => {
                self.called.push(name.id.to_string());
            }
            Expr::Attribute(attribute) if is_name(&attribute.value, "self") => {
                self.called.push(attribute.attr.to_string());
            }
            _ => {}
        }
        let Some((module, name)) = called(&call.func) else {
            return;
        };
        let is_waited = match (module, name) {
            (Some("subprocess") | None, "check_call" | "check_output") => true,
            (Some("subprocess"), "run" | "call") => true,
            (Some("subprocess") | None, "Popen") => self.waits,
            (Some("os"), "system") => true,
            _ => false,
        };
        let first = call.arguments.args.first().filter(|_| is_waited);
        let Some(mut first) = first else { return };
        if let Expr::Name(name) = first
            && let Some(value) = self.names.get(name.id.as_str())
        {
            first = value;
        }
        let (words, is_line) = match first {
            Expr::List(list) => (words(&list.elts), false),
            Expr::Tuple(tuple) => (words(&tuple.elts), false),
            other => (beginning(other).into_iter().collect(), true),
        };
        if !words.is_empty() {
            self.out.children.push(Child {
                words,
                is_line,
                range: call.range(),
            });
        }
    }
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // They run when they are called.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Assign(assign) => {
                if let [Expr::Name(name)] = assign.targets.as_slice() {
                    self.names.insert(name.id.as_str(), &assign.value);
                }
            }
            Stmt::While(one) if is_true(&one.test) && self.out.endless.is_none() => {
                let mut inside = Inside::default();
                inside.visit_body(&one.body);
                if inside.sleeps && !inside.leaves {
                    self.out.endless = Some(TextRange::new(one.start(), one.test.end()));
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) => self.call(call),
            Expr::Lambda(_) => return,
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

/// What stands in a loop.
#[derive(Default)]
struct Inside {
    sleeps: bool,
    leaves: bool,
}

impl<'a> Visitor<'a> for Inside {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Break(_) | Stmt::Return(_) => self.leaves = true,
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            let name = called(&call.func);
            self.sleeps |= matches!(name, Some((Some("time" | "asyncio") | None, "sleep")));
            self.leaves |= matches!(
                name,
                Some((Some("sys" | "os") | None, "exit" | "_exit" | "quit"))
            );
        }
        visitor::walk_expr(self, expression);
    }
}

/// `module.name` or `name` of what is called.
fn called(function: &Expr) -> Option<(Option<&str>, &str)> {
    match function {
        Expr::Name(name) => Some((None, name.id.as_str())),
        Expr::Attribute(attribute) => match &*attribute.value {
            Expr::Name(module) => Some((Some(module.id.as_str()), attribute.attr.as_str())),
            _ => None,
        },
        _ => None,
    }
}

fn is_name(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Name(it) if it.id.as_str() == name)
}

fn is_true(test: &Expr) -> bool {
    match test {
        Expr::BooleanLiteral(literal) => literal.value,
        Expr::NumberLiteral(literal) => {
            matches!(&literal.value, Number::Int(int) if int.as_u8() == Some(1))
        }
        _ => false,
    }
}

/// The words that are written out, up to the first one that is not.
fn words(elements: &[Expr]) -> Vec<String> {
    let word = |element: &Expr| match element {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        Expr::Attribute(it) if is_name(&it.value, "sys") && it.attr.as_str() == "executable" => {
            Some("python".to_owned())
        }
        _ => None,
    };
    elements.iter().map_while(word).collect()
}

/// A line of text up to the first word that is not written out.
fn beginning(expression: &Expr) -> Option<String> {
    match expression {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        Expr::FString(text) => {
            let mut out = String::new();
            let mut elements = text.value.elements();
            let is_whole = elements.all(|element| match element {
                ruff_python_ast::InterpolatedStringElement::Literal(literal) => {
                    out.push_str(&literal.value);
                    true
                }
                ruff_python_ast::InterpolatedStringElement::Interpolation(_) => false,
            });
            if !is_whole {
                let end = out.rfind(char::is_whitespace)?;
                out.truncate(end);
            }
            Some(out)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(text: &str) -> Vec<(String, bool)> {
        let found = read(text, Entry::Top).children.into_iter();
        found.map(|it| (it.words.join(" "), it.is_line)).collect()
    }

    #[test]
    fn programs_that_are_waited_for() {
        let text = concat!(
            "import subprocess, sys\n",
            "def main():\n",
            "    subprocess.run([sys.executable, 'manage.py', 'migrate'])\n",
            "    server = ['gunicorn', 'shop.wsgi', '--workers', n]\n",
            "    subprocess.run(server)\n",
            "if __name__ == '__main__':\n",
            "    main()\n",
        );
        let expected = [
            ("python manage.py migrate", false),
            ("gunicorn shop.wsgi --workers", false),
        ];
        assert_eq!(
            children(text),
            expected.map(|(text, line)| (text.to_owned(), line))
        );
        let line = "import os\nos.system(f'gunicorn shop.wsgi --bind 0.0.0.0:{port}')\n";
        assert_eq!(
            children(line),
            [("gunicorn shop.wsgi --bind".to_owned(), true)]
        );
        assert!(
            children("import subprocess\ndef main():\n    subprocess.run(['gunicorn'])\n")
                .is_empty()
        );
        assert!(children("import subprocess\nsubprocess.Popen(['gunicorn'])\n").is_empty());
        assert!(!children("import subprocess\nsubprocess.Popen(['gunicorn']).wait()\n").is_empty());
        assert!(children("import signal, subprocess\nsubprocess.run(['gunicorn'])\n").is_empty());
    }

    #[test]
    fn loops_without_end() {
        let is_endless = |text: &str, entry| read(text, entry).endless.is_some();
        let top = "import time\nwhile True:\n    work()\n    time.sleep(5)\n";
        assert!(is_endless(top, Entry::Top));
        assert!(!is_endless(
            "import time\nwhile True:\n    if x: break\n    time.sleep(5)\n",
            Entry::Top
        ));
        assert!(!is_endless("while True:\n    work()\n", Entry::Top));
        let command = concat!(
            "import time\n",
            "class Command(BaseCommand):\n",
            "    def handle(self, **kw):\n",
            "        self.loop()\n",
            "    def loop(self):\n",
            "        while 1:\n",
            "            time.sleep(1)\n",
        );
        assert!(is_endless(command, Entry::Command) && !is_endless(command, Entry::Top));
    }
}
