//! Files that say with which program a project reads its compose files.

#[derive(Debug)]
struct Caller {
    file: &'static str,
}

static CALLERS: &[Caller] = include!(concat!(env!("OUT_DIR"), "/compose-callers.rs"));

/// Every path of the table, from the root of a project; a directory stands for the files in it.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    CALLERS.iter().map(|row| row.file)
}

/// The text has the project call a program that reads `version` of a compose file: docker-compose before 1.27, for
/// which a file without it is one of the first format, `docker stack deploy`, `ecs-cli` or `kompose`.
#[must_use]
pub(crate) fn reads_version(text: &str) -> bool {
    text.lines().any(|line| {
        if ["docker stack deploy", "ecs-cli", "kompose"]
            .iter()
            .any(|word| line.contains(word))
        {
            return true;
        }
        let lower = line.to_ascii_lowercase();
        let after = lower.find("compose").map(|at| &lower[at..]);
        after.is_some_and(|after| {
            let mut at = 0;
            after.match_indices("1.").any(|(start, _)| {
                let before = &after[at.min(start)..start];
                at = start;
                let is_start = !before.ends_with(|c: char| c.is_ascii_digit() || c == '.');
                let digits = &after[start + 2..];
                let end = digits.find(|c: char| !c.is_ascii_digit());
                let minor = digits[..end.unwrap_or(digits.len())].parse::<u32>();
                is_start && minor.is_ok_and(|minor| minor < 27)
            })
        })
    })
}

/// The text has somebody collect static files in a container of compose, or remove its volumes.
#[must_use]
pub(crate) fn collects(text: &str) -> bool {
    let is_option = |line: &str| {
        let mut words = line.split(|c: char| c.is_whitespace() || "`\"\'".contains(c));
        words.any(|word| matches!(word, "-v" | "--volumes"))
    };
    text.lines().any(|line| {
        line.contains("collectstatic")
            || line.contains("volume rm")
            || line.contains("volume prune")
            || line.contains(" down") && is_option(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_read_the_version() {
        assert!(CALLERS.is_sorted_by(|a, b| a.file < b.file));
        for text in [
            "  image: docker/compose:1.25.4",
            "pip install docker-compose==1.12.0",
            "curl -L https://github.com/docker/compose/releases/download/1.24.1/docker-compose-Linux",
            "DOCKER_COMPOSE_VERSION=1.23.2",
            "docker stack deploy -c docker-compose.yml shop",
            "ecs-cli compose --file staging.yml up",
        ] {
            assert!(reads_version(text), "{text}");
        }
        for text in [
            "pip install docker-compose==1.29.2",
            "curl https://github.com/docker/compose/releases/download/v2.21.0/docker-compose",
            "docker-compose up",
            "django==1.11",
            "docker compose 11.2",
        ] {
            assert!(!reads_version(text), "{text}");
        }
    }

    #[test]
    fn what_fills_a_volume_anew() {
        assert!(collects(
            "\tdocker compose exec web ./manage.py collectstatic --noinput"
        ));
        assert!(collects("Run `docker compose down -v` first"));
        assert!(!collects(
            "docker compose up -d --build\ndocker compose down"
        ));
    }
}
