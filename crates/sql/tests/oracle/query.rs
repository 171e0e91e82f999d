//! Random queries, and what the model says they give.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::driver::{Driver, PRINCIPALS, shown};
use super::model::{DAY_END, Table};
use super::statement::Predicate;
use super::value::{Value, date};

/// Where a query looks: a day, and a snapshot unless it is the latest.
#[derive(Clone, Copy, Debug)]
struct Point {
    day: i32,
    snapshot: Option<u64>,
}

impl Point {
    fn sql(self) -> String {
        let system = self.snapshot.map(|snapshot| format!(" FOR SYSTEM_TIME AS OF {snapshot}")).unwrap_or_default();
        format!(" FOR VALID_TIME AS OF DATE '{}'{system}", date(self.day))
    }
}

impl Driver {
    /// A point to look at. In a transaction only what it sees itself is compared.
    fn point(&mut self) -> Point {
        let day = self.random.day(0, DAY_END + 2);
        let is_past = self.model.transaction.is_none() && !self.random.once_in(3);
        let snapshot = is_past.then(|| self.random.below(self.model.latest_number() + 1));
        Point { day, snapshot }
    }

    /// The table of this name at a point.
    fn at(&self, name: &str, point: Point) -> Option<Rc<Table>> {
        let state = match point.snapshot {
            None => self.model.current(),
            Some(number) => &self.model.snapshots[usize::try_from(number).expect("a position")],
        };
        state.get(name).cloned()
    }

    /// A name that some snapshot knows, and a point.
    fn place(&mut self) -> Option<(String, Point)> {
        let point = self.point();
        Some((self.table()?.0, point))
    }

    fn compare(&mut self, sql: &str, mut expected: Vec<Vec<String>>) {
        expected.sort();
        let result = self.must(sql);
        let found = result.rows.as_ref().map(shown).unwrap_or_default();
        if found != expected {
            self.differ(&format!("the rows differ: found {found:?}, expected {expected:?}"));
        }
    }

    pub(crate) fn query_rows(&mut self) -> &'static str {
        let Some((name, point)) = self.place() else { return "nothing to query" };
        let Some(table) = self.at(&name, point) else {
            if self.run(&format!("SELECT * FROM {name}{}", point.sql())).is_ok() {
                self.differ("a table is read at a snapshot that does not know it");
            }
            return "query (refused)";
        };
        let predicate = Predicate::random(&mut self.random, &table);
        let sql = format!("SELECT * FROM {name}{}{}", point.sql(), predicate.sql(&table));
        let rows = table.on(point.day).filter(|(_, piece)| predicate.holds(&piece.cells));
        let expected = rows.map(|(_, piece)| piece.cells.iter().map(Value::shown).collect()).collect();
        self.compare(&sql, expected);
        "query rows"
    }

    pub(crate) fn query_aggregate(&mut self) -> &'static str {
        let Some((name, point)) = self.place() else { return "nothing to query" };
        let Some(table) = self.at(&name, point) else { return self.query_rows() };
        let predicate = Predicate::random(&mut self.random, &table);
        let sql = format!(
            "SELECT b, count(*), count(a), sum(a), min(d), max(c) FROM {name}{}{} GROUP BY b",
            point.sql(),
            predicate.sql(&table)
        );
        let first = usize::from(table.has_key);
        let mut groups: BTreeMap<Value, Vec<&[Value]>> = BTreeMap::new();
        for (_, piece) in table.on(point.day).filter(|(_, piece)| predicate.holds(&piece.cells)) {
            groups.entry(piece.cells[first + 1].clone()).or_default().push(&piece.cells[first..]);
        }
        let expected = groups.into_iter().map(|(key, rows)| {
            let numbers: Vec<i64> = rows
                .iter()
                .filter_map(|cells| if let Value::Integer(number) = &cells[0] { Some(*number) } else { None })
                .collect();
            let sum = if numbers.is_empty() { Value::Null } else { Value::Integer(numbers.iter().sum()) };
            let present =
                |column: usize| rows.iter().map(move |cells| &cells[column]).filter(|cell| **cell != Value::Null);
            let (earliest, dearest) =
                (present(3).min().unwrap_or(&Value::Null), present(2).max().unwrap_or(&Value::Null));
            let counts = [rows.len().to_string(), numbers.len().to_string()];
            [vec![key.shown()], counts.to_vec(), vec![sum.shown(), earliest.shown(), dearest.shown()]].concat()
        });
        let expected = expected.collect();
        self.compare(&sql, expected);
        "query aggregate"
    }

    pub(crate) fn query_join(&mut self) -> &'static str {
        let (Some((one, here)), Some((other, there))) = (self.place(), self.place()) else { return "nothing to query" };
        let (Some(left), Some(right)) = (self.at(&one, here), self.at(&other, there)) else { return self.query_rows() };
        let sql =
            format!("SELECT x.a, x.b, y.c FROM {one}{} AS x JOIN {other}{} AS y ON x.a = y.a", here.sql(), there.sql());
        let (first, second) = (usize::from(left.has_key), usize::from(right.has_key));
        let mut expected = Vec::new();
        for (_, x) in left.on(here.day) {
            for (_, y) in right.on(there.day) {
                if x.cells[first] != Value::Null && x.cells[first] == y.cells[second] {
                    let cells = [&x.cells[first], &x.cells[first + 1], &y.cells[second + 2]];
                    expected.push(cells.into_iter().map(Value::shown).collect());
                }
            }
        }
        self.compare(&sql, expected);
        "query join"
    }

    /// Reads a day at all snapshots at once, and compares each.
    pub(crate) fn query_all_snapshots(&mut self) -> &'static str {
        if self.model.transaction.is_some() {
            return self.query_rows();
        }
        let Some((name, table)) = self.table() else { return "nothing to query" };
        let day = self.random.day(0, DAY_END + 2);
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let sql = format!(
            "SELECT system_from, system_to, {} FROM {name} FOR VALID_TIME AS OF DATE '{}' FOR SYSTEM_TIME ALL",
            names.join(", "),
            date(day)
        );
        let result = self.must(&sql);
        let found = result.rows.as_ref().map(shown).unwrap_or_default();
        for (number, state) in self.model.snapshots.iter().enumerate() {
            let Some(then) = state.get(&name).filter(|then| then.incarnation == table.incarnation) else { continue };
            let is_known = |row: &&Vec<String>| {
                let bound = |at: usize| row[at].parse::<usize>().ok();
                bound(0).is_some_and(|from| from <= number) && bound(1).is_none_or(|to| number < to)
            };
            let known: Vec<Vec<String>> = found.iter().filter(is_known).map(|row| row[2..].to_vec()).collect();
            let mut expected: Vec<Vec<String>> = then
                .on(day)
                .map(|(_, piece)| {
                    let absent = std::iter::repeat_n(&Value::Null, table.columns.len() - piece.cells.len());
                    piece.cells.iter().chain(absent).map(Value::shown).collect()
                })
                .collect();
            expected.sort();
            let mut known = known;
            known.sort();
            if known != expected {
                self.differ(&format!("at snapshot {number} the rows differ: found {known:?}, expected {expected:?}"));
            }
        }
        "query all snapshots"
    }

    /// Reads as someone who may not see everything.
    pub(crate) fn query_as_principal(&mut self) -> &'static str {
        let Some((name, table)) = self.table().filter(|_| self.model.transaction.is_none()) else {
            return self.query_rows();
        };
        let (principal, labels) = *self.random.pick(&PRINCIPALS);
        let is_visible = !table.labels.is_empty() && table.labels.iter().all(|label| labels.contains(&label.as_str()));
        let mut session = self.database().session_for(principal, date(self.day));
        let sql = format!("SELECT * FROM {name}");
        self.statements.push(format!("-- {principal}: {sql}"));
        let at = grounds_core::Instant { unix_seconds: 1_700_000_000, offset_minutes: 0 };
        match session.execute(&sql, at) {
            Ok(_) if !is_visible => self.differ("a hidden table was read"),
            Err(error) if is_visible => self.differ(&format!("a visible table cannot be read: {error}")),
            Err(_) => "query as principal (refused)",
            Ok(results) => {
                let found = results.first().and_then(|result| result.rows.as_ref()).map(shown).unwrap_or_default();
                let rows = table.on(self.day).map(|(_, piece)| piece.cells.iter().map(Value::shown).collect());
                let mut expected: Vec<Vec<String>> = rows.collect();
                expected.sort();
                if found != expected {
                    self.differ(&format!("the rows differ: found {found:?}, expected {expected:?}"));
                }
                "query as principal"
            }
        }
    }
}
