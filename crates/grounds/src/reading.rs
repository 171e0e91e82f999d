//! The reading view: provisions with the rules that encode them beside them, for a lawyer to sign off.

mod gather;
mod html;

use std::collections::BTreeMap;
use std::rc::Rc;

use grounds_core::{ClaimKind, Document, Reading, Snapshot, Unit, Validity};
use grounds_reason::{Compiled, ItemSource, Question, RuleInWords, exercised};
use jiff::civil::Date;
use serde::Serialize;

use crate::view::{Text, View};
pub use gather::days_in_words;
pub use html::reading_html;

/// Provisions as in force on a date, and everything in the rules that cites them.
#[derive(Clone, Debug, Serialize)]
pub struct ReadingPage {
    /// The date whose law is shown.
    pub as_of: Date,
    /// What was known.
    pub snapshot: Snapshot,
    /// The texts, in the order asked.
    pub provisions: Vec<ProvisionRead>,
    /// The claims that rules about these provisions conclude, with these rules, in the program's order.
    pub claims: Vec<ClaimRead>,
    /// Tables, calendars, amendments and preferences that cite them.
    pub declarations: Vec<DeclarationRead>,
    /// The questions that the rules ask, by number.
    pub questions: Vec<QuestionRead>,
    /// Rules that cite these texts but are not in force on the date, with their days.
    pub not_in_force: Vec<String>,
}

/// A provision and the words of it that are quoted.
#[derive(Clone, Debug, Serialize)]
pub struct ProvisionRead {
    /// "GDPR art. 33"
    pub pinpoint: String,
    /// The document's title.
    pub title: String,
    /// The version.
    pub version: String,
    /// When it is in force.
    pub in_force: Validity,
    /// The text of the unit.
    pub text: String,
    /// The quotations in it, by where they begin.
    pub marks: Vec<MarkedWords>,
    /// Its direct parts of which nothing is quoted, such as "art. 33(2)".
    pub not_quoted: Vec<String>,
}

/// Quoted words of a provision.
#[derive(Clone, Debug, Serialize)]
pub struct MarkedWords {
    /// "A" for the first on the page, after "Z" "AA".
    pub letter: String,
    /// The first byte in the provision's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The rules and declarations that quote them.
    pub quoted_by: Vec<String>,
}

/// A claim and the rules on the page that conclude it.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimRead {
    /// Its name.
    pub claim: String,
    /// What it is for.
    pub kind: ClaimKind,
    /// The sentence that states it.
    pub say: String,
    /// The sentence that denies it.
    pub say_not: String,
    /// Rules, each followed by its exceptions, and limits.
    pub rules: Vec<RuleRead>,
}

/// A quotation of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct CitedWords {
    /// "GDPR art. 33(1)"
    pub pinpoint: String,
    /// The words.
    pub quote: String,
    /// The letter by which they are marked; absent where they stand in a text that is not on the page.
    pub letter: Option<String>,
}

/// A rule beside the text.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRead {
    /// Its id.
    pub rule: String,
    /// "rule", "exception to …", "limit".
    pub kind: String,
    /// How many rules on the page it is an exception to, one above the other.
    pub depth: usize,
    /// The days on which it is in force.
    pub in_force: Validity,
    /// What it encodes.
    pub cites: Vec<CitedWords>,
    /// What it says.
    pub words: RuleInWords,
    /// Interpretive choices it makes.
    pub readings: Vec<Reading>,
    /// Its exceptions that cite only other provisions, with these.
    pub exceptions_elsewhere: Vec<String>,
    /// The claims it looks at that no rule on the page concludes, with the provisions of the rules that do.
    pub rests_on: Vec<String>,
    /// How many tests exercise it.
    pub test_count: usize,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its text.
    pub source: String,
}

/// A table, calendar, amendment or preference beside the text.
#[derive(Clone, Debug, Serialize)]
pub struct DeclarationRead {
    /// Its name.
    pub name: String,
    /// Letters of the words it quotes.
    pub letters: Vec<String>,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its text.
    pub source: String,
}

/// A question that a rule on the page asks.
#[derive(Clone, Debug, Serialize)]
pub struct QuestionRead {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// Letters of the words it renders.
    pub letters: Vec<String>,
}

/// Compiled rules with their texts and how often tests exercise them: what pages are made from.
pub struct Encoding<'a> {
    compiled: &'a Compiled,
    sources: &'a [ItemSource],
    test_count_of: BTreeMap<String, usize>,
}

impl<'a> Encoding<'a> {
    /// `compiled` and `sources` are of the same files. Costs one run of the tests.
    pub fn new(compiled: &'a Compiled, sources: &'a [ItemSource]) -> Self {
        Self { compiled, sources, test_count_of: exercised(compiled) }
    }
}

/// Puts the rules beside the provisions they encode.
///
/// Rules that quote a part of a provision count as much as those that quote all of it. Costs one look at each quotation.
pub fn read(view: &View, encoding: &Encoding<'_>, places: &[(Document, Rc<Text>, Unit)], as_of: Date) -> ReadingPage {
    gather::Gatherer::new(encoding, places, as_of).page(view.known_at())
}
