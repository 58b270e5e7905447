//! What a device's arithmetic does: one generic function runs on the host and in a shader, and the bits are compared.

use super::Gpu;
use super::compute::{self, Binding, Kernel};
use super::shader::{self, Dialect};
use crate::error::Result;
use crate::noise;
use crate::scalar::{Bits, Function, Single, Trace, TraceBits, functions, library};

/// What is compared, in the order in which they are computed.
pub const PROBES: [&str; 28] = [
    "a b + c, rounded twice",
    "a b - c, rounded twice",
    "a - b c, rounded twice",
    "(a + b) - a, not b",
    "a b + a c, not a (b + c)",
    "subnormal times b",
    "subnormal plus subnormal",
    "integer to float",
    "comparison and selection",
    "exp",
    "exprel",
    "log",
    "recip",
    "sqrt",
    "tanh",
    "sigmoid",
    "sin",
    "cos",
    "erfc",
    "floor",
    "cosine of a turn",
    "sine of a turn",
    "philox word 0",
    "philox word 1",
    "philox word 2",
    "philox word 3",
    "normal, cosine branch",
    "normal, sine branch",
];

/// Whether a probe's inputs or results are subnormal numbers, which a device may take for 0 and still do all else as the host.
pub fn is_of_subnormals(probe: &str) -> bool {
    probe.starts_with("subnormal")
}

/// The bits of every probe for three numbers and four random words.
fn probes<S: Single>([a, b, c]: [S; 3], words: [S::Bits; 4]) -> [S::Bits; PROBES.len()] {
    let absolute = S::from_bits(a.to_bits().and(S::Bits::lit(0x7fff_ffff)));
    let subnormal = |shift| S::from_bits(words[3].shr(shift).and(S::Bits::lit(0x007f_ffff)));
    let (cos, sin) = functions::cos_sin_turn::<S>(words[3]);
    let random = noise::philox(words, [words[1], words[2]]);
    let [z0, z1] = noise::normals::<S>([random[0], random[1]]);
    let bits = |x: S| x.to_bits();
    [
        bits(a * b + c),
        bits(a * b - c),
        bits(a - b * c),
        bits((a + b) - a),
        bits(a * b + a * c),
        bits(subnormal(0) * b),
        bits(subnormal(0) + subnormal(7)),
        bits(words[3].signed_to_float()),
        bits(S::select(a.less(b), c, a)),
        bits(a.exp()),
        bits(a.exprel()),
        bits(absolute.log()),
        bits(a.recip()),
        bits(absolute.sqrt()),
        bits(a.tanh()),
        bits(a.sigmoid()),
        bits(a.sin()),
        bits(a.cos()),
        bits(a.erfc()),
        bits(a.floor()),
        bits(cos),
        bits(sin),
        random[0],
        random[1],
        random[2],
        random[3],
        bits(z0),
        bits(z1),
    ]
}

/// Inputs of the probes: half of the numbers spread evenly over +-20, half over the exponents from 1e-9 to 1e9.
pub fn inputs(n: u32) -> Vec<[u32; 4]> {
    (0..n)
        .map(|k| {
            let words = noise::philox([k, 0, 0, 0], [0x5eed, 0]);
            let number = |word: u32, which: u32| {
                let u = f64::from(word >> 2) / f64::from(1u32 << 30);
                let magnitude = if (k >> which) & 1 == 0 {
                    20.0 * u
                } else {
                    10f64.powf(18.0 * u - 9.0)
                };
                (if word & 1 == 0 { magnitude } else { -magnitude } as f32).to_bits()
            };
            [
                number(words[0], 0),
                number(words[1], 1),
                number(words[2], 2),
                words[3],
            ]
        })
        .collect()
}

/// The host's bits, `[probe][input]`.
fn expected(inputs: &[[u32; 4]]) -> Vec<Vec<u32>> {
    let mut expected = vec![Vec::with_capacity(inputs.len()); PROBES.len()];
    for &words in inputs {
        let [a, b, c, _] = words.map(f32::from_bits);
        for (bits, probe) in probes::<f32>([a, b, c], words)
            .into_iter()
            .zip(&mut expected)
        {
            probe.push(bits);
        }
    }
    expected
}

/// The shader that computes the probes.
pub fn wgsl(dialect: Dialect) -> String {
    let vector = |name: &str| ["x", "y", "z", "w"].map(|part| format!("{name}.{part}"));
    let written = Function::write(
        &format!(
            "probes(x: vec3<f32>, word: u32, words: vec4<u32>) -> array<u32, {}>",
            PROBES.len()
        ),
        |results| format!("array<u32, {}>({})", PROBES.len(), results.join(", ")),
        || {
            let [a, b, c, _] = vector("x").map(Trace::argument);
            Function::results().bits(probes::<Trace>(
                [a, b, c],
                vector("words").map(TraceBits::argument),
            ))
        },
    );
    let prelude = format!(
        "const N_PROBES: u32 = {}u;\n\n{written}\n{}",
        PROBES.len(),
        library(&written)
    );
    shader::assemble(dialect, &prelude, shader::CONFORMANCE)
}

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Settings {
    n_inputs: u32,
    n_iterations: u32,
    zero: u32,
    padding: u32,
}

/// How many results of each probe differ from the host's.
///
/// # Errors
/// [`crate::Error::Device`] if the device refuses or fails.
pub(super) fn mismatches(
    gpu: &Gpu,
    dialect: Dialect,
    inputs: &[[u32; 4]],
) -> Result<[usize; PROBES.len()]> {
    let kernel = Kernel::new(
        gpu,
        "conformance",
        &wgsl(dialect),
        "probe",
        dialect.build,
        &[Binding::Uniform, Binding::Read, Binding::Write],
    )?;
    let settings = Settings {
        n_inputs: inputs.len() as u32,
        n_iterations: 0,
        zero: 0,
        padding: 0,
    };
    let n_groups = (inputs.len() as u32).div_ceil(64);
    let groups = [n_groups.min(1 << 15), n_groups.div_ceil(1 << 15), 1];
    let found = compute::once(
        gpu,
        &kernel,
        bytemuck::bytes_of(&settings),
        bytemuck::cast_slice(inputs),
        PROBES.len() * inputs.len(),
        groups,
    )?;
    let expected = expected(inputs);
    Ok(std::array::from_fn(|probe| {
        let found = &found[probe * inputs.len()..(probe + 1) * inputs.len()];
        found
            .iter()
            .zip(&expected[probe])
            .filter(|(found, expected)| found != expected)
            .count()
    }))
}

/// How far a shader's loop counts of the 200 000 it should.
///
/// Mesa's software renderer up to version 22 ends every invocation after 65 535 iterations, without a word.
///
/// # Errors
/// [`crate::Error::Device`] if the device refuses or fails.
pub(super) fn loop_iterations(gpu: &Gpu, dialect: Dialect) -> Result<u32> {
    let kernel = Kernel::new(
        gpu,
        "loop probe",
        &wgsl(dialect),
        "count",
        dialect.build,
        &[Binding::Uniform, Binding::Read, Binding::Write],
    )?;
    let settings = Settings {
        n_inputs: 1,
        n_iterations: LOOP_PROBE,
        zero: 0,
        padding: 0,
    };
    let input = [0u32, 0, 0, 1];
    let found = compute::once(
        gpu,
        &kernel,
        bytemuck::bytes_of(&settings),
        bytemuck::cast_slice(&input),
        2,
        [1; 3],
    )?;
    Ok(found[0])
}

/// Iterations that the loop probe asks for.
pub(super) const LOOP_PROBE: u32 = 200_000;
