//! What expressions mean, and what is said of those that mean nothing.

use std::collections::{BTreeSet, HashMap};

use super::*;

/// The value of `text` (equations that define `result`) at x = 2 with the parameter p = 3.
fn value(text: &str) -> Result<f64, Fault> {
    let statements = parse(text)?;
    let symbols = HashMap::from([
        ("x".to_string(), Meaning::Varying(0)),
        ("p".to_string(), Meaning::Parameter(0)),
    ]);
    let compiler = Compiler::new(&statements, symbols, BTreeSet::from(["x".to_string()]))?;
    let is_result = |s: &&Statement| s.target == Target::Definition("result".into());
    let statement = statements.iter().find(is_result).expect("a result");
    let made = compiler.programs(&[vec![&statement.expression]])?;
    let coefficients = made.prepare.evaluate::<f64>(&[&[3.0]]);
    let delayed = vec![5.0; made.delayed.len()];
    Ok(made.programs[0].evaluate(&[&[2.0], &delayed[..], &coefficients])[0])
}

fn is(text: &str, expected: f64) {
    let found =
        value(&format!("result = {text}")).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    assert!(
        (found - expected).abs() <= 1e-15 * expected.abs(),
        "{text} = {found}, not {expected}"
    );
}

#[test]
fn operators_bind_as_in_papers() {
    is("1 + 2*3", 7.0);
    is("-x^2", -4.0);
    is("(-x)^2", 4.0);
    is("2^3^2", 512.0);
    is("x^-1", 0.5);
    is("12/2/3", 2.0);
    is("12/2*3", 18.0);
    is("7 - 2 - 1", 4.0);
    is("- - x", 2.0);
    is("2*-x", -4.0);
    is("x^2*3", 12.0);
    is("1e1 + .5 + 2.", 12.5);
}

#[test]
fn powers_are_products_roots_or_exponentials() {
    is("x^5", 32.0);
    is("x^0", 1.0);
    is("x^-3", 0.125);
    is("p^2", 9.0);
    is("x^0.5", 2f64.sqrt());
    is("x^p", (3.0 * 2f64.ln()).exp());
    is("2^x", (2.0 * 2f64.ln()).exp());
}

#[test]
fn functions_have_their_values() {
    is("exp(x)", 2f64.exp());
    is("sigmoid(0*x)", 0.5);
    is("exprel(0*x)", 1.0);
    is("abs(-x)", 2.0);
    is("min(x, p) + max(x, p)", 5.0);
    is("heaviside(x - 2) + heaviside(x - 3)", 1.0);
    is("sin(pi/2) + cos(0*x)", 2.0);
    is("erfc(0*x)", 1.0);
    is("floor(1.4*x) + floor(-p/2) + floor(2.5)", 2.0);
    is("piecewise(x < 2, 1, x <= 2, 10, 100)", 10.0);
    is("piecewise(x > 2, 1, x >= 2, 10, 100)", 10.0);
    is("piecewise(x > p, 1, 100)", 100.0);
    is("delayed(x, p)", 5.0);
}

#[test]
fn definitions_and_functions_come_in_any_order() {
    let text = "result = F(u, 2) + v\nv = u*u   # a remark\nu = x + (1 +\n  p)\nF(a, x) = a - x";
    assert_eq!(value(text), Ok(4.0 + 36.0));
}

#[test]
fn what_depends_on_parameters_alone_is_worked_out_beforehand() {
    let statements = parse("dx/dt = x/(p*2) + exp(p)*x - 1/p").expect("sound equations");
    let symbols = HashMap::from([
        ("x".to_string(), Meaning::Varying(0)),
        ("p".to_string(), Meaning::Parameter(0)),
    ]);
    let compiler = Compiler::new(&statements, symbols, BTreeSet::new()).expect("sound names");
    let made = compiler
        .programs(&[vec![&statements[0].expression]])
        .expect("sound equations");
    assert_eq!(made.prepare.results().len(), 3);
    assert_eq!(
        made.programs[0].ops().len(),
        4,
        "two products, a sum and a difference"
    );
}

#[test]
fn what_means_nothing_is_said_at_its_place() {
    let cases = [
        ("result = x +", "x +", "expected a number, a name, or `(`"),
        ("result = 2x", "2x", "write `*` between"),
        (
            "result = y",
            "y",
            "no state, parameter, input or definition",
        ),
        (
            "result = exp(x, p)",
            "exp(x, p)",
            "takes one argument, 2 given",
        ),
        ("result = exp", "exp", "is a function"),
        ("result = x(2)", "x", "a product is written with `*`"),
        ("result = x/0", "0", "division by a constant 0"),
        ("result = x**2", "**", "a power is written `^`"),
        (
            "result = u\nu = v\nv = u",
            "u",
            "a circle: `u` needs `v` needs `u`",
        ),
        ("result = F(x)\nF(a) = F(a)", "F", "a circle"),
        ("result = x < p", "<", ""),
        ("result = piecewise(x, 1, 2)", "x", "expected a condition"),
        ("result = delayed(x, 2)", "2", "the name of a parameter"),
        ("result = x\nresult = p", "result", "defined twice"),
        (
            "exp = 3\nresult = x",
            "exp",
            "means something to the language",
        ),
        ("result = t", "t", "do not depend on time"),
    ];
    for (text, place, message) in cases {
        let fault = value(text).expect_err(text);
        assert!(fault.message.contains(message), "{text}: {}", fault.message);
        assert!(fault.span.end <= text.len(), "{text}: {fault:?}");
        let shown = &text[fault.span.clone()];
        let near =
            text[..(fault.span.end + 1).min(text.len())].contains(place) || shown.contains(place);
        assert!(near, "{text}: at {shown:?}");
    }
}
