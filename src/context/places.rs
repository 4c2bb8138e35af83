//! A tree of the paths that effects name, by their numbers.
//!
//! What many effects do alike counts once: of those that make a directory on the way, generate something at a place or
//! set its mode only the last before a moment is looked at.

use crate::maps::HashMap;
use std::collections::BinaryHeap;

#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The first is the root.
    nodes: Vec<Node>,
    /// Effects with wildcards.
    pub(super) anywhere: Vec<usize>,
    /// Effects that may have made anything.
    pub(super) unknown: Vec<usize>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            anywhere: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Node {
    children: HashMap<Box<str>, usize>,
    /// Effects that make it a directory.
    made: Vec<usize>,
    at: Option<Box<At>>,
}

/// Effects that name just this path.
#[derive(Debug, Clone, Default)]
pub(super) struct At {
    /// Each counts.
    pub(super) steps: Vec<usize>,
    pub(super) generated: Vec<usize>,
    /// Those that copy the same to it, together.
    pub(super) alike: Vec<Vec<usize>>,
    /// Of mode and owner, of itself only and with all that is below.
    own: [Vec<usize>; 2],
    deep: [Vec<usize>; 2],
}

impl Places {
    pub(super) fn at(&mut self, path: &str) -> &mut At {
        let node = parts(path).fold(0, |node, part| self.child(node, part));
        self.nodes[node].at.get_or_insert_default()
    }

    /// An effect makes all directories above a path.
    pub(super) fn make_above(&mut self, index: usize, path: &str) -> usize {
        parts(path).fold(0, |node, part| {
            self.nodes[node].made.push(index);
            self.child(node, part)
        })
    }

    /// It makes the path itself too.
    pub(super) fn make(&mut self, index: usize, path: &str) {
        let node = self.make_above(index, path);
        self.nodes[node].made.push(index);
    }

    fn child(&mut self, node: usize, part: &str) -> usize {
        if let Some(child) = self.nodes[node].children.get(part) {
            return *child;
        }
        let child = self.nodes.len();
        self.nodes[node].children.insert(part.into(), child);
        self.nodes.push(Node::default());
        child
    }

    /// The last effects first.
    pub(super) fn concerning(&self, path: &str, upto: usize) -> Merged<'_> {
        let mut merged = Merged::default();
        merged.add(&self.anywhere, upto);
        merged.add_last(&self.unknown, upto);
        let mut node = &self.nodes[0];
        let mut rest = parts(path);
        loop {
            let part = rest.next();
            if let Some(at) = &node.at {
                merged.add(&at.steps, upto);
                merged.add_last(&at.generated, upto);
                for alike in &at.alike {
                    merged.add_last(alike, upto);
                }
                for which in 0..2 {
                    merged.add_last(&at.deep[which], upto);
                    if part.is_none() {
                        merged.add_last(&at.own[which], upto);
                    }
                }
            }
            let Some(part) = part else {
                merged.add_last(&node.made, upto);
                return merged;
            };
            match node.children.get(part) {
                Some(child) => node = &self.nodes[*child],
                None => return merged,
            }
        }
    }
}

impl At {
    pub(super) fn change(&mut self, which: usize, is_deep: bool) -> &mut Vec<usize> {
        match is_deep {
            true => &mut self.deep[which],
            false => &mut self.own[which],
        }
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// Several ascending lists as a descending one.
#[derive(Default)]
pub(crate) struct Merged<'a> {
    /// What is left of each.
    lists: Vec<&'a [usize]>,
    /// The last of each, with its number.
    heap: BinaryHeap<(usize, usize)>,
}

impl<'a> Merged<'a> {
    fn add(&mut self, list: &'a [usize], upto: usize) {
        let list = &list[..list.partition_point(|index| *index < upto)];
        if let Some((last, rest)) = list.split_last() {
            self.heap.push((*last, self.lists.len()));
            self.lists.push(rest);
        }
    }

    fn add_last(&mut self, list: &'a [usize], upto: usize) {
        let end = list.partition_point(|index| *index < upto);
        self.add(&list[end.saturating_sub(1)..end], upto);
    }
}

impl Iterator for Merged<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let (index, mut list) = self.heap.pop()?;
        loop {
            if let Some((last, rest)) = self.lists[list].split_last() {
                self.heap.push((*last, list));
                self.lists[list] = rest;
            }
            // The same one from another list.
            match self.heap.peek() {
                Some((other, at)) if *other == index => list = *at,
                _ => return Some(index),
            }
            self.heap.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_merged_from_their_ends() {
        let mut merged = Merged::default();
        merged.add(&[0, 3, 5, 9], 9);
        merged.add(&[3, 4, 5], 9);
        merged.add_last(&[1, 2], 9);
        merged.add_last(&[], 9);
        assert_eq!(merged.collect::<Vec<_>>(), [5, 4, 3, 2, 0]);
    }
}
