//! The left-hand column: what is said, and how it was found out.

use grounds_core::{AssessedClaim, Claim, ElementStatus, Grounds, Role};

use crate::assess::{Assessment, ClaimsByStatus};
use crate::report::{escape, explained, sources};
use crate::verify::AnswerFile;

/// Renders everything but the sources.
pub(crate) fn render(file: &AnswerFile, marks: &[sources::Mark]) -> String {
    let mut out = String::new();
    refusal(file, &mut out);
    questions(file, &mut out);
    written_out(file, &mut out);
    match &file.assessment {
        Some(assessment) => {
            findings(file, assessment, marks, &mut out);
            out.push_str(&explained::render(file, assessment));
            elements(assessment, &mut out);
            sanction(assessment, &mut out);
            precedents(file, assessment, marks, &mut out);
            would_change(assessment, &mut out);
            narrative(assessment, &mut out);
        }
        None => answer(file, marks, &mut out),
    }
    out
}

fn refusal(file: &AnswerFile, out: &mut String) {
    let Some(message) = &file.message else { return };
    out.push_str(&format!("<div class=\"refusal\"><h2>Not answered</h2><p>{}</p></div>\n", escape(message)));
}

fn questions(file: &AnswerFile, out: &mut String) {
    if file.questions.is_empty() {
        return;
    }
    out.push_str("<h2>Open questions</h2>\n<ul class=\"questions\">\n");
    for question in &file.questions {
        out.push_str(&format!("<li>{} <code>{}</code></li>\n", escape(&question.text), escape(&question.fact)));
    }
    out.push_str("</ul>\n");
}

/// How abbreviations of the question were read.
fn written_out(file: &AnswerFile, out: &mut String) {
    for one in &file.written_out {
        let sentence = format!("{} stands for {}, as {} says.", one.abbreviation, one.words, one.pinpoint);
        out.push_str(&format!("<p>{}</p>\n", escape(&sentence)));
    }
}

fn answer(file: &AnswerFile, marks: &[sources::Mark], out: &mut String) {
    for (role, heading) in [
        (Role::Answer, "Answer"),
        (Role::Exception, "Subject to"),
        (Role::Definition, "Definitions"),
        (Role::Reference, "Refers to"),
        (Role::Interpretation, "As interpreted"),
    ] {
        let claims: Vec<&Claim> = file.claims.iter().filter(|claim| claim.role == role).collect();
        if claims.is_empty() {
            continue;
        }
        out.push_str(&format!("<h2>{heading}</h2>\n"));
        for claim in claims {
            let pinpoint = claim.grounds.iter().find_map(|grounds| match grounds {
                Grounds::Quote { pinpoint, .. } => Some(pinpoint.as_str()),
                Grounds::Proof { .. } => None,
            });
            out.push_str(&format!(
                "<blockquote>{}<footer>{} {}</footer></blockquote>\n",
                escape(&claim.text),
                escape(pinpoint.unwrap_or_default()),
                references(file, claim.grounds.iter(), marks)
            ));
        }
    }
}

/// Links to the marks that `grounds` are.
fn references<'a>(file: &AnswerFile, grounds: impl Iterator<Item = &'a Grounds>, marks: &[sources::Mark]) -> String {
    let numbers = grounds.filter_map(|grounds| sources::number(file, marks, grounds));
    let link = |number: usize| {
        format!(
            "<a class=\"number\" id=\"claim-{number}\" data-quote=\"{number}\" href=\"#quote-{number}\">{number}</a>"
        )
    };
    numbers.map(link).collect()
}

/// The claims asked for, then the steps they rest on, folded away.
fn findings(file: &AnswerFile, assessment: &Assessment, marks: &[sources::Mark], out: &mut String) {
    let ClaimsByStatus { holds, does_not_hold, undetermined, conflict } = &assessment.claims_by_status;
    let by_status = [
        (holds, ("holds", "holds")),
        (does_not_hold, ("not", "does not hold")),
        (undetermined, ("open", "undetermined")),
        (conflict, ("open", "conflict")),
    ];
    let all = by_status.into_iter().flat_map(|(claims, shown)| claims.iter().map(move |claim| (claim, shown)));
    let (asked, steps): (Vec<_>, Vec<_>) = all.partition(|(claim, _)| assessment.asked.contains(&claim.claim));
    out.push_str("<h2>Findings</h2>\n");
    for (claim, shown) in asked {
        finding(file, assessment, claim, shown, marks, out);
    }
    if steps.is_empty() {
        return;
    }
    out.push_str(&format!("<details><summary>The {} steps they rest on</summary>\n", steps.len()));
    for (claim, shown) in steps {
        finding(file, assessment, claim, shown, marks, out);
    }
    out.push_str("</details>\n");
}

fn finding(
    file: &AnswerFile,
    assessment: &Assessment,
    claim: &AssessedClaim,
    (class, word): (&str, &str),
    marks: &[sources::Mark],
    out: &mut String,
) {
    let is_this = |grounds: &Grounds| matches!(grounds, Grounds::Proof { claim: name, .. } if *name == claim.claim);
    let stated = file.claims.iter().find(|stated| stated.grounds.iter().any(is_this));
    let grounds = stated.map(|stated| stated.grounds.as_slice()).unwrap_or_default();
    let rule = grounds.iter().find_map(|grounds| match grounds {
        Grounds::Proof { rule, .. } if !rule.is_empty() => Some(rule.as_str()),
        _ => None,
    });
    let step = if assessment.asked.contains(&claim.claim) { "" } else { " step" };
    out.push_str(&format!(
        "<div class=\"finding {class}{step}\"><p>{} {}</p><p class=\"meta\"><span class=\"status\">{word}</span> {}{}</p></div>\n",
        escape(&claim.text),
        references(file, grounds.iter(), marks),
        escape(&claim.provisions.join(", ")),
        rule.map_or(String::new(), |rule| format!(" · rule <code>{}</code>", escape(rule))),
    ));
}

fn elements(assessment: &Assessment, out: &mut String) {
    if assessment.elements.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Elements</h2>\n<table><thead><tr><th></th><th>Condition</th><th>Provision</th></tr></thead><tbody>\n",
    );
    for element in &assessment.elements {
        let (class, word) = match element.status {
            ElementStatus::Met => ("met", "met"),
            ElementStatus::NotMet => ("unmet", "not met"),
            ElementStatus::Unknown => ("unknown", "unknown"),
            ElementStatus::Conflict => ("unknown", "conflict"),
        };
        out.push_str(&format!(
            "<tr class=\"{class}\"><td>{word}</td><td>{}<small>{}</small></td><td>{}<small>“{}”</small></td></tr>\n",
            escape(&element.text),
            escape(&element.facts.join("; ")),
            escape(&element.pinpoint),
            escape(&element.quote)
        ));
    }
    out.push_str("</tbody></table>\n");
}

fn sanction(assessment: &Assessment, out: &mut String) {
    let sanction = &assessment.sanction;
    if sanction.allowed.is_empty() && sanction.spread.is_none() {
        return;
    }
    out.push_str("<h2>Sanction</h2>\n");
    for claim in &sanction.allowed {
        out.push_str(&format!(
            "<p>{} <small>{}</small></p>\n",
            escape(&claim.text),
            escape(&claim.provisions.join(", "))
        ));
    }
    if let Some(spread) = &sanction.spread {
        out.push_str(&format!(
            "<p class=\"spread\">Sanctions of {} similar decisions: from {} to {}, median {}.</p>\n",
            spread.count,
            escape(&spread.least),
            escape(&spread.greatest),
            escape(&spread.median)
        ));
    }
}

fn precedents(file: &AnswerFile, assessment: &Assessment, marks: &[sources::Mark], out: &mut String) {
    if assessment.precedents.is_empty() {
        return;
    }
    out.push_str("<h2>Similar decisions</h2>\n<table><thead><tr><th>Decision</th><th>Sanction</th><th>Similarity</th></tr></thead><tbody>\n");
    for precedent in &assessment.precedents {
        let sanction = if precedent.sanction.is_empty() { "not stated" } else { precedent.sanction.as_str() };
        out.push_str(&format!(
            "<tr><td>{} {}<small>{}</small></td><td>{}</td><td class=\"figure\">{:.2}</td></tr>\n",
            escape(&precedent.title),
            references(file, precedent.grounds.iter(), marks),
            escape(&[&precedent.shared_provisions[..], &precedent.shared_classes].concat().join(", ")),
            escape(sanction),
            precedent.similarity
        ));
    }
    out.push_str("</tbody></table>\n");
}

fn would_change(assessment: &Assessment, out: &mut String) {
    if assessment.would_change.is_empty() {
        return;
    }
    out.push_str("<h2>What would change the result</h2>\n<ul>\n");
    for change in &assessment.would_change {
        out.push_str(&format!(
            "<li>If <code>{}</code>, then {}: <b>{}</b> (now: {}).</li>\n",
            escape(&change.suppose),
            escape(&change.claim),
            escape(&change.then),
            escape(&change.now)
        ));
    }
    out.push_str("</ul>\n");
}

fn narrative(assessment: &Assessment, out: &mut String) {
    out.push_str(&format!(
        "<details><summary>The matter as stated</summary><pre>{}</pre></details>\n",
        escape(&assessment.matter.source)
    ));
}
