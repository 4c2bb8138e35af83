//! Where a module of URLs lets Django serve uploads while DEBUG is on: `static(settings.MEDIA_URL, ...)`. Knows nothing
//! of files, and runs nothing.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::syntax;

/// Where the function comes from that makes views for as long as DEBUG is on.
const MODULES: [&str; 2] = ["django.conf.urls.static", "django.contrib.staticfiles.urls"];

/// Views that serve files whatever DEBUG is.
const ALWAYS: &str = "views.static";

/// The call as far as it names the setting; `None` where the module may serve files in another way too.
pub(crate) fn in_debug(text: &str) -> Option<TextRange> {
    let parsed = syntax::parse(text).ok()?;
    let mut reader = Reader::default();
    reader.visit_body(&parsed.syntax().body);
    reader.found.filter(|_| !reader.serves_always)
}

#[derive(Default)]
struct Reader {
    is_known: bool,
    serves_always: bool,
    found: Option<TextRange>,
}

impl Reader {
    fn call(&mut self, call: &ExprCall) {
        let is_it = match &*call.func {
            Expr::Name(name) => self.is_known && name.id.as_str() == "static",
            Expr::Attribute(attribute) => attribute.attr.as_str() == "static",
            _ => false,
        };
        let Some(Expr::Attribute(first)) = call.arguments.args.first() else {
            return;
        };
        let is_settings =
            matches!(&*first.value, Expr::Name(name) if name.id.as_str() == "settings");
        if is_it && is_settings && first.attr.as_str() == "MEDIA_URL" && self.found.is_none() {
            self.found = Some(TextRange::new(call.start(), first.end()));
        }
    }
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::ImportFrom(import) = statement {
            let module = import.module.as_ref().map_or("", |it| it.as_str());
            for alias in &import.names {
                let name = alias.name.as_str();
                self.serves_always |=
                    module.ends_with(ALWAYS) || format!("{module}.{name}").ends_with(ALWAYS);
                if name == "static" && alias.asname.is_none() {
                    self.is_known = MODULES.contains(&module);
                }
            }
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) => self.call(call),
            Expr::Name(name) => self.serves_always |= name.id.as_str() == "serve",
            Expr::Attribute(attribute) => self.serves_always |= attribute.attr.as_str() == "serve",
            Expr::StringLiteral(literal) => {
                self.serves_always |= literal.value.to_str().contains(ALWAYS);
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPORTS: &str =
        "from django.conf import settings\nfrom django.conf.urls.static import static\n";

    fn found(rest: &str) -> Option<String> {
        let text = format!("{IMPORTS}{rest}");
        in_debug(&text).map(|range| text[range].to_owned())
    }

    #[test]
    fn calls_count_and_texts_that_look_like_them_do_not() {
        let call = "static(settings.MEDIA_URL";
        let rest = "document_root=settings.MEDIA_ROOT)\n";
        let whole = format!("{call}, {rest}");
        assert_eq!(
            found(&format!("urlpatterns += {whole}")).as_deref(),
            Some(call)
        );
        let behind = format!("# {whole}urlpatterns += {whole}");
        assert_eq!(found(&behind).as_deref(), Some(call));
        let spaced = "urlpatterns += static(\n    settings.MEDIA_URL,\n)\n";
        assert!(found(spaced).is_some());
        assert_eq!(found(&format!("# {whole}")), None);
        assert_eq!(
            found(&format!("\"\"\"\nurlpatterns += {whole}\"\"\"\n")),
            None
        );
        let other = format!("from shop.urls import static\nurlpatterns += {whole}");
        assert_eq!(found(&other), None);
    }

    #[test]
    fn a_view_that_serves_them_always_is_another_way() {
        let call = "urlpatterns += static(settings.MEDIA_URL, document_root='/m')\n";
        for other in [
            "from django.views.static import serve\n",
            "from django.views import static as files\n",
            "urlpatterns += [path('m/<path:path>', views.serve)]\n",
            "urlpatterns += [url('m', 'django.views.static.serve')]\n",
        ] {
            assert_eq!(found(&format!("{other}{call}")), None, "{other}");
        }
        assert!(found(&format!("# Workers serve, others do not.\n{call}")).is_some());
    }
}
