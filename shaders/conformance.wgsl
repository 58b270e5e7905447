// What a device's arithmetic does, for comparison with the host's bits. Twin: src/backend/gpu/conformance.rs.
//
// The text before this one defines N_PROBES, `probes` and `exact`.

struct Settings {
    n_inputs: u32,
    n_iterations: u32,
    // Always 0; only the host knows.
    zero: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
// Four words each: three floats as bits, and any word.
@group(0) @binding(1) var<storage, read> inputs: array<vec4<u32>>;
// [probe][input]
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.x + id.y * groups.x * 64u;
    if (at >= settings.n_inputs) {
        return;
    }
    let input = inputs[at];
    var found = probes(bitcast<vec3<f32>>(input.xyz), input.w, input);
    for (var k = 0u; k < N_PROBES; k++) {
        results[k * settings.n_inputs + at] = found[k];
    }
}

// Counts to `n_iterations`, in a way no compiler can shorten.
@compute @workgroup_size(1)
fn count() {
    var iterations = 0u;
    var word = inputs[0].w;
    while (iterations < settings.n_iterations) {
        word = word * 1664525u + 1013904223u;
        iterations++;
    }
    results[0] = iterations;
    results[1] = word;
}
