//! The rule files that make one program: those of a folder, as they are open in the editor, else as they are stored on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grounds::rules::{OutlineItem, outline, sources_in};

use crate::commands::rules::is_rule_file;

/// What the editor has open, by URI.
#[derive(Debug, Default)]
pub(crate) struct OpenDocuments {
    pub(crate) texts: BTreeMap<String, String>,
}

/// A rule file of a project.
#[derive(Debug)]
pub(crate) struct ProjectFile {
    pub(crate) uri: String,
    /// What the compiler calls it: unique in its folder.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) items: Vec<OutlineItem>,
}

/// Rule files that are compiled together.
#[derive(Debug, Default)]
pub(crate) struct Project {
    pub(crate) files: Vec<ProjectFile>,
}

impl Project {
    /// The project of a document: the rule files of its folder. A document that is no file is a project of its own.
    pub(crate) fn of(uri: &str, open: &OpenDocuments) -> Self {
        let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
        let folder = path_of(uri).and_then(|path| path.parent().map(Path::to_owned));
        if let Some(folder) = &folder {
            for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                // What cannot be read is no part of the program; the command line says why.
                if let (true, Some(name), Ok(text)) =
                    (is_rule_file(&path), path.file_name(), std::fs::read_to_string(&path))
                {
                    texts.insert(name.to_string_lossy().into_owned(), (uri_of(&path), text));
                }
            }
        }
        for (other, text) in &open.texts {
            let path = path_of(other);
            let beside = folder.is_some() && path.as_deref().and_then(Path::parent) == folder.as_deref();
            if other == uri || beside {
                let name = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
                texts.insert(name.unwrap_or_else(|| other.clone()), (other.clone(), text.clone()));
            }
        }
        let file = |(name, (uri, text)): (String, (String, String))| {
            let items = outline(&text);
            ProjectFile { uri, name, text, items }
        };
        Self { files: texts.into_iter().map(file).collect() }
    }

    /// The file that the editor calls `uri`.
    pub(crate) fn file(&self, uri: &str) -> Option<&ProjectFile> {
        self.files.iter().find(|file| file.uri == uri)
    }

    /// Names and texts, as the compiler takes them.
    pub(crate) fn sources(&self) -> Vec<(String, String)> {
        self.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect()
    }

    /// The documents that the files cite, as they name them.
    pub(crate) fn documents(&self) -> Vec<String> {
        self.files.iter().flat_map(|file| sources_in(&file.text)).map(|(_, document)| document).collect()
    }

    /// The document that a source's name stands for.
    pub(crate) fn document_of(&self, source: &str) -> Option<String> {
        let mut declared = self.files.iter().flat_map(|file| sources_in(&file.text));
        declared.find(|(name, _)| name == source).map(|(_, document)| document)
    }

    /// Every item with its file.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&ProjectFile, &OutlineItem)> {
        self.files.iter().flat_map(|file| file.items.iter().map(move |item| (file, item)))
    }
}

impl ProjectFile {
    /// The words of an item.
    pub(crate) fn words(&self, item: &OutlineItem) -> &str {
        self.text.get(item.start..item.end).unwrap_or_default()
    }

    /// The item that an offset lies in, or comes after.
    pub(crate) fn item_at(&self, offset: usize) -> Option<&OutlineItem> {
        self.items.iter().rfind(|item| item.start <= offset)
    }
}

/// The path of a `file:` URI; `None` for every other.
pub(crate) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // An authority before the path is left to the operating system, which knows only its own files.
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::new();
    let mut remaining = path.as_bytes();
    while let Some((first, rest)) = remaining.split_first() {
        let encoded = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match encoded.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                remaining = &rest[2..];
            }
            None => {
                bytes.push(*first);
                remaining = rest;
            }
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // file:///C:/law is C:/law where drives have letters.
    let is_drive = text.as_bytes().get(2) == Some(&b':') && text.as_bytes()[1].is_ascii_alphabetic();
    Some(PathBuf::from(if is_drive { &text[1..] } else { &text }))
}

/// The `file:` URI of a path, as editors write it.
pub(crate) fn uri_of(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_agree() {
        for path in ["/law/a b.rules", "/law/ß-第.rules", "/law/100%.rules"] {
            assert_eq!(path_of(&uri_of(Path::new(path))).as_deref(), Some(Path::new(path)));
        }
        assert_eq!(path_of("file:///C%3A/law/x.rules").as_deref(), Some(Path::new("C:/law/x.rules")));
        for uri in ["untitled:Untitled-1", "file://", "", "file:relative", "file:///%FF%FE"] {
            assert_eq!(path_of(uri), None, "{uri}");
        }
        assert_eq!(path_of("file:///a%2").as_deref(), Some(Path::new("/a%2")));
    }
}
