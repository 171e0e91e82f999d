//! Where a point belongs: beside an open point, or below it.

use super::label::{Label, Shape, Style, values};

#[derive(Clone, Copy, Debug)]
struct Level {
    shape: Shape,
    style: Style,
    last: u32,
    indent: usize,
}

/// The open points, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    levels: Vec<Level>,
}

/// Where a label puts its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// How many points are open around it.
    pub(crate) depth: usize,
    shape: Shape,
    style: Style,
    value: u32,
}

impl Levels {
    /// How many points are open.
    pub(crate) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// How far the innermost open point is indented.
    pub(crate) fn indent(&self) -> Option<usize> {
        self.levels.last().map(|level| level.indent)
    }

    /// How many open points have their labels left of a text that is indented by `indent`.
    pub(crate) fn depth_around(&self, indent: usize) -> usize {
        self.levels.iter().rposition(|level| level.indent < indent).map_or(0, |position| position + 1)
    }

    /// Whether points that are counted so are open.
    pub(crate) fn counts(&self, shape: Shape, style: Style) -> bool {
        self.levels.iter().any(|level| level.shape == shape && level.style == style)
    }

    /// Closes the points below the first `depth`.
    pub(crate) fn close_to(&mut self, depth: usize) {
        self.levels.truncate(depth);
    }

    /// Closes all points.
    pub(crate) fn clear(&mut self) {
        self.levels.clear();
    }

    /// Where `label` belongs, or `None` where it cannot be the label of a point here. `next` is the label that follows it
    /// in the document, which decides between "(i)" after "(h)" and "(i)" before "(ii)".
    pub(crate) fn place(&self, label: &Label<'_>, indent: usize, next: Option<&Label<'_>>) -> Option<Place> {
        let values = values(label.number);
        let beside = self.successor(label.shape, &values, indent);
        let below = values.iter().rev().find(|(_, value)| *value == 1).map(|(style, value)| Place {
            depth: self.depth_of(label.shape, *style),
            shape: label.shape,
            style: *style,
            value: *value,
        });
        match (beside, below) {
            (Some(beside), Some(below)) => {
                let is_deeper = self.indent().is_some_and(|open| indent > open);
                let begins_list = next.is_some_and(|next| {
                    next.shape == below.shape && self::values(next.number).contains(&(below.style, below.value + 1))
                });
                Some(if is_deeper || begins_list { below } else { beside })
            }
            (Some(place), None) | (None, Some(place)) => Some(place),
            (None, None) => self.after_gap(label, &values),
        }
    }

    /// Where a list counted like this begins: no list is inside another that is counted alike, so it is either new or
    /// begins again.
    fn depth_of(&self, shape: Shape, style: Style) -> usize {
        let is_alike = |level: &Level| level.shape == shape && level.style == style;
        self.levels.iter().position(is_alike).unwrap_or(self.levels.len())
    }

    /// The level on which the label is the next one: the deepest, unless indentation says a shallower one.
    fn successor(&self, shape: Shape, values: &[(Style, u32)], indent: usize) -> Option<Place> {
        let fits = |level: &Level| {
            level.shape == shape
                && values.iter().any(|(style, value)| *style == level.style && *value == level.last + 1)
        };
        let candidates = || (0..self.levels.len()).rev().filter(|depth| fits(&self.levels[*depth]));
        let depth = candidates().find(|depth| self.levels[*depth].indent == indent).or_else(|| candidates().next())?;
        let level = self.levels[depth];
        Some(Place { depth, shape, style: level.style, value: level.last + 1 })
    }

    /// A later label of an open level, where points between were repealed, or "(aa)" after "(a)".
    fn after_gap(&self, label: &Label<'_>, values: &[(Style, u32)]) -> Option<Place> {
        (0..self.levels.len()).rev().find_map(|depth| {
            let level = self.levels[depth];
            let value = values.iter().find(|(style, value)| *style == level.style && *value > level.last)?.1;
            // "(aa)" counts as 27, which would bar "(b)" after it.
            let value = if value > 26 && level.last < 26 { level.last } else { value };
            (level.shape == label.shape).then_some(Place { depth, shape: label.shape, style: level.style, value })
        })
    }

    /// Opens the level of the label's first meaning, whatever its value: the points before it may be missing.
    pub(crate) fn place_anyway(&self, label: &Label<'_>) -> Option<Place> {
        let (style, value) = values(label.number).first().copied()?;
        Some(Place { depth: self.levels.len(), shape: label.shape, style, value })
    }

    /// Opens a point at `place`, closing those beside and below it.
    pub(crate) fn open(&mut self, place: Place, indent: usize) {
        self.levels.truncate(place.depth);
        self.levels.push(Level { shape: place.shape, style: place.style, last: place.value, indent });
    }
}

#[cfg(test)]
mod tests {
    use super::super::label;
    use super::*;

    /// The depth of each label, or `-`.
    fn depths(labels: &[(&str, usize)]) -> String {
        let mut levels = Levels::default();
        let mut shown = String::new();
        for (index, (text, indent)) in labels.iter().enumerate() {
            let next = labels.get(index + 1).and_then(|(next, _)| label(next));
            match levels.place(&label(text).expect("a label"), *indent, next.as_ref()) {
                Some(place) => {
                    shown.push_str(&place.depth.to_string());
                    levels.open(place, *indent);
                }
                None => shown.push('-'),
            }
        }
        shown
    }

    fn flat(labels: &[&str]) -> String {
        depths(&labels.iter().map(|text| (*text, 0)).collect::<Vec<_>>())
    }

    #[test]
    fn i_after_h_is_a_letter_unless_it_begins_a_list() {
        assert_eq!(flat(&["(g)", "(h)", "(i)", "(j)"]), "--0-", "a list begins with its first label");
        assert_eq!(flat(&["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)", "(h)", "(i)", "(j)"]), "0000000000");
        assert_eq!(
            flat(&["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)", "(h)", "(i)", "(ii)", "(i)"]),
            "00000000110"
        );
        assert_eq!(depths(&[("(a)", 0), ("(i)", 3), ("(ii)", 3), ("(b)", 0), ("(i)", 3)]), "01101");
    }

    #[test]
    fn points_may_be_missing_or_inserted() {
        assert_eq!(flat(&["(a)", "(c)", "(d)"]), "000");
        assert_eq!(flat(&["(a)", "(aa)", "(b)"]), "000");
        assert_eq!(flat(&["(1)", "(a)", "(b)", "(2)", "(a)"]), "01101");
        assert_eq!(flat(&["(v)"]), "-");
    }
}
