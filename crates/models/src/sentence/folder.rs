//! What a folder of sentence-transformers holds and says.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ModelsError;

/// How a layer bends what it adds up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Activation {
    /// By the error function.
    Gelu,
    /// By its approximation with a hyperbolic tangent.
    GeluTanh,
    Relu,
}

/// How the vectors of tokens become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pooling {
    Mean,
    FirstToken,
}

/// What a folder says of its model.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) width: usize,
    pub(super) inner_width: usize,
    pub(super) layer_count: usize,
    pub(super) head_count: usize,
    pub(super) word_count: usize,
    pub(super) segment_count: usize,
    pub(super) position_count: usize,
    /// The position of a text's first token: RoBERTa's come after that of padding.
    pub(super) first_position: usize,
    pub(super) epsilon: f64,
    pub(super) activation: Activation,
    pub(super) pooling: Pooling,
    /// Whether vectors have length 1.
    pub(super) is_normalised: bool,
    pub(super) is_lowercased: bool,
    /// Of what is longer the rest is cut off.
    pub(super) token_count_max: usize,
    /// Put before a question.
    pub(super) question_prompt: String,
    /// Put before a passage.
    pub(super) passage_prompt: String,
}

/// A folder's files, read once.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) settings: Settings,
    pub(super) tokenizer: (PathBuf, Vec<u8>),
    pub(super) weights: (PathBuf, Vec<u8>),
    /// A hash of all that was read.
    pub(super) hash: String,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

/// `config.json`, as the library transformers writes it.
#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    #[serde(default = "two")]
    type_vocab_size: usize,
    #[serde(default = "small")]
    layer_norm_eps: f64,
    #[serde(default = "gelu")]
    hidden_act: String,
    #[serde(default)]
    position_embedding_type: Option<String>,
    #[serde(default)]
    pad_token_id: Option<usize>,
}

fn two() -> usize {
    2
}

fn small() -> f64 {
    1e-12
}

fn gelu() -> String {
    "gelu".to_owned()
}

/// `sentence_bert_config.json`.
#[derive(Default, Deserialize)]
struct SentenceConfig {
    #[serde(default)]
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

/// `config_sentence_transformers.json`.
#[derive(Default, Deserialize)]
struct Prompts {
    #[serde(default)]
    prompts: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    default_prompt_name: Option<String>,
}

/// Reads files and hashes what it reads.
struct Files {
    folder: PathBuf,
    hasher: blake3::Hasher,
}

impl Folder {
    /// Reads all that vectors are made of.
    pub(super) fn read(folder: &Path) -> Result<Self, ModelsError> {
        let mut files = Files { folder: folder.to_owned(), hasher: blake3::Hasher::new() };
        let modules = modules(&mut files)?;
        let transformer = modules.transformer;
        let (config_path, config): (_, Config) = files.json(&transformer.join("config.json"))?;
        let sentence: SentenceConfig = files.json_or_default(&transformer.join("sentence_bert_config.json"))?;
        let prompts: Prompts = files.json_or_default(Path::new("config_sentence_transformers.json"))?;
        let pooling = match &modules.pooling {
            Some(path) => pooling(&mut files, &path.join("config.json"))?,
            None => Pooling::Mean,
        };
        let prompt = |names: &[&str]| {
            let default = prompts.default_prompt_name.as_deref();
            let names = names.iter().copied().chain(default);
            names.into_iter().find_map(|name| prompts.prompts.get(name)).cloned().unwrap_or_default()
        };
        let (question, passage) = (prompt(&["query"]), prompt(&["document", "passage", "corpus"]));
        let settings = Settings {
            pooling,
            is_normalised: modules.is_normalised,
            is_lowercased: sentence.do_lower_case,
            question_prompt: question,
            passage_prompt: passage,
            ..settings(&config_path, &config, sentence.max_seq_length)?
        };
        let tokenizer = files.bytes(&transformer.join("tokenizer.json"))?;
        let weights = files.bytes(&transformer.join("model.safetensors"))?;
        Ok(Self { settings, tokenizer, weights, hash: files.hasher.finalize().to_hex().to_string() })
    }
}

/// Where the parts of a model are, below its folder.
struct Modules {
    transformer: PathBuf,
    pooling: Option<PathBuf>,
    is_normalised: bool,
}

/// Reads `modules.json`. A folder without it is a transformer alone, whose tokens sentence-transformers averages.
fn modules(files: &mut Files) -> Result<Modules, ModelsError> {
    const READABLE: &str = "a transformer, then pooling, then perhaps a normalisation";
    let name = Path::new("modules.json");
    if !files.folder.join(name).is_file() {
        return Ok(Modules { transformer: PathBuf::new(), pooling: None, is_normalised: false });
    }
    let (file, listed): (_, Vec<Module>) = files.json(name)?;
    let kinds: Vec<&str> = listed.iter().map(|module| module.kind.rsplit('.').next().unwrap_or_default()).collect();
    let is_normalised = match kinds.as_slice() {
        ["Transformer", "Pooling"] => false,
        ["Transformer", "Pooling", "Normalize"] => true,
        _ => {
            let (file, found) = (file.display().to_string(), kinds.join(", "));
            return Err(ModelsError::UnsupportedModel { file, what: "modules", found, readable: READABLE });
        }
    };
    let below = |module: &Module| {
        let path = PathBuf::from(&module.path);
        if path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(path);
        }
        let reason = format!("the path `{}` leads out of the folder", module.path);
        Err(ModelsError::MalformedFile { file: file.display().to_string(), reason })
    };
    Ok(Modules { transformer: below(&listed[0])?, pooling: Some(below(&listed[1])?), is_normalised })
}

/// Reads how tokens become one vector. Earlier versions say it by a switch for each way, later ones by its name.
fn pooling(files: &mut Files, name: &Path) -> Result<Pooling, ModelsError> {
    let (file, config): (_, serde_json::Map<String, serde_json::Value>) = files.json(name)?;
    let switched = config.iter().filter(|(_, value)| value.as_bool() == Some(true));
    let switched = switched.filter_map(|(key, _)| key.strip_prefix("pooling_mode_"));
    let mut ways: Vec<&str> = switched.chain(config.get("pooling_mode").and_then(|mode| mode.as_str())).collect();
    if config.get("include_prompt").and_then(serde_json::Value::as_bool) == Some(false) {
        ways.push("include_prompt = false");
    }
    match ways.as_slice() {
        ["mean_tokens" | "mean"] => Ok(Pooling::Mean),
        ["cls_token" | "cls"] => Ok(Pooling::FirstToken),
        _ => Err(ModelsError::UnsupportedModel {
            file: file.display().to_string(),
            what: "pooling",
            found: ways.join(" + "),
            readable: "one of mean_tokens and cls_token",
        }),
    }
}

/// What `config.json` says, with the defaults for what other files say.
fn settings(file: &Path, config: &Config, token_count_max: Option<usize>) -> Result<Settings, ModelsError> {
    let file = || file.display().to_string();
    let unsupported = |what: &'static str, found: &str, readable: &'static str| ModelsError::UnsupportedModel {
        file: file(),
        what,
        found: found.to_owned(),
        readable,
    };
    let first_position = match config.model_type.as_str() {
        "bert" => 0,
        "roberta" | "xlm-roberta" | "camembert" => config.pad_token_id.unwrap_or(1).saturating_add(1),
        other => return Err(unsupported("model_type", other, "bert, roberta, xlm-roberta and camembert")),
    };
    let activation = match config.hidden_act.as_str() {
        "gelu" => Activation::Gelu,
        "gelu_new" | "gelu_pytorch_tanh" => Activation::GeluTanh,
        "relu" => Activation::Relu,
        other => return Err(unsupported("hidden_act", other, "gelu, gelu_new and relu")),
    };
    if let Some(other) = config.position_embedding_type.as_deref().filter(|kind| *kind != "absolute") {
        return Err(unsupported("position_embedding_type", other, "absolute"));
    }
    let malformed = |reason: String| ModelsError::MalformedFile { file: file(), reason };
    if config.num_attention_heads == 0 || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        return Err(malformed(format!("{width} numbers cannot be divided among {heads} heads")));
    }
    if config.hidden_size == 0 || config.type_vocab_size == 0 || config.max_position_embeddings <= first_position {
        return Err(malformed("it leaves no place for a text".to_owned()));
    }
    let position_count = config.max_position_embeddings - first_position;
    Ok(Settings {
        width: config.hidden_size,
        inner_width: config.intermediate_size,
        layer_count: config.num_hidden_layers,
        head_count: config.num_attention_heads,
        word_count: config.vocab_size,
        segment_count: config.type_vocab_size,
        position_count: config.max_position_embeddings,
        first_position,
        epsilon: config.layer_norm_eps,
        activation,
        pooling: Pooling::Mean,
        is_normalised: false,
        is_lowercased: false,
        token_count_max: token_count_max.unwrap_or(position_count).min(position_count),
        question_prompt: String::new(),
        passage_prompt: String::new(),
    })
}

impl Files {
    /// The file's path, and all it holds.
    fn bytes(&mut self, name: &Path) -> Result<(PathBuf, Vec<u8>), ModelsError> {
        let path = self.folder.join(name);
        let bytes = std::fs::read(&path).map_err(|error| ModelsError::UnreadableFile {
            file: path.display().to_string(),
            reason: error.to_string(),
        })?;
        self.hasher.update(name.to_string_lossy().as_bytes());
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(&bytes);
        Ok((path, bytes))
    }

    fn json<T: DeserializeOwned>(&mut self, name: &Path) -> Result<(PathBuf, T), ModelsError> {
        let (path, bytes) = self.bytes(name)?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok((path, value)),
            Err(error) => {
                Err(ModelsError::MalformedFile { file: path.display().to_string(), reason: error.to_string() })
            }
        }
    }

    /// A file that not every folder has.
    fn json_or_default<T: DeserializeOwned + Default>(&mut self, name: &Path) -> Result<T, ModelsError> {
        if self.folder.join(name).is_file() { Ok(self.json(name)?.1) } else { Ok(T::default()) }
    }
}
