//! temporary
use grounds_core::*;
use grounds_reason::*;
struct V {
    id: String,
    doc: String,
    label: String,
    val: Validity,
    text: String,
    units: Vec<(Vec<String>, usize, usize)>,
}
struct L(Vec<V>);
fn load(path: &str) -> V {
    let t = std::fs::read_to_string(path).unwrap_or_default();
    let get = |k: &str| t.lines().find_map(|l| l.strip_prefix(&format!("{k}: "))).unwrap_or("").to_string();
    let doc = get("document");
    let from: jiff::civil::Date = get("in_force").parse().expect("d");
    let mut units: Vec<(Vec<String>, usize, usize)> = vec![];
    let mut cur: Vec<(usize, String)> = vec![];
    let mut pos = 0;
    for line in t.split_inclusive('\n') {
        let tr = line.trim_start();
        let ind = line.len() - tr.len();
        let mut lev = None;
        if let Some(r) = tr.strip_prefix("### Article ") {
            lev = Some((0, r.split(' ').next().unwrap_or("").trim().to_string()));
        } else if tr.starts_with("## ") {
            lev = Some((0, "zz".into()));
        } else if let Some((n, _)) = tr.split_once(". ") {
            if ind == 0 && n.chars().all(|c| c.is_ascii_digit()) {
                lev = Some((1, n.to_string()));
            }
        }
        if tr.starts_with('(') {
            if let Some((n, _)) = tr[1..].split_once(')') {
                if n.len() < 6 {
                    lev = Some((if ind < 4 { 2 } else { 3 }, n.to_string()));
                }
            }
        }
        if let Some((l, n)) = lev {
            while cur.last().is_some_and(|c| c.0 >= l) {
                cur.pop();
            }
            cur.push((l, n.to_lowercase()));
            units.push((cur.iter().map(|c| c.1.clone()).collect(), pos, 0));
        }
        pos += line.len();
        for u in &mut units {
            let k: Vec<String> = cur.iter().map(|c| c.1.clone()).collect();
            if k.starts_with(&u.0) {
                u.2 = pos;
            }
        }
    }
    V { id: format!("{doc}@{from}"), doc, label: get("short"), val: Validity::from(from), text: t, units }
}
impl CitedText for L {
    fn resolve(&self, d: &str) -> Option<DocumentId> {
        self.0.iter().find(|v| v.doc == d || v.label == d).map(|v| DocumentId(v.doc.clone()))
    }
    fn label(&self, d: &DocumentId) -> String {
        self.0.iter().find(|v| v.doc == d.0).map(|v| v.label.clone()).unwrap_or_default()
    }
    fn unit_versions(&self, d: &DocumentId, p: &Pinpoint, va: Validity) -> Vec<CitedUnit> {
        let key: Vec<String> = p.steps.iter().map(|s| s.number.clone()).collect();
        self.0
            .iter()
            .filter(|v| v.doc == d.0 && v.val.overlaps(va))
            .filter_map(|v| {
                v.units.iter().find(|u| u.0 == key).map(|u| CitedUnit {
                    version: VersionId(v.id.clone()),
                    unit: UnitId(key.join("_")),
                    in_force: v.val,
                    start: u.1 as u32,
                    text: v.text[u.1..u.2].to_string(),
                    hash: String::new(),
                    pinpoint: format!("{} {p}", v.label),
                })
            })
            .collect()
    }
    fn versions_in(&self, d: &DocumentId, va: Validity) -> Vec<(VersionId, Validity)> {
        self.0.iter().filter(|v| v.doc == d.0 && v.val.overlaps(va)).map(|v| (VersionId(v.id.clone()), v.val)).collect()
    }
}
fn main() {
    let c = "/work/main/corpus";
    let mut vs: Vec<V> = std::fs::read_dir(format!("{c}/law"))
        .expect("x")
        .map(|e| load(&e.expect("x").path().to_string_lossy()))
        .collect();
    vs.sort_by_key(|v| (v.doc.clone(), v.val.from));
    for i in 0..vs.len() {
        if i + 1 < vs.len() && vs[i].doc == vs[i + 1].doc {
            vs[i].val.to = Some(vs[i + 1].val.from);
        }
    }
    let l = L(vs);
    let mut fs: Vec<(String, String)> = std::fs::read_dir(format!("{c}/rules"))
        .expect("x")
        .map(|e| {
            let p = e.expect("x").path();
            (p.file_name().expect("n").to_string_lossy().into_owned(), std::fs::read_to_string(p).expect("x"))
        })
        .collect();
    fs.sort();
    let files: Vec<RuleFile> = fs.iter().map(|(n, s)| RuleFile { name: n, source: s }).collect();
    let t0 = std::time::Instant::now();
    match compile(&files, &l) {
        Err(ds) => {
            println!("{} errors", ds.len());
            for d in ds {
                println!("{d}\n");
            }
        }
        Ok(co) => {
            println!(
                "compiled {} rules {} tests {} pins in {:?}",
                co.program.rules.len(),
                co.tests.len(),
                co.pins.len(),
                t0.elapsed()
            );
            for w in &co.warnings {
                println!("{w}");
            }
            let t0 = std::time::Instant::now();
            let os = run_tests(&co);
            println!("tests {:?}", t0.elapsed());
            for o in os.iter().filter(|o| !o.passed()) {
                println!("FAILED {} {}:{}", o.name, o.file, o.line);
                for f in &o.failures {
                    println!("  {f}");
                }
            }
            println!("{} passed of {}", os.iter().filter(|o| o.passed()).count(), os.len());
            for t in &co.tests {
                let e = evaluate(&co.program, &t.case).expect("e");
                if let Err(x) = grounds_proof::check(&co.program, &t.case, &e.proof()) {
                    println!("REFUSED {} {x}", t.name);
                }
            }
        }
    }
}
