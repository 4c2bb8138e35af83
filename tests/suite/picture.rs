//! The picture of the README: a terminal with what the command prints, made from its output.

use std::fmt::Write as _;

use super::support::{assert_kept, finish, root, seatrial};

/// What is typed in the picture.
const TYPED: &str = "seatrial fixtures/projects/first-steps --min-severity warning";
/// Columns of the picture, and the size of a character.
const COLUMNS: usize = 104;
const WIDTH: f64 = 8.4;
const HEIGHT: usize = 19;
const MARGIN: usize = 16;
/// Lines of the picture: the last ones, next to the prompt.
const LINES: usize = 34;

/// A piece of a line in one style.
struct Piece {
    text: String,
    colour: &'static str,
    is_bold: bool,
}

/// A line of output in pieces: sequences for colours are read. There are no others, for links are written to a
/// terminal only.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut colour, mut is_bold) = (PLAIN, false);
    let mut rest = line;
    loop {
        let (text, after) = rest.split_once('\u{1b}').unwrap_or((rest, ""));
        if !text.is_empty() {
            pieces.push(Piece {
                text: text.to_owned(),
                colour,
                is_bold,
            });
        }
        if after.is_empty() {
            return pieces;
        }
        let (codes, after) = after.split_once('m').expect("the end of a sequence");
        for code in codes.trim_start_matches('[').split(';') {
            match code {
                "0" | "" => (colour, is_bold) = (PLAIN, false),
                "1" => is_bold = true,
                "31" | "91" => colour = "#ff7b72",
                "32" | "92" => colour = "#7ee787",
                "33" | "93" => colour = "#e3b341",
                "34" | "94" => colour = "#79c0ff",
                "36" | "96" => colour = "#56d4dd",
                // Bright variants that are told apart by a number of their own.
                _ => {}
            }
        }
        rest = after;
    }
}

const PLAIN: &str = "#e6edf3";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[test]
fn the_picture_shows_what_is_printed() {
    let mut run = seatrial();
    let arguments = TYPED.split_whitespace().skip(1);
    run.current_dir(root()).args(arguments);
    run.args(["--color", "always"]);
    let printed = finish(run, None).out;
    let lines: Vec<&str> = printed.trim_end().lines().collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    // Not from the middle of a finding.
    let start = lines
        .iter()
        .position(|line| line.is_empty())
        .map_or(0, |at| at + 1);
    let lines = &lines[start..];
    let width = 2 * MARGIN + (COLUMNS as f64 * WIDTH) as usize;
    let height = 2 * MARGIN + (lines.len() + 3) * HEIGHT;
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Output of seatrial\">\n<style>text {{ font: 14px ui-monospace, Menlo, Consolas, monospace; \
         white-space: pre; fill: {PLAIN} }} .b {{ font-weight: bold }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    let mut y = MARGIN + HEIGHT;
    let mut line = |svg: &mut String, pieces: &[Piece]| {
        let _ = write!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">"
        );
        let mut left = COLUMNS;
        for piece in pieces {
            let cut: String = piece.text.chars().take(left).collect();
            left -= cut.chars().count();
            let class = if piece.is_bold { " class=\"b\"" } else { "" };
            let colour = piece.colour;
            let _ = write!(
                svg,
                "<tspan fill=\"{colour}\"{class}>{}</tspan>",
                escaped(&cut)
            );
        }
        svg.push_str("</text>\n");
        y += HEIGHT;
    };
    let plain = |text: String| Piece {
        text,
        colour: PLAIN,
        is_bold: false,
    };
    line(&mut svg, &[plain(format!("$ {TYPED}"))]);
    line(&mut svg, &[plain("...".to_owned())]);
    for shown in lines {
        line(&mut svg, &pieces(shown));
    }
    svg.push_str("</svg>\n");
    roxmltree::Document::parse(&svg).expect("a picture");
    assert_kept(&root().join("docs/screen.svg"), &svg);
}
