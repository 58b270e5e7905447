//! Whether every float operation of a shader stands behind a wall: its result goes through `exact` and
//! nowhere else, and `exact` is still there in the text that Metal or DX12 is given.
//!
//! Both compile with leave to reassociate. Two operations with nothing between them could be fused or
//! reordered; an operation alone, with a result that the compiler cannot see through, is rounded as it
//! stands. The search goes over naga's expressions: its writers translate one after the other.

use std::collections::HashSet;

use brainsweep::backend::gpu::validate_wgsl;
use naga::back::{hlsl, msl};
use naga::valid::{FunctionInfo, ModuleInfo};
use naga::{
    BinaryOperator, Block, Expression, Function, Handle, Module, ScalarKind, Statement,
    UnaryOperator,
};

/// Fails where an operation stands bare, or where a writer changes the walls.
#[track_caller]
pub fn assert_built(wgsl: &str) {
    let (module, info) = validate_wgsl(wgsl).unwrap();
    let bare = bare_operations(&module, &info);
    assert!(bare.is_empty(), "{bare:#?}\n{wgsl}");
    let (n_calls, wall) = (n_walls(&module), "settings.zero");
    let written = [
        (
            metal(&module, &info),
            ["as_type<uint>(value", "as_type<float>("],
        ),
        (dx12(&module, &info), ["asuint(value", "asfloat("]),
    ];
    for (text, casts) in written {
        assert_eq!(text.matches("exact").count(), n_calls + 2, "{text}");
        for part in casts.into_iter().chain([wall]) {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        for fused in ["fma(", "mad(", "dot("] {
            assert!(!text.contains(fused), "{fused} in\n{text}");
        }
    }
}

fn is_wall(function: &Function) -> bool {
    matches!(function.name.as_deref(), Some("exact" | "exact4"))
}

/// Every function with its name, entry points included.
fn functions<'a>(
    module: &'a Module,
    info: &'a ModuleInfo,
) -> impl Iterator<Item = (&'a Function, &'a FunctionInfo)> {
    let named = module.functions.iter();
    let named = named.map(|(handle, function)| (function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    named.chain(entries.map(|(k, entry)| (&entry.function, info.get_entry_point(k))))
}

/// Float operations whose result is used by anything but a wall.
fn bare_operations(module: &Module, info: &ModuleInfo) -> Vec<String> {
    let mut bare = Vec::new();
    for (function, info) in functions(module, info) {
        if is_wall(function) {
            continue;
        }
        let is_operation = |handle: Handle<Expression>| {
            let inner = info[handle].ty.inner_with(&module.types);
            let is_float = inner.scalar_kind() == Some(ScalarKind::Float);
            let rounds = match function.expressions[handle] {
                Expression::Binary { op, .. } => matches!(
                    op,
                    BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply
                ),
                _ => false,
            };
            is_float && rounds
        };
        let mut used = Vec::new();
        for (_, expression) in function.expressions.iter() {
            used.extend(operands(expression));
        }
        search(module, &function.body, &mut used);
        for handle in used.into_iter().collect::<HashSet<_>>() {
            if is_operation(handle) {
                let name = function.name.as_deref().unwrap_or("a function");
                bare.push(format!("{name}: {:?}", function.expressions[handle]));
            }
        }
    }
    bare
}

/// What an expression is made of.
fn operands(expression: &Expression) -> Vec<Handle<Expression>> {
    match *expression {
        Expression::Access { base, index } => vec![base, index],
        Expression::AccessIndex { base, .. } => vec![base],
        Expression::Splat { value, .. } => vec![value],
        Expression::Swizzle { vector, .. } => vec![vector],
        Expression::Compose { ref components, .. } => components.clone(),
        Expression::Load { pointer } => vec![pointer],
        // A sign is no rounding, but what it stands before may be.
        Expression::Unary {
            op: UnaryOperator::Negate,
            expr,
        } => vec![expr],
        Expression::Unary { expr, .. } => vec![expr],
        Expression::Binary { left, right, .. } => vec![left, right],
        Expression::Select {
            condition,
            accept,
            reject,
        } => vec![condition, accept, reject],
        Expression::Relational { argument, .. } => vec![argument],
        Expression::Math {
            arg,
            arg1,
            arg2,
            arg3,
            ..
        } => [Some(arg), arg1, arg2, arg3]
            .into_iter()
            .flatten()
            .collect(),
        Expression::As { expr, .. } => vec![expr],
        Expression::ArrayLength(expr) => vec![expr],
        _ => Vec::new(),
    }
}

/// What statements use, but for the arguments of walls.
fn search(module: &Module, block: &Block, used: &mut Vec<Handle<Expression>>) {
    for statement in block {
        match statement {
            Statement::Block(block) => search(module, block, used),
            Statement::If {
                condition,
                accept,
                reject,
            } => {
                used.push(*condition);
                search(module, accept, used);
                search(module, reject, used);
            }
            Statement::Switch { selector, cases } => {
                used.push(*selector);
                cases
                    .iter()
                    .for_each(|case| search(module, &case.body, used));
            }
            Statement::Loop {
                body,
                continuing,
                break_if,
            } => {
                search(module, body, used);
                search(module, continuing, used);
                used.extend(break_if);
            }
            Statement::Return { value } => used.extend(value),
            Statement::Store { pointer, value } => used.extend([pointer, value]),
            Statement::Call {
                function,
                arguments,
                ..
            } if !is_wall(&module.functions[*function]) => used.extend(arguments),
            _ => {}
        }
    }
}

/// Calls of walls in the whole module.
fn n_walls(module: &Module) -> usize {
    fn calls(module: &Module, block: &Block) -> usize {
        let of = |statement: &Statement| match statement {
            Statement::Block(block) => calls(module, block),
            Statement::If { accept, reject, .. } => calls(module, accept) + calls(module, reject),
            Statement::Switch { cases, .. } => {
                cases.iter().map(|case| calls(module, &case.body)).sum()
            }
            Statement::Loop {
                body, continuing, ..
            } => calls(module, body) + calls(module, continuing),
            Statement::Call { function, .. } => usize::from(is_wall(&module.functions[*function])),
            _ => 0,
        };
        block.iter().map(of).sum()
    }
    let named = module.functions.iter().map(|(_, function)| function);
    let entries = module.entry_points.iter().map(|entry| &entry.function);
    named
        .chain(entries)
        .map(|function| calls(module, &function.body))
        .sum()
}

fn metal(module: &Module, info: &ModuleInfo) -> String {
    let options = msl::Options {
        lang_version: (2, 4),
        fake_missing_bindings: true,
        ..msl::Options::default()
    };
    let pipeline = msl::PipelineOptions::default();
    let (text, _) = msl::write_string(module, info, &options, &pipeline).unwrap();
    text
}

fn dx12(module: &Module, info: &ModuleInfo) -> String {
    let mut text = String::new();
    let options = hlsl::Options {
        fake_missing_bindings: true,
        ..hlsl::Options::default()
    };
    let pipeline = hlsl::PipelineOptions::default();
    let mut writer = hlsl::Writer::new(&mut text, &options, &pipeline);
    writer.write(module, info, None).unwrap();
    text
}

/// A shader of one statement.
fn shader(statement: &str) -> String {
    format!(
        "struct Settings {{ zero: u32 }}\n@group(0) @binding(0) var<uniform> settings: Settings;\n\
         @group(0) @binding(1) var<storage, read_write> x: array<f32>;\n\
         fn exact(value: f32) -> f32 {{ return bitcast<f32>(bitcast<u32>(value) + settings.zero); }}\n\
         fn other(value: f32) -> f32 {{ return value; }}\n\
         @compute @workgroup_size(1) fn main() {{ {statement} }}"
    )
}

#[test]
fn bare_operations_are_found() {
    let bare = |statement: &str| {
        let (module, info) = validate_wgsl(&shader(statement)).unwrap();
        bare_operations(&module, &info).len()
    };
    for statement in [
        "x[0] = exact(x[1] + exact(x[2] * x[3]));",
        "x[0] = exact(-x[1] - exact(x[2] * -x[3]));",
        "x[0] = select(x[1], exact(x[2] + 1.0), x[3] < x[4]);",
        "x[u32(x[1]) * 3u + 1u] = -x[2];",
    ] {
        assert_eq!(bare(statement), 0, "{statement}");
    }
    for statement in [
        "x[0] = x[1] + x[2];",
        "x[0] = exact(x[1] + x[2] * x[3]);",
        "x[0] = exact(-(x[2] * x[3]));",
        "x[0] = other(x[1] * x[2]);",
        "var y = x[1] * x[2]; x[0] = exact(y + x[3]);",
        "if (x[1] * x[2] < x[3]) { x[0] = 1.0; }",
        "x[0] = vec2<f32>(x[1] * x[2], 1.0).x;",
    ] {
        assert!(bare(statement) > 0, "{statement}");
    }
}
