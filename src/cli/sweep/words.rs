//! Words of a command as a script says them.

use std::ffi::OsString;

/// Flags that the script says in its head, with a value of their own or without.
const HEAD: [(&str, bool); 5] = [
    ("--slurm", false),
    ("--array", true),
    ("--time", true),
    ("--cpus", true),
    ("--sbatch", true),
];

/// The arguments of the program without those that the script's head says.
pub(super) fn without_head(arguments: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let text = argument.to_string_lossy();
        let flag = text.split('=').next().unwrap_or_default();
        match HEAD.iter().find(|(name, _)| *name == flag) {
            Some((_, takes_value)) => is_value = *takes_value && !text.contains('='),
            None => kept.push(argument.clone()),
        }
    }
    kept
}

/// An argument as a shell takes it.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-+=:,./@%^".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_head_says_is_not_said_again() {
        let words = |text: &str| -> Vec<OsString> { text.split(' ').map(OsString::from).collect() };
        let all = "sweep s.toml --slurm --array 16 --vary g=0:2:41 --time=1:00:00 --cpus 2 --sbatch --mem=8G --out z";
        let kept = without_head(&words(all));
        assert_eq!(kept, words("sweep s.toml --vary g=0:2:41 --out z"));
    }

    #[test]
    fn arguments_survive_a_shell() {
        for (text, expected) in [
            ("g=0:2:41", "g=0:2:41"),
            ("alpha[12]=2:4", "'alpha[12]=2:4'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a b", "'a b'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
