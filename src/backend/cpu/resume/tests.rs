//! Broken off after any step, and taken up by another kernel in other company, every simulation has the bits of one without a break.

use std::path::Path;

use super::*;
use crate::backend::cpu::Cpu;
use crate::io::study;
use crate::record::Takes;

const SHORT: [&str; 3] = [
    "protocol.duration=30",
    "protocol.dt=0.1",
    "record.every=0.7",
];

/// Every kind of noise, step, monitor and memory of the past.
const STUDIES: [&str; 7] = [
    "coupling = { g = 1, conduction_speed = 10 }\ninput.x = 0.72\nrecord.states = [\"x\", \"y\"]\nprotocol.transient = 14\n\
     noise = { kind = \"ornstein-uhlenbeck\", tau = 5, sigma.x = 0.01 }",
    "integrator = \"heun\"\ncoupling = { g = 0.5, conduction_speed = 15 }\nprotocol.coupling_at = \"stages\"\n\
     noise = { kind = \"white\", sigma.x = 0.02 }",
    "model = \"jansen-rit\"\nintegrator = \"heun\"\ncoupling.g = 0.1\nnoise = { kind = \"white\", sigma.y4 = 1 }\n\
     [[stimulus]]\nwaveform = \"pulse\"\namplitude = 0.1\nonset = 3\nduration = 1.5\nevery = 4\nrepeats = 6",
    "model = \"kuramoto\"\nintegrator = \"rk4\"\ncoupling.g = 0.5\ninitial.theta = { uniform = [0, 6] }",
    "model = \"feedback-fitzhugh-nagumo\"\nparameters.delay = 6.3\ncoupling = { g = 0.05, conduction_speed = inf }\n\
     [[stimulus]]\nwaveform = \"noise\"\namplitude = 0.1\nonset = 2\nduration = 25",
    "model = \"reduced-wong-wang-exc-inh\"\ncoupling = { g = 0.3, conduction_speed = 20 }\n\
     noise = { kind = \"white\", sigma.S_E = 0.01, sigma.S_I = 0.01 }\n\
     [[monitor]]\nkind = \"balloon-windkessel\"\nsource = \"S_E\"\nstep = 0.5\ntr = 3.5\n\
     [[monitor]]\nkind = \"temporal-average\"\nsource = \"r_E\"\ntr = 2.3",
    "coupling = { g = 1, conduction_speed = 10 }\ninput.x = 0.8\nrecord.states = [\"x\"]\n\
     [[monitor]]\nkind = \"hrf-gamma\"\nsource = \"x\"\nstep = 4\ntr = 8\n\
     [[monitor]]\nkind = \"subsample\"\nsource = \"y\"\ntr = 1.1",
];

/// Members that share their seed or not, and differ in a number.
fn plan(text: &str, halvings: u32) -> Plan {
    let member = |k: usize| {
        let seed = format!("protocol.seed={}", 3 + k / 2);
        let settings = [&SHORT[..], &[&seed]].concat();
        let mut study = study::parse(text, "resumed", Path::new(""), &settings).unwrap();
        let g = study.coupling.terms[0].parameters[0].at(0);
        study.set_g(g * (1.0 + 0.01 * k as f64));
        study
    };
    let studies: Vec<_> = (0..5).map(member).collect();
    match halvings {
        0 => Plan::batch(&studies).unwrap(),
        _ => Plan::refined(&studies, halvings).unwrap(),
    }
}

/// All that is heard of one member, as bits.
#[derive(Debug, Clone, Default, PartialEq)]
struct Heard {
    samples: Vec<u32>,
    observed: Vec<Vec<u32>>,
    state: Vec<u32>,
    rest: String,
}

const TAKES: Takes = Takes {
    samples: true,
    moments: true,
};

fn group<'p>(plan: &'p Plan, kernel: Kernel, members: &[usize]) -> Group<'p> {
    let how = (kernel, Fusion::All);
    Group::new(plan, how, members, TAKES, &Control::default()).unwrap()
}

/// Advances to `end` in stretches of `stretch` steps, and adds what is heard of each member.
fn advance(group: &mut Group, end: u32, stretch: u32, heard: &mut [Heard]) {
    let bits = |all: &[f32]| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    while group.step() < end {
        let n_steps = stretch.min(end - group.step());
        let samples = group.advance(n_steps);
        for (heard, samples) in heard.iter_mut().zip(&samples) {
            heard.samples.extend(bits(samples));
        }
        for (k, members) in group.observed().iter().enumerate() {
            for (heard, (first, samples)) in heard.iter_mut().zip(members) {
                heard
                    .observed
                    .resize(heard.observed.len().max(k + 1), Vec::new());
                assert_eq!(heard.observed[k].len(), first * 80);
                heard.observed[k].extend(bits(samples));
            }
        }
    }
    for (lane, heard) in heard.iter_mut().enumerate() {
        heard.state = bits(&group.state_of(lane));
    }
}

/// The same at the run's end, with all sums.
fn finish(group: &mut Group, plan: &Plan, stretch: u32, heard: &mut [Heard]) {
    advance(group, plan.n_steps, stretch, heard);
    for (lane, heard) in heard.iter_mut().enumerate() {
        group.outside(lane, |k, fractions| {
            heard.rest += &format!("{k} {fractions:?}\n")
        });
    }
    let has_sums = plan.measured().is_none();
    group.complete();
    for (lane, heard) in heard.iter_mut().enumerate() {
        if has_sums {
            heard.rest += &format!("{:?}", group.moments(lane).unwrap());
        }
    }
}

/// Every member by itself, without a break.
fn unbroken(plan: &Plan) -> Vec<Heard> {
    let of = |member: usize| {
        let mut heard = [Heard::default()];
        let mut group = group(plan, Kernel::Reference, &[member]);
        finish(&mut group, plan, 100, &mut heard);
        let [heard] = heard;
        heard
    };
    (0..5).map(of).collect()
}

/// Runs `first` members with a kernel for `n_steps`, then `then` of them with another to the end.
fn broken(
    plan: &Plan,
    n_steps: u32,
    (kernel, first): (Kernel, &[usize]),
    (other, then): (Kernel, &[usize]),
) -> Vec<(usize, Heard)> {
    let mut before = vec![Heard::default(); first.len()];
    let mut begun = group(plan, kernel, first);
    advance(&mut begun, n_steps, 37, &mut before);
    let mut words = vec![Vec::new(); 5];
    for (lane, &member) in first.iter().enumerate() {
        begun.pass(lane, &mut Passage::out(&mut words[member]));
    }
    drop(begun);
    let mut resumed = group(plan, other, then);
    resumed.go_to(n_steps);
    for lane in 0..resumed.width() {
        let member = then[lane.min(then.len() - 1)];
        let mut passage = Passage::back(&words[member]);
        resumed.pass(lane, &mut passage);
        assert!(passage.is_whole());
    }
    let place = |member: &usize| first.iter().position(|other| other == member).unwrap();
    let mut heard: Vec<Heard> = then
        .iter()
        .map(|member| before[place(member)].clone())
        .collect();
    finish(&mut resumed, plan, 61, &mut heard);
    then.iter().copied().zip(heard).collect()
}

#[test]
fn whatever_is_broken_off_goes_on_with_the_same_bits() {
    let lanes = Cpu::kernels();
    let of = |is_wanted: fn(&Kernel) -> bool| *lanes.iter().rfind(|k| is_wanted(k)).unwrap();
    let single = of(|kernel| matches!(kernel, Kernel::Single(_)));
    let batch = of(|kernel| matches!(kernel, Kernel::Batch(_)));
    let all = &[0, 1, 2, 3, 4][..];
    for (k, text) in STUDIES.iter().enumerate() {
        let plan = plan(text, 0);
        assert_eq!(plan.n_steps, 300);
        let expected = unbroken(&plan);
        assert_ne!(expected[0], expected[1], "{text}");
        let ways = [
            (1, (batch, all), (batch, all)),
            (17, (single, &[3][..]), (Kernel::Reference, &[3][..])),
            (203 + k as u32, (batch, all), (batch, &[4, 1, 2][..])),
            (251, (batch, &[0, 2, 4][..]), (single, &[2][..])),
            (299, (Kernel::Reference, &[1][..]), (batch, &[1][..])),
        ];
        for (n_steps, first, then) in ways {
            for (member, heard) in broken(&plan, n_steps, first, then) {
                let is_same = heard == expected[member];
                assert!(
                    is_same,
                    "{text}\nmember {member} broken off after {n_steps} steps"
                );
            }
        }
    }
}

/// The random numbers of halved steps are made of those of whole ones.
#[test]
fn halved_steps_go_on_in_the_middle_of_whole_ones() {
    let lanes = Cpu::kernels();
    let batch = *lanes.last().unwrap();
    for text in &STUDIES[..2] {
        let plan = plan(text, 2);
        let expected = unbroken(&plan);
        for n_steps in [4 * 16 + 1, 4 * 21 + 2, 4 * 30 + 3] {
            for (member, heard) in broken(&plan, n_steps, (batch, &[1, 2, 3]), (batch, &[2, 3])) {
                assert!(
                    heard == expected[member],
                    "{text}\n{member} after {n_steps}"
                );
            }
        }
    }
}
