//! `grounds eval classify`

use std::time::Instant;

use grounds::{ClassificationFigures, ClassificationSet, ClassifySettings};
use serde_json::{Value, json};

use super::{most_memory_bytes, of_estimate, percentile};
use crate::args::{EvalClassifyArguments, GlobalArguments};
use crate::exit::{Mistake, Outcome};
use crate::render;

pub(crate) fn run(global: &GlobalArguments, arguments: &EvalClassifyArguments) -> anyhow::Result<Outcome> {
    if arguments.error_rates.iter().any(|rate| !(*rate > 0.0 && *rate < 1.0)) {
        return Err(Mistake::new("--error-rate is a share between 0 and 1, such as 0.1").into());
    }
    let set = ClassificationSet::read(&arguments.folder)?;
    let training = arguments.train.as_deref().map(ClassificationSet::read).transpose()?;
    let start = Instant::now();
    let seconds = || start.elapsed().as_secs_f64();
    let judged = set.judge(training.as_ref(), &arguments.error_rates, ClassifySettings::STANDARD, &seconds)?;
    let body = report(&judged);
    if global.json {
        render::print_json(&body)?;
    } else {
        let taught = match &arguments.train {
            Some(folder) => format!("{} of {}", judged.example_count, folder.display()),
            None => format!("{} others", judged.example_count),
        };
        let what =
            format!("{} texts of {}, of {} classes", judged.text_count, arguments.folder.display(), judged.class_count);
        render::print(&format!("{what}, judged by what {taught} taught\n{}", lines(&judged, &body)))?;
    }
    Ok(Outcome::Done)
}

fn report(judged: &ClassificationFigures) -> Value {
    let figures = &judged.figures;
    let interval = |estimate: &grounds::Estimate| json!([estimate.low, estimate.high]);
    let sets: Vec<Value> = judged
        .sets
        .iter()
        .map(|set| json!({ "error_rate": set.error_rate, "missed": set.missed, "classes": set.class_count }))
        .collect();
    json!({
        "accuracy": figures.accuracy.mean,
        "macro_f1": figures.macro_f1.mean,
        "intervals_95": { "accuracy": interval(&figures.accuracy), "macro_f1": interval(&figures.macro_f1) },
        "calibration_error": figures.calibration_error,
        "sets": sets,
        "texts": judged.text_count,
        "examples": judged.example_count,
        "classes": judged.class_count,
        "train_s": judged.train_s,
        "latency_ms": { "p50": percentile(&judged.latencies_ms, 0.5), "p99": percentile(&judged.latencies_ms, 0.99) },
        "model_bytes": judged.model_bytes,
        "rss_bytes": most_memory_bytes(),
    })
}

fn lines(judged: &ClassificationFigures, body: &Value) -> String {
    let figures = &judged.figures;
    let mut lines = vec![of_estimate(("accuracy", figures.accuracy)), of_estimate(("macro_f1", figures.macro_f1))];
    lines.push(format!("{:<18} {:.4}", "calibration_error", figures.calibration_error));
    for set in &judged.sets {
        lines.push(format!(
            "sets that may miss {}: {:.4} missed, {:.1} classes each",
            set.error_rate, set.missed, set.class_count
        ));
    }
    for name in ["train_s", "latency_ms", "model_bytes", "rss_bytes"] {
        lines.push(format!("{name:<18} {}", body[name]));
    }
    lines.join("\n")
}
