//! One step of one node with all that acts on it: constant input, neighbours, noise, model, integrator.
//!
//! This is the whole of the science between two time steps, and it is generic: as `f32` and as lanes it is the CPU backend,
//! as [`Trace`] it writes the function `update` of the shaders. The order of every operation is part of the contract.
//!
//! 1. `c = g (sum - row_sum x)` (diffusive) or `g sum` (additive), where `sum` runs over the incoming edges.
//! 2. Input of the first state: `(constant + c) + X`; of the others: `constant + Y`. The Ornstein-Uhlenbeck processes advance
//!    by `X + (mean - X) dt/tau + sigma sqrt(dt) z`; the first state hears its process before this advance and the others
//!    after it, as in BrainPy (the processes are independent, so nothing else depends on it).
//! 3. The integrator's change of the state, plus what rounding cut off the step before ([`compensated`]); then rectification where the model has it.

use crate::coupling::CouplingKind;
use crate::integrator::{Integrator, constant_factors, each};
use crate::model::{ModelSpec, NeuralMass, Visitor};
use crate::noise;
use crate::scalar::{Function, Scalar, Trace, TraceBits, compensated, library};
use crate::study::NoiseKind;

/// Which parts a step has: all that decides the program, none of its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// The node's integrator.
    pub integrator: Integrator,
    /// The form of the coupling.
    pub coupling: CouplingKind,
    /// The kind of noise.
    pub noise: NoiseKind,
    /// Bit `s` is set if state `s` has a noise process.
    pub process: u32,
    /// Bit `s` is set if state `s` needs random numbers. A subset of `process`.
    pub random: u32,
}

impl Recipe {
    /// Whether `state` has a noise process.
    pub fn has_process(&self, state: usize) -> bool {
        self.process >> state & 1 == 1
    }

    /// Whether white noise kicks the states.
    pub fn has_kicks(&self) -> bool {
        self.noise == NoiseKind::White
    }

    /// Whether `state` needs random numbers.
    pub fn is_random(&self, state: usize) -> bool {
        self.random >> state & 1 == 1
    }
}

/// Where in the table of numbers each quantity has its row. Every row holds one value per node and simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    n_coefficients: usize,
    n_states: usize,
}

impl Rows {
    /// The rows of a model with this many coefficients and states.
    pub fn new(n_coefficients: usize, n_states: usize) -> Self {
        Self {
            n_coefficients,
            n_states,
        }
    }
    /// Coefficient `c` of the model.
    pub fn coefficient(&self, c: usize) -> usize {
        c
    }
    /// Constant input of state `s`.
    pub fn input(&self, s: usize) -> usize {
        self.n_coefficients + s
    }
    /// Mean of the noise process of state `s`.
    pub fn mean(&self, s: usize) -> usize {
        self.input(self.n_states) + s
    }
    /// `sigma sqrt(dt)` of state `s`.
    pub fn amplitude(&self, s: usize) -> usize {
        self.mean(self.n_states) + s
    }
    /// `dt / tau` of the noise process.
    pub fn noise_rate(&self) -> usize {
        self.amplitude(self.n_states)
    }
    /// Global coupling.
    pub fn g(&self) -> usize {
        self.noise_rate() + 1
    }
    /// Sum of the incoming weights.
    pub fn row_sum(&self) -> usize {
        self.g() + 1
    }
    /// The step, ms.
    pub fn dt(&self) -> usize {
        self.row_sum() + 1
    }
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.dt() + 1
    }
    /// Never.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A node between two steps: its states and the noise processes that act on them.
#[derive(Debug, Clone, Copy)]
pub struct Node<S, const N: usize> {
    /// The states.
    pub state: [S; N],
    /// What rounding cut off the states: added at the next step, 0 at the start.
    pub carry: [S; N],
    /// The Ornstein-Uhlenbeck processes, one per state.
    pub process: [S; N],
}

/// What reaches a node during a step.
#[derive(Debug, Clone, Copy)]
pub struct Arrivals<S, const N: usize> {
    /// The weighted sum over the incoming edges.
    pub sum: S,
    /// The fed-back state, for models with delayed self feedback.
    pub feedback: S,
    /// Standard normal numbers, one per state.
    pub normal: [S; N],
}

/// Looks up numbers of the table at one node (or several side by side).
pub trait Numbers<S> {
    /// The number in `row` (see [`Rows`]).
    fn number(&self, row: usize) -> S;
    /// The factor of exponential Euler for a state where it is constant (see [`constant_factors`]), if it was computed beforehand.
    #[inline(always)]
    fn factor(&self, _state: usize) -> Option<S> {
        None
    }
}

/// What drives a node during a step.
#[derive(Debug, Clone, Copy)]
pub struct Drive<S, const N: usize, const I: usize> {
    /// The input of the model's equations.
    pub input: [S; I],
    /// The white noise of the step, per state; `None` where there is none.
    pub kick: [Option<S>; N],
    /// The Ornstein-Uhlenbeck processes one step later.
    pub process: [S; N],
}

impl<S: Scalar, const N: usize, const I: usize> Drive<S, N, I> {
    /// What drives `node`.
    #[inline(always)]
    pub fn of(
        recipe: &Recipe,
        rows: Rows,
        node: &Node<S, N>,
        arrivals: Arrivals<S, N>,
        numbers: &impl Numbers<S>,
    ) -> Self {
        let before = node.process;
        let ornstein_uhlenbeck = recipe.noise == NoiseKind::OrnsteinUhlenbeck;

        let mut process = before;
        for s in 0..N {
            if ornstein_uhlenbeck && recipe.has_process(s) {
                let mean = numbers.number(rows.mean(s));
                process[s] = before[s] + (mean - before[s]) * numbers.number(rows.noise_rate());
                if recipe.is_random(s) {
                    process[s] =
                        process[s] + numbers.number(rows.amplitude(s)) * arrivals.normal[s];
                }
            }
        }

        let mut input = [arrivals.feedback; I];
        for s in 0..N {
            input[s] = numbers.number(rows.input(s));
            if s == 0 {
                match recipe.coupling {
                    CouplingKind::None => {}
                    CouplingKind::Diffusive => {
                        let heard = numbers.number(rows.row_sum()) * node.state[0];
                        let difference = arrivals.sum - heard;
                        input[0] = input[0] + numbers.number(rows.g()) * difference;
                    }
                    CouplingKind::Additive => {
                        input[0] = input[0] + numbers.number(rows.g()) * arrivals.sum
                    }
                }
            }
            if ornstein_uhlenbeck && recipe.has_process(s) {
                input[s] = input[s] + if s == 0 { before[s] } else { process[s] };
            }
        }

        let kick = each!(None; s < N => {
            if recipe.has_kicks() && recipe.is_random(s) {
                Some(numbers.number(rows.amplitude(s)) * arrivals.normal[s])
            } else {
                None
            }
        });
        Self {
            input,
            kick,
            process,
        }
    }
}

impl<S: Scalar, const N: usize> Node<S, N> {
    /// The states and carries after this `change` of the states.
    #[inline(always)]
    pub fn moved<M, const I: usize, const P: usize, const C: usize>(
        state: [S; N],
        carry: [S; N],
        change: [S; N],
    ) -> ([S; N], [S; N])
    where
        M: NeuralMass<N, I, P, C>,
    {
        let zero = S::lit(0.0);
        let (mut next, mut rest) = (state, carry);
        for s in 0..N {
            (next[s], rest[s]) = compensated(state[s], carry[s], change[s]);
            if M::STATES[s].non_negative {
                let below = next[s].less(zero);
                next[s] = S::select(below, zero, next[s]);
                rest[s] = S::select(below, zero, rest[s]);
            }
        }
        (next, rest)
    }
}

/// The coefficients of the model.
#[inline(always)]
pub fn coefficients<S: Scalar, const C: usize>(rows: Rows, numbers: &impl Numbers<S>) -> [S; C] {
    each!(S::lit(0.0); c < C => numbers.number(rows.coefficient(c)))
}

/// The node one step later.
#[inline(always)]
pub fn update<M, S, const N: usize, const I: usize, const P: usize, const C: usize>(
    recipe: &Recipe,
    node: Node<S, N>,
    arrivals: Arrivals<S, N>,
    numbers: &impl Numbers<S>,
) -> Node<S, N>
where
    M: NeuralMass<N, I, P, C>,
    S: Scalar,
{
    let rows = Rows::new(C, N);
    let Drive {
        input,
        kick,
        process,
    } = Drive::of(recipe, rows, &node, arrivals, numbers);
    let coefficients = coefficients(rows, numbers);
    let dt = numbers.number(rows.dt());
    let constant = constant_factors::<M, N, I, P, C>();
    let factors = each!(None; s < N => if constant[s] { numbers.factor(s) } else { None });
    let change = recipe.integrator.change::<M, S, N, I, P, C>(
        node.state,
        input,
        coefficients,
        dt,
        factors,
        kick,
    );
    let (state, carry) = Node::moved::<M, I, P, C>(node.state, node.carry, change);
    Node {
        state,
        carry,
        process,
    }
}

/// The WGSL of one step of one node, of the random generator, and of the functions they need.
///
/// ```text
/// fn update(numbers: Numbers, before: Node, sum: f32, feedback: f32, normal: State) -> Node
/// fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32>
/// fn normals(words: vec2<u32>) -> vec2<f32>
/// ```
///
/// `Numbers` is an array of the table's numbers at the node, by [`Rows`]. The shader around it defines `exact`, `mul_high` and
/// `signed_to_float`.
pub fn wgsl(model: &ModelSpec, recipe: &Recipe) -> String {
    struct Write<'a>(&'a Recipe);
    impl Visitor for Write<'_> {
        type Output = String;
        fn visit<M, const N: usize, const I: usize, const P: usize, const C: usize>(self) -> String
        where
            M: NeuralMass<N, I, P, C>,
        {
            struct Lookup;
            impl Numbers<Trace> for Lookup {
                fn number(&self, row: usize) -> Trace {
                    Trace::argument(format!("numbers[{row}]"))
                }
            }
            let part =
                |name: &str| std::array::from_fn(|s| Trace::argument(format!("{name}[{s}]")));
            let body = || {
                let node = update::<M, Trace, N, I, P, C>(
                    self.0,
                    Node {
                        state: part("before.state"),
                        carry: part("before.carry"),
                        process: part("before.process"),
                    },
                    Arrivals {
                        sum: Trace::argument("sum"),
                        feedback: Trace::argument("feedback"),
                        normal: part("normal"),
                    },
                    &Lookup,
                );
                Function::results()
                    .floats(node.state)
                    .floats(node.carry)
                    .floats(node.process)
            };
            let node = |names: &[String]| {
                let parts: Vec<String> = names
                    .chunks(N)
                    .map(|part| format!("State({})", part.join(", ")))
                    .collect();
                format!("Node({})", parts.join(", "))
            };
            let signature = "update(numbers: Numbers, before: Node, sum: f32, feedback: f32, normal: State) -> Node";
            format!(
                "// {name}, {integrator}\nalias State = array<f32, {N}>;\nalias Numbers = array<f32, {n_rows}>;\n\
                 struct Node {{ state: State, carry: State, process: State }}\n\n{text}",
                n_rows = Rows::new(C, N).len(),
                name = M::NAME,
                integrator = self.0.integrator.name(),
                text = Function::write(signature, node, body),
            )
        }
    }
    let update = model.visit(Write(recipe));
    if recipe.random == 0 {
        return format!("{update}\n{}", library(&update));
    }
    let words =
        |name: &str| ["x", "y", "z", "w"].map(|w| TraceBits::argument(format!("{name}.{w}")));
    let philox = Function::write(
        "philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32>",
        |results| format!("vec4<u32>({})", results.join(", ")),
        || {
            let [k0, k1, ..] = words("key");
            Function::results().bits(noise::philox(words("counter"), [k0, k1]))
        },
    );
    let normals = Function::write(
        "normals(words: vec2<u32>) -> vec2<f32>",
        |results| format!("vec2<f32>({})", results.join(", ")),
        || {
            let [w0, w1, ..] = words("words");
            Function::results().floats(noise::normals::<Trace>([w0, w1]))
        },
    );
    let text = format!("{update}\n{philox}\n{normals}");
    format!("{text}\n{}", library(&text))
}
