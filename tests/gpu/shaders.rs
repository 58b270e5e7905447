//! Every kernel with every model is valid WGSL, whatever machine this is; and host and shader agree on every layout.

use brainsweep::backend::gpu::{
    Build, Dialect, Kernel, Network, Program, layouts, moments_wgsl, roof, validate_wgsl,
};
use brainsweep::coupling;
use brainsweep::dynamics::{Links, Recipe, Step};
use brainsweep::integrator::Integrator;
use brainsweep::model::{MODELS, Model};
use brainsweep::study::{NoiseKind, Term};

const KERNELS: [Kernel; 2] = [
    Kernel::Global {
        lanes: 32,
        team: 8,
        block: 4,
    },
    Kernel::Resident {
        threads: 256,
        block: 16,
        uniform_edges: true,
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

fn wgsl(model: &Model, recipe: &Recipe, replayed: &[bool], kernel: Kernel, build: Build) -> String {
    let links = &recipe.links;
    let n_slots = links.lines.len().max(links.channels.len()).max(1) as u32;
    let program = Program {
        model,
        recipe,
        step: &Step::new(
            model,
            recipe,
            &(0..model.observables().len()).rev().collect::<Vec<_>>(),
        ),
        replayed,
        network: Network { n_slots, ..NETWORK },
        kernel,
        uniform_edges: replayed.is_empty().then_some(3200),
        dialect: Dialect {
            build,
            wide_integers: build == Build::Barrier,
        },
    };
    program.wgsl()
}

#[test]
fn every_kernel_of_every_model_is_valid() {
    for model in MODELS.iter() {
        for integrator in Integrator::ALL {
            for (coupling, noise, random) in [
                (None, NoiseKind::None, 0),
                (Some("diffusive"), NoiseKind::OrnsteinUhlenbeck, 1),
                (Some("kuramoto"), NoiseKind::OrnsteinUhlenbeck, u128::MAX),
                (Some("additive"), NoiseKind::White, 2),
            ] {
                let full = Recipe::full(model, integrator, noise);
                let form = coupling.map(|name| coupling::find(name).expect("a coupling of ours"));
                // What hears squared weights needs a coupling that has them.
                if form.is_some_and(|form| !form.has_squares()) && !model.hears_squares.is_empty() {
                    continue;
                }
                let terms = form.map(|form| Term::new(model, form));
                let recipe = Recipe {
                    links: Links::of(model, terms.as_slice()),
                    random: full.random & random,
                    ..full
                };
                for build in [Build::NoContraction, Build::Barrier] {
                    for kernel in KERNELS {
                        for replayed in [&[][..], &[true, false]] {
                            let wgsl = wgsl(model, &recipe, replayed, kernel, build);
                            if let Err(error) = validate_wgsl(&wgsl) {
                                panic!("{} {kernel} {recipe:?}: {error}\n{wgsl}", model.name);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_kernels_of_no_model_are_valid() {
    for build in [Build::NoContraction, Build::Barrier] {
        for wgsl in [moments_wgsl, roof::wgsl].map(|text| text(Dialect::narrow(build))) {
            if let Err(error) = validate_wgsl(&wgsl) {
                panic!("{build:?}: {error}\n{wgsl}");
            }
        }
    }
}

/// The contract's forbidden operations do not occur in generated or written code.
#[test]
fn no_kernel_uses_an_operation_outside_the_contract() {
    let mut texts = vec![moments_wgsl(Dialect::narrow(Build::NoContraction))];
    for model in MODELS.iter() {
        let noise = NoiseKind::OrnsteinUhlenbeck;
        let recipe = Recipe::full(model, Integrator::ExponentialEuler, noise);
        texts.extend(KERNELS.map(|kernel| wgsl(model, &recipe, &[], kernel, Build::NoContraction)));
    }
    for wgsl in texts {
        for forbidden in [
            "fma(", "sqrt(", "exp(", "log(", "tanh(", "sin(", "cos(", "min(", "max(", "clamp(",
            "mix(", "dot(", "pow(", "subgroup",
        ] {
            for (at, _) in wgsl.match_indices(forbidden) {
                let before = wgsl[..at].chars().last().unwrap_or(' ');
                assert!(
                    before == '_' || before.is_alphanumeric(),
                    "{forbidden} in\n{wgsl}"
                );
            }
        }
    }
}

/// Sizes and offsets of every structure that host and shader share.
#[test]
fn layouts_agree_with_the_host() {
    let recipe = Recipe {
        integrator: Integrator::Euler,
        links: Recipe::full(MODELS[0], Integrator::Euler, NoiseKind::None).links,
        noise: NoiseKind::OrnsteinUhlenbeck,
        process: 3,
        random: 3,
    };
    let mut texts = KERNELS
        .map(|kernel| wgsl(MODELS[0], &recipe, &[], kernel, Build::NoContraction))
        .to_vec();
    texts.push(moments_wgsl(Dialect::narrow(Build::NoContraction)));
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
