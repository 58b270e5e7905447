// Every float sum, difference and product passes through `exact`. Here it is a wall: the compiler cannot know that
// `settings.zero` is zero, so it can neither fuse nor reorder across it.

fn exact(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) ^ settings.zero);
}
