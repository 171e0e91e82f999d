//! The versions of one document in valid time, and where a new text goes among them.

use grounds_core::{Validity, VersionId};
use jiff::civil::Date;

/// Whose text an interval has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// A version of the workspace.
    Known(VersionId),
    /// The nth file of this import.
    New(usize),
}

#[derive(Clone, Debug)]
struct Entry {
    from: Date,
    to: Option<Date>,
    text: Text,
}

/// Intervals without overlap, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    entries: Vec<Entry>,
}

/// What putting a text on the timeline did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It has an interval of its own.
    Added,
    /// It takes the interval of this text, which had begun on the same day.
    Replaced(Text),
}

impl Timeline {
    /// A timeline of what is known.
    pub(crate) fn new(known: impl IntoIterator<Item = (VersionId, Validity)>) -> Self {
        let mut entries: Vec<Entry> = known
            .into_iter()
            .map(|(version, validity)| Entry { from: validity.from, to: validity.to, text: Text::Known(version) })
            .collect();
        entries.sort_by_key(|entry| entry.from);
        Self { entries }
    }

    /// The text whose interval begins on `from`, and where that interval ends.
    pub(crate) fn starting(&self, from: Date) -> Option<(&Text, Option<Date>)> {
        self.entries.iter().find(|entry| entry.from == from).map(|entry| (&entry.text, entry.to))
    }

    /// The first day after `from` on which another text begins.
    pub(crate) fn next_start(&self, from: Date) -> Option<Date> {
        self.entries.iter().map(|entry| entry.from).find(|start| *start > from)
    }

    /// Puts a text on the timeline: the text before it ends where it begins, and it ends where the next begins. A text
    /// from the same day is replaced over its whole interval.
    pub(crate) fn put(&mut self, text: usize, from: Date, to: Option<Date>) -> Placed {
        let earliest = |a: Option<Date>, b: Option<Date>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let next = self.next_start(from);
        let at = self.entries.partition_point(|entry| entry.from < from);
        if let Some(same) = self.entries.get_mut(at).filter(|entry| entry.from == from) {
            let replaced = std::mem::replace(&mut same.text, Text::New(text));
            same.to = if to.is_some() { earliest(to, next) } else { same.to };
            return Placed::Replaced(replaced);
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| self.entries.get_mut(before)) {
            before.to = earliest(before.to, Some(from));
        }
        self.entries.insert(at, Entry { from, to: earliest(to, next), text: Text::New(text) });
        Placed::Added
    }

    /// The interval that a text has in the end; `None` where it was replaced.
    pub(crate) fn validity(&self, text: &Text) -> Option<Validity> {
        self.entries.iter().find(|entry| entry.text == *text).map(|entry| Validity { from: entry.from, to: entry.to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16) -> Date {
        Date::constant(year, 1, 1)
    }

    fn shown(timeline: &Timeline) -> String {
        let show = |entry: &Entry| {
            let name = match &entry.text {
                Text::Known(version) => version.to_string(),
                Text::New(index) => format!("new{index}"),
            };
            let to = entry.to.map_or_else(String::new, |to| to.year().to_string());
            format!("{name}:{}-{to}", entry.from.year())
        };
        timeline.entries.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn texts_follow_each_other_without_overlap() {
        let known = VersionId("code@1".to_owned());
        let mut timeline = Timeline::new([(known.clone(), Validity::from(day(2015)))]);
        assert_eq!(timeline.put(0, day(2019), None), Placed::Added);
        assert_eq!(shown(&timeline), "code@1:2015-2019 new0:2019-");
        assert_eq!(timeline.put(1, day(2017), None), Placed::Added);
        assert_eq!(shown(&timeline), "code@1:2015-2017 new1:2017-2019 new0:2019-");
        assert_eq!(timeline.put(2, day(2010), Some(day(2012))), Placed::Added);
        assert_eq!(shown(&timeline), "new2:2010-2012 code@1:2015-2017 new1:2017-2019 new0:2019-");
        assert_eq!(timeline.put(3, day(2015), None), Placed::Replaced(Text::Known(known.clone())));
        assert_eq!(shown(&timeline), "new2:2010-2012 new3:2015-2017 new1:2017-2019 new0:2019-");
        assert_eq!(timeline.validity(&Text::Known(known)), None);
    }
}
