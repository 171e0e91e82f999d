//! The names of all files together: every name is declared once, and is then known everywhere.

use std::collections::BTreeMap;

use grounds_core::{DocumentId, Type};

use crate::diagnostic::{Place, Problem, did_you_mean};
use crate::law::CitedText;
use crate::surface::{ColumnItem, Item, Name, TypeName};

/// A declared fact or claim.
#[derive(Clone, Debug)]
pub(crate) struct Predicate {
    pub(crate) parameters: Vec<String>,
    pub(crate) value: Type,
    pub(crate) is_claim: bool,
    pub(crate) place: Place,
}

/// What is declared, by name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// `None` where the document is not known; that has been reported.
    pub(crate) sources: BTreeMap<String, (Option<DocumentId>, Place)>,
    pub(crate) entities: BTreeMap<String, Place>,
    pub(crate) predicates: BTreeMap<String, Predicate>,
    pub(crate) calendars: BTreeMap<String, Place>,
    /// The claim a rule is about, its place, and what it is an exception to.
    pub(crate) rules: BTreeMap<String, RuleName>,
    pub(crate) tables: BTreeMap<String, TableName>,
    pub(crate) amendments: BTreeMap<String, Place>,
    /// Currencies of the literals in all rules.
    pub(crate) currencies: Vec<String>,
}

/// The columns of a table, with their types.
#[derive(Clone, Debug)]
pub(crate) struct TableName {
    pub(crate) keys: Vec<(String, Type)>,
    pub(crate) values: Vec<(String, Type)>,
    pub(crate) place: Place,
}

/// What other rules need to know of a rule.
#[derive(Clone, Debug)]
pub(crate) struct RuleName {
    pub(crate) claim: String,
    pub(crate) place: Place,
    pub(crate) to: Option<String>,
}

/// Collects the names that `items` declare.
pub(crate) fn declare(items: &[Item], law: &dyn CitedText, problems: &mut Vec<Problem>) -> Names {
    let mut names = Names::default();
    for item in items {
        names.declare_item(item, law, problems);
    }
    for item in items {
        names.check_types(item, problems);
    }
    names
}

impl Names {
    fn declare_item(&mut self, item: &Item, law: &dyn CitedText, problems: &mut Vec<Problem>) {
        match item {
            Item::Source { name, document } => {
                let known = law.resolve(&document.text);
                if known.is_none() {
                    let message = format!("no document is called `{}`", document.text);
                    let hint = "name a document of the workspace by its id or short title, or import it first";
                    problems.push(Problem::new("unknown-document", document.place, message, hint));
                }
                let earlier = self.sources.get(&name.text).map(|(_, place)| *place);
                if once(earlier, name, "source", problems) {
                    self.sources.insert(name.text.clone(), (known, name.place));
                }
            }
            Item::Entity { name } => {
                if once(self.place_of_capital(&name.text), name, "name", problems) {
                    self.entities.insert(name.text.clone(), name.place);
                }
            }
            Item::Fact(fact) => {
                self.predicate(&fact.predicate, &fact.parameters, fact.value.value.clone(), false, problems);
            }
            Item::Claim(claim) => {
                let value = claim.value.as_ref().map_or(Type::Bool, |written| written.value.clone());
                self.predicate(&claim.name, &claim.parameters, value, true, problems);
            }
            Item::Calendar(calendar) => {
                if once(self.calendars.get(&calendar.name.text).copied(), &calendar.name, "calendar", problems) {
                    self.calendars.insert(calendar.name.text.clone(), calendar.name.place);
                }
            }
            Item::Rule(rule) => {
                let earlier = self.rules.get(&rule.id.text).map(|rule| rule.place);
                if once(earlier, &rule.id, "rule", problems) {
                    let to = rule.to.as_ref().map(|to| to.text.clone());
                    let known = RuleName { claim: rule.head.claim.text.clone(), place: rule.id.place, to };
                    self.rules.insert(rule.id.text.clone(), known);
                }
            }
            Item::Table(table) => {
                if once(self.tables.get(&table.name.text).map(|known| known.place), &table.name, "table", problems) {
                    let columns = |items: &[ColumnItem]| {
                        items.iter().map(|column| (column.name.text.clone(), column.value.value.clone())).collect()
                    };
                    let (keys, values) = (columns(&table.keys), columns(&table.values));
                    self.tables.insert(table.name.text.clone(), TableName { keys, values, place: table.name.place });
                }
            }
            Item::Amend(amend) => {
                if once(self.amendments.get(&amend.id.text).copied(), &amend.id, "amendment", problems) {
                    self.amendments.insert(amend.id.text.clone(), amend.id.place);
                }
            }
            Item::Prefer { .. } | Item::Test(_) => {}
        }
    }

    fn place_of_capital(&self, name: &str) -> Option<Place> {
        self.entities.get(name).copied().or_else(|| self.predicates.get(name).map(|predicate| predicate.place))
    }

    fn predicate(
        &mut self,
        name: &Name,
        parameters: &[Name],
        value: Type,
        is_claim: bool,
        problems: &mut Vec<Problem>,
    ) {
        if once(self.place_of_capital(&name.text), name, "name", problems) {
            let parameters = parameters.iter().map(|parameter| parameter.text.clone()).collect();
            self.predicates.insert(name.text.clone(), Predicate { parameters, value, is_claim, place: name.place });
        }
    }

    fn check_types(&self, item: &Item, problems: &mut Vec<Problem>) {
        let (parameters, value): (&[Name], Option<&TypeName>) = match item {
            Item::Fact(fact) => (&fact.parameters, Some(&fact.value)),
            Item::Claim(claim) => (&claim.parameters, claim.value.as_ref()),
            _ => return,
        };
        for parameter in parameters {
            self.entity(parameter, problems);
        }
        if let Some(TypeName { value: Type::Entity(name), place }) = value {
            let basic = ["bool", "number", "money", "date", "instant", "duration", "text", "provision"];
            if !self.entities.contains_key(name) {
                let hint = did_you_mean(name, self.entities.keys().map(String::as_str).chain(basic));
                problems.push(Problem::new("unknown-type", *place, format!("no type is called `{name}`"), hint));
            }
        }
    }

    /// Whether `name` is a declared entity type; reports where not.
    pub(crate) fn entity(&self, name: &Name, problems: &mut Vec<Problem>) -> bool {
        let known = self.entities.contains_key(&name.text);
        if !known {
            let mut hint = did_you_mean(&name.text, self.entities.keys().map(String::as_str));
            if hint.is_empty() {
                hint = format!("declare it: entity {}", name.text);
            }
            let message = format!("no entity type is called `{}`", name.text);
            problems.push(Problem::new("unknown-type", name.place, message, hint));
        }
        known
    }

    /// The document behind a source's name; reports where there is no such source.
    pub(crate) fn document(&self, source: &Name, problems: &mut Vec<Problem>) -> Option<DocumentId> {
        match self.sources.get(&source.text) {
            Some((document, _)) => document.clone(),
            None => {
                let mut hint = did_you_mean(&source.text, self.sources.keys().map(String::as_str));
                if hint.is_empty() {
                    hint = format!("declare it: source {} = \"the id of a document\"", source.text);
                }
                let message = format!("no source is called `{}`", source.text);
                problems.push(Problem::new("unknown-source", source.place, message, hint));
                None
            }
        }
    }
}

/// Whether the name is new; reports where it is not.
fn once(earlier: Option<Place>, name: &Name, what: &str, problems: &mut Vec<Problem>) -> bool {
    if earlier.is_some() {
        let message = format!("the {what} `{}` is declared twice", name.text);
        let hint = "all files form one program, in which a name is declared once: rename one, or remove it";
        problems.push(Problem::new("duplicate-name", name.place, message, hint));
    }
    earlier.is_none()
}
