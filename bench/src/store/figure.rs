//! What was measured, beside its peer and its goal.

/// One comparison.
struct Figure {
    name: String,
    measured: String,
    goal: String,
    holds: bool,
}

/// All comparisons of a run.
#[derive(Default)]
pub(crate) struct Figures {
    figures: Vec<Figure>,
}

impl Figures {
    pub(crate) fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }

    /// Records that ours is `ratio` times as fast as the peer, where it should be at least `goal`.
    pub(crate) fn at_least(&mut self, name: &str, ratio: f64, goal: f64, detail: &str) {
        self.add(name, format!("ratio {ratio:.2} ({detail})"), format!(">= {goal}"), ratio >= goal);
    }

    /// Records that a measure is `value`, where it should be at most `goal`.
    pub(crate) fn at_most(&mut self, name: &str, value: f64, goal: f64, detail: &str) {
        self.add(name, format!("{value:.2} ({detail})"), format!("<= {goal}"), value <= goal);
    }

    fn add(&mut self, name: &str, measured: String, goal: String, holds: bool) {
        let figure = Figure { name: name.to_owned(), measured, goal, holds };
        println!("{}", line(&figure));
        self.figures.push(figure);
    }

    /// Prints all of them, then how many of the measurement `name` hold; whether all do.
    pub(crate) fn print(&self, name: &str) -> bool {
        println!();
        for figure in &self.figures {
            println!("{}", line(figure));
        }
        let held = self.figures.iter().filter(|figure| figure.holds).count();
        println!("{name}: {held} of {} goals hold", self.figures.len());
        held == self.figures.len()
    }
}

fn line(figure: &Figure) -> String {
    let verdict = if figure.holds { "holds " } else { "MISSED" };
    format!("{verdict} {}: {}, goal {}", figure.name, figure.measured, figure.goal)
}
