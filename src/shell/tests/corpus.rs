//! Every RUN, CMD and ENTRYPOINT of the shared corpus.

use super::{Setup, spans_fit};
use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::shared::corpus::oracle;
use crate::shell::{Dialect, Options, exec_form, parse};

#[test]
#[ignore = "needs the shared corpus"]
fn the_corpus_is_read() {
    let oracle = oracle();
    let setup = Setup::new(&["PATH?", "HOME?"]);
    let (mut bodies, mut broken, mut count, mut nameless) = (0, 0, 0, 0);
    for (name, bytes) in oracle.files {
        let file = setup.sources.add(name, bytes);
        let text = setup.sources.get(file);
        let dockerfile = crate::dockerfile::parse(file, &text.text);
        // Windows has shells of its own.
        if text.text.to_lowercase().contains("powershell") || text.text.contains("windows") {
            continue;
        }
        for instruction in &dockerfile.instructions {
            let instruction: &Instruction = instruction.trigger.as_deref().unwrap_or(instruction);
            if !matches!(
                instruction.keyword,
                Keyword::Run | Keyword::Cmd | Keyword::Entrypoint
            ) {
                continue;
            }
            let commands = match &instruction.args {
                Args::Json(words) => exec_form(words, &setup, &Options::default()),
                Args::Text(text) => {
                    let script = parse(text, Dialect::Posix);
                    bodies += 1;
                    broken += usize::from(!script.errors.is_empty());
                    script.commands(&setup, &Options::default())
                }
                _ => continue,
            };
            spans_fit(&setup, &commands);
            count += commands.len();
            nameless += commands.iter().filter(|c| c.name.is_none()).count();
        }
    }
    println!("{bodies} bodies, {broken} broken, {count} commands, {nameless} without a name");
    assert!(bodies > 1000 && count > bodies);
    // Broken quotes in other linters' fixtures, and words that are no program.
    assert!(broken * 100 < bodies, "{broken} of {bodies}");
    assert!(nameless * 100 < count, "{nameless} of {count}");
}
