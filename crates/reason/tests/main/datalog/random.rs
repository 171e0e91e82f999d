//! Random stratified programs with random facts.

use grounds_reason::datalog::{
    Aggregate, Atom, ColumnType, Comparison, Expression, Function, Literal, Program, RelationId, Term, Threshold,
    Value, Variable,
};

/// A program that is stratified by construction, and facts for it.
pub(crate) struct Sample {
    pub(crate) program: Program,
    /// For each relation, its level: rules look at relations of their own level and below, and at the absence and totals of those below
    /// alone.
    pub(crate) levels: Vec<usize>,
    pub(crate) facts: Vec<(RelationId, Vec<Value>)>,
}

/// Numbers that look random, always the same for a seed (SplitMix64, by Steele, Lea and Flood).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end as u64) as usize
    }

    /// Whether something that happens this many times in a hundred happens.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

const SYMBOL_COUNT: usize = 3;
const LEVEL_COUNT: usize = 4;
const TYPES: [ColumnType; 2] = [ColumnType::Symbol, ColumnType::Number];

/// The sample of a seed.
pub(crate) fn sample(seed: u64) -> Sample {
    let mut random = Random(seed);
    let mut sample = Sample { program: Program::default(), levels: Vec::new(), facts: Vec::new() };
    for number in 0..3 + random.below(5) {
        let columns: Vec<ColumnType> =
            (0..*random.pick(&[0, 1, 1, 2, 2, 2, 3])).map(|_| *random.pick(&TYPES)).collect();
        sample.program.relation(&format!("r{number}"), &columns);
        sample.levels.push(random.below(LEVEL_COUNT));
    }
    for (number, relation) in sample.program.relations.iter().enumerate() {
        let is_base = sample.levels[number] == 0;
        for _ in 0..if is_base { 2 + random.below(12) } else { random.below(3) } {
            let row = relation.columns.iter().map(|column| value(&mut random, *column)).collect();
            sample.facts.push((RelationId(number), row));
        }
    }
    for _ in 0..4 + random.below(14) {
        let head = RelationId(random.below(sample.levels.len()));
        Builder { random: &mut random, sample: &mut sample, types: Vec::new(), bound_count: 0, own_start: 0 }
            .rule(head);
    }
    sample
}

/// A small value of a type. Some numbers are negative.
pub(crate) fn value(random: &mut Random, column: ColumnType) -> Value {
    match column {
        ColumnType::Symbol => Value::Symbol(random.below(SYMBOL_COUNT) as u32),
        ColumnType::Number => Value::Number(*random.pick(&[-1, 0, 1, 1, 1, 2, 2, 999])),
    }
}

struct Builder<'b> {
    random: &'b mut Random,
    sample: &'b mut Sample,
    /// The type of each variable of the rule so far.
    types: Vec<ColumnType>,
    /// Variables below this number are bound by the rule's own conditions, and not within an aggregate alone.
    bound_count: usize,
    /// Variables from here on are those of the conditions that are being made; those between belong to other aggregates.
    own_start: usize,
}

impl Builder<'_> {
    fn rule(mut self, head: RelationId) {
        let level = self.sample.levels[head.0];
        let mut body = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            if let Some(relation) = self.relation(level) {
                body.push(Literal::Holds(self.atom(relation, 50, true)));
            }
        }
        self.bound_count = self.types.len();
        // Values that rules make may not come back to them: they would never end.
        let is_recursive = body.iter().any(|literal| match literal {
            Literal::Holds(atom) => self.sample.levels[atom.relation.0] == level,
            _ => false,
        });
        if level > 0 && !is_recursive && self.random.percent(50) {
            body.extend(self.aggregate(level));
        }
        if self.random.percent(20) {
            body.extend(self.threshold(level));
        }
        if !is_recursive && self.random.percent(25) {
            body.extend(self.computation());
        }
        if level > 0 && self.random.percent(40) {
            body.extend(self.relation(level - 1).map(|relation| Literal::Absent(self.atom(relation, 20, false))));
        }
        if self.random.percent(30) {
            body.extend(self.comparison());
        }
        let columns = self.sample.program.relations[head.0].columns.clone();
        let terms: Vec<Term> = columns.iter().map(|column| self.bound_term(*column)).collect();
        // The order in which conditions are written means nothing.
        for place in (1..body.len()).rev() {
            body.swap(place, self.random.below(place + 1));
        }
        let name = format!("rule {}", self.sample.program.rules.len());
        self.sample.program.rule(&name, Atom { relation: head, terms }, body);
    }

    fn relation(&mut self, level_max: usize) -> Option<RelationId> {
        let below: Vec<usize> =
            (0..self.sample.levels.len()).filter(|number| self.sample.levels[*number] <= level_max).collect();
        if below.is_empty() { None } else { Some(RelationId(*self.random.pick(&below))) }
    }

    /// An atom; with a chance in a hundred that a place has a new variable, where it may have one, and else one that is bound.
    fn atom(&mut self, relation: RelationId, new_chance: usize, may_bind: bool) -> Atom {
        let columns = self.sample.program.relations[relation.0].columns.clone();
        let mut terms = Vec::new();
        for column in columns {
            terms.push(if self.random.percent(new_chance) {
                if may_bind && self.random.percent(80) { self.new_variable(column) } else { Term::Any }
            } else if may_bind {
                self.any_term(column)
            } else {
                self.bound_term(column)
            });
        }
        Atom { relation, terms }
    }

    fn new_variable(&mut self, column: ColumnType) -> Term {
        self.types.push(column);
        Term::Variable(Variable(self.types.len() - 1))
    }

    /// A variable of the type, or a value.
    fn any_term(&mut self, column: ColumnType) -> Term {
        self.term_from(column, self.own_start)
    }

    fn bound_term(&mut self, column: ColumnType) -> Term {
        self.term_from(column, self.types.len())
    }

    fn term_from(&mut self, column: ColumnType, own_start: usize) -> Term {
        let is_seen = |variable: &usize| *variable < self.bound_count || *variable >= own_start;
        let fitting: Vec<usize> =
            (0..self.types.len()).filter(is_seen).filter(|variable| self.types[*variable] == column).collect();
        if fitting.is_empty() || self.random.percent(6) {
            return Term::Value(value(self.random, column));
        }
        Term::Variable(Variable(*self.random.pick(&fitting)))
    }

    /// An aggregate over relations below; its result is the next variable that is bound.
    fn aggregate(&mut self, level: usize) -> Option<Literal> {
        let result = self.new_variable(ColumnType::Number);
        self.bound_count = self.types.len();
        self.own_start = self.types.len();
        let mut over = Vec::new();
        for _ in 0..1 + self.random.below(2) {
            let relation = self.relation(level - 1)?;
            let mut atom = self.atom(relation, 60, true);
            for term in &mut atom.terms {
                if *term == result {
                    *term = Term::Value(Value::Number(1));
                }
            }
            over.push(Literal::Holds(atom));
        }
        let mut numbers = Vec::new();
        let types = &self.types;
        let mut collect = |variable: Variable| {
            if types[variable.0] == ColumnType::Number {
                numbers.push(variable);
            }
        };
        over.iter().for_each(|literal| literal_variables(literal, &mut collect));
        let function = *self.random.pick(&[Function::Count, Function::Sum, Function::Least, Function::Greatest]);
        let value = match (numbers.is_empty(), function) {
            (true, _) => Term::Value(Value::Number(2)),
            (false, _) => Term::Variable(*self.random.pick(&numbers)),
        };
        let Term::Variable(result) = result else { return None };
        Some(Literal::Aggregate(Aggregate { result, function, value, over }))
    }

    /// A threshold over relations of this level too: what is added is never negative.
    fn threshold(&mut self, level: usize) -> Option<Literal> {
        self.own_start = self.types.len();
        let mut over = Vec::new();
        for _ in 0..1 + self.random.below(2) {
            let relation = self.relation(level)?;
            over.push(Literal::Holds(self.atom(relation, 60, true)));
        }
        let value = Term::Value(Value::Number(1 + self.random.below(2) as i128));
        Some(Literal::Reaches(Threshold { value, least: 1 + self.random.below(3) as i128, over }))
    }

    fn computation(&mut self) -> Option<Literal> {
        let (left, right) = (self.bound_term(ColumnType::Number), self.bound_term(ColumnType::Number));
        let (left, right) = (Box::new(Expression::Term(left)), Box::new(Expression::Term(right)));
        let expression = match self.random.below(3) {
            0 => Expression::Add(left, right),
            1 => Expression::Subtract(left, right),
            _ => Expression::Multiply(left, right),
        };
        // Aggregates' own variables stand between: the new one is bound, they are not.
        if self.types.len() > self.bound_count {
            return None;
        }
        let Term::Variable(result) = self.new_variable(ColumnType::Number) else { return None };
        self.bound_count = self.types.len();
        Some(Literal::Let(result, expression))
    }

    fn comparison(&mut self) -> Option<Literal> {
        let column = *self.random.pick(&TYPES);
        let comparison = match column {
            ColumnType::Symbol => *self.random.pick(&[Comparison::Equal, Comparison::NotEqual]),
            ColumnType::Number => *self.random.pick(&[Comparison::Less, Comparison::AtMost, Comparison::NotEqual]),
        };
        let (left, right) = (self.bound_term(column), self.bound_term(column));
        Some(Literal::Compare(left.into(), comparison, right.into()))
    }
}

fn literal_variables(literal: &Literal, visit: &mut dyn FnMut(Variable)) {
    let Literal::Holds(atom) = literal else { return };
    for term in &atom.terms {
        if let Term::Variable(variable) = term {
            visit(*variable);
        }
    }
}
