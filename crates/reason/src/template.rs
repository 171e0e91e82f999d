//! The sentences of facts and claims: `{Incident}` stands for an argument, `{Firm.2}` for the second of a type, `{value}` for the value.

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Words(&'a str),
    /// The argument at this position.
    Argument(usize),
    /// The value.
    Value,
    /// Braces around something that is neither, with that something.
    Unknown(&'a str),
}

/// Cuts a template into pieces, given the entity types of the arguments.
pub(crate) fn pieces<'a>(template: &'a str, parameters: &[String]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        pieces.push(Piece::Words(&rest[..open]));
        pieces.push(placeholder(&rest[open + 1..open + length], parameters));
        rest = &rest[open + length + 1..];
    }
    pieces.push(Piece::Words(rest));
    pieces
}

fn placeholder<'a>(name: &'a str, parameters: &[String]) -> Piece<'a> {
    if name == "value" {
        return Piece::Value;
    }
    let (entity_type, which) = name.split_once('.').unwrap_or((name, "1"));
    let which: usize = which.parse().unwrap_or(0);
    let mut of_type = (0..parameters.len()).filter(|position| parameters[*position] == entity_type);
    match which.checked_sub(1).and_then(|before| of_type.nth(before)) {
        Some(position) => Piece::Argument(position),
        None => Piece::Unknown(name),
    }
}

/// Fills a template in; what stands for the value is the caller's.
pub(crate) fn fill(template: &str, parameters: &[String], arguments: &[String], value: &str) -> String {
    pieces(template, parameters)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words,
            Piece::Argument(position) => arguments.get(position).map_or("", String::as_str),
            Piece::Value => value,
            Piece::Unknown(name) => name,
        })
        .collect()
}
