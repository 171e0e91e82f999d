//! Damaged files: an error or a sound reading, never a panic.
//!
//! `GROUNDS_MUTATION_RUNS` sets how many mutants of each sample are tried (2,000 if unset).

use grounds::ingest::{Overrides, SourceFile, parse};
use grounds_core::SourceKind;

use super::support::{assert_batch_sound, assert_sound, nothing_known};

const RUNS: usize = 2_000;
/// Every so many mutants are planned as well.
const PLANNED_EVERY: usize = 4;

const SAMPLES: &[(&str, &str)] = &[
    ("act.xml", include_str!("samples/act.xml")),
    ("code.md", include_str!("samples/code.md")),
    ("decision.md", include_str!("samples/decision.md")),
    ("code.txt", include_str!("samples/code.txt")),
    ("decision.txt", include_str!("samples/decision.txt")),
    ("references.md", include_str!("samples/references.md")),
    ("hives.zh.md", include_str!("samples/hives.zh.md")),
    // Read as plain text too: front matter is a preamble then.
    ("hives.zh.txt", include_str!("samples/hives.zh.md")),
];

/// Pieces that mean something to one of the parsers.
const TOKENS: &[&str] = &[
    "<",
    ">",
    "&",
    "&#0;",
    "&#x10FFFF;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "<?",
    "</P>",
    "<P>",
    "<NOTE>",
    "<LIST>",
    "<ITEM>",
    "<QUOT.START CODE=\"D800\"/>",
    "\n---\n",
    "\n第三条　",
    "\n第一章　",
    "\n（定義）\n第三条　",
    "\n一　",
    "\nイ　",
    "\nArticle 2\n",
    "\nCHAPTER II\n",
    "\nANNEX I\n",
    "\n\n",
    "第二款",
    "至第九项",
    "（十）",
    "《",
    "前款",
    "\n# ",
    "\n### Article ",
    "\n(i) ",
    "\n(a) ",
    "\n1. ",
    "\n12 ",
    "```",
    "[",
    "](",
    "**",
    "_",
    "\\",
    "\u{a0}",
    "\r",
    "\t",
    "\u{2028}",
    "Article 33(1)(b)",
    " to 99999999999",
    " of that Regulation",
    "paragraphs (1) to (999)",
    "ä",
    "\u{1F41D}",
    "é\u{301}",
    "\u{0}",
    "\u{FEFF}",
];

/// Marsaglia's xorshift: the same mutants on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn mutate(sample: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len() + 1);
        let until = (at + random.below(60)).min(bytes.len());
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.next() as u8,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..until)),
            3 => {
                let piece = bytes[at..until].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            4 => {
                let other = SAMPLES[random.below(SAMPLES.len())].1.as_bytes();
                let from = random.below(other.len());
                let piece = other[from..(from + random.below(200)).min(other.len())].to_vec();
                drop(bytes.splice(at..until, piece));
            }
            _ => {
                let token = TOKENS[random.below(TOKENS.len())].bytes();
                drop(bytes.splice(at..at, token));
            }
        }
    }
    bytes
}

fn runs() -> usize {
    std::env::var("GROUNDS_MUTATION_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

fn try_mutants(position: usize) {
    let (name, sample) = SAMPLES[position];
    let mut random = Random(0x9E37_79B9_7F4A_7C15 + position as u64);
    let mut read = 0;
    for run in 0..runs() {
        let bytes = mutate(sample.as_bytes(), &mut random);
        let kind = SourceKind::ALL.get(random.below(8)).copied();
        let overrides = Overrides { kind, ..Overrides::default() };
        let Ok(parsed) = parse(&SourceFile { name, bytes: &bytes }, &overrides) else { continue };
        read += 1;
        assert_sound(&parsed);
        if run % PLANNED_EVERY == 0 {
            let (batch, _) =
                grounds::ingest::plan(vec![parsed], &nothing_known()).expect("one file contradicts nothing");
            assert_batch_sound(&batch);
        }
    }
    assert!(read > runs() / 20, "only {read} mutants of {name} could be read: the test tests nothing");
}

#[test]
fn damaged_formex() {
    try_mutants(0);
}

#[test]
fn damaged_laws() {
    try_mutants(1);
}

#[test]
fn damaged_decisions() {
    try_mutants(2);
}

#[test]
fn damaged_chinese_laws() {
    try_mutants(5);
    try_mutants(6);
}

#[test]
fn damaged_text() {
    try_mutants(3);
}

#[test]
fn damaged_references() {
    try_mutants(4);
}

/// Inputs that grow by a factor of eight must not take sixty-four times as long; the limit is generous, for machines are busy.
#[test]
fn large_files_take_linear_time() {
    let patterns: &[(&str, &str)] = &[
        ("a.md", "["),
        ("b.md", "*a **b "),
        ("c.md", "(a) x\n\n"),
        ("d.md", "# h\n\n"),
        ("e.md", "### Article 1\n\n1. x\n\n"),
        ("f.txt", "1. first second Article 1, 2, 3 and paragraph 1 of "),
        ("g.txt", "1. x\n2. y\n"),
        ("h.xml", "<P>a<NOTE>b</NOTE>&amp;</P>"),
        ("i.md", "first and "),
        ("j.txt", "Articles 1 to 150, 1 to 150, "),
        ("k.md", "第五条　前款第二项至第九千项，第三条、第四条。\n\n"),
        ("l.txt", "第五条　前条第二款。\n（一）第一项、第二项；\n"),
        ("m.txt", "第一编　一\n第二章　二\n第三条　三。\n"),
        ("n.md", "前款《前条"),
    ];
    for (name, pattern) in patterns {
        let time = |bytes_min: usize| {
            let mut text = pattern.repeat(bytes_min / pattern.len());
            if name.ends_with("xml") {
                text = format!("<ACT>{text}</ACT>");
            }
            let start = std::time::Instant::now();
            if let Ok(parsed) = parse(&SourceFile { name, bytes: text.as_bytes() }, &Overrides::default()) {
                let planned = grounds::ingest::plan(vec![parsed], &nothing_known());
                assert!(planned.is_ok());
            }
            start.elapsed()
        };
        let (small, large) = (time(16 * 1024), time(128 * 1024));
        let limit = small * 40 + std::time::Duration::from_millis(500);
        assert!(large < limit, "{name}: 16 KiB take {small:?}, 128 KiB take {large:?}");
    }
}
