//! What a collection refuses.

use grounds_models::{Collection, LexicalSettings, ModelsError, PassageTerms};

#[test]
fn passages_come_in_reading_order() {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    let passage = |document, parent| PassageTerms { document, parent, ..PassageTerms::default() };
    assert_eq!(builder.push(&passage(7, None)), Ok(0));
    assert_eq!(builder.push(&passage(7, Some(0))), Ok(1));
    let late = ModelsError::LateParent { passage: 2, parent: 2 };
    assert_eq!(builder.push(&passage(7, Some(2))), Err(late));
    let foreign = ModelsError::LateParent { passage: 2, parent: 1 };
    assert_eq!(builder.push(&passage(8, Some(1))), Err(foreign));
    assert_eq!(builder.push(&passage(8, None)), Ok(2));
    let scattered = ModelsError::ScatteredDocument { passage: 3, document: 7 };
    assert_eq!(builder.push(&passage(7, None)), Err(scattered.clone()));
    assert!(scattered.to_string().contains("passage 3"));
    let collection = builder.finish(1);
    assert_eq!((collection.passage_count(), collection.term_count()), (3, 0));
    assert_eq!(collection.search(&["anything"], 10), []);
}

#[test]
fn terms_are_those_that_the_collection_numbered() {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    let own = builder.terms(&["own", "other", "own"]);
    assert_eq!(own, [0, 1, 0]);
    let unknown = ModelsError::UnknownTerm { passage: 0, term: 2, term_count: 2 };
    for field in 0..4 {
        let mut fields = [&own[..]; 4];
        fields[field] = &[1, 2];
        let [body, headings, title, pinpoint] = fields;
        let passage = PassageTerms { body, headings, title, pinpoint, ..PassageTerms::default() };
        assert_eq!(builder.push(&passage), Err(unknown.clone()));
    }
    assert_eq!(builder.push(&PassageTerms { body: &own, ..PassageTerms::default() }), Ok(0));
    assert_eq!(builder.finish(1).rarity("own").0, 1);
}
