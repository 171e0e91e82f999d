//! From bytes in any encoding to text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{ImportError, SourceFile};

/// Beginnings of formats that people try to import, and what to do instead.
const MAGIC_NUMBERS: &[(&[u8], &str, &str)] = &[
    (b"%PDF", "PDF", "export its text layer as UTF-8 text, for example with pdftotext"),
    (b"PK\x03\x04", "a ZIP archive or an office document", "unpack it, or save the document as UTF-8 text or Markdown"),
    (b"\xD0\xCF\x11\xE0", "an old office document", "save it as UTF-8 text or Markdown"),
    (b"{\\rtf", "RTF", "save it as UTF-8 text or Markdown"),
    (b"\x1F\x8B", "a gzip archive", "unpack it"),
];

/// A control character in every so many bytes makes a file binary.
const BYTES_PER_CONTROL_CHARACTER_MIN: usize = 50;

/// A file as text. A byte order mark is no part of it.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// The name of the encoding, with a remark where bytes could not be decoded.
    pub(crate) encoding: String,
}

/// Decodes by byte order mark, then the XML declaration, then as UTF-8, then by a guess.
pub(crate) fn decode(file: &SourceFile<'_>) -> Result<Decoded, ImportError> {
    if let Some((_, format, advice)) = MAGIC_NUMBERS.iter().find(|(magic, ..)| file.bytes.starts_with(magic)) {
        return Err(ImportError::Unsupported { file: file.name.to_owned(), format: (*format).to_owned(), advice });
    }
    let encoding = encoding_of(file.bytes);
    if encoding != UTF_16LE && encoding != UTF_16BE {
        refuse_binary(file)?;
    }
    let (text, encoding, had_errors) = encoding.decode(file.bytes);
    if let Some(position) = text.find('\0') {
        return Err(ImportError::Binary { file: file.name.to_owned(), byte: position, found: "a NUL character" });
    }
    if text.trim().is_empty() {
        return Err(ImportError::Empty { file: file.name.to_owned() });
    }
    let remark = if had_errors { " with bytes that do not belong to it, shown as U+FFFD" } else { "" };
    Ok(Decoded { text: text.into_owned(), encoding: format!("{}{remark}", encoding.name()) })
}

fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    if let Some(encoding) = declared_in_xml(bytes) {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// `<?xml … encoding="ISO-8859-1"?>`
fn declared_in_xml(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label(label.as_bytes())
}

fn refuse_binary(file: &SourceFile<'_>) -> Result<(), ImportError> {
    let refuse = |byte, found| Err(ImportError::Binary { file: file.name.to_owned(), byte, found });
    if let Some(byte) = file.bytes.iter().position(|byte| *byte == 0) {
        return refuse(byte, "a NUL byte");
    }
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B);
    let control_count = file.bytes.iter().filter(|byte| is_control(byte)).count();
    if control_count * BYTES_PER_CONTROL_CHARACTER_MIN > file.bytes.len() {
        let first = file.bytes.iter().position(is_control).unwrap_or(0);
        return refuse(first, "one of many control characters");
    }
    Ok(())
}
