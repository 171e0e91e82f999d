//! A million cases, one after another, by one program that is made ready once: an authority that assesses every report it gets.

use std::time::Instant as Clock;

use grounds_core::{Case, Entity, Fact, FactGrounds, Instant, Money, Rational, Status, Value};
use grounds_reason::{Evaluator, RuleFile, compile, evaluate};

use crate::datalog::side::{Side, processor_seconds};
use crate::law::TestLaw;

const CASE_COUNT: u64 = 1_000_000;
/// Of these many cases one is evaluated by itself as well, and its proof checked.
const CHECKED_EVERY: u64 = 1_000;

/// Rules of the kind that the teaching corpus has, over the law that the tests cite.
const RULES: &str = r#"
source code = "code"
entity Firm
entity Incident
fact Incident.firm : Firm open ask "Which firm does {Incident} concern?"
fact Incident.detected_at : instant open ask "When was {Incident} detected?"
fact Incident.reported_at : instant closed ask "When was {Incident} reported?"
fact Incident.clients : number open ask "How many clients does {Incident} affect?"
fact Incident.planned : bool presumed no burden firm ask "Was {Incident} planned maintenance?"
fact Incident.assets : bool closed ask "Does {Incident} affect client assets?"
fact Firm.turnover : money open ask "What is the turnover of {Firm}?"
claim Significant(Incident) say "{Incident} is significant"
claim ReportBy(Incident) : instant say "{Incident} must be reported by {value}"
violation LateReport(Incident) say "{Incident} was reported late"
claim LateCount(Firm) : number say "{Firm} reported {value} incidents late"
claim Affected(Firm) : number say "incidents of {Firm} affect {value} clients"
violation Persistent(Firm) say "{Firm} reports late again and again"
sanction FineCap(Firm) : money say "the fine for {Firm} is at most {value}"

rule significant cites code art 1(2)(a) "at least 1 000 clients" in force 2015-01-01 .. 2019-06-30
  Significant(i) when i.clients >= 1 000 or i.assets
rule deadline cites code art 1(1) "within 72 hours of detecting it" in force 2015-01-01 .. 2019-06-30
  ReportBy(i) = i.detected_at + 72 hours when Significant(i)
exception planned to deadline cites code art 2(1) "planned maintenance" in force 2015-01-01 .. 2019-06-30
  when i.planned then ReportBy(i) is none
exception planned-assets to planned cites code art 2(2) "client assets" in force 2015-01-01 .. 2019-06-30
  when i.assets then ReportBy(i) = i.detected_at + 72 hours
rule late cites code art 1(1) "within 72 hours of detecting it" in force 2015-01-01 .. 2019-06-30
  LateReport(i) when i.reported_at > ReportBy(i) or (no i.reported_at and case.as_of > date of ReportBy(i))
rule late-count cites code art 3(3) "number of complaints"
  LateCount(f) = count of i in Incident where (i.firm = f and LateReport(i))
rule affected cites code art 3(3) "Refunds paid are added up"
  Affected(f) = sum of i.clients for each i in Incident where i.firm = f
rule persistent cites code art 3(3) "number of complaints"
  Persistent(f) when LateCount(f) >= 2 and Affected(f) >= 5 000
rule cap cites code art 3(1) "VRC 5 000 000 or 3 %"
  FineCap(f) = greater of (VRC 5 000 000, 3% of f.turnover rounded down)
    when some i in Incident where (i.firm = f and LateReport(i))
"#;

/// Evaluates all claims of every case; holds if the cases looked at by themselves are the same there and have proofs that are accepted.
pub(crate) fn run() -> anyhow::Result<bool> {
    let compiled = compile(&[RuleFile { name: "incidents.rules", source: RULES }], &TestLaw);
    let program = compiled.map_err(|mistakes| anyhow::anyhow!("{}", mistakes[0]))?.program;
    let evaluator = Evaluator::new(&program)?;
    let mut batch = evaluator.batch();
    let (mut counts, mut seconds, begun) = ([0_u64; 4], 0.0, Clock::now());
    for number in 0..CASE_COUNT {
        let case = case(number);
        let before = processor_seconds()?;
        let evaluation = batch.evaluate(&case)?;
        for judgement in evaluation.claims() {
            counts[match judgement.status {
                Status::Holds(_) => 0,
                Status::DoesNotHold => 1,
                Status::Undetermined => 2,
                Status::Conflict => 3,
            }] += 1;
        }
        seconds += processor_seconds()? - before;
        if number % CHECKED_EVERY == 0 {
            let proof = evaluation.proof();
            anyhow::ensure!(proof == evaluate(&program, &case)?.proof(), "case {number} is another by itself");
            grounds_proof::check(&program, &case, &proof)?;
        }
    }
    let [holds, does_not_hold, undetermined, conflict] = counts;
    let side = Side::of_this_process(seconds, usize::try_from(holds)?)?;
    println!(
        "claims: {holds} hold, {does_not_hold} do not, {undetermined} are undetermined, {conflict} in conflict; {} cases by themselves and \
         checked; {:.1} s with making the cases",
        CASE_COUNT / CHECKED_EVERY,
        begun.elapsed().as_secs_f64()
    );
    println!(
        "batch: {CASE_COUNT} cases in {seconds:.1} s on one processor, {:.0} a second; {:.0} MB at most",
        CASE_COUNT as f64 / seconds,
        side.peak_mb
    );
    Ok(counts.iter().all(|count| *count > 0))
}

/// Marsaglia's xorshift: the same cases in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit
    }
}

/// One to three firms with one to six incidents between them; of some facts nothing is known, and a few are stated both ways.
fn case(number: u64) -> Case {
    let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let as_of = jiff::civil::date(2018, 6, 1);
    let mut case = Case { as_of, entities: Vec::new(), facts: Vec::new() };
    let firms = 1 + random.below(3);
    for firm in 0..firms {
        let name = format!("firm {firm}");
        case.entities.push(Entity { name: name.clone(), entity_type: "Firm".to_owned() });
        if random.below(8) > 0 {
            let minor = i128::from(random.below(1_000_000_000)) * 100;
            state(&mut case, "Firm.turnover", &name, Value::Money(Money { minor, currency: "VRC".to_owned() }));
        }
    }
    for incident in 0..=random.below(6) {
        let name = format!("incident {incident}");
        case.entities.push(Entity { name: name.clone(), entity_type: "Incident".to_owned() });
        let firm = format!("firm {}", random.below(firms));
        state(&mut case, "Incident.firm", &name, Value::Entity(firm));
        let detected = 1_525_000_000 + i64::try_from(random.below(2_000_000)).unwrap_or(0);
        let instant = |unix_seconds| Value::Instant(Instant { unix_seconds, offset_minutes: 60 });
        if random.below(8) > 0 {
            state(&mut case, "Incident.detected_at", &name, instant(detected));
        }
        if random.below(3) > 0 {
            let reported = detected + i64::try_from(random.below(500_000)).unwrap_or(0);
            state(&mut case, "Incident.reported_at", &name, instant(reported));
        }
        for _ in 0..u64::from(random.below(8) > 0) + u64::from(random.below(50) == 0) {
            let clients = i64::try_from(random.below(5_000)).unwrap_or(0);
            state(&mut case, "Incident.clients", &name, Value::Number(Rational::integer(clients)));
        }
        for (fact, odds) in [("Incident.planned", 5), ("Incident.assets", 4)] {
            if random.below(odds) == 0 {
                state(&mut case, fact, &name, Value::Bool(true));
            }
        }
    }
    case
}

fn state(case: &mut Case, predicate: &str, entity: &str, value: Value) {
    let grounds = FactGrounds::Author { author: "report".to_owned() };
    case.facts.push(Fact { predicate: predicate.to_owned(), arguments: vec![entity.to_owned()], value, grounds });
}
