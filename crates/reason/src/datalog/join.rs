//! The nest of loops of a plan, run.

use super::budget::{Halt, Meter};
use super::core_rule::{CoreExpression, CoreTerm};
use super::index::Part;
use super::plan::{Action, Cell, Plan, Source, Step};
use super::program::Comparison;
use super::relation::Relation;
use super::rows::{RowNumber, Rows};
use super::types::COLUMN_COUNT_MAX;
use super::value::{Code, Numbers};

/// One run of one plan: finds every choice of values at which the body holds, and collects heads that are new.
pub(crate) struct Join<'j, 'm, 'c> {
    pub(crate) plan: &'j Plan,
    /// As they were when the round began.
    pub(crate) relations: &'j [Relation],
    /// For each relation, the first row that came in the last round.
    pub(crate) recent_from: &'j [RowNumber],
    pub(crate) numbers: &'j mut Numbers,
    pub(crate) meter: &'j mut Meter<'m, 'c>,
    /// The heads that are new in this round.
    pub(crate) fresh: &'j mut Rows,
    pub(crate) registers: Vec<Code>,
}

type Buffer = [Code; COLUMN_COUNT_MAX];

impl<'j> Join<'j, '_, '_> {
    /// Runs the steps for the values that are bound.
    pub(crate) fn run(&mut self, steps: &'j [Step]) -> Result<(), Halt> {
        let Some((step, rest)) = steps.split_first() else { return self.emit() };
        let relations = self.relations;
        match step {
            Step::Fewer { lookups } => {
                let fewest = lookups.iter().min_by_key(|lookup| {
                    let mut buffer = [0; COLUMN_COUNT_MAX];
                    let index = &relations[lookup.relation].indexes[lookup.index];
                    index.entries(self.fill(&lookup.key, &mut buffer), lookup.part).len() / index.rest().len()
                });
                fewest.map_or(Ok(()), |lookup| self.run(&lookup.steps))
            }
            Step::Probe { relation, index, key, part, cells } => {
                let mut buffer = [0; COLUMN_COUNT_MAX];
                let index = &relations[*relation].indexes[*index];
                let entries = index.entries(self.fill(key, &mut buffer), *part);
                self.each(entries, index.rest().len(), cells, rest)
            }
            Step::Contains { relation, row, part } => {
                let mut buffer = [0; COLUMN_COUNT_MAX];
                let found = relations[*relation].rows.find(self.fill(row, &mut buffer));
                let is_seen = |number| *part == Part::All || number < self.recent_from[*relation];
                if found.is_some_and(is_seen) { self.run(rest) } else { Ok(()) }
            }
            Step::Recent { relation, cells } => {
                let rows = &relations[*relation].rows;
                self.scan(rows, self.recent_from[*relation], rows.len(), cells, rest)
            }
            Step::Scan { relation, part, cells } => {
                self.scan(&relations[*relation].rows, 0, self.end(*relation, *part), cells, rest)
            }
            Step::OrZero { relation, index, key, result } => {
                let mut buffer = [0; COLUMN_COUNT_MAX];
                let entries = relations[*relation].indexes[*index].entries(self.fill(key, &mut buffer), Part::All);
                let total = entries.first().copied().unwrap_or(0);
                if self.act(*result, total) { self.run(rest) } else { Ok(()) }
            }
            Step::Let { result, expression } => {
                let code = self.code(expression)?;
                if self.act(*result, code) { self.run(rest) } else { Ok(()) }
            }
            test => {
                if self.test(test)? {
                    self.run(rest)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn test(&mut self, step: &Step) -> Result<bool, Halt> {
        let mut buffer = [0; COLUMN_COUNT_MAX];
        let relations = self.relations;
        Ok(match step {
            Step::Exists { relation, index, key, part } => {
                let index = &relations[*relation].indexes[*index];
                !index.entries(self.fill(key, &mut buffer), *part).is_empty()
            }
            Step::Absent { relation, row } => relations[*relation].rows.find(self.fill(row, &mut buffer)).is_none(),
            Step::NoneExists { relation, index, key } => {
                let index = &relations[*relation].indexes[*index];
                index.entries(self.fill(key, &mut buffer), Part::All).is_empty()
            }
            Step::Any { relation, part, is_wanted } => (self.end(*relation, *part) > 0) == *is_wanted,
            Step::Compare { left, comparison, right } => self.compare(left, *comparison, right)?,
            _ => false,
        })
    }

    /// How many rows of a relation are seen.
    fn end(&self, relation: usize, part: Part) -> RowNumber {
        match part {
            Part::Old => self.recent_from[relation],
            Part::All => self.relations[relation].rows.len(),
        }
    }

    fn scan(
        &mut self,
        rows: &'j Rows,
        start: RowNumber,
        end: RowNumber,
        cells: &'j [Cell],
        rest: &'j [Step],
    ) -> Result<(), Halt> {
        if rows.width() == 0 {
            return if start < end { self.run(rest) } else { Ok(()) };
        }
        self.each(rows.cells(start, end), rows.width(), cells, rest)
    }

    /// Runs the next steps for each entry that fits what is bound.
    #[inline]
    fn each(&mut self, entries: &'j [Code], width: usize, cells: &'j [Cell], rest: &'j [Step]) -> Result<(), Halt> {
        for entry in entries.chunks_exact(width) {
            let fresh = &*self.fresh;
            self.meter.step(|| fresh.bytes())?;
            if cells.iter().all(|cell| self.act(cell.action, entry[cell.place])) {
                self.run(rest)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn act(&mut self, action: Action, found: Code) -> bool {
        match action {
            Action::Bind(register) => {
                self.registers[register] = found;
                true
            }
            Action::Check(source) => self.value(source) == found,
        }
    }

    #[inline]
    fn value(&self, source: Source) -> Code {
        match source {
            Source::Register(register) => self.registers[register],
            Source::Code(code) => code,
        }
    }

    #[inline]
    fn fill<'b>(&self, sources: &[Source], buffer: &'b mut Buffer) -> &'b [Code] {
        for (cell, source) in buffer.iter_mut().zip(sources) {
            *cell = self.value(*source);
        }
        &buffer[..sources.len()]
    }

    #[inline]
    fn emit(&mut self) -> Result<(), Halt> {
        let mut buffer = [0; COLUMN_COUNT_MAX];
        let row = self.fill(&self.plan.head, &mut buffer);
        if self.relations[self.plan.head_relation].rows.find(row).is_none() && self.fresh.insert(row) {
            self.meter.derived()?;
        }
        Ok(())
    }

    fn compare(&self, left: &CoreExpression, comparison: Comparison, right: &CoreExpression) -> Result<bool, Halt> {
        if let (CoreExpression::Term(left), CoreExpression::Term(right)) = (left, right) {
            // Equal values have equal codes.
            match comparison {
                Comparison::Equal => return Ok(self.term(*left) == self.term(*right)),
                Comparison::NotEqual => return Ok(self.term(*left) != self.term(*right)),
                _ => {}
            }
        }
        Ok(comparison.accepts(self.number(left)?.cmp(&self.number(right)?)))
    }

    fn term(&self, term: CoreTerm) -> Code {
        match term {
            CoreTerm::Variable(variable) => self.registers[variable],
            CoreTerm::Code(code) => code,
            CoreTerm::Any => Code::MAX,
        }
    }

    fn code(&mut self, expression: &CoreExpression) -> Result<Code, Halt> {
        if let CoreExpression::Term(term) = expression {
            return Ok(self.term(*term));
        }
        let number = self.number(expression)?;
        self.numbers.code(number).ok_or(Halt::Overflow)
    }

    fn number(&self, expression: &CoreExpression) -> Result<i128, Halt> {
        let (left, right) = match expression {
            CoreExpression::Term(term) => return Ok(self.numbers.number(self.term(*term))),
            CoreExpression::Add(left, right)
            | CoreExpression::Subtract(left, right)
            | CoreExpression::Multiply(left, right) => (self.number(left)?, self.number(right)?),
        };
        let number = match expression {
            CoreExpression::Add(..) => left.checked_add(right),
            CoreExpression::Subtract(..) => left.checked_sub(right),
            _ => left.checked_mul(right),
        };
        number.ok_or(Halt::Overflow)
    }
}
