//! Which language a text is in, where nothing says: told by its script, or by the words that hold sentences together.

/// So many words tell.
const WORD_COUNT_MAX: usize = 2_000;
/// Fewer than so many do not.
const WORD_COUNT_MIN: usize = 20;
/// Of a text's words at least one in so many holds sentences together.
const SHARE: usize = 8;

/// Languages with the words that hold their sentences together, sorted; words that are frequent in
/// several of these languages are left out.
const FUNCTION_WORDS: [(&str, &[&str]); 6] = [
    (
        "de",
        &[
            "auf", "das", "dem", "den", "der", "des", "die", "ein", "eine", "für", "im", "ist", "mit", "nicht", "oder",
            "und", "von", "werden", "wird", "zu", "zur",
        ],
    ),
    (
        "en",
        &[
            "and", "any", "are", "as", "be", "by", "for", "from", "has", "is", "not", "of", "or", "that", "the",
            "this", "to", "was", "which", "with",
        ],
    ),
    ("es", &["como", "el", "es", "las", "los", "no", "para", "por", "que", "se", "su", "y"]),
    (
        "fr",
        &[
            "au", "aux", "dans", "des", "du", "est", "et", "le", "les", "ne", "ou", "par", "pas", "pour", "qui", "sur",
            "une",
        ],
    ),
    (
        "id",
        &[
            "adalah",
            "atas",
            "atau",
            "dalam",
            "dan",
            "dapat",
            "dari",
            "dengan",
            "ini",
            "itu",
            "oleh",
            "pada",
            "sebagai",
            "sebagaimana",
            "setiap",
            "tentang",
            "tidak",
            "untuk",
            "yang",
        ],
    ),
    ("it", &["che", "dei", "della", "delle", "di", "e", "essere", "gli", "il", "nel", "non", "per", "si", "sono"]),
];

/// The language (BCP 47) of `text`; "und" where it cannot be told from its beginning.
pub(crate) fn language_of(text: &str) -> &'static str {
    let words = text.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    let mut counts = [0_usize; FUNCTION_WORDS.len()];
    let (mut word_count, mut letters, mut han, mut kana) = (0, 0_usize, 0_usize, 0_usize);
    for word in words.take(WORD_COUNT_MAX) {
        word_count += 1;
        for character in word.chars() {
            letters += 1;
            han += usize::from(matches!(character, '\u{3400}'..='\u{9fff}'));
            kana += usize::from(matches!(character, '\u{3040}'..='\u{30ff}'));
        }
        let word = word.to_lowercase();
        for (count, (_, known)) in counts.iter_mut().zip(FUNCTION_WORDS) {
            *count += usize::from(known.binary_search(&word.as_str()).is_ok());
        }
    }
    if kana * 10 > letters {
        return "ja";
    }
    if han * 2 > letters {
        return "zh";
    }
    let (at, most) = counts.into_iter().enumerate().max_by_key(|(_, count)| *count).unwrap_or_default();
    let next = counts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, count)| *count).max();
    let is_sure = word_count >= WORD_COUNT_MIN && most * SHARE >= word_count && most >= 2 * next.unwrap_or_default();
    if is_sure { FUNCTION_WORDS[at].0 } else { "und" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_words_are_sorted_for_the_binary_search() {
        assert!(FUNCTION_WORDS.iter().all(|(_, words)| words.is_sorted()));
    }

    #[test]
    fn a_paragraph_tells_its_language() {
        for (text, language) in [
            (
                "The controller shall without undue delay inform the authority of any breach that is likely to result in a risk to the rights of persons.",
                "en",
            ),
            (
                "Der Verantwortliche meldet der Behörde unverzüglich jede Verletzung, die zu einem Risiko für die Rechte von Personen führt, und das ist mit Gründen zu versehen.",
                "de",
            ),
            (
                "Le responsable du traitement notifie sans retard à l'autorité toute violation qui est susceptible de porter atteinte aux droits des personnes dans les États.",
                "fr",
            ),
            (
                "El responsable comunicará sin demora a la autoridad toda violación de la seguridad que pueda afectar a los derechos de las personas y de los menores.",
                "es",
            ),
            (
                "Il titolare comunica senza ritardo all'autorità ogni violazione della sicurezza che può mettere a rischio i diritti delle persone e dei minori per legge.",
                "it",
            ),
            (
                "Setiap pengendali wajib memberitahukan kepada lembaga tanpa penundaan yang tidak wajar setiap pelanggaran yang dapat menimbulkan risiko dalam hal hak dan kebebasan orang.",
                "id",
            ),
            ("处理者应当立即通知主管机关，不得迟延，并且应当说明理由。", "zh"),
            ("管理者は遅滞なく当局に通知しなければならない。", "ja"),
            ("Ο υπεύθυνος ενημερώνει την αρχή χωρίς καθυστέρηση.", "und"),
            ("Annex I 1 2 3 4 5", "und"),
            ("", "und"),
        ] {
            assert_eq!(language_of(text), language, "{text}");
        }
    }
}
