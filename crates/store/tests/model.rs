//! A plain model of bitemporal rows: for every snapshot, key and day, the row that holds. Slow and obviously right.

use std::collections::BTreeMap;

use grounds_core::{Change, DocumentId, LinkKind, Row, Span, Table, Validity, VersionId};
use proptest::prelude::*;

use crate::support::{day, document, labelled, link, passage, principal, put, unit, version};

/// Days 0 to 11 are days; the last stands for every day after.
pub(crate) const DAY_COUNT: u16 = 12;

/// What holds on each day, by table and key.
pub(crate) type State = BTreeMap<(Table, String), BTreeMap<u16, Row>>;

/// The state after each commit, from the empty one.
pub(crate) struct Model {
    pub(crate) snapshots: Vec<State>,
}

/// One step of a test.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Commit(Vec<Change>),
    Seal,
    /// A search whose result does not matter: what it leaves in memory must follow later commits.
    Search,
    Reopen,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self { snapshots: vec![State::new()] }
    }

    pub(crate) fn latest(&self) -> &State {
        self.snapshots.last().expect("the empty state is always there")
    }

    /// Whether some of the changes undo others, so that in the end every day holds what it held. The rows may then be cut differently all the same.
    pub(crate) fn are_undone(&self, changes: &[Change]) -> bool {
        let mut state = self.latest().clone();
        let mut differs = false;
        for change in changes {
            apply(&mut state, change);
            state.retain(|_, days| !days.is_empty());
            differs |= state != *self.latest();
        }
        differs && state == *self.latest()
    }

    /// Takes in a commit that leaves every day as it was.
    pub(crate) fn repeat(&mut self) -> u64 {
        self.snapshots.push(self.latest().clone());
        self.snapshots.len() as u64 - 1
    }

    /// Applies a batch; returns the snapshot, a new one only where something changed.
    pub(crate) fn commit(&mut self, changes: &[Change]) -> u64 {
        let mut state = self.latest().clone();
        for change in changes {
            apply(&mut state, change);
        }
        state.retain(|_, days| !days.is_empty());
        if state != *self.latest() {
            self.snapshots.push(state);
        }
        self.snapshots.len() as u64 - 1
    }
}

fn apply(state: &mut State, change: &Change) {
    match change {
        Change::Delete { table, key, validity } => {
            if let Some(days) = state.get_mut(&(*table, key.clone())) {
                days.retain(|number, _| !validity.contains(day(*number)));
            }
        }
        Change::Put { row, validity } => {
            let days = state.entry((row.table(), row.key())).or_default();
            for number in (0..DAY_COUNT).filter(|number| validity.contains(day(*number))) {
                days.insert(number, row.clone());
            }
        }
        Change::CloseVersion { version, from } => {
            for ((table, key), days) in state.iter_mut() {
                let is_part = matches!(table, Table::Units | Table::Passages | Table::Links)
                    && key.starts_with(&format!("{version}/"));
                if is_part || (*table == Table::Versions && *key == version.0) {
                    days.retain(|number, _| day(*number) < *from);
                }
            }
        }
    }
}

const WORDS: [&str; 16] = [
    "operator",
    "notify",
    "authority",
    "breach",
    "hours",
    "data",
    "controller",
    "fine",
    "penalty",
    "record",
    "notified",
    "breaches",
    "the",
    "of",
    "safety",
    "plan",
];

/// 120 bytes or more of words, different for each variant.
fn text(variant: u8) -> String {
    let mut text = String::new();
    let mut at = usize::from(variant) * 7 + 3;
    while text.len() < 130 {
        at = (at * 5 + 11) % 97;
        text.push_str(WORDS[at % WORDS.len()]);
        text.push(' ');
    }
    text
}

fn validity() -> impl Strategy<Value = Validity> {
    (0..DAY_COUNT - 1, proptest::option::of(1..6_u16)).prop_map(|(from, length)| Validity {
        from: day(from),
        to: length.map(|length| day((from + length).min(DAY_COUNT - 1))),
    })
}

const DOCUMENTS: [&str; 3] = ["act", "act-b", "note"];
const LABELS: [&[&str]; 3] = [&["staff"], &["bench", "staff"], &[]];
const LANGUAGES: [&str; 3] = ["en", "de", "und"];

fn row() -> impl Strategy<Value = Row> {
    (0..7_u8, 0..3_usize, 1..3_u32, 0..3_u32, 0..3_u8).prop_map(|(table, document_at, ordinal, part, variant)| {
        let id = DOCUMENTS[document_at];
        let start = part as usize * 30 + usize::from(variant) * 3;
        match table {
            0 => {
                let title = format!("{} {id}", WORDS[usize::from(variant) * 3]);
                labelled(document(id, LANGUAGES[usize::from(variant)], &title), LABELS[part as usize])
            }
            1 | 2 => version(id, ordinal, &text(variant + document_at as u8)),
            3 => unit(id, ordinal, part, &format!("art_{variant}"), "heading"),
            4 => link(id, ordinal, part as usize, DOCUMENTS[usize::from(variant)], "art_1", LinkKind::Cites),
            _ => passage(
                id,
                ordinal,
                part,
                Span::new(start, start + 20 + 7 * usize::from(variant)),
                WORDS[part as usize],
            ),
        }
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        9 => (row(), validity()).prop_map(|(row, validity)| put(row, validity)),
        1 => (0..3_usize, 1..3_u32, 0..DAY_COUNT - 1).prop_map(|(document_at, ordinal, from)| Change::CloseVersion {
            version: VersionId::new(&DocumentId(DOCUMENTS[document_at].to_owned()), ordinal),
            from: day(from),
        }),
    ]
}

/// A first commit in which every document has texts and passages, so that later changes hit something.
fn ground() -> Step {
    let mut changes = Vec::new();
    for (at, id) in (0..).zip(DOCUMENTS) {
        let row = document(id, LANGUAGES[at], &format!("notify {id}"));
        changes.push(put(labelled(row, LABELS[at]), Validity::from(day(0))));
        for ordinal in 1..3 {
            changes.push(put(version(id, ordinal, &text(ordinal as u8)), Validity::from(day(ordinal as u16))));
            for part in 0..3 {
                let start = part as usize * 25;
                let row = passage(id, ordinal, part, Span::new(start, start + 45), WORDS[part as usize]);
                changes.push(put(row, Validity::from(day(ordinal as u16))));
            }
        }
    }
    for name in PRINCIPALS {
        changes.push(put(principal(name, labels_of(name)), Validity::always()));
    }
    Step::Commit(changes)
}

/// Who reads, where a history has the ground.
pub(crate) const PRINCIPALS: [&str; 3] = ["clerk", "judge", "visitor"];

/// What a principal of [`ground`] holds.
pub(crate) fn labels_of(name: &str) -> &'static [&'static str] {
    match name {
        "clerk" => &["staff"],
        "judge" => &["staff", "bench"],
        _ => &[],
    }
}

/// Steps of a random history.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => proptest::collection::vec(change(), 1..14).prop_map(Step::Commit),
        2 => Just(Step::Seal),
        3 => Just(Step::Search),
        1 => Just(Step::Reopen),
    ];
    (any::<bool>(), proptest::collection::vec(step, 1..9)).prop_map(|(has_ground, mut steps)| {
        if has_ground {
            steps.insert(0, ground());
        }
        steps
    })
}

/// `case_count` cases, or as many as the environment variable `PROPTEST_CASES` says.
pub(crate) fn proptest_config(case_count: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(case_count);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
