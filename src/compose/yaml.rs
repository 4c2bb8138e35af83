//! YAML as a tree in which every scalar knows its bytes and how it was quoted.
//!
//! Aliases share the node they name and `<<` is merged when a mapping closes, so that an alias bomb
//! costs no more than its text. What was read before a syntax error is kept. Nothing here knows
//! compose.

use crate::maps::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle};

pub(crate) use self::error::REFUSED_DOLLAR;
pub(crate) use self::error::YamlError;
use self::place::{Offsets, align};
use crate::span::{FileId, Span, Traced};

/// Nodes and merged entries one file may have.
const MAX_NODES: usize = 100_000;
/// Mappings and sequences inside each other.
const MAX_DEPTH: u8 = 100;

/// A node of the tree. Cheap to clone: aliases share it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub value: Arc<Value>,
    /// From its first byte to its last; for an alias, the node it names.
    pub span: Span,
    /// `!reset` and `!override` of compose; other tags are not kept.
    pub tag: Option<Tag>,
    /// Levels below it, through aliases too; bounded, so that walking and dropping are.
    depth: u8,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In file order, merged entries last; keys are unique.
    Mapping(Vec<Entry>),
}

/// `key: value`
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: Scalar,
    pub value: Node,
}

/// Tags compose gives a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Reset,
    Override,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    Double,
    /// `|` and `>`; the span is that of the content.
    Block,
    /// A part of another scalar: `V` of `K=V`. It has no type of its own.
    Part,
}

/// A scalar; its text without quotes, escapes and folds resolved.
#[derive(Debug, Clone)]
pub struct Scalar {
    pub text: Traced,
    pub style: Style,
    /// Quotes included.
    pub span: Span,
}

impl Node {
    /// A node made of parts of others.
    pub(crate) fn new(value: Value, span: Span) -> Self {
        let depth = match &value {
            Value::Scalar(_) => 0,
            Value::Sequence(items) => items.iter().map(|node| node.depth).max().unwrap_or(0),
            Value::Mapping(entries) => entries.iter().map(|e| e.value.depth).max().unwrap_or(0),
        };
        Self {
            value: Arc::new(value),
            span,
            tag: None,
            depth: depth.saturating_add(1),
        }
    }

    /// The value of a key of a mapping.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    #[must_use]
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .find(|entry| entry.key.as_str() == key)
    }

    /// The entries of a mapping; none for other nodes.
    #[must_use]
    pub(crate) fn entries(&self) -> &[Entry] {
        match self.value.as_ref() {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for other nodes.
    #[must_use]
    pub(crate) fn items(&self) -> &[Node] {
        match self.value.as_ref() {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    #[must_use]
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match self.value.as_ref() {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    #[must_use]
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self.value.as_ref(), Value::Mapping(_))
    }

    #[must_use]
    pub(crate) fn is_sequence(&self) -> bool {
        matches!(self.value.as_ref(), Value::Sequence(_))
    }

    /// A scalar that says nothing.
    #[must_use]
    pub(crate) fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }
}

/// Reads the first document of a file. Never fails: `None` is an empty document, errors are told.
#[must_use]
pub(crate) fn parse(file: FileId, text: &str) -> (Option<Node>, Vec<YamlError>) {
    let (root, errors, is_whole) = read(file, text, text);
    if !is_whole && let Some(relaxed) = relax::relax(text) {
        let (root, errors, _) = read(file, text, &relaxed);
        return (root, errors);
    }
    (root, errors)
}

/// Reads every document of a file, those before a mistake too; false with them when there is one.
#[must_use]
pub(crate) fn documents(file: FileId, text: &str) -> (Vec<Node>, bool) {
    let mut builder = Builder::new(file, text, text);
    builder.takes_all = true;
    builder.read();
    builder.documents.extend(builder.root.take());
    (builder.documents, builder.errors.is_empty())
}

/// What compose's own parser may take all the same.
fn is_doubtful(message: &str) -> bool {
    ["invalid indentation in quoted", "valid yaml whitespace"]
        .iter()
        .any(|part| message.contains(part))
}

/// Reads `shown`, which is `text` but for blanks; false with the rest when it is no YAML.
fn read(file: FileId, text: &str, shown: &str) -> (Option<Node>, Vec<YamlError>, bool) {
    let mut builder = Builder::new(file, text, shown);
    let is_whole = builder.read();
    (builder.root, builder.errors, is_whole)
}

struct Open {
    anchor: usize,
    start: u32,
    tag: Option<Tag>,
    kind: OpenKind,
}

enum OpenKind {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        known: HashMap<String, usize>,
        merges: Vec<Node>,
        key: Option<Key>,
    },
}

/// A key that waits for its value.
enum Key {
    Scalar(Scalar),
    Merge,
    /// A mapping or sequence as key: its value is dropped.
    Other,
}

struct Builder<'a> {
    text: &'a str,
    /// What is parsed: the text but for blanks.
    shown: &'a str,
    file: FileId,
    offsets: Offsets,
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    /// Those before the one that is read, where all are wanted.
    documents: Vec<Node>,
    takes_all: bool,
    count: usize,
    errors: Vec<YamlError>,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str, shown: &'a str) -> Self {
        Self {
            text,
            shown,
            file,
            offsets: Offsets::new(shown),
            stack: Vec::new(),
            anchors: HashMap::default(),
            root: None,
            documents: Vec::new(),
            takes_all: false,
            count: 0,
            errors: Vec::new(),
        }
    }

    /// False when it is no YAML.
    fn read(&mut self) -> bool {
        let mut is_whole = true;
        // A mark of the byte order is no content.
        let body = self.shown.strip_prefix('\u{feff}').unwrap_or(self.shown);
        self.offsets.shift = self.shown.len() - body.len();
        for event in Parser::new_from_str(body) {
            match event {
                Ok((event, span)) => {
                    if !self.event(event, span.start.index(), span.end.index()) {
                        break;
                    }
                }
                Err(error) => {
                    let at = self.offsets.byte(error.marker().index());
                    let end = self.text[at as usize..].chars().next();
                    let end = at + end.map_or(0, |c| u32::try_from(c.len_utf8()).unwrap_or(0));
                    let span = Span::new(self.file, at, end);
                    let message = error.info().to_lowercase();
                    if is_doubtful(&message) {
                        self.limit(span, message);
                    } else {
                        self.fail(span, message);
                    }
                    is_whole = false;
                    break;
                }
            }
        }
        self.close_all();
        is_whole
    }
}

impl Builder<'_> {
    fn fail(&mut self, span: Span, message: impl Into<String>) {
        if self.errors.len() < 100 {
            self.errors.push(YamlError::new(span, message));
        }
    }

    fn limit(&mut self, span: Span, message: impl Into<String>) {
        if self.errors.len() < 100 {
            self.errors.push(YamlError::limit(span, message));
        }
    }

    /// False when reading ends here.
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> bool {
        let start = self.offsets.byte(start);
        let end = self.offsets.byte(end).max(start);
        let span = Span::new(self.file, start, end);
        self.count += 1;
        if self.count > MAX_NODES {
            self.limit(
                span,
                format!("the file has more than {MAX_NODES} values and is not read further"),
            );
            return false;
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&text, style, span);
                let node = Node {
                    span: scalar.span,
                    value: Arc::new(Value::Scalar(scalar)),
                    tag: tag.and_then(|tag| known_tag(&tag)),
                    depth: 0,
                };
                self.anchor(anchor, &node);
                self.add(node);
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.and_then(|tag| known_tag(&tag));
                return self.open(anchor, start, tag, OpenKind::Sequence(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.and_then(|tag| known_tag(&tag));
                let kind = OpenKind::Mapping {
                    entries: Vec::new(),
                    known: HashMap::default(),
                    merges: Vec::new(),
                    key: None,
                };
                return self.open(anchor, start, tag, kind);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.add(node.clone()),
                // The node that is being read: a cycle.
                None => {
                    self.fail(span, "the alias refers to a value that contains it");
                    self.add(nothing(span));
                }
            },
            Event::DocumentEnd if self.takes_all => self.documents.extend(self.root.take()),
            Event::DocumentEnd => return self.root.is_none(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        true
    }

    fn open(&mut self, anchor: usize, start: u32, tag: Option<Tag>, kind: OpenKind) -> bool {
        if self.stack.len() >= usize::from(MAX_DEPTH) {
            let span = Span::point(self.file, start);
            self.limit(
                span,
                format!("values nested more than {MAX_DEPTH} levels deep are not read"),
            );
            return false;
        }
        self.stack.push(Open {
            anchor,
            start,
            tag,
            kind,
        });
        true
    }

    fn close(&mut self, end: u32) {
        let Some(open) = self.stack.pop() else {
            return;
        };
        let value = match open.kind {
            OpenKind::Sequence(items) => {
                let last = items.last().map(|node| node.span.end);
                (Value::Sequence(items), last)
            }
            OpenKind::Mapping {
                mut entries,
                known,
                merges,
                ..
            } => {
                let last = entries
                    .last()
                    .map(|entry| entry.value.span.end.max(entry.key.span.end));
                self.merge(&mut entries, known, merges);
                (Value::Mapping(entries), last)
            }
        };
        let (value, last) = value;
        // A block ends where its last value does, not at the line that ends it.
        let is_flow = matches!(
            self.text.as_bytes().get(open.start as usize),
            Some(b'[' | b'{')
        );
        let end = if is_flow {
            end
        } else {
            last.unwrap_or(open.start)
        };
        let span = Span::new(self.file, open.start, end.max(open.start));
        let below = match &value {
            Value::Scalar(_) => 0,
            Value::Sequence(items) => items.iter().map(|node| node.depth).max().unwrap_or(0),
            Value::Mapping(entries) => entries.iter().map(|e| e.value.depth).max().unwrap_or(0),
        };
        let node = if below >= MAX_DEPTH {
            self.limit(
                span,
                format!("aliases nested more than {MAX_DEPTH} levels deep are not followed"),
            );
            nothing(span)
        } else {
            Node {
                value: Arc::new(value),
                span,
                tag: open.tag,
                depth: below + 1,
            }
        };
        self.anchor(open.anchor, &node);
        self.add(node);
    }

    /// Entries of the merged mappings: the mapping's own win, then the first merged.
    fn merge(
        &mut self,
        entries: &mut Vec<Entry>,
        mut known: HashMap<String, usize>,
        merges: Vec<Node>,
    ) {
        for node in merges {
            let sources = if node.is_mapping() {
                vec![node]
            } else {
                node.items().to_vec()
            };
            for source in sources {
                self.count += source.entries().len();
                if self.count > MAX_NODES {
                    let message =
                        format!("merges with more than {MAX_NODES} values are not followed");
                    self.limit(source.span, message);
                    return;
                }
                for entry in source.entries() {
                    if !known.contains_key(entry.key.as_str()) {
                        known.insert(entry.key.as_str().to_owned(), entries.len());
                        entries.push(entry.clone());
                    }
                }
            }
        }
    }

    fn anchor(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn add(&mut self, node: Node) {
        let mut repeated = None;
        match self.stack.last_mut().map(|open| &mut open.kind) {
            None => {
                self.root.get_or_insert(node);
            }
            Some(OpenKind::Sequence(items)) => items.push(node),
            Some(OpenKind::Mapping {
                entries,
                known,
                merges,
                key,
            }) => match key.take() {
                None => {
                    *key = Some(match node.scalar() {
                        Some(scalar) if scalar.as_str() == "<<" && scalar.style == Style::Plain => {
                            Key::Merge
                        }
                        Some(scalar) => Key::Scalar(scalar.clone()),
                        None => Key::Other,
                    });
                }
                Some(Key::Other) => {}
                Some(Key::Merge) => merges.push(node),
                Some(Key::Scalar(key)) => {
                    let entry = Entry { key, value: node };
                    // Readers that accept this take the last.
                    if let Some(&at) = known.get(entry.key.as_str()) {
                        repeated = Some(entry.key.clone());
                        if let Some(first) = entries.get_mut(at) {
                            *first = entry;
                        }
                    } else {
                        known.insert(entry.key.as_str().to_owned(), entries.len());
                        entries.push(entry);
                    }
                }
            },
        }
        if let Some(key) = repeated {
            self.fail(key.span, format!("duplicate key `{}`", key.as_str()));
        }
    }

    fn close_all(&mut self) {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        while !self.stack.is_empty() {
            self.close(end);
        }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Span) -> Scalar {
        let raw = span.slice(self.shown);
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        // Ends of tokens may lie behind blanks and line ends.
        let kept = raw.trim_end().len();
        let span = Span::new(
            span.file,
            span.start,
            span.start + u32::try_from(kept).unwrap_or(0),
        );
        let inner = match style {
            Style::Single | Style::Double if kept >= 2 => {
                Span::new(span.file, span.start + 1, span.end - 1)
            }
            _ => span,
        };
        Scalar {
            text: align(value, inner, self.text),
            style,
            span,
        }
    }
}

/// A null where something could not be read.
pub(crate) fn nothing(span: Span) -> Node {
    let scalar = Scalar {
        text: Traced::empty(span),
        style: Style::Plain,
        span,
    };
    Node {
        value: Arc::new(Value::Scalar(scalar)),
        span,
        tag: None,
        depth: 0,
    }
}

fn known_tag(tag: &saphyr_parser::Tag) -> Option<Tag> {
    match tag.suffix.as_str() {
        "reset" => Some(Tag::Reset),
        "override" => Some(Tag::Override),
        _ => None,
    }
}

mod error;
mod place;
mod relax;
mod scalar;
#[cfg(test)]
mod tests;
