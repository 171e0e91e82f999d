//! The compiler: files in, program out, or every mistake that can be found.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Pin, Program, Value};

use crate::cite::Citations;
use crate::declare::{Names, declare};
use crate::diagnostic::{Diagnostic, Place, Problem, RuleFile, Severity, line_of};
use crate::from_surface::{check_circles, check_exception_depth, from_surface};
use crate::law::CitedText;
use crate::order::{dependencies, evaluation_order};
use crate::parse::parse_file;
use crate::rule_test::{RuleTest, rule_tests};
use crate::surface::{Item, Term, TermKind};

/// A program with what came with it in its files.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rules.
    pub program: Program,
    /// The tests, in the order of their files.
    pub tests: Vec<RuleTest>,
    /// File name and pin: where each quotation stands in each version that the rule is bound to. The holder of a pin is a rule's id, a
    /// fact's predicate, the name of a calendar or table, an amendment's id, or "a over b" for a preference.
    pub pins: Vec<(String, Pin)>,
    /// For each rule's id, its file and the line it begins on, from 1.
    pub positions: BTreeMap<String, (String, usize)>,
    /// For each table's name, its file and the line it begins on, from 1.
    pub table_positions: BTreeMap<String, (String, usize)>,
    /// The name that the files have for each document, by the document's label, as provisions begin with.
    pub sources: BTreeMap<String, String>,
    /// What is probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles all rule files of a program against the law they cite.
///
/// The result depends on the files, their order and the law, and on nothing else. Every quotation is looked up in every version of its
/// provision that is in force while its rule is.
///
/// # Errors
/// Every mistake found, in the order of the files; never empty. The writer of the rules can act on each.
///
/// # Examples
/// ```
/// use grounds_core::{DocumentId, Pinpoint, UnitId, Validity, VersionId};
/// use grounds_reason::{CitedText, CitedUnit, RuleFile, compile};
///
/// struct OneArticle;
/// impl CitedText for OneArticle {
///     fn resolve(&self, document: &str) -> Option<DocumentId> {
///         (document == "code").then(|| DocumentId(document.to_owned()))
///     }
///     fn label(&self, _: &DocumentId) -> String {
///         "Code".to_owned()
///     }
///     fn unit_versions(&self, document: &DocumentId, pinpoint: &Pinpoint, _: Validity) -> Vec<CitedUnit> {
///         let unit = CitedUnit {
///             version: VersionId::new(document, 1),
///             unit: UnitId("art_1".to_owned()),
///             in_force: Validity::always(),
///             start: 0,
///             text: "A report shall be sent within 72 hours.".to_owned(),
///             hash: String::new(),
///             pinpoint: "Code art. 1".to_owned(),
///         };
///         if pinpoint.to_string() == "art. 1" { vec![unit] } else { vec![] }
///     }
///     fn versions_in(&self, document: &DocumentId, _: Validity) -> Vec<(VersionId, Validity)> {
///         vec![(VersionId::new(document, 1), Validity::always())]
///     }
/// }
///
/// let source = r#"
///     source code = "code"
///     entity Event
///     fact Event.seen_at : instant open ask "When was {Event} seen?"
///     claim ReportBy(Event) : instant say "{Event} must be reported by {value}"
///     rule art1 cites code art 1 "within 72 hours"
///       ReportBy(e) = e.seen_at + 72 hours
/// "#;
/// let compiled = compile(&[RuleFile { name: "code.rules", source }], &OneArticle).expect("no mistakes");
/// assert_eq!(compiled.program.rules.len(), 1);
///
/// let wrong = source.replace("72 hours\"", "48 hours\"");
/// let mistakes = compile(&[RuleFile { name: "code.rules", source: &wrong }], &OneArticle).expect_err("a false quotation");
/// assert_eq!(mistakes[0].code, "quote-not-found");
/// ```
pub fn compile(files: &[RuleFile<'_>], law: &dyn CitedText) -> Result<Compiled, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut items = Vec::new();
    for (file, rule_file) in files.iter().enumerate() {
        items.extend(parse_file(file, rule_file.source, &mut problems));
    }
    let mut names = declare(&items, law, &mut problems);
    names.currencies = currencies(&items);
    let file_names = files.iter().map(|file| file.name.to_owned()).collect();
    let mut citations = Citations { law, names: &names, files: file_names, pins: Vec::new(), warnings: Vec::new() };
    let program = from_surface(&items, &mut citations, &mut problems);
    check_circles(&items, &citations, &mut problems);
    check_exception_depth(&citations, &mut problems);
    check_recursion(&program, &names, &mut problems);
    let tests = rule_tests(&items, files, &program, &citations, &mut problems);
    let (pins, mut gaps) = (std::mem::take(&mut citations.pins), std::mem::take(&mut citations.warnings));
    if !problems.is_empty() {
        return Err(diagnostics(problems, files, Severity::Error));
    }
    gaps.extend(warnings(&program, &names));
    let warnings = diagnostics(gaps, files, Severity::Warning);
    let position = |place: Place| {
        let file = &files[place.file];
        (file.name.to_owned(), line_of(file.source, place.start).0)
    };
    let positions = names.rules.iter().map(|(id, rule)| (id.clone(), position(rule.place))).collect();
    let table_positions = names.tables.iter().map(|(name, table)| (name.clone(), position(table.place))).collect();
    let known = names.sources.iter().filter_map(|(name, (document, _))| Some((name, document.as_ref()?)));
    let sources = known.map(|(name, document)| (law.label(document), name.clone())).collect();
    Ok(Compiled { program, tests, pins, positions, table_positions, sources, warnings })
}

fn diagnostics(mut problems: Vec<Problem>, files: &[RuleFile<'_>], severity: Severity) -> Vec<Diagnostic> {
    problems.sort_by_key(|problem| problem.place);
    problems.into_iter().map(|problem| problem.into_diagnostic(files, severity)).collect()
}

fn check_recursion(program: &Program, names: &Names, problems: &mut Vec<Problem>) {
    let Err(circle) = evaluation_order(program) else { return };
    let place = circle.first().and_then(|name| names.predicates.get(name)).map(|predicate| predicate.place);
    let Some(place) = place else { return };
    let message = format!("this claim depends on itself otherwise than by what must hold: {}", circle.join(" -> "));
    let hint = "a claim may follow from itself through `and`, `or` and `some`, but not through `not`, `no`, `has`, comparisons, values, \
                sums or exceptions: split it into two claims";
    problems.push(Problem::new("claim-cycle", place, message, hint));
}

fn warnings(program: &Program, names: &Names) -> Vec<Problem> {
    let used: BTreeSet<&str> = dependencies(program).into_values().flatten().collect();
    let concluded: BTreeSet<&str> = program.rules.iter().map(|rule| rule.claim.as_str()).collect();
    let mut problems = Vec::new();
    for fact in program.facts.iter().filter(|fact| !used.contains(fact.predicate.as_str())) {
        if let Some(declared) = names.predicates.get(&fact.predicate) {
            let message = format!("no rule looks at the fact `{}`", fact.predicate);
            problems.push(Problem::new("unused-fact", declared.place, message, "use it in a rule, or remove it"));
        }
    }
    for claim in program.claims.iter().filter(|claim| !concluded.contains(claim.name.as_str())) {
        if let Some(declared) = names.predicates.get(&claim.name) {
            let message = format!("no rule concludes the claim `{}`", claim.name);
            problems.push(Problem::new("claim-without-rule", declared.place, message, "it will never hold"));
        }
    }
    for (id, rule) in &names.rules {
        let in_force = |id: &str| program.rules.iter().find(|rule| rule.id == id).map(|rule| rule.in_force);
        let parent = rule.to.as_deref().and_then(in_force);
        if in_force(id).zip(parent).is_some_and(|(own, parent)| !own.overlaps(parent)) {
            let message = format!("the exception `{id}` is never in force together with its rule");
            problems.push(Problem::new("never-together", rule.place, message, "compare the two `in force`"));
        }
    }
    problems
}

/// The currencies of the amounts written in rules, each once.
fn currencies(items: &[Item]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for item in items {
        let Item::Rule(rule) = item else { continue };
        let value = match &rule.conclusion {
            crate::surface::ConclusionTerm::Value(value) => Some(value),
            _ => None,
        };
        let of_range = rule.for_each.as_ref().and_then(|range| range.condition.as_deref());
        for term in rule.condition.iter().chain(value).chain(of_range) {
            collect_currencies(term, &mut found);
        }
    }
    found.into_iter().collect()
}

fn collect_currencies(term: &Term, found: &mut BTreeSet<String>) {
    let mut below = |term: &Term| collect_currencies(term, found);
    match &term.kind {
        TermKind::Literal(Value::Money(money)) => {
            found.insert(money.currency.clone());
        }
        TermKind::Literal(_) | TermKind::Provision { .. } | TermKind::Variable(_) | TermKind::AsOf => {}
        TermKind::Call { arguments: parts, .. }
        | TermKind::All(parts)
        | TermKind::Any(parts)
        | TermKind::Greatest(parts)
        | TermKind::Row { keys: parts, .. }
        | TermKind::Least(parts) => parts.iter().for_each(below),
        TermKind::Attribute { of: inner, .. }
        | TermKind::Not(inner)
        | TermKind::Has(inner)
        | TermKind::HasNot(inner)
        | TermKind::Shift { start: inner, .. }
        | TermKind::YearOf(inner)
        | TermKind::MonthOf(inner)
        | TermKind::DayOf(inner)
        | TermKind::StartOfYear(inner)
        | TermKind::CloseOfYear(inner)
        | TermKind::DateOf(inner) => below(inner),
        TermKind::Exists(range) | TermKind::Count(range) => {
            range.condition.as_deref().into_iter().for_each(below);
        }
        TermKind::Brackets { value, slices } => {
            below(value);
            slices.iter().filter_map(|(_, to)| to.as_ref()).for_each(below);
        }
        TermKind::Sum { value, range } | TermKind::Extreme { value, range, .. } => {
            below(value);
            range.condition.as_deref().into_iter().for_each(below);
        }
        TermKind::Compare { left, right, .. }
        | TermKind::Add(left, right)
        | TermKind::Subtract(left, right)
        | TermKind::Multiply(left, right)
        | TermKind::Divide(left, right)
        | TermKind::YearsBetween(left, right)
        | TermKind::DaysBetween(left, right) => {
            below(left);
            below(right);
        }
        TermKind::In { value, choices } => {
            below(value);
            choices.iter().for_each(below);
        }
        TermKind::Round { value, to, .. } => {
            below(value);
            to.as_deref().into_iter().for_each(below);
        }
    }
}
