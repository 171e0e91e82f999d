//! A case under construction: entities and facts in the vocabulary of `examples/sara`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use grounds_core::{Case, Entity, Fact, FactGrounds, Money, Value};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// The entities of SARA's names, and what is stated about them.
pub(super) struct Built {
    pub(super) case: Case,
    names: BTreeSet<String>,
    /// By kind and SARA's name, our names: a recurring event becomes several.
    known: BTreeMap<(&'static str, String), Vec<String>>,
    /// Employer and employee of each service.
    pub(super) parties: BTreeMap<String, (Option<String>, Option<String>)>,
}

impl Built {
    pub(super) fn new(as_of: Date) -> Self {
        let case = Case { as_of, entities: Vec::new(), facts: Vec::new() };
        Self { case, names: BTreeSet::new(), known: BTreeMap::new(), parties: BTreeMap::new() }
    }

    /// A new entity of `kind` for SARA's `name`.
    pub(super) fn add(&mut self, kind: &'static str, name: &str) -> String {
        let plain = match kind {
            "Person" | "TaxYear" | "Day" => name.to_owned(),
            "Week" => format!("week of {name}"),
            other => format!("{} {name}", other.to_lowercase()),
        };
        let mut free = plain.clone();
        let mut count = 1;
        while !self.names.insert(free.clone()) {
            count += 1;
            free = format!("{plain} {count}");
        }
        self.case.entities.push(Entity { name: free.clone(), entity_type: kind.to_owned() });
        self.known.entry((kind, name.to_owned())).or_default().push(free.clone());
        free
    }

    /// The entity of `kind` for SARA's `name`, made where there is none.
    pub(super) fn the(&mut self, kind: &'static str, name: &str) -> String {
        match self.all(kind, name).first() {
            Some(known) => known.clone(),
            None => self.add(kind, name),
        }
    }

    /// Gives an entity one more of SARA's names, where that names nothing else.
    pub(super) fn also_called(&mut self, kind: &'static str, name: &str, entity: &str) {
        self.known.entry((kind, name.to_owned())).or_insert_with(|| vec![entity.to_owned()]);
    }

    /// All our entities for SARA's `name`.
    pub(super) fn all(&self, kind: &'static str, name: &str) -> &[String] {
        self.known.get(&(kind, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The names of all entities of a type.
    pub(super) fn of_type(&self, entity_type: &str) -> Vec<String> {
        let of_type = self.case.entities.iter().filter(|entity| entity.entity_type == entity_type);
        of_type.map(|entity| entity.name.clone()).collect()
    }

    /// States a fact; the same statement twice is one.
    pub(super) fn state(&mut self, predicate: &str, arguments: &[&str], value: Value) {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let grounds = FactGrounds::Author { author: "the case".to_owned() };
        let fact = Fact { predicate: predicate.to_owned(), arguments, value, grounds };
        if !self.case.facts.contains(&fact) {
            self.case.facts.push(fact);
        }
    }

    pub(super) fn yes(&mut self, predicate: &str, arguments: &[&str]) {
        self.state(predicate, arguments, Value::Bool(true));
    }

    pub(super) fn text(&mut self, predicate: &str, of: &str, text: &str) {
        self.state(predicate, &[of], Value::Text(text.to_owned()));
    }

    pub(super) fn entity(&mut self, predicate: &str, of: &str, entity: &str) {
        self.state(predicate, &[of], Value::Entity(entity.to_owned()));
    }

    /// A date, where the case has one.
    pub(super) fn date(&mut self, predicate: &str, of: &[&str], date: Option<&String>) -> anyhow::Result<()> {
        let Some(text) = date else { return Ok(()) };
        self.state(predicate, of, Value::Date(civil(text)?));
        Ok(())
    }

    pub(super) fn money(&mut self, predicate: &str, of: &[&str], amount: &str) -> anyhow::Result<()> {
        self.state(predicate, of, Value::Money(Money::parse(&format!("USD {amount}"))?));
        Ok(())
    }

    /// The calendar year as a taxable year.
    pub(super) fn year(&mut self, year: i16) -> anyhow::Result<String> {
        let name = year.to_string();
        if let [known] = self.all("TaxYear", &name) {
            return Ok(known.clone());
        }
        let entity = self.add("TaxYear", &name);
        self.state("TaxYear.first_day", &[&entity], Value::Date(Date::new(year, 1, 1)?));
        self.state("TaxYear.last_day", &[&entity], Value::Date(Date::new(year, 12, 31)?));
        Ok(entity)
    }

    /// A day, with its calendar week and its year.
    pub(super) fn day(&mut self, date: &str) -> anyhow::Result<String> {
        if let [known] = self.all("Day", date) {
            return Ok(known.clone());
        }
        let civil = civil(date)?;
        let entity = self.add("Day", date);
        self.state("Day.date", &[&entity], Value::Date(civil));
        let monday = civil.checked_sub(i64::from(civil.weekday().to_monday_zero_offset()).days())?;
        let week = self.the("Week", &monday.to_string());
        self.entity("Day.week", &entity, &week);
        self.year(civil.year())?;
        Ok(entity)
    }
}

/// A date as SARA writes it.
pub(super) fn civil(text: &str) -> anyhow::Result<Date> {
    text.trim().parse().with_context(|| format!("`{text}` is no date"))
}
