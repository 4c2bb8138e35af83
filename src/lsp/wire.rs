//! Messages on a stream: a head with a length, then JSON. A message that is none costs an answer, not the session.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::Message;

/// Longest line of a head, in bytes.
const LONGEST_LINE: u64 = 8 * 1024;

/// Longest message that is read, in bytes; what is longer is passed over.
const LONGEST_MESSAGE: u64 = 256 * 1024 * 1024;

/// What came.
#[derive(Debug)]
pub(super) enum Read {
    Message(Message),
    /// Why it is no message.
    Malformed(String),
}

/// The next message; `None` at the end of the stream.
pub(super) fn read(input: &mut dyn BufRead) -> io::Result<Option<Read>> {
    let mut length = None;
    let mut is_empty = true;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            if is_empty {
                continue;
            }
            break;
        }
        is_empty = false;
        let line = String::from_utf8_lossy(line);
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let Some(length) = length else {
        return Ok(Some(Read::Malformed("a head without a length".to_owned())));
    };
    let mut body = input.take(length);
    if length > LONGEST_MESSAGE {
        io::copy(&mut body, &mut io::sink())?;
        let reason = format!("a message of {length} bytes, which is too long");
        return Ok(Some(Read::Malformed(reason)));
    }
    let mut text = Vec::new();
    body.read_to_end(&mut text)?;
    if (text.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&text) {
        Ok(message) => Read::Message(message),
        Err(error) => Read::Malformed(error.to_string()),
    }))
}

/// Writes a message.
pub(super) fn write(out: &mut dyn Write, message: &Message) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Envelope<'a> {
        jsonrpc: &'static str,
        #[serde(flatten)]
        message: &'a Message,
    }
    let jsonrpc = "2.0";
    let text = serde_json::to_string(&Envelope { jsonrpc, message })?;
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut told = Vec::new();
        while let Some(read) = read(&mut input).unwrap() {
            told.push(match read {
                Read::Message(Message::Notification(message)) => message.method,
                Read::Message(other) => format!("{other:?}"),
                Read::Malformed(_) => "malformed".to_owned(),
            });
        }
        told
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_is_read() {
        let good = "Content-Length: 14\r\n\r\n{\"method\":\"a\"}";
        let told = all(&format!(
            "{good}Content-Length: 2\r\n\r\n{{x{good}nonsense\r\n\r\n\r\n\
             content-length:14\r\nX: y\r\n\r\n{{\"method\":\"b\"}}\
             Content-Length: 9999\r\n\r\n{{}}"
        ));
        assert_eq!(told, ["a", "malformed", "a", "malformed", "b"]);
        assert!(all("Content-Length: 99999999999\r\n\r\n").contains(&"malformed".to_owned()));
    }

    #[test]
    fn a_message_comes_back() {
        let mut out = Vec::new();
        let message = lsp_server::Notification::new("é".to_owned(), "🙂");
        write(&mut out, &Message::Notification(message)).unwrap();
        assert_eq!(all(&String::from_utf8(out).unwrap()), ["é"]);
    }
}
