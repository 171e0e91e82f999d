//! Random small programs and cases, read from a tape of bytes.

use std::fmt::Write as _;

use grounds_core::{Case, Fact, FactGrounds, FactMode, Program, Type, Value};

const HEADER: &str = r#"
source code = "code"
source order = "days-order"
entity T
fact T.open0 : bool open ask "?"
fact T.open1 : bool open ask "?"
fact T.shut : bool closed ask "?"
fact T.yes : bool presumed yes burden firm ask "?"
fact T.n0 : number open ask "?"
fact T.n1 : number closed ask "?"
fact T.day : date open ask "?"
fact T.at : instant closed ask "?"
fact T.other : T open ask "?"
fact T.amount : money closed ask "?"
fact Linked(T, T) : bool open ask "?"
claim Reach(T, T) say "{T.1} reaches {T.2}"
claim Good(T) say "{T} is good"
claim Fine(T) say "{T} is fine"
table sizes | step : number | gives size : number | cites code art 3(1) "3 %"
  | 0 | 2 |
  | 1 | 5 | in force .. 2019-12-31 |
  | 1 | 6 | in force 2020-01-01 .. |
calendar week cites order art 1 "Saturday" weekend saturday, sunday holiday 01-01
"#;
const CITES: &str = "cites code art 2(1) \"planned maintenance\"";
pub(crate) const CLAIM_COUNT: usize = 5;

/// Choices read from a tape of bytes, so that a failure shrinks; past its end, the first choice.
pub(crate) struct Tape<'t> {
    pub(crate) bytes: &'t [u8],
    pub(crate) position: usize,
    pub(crate) names: usize,
}

impl Tape<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.position).copied().unwrap_or(0);
        self.position += 1;
        usize::from(byte) % limit
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    /// A condition about `of`, over claims before number `claims`: those with even numbers are yes-or-no, the others numbers.
    fn condition(&mut self, of: &str, claims: usize, depth: usize) -> String {
        let choice = self.below(if depth == 0 { 8 } else { 23 });
        match choice {
            0 => format!("{of}.open0"),
            1 => format!("{of}.open1"),
            2 => format!("{of}.shut"),
            3 => format!("{of}.yes"),
            4 if claims > 0 => format!("C{}({of})", self.below(claims) / 2 * 2),
            4 | 5 => format!("has {of}.n1"),
            6 => format!("no {of}.at"),
            7 => format!("Linked({of}, {of}.other)"),
            8 => format!("not ({})", self.condition(of, claims, depth - 1)),
            9 => format!("({} and {})", self.condition(of, claims, depth - 1), self.condition(of, claims, depth - 1)),
            10 => format!("({} or {})", self.condition(of, claims, depth - 1), self.condition(of, claims, depth - 1)),
            11 => {
                let name = self.fresh();
                let inner = self.condition(&name, claims, depth - 1);
                format!("some {name} in T where (Linked({of}, {name}) and {inner})")
            }
            20 => {
                let name = self.fresh();
                let inner = self.condition(&name, claims, depth - 1);
                format!("some {name} in T where ({inner} and {name}.other is {of})")
            }
            21 => {
                let name = self.fresh();
                let path = [".other", ".other.other"][self.below(2)];
                let inner = self.condition(&name, claims, depth - 1);
                format!("(count of {name} in T where ({of}.other = {name}{path} and {inner})) > 0")
            }
            12 => {
                let operator = ["<", "<=", ">", ">=", "=", "<>"][self.below(6)];
                format!("{} {operator} {}", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1))
            }
            13 => format!("Good({of})"),
            14 => format!("Reach({of}, {of}.other)"),
            15 => {
                let name = self.fresh();
                let inner = self.condition(&name, claims, depth - 1);
                format!("some ({of}, {name}) in Reach where ({inner})")
            }
            16 => format!("{} >= sizes({}).size", self.number(of, claims, 0), self.number(of, claims, 0)),
            17 => {
                let day = ["2019-02-28", "2000-02-29", "2020-12-31"][self.below(3)];
                format!("(years between {day} and {of}.day > 0 or {of}.day < close of year year of {of}.day)")
            }
            18 => {
                let rate = self.number(of, claims, 0);
                format!("brackets of {of}.amount (10% to VRC 10, {rate} to VRC 14, 50% above) rounded up >= VRC 2")
            }
            19 => {
                let moved = ["+ 1 month", "- 2 weeks", "+ 3 working days by week", "- 1 year"][self.below(4)];
                format!("{of}.day {moved} < case.as_of")
            }
            _ => {
                let inner = format!("{of}.amount");
                format!("greater of (VRC 5, 50% of {inner} rounded half even) >= VRC 7 or date of {of}.at is {of}.day")
            }
        }
    }

    fn number(&mut self, of: &str, claims: usize, depth: usize) -> String {
        match self.below(if depth == 0 { 4 } else { 13 }) {
            0 => ["0", "1", "2.5", "7"][self.below(4)].to_owned(),
            1 => format!("{of}.n0"),
            2 => format!("{of}.n1"),
            3 if claims > 1 => format!("C{}({of})", self.below(claims / 2) * 2 + 1),
            3 => format!("{of}.other.n0"),
            4 => format!("({} + {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            5 => format!("({} - {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            6 => format!(
                "({} * {} rounded half up to 2)",
                self.number(of, claims, depth - 1),
                self.number(of, claims, depth - 1)
            ),
            7 => format!("lesser of ({}, {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            8 => format!("({} / {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            9 => {
                let (name, word) = (self.fresh(), ["least", "greatest"][self.below(2)]);
                let (value, condition) = (self.number(&name, claims, 0), self.condition(&name, claims, depth - 1));
                format!("({word} of {value} for each {name} in T where ({name}.yes and {condition}))")
            }
            10 => {
                let (one, other) = (self.fresh(), self.fresh());
                let condition = self.condition(&other, claims, 0);
                format!("(count of ({one}, {other}) in Linked where ({condition}))")
            }
            11 => {
                let name = self.fresh();
                let (value, condition) = (self.number(&name, claims, 0), self.condition(&name, claims, depth - 1));
                format!("(sum of {value} for each {name} in T where (no {name}.at or {condition}))")
            }
            _ => {
                let name = self.fresh();
                let condition = self.condition(&name, claims, depth - 1);
                format!("(count of {name} in T where (has {name}.other or {condition}))")
            }
        }
    }

    /// A condition that grows with the claims that depend on themselves, about `of` and `other`.
    fn growing(&mut self, of: &str, other: &str, depth: usize) -> String {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => format!("Linked({of}, {other})"),
            1 => format!("Reach({other}, {of})"),
            2 => format!("Good({of})"),
            3 => format!("Fine({other})"),
            4 => self.condition(of, 0, 0),
            5 => format!("({} and {})", self.growing(of, other, depth - 1), self.growing(of, other, depth - 1)),
            6 => format!("({} or {})", self.growing(of, other, depth - 1), self.growing(of, other, depth - 1)),
            _ => {
                let name = self.fresh();
                let (to, from) = (self.growing(of, &name, depth - 1), self.growing(&name, other, depth - 1));
                format!("some {name} in T where (({name}.shut or {to}) and {from})")
            }
        }
    }

    fn recursive(&mut self, source: &mut String) {
        for (number, head) in ["Reach(a, b)", "Reach(a, b)", "Good(a)", "Fine(a)", "Fine(a)"].into_iter().enumerate() {
            let other = if head.contains('b') { "b" } else { "a" };
            let condition = self.growing("a", other, 2);
            let _ = writeln!(source, "rule g{number} {CITES} {head} when {condition}");
        }
        if self.below(2) == 0 {
            let condition = self.condition("a", 0, 0);
            let _ = writeln!(source, "exception g2-not to g2 {CITES} when {condition} then not Good(a)");
        }
    }

    fn limits(&mut self, claim: usize, source: &mut String) {
        for limit in 0..self.below(3) {
            let word = ["most", "least"][self.below(2)];
            let (condition, bound) = (self.condition("t", claim, 1), self.number("t", claim, 1));
            let _ =
                writeln!(source, "limit l{claim}-{limit} on C{claim}(t) {CITES} when {condition} at {word} {bound}");
        }
    }

    pub(crate) fn program(&mut self) -> String {
        let mut source = HEADER.to_owned();
        self.recursive(&mut source);
        for claim in 0..CLAIM_COUNT {
            let is_number = claim % 2 == 1;
            let value = if is_number { ": number " } else { "" };
            let say = if is_number { "{T} {value}" } else { "{T}" };
            let _ = writeln!(source, "claim C{claim}(T) {value}say \"{say}\"");
            let mut ids: Vec<String> = Vec::new();
            for rule in 0..=self.below(2) {
                let head = if is_number {
                    format!("C{claim}(t) = {}", self.number("t", claim, 2))
                } else {
                    format!("C{claim}(t)")
                };
                let condition = self.condition("t", claim, 2);
                let _ = writeln!(source, "rule r{claim}-{rule} {CITES} {head} when {condition}");
                ids.push(format!("r{claim}-{rule}"));
            }
            if is_number {
                self.limits(claim, &mut source);
                let (id, value) = (format!("r{claim}-a"), self.number("t", claim, 0));
                let _ = writeln!(source, "rule {id} {CITES} C{claim}(t) = 4.5 + {value} when t.n1 > 4.5");
                let condition = self.condition("t", claim, 1);
                let _ = writeln!(source, "amend a{claim} {CITES} in {id} put 1 for 4.5 when {condition}");
            }
            self.exceptions(claim, &mut ids, &mut source);
        }
        source
    }

    fn exceptions(&mut self, claim: usize, ids: &mut Vec<String>, source: &mut String) {
        let mut siblings: Vec<(String, String)> = Vec::new();
        for exception in 0..self.below(4) {
            let to = ids[self.below(ids.len())].clone();
            let id = format!("e{claim}-{exception}");
            let condition = self.condition("t", claim, 1);
            let then = match (claim % 2, self.below(3)) {
                (0, 0) => format!("C{claim}(t)"),
                (0, _) => format!("not C{claim}(t)"),
                (_, 0) => format!("C{claim}(t) is none"),
                _ => format!("C{claim}(t) = {}", self.number("t", claim, 1)),
            };
            let _ = writeln!(source, "exception {id} to {to} {CITES} when {condition} then {then}");
            let sibling = siblings.iter().find(|(_, parent)| *parent == to);
            if let Some((sibling, _)) = sibling.filter(|_| self.below(2) == 0) {
                let _ = writeln!(source, "prefer {sibling} over {id} {CITES}");
            }
            siblings.push((id.clone(), to));
            ids.push(id);
        }
    }

    pub(crate) fn case(&mut self, program: &Program) -> Case {
        let names: Vec<String> = (0..=self.below(2)).map(|number| format!("e{number}")).collect();
        let entity = |name: &String| grounds_core::Entity { name: name.clone(), entity_type: "T".to_owned() };
        let entities = names.iter().map(entity).collect();
        let mut facts = Vec::new();
        for declared in &program.facts {
            let tuples: Vec<Vec<String>> = match declared.parameters.len() {
                1 => names.iter().map(|name| vec![name.clone()]).collect(),
                _ => names.iter().flat_map(|a| names.iter().map(move |b| vec![a.clone(), b.clone()])).collect(),
            };
            for arguments in tuples {
                // Mostly not stated or once; now and then twice, perhaps with another value.
                for _ in 0..[0, 1, 1, 0, 1, 2][self.below(6)] {
                    let value = self.value(&declared.value, &names);
                    let grounds = FactGrounds::Author { author: "a test".to_owned() };
                    facts.push(Fact {
                        predicate: declared.predicate.clone(),
                        arguments: arguments.clone(),
                        value,
                        grounds,
                    });
                }
            }
        }
        Case { as_of: "2020-02-29".parse().expect("a date"), entities, facts }
    }

    pub(crate) fn value(&mut self, declared: &Type, names: &[String]) -> Value {
        let text = match declared {
            Type::Bool => ["yes", "no"][self.below(2)],
            Type::Number => ["0", "3", "-2.5", "1/3"][self.below(4)],
            Type::Date => ["2020-02-28", "2020-01-31", "2019-12-31"][self.below(3)],
            Type::Instant => ["2020-02-28T23:30Z", "2020-02-29T00:30+01:00", "2020-01-31T12:00-05:00"][self.below(3)],
            Type::Money => ["VRC 13", "VRC 14.01", "VRC 0.05"][self.below(3)],
            _ => &names[self.below(names.len())],
        };
        grounds_reason::parse_case_value(declared, text).expect("the values above are well-formed")
    }
}

/// The yes-or-no facts that may be unknown and are.
pub(crate) fn unknown_facts(program: &Program, case: &Case) -> Vec<(String, Vec<String>)> {
    let names: Vec<String> = case.entities.iter().map(|entity| entity.name.clone()).collect();
    let mut open = Vec::new();
    for declared in program.facts.iter().filter(|fact| fact.mode == FactMode::Open && fact.value == Type::Bool) {
        for arguments in tuples(declared.parameters.len(), &names) {
            if !case.facts.iter().any(|fact| fact.predicate == declared.predicate && fact.arguments == arguments) {
                open.push((declared.predicate.clone(), arguments));
            }
        }
    }
    open
}

fn tuples(count: usize, names: &[String]) -> Vec<Vec<String>> {
    match count {
        1 => names.iter().map(|name| vec![name.clone()]).collect(),
        _ => names.iter().flat_map(|a| names.iter().map(move |b| vec![a.clone(), b.clone()])).collect(),
    }
}

/// The case with every choice of yes and no for its unknown yes-or-no facts.
pub(crate) fn completions(program: &Program, case: &Case) -> Vec<Case> {
    let open = unknown_facts(program, case);
    let complete = |choice: u32| {
        let mut complete = case.clone();
        for (position, (predicate, arguments)) in open.iter().enumerate() {
            let value = Value::Bool(choice >> position & 1 == 1);
            complete.facts.push(stated(predicate, arguments, value));
        }
        complete
    };
    (0..1_u32 << open.len()).map(complete).collect()
}

fn stated(predicate: &str, arguments: &[String], value: Value) -> Fact {
    let grounds = FactGrounds::Author { author: "a completion".to_owned() };
    Fact { predicate: predicate.to_owned(), arguments: arguments.to_vec(), value, grounds }
}

impl Tape<'_> {
    /// The case with all its open facts stated, but `unknown_count` yes-or-no facts at most.
    pub(crate) fn complete_but(&mut self, mut case: Case, program: &Program, unknown_count: usize) -> Case {
        let names: Vec<String> = case.entities.iter().map(|entity| entity.name.clone()).collect();
        let mut left = unknown_count;
        for declared in program.facts.iter().filter(|fact| fact.mode == FactMode::Open) {
            for arguments in tuples(declared.parameters.len(), &names) {
                if case.facts.iter().any(|fact| fact.predicate == declared.predicate && fact.arguments == arguments) {
                    continue;
                }
                if declared.value == Type::Bool && left > 0 && self.below(3) > 0 {
                    left -= 1;
                    continue;
                }
                let value = self.value(&declared.value, &names);
                case.facts.push(stated(&declared.predicate, &arguments, value));
            }
        }
        case
    }
}
