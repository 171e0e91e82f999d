//! Services, plans, payments, income, deductions, returns and terminations of a SARA case.

use super::transcribe::{Event, Transcriber};

/// The kinds of work that the rules tell apart.
const KINDS: [&str; 2] = ["agricultural labor", "domestic service"];
/// Places that are no country.
const PLACES: [&str; 4] = [
    "private home",
    "local college club",
    "local chapter of a college fraternity",
    "local chapter of a college sorority",
];

impl Transcriber<'_> {
    pub(super) fn services(&mut self) -> anyhow::Result<()> {
        for event in self.events("service_") {
            let name = event.name.clone();
            let (employer, employee) = (event.patients.first().cloned(), event.agents.first().cloned());
            self.service(&event, &name, employer.as_deref(), employee.as_deref())?;
        }
        Ok(())
    }

    /// One service; what kind of work it is and where it is performed is said of the event.
    pub(super) fn service(
        &mut self,
        event: &Event,
        name: &str,
        employer: Option<&str>,
        employee: Option<&str>,
    ) -> anyhow::Result<String> {
        let service = self.built.add("Service", name);
        let mut parties = [("Service.employer", employer), ("Service.employee", employee)].map(|(predicate, party)| {
            let person = self.built.the("Person", party?);
            self.built.entity(predicate, &service, &person);
            Some(person)
        });
        if let Some(employer) = parties[0].clone() {
            self.government(&employer);
        }
        self.built.parties.insert(service.clone(), (parties[0].take(), parties[1].take()));
        self.built.date("Service.from", &[&service], event.starts.first())?;
        self.built.date("Service.until", &[&service], event.end.as_ref())?;
        let first_day = event.starts.first().or(event.end.as_ref());
        let day = match first_day {
            Some(first_day) => self.built.day(first_day)?,
            None => self.built.day(&self.built.case.as_of.to_string())?,
        };
        self.built.entity("Service.first_day", &service, &day);
        let mut kinds = self.said("type_", &event.name);
        kinds.extend(self.said("purpose_", &event.name));
        let kind = kinds.iter().find(|kind| KINDS.contains(&kind.as_str())).or(kinds.first());
        if let Some(kind) = kind {
            self.built.text("Service.kind", &service, kind);
        }
        self.place(&event.name, &service);
        Ok(service)
    }

    /// Where a service is performed: the country of one of its places, or a place that is a country itself.
    fn place(&mut self, event: &str, service: &str) {
        let places = self.said("location_", event);
        if let Some(place) = places.iter().find(|place| PLACES.contains(&place.as_str())) {
            self.built.text("Service.place", service, place);
        }
        let mut countries: Vec<String> = Vec::new();
        for place in places.iter().filter(|place| !PLACES.contains(&place.as_str())) {
            let stated = self.said("country_", place);
            countries.extend(if stated.is_empty() { vec![place.clone()] } else { stated });
        }
        let country = countries.iter().find(|country| *country == "usa").or(countries.last()).cloned();
        let Some(country) = country else { return };
        self.built.text("Service.country", service, &country);
        let agreements = self.events("unemployment_compensation_agreement_");
        if country != "usa"
            && agreements.iter().any(|agreement| countries.iter().any(|country| agreement.agents.contains(country)))
        {
            self.built.yes("Service.in_agreement_country", &[service]);
        }
    }

    /// SARA tells governments by their names.
    fn government(&mut self, person: &str) {
        if person == "united states government" {
            self.built.yes("Person.united_states", &[person]);
        } else if person.starts_with("state of ") {
            self.built.yes("Person.state", &[person]);
        } else if person.ends_with(" government") {
            self.built.yes("Person.foreign_government", &[person]);
        }
    }

    pub(super) fn plans(&mut self) -> anyhow::Result<()> {
        for event in self.events("plan_") {
            let plan = self.built.the("Plan", &event.name);
            for employer in &event.agents {
                let employer = self.built.the("Person", employer);
                self.built.entity("Plan.of", &plan, &employer);
            }
            for purpose in self.said("purpose_", &event.name) {
                for (words, predicate) in [
                    ("employees", "Plan.for_employees"),
                    ("sickness", "Plan.on_sickness"),
                    ("accident disability", "Plan.on_sickness"),
                    ("death", "Plan.on_death"),
                ] {
                    if purpose.contains(words) {
                        self.built.yes(predicate, &[&plan]);
                    }
                }
            }
            for person in self.said("beneficiary_", &event.name) {
                let person = self.built.the("Person", &person);
                self.built.yes("Beneficiary", &[&plan, &person]);
            }
        }
        Ok(())
    }

    pub(super) fn money(&mut self) -> anyhow::Result<()> {
        for event in self.events("payment_") {
            if event.starts.is_empty() {
                self.payment(&event, None)?;
            }
            // An event that recurs every year is a payment in each.
            for start in &event.starts {
                self.payment(&event, Some(start))?;
            }
        }
        for (kind, entity) in [("income_", "Income"), ("deduction_", "Deduction")] {
            for event in self.events(kind) {
                for agent in &event.agents {
                    let person = self.built.the("Person", agent);
                    for start in &event.starts {
                        let item = self.built.add(entity, &event.name);
                        self.built.entity(&format!("{entity}.of"), &item, &person);
                        self.built.date(&format!("{entity}.on"), &[&item], Some(start))?;
                        if let Some(amount) = self.said("amount_", &event.name).first() {
                            self.built.money(&format!("{entity}.amount"), &[&item], amount)?;
                        }
                    }
                }
            }
        }
        for event in self.events("joint_return_") {
            let joint = self.built.add("JointReturn", &event.name);
            for agent in &event.agents {
                let person = self.built.the("Person", agent);
                self.built.yes("Filed", &[&joint, &person]);
            }
            self.built.date("JointReturn.from", &[&joint], event.starts.first())?;
            self.built.date("JointReturn.until", &[&joint], event.end.as_ref())?;
        }
        Ok(())
    }

    fn payment(&mut self, event: &Event, on: Option<&String>) -> anyhow::Result<()> {
        let payment = self.built.add("Payment", &event.name);
        if let Some(agent) = event.agents.first() {
            let person = self.built.the("Person", agent);
            self.built.entity("Payment.by", &payment, &person);
        }
        if let Some(patient) = event.patients.first() {
            let plans = self.built.all("Plan", patient).to_vec();
            match plans.first() {
                Some(plan) => self.built.entity("Payment.to_plan", &payment, plan),
                None => {
                    let person = self.built.the("Person", patient);
                    self.built.entity("Payment.to", &payment, &person);
                }
            }
        }
        self.built.date("Payment.on", &[&payment], on)?;
        if let Some(amount) = self.said("amount_", &event.name).first() {
            self.built.money("Payment.amount", &[&payment], amount)?;
        }
        for means in self.said("means_", &event.name) {
            match self.built.all("Plan", &means).to_vec().first() {
                Some(plan) => self.built.entity("Payment.through_plan", &payment, plan),
                None => self.built.text("Payment.medium", &payment, &means),
            }
        }
        let mut purposes = self.said("purpose_", &event.name);
        if purposes.is_empty() {
            purposes.extend(self.service_asked_for(&event.name));
        }
        for purpose in purposes {
            if let Some(service) = self.built.all("Service", &purpose).first().cloned() {
                self.built.entity("Payment.for_service", &payment, &service);
            }
            // A household is named by itself or by somebody's living in it.
            let mut homes = self.built.all("Home", &purpose).to_vec();
            for home in self.said("patient_", &purpose) {
                homes.extend(self.built.all("Home", &home).iter().cloned());
            }
            if let (Some(home), true) = (homes.first(), self.built.all("Service", &purpose).is_empty()) {
                self.built.entity("Payment.for_home", &payment, home);
            }
        }
        Ok(())
    }

    /// The service for which a payment is, where a case says so only of a payment and a service that are both named.
    fn service_asked_for(&self, payment: &str) -> Option<String> {
        let services =
            self.clauses.ask("service_", &[None]).into_iter().filter_map(|answer| answer.into_iter().next().flatten());
        let mut services =
            services.filter(|service| !self.clauses.ask("purpose_", &[Some(payment), Some(service)]).is_empty());
        services.next()
    }

    pub(super) fn terminations(&mut self) -> anyhow::Result<()> {
        for event in self.events("termination_") {
            for patient in &event.patients {
                let Some(service) = self.built.all("Service", patient).first().cloned() else { continue };
                let termination = self.built.add("Termination", &event.name);
                self.built.entity("Termination.of", &termination, &service);
                if let Some(agent) = event.agents.first() {
                    let person = self.built.the("Person", agent);
                    self.built.entity("Termination.by", &termination, &person);
                }
                self.built.date("Termination.on", &[&termination], event.starts.first())?;
                let employee = self.built.parties.get(&service).and_then(|(_, employee)| employee.clone());
                for reason in self.said("reason_", &event.name) {
                    let concerns = |kind: &str| {
                        self.events(kind).iter().any(|event| {
                            event.name == reason
                                && employee.as_ref().is_some_and(|employee| event.agents.contains(employee))
                        })
                    };
                    let (death, disability) =
                        (concerns("death_") || reason == "death", concerns("disability_") || reason == "disability");
                    if death {
                        self.built.yes("Termination.because_of_death", &[&termination]);
                    }
                    if disability {
                        self.built.yes("Termination.because_of_disability", &[&termination]);
                    }
                }
            }
        }
        Ok(())
    }
}
