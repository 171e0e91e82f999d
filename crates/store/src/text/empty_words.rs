//! Words that name nothing a question could be about: articles, pronouns, question words, auxiliaries, and words that limit others ("must", "not").
//!
//! These lists are closed and leave out every noun, and verbs that mean something ("explain", "take"): a question of nothing but such words is refused, so
//! a word too many here refuses a question that the law answers.

use frostem::Algorithm;

/// Beside the stop words. Also for texts whose language is not known.
const ENGLISH: &str = "again all also always another anybody anyone anything anywhere because besides both cannot each either else enough even ever every \
    everybody everyone everything everywhere except few hers herself himself instead itself just many may maybe might more most much must myself need \
    neither never no nobody none not nothing now often only ought ours ourselves per perhaps please quite rather really same several shall since somebody \
    someone something sometimes somewhere soon still theirs themselves though through thus together too unless until us usually very whatever whenever \
    wherever whichever while whoever without yes yet yours yourself yourselves";

const GERMAN: &str = "aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes auch auf aus außer bei beim bin bis bist \
    bitte da dabei dafür damit dann daran darauf darf darfst darum darüber das dass davon dazu dein deine deinem deinen deiner deines dem den denn der des \
    dich die diese diesem diesen dieser dieses dir doch dort du durch durfte durften daß dürfen dürft dürfte dürften ein eine einem einen einer eines einige \
    einigen er es etwas euch euer eure eurem euren eurer für ganz gegen habe hast hat hatte hatten hier hätte hätten ich ihm ihn ihnen ihr ihre ihrem \
    ihren ihrer ihres im immer in ist ja jede jedem jeden jeder jedes jemand jemandem jemanden jetzt kann kannst kein keine keinem keinen keiner keines \
    konnte konnten können könnte könnten man manchmal mehr mein meine meinem meinen meiner meines mich mir mit muss musst musste mussten muß müssen müsst \
    müsste müssten nach nein nicht nichts nie niemals niemand nun nur ob oder oft ohne schon sehr sein seine seinem seinen seiner seines seit selbst sich \
    sie sind so solche solchem solchen solcher solches soll sollen sollst sollt sollte sollten sonst tue tun tut um und uns unser unsere unserem unseren \
    unserer unter viel viele vielen vom von vor wann war waren warum was weder wegen weil welche welchem welchen welcher welches wem wen wenig wenige wenn \
    wer werde werden weshalb wessen wie wieder wieso will wir wird wirst wo wodurch wofür woher wohin wollen wollte womit woran worauf worum worüber wovon \
    wozu wurde wurden während würde würden zu zum zur zwischen über";

const FRENCH: &str = "a ai alors après as assez au aucun aucune auquel aussi autre autres aux auxquels avaient avait avant avec avez avoir avons beaucoup \
    car ce ceci cela celle celles celui certaines certains ces cet cette ceux chacun chacune chaque chez combien comme comment contre dans de depuis des \
    devez devons devra devrait devraient devront dois doit doive doivent donc dont du duquel elle elles en encore entre est et eu eux faire fait faudra \
    faudrait faut il ils je jamais la laquelle le lequel les lesquelles lesquels leur leurs lorsque lui là ma mais me mes moi moins mon même mêmes ne ni \
    non nos notre nous nul nulle on ont ou où par parce pas peu peut peuvent peux plus plusieurs pour pourquoi pourrait pouvez pouvons quand que quel \
    quelle quelles quelque quelques quels qui quoi rien sa sans sauf se selon sera serait ses si soi sommes son sont sous suis sur ta te tes toi ton \
    toujours tous tout toute toutes trop très tu un une va vers veut vos votre vous y à ça étaient était été êtes être";

/// Whether `word`, in lower case, is one of those of the language that is stemmed by `algorithm`; of no other language are they known.
pub(crate) fn has(algorithm: Option<Algorithm>, word: &str) -> bool {
    let (words, bare) = match algorithm {
        Some(Algorithm::English) => (ENGLISH, word),
        Some(Algorithm::German) => (GERMAN, word),
        // "d'un", "qu'est"
        Some(Algorithm::French) => (FRENCH, word.rsplit(['\'', '\u{2019}']).next().unwrap_or(word)),
        _ => return false,
    };
    words.split_whitespace().any(|one| one == bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once() {
        for words in [ENGLISH, GERMAN, FRENCH] {
            let all: Vec<&str> = words.split_whitespace().collect();
            for (at, word) in all.iter().enumerate() {
                assert!(!all[..at].contains(word), "{word}");
            }
        }
    }
}
