//! Values and means of every waveform against their definitions.

use super::*;

/// The numbers of a waveform: its defaults, and some by name.
fn numbers(waveform: &Waveform, given: &[(&str, f64)]) -> Vec<f64> {
    let all = waveform.quantities().into_iter();
    let of = |one: Quantity| {
        let given = given.iter().find(|(name, _)| *name == one.name);
        given.map_or(one.default.unwrap_or(f64::NAN), |(_, value)| *value)
    };
    all.map(of).collect()
}

/// The mean by 4001 points of the waveform's definition, over a stretch in which no pulse begins or ends.
fn by_midpoints(value: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let n = 4001;
    let points = (0..n).map(|k| from + (to - from) * (f64::from(k) + 0.5) / f64::from(n));
    points.map(value).sum::<f64>() / f64::from(n)
}

#[test]
fn a_pulse_counts_with_the_part_of_a_step_that_it_covers() {
    let pulse = Waveform::Pulse;
    let all = numbers(
        &pulse,
        &[("amplitude", 2.0), ("onset", 10.03), ("duration", 0.2)],
    );
    let steps = [
        (10.0, 1.4),
        (10.1, 2.0),
        (10.2, 0.6),
        (10.3, 0.0),
        (9.9, 0.0),
    ];
    for (from, expected) in steps {
        let mean = pulse.mean(&all, from, from + 0.1);
        assert!((mean - expected).abs() < 1e-12, "{from} {mean}");
    }
    // An onset at the end of a step, where both are rounded, leaves the step before untouched.
    let all = numbers(&pulse, &[("onset", 100.0), ("duration", 1.0)]);
    for k in 0..1100u32 {
        let [from, to] = [k, k + 1].map(|k| f64::from(k) * 0.1);
        let expected = if (1000..1010).contains(&k) { 1.0 } else { 0.0 };
        assert_eq!(pulse.mean(&all, from, to) as f32, expected, "step {k}");
    }
}

#[test]
fn the_means_of_steps_add_up_to_the_integral_whatever_the_step() {
    let train = Waveform::Train;
    let given = [("duration", 35.0), ("width", 2.5), ("period", 10.0)];
    let repeated = [
        given.as_slice(),
        &[("onset", 3.0), ("every", 50.0), ("repeats", 3.0)],
    ]
    .concat();
    let all = numbers(&train, &repeated);
    // Four pulses each time, of which the last begins at 30 ms.
    for n in [170, 1700, 997] {
        let step = 170.0 / f64::from(n);
        let means = (0..n).map(|k| train.mean(&all, f64::from(k) * step, f64::from(k + 1) * step));
        let sum = means.sum::<f64>() * step;
        assert!((sum - 3.0 * 4.0 * 2.5).abs() < 1e-9, "{n} steps: {sum}");
    }
    assert_eq!(train.onsets(&all, 170.0), [3.0, 53.0, 103.0]);
    assert_eq!(train.onsets(&all, 60.0), [3.0, 53.0]);
    let endless = numbers(
        &train,
        &[given.as_slice(), &[("onset", -20.0), ("every", 50.0)]].concat(),
    );
    assert_eq!(train.onsets(&endless, 131.0), [30.0, 80.0, 130.0]);
}

#[test]
fn smooth_waveforms_have_the_means_of_their_definitions() {
    let sine = numbers(
        &Waveform::Sine,
        &[("duration", 1e3), ("frequency", 40.0), ("phase", 0.3)],
    );
    let chirp = numbers(
        &Waveform::Chirp,
        &[
            ("duration", 1e3),
            ("frequency", 2.0),
            ("frequency_end", 80.0),
        ],
    );
    let ramp = numbers(
        &Waveform::Ramp,
        &[("duration", 1e3), ("from", 3.0), ("to", -1.0)],
    );
    let expression = Expression::new("a*exp(-t/20)*t/duration", vec!["a".into()]);
    let formula = Waveform::Expression(expression.expect("a formula"));
    let decay = numbers(&formula, &[("duration", 1e3), ("a", 5.0)]);
    for from in [0.0, 17.3, 480.9] {
        let means = [
            (
                Waveform::Sine.mean(&sine, from, from + 0.5),
                by_midpoints(|u| (TAU * 0.04 * u + 0.3).sin(), from, from + 0.5),
            ),
            (
                Waveform::Chirp.mean(&chirp, from, from + 0.5),
                by_midpoints(|u| (TAU * (2e-3 + 39e-6 * u) * u).sin(), from, from + 0.5),
            ),
            (
                Waveform::Ramp.mean(&ramp, from, from + 0.5),
                3.0 - 4e-3 * (from + 0.25),
            ),
            (
                formula.mean(&decay, from, from + 0.5),
                by_midpoints(|u| 5e-3 * u * (-u / 20.0).exp(), from, from + 0.5),
            ),
        ];
        for (k, (mean, expected)) in means.into_iter().enumerate() {
            assert!(
                (mean - expected).abs() < 1e-8,
                "{k} from {from}: {mean} {expected}"
            );
        }
    }
    assert_eq!(formula.not_finite(&decay), None);
    let wild = Waveform::Expression(Expression::new("1/(t - 250.5)", vec![]).expect("a formula"));
    let all = numbers(&wild, &[("duration", 1e3)]);
    assert_eq!(wild.not_finite(&all), Some(250.5));
}

#[test]
fn held_numbers_are_those_of_their_interval() {
    let file = Waveform::Samples([3.0, -1.0, 4.0].into());
    let all = numbers(
        &file,
        &[("duration", 100.0), ("interval", 0.2), ("onset", 0.5)],
    );
    let means: Vec<f32> = (0..14)
        .map(|k| file.mean(&all, 0.1 * f64::from(k), 0.1 * f64::from(k + 1)) as f32)
        .collect();
    assert_eq!(
        means,
        [
            0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.0, -1.0, -1.0, 4.0, 4.0, 0.0, 0.0, 0.0
        ]
    );
    // A step over two and a half of them.
    let mean = file.mean(&all, 0.5, 1.0);
    assert!((mean - (0.2 * 3.0 - 0.2 + 0.1 * 4.0) / 0.5).abs() < 1e-12);

    let noise = Waveform::Noise;
    let all = numbers(&noise, &[("duration", 1e4)]);
    let drawn: Vec<f64> = (0..10_000)
        .map(|k| noise.mean(&all, f64::from(k), f64::from(k + 1)))
        .collect();
    let mean = drawn.iter().sum::<f64>() / 1e4;
    let variance = drawn.iter().map(|z| z * z).sum::<f64>() / 1e4;
    // Five standard errors.
    assert!(
        mean.abs() < 0.05 && (variance - 1.0).abs() < 0.08,
        "{mean} {variance}"
    );
    let other = numbers(&noise, &[("duration", 1e4), ("seed", 1.0)]);
    assert_ne!(noise.mean(&other, 0.0, 1.0), drawn[0]);
}

#[test]
fn numbers_that_do_not_go_together_are_named() {
    let check = |waveform: &Waveform, given: &[(&str, f64)]| {
        let all = numbers(waveform, given);
        let found = waveform.objection(&all, 0.1, 1000.0);
        found.map(|(k, _)| waveform.quantities()[k].name.to_string())
    };
    let pulse = [("duration", 5.0)];
    assert_eq!(check(&Waveform::Pulse, &pulse), None);
    let with = |more: &[(&'static str, f64)]| [more, &pulse[..]].concat();
    for (given, name) in [
        (with(&[("every", 4.0)]), "duration"),
        (with(&[("repeats", 2.0)]), "every"),
        (with(&[("repeats", 2.5), ("every", 10.0)]), "repeats"),
        (with(&[("onset", 1000.0)]), "onset"),
        (with(&[("onset", -5.0)]), "onset"),
    ] {
        assert_eq!(
            check(&Waveform::Pulse, &given).as_deref(),
            Some(name),
            "{given:?}"
        );
    }
    let train = with(&[("width", 3.0), ("period", 2.0)]);
    assert_eq!(check(&Waveform::Train, &train).as_deref(), Some("width"));
    let fast = with(&[("frequency", 5001.0)]);
    assert_eq!(check(&Waveform::Sine, &fast).as_deref(), Some("frequency"));
    let fault = Expression::new("a*t", vec!["a".into(), "b".into()]);
    assert!(fault.expect_err("b does not occur").message.contains("`b`"));
    let fault = Expression::new("a*x", vec!["a".into()]);
    assert!(
        fault
            .expect_err("x is unknown")
            .message
            .contains("t, duration, a")
    );
}
