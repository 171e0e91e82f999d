//! Measures import, opening and search on made-up documents:
//! `cargo run --release -p grounds-store --example measure -- 60000`.

use std::error::Error;
use std::time::Instant;

use grounds_core::{
    Batch, Change, Document, DocumentId, PassageRow, Row, SourceKind, Span, Unit, UnitId, UnitKind, Validity, Version,
    VersionId,
};
use grounds_store::{Store, StoreConfig, TextQuery};
use jiff::civil::Date;

const PASSAGES_PER_DOCUMENT: u32 = 120;
const WORDS_PER_PASSAGE: usize = 80;

fn main() -> Result<(), Box<dyn Error>> {
    let passage_count: u32 = std::env::args().nth(1).map_or(Ok(60_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let directory = folder.path().join(".grounds");
    let batch = batch(passage_count);
    let began = Instant::now();
    let store = Store::create(&directory, StoreConfig { tail_passage_count_max: usize::MAX, ..StoreConfig::new() })?;
    let latest = store.commit(&batch, "2024-05-01T12:00Z".parse()?)?;
    println!("commit of {passage_count} passages and as many units: {:.2} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    store.seal()?;
    println!("seal: {:.2} s", began.elapsed().as_secs_f64());
    drop(store);

    let bytes = std::fs::metadata(directory.join("truth.redb"))?.len();
    let began = Instant::now();
    let store = Store::open(&directory, StoreConfig::new())?;
    println!("open ({} MB of truth): {:.0} ms", bytes >> 20, began.elapsed().as_secs_f64() * 1e3);
    let reader = store.read(latest)?;
    let text = "When must the w17 notify the w420 of w3 and w99?".to_owned();
    let query = TextQuery { text, language: None, kinds: vec![], documents: vec![], passage_count_max: 100 };
    for (what, as_of) in [("first", day(1)), ("second", day(1)), ("first of another date", day(2)), ("second", day(2))]
    {
        let began = Instant::now();
        let result = reader.search(&query, as_of)?;
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        println!("{what} search: {milliseconds:.1} ms ({} hits of {})", result.hits.len(), result.passage_count);
    }
    let mut made = small_batch();
    let began = Instant::now();
    let latest = store.commit(&made, "2024-05-02T12:00Z".parse()?)?;
    println!("small commit: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    store.read(latest)?.search(&query, day(1))?;
    println!("search after it: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    made.changes.clear();
    let began = Instant::now();
    store.seal()?;
    println!("seal after it: {:.2} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let examination = store.examine()?;
    println!("examine: {:.2} s, {} findings", began.elapsed().as_secs_f64(), examination.findings.len());
    Ok(())
}

fn day(day: i8) -> Date {
    Date::constant(2024, 5, day)
}

fn put(row: Row) -> Change {
    Change::Put { row, validity: Validity::always() }
}

fn small_batch() -> Batch {
    Batch {
        message: "one document".to_owned(),
        changes: document(1_000_000, 5, &mut 1),
        originals: vec![],
        ..Batch::default()
    }
}

fn batch(passage_count: u32) -> Batch {
    let mut random = 42;
    let mut changes = Vec::new();
    for number in 0..passage_count.div_ceil(PASSAGES_PER_DOCUMENT) {
        changes.extend(document(number, PASSAGES_PER_DOCUMENT.min(passage_count), &mut random));
    }
    Batch { message: "import".to_owned(), changes, originals: vec![], ..Batch::default() }
}

fn document(number: u32, passage_count: u32, random: &mut u64) -> Vec<Change> {
    let id = DocumentId(format!("doc-{number}"));
    let version = VersionId::new(&id, 1);
    let mut text = String::new();
    let mut rows = Vec::new();
    for ordinal in 0..passage_count {
        let start = text.len();
        for _ in 0..WORDS_PER_PASSAGE {
            *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // The square makes small numbers frequent, as words are.
            let fraction = (*random >> 40) as f64 / f64::from(1_u32 << 24);
            text.push_str(&format!("w{} ", (fraction * fraction * 30_000.0) as u32));
        }
        let span = Span::new(start, text.len());
        text.push('\n');
        let unit = UnitId(format!("art_{ordinal}"));
        rows.push(Row::Unit(Unit {
            document: id.clone(),
            version: version.clone(),
            id: unit.clone(),
            parent: Some(UnitId::root()),
            ordinal,
            kind: UnitKind::Article,
            number: ordinal.to_string(),
            heading: "Heading".to_owned(),
            pinpoint: format!("art. {ordinal}"),
            span,
            body: span,
            hash: "0".repeat(64),
        }));
        rows.push(Row::Passage(PassageRow {
            document: id.clone(),
            version: version.clone(),
            unit,
            ordinal,
            span,
            headings: format!("Chapter {} > Heading", ordinal / 10),
            pinpoint: format!("doc-{number} art. {ordinal}"),
        }));
    }
    rows.push(Row::Version(Version {
        id: version,
        document: id.clone(),
        ordinal: 1,
        text_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        text,
        original_hash: "0".repeat(64),
        file_name: "made-up.txt".to_owned(),
    }));
    rows.push(Row::Document(Document {
        id,
        kind: SourceKind::Regulation,
        title: format!("Regulation number {number}"),
        short_titles: vec![],
        language: "en".to_owned(),
        metadata: std::collections::BTreeMap::new(),
        labels: Vec::new(),
    }));
    rows.into_iter().map(put).collect()
}
