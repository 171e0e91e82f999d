//! Which format a text is in.

use super::report::Format;
use super::{ImportError, SourceFile};

/// Root elements of Formex documents (formex.publications.europa.eu), besides any document that names its schema.
const FORMEX_ROOTS: &[&str] = &[
    "ACT",
    "CONS.ACT",
    "CONS.DOC",
    "CONS.ANNEX",
    "CONS.OTHER",
    "CORR",
    "ANNEX",
    "GENERAL",
    "AGR",
    "LETTER",
    "DECISION",
    "PROPOSAL",
    "OTH",
    "RECOMMENDATION",
];

/// Tells the format by the content, then by the ending of the file's name.
pub(crate) fn detect(file: &SourceFile<'_>, text: &str) -> Result<Format, ImportError> {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let unsupported =
        |format: String, advice| Err(ImportError::Unsupported { file: file.name.to_owned(), format, advice });
    let start = text.trim_start();
    let lower_start: String = start.chars().take(100).collect::<String>().to_lowercase();
    if lower_start.starts_with("<!doctype html") || lower_start.starts_with("<html") {
        return unsupported("HTML".to_owned(), "save the page as text or Markdown");
    }
    let looks_like_xml = start.starts_with("<?xml") || (ending == "xml" && start.starts_with('<'));
    if looks_like_xml || root_element(start).is_some_and(|root| FORMEX_ROOTS.contains(&root)) {
        let root = root_element(start).unwrap_or_default();
        let head: String = start.chars().take(2_000).collect();
        if FORMEX_ROOTS.contains(&root) || head.contains("formex") || root.is_empty() {
            return Ok(Format::Formex);
        }
        return unsupported(format!("XML with the root element `{root}`"), "of XML, Formex is read");
    }
    if start.starts_with("---\n") || start.starts_with("---\r\n") || matches!(ending.as_str(), "md" | "markdown") {
        return Ok(Format::Markdown);
    }
    if ending != "txt" && text.lines().any(|line| line.starts_with("# ") || line.starts_with("## ")) {
        return Ok(Format::Markdown);
    }
    Ok(Format::PlainText)
}

/// The name of the first element, past declarations and comments.
fn root_element(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let skipped = if text.starts_with("<?") {
            text.find("?>").map(|end| end + 2)
        } else if text.starts_with("<!--") {
            text.find("-->").map(|end| end + 3)
        } else if text.starts_with("<!") {
            text.find('>').map(|end| end + 1)
        } else {
            break;
        };
        text = &text[skipped?..];
    }
    let name = text.strip_prefix('<')?;
    let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    (end > 0).then(|| &name[..end])
}
