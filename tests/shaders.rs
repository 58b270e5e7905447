//! Every kernel with every model is valid WGSL, whatever machine this is; and host and shader agree on every layout.

use brainsweep::backend::gpu::{Build, Shape, layouts, simulation_wgsl, validate_wgsl};
use brainsweep::coupling::CouplingKind;
use brainsweep::dynamics::Recipe;
use brainsweep::integrator::Integrator;
use brainsweep::model::MODELS;
use brainsweep::study::NoiseKind;

const SHAPE: Shape = Shape { lanes: 32, team: 8 };

#[test]
fn every_kernel_of_every_model_is_valid() {
    for model in MODELS {
        for integrator in Integrator::ALL {
            for coupling in [
                CouplingKind::None,
                CouplingKind::Diffusive,
                CouplingKind::Additive,
            ] {
                for (noise, process, random) in [
                    (NoiseKind::None, 0, 0),
                    (NoiseKind::OrnsteinUhlenbeck, 3, 1),
                    (NoiseKind::OrnsteinUhlenbeck, 3, 3),
                    (NoiseKind::White, 2, 2),
                ] {
                    let recipe = Recipe {
                        integrator,
                        coupling,
                        noise,
                        process,
                        random,
                    };
                    for build in [Build::NoContraction, Build::Barrier] {
                        for replayed in [&[][..], &[true, false]] {
                            let wgsl =
                                simulation_wgsl(model, &recipe, &[1, 0], replayed, SHAPE, build);
                            if let Err(error) = validate_wgsl(&wgsl) {
                                panic!("{} {recipe:?}: {error}\n{wgsl}", model.name);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The contract's forbidden operations do not occur in generated or written code.
#[test]
fn no_kernel_uses_an_operation_outside_the_contract() {
    for model in MODELS {
        let recipe = Recipe {
            integrator: Integrator::ExponentialEuler,
            coupling: CouplingKind::Diffusive,
            noise: NoiseKind::OrnsteinUhlenbeck,
            process: 3,
            random: 3,
        };
        let wgsl = simulation_wgsl(model, &recipe, &[0], &[], SHAPE, Build::NoContraction);
        for forbidden in [
            "fma(", "sqrt(", "exp(", "log(", "tanh(", "sin(", "cos(", "min(", "max(", "clamp(",
            "mix(", "dot(", "pow(", "subgroup",
        ] {
            for (at, _) in wgsl.match_indices(forbidden) {
                let before = wgsl[..at].chars().last().unwrap_or(' ');
                assert!(
                    before == '_' || before.is_alphanumeric(),
                    "{}: {forbidden}",
                    model.name
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
        coupling: CouplingKind::Diffusive,
        noise: NoiseKind::None,
        process: 0,
        random: 0,
    };
    let wgsl = simulation_wgsl(&MODELS[0], &recipe, &[0], &[], SHAPE, Build::NoContraction);
    let (module, _) = validate_wgsl(&wgsl).unwrap();
    for (name, size, fields) in layouts() {
        let shader = module
            .types
            .iter()
            .find(|(_, ty)| ty.name.as_deref() == Some(name))
            .map(|(_, ty)| &ty.inner);
        let Some(naga::TypeInner::Struct { members, span }) = shader else {
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
    }
}
