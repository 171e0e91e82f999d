//! Nearest vectors: questions a second at a recall beside hnswlib and usearch, recall under filters and at past dates, and the exact scan beside plain adding up.

mod data;
mod ours;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use grounds_store::{Metric, Reader, RowBits, RowPlace, VectorQuery, VectorSearch};

use crate::store::figure::Figures;
use crate::store::peer::Peer;
use data::{DIMENSION_COUNT, Kind, Random, Source};

/// Vectors in the table, unless `--rows` says otherwise.
const ROW_COUNT: usize = 1_000_000;
const QUESTION_COUNT: usize = 500;
const NEIGHBOUR_COUNT: usize = 10;
/// The share of the nearest that must be found.
const RECALL: f64 = 0.95;
/// Sides take turns so many times, and the best of each counts.
const ROUND_COUNT: usize = 9;
const PEERS: [&str; 3] = ["hnswlib", "usearch f32", "usearch i8"];
const SHARES: [f64; 5] = [0.5, 0.1, 0.02, 0.01, 0.001];

/// What was asked for on the command line.
struct Options {
    row_count: usize,
    kind: Kind,
    peers: Vec<&'static str>,
    /// Where what was made is kept, so that another run need not make it.
    keep: Option<PathBuf>,
}

fn options(arguments: &[String]) -> anyhow::Result<Options> {
    let mut options = Options { row_count: ROW_COUNT, kind: Kind::Clustered, peers: PEERS.to_vec(), keep: None };
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(name) = rest.next() {
        match (name, rest.next()) {
            ("--rows", Some(count)) => options.row_count = count.parse()?,
            ("--kind", Some("clustered")) => options.kind = Kind::Clustered,
            ("--kind", Some("cloud")) => options.kind = Kind::Cloud,
            ("--peers", Some("none")) => options.peers.clear(),
            ("--peers", Some(names)) => options.peers = named(names)?,
            ("--keep", Some(folder)) => options.keep = Some(PathBuf::from(folder)),
            _ => anyhow::bail!(
                "usage: bench/run vectors DATA [--rows N] [--kind clustered|cloud] [--peers none|NAME,NAME] [--keep DIR]"
            ),
        }
    }
    Ok(options)
}

/// The peers of these names.
fn named(names: &str) -> anyhow::Result<Vec<&'static str>> {
    let one = |name: &str| PEERS.into_iter().find(|peer| *peer == name);
    let found: Option<Vec<&str>> = names.split(',').map(one).collect();
    found.with_context(|| format!("--peers takes names of {PEERS:?}, divided by commas, or none"))
}

/// Measures; whether every goal holds.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let options = options(arguments)?;
    let temporary = tempfile::tempdir()?;
    let folder = options.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)?;
    let mut source = Source::new(options.kind, 7);
    let (vectors, questions) = (source.draw(options.row_count), source.draw(QUESTION_COUNT));
    write(folder, "base.bin", &vectors)?;
    write(folder, "questions.bin", &questions)?;
    let store = ours::fill(temporary.path(), &vectors)?;
    let reader = store.read(store.latest()?)?;
    let search = ours::search(&reader, ours::day(2.0)?)?;
    let questions: Vec<&[f32]> = questions.chunks(DIMENSION_COUNT).collect();
    let mut figures = Figures::default();
    compare(folder, &options, &search, &questions, &mut figures)?;
    narrowed(&reader, &questions, &mut figures)?;
    scan(&search, &vectors, questions[0], &mut figures);
    Ok(figures.print("vectors"))
}

fn write(folder: &Path, name: &str, numbers: &[f32]) -> anyhow::Result<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Ok(std::fs::write(folder.join(name), bytes)?)
}

fn exactly(question: &[f32]) -> VectorQuery {
    VectorQuery::new(question.to_vec(), Metric::Euclidean, NEIGHBOUR_COUNT)
}

fn about(question: &[f32]) -> VectorQuery {
    exactly(question).with_recall(RECALL as f32)
}

fn row(place: &RowPlace) -> anyhow::Result<u32> {
    match place {
        RowPlace::File(_, row) => Ok(*row),
        RowPlace::Tail(_) => anyhow::bail!("everything is in one file"),
    }
}

fn rows(search: &VectorSearch, query: &VectorQuery) -> anyhow::Result<Vec<u32>> {
    search.nearest(query).iter().map(|(_, place)| row(place)).collect()
}

/// The share of the nearest that is found, and the true nearest of each question.
fn recall(search: &VectorSearch, questions: &[&[f32]]) -> anyhow::Result<(f64, Vec<Vec<u32>>)> {
    let (mut hit_count, mut wanted_count, mut truths) = (0, 0, Vec::new());
    for question in questions {
        let truth = rows(search, &exactly(question))?;
        let found = rows(search, &about(question))?;
        hit_count += truth.iter().filter(|row| found.contains(row)).count();
        wanted_count += truth.len();
        truths.push(truth);
    }
    Ok((hit_count as f64 / wanted_count as f64, truths))
}

/// Questions a second, of ours and of each peer, as thorough as the recall takes.
fn compare(
    folder: &Path,
    options: &Options,
    search: &VectorSearch,
    questions: &[&[f32]],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let (found, truths) = recall(search, questions)?;
    figures.at_least("recall@10 of the index", found, RECALL, &format!("{:?}", search.access(&about(questions[0]))));
    // A row's position in the file is its number, for files are in order of key.
    let truth: Vec<u8> =
        truths.iter().flat_map(|rows| rows[..NEIGHBOUR_COUNT].iter().flat_map(|row| row.to_le_bytes())).collect();
    std::fs::write(folder.join("truth.bin"), truth)?;
    let queries: Vec<VectorQuery> = questions.iter().map(|question| about(question)).collect();
    let mut peers = Vec::new();
    if !options.peers.is_empty() {
        let mut peer = Peer::start("vectors", folder)?;
        peer.ask("prepare", ())?;
        for name in options.peers.iter().copied() {
            let built = peer.ask("build", name)?.seconds;
            let tuned = peer.ask("tune", serde_json::json!([name, RECALL]))?.result;
            println!("{name}: index in {built:.1} s; effort and recall {tuned}");
            if let Some(effort) = tuned.get(0).cloned() {
                peers.push((name, effort, f64::INFINITY));
            }
        }
        for round in 0..ROUND_COUNT {
            for (name, effort, best) in &mut peers {
                let seconds = peer.ask("search", serde_json::json!([name, effort]))?.seconds;
                *best = best.min(seconds);
            }
            println!("round {round}: ours {:.0}", questions.len() as f64 / time(search, &queries));
        }
    }
    let ours = (0..ROUND_COUNT).map(|_| time(search, &queries)).fold(f64::INFINITY, f64::min);
    let per_second = |seconds: f64| questions.len() as f64 / seconds;
    println!("grounds: {:.0} questions a second", per_second(ours));
    for (name, _, best) in peers {
        let detail = format!("{:.0} questions a second, {name} {:.0}", per_second(ours), per_second(best));
        figures.at_least(&format!("speed at recall {RECALL}, times {name}"), best / ours, 1.0, &detail);
    }
    Ok(())
}

/// How long all queries take, one after the other.
fn time(search: &VectorSearch, queries: &[VectorQuery]) -> f64 {
    let start = Instant::now();
    for query in queries {
        std::hint::black_box(search.nearest(query));
    }
    start.elapsed().as_secs_f64()
}

/// Recall where only some rows may be found: because of a filter, and because of a date.
fn narrowed(reader: &Reader, questions: &[&[f32]], figures: &mut Figures) -> anyhow::Result<()> {
    let questions = &questions[..questions.len().min(200)];
    for share in SHARES {
        let mut filtered = ours::search(reader, ours::day(2.0)?)?;
        let is_in = |row_count: usize| {
            let mut random = Random(3);
            let chosen: Vec<bool> = (0..row_count).map(|_| random.share() < share).collect();
            RowBits::of(row_count, |row| chosen[row])
        };
        filtered.filter(|file| anyhow::Ok(is_in(usize::try_from(file.row_count())?)), |_| Ok(true))?;
        for (how, search) in [("filtered", filtered), ("as of a date", ours::search(reader, ours::day(share)?)?)] {
            let (found, _) = recall(&search, questions)?;
            let queries: Vec<VectorQuery> = questions.iter().map(|question| about(question)).collect();
            let seconds = (0..3).map(|_| time(&search, &queries)).fold(f64::INFINITY, f64::min);
            let access = search.access(&queries[0]);
            let how_read = if access.recall.is_some() { "through the index" } else { "reading all of these" };
            let detail = format!("{:.0} questions a second, {how_read}", questions.len() as f64 / seconds);
            figures.at_least(&format!("recall@10 {how}, {}% of the rows", share * 100.0), found, RECALL, &detail);
        }
    }
    Ok(())
}

/// The exact scan beside adding up the same bytes, each on all processors.
fn scan(search: &VectorSearch, vectors: &[f32], question: &[f32], figures: &mut Figures) {
    let byte_count = size_of_val(vectors) as f64;
    let parts: Vec<&[f32]> = vectors.chunks(1 << 21).collect();
    for metric in [Metric::Euclidean, Metric::Cosine, Metric::Dot] {
        let query = VectorQuery::new(question.to_vec(), metric, NEIGHBOUR_COUNT);
        let (mut ours, mut plain) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUND_COUNT {
            let start = Instant::now();
            std::hint::black_box(search.nearest(&query));
            ours = ours.min(start.elapsed().as_secs_f64());
            let start = Instant::now();
            std::hint::black_box(grounds_store::map_in_parallel(&parts, 0, |part| sum(part)));
            plain = plain.min(start.elapsed().as_secs_f64());
        }
        let detail = format!("{:.1} GB/s, adding up {:.1} GB/s", byte_count / ours / 1e9, byte_count / plain / 1e9);
        figures.at_least(&format!("exact scan by {metric:?}, share of the bandwidth"), plain / ours, 0.7, &detail);
    }
}

/// The sum of all numbers, side by side as far as the compiler will.
fn sum(numbers: &[f32]) -> f32 {
    let mut lanes = [0.0; 64];
    for chunk in numbers.as_chunks::<64>().0 {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            *lane += number;
        }
    }
    lanes.iter().sum()
}
