//! Simulations that are kept on their way, so that they go on after the process was killed.
//!
//! A backend tells where a simulation stands as a list of 32-bit words, in an order of its own that does not depend on the kernel, the
//! threads or the simulations beside it. It goes on from such a list with the bits of a run without a break.

use std::time::Instant;

/// Where one simulation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The simulation, counted within its plan.
    pub simulation: usize,
    /// Steps done.
    pub n_steps: u32,
    /// All that its next steps depend on, as the backend has it.
    pub words: Vec<u32>,
}

/// Keeps simulations on their way. A backend that cannot go on from a snapshot leaves it alone, and begins at the start.
pub trait Checkpoints: Sync {
    /// Steps after which a simulation was kept; 0 where it begins at its start.
    fn n_steps(&self, simulation: usize) -> u32;

    /// What a backend told of a simulation that was kept.
    fn words(&self, simulation: usize) -> Option<Vec<u32>>;

    /// The simulation goes on from where it was kept: what was recorded until then counts as recorded.
    fn go_on(&self, simulation: usize);

    /// When simulations that begin, or were kept, now are to be kept next.
    fn due(&self) -> Instant;

    /// Whether so much was done that a run that is stopped should keep it.
    fn is_worthwhile(&self) -> bool;

    /// Keeps simulations that run side by side, with what was recorded of them.
    fn keep(&self, snapshots: Vec<Snapshot>);
}

/// Takes numbers out of where they are, or puts them back: what lists them does so once, for both ways.
#[derive(Debug)]
pub struct Passage<'a>(Way<'a>);

#[derive(Debug)]
enum Way<'a> {
    Out(&'a mut Vec<u32>),
    /// What is left, and whether there was too little.
    Back(&'a [u32], bool),
}

impl<'a> Passage<'a> {
    /// Numbers are added to `words`.
    pub fn out(words: &'a mut Vec<u32>) -> Self {
        Self(Way::Out(words))
    }

    /// Numbers take their values from `words`.
    pub fn back(words: &'a [u32]) -> Self {
        Self(Way::Back(words, false))
    }

    /// Whether all words were needed, and there were enough of them.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Way::Out(_) => true,
            Way::Back(left, is_short) => left.is_empty() && !is_short,
        }
    }

    /// Passes a word.
    pub fn word(&mut self, x: &mut u32) {
        match &mut self.0 {
            Way::Out(words) => words.push(*x),
            Way::Back(left, is_short) => match left.split_first() {
                Some((first, rest)) => (*x, *left) = (*first, rest),
                None => *is_short = true,
            },
        }
    }

    /// Passes a whole number.
    pub fn whole(&mut self, x: &mut u64) {
        let mut halves = [*x as u32, (*x >> 32) as u32];
        halves.iter_mut().for_each(|half| self.word(half));
        *x = u64::from(halves[0]) | u64::from(halves[1]) << 32;
    }

    /// Passes an index or a count.
    pub fn index(&mut self, x: &mut usize) {
        let mut whole = *x as u64;
        self.whole(&mut whole);
        *x = whole as usize;
    }

    /// Passes a number, all of its bits.
    pub fn single(&mut self, x: &mut f32) {
        let mut bits = x.to_bits();
        self.word(&mut bits);
        *x = f32::from_bits(bits);
    }

    /// Passes a number, all of its bits.
    pub fn double(&mut self, x: &mut f64) {
        let mut bits = x.to_bits();
        self.whole(&mut bits);
        *x = f64::from_bits(bits);
    }

    /// Passes numbers of which there may be more or fewer than before.
    pub fn singles(&mut self, all: &mut Vec<f32>) {
        let mut n = all.len();
        self.index(&mut n);
        if let Way::Back(left, is_short) = &mut self.0 {
            *is_short |= n > left.len();
            all.resize(n.min(left.len()), 0.0);
        }
        all.iter_mut().for_each(|x| self.single(x));
    }

    /// Passes words of which there may be more or fewer than before.
    pub fn words(&mut self, all: &mut Vec<u32>) {
        let mut n = all.len();
        self.index(&mut n);
        if let Way::Back(left, is_short) = &mut self.0 {
            *is_short |= n > left.len();
            all.resize(n.min(left.len()), 0);
        }
        all.iter_mut().for_each(|x| self.word(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some numbers of every kind.
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Numbers(u32, u64, usize, f32, f64, Vec<f32>, Vec<u32>);

    impl Numbers {
        fn pass(&mut self, passage: &mut Passage) {
            passage.word(&mut self.0);
            passage.whole(&mut self.1);
            passage.index(&mut self.2);
            passage.single(&mut self.3);
            passage.double(&mut self.4);
            passage.singles(&mut self.5);
            passage.words(&mut self.6);
        }
    }

    #[test]
    fn numbers_come_back_as_they_went_and_what_is_cut_or_too_long_is_noticed() {
        let numbers = Numbers(
            7,
            u64::MAX - 3,
            1 << 33,
            -0.0,
            0.1,
            vec![1.5, f32::MIN],
            vec![9],
        );
        let mut words = Vec::new();
        numbers.clone().pass(&mut Passage::out(&mut words));
        let back = |words: &[u32]| {
            let (mut found, mut passage) = (Numbers::default(), Passage::back(words));
            found.pass(&mut passage);
            (found, passage.is_whole())
        };
        assert_eq!(back(&words), (numbers, true));
        for n in 0..words.len() {
            assert!(!back(&words[..n]).1, "cut to {n}");
        }
        words.push(0);
        assert!(!back(&words).1);
    }
}
