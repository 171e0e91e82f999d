//! What a case asks, as a claim of our rules, and what its label says of it.

use anyhow::Context as _;

use super::prolog::{Clause, Term};
use super::solve::text;

/// For each goal: its name (with `/n` where it comes with different numbers of arguments), what its arguments are, the claim with its
/// arguments, and the rule that must decide where the goal names a provision that is only part of the claim (`s1-a-` means any rule whose
/// id begins so). `_` is not read, `v` is the value,
/// `i` the itemized deductions that the goal supposes, `y` a year, `d` a day, `w` a service, `e` and `f` its employer and employee, `x` a
/// payment, `m` a marriage, `h` a home, and the rest are persons.
const GOALS: &str = "
tax p y v => Tax p y
s1 p y _ v => IncomeTax p y
s1_a p y _ v => IncomeTax p y # s1-a-
s1_b p y _ v => IncomeTax p y # s1-b-
s1_c p y _ v => IncomeTax p y # s1-c-
s1_d p _ y _ v => IncomeTax p y # s1-d-
s1_a_i _ v => IncomeTax p y # s1-a-i
s1_a_ii _ v => IncomeTax p y # s1-a-ii
s1_a_iii _ v => IncomeTax p y # s1-a-iii
s1_a_iv _ v => IncomeTax p y # s1-a-iv
s1_a_v _ v => IncomeTax p y # s1-a-v
s1_b_i _ v => IncomeTax p y # s1-b-i
s1_b_ii _ v => IncomeTax p y # s1-b-ii
s1_b_iii _ v => IncomeTax p y # s1-b-iii
s1_b_iv _ v => IncomeTax p y # s1-b-iv
s1_b_v _ v => IncomeTax p y # s1-b-v
s1_c_i _ v => IncomeTax p y # s1-c-i
s1_c_ii _ v => IncomeTax p y # s1-c-ii
s1_c_iii _ v => IncomeTax p y # s1-c-iii
s1_c_iv _ v => IncomeTax p y # s1-c-iv
s1_c_v _ v => IncomeTax p y # s1-c-v
s1_d_i _ v => IncomeTax p y # s1-d-i
s1_d_ii _ v => IncomeTax p y # s1-d-ii
s1_d_iii _ v => IncomeTax p y # s1-d-iii
s1_d_iv _ v => IncomeTax p y # s1-d-iv
s1_d_v _ v => IncomeTax p y # s1-d-v
s2_a p _ _ _ y => SurvivingSpouse p y
s2_a_1 p s m h c y => SurvivingSpouseOf p s y
s2_a_1_A p s m y => SpouseDiedRecently p m s y
s2_a_1_B p h c y => KeepsHomeFor p h c y
s2_a_2_A p m y => Remarried p m y
s2_a_2_B p s y => JointReturnPossible p s y
s2_b p h c y => HeadOfHousehold p y
s2_b_1 p h c y => HeadInGeneral p c y
s2_b_1_A p h c y => KeepsHomeMostly p h c y
s2_b_1_A_i p c y => QualifyingChildForHead p c y
s2_b_1_A_i_I c y => ChildIsMarried c y
s2_b_1_A_i_II c p y => NotBarredAsMarried p c y
s2_b_1_A_ii p c y => OtherDependentForHead p c y
s2_b_1_B p h c y => KeepsParentsHome p h c y
s2_b_2_A m y => SeparatedByDecree m y
s2_b_2_B p s y => SpouseIsAlien p s y
s2_b_2_C p m s y => SpouseDiedInYear p m s y
s2_b_3_A p y => NonresidentAlien p y
s2_b_3_B p c y => OnlyAsMemberOfHousehold p c y
s63 p y v => TaxableIncome p y
s63_a p y v => TaxableIncome p y # s63-a
s63_b p y v => TaxableIncome p y # s63-b
s63_c p y v => StandardDeduction p y
s63_c_1 p y v => StandardDeduction p y
s63_c_2 p y v => BasicBeforeLimit p y
s63_c_2_A_i p y => DoubledForJointReturn p y
s63_c_2_A_ii p y => DoubledForSurvivingSpouse p y
s63_c_2_B p y v => BasicBeforeLimit p y # s63-c-2-B
s63_c_2_C y v => AmountOfC y
s63_c_3 p v y => AdditionalDeduction p y
s63_c_5 p _ y v => BasicLimit p y
s63_c_6_A p _ _ y => ItemizingSpouses p y
s63_c_6_B p y => NonresidentAlien p y
s63_c_6_D p y => IsTrust p y
s63_c_7_i y v => AmountOfB y
s63_c_7_ii y v => AmountOfC y
s63_d p _ v y => OwnItemized p y
s63_d_2 p _ v y => Exemptions p y
s63_f_1_A p y => Aged p y
s63_f_1_B p y => AgedSpouse p y
s63_f_2_A p y => Blind p y
s63_f_2_B p y => BlindSpouse p y
s63_f_3 p y v => AdditionalAmount p y # s63-f-3
s68_a_1 _ _ v => ThreePercentOfExcess p y
s68_a_2 i v => EightyPercentOfDeductions p y
s68_b_1_A p v y => ApplicableAmount p y # s68-b-1-A
s68_b_1_B p v y => ApplicableAmount p y # s68-b-1-B
s68_b_1_C p v y => ApplicableAmount p y # s68-b-1-C
s68_b_1_D p v y => ApplicableAmount p y # s68-b-1-D
s68_f y => LimitationSuspended y
s151_a p v y => Exemptions p y
s151_b/3 p s y => SpouseExemption p s y
s151_b/4 p s _ y => SpouseExemption p s y
s151_c p c _ y => DependentExemption p c y
s151_d_1 v => BasicExemptionAmount y
s151_d_2 _ p _ v y => ExemptionAmount p y # s151-d-2
s151_d_3_A p _ _ _ _ v y => ExemptionAmount p y # s151-d-3-A
s151_d_3_B v p _ y _ => ApplicablePercentage p y
s151_d_5 v y => ExemptionAmount p y # s151-d-5
s152 c p y => Dependent c p y
s152_a c p y _ _ => DependentInGeneral c p y
s152_b_1 c _ y => IsADependent c y
s152_b_2 c _ _ y => BarredAsMarried c y
s152_c c p y => QualifyingChild c p y
s152_c_1 c p y => QualifyingChild c p y
s152_c_1_B c _ p _ _ y => SameAbode c p y
s152_c_1_E c _ y => NoJointReturn c y
s152_c_2 c p _ _ => ChildRelationship c p
s152_c_2_A c p _ _ _ => ChildOrDescendant c p
s152_c_2_B c p _ _ _ => SiblingOrDescendant c p
s152_c_3 c p y => MeetsAge c p y
s152_d_1_B c y => NoIncome c y
s152_d_1_D c y => NobodysQualifyingChild c y
s152_d_2_A c p _ _ => RelativeA c p
s152_d_2_B c p _ _ => RelativeB c p
s152_d_2_C c p _ _ => RelativeC c p
s152_d_2_D c p _ _ => Stepparent c p y
s152_d_2_E c p _ _ _ => RelativeE c p
s152_d_2_F c p _ _ _ => RelativeF c p
s152_d_2_G c p _ _ => InLaw c p y
s152_d_2_H c p y _ _ _ => MemberOfHousehold c p y
s3301 p y _ v => ExciseTax p y
s3306_a p y _ => Employer p y
s3306_a_1 p y _ => Employer p y # s3306-a-1-
s3306_a_1_A p y _ => Employer p y # s3306-a-1-A
s3306_a_1_B p y => Employer p y # s3306-a-1-B
s3306_a_2 p y _ => Employer p y # s3306-a-2-
s3306_a_2_A p y _ => Employer p y # s3306-a-2-A
s3306_a_2_B p y => Employer p y # s3306-a-2-B
s3306_a_3 p y _ => Employer p y # s3306-a-3
s3306_b _ x _ _ _ _ _ _ _ _ _ => Wages x
s3306_b_2 x _ _ _ _ _ => UnderPlan x
s3306_b_2_A x => OnSicknessOrDisability x
s3306_b_2_C x => OnDeath x
s3306_b_7 x _ _ _ => InKindOutsideTrade x
s3306_b_10_A x _ _ _ _ _ => AfterTermination x
s3306_b_10_B _ x _ => UnderEmployersPlan x
s3306_b_11 x _ => FarmLaborInKind x
s3306_b_15 x _ _ _ => ToSurvivor x
s3306_c w e f _ d y => Employment w d y
s3306_c_A w e f _ => InUnitedStates w
s3306_c_B w e f _ => AbroadForAmerican w
s3306_c_1 w e f y => ExcludedFarmLabor w y
s3306_c_1_A_i p y => PaidEnoughForFarmLabor p y
s3306_c_1_A_ii p y => EnoughFarmHands p y
s3306_c_1_B w f => NotByAdmittedAlien w
s3306_c_2 w e y => ExcludedDomesticService w y
s3306_c_5 w e f d => ForFamily w d
s3306_c_6 w => ForUnitedStates w
s3306_c_7 w => ForState w
s3306_c_10_A w e f d => ByStudent w d
s3306_c_10_A_i f e d => ByStudent w d
s3306_c_10_A_ii _ f e d => BySpouseOfStudent w d
s3306_c_10_B w e f d => ByPatient w d
s3306_c_11 w e f => ForForeignGovernment w
s3306_c_13 w e f d => ByStudentNurse w d
s3306_c_16 w e f => ForInternationalOrganization w
s3306_c_21 w e f d => ByPrisoner w d
s7703 p s _ _ _ _ _ _ y => MarriedTo p s y
s7703_a_1 p s _ _ y => SpouseOf p s y
s7703_a_2 p s _ _ y => Separated p s y
s7703_b_1 p _ h _ c y => KeepsHomeForChild p y
s7703_b_2 p h _ y => FurnishesOverHalf p h y
s7703_b_3 p s h y => SpouseAway p s h y
";

/// What a case asks.
#[derive(Debug)]
pub(super) struct Question {
    /// The claim.
    pub(super) claim: String,
    /// For each argument of the claim its letter in the table above.
    pub(super) letters: Vec<char>,
    /// What the goal says about letters.
    pub(super) given: Vec<(char, String)>,
    /// The value claimed, as SARA writes it.
    pub(super) value: Option<String>,
    /// The rule that must decide, or what its id begins with.
    pub(super) rule: Option<String>,
    /// The taxable years that the goal speaks of.
    pub(super) years: Vec<i16>,
    /// Whether the label says that the claim holds.
    pub(super) holds: bool,
    /// Whether the label is an amount.
    pub(super) is_amount: bool,
}

/// Reads the label and the goal of a case.
pub(super) fn question(source: &str, test: &[Clause]) -> anyhow::Result<Question> {
    let label = label(source).context("a case has no label")?;
    let mut goals = Vec::new();
    for clause in test {
        collect(&clause.body, &mut goals);
    }
    let years: Vec<i16> = goals.iter().flat_map(|(_, arguments)| arguments.iter().filter_map(year)).collect();
    let found = goals.iter().rev().find_map(|(name, arguments)| row(name, arguments.len()).map(|row| (row, arguments)));
    let ((parameters, claim, letters, rule), arguments) = found.context("a case asks what no claim answers")?;
    let mut given: Vec<(char, String)> = Vec::new();
    for (letter, argument) in parameters.iter().zip(arguments) {
        if let (true, Some(text)) = (*letter != '_', text(argument)) {
            given.push((*letter, text));
        }
    }
    // Two cases give year and amount in the other order.
    let read = |letter| given.iter().position(|(other, _)| *other == letter);
    if let (Some(year_at), Some(value_at)) = (read('y'), read('v'))
        && !is_year(&given[year_at].1)
        && is_year(&given[value_at].1)
    {
        (given[year_at].0, given[value_at].0) = ('v', 'y');
    }
    let given_years: Vec<i16> =
        given.iter().filter(|(letter, _)| *letter == 'y').filter_map(|(_, text)| text.parse().ok()).collect();
    let is_amount = label.starts_with('$');
    let value = match is_amount {
        true => Some(label.trim_start_matches('$').to_owned()),
        false => given.iter().find(|(letter, _)| *letter == 'v').map(|(_, text)| text.clone()),
    };
    given.retain(|(letter, _)| *letter != 'v');
    Ok(Question {
        claim,
        letters,
        given,
        value,
        rule,
        years: if given_years.is_empty() { years } else { given_years },
        holds: label != "Contradiction",
        is_amount,
    })
}

/// The last word of the question: "Entailment", "Contradiction", "$4525".
fn label(source: &str) -> Option<String> {
    let after = source.split("% Question").nth(1)?;
    let question = after.split("% Facts").next()?;
    question.split_whitespace().last().map(|word| word.replace(',', ""))
}

fn is_year(text: &str) -> bool {
    text.parse().is_ok_and(|year: i16| (1900..2100).contains(&year))
}

fn year(term: &Term) -> Option<i16> {
    text(term).filter(|text| is_year(text)).and_then(|text| text.parse().ok())
}

/// The goals of a test, through `,` and `\\+`.
fn collect(term: &Term, goals: &mut Vec<(String, Vec<Term>)>) {
    match term {
        Term::Compound(name, parts) if matches!(name.as_str(), "," | "\\+") => {
            parts.iter().for_each(|part| collect(part, goals));
        }
        Term::Compound(name, arguments) => goals.push((name.clone(), arguments.clone())),
        _ => {}
    }
}

type Row = (Vec<char>, String, Vec<char>, Option<String>);

fn row(name: &str, arity: usize) -> Option<Row> {
    let with_arity = format!("{name}/{arity}");
    let line = GOALS.lines().find(|line| {
        let first = line.split(' ').next().unwrap_or_default();
        first == name || first == with_arity
    })?;
    let (goal, claim) = line.split_once(" => ")?;
    let (claim, rule) = claim.split_once(" # ").map_or((claim, None), |(claim, rule)| (claim, Some(rule.to_owned())));
    let letters = |text: &str| text.split(' ').skip(1).filter_map(|word| word.chars().next()).collect::<Vec<char>>();
    let claim_name = claim.split(' ').next().unwrap_or_default().to_owned();
    Some((letters(goal), claim_name, letters(claim), rule))
}
