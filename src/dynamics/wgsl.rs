//! One step of a node as WGSL.

use super::{Argument, Recipe, Step};
use crate::model::Model;
use crate::noise;
use crate::program::Program;
use crate::scalar::{Function, Trace, TraceBits, library, lookup};

/// The WGSL of one step of one node, of the random generator, and of the functions they need.
///
/// ```text
/// fn update(numbers: Numbers, before: Node, sums: Sums, feedback: Feedback, normal: Normals, waves: Waves) -> Node
/// fn predict(numbers: Numbers, before: Node, sums: Sums, feedback: Feedback, normal: Normals, waves: Waves) -> Sent
/// fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32>
/// fn normals(words: vec2<u32>) -> vec2<f32>
/// ```
///
/// `predict` is there where a step needs it ([`Step::prediction`]). `Sums` holds the sums over edges, then those over what is predicted.
/// Where monitors take something, `Node` has it ([`Step::observed`]), and behind what is held `n_taken` numbers of theirs, which `update`
/// passes on as they are.
/// `Numbers` is an array of the numbers that the step reads, in the order of [`Step::numbers`]. The shader around it defines `exact`,
/// `mul_high` and `signed_to_float`, and holds the array `numbers_of_all`, which begins with the [`Step::tables`].
pub fn wgsl(model: &Model, recipe: &Recipe, step: &Step, n_taken: usize) -> String {
    let argument = |argument: &Argument| {
        Trace::argument(match argument {
            Argument::State(s) => format!("before.state[{s}]"),
            Argument::Carry(s) => format!("before.carry[{s}]"),
            Argument::Process(k) => format!("before.process[{k}]"),
            Argument::Normal(k) => format!("normal[{k}]"),
            Argument::Sum(k) => format!("sums[{k}]"),
            Argument::Predicted(k) => format!("sums[{}]", recipe.n_sums() + k),
            Argument::Held(k) => format!("before.held[{k}]"),
            Argument::Feedback(k) => format!("feedback[{k}]"),
            Argument::Wave(k) => format!("waves[{k}]"),
            Argument::Number(k) => format!("numbers[{k}]"),
        })
    };
    let body = |program: &Program| {
        let arguments: Vec<Trace> = step.arguments.iter().map(argument).collect();
        Function::results().floats(program.evaluate(&[&arguments]))
    };
    let node = |names: &[String]| {
        let (n, k) = (step.n_states, step.n_processes);
        let process = if k == 0 {
            "before.process".into()
        } else {
            format!("Processes({})", names[2 * n..2 * n + k].join(", "))
        };
        let n_held = step.n_held;
        let held = match n_held {
            0 => "before.held".into(),
            n_held => {
                let taken = (n_held..n_held + n_taken).map(|h| format!("before.held[{h}]"));
                let held = names[2 * n + k..2 * n + k + n_held].iter().cloned();
                format!("Held({})", held.chain(taken).collect::<Vec<_>>().join(", "))
            }
        };
        let observed = match step.observed.is_empty() {
            true => String::new(),
            false => {
                let observed = step.observed.iter().map(|&k| names[k].clone());
                format!(", Observed({})", observed.collect::<Vec<_>>().join(", "))
            }
        };
        let recorded = step.recorded.iter().map(|&k| names[k].clone());
        let recorded: Vec<String> = recorded.collect();
        let sent: Vec<String> = step.lines.iter().map(|&k| names[k].clone()).collect();
        format!(
            "Node(State({}), State({}), {process}, {held}, Sent({}), Recorded({}){observed})",
            names[..n].join(", "),
            names[n..2 * n].join(", "),
            sent.join(", "),
            recorded.join(", "),
        )
    };
    let takes = "(numbers: Numbers, before: Node, sums: Sums, feedback: Feedback, normal: Normals, waves: Waves)";
    let signature = format!("update{takes} -> Node");
    let (alias, observed) = match step.observed.len() {
        0 => (String::new(), ""),
        n => (
            format!("alias Observed = array<f32, {n}>;\n"),
            ", observed: Observed",
        ),
    };
    let update = format!(
        "// {name}, {integrator}\nalias State = array<f32, {n_states}>;\nalias Processes = array<f32, {n_processes}>;\n\
         alias Normals = array<f32, {n_targets}>;\nalias Recorded = array<f32, {n_recorded}>;\nalias Numbers = array<f32, {n_numbers}>;\n\
         alias Sums = array<f32, {n_sums}>;\nalias Feedback = array<f32, {n_feedback}>;\nalias Sent = array<f32, {n_lines}>;\n\
         alias Held = array<f32, {n_held}>;\nalias Waves = array<f32, {n_waves}>;\n\
         {alias}struct Node {{ state: State, carry: State, process: Processes, held: Held, sent: Sent, recorded: Recorded{observed} }}\n\n{text}",
        n_states = step.n_states,
        n_processes = step.n_processes.max(1),
        n_targets = model.noise_targets().len(),
        n_recorded = step.recorded.len().max(1),
        n_numbers = step.numbers.len().max(1),
        n_sums = (recipe.n_sums() + recipe.n_predicted()).max(1),
        n_held = (step.n_held + n_taken).max(1),
        n_feedback = model.feedback.len().max(1),
        n_waves = recipe.n_waves().max(1),
        n_lines = step.lines.len().max(1),
        name = model.name,
        integrator = recipe.integrator.name(),
        text = Function::write(&signature, node, || body(&step.program)),
    );
    let predict = step.prediction.as_ref().map(|program| {
        let sent = |names: &[String]| format!("Sent({})", names.join(", "));
        Function::write(&format!("predict{takes} -> Sent"), sent, || body(program))
    });
    let update = match predict {
        Some(predict) => format!("{update}\n{predict}"),
        None => update,
    };
    let lookups = step.tables().into_iter();
    let lookups = lookups.map(|(table, first)| format!("\n{}", lookup(table, first)));
    let update = update + &lookups.collect::<String>();
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
