//! Finds what a shader may not contain: operations whose last bit WGSL leaves to the device.
//!
//! The contract allows `+ - *` and comparisons of 32-bit floats, selections, conversions, and whatever
//! integers do. The search goes over naga's expressions, with their types, so that no spelling hides
//! an operation.

use brainsweep::backend::gpu::validate_wgsl;
use naga::valid::FunctionInfo;
use naga::{
    BinaryOperator, Expression, Function, Handle, Module, RelationalFunction, Scalar, ScalarKind,
    TypeInner,
};

/// Every expression of the shader that is outside the contract, with the function that it is in.
///
/// # Errors
/// Naga's message if the text is no valid WGSL.
pub fn violations(wgsl: &str) -> Result<Vec<String>, String> {
    let (module, info) = validate_wgsl(wgsl).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for (handle, function) in module.functions.iter() {
        let name = function.name.as_deref().unwrap_or("a function");
        search(&module, function, &info[handle], name, &mut found);
    }
    for (index, entry) in module.entry_points.iter().enumerate() {
        let info = info.get_entry_point(index);
        search(&module, &entry.function, info, &entry.name, &mut found);
    }
    Ok(found)
}

fn search(
    module: &Module,
    function: &Function,
    info: &FunctionInfo,
    name: &str,
    found: &mut Vec<String>,
) {
    for (handle, expression) in function.expressions.iter() {
        let of = |handle: Handle<Expression>| info[handle].ty.inner_with(&module.types);
        let is_allowed = has_allowed_type(of(handle)) && is_allowed(expression, of);
        if !is_allowed {
            found.push(format!("{name}: {expression:?}"));
        }
    }
}

/// Whether floats of this type have 32 bits, in scalars or vectors.
fn has_allowed_type(inner: &TypeInner) -> bool {
    let is_wide_float = |scalar: Scalar| scalar.kind == ScalarKind::Float && scalar.width != 4;
    !matches!(inner, TypeInner::Matrix { .. }) && !inner.scalar().is_some_and(is_wide_float)
}

/// Whether the contract allows the operation. `of` gives the type of an operand.
fn is_allowed<'a>(
    expression: &Expression,
    of: impl Fn(Handle<Expression>) -> &'a TypeInner,
) -> bool {
    let is_float = |operand| of(operand).scalar_kind() == Some(ScalarKind::Float);
    match *expression {
        Expression::Binary { op, left, .. } => {
            !is_float(left)
                || matches!(
                    op,
                    BinaryOperator::Add
                        | BinaryOperator::Subtract
                        | BinaryOperator::Multiply
                        | BinaryOperator::Equal
                        | BinaryOperator::NotEqual
                        | BinaryOperator::Less
                        | BinaryOperator::LessEqual
                        | BinaryOperator::Greater
                        | BinaryOperator::GreaterEqual
                )
        }
        // Integers are exact in any function; no float passes through one.
        Expression::Math { arg, .. } => !is_float(arg),
        // WGSL may assume that there is neither NaN nor infinity.
        Expression::Relational { fun, .. } => {
            matches!(fun, RelationalFunction::All | RelationalFunction::Any)
        }
        Expression::Literal(_)
        | Expression::Constant(_)
        | Expression::ZeroValue(_)
        | Expression::Compose { .. }
        | Expression::Access { .. }
        | Expression::AccessIndex { .. }
        | Expression::Splat { .. }
        | Expression::Swizzle { .. }
        | Expression::FunctionArgument(_)
        | Expression::GlobalVariable(_)
        | Expression::LocalVariable(_)
        | Expression::Load { .. }
        | Expression::Unary { .. }
        | Expression::Select { .. }
        | Expression::As { .. }
        | Expression::CallResult(_)
        | Expression::ArrayLength(_) => true,
        // Sums over a subgroup have the device's order; images and rays have no place here.
        _ => false,
    }
}

/// A shader of one statement, of what it may read and write.
fn shader(statement: &str) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> x: array<f32>;\n\
         @group(0) @binding(1) var<storage, read_write> n: array<u32>;\n\
         fn halved(value: f32) -> f32 {{ return value * 0.5; }}\n\
         @compute @workgroup_size(1) fn main() {{ {statement} }}"
    )
}

#[test]
fn what_the_contract_allows_is_let_pass() {
    for statement in [
        "x[0] = x[1] + x[2] * -x[3] - 0.1;",
        "x[0] = select(x[1], x[2], x[1] < x[2]);",
        "n[0] = n[1] / n[2] % n[3] + countOneBits(n[4]) + min(n[5], n[6]);",
        "x[0] = f32(bitcast<i32>(n[0])) + bitcast<f32>(n[1]);",
        "if (all(vec2<f32>(x[0], x[1]) == vec2<f32>(x[2]))) { x[0] = halved(x[1]); }",
    ] {
        assert_eq!(violations(&shader(statement)), Ok(vec![]), "{statement}");
    }
}

#[test]
fn what_the_contract_forbids_is_found() {
    for statement in [
        "x[0] = x[1] / x[2];",
        "x[0] = x[1] % x[2];",
        "x[0] /= 3.0;",
        "x[0] = (vec4<f32>(x[1]) / vec4<f32>(x[2])).x;",
        "x[0] = fma(x[1], x[2], x[3]);",
        "x[0] = sqrt(x[1]);",
        "x[0] = exp2(x[1]);",
        "x[0] = min(x[1], x[2]);",
        "x[0] = dot(vec2<f32>(x[1]), vec2<f32>(x[2]));",
        "x[0] = (mat2x2<f32>(x[1], x[2], x[3], x[4]) * vec2<f32>(x[5])).x;",
        "x[0] = floor(x[1]);",
    ] {
        let found = violations(&shader(statement)).unwrap();
        assert!(!found.is_empty(), "{statement}");
        assert!(
            found.iter().all(|place| place.starts_with("main: ")),
            "{found:?}"
        );
    }
    // In a function that the entry point calls, too.
    let text = shader("x[0] = halved(x[1]);").replace("value * 0.5", "value / 2.0");
    let found = violations(&text).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("halved: "), "{found:?}");
}
