//! Writes a folder of sentence-transformers with a small model of random weights.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

/// What the tokenizer knows, by number.
pub(super) const WORDS: [&str; 14] = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "the",
    "breach",
    "must",
    "be",
    "notified",
    "a",
    "fine",
    "of",
    "authority",
    "late",
];

/// Numbers by their names, row after row.
pub(super) type Weights = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// What a folder says.
pub(super) struct Shape {
    pub(super) family: &'static str,
    pub(super) activation: &'static str,
    pub(super) pooling: &'static str,
    pub(super) prefix: &'static str,
    pub(super) is_normalised: bool,
    pub(super) is_lowercased: bool,
    pub(super) has_modules: bool,
    pub(super) further_module: Option<&'static str>,
    pub(super) prompts: Option<(&'static str, &'static str)>,
    pub(super) width: usize,
    pub(super) inner_width: usize,
    pub(super) layer_count: usize,
    pub(super) head_count: usize,
    pub(super) word_count: usize,
    pub(super) token_count_max: usize,
    pub(super) seed: u64,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            family: "bert",
            activation: "gelu",
            pooling: "mean",
            prefix: "",
            is_normalised: true,
            is_lowercased: false,
            has_modules: true,
            further_module: None,
            prompts: None,
            width: 8,
            inner_width: 12,
            layer_count: 2,
            head_count: 2,
            word_count: WORDS.len(),
            token_count_max: 9,
            seed: 1,
        }
    }
}

impl Shape {
    /// Positions that no text has: RoBERTa's of padding.
    pub(super) fn first_position(&self) -> usize {
        if self.family == "bert" { 0 } else { 2 }
    }
}

/// The files of a folder.
pub(super) fn file_names() -> [&'static str; 7] {
    [
        "config.json",
        "modules.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "1_Pooling/config.json",
        "tokenizer.json",
        "model.safetensors",
    ]
}

/// Writes all files, and gives the weights.
pub(super) fn write_folder(folder: &Path, shape: &Shape) -> Weights {
    let write = |name: &str, value: serde_json::Value| {
        std::fs::write(folder.join(name), value.to_string()).expect("writing a file");
    };
    std::fs::create_dir(folder.join("1_Pooling")).expect("making a directory");
    write(
        "config.json",
        json!({
            "model_type": shape.family, "hidden_size": shape.width, "intermediate_size": shape.inner_width,
            "num_hidden_layers": shape.layer_count, "num_attention_heads": shape.head_count,
            "vocab_size": shape.word_count, "max_position_embeddings": 10 + shape.first_position(),
            "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": shape.activation, "pad_token_id": 1,
            "position_embedding_type": "absolute",
        }),
    );
    let module = |number: usize, path: &str, kind: &str| json!({"idx": number, "name": number.to_string(), "path": path, "type": format!("sentence_transformers.models.{kind}")});
    let mut modules = vec![module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")];
    modules.extend(shape.further_module.map(|kind| module(2, "2_Further", kind)));
    modules.extend(shape.is_normalised.then(|| module(modules.len(), "2_Normalize", "Normalize")));
    if shape.has_modules {
        write("modules.json", json!(modules));
    }
    write(
        "sentence_bert_config.json",
        json!({"max_seq_length": shape.token_count_max, "do_lower_case": shape.is_lowercased}),
    );
    let prompts =
        shape.prompts.map_or(json!({}), |(question, passage)| json!({"query": question, "document": passage}));
    write("config_sentence_transformers.json", json!({"prompts": prompts, "default_prompt_name": null}));
    write(
        "1_Pooling/config.json",
        json!({
            "word_embedding_dimension": shape.width, "pooling_mode_cls_token": shape.pooling == "cls",
            "pooling_mode_mean_tokens": shape.pooling == "mean", "pooling_mode_max_tokens": shape.pooling == "max",
        }),
    );
    write("tokenizer.json", tokenizer());
    let weights = weights(shape);
    std::fs::write(folder.join("model.safetensors"), safetensors(&weights, shape.prefix)).expect("writing weights");
    weights
}

/// Whole words, divided at blanks, between [CLS] and [SEP].
fn tokenizer() -> serde_json::Value {
    let words: BTreeMap<&str, usize> = WORDS.iter().copied().zip(0..).collect();
    let special = |word: &str, number: usize| json!({"id": number, "content": word, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true});
    let bracket = |word: &str| json!({"SpecialToken": {"id": word, "type_id": 0}});
    let text = |name: &str| json!({"Sequence": {"id": name, "type_id": 0}});
    json!({
        "version": "1.0",
        "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 12}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": WORDS[..4].iter().zip(0..).map(|(word, number)| special(word, number)).collect::<Vec<_>>(),
        "normalizer": null,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bracket("[CLS]"), text("A"), bracket("[SEP]")],
            "pair": [bracket("[CLS]"), text("A"), bracket("[SEP]"), text("B"), bracket("[SEP]")],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
            },
        },
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    })
}

/// Random numbers for every weight of the shape.
fn weights(shape: &Shape) -> Weights {
    let (width, inner) = (shape.width, shape.inner_width);
    let mut weights = Weights::new();
    let mut state = shape.seed;
    let mut add = |name: String, sizes: &[usize], middle: f32| {
        let mut number = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            middle + ((state >> 40) as f32 / (1_u32 << 24) as f32 - 0.5)
        };
        let numbers = (0..sizes.iter().product()).map(|_| number()).collect();
        weights.insert(name, (sizes.to_vec(), numbers));
    };
    add("embeddings.word_embeddings.weight".to_owned(), &[shape.word_count, width], 0.0);
    add("embeddings.position_embeddings.weight".to_owned(), &[10 + shape.first_position(), width], 0.0);
    add("embeddings.token_type_embeddings.weight".to_owned(), &[2, width], 0.0);
    let mut parts = vec![("embeddings.LayerNorm".to_owned(), None)];
    for layer in 0..shape.layer_count {
        let part = |name: &str, sizes| (format!("encoder.layer.{layer}.{name}"), sizes);
        let named = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"];
        parts.extend(named.map(|name| part(name, Some([width, width]))));
        parts.push(part("intermediate.dense", Some([inner, width])));
        parts.push(part("output.dense", Some([width, inner])));
        parts.extend(["attention.output.LayerNorm", "output.LayerNorm"].map(|name| part(name, None)));
    }
    for (name, sizes) in parts {
        match sizes {
            Some(sizes) => add(format!("{name}.weight"), &sizes, 0.0),
            None => add(format!("{name}.weight"), &[width], 1.0),
        }
        add(format!("{name}.bias"), &[sizes.map_or(width, |sizes| sizes[0])], 0.0);
    }
    weights
}

/// The format of safetensors: the length of a header, the header, the numbers.
fn safetensors(weights: &Weights, prefix: &str) -> Vec<u8> {
    let (mut header, mut numbers) = (serde_json::Map::new(), Vec::new());
    for (name, (sizes, values)) in weights {
        let start = numbers.len();
        numbers.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({"dtype": "F32", "shape": sizes, "data_offsets": [start, numbers.len()]});
        header.insert(format!("{prefix}{name}"), entry);
    }
    let mut header = serde_json::Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(numbers);
    file
}

/// The file cut short at many places, with single bytes changed, with numbers made absurd, and as something else.
pub(super) fn damaged(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("empty".to_owned(), Vec::new()),
        ("a list".to_owned(), b"[]".to_vec()),
        ("an object".to_owned(), b"{}".to_vec()),
        ("nothing".to_owned(), b"null".to_vec()),
        ("no text".to_owned(), vec![0xff; 64]),
        ("a great length".to_owned(), [u64::MAX.to_le_bytes().as_slice(), whole].concat()),
    ];
    let step = whole.len().div_ceil(60).max(1);
    for at in (0..whole.len()).step_by(step) {
        files.push((format!("cut at {at}"), whole[..at].to_vec()));
        for change in [0x01, 0x10, 0x80] {
            let mut changed = whole.to_vec();
            changed[at] ^= change;
            files.push((format!("byte {at} ^ {change}"), changed));
        }
    }
    let text = String::from_utf8_lossy(whole);
    if !text.contains('\u{fffd}') {
        // Every number in turn, and every string that stands for a choice.
        for (at, _) in text.match_indices(':') {
            let end = text[at..].find([',', '}']).map_or(text.len(), |end| at + end);
            for other in ["0", "1", "-1", "18446744073709551615", "1e300", "\"\"", "null", "[]"] {
                files.push((
                    format!("`{other}` at {at}"),
                    format!("{}:{other}{}", &text[..at], &text[end..]).into_bytes(),
                ));
            }
        }
    }
    files
}
