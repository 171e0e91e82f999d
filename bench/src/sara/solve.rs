//! Answers questions about the clauses of a case: depth first, as Prolog does, with the few built-in predicates that cases use.

use std::collections::BTreeMap;

use super::prolog::{Clause, Term, word};

/// More steps than any case needs; a case that needs more is in a loop.
const STEPS_MAX: usize = 5_000_000;

/// The clauses of one case by the name of their head.
pub(super) struct Clauses {
    by_name: BTreeMap<String, Vec<Clause>>,
}

/// What variables stand for; the trail undoes bindings.
struct Bindings {
    values: Vec<Option<Term>>,
    trail: Vec<usize>,
    steps: usize,
}

impl Clauses {
    pub(super) fn new(clauses: Vec<Clause>) -> Self {
        let mut by_name: BTreeMap<String, Vec<Clause>> = BTreeMap::new();
        for clause in clauses {
            if let Some(name) = name(&clause.head) {
                by_name.entry(name.to_owned()).or_default().push(clause);
            }
        }
        Self { by_name }
    }

    /// How many arguments `name` has, where the case defines it.
    pub(super) fn arity(&self, name: &str) -> Option<usize> {
        self.by_name.get(name)?.iter().find_map(|clause| match &clause.head {
            Term::Compound(_, arguments) => Some(arguments.len()),
            _ => None,
        })
    }

    /// Every answer to `name(given…)`, each once, in the order found; `None` asks.
    ///
    /// An argument that stays open in an answer is `None` there.
    pub(super) fn ask(&self, name: &str, given: &[Option<&str>]) -> Vec<Vec<Option<String>>> {
        let mut bindings = Bindings { values: vec![None; given.len()], trail: Vec::new(), steps: 0 };
        let arguments: Vec<Term> = given
            .iter()
            .enumerate()
            .map(|(position, given)| given.map_or(Term::Variable(position), |given| word(given)))
            .collect();
        let goal = Term::Compound(name.to_owned(), arguments.clone());
        let mut found: Vec<Vec<Option<String>>> = Vec::new();
        self.solve(&[goal], &mut bindings, &mut |bindings| {
            let answer: Vec<Option<String>> = arguments.iter().map(|argument| text(&bindings.walk(argument))).collect();
            if !found.contains(&answer) {
                found.push(answer);
            }
            false
        });
        found
    }

    /// Calls `each` for every solution until it says to stop; whether it did.
    fn solve(&self, goals: &[Term], bindings: &mut Bindings, each: &mut dyn FnMut(&mut Bindings) -> bool) -> bool {
        bindings.steps += 1;
        let Some((goal, rest)) = goals.split_first() else { return each(bindings) };
        if bindings.steps > STEPS_MAX {
            return true;
        }
        let goal = bindings.walk(goal);
        let (name, arguments): (&str, &[Term]) = match &goal {
            Term::Word(name) => (name, &[]),
            Term::Compound(name, arguments) => (name, arguments),
            _ => return false,
        };
        match (name, arguments) {
            ("true", []) => self.solve(rest, bindings, each),
            (",", [left, right]) => {
                let goals: Vec<Term> = [left, right].into_iter().chain(rest).cloned().collect();
                self.solve(&goals, bindings, each)
            }
            (";", [left, right]) => self.either(left, right, rest, bindings, each),
            ("\\+", [inside]) => {
                let mark = bindings.trail.len();
                let holds = self.solve(std::slice::from_ref(inside), bindings, &mut |_| true);
                bindings.undo(mark);
                !holds && self.solve(rest, bindings, each)
            }
            ("between", [low, high, value]) => {
                let (Some(low), Some(high)) = (bindings.number(low), bindings.number(high)) else { return false };
                (low..=high).any(|number| self.unified(value, &Term::Number(number.to_string()), rest, bindings, each))
            }
            ("member", [value, list]) => members(&bindings.walk(list), bindings)
                .iter()
                .any(|member| self.unified(value, member, rest, bindings, each)),
            _ => match bindings.built_in(name, arguments) {
                Some(Some((left, right))) => self.unified(&left, &right, rest, bindings, each),
                Some(None) => false,
                None => self.defined(name, arguments, rest, bindings, each),
            },
        }
    }

    fn either(
        &self,
        left: &Term,
        right: &Term,
        rest: &[Term],
        bindings: &mut Bindings,
        each: &mut dyn FnMut(&mut Bindings) -> bool,
    ) -> bool {
        let with = |first: &[&Term]| first.iter().copied().chain(rest).cloned().collect::<Vec<Term>>();
        if let Term::Compound(arrow, parts) = left
            && arrow == "->"
            && let [condition, then] = parts.as_slice()
        {
            let mark = bindings.trail.len();
            if self.solve(std::slice::from_ref(condition), bindings, &mut |_| true) {
                let stopped = self.solve(&with(&[then]), bindings, each);
                bindings.undo(mark);
                return stopped;
            }
            bindings.undo(mark);
            return self.solve(&with(&[right]), bindings, each);
        }
        let mark = bindings.trail.len();
        let stopped = self.solve(&with(&[left]), bindings, each);
        bindings.undo(mark);
        stopped || self.solve(&with(&[right]), bindings, each)
    }

    fn unified(
        &self,
        left: &Term,
        right: &Term,
        rest: &[Term],
        bindings: &mut Bindings,
        each: &mut dyn FnMut(&mut Bindings) -> bool,
    ) -> bool {
        let mark = bindings.trail.len();
        let stopped = bindings.unify(left, right) && self.solve(rest, bindings, each);
        bindings.undo(mark);
        stopped
    }

    fn defined(
        &self,
        name: &str,
        arguments: &[Term],
        rest: &[Term],
        bindings: &mut Bindings,
        each: &mut dyn FnMut(&mut Bindings) -> bool,
    ) -> bool {
        for clause in self.by_name.get(name).map_or(&[][..], Vec::as_slice) {
            let base = bindings.values.len();
            bindings.values.resize(base + clause.variable_count, None);
            let mark = bindings.trail.len();
            let head = renamed(&clause.head, base);
            let Term::Compound(_, parameters) = &head else { continue };
            let matches = parameters.len() == arguments.len()
                && parameters.iter().zip(arguments).all(|(parameter, argument)| bindings.unify(parameter, argument));
            if matches {
                let goals: Vec<Term> =
                    std::iter::once(renamed(&clause.body, base)).chain(rest.iter().cloned()).collect();
                if self.solve(&goals, bindings, each) {
                    bindings.undo(mark);
                    return true;
                }
            }
            bindings.undo(mark);
            bindings.values.truncate(base);
        }
        false
    }
}

fn name(term: &Term) -> Option<&str> {
    match term {
        Term::Word(name) | Term::Compound(name, _) => Some(name),
        _ => None,
    }
}

fn renamed(term: &Term, base: usize) -> Term {
    match term {
        Term::Variable(number) => Term::Variable(number + base),
        Term::Compound(name, arguments) => {
            Term::Compound(name.clone(), arguments.iter().map(|argument| renamed(argument, base)).collect())
        }
        other => other.clone(),
    }
}

/// What a term that is a word or number reads.
pub(super) fn text(term: &Term) -> Option<String> {
    match term {
        Term::Word(text) | Term::Number(text) => Some(text.clone()),
        // The list of one exemption, as in [2000].
        Term::Compound(dot, parts) if dot == "." => parts.first().and_then(text),
        _ => None,
    }
}

fn members(list: &Term, bindings: &Bindings) -> Vec<Term> {
    let mut found = Vec::new();
    let mut list = list.clone();
    while let Term::Compound(_, parts) = &list
        && let [head, tail] = parts.as_slice()
    {
        found.push(head.clone());
        list = bindings.walk(tail);
    }
    found
}

impl Bindings {
    /// What a term stands for, its own variables as far as they are bound.
    fn walk(&self, term: &Term) -> Term {
        let mut term = term;
        while let Term::Variable(number) = term {
            match self.values.get(*number) {
                Some(Some(value)) => term = value,
                _ => break,
            }
        }
        term.clone()
    }

    fn undo(&mut self, mark: usize) {
        for number in self.trail.drain(mark..) {
            if let Some(value) = self.values.get_mut(number) {
                *value = None;
            }
        }
    }

    fn unify(&mut self, left: &Term, right: &Term) -> bool {
        let (left, right) = (self.walk(left), self.walk(right));
        match (left, right) {
            (Term::Variable(a), Term::Variable(b)) if a == b => true,
            (Term::Variable(number), other) | (other, Term::Variable(number)) => {
                self.values[number] = Some(other);
                self.trail.push(number);
                true
            }
            (Term::Compound(a, left), Term::Compound(b, right)) => {
                a == b
                    && left.len() == right.len()
                    && left.iter().zip(&right).all(|(left, right)| self.unify(left, right))
            }
            (left, right) => text(&left).is_some() && text(&left) == text(&right),
        }
    }

    fn number(&self, term: &Term) -> Option<i64> {
        text(&self.walk(term))?.parse().ok()
    }

    /// What a built-in predicate asks to be made equal; `Some(None)` where it fails, `None` where it is none.
    fn built_in(&self, name: &str, arguments: &[Term]) -> Option<Option<(Term, Term)>> {
        let yes = |holds: bool| Some(holds.then(|| (word("true"), word("true"))));
        let shown = |term: &Term| text(&self.walk(term));
        match (name, arguments) {
            ("==", [left, right]) => yes(shown(left).is_some() && shown(left) == shown(right)),
            ("\\==", [left, right]) => yes(shown(left) != shown(right)),
            ("=", [left, right]) => Some(Some((left.clone(), right.clone()))),
            ("var", [term]) => yes(matches!(self.walk(term), Term::Variable(_))),
            ("nonvar", [term]) => yes(!matches!(self.walk(term), Term::Variable(_))),
            ("atom_concat", [left, right, whole]) => {
                Some(shown(left).zip(shown(right)).map(|(left, right)| (whole.clone(), Term::Word(left + &right))))
            }
            ("atom_number", [text, number]) => Some(Some((text.clone(), number.clone()))),
            ("first_day_year", [year, day]) => Some(shown(year).map(|year| (day.clone(), Term::Word(year + "-01-01")))),
            ("last_day_year", [year, day]) => Some(shown(year).map(|year| (day.clone(), Term::Word(year + "-12-31")))),
            // Dates are written so that their order is that of their letters.
            ("is_before", [first, second]) => {
                yes(shown(first).zip(shown(second)).is_some_and(|(first, second)| first <= second))
            }
            ("split_string", [whole, separator, _, parts]) => {
                Some(shown(whole).zip(shown(separator)).map(|(whole, separator)| {
                    let pieces: Vec<&str> = whole.split(separator.as_str()).collect();
                    let list = pieces
                        .into_iter()
                        .rev()
                        .fold(word("[]"), |tail, piece| Term::Compound(".".to_owned(), vec![word(piece), tail]));
                    (parts.clone(), list)
                }))
            }
            _ => None,
        }
    }
}
