//! Explanations as plain sentences, from the `say` of claims and the words that rules quote.

use grounds_core::{Citation, ElementStatus, FactGrounds, FactMode};

use crate::explain::RuleExplanation;
use crate::missing::MissingFact;
use crate::need::Need;
use crate::why::{Because, Explanation};
use crate::why_not::{WhyNot, WhyNotKind};

impl Explanation {
    /// The explanation as paragraphs of plain sentences: what is said, by which provisions, and what that rests on; then the same of each claim
    /// it rests on, in the order of the tree.
    pub fn sentences(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.tell(&mut found);
        found
    }

    fn tell(&self, found: &mut Vec<String>) {
        let told = matches!(self.because, Because::Above | Because::Deeper | Because::NotEvaluated);
        // Facts are told where they are used; alone they stand only where they are what was asked about.
        let is_claim = matches!(self.because, Because::Rules { .. });
        if !told && (is_claim || found.is_empty()) {
            found.push(self.paragraph());
        }
        self.premises.iter().for_each(|premise| premise.tell(found));
    }

    fn paragraph(&self) -> String {
        let Because::Rules { rules } = &self.because else { return sentence(&self.as_premise()) };
        let mut out = sentence(&self.sentence);
        if rules.is_empty() {
            out.push_str(" No rule for it is in force.");
        }
        for rule in rules {
            out.push(' ');
            out.push_str(&of_rule(rule));
        }
        let premises: Vec<String> = self.premises.iter().map(Explanation::as_premise).collect();
        if !premises.is_empty() {
            out.push(' ');
            out.push_str(&sentence(&format!("it rests on this: {}", premises.join("; "))));
        }
        out
    }

    /// As a clause, with where it comes from.
    fn as_premise(&self) -> String {
        let from = match &self.because {
            Because::Stated { facts } => {
                let by: Vec<String> = facts.iter().map(|fact| of_grounds(&fact.grounds)).collect();
                format!(" ({})", by.join("; "))
            }
            Because::NotStated { mode: FactMode::Open, ask, .. } => format!(" (to be asked: {ask})"),
            Because::NotStated { mode: FactMode::Closed, .. } => " (none is stated)".to_owned(),
            Because::NotStated { mode: FactMode::Presumed { burden, .. }, .. } => {
                format!(" (presumed; the burden is on {burden})")
            }
            _ => String::new(),
        };
        format!("{}{from}", self.sentence)
    }
}

fn of_grounds(grounds: &FactGrounds) -> String {
    match grounds {
        FactGrounds::Narrative { quote, .. } => format!("the matter says \"{quote}\""),
        FactGrounds::Author { author } => format!("stated by {author}"),
    }
}

/// One rule: which words it rests on and what it comes to, then the exceptions that bear on it.
fn of_rule(rule: &RuleExplanation) -> String {
    let unmet: Vec<&str> = with_status(rule, ElementStatus::NotMet);
    let unknown: Vec<&str> = with_status(rule, ElementStatus::Unknown);
    let cited = cited(&rule.cites);
    let many = |one, several| if rule.cites.len() > 1 { several } else { one };
    let mut out = if !unmet.is_empty() {
        sentence(&format!(
            "{cited} {}, for this is not so: {}",
            many("does not apply", "do not apply"),
            unmet.join("; ")
        ))
    } else if !unknown.is_empty() {
        sentence(&format!("{cited} may apply; this is not known: {}", unknown.join("; ")))
    } else if rule.outcome == "applies" {
        sentence(&format!("so {} {cited}", many("says", "say")))
    } else if let Some(value) = rule.outcome.strip_prefix("gives ") {
        sentence(&format!("{cited} {} {value}", many("gives", "give")))
    } else {
        sentence(&format!("by {cited} it {}", rule.outcome))
    };
    for amendment in &rule.amendments {
        let by = self::cited(&amendment.cites);
        out.push_str(&format!(" {}", sentence(&format!("it is read with {}, by {by}", amendment.text))));
    }
    for reading in &rule.readings {
        out.push_str(&format!(" {}", sentence(&format!("{} reads it so: {}", reading.by, reading.text))));
    }
    let bears = |exception: &&RuleExplanation| with_status(exception, ElementStatus::NotMet).is_empty();
    for exception in rule.exceptions.iter().filter(bears) {
        out.push_str(&format!(" Exception: {}", of_rule(exception)));
    }
    out
}

fn with_status(rule: &RuleExplanation, status: ElementStatus) -> Vec<&str> {
    let conditions = rule.conditions.iter().filter(|condition| condition.status == status);
    conditions.map(|condition| condition.text.as_str()).collect()
}

/// `SMC art. 51(1) ("without undue delay")`
fn cited(cites: &[Citation]) -> String {
    let each = cites.iter().map(|citation| format!("{} (\"{}\")", citation.pinpoint, citation.quote));
    each.collect::<Vec<_>>().join(" and ")
}

impl WhyNot {
    /// The reason as paragraphs of plain sentences: what is said and why; then each set of facts that would settle it, or each rule.
    pub fn sentences(&self) -> Vec<String> {
        let mut first = sentence(&self.sentence);
        let mut more: Vec<String> = Vec::new();
        match &self.kind {
            WhyNotKind::Holds => first.push_str(" So it does hold."),
            WhyNotKind::NoRuleApplies if self.rules.is_empty() => first.push_str(" No rule for it is in force."),
            WhyNotKind::NoRuleApplies => {
                first.push_str(" No rule applies.");
                more.extend(self.rules.iter().map(of_rule));
            }
            WhyNotKind::Defeated { by } => {
                first.push_str(" An exception takes it away.");
                let mut all = Vec::new();
                self.rules.iter().for_each(|rule| collect(rule, &mut all));
                more.extend(all.into_iter().filter(|rule| by.contains(&rule.rule)).map(of_rule));
            }
            WhyNotKind::Conflict { rules, facts } => {
                let both: Vec<&str> = rules.iter().chain(facts).map(String::as_str).collect();
                first.push_str(&format!(" These disagree, and no declared order settles it: {}.", both.join(", ")));
            }
            WhyNotKind::Unknown { missing } => {
                for (set, lead) in
                    missing.iter().zip(std::iter::once("it would be settled").chain(std::iter::repeat("or")))
                {
                    let asks: Vec<String> = set.iter().map(of_missing).collect();
                    more.push(sentence(&format!("{lead} by the answer to: {}", asks.join(" and "))));
                }
            }
        }
        if self.bound_hit {
            more.push("The search stopped at its bounds: other facts may do as well.".to_owned());
        }
        more.insert(0, first);
        more
    }
}

fn collect<'r>(rule: &'r RuleExplanation, all: &mut Vec<&'r RuleExplanation>) {
    all.push(rule);
    rule.exceptions.iter().for_each(|exception| collect(exception, all));
}

/// "When did …? (SMC art. 51(1))"
fn of_missing(fact: &MissingFact) -> String {
    let mut pinpoints: Vec<&str> = fact.cites.iter().map(|citation| citation.pinpoint.as_str()).collect();
    pinpoints.dedup();
    if pinpoints.is_empty() { fact.ask.clone() } else { format!("{} ({})", fact.ask, pinpoints.join(", ")) }
}

impl Need {
    /// The question, then what each answer tried would come to.
    pub fn sentences(&self) -> Vec<String> {
        let mut found = vec![of_missing(&self.fact)];
        let outcomes = self.outcomes();
        found.extend(outcomes.iter().map(|(answers, then)| sentence(&format!("if {answers}, {then}"))));
        found
    }
}

/// With a capital letter and a full stop; a question or quotation at the end stops by itself.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let mut out: String = match characters.next() {
        // Names of facts and entities keep their letters: "outage.reported_at" is not a word.
        Some(first) if !text.split_whitespace().next().is_some_and(|word| word.contains(['.', '_', '('])) => {
            first.to_uppercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    };
    if !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}
