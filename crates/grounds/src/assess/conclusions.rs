//! From a proof to sentences that rest on its nodes and on the words of the law.

use grounds_core::{
    AssessedClaim, Claim, ClaimDeclaration, Grounds, Justification, Node, Program, Proof, Role, Rule, Span, Status,
    Value,
};
use jiff::civil::Date;

use crate::answer::quote;
use crate::assess::{ClaimsByStatus, Context, shown};
use crate::error::GroundsError;

/// Every claim of the proof as a sentence, and the same by status. Claims asked for come first, then the steps they rest on.
pub(crate) fn claims(context: &Context<'_>, proof: &Proof) -> Result<(Vec<Claim>, ClaimsByStatus), GroundsError> {
    let program = context.program();
    let mut positions: Vec<usize> = Vec::new();
    for (position, node) in proof.nodes.iter().enumerate() {
        if declaration(program, node).is_some() {
            positions.push(position);
        }
    }
    let is_goal = |node: &Node| {
        context
            .goals
            .iter()
            .any(|goal| goal.predicate == node.judgement.predicate && goal.arguments == node.judgement.arguments)
    };
    positions.sort_by_key(|position| (!is_goal(&proof.nodes[*position]), *position));
    let mut claims = Vec::new();
    for position in &positions {
        let node = &proof.nodes[*position];
        let mut grounds = vec![proof_grounds(node, *position)];
        for rule in telling_rules(program, node, context.case.as_of) {
            grounds.extend(quotations(context, rule)?);
        }
        dedup(&mut grounds);
        claims.push(Claim { text: grounds_reason::say(program, &node.judgement), role: Role::Conclusion, grounds });
    }
    let nodes = positions.iter().map(|position| &proof.nodes[*position]);
    Ok((claims, by_status(program, nodes, context.case.as_of)))
}

/// The node as grounds.
pub(crate) fn proof_grounds(node: &Node, position: usize) -> Grounds {
    let rule = match &node.by {
        Justification::Rules { deciding, .. } => deciding.join(", "),
        Justification::Given { .. } | Justification::Absent => String::new(),
    };
    Grounds::Proof {
        claim: shown(&node.judgement.predicate, &node.judgement.arguments),
        rule,
        status: node.judgement.status.clone(),
        node: position,
    }
}

/// Sorts claims by status, as the assessment shows them.
pub(crate) fn by_status<'a>(program: &Program, nodes: impl Iterator<Item = &'a Node>, as_of: Date) -> ClaimsByStatus {
    let mut found = ClaimsByStatus::default();
    for node in nodes {
        let Some(declaration) = declaration(program, node) else { continue };
        let claim = assessed(program, declaration, node, as_of);
        match node.judgement.status {
            Status::Holds(_) => found.holds.push(claim),
            Status::DoesNotHold => found.does_not_hold.push(claim),
            Status::Undetermined => found.undetermined.push(claim),
            Status::Conflict => found.conflict.push(claim),
        }
    }
    found
}

fn assessed(program: &Program, declaration: &ClaimDeclaration, node: &Node, as_of: Date) -> AssessedClaim {
    let value = match &node.judgement.status {
        Status::Holds(Value::Bool(_)) | Status::DoesNotHold | Status::Undetermined | Status::Conflict => None,
        Status::Holds(value) => Some(value.to_string()),
    };
    let mut provisions: Vec<String> = Vec::new();
    for rule in telling_rules(program, node, as_of) {
        for citation in &rule.cites {
            if !provisions.contains(&citation.pinpoint) {
                provisions.push(citation.pinpoint.clone());
            }
        }
    }
    AssessedClaim {
        claim: shown(&node.judgement.predicate, &node.judgement.arguments),
        text: grounds_reason::say(program, &node.judgement),
        value,
        provisions,
        kind: declaration.kind,
    }
}

fn declaration<'a>(program: &'a Program, node: &Node) -> Option<&'a ClaimDeclaration> {
    program.claims.iter().find(|claim| claim.name == node.judgement.predicate)
}

/// The rules whose words a reader needs: those that decide and their exceptions in force; where none decides, all for the claim.
pub(crate) fn telling_rules<'a>(program: &'a Program, node: &Node, as_of: Date) -> Vec<&'a Rule> {
    let Justification::Rules { deciding, .. } = &node.by else { return Vec::new() };
    let in_force = program.rules.iter().filter(|rule| rule.in_force.contains(as_of));
    if deciding.is_empty() {
        return in_force.filter(|rule| rule.claim == node.judgement.predicate).collect();
    }
    in_force.filter(|rule| deciding.contains(&rule.id) || has_ancestor(program, rule, deciding)).collect()
}

/// Whether `rule` is an exception, at any depth, to one of `ids`.
fn has_ancestor(program: &Program, rule: &Rule, ids: &[String]) -> bool {
    let mut current = rule;
    // The compiler refuses cycles of exceptions; the bound keeps a forged program from looping here.
    for _ in 0..program.rules.len() {
        let grounds_core::RuleKind::Exception { to } = &current.kind else { return false };
        if ids.contains(to) {
            return true;
        }
        let Some(parent) = program.rules.iter().find(|rule| rule.id == *to) else { return false };
        current = parent;
    }
    false
}

/// The words that a rule quotes, where they stand in the version in force.
pub(crate) fn quotations(context: &Context<'_>, rule: &Rule) -> Result<Vec<Grounds>, GroundsError> {
    let mut found = Vec::new();
    for citation in &rule.cites {
        let Some(text) = context.view.text_in_force(&citation.document, context.case.as_of)? else { continue };
        let Some(unit) = text.tree.get(&citation.unit) else { continue };
        let pin = context.compiled.pins.iter().map(|(_, pin)| pin).find(|pin| {
            let same_words =
                pin.span.of(&text.version.text).is_some_and(|words| same_but_for_space(words, &citation.quote));
            pin.rule == rule.id && pin.version == text.version.id && pin.unit == unit.id && same_words
        });
        let span: Option<Span> = pin.map(|pin| pin.span);
        found.extend(span.and_then(|span| quote(context.view, &text, unit, span)));
    }
    Ok(found)
}

/// Whether two texts are equal when every run of white space counts as one space.
pub(crate) fn same_but_for_space(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

fn dedup(grounds: &mut Vec<Grounds>) {
    let mut kept: Vec<Grounds> = Vec::new();
    for ground in grounds.drain(..) {
        if !kept.contains(&ground) {
            kept.push(ground);
        }
    }
    *grounds = kept;
}
