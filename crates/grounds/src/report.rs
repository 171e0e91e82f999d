//! The report that a person reads: claims on one side, the quoted words in their sources on the other.
//!
//! One HTML file without external assets. Everything from documents, matters and answers is escaped: a document cannot put markup, let alone
//! a script, into a report.

mod claims;
mod explained;
mod sources;

use crate::verify::{AnswerFile, VerdictName};

/// The style sheet, inlined.
pub(crate) const STYLE: &str = include_str!("report/style.css");

/// Shows the source of a claim when it is pointed at or chosen. The report is complete without it.
const SCRIPT: &str = include_str!("report/link.js");

/// Renders `file` as a self-contained HTML page. The same file gives the same bytes.
pub fn html(file: &AnswerFile) -> String {
    let marks = sources::marks(file);
    let title = escape(&file.question);
    let verdict = match file.verdict {
        VerdictName::Verified => "<span class=\"badge verified\">Verified</span>",
        VerdictName::Refused => "<span class=\"badge refused\">Refused</span>",
    };
    let kind = if file.assessment.is_some() { "Assessment" } else { "Answer" };
    let mut page = String::new();
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str(&format!("<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"));
    page.push_str(&format!(
        "<header><p class=\"kind\">{kind} {verdict}</p><h1>{title}</h1>\
         <p class=\"at\">Law in force on <b>{}</b>, as known at snapshot <b>{}</b>.</p></header>\n<main>\n",
        file.as_of, file.snapshot
    ));
    page.push_str("<section class=\"claims\">\n");
    page.push_str(&claims::render(file, &marks));
    page.push_str("</section>\n<section class=\"sources\">\n");
    page.push_str(&sources::render(file, &marks));
    page.push_str("</section>\n</main>\n");
    page.push_str(&format!(
        "<footer>Every quotation above was compared with its source byte for byte, and every conclusion was checked by a program that shares \
         no code with the one that drew it. Seal <code>{}</code>.</footer>\n",
        escape(&file.seal)
    ));
    page.push_str(&format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
    page
}

/// `text` with the characters that mean something in HTML written as entities.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        assert_eq!(escape("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
    }
}
