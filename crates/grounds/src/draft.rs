//! Skeletons of rules from the words of a provision, without any model: what a legal engineer begins with.

mod grammar;
mod phrase;
mod figures;
mod sentence;
mod block;
mod skeleton;

use std::rc::Rc;

use grounds_core::{Document, Unit};
use grounds_reason::{ItemSource, RuleFile, format_rules};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::view::{Text, View};

/// Drafts rules that mirror the structure of a provision as in force on `as_of`, as the text of a rule file.
///
/// Each sentence becomes a claim with a rule; conditions become judgements and points of a list too; "unless" and "shall not apply" become exceptions;
/// deadlines, amounts and percentages become claims with values; references are named in comments. Everything quotes the words it stems
/// from. The file compiles against the texts of the view, beside the rule files that `beside` are the items of; it says what to decide, and decides
/// nothing.
///
/// # Errors
/// Those of the store.
pub fn draft(
    view: &View,
    (document, text, unit): &(Document, Rc<Text>, Unit),
    beside: &[ItemSource],
    as_of: Date,
) -> Result<String, GroundsError> {
    let links = view.reader().links_from(&text.version.id)?;
    let links: Vec<grounds_core::Link> = links.into_iter().map(|stored| stored.row).collect();
    let grammar = grammar::for_language(&document.language);
    let blocks = block::blocks(text, unit);
    let mut skeleton = skeleton::Skeleton::new(view, document, text, unit, &links, beside, grammar);
    for one in &blocks {
        skeleton.block(one, grammar);
    }
    let source = skeleton.file(as_of);
    // The skeleton is valid; if it were not, its author would still rather see it.
    Ok(format_rules(&RuleFile { name: "draft.rules", source: &source }).unwrap_or(source))
}
