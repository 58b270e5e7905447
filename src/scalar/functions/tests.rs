//! The functions against the C library in 64 bits, and lanes against single numbers.

use super::*;
use crate::noise::philox;
use crate::scalar::{Bits8, Dual, Lanes8};

/// 2^20 numbers spread evenly over `[low, high]` (or over its exponents, where `low` > 0 and the range is wide).
fn inputs(low: f64, high: f64) -> impl Iterator<Item = f32> {
    let logarithmic = low > 0.0 && high / low > 1e3;
    (0..1u32 << 18)
        .flat_map(move |k| philox([k, 0, 0, 0], [1, 2]))
        .map(move |word| {
            let u = f64::from(word) / 2f64.powi(32);
            (if logarithmic {
                low * (high / low).powf(u)
            } else {
                low + (high - low) * u
            }) as f32
        })
}

fn ulps(found: f32, exact: f64) -> f64 {
    let unit = f64::from(f32::from_bits((exact.abs() as f32).to_bits() + 1))
        - f64::from((exact as f32).abs());
    (f64::from(found) - exact).abs() / unit
}

#[test]
fn functions_are_as_accurate_as_they_say() {
    type Case = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64, f64, f64);
    let cases: [Case; 17] = [
        ("exp", exp, f64::exp, -87.0, 88.0, 1.2),
        ("exp", exp, f64::exp, -1.0, 1.0, 1.2),
        ("exprel", exprel, <f64 as Scalar>::exprel, -80.0, 80.0, 4.0),
        ("exprel", exprel, <f64 as Scalar>::exprel, -1.0, 1.0, 4.0),
        ("exprel", exprel, <f64 as Scalar>::exprel, 1e-30, 1e-3, 1.0),
        ("log", log, f64::ln, 1e-37, 1e38, 1.0),
        ("log", log, f64::ln, 0.7, 1.4, 1.0),
        ("recip", recip, f64::recip, 1e-37, 1e30, 1.3),
        ("sqrt", sqrt, f64::sqrt, 1e-37, 1e38, 2.0),
        ("tanh", tanh, f64::tanh, -9.0, 9.0, 7.0),
        ("tanh", tanh, f64::tanh, 1e-6, 1.0, 7.0),
        (
            "sigmoid",
            sigmoid,
            <f64 as Scalar>::sigmoid,
            -60.0,
            20.0,
            3.0,
        ),
        ("sin", sin, f64::sin, -0.785, 0.785, 0.73),
        ("sin", sin, f64::sin, 1e-30, 0.785, 0.73),
        ("cos", cos, f64::cos, -0.785, 0.785, 1.1),
        ("erfc", erfc, <f64 as Scalar>::erfc, -4.0, 9.19, 6.0),
        ("floor", floor, f64::floor, -1e4, 1e4, 0.0),
    ];
    for (name, function, exact, low, high, bound) in cases {
        let worst = inputs(low, high)
            .map(|x| ulps(function(x), exact(f64::from(x))))
            .fold(0.0, f64::max);
        println!("{name} on [{low:e}, {high:e}]: {worst:.3} ulp");
        assert!(worst <= bound, "{name} on [{low}, {high}]: {worst} ulp");
    }
}

#[test]
fn a_turn_has_the_right_cosine_and_sine() {
    let worst = (0..1u32 << 18)
        .flat_map(|k| philox([k, 1, 0, 0], [1, 2]))
        .fold(0.0, |worst: f64, angle| {
            let (cos, sin) = cos_sin_turn::<f32>(angle);
            let exact = f64::from(angle) / 2f64.powi(32) * std::f64::consts::TAU;
            worst
                .max((f64::from(cos) - exact.cos()).abs())
                .max((f64::from(sin) - exact.sin()).abs())
        });
    println!("cos, sin: {worst:.3e}");
    assert!(worst < 1.1e-7);
}

#[test]
fn sine_and_cosine_are_as_near_as_they_say() {
    for (low, high, bound) in [
        (-6.3, 6.3, 8.5e-8),
        (-1e4, 1e4, 8.5e-8),
        (-1e5, 1e5, 8.5e-8),
    ] {
        let mut worst: f64 = 0.0;
        for x in inputs(low, high) {
            let exact = f64::from(x);
            worst = worst
                .max((f64::from(sin(x)) - exact.sin()).abs())
                .max((f64::from(cos(x)) - exact.cos()).abs());
        }
        println!("sin, cos on [{low:e}, {high:e}]: {worst:.3e}");
        assert!(worst <= bound, "[{low}, {high}]: {worst}");
    }
    // Beyond: the angle is so many of its last places off.
    let worst = inputs(1e5, 6e6)
        .map(|x| {
            let place = f64::from(x.next_up() - x);
            let exact = f64::from(x);
            (f64::from(sin(x)) - exact.sin())
                .abs()
                .max((f64::from(cos(x)) - exact.cos()).abs())
                / place
        })
        .fold(0.0, f64::max);
    println!("sin, cos on [1e5, 6e6]: {worst:.3} last places of the angle");
    assert!(worst < 1.2);
}

/// Any number but infinity has a sine and a cosine in [-1, 1]; the one is odd, the other even.
#[test]
fn sine_and_cosine_keep_their_range_and_symmetry() {
    let any = (0..1u32 << 16)
        .flat_map(|k| philox([k, 3, 0, 0], [1, 2]))
        .map(f32::from_bits)
        .filter(|x| x.is_finite());
    let nearby = inputs(-100.0, 100.0).step_by(16);
    for x in any.chain(nearby).chain([0.0, f32::MAX]) {
        let (s, c) = (sin(x), cos(x));
        assert!(s.abs() <= 1.0 && c.abs() <= 1.0, "{x}: {s} {c}");
        assert_eq!((-s).to_bits(), sin(-x).to_bits(), "sin {x}");
        assert_eq!(c.to_bits(), cos(-x).to_bits(), "cos {x}");
    }
}

/// What the 32-bit function is measured against; the values are mpmath's, of 40 digits.
#[test]
fn the_complementary_error_function_of_64_bits_is_right() {
    for (x, expected) in [
        (-6.0, 2.0),
        (-2.5, 1.999_593_047_982_555),
        (-1.0, 1.842_700_792_949_714_8),
        (-0.3, 1.328_626_759_459_127_4),
        (1e-8, 0.999_999_988_716_208_3),
        (0.1, 0.887_537_083_981_715),
        (0.4, 0.571_607_644_953_331_5),
        (0.9, 0.203_091_787_577_167_86),
        (1.7, 0.016_209_541_409_225_44),
        (3.2, 6.025_761_151_762_088e-6),
        (6.5, 3.842_148_327_120_647_5e-20),
        (12.25, 3.094_126_740_540_21e-67),
        (20.3, 2.985_318_180_601_636e-181),
        (26.0, 5.663_192_408_856_143e-296),
    ] {
        let found = <f64 as Scalar>::erfc(x);
        assert!(
            (found - expected).abs() < 1e-15 * expected,
            "{x}: {found:e} {expected:e}"
        );
    }
}

#[test]
fn special_values() {
    assert_eq!(exprel(0.0f32), 1.0);
    assert_eq!(exprel(1e-30f32), 1.0);
    assert_eq!(exprel(-0.0f32), 1.0);
    assert_eq!(exp(0.0f32), 1.0);
    assert_eq!(log(1.0f32), 0.0);
    assert_eq!(sqrt(0.0f32), 0.0);
    assert_eq!(tanh(0.0f32), 0.0);
    assert_eq!(sigmoid(0.0f32), 0.5);
    assert!(exp(f32::INFINITY).is_finite());
    assert!(exp(f32::NAN).is_nan() && exprel(f32::NAN).is_nan());
    assert!(log(-1.0f32).is_nan() && sqrt(-1e-3f32).is_nan());
    assert_eq!((sin(0.0f32), cos(0.0f32), erfc(0.0f32)), (0.0, 1.0, 1.0));
    assert!(sin(f32::NAN).is_nan() && cos(f32::NAN).is_nan() && erfc(f32::NAN).is_nan());
    assert_eq!(erfc(f32::NEG_INFINITY), 2.0);
    assert_eq!(erfc(f32::INFINITY), erfc(9.19f32));
    assert!(erfc(9.19f32).is_normal());
}

/// Every 257th number there is, and all between -4 and 4 that have few digits.
#[test]
fn floor_is_exact() {
    let all = (0..=u32::MAX).step_by(257).map(f32::from_bits);
    let near = (-4096..=4096i16).map(|k| f32::from(k) / 1024.0);
    let edges = [8_388_607.5, 8_388_608.0, 8_388_609.0, 4_194_304.5, 1e30];
    for x in all
        .chain(near)
        .chain(edges.into_iter().flat_map(|x| [x, -x]))
    {
        let (found, expected) = (floor(x), f32::floor(x));
        let same = found.to_bits() == expected.to_bits();
        assert!(same || (x.is_nan() && found.is_nan()), "{x}: {found}");
    }
}

#[test]
fn a_table_is_looked_up_within_its_ends() {
    let entries: Vec<f64> = (0..1000).map(|k| 0.1 * f64::from(k) - 7.0).collect();
    let table: &'static Table = Box::leak(Box::new(Table::new("t", entries.clone())));
    for (x, place) in [
        (0.0, 0),
        (-0.0, 0),
        (-3.0, 0),
        (f32::NEG_INFINITY, 0),
        (1.0, 1),
        (512.0, 512),
        (998.0, 998),
        (999.0, 999),
        (1000.0, 999),
        (1e30, 999),
        (f32::INFINITY, 999),
    ] {
        let expected = entries[place];
        assert_eq!(look(x, table), expected as f32, "{x}");
        assert_eq!(f64::from(x).look(table), expected, "{x}");
        assert_eq!(look(Lanes8([x; 8]), table).0, [expected as f32; 8], "{x}");
    }
    assert!(look(f32::NAN, table).is_nan() && f64::NAN.look(table).is_nan());
    let dual = Dual::variable(3.0).look(table);
    assert_eq!((dual.value, dual.derivative()), (entries[3], 0.0));
}

#[test]
fn lanes_have_the_bits_of_single_numbers() {
    type Pair = (fn(f32) -> f32, fn(Lanes8) -> Lanes8);
    let functions: [Pair; 11] = [
        (exp, exp),
        (exprel, exprel),
        (log, log),
        (recip, recip),
        (sqrt, sqrt),
        (tanh, tanh),
        (sigmoid, sigmoid),
        (sin, sin),
        (cos, cos),
        (erfc, erfc),
        (floor, floor),
    ];
    let all: Vec<f32> = inputs(1e-6, 80.0).flat_map(|x| [x, -x]).collect();
    for (index, (single, lanes)) in functions.iter().enumerate() {
        for chunk in all.chunks_exact(8) {
            let x: [f32; 8] = chunk.try_into().unwrap();
            let x = if index == 2 || index == 4 {
                x.map(f32::abs)
            } else {
                x
            };
            let expected = x.map(|x| single(x).to_bits());
            assert_eq!(
                lanes(Lanes8(x)).0.map(f32::to_bits),
                expected,
                "function {index} of {x:?}"
            );
        }
    }
    for k in 0..1u32 << 14 {
        let words = philox([k, 2, 0, 0], [5, 6]);
        let (cos, sin) = cos_sin_turn::<Lanes8>(Bits8([words[0]; 8]));
        assert_eq!((cos.0[3], sin.0[7]), cos_sin_turn::<f32>(words[0]));
    }
}

#[test]
fn derivatives_of_functions_match_central_differences() {
    type Pair = (fn(Dual<f64>) -> Dual<f64>, fn(f64) -> f64);
    let functions: [Pair; 11] = [
        (Scalar::exp, Scalar::exp),
        (Scalar::exprel, Scalar::exprel),
        (Scalar::log, Scalar::log),
        (Scalar::recip, Scalar::recip),
        (Scalar::sqrt, Scalar::sqrt),
        (Scalar::tanh, Scalar::tanh),
        (Scalar::sigmoid, Scalar::sigmoid),
        (Scalar::sin, Scalar::sin),
        (Scalar::cos, Scalar::cos),
        (Scalar::erfc, Scalar::erfc),
        (Scalar::floor, Scalar::floor),
    ];
    for (index, (dual, plain)) in functions.iter().enumerate() {
        for x in [0.003, 0.05, 0.2, 0.7, 1.9, 3.6] {
            let h = 1e-5 * x;
            let expected = (plain(x + h) - plain(x - h)) / (2.0 * h);
            let found = dual(Dual::variable(x)).derivative();
            assert!(
                (found - expected).abs() < 1e-7 * (1.0 + expected.abs()),
                "{index} at {x}: {found} {expected}"
            );
        }
    }
}
