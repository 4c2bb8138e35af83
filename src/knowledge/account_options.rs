//! Options that `adduser` and `addgroup` of a distribution do not have.

#[derive(Debug)]
pub(crate) struct AccountOption {
    option: &'static str,
    programs: &'static [&'static str],
    alpine: bool,
    /// It is an option for help there: the program ends well and makes nothing.
    pub helps: bool,
    pub instead: Option<&'static str>,
}

static ROWS: &[AccountOption] = include!(concat!(env!("OUT_DIR"), "/account-options.rs"));

/// What is known of an option of a program, as it is written, on Alpine or on Debian.
pub(crate) fn of(program: &str, option: &str, alpine: bool) -> Option<&'static AccountOption> {
    let start = ROWS.partition_point(|row| row.option < option);
    let mut same = ROWS[start..].iter().take_while(|row| row.option == option);
    same.find(|row| row.alpine == alpine && row.programs.contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_one_distribution() {
        assert!(ROWS.is_sorted_by(|a, b| a.option <= b.option));
        let system = of("adduser", "-S", false).and_then(|row| row.instead);
        assert_eq!(system, Some("--system"));
        assert!(of("adduser", "-S", true).is_none() && of("addgroup", "-H", false).is_none());
    }
}
