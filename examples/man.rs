//! Man pages of the program and its commands, and completions for shells:
//!
//! ```sh
//! cargo run --release --example man -- DIR
//! ```
//!
//! leaves `man1/*.1` and `completions/` in the folder.

use std::path::Path;
use std::{env, fs, io};

use brainsweep::cli::Cli;
use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1) else {
        return Err(io::Error::other("usage: man DIR"));
    };
    let folder = Path::new(&folder);
    let (man, completions) = (folder.join("man1"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(Cli::command(), &man)?;
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "brainsweep", &completions)?;
    }
    println!("{}", folder.display());
    Ok(())
}
