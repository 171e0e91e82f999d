//! An answer that was changed is refused: a thousand changes, each sealed again as a forger would.

use grounds::{AnswerFile, check};
use serde_json::Value;

use crate::corpus;
use crate::quotations::all_answers;

/// A small generator with a fixed seed (xorshift64, Marsaglia 2003): the same changes on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("below a usize")
    }
}

/// Parts that carry the argument: grounds, proofs, facts, quoted texts and what follows from them.
const CARRYING: &[&str] =
    &["claims", "excerpts", "proof", "claims_by_status", "elements", "sanction", "questions", "would_change"];

/// Parts of those that a file alone cannot vouch for: they are compared with the workspace.
const VOUCHED_BY_WORKSPACE: &[&str] = &["title", "in_force", "program"];

/// Pointers to every number, text and list inside the carrying parts.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !VOUCHED_BY_WORKSPACE.contains(&name.as_str()) {
                    places(member, &format!("{path}/{name}"), found);
                }
            }
        }
        Value::Array(items) => {
            // A list of quoted sentences less one is a shorter answer, but a true one: only the seal can tell. A proof less one premise is none.
            if !items.is_empty() && path != "/claims" {
                found.push(path.to_owned());
            }
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{path}/{index}"), found);
            }
        }
        Value::String(_) | Value::Number(_) => found.push(path.to_owned()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Drops an item, changes a number by one, or a character of a text.
fn change(value: &mut Value, random: &mut Random) {
    match value {
        Value::Array(items) => {
            let index = random.below(items.len());
            items.remove(index);
        }
        Value::Number(number) => {
            let changed = number.as_i64().unwrap_or_default() + 1;
            *value = Value::from(changed);
        }
        Value::String(text) => {
            let mut characters: Vec<char> = text.chars().collect();
            if characters.is_empty() {
                characters.push('x');
            } else {
                let index = random.below(characters.len());
                characters[index] = match characters[index] {
                    '9' => '8',
                    digit if digit.is_ascii_digit() => char::from(digit as u8 + 1),
                    'x' => 'y',
                    _ => 'x',
                };
            }
            *text = characters.into_iter().collect();
        }
        Value::Object(_) | Value::Null | Value::Bool(_) => {}
    }
}

#[test]
fn a_thousand_changes_are_refused() {
    let view = corpus::shared().view(None).expect("readable");
    let files: Vec<Value> = all_answers(&view)
        .into_iter()
        .filter(|file| !file.claims.is_empty())
        .map(|file| serde_json::to_value(file).expect("JSON"))
        .collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut accepted = Vec::new();
    let mut unreadable = 0;
    for _ in 0..1000 {
        let mut file = files[random.below(files.len())].clone();
        let mut found = Vec::new();
        for part in CARRYING {
            if let Some(value) = file.get(part) {
                places(value, &format!("/{part}"), &mut found);
            }
        }
        let place = found[random.below(found.len())].clone();
        change(file.pointer_mut(&place).expect("just found"), &mut random);
        // A change that the format does not allow is refused when it is read.
        let Ok(mut changed) = AnswerFile::parse("changed.json", &file.to_string()) else {
            unreadable += 1;
            continue;
        };
        changed.seal = changed.computed_seal().expect("JSON");
        if check(&changed, None).expect("no workspace is read").is_empty() {
            accepted.push(format!("{place} of `{}`", changed.question));
        }
    }
    println!(
        "1000 changes: {unreadable} not readable, {} refused, {} accepted",
        1000 - unreadable - accepted.len(),
        accepted.len()
    );
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
}

#[test]
fn a_change_without_a_new_seal_is_refused() {
    let view = corpus::shared().view(None).expect("readable");
    for mut file in all_answers(&view) {
        file.question.push('!');
        let failures = check(&file, None).expect("no workspace is read");
        assert!(failures.iter().any(|failure| failure.place == "seal"));
    }
}
