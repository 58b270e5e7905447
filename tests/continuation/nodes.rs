//! The neural masses, one node.
use brainsweep::continuation::{Branch, NodeProblem, Settings, Start};
use brainsweep::model::find;

#[test]
fn look() {
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["x_ext"]).unwrap();
    let mut count = 0;
    for point in Branch::new(&node, &Start::at(0.0, &[0.0, 0.0]), &Settings::new(0.0, 2.0)).unwrap() {
        count += 1;
        for event in point.unwrap().events {
            println!("{event:?}");
        }
    }
    println!("{count} points");
}
