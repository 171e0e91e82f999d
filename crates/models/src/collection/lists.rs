//! Many short lists in one piece of memory.

/// Lists one after the other: list `n` is `items[ends[n - 1]..ends[n]]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lists<T> {
    ends: Vec<usize>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// The list at `at`.
    pub(crate) fn of(&self, at: usize) -> &[T] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.items[start..self.ends[at]]
    }

    /// How many lists there are.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The items of all lists, one list after the other.
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    /// Adds a list.
    pub(crate) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.ends.push(self.items.len());
    }

    /// Adds the lists of another after these.
    pub(crate) fn append(&mut self, mut other: Self) {
        let offset = self.items.len();
        self.ends.extend(other.ends.iter().map(|end| end + offset));
        self.items.append(&mut other.items);
    }
}

impl<T: Copy + Default> Lists<T> {
    /// Sorts entries into `count` lists, keeping their order within a list.
    pub(crate) fn grouped(count: usize, entries: impl Iterator<Item = (usize, T)> + Clone) -> Self {
        let mut ends = vec![0usize; count];
        for (list, _) in entries.clone() {
            ends[list] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            let length = *end;
            *end = total;
            total += length;
        }
        let mut items = vec![T::default(); total];
        for (list, item) in entries {
            items[ends[list]] = item;
            ends[list] += 1;
        }
        Self { ends, items }
    }
}
