//! Shaders and kernels: the bits of the GPU are those of the CPU. Without an adapter these tests say so and pass, but not with `REQUIRE_GPU=1`.

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/tables.rs"]
mod common_tables;

mod contract;
mod kernels;
mod monitors;
mod parity;
mod refusals;
mod shaders;
mod walls;
