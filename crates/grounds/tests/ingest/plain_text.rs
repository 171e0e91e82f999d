//! Plain text in any encoding.

use grounds::ingest::{Overrides, SourceFile, parse};
use grounds_core::SourceKind;

use super::support::{assert_sound, of_kind, outline, read, read_with, text_of};

const DECISION: &str = include_str!("samples/decision.txt");

#[test]
fn plausible_numbers_make_paragraphs() {
    let parsed = read_with("decision.txt", DECISION, &of_kind(SourceKind::Precedent));
    assert_eq!(outline(&parsed), "(root)\n  preamble\n  para. 1\n  para. 2\n  para. 3");
    assert_eq!(text_of(&parsed, "para. 3"), "3. He is fined EUR 200.");
    assert!(text_of(&parsed, "para. 2").ends_with("1 A garden within the city.\n."), "nothing is cut away");
    assert_eq!(parsed.text, DECISION, "positions in the file are positions in the text");
    assert_eq!(parsed.document.title, "decision");
}

#[test]
fn line_ends_become_one_kind() {
    let parsed = read("a.txt", "one\r\ntwo\rthree\n");
    assert_eq!(parsed.text, "one\ntwo\nthree\n");
    assert_eq!((parsed.report.used, parsed.report.structural), (14, 1));
}

#[test]
fn any_encoding_is_read() {
    let text = "Der Imker zählt die Bienenstöcke und läßt größte Sorgfalt walten.";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_mark: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain(text.bytes()).collect();
    for bytes in [&latin[..], &utf16, &with_mark, text.as_bytes()] {
        let parsed = parse(&SourceFile { name: "a.txt", bytes }, &Overrides::default()).expect("text");
        assert_sound(&parsed);
        assert_eq!(parsed.text, text, "{}", parsed.report.encoding);
    }
}

#[test]
fn sections_of_a_decimal_numbering_are_paragraphs() {
    let parsed =
        read("a.txt", "Contents 1.1 ..... 3\n1.1 First.\n1.2 Second.\n2.1 Third, on\n3.4 hectares.\n2.2 Fourth.\n");
    assert_eq!(outline(&parsed), "(root)\n  preamble\n  para. 1.1\n  para. 1.2\n  para. 2.1\n  para. 2.2");
}
