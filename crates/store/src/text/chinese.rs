//! Chinese words that say nothing of what is asked about, as English stop words do.

/// At most so many characters a word below has.
const CHARACTER_COUNT_MAX: usize = 4;

/// Particles, pronouns, question words, the copula and auxiliaries, sorted. What obliges or forbids ("应当", "不得") stays, as do prepositions and
/// conjunctions, whose characters are parts of many other words.
const STOP_WORDS: [&str; 69] = [
    "为什么",
    "为何",
    "么",
    "了",
    "什么",
    "他",
    "他们",
    "会",
    "会不会",
    "何时",
    "你",
    "你们",
    "几",
    "别人",
    "可不可以",
    "可以",
    "可否",
    "可能",
    "吗",
    "吧",
    "呀",
    "呢",
    "哪",
    "哪个",
    "哪些",
    "哪种",
    "哪里",
    "啊",
    "嘛",
    "多久",
    "多少",
    "她",
    "她们",
    "如何",
    "它",
    "它们",
    "应该",
    "怎么",
    "怎么办",
    "怎么样",
    "怎样",
    "您",
    "我",
    "我们",
    "是",
    "是不是",
    "是否",
    "有",
    "有没有",
    "的",
    "着",
    "能",
    "能不能",
    "能否",
    "能够",
    "自己",
    "要",
    "要不要",
    "请问",
    "谁",
    "这",
    "这个",
    "这些",
    "这样",
    "那",
    "那个",
    "那些",
    "那样",
    "需要",
];

/// For each character of a run whether it is of a stop word; of words that overlap the longest from the left counts. A run with kana is not Chinese.
pub(crate) fn stop_characters(run: &str) -> Vec<bool> {
    let characters: Vec<(usize, char)> = run.char_indices().collect();
    let mut stopped = vec![false; characters.len()];
    if characters.iter().any(|(_, character)| matches!(character, '\u{3040}'..='\u{30ff}')) {
        return stopped;
    }
    let mut at = 0;
    while at < characters.len() {
        let is_stop_word = |count: &usize| {
            let end = characters.get(at + count).map_or(run.len(), |(end, _)| *end);
            at + count <= characters.len() && STOP_WORDS.binary_search(&&run[characters[at].0..end]).is_ok()
        };
        let count = (1..=CHARACTER_COUNT_MAX).rev().find(is_stop_word).unwrap_or_default();
        stopped[at..at + count].fill(true);
        at += count.max(1);
    }
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_the_binary_search_and_none_is_longer() {
        assert!(STOP_WORDS.is_sorted(), "{:?}", {
            let mut sorted = STOP_WORDS;
            sorted.sort_unstable();
            sorted
        });
        assert!(STOP_WORDS.iter().all(|word| word.chars().count() <= CHARACTER_COUNT_MAX));
    }

    #[test]
    fn the_longest_word_from_the_left_is_left_out() {
        let left = |run: &str| {
            let stopped = stop_characters(run);
            run.chars().zip(stopped).filter(|(_, stopped)| !stopped).map(|(character, _)| character).collect::<String>()
        };
        assert_eq!(left("谁可以成为个体工商户"), "成为个体工商户");
        assert_eq!(left("我可不可以要求他赔偿吗"), "求赔偿");
        assert_eq!(left("不得转让"), "不得转让");
        assert_eq!(left("会社の責任"), "会社の責任");
        assert_eq!(left("谁"), "");
    }
}
