//! Servers beside an application that ask it where a file of the project says.

/// A server by its image.
#[derive(Debug)]
pub(crate) struct StackClient {
    image: &'static str,
    pub name: &'static str,
    directory: &'static str,
    file: &'static str,
    /// Names another file on the command line.
    pub option: &'static str,
    /// The port that it answers at itself, whatever its file says; 0 for none.
    pub listens: u16,
}

static CLIENTS: &[StackClient] = include!(concat!(env!("OUT_DIR"), "/stack-clients.rs"));

/// The server of an image, by the name of its repository.
pub(crate) fn of(repository: &str) -> Option<&'static StackClient> {
    let name = repository.trim_start_matches("library/");
    super::find(CLIENTS, name, |row| row.image)
}

impl StackClient {
    /// The file that it reads where no option names one.
    pub(crate) fn usual_file(&self) -> String {
        format!("{}/{}", self.directory, self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_their_image() {
        let file = |name: &str| of(name).map(StackClient::usual_file);
        assert_eq!(
            file("library/caddy").as_deref(),
            Some("/etc/caddy/Caddyfile")
        );
        assert_eq!(file("nginx"), None);
    }
}
