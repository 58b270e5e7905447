//! The little of wgpu that the kernels need: pipelines, buffers, dispatches, reading back.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use wgpu::{
    BindGroup, BindGroupEntry, BindGroupLayout, BindGroupLayoutEntry, BindingType, Buffer,
    BufferAsyncError, BufferBindingType, BufferDescriptor, BufferUsages, ComputePipeline, MapMode,
    PollError, PollType, ShaderStages, SubmissionIndex,
};

use super::shader::{self, Build};
use super::{Gpu, lock};
use crate::error::{DeviceError, Error, Result};

/// A compute pipeline and the layout of its buffers.
#[derive(Debug)]
pub(super) struct Kernel {
    pub(super) pipeline: ComputePipeline,
    layout: BindGroupLayout,
}

/// What a kernel does with a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// A small buffer that is the same for all threads.
    Uniform,
    /// A storage buffer, read.
    Read,
    /// A storage buffer, read and written.
    Write,
}

/// Why a driver takes no kernel.
#[derive(Debug, Clone)]
pub(super) struct Refusal(String);

impl From<Refusal> for Error {
    fn from(Refusal(problem): Refusal) -> Self {
        let (device, why) = ("the kernel on this device".into(), problem);
        DeviceError::NotOpened { device, why }.into()
    }
}

impl Kernel {
    /// `bindings` are those of the shader, from 0 on without a gap. A device of Vulkan is lost by a refusal.
    pub(super) fn new(
        gpu: &Gpu,
        label: &str,
        wgsl: &str,
        entry_point: &str,
        build: Build,
        bindings: &[Binding],
    ) -> Result<Self, Refusal> {
        let entry = |(binding, kind): (usize, &Binding)| BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty: match kind {
                    Binding::Uniform => BufferBindingType::Uniform,
                    Binding::Read => BufferBindingType::Storage { read_only: true },
                    Binding::Write => BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let entries: Vec<_> = bindings.iter().enumerate().map(entry).collect();
        let device = &gpu.device;
        let made = gpu.watched(|| {
            let module = shader::module(device, label, wgsl, build)?;
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
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Every kernel fills what it reads.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
            Ok(Self { pipeline, layout })
        });
        match made {
            Ok(made) => made.map_err(|invalid: Error| Refusal(invalid.to_string())),
            Err(said) => Err(Refusal(format!(
                "the driver of {} refuses the kernel {label} ({said}); use a newer driver, or say --backend cpu",
                gpu.described.name
            ))),
        }
    }

    /// Binds the buffers in order, the uniform first.
    pub(super) fn bind(&self, gpu: &Gpu, buffers: &[&Buffer]) -> BindGroup {
        let entries: Vec<_> = buffers
            .iter()
            .enumerate()
            .map(|(binding, buffer)| BindGroupEntry {
                binding: binding as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
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
pub(super) fn buffer(gpu: &Gpu, label: &str, bytes: u64, usage: BufferUsages) -> Result<Buffer> {
    let made = gpu.watched(|| {
        gpu.device.create_buffer(&BufferDescriptor {
            label: Some(label),
            size: bytes.next_multiple_of(16).max(16),
            usage,
            mapped_at_creation: false,
        })
    });
    made.map_err(|said| {
        let problem = format!("the device has no room for {bytes} bytes of {label} ({said})");
        let hint = Some("run fewer simulations at a time".into());
        DeviceError::Memory { problem, hint }.into()
    })
}

/// A buffer with this content, to be read as storage or uniform.
pub(super) fn upload(gpu: &Gpu, label: &str, content: &[u8]) -> Result<Buffer> {
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
    upload_as(gpu, label, content, usage)
}

/// As [`upload`], for a given use.
pub(super) fn upload_as(
    gpu: &Gpu,
    label: &str,
    content: &[u8],
    usage: BufferUsages,
) -> Result<Buffer> {
    let buffer = buffer(gpu, label, content.len() as u64, usage)?;
    gpu.queue.write_buffer(&buffer, 0, content);
    Ok(buffer)
}

/// Runs a kernel and waits; then copies the first bytes of each `from` into its `to` (mappable) buffer.
pub(super) fn dispatch(
    gpu: &Gpu,
    kernel: &Kernel,
    bound: &BindGroup,
    groups: [u32; 3],
    copies: &[(&Buffer, &Buffer, u64)],
) -> Result<()> {
    let commands = wgpu::CommandEncoderDescriptor::default();
    let mut encoder = gpu.device.create_command_encoder(&commands);
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
    gpu.queue.submit([encoder.finish()]);
    wait(gpu)
}

/// Until the device has done all it was given, or for as long as it may take to answer.
fn wait(gpu: &Gpu) -> Result<()> {
    wait_for(gpu, None)
}

/// Until the device has done one submission, or for as long as it may take to answer.
///
/// # Errors
/// [`Error::Device`] if it was lost, or does not answer.
pub(super) fn wait_for(gpu: &Gpu, submission: Option<SubmissionIndex>) -> Result<()> {
    let what = PollType::Wait {
        submission_index: submission,
        timeout: Some(gpu.wait_limit),
    };
    match gpu.device.poll(what) {
        Ok(_) => Ok(()),
        Err(PollError::Timeout) => {
            let reason = format!("no answer for {} s", gpu.wait_limit.as_secs());
            lock(&gpu.lost).get_or_insert(reason);
            gpu.check()
        }
        Err(error) => {
            let (action, why) = ("waiting for the device", error.to_string());
            Err(DeviceError::Failed { action, why }.into())
        }
    }
}

/// The first `n` words of a mappable buffer.
pub(super) fn read(gpu: &Gpu, buffer: &Buffer, n: usize) -> Result<Vec<u32>> {
    let reading = Reading::begin(buffer, n);
    wait(gpu)?;
    reading.finish(gpu)
}

/// `n` words of a buffer of the device, from word `from` on.
pub(super) fn read_back(
    gpu: &Gpu,
    from_buffer: &Buffer,
    from: usize,
    n: usize,
) -> Result<Vec<u32>> {
    let bytes = 4 * n as u64;
    let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
    let staging = buffer(gpu, "staging", bytes, usage)?;
    let commands = wgpu::CommandEncoderDescriptor::default();
    let mut encoder = gpu.device.create_command_encoder(&commands);
    encoder.copy_buffer_to_buffer(from_buffer, 4 * from as u64, &staging, 0, bytes);
    gpu.queue.submit([encoder.finish()]);
    read(gpu, &staging, n)
}

/// How long an answer may take from one thread to another once the device is done: they only have to be scheduled.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Words on their way from a mappable buffer.
pub(super) struct Reading {
    buffer: Buffer,
    n: usize,
    answer: Receiver<Result<(), BufferAsyncError>>,
}

impl Reading {
    /// Asks for the first `n` words, once what was submitted before is done.
    pub(super) fn begin(buffer: &Buffer, n: usize) -> Self {
        let (sender, answer) = std::sync::mpsc::channel();
        let answered = move |outcome| {
            // Nobody waits any more if the run was ended by an error.
            let _ = sender.send(outcome);
        };
        if n == 0 {
            answered(Ok(()));
        } else {
            buffer
                .slice(..4 * n as u64)
                .map_async(MapMode::Read, answered);
        }
        Self {
            buffer: buffer.clone(),
            n,
            answer,
        }
    }

    /// The words; the device has been waited for.
    ///
    /// The answer may still be on its way: of several threads that wait for one device, a single one is handed the
    /// answers to all of them, and passes them on after the others have seen the device idle.
    ///
    /// # Errors
    /// [`Error::Device`] if the device was lost or refused anything on the way: a buffer it was to fill holds zeros then.
    pub(super) fn finish(self, gpu: &Gpu) -> Result<Vec<u32>> {
        let lost = |what: &str| DeviceError::Failed {
            action: "reading the results back",
            why: what.into(),
        };
        let answer = self.answer.recv_timeout(ANSWER_WITHIN);
        // The loss of the device says more than what it brings with it.
        gpu.check()?;
        answer
            .map_err(|_| lost("no answer"))?
            .map_err(|error| lost(&error.to_string()))?;
        if self.n == 0 {
            return Ok(Vec::new());
        }
        let words = {
            let view = self
                .buffer
                .slice(..4 * self.n as u64)
                .get_mapped_range()
                .map_err(|error| lost(&error.to_string()))?;
            bytemuck::pod_collect_to_vec(&view[..])
        };
        self.buffer.unmap();
        Ok(words)
    }
}

/// Runs a kernel with one input and one output buffer; the first `n_results` words of the output.
pub(super) fn once(
    gpu: &Gpu,
    kernel: &Kernel,
    settings: &[u8],
    input: &[u8],
    n_results: usize,
    groups: [u32; 3],
) -> Result<Vec<u32>> {
    let bytes = 4 * n_results as u64;
    let uniform = buffer(
        gpu,
        "settings",
        settings.len() as u64,
        BufferUsages::UNIFORM | BufferUsages::COPY_DST,
    )?;
    gpu.queue.write_buffer(&uniform, 0, settings);
    let input = upload(gpu, "inputs", input)?;
    let results = buffer(
        gpu,
        "results",
        bytes,
        BufferUsages::STORAGE | BufferUsages::COPY_SRC,
    )?;
    let staging = buffer(
        gpu,
        "staging",
        bytes,
        BufferUsages::MAP_READ | BufferUsages::COPY_DST,
    )?;
    let bound = kernel.bind(gpu, &[&uniform, &input, &results]);
    dispatch(gpu, kernel, &bound, groups, &[(&results, &staging, bytes)])?;
    read(gpu, &staging, n_results)
}
