//! What studies read from files, and from the embedded connectome.

use super::*;

#[test]
fn files_give_one_number_per_node() {
    for (form, expected) in [
        ("{ file = \"data.npz\", key = \"alpha\" }", [1.0, 2.0, 3.0]),
        ("{ file = \"data.npz\", key = \"column\" }", [1.0, 2.0, 3.0]),
        ("{ file = \"alpha.npy\" }", [4.0, 5.0, 6.0]),
        ("{ file = \"alpha.csv\" }", [7.0, 8.5, 9.0]),
    ] {
        let (folder, study) = three(&format!("parameters.alpha = {form}"));
        let study = study.unwrap();
        assert_eq!(study.parameters[0], per_node(&expected), "{form}");
        let (key, path) = study.files.last().unwrap();
        assert_eq!(
            (key.as_str(), path.parent().unwrap()),
            ("parameters.alpha.file", folder.path())
        );
    }
}

#[test]
fn a_connectome_file_follows_its_orientation() {
    let (_folder, study) = three("");
    let study = study.unwrap();
    assert_eq!(study.connectome.weights[[0, 2]], 2.0);
    let Delays::TractLengths(lengths) = &study.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(lengths[[0, 2]], 20.0);
    let folder = folder();
    let load = |text: &str| {
        parse(
            &format!("[connectome]\nfile = \"data.npz\"\nweights = \"w\"\n{text}"),
            "s",
            folder.path(),
            NONE,
        )
        .unwrap()
    };
    let turned = load("tract_lengths = \"mm\"\norientation = \"source-target\"");
    let Delays::TractLengths(lengths) = &turned.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(
        (turned.connectome.weights[[0, 2]], lengths[[0, 2]]),
        (5.0, 50.0)
    );
    let mixed = load(
        "tract_lengths = \"mm\"\norientation = \"source-target\"\ntract_orientation = \"target-source\"",
    );
    let Delays::TractLengths(lengths) = &mixed.connectome.delays else {
        panic!("lengths are given")
    };
    assert_eq!(
        (mixed.connectome.weights[[0, 2]], lengths[[0, 2]]),
        (5.0, 20.0)
    );
    let steps = load("delay_steps = \"mm\"");
    let Delays::Steps(steps) = &steps.connectome.delays else {
        panic!("steps are given")
    };
    assert_eq!(steps[[0, 2]], 20);
}

#[test]
fn the_embedded_weights_can_be_scaled_too() {
    let first_row = |text: &str| read(text).unwrap().connectome.weights.row(0).sum();
    let original = first_row("");
    assert!((original - 1.0).abs() > 0.01, "{original}");
    assert!((first_row("connectome.normalise = \"row-sum\"") - 1.0).abs() < 1e-12);
    assert_eq!(first_row(""), original, "the shared original is left alone");
}

#[test]
fn a_history_is_constant_drawn_or_stored() {
    let history = |text: &str| {
        three(&format!("initial.history.x = {text}"))
            .1
            .unwrap()
            .initial
            .history
            .remove(0)
            .1
    };
    assert!(matches!(
        history("0.25"),
        Past::Constant(Values::Uniform(0.25))
    ));
    assert!(
        matches!(history("[1, 2, 3]"), Past::Constant(values) if values == per_node(&[1.0, 2.0, 3.0]))
    );
    assert!(matches!(
        history("{ uniform = [-1, 1] }"),
        Past::Uniform {
            low: -1.0,
            high: 1.0
        }
    ));
    assert!(matches!(
        history("{ file = \"data.npz\", key = \"alpha\" }"),
        Past::Constant(_)
    ));
    let Past::Stored(rows) = history("{ file = \"data.npz\", key = \"history\" }") else {
        panic!("rows are stored")
    };
    assert_eq!((rows.dim(), rows[[3, 1]]), ((4, 3), 31.0));
}

#[test]
fn stored_normals_replace_the_generator_where_named() {
    let (_folder, study) =
        three("noise = { sigma.x = 1, replay = { file = \"data.npz\", x = \"zx\" } }");
    let replay = study.unwrap().noise.replay.unwrap();
    assert_eq!(replay[0].as_ref().unwrap()[[5, 2]], 0.5);
    assert!(replay[1].is_none());
    let (_folder, study) = three("noise.replay = { file = \"data.npz\", x = \"zx\", y = \"zy\" }");
    let replay = study.unwrap().noise.replay.unwrap();
    assert_eq!(
        replay[1].as_ref().unwrap().nrows(),
        8,
        "more rows than steps are welcome"
    );
}

#[test]
fn a_flags_file_is_relative_to_the_working_folder_not_to_the_study() {
    let folder = folder();
    let flag = format!(
        "parameters.alpha={{ file = {:?} }}",
        folder.path().join("alpha.npy")
    );
    let study = parse("connectome.nodes = 3", "s", Path::new("/nowhere"), &[flag]).unwrap();
    assert_eq!(study.parameters[0], per_node(&[4.0, 5.0, 6.0]));
}
