//! What entities are called in sentences about them in general.

use std::collections::BTreeMap;

use grounds_core::{Conclusion, Condition, Expression, Rule, Variable};

/// The nouns of a rule's variables.
pub(super) struct Nouns {
    noun_of: BTreeMap<String, String>,
}

impl Nouns {
    /// "the breach" where a rule speaks of one breach; "firm p" and "firm c" where it speaks of two firms.
    pub(super) fn of(rule: &Rule) -> Self {
        let mut variables: Vec<&Variable> = rule.variables.iter().collect();
        in_condition(&rule.condition, &mut variables);
        rule.amendments.iter().for_each(|amendment| in_condition(&amendment.condition, &mut variables));
        if let Conclusion::Value(value) = &rule.conclusion {
            in_expression(value, &mut variables);
        }
        let mut noun_of = BTreeMap::new();
        for variable in &variables {
            let names = variables.iter().filter(|other| other.entity_type == variable.entity_type);
            let is_only = names.map(|other| &other.name).all(|name| *name == variable.name);
            let kind = words(&variable.entity_type);
            let noun = if is_only { format!("the {kind}") } else { format!("{kind} {}", variable.name) };
            noun_of.insert(variable.name.clone(), noun);
        }
        Self { noun_of }
    }

    pub(super) fn noun(&self, variable: &str) -> String {
        self.noun_of.get(variable).cloned().unwrap_or_else(|| variable.to_owned())
    }

    /// Many of its kind: "refunds", "firms c".
    pub(super) fn many(&self, variable: &Variable) -> String {
        let kind = plural(&words(&variable.entity_type));
        let is_only = self.noun(&variable.name).starts_with("the ");
        if is_only { kind } else { format!("{kind} {}", variable.name) }
    }

    /// As it is called where it comes up first: "a refund", "a firm c".
    pub(super) fn first(&self, variable: &Variable) -> String {
        article(&self.bare(variable))
    }

    /// Without an article: "refund", "firm c".
    pub(super) fn bare(&self, variable: &Variable) -> String {
        let noun = self.noun(&variable.name);
        noun.strip_prefix("the ").map_or(noun.clone(), str::to_owned)
    }

    /// Whether the rule speaks of one entity of each type.
    pub(super) fn are_unique(&self) -> bool {
        self.noun_of.values().all(|noun| noun.starts_with("the "))
    }
}

/// Of one thing's name that of many.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// "the breach"; of several of one type "the first firm", "the second firm".
pub(super) fn generic(parameters: &[String]) -> Vec<String> {
    const ORDER: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
    let noun = |(position, parameter): (usize, &String)| {
        let same = |other: &&String| *other == parameter;
        let before = parameters[..position].iter().filter(same).count();
        match ORDER.get(before).filter(|_| parameters.iter().filter(same).count() > 1) {
            Some(which) => format!("the {which} {}", words(parameter)),
            None => format!("the {}", words(parameter)),
        }
    };
    parameters.iter().enumerate().map(noun).collect()
}

/// "tax year" for `TaxYear`, "notified at" for `notified_at`.
pub(super) fn words(name: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (position, letter) in letters.iter().enumerate() {
        let follows_small = position > 0 && !letters[position - 1].is_uppercase() && letters[position - 1] != '_';
        let before_small = position > 0 && letters.get(position + 1).is_some_and(|next| next.is_lowercase());
        if *letter == '_' {
            out.push(' ');
        } else if letter.is_uppercase() && (follows_small || before_small) && !out.ends_with(' ') {
            out.push(' ');
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_lowercase());
        }
    }
    out
}

/// With "a" or "an" before it.
pub(super) fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

fn in_condition<'a>(condition: &'a Condition, found: &mut Vec<&'a Variable>) {
    match condition {
        Condition::Always => {}
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| in_condition(part, found)),
        Condition::Not(inner) => in_condition(inner, found),
        Condition::Holds(atom) | Condition::Has(atom) => {
            atom.arguments.iter().for_each(|argument| in_expression(argument, found));
        }
        Condition::Compare { left, right, .. } => {
            in_expression(left, found);
            in_expression(right, found);
        }
        Condition::In { value, choices } => {
            in_expression(value, found);
            choices.iter().for_each(|choice| in_expression(choice, found));
        }
        Condition::Exists { variable, condition } => {
            found.push(variable);
            in_condition(condition, found);
        }
    }
}

fn in_expression<'a>(expression: &'a Expression, found: &mut Vec<&'a Variable>) {
    match expression {
        Expression::Literal(_) | Expression::Variable(_) | Expression::AsOf => {}
        Expression::Atom(atom) => atom.arguments.iter().for_each(|argument| in_expression(argument, found)),
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Divide(left, right)
        | Expression::Multiply(left, right)
        | Expression::YearsBetween(left, right)
        | Expression::DaysBetween(left, right) => {
            in_expression(left, found);
            in_expression(right, found);
        }
        Expression::Round(inner, _)
        | Expression::Shift { start: inner, .. }
        | Expression::DateOf(inner)
        | Expression::YearOf(inner)
        | Expression::MonthOf(inner)
        | Expression::DayOf(inner)
        | Expression::DayOfYear { year: inner, .. } => in_expression(inner, found),
        Expression::Brackets { value, slices } => {
            in_expression(value, found);
            for slice in slices {
                in_expression(&slice.rate, found);
                slice.to.iter().for_each(|to| in_expression(to, found));
            }
        }
        Expression::Row { keys: parts, .. } | Expression::Greatest(parts) | Expression::Least(parts) => {
            parts.iter().for_each(|part| in_expression(part, found));
        }
        Expression::Sum { variable, value, condition, .. } | Expression::Extreme { variable, value, condition, .. } => {
            found.push(variable);
            in_expression(value, found);
            in_condition(condition, found);
        }
        Expression::Count { variable, condition } => {
            found.push(variable);
            in_condition(condition, found);
        }
    }
}
