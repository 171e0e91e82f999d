//! Proofs: checked by `grounds-proof`, then compared with what the claims say of them.

use grounds_core::{Claim, FactGrounds, Grounds, Node, SealedProof};

use crate::assess::conclusions::{proof_grounds, same_but_for_space, telling_rules};
use crate::matter::Matter;
use crate::verify::{AnswerFile, Failure};

/// Checks the derivation, each claim that rests on it, and that the facts are those of the matter.
pub(crate) fn check(file: &AnswerFile, failures: &mut Vec<Failure>) {
    let Some(sealed) = &file.proof else { return };
    if let Err(error) = grounds_proof::check(&sealed.program, &sealed.case, &sealed.proof) {
        failures.push(Failure::new("proof", error.to_string()));
    }
    if sealed.case.as_of != file.as_of {
        failures
            .push(Failure::new("proof", format!("it is about {}, the answer about {}", sealed.case.as_of, file.as_of)));
    }
    for (index, claim) in file.claims.iter().enumerate() {
        for (position, grounds) in claim.grounds.iter().enumerate() {
            let place = format!("claims[{index}].grounds[{position}]");
            if let Grounds::Proof { node, .. } = grounds {
                check_conclusion(sealed, claim, grounds, *node, &place, failures);
            }
        }
    }
    check_facts(file, sealed, failures);
}

fn check_conclusion(
    sealed: &SealedProof,
    claim: &Claim,
    grounds: &Grounds,
    position: usize,
    place: &str,
    failures: &mut Vec<Failure>,
) {
    let Some(node) = sealed.proof.nodes.get(position) else {
        failures.push(Failure::new(place, format!("the proof has no node {position}")));
        return;
    };
    if *grounds != proof_grounds(node, position) {
        failures.push(Failure::new(place, "it is not what the proof shows at that node"));
    }
    if claim.text != grounds_reason::say(&sealed.program, &node.judgement) {
        failures.push(Failure::new(place, "the sentence is not the one that the rules give for what is proved"));
    }
    check_citations(sealed, claim, node, place, failures);
}

/// The words that each rule quotes which a reader needs must be among the claim's quotations.
fn check_citations(sealed: &SealedProof, claim: &Claim, node: &Node, place: &str, failures: &mut Vec<Failure>) {
    let rules = telling_rules(&sealed.program, node, sealed.case.as_of);
    for citation in rules.into_iter().flat_map(|rule| &rule.cites) {
        let quoted = claim.grounds.iter().any(|grounds| match grounds {
            Grounds::Quote { document, unit, text, .. } => {
                *document == citation.document && *unit == citation.unit && same_but_for_space(text, &citation.quote)
            }
            Grounds::Proof { .. } => false,
        });
        if !quoted {
            failures.push(Failure::new(
                place,
                format!("{} is not quoted, though a rule for this claim cites it", citation.pinpoint),
            ));
        }
    }
}

/// The case must be exactly what the matter's text states, and quoted facts must stand in its narrative.
fn check_facts(file: &AnswerFile, sealed: &SealedProof, failures: &mut Vec<Failure>) {
    let Some(assessment) = &file.assessment else { return };
    let source = &assessment.matter.source;
    let stated = Matter::parse(&assessment.matter.title, source)
        .and_then(|matter| matter.case(&sealed.program, sealed.case.as_of));
    match stated {
        Ok(case) if case == sealed.case => {}
        Ok(_) => failures.push(Failure::new("proof.case", "the facts are not those that the matter states")),
        Err(error) => failures.push(Failure::new("matter", error.to_string())),
    }
    for (index, fact) in sealed.case.facts.iter().enumerate() {
        let FactGrounds::Narrative { span, quote } = &fact.grounds else { continue };
        if span.start > span.end || span.of(source) != Some(quote.as_str()) {
            failures.push(Failure::new(
                format!("proof.case.facts[{index}]"),
                "the matter does not contain the words quoted",
            ));
        }
    }
}
