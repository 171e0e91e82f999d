//! What each Formex element is, as a table (Formex 4 and 5, formex.publications.europa.eu).

use super::dom::Tree;

/// What an element does to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// About the file, not part of the text.
    Bibliographic,
    /// The title of the act.
    Title,
    Preamble,
    Recital,
    /// Part, title, chapter or section, with a title of its own.
    Division,
    Article,
    Annex,
    Final,
    /// A numbered paragraph.
    Paragraph,
    /// An unnumbered one.
    Alinea,
    Item,
    /// A number and the text it numbers.
    Numbered,
    /// The number in front of it.
    Label,
    Note,
    /// Text cited from elsewhere, whose units are not units of this document.
    Quoted,
    Correction,
    /// A row of a table.
    Row,
    /// A block of text.
    Block,
    /// Part of a line.
    Inline,
    /// Only holds others together.
    Transparent,
}

const ROLES: &[(&str, Role)] = &[
    ("BIB.INSTANCE", Role::Bibliographic),
    ("BIB.INSTANCE.CONS", Role::Bibliographic),
    ("BIB.DATA", Role::Bibliographic),
    ("BIB.OJ", Role::Bibliographic),
    ("FAM.COMP", Role::Bibliographic),
    ("INFO.CONSLEG", Role::Bibliographic),
    ("INFO.PROD", Role::Bibliographic),
    ("FMX", Role::Transparent),
    ("TITLE", Role::Title),
    ("PREAMBLE", Role::Preamble),
    ("CONSID", Role::Recital),
    ("DIVISION", Role::Division),
    ("GR.SEQ", Role::Division),
    ("ARTICLE", Role::Article),
    ("ANNEX", Role::Annex),
    ("CONS.ANNEX", Role::Annex),
    ("FINAL", Role::Final),
    ("PARAG", Role::Paragraph),
    ("ALINEA", Role::Alinea),
    ("LIST", Role::Transparent),
    ("ITEM", Role::Item),
    ("NP", Role::Numbered),
    ("NP.ECR", Role::Numbered),
    ("NO.P", Role::Label),
    ("NO.PARAG", Role::Label),
    ("NOTE", Role::Note),
    ("QUOT.S", Role::Quoted),
    ("CORRECTION", Role::Correction),
    ("ROW", Role::Row),
    ("P", Role::Block),
    ("TXT", Role::Block),
    ("VISA", Role::Block),
    ("TI", Role::Block),
    ("STI", Role::Block),
    ("TI.ART", Role::Block),
    ("STI.ART", Role::Block),
    ("PREAMBLE.INIT", Role::Block),
    ("PREAMBLE.FINAL", Role::Block),
    ("GR.CONSID.INIT", Role::Block),
    ("DESCRIPTION", Role::Block),
    ("ENACTING.TERMS", Role::Transparent),
    ("ENACTING.TERMS.CJT", Role::Transparent),
    ("GR.VISA", Role::Transparent),
    ("GR.CONSID", Role::Transparent),
    ("CONS.DOC", Role::Transparent),
    ("CONTENTS", Role::Transparent),
    ("CONTENTS.CORR", Role::Transparent),
    ("OLD.CORR", Role::Transparent),
    ("NEW.CORR", Role::Transparent),
    ("SIGNATURE", Role::Transparent),
    ("SIGNATORY", Role::Transparent),
    ("PL.DATE", Role::Transparent),
    ("TBL", Role::Transparent),
    ("CORPUS", Role::Transparent),
];

/// The role of an element. Those not in the table are part of a line, unless they hold something that is not.
pub(crate) fn role(tree: &Tree<'_>, index: usize) -> Role {
    let name = tree.name(index);
    if let Some((_, role)) = ROLES.iter().find(|(known, _)| *known == name) {
        return *role;
    }
    let holds_blocks = tree.children(index).iter().any(|child| {
        let name = tree.name(*child);
        name != "NOTE" && ROLES.iter().any(|(known, _)| *known == name)
    });
    if holds_blocks || index == 0 { Role::Transparent } else { Role::Inline }
}

/// The character of QUOT.START and QUOT.END, which is given by its code point.
pub(crate) fn quotation_mark(tree: &Tree<'_>, index: usize) -> Option<char> {
    matches!(tree.name(index), "QUOT.START" | "QUOT.END").then_some(())?;
    let code = tree.attribute(index, "CODE")?;
    u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
}
