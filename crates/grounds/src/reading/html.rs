//! The reading view as one HTML page without external assets; everything from documents and rules is escaped.

use grounds_core::ClaimKind;
use grounds_reason::WordsLine;

use super::gather::days_in_words;
use super::{ClaimRead, ProvisionRead, QuestionRead, ReadingPage, RuleRead};
use crate::report::{STYLE, escape};

/// What this page has beyond the report's style: print on one page, signature lines.
const OWN_STYLE: &str = include_str!("style.css");

/// Renders the page as self-contained HTML, to be read on screen and printed for signature. The same page gives the same bytes.
pub fn reading_html(page: &ReadingPage) -> String {
    let pinpoints: Vec<&str> = page.provisions.iter().map(|provision| provision.pinpoint.as_str()).collect();
    let title = escape(&pinpoints.join(", "));
    let mut out = String::new();
    out.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str(&format!("<title>{title}</title>\n<style>\n{STYLE}{OWN_STYLE}</style>\n</head>\n<body>\n"));
    out.push_str(&format!(
        "<header><p class=\"kind\">Text and rules</p><h1>{title}</h1><p class=\"at\">Law in force on <b>{}</b>, as known at snapshot \
         <b>{}</b>. Letters mark the words that rules quote; numbers in square brackets lead to the questions below.</p></header>\n<main>\n",
        page.as_of, page.snapshot
    ));
    out.push_str("<section class=\"law\">\n");
    page.provisions.iter().for_each(|provision| text(provision, &mut out));
    out.push_str("</section>\n<section class=\"rules\">\n");
    if page.claims.is_empty() {
        out.push_str("<p>No rule in force on this day encodes this text.</p>\n");
    }
    page.claims.iter().for_each(|one| claim(one, &mut out));
    for declaration in &page.declarations {
        out.push_str(&format!(
            "<div class=\"rule\"><p class=\"meta\"><code>{}</code> {} · {}:{}</p><pre>{}</pre></div>\n",
            escape(&declaration.name),
            letters(&declaration.letters),
            escape(&declaration.file),
            declaration.line,
            escape(&declaration.source)
        ));
    }
    if !page.not_in_force.is_empty() {
        out.push_str(&format!(
            "<p class=\"meta\">Not in force on this day: {}</p>\n",
            escape(&page.not_in_force.join(", "))
        ));
    }
    out.push_str("</section>\n</main>\n<section class=\"below\">\n");
    questions(&page.questions, &mut out);
    out.push_str(SIGNATURE);
    out.push_str("</section>\n</body>\n</html>\n");
    out
}

const SIGNATURE: &str = "\
<div class=\"signature\">
<p>☐ The rules say what the text says. ☐ They do so with the remarks below or overleaf.</p>
<p class=\"line\">Remarks</p>
<p class=\"lines\"><span>Name</span><span>Date</span><span>Signature</span></p>
</div>
";

fn text(provision: &ProvisionRead, out: &mut String) {
    out.push_str(&format!(
        "<article class=\"source\"><h3>{}</h3><p class=\"where\">{} · in force {} · <code>{}</code></p>\n<div class=\"text\">{}</div></article>\n",
        escape(&provision.pinpoint),
        escape(&provision.title),
        days_in_words(provision.in_force),
        escape(&provision.version),
        marked(provision)
    ));
    if !provision.not_quoted.is_empty() {
        out.push_str(&format!("<p class=\"meta\">No rule quotes {}.</p>\n", escape(&provision.not_quoted.join(", "))));
    }
}

/// The text with its marks. Marks may overlap: the text is cut at every boundary.
fn marked(provision: &ProvisionRead) -> String {
    let ends = provision.marks.iter().flat_map(|mark| [mark.start, mark.end]);
    let mut cuts: Vec<usize> = ends.chain([0, provision.text.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut out = String::new();
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let Some(piece) = provision.text.get(start..end) else { continue };
        for mark in provision.marks.iter().filter(|mark| mark.start == start) {
            let letter = escape(&mark.letter);
            out.push_str(&format!("<b class=\"number\" title=\"{}\">{letter}</b>", escape(&mark.quoted_by.join(", "))));
        }
        let is_marked = provision.marks.iter().any(|mark| mark.start <= start && end <= mark.end);
        let piece = escape(piece);
        out.push_str(&if is_marked { format!("<mark>{piece}</mark>") } else { piece });
    }
    out
}

fn letters(letters: &[String]) -> String {
    letters.iter().map(|letter| format!("<b class=\"number\">{}</b>", escape(letter))).collect()
}

fn claim(claim: &ClaimRead, out: &mut String) {
    let kind = match claim.kind {
        ClaimKind::Claim => "Claim",
        ClaimKind::Violation => "Violation",
        ClaimKind::Sanction => "Sanction",
    };
    out.push_str(&format!(
        "<div class=\"claim\"><h2>{}</h2><p class=\"meta\">{kind} <code>{}</code>, else: {}.</p>\n",
        escape(&claim.say),
        escape(&claim.claim),
        escape(&claim.say_not)
    ));
    claim.rules.iter().for_each(|one| rule(one, out));
    out.push_str("</div>\n");
}

fn rule(rule: &RuleRead, out: &mut String) {
    let step = if rule.depth > 0 { " step" } else { "" };
    let tests = if rule.test_count == 1 { "1 test".to_owned() } else { format!("{} tests", rule.test_count) };
    out.push_str(&format!(
        "<div class=\"rule{step}\"><p class=\"meta\"><b>{}</b> <code>{}</code> · in force {} · {tests}</p>\n",
        escape(&rule.kind),
        escape(&rule.rule),
        days_in_words(rule.in_force)
    ));
    out.push_str(&format!("<p class=\"conclusion\">{}", escape(&rule.words.conclusion)));
    let quoted = rule.cites.iter().filter_map(|cited| cited.letter.as_deref());
    quoted.for_each(|letter| out.push_str(&format!("<b class=\"number\">{}</b>", escape(letter))));
    out.push_str(match (rule.words.conditions.is_empty(), rule.words.only) {
        (true, _) => "</p>\n",
        (false, true) => " – if, and only if:</p>\n",
        (false, false) => " – if:</p>\n",
    });
    conditions(&rule.words.conditions, out);
    for amendment in &rule.words.amendments {
        let id = escape(&amendment.amendment);
        out.push_str(&format!(
            "<p>Read with {} (<code>{id}</code>){}</p>\n",
            escape(&amendment.text),
            when(&amendment.conditions)
        ));
        conditions(&amendment.conditions, out);
    }
    for cited in rule.cites.iter().filter(|cited| cited.letter.is_none()) {
        out.push_str(&format!("<p class=\"meta\">{}: “{}”</p>\n", escape(&cited.pinpoint), escape(&cited.quote)));
    }
    for reading in &rule.readings {
        let rival = reading.rival.as_ref().map_or(String::new(), |rival| format!(" Not taken: {}.", escape(rival)));
        let (text, by) = (escape(&reading.text), escape(&reading.by));
        out.push_str(&format!("<p class=\"reading\">Reading: {text} ({by}, {}).{rival}</p>\n", reading.on));
    }
    for (what, list) in [("Rests on", &rule.rests_on), ("Further exceptions", &rule.exceptions_elsewhere)] {
        if !list.is_empty() {
            out.push_str(&format!("<p class=\"meta\">{what}: {}</p>\n", escape(&list.join("; "))));
        }
    }
    out.push_str(&format!(
        "<pre title=\"{}:{}\">{}</pre></div>\n",
        escape(&rule.file),
        rule.line,
        escape(&rule.source)
    ));
}

fn when(conditions: &[WordsLine]) -> &'static str {
    if conditions.is_empty() { "." } else { " if:" }
}

/// Conditions as lists inside lists.
fn conditions(lines: &[WordsLine], out: &mut String) {
    let mut depth = 0;
    for line in lines {
        while depth <= line.depth {
            out.push_str("<ul>");
            depth += 1;
        }
        while depth > line.depth + 1 {
            out.push_str("</ul>");
            depth -= 1;
        }
        out.push_str(&format!("<li>{}</li>", escape(&line.text)));
    }
    (0..depth).for_each(|_| out.push_str("</ul>"));
    out.push('\n');
}

fn questions(questions: &[QuestionRead], out: &mut String) {
    if questions.is_empty() {
        return;
    }
    out.push_str("<h2>Open questions</h2>\n<table class=\"questions\"><tbody>\n");
    for QuestionRead { question, letters: own } in questions {
        let judgement = if question.judgement { " · for a human to judge" } else { "" };
        out.push_str(&format!(
            "<tr><td>[{}]</td><td>{}{} <small>{}; {}{judgement} · <code>{}</code></small></td></tr>\n",
            question.number,
            escape(&question.ask),
            letters(own),
            escape(&question.answer),
            escape(&question.absence),
            escape(&question.fact)
        ));
    }
    out.push_str("</tbody></table>\n");
}
