//! Words for names.

use super::nouns::{article, generic, words};

#[test]
fn names_become_words() {
    for (name, expected) in [
        ("Breach", "breach"),
        ("TaxYear", "tax year"),
        ("notified_at", "notified at"),
        ("NotifyBy", "notify by"),
        ("EUWide", "eu wide"),
        ("Überschuss", "überschuss"),
        ("", ""),
    ] {
        assert_eq!(words(name), expected);
    }
    assert_eq!([article("infringement"), article("breach")], ["an infringement", "a breach"]);
    let firms = ["Firm".to_owned(), "Year".to_owned(), "Firm".to_owned()];
    assert_eq!(generic(&firms), ["the first firm", "the year", "the second firm"]);
}
