// Integer operations that WGSL lacks.

// High word of a * b, from 16-bit halves.
fn mul_high(a: u32, b: u32) -> u32 {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 16u);
    let carried = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (carried >> 16u);
}

fn signed_to_float(value: u32) -> f32 {
    return f32(bitcast<i32>(value));
}
