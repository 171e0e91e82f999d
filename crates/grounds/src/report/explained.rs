//! Why each claim asked for is as it is: in plain sentences, and step by step.
//!
//! The explanation is made anew from the rules and facts that the file carries; it is left out where these do not come to what the file's proof says.

use grounds_core::{Judgement, SealedProof};
use grounds_reason::{Evaluation, Need, WhyNotKind, evaluate, questions, shown_statement, why, why_not};

use crate::assess::Assessment;
use crate::report::escape;
use crate::verify::AnswerFile;

/// Renders the explanations of the claims asked for.
pub(crate) fn render(file: &AnswerFile, assessment: &Assessment) -> String {
    let mut out = String::new();
    let Some(sealed) = &file.proof else { return out };
    let Ok(evaluation) = evaluate(&sealed.program, &sealed.case) else { return out };
    for asked in &assessment.asked {
        let is_asked = |judgement: &&Judgement| shown_statement(&judgement.predicate, &judgement.arguments) == *asked;
        let proved = sealed.proof.nodes.iter().map(|node| &node.judgement).find(is_asked);
        let is_same = |judgement: &&Judgement| {
            evaluation.status(&judgement.predicate, &judgement.arguments) == Some(&judgement.status)
        };
        if let Some(judgement) = proved.filter(is_same) {
            explain(sealed, &evaluation, judgement, &mut out);
        }
    }
    if out.is_empty() { out } else { format!("<h2>Why</h2>\n{out}") }
}

fn explain(sealed: &SealedProof, evaluation: &Evaluation, judgement: &Judgement, out: &mut String) {
    let SealedProof { program, case, .. } = sealed;
    let (predicate, arguments) = (judgement.predicate.as_str(), judgement.arguments.as_slice());
    let reason = why(program, case, evaluation, predicate, arguments);
    out.push_str("<div class=\"why\">\n");
    paragraphs(&reason.sentences(), out);
    let against = why_not(program, case, evaluation, predicate, arguments);
    // Which rules do not apply is told above.
    if !matches!(against.kind, WhyNotKind::Holds | WhyNotKind::NoRuleApplies) {
        titled("What stands in the way", &against.sentences(), out);
    }
    for need in questions(program, case, evaluation, predicate, arguments) {
        titled("What to ask next", &Need::sentences(&need), out);
    }
    out.push_str(&format!(
        "<details><summary>Step by step</summary><pre>{}</pre></details>\n</div>\n",
        escape(&reason.to_string())
    ));
}

fn titled(title: &str, sentences: &[String], out: &mut String) {
    out.push_str(&format!("<h3>{title}</h3>\n"));
    paragraphs(sentences, out);
}

fn paragraphs(sentences: &[String], out: &mut String) {
    sentences.iter().for_each(|sentence| out.push_str(&format!("<p>{}</p>\n", escape(sentence))));
}
