//! The articles of Chinese statutes, as a corpus in BEIR layout has them, and as Markdown files of one statute each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use grounds::Upload;
use serde::Deserialize;

/// One article.
#[derive(Deserialize)]
pub(crate) struct Article {
    /// The statute and the article's number in it.
    pub(crate) title: String,
    /// Its words.
    pub(crate) text: String,
}

/// Where the corpus is.
pub(crate) fn corpus(data: &Path) -> PathBuf {
    data.join("retrieval/lecoqa-train/corpus.jsonl")
}

/// Reads all articles, in order.
pub(crate) fn read(data: &Path) -> anyhow::Result<Vec<Article>> {
    let path = corpus(data);
    let lines = std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// One Markdown file for each statute, its articles under their titles.
pub(crate) fn statutes(articles: &[Article]) -> Vec<Upload> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for article in articles {
        let statute = article.title.rfind('第').map_or(article.title.as_str(), |at| &article.title[..at]);
        // Several long titles differ only at their ends, so none makes a good name.
        let number = files.len();
        let file = files.entry(statute).or_insert_with(|| {
            format!(
                "---\ndocument: statute-{number}\nkind: regulation\nlanguage: zh\ntitle: {statute}\n---\n# {statute}\n"
            )
        });
        file.extend(["\n## ", &article.title, "\n\n", &article.text, "\n"]);
    }
    let upload = |(name, text): (&str, String)| Upload {
        name: format!("{name}.md"),
        bytes: text.into_bytes(),
        ..Upload::default()
    };
    files.into_iter().map(upload).collect()
}
