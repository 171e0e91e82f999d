//! `predict('outcome', text)`: what a classifier of the workspace says of a text, in any expression.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use grounds_core::Snapshot;

use crate::SqlError;
use crate::context::Context;
use crate::error::external;

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextClasses {
    /// Every class with its probability, the most probable first.
    pub classes: Vec<(String, f64)>,
    /// The classes among which the right one is, but for the rate of errors that was asked for.
    pub set: Vec<String>,
}

/// Says what class texts are of.
pub trait TextClassifier: Send + Sync {
    /// What class a text is of, with a set that misses the right one at this rate, above 0 and below 1.
    fn classify(&self, text: &str, error_rate: f64) -> TextClasses;
}

/// Finds the classifiers that a workspace has trained.
pub trait ClassifierSource: Send + Sync {
    /// The classifier of a task, as known at `known_at`.
    ///
    /// # Errors
    /// A message that says what is missing: no classifier was trained for the task.
    fn classifier(&self, task: &str, known_at: Snapshot) -> std::result::Result<Arc<dyn TextClassifier>, String>;
}

/// What is asked of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// `predict(task, text)`: the most probable class.
    Class,
    /// `predict_probability(task, text, class)`: how probable it is.
    Probability,
    /// `predict_set(task, text, error_rate)`: a JSON list.
    Set,
}

impl Asked {
    /// Every one.
    const ALL: [Self; 3] = [Self::Class, Self::Probability, Self::Set];

    fn name(self) -> &'static str {
        match self {
            Self::Class => "predict",
            Self::Probability => "predict_probability",
            Self::Set => "predict_set",
        }
    }

    fn usage(self) -> &'static str {
        match self {
            Self::Class => "predict('outcome', text)",
            Self::Probability => "predict_probability('outcome', text, 'fine')",
            Self::Set => "predict_set('outcome', text, 0.1)",
        }
    }
}

/// The names of the functions that ask a classifier.
pub(crate) fn names() -> [&'static str; 3] {
    Asked::ALL.map(Asked::name)
}

/// The function called `name` as a statement at the context's snapshot means it; `None` for other names.
pub(crate) fn function(context: &Context<'_>, name: &str) -> Option<Arc<ScalarUDF>> {
    let asked = Asked::ALL.into_iter().find(|asked| asked.name() == name)?;
    let principal = context.standpoint.principal.map(str::to_owned);
    let (source, snapshot) = (context.functions.classifiers.clone(), context.standpoint.snapshot());
    let signature = Signature::variadic_any(Volatility::Stable);
    let predict = Predict { asked, source, snapshot, principal, found: Mutex::default(), signature };
    Some(Arc::new(ScalarUDF::new_from_impl(predict)))
}

/// One of the functions within one statement, with the classifiers that it has read.
struct Predict {
    asked: Asked,
    source: Option<Arc<dyn ClassifierSource>>,
    snapshot: Snapshot,
    principal: Option<String>,
    found: Mutex<HashMap<String, Arc<dyn TextClassifier>>>,
    signature: Signature,
}

impl Predict {
    fn classifier(&self, task: &str) -> std::result::Result<Arc<dyn TextClassifier>, SqlError> {
        // What a classifier learned may betray what is hidden.
        if let Some(principal) = &self.principal {
            return Err(SqlError::NotPermitted { principal: principal.clone(), action: "use classifiers" });
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(classifier) = found.get(task) {
            return Ok(Arc::clone(classifier));
        }
        let failed = |message| SqlError::Function { function: self.asked.name(), message };
        let Some(source) = &self.source else {
            return Err(failed("this database was opened without classifiers".to_owned()));
        };
        let classifier = source.classifier(task, self.snapshot).map_err(failed)?;
        found.insert(task.to_owned(), Arc::clone(&classifier));
        Ok(classifier)
    }

    fn wrong(&self, message: &str) -> SqlError {
        SqlError::Function {
            function: self.asked.name(),
            message: format!("{message}; it is used as {}", self.asked.usage()),
        }
    }

    /// The answers for all rows; a row with a NULL has none.
    fn answers(&self, tasks: &ArrayRef, texts: &ArrayRef, third: Option<&ArrayRef>) -> Result<ArrayRef> {
        let (tasks, texts) = (cast(tasks, &DataType::Utf8)?, cast(texts, &DataType::Utf8)?);
        let (tasks, texts) = (tasks.as_string::<i32>(), texts.as_string::<i32>());
        let rows = (0..texts.len()).map(|row| (tasks.is_valid(row) && texts.is_valid(row)).then_some(row));
        let classify = |row: usize, error_rate: f64| -> Result<TextClasses> {
            let classifier = self.classifier(tasks.value(row)).map_err(external)?;
            Ok(classifier.classify(texts.value(row), error_rate))
        };
        match (self.asked, third) {
            (Asked::Class, _) => {
                let of_row = |row: Option<usize>| -> Result<Option<String>> {
                    let Some(row) = row else { return Ok(None) };
                    Ok(classify(row, ERROR_RATE)?.classes.into_iter().next().map(|(class, _)| class))
                };
                Ok(Arc::new(rows.map(of_row).collect::<Result<StringArray>>()?))
            }
            (Asked::Probability, Some(classes)) => {
                let classes = cast(classes, &DataType::Utf8)?;
                let classes = classes.as_string::<i32>();
                let of_row = |row: Option<usize>| -> Result<Option<f64>> {
                    let Some(row) = row.filter(|row| classes.is_valid(*row)) else { return Ok(None) };
                    let found = classify(row, ERROR_RATE)?.classes;
                    Ok(found
                        .into_iter()
                        .find(|(class, _)| class == classes.value(row))
                        .map(|(_, probability)| probability))
                };
                Ok(Arc::new(rows.map(of_row).collect::<Result<Float64Array>>()?))
            }
            (Asked::Set, Some(rates)) => {
                let rates = cast(rates, &DataType::Float64)?;
                let rates = rates.as_primitive::<Float64Type>();
                let of_row = |row: Option<usize>| -> Result<Option<String>> {
                    let Some(row) = row.filter(|row| rates.is_valid(*row)) else { return Ok(None) };
                    let rate = rates.value(row);
                    if !(rate > 0.0 && rate < 1.0) {
                        return Err(external(self.wrong("the rate of errors is above 0 and below 1")));
                    }
                    Ok(Some(serde_json::Value::from(classify(row, rate)?.set).to_string()))
                };
                Ok(Arc::new(rows.map(of_row).collect::<Result<StringArray>>()?))
            }
            (_, None) => Err(external(self.wrong("an argument is missing"))),
        }
    }
}

/// The rate that is asked for where sets are not.
const ERROR_RATE: f64 = 0.1;

impl std::fmt::Debug for Predict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} at {}", self.asked.name(), self.snapshot)
    }
}

impl PartialEq for Predict {
    fn eq(&self, other: &Self) -> bool {
        self.asked == other.asked && self.snapshot == other.snapshot && self.principal == other.principal
    }
}

impl Eq for Predict {}

impl Hash for Predict {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.asked, self.snapshot.0, &self.principal).hash(state);
    }
}

impl ScalarUDFImpl for Predict {
    fn name(&self) -> &str {
        self.asked.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let expected = if self.asked == Asked::Class { 2 } else { 3 };
        if types.len() != expected {
            return Err(external(self.wrong("it takes other arguments")));
        }
        Ok(if self.asked == Asked::Probability { DataType::Float64 } else { DataType::Utf8 })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays: Vec<ArrayRef> =
            arguments.args.iter().map(|value| value.to_array(arguments.number_rows)).collect::<Result<_>>()?;
        let [tasks, texts, rest @ ..] = arrays.as_slice() else {
            return Err(external(self.wrong("an argument is missing")));
        };
        Ok(ColumnarValue::Array(self.answers(tasks, texts, rest.first())?))
    }
}
