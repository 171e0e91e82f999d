//! What a SARA case takes as given instead of stating the facts: conclusions of law, by the name of their section.

use super::transcribe::Transcriber;

/// For each conclusion with its number of arguments: what its arguments are, and our fact. Letters as in `question`; `z` is the first day
/// of a year.
const AGREED: &str = "
s7703/9 p s _ _ _ _ _ _ y => AgreedMarried p s y
s7703/9 p s _ _ _ _ _ _ y => AgreedMarried s p y
s2_a/5 p _ _ _ y => AgreedSurvivingSpouse p y
s2_b/4 p _ _ y => AgreedHeadOfHousehold p y
s63/3 p y v => AgreedTaxableIncome p y v
s63_c/3 p y v => AgreedStandardDeduction p y v
s63_c_1/3 p y v => AgreedStandardDeduction p y v
s63_c_2/3 p y v => AgreedBasicDeduction p y v
s63_c_3/3 p v y => AgreedAdditionalDeduction p y v
s63_c_3/4 p _ v y => AgreedAdditionalDeduction p y v
s63_f_1_A/2 p y => AgreedAged p y
s63_f_1_B/2 p y => AgreedAgedSpouse p y
s63_f_1_B/3 p _ y => AgreedAgedSpouse p y
s151/5 p v _ _ y => AgreedExemptions p y v
s151_b_applies/3 p s y => AgreedSpouseExemption p s y
s151_c/4 p _ v y => AgreedDependentExemptions p y v
s151_c_applies/3 p c y => AgreedDependentExemption p c y
s151_d/4 p _ v y => AgreedExemptionAmount p y v
s152_b_2/4 c _ _ y => AgreedMarriedDependent c y
s152_c/3 c p y => AgreedQualifyingChild c p y
s152_c_1/3 c p y => AgreedQualifyingChild c p y
s152_c_2/4 c p _ _ => AgreedChildRelationship c p
s152_c_3/3 c p y => AgreedAge c p y
s152_d_2_H/6 c p y _ _ _ => AgreedMemberOfHousehold c p y
s3306_a/3 p y _ => AgreedEmployer p y
total_wages_employer/4 p v z _ => AgreedTotalWages p y v
";

/// States what the case takes as given.
pub(super) fn agreed(transcriber: &mut Transcriber<'_>) -> anyhow::Result<()> {
    employment(transcriber)?;
    wages(transcriber)?;
    for line in AGREED.lines().filter(|line| !line.is_empty()) {
        let Some((goal, fact)) = line.split_once(" => ") else { continue };
        let Some((name, letters)) = goal.split_once(' ') else { continue };
        let Some((name, arity)) = name.split_once('/') else { continue };
        if transcriber.clauses.arity(name).map(|arity| arity.to_string()).as_deref() != Some(arity) {
            continue;
        }
        let letters: Vec<&str> = letters.split(' ').collect();
        for answer in transcriber.clauses.ask(name, &vec![None; letters.len()]) {
            state(transcriber, &letters, &answer, fact)?;
        }
    }
    Ok(())
}

fn state(
    transcriber: &mut Transcriber<'_>,
    letters: &[&str],
    answer: &[Option<String>],
    fact: &str,
) -> anyhow::Result<()> {
    let said = |wanted: &str| {
        letters.iter().zip(answer).find(|(letter, _)| **letter == wanted).and_then(|(_, said)| said.clone())
    };
    let mut words = fact.split(' ');
    let predicate = words.next().unwrap_or_default();
    let mut arguments = Vec::new();
    let mut value = None;
    for letter in words {
        match letter {
            "v" => match said("v") {
                Some(amount) => value = Some(amount),
                None => return Ok(()),
            },
            "y" => {
                let year = said("y").or_else(|| said("z").map(|day| day.chars().take(4).collect()));
                let Some(year) = year.and_then(|year| year.parse().ok()) else { return Ok(()) };
                arguments.push(transcriber.built.year(year)?);
            }
            _ => {
                let partner = said("p").unwrap_or_default();
                let name = said(letter).unwrap_or_else(|| format!("spouse of {partner}"));
                arguments.push(transcriber.built.the("Person", &name));
            }
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match value {
        Some(amount) => transcriber.built.money(predicate, &arguments, &amount)?,
        None => transcriber.built.yes(predicate, &arguments),
    }
    Ok(())
}

/// `s3306_c(Service, Employer, Employee, _, Day, _)`: employment, on single days where the case gives them.
fn employment(transcriber: &mut Transcriber<'_>) -> anyhow::Result<()> {
    if transcriber.clauses.arity("s3306_c").is_none() {
        return Ok(());
    }
    for answer in transcriber.clauses.ask("s3306_c", &[None; 6]) {
        let [Some(service), employer, employee, _, day, _] = answer.as_slice() else { continue };
        let mut services = transcriber.built.all("Service", service).to_vec();
        if services.is_empty() || day.is_some() {
            let mut event = transcriber.event(service.clone());
            if let Some(day) = day {
                event.starts = vec![day.clone()];
                event.end = Some(day.clone());
            }
            services = vec![transcriber.service(&event, service, employer.as_deref(), employee.as_deref())?];
        }
        for service in services {
            transcriber.built.yes("AgreedEmployment", &[&service]);
        }
    }
    // Payments name their services, and these came last.
    for event in transcriber.events("payment_") {
        for payment in transcriber.built.all("Payment", &event.name).to_vec() {
            for purpose in transcriber.said("purpose_", &event.name) {
                if let Some(service) = transcriber.built.all("Service", &purpose).first().cloned() {
                    transcriber.built.entity("Payment.for_service", &payment, &service);
                }
            }
        }
    }
    Ok(())
}

/// `s3306_b(Wages, Payment, Service, Payer, Payee, …, Employer, Employee)`: a payment of wages.
fn wages(transcriber: &mut Transcriber<'_>) -> anyhow::Result<()> {
    if transcriber.clauses.arity("s3306_b").is_none() {
        return Ok(());
    }
    for answer in transcriber.clauses.ask("s3306_b", &[None; 11]) {
        let [amount, payment, service, payer, payee, _, _, _, _, employer, employee] = answer.as_slice() else {
            continue;
        };
        let payments =
            payment.as_ref().map_or_else(Vec::new, |payment| transcriber.built.all("Payment", payment).to_vec());
        for payment in &payments {
            transcriber.built.yes("AgreedWages", &[payment]);
        }
        let (true, Some(service)) = (payments.is_empty(), service) else { continue };
        let event = transcriber.event(service.clone());
        let known = transcriber.built.all("Service", service).first().cloned();
        let entity = match known {
            Some(known) => known,
            None => transcriber.service(&event, service, employer.as_deref(), employee.as_deref())?,
        };
        let payment = transcriber.built.add("Payment", service);
        for (predicate, person) in [("Payment.by", payer), ("Payment.to", payee)] {
            if let Some(person) = person {
                let person = transcriber.built.the("Person", person);
                transcriber.built.entity(predicate, &payment, &person);
            }
        }
        transcriber.built.entity("Payment.for_service", &payment, &entity);
        // What is paid for a time of work is paid at its end, where no other day is stated.
        transcriber.built.date("Payment.on", &[&payment], event.end.as_ref())?;
        if let Some(amount) = amount {
            transcriber.built.money("Payment.amount", &[&payment], amount)?;
        }
        transcriber.built.yes("AgreedWages", &[&payment]);
    }
    Ok(())
}
