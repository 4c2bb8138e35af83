//! Build contexts that scripts, recipes and workflows give a Dockerfile.

use super::builders;
use crate::source::{Root, Sources, join, normalize};

/// The action that builds and pushes an image.
const ACTION: &str = "docker/build-push-action";

/// The contexts that the files of the project which build the Dockerfile give it, by their way from the root, each
/// once; empty where none of them says so plainly.
pub(crate) fn contexts(root: &Root, sources: &Sources, dockerfile: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for path in &builders::called(root).0 {
        let Some((file, _)) = builders::source(root, sources, path) else {
            continue;
        };
        let lines = builders::lines_that_build(sources, file);
        let of_lines = lines.iter().filter_map(|line| {
            let stays = line.directory.is_none() && !line.is_moved && !line.is_elsewhere;
            let context = line.context.clone().filter(|_| stays)?;
            Some((context, line.dockerfile.clone()))
        });
        let steps = sources.once(file, |source| Steps(of_steps(&source.text)));
        for (context, named) in of_lines.chain(steps.0.iter().cloned()) {
            let Some(context) = normalize(&context) else {
                continue;
            };
            let named =
                named.map_or_else(|| Some(join(&context, "Dockerfile")), |it| normalize(&it));
            if named.as_deref() == Some(dockerfile) && !out.contains(&context) {
                out.push(context);
            }
        }
    }
    out
}

/// `context` and `file` of the steps of a workflow that build with the action, whatever directory its commands run in.
struct Steps(Vec<(String, Option<String>)>);

fn of_steps(text: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    for step in text.split(ACTION).skip(1) {
        let lines = step.lines().skip(1);
        let own = lines.take_while(|line| !line.trim_start().starts_with("- "));
        let mut context = None;
        let mut file = None;
        for line in own {
            let Some((key, value)) = line.trim().split_once(':') else {
                continue;
            };
            let value = value.split(" #").next().unwrap_or_default();
            let value = value.trim().trim_matches(['"', '\'']);
            match key {
                "context" => context = Some(value),
                "file" => file = Some(value),
                _ => {}
            }
        }
        let is_plain = |it: &str| !it.is_empty() && !it.contains(['$', '{', '|', '>', ':']);
        if let Some(context) = context.filter(|it| is_plain(it))
            && file.is_none_or(is_plain)
        {
            out.push((context.to_owned(), file.map(str::to_owned)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_workflows() {
        let step = |with: &str| {
            format!(
                "    steps:\n      - uses: {ACTION}@v6\n        with:\n{with}      - run: make\n"
            )
        };
        let read = |with: &str| of_steps(&step(with)).pop();
        let named =
            |context: &str, file: Option<&str>| Some((context.to_owned(), file.map(str::to_owned)));
        assert_eq!(
            read("          context: ./web/\n          file: ./web/Dockerfile # ours\n"),
            named("./web/", Some("./web/Dockerfile"))
        );
        assert_eq!(read("          context: web\n"), named("web", None));
        assert_eq!(read("          push: true\n"), None);
        assert_eq!(read("          context: ${{ matrix.context }}\n"), None);
        assert_eq!(
            read("          context: web\n          file: ${{ matrix.file }}\n"),
            None
        );
    }
}
