// Integer operations that WGSL lacks, where there are integers of 64 bits.

// High word of a * b.
fn mul_high(a: u32, b: u32) -> u32 {
    return u32((u64(a) * u64(b)) >> 32u);
}

fn signed_to_float(value: u32) -> f32 {
    return f32(bitcast<i32>(value));
}
