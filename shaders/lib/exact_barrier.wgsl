// Every float sum, difference and product passes through `exact`. Here it is a wall: the compiler cannot know that
// `settings.zero` is zero, so it can neither fuse nor reorder across it. The zero is added, not XORed: between two walls with nothing
// but `x - 0` between them, as compilers see it, two XORs would cancel, and both walls be gone.

fn exact(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) + settings.zero);
}

fn exact4(value: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(value) + vec4<u32>(settings.zero));
}
