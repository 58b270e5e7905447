// What a device can do at most: loads from workgroup memory and from its memory, products added in registers. The
// yardstick of `brainsweep bench`. Twin: src/backend/gpu/peak.rs.

struct Settings {
    // How often each thread loads or adds eight numbers.
    rounds: u32,
    // Vectors of four in `numbers`, a power of two, less one.
    mask: u32,
    // Always 0; only the host knows.
    zero: u32,
    padding: u32,
}

const THREADS: u32 = 256u;

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> numbers: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

var<workgroup> near: array<u32, 4096>;

// Threads beside each other read numbers beside each other: no bank is asked twice.
@compute @workgroup_size(256)
fn workgroup_loads(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    for (var k = 0u; k < 16u; k++) {
        near[k * THREADS + thread] = numbers[thread].x + k;
    }
    workgroupBarrier();
    var found = vec4<u32>(0u);
    var more = vec4<u32>(0u);
    for (var round = 0u; round < settings.rounds; round++) {
        let at = (thread + 32u * round) & 2047u;
        found ^= vec4<u32>(near[at], near[at + 256u], near[at + 512u], near[at + 768u]);
        more ^= vec4<u32>(near[at + 1024u], near[at + 1280u], near[at + 1536u], near[at + 1792u]);
    }
    let all = found ^ more;
    results[id.x] = all.x ^ all.y ^ all.z ^ all.w;
}

@compute @workgroup_size(256)
fn memory_loads(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let stride = groups.x * THREADS;
    var found = vec4<u32>(0u);
    for (var round = 0u; round < settings.rounds; round++) {
        let at = id.x + 2u * round * stride;
        found ^= numbers[at & settings.mask] ^ numbers[(at + stride) & settings.mask];
    }
    results[id.x] = found.x ^ found.y ^ found.z ^ found.w;
}

@compute @workgroup_size(256)
fn multiply_adds(@builtin(global_invocation_id) id: vec3<u32>) {
    let factor = bitcast<f32>(numbers[0].x);
    let addend = bitcast<f32>(numbers[0].y);
    var a = vec4<f32>(0.0, 1.0, 2.0, 3.0);
    var b = a + vec4<f32>(f32(id.x));
    for (var round = 0u; round < settings.rounds; round++) {
        a = exact4(exact4(a * factor) + addend);
        b = exact4(exact4(b * factor) + addend);
    }
    let all = a + b;
    results[id.x] = bitcast<u32>(all.x + all.y + all.z + all.w);
}
