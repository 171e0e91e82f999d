//! The reading view in a terminal: the text with its marks, then the rules in words with their source.

use grounds::rules::WordsLine;
use grounds::{ClaimRead, ProvisionRead, QuestionRead, ReadingPage, RuleRead, days_in_words};
use grounds_core::ClaimKind;

use super::wrapped;

/// The whole page.
pub(crate) fn page(page: &ReadingPage) -> String {
    let mut out = String::new();
    for provision in &page.provisions {
        text(provision, &mut out);
    }
    if page.claims.is_empty() {
        out.push_str("No rule in force on this day encodes this text.\n\n");
    }
    for one in &page.claims {
        claim(one, &mut out);
    }
    for declaration in &page.declarations {
        let letters = bracketed(declaration.letters.iter().map(String::as_str));
        out.push_str(&format!("{} {letters}({}:{})\n", declaration.name, declaration.file, declaration.line));
        out.push_str(&source(&declaration.source, "  "));
        out.push('\n');
    }
    if !page.not_in_force.is_empty() {
        out.push_str(&wrapped(&format!("Not in force on this day: {}", page.not_in_force.join(", ")), ""));
        out.push_str("\n\n");
    }
    questions(&page.questions, &mut out);
    out.push_str("[ ] The rules say what the text says.   [ ] They do so with these remarks:\n\n");
    out.push_str("Name ____________________   Date ____________   Signature ____________________\n");
    out
}

/// The text, each quotation between its letter and the letter again: "[A: within 72 hours A]".
fn text(provision: &ProvisionRead, out: &mut String) {
    out.push_str(&format!(
        "{}  ({}, in force {})\n\n",
        provision.pinpoint,
        provision.version,
        days_in_words(provision.in_force)
    ));
    let ends = provision.marks.iter().flat_map(|mark| [mark.start, mark.end]);
    let mut cuts: Vec<usize> = ends.chain([0, provision.text.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut marked = String::new();
    for pair in cuts.windows(2) {
        let piece = provision.text.get(pair[0]..pair[1]).unwrap_or_default();
        for mark in provision.marks.iter().filter(|mark| mark.start == pair[0]) {
            marked.push_str(&format!("[{}: ", mark.letter));
        }
        marked.push_str(piece);
        for mark in provision.marks.iter().rev().filter(|mark| mark.end == pair[1]) {
            marked.push_str(&format!(" {}]", mark.letter));
        }
    }
    out.push_str(&wrapped(&marked, "  "));
    out.push_str("\n\n");
    if !provision.not_quoted.is_empty() {
        out.push_str(&wrapped(&format!("No rule quotes {}.", provision.not_quoted.join(", ")), ""));
        out.push_str("\n\n");
    }
}

fn claim(claim: &ClaimRead, out: &mut String) {
    let kind = match claim.kind {
        ClaimKind::Claim => "Claim",
        ClaimKind::Violation => "Violation",
        ClaimKind::Sanction => "Sanction",
    };
    out.push_str(&wrapped(&format!("{kind} {}: {}; else: {}.", claim.claim, claim.say, claim.say_not), ""));
    out.push_str("\n\n");
    for one in &claim.rules {
        rule(one, out);
    }
}

fn rule(rule: &RuleRead, out: &mut String) {
    let indent = " ".repeat(2 + 2 * rule.depth);
    let inner = format!("{indent}  ");
    let tests = if rule.test_count == 1 { "1 test".to_owned() } else { format!("{} tests", rule.test_count) };
    out.push_str(&format!(
        "{indent}{} ({}), in force {}, {tests}\n",
        rule.rule,
        rule.kind,
        days_in_words(rule.in_force)
    ));
    let letters = bracketed(rule.cites.iter().filter_map(|cited| cited.letter.as_deref()));
    let leads = match (rule.words.conditions.is_empty(), rule.words.only) {
        (true, _) => "",
        (false, true) => " – if, and only if:",
        (false, false) => " – if:",
    };
    let mut lines = vec![(0, format!("{letters}{}{leads}", rule.words.conclusion))];
    lines.extend(rule.words.conditions.iter().map(listed));
    for amendment in &rule.words.amendments {
        let leads = if amendment.conditions.is_empty() { "" } else { " – if:" };
        lines.push((0, format!("Read with {} ({}){leads}", amendment.text, amendment.amendment)));
        lines.extend(amendment.conditions.iter().map(listed));
    }
    for cited in rule.cites.iter().filter(|cited| cited.letter.is_none()) {
        lines.push((0, format!("{}: “{}”", cited.pinpoint, cited.quote)));
    }
    for reading in &rule.readings {
        let rival = reading.rival.as_ref().map_or(String::new(), |rival| format!(" Not taken: {rival}."));
        lines.push((0, format!("Reading: {} ({}, {}).{rival}", reading.text, reading.by, reading.on)));
    }
    for (what, list) in [("Rests on", &rule.rests_on), ("Further exceptions", &rule.exceptions_elsewhere)] {
        if !list.is_empty() {
            lines.push((0, format!("{what}: {}", list.join("; "))));
        }
    }
    for (depth, line) in lines {
        out.push_str(&wrapped(&line, &format!("{inner}{}", "  ".repeat(depth))));
        out.push('\n');
    }
    out.push_str(&source(&rule.source, &format!("{inner}| ")));
    out.push('\n');
}

fn listed(line: &WordsLine) -> (usize, String) {
    (line.depth + 1, format!("- {}", line.text))
}

fn questions(questions: &[QuestionRead], out: &mut String) {
    if questions.is_empty() {
        return;
    }
    out.push_str("Open questions\n");
    for QuestionRead { question, letters } in questions {
        let judgement = if question.judgement { "; for a human to judge" } else { "" };
        let letters = bracketed(letters.iter().map(String::as_str));
        let absence = &question.absence;
        let line =
            format!("[{}] {letters}{} ({}; {absence}{judgement})", question.number, question.ask, question.answer);
        out.push_str(&wrapped(&line, "  "));
        out.push('\n');
    }
    out.push('\n');
}

/// "[A][C] ", or nothing.
fn bracketed<'a>(letters: impl Iterator<Item = &'a str>) -> String {
    let mut out: String = letters.map(|letter| format!("[{letter}]")).collect();
    if !out.is_empty() {
        out.push(' ');
    }
    out
}

fn source(text: &str, indent: &str) -> String {
    text.lines().map(|line| format!("{indent}{line}\n")).collect()
}
