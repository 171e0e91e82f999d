//! The rule file that comes out.

mod names;
mod values;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use grounds_core::{Document, Link, Pinpoint, Unit, UnitId, Validity};
use grounds_reason::ItemSource;
use jiff::civil::Date;

use super::block::Block;
use super::grammar::Grammar;
use super::phrase::{find, shortened};
use super::sentence::{Clause, Mood, Sentence};
use crate::view::{Text, View};
use names::{Names, type_name, written};

/// Longer quotations are cut between words.
const QUOTE_BYTES_MAX: usize = 200;

/// A rule file in the making.
pub(super) struct Skeleton<'a> {
    view: &'a View,
    document: &'a Document,
    text: &'a Rc<Text>,
    unit: &'a Unit,
    links: &'a [Link],
    names: Names,
    source: String,
    /// The file that declares the source already.
    source_file: Option<&'a str>,
    entity: String,
    /// The first rule of each unit, for exceptions to it.
    rule_of: BTreeMap<UnitId, Vec<Drafted>>,
    facts: Vec<String>,
    items: Vec<String>,
    /// The first claim, for the test.
    first_claim: Option<String>,
    calendar: Option<String>,
}

/// A rule that others may be exceptions to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Drafted {
    id: String,
    claim: String,
    /// Whether it denies its claim.
    denies: bool,
}

/// Words of the text with the unit they are quoted from.
#[derive(Clone)]
struct Quote {
    pinpoint: String,
    words: String,
}

impl<'a> Skeleton<'a> {
    pub(super) fn new(
        view: &'a View,
        document: &'a Document,
        text: &'a Rc<Text>,
        unit: &'a Unit,
        links: &'a [Link],
        beside: &'a [ItemSource],
        grammar: &Grammar,
    ) -> Self {
        let mut names = Names::new(beside.iter().map(|item| item.name.clone()).collect(), grammar.small);
        let declared = beside.iter().find(|item| is_source_of(view, item, document));
        let source = declared.map_or_else(|| names.fresh(&written(document.label(), false)), |item| item.name.clone());
        let entity = names.fresh(&format!("{}Case", type_name(&text.tree.provision(unit).pinpoint)));
        Self {
            view,
            document,
            text,
            unit,
            links,
            names,
            source,
            source_file: declared.map(|item| item.file.as_str()),
            entity,
            rule_of: BTreeMap::new(),
            facts: Vec::new(),
            items: Vec::new(),
            first_claim: None,
            calendar: None,
        }
    }

    /// Adds the rules for a unit's words.
    pub(super) fn block(&mut self, block: &Block<'_>, grammar: &Grammar) {
        let count = block.sentences.len();
        for (position, range) in block.sentences.iter().enumerate() {
            let number = if count > 1 { Some(position + 1) } else { None };
            let points = if position + 1 == count { block.points.as_slice() } else { &[] };
            self.sentence(block.unit, range, number, points, grammar);
        }
        if count == 0 {
            for (point, range) in &block.points {
                self.sentence(point, range, None, &[], grammar);
            }
        }
    }

    fn words(&self, range: &Range<usize>) -> &'a str {
        self.text.version.text.get(range.clone()).unwrap_or_default()
    }

    fn sentence(
        &mut self,
        unit: &Unit,
        range: &Range<usize>,
        number: Option<usize>,
        points: &[(&Unit, Range<usize>)],
        grammar: &Grammar,
    ) {
        let sentence = Sentence::read(self.words(range), grammar);
        let stem = self.stem(unit, number);
        self.items.push(self.comment(unit, range));
        let mut conditions = Vec::new();
        for clause in &sentence.conditions {
            conditions.push(self.clause(unit, &sentence, clause));
        }
        let listed: Vec<String> = points
            .iter()
            .map(|(point, range)| {
                let words = self.words(range);
                self.judgement(point, words, words)
            })
            .collect();
        let is_alternative = points.len() < 2 || self.are_alternatives(range, points, grammar);
        if listed.len() == 1 || listed.len() > 1 && is_alternative {
            conditions.push(if listed.len() == 1 { listed.concat() } else { format!("({})", listed.join(" or ")) });
        } else {
            conditions.extend(listed);
        }
        let targets = self.targets(unit, range);
        match (&sentence.exclusion, sentence.mood) {
            (Some(_), Mood::Excludes) if !targets.is_empty() => {
                self.exclude(unit, &sentence, &stem, &targets, conditions);
            }
            _ => self.assert(unit, &sentence, &stem, conditions),
        }
        self.values(unit, &sentence, &stem);
        for (point, range) in points {
            let read = Sentence::read(self.words(range), grammar);
            let stem = self.stem(point, None);
            self.values(point, &read, &stem);
        }
    }

    /// A claim for a sentence, its rule, and the exceptions inside it.
    fn assert(&mut self, unit: &Unit, sentence: &Sentence<'_>, stem: &str, mut conditions: Vec<String>) {
        let claim = self.names.fresh(&type_name(stem));
        let id = self.names.fresh(&written(stem, true));
        let pinpoint = format!("{} {}", self.document.label(), unit.pinpoint);
        let says = match sentence.mood {
            Mood::Obliges => "obliges",
            Mood::Forbids => "forbids",
            Mood::Allows => "allows",
            Mood::Excludes => "excludes",
            Mood::States => "says",
        };
        if conditions.is_empty() {
            conditions.push(self.judgement(unit, sentence.text, sentence.text));
        }
        let main = plain(shortened(sentence.text, QUOTE_BYTES_MAX));
        let entity = self.entity.clone();
        self.items.push(format!(
            "claim {claim}({entity})\n  say \"{pinpoint} {says} in {{{entity}}}: {main}\"\n  say not \"{pinpoint} does not apply to {{{entity}}}\""
        ));
        let cites = self.cites(&self.quote(unit, sentence.text));
        self.items.push(format!(
            "rule {id}\n  {cites}{}\n  {claim}(c)\n    when {}",
            self.in_force(),
            conditions.join("\n      and ")
        ));
        for clause in &sentence.exceptions {
            let condition = self.clause(unit, sentence, clause);
            let exception = self.names.fresh(&format!("{id}-unless"));
            let cites = self.cites(&self.quote(unit, &sentence.text[clause.range.clone()]));
            self.items.push(format!(
                "exception {exception} to {id}\n  {cites}{}\n  when {condition}\n  then not {claim}(c)",
                self.in_force()
            ));
        }
        self.first_claim.get_or_insert_with(|| claim.clone());
        self.rule_of.entry(unit.id.clone()).or_insert_with(|| vec![Drafted { id, claim, denies: false }]);
    }

    /// A sentence that says that rules above it do not apply: an exception to each. What takes an exception away gives the claim back.
    fn exclude(
        &mut self,
        unit: &Unit,
        sentence: &Sentence<'_>,
        stem: &str,
        targets: &[Drafted],
        mut conditions: Vec<String>,
    ) {
        if conditions.is_empty() {
            conditions.push(self.judgement(unit, sentence.text, sentence.text));
        }
        for clause in &sentence.exceptions {
            conditions.push(format!("not {}", self.clause(unit, sentence, clause)));
        }
        let cites = self.cites(&self.quote(unit, sentence.text));
        let mut drafted = Vec::new();
        for Drafted { id, claim, denies } in targets {
            let exception = self.names.fresh(&format!("{}-not-{id}", written(stem, true)));
            let then = if *denies { "" } else { "not " };
            self.items.push(format!(
                "exception {exception} to {id}\n  {cites}{}\n  when {}\n  then {then}{claim}(c)",
                self.in_force(),
                conditions.join("\n    and ")
            ));
            drafted.push(Drafted { id: exception, claim: claim.clone(), denies: !denies });
        }
        self.rule_of.entry(unit.id.clone()).or_insert(drafted);
    }

    /// The judgement of a clause, asked without the words that announce it.
    fn clause(&mut self, unit: &Unit, sentence: &Sentence<'_>, clause: &Clause) -> String {
        let inner = &sentence.text[clause.inner..clause.range.end];
        self.judgement(unit, &sentence.text[clause.range.clone()], inner)
    }

    /// A judgement that renders these words, and asks for `inner`; it comes back as a term of the rule language.
    fn judgement(&mut self, unit: &Unit, words: &str, inner: &str) -> String {
        let quote = self.quote(unit, words);
        let attribute = self.names.attribute(inner);
        let entity = &self.entity;
        let fact = format!(
            "judgement {entity}.{attribute} : bool open\n  {}\n  ask \"Is it so in {{{entity}}}: {}?\"",
            self.cites(&quote),
            question(inner)
        );
        self.facts.push(fact);
        format!("c.{attribute}")
    }

    /// The rules drafted so far for what a sentence refers to in this provision.
    fn targets(&self, unit: &Unit, range: &Range<usize>) -> Vec<Drafted> {
        let mut found = Vec::new();
        for link in self.links_in(range).filter(|link| link.to_document == self.document.id && link.to_unit != unit.id)
        {
            let inside = |id: &UnitId| *id == link.to_unit || id.0.starts_with(&format!("{}__", link.to_unit));
            found.extend(self.rule_of.iter().filter(|(id, _)| inside(id)).flat_map(|(_, rules)| rules.clone()));
        }
        found.sort();
        found.dedup();
        found
    }

    fn links_in(&self, range: &Range<usize>) -> impl Iterator<Item = &'a Link> {
        let range = range.clone();
        self.links.iter().filter(move |link| range.contains(&(link.span.start as usize)))
    }

    /// Which unit it is, and what it refers to.
    fn comment(&self, unit: &Unit, range: &Range<usize>) -> String {
        let mut named: Vec<String> = Vec::new();
        for link in self.links_in(range) {
            let label = self.view.document(&link.to_document).map_or("", |document| document.label());
            let target = self.view.text_in_force(&link.to_document, self.text.validity.from);
            let target = target.ok().flatten().and_then(|text| text.tree.get(&link.to_unit).cloned());
            let pinpoint = target.map_or_else(|| link.to_unit.0.clone(), |unit| unit.pinpoint);
            named.push(format!("{label} {pinpoint}").trim().to_owned());
        }
        named.dedup();
        let refers = if named.is_empty() { String::new() } else { format!(" Refers to {}.", named.join(", ")) };
        format!("-- {}.{refers}", unit.pinpoint)
    }

    /// Whether the points of a list are alternatives: the last but one ends in "or".
    fn are_alternatives(&self, range: &Range<usize>, points: &[(&Unit, Range<usize>)], grammar: &Grammar) -> bool {
        let between =
            points.windows(2).last().map(|pair| self.words(&(pair[0].1.start..pair[1].0.span.start as usize)));
        let ends_in_or = between.is_some_and(|words| {
            let words = words.trim_end_matches(|c: char| !c.is_alphabetic());
            let last = words.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            grammar.or.iter().any(|word| last.eq_ignore_ascii_case(word))
        });
        ends_in_or || find(self.words(range), 0, grammar.one_of).is_some()
    }

    /// "art33-1" for art. 33(1), "art33-1-s2" for its second sentence.
    fn stem(&self, unit: &Unit, number: Option<usize>) -> String {
        let sentence = number.filter(|number| *number > 1).map_or(String::new(), |number| format!(" s{number}"));
        format!("{}{sentence}", unit.pinpoint)
    }

    /// Words of a unit as a quotation: as they stand there, shortened.
    fn quote(&self, unit: &Unit, words: &str) -> Quote {
        Quote { pinpoint: self.pinpoint(unit), words: shortened(words, QUOTE_BYTES_MAX).to_owned() }
    }

    /// The unit's citation, or that of the nearest unit around it that a citation leads to.
    fn pinpoint(&self, unit: &Unit) -> String {
        let leads_back = |unit: &&Unit| {
            let found = Pinpoint::parse(&unit.pinpoint).ok().and_then(|pinpoint| self.text.tree.find(&pinpoint));
            found.is_some_and(|found| found.id == unit.id)
        };
        let unit = self.text.tree.ancestry(unit).find(leads_back);
        unit.map_or_else(|| self.unit.pinpoint.clone(), |unit| unit.pinpoint.clone())
    }

    fn cites(&self, quote: &Quote) -> String {
        let words: Vec<&str> = quote.words.split_whitespace().collect();
        let pinpoint = quote.pinpoint.replace("art. ", "art ");
        format!("cites {} {pinpoint} \"{}\"", self.source, words.join(" ").replace('"', "\"\""))
    }

    /// The days on which the text is in force, which are those of its rules.
    fn in_force(&self) -> String {
        let Validity { from, to } = self.text.validity;
        let last = to.and_then(|to| to.yesterday().ok()).map_or(String::new(), |last| last.to_string());
        match (from == Date::MIN, last.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("\n  in force .. {last}"),
            (false, _) => format!("\n  in force {from} .. {last}"),
        }
    }

    /// The whole file.
    pub(super) fn file(self, as_of: Date) -> String {
        let Self { document, text, unit, source, source_file, entity, facts, items, .. } = &self;
        let mut out = format!(
            "-- A draft of {} {}, from its text in force on {as_of} ({}). Each rule quotes the words it stems from. To be decided by its\n\
             -- author: what the entities are, which judgements are facts of their own, how the parts depend on each other.\n\n",
            document.label(),
            unit.pinpoint,
            text.version.id
        );
        match source_file {
            Some(file) => out.push_str(&format!("-- `{source}` is declared in {file}.\n\n")),
            None => out.push_str(&format!("source {source} = \"{}\"\n\n", document.id)),
        }
        out.push_str(&format!("-- What the provision is about: rename it.\nentity {entity}\n\n"));
        out.push_str(&facts.join("\n"));
        out.push_str("\n\n");
        for item in items {
            out.push_str(item);
            // A comment stands right above its claim.
            out.push_str(if item.starts_with("--") { "\n" } else { "\n\n" });
        }
        if let Some(claim) = &self.first_claim {
            out.push_str(&format!(
                "test \"nothing is known yet of {}\" as of {as_of}\n  c : {entity}\n  expect {claim}(c) undetermined\n",
                plain(&unit.pinpoint)
            ));
        }
        out
    }
}

/// Words as they can stand in a sentence of the rule language: on one line, without braces, with doubled quotation marks.
fn plain(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").replace('{', "(").replace('}', ")").replace('"', "\"\"")
}

/// Words as a question asks for them, without the mark at their end.
fn question(words: &str) -> String {
    plain(shortened(words, QUOTE_BYTES_MAX).trim_matches(|c: char| c.is_whitespace() || ",.;:".contains(c)))
}

/// Whether an item declares a name for the document.
fn is_source_of(view: &View, item: &ItemSource, document: &Document) -> bool {
    let declares = item.text.lines().any(|line| line.starts_with("source "));
    let named = item.text.split('"').nth(1).and_then(|name| view.document_called(name));
    declares && named.is_some_and(|named| named.id == document.id)
}
