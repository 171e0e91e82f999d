//! Matters: a case's facts as `key: value` lines, then its narrative.
//!
//! The format is specified in `docs/matters.md`.

use grounds_core::{Case, Entity, Fact, FactGrounds, Program, Span, Type, Validity};
use jiff::civil::Date;

use crate::error::GroundsError;

/// One `key: value` line of a matter's front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Before the colon.
    pub key: String,
    /// After it, without the quotation.
    pub value: String,
    /// The words of the narrative after `per`, if any.
    pub quote: Option<String>,
    /// The line, from 1.
    pub line: usize,
}

/// A matter file, read but not yet compared with any rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// The file's name, for messages.
    pub file: String,
    /// What it is called in answers.
    pub title: String,
    /// The date whose law applies, where it states one.
    pub as_of: Option<Date>,
    /// Who states facts that quote nothing.
    pub author: String,
    /// The claims to be decided, as written; empty means all that the facts bear on.
    pub asks: Vec<(String, usize)>,
    /// Entities and facts, in order.
    pub entries: Vec<Entry>,
    /// The whole file.
    pub source: String,
    /// The narrative, as a span of `source`.
    pub narrative: Span,
}

impl Matter {
    /// Reads a matter file.
    ///
    /// # Errors
    /// [`GroundsError::Matter`] with the line, for the file's author.
    pub fn parse(file: &str, source: &str) -> Result<Self, GroundsError> {
        let fail = |line: usize, message: String| GroundsError::Matter { file: file.to_owned(), line, message };
        let (lines, narrative) = split(source).ok_or_else(|| {
            fail(1, "a matter begins with a line `---`, facts as `key: value` lines, and another `---`".to_owned())
        })?;
        let mut matter = Self {
            file: file.to_owned(),
            title: String::new(),
            as_of: None,
            author: "the matter's author".to_owned(),
            asks: Vec::new(),
            entries: Vec::new(),
            source: source.to_owned(),
            narrative,
        };
        for (line, text) in lines {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (key, value) = text
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| fail(line, format!("`{text}` is not of the form `key: value`")))?;
            matter.take(key, value, line).map_err(|message| fail(line, message))?;
        }
        if matter.title.is_empty() {
            matter.title = file.rsplit(['/', '\\']).next().unwrap_or(file).trim_end_matches(".md").to_owned();
        }
        Ok(matter)
    }

    fn take(&mut self, key: &str, value: &str, line: usize) -> Result<(), String> {
        match key {
            "matter" | "title" => value.clone_into(&mut self.title),
            "author" => value.clone_into(&mut self.author),
            "note" | "language" => {}
            "as_of" => {
                let date =
                    value.parse().map_err(|_| format!("`{value}` is not a date: write for example 2021-05-10"))?;
                self.as_of = Some(date);
            }
            "asks" => self.asks.extend(split_asks(value).into_iter().map(|ask| (ask, line))),
            _ => {
                let (value, quote) = split_quote(value)?;
                self.entries.push(Entry { key: key.to_owned(), value, quote, line });
            }
        }
        Ok(())
    }

    /// The words of the narrative.
    pub fn narrative_text(&self) -> &str {
        self.narrative.of(&self.source).unwrap_or_default()
    }

    /// The case that this matter states on a day, in the terms of `program`: facts that say when they are so are left out on other days.
    ///
    /// # Errors
    /// [`GroundsError::Matter`] where an entry names no declared fact or entity type, a value is not of the declared type, or a quotation
    /// does not stand in the narrative.
    pub fn case(&self, program: &Program, as_of: Date) -> Result<Case, GroundsError> {
        let mut case = Case { as_of, entities: Vec::new(), facts: Vec::new() };
        let (entities, facts): (Vec<&Entry>, Vec<&Entry>) =
            self.entries.iter().partition(|entry| !entry.key.contains(['.', '(']));
        for entry in entities {
            self.declare(program, entry, &mut case)?;
        }
        for entry in facts {
            let (fact, in_force) = self.fact(program, entry, &case.entities)?;
            if in_force.is_none_or(|validity| validity.contains(as_of)) {
                case.facts.push(fact);
            }
        }
        Ok(case)
    }

    fn fail(&self, entry: &Entry, message: String) -> GroundsError {
        GroundsError::Matter { file: self.file.clone(), line: entry.line, message }
    }

    fn declare(&self, program: &Program, entry: &Entry, case: &mut Case) -> Result<(), GroundsError> {
        if !program.entities.contains(&entry.value) {
            let known = program.entities.join(", ");
            let message = format!(
                "`{}` is not a type of thing that the rules know (they know {known}); facts are written `thing.property: value`",
                entry.value
            );
            return Err(self.fail(entry, message));
        }
        if case.entities.iter().any(|entity| entity.name == entry.key) {
            return Err(self.fail(entry, format!("`{}` is declared twice", entry.key)));
        }
        case.entities.push(Entity { name: entry.key.clone(), entity_type: entry.value.clone() });
        Ok(())
    }

    /// A fact, and the days on which it is so, where it says so.
    pub(crate) fn fact(
        &self,
        program: &Program,
        entry: &Entry,
        entities: &[Entity],
    ) -> Result<(Fact, Option<Validity>), GroundsError> {
        let (stated, in_force) = grounds_reason::split_in_force(&entry.value);
        let (predicate, arguments) = self.predicate(entry, entities)?;
        let declaration = program.facts.iter().find(|fact| fact.predicate == predicate).ok_or_else(|| {
            let near = nearest(&predicate, program.facts.iter().map(|fact| fact.predicate.as_str()));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            self.fail(entry, format!("no rule file declares a fact `{predicate}`{hint}"))
        })?;
        let types: Vec<&str> = arguments
            .iter()
            .map(|name| {
                entities.iter().find(|entity| entity.name == *name).map_or("", |entity| entity.entity_type.as_str())
            })
            .collect();
        if types != declaration.parameters.iter().map(String::as_str).collect::<Vec<_>>() {
            let message =
                format!("`{predicate}` is about ({}), not ({})", declaration.parameters.join(", "), types.join(", "));
            return Err(self.fail(entry, message));
        }
        if let Type::Entity(wanted) = &declaration.value {
            let fits = entities.iter().any(|entity| entity.name == stated && entity.entity_type == *wanted);
            if !fits {
                return Err(self.fail(entry, format!("`{stated}` is not declared as a {wanted}")));
            }
        }
        let value = grounds_reason::parse_case_value(&declaration.value, stated)
            .map_err(|error| self.fail(entry, error.to_string()))?;
        Ok((Fact { predicate, arguments, value, grounds: self.grounds(entry)? }, in_force))
    }

    /// "incident.detected_at" or "Controls(a, b)" as predicate and arguments.
    pub(crate) fn predicate(&self, entry: &Entry, entities: &[Entity]) -> Result<(String, Vec<String>), GroundsError> {
        if let Some((name, rest)) = entry.key.split_once('(') {
            let inside = rest.strip_suffix(')').ok_or_else(|| self.fail(entry, "a `)` is missing".to_owned()))?;
            let arguments: Vec<String> = inside.split(',').map(|argument| argument.trim().to_owned()).collect();
            if let Some(unknown) = arguments.iter().find(|name| !entities.iter().any(|entity| entity.name == **name)) {
                return Err(self.fail(entry, format!("`{unknown}` is not declared: add a line `{unknown}: Type`")));
            }
            return Ok((name.trim().to_owned(), arguments));
        }
        let (name, property) = entry.key.split_once('.').unwrap_or((entry.key.as_str(), ""));
        let entity = entities
            .iter()
            .find(|entity| entity.name == name)
            .ok_or_else(|| self.fail(entry, format!("`{name}` is not declared: add a line `{name}: Type`")))?;
        Ok((format!("{}.{property}", entity.entity_type), vec![name.to_owned()]))
    }

    fn grounds(&self, entry: &Entry) -> Result<FactGrounds, GroundsError> {
        let Some(quote) = &entry.quote else { return Ok(FactGrounds::Author { author: self.author.clone() }) };
        let start = find_words(self.narrative_text(), quote).ok_or_else(|| {
            self.fail(entry, format!("the narrative does not contain \"{quote}\": quote its words exactly"))
        })?;
        let offset = self.narrative.start;
        let span = Span { start: offset + start.start, end: offset + start.end };
        Ok(FactGrounds::Narrative { span, quote: span.of(&self.source).unwrap_or_default().to_owned() })
    }
}

/// The front matter's lines with their numbers, and the span of what follows.
fn split(source: &str) -> Option<(Vec<(usize, &str)>, Span)> {
    let mut offset = 0;
    let mut lines = Vec::new();
    for (index, line) in source.split_inclusive('\n').enumerate() {
        offset += line.len();
        let bare = line.trim_end();
        match (index, bare.trim_start_matches('\u{feff}')) {
            (0, "---") => {}
            (0, _) => return None,
            (_, "---") => return Some((lines, Span::new(offset, source.len()))),
            _ => lines.push((index + 1, bare)),
        }
    }
    None
}

/// Claims separated by commas outside brackets.
fn split_asks(text: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut found = vec![String::new()];
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(character);
        }
    }
    found.into_iter().map(|ask| ask.trim().to_owned()).filter(|ask| !ask.is_empty()).collect()
}

/// `value per "words"` as value and words.
fn split_quote(value: &str) -> Result<(String, Option<String>), String> {
    let Some(position) = value.rfind(" per \"") else { return Ok((value.to_owned(), None)) };
    let quote = &value[position + " per \"".len()..];
    let quote = quote.strip_suffix('"').ok_or_else(|| "the quotation after `per` has no closing `\"`".to_owned())?;
    Ok((value[..position].trim().to_owned(), Some(quote.replace("\"\"", "\""))))
}

/// Where `words` stand in `text`, any run of white space matching any other.
fn find_words(text: &str, words: &str) -> Option<Span> {
    let wanted: Vec<&str> = words.split_whitespace().collect();
    let first = wanted.first()?;
    text.match_indices(first).find_map(|(start, _)| {
        let mut position = start;
        for (index, word) in wanted.iter().enumerate() {
            if index > 0 {
                let rest = &text[position..];
                let trimmed = rest.trim_start();
                if trimmed.len() == rest.len() {
                    return None;
                }
                position += rest.len() - trimmed.len();
            }
            position += text[position..].strip_prefix(word).map(|_| word.len())?;
        }
        Some(Span::new(start, position))
    })
}

/// The candidate that shares most letters in order with `name`, where it is close.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let closeness = |candidate: &str| similar::TextDiff::from_chars(name, candidate).ratio();
    let best = candidates.map(|candidate| (closeness(candidate), candidate)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.7).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matter_is_read_line_by_line() {
        let source = "---\nmatter: An outage\nas_of: 2021-05-10\nasks: Late(i), Cap(a, b)\ni: Incident\ni.at: 2021-03-01 per \"on 1\nMarch\"\n---\nIt stopped on 1 March.\n";
        let source = source.replace("on 1\nMarch\"", "on 1 March\"");
        let matter = Matter::parse("m.md", &source).expect("well-formed");
        assert_eq!(matter.title, "An outage");
        assert_eq!(matter.asks.iter().map(|ask| ask.0.as_str()).collect::<Vec<_>>(), ["Late(i)", "Cap(a, b)"]);
        assert_eq!(matter.entries[1].quote.as_deref(), Some("on 1 March"));
        assert_eq!(matter.narrative_text(), "It stopped on 1 March.\n");
    }

    #[test]
    fn mistakes_name_their_line() {
        let message = |source: &str| Matter::parse("m.md", source).expect_err("malformed").to_string();
        assert!(message("no front matter").starts_with("m.md:1:"));
        assert!(message("---\nas_of: soon\n---\n").starts_with("m.md:2: `soon` is not a date"));
        assert!(message("---\njust words\n---\n").starts_with("m.md:2:"));
        assert!(message("---\ni.at: 1 per \"open\n---\n").contains("closing"));
    }

    #[test]
    fn facts_in_force_are_those_of_the_day() {
        let source = "---\nacme: Firm\nann: Firm\nben: Firm\nacme.manager: ann in force .. 2019-06-30\n\
                      acme.manager: ben in force 2019-07-01 .. per \"Ben took over\"\n---\nBen took over in July.\n";
        let matter = Matter::parse("m.md", source).expect("well-formed");
        let manager = grounds_core::FactDeclaration {
            predicate: "Firm.manager".to_owned(),
            parameters: vec!["Firm".to_owned()],
            value: Type::Entity("Firm".to_owned()),
            mode: grounds_core::FactMode::Closed,
            judgement: false,
            ask: String::new(),
            cites: Vec::new(),
        };
        let program = Program { entities: vec!["Firm".to_owned()], facts: vec![manager], ..Program::default() };
        for (day, name) in [("2019-06-30", "ann"), ("2019-07-01", "ben")] {
            let case = matter.case(&program, day.parse().expect("a date")).expect("a case");
            let managers: Vec<String> = case.facts.iter().map(|fact| fact.value.to_string()).collect();
            assert_eq!(managers, [name], "{day}");
        }
    }

    #[test]
    fn words_are_found_over_line_breaks() {
        assert_eq!(find_words("a late\nreport came", "late report"), Some(Span::new(2, 13)));
        assert_eq!(find_words("a latereport", "late report"), None);
    }
}
