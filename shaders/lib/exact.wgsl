// Every float sum, difference and product passes through `exact`. Here it does nothing: the SPIR-V made of this text
// forbids the driver to fuse or reorder (NoContraction).

fn exact(value: f32) -> f32 {
    return value;
}

fn exact4(value: vec4<f32>) -> vec4<f32> {
    return value;
}
