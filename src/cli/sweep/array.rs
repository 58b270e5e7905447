//! Which task of which array this process is, by the variables that queueing systems set.

use crate::error::{Error, Result};
use crate::run::Shard;

/// The variables of one queueing system: of the task's number, the first and the last number, the
/// step between numbers; and of the number of tasks, where there is one.
struct System {
    name: &'static str,
    task: &'static str,
    first: Option<&'static str>,
    last: &'static str,
    step: Option<&'static str>,
    count: Option<&'static str>,
}

const SYSTEMS: [System; 3] = [
    System {
        name: "Slurm",
        task: "SLURM_ARRAY_TASK_ID",
        first: Some("SLURM_ARRAY_TASK_MIN"),
        last: "SLURM_ARRAY_TASK_MAX",
        step: Some("SLURM_ARRAY_TASK_STEP"),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    System {
        name: "SGE",
        task: "SGE_TASK_ID",
        first: Some("SGE_TASK_FIRST"),
        last: "SGE_TASK_LAST",
        step: Some("SGE_TASK_STEPSIZE"),
        count: None,
    },
    // Its arrays begin with 1 unless they are told otherwise, which no variable says.
    System {
        name: "LSF",
        task: "LSB_JOBINDEX",
        first: None,
        last: "LSB_JOBINDEX_END",
        step: Some("LSB_JOBINDEX_STEP"),
        count: None,
    },
];

/// The part of a sweep for the task of an array, where `get` gives the variables of the environment.
///
/// # Errors
/// [`Error::Usage`] if this is no task of an array, or one of an array with gaps.
pub(super) fn shard(get: impl Fn(&str) -> Option<String>) -> Result<Shard> {
    let number = |name: &str| get(name).and_then(|text| text.trim().parse::<usize>().ok());
    for system in SYSTEMS {
        // SGE says "undefined" and LSF 0 where there is no array.
        let Some(task) = number(system.task) else {
            continue;
        };
        let first = system.first.map_or(Some(1), number);
        let (Some(first), Some(last)) = (first, number(system.last)) else {
            continue;
        };
        let step = system.step.and_then(number).unwrap_or(1);
        let is_task = step > 0 && (first..=last).contains(&task) && (task - first) % step == 0;
        let of = last.saturating_sub(first) / step.max(1) + 1;
        let has_gaps = system.count.and_then(number).is_some_and(|n| n != of);
        if task == 0 && system.first.is_none() {
            continue;
        }
        if !is_task || has_gaps {
            let problem = format!(
                "--shard auto: task {task} is not one of a {} array from {first} to {last} in steps of {step}",
                system.name
            );
            let hint = "leave --shard out: tasks that fill one --out share the work, however many there are";
            return Err(Error::usage(problem, hint));
        }
        let number = (task - first) / step + 1;
        return Ok(Shard { number, of });
    }
    let problem = "--shard auto: this is no task of an array of Slurm, SGE or LSF";
    let hint = "say which part, as in --shard 3/16, or leave it out: processes that fill one --out share the work";
    Err(Error::usage(problem, hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<(usize, usize)> {
        let get = |name: &str| {
            let mut all = variables.iter();
            let found = all.find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_string())
        };
        shard(get).map(|shard| (shard.number, shard.of))
    }

    #[test]
    fn every_system_says_which_task_this_is() {
        let slurm = |id, min, max, step, count| {
            found(&[
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_MAX", max),
                ("SLURM_ARRAY_TASK_STEP", step),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ])
        };
        assert_eq!(slurm("0", "0", "15", "1", "16").unwrap(), (1, 16));
        assert_eq!(slurm("15", "0", "15", "1", "16").unwrap(), (16, 16));
        assert_eq!(slurm("7", "1", "10", "3", "4").unwrap(), (3, 4));
        // --array=1,3,7, of which Slurm says a step of 2.
        let gaps = slurm("7", "1", "7", "2", "3").unwrap_err().report();
        assert!(gaps.contains("task 7") && gaps.contains("leave --shard out"));
        let sge = [
            ("SGE_TASK_ID", "4"),
            ("SGE_TASK_FIRST", "2"),
            ("SGE_TASK_LAST", "10"),
            ("SGE_TASK_STEPSIZE", "2"),
        ];
        assert_eq!(found(&sge).unwrap(), (2, 5));
        let lsf = [("LSB_JOBINDEX", "3"), ("LSB_JOBINDEX_END", "8")];
        assert_eq!(found(&lsf).unwrap(), (3, 8));
        // Jobs that are no arrays.
        assert!(found(&[]).is_err());
        assert!(found(&[("SGE_TASK_ID", "undefined")]).is_err());
        assert!(found(&[("LSB_JOBINDEX", "0"), ("LSB_JOBINDEX_END", "0")]).is_err());
    }
}
