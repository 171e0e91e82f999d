//! `grounds predict`

use serde_json::{Value, json};

use crate::args::{GlobalArguments, PredictArguments};
use crate::commands::labels;
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &PredictArguments) -> anyhow::Result<Outcome> {
    if !(arguments.error_rate > 0.0 && arguments.error_rate < 1.0) {
        return Err(Mistake::new("--error-rate is a share between 0 and 1, such as 0.1").into());
    }
    let texts = match (&arguments.text, &arguments.file) {
        (Some(text), _) => vec![text.clone()],
        (None, Some(file)) => labels::texts(file)?,
        (None, None) => Vec::new(),
    };
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let classifier = grounds.classifier(&view, &arguments.task)?;
    let mut bodies: Vec<Value> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for text in &texts {
        let prediction = classifier.predict(text, arguments.error_rate);
        let classes: Vec<Value> = prediction
            .classes
            .iter()
            .map(|class| json!({ "class": class.class, "probability": class.probability }))
            .collect();
        let words: Vec<Value> = prediction
            .words
            .iter()
            .map(|word| json!({ "word": word.word, "contribution": word.contribution }))
            .collect();
        bodies.push(json!({ "text": text, "classes": classes, "set": prediction.set, "words": words }));
        let Some(best) = prediction.classes.first() else { continue };
        let speaking = prediction.words.iter().filter(|word| word.contribution > 0.0).take(4);
        let speaking: Vec<&str> = speaking.map(|word| word.word.as_str()).collect();
        lines.push(format!("{} ({:.0}%)  {text}", best.class, best.probability * 100.0));
        lines.push(format!(
            "  in {:.0} of 100 texts it is one of: {}{}",
            (1.0 - arguments.error_rate) * 100.0,
            if prediction.set.is_empty() { "none of the known classes".to_owned() } else { prediction.set.join(", ") },
            if speaking.is_empty() { String::new() } else { format!("; for it speak: {}", speaking.join(", ")) },
        ));
    }
    if global.json {
        render::print_json(&bodies)?;
    } else {
        render::print(&lines.join("\n"))?;
    }
    Ok(Outcome::Done)
}
