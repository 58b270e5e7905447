//! One simulation, or several side by side, step by step: twin of `shaders/simulate.wgsl`.

use super::aligned::Aligned;
use super::chunks::Chunks;
use super::lanes::Work;
use super::line::{DelayLine, Stretch};
use super::machine::{Arrays, Blocks, Machine, Phase, Setting};
use super::moments::{Finish, GroupMoments, Take};
use super::monitors::{GroupMonitor, Making};
use super::nodes::{self, Given};
use super::pack::Pack;
use super::random::{Draw, Random};
use super::sums::{Add, Sums};
use super::waves::Waves;
use super::{Fusion, Kernel, Shape};
use crate::backend::Control;
use crate::plan::Plan;
use crate::record::{Moments, Passage, Takes};

/// What nodes are predicted to send at the end of a step, and what reaches others of it.
struct Prediction {
    machine: Option<Machine>,
    /// A delay line that looks no step back.
    line: DelayLine,
    sums: Sums,
}

/// A monitor of a group, and what it has shown.
struct Watched<'p> {
    monitor: GroupMonitor<'p>,
    /// Samples of each member that were not handed on yet, `[sample][node]`.
    samples: Vec<Vec<f32>>,
    /// Samples handed on.
    n_handed: usize,
}

/// The arrays of a group; see the module above for their layout.
pub(super) struct Group<'p> {
    plan: &'p Plan,
    kernel: Kernel,
    shape: Shape,
    members: Vec<usize>,
    step: u32,
    /// States, carries and noise processes.
    nodes: Chunks,
    /// What the nodes do; the reference goes without.
    machine: Option<Machine>,
    sums: Sums,
    /// Where a step needs what nodes are predicted to send at its end.
    prediction: Option<Prediction>,
    line: DelayLine,
    feedback_start: Aligned,
    feedback: Aligned,
    waves: Waves<'p>,
    random: Random,
    takes: Takes,
    moments: Option<GroupMoments>,
    monitors: Vec<Watched<'p>>,
    /// Room for one state of all nodes.
    room: Aligned,
    /// Numbers of one quantity of all nodes and members, padded to whole vectors.
    row: usize,
}

impl<'p> Group<'p> {
    /// The group at t = 0.
    ///
    /// `None` if it is stopped before: a long past takes a while to draw.
    pub(super) fn new(
        plan: &'p Plan,
        (kernel, fusion): (Kernel, Fusion),
        members: &[usize],
        takes: Takes,
        control: &Control,
    ) -> Option<Self> {
        let shape = kernel.shape();
        let (width, lanes) = (shape.width, shape.lanes);
        let member = |lane: usize| members[lane.min(members.len() - 1)];
        let (n_nodes, n_states) = (plan.n_nodes, plan.n_states());
        let row = (n_nodes * width).next_multiple_of(lanes);
        let blocks = Blocks::new(row / lanes, lanes);
        let links = &plan.recipe.links;
        let n_feedbacks = plan.feedback.len();
        let starts: Vec<_> = members
            .iter()
            .map(|&member| plan.start(member).state())
            .collect();
        let held: Vec<_> = members
            .iter()
            .map(|&member| plan.held_start(member))
            .collect();
        let start = |lane: usize| &starts[lane.min(members.len() - 1)];
        let mut nodes = Chunks::new(plan.step.n_quantities(), blocks, lanes);
        let processes = plan.recipe.processes();
        let mut feedback_start = Aligned::zeros(n_feedbacks * row);
        for node in 0..n_nodes {
            for lane in 0..width {
                let at = node * width + lane;
                for s in 0..n_states {
                    nodes.set(s, at, start(lane)[[s, node]]);
                }
                for (k, &target) in processes.iter().enumerate() {
                    let mean = plan.table.at(plan.rows().mean(target), node, member(lane));
                    nodes.set(2 * n_states + k, at, mean);
                }
                let held = &held[lane.min(members.len() - 1)];
                for k in 0..held.nrows() {
                    nodes.set(2 * n_states + processes.len() + k, at, held[[k, node]]);
                }
                for k in 0..n_feedbacks {
                    feedback_start[k * row + at] = plan.feedback_start(member(lane), k, node);
                }
            }
        }
        let n_rows = links.lines.len() * n_nodes;
        let n_steps = plan.n_steps as usize;
        let mut line = DelayLine::new(n_rows, plan.max_lag as usize, width, n_steps);
        let mut stretch = Stretch::new(n_nodes);
        for lane in 0..width {
            plan.for_each_past(member(lane), |l, back, past| {
                stretch.take(&mut line, lane, (l * n_nodes, back), past);
                !control.is_stopped()
            });
            stretch.put(&mut line, lane);
        }
        if control.is_stopped() {
            return None;
        }
        let moments = || {
            let recording = &plan.recording;
            GroupMoments::new(n_nodes, width, plan.step.recorded[0], recording.n_transient)
        };
        let random = Random::new(plan, members, width);
        let machine = |phase: Phase| {
            let machine = || {
                Machine::new(&Setting {
                    step: &plan.step,
                    phase,
                    blocks,
                    lanes: kernel.lanes(),
                    fusion,
                    number: &|k, place, lane| {
                        let at = place * lanes + lane;
                        let node = (at / width).min(n_nodes - 1);
                        plan.table
                            .at(plan.step.numbers[k], node, member(at % width))
                    },
                    normal_row: random.row(),
                    common_normals: width > 1 && random.is_common(),
                    row,
                })
            };
            (kernel != Kernel::Reference).then(machine)
        };
        let making = Making {
            kernel,
            fusion,
            members,
            blocks,
            row,
        };
        let monitors = (0..plan.monitors.len()).map(|k| Watched {
            monitor: GroupMonitor::new(plan, k, &making),
            samples: vec![Vec::new(); members.len()],
            n_handed: 0,
        });
        let monitors: Vec<Watched> = monitors.collect();
        // A channel's sums are as many as there is room for in whole vectors.
        let rows = [row / width, n_nodes];
        let prediction = plan.step.prediction.as_ref().map(|_| {
            let line = DelayLine::new(n_rows, 0, width, n_steps);
            Prediction {
                machine: machine(Phase::Prediction),
                sums: Sums::new(&plan.sums_of_predicted(rows), &line, shape.blocks),
                line,
            }
        });
        Some(Self {
            takes,
            moments: (takes.moments && plan.measured().is_none()).then(moments),
            monitors,
            room: Aligned::zeros(row),
            row,
            plan,
            kernel,
            shape,
            members: members.to_vec(),
            step: 0,
            nodes,
            machine: machine(Phase::Step),
            sums: Sums::new(&plan.sums(rows), &line, shape.blocks),
            prediction,
            line,
            feedback_start,
            feedback: Aligned::zeros(n_feedbacks * row),
            waves: Waves::new(plan, members, [width, row]),
            random,
        })
    }

    /// Bytes of memory that a group of a kernel fills at most, of which samples of `stretch` steps are handed over at a time: its delay
    /// line, what nodes keep, sums of edges, samples, and moments.
    pub(super) fn bytes(plan: &Plan, takes: Takes, kernel: Kernel, stretch: u32) -> u64 {
        let shape = kernel.shape();
        let (n_nodes, width, links) = (plan.n_nodes, shape.width, &plan.recipe.links);
        let n_rows = links.lines.len() * n_nodes;
        let (max_lag, n_steps) = (plan.max_lag as usize, plan.n_steps as usize);
        let line = 4 * DelayLine::numbers(n_rows, max_lag, width, n_steps);
        let kept = plan.step.n_quantities() * n_nodes * width;
        let n_parts = plan.recipe.parts().len();
        let n_sums = links.channels.len() * n_parts;
        let sums = Sums::bytes(n_sums * plan.edges.lag.len(), n_sums * n_nodes, shape);
        let n_samples = match takes.samples {
            true => (stretch.min(plan.n_steps) / plan.recording.every + 1) as usize,
            false => 0,
        };
        let samples = n_samples * plan.recording.states.len() * n_nodes * width;
        let moments = match takes.moments && plan.measured().is_none() {
            true => GroupMoments::bytes(n_nodes, width),
            false => 0,
        };
        (line + sums + 4 * (kept + samples)) as u64 + moments
    }

    /// Makes `step` the present of a group that has not begun. [`Group::pass`] puts back where each lane stood.
    pub(super) fn go_to(&mut self, step: u32) {
        self.step = step;
        self.line.go_to(step);
        if let Some(prediction) = &mut self.prediction {
            prediction.line.go_to(step);
        }
        self.random.go_to(step);
    }

    /// Passes all that the next steps of a lane depend on, between two calls of [`Group::advance`]. Sums of edges are begun anew from
    /// the delay line, random numbers and waves follow from the step.
    pub(super) fn pass(&mut self, lane: usize, passage: &mut Passage) {
        let width = self.shape.width;
        let places = (0..self.plan.n_nodes).map(|node| node * width + lane);
        self.nodes.pass(places, passage);
        self.line.pass(self.step, lane, passage);
        if let Some(moments) = &mut self.moments {
            moments.pass(lane, passage);
        }
        for watched in &mut self.monitors {
            watched.monitor.pass(lane, passage);
            passage.index(&mut watched.n_handed);
        }
    }

    /// Lanes: as many as members, and those beyond that repeat the last.
    pub(super) fn width(&self) -> usize {
        self.shape.width
    }

    /// Steps done.
    pub(super) fn step(&self) -> u32 {
        self.step
    }

    /// The states of one member, `[state][node]`.
    pub(super) fn state_of(&self, member: usize) -> Vec<f32> {
        let n_nodes = self.plan.n_nodes;
        let at = |k: usize| {
            let place = k % n_nodes * self.shape.width + member;
            self.nodes.get(k / n_nodes, place)
        };
        (0..self.plan.n_states() * n_nodes).map(at).collect()
    }

    /// Does `n_steps` steps; gives the samples of each member, `[sample][recorded state][node]`, if they are taken.
    pub(super) fn advance(&mut self, n_steps: u32) -> Vec<Vec<f32>> {
        let n_samples = if self.takes.samples {
            n_steps.div_ceil(self.plan.recording.every) as usize
        } else {
            0
        };
        let room = n_samples * self.plan.recording.states.len() * self.plan.n_nodes;
        let mut samples = vec![Vec::with_capacity(room); self.members.len()];
        let kernel = self.kernel;
        for _ in 0..n_steps {
            self.read_feedback();
            self.waves.take(self.step);
            if self.random.is_due(self.step) {
                let (random, plan, step) = (&mut self.random, self.plan, self.step);
                kernel.run(Draw { random, plan, step });
            }
            if !self.plan.edges.lag.is_empty() {
                let (sums, line, step) = (&mut self.sums, &self.line, self.step);
                kernel.run(Add {
                    sums,
                    line,
                    step,
                    kernel,
                });
            }
            self.predict();
            self.move_nodes();
            for watched in &mut self.monitors {
                watched.monitor.take(&self.nodes, &mut watched.samples);
            }
            if self.step.is_multiple_of(self.plan.recording.every) {
                self.sample(&mut samples);
            }
        }
        samples
    }

    /// What monitors have shown since this was last asked for, of each monitor and member: the number of the first sample, and the
    /// samples, `[sample][node]`.
    pub(super) fn observed(&mut self) -> Vec<Vec<(usize, Vec<f32>)>> {
        let n_nodes = self.plan.n_nodes;
        let hand = |watched: &mut Watched| {
            let first = watched.n_handed;
            watched.n_handed += watched.samples[0].len() / n_nodes;
            let samples = watched.samples.iter_mut().map(std::mem::take);
            samples.map(|samples| (first, samples)).collect()
        };
        self.monitors.iter_mut().map(hand).collect()
    }

    /// Calls `take` with each monitor and, of each node, the fraction of time outside the monitor's range.
    pub(super) fn outside(&self, member: usize, mut take: impl FnMut(usize, Vec<f64>)) {
        for (k, watched) in self.monitors.iter().enumerate() {
            take(k, watched.monitor.outside(member));
        }
    }

    /// The first sample of a member that is not finite and the first node in it, if moments are taken.
    pub(super) fn bad(&self, member: usize) -> Option<(usize, usize)> {
        self.moments.as_ref()?.bad(member)
    }

    /// Completes the sums over all samples, if they are taken; none may come after.
    pub(super) fn complete(&mut self) {
        if let Some(moments) = &mut self.moments {
            self.kernel.run(Finish(moments));
        }
    }

    /// The moments of a member, after [`Group::complete`], if they are taken. The last member is asked for last: with its moments the
    /// group's sums go, so that what is measured of it takes their place in memory.
    pub(super) fn moments(&mut self, member: usize) -> Option<Moments> {
        let sums = self.moments.as_mut()?;
        let moments = sums.of(member);
        if member + 1 == self.members.len() {
            sums.forget();
        }
        Some(moments)
    }

    /// The fed-back signals of this step.
    fn read_feedback(&mut self) {
        let (width, n_nodes) = (self.shape.width, self.plan.n_nodes);
        for (k, feedback) in self.plan.feedback.iter().enumerate() {
            for (node, (&lag, &before)) in feedback.lags.iter().zip(&feedback.before).enumerate() {
                let first = k * self.row + node * width;
                let at = first..first + width;
                let from = if self.step < before {
                    &self.feedback_start[at.clone()]
                } else {
                    self.line
                        .read(feedback.line * n_nodes + node, self.step, lag)
                };
                self.feedback[at].copy_from_slice(from);
            }
        }
    }

    /// What nodes are predicted to send at the end of the step, and its sums, where anybody needs them.
    fn predict(&mut self) {
        if self.prediction.is_none() {
            return;
        }
        self.run(Phase::Prediction);
        let (kernel, step, nodes) = (self.kernel, self.step, &self.nodes);
        let (plan, first) = (self.plan, self.plan.step.program.results().len());
        let Some(Prediction { line, sums, .. }) = &mut self.prediction else {
            return;
        };
        line.begin(step);
        for l in 0..plan.step.n_predicted() {
            kernel.run(Push {
                line: &mut *line,
                nodes,
                kernel,
                step,
                rows: [l * plan.n_nodes, plan.n_nodes],
                quantity: first + l,
            });
        }
        kernel.run(Add {
            sums,
            line: &*line,
            step,
            kernel,
        });
    }

    /// Runs one of the programs of a step at all nodes.
    fn run(&mut self, phase: Phase) {
        let sums = if self.plan.edges.lag.is_empty() {
            &[]
        } else {
            self.sums.of_step()
        };
        let normal = self.random.of(self.step);
        let (machine, predicted) = match (&mut self.prediction, phase) {
            (Some(prediction), Phase::Prediction) => (&mut prediction.machine, &[][..]),
            (Some(prediction), _) => (&mut self.machine, prediction.sums.of_step()),
            (None, _) => (&mut self.machine, &[][..]),
        };
        match machine {
            Some(machine) => machine.run(Arrays {
                kept: self.nodes.values_mut(),
                sums,
                predicted,
                feedback: &self.feedback,
                waves: self.waves.of_step(),
                normal,
            }),
            None => {
                let (plan, member) = (self.plan, self.members[0]);
                let given = Given {
                    sums,
                    predicted,
                    feedback: &self.feedback,
                    waves: self.waves.of_step(),
                    row: self.row,
                    normal,
                    normal_row: self.random.row(),
                    number: &|k, node| plan.table.at(plan.step.numbers[k], node, member),
                };
                nodes::run(&plan.step, phase, &mut self.nodes, plan.n_nodes, &given);
            }
        }
    }

    /// What the nodes do with what arrives, and what they send on.
    fn move_nodes(&mut self) {
        self.run(Phase::Step);
        self.step += 1;
        self.line.begin(self.step);
        for (l, &quantity) in self.plan.step.lines.iter().enumerate() {
            let (line, nodes) = (&mut self.line, &self.nodes);
            let (kernel, step, n_nodes) = (self.kernel, self.step, self.plan.n_nodes);
            kernel.run(Push {
                line,
                nodes,
                kernel,
                step,
                rows: [l * n_nodes, n_nodes],
                quantity,
            });
        }
    }

    /// Takes this step's sample of each member.
    fn sample(&mut self, samples: &mut [Vec<f32>]) {
        if let Some(moments) = &mut self.moments {
            let nodes = &self.nodes;
            self.kernel.run(Take { moments, nodes });
        }
        if !self.takes.samples {
            return;
        }
        let width = self.shape.width;
        for &s in &self.plan.step.recorded {
            let row = &mut self.room[..self.plan.n_nodes * width];
            self.nodes.copy(s, row);
            for (member, samples) in samples.iter_mut().enumerate() {
                if width == 1 {
                    samples.extend_from_slice(row);
                } else {
                    samples.extend(row.iter().skip(member).step_by(width));
                }
            }
        }
    }
}

/// Hands what the nodes send to a line of each.
struct Push<'a> {
    line: &'a mut DelayLine,
    nodes: &'a Chunks,
    kernel: Kernel,
    step: u32,
    /// The first row, and how many.
    rows: [usize; 2],
    /// Which quantity is sent.
    quantity: usize,
}

impl Work for Push<'_> {
    #[inline(always)]
    fn run<V: Pack>(self) {
        let nodes = (self.nodes, self.quantity);
        // Known when this is compiled: the reference is no batch.
        if V::WIDTH > 1 && matches!(self.kernel, Kernel::Batch(_)) {
            self.line.push::<V>(self.step, self.rows, nodes);
        } else {
            self.line.push::<f32>(self.step, self.rows, nodes);
        }
    }
}
