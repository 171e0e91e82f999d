//! From the items of all files to one program.

use std::collections::BTreeMap;

use grounds_core::{
    Calendar, Citation, ClaimDeclaration, Conclusion, Condition, FactDeclaration, FactMode, Preference, Program,
    Reading, Rule, RuleKind, Type, Validity,
};

use crate::cite::{Citations, MustStand};
use crate::declare::Predicate;
use crate::diagnostic::{Place, Problem, arguments, did_you_mean};
use crate::from_amendments::{amend, check_only};
use crate::from_tables::table;
use crate::kind::Kind;
use crate::resolve::Resolver;
use crate::rule_outcome::EXCEPTION_DEPTH_MAX;
use crate::surface::{ClaimItem, ConclusionTerm, FactItem, Head, Item, Name, ReadingItem, RuleItem, Term};
use crate::template::{Piece, pieces};

/// Builds the program; what has a mistake is reported and left out.
pub(crate) fn from_surface(items: &[Item], citations: &mut Citations<'_>, problems: &mut Vec<Problem>) -> Program {
    let mut program = Program::default();
    for item in items {
        match item {
            Item::Source { .. } | Item::Test(_) | Item::Amend(_) => {}
            Item::Table(item) => program.tables.push(table(item, citations, problems)),
            Item::Entity { name } => program.entities.push(name.text.clone()),
            Item::Fact(item) => program.facts.push(fact(item, citations, problems)),
            Item::Claim(item) => program.claims.push(claim(item, problems)),
            Item::Calendar(item) => program.calendars.push(Calendar {
                name: item.name.text.clone(),
                cites: declaration_cites(&item.name, &item.cites, citations, problems),
                weekend: item.weekend.clone(),
                holidays: item.holidays.clone(),
            }),
            Item::Rule(item) => program.rules.extend(rule(item, citations, problems)),
            Item::Prefer { over, under, cites } => {
                let holder = format!("{} over {}", over.text, under.text);
                let cites = citations.check(&holder, cites, MustStand::Somewhere, problems);
                preference_is_of_siblings(over, under, citations, problems);
                program.preferences.push(Preference { over: over.text.clone(), under: under.text.clone(), cites });
            }
        }
    }
    for item in items {
        if let Item::Amend(item) = item {
            amend(item, &mut program, citations, problems);
        }
    }
    check_only(items, &program, problems);
    program
}

fn declaration_cites(
    name: &Name,
    cites: &[crate::surface::Cites],
    citations: &mut Citations<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Citation> {
    if cites.is_empty() {
        let message = format!("`{}` cites no provision", name.text);
        let hint = "cite where it is laid down: cites order art 2(1) \"public holidays\"";
        problems.push(Problem::new("no-citation", name.place, message, hint));
    }
    citations.check(&name.text, cites, MustStand::Somewhere, problems)
}

fn fact(item: &FactItem, citations: &mut Citations<'_>, problems: &mut Vec<Problem>) -> FactDeclaration {
    let parameters: Vec<String> = item.parameters.iter().map(|parameter| parameter.text.clone()).collect();
    if matches!(item.mode, FactMode::Presumed { .. }) && item.value.value != Type::Bool {
        let message = format!("a presumption is yes or no, and `{}` is neither", item.predicate.text);
        problems.push(Problem::new(
            "presumed-value",
            item.value.place,
            message,
            "declare it `bool`, or `open` or `closed`",
        ));
    }
    check_template(&item.ask, &parameters, false, problems);
    FactDeclaration {
        predicate: item.predicate.text.clone(),
        value: item.value.value.clone(),
        mode: item.mode.clone(),
        judgement: item.judgement,
        ask: item.ask.text.clone(),
        cites: citations.check(&item.predicate.text, &item.cites, MustStand::Somewhere, problems),
        parameters,
    }
}

fn claim(item: &ClaimItem, problems: &mut Vec<Problem>) -> ClaimDeclaration {
    let parameters: Vec<String> = item.parameters.iter().map(|parameter| parameter.text.clone()).collect();
    let value = item.value.as_ref().map_or(Type::Bool, |value| value.value.clone());
    check_template(&item.say, &parameters, value != Type::Bool, problems);
    if let Some(say_not) = &item.say_not {
        check_template(say_not, &parameters, false, problems);
    }
    ClaimDeclaration {
        name: item.name.text.clone(),
        kind: item.kind,
        say: item.say.text.clone(),
        say_not: match &item.say_not {
            Some(say_not) => say_not.text.clone(),
            None => format!("it is not the case that {}", item.say.text),
        },
        parameters,
        value,
    }
}

fn check_template(template: &Name, parameters: &[String], has_value: bool, problems: &mut Vec<Problem>) {
    for piece in pieces(&template.text, parameters) {
        let (name, known) = match piece {
            Piece::Unknown(name) => (name, false),
            Piece::Value => ("value", has_value),
            _ => continue,
        };
        if !known {
            let hint = format!(
                "what can stand in braces here: {}{}",
                parameters.join(", "),
                if has_value { ", value" } else { "" }
            );
            let message = format!("`{{{name}}}` stands for nothing in this sentence");
            problems.push(Problem::new("unknown-placeholder", template.place, message, hint));
        }
    }
}

fn rule(item: &RuleItem, citations: &mut Citations<'_>, problems: &mut Vec<Problem>) -> Option<Rule> {
    let in_force = item.in_force.unwrap_or_else(Validity::always);
    let cites = citations.check(&item.id.text, &item.cites, MustStand::Throughout(in_force), problems);
    let predicate = head_claim(&item.head, citations, problems);
    let parent_fits = item.to.as_ref().is_none_or(|to| exception_fits(item, to, citations, problems));
    let predicate = predicate?;
    let mut resolver = Resolver::new(citations, problems);
    let variables = item
        .head
        .variables
        .iter()
        .zip(&predicate.parameters)
        .map(|(name, entity_type)| resolver.bind(name, entity_type))
        .collect();
    let conclusion = conclusion(item, &predicate, &mut resolver);
    let condition = match (&item.for_each, &item.condition) {
        (Some(range), term) => resolver.for_each(range, term.as_ref()),
        (None, Some(term)) => resolver.condition(term),
        (None, None) => Some(Condition::Always),
    };
    let kind = match (&item.to, item.at_most) {
        (Some(to), _) => RuleKind::Exception { to: to.text.clone() },
        (None, Some(at_most)) => RuleKind::Limit { at_most },
        (None, None) => RuleKind::Base,
    };
    let (conclusion, condition) = (conclusion?, condition?);
    let claim = item.head.claim.text.clone();
    parent_fits.then(|| Rule {
        id: item.id.text.clone(),
        kind,
        cites,
        in_force,
        claim,
        variables,
        condition,
        conclusion,
        only: item.only,
        readings: item.readings.iter().map(reading).collect(),
        amendments: Vec::new(),
    })
}

/// The claim that a head names, with as many variables as it has arguments.
fn head_claim(head: &Head, citations: &Citations<'_>, problems: &mut Vec<Problem>) -> Option<Predicate> {
    let predicates = &citations.names.predicates;
    let Some(predicate) = predicates.get(&head.claim.text) else {
        let claims = predicates.iter().filter(|(_, predicate)| predicate.is_claim).map(|(name, _)| name.as_str());
        let hint = did_you_mean(&head.claim.text, claims);
        let message = format!("no claim is called `{}`", head.claim.text);
        problems.push(Problem::new("unknown-name", head.claim.place, message, hint));
        return None;
    };
    if !predicate.is_claim {
        let message = format!("`{}` is a fact, and rules conclude claims", head.claim.text);
        problems.push(Problem::new(
            "fact-concluded",
            head.claim.place,
            message,
            "declare a claim for what the rule concludes",
        ));
        return None;
    }
    if predicate.parameters.len() != head.variables.len() {
        let (takes, has) = (arguments(predicate.parameters.len()), head.variables.len());
        let message = format!("`{}` takes {takes}, not {has}", head.claim.text);
        let hint = format!("it is declared as {}({})", head.claim.text, predicate.parameters.join(", "));
        problems.push(Problem::new("wrong-arity", head.place, message, hint));
        return None;
    }
    Some(predicate.clone())
}

/// Whether the rule that an exception names exists and is about the same claim.
fn exception_fits(item: &RuleItem, to: &Name, citations: &Citations<'_>, problems: &mut Vec<Problem>) -> bool {
    let rules = &citations.names.rules;
    let Some(parent) = rules.get(&to.text) else {
        let hint = did_you_mean(&to.text, rules.keys().map(String::as_str));
        problems.push(Problem::new("unknown-rule", to.place, format!("no rule is called `{}`", to.text), hint));
        return false;
    };
    if parent.claim != item.head.claim.text {
        let message = format!(
            "`{}` is about {}, so its exception cannot be about {}",
            to.text, parent.claim, item.head.claim.text
        );
        let hint = "an exception concludes, or takes away, what the rule concludes";
        problems.push(Problem::new("exception-claim", item.head.claim.place, message, hint));
    }
    parent.claim == item.head.claim.text
}

fn reading(item: &ReadingItem) -> Reading {
    let rival = item.rival.as_ref().map(|rival| rival.text.clone());
    Reading { text: item.text.text.clone(), by: item.by.text.clone(), on: item.on, rival }
}

fn conclusion(item: &RuleItem, predicate: &Predicate, resolver: &mut Resolver<'_, '_>) -> Option<Conclusion> {
    let claim = &item.head.claim.text;
    let is_yes_or_no = predicate.value == Type::Bool;
    let mut refuse = |message: String, hint: &str| {
        resolver.problems.push(Problem::new("conclusion-kind", item.head.place, message, hint));
        None
    };
    match &item.conclusion {
        ConclusionTerm::Value(_) if item.only => refuse(
            "`only when` says when a claim holds, and this one has a value".to_owned(),
            "write `when`; a claim without an applicable rule has no value",
        ),
        ConclusionTerm::Holds if is_yes_or_no => Some(Conclusion::Holds),
        ConclusionTerm::Holds => {
            refuse(format!("`{claim}` has a value, which is missing here"), "write the value after `=`")
        }
        ConclusionTerm::Not if is_yes_or_no => Some(Conclusion::None),
        ConclusionTerm::Not => refuse(format!("`{claim}` has a value"), "write `… is none` where it has none"),
        ConclusionTerm::IsNone if !is_yes_or_no => Some(Conclusion::None),
        ConclusionTerm::IsNone => refuse(format!("`{claim}` holds or does not hold"), "write `not` before it"),
        ConclusionTerm::Value(_) if is_yes_or_no => refuse(
            format!("`{claim}` holds or does not hold, and has no value"),
            "write the value as a condition after `when`",
        ),
        ConclusionTerm::Value(term) if item.at_most.is_some() && !Kind::of_type(&predicate.value).is_ordered() => {
            let message = format!("`{claim}` is neither more nor less than another, so nothing limits it");
            resolver.problem("no-order", term.place, message, "")
        }
        ConclusionTerm::Value(term) => value(term, predicate, resolver).map(Conclusion::Value),
    }
}

fn value(term: &Term, predicate: &Predicate, resolver: &mut Resolver<'_, '_>) -> Option<grounds_core::Expression> {
    let declared = Kind::of_type(&predicate.value);
    let (expression, kind) = resolver.expression(term)?;
    let mut refuse = |code, message: String, hint: &str| {
        resolver.problems.push(Problem::new(code, term.place, message, hint));
        None
    };
    if kind.is_unrounded() && matches!(declared, Kind::Money { .. }) {
        let message = "this money may have fractions of its minor unit".to_owned();
        return refuse("unrounded-money", message, "say how it is rounded: (2% of x.turnover rounded down)");
    }
    if declared.unite(&kind).is_none() {
        return refuse("type-mismatch", format!("the claim is declared as {declared}, and this is {kind}"), "");
    }
    Some(expression)
}

fn preference_is_of_siblings(over: &Name, under: &Name, citations: &Citations<'_>, problems: &mut Vec<Problem>) {
    let rules = &citations.names.rules;
    let mut parents = Vec::new();
    for name in [over, under] {
        match rules.get(&name.text) {
            Some(rule) => parents.push(rule.to.clone()),
            None => {
                let hint = did_you_mean(&name.text, rules.keys().map(String::as_str));
                let message = format!("no rule is called `{}`", name.text);
                problems.push(Problem::new("unknown-rule", name.place, message, hint));
            }
        }
    }
    if let [first, second] = parents.as_slice()
        && (first.is_none() || first != second || over.text == under.text)
    {
        let message = format!("`{}` and `{}` are not two exceptions to one rule", over.text, under.text);
        let hint = "only exceptions to the same rule or exception compete";
        problems.push(Problem::new("prefer-not-siblings", over.place, message, hint));
    }
}

/// Reports exceptions to exceptions to … beyond what is evaluated.
pub(crate) fn check_exception_depth(citations: &Citations<'_>, problems: &mut Vec<Problem>) {
    let rules = &citations.names.rules;
    for rule in rules.values() {
        let parents = std::iter::successors(Some(rule), |rule| rule.to.as_ref().and_then(|to| rules.get(to)));
        // A circle has been reported; it has no end, so only so much of it is walked.
        let last = parents.take(EXCEPTION_DEPTH_MAX + 2).collect::<Vec<_>>();
        if last.len() == EXCEPTION_DEPTH_MAX + 2 && last.last().is_some_and(|last| last.to.is_none()) {
            let message = format!("exceptions are nested more than {EXCEPTION_DEPTH_MAX} levels deep");
            let hint = "make it an exception to the rule itself, with a fuller condition";
            problems.push(Problem::new("too-deep", rule.place, message, hint));
        }
    }
}

/// Reports exceptions that are, through others, exceptions to themselves, and preferences that go in a circle.
pub(crate) fn check_circles(items: &[Item], citations: &Citations<'_>, problems: &mut Vec<Problem>) {
    let to: BTreeMap<&str, Vec<&str>> = citations
        .names
        .rules
        .iter()
        .filter_map(|(id, rule)| rule.to.as_deref().map(|to| (id.as_str(), vec![to])))
        .collect();
    report_circles(&to, "exception-cycle", "these exceptions go in a circle", problems, |id| {
        citations.names.rules.get(id).map(|rule| rule.place)
    });
    let mut over: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for item in items {
        if let Item::Prefer { over: winner, under, .. } = item {
            over.entry(&winner.text).or_default().push(&under.text);
            places.entry(&winner.text).or_insert(winner.place);
        }
    }
    report_circles(&over, "prefer-cycle", "these preferences go in a circle", problems, |id| places.get(id).copied());
}

fn report_circles<'n>(
    edges: &BTreeMap<&'n str, Vec<&'n str>>,
    code: &'static str,
    message: &str,
    problems: &mut Vec<Problem>,
    place: impl Fn(&str) -> Option<Place>,
) {
    let mut done: Vec<&str> = Vec::new();
    for start in edges.keys() {
        if done.contains(start) {
            continue;
        }
        // Depth first with a list of our own; `path` is where we are, `done` what leads to no circle.
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((name, next)) = path.pop() {
            let Some(target) = edges.get(name).and_then(|targets| targets.get(next)).copied() else {
                done.push(name);
                continue;
            };
            path.push((name, next + 1));
            if let Some(from) = path.iter().position(|(on_path, _)| *on_path == target) {
                let mut names: Vec<&str> = path[from..].iter().map(|(name, _)| *name).collect();
                names.push(target);
                if let Some(place) = place(target) {
                    let shown = format!("{message}: {}", names.join(" -> "));
                    problems.push(Problem::new(code, place, shown, "remove one of them"));
                }
                done.extend(path.iter().map(|(name, _)| *name));
                break;
            }
            if !done.contains(&target) && edges.contains_key(target) {
                path.push((target, 0));
            }
        }
    }
}
