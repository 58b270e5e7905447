//! Chooses the operations of a step's program, and their order.

use std::collections::HashMap;

use super::Fusion;
use super::fragments::{Raw, Values};
use super::ops::{ADD, Kind, MUL, RSUB, SUB};
use crate::dynamics::Argument;
use crate::program::{self, Id};

/// The operations, in order: fragments first, then pairs and trees, and what is left alone.
pub(super) fn select(values: &Values, fusion: Fusion) -> Vec<Raw> {
    let program = values.program();
    let all = values.fragments();
    let order = order(values, &all);
    let fragments = if fusion == Fusion::All {
        all
    } else {
        Vec::new()
    };
    let mut taken = vec![false; program.n_values()];
    for raw in &fragments {
        for &id in raw.inside.iter().chain(&raw.results) {
            taken[id as usize] = true;
        }
    }
    let mut made: HashMap<Id, Raw> = HashMap::new();
    if fusion == Fusion::All {
        // From the end, so that chains are cut from their results.
        for &id in order.iter().rev() {
            if taken[id as usize] {
                continue;
            }
            if let Some(raw) = fused(values, &taken, id) {
                raw.inside.iter().for_each(|&id| taken[id as usize] = true);
                made.insert(id, raw);
            }
        }
    }
    // A fragment stands where the last of its results would: by then all operands are there.
    let position: HashMap<Id, usize> = order.iter().enumerate().map(|(k, &id)| (id, k)).collect();
    let mut at_end: HashMap<Id, Raw> = HashMap::new();
    for raw in fragments {
        let last = raw.results.iter().copied().max_by_key(|id| position[id]);
        at_end.insert(last.expect("a fragment has results"), raw);
    }
    let mut raws = Vec::new();
    for id in order {
        if let Some(raw) = at_end.remove(&id) {
            raws.push(raw);
        } else if let Some(raw) = made.remove(&id) {
            raws.push(raw);
        } else if !taken[id as usize] {
            raws.extend(alone(values, id));
        }
    }
    in_order(values, raws)
}

/// The order in which values are made: what all new states are made of comes before any of them, so that the old ones need not be
/// kept.
fn order(values: &Values, fragments: &[Raw]) -> Vec<Id> {
    let program = values.program();
    let mut seen = vec![false; program.n_values()];
    let mut order = Vec::new();
    let mut visit = |from: Id| {
        // Depth first without recursion: a value is taken when its operands are.
        let mut open = vec![(from, false)];
        while let Some((id, ready)) = open.pop() {
            let Some(op) = program.op(id) else { continue };
            if ready {
                order.push(id);
            } else if !std::mem::replace(&mut seen[id as usize], true) {
                open.push((id, true));
                let operands: Vec<Id> = op.operands().collect();
                open.extend(operands.into_iter().rev().map(|id| (id, false)));
            }
        }
    };
    let settles = |raw: &&Raw| {
        matches!(
            raw.kind,
            Kind::Settle | Kind::SettleExponential | Kind::Compensated
        )
    };
    for raw in fragments.iter().filter(settles) {
        for &id in &raw.operands {
            visit(id);
        }
    }
    for &id in program.results() {
        visit(id);
    }
    order
}

/// The same operations, each after those whose results it takes: a fragment with two results may have moved one of them back.
fn in_order(values: &Values, raws: Vec<Raw>) -> Vec<Raw> {
    let n_values = values.program().n_values();
    let mut maker = vec![None; n_values];
    for (k, raw) in raws.iter().enumerate() {
        raw.results
            .iter()
            .for_each(|&id| maker[id as usize] = Some(k));
    }
    let mut placed = vec![false; raws.len()];
    let mut sequence = Vec::with_capacity(raws.len());
    for first in 0..raws.len() {
        let mut open = vec![(first, false)];
        while let Some((k, ready)) = open.pop() {
            if ready {
                sequence.push(k);
            } else if !std::mem::replace(&mut placed[k], true) {
                open.push((k, true));
                let operands = raws[k].operands.iter().rev();
                open.extend(
                    operands
                        .filter_map(|&id| maker[id as usize])
                        .map(|k| (k, false)),
                );
            }
        }
    }
    let mut raws: Vec<Option<Raw>> = raws.into_iter().map(Some).collect();
    let take = |k: usize| raws[k].take().expect("each once");
    sequence.into_iter().map(take).collect()
}

/// The operator and operands of a sum, difference or product.
fn binary(values: &Values, id: Id) -> Option<(u8, Id, Id)> {
    match values.op(id)? {
        program::Op::Add(a, b) => Some((ADD, a, b)),
        program::Op::Sub(a, b) => Some((SUB, a, b)),
        program::Op::Mul(a, b) => Some((MUL, a, b)),
        _ => None,
    }
}

/// The largest pair or tree whose result is `id`.
fn fused(values: &Values, taken: &[bool], id: Id) -> Option<Raw> {
    let (outer, a, b) = binary(values, id)?;
    let may = |id: Id| !taken[id as usize] && values.uses(id) == 1 && binary(values, id).is_some();
    let raw = |kind, operands, inside| {
        Some(Raw {
            kind,
            results: vec![id],
            operands,
            inside,
        })
    };
    // (x0 x1 . y0 y1), if it is one.
    let of_products = |id: Id| {
        let (operator, x, y) = binary(values, id).filter(|_| may(id))?;
        let fits = operator != MUL && x != y && may(x) && may(y);
        let (MUL, x0, x1) = binary(values, x).filter(|_| fits)? else {
            return None;
        };
        let (MUL, y0, y1) = binary(values, y)? else {
            return None;
        };
        Some((operator, [x0, x1, y0, y1], [id, x, y]))
    };
    let flipped = if outer == SUB { RSUB } else { outer };
    for (inner, other, outer) in [(a, b, outer), (b, a, flipped)] {
        if let Some((operator, four, inside)) = of_products(inner).filter(|_| a != b) {
            let operands = [&four[..], &[other]].concat();
            return raw(Kind::Products(operator, outer), operands, inside.to_vec());
        }
    }
    if may(a) && may(b) && a != b {
        let ((i, x, y), (j, z, w)) = (binary(values, a)?, binary(values, b)?);
        return raw(Kind::Tree(i, j, outer), vec![x, y, z, w], vec![a, b]);
    }
    for (inner, other, outer) in [(a, b, outer), (b, a, flipped)] {
        if may(inner) {
            let (operator, x, y) = binary(values, inner)?;
            let (x, y) = match (values.is_uniform(x), values.is_uniform(y)) {
                (true, true) => continue,
                (false, true) if operator != SUB => (y, x),
                _ => (x, y),
            };
            return raw(Kind::Pair(operator, outer), vec![x, y, other], vec![inner]);
        }
    }
    None
}

/// The operation by itself; nothing for constants, which have places already.
fn alone(values: &Values, id: Id) -> Option<Raw> {
    let (kind, operands) = match values.op(id)? {
        program::Op::Literal(_) => return None,
        program::Op::Add(a, b) => (Kind::Single(ADD), vec![a, b]),
        program::Op::Sub(a, b) => (Kind::Single(SUB), vec![a, b]),
        program::Op::Mul(a, b) => (Kind::Single(MUL), vec![a, b]),
        program::Op::Neg(a) => (Kind::Negative, vec![a]),
        program::Op::Call(function, a) => (Kind::Call(function), vec![a]),
        program::Op::Look(table, a) => (Kind::Look(table), vec![a]),
        program::Op::Select {
            less: [a, b],
            yes,
            no,
        } => (Kind::Select, vec![a, b, yes, no]),
    };
    Some(Raw {
        kind,
        results: vec![id],
        operands,
        inside: Vec::new(),
    })
}

/// Normal numbers that all lanes share are spread over a vector before operations that do not do so themselves.
pub(super) fn spread_normals(values: &Values, raws: Vec<Raw>) -> Vec<Raw> {
    let is_normal = |id: Id| {
        let argument = values.step.arguments.get(id as usize);
        matches!(argument, Some(Argument::Normal(_)))
    };
    let mut spread: Vec<Id> = Vec::new();
    let mut all = Vec::with_capacity(raws.len());
    for raw in raws {
        let spreads_itself = matches!(
            raw.kind,
            Kind::OrnsteinUhlenbeck | Kind::DriveFirst | Kind::Drive
        );
        for &id in raw.operands.iter().filter(|_| !spreads_itself) {
            if is_normal(id) && !spread.contains(&id) {
                spread.push(id);
                all.push(Raw {
                    kind: Kind::Splat,
                    results: vec![id],
                    operands: vec![id],
                    inside: Vec::new(),
                });
            }
        }
        all.push(raw);
    }
    all
}
