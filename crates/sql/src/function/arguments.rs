//! The arguments of a table function, by position and by name.

use std::collections::BTreeMap;

use datafusion::logical_expr::Expr;
use datafusion::scalar::ScalarValue;
use grounds_core::{Cell, ColumnType};

use crate::{SqlError, arrays};

/// Marks the text before an argument as its name.
pub(crate) const NAME_MARK: char = '\u{1}';

/// The arguments of one call.
pub(crate) struct Arguments {
    function: &'static str,
    positional: Vec<ScalarValue>,
    named: BTreeMap<String, ScalarValue>,
}

impl Arguments {
    /// Reads the arguments of a call of `function`.
    ///
    /// # Errors
    /// [`SqlError::Function`] for one that is not constant.
    pub(crate) fn of(function: &str, values: Vec<Expr>) -> Result<Self, SqlError> {
        let function = super::NAMES.into_iter().find(|name| *name == function).unwrap_or("function");
        let mut arguments = Self { function, positional: Vec::new(), named: BTreeMap::new() };
        let mut name: Option<String> = None;
        for value in values {
            let Expr::Literal(value, _) = value else {
                return Err(arguments.wrong(format!("`{value}` is not a constant")));
            };
            match (&value, name.take()) {
                (ScalarValue::Utf8(Some(text)), None) if text.starts_with(NAME_MARK) => {
                    name = Some(text[NAME_MARK.len_utf8()..].to_owned());
                }
                (_, Some(name)) => {
                    arguments.named.insert(name, value);
                }
                (_, None) => arguments.positional.push(value),
            }
        }
        Ok(arguments)
    }

    /// Refuses arguments that the function does not take: more than `count` by position, or names other than these.
    ///
    /// # Errors
    /// [`SqlError::Function`]
    pub(crate) fn expect(&self, count: usize, names: &[&str], usage: &str) -> Result<(), SqlError> {
        if self.positional.len() > count {
            return Err(self.wrong(format!("too many arguments: write {usage}")));
        }
        match self.named.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(self.wrong(format!("there is no argument `{name}`: write {usage}"))),
            None => Ok(()),
        }
    }

    /// An error of this function.
    pub(crate) fn wrong(&self, message: String) -> SqlError {
        SqlError::Function { function: self.function, message }
    }

    fn value(&self, position: Option<usize>, name: &str) -> Option<&ScalarValue> {
        let by_position = position.and_then(|position| self.positional.get(position));
        self.named.get(name).or(by_position).filter(|value| !value.is_null())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`SqlError::Function`]
    pub(crate) fn text(&self, position: usize, name: &str) -> Result<String, SqlError> {
        let value =
            self.value(Some(position), name).ok_or_else(|| self.wrong(format!("the argument `{name}` is missing")))?;
        as_text(value).ok_or_else(|| self.wrong(format!("the argument `{name}` must be a text")))
    }

    /// A text that may be absent.
    ///
    /// # Errors
    /// [`SqlError::Function`]
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<String>, SqlError> {
        let Some(value) = self.value(None, name) else { return Ok(None) };
        as_text(value).map(Some).ok_or_else(|| self.wrong(format!("the argument `{name}` must be a text")))
    }

    /// A whole number from 1 on.
    ///
    /// # Errors
    /// [`SqlError::Function`]
    pub(crate) fn count(&self, name: &str, default: usize) -> Result<usize, SqlError> {
        let Some(value) = self.value(None, name) else { return Ok(default) };
        let number = match value {
            ScalarValue::Int64(Some(number)) => usize::try_from(*number).ok().filter(|number| *number > 0),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(format!("the argument `{name}` must be a whole number from 1")))
    }

    /// The value at a position as a cell of a column's type; `None` where it is absent.
    ///
    /// # Errors
    /// [`SqlError::WrongValue`]
    pub(crate) fn cell(&self, position: usize, name: &str, column_type: ColumnType) -> Result<Option<Cell>, SqlError> {
        let Some(value) = self.value(Some(position), name) else { return Ok(None) };
        let array = arrays::convert(&value.to_array()?, name, column_type)?;
        Ok(Some(arrays::cell(&array, column_type, 0)))
    }

    /// How many arguments came without a name.
    pub(crate) fn position_count(&self) -> usize {
        self.positional.len()
    }
}

fn as_text(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)) => {
            Some(text.clone())
        }
        _ => None,
    }
}
