//! Rules in plain words, without a case: what a lawyer reads beside the text that a rule encodes.

mod nouns;
mod conditions;
mod expressions;

use grounds_core::{Citation, Conclusion, FactDeclaration, FactMode, Program, Rule, RuleKind, Type, Value};
use jiff::civil::Date;
use serde::Serialize;

use crate::render::shown_value;
use crate::template::fill;
use nouns::{Nouns, article, words};

/// A line of a condition, indented by how deeply it is nested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WordsLine {
    /// 0 for what the rule itself asks for.
    pub depth: usize,
    /// One condition as a sentence, or what introduces the lines below it.
    pub text: String,
}

/// A rule in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInWords {
    /// What follows, from the claim's `say` or `say not`; `[1]` points to the question of that number.
    pub conclusion: String,
    /// What must be so, all of it; empty where nothing must.
    pub conditions: Vec<WordsLine>,
    /// Whether the conclusion follows only then.
    pub only: bool,
    /// Values that an amendment puts in the place of others, with its id and the conditions for it.
    pub amendments: Vec<AmendmentInWords>,
    /// The claims that its conditions and its value look at, each once.
    pub claims: Vec<String>,
}

/// An amendment in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmendmentInWords {
    /// Its id.
    pub amendment: String,
    /// "USD 12 000 for USD 3 000"
    pub text: String,
    /// When it applies; empty where it always does.
    pub conditions: Vec<WordsLine>,
}

/// A fact that rules ask about, as the question that settles it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its number on the page, from 1.
    pub number: usize,
    /// The fact.
    pub fact: String,
    /// The question.
    pub ask: String,
    /// What an answer is: "yes or no", "an amount of money".
    pub answer: String,
    /// What it means that nobody answers.
    pub absence: String,
    /// Whether it is for a human to judge.
    pub judgement: bool,
    /// The words it renders; may be empty.
    pub cites: Vec<Citation>,
}

/// Puts the rules of one program into words, and numbers the facts they ask about in the order in which they come up.
#[derive(Clone, Debug)]
pub struct Wording<'a> {
    program: &'a Program,
    as_of: Date,
    asked: Vec<&'a FactDeclaration>,
}

impl<'a> Wording<'a> {
    /// Begins with no question. Tables without keys are told by what they give on `as_of`.
    pub fn new(program: &'a Program, as_of: Date) -> Self {
        Self { program, as_of, asked: Vec::new() }
    }

    /// The rule in words. Facts get their numbers in the order in which they come up.
    pub fn rule(&mut self, rule: &'a Rule) -> RuleInWords {
        let nouns = Nouns::of(rule);
        let mut teller = Teller { wording: self, rule, nouns: &nouns, claims: Vec::new() };
        let value = match &rule.conclusion {
            Conclusion::Value(value) => Some(teller.expression(value)),
            Conclusion::Holds | Conclusion::None => None,
        };
        let mut conditions = Vec::new();
        teller.condition(&rule.condition, 0, &mut conditions);
        let amendment = |amendment: &'a grounds_core::Amendment| {
            let mut conditions = Vec::new();
            teller.condition(&amendment.condition, 0, &mut conditions);
            AmendmentInWords {
                amendment: amendment.id.clone(),
                text: format!("{} for {}", shown_value(&amendment.to), shown_value(&amendment.from)),
                conditions,
            }
        };
        let amendments = rule.amendments.iter().map(amendment).collect();
        let claims = teller.claims;
        let conclusion = self.conclusion(rule, &nouns, value);
        RuleInWords { conclusion, conditions, only: rule.only, amendments, claims }
    }

    /// The questions that have come up, by their numbers.
    pub fn questions(&self) -> Vec<Question> {
        let question = |(position, fact): (usize, &&FactDeclaration)| Question {
            number: position + 1,
            fact: fact.predicate.clone(),
            ask: fill(&fact.ask, &fact.parameters, &nouns::generic(&fact.parameters), ""),
            answer: answer(&fact.value),
            absence: absence(fact),
            judgement: fact.judgement,
            cites: fact.cites.clone(),
        };
        self.asked.iter().enumerate().map(question).collect()
    }

    /// The sentences of a claim with general words for its arguments: what it says, and what its denial says.
    pub fn claim(&self, name: &str) -> Option<(String, String)> {
        let claim = self.program.claims.iter().find(|claim| claim.name == name)?;
        let arguments = nouns::generic(&claim.parameters);
        let filled = |template: &str, value: &str| fill(template, &claim.parameters, &arguments, value);
        Some((filled(&claim.say, &format!("({})", answer(&claim.value))), filled(&claim.say_not, "any value")))
    }

    fn conclusion(&self, rule: &Rule, nouns: &Nouns, value: Option<String>) -> String {
        let Some(claim) = self.program.claims.iter().find(|claim| claim.name == rule.claim) else {
            return rule.claim.clone();
        };
        let arguments: Vec<String> = rule.variables.iter().map(|variable| nouns.noun(&variable.name)).collect();
        let filled = |template: &str, value: &str| fill(template, &claim.parameters, &arguments, value);
        let value = match (&rule.kind, value) {
            (_, None) if rule.conclusion == Conclusion::None => return filled(&claim.say_not, "any value"),
            (_, None) => return filled(&claim.say, ""),
            (RuleKind::Limit { at_most: true }, Some(value)) => format!("at most {value}"),
            (RuleKind::Limit { at_most: false }, Some(value)) => format!("at least {value}"),
            (_, Some(value)) => value,
        };
        let sentence = filled(&claim.say, &value);
        if claim.say.contains("{value}") { sentence } else { format!("{sentence}: {value}") }
    }

    /// The number of the question about a fact, from 1; a fact that has not come up before gets the next one.
    pub fn number(&mut self, fact: &'a FactDeclaration) -> usize {
        let known = self.asked.iter().position(|asked| asked.predicate == fact.predicate);
        known.unwrap_or_else(|| {
            self.asked.push(fact);
            self.asked.len() - 1
        }) + 1
    }
}

/// Tells one rule.
struct Teller<'w, 'a> {
    wording: &'w mut Wording<'a>,
    rule: &'a Rule,
    nouns: &'w Nouns,
    claims: Vec<String>,
}

/// What answers a question of this type.
fn answer(value: &Type) -> String {
    match value {
        Type::Bool => "yes or no".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::Money => "an amount of money".to_owned(),
        Type::Date => "a date".to_owned(),
        Type::Instant => "a point in time".to_owned(),
        Type::Duration => "a length of time".to_owned(),
        Type::Text => "words".to_owned(),
        Type::Provision => "a provision".to_owned(),
        Type::Entity(name) => article(&words(name)),
    }
}

fn absence(fact: &FactDeclaration) -> String {
    match &fact.mode {
        FactMode::Open => "unknown while nobody says".to_owned(),
        FactMode::Closed if fact.value == Type::Bool => "no if nobody says".to_owned(),
        FactMode::Closed => "none if nobody says".to_owned(),
        FactMode::Presumed { value, burden } => {
            format!("presumed {}; the {} must show otherwise", Value::Bool(*value), words(burden))
        }
    }
}

#[cfg(test)]
mod tests;
