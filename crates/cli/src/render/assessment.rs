//! Assessments for a terminal.

use grounds::{AnswerFile, Assessment, ClaimsByStatus};
use grounds_core::{AssessedClaim, ElementStatus};

use crate::render::{answer, table, wrapped};

/// The whole assessment.
pub(crate) fn assessment(file: &AnswerFile, assessment: &Assessment) -> String {
    let mut out = format!("{}\n\n", file.question);
    answer::refusal(file, &mut out);
    findings(assessment, &mut out);
    answer::questions(file, &mut out);
    elements(assessment, &mut out);
    sanction(assessment, &mut out);
    precedents(assessment, &mut out);
    if !assessment.would_change.is_empty() {
        out.push_str("What would change the result\n");
        for change in &assessment.would_change {
            let line = format!("if {}, then {}: {} (now: {})", change.suppose, change.claim, change.then, change.now);
            out.push_str(&wrapped(&line, "  "));
            out.push('\n');
        }
        out.push('\n');
    }
    out.push_str(&format!("Law in force on {}, as known at snapshot {}.\n", file.as_of, file.snapshot));
    out
}

/// The claims asked for by status, then the steps they rest on.
fn findings(assessment: &Assessment, out: &mut String) {
    let ClaimsByStatus { holds, does_not_hold, undetermined, conflict } = &assessment.claims_by_status;
    let by_status =
        [("Holds", holds), ("Does not hold", does_not_hold), ("Undetermined", undetermined), ("Conflict", conflict)];
    let is_asked = |claim: &&AssessedClaim| assessment.asked.contains(&claim.claim);
    for (heading, claims) in by_status {
        list(heading, claims.iter().filter(is_asked), out);
    }
    let all = by_status.into_iter().flat_map(|(_, claims)| claims);
    list("Because", all.filter(|claim| !is_asked(claim)), out);
}

fn list<'a>(heading: &str, claims: impl Iterator<Item = &'a AssessedClaim>, out: &mut String) {
    let mut claims = claims.peekable();
    if claims.peek().is_none() {
        return;
    }
    out.push_str(&format!("{heading}\n"));
    for AssessedClaim { text, provisions, .. } in claims {
        out.push_str(&wrapped(&format!("{text}  [{}]", provisions.join(", ")), "  "));
        out.push('\n');
    }
    out.push('\n');
}

fn elements(assessment: &Assessment, out: &mut String) {
    if assessment.elements.is_empty() {
        return;
    }
    let mut rows = table(&["", "element", "provision"]);
    for element in &assessment.elements {
        let status = match element.status {
            ElementStatus::Met => "met",
            ElementStatus::NotMet => "not met",
            ElementStatus::Unknown => "unknown",
            ElementStatus::Conflict => "conflict",
        };
        rows.add_row([status, element.text.as_str(), element.pinpoint.as_str()]);
    }
    out.push_str(&format!("Elements\n{rows}\n\n"));
}

fn sanction(assessment: &Assessment, out: &mut String) {
    let sanction = &assessment.sanction;
    if sanction.allowed.is_empty() && sanction.spread.is_none() {
        return;
    }
    out.push_str("Sanction\n");
    for claim in &sanction.allowed {
        out.push_str(&wrapped(&claim.text, "  "));
        out.push('\n');
    }
    if let Some(spread) = &sanction.spread {
        let line = format!(
            "{} similar decisions: from {} to {}, median {}",
            spread.count, spread.least, spread.greatest, spread.median
        );
        out.push_str(&wrapped(&line, "  "));
        out.push('\n');
    }
    out.push('\n');
}

fn precedents(assessment: &Assessment, out: &mut String) {
    if assessment.precedents.is_empty() {
        return;
    }
    let mut rows = table(&["similar decision", "sanction", "similarity", "in common"]);
    for precedent in &assessment.precedents {
        let sanction = if precedent.sanction.is_empty() { "not stated" } else { precedent.sanction.as_str() };
        let similarity = format!("{:.2}", precedent.similarity);
        let common = [&precedent.shared_provisions[..], &precedent.shared_classes].concat().join(", ");
        rows.add_row([precedent.title.as_str(), sanction, similarity.as_str(), common.as_str()]);
    }
    out.push_str(&format!("{rows}\n\n"));
}
