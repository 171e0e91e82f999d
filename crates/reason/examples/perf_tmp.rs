//! temporary
use grounds_core::*; use grounds_reason::*;
fn main(){
 for shape in 0..3 {
 let n=40;
 let mut p=Program{entities:vec!["T".into()],..Program::default()};
 for i in 0..n { p.facts.push(FactDeclaration{predicate:format!("T.b{i}"),parameters:vec!["T".into()],value: if i%4==3 {Type::Number} else {Type::Bool},mode:FactMode::Open,judgement:false,ask:format!("b{i} of {{T}}?"),cites:vec![]}); }
 p.claims.push(ClaimDeclaration{name:"C".into(),kind:ClaimKind::Claim,parameters:vec!["T".into()],value:Type::Bool,say:"c".into(),say_not:"nc".into()});
 let at=|i:usize|Atom{predicate:format!("T.b{i}"),arguments:vec![Expression::Variable("t".into())]};
 let parts:Vec<Condition>=(0..n).map(|i| if i%4==3 {Condition::Compare{left:Expression::Atom(at(i)),operator:Comparison::Greater,right:Expression::Literal(Value::Number(Rational::integer(i as i64)))}} else {Condition::Holds(at(i))}).collect();
 let cond=match shape {0=>Condition::All(parts),1=>Condition::Any(parts),_=>Condition::All(parts.chunks(2).map(|c|Condition::Any(c.to_vec())).collect())};
 p.rules.push(Rule{id:"r".into(),kind:RuleKind::Base,cites:vec![],in_force:Validity::always(),claim:"C".into(),variables:vec![Variable{name:"t".into(),entity_type:"T".into()}],condition:cond,conclusion:Conclusion::Holds});
 let case=Case{as_of:"2020-01-01".parse().expect("d"),entities:vec![Entity{name:"x".into(),entity_type:"T".into()}],facts:vec![]};
 let e=evaluate(&p,&case).expect("e");
 let t=std::time::Instant::now(); let w=why_not(&p,&case,&e,"C",&["x".to_string()]);
 if let WhyNotKind::Unknown{missing}=&w.kind {println!("shape {shape}: {} sets of {} bound {} {:?}",missing.len(),missing[0].len(),w.bound_hit,t.elapsed());}
 let t=std::time::Instant::now(); let q=needs(&p,&case,&e,"C",&["x".to_string()]); println!("{:?} {:?}",q.map(|q|q.ask),t.elapsed());
 }}
