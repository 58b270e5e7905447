//! A model to start from.

use std::path::Path;

use crate::cli::print;
use crate::error::Result;
use crate::io::model as file;

pub(super) fn run(path: &Path) -> Result<()> {
    file::write_template(path)?;
    let shown = path.display();
    print(&format!(
        "{shown} is a model to start from: change it, then\n  brainsweep models check {shown}\nIn a study, model = \"{shown}\" names it."
    ))
}
