//! Comma-separated values (RFC 4180), with what the usual readers lose: whether a field was quoted, and on which line its record begins.

use std::io::{self, BufRead};

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) text: String,
    pub(crate) is_quoted: bool,
}

/// Reads records one after the other.
pub(crate) struct CsvReader<R> {
    input: R,
    delimiter: char,
    line: u64,
    buffer: Vec<u8>,
}

/// A record, and the line on which it begins.
pub(crate) type Record = (u64, Vec<Field>);

impl<R: BufRead> CsvReader<R> {
    pub(crate) fn new(input: R, delimiter: char) -> Self {
        Self { input, delimiter, line: 0, buffer: Vec::new() }
    }

    /// The next record; `None` at the end. Empty lines are passed over.
    ///
    /// # Errors
    /// `InvalidData` with a message for a quotation without an end, text after one, and bytes that are not UTF-8.
    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        loop {
            let first_line = self.line + 1;
            let Some(mut text) = self.read_line()? else { return Ok(None) };
            if text.is_empty() {
                continue;
            }
            loop {
                match split(&text, self.delimiter)? {
                    Some(fields) => return Ok(Some((first_line, fields))),
                    // A quotation goes on in the next line.
                    None => match self.read_line()? {
                        Some(more) => {
                            text.push('\n');
                            text.push_str(&more);
                        }
                        None => {
                            self.line = first_line;
                            return Err(invalid("a quotation has no end"));
                        }
                    },
                }
            }
        }
    }

    /// The line that was read last.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    fn read_line(&mut self) -> io::Result<Option<String>> {
        self.buffer.clear();
        if self.input.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
            if self.buffer.last() == Some(&b'\r') {
                self.buffer.pop();
            }
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|_| invalid("the text is not UTF-8"))?;
        // Some programs write a byte order mark.
        let text = if self.line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        Ok(Some(text.to_owned()))
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.to_owned())
}

/// The fields of a record; `None` where a quotation has no end yet.
fn split(text: &str, delimiter: char) -> io::Result<Option<Vec<Field>>> {
    let mut fields = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        let mut field = Field { text: String::new(), is_quoted: false };
        if characters.peek() == Some(&'"') {
            characters.next();
            field.is_quoted = true;
            loop {
                match characters.next() {
                    None => return Ok(None),
                    Some('"') if characters.peek() == Some(&'"') => {
                        characters.next();
                        field.text.push('"');
                    }
                    Some('"') => break,
                    Some(other) => field.text.push(other),
                }
            }
            if characters.peek().is_some_and(|next| *next != delimiter) {
                return Err(invalid("text follows the end of a quotation"));
            }
        }
        loop {
            match characters.next() {
                None => {
                    fields.push(field);
                    return Ok(Some(fields));
                }
                Some(character) if character == delimiter => break,
                Some(other) => field.text.push(other),
            }
        }
        fields.push(field);
    }
}

/// A field as it is written: quoted where it must be, or where `is_present` tells an empty text from an absent value.
pub(crate) fn write_field(out: &mut String, text: &str, delimiter: char, null: &str) {
    let needs_quotes = text == null
        || text.is_empty()
        || text.contains(['"', '\n', '\r', delimiter])
        || text.starts_with(' ')
        || text.ends_with(' ');
    if !needs_quotes {
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut reader = CsvReader::new(text.as_bytes(), ',');
        let mut records = Vec::new();
        while let Some((line, fields)) = reader.next().expect("well-formed") {
            records.push((line, fields.into_iter().map(|field| field.text).collect()));
        }
        records
    }

    #[test]
    fn quotations_span_lines_and_records_know_theirs() {
        let text = "\u{feff}a,\"b\nc\",\"d\"\"e\"\r\n\r\nf,,\"\"\n";
        let owned = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
        assert_eq!(records(text), [(1, owned(&["a", "b\nc", "d\"e"])), (4, owned(&["f", "", ""]))]);
    }

    #[test]
    fn what_is_written_is_read_alike() {
        for text in ["plain", "", "a,b", "say \"hi\"", "two\nlines", " space "] {
            let mut out = String::new();
            write_field(&mut out, text, ',', "");
            assert_eq!(records(&format!("{out},end\n")), [(1, vec![text.to_owned(), "end".to_owned()])]);
        }
    }

    #[test]
    fn mistakes_are_reported() {
        for text in ["a,\"b", "\"a\"b,c"] {
            assert!(CsvReader::new(text.as_bytes(), ',').next().is_err(), "{text}");
        }
    }
}
