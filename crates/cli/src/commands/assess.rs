//! `grounds assess`

use grounds::{Matter, assess, verify_assessment};

use crate::args::{AssessArguments, GlobalArguments};
use crate::commands::ask;
use crate::exit::{Mistake, Outcome};
use crate::{clock, embedding, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &AssessArguments) -> anyhow::Result<Outcome> {
    let source = with_facts(&workspace::read(&arguments.matter)?, &arguments.fact)?;
    let matter = Matter::parse(&arguments.matter.display().to_string(), &source)?;
    let grounds = workspace::open(global)?;
    let view = embedding::searching_view(global, &grounds)?;
    let compiled = grounds.rules(&view)?;
    let draft = assess(&view, &compiled, &matter, global.as_of, clock::today())?;
    let verdict = verify_assessment(&view, draft)?;
    if !global.json {
        let text = match &verdict.file().assessment {
            Some(assessment) => render::assessment::assessment(verdict.file(), assessment),
            None => render::answer::answer(verdict.file()),
        };
        render::print(&text)?;
    }
    ask::conclude(global, &grounds, view, &verdict, &arguments.save)
}

/// The matter's text with facts decided on the command line in place of, or after, its own.
fn with_facts(source: &str, facts: &[String]) -> anyhow::Result<String> {
    let mut text = source.to_owned();
    for fact in facts {
        let (key, value) = fact.split_once('=').map(|(key, value)| (key.trim(), value.trim())).ok_or_else(|| {
            Mistake::new(format!("`{fact}` is not of the form FACT=VALUE, such as incident.planned=yes"))
        })?;
        text = with_fact(&text, key, value);
    }
    Ok(text)
}

fn with_fact(source: &str, key: &str, value: &str) -> String {
    let mut lines: Vec<String> = source.split_inclusive('\n').map(str::to_owned).collect();
    let Some(end) = lines.iter().skip(1).position(|line| line.trim_end() == "---").map(|position| position + 1) else {
        return source.to_owned();
    };
    let stated = format!("{key}: {value}\n");
    let states = |line: &String| line.split_once(':').is_some_and(|(own, _)| own.trim() == key);
    match lines[1..end].iter().position(states) {
        Some(position) => lines[position + 1] = stated,
        None => lines.insert(end, stated),
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::with_facts;

    #[test]
    fn facts_replace_or_join_those_of_the_file() {
        let source = "---\ni: Incident\ni.planned: yes\n---\nText\n";
        let changed = with_facts(source, &["i.planned=no".to_owned(), "i.hours = 3".to_owned()]).expect("well-formed");
        assert_eq!(changed, "---\ni: Incident\ni.planned: no\ni.hours: 3\n---\nText\n");
        assert!(with_facts(source, &["i.planned".to_owned()]).is_err());
    }
}
