//! Terms that a document defines, where it defines them.

use grounds_core::{Unit, UnitKind};

use crate::view::Text;

/// Words between a quoted term and its definition, by language.
const MEANS: &[&str] = &["means", "mean", "shall mean", "refers to", "bezeichnet", "désigne", "adalah"];

/// Quotation marks around a defined term.
const MARKS: &[char] = &['"', '\'', '‘', '’', '“', '”', '„', '«', '»'];

/// A defined term and the unit that defines it.
#[derive(Clone, Debug)]
pub(crate) struct Definition<'a> {
    pub(crate) term: String,
    pub(crate) unit: &'a Unit,
}

/// The terms that `text` defines: units whose own words begin `"term" means`.
pub(crate) fn definitions(text: &Text) -> Vec<Definition<'_>> {
    let could_define = |unit: &&Unit| {
        matches!(
            unit.kind,
            UnitKind::Point | UnitKind::Subpoint | UnitKind::Paragraph | UnitKind::Article | UnitKind::Subparagraph
        )
    };
    let defined = text.tree.units().iter().filter(could_define).filter_map(|unit| {
        let body = unit.body.of(&text.version.text)?;
        Some(Definition { term: defined_term(body)?, unit })
    });
    defined.collect()
}

/// The term in `"term" means …`, in lower case.
fn defined_term(body: &str) -> Option<String> {
    let inside = body.trim_start().strip_prefix(MARKS)?;
    let end = inside.find(MARKS)?;
    let (term, rest) = inside.split_at(end);
    let rest = rest.trim_start_matches(MARKS).trim_start();
    let defines = MEANS.iter().any(|means| rest.starts_with(means));
    (defines && !term.is_empty() && term.len() < 80).then(|| term.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_begins_with_its_term() {
        assert_eq!(defined_term("“Client money” means cash held").as_deref(), Some("client money"));
        assert_eq!(defined_term("‘processor’ means a person").as_deref(), Some("processor"));
        assert_eq!(defined_term("A firm means to notify"), None);
        assert_eq!(defined_term("\"firm\" is not defined"), None);
    }
}
