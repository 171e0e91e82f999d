//! `grounds demo`: the main job on the bundled, invented law.

use std::path::Path;

use grounds::{
    AskRequest, Matter, Overrides, Upload, Verdict, Workspace, ask, assess, report_html, verify_answer,
    verify_assessment,
};
use grounds_core::Instant;
use jiff::civil::{Date, date};
use rust_embed::RustEmbed;

use crate::args::{DemoArguments, GlobalArguments};
use crate::exit::{Mistake, Outcome};
use crate::{clock, render, workspace};

/// The teaching corpus.
#[derive(RustEmbed)]
#[folder = "../../corpus"]
struct Corpus;

/// A file that says a directory is a demonstration, which the next one may replace.
const MARKER: &str = "this-is-a-grounds-demo.txt";

const QUESTION: &str = "How soon must a firm notify the Authority of a significant ICT incident?";
const OFF_TOPIC: &str = "Which wine goes with grilled fish?";
const MATTER: &str = "matters/late-incident-report.md";
const AS_OF: Date = date(2021, 6, 1);

pub(crate) fn run(_: &GlobalArguments, arguments: &DemoArguments) -> anyhow::Result<Outcome> {
    let directory = &arguments.directory;
    prepare(directory)?;
    let now = clock::now();
    let grounds = Workspace::create(&directory.join(workspace::DIRECTORY))?;
    render::print("Grounds on an invented law: the securities code of Varenia, a state that does not exist.\n")?;
    import(&grounds, now)?;
    let view = grounds.view(None)?;

    say_heading(&format!("$ grounds ask \"{QUESTION}\" --as-of {AS_OF}"))?;
    let answer = answered(&grounds, QUESTION)?;
    render::print(&render::answer::answer(answer.file()))?;

    say_heading(&format!("$ grounds assess {MATTER}"))?;
    let source = text_of(MATTER)?;
    let matter = Matter::parse(MATTER, &source)?;
    let assessment = verify_assessment(&view, assess(&view, &grounds.rules(&view)?, &matter, None, clock::today())?)?;
    if let Some(parts) = &assessment.file().assessment {
        render::print(&render::assessment::assessment(assessment.file(), parts))?;
    }

    say_heading(&format!("$ grounds ask \"{OFF_TOPIC}\""))?;
    let refusal = answered(&grounds, OFF_TOPIC)?;
    render::print(&render::answer::answer(refusal.file()))?;
    drop(view);

    workspace::write(&directory.join("assessment.html"), &report_html(assessment.file()))?;
    workspace::write(&directory.join("assessment.json"), &serde_json::to_string_pretty(assessment.file())?)?;
    for verdict in [&answer, &assessment, &refusal] {
        grounds.store_answer(verdict, now)?;
    }
    let expected = !answer.is_refused() && !assessment.is_refused() && refusal.is_refused();
    say_next(directory)?;
    Ok(if expected { Outcome::Done } else { Outcome::Failed })
}

/// Makes the directory, in place of an earlier demonstration but of nothing else.
fn prepare(directory: &Path) -> anyhow::Result<()> {
    let marker = directory.join(MARKER);
    if marker.exists() {
        std::fs::remove_dir_all(directory)?;
    } else if directory.exists() && std::fs::read_dir(directory)?.next().is_some() {
        let message = format!("{} is not empty and not an earlier demonstration", directory.display());
        return Err(Mistake::new(message).hint("name another with --directory").into());
    }
    std::fs::create_dir_all(directory)?;
    std::fs::write(marker, "Made by `grounds demo`, which replaces this directory when it runs again.\n")?;
    for path in Corpus::iter().filter(|path| path.starts_with("matters/") && path.ends_with(".md")) {
        let target = directory.join(path.as_ref());
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, text_of(&path)?)?;
    }
    Ok(())
}

/// Imports the bundled law, decisions, interpretations and rules.
fn import(grounds: &Workspace, at: Instant) -> anyhow::Result<()> {
    let mut documents = 0;
    for folder in ["law/", "interpretations/", "decisions/"] {
        let uploads = uploads(folder);
        documents += uploads.len();
        let outcome = grounds.add(&uploads, &Overrides::default(), at)?;
        if let Some(failure) = outcome.failures.into_iter().next() {
            return Err(failure.error.into());
        }
    }
    let mut rules = Vec::new();
    for path in Corpus::iter().filter(|path| path.starts_with("rules/")) {
        rules.push((path.trim_start_matches("rules/").to_owned(), text_of(&path)?));
    }
    grounds.add_rules(&rules, at)?;
    render::print(&format!(
        "Imported {documents} texts and {} rule files, each quotation of a rule found in the law.\n",
        rules.len()
    ))
}

fn uploads(folder: &str) -> Vec<Upload> {
    let paths = Corpus::iter().filter(|path| path.starts_with(folder));
    let upload = |path: std::borrow::Cow<'static, str>| {
        let bytes = Corpus::get(&path)?.data.into_owned();
        Some(Upload { name: path.trim_start_matches(folder).to_owned(), bytes, ..Upload::default() })
    };
    let mut uploads: Vec<Upload> = paths.filter_map(upload).collect();
    uploads.sort_by(|a, b| a.name.cmp(&b.name));
    uploads
}

fn text_of(path: &str) -> anyhow::Result<String> {
    let file = Corpus::get(path).ok_or_else(|| anyhow::anyhow!("the bundled corpus has no {path}"))?;
    Ok(String::from_utf8(file.data.into_owned())?)
}

fn answered(grounds: &Workspace, question: &str) -> anyhow::Result<Verdict> {
    let view = grounds.view(None)?;
    let request = AskRequest {
        text: question.to_owned(),
        as_of: AS_OF,
        kinds: Vec::new(),
        documents: Vec::new(),
        hit_count_max: 10,
    };
    Ok(verify_answer(&view, ask(&view, &request)?)?)
}

fn say_heading(heading: &str) -> anyhow::Result<()> {
    let line = "─".repeat(render::width().min(100));
    render::print(&format!("{line}\n{heading}\n"))
}

fn say_next(directory: &Path) -> anyhow::Result<()> {
    let shown = directory.display();
    say_heading("What to try next")?;
    render::print(&format!(
        "  open {shown}/assessment.html in a browser: the findings beside the words they rest on
  grounds -w {shown} show \"SMC art. 51\" --as-of 2018-01-01
  grounds -w {shown} diff SMC --from 2018-01-01 --to 2020-01-01
  grounds -w {shown} ask \"What does SMC art. 41a require?\" --as-of 2016-01-01
  grounds -w {shown} rules test
  grounds verify {shown}/assessment.json"
    ))
}
