//! Retrieval and refusal on one real regulation: share of questions with a gold article among the first ten hits, recall of
//! articles on narrative scenarios, and refusal of questions that the regulation does not answer.

use std::path::Path;

use anyhow::Context as _;
use grounds::{AskRequest, Overrides, Upload, View, Workspace, ask, retrieve, verify_answer};
use grounds_core::{AsOf, DocumentId, Question, SourceKind, UnitKind};
use jiff::civil::{Date, date};
use serde::Deserialize;

use crate::plain_bm25::PlainBm25;

#[derive(Deserialize)]
struct Asked {
    id: String,
    question: String,
    colloquial: String,
    #[serde(default)]
    articles: Vec<String>,
    #[serde(default)]
    unanswerable: bool,
}

#[derive(Deserialize)]
struct Scenario {
    scenario: String,
    articles: Vec<String>,
}

/// Shares of questions with a gold article among ten hits, and of the articles that scenarios need.
const FORMAL_MIN: f64 = 0.90;
const COLLOQUIAL_MIN: f64 = 0.75;
const SCENARIO_RECALL_MIN: f64 = 0.55;

/// The date on which questions are asked.
const AS_OF: Date = date(2020, 1, 1);

pub(crate) fn run(data: &Path) -> anyhow::Result<bool> {
    let folder = data.join("gdpr");
    let temporary = tempfile::tempdir()?;
    let grounds = Workspace::create(&temporary.path().join(".grounds"))?;
    import(&grounds, &folder)?;
    let view = grounds.view(None)?;
    let questions: Vec<Asked> = serde_saphyr::from_str(&std::fs::read_to_string(folder.join("questions.yaml"))?)?;
    let scenarios: Vec<Scenario> = serde_saphyr::from_str(&std::fs::read_to_string(folder.join("scenarios.yaml"))?)?;
    let peer = peer(&view)?;
    let answerable: Vec<&Asked> = questions.iter().filter(|asked| !asked.unanswerable).collect();

    let formal = share(&answerable, |asked| hit(&view, &asked.question, &asked.articles))?;
    let colloquial = share(&answerable, |asked| hit(&view, &asked.colloquial, &asked.articles))?;
    let peer_formal = share(&answerable, |asked| Ok(any(&peer.search(&asked.question, 10), &asked.articles)))?;
    let peer_colloquial = share(&answerable, |asked| Ok(any(&peer.search(&asked.colloquial, 10), &asked.articles)))?;
    let mut recall = 0.0;
    let mut peer_recall = 0.0;
    for scenario in &scenarios {
        let found = articles(&view, &scenario.scenario, 10)?;
        recall += part(&found.iter().map(String::as_str).collect::<Vec<_>>(), &scenario.articles);
        peer_recall += part(&peer.search(&scenario.scenario, 10), &scenario.articles);
    }
    let count = scenarios.len() as f64;
    let mut refused = 0;
    let mut wrongly_refused = Vec::new();
    for asked in &questions {
        for text in [&asked.question, &asked.colloquial] {
            let is_refused = is_refused(&view, text)?;
            if asked.unanswerable {
                let verdict = if is_refused { "refused" } else { "ANSWERED" };
                println!("unanswerable {}: {verdict}: {text}", asked.id);
                refused += usize::from(is_refused && text == &asked.question);
            } else if is_refused {
                wrongly_refused.push(text.clone());
            }
        }
    }
    let unanswerable = questions.iter().filter(|asked| asked.unanswerable).count();
    println!("answerable but refused: {} of {}", wrongly_refused.len(), answerable.len() * 2);
    for text in &wrongly_refused {
        println!("  {text}");
    }
    println!(
        "hit@10 formal: grounds {formal:.3}, plain BM25 over articles {peer_formal:.3}, ratio {:.2}",
        formal / peer_formal
    );
    println!(
        "hit@10 colloquial: grounds {colloquial:.3}, plain BM25 over articles {peer_colloquial:.3}, ratio {:.2}",
        colloquial / peer_colloquial
    );
    println!("scenarios article recall@10: grounds {:.3}, plain BM25 {:.3}", recall / count, peer_recall / count);
    println!("unanswerable refused (formal wording): {refused} of {unanswerable}");
    println!(
        "gdpr: formal {formal:.3} colloquial {colloquial:.3} scenarios {:.3} refused {refused}/{unanswerable}",
        recall / count
    );
    let is_reached = formal >= FORMAL_MIN && colloquial >= COLLOQUIAL_MIN && recall / count >= SCENARIO_RECALL_MIN;
    Ok(is_reached && formal > peer_formal && colloquial > peer_colloquial && refused == unanswerable)
}

/// Imports everything there is: the regulation in both states, decisions, judgments and guides.
pub(crate) fn import(grounds: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let at = "2026-01-01T00:00Z".parse()?;
    let regulation = folder.join("regulation");
    for (file, from) in
        [("gdpr-2016-en.formex.xml", date(2016, 5, 24)), ("gdpr-2018-consolidated-en.formex.xml", date(2018, 5, 23))]
    {
        let import = Overrides {
            document: Some(DocumentId("gdpr".to_owned())),
            short_title: Some("GDPR".to_owned()),
            valid_from: Some(from),
            ..Overrides::default()
        };
        add(grounds, &[regulation.join(file)], &import, at)?;
    }
    for (name, kind) in [
        ("decisions", SourceKind::Precedent),
        ("judgments", SourceKind::Interpretation),
        ("guides", SourceKind::Interpretation),
    ] {
        let import = Overrides { kind: Some(kind), valid_from: Some(date(2018, 5, 25)), ..Overrides::default() };
        add(grounds, &files(&folder.join(name))?, &import, at)?;
    }
    Ok(())
}

fn files(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "txt") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn add(
    grounds: &Workspace,
    paths: &[std::path::PathBuf],
    import: &Overrides,
    at: grounds_core::Instant,
) -> anyhow::Result<()> {
    let mut uploads = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        uploads.push(Upload { name, bytes: std::fs::read(path)?, ..Upload::default() });
    }
    let outcome = grounds.add(&uploads, import, at)?;
    for failure in &outcome.failures {
        println!("not imported: {}", failure.error);
    }
    Ok(())
}

/// Plain BM25 over the articles of the regulation in force.
fn peer(view: &View) -> anyhow::Result<PlainBm25> {
    let document = view.document_called("GDPR").context("the regulation was imported")?;
    let text = view.text_in_force(&document.id, AS_OF)?.context("a version is in force")?;
    let articles = text.tree.units().iter().filter(|unit| unit.kind == UnitKind::Article);
    Ok(PlainBm25::new(articles.map(|unit| (format!("Article {}", unit.number), text.words(unit).to_owned()))))
}

fn question(view: &View, text: &str, hit_count_max: usize) -> Question {
    Question {
        text: text.to_owned(),
        at: AsOf { as_of: AS_OF, known_at: view.known_at() },
        kinds: vec![SourceKind::Regulation],
        documents: Vec::new(),
        hit_count_max,
    }
}

/// The articles among the first hits; recitals count as hits but are no articles.
fn articles(view: &View, text: &str, count: usize) -> anyhow::Result<Vec<String>> {
    let evidence = retrieve(view, &question(view, text, count))?;
    let mut found = Vec::new();
    for hit in evidence.hits {
        let Some(number) = hit.unit.0.strip_prefix("art_").and_then(|rest| rest.split("__").next()) else { continue };
        let name = format!("Article {number}");
        if !found.contains(&name) {
            found.push(name);
        }
    }
    Ok(found)
}

fn hit(view: &View, text: &str, gold: &[String]) -> anyhow::Result<bool> {
    let found = articles(view, text, 10)?;
    Ok(any(&found.iter().map(String::as_str).collect::<Vec<_>>(), gold))
}

fn any(found: &[&str], gold: &[String]) -> bool {
    gold.iter().any(|article| found.contains(&article.as_str()))
}

fn part(found: &[&str], gold: &[String]) -> f64 {
    gold.iter().filter(|article| found.contains(&article.as_str())).count() as f64 / gold.len().max(1) as f64
}

fn share(asked: &[&Asked], test: impl Fn(&Asked) -> anyhow::Result<bool>) -> anyhow::Result<f64> {
    let mut count = 0;
    for asked in asked {
        count += usize::from(test(asked)?);
    }
    Ok(count as f64 / asked.len() as f64)
}

fn is_refused(view: &View, text: &str) -> anyhow::Result<bool> {
    let request =
        AskRequest { text: text.to_owned(), as_of: AS_OF, kinds: Vec::new(), documents: Vec::new(), hit_count_max: 10 };
    Ok(verify_answer(view, ask(view, &request)?)?.is_refused())
}
