//! `--set KEY=VALUE`.

use super::*;

#[test]
fn flags_change_any_key_and_the_last_one_counts() {
    let base = "connectome.nodes = 3\n[input]\nx = 1\ny = 2\n[initial]\nx = { uniform = [0, 1] }\n";
    let set = |flags: &[&str]| with(base, flags).unwrap();
    assert_eq!(set(&["model=wilson-cowan"]).model.name, "wilson-cowan");
    assert_eq!(set(&["model=\"wilson-cowan\""]).model.name, "wilson-cowan");
    assert_eq!(set(&["input=0.8"]).input, [uniform(0.8), uniform(2.0)]);
    assert_eq!(set(&["input.y=0.8"]).input, [uniform(1.0), uniform(0.8)]);
    assert_eq!(set(&["input[1]=.5"]).input[0], per_node(&[1.0, 0.5, 1.0]));
    assert_eq!(
        set(&["parameters.alpha=[1,2,3]"]).parameters[0],
        per_node(&[1.0, 2.0, 3.0])
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9"]).parameters[0],
        per_node(&[3.0, 9.0, 3.0]),
        "the others keep the default"
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9", "parameters.alpha[2]=8"]).parameters[0],
        per_node(&[3.0, 9.0, 8.0])
    );
    assert_eq!(
        set(&["parameters.alpha=[1,2,3]", "parameters.alpha[0]=9"]).parameters[0],
        per_node(&[9.0, 2.0, 3.0])
    );
    assert_eq!(
        set(&["parameters.alpha[1]=9", "parameters.alpha=7"]).parameters[0],
        uniform(7.0)
    );
    assert_eq!(set(&["record.states=[\"x\",\"y\"]"]).record.states, [0, 1]);
    assert_eq!(
        set(&["protocol.dt=0.2", " protocol.dt = 0.5 "]).protocol.dt,
        0.5
    );
    assert!(matches!(
        set(&["initial.x=2"]).initial.state[0],
        Start::Given(Values::Uniform(2.0))
    ));
    assert!(matches!(
        set(&["initial.y={uniform=[0,1]}"]).initial.state[1],
        Start::Uniform {
            low: 0.0,
            high: 1.0
        }
    ));
    assert_eq!(
        with("", &["coupling.delay_reads=x[n-1-d]"])
            .unwrap()
            .coupling
            .delay_reads,
        DelayReads::ExtraStep
    );
    let study = with("", &["coupling.g=1e-3"]).unwrap();
    assert_eq!(study.coupling.terms[0].parameters, [uniform(1e-3)]);
    let study = with(
        "model = \"wilson-cowan\"\ninput = 1",
        &["model=montbrio-pazo-roxin", "input=2", "connectome.nodes=1"],
    );
    assert_eq!(study.unwrap().input, [uniform(2.0), uniform(0.0)]);
}

/// What a flag leaves nothing of is said, or refused where it is a part of what takes its place.
#[test]
fn what_one_flag_leaves_nothing_of_another_is_said() {
    let base = "connectome.file = \"hcp\"\n[coupling]\ng = 1.5\nconduction_speed = inf\n";
    let noted = |flags: &[&str]| with(base, flags).unwrap().notes;
    for (earlier, later) in [
        ("coupling.g=2", "coupling.g=3"),
        ("g=2", "coupling.g=3"),
        ("coupling.g=3", "g=2"),
        ("parameters.alpha[1]=9", "parameters.alpha=7"),
        ("alpha[1]=9", "alpha[1]=7"),
        ("input[1]=9", "input.x=7"),
        ("duration=300", "protocol.duration=400"),
    ] {
        let said = format!("--set {earlier} is overruled by --set {later}");
        assert_eq!(noted(&[earlier, later]), [said]);
    }
    for both in [
        ["g=2", "g=2"],
        ["alpha=9", "alpha[1]=7"],
        ["alpha[0]=9", "alpha[1]=7"],
        ["initial={ x = 1 }", "initial.x=2"],
        ["coupling={ g = 2, conduction_speed = inf }", "coupling.g=2"],
    ] {
        assert!(noted(&both).is_empty(), "{both:?}: {:?}", noted(&both));
    }
    let refused = [
        (
            "connectome.normalise=max",
            "connectome=net.csv",
            "connectome.normalise",
        ),
        (
            "coupling.g=2",
            "coupling={ kind = \"kuramoto\" }",
            "coupling.g",
        ),
        ("initial.x=2", "initial={ y = 1 }", "initial.x"),
        ("initial.x=2", "initial.x.uniform=[0, 1]", "initial.x"),
    ];
    for (earlier, later, key) in refused {
        let error = with(base, &[earlier, later]).unwrap_err().report();
        let said = format!("takes the place of {key}, which is set before it");
        assert!(error.contains(&said), "{earlier}, {later}: {error}");
    }
    // Of a study: what a section says that another takes the place of.
    let flag = "coupling={ kind = \"kuramoto\" }";
    let lost = |keys: &str| {
        [format!(
            "--set {flag} takes the place of all of coupling; what the study says of {keys} no longer counts"
        )]
    };
    assert_eq!(noted(&[flag]), lost("g, conduction_speed"));
    assert_eq!(noted(&[flag, "coupling.g=2"]), lost("conduction_speed"));
    assert!(noted(&["connectome=hcp"]).is_empty());
}

/// A connectome may be written as the name of its file alone. Its other keys, by flags, change how that file is read.
#[test]
fn a_connectome_by_its_file_alone_keeps_it() {
    let (folder, _) = three("");
    let file = folder.path().join("three.csv");
    std::fs::write(&file, "0,1,4\n1,0,2\n4,2,0\n").unwrap();
    let file = file.display().to_string();
    let max = "connectome.normalise=\"max\"";
    let in_text = with(&format!("connectome = {file:?}"), &[max]).unwrap();
    let by_flag = with("", &[&format!("connectome={file}"), max]).unwrap();
    for study in [in_text, by_flag] {
        assert_eq!(study.connectome.n_nodes(), 3);
        assert_eq!(study.connectome.weights[[0, 2]], 1.0);
        assert_eq!(study.connectome.weights[[0, 1]], 0.25);
    }
}

/// What is written where a section belongs would be lost under a flag for one of its keys.
#[test]
fn a_value_in_place_of_a_section_is_refused_whatever_flags_say() {
    for (text, flag) in [
        ("noise = \"white\"", "noise.sigma.x=0.01"),
        ("protocol = 300", "protocol.dt=0.1"),
        ("connectome = 3", "connectome.normalise=\"max\""),
    ] {
        let error = with(text, &[flag]).unwrap_err().report();
        assert!(error.contains("a table"), "{text}: {error}");
    }
}

/// A short key needs the model and the couplings to be known: the connectome is read once for that and for the study.
#[test]
fn short_keys_leave_the_connectome_as_whole_ones_do() {
    let (folder, _) = three("");
    let file = folder.path().join("three.csv");
    std::fs::write(&file, "0,1,4\n1,0,2\n4,2,0\n").unwrap();
    let text = format!("connectome.file = {:?}", file.display().to_string());
    let speed = "coupling.conduction_speed=inf";
    for (short, whole, largest) in [
        ("g=2", "coupling.g=2", 4.0),
        ("normalise=max", "connectome.normalise=max", 1.0),
    ] {
        let both = [short, whole].map(|flag| with(&text, &[flag, speed]).unwrap());
        for study in &both {
            assert_eq!(study.connectome.weights[[0, 2]], largest, "{short}");
        }
        assert_eq!(to_json(&both[0]), to_json(&both[1]));
        assert_eq!(both[0].files, both[1].files);
    }
}
