//! From the events of a SARA case to facts in the vocabulary of `examples/sara`.

use jiff::civil::Date;

use super::agreed::agreed;
use super::case::Built;
use super::question::Question;
use super::solve::Clauses;

/// One case being transcribed.
pub(super) struct Transcriber<'a> {
    pub(super) clauses: &'a Clauses,
    pub(super) built: Built,
}

/// The facts of a case; dates of the question come in as days and years.
pub(super) fn transcribe(clauses: &Clauses, source: &str, question: &Question) -> anyhow::Result<Built> {
    let last = question.years.iter().copied().max().unwrap_or(2020);
    let mut transcriber = Transcriber { clauses, built: Built::new(Date::new(last, 12, 31)?) };
    transcriber.years(source, question)?;
    for (letter, name) in &question.given {
        match letter {
            'd' => drop(transcriber.built.day(name)?),
            'w' | 'x' | 'm' | 'h' | 'y' | 'i' => {}
            _ => drop(transcriber.built.the("Person", name)),
        }
    }
    transcriber.persons()?;
    transcriber.families()?;
    transcriber.homes()?;
    transcriber.services()?;
    transcriber.plans()?;
    transcriber.money()?;
    transcriber.terminations()?;
    transcriber.stays()?;
    agreed(&mut transcriber)?;
    let mut built = transcriber.built;
    if built.of_type("Person").is_empty() {
        built.add("Person", "taxpayer");
    }
    for (_, amount) in question.given.iter().filter(|(letter, _)| *letter == 'i') {
        for person in built.of_type("Person") {
            for year in built.of_type("TaxYear") {
                built.money("AgreedItemized", &[&person, &year], amount)?;
            }
        }
    }
    Ok(built)
}

/// An event and what is said of it.
pub(super) struct Event {
    pub(super) name: String,
    pub(super) agents: Vec<String>,
    pub(super) patients: Vec<String>,
    pub(super) starts: Vec<String>,
    pub(super) end: Option<String>,
}

impl Transcriber<'_> {
    /// What a predicate says of an event.
    pub(super) fn said(&self, predicate: &str, event: &str) -> Vec<String> {
        let answers = self.clauses.ask(predicate, &[Some(event), None]);
        answers.into_iter().filter_map(|answer| answer.into_iter().nth(1).flatten()).collect()
    }

    /// The events of a kind.
    pub(super) fn events(&self, kind: &str) -> Vec<Event> {
        let names =
            self.clauses.ask(kind, &[None]).into_iter().filter_map(|answer| answer.into_iter().next().flatten());
        names.map(|name| self.event(name)).collect()
    }

    pub(super) fn event(&self, name: String) -> Event {
        Event {
            agents: self.said("agent_", &name),
            patients: self.said("patient_", &name),
            starts: self.said("start_", &name),
            end: self.said("end_", &name).into_iter().next(),
            name,
        }
    }

    /// The years that matter: those of the question and two before; where it names none, those of the case's dates.
    fn years(&mut self, source: &str, question: &Question) -> anyhow::Result<()> {
        let mut years: Vec<i16> = question.years.iter().flat_map(|year| year - 2..=*year).collect();
        if years.is_empty() {
            let facts = source.split("% Facts").nth(1).unwrap_or_default();
            let numbers = facts.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
            years =
                numbers.filter_map(|digits| digits.parse().ok()).filter(|year| (1900..2030).contains(year)).collect();
        }
        if years.is_empty() {
            years.push(2017);
        }
        years.sort_unstable();
        years.dedup();
        years.into_iter().try_for_each(|year| self.built.year(year).map(drop))
    }

    fn persons(&mut self) -> anyhow::Result<()> {
        for event in self.events("birth_") {
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                self.built.date("Person.born", &[&person], event.starts.first())?;
            }
        }
        for (kind, predicate) in [("death_", "Person.died"), ("blindness_", "Person.blind_since")] {
            for event in self.events(kind) {
                for agent in &event.agents {
                    let person = self.built.the("Person", agent);
                    self.built.date(predicate, &[&person], event.starts.first())?;
                }
            }
        }
        for event in self.events("nonresident_alien_") {
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                let status = self.built.add("AlienStatus", &event.name);
                self.built.entity("AlienStatus.of", &status, &person);
                self.built.date("AlienStatus.from", &[&status], event.starts.first())?;
                self.built.date("AlienStatus.until", &[&status], event.end.as_ref())?;
            }
        }
        self.capacities()
    }

    /// Citizens, employers, institutions, trades and trusts.
    fn capacities(&mut self) -> anyhow::Result<()> {
        for event in self.events("citizenship_") {
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                for country in &event.patients {
                    self.built
                        .yes(if country == "usa" { "Person.citizen" } else { "Person.foreign_citizen" }, &[&person]);
                }
            }
        }
        for event in self.events("migration_") {
            let to_farm = self.said("destination_", &event.name).iter().any(|to| to == "usa")
                && self.said("purpose_", &event.name).iter().any(|purpose| purpose == "agricultural labor");
            for agent in event.agents.iter().filter(|_| to_farm) {
                let person = self.built.the("Person", agent);
                self.built.yes("Person.admitted_for_farm_labor", &[&person]);
            }
        }
        for (kind, predicate) in [
            ("american_employer_", "Person.american_employer"),
            ("educational_institution_", "Person.school"),
            ("hospital_", "Person.hospital"),
            ("medical_institution_", "Person.hospital"),
            ("nurses_training_school_", "Person.nurses_training_school"),
            ("international_organization_", "Person.international_organization"),
            ("penal_institution_", "Person.penal_institution"),
        ] {
            for event in self.events(kind) {
                for agent in &event.agents {
                    let person = self.built.the("Person", agent);
                    self.built.yes(predicate, &[&person]);
                }
            }
        }
        for event in self.events("business_") {
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                for trade in self.said("type_", &event.name) {
                    self.built.text("Person.trade", &person, &trade);
                }
            }
        }
        for event in self.events("business_trust_") {
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                self.built.yes("Person.trust", &[&person]);
                self.built.date("Person.trust_from", &[&person], event.starts.first())?;
                self.built.date("Person.trust_until", &[&person], event.end.as_ref())?;
            }
        }
        Ok(())
    }

    fn families(&mut self) -> anyhow::Result<()> {
        for (kind, agent_is_child) in [("son_", true), ("daughter_", true), ("father_", false), ("mother_", false)] {
            for event in self.events(kind) {
                let (children, parents) =
                    if agent_is_child { (&event.agents, &event.patients) } else { (&event.patients, &event.agents) };
                for child in children {
                    let child = self.built.the("Person", child);
                    for parent in parents {
                        let parent = self.built.the("Person", parent);
                        let filiation = self.built.add("Filiation", &event.name);
                        self.built.entity("Filiation.child", &filiation, &child);
                        self.built.entity("Filiation.parent", &filiation, &parent);
                        self.built.date("Filiation.from", &[&filiation], event.starts.first())?;
                        self.built.date("Filiation.until", &[&filiation], event.end.as_ref())?;
                    }
                    // A son or daughter since a day was born on it, where no other day of birth is stated.
                    let is_born = self
                        .built
                        .case
                        .facts
                        .iter()
                        .any(|fact| fact.predicate == "Person.born" && fact.arguments == [child.clone()]);
                    if agent_is_child && !is_born {
                        self.built.date("Person.born", &[&child], event.starts.first())?;
                    }
                }
            }
        }
        for kind in ["brother_", "sister_", "sibling_"] {
            for event in self.events(kind) {
                let siblings: Vec<String> = event.agents.iter().chain(&event.patients).cloned().collect();
                for (position, first) in siblings.iter().enumerate() {
                    for second in siblings.iter().skip(position + 1).filter(|second| *second != first) {
                        let (first, second) = (self.built.the("Person", first), self.built.the("Person", second));
                        let siblinghood = self.built.add("Siblinghood", &event.name);
                        self.built.entity("Siblinghood.one", &siblinghood, &first);
                        self.built.entity("Siblinghood.other", &siblinghood, &second);
                    }
                }
            }
        }
        for event in self.events("marriage_") {
            let marriage = self.built.the("Marriage", &event.name);
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                self.built.yes("Spouse", &[&marriage, &person]);
            }
            self.built.date("Marriage.from", &[&marriage], event.starts.first())?;
            self.built.date("Marriage.until", &[&marriage], event.end.as_ref())?;
        }
        for event in self.events("legal_separation_") {
            for patient in &event.patients {
                let marriage = self.built.the("Marriage", patient);
                self.built.date("Marriage.separated", &[&marriage], event.starts.first())?;
                for decree in &event.agents {
                    self.built.text("Marriage.decree", &marriage, decree);
                }
            }
        }
        Ok(())
    }

    fn homes(&mut self) -> anyhow::Result<()> {
        for event in self.events("residence_") {
            for home in &event.patients {
                let home = self.built.the("Home", home);
                self.built.also_called("Home", &event.name, &home);
                for agent in &event.agents {
                    let person = self.built.the("Person", agent);
                    let residence = self.built.add("Residence", &event.name);
                    self.built.entity("Residence.of", &residence, &person);
                    self.built.entity("Residence.in", &residence, &home);
                    self.built.date("Residence.from", &[&residence], event.starts.first())?;
                    self.built.date("Residence.until", &[&residence], event.end.as_ref())?;
                }
            }
        }
        Ok(())
    }

    fn stays(&mut self) -> anyhow::Result<()> {
        for (kind, entity) in [
            ("enrollment_", "Enrollment"),
            ("attending_classes_", "Attendance"),
            ("medical_patient_", "HospitalStay"),
            ("incarceration_", "Imprisonment"),
        ] {
            for event in self.events(kind) {
                let places = if event.patients.is_empty() {
                    self.said("location_", &event.name)
                } else {
                    event.patients.clone()
                };
                for agent in &event.agents {
                    for place in &places {
                        let (person, place) = (self.built.the("Person", agent), self.built.the("Person", place));
                        let stay = self.built.add(entity, &event.name);
                        self.built.entity(&format!("{entity}.of"), &stay, &person);
                        self.built.entity(&format!("{entity}.at"), &stay, &place);
                        self.built.date(&format!("{entity}.from"), &[&stay], event.starts.first())?;
                        self.built.date(&format!("{entity}.until"), &[&stay], event.end.as_ref())?;
                    }
                }
            }
        }
        Ok(())
    }
}
