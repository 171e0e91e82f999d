//! Answers and refusals for a terminal.

use grounds::AnswerFile;
use grounds_core::{Grounds, Role, WrittenOut};

use crate::render::wrapped;

/// The heading under which claims of a role stand.
fn heading(role: Role) -> &'static str {
    match role {
        Role::Answer => "Answer",
        Role::Exception => "Subject to",
        Role::Definition => "Definitions",
        Role::Reference => "Refers to",
        Role::Interpretation => "As interpreted",
        Role::Conclusion => "Findings",
    }
}

/// The answer with its pinpoints, or the refusal with its questions.
pub(crate) fn answer(file: &AnswerFile) -> String {
    let mut out = String::new();
    refusal(file, &mut out);
    for one in &file.written_out {
        out.push_str(&written_out(one));
        out.push_str("\n\n");
    }
    let mut last: Option<Role> = None;
    for claim in &file.claims {
        if last != Some(claim.role) {
            out.push_str(&format!("{}\n", heading(claim.role)));
            last = Some(claim.role);
        }
        for grounds in &claim.grounds {
            if let Grounds::Quote { pinpoint, version, start, end, .. } = grounds {
                out.push_str(&format!("  {pinpoint}  ({version}, bytes {start}-{end})\n"));
            }
        }
        out.push_str(&wrapped(&claim.text, "    "));
        out.push_str("\n\n");
    }
    questions(file, &mut out);
    out.push_str(&format!("Law in force on {}, as known at snapshot {}.\n", file.as_of, file.snapshot));
    out
}

/// How an abbreviation was read.
pub(crate) fn written_out(one: &WrittenOut) -> String {
    format!("{} stands for {}, as {} says.", one.abbreviation, one.words, one.pinpoint)
}

/// Why there is no answer.
pub(crate) fn refusal(file: &AnswerFile, out: &mut String) {
    if let (Some(reason), Some(message)) = (file.reason, &file.message) {
        let code =
            serde_json::to_value(reason).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        out.push_str(&format!("Refused ({code})\n{}\n\n", wrapped(message, "  ")));
    }
}

/// What would settle it.
pub(crate) fn questions(file: &AnswerFile, out: &mut String) {
    if file.questions.is_empty() {
        return;
    }
    out.push_str("Open questions\n");
    for question in &file.questions {
        out.push_str(&wrapped(&format!("{}  [{}]", question.text, question.fact), "  "));
        out.push('\n');
    }
    out.push('\n');
}
