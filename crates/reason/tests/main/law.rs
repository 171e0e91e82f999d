//! The law that the tests cite: three invented documents, one of them in two versions.

use grounds_core::{DocumentId, Pinpoint, UnitId, Validity, VersionId};
use grounds_reason::{CitedText, CitedUnit};

/// A version: id, first day, first day no longer in force, and its lines, each "citation | text".
type Text = (&'static str, &'static str, Option<&'static str>, &'static str);

const CODE: [Text; 2] = [
    (
        "code@1",
        "2015-01-01",
        Some("2019-07-01"),
        "art. 1(1) | A firm shall report a significant incident to the Authority within 72 hours of detecting it.\n\
         art. 1(2)(a) | An incident is significant if it affects at least 1 000 clients, or\n\
         art. 1(2)(b) | if it lasts longer than 2 hours.\n\
         art. 2(1) | Article 1(1) shall not apply to planned maintenance.\n\
         art. 2(2) | Paragraph 1 shall not apply where client assets are affected.\n\
         art. 2(3) | An incident likely to mislead clients shall be reported by the end of the third working day.\n\
         art. 3(1) | The fine shall not exceed VRC 5 000 000 or 3 % of the total annual turnover, whichever is higher.\n\
         art. 3(2) | The more specific of two exceptions prevails.\n\
         art. 3(3) | Refunds paid are added up. The number of complaints counts.\n",
    ),
    (
        "code@2",
        "2019-07-01",
        None,
        "art. 1(1) | A firm shall report a significant incident to the Authority within 24 hours of detecting it.\n\
         art. 1(2)(a) | An incident is significant if it affects at least 500 clients, or\n\
         art. 1(2)(b) | if it lasts longer than 2 hours.\n\
         art. 2(1) | Article 1(1) shall not apply to planned maintenance.\n\
         art. 3(1) | The fine shall not exceed VRC 5 000 000 or 3 % of the total annual turnover, whichever is higher.\n\
         art. 3(2) | The more specific of two exceptions prevails.\n\
         art. 3(3) | Refunds paid are added up. The number of complaints counts.\n",
    ),
];

const ORDER: [Text; 1] = [(
    "days-order@1",
    "2015-01-01",
    None,
    "art. 1 | The weekend consists of Saturday and Sunday.\n\
     art. 2 | Public holidays are 1 January and 6 March.\n",
)];

const ACT: [Text; 1] = [(
    "allowance-act@1",
    "2015-01-01",
    None,
    "art. 1(1) | Everyone is paid an allowance of VRC 400.\n\
     art. 1(2) | A person who cares for a child is paid VRC 550 instead.\n\
     art. 1(3) | Where the child is disabled, VRC 700 are paid.\n\
     art. 1(4) | Students are paid VRC 300. Apprentices are paid VRC 300, the widowed VRC 350.\n\
     art. 2 | The rate depends on the class of the applicant.\n\
     art. 3 | Sums are taken over all sales.\n\
     art. 4 | Amounts are multiplied and divided exactly.\n\
     art. 5 | Periods are counted in days, months and years.\n\
     art. 6 | Fees are paid in money.\n",
)];

/// All documents.
pub(crate) struct TestLaw;

fn texts(document: &str) -> &'static [Text] {
    match document {
        "code" => &CODE,
        "days-order" => &ORDER,
        "allowance-act" => &ACT,
        _ => &[],
    }
}

fn validity(text: &Text) -> Validity {
    let date = |written: &str| written.parse().expect("the dates above are dates");
    Validity { from: date(text.1), to: text.2.map(date) }
}

impl CitedText for TestLaw {
    fn resolve(&self, document: &str) -> Option<DocumentId> {
        let id = match document {
            "CODE" => "code",
            "ORDER" => "days-order",
            other => other,
        };
        (!texts(id).is_empty()).then(|| DocumentId(id.to_owned()))
    }

    fn label(&self, document: &DocumentId) -> String {
        match document.0.as_str() {
            "code" => "CODE",
            "allowance-act" => "ACT",
            _ => "ORDER",
        }
        .to_owned()
    }

    fn unit_versions(&self, document: &DocumentId, pinpoint: &Pinpoint, during: Validity) -> Vec<CitedUnit> {
        let wanted = pinpoint.relative();
        let mut found = Vec::new();
        for text in texts(&document.0).iter().filter(|text| validity(text).overlaps(during)) {
            let mut unit: Option<CitedUnit> = None;
            let mut start = 0;
            for line in text.3.split_inclusive('\n') {
                let (citation, _) = line.split_once(" | ").expect("the lines above have a bar");
                let steps = Pinpoint::parse(citation).expect("the citations above are citations").steps;
                if steps.starts_with(&wanted.steps) {
                    match &mut unit {
                        Some(unit) => {
                            unit.text.push_str(line);
                            unit.hash = hash(&unit.text);
                        }
                        None => unit = Some(cited(self, document, text, &wanted, start, line)),
                    }
                }
                start += line.len();
            }
            found.extend(unit);
        }
        found
    }

    fn versions_in(&self, document: &DocumentId, during: Validity) -> Vec<(VersionId, Validity)> {
        texts(&document.0)
            .iter()
            .map(|text| (VersionId(text.0.to_owned()), validity(text)))
            .filter(|(_, in_force)| in_force.overlaps(during))
            .collect()
    }
}

fn cited(law: &TestLaw, document: &DocumentId, text: &Text, wanted: &Pinpoint, start: usize, line: &str) -> CitedUnit {
    CitedUnit {
        version: VersionId(text.0.to_owned()),
        unit: UnitId(wanted.to_string().replace(['.', ' ', '(', ')'], "_")),
        in_force: validity(text),
        start: u32::try_from(start).expect("the texts above are short"),
        text: line.to_owned(),
        hash: hash(line),
        pinpoint: format!("{} {wanted}", law.label(document)),
    }
}

/// A number of the words alone, as the store's hashes are: white space does not count.
fn hash(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
    let number = words
        .join(" ")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{number:016x}")
}
