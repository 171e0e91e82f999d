//! Makes a case small: only what the difference needs stays, with values that the rules state where those will do.

use grounds_core::{Case, Value};

use crate::explore::budget::Budget;
use crate::explore::search::{Found, Pair};
use crate::explore::stock::Stock;

/// The case without every fact and entity that the difference does not need; what both programs say of the claim stays the same.
pub(super) fn shrunk(pair: &Pair<'_>, stock: &Stock, case: Case, found: &Found, budget: &mut Budget<'_>) -> Case {
    let mut case = without_needless(pair, case, found, budget);
    for position in 0..case.facts.len() {
        let plainer = stock.written_before(&case.facts[position].value).cloned().collect::<Vec<Value>>();
        for value in plainer {
            let mut other = case.clone();
            other.facts[position].value = value;
            if keeps(pair, &other, found, budget) {
                case = other;
                break;
            }
        }
    }
    case
}

fn without_needless(pair: &Pair<'_>, mut case: Case, found: &Found, budget: &mut Budget<'_>) -> Case {
    loop {
        let before = (case.facts.len(), case.entities.len());
        let mut position = 0;
        while position < case.facts.len() {
            let mut smaller = case.clone();
            smaller.facts.remove(position);
            if keeps(pair, &smaller, found, budget) { case = smaller } else { position += 1 }
        }
        let mut position = 0;
        while position < case.entities.len() {
            let name = case.entities[position].name.clone();
            let mut smaller = case.clone();
            smaller.entities.remove(position);
            smaller.facts.retain(|fact| !fact.arguments.contains(&name) && fact.value != Value::Entity(name.clone()));
            let is_needed = found.arguments.contains(&name);
            if !is_needed && keeps(pair, &smaller, found, budget) { case = smaller } else { position += 1 }
        }
        if before == (case.facts.len(), case.entities.len()) {
            return case;
        }
    }
}

fn keeps(pair: &Pair<'_>, case: &Case, found: &Found, budget: &mut Budget<'_>) -> bool {
    budget.take() && pair.compare(case).1.as_ref() == Some(found)
}
