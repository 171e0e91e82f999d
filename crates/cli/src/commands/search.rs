//! `grounds search`

use grounds::{explain, retrieve};
use grounds_core::{AsOf, Question};

use crate::args::{GlobalArguments, SearchArguments};
use crate::exit::{Mistake, Outcome};
use crate::{embedding, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &SearchArguments) -> anyhow::Result<Outcome> {
    if arguments.hit_count == 0 {
        return Err(Mistake::new("0 hits were asked for: -k takes a number from 1").into());
    }
    let grounds = workspace::open(global)?;
    let view = embedding::searching_view(global, &grounds)?;
    let (kinds, documents) = workspace::filter(&view, &arguments.filter)?;
    let at = AsOf { as_of: workspace::as_of(global), known_at: view.known_at() };
    let question = Question { text: arguments.query.clone(), at, kinds, documents, hit_count_max: arguments.hit_count };
    let evidence = retrieve(&view, &question)?;
    let explanations = if arguments.explain { explain(&view, &evidence)? } else { Vec::new() };
    if global.json {
        let mut body = serde_json::json!({ "snapshot": at.known_at, "as_of": at.as_of, "hits": evidence.hits });
        if !evidence.written_out.is_empty() {
            body["written_out"] = serde_json::json!(evidence.written_out);
        }
        if arguments.explain {
            body["explanations"] = explanations.iter().map(render::explanation::json).collect();
        }
        render::print_json(&body)?;
        return Ok(Outcome::Done);
    }
    for one in &evidence.written_out {
        render::print(&render::answer::written_out(one))?;
    }
    if evidence.hits.is_empty() {
        render::print(&format!("Nothing in force on {} matches.", at.as_of))?;
    } else {
        render::print(&render::hits::list(&evidence.hits, &explanations))?;
    }
    Ok(Outcome::Done)
}
