//! The reading view and the coverage of the corpus: every article, against what the pins say.

use std::collections::BTreeSet;
use std::rc::Rc;

use grounds::rules::{RuleFile, item_sources};
use grounds::{Encoding, coverage, read, reading_html};
use grounds_core::{DocumentId, UnitId, UnitKind};
use jiff::civil::date;

use crate::corpus;

#[test]
fn every_article_has_its_rules_beside_it_and_every_quotation_is_marked() {
    let grounds = corpus::shared();
    let view = grounds.view(None).expect("readable");
    let files = corpus::rule_files();
    let compiled = grounds.compile_with(&view, &files).expect("compiled");
    let files: Vec<RuleFile<'_>> = files.iter().map(|(name, source)| RuleFile { name, source }).collect();
    let sources = item_sources(&files);
    let encoding = Encoding::new(&compiled, &sources);
    let as_of = date(2024, 1, 1);
    let whole = coverage(&view, &compiled, &[], as_of).expect("readable");
    let is_encoded = |document: &DocumentId, unit: &UnitId| {
        let document = whole.documents.iter().find(|other| other.document == *document).expect("it is listed");
        // A repealed article is not listed.
        document.provisions.iter().any(|provision| provision.unit == *unit && !provision.rules.is_empty())
    };

    for name in ["securities-code", "working-days-order"] {
        let document = view.document(&DocumentId(name.to_owned())).expect("it is there").clone();
        let text = view.text_in_force(&document.id, as_of).expect("readable").expect("in force");
        for unit in text.tree.units().iter().filter(|unit| unit.kind == UnitKind::Article) {
            let place = (document.clone(), Rc::clone(&text), unit.clone());
            let page = read(&view, &encoding, &[place], as_of);
            assert_eq!(
                is_encoded(&document.id, &unit.id),
                !page.claims.is_empty() || !page.declarations.is_empty(),
                "{}",
                unit.pinpoint
            );

            let provision = &page.provisions[0];
            assert_eq!(provision.text, text.words(unit));
            let rules: Vec<_> = page.claims.iter().flat_map(|claim| &claim.rules).collect();
            let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.rule.as_str()).collect();
            assert_eq!(ids.len(), rules.len(), "a rule stands on the page once");
            let in_force = compiled.program.rules.iter().filter(|rule| rule.in_force.contains(as_of));
            let pinned = |id: &str| {
                let own = compiled.pins.iter().map(|(_, pin)| pin).filter(|pin| pin.rule == id);
                own.into_iter().any(|pin| pin.version == text.version.id && unit.span.contains(pin.span))
            };
            let expected: BTreeSet<&str> = in_force.map(|rule| rule.id.as_str()).filter(|id| pinned(id)).collect();
            assert_eq!(ids, expected, "{}", unit.pinpoint);

            for cited in rules.iter().flat_map(|rule| &rule.cites) {
                let Some(letter) = &cited.letter else { continue };
                let mark =
                    provision.marks.iter().find(|mark| mark.letter == *letter).expect("the letter is in the text");
                let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(squeezed(&provision.text[mark.start..mark.end]), squeezed(&cited.quote));
            }
            check_html(&reading_html(&page), &ids);
        }
    }
}

/// Tags are closed in the order in which they were opened, and every rule is there.
fn check_html(html: &str, rules: &BTreeSet<&str>) {
    const EMPTY: [&str; 2] = ["meta", "!doctype"];
    let body = &html[html.find("</style>").expect("a style")..];
    for rule in rules {
        assert!(body.contains(&format!("<code>{rule}</code>")), "{rule}");
    }
    let mut open: Vec<&str> = vec!["html", "head", "style"];
    for piece in body.split('<').skip(1) {
        let tag = piece.split(['>', ' ']).next().unwrap_or_default();
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{piece}"),
            None if EMPTY.contains(&tag) => {}
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_rule_of_the_corpus_is_counted_as_exercised_or_not() {
    let grounds = corpus::shared();
    let view = grounds.view(None).expect("readable");
    let compiled = grounds.rules(&view).expect("compiled");
    let found = coverage(&view, &compiled, &[DocumentId("working-days-order".to_owned())], date(2020, 1, 1));
    let found = found.expect("readable");
    assert_eq!(found.rule_count, compiled.program.rules.len());
    assert!(found.unexercised.len() * 10 < found.rule_count, "{:?}", found.unexercised);
    assert!(found.unexercised.iter().all(|rule| rule.line > 0 && !rule.pinpoint.is_empty()));
    let order = &found.documents[0];
    assert_eq!((found.documents.len(), order.label.as_str()), (1, "WDO"));
    assert_eq!(order.encoded_per_mille, order.encoded_count * 1000 / order.provision_count);
    // The calendar encodes the weekend; facts that quote an article do not encode it.
    assert!(order.provisions[0].rules.contains(&"varenia".to_owned()), "{:?}", order.provisions[0]);
    let early = coverage(&view, &compiled, &[DocumentId("working-days-order".to_owned())], date(1990, 1, 1));
    assert!(early.is_err(), "no version was in force then");
}
