//! `grounds rules coverage`

use grounds::{Coverage, DocumentCoverage, GroundsError, ProvisionCoverage, coverage};
use grounds_core::DocumentId;

use crate::args::{CoverageArguments, GlobalArguments};
use crate::commands::rules::{read_rule_files, report};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &CoverageArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let find = |name: &String| view.find_document(name).map(|document| document.id.clone());
    let documents: Vec<DocumentId> = arguments.documents.iter().map(find).collect::<Result<_, GroundsError>>()?;
    let compiled = match grounds.compile_with(&view, &read_rule_files(&arguments.rules)?) {
        Ok(compiled) => compiled,
        Err(error) => return report(global, error.into()),
    };
    let coverage = coverage(&view, &compiled, &documents, workspace::as_of(global))?;
    if global.json {
        render::print_json(&coverage)?;
    } else {
        render::print(&shown(&coverage))?;
    }
    Ok(Outcome::Done)
}

fn shown(coverage: &Coverage) -> String {
    let mut out = String::new();
    let mut summary = render::table(&["Document", "Version", "Provisions", "Encoded", "Share"]);
    for document in &coverage.documents {
        summary.add_row([
            document.label.clone(),
            document.version.0.clone(),
            document.provision_count.to_string(),
            document.encoded_count.to_string(),
            format!("{}.{} %", document.encoded_per_mille / 10, document.encoded_per_mille % 10),
        ]);
    }
    out.push_str(&format!("Law and rules in force on {}\n{summary}\n\n", coverage.as_of));
    for document in &coverage.documents {
        provisions(document, &mut out);
    }
    let (all, without) = (coverage.rule_count, coverage.unexercised.len());
    if without == 0 {
        out.push_str(&format!("Tests exercise each of the {all} rules.\n"));
        return out;
    }
    out.push_str(&format!("No test exercises {without} of the {all} rules\n"));
    let mut table = render::table(&["Rule", "Provision", "File"]);
    for rule in &coverage.unexercised {
        table.add_row([rule.rule.clone(), rule.pinpoint.clone(), format!("{}:{}", rule.file, rule.line)]);
    }
    out.push_str(&format!("{table}\n"));
    out
}

fn provisions(document: &DocumentCoverage, out: &mut String) {
    let (encoded, others): (Vec<&ProvisionCoverage>, Vec<&ProvisionCoverage>) =
        document.provisions.iter().partition(|provision| !provision.rules.is_empty());
    if !encoded.is_empty() {
        let mut table = render::table(&["Provision", "Heading", "Rules"]);
        for provision in &encoded {
            table.add_row([provision.pinpoint.clone(), provision.heading.clone(), provision.rules.join(", ")]);
        }
        out.push_str(&format!("{}: encoded\n{table}\n\n", document.label));
    }
    if !others.is_empty() {
        let widest = others.iter().map(|provision| provision.pinpoint.chars().count()).max().unwrap_or(0);
        out.push_str(&format!("{}: no rule encodes\n", document.label));
        for ProvisionCoverage { pinpoint, heading, facts, .. } in others {
            let facts = if facts.is_empty() { String::new() } else { format!(" (facts: {})", facts.join(", ")) };
            out.push_str(&format!("  {pinpoint:widest$}  {heading}{facts}\n"));
        }
        out.push('\n');
    }
}
