//! From atoms to lines.

use super::atom::Atom;
use super::spacing::{self, space};
use super::structure::Start;
use super::wrap::{Joint, Line, joints, wrap};

/// The whole file, laid out.
pub(super) fn lay_out(atoms: &[Atom<'_>], starts: &[Option<Start>]) -> String {
    let mut page = Page { atoms, joints: joints(atoms), rows: Vec::new(), line: None, depth: 0 };
    let mut part = Start { own_line: true, indent: 0, continued: 0, is_free: false };
    for (index, atom) in atoms.iter().enumerate() {
        let start = starts[index];
        let begins = match start {
            Some(start) => start.own_line,
            // Lists are filled anew; other line breaks are the author's.
            None => part.is_free && atom.starts_line && !atoms[index.saturating_sub(1)].is(","),
        };
        if start.is_some() {
            page.depth = 0;
        }
        if index == 0 || begins || atom.follows_comment() {
            page.end_line(atom.trailing);
            part = start.unwrap_or(part);
            page.begin_line(index, start, part);
        } else if let Some(line) = &mut page.line {
            if start.is_some() {
                line.joins.push(index);
            }
            line.atoms.end = index + 1;
            // Of parts on one line the last says how its lines go on.
            part = start.map_or(part, |start| Start { indent: line.indent, ..start });
            line.is_free |= part.is_free;
            line.continued = part.continued;
        }
        page.depth += usize::from(atom.is("(") || atom.is("{"));
        page.depth = page.depth.saturating_sub(usize::from(atom.is(")") || atom.is("}")));
    }
    page.end_line(None);
    written(page.rows)
}

struct Page<'a> {
    atoms: &'a [Atom<'a>],
    joints: Vec<Option<Joint>>,
    rows: Vec<Row>,
    line: Option<Line>,
    /// How many brackets of the part are open.
    depth: usize,
}

impl Page<'_> {
    /// Adds the line, broken where it is too long, with the comment at its end.
    fn end_line(&mut self, trailing: Option<&str>) {
        let Some(line) = self.line.take() else { return };
        self.rows.extend(wrap(self.atoms, &self.joints, line).iter().map(|line| Row::new(line, self.atoms)));
        if let Some(row) = self.rows.last_mut() {
            row.comment = trailing.map(str::to_owned);
        }
    }

    fn blank(&mut self) {
        if self.rows.last().is_some_and(|row| !row.text.is_empty()) {
            self.rows.push(Row::default());
        }
    }

    /// Adds the comments before the atom at `index`, and begins its line.
    fn begin_line(&mut self, index: usize, start: Option<Start>, part: Start) {
        let atom = &self.atoms[index];
        let (line, is_item) = match start {
            Some(start) => (Line::new(start, index), start.indent == 0),
            None => (Line::continuing(part, index, self.depth), false),
        };
        // A comment that is indented right below an item's last line belongs to that item.
        let mut is_below = is_item;
        for comment in &atom.comments {
            is_below &= comment.is_indented && !comment.after_blank && !self.rows.is_empty();
            if comment.after_blank {
                self.blank();
            }
            let indent = if is_below { 2 } else { line.margin(self.atoms) };
            let text = format!("{:indent$}{}", "", comment.text);
            self.rows.push(Row { text, ..Row::default() });
        }
        if atom.text.is_empty() {
            return;
        }
        if atom.after_blank && start.is_some() {
            self.blank();
        }
        self.line = Some(line);
    }
}

/// A line as written, before its columns are aligned with those of its neighbours.
#[derive(Clone, Debug, Default)]
struct Row {
    text: String,
    /// Of a fact or claim on one line: the text of the declaration is what stands before this byte.
    column: Option<usize>,
    /// Of a row of a table: its values, and what follows them.
    cells: Option<(Vec<String>, String)>,
    comment: Option<String>,
}

impl Row {
    fn new(line: &Line, atoms: &[Atom<'_>]) -> Self {
        let mut row = Row { text: " ".repeat(line.margin(atoms)), ..Row::default() };
        let is_declaration = DECLARATIONS.iter().any(|word| atoms[line.atoms.start].is(word)) && line.indent == 0;
        for index in line.atoms.clone() {
            let is_join = line.joins.contains(&index);
            if is_join && is_declaration {
                row.column = row.column.or(Some(row.text.len()));
            }
            if index > line.atoms.start {
                row.text.push_str(if is_join { "  " } else { space(atoms, index) });
            }
            row.text.push_str(atoms[index].text);
        }
        row.cells = cells(line, atoms);
        row
    }
}

/// The values of a row of a table, and what follows the bar after the last of them.
fn cells(line: &Line, atoms: &[Atom<'_>]) -> Option<(Vec<String>, String)> {
    let first = line.atoms.start;
    if !line.begins_part() || !atoms[first].is("|") {
        return None;
    }
    let bars: Vec<usize> = line.atoms.clone().filter(|index| atoms[*index].is("|")).collect();
    let values = bars.windows(2).take_while(|pair| !atoms[pair[0] + 1].is("cites") && !atoms[pair[0] + 1].is("in"));
    let values: Vec<String> = values.map(|pair| spacing::written(atoms, pair[0] + 1..pair[1])).collect();
    let rest = spacing::written(atoms, bars[values.len()] + 1..line.atoms.end);
    Some((values, rest))
}

/// What is aligned with its neighbours where it stands on one line.
const DECLARATIONS: [&str; 5] = ["fact", "judgement", "claim", "violation", "sanction"];

/// The rows, those next to each other with their columns below each other.
fn written(mut rows: Vec<Row>) -> String {
    align(&mut rows, |row| {
        let column = row.column?;
        let (declaration, rest) = row.text.split_at_checked(column)?;
        Some((declaration.to_owned(), rest.trim_start().to_owned()))
    });
    align_cells(&mut rows);
    align(&mut rows, |row| Some((row.text.clone(), row.comment.take()?)));
    let mut out = String::new();
    for row in rows {
        out.push_str(&row.text);
        out.push('\n');
    }
    out
}

/// Puts the second columns of neighbouring rows below each other. Rows without one end the neighbourhood.
fn align(rows: &mut [Row], columns: impl Fn(&mut Row) -> Option<(String, String)>) {
    let mut cells: Vec<Option<(String, String)>> = rows.iter_mut().map(columns).collect();
    for neighbours in cells.chunk_by_mut(|one, other| one.is_some() && other.is_some()) {
        // Of a text that goes over several lines the last one counts.
        let width = |text: &str| text.lines().last().map_or(0, |line| line.chars().count());
        let widest = neighbours.iter().flatten().map(|(first, _)| width(first)).max().unwrap_or(0);
        for (first, second) in neighbours.iter_mut().flatten() {
            let blanks = widest - width(first) + 2;
            *first = format!("{first}{:blanks$}{second}", "");
        }
    }
    for (row, cell) in rows.iter_mut().zip(cells) {
        if let Some((text, _)) = cell {
            row.text = text;
        }
    }
}

/// Puts the values of neighbouring rows of a table below each other.
fn align_cells(rows: &mut [Row]) {
    let count = |row: &Row| row.cells.as_ref().map(|(values, _)| values.len());
    let width = |text: &str| text.chars().count();
    for neighbours in rows.chunk_by_mut(|one, other| count(one).is_some() && count(one) == count(other)) {
        let Some(columns) = count(&neighbours[0]) else { continue };
        let mut widths = vec![0; columns];
        for (values, _) in neighbours.iter().filter_map(|row| row.cells.as_ref()) {
            widths.iter_mut().zip(values).for_each(|(widest, value)| *widest = width(value).max(*widest));
        }
        for row in neighbours {
            let Some((values, rest)) = row.cells.take() else { continue };
            let cells = values.iter().zip(&widths).map(|(value, widest)| {
                let blanks = widest - width(value);
                format!("| {value}{:blanks$} ", "")
            });
            row.text = format!("  {}| {rest}", cells.collect::<String>()).trim_end().to_owned();
        }
    }
}

impl Line {
    /// How many characters it takes.
    pub(super) fn width(&self, atoms: &[Atom<'_>]) -> usize {
        Row::new(self, atoms).text.chars().count()
    }
}
