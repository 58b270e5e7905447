//! The little of wgpu that the kernels need: pipelines, buffers, dispatches, reading back.

use wgpu::{
    BindGroup, BindGroupEntry, BindGroupLayout, BindGroupLayoutEntry, BindingType, Buffer,
    BufferBindingType, BufferDescriptor, BufferUsages, ComputePipeline, Device, ErrorFilter,
    MapMode, PollType, Queue, ShaderStages,
};

use super::shader::{self, Build};
use crate::error::{Error, Result};

/// A compute pipeline: binding 0 is a uniform, the rest are storage buffers.
pub(super) struct Kernel {
    pub(super) pipeline: ComputePipeline,
    layout: BindGroupLayout,
}

impl Kernel {
    /// `writable` says of each storage buffer whether the kernel writes to it.
    pub(super) fn new(
        device: &Device,
        label: &str,
        wgsl: &str,
        entry_point: &str,
        build: Build,
        writable: &[bool],
    ) -> Result<Self> {
        let module = shader::module(device, label, wgsl, build)?;
        let entry = |(binding, ty)| BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let storage = writable.iter().map(|writable| BufferBindingType::Storage {
            read_only: !writable,
        });
        let entries: Vec<_> = std::iter::once(BufferBindingType::Uniform)
            .chain(storage)
            .enumerate()
            .map(entry)
            .collect();
        let scope = device.push_error_scope(ErrorFilter::Validation);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(label),
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(entry_point),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        match pollster::block_on(scope.pop()) {
            None => Ok(Self { pipeline, layout }),
            Some(error) => Err(Error::Device {
                message: format!("the driver refuses the kernel {label}: {error}"),
            }),
        }
    }

    /// Binds the buffers in order, the uniform first.
    pub(super) fn bind(&self, device: &Device, buffers: &[&Buffer]) -> BindGroup {
        let entries: Vec<_> = buffers
            .iter()
            .enumerate()
            .map(|(binding, buffer)| BindGroupEntry {
                binding: binding as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        })
    }
}

/// A buffer of at least 16 bytes.
///
/// # Errors
/// [`Error::Device`] if the device has no room for it.
pub(super) fn buffer(
    device: &Device,
    label: &str,
    bytes: u64,
    usage: BufferUsages,
) -> Result<Buffer> {
    let memory = device.push_error_scope(ErrorFilter::OutOfMemory);
    let validation = device.push_error_scope(ErrorFilter::Validation);
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some(label),
        size: bytes.next_multiple_of(16).max(16),
        usage,
        mapped_at_creation: false,
    });
    let error = pollster::block_on(validation.pop()).or(pollster::block_on(memory.pop()));
    match error {
        None => Ok(buffer),
        Some(error) => Err(Error::Device {
            message: format!(
                "the device has no room for {bytes} bytes of {label} ({error}); run fewer simulations at a time"
            ),
        }),
    }
}

/// A storage buffer with this content.
pub(super) fn upload(
    device: &Device,
    queue: &Queue,
    label: &str,
    content: &[u8],
) -> Result<Buffer> {
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
    let buffer = buffer(device, label, content.len() as u64, usage)?;
    queue.write_buffer(&buffer, 0, content);
    Ok(buffer)
}

/// Runs a kernel and waits; then copies the first bytes of each `from` into its `to` (mappable) buffer.
pub(super) fn dispatch(
    device: &Device,
    queue: &Queue,
    kernel: &Kernel,
    bound: &BindGroup,
    groups: [u32; 3],
    copies: &[(&Buffer, &Buffer, u64)],
) -> Result<()> {
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&kernel.pipeline);
        pass.set_bind_group(0, bound, &[]);
        pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
    }
    for &(from, to, bytes) in copies {
        if bytes > 0 {
            encoder.copy_buffer_to_buffer(from, 0, to, 0, bytes);
        }
    }
    queue.submit([encoder.finish()]);
    wait(device)
}

/// Until the device has done all it was given.
fn wait(device: &Device) -> Result<()> {
    match device.poll(PollType::wait_indefinitely()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::Device {
            message: format!("waiting for the device failed: {error}"),
        }),
    }
}

/// The first `n` words of a mappable buffer.
pub(super) fn read(device: &Device, buffer: &Buffer, n: usize) -> Result<Vec<u32>> {
    if n == 0 {
        return Ok(Vec::new());
    }
    let slice = buffer.slice(..4 * n as u64);
    let (sender, receiver) = std::sync::mpsc::channel();
    slice.map_async(MapMode::Read, move |outcome| {
        // The receiver lives until the answer is in.
        let _ = sender.send(outcome);
    });
    wait(device)?;
    let lost = |what: &str| Error::Device {
        message: format!("reading the results back failed: {what}"),
    };
    receiver
        .recv()
        .map_err(|_| lost("no answer"))?
        .map_err(|error| lost(&error.to_string()))?;
    let words = {
        let view = slice
            .get_mapped_range()
            .map_err(|error| lost(&error.to_string()))?;
        bytemuck::pod_collect_to_vec(&view[..])
    };
    buffer.unmap();
    Ok(words)
}

/// Runs a kernel with one input and one output buffer; the first `n_results` words of the output.
pub(super) fn once(
    device: &Device,
    queue: &Queue,
    kernel: &Kernel,
    settings: &[u8],
    input: &[u8],
    n_results: usize,
    groups: [u32; 3],
) -> Result<Vec<u32>> {
    let bytes = 4 * n_results as u64;
    let uniform = buffer(
        device,
        "settings",
        settings.len() as u64,
        BufferUsages::UNIFORM | BufferUsages::COPY_DST,
    )?;
    queue.write_buffer(&uniform, 0, settings);
    let input = upload(device, queue, "inputs", input)?;
    let results = buffer(
        device,
        "results",
        bytes,
        BufferUsages::STORAGE | BufferUsages::COPY_SRC,
    )?;
    let staging = buffer(
        device,
        "staging",
        bytes,
        BufferUsages::MAP_READ | BufferUsages::COPY_DST,
    )?;
    let bound = kernel.bind(device, &[&uniform, &input, &results]);
    dispatch(
        device,
        queue,
        kernel,
        &bound,
        groups,
        &[(&results, &staging, bytes)],
    )?;
    read(device, &staging, n_results)
}
