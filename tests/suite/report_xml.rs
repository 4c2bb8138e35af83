//! Reports in XML, read by a parser that is not ours.

use super::report::{HOSTILE, json_reports, reports};

/// What is left of a text in XML, which has no room for most control characters.
fn in_xml(text: &str) -> String {
    text.replace(['\u{1b}', '\u{7}'], "\u{fffd}")
}

#[test]
fn checkstyle_is_well_formed_and_whole() {
    let reports = reports("checkstyle");
    for report in &reports {
        roxmltree::Document::parse(report).unwrap();
    }
    let document = roxmltree::Document::parse(&reports[0]).unwrap();
    let json = &json_reports("json")[0];
    let mut told = Vec::new();
    for file in document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name("file"))
    {
        for error in file.children().filter(|node| node.has_tag_name("error")) {
            told.push((
                file.attribute("name").unwrap().to_owned(),
                error.attribute("line").unwrap().to_owned(),
                error.attribute("message").unwrap().to_owned(),
            ));
        }
    }
    let mut expected = Vec::new();
    for list in ["findings", "errors"] {
        for one in json[list].as_array().unwrap() {
            expected.push((
                one["file"].as_str().unwrap().to_owned(),
                one["range"]["start"]["line"].to_string(),
                in_xml(one["message"].as_str().unwrap()),
            ));
        }
    }
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn junit_is_well_formed_and_counts() {
    for report in reports("junit") {
        let document = roxmltree::Document::parse(&report).unwrap();
        let suites = document.root_element();
        assert!(suites.has_tag_name("testsuites"));
        for (attribute, tag) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
        ] {
            let count = suites
                .descendants()
                .filter(|node| node.has_tag_name(tag))
                .count();
            assert_eq!(
                suites.attribute(attribute),
                Some(count.to_string().as_str())
            );
        }
    }
    let report = &reports("junit")[0];
    let document = roxmltree::Document::parse(report).unwrap();
    let names: Vec<&str> = document
        .root_element()
        .children()
        .filter_map(|node| node.attribute("name"))
        .collect();
    let hostile = format!("{HOSTILE}/Dockerfile");
    assert_eq!(names, ["broken/Dockerfile", "clean/Dockerfile", &hostile]);
    let failure = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    let texts: Vec<&str> = failure.filter_map(|node| node.text()).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.contains("'<&\"%::,|`*_🙂' \u{fffd}[31m")),
        "{texts:?}"
    );
}
