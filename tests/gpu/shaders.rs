//! Every kernel with every model is valid WGSL and uses only operations of the contract, whatever
//! machine this is; and host and shader agree on every layout.

use std::sync::Arc;

use brainsweep::backend::gpu::{
    Build, Dialect, Kernel, Network, Program, conformance, layouts, moments_wgsl, monitor_wgsl,
    peak, validate_wgsl,
};
use brainsweep::coupling::FORMS;
use brainsweep::integrator::Integrator;
use brainsweep::model::{MODELS, Model};
use brainsweep::monitor::{self, MONITORS};
use brainsweep::plan::Observing;
use brainsweep::study::{NoiseKind, Observation, Term};
use brainsweep::testing::dynamics::{Links, Recipe, Stages, Step};
use ndarray::Array2;
use rayon::prelude::*;

use crate::common;
use crate::contract::violations;
use crate::walls;

/// How rounding is kept: the texts of other builds are one of these.
const BUILDS: [Build; 2] = [Build::NoContraction, Build::Barrier];

const NOISES: [NoiseKind; 3] = [
    NoiseKind::None,
    NoiseKind::White,
    NoiseKind::OrnsteinUhlenbeck,
];

const KERNELS: [Kernel; 3] = [
    Kernel::Global {
        lanes: 32,
        team: 8,
        block: 4,
    },
    Kernel::Resident {
        threads: 256,
        block: 16,
        uniform_edges: true,
        held: None,
    },
    Kernel::Resident {
        threads: 128,
        block: 32,
        uniform_edges: false,
        held: Some(93),
    },
];

/// The tutorial's network.
const NETWORK: Network = Network {
    n_nodes: 80,
    n_slots: 1,
    min_lag: 3,
    max_lag: 124,
    max_feedback_lag: 0,
};

/// A monitor of ten nodes that shows something every 20 ms.
fn observing(name: &str) -> Observing {
    let monitor = monitor::find(name).unwrap();
    let mut observation = Observation::new(monitor, 0, 20.0, 0.1);
    let matrix = || Arc::new(Array2::zeros((2, 10)));
    observation.matrix = monitor.needs_matrix.then(matrix);
    Observing::new(&[&observation], "monitor", [0.1, 0.0], 1000, 10).unwrap()
}

/// The kernels of all monitors.
fn of_monitors(dialect: Dialect) -> Vec<String> {
    let all = MONITORS.iter();
    all.map(|one| monitor_wgsl(&observing(one.name), dialect))
        .collect()
}

fn wgsl(model: &Model, recipe: &Recipe, replayed: &[bool], kernel: Kernel, build: Build) -> String {
    let links = &recipe.links;
    let n_slots = links.lines.len().max(links.channels.len()).max(1) as u32;
    // Where rounding is kept by walls, monitors watch: one that takes the mean, and one that takes the last.
    let monitors = match build {
        Build::Barrier => vec![observing("balloon-windkessel"), observing("subsample")],
        _ => Vec::new(),
    };
    let all: Vec<usize> = (0..model.observables().len()).rev().collect();
    let has_uniform_edges = matches!(
        kernel,
        Kernel::Resident {
            uniform_edges: true,
            ..
        }
    );
    let program = Program {
        model,
        recipe,
        step: &Step::observed(model, recipe, &all, &vec![0; monitors.len()]),
        monitors: &monitors,
        replayed,
        network: Network { n_slots, ..NETWORK },
        kernel,
        uniform_edges: has_uniform_edges.then_some(3200),
        dialect: Dialect {
            build,
            wide_integers: build == Build::Barrier,
        },
    };
    program.wgsl()
}

/// Every kernel of every model x integrator x noise x coupling is valid and keeps the contract. How
/// rounding is kept, which noise targets are random and which are replayed change from one recipe to
/// the next, so that each of these meets every kernel.
#[test]
fn every_kernel_of_every_model_is_valid_and_keeps_the_contract() {
    MODELS.par_iter().for_each(|model| {
        for (r, recipe) in recipes(model).into_iter().enumerate() {
            let build = BUILDS[(r + r / 4) % 2];
            let replayed = [&[][..], &[true, false]][(r / 2 + r / 12) % 2];
            for kernel in [KERNELS[0], KERNELS[1 + r % 2]] {
                let wgsl = wgsl(model, &recipe, replayed, kernel, build);
                let what = format!("{} {kernel} {build:?} {recipe:?}", model.name);
                assert_keeps_the_contract(&what, &wgsl);
            }
        }
    });
}

/// Every integrator x noise x coupling that a network of this model can have.
fn recipes(model: &Model) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    let forms = FORMS.iter().copied().map(Some).chain([None]);
    for form in forms.filter(|form| form.is_none_or(|form| common::can_couple(model, form))) {
        let terms = form.map(|form| Term::new(model, form));
        for noise in NOISES {
            for integrator in Integrator::ALL {
                let full = Recipe::full(model, integrator, noise);
                // All targets, the first alone, the second alone, none.
                let random = [u128::MAX, 1, 2, 0][recipes.len() / 4 % 4];
                let recipe = Recipe {
                    stimuli: vec![0; recipes.len() % 3 * usize::from(!model.inputs.is_empty())],
                    links: Links::of(model, terms.as_slice()),
                    random: full.random & random,
                    ..full
                };
                if integrator == Integrator::Heun {
                    let (delayed, prompt) =
                        [(true, false), (false, true), (true, true)][recipes.len() / 4 % 3];
                    recipes.push(Recipe {
                        stages: Some(Stages { delayed, prompt }),
                        ..recipe.clone()
                    });
                }
                let exact_kicks =
                    integrator == Integrator::ExponentialEuler && noise == NoiseKind::White;
                recipes.push(Recipe {
                    exact_kicks,
                    ..recipe
                });
            }
        }
    }
    recipes
}

/// The texts for devices that take no SPIR-V leave their compiler no two operations to fuse or reorder,
/// and reach Metal and DX12 so.
#[test]
fn metal_and_dx12_get_every_operation_behind_a_wall() {
    let dialect = Dialect::narrow(Build::Barrier);
    // Of the shader for peak rates no results are used.
    let texts = [moments_wgsl(dialect), conformance::wgsl(dialect)];
    let texts = texts.into_iter().chain(of_monitors(dialect));
    texts.for_each(|text| walls::assert_built(&text));
    MODELS.par_iter().for_each(|model| {
        for (r, recipe) in recipes(model).into_iter().enumerate().step_by(23) {
            let kernel = KERNELS[r % 3];
            walls::assert_built(&wgsl(model, &recipe, &[], kernel, Build::Barrier));
        }
    });
}

#[track_caller]
fn assert_keeps_the_contract(what: &str, wgsl: &str) {
    match violations(wgsl) {
        Ok(found) => assert!(found.is_empty(), "{what}: {found:#?}\n{wgsl}"),
        Err(error) => panic!("{what}: {error}\n{wgsl}"),
    }
}

#[test]
fn the_kernels_of_no_model_are_valid_and_keep_the_contract() {
    for build in BUILDS {
        for wide_integers in [false, true] {
            let dialect = Dialect {
                build,
                wide_integers,
            };
            assert_keeps_the_contract("moments", &moments_wgsl(dialect));
            assert_keeps_the_contract("peak", &peak::wgsl(dialect));
            for text in of_monitors(dialect) {
                assert_keeps_the_contract("a monitor", &text);
            }
            assert_keeps_the_contract("conformance", &conformance::wgsl(dialect));
        }
    }
}

/// No kernel binds more storage buffers than every device has, and each binds those of which the choice of kernels knows.
#[test]
fn a_kernel_binds_as_many_storage_buffers_as_its_choice_says() {
    // What WebGPU promises of every device.
    const EVERY_DEVICE_HAS: u32 = 8;
    let recipe = Recipe::full(MODELS[0], Integrator::Euler, NoiseKind::OrnsteinUhlenbeck);
    for kernel in KERNELS {
        for (build, watches) in [(BUILDS[0], false), (BUILDS[1], true)] {
            let text = wgsl(MODELS[0], &recipe, &[], kernel, build);
            let module = validate_wgsl(&text).unwrap().0;
            let is_storage = |space| matches!(space, naga::AddressSpace::Storage { .. });
            let all = module.global_variables.iter();
            let found = all.filter(|(_, variable)| is_storage(variable.space));
            let found = found.count() as u32;
            assert_eq!(
                found,
                kernel.storage_buffers(watches),
                "{kernel}, {watches}"
            );
            assert!(found <= EVERY_DEVICE_HAS, "{kernel}, {watches}: {found}");
        }
    }
}

/// Sizes and offsets of every structure that host and shader share.
#[test]
fn layouts_agree_with_the_host() {
    let recipe = Recipe {
        stimuli: Vec::new(),
        moving: Vec::new(),
        integrator: Integrator::Euler,
        links: Recipe::full(MODELS[0], Integrator::Euler, NoiseKind::None).links,
        noise: NoiseKind::OrnsteinUhlenbeck,
        process: 3,
        random: 3,
        exact_kicks: false,
        stages: None,
    };
    let mut texts = KERNELS
        .map(|kernel| wgsl(MODELS[0], &recipe, &[], kernel, Build::NoContraction))
        .to_vec();
    texts.push(moments_wgsl(Dialect::narrow(Build::NoContraction)));
    texts.extend(of_monitors(Dialect::narrow(Build::NoContraction)));
    let modules: Vec<naga::Module> = texts
        .iter()
        .map(|text| validate_wgsl(text).unwrap().0)
        .collect();
    for (name, size, fields) in layouts() {
        let mut found_in = 0;
        let types = modules.iter().flat_map(|module| module.types.iter());
        for (_, ty) in types.filter(|(_, ty)| ty.name.as_deref() == Some(name)) {
            let naga::TypeInner::Struct { members, span } = &ty.inner else {
                panic!("{name} is not a structure of the shader")
            };
            assert_eq!(*span as usize, size, "size of {name}");
            let found: Vec<(&str, usize)> = members
                .iter()
                .map(|member| {
                    (
                        member.name.as_deref().unwrap_or_default(),
                        member.offset as usize,
                    )
                })
                .collect();
            assert_eq!(found, fields, "fields of {name}");
            found_in += 1;
        }
        assert!(found_in > 0, "{name} is in no shader");
    }
}
