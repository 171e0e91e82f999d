//! Search in the past, exactly: at random (query, date, snapshot, principal) what a fresh store with only the visible rows returns.

mod editions;
mod fresh;
mod random;

use std::path::Path;

use anyhow::Context as _;
use grounds::{Overrides, Upload, Workspace};
use grounds_core::{Batch, Change, Document, Instant, PrincipalRow, Row, Snapshot, Table, Validity};
use grounds_store::{Store, TextQuery};
use jiff::civil::Date;

use self::fresh::Visible;
use self::random::Random;

/// Points (date, snapshot, principal) at which each corpus is searched.
const POINT_COUNT: usize = 100;
/// Questions at each point.
const QUERY_COUNT: usize = 10;
/// Scores may differ by this much; they are expected not to differ at all.
const SCORE_DIFFERENCE_MAX: f64 = 1e-6;
/// Who reads; the last holds nothing.
const PRINCIPALS: [(&str, &[&str]); 3] = [("clerk", &["staff"]), ("judge", &["bench", "staff"]), ("visitor", &[])];
const LABELS: [&[&str]; 4] = [&["staff"], &["bench", "staff"], &["bench"], &[]];

/// What was compared.
#[derive(Default)]
struct Tally {
    search_count: usize,
    hit_count: usize,
    equal_count: usize,
    score_difference_max: f64,
}

/// Measures; whether every search was equal.
pub(crate) fn run(data: &Path) -> anyhow::Result<bool> {
    let temporary = tempfile::tempdir()?;
    let mut tally = Tally::default();
    let mut random = Random::new(20_241_125);

    let teaching = Workspace::create(&temporary.path().join("teaching"))?;
    import_teaching(&teaching)?;
    compare("teaching corpus", teaching.store(), &mut random, &mut tally)?;

    let editions = Workspace::create(&temporary.path().join("editions"))?;
    editions::import(&data.join("amendments"), editions.store())?;
    compare("dated editions", editions.store(), &mut random, &mut tally)?;

    println!("{} hits, scores differ by at most {:e}", tally.hit_count, tally.score_difference_max);
    println!("past-search: {} of {} searches equal a fresh store", tally.equal_count, tally.search_count);
    Ok(tally.equal_count == tally.search_count && tally.search_count >= 2 * POINT_COUNT * QUERY_COUNT)
}

fn noon() -> anyhow::Result<Instant> {
    Ok("2024-05-01T12:00Z".parse()?)
}

/// Imports the teaching corpus folder by folder, one commit for each file of the law.
fn import_teaching(workspace: &Workspace) -> anyhow::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    for folder in ["law", "interpretations", "decisions"] {
        let mut paths = std::fs::read_dir(corpus.join(folder))
            .with_context(|| format!("the corpus has no folder {folder}"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        paths.sort();
        let mut uploads = Vec::new();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            uploads.push(Upload { name, bytes: std::fs::read(&path)?, ..Upload::default() });
        }
        let size = if folder == "law" { 1 } else { uploads.len() };
        for files in uploads.chunks(size) {
            let outcome = workspace.add(files, &Overrides::default(), noon()?)?;
            anyhow::ensure!(outcome.failures.is_empty(), "a file of the corpus was not imported");
        }
    }
    Ok(())
}

/// Adds principals and random later changes, then compares searches at random points.
fn compare(name: &str, store: &Store, random: &mut Random, tally: &mut Tally) -> anyhow::Result<()> {
    let first_snapshot = store.latest()?.0;
    change_at_random(store, random)?;
    let latest = store.latest()?.0;
    let dates = fresh::dates(store)?;
    let before = (tally.search_count, tally.equal_count);
    for _ in 0..POINT_COUNT {
        let known_at = Snapshot(1 + random.below(latest as usize) as u64);
        let as_of = dates[random.below(dates.len())];
        // Before the first random change nobody but the owner is known.
        let reader_at = match random.below(4) {
            3 => None,
            _ if known_at.0 <= first_snapshot => None,
            at => Some(PRINCIPALS[at].0),
        };
        compare_at(store, (as_of, known_at, reader_at), random, tally)?;
    }
    let (searches, equal) = (tally.search_count - before.0, tally.equal_count - before.1);
    println!("{name}: {latest} snapshots, {} dates, {equal} of {searches} searches equal", dates.len());
    Ok(())
}

fn compare_at(
    store: &Store,
    (as_of, known_at, principal): (Date, Snapshot, Option<&str>),
    random: &mut Random,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let visible = Visible::read(store, as_of, known_at, principal)?;
    let fresh = visible.store()?;
    let fresh_reader = fresh.store().read(fresh.store().latest()?)?;
    let mut reader = store.read(known_at)?;
    if let Some(name) = principal {
        reader = reader.for_principal(name)?;
    }
    for _ in 0..QUERY_COUNT {
        let query = TextQuery {
            text: visible.words(random),
            language: None,
            kinds: Vec::new(),
            documents: Vec::new(),
            passage_count_max: 1 + random.below(50),
        };
        let found = reader.search(&query, as_of)?;
        let expected = fresh_reader.search(&query, as_of)?;
        let mut is_equal = found.passage_count == expected.passage_count
            && found.hits.len() == expected.hits.len()
            && found.terms == expected.terms;
        for (hit, other) in found.hits.iter().zip(&expected.hits) {
            let difference = (hit.score - other.score).abs();
            tally.score_difference_max = tally.score_difference_max.max(difference);
            is_equal &= hit.passage.row == other.passage.row && difference <= SCORE_DIFFERENCE_MAX;
        }
        tally.search_count += 1;
        tally.hit_count += found.hits.len();
        tally.equal_count += usize::from(is_equal);
        if !is_equal {
            println!("differs: `{}` on {as_of} at {known_at} for {}", query.text, principal.unwrap_or("the owner"));
        }
    }
    Ok(())
}

/// Labels documents, adds principals, then changes labels, titles and passages in a dozen commits, sealing now and again.
fn change_at_random(store: &Store, random: &mut Random) -> anyhow::Result<()> {
    let documents: Vec<Document> =
        store.read(store.latest()?)?.documents(None)?.into_iter().map(|stored| stored.row).collect();
    let passages = fresh::passage_keys(store)?;
    let dates = fresh::dates(store)?;
    for number in 0..12 {
        let mut changes = Vec::new();
        for (name, labels) in PRINCIPALS.iter().filter(|_| number == 0) {
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            changes.push(always(Row::Principal(PrincipalRow { name: (*name).to_owned(), labels })));
        }
        for document in &documents {
            if number > 0 && random.below(5) > 0 {
                continue;
            }
            let labels = LABELS[random.below(LABELS.len())].iter().map(|label| (*label).to_owned()).collect();
            let title = format!("{} {}", document.title, ["", "revised", "consolidated"][random.below(3)]);
            let from = dates[random.below(dates.len())];
            let validity = if number == 0 { Validity::always() } else { Validity { from, to: None } };
            changes.push(Change::Put { row: Row::Document(Document { labels, title, ..document.clone() }), validity });
        }
        for _ in 0..passages.len() / 50 {
            let key = passages[random.below(passages.len())].clone();
            let validity = Validity { from: dates[random.below(dates.len())], to: None };
            changes.push(Change::Delete { table: Table::Passages, key, validity });
        }
        let batch = Batch { message: format!("change {number}"), changes, ..Batch::default() };
        store.commit(&batch, noon()?)?;
        if number % 5 == 1 {
            store.seal()?;
        }
    }
    Ok(())
}

fn always(row: Row) -> Change {
    Change::Put { row, validity: Validity::always() }
}
