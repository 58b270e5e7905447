//! Tests of tables.

use super::*;
use ndarray::array;

#[test]
fn the_usual_layouts_give_the_same_numbers() {
    let expected = array![[0.0, 0.5], [2e-3, 1.0]];
    let plain = [
        "0,0.5\n2e-3,1\n",
        "0\t0.5\n0.002\t1",
        "0;0.5\n0.002;1\n",
        "# sc\n 0.0  5e-1\n\n2e-3 1\n",
        "\u{feff}0,0.5\r\n2e-3,1\r\n",
    ];
    for text in plain {
        let table = parse(text).unwrap();
        assert_eq!(
            (table.values, table.row_labels, table.column_labels),
            (expected.clone(), None, None),
            "{text:?}"
        );
    }
    let names = Some(vec!["left, A".to_string(), "B".to_string()]);
    for (text, rows, columns) in [
        ("\"left, A\",B\n0,0.5\n2e-3,1\n", &None, &names),
        ("\"left, A\",0,0.5\nB,2e-3,1\n", &names, &None),
        (
            ",\"left, A\",B\n\"left, A\",0,0.5\nB,2e-3,1\n",
            &names,
            &names,
        ),
        (
            "\"left, A\",B\n\"left, A\",0,0.5\nB,2e-3,1\n",
            &names,
            &names,
        ),
    ] {
        let table = parse(text).unwrap();
        assert_eq!(
            (&table.values, &table.row_labels, &table.column_labels),
            (&expected, rows, columns),
            "{text:?}"
        );
    }
    let numbered = parse(",0,1\n0,0,0.5\n1,2e-3,1\n").unwrap();
    assert_eq!(
        (numbered.values, numbered.row_labels),
        (expected, Some(vec!["0".into(), "1".into()]))
    );
}

#[test]
fn numbers_beside_an_empty_cell_are_names_only_where_they_can_be() {
    for names in ["1,2", "1002,1001", "0,1"] {
        let (a, b) = names.split_once(',').unwrap();
        for (a_row, b_row) in [(a, b), ("V1", "MT")] {
            let table = parse(&format!(",{names}\n{a_row},0,5\n{b_row},5,0\n")).unwrap();
            assert_eq!(table.values, array![[0.0, 5.0], [5.0, 0.0]]);
            assert_eq!(table.column_labels.unwrap(), [a, b]);
            assert_eq!(table.row_labels.unwrap(), [a_row, b_row]);
        }
    }
    let quoted = parse("\"\",\"0.5\",\"1.5\"\n\"0.5\",0,5\n\"1.5\",5,0\n").unwrap();
    assert_eq!(quoted.column_labels.unwrap(), ["0.5", "1.5"]);
    for lost in [
        ",0.5,0.2\n0.5,0,0.1\n0.2,0.1,0\n",
        ",5,5\n5,0,1\n5,1,0\n",
        ",1,2\n3.5,0,1\n2.5,1,0\n",
        ",1,2\n,0,1\n,1,0\n",
    ] {
        assert_eq!(
            parse(lost).unwrap_err(),
            "line 1, column 1: \"\" is no number",
            "{lost:?}"
        );
    }
}

#[test]
fn errors_tell_line_and_column() {
    assert_eq!(
        parse("1,2\n\n3,x\n").unwrap_err(),
        "line 3, column 2: \"x\" is no number"
    );
    assert_eq!(
        parse("1,2\n3\n").unwrap_err(),
        "line 2 has 1 cells, but line 1 has 2"
    );
    assert_eq!(
        parse("1 2\n3,\n").unwrap_err(),
        "line 2 has 1 cells, but line 1 has 2"
    );
    assert_eq!(
        parse("a,b,c\n1,2\n").unwrap_err(),
        "the header line has 3 cells, but line 2 has 2"
    );
    assert_eq!(parse("# nothing\n").unwrap_err(), "holds no numbers");
    assert_eq!(
        parse("a,b\n").unwrap_err(),
        "holds a header line, but no numbers"
    );
}

#[test]
fn a_single_number_is_a_matrix() {
    assert_eq!(parse("3\n").unwrap().values, array![[3.0]]);
}

#[test]
fn array_files_are_known_by_their_ending() {
    assert!(
        is_array_file("a/weights.CSV")
            && is_array_file("D.npy")
            && !is_array_file("Dmat")
            && !is_array_file("hcp.npz")
    );
}

#[test]
fn a_last_column_of_nothing_is_left_out() {
    let table = parse("rBSTS 85.8 33.7 43.4 None\n rCAC 144.3 78.2 76.0 None\n").unwrap();
    assert_eq!(
        table.values,
        ndarray::array![[85.8, 33.7, 43.4], [144.3, 78.2, 76.0]]
    );
    assert_eq!(table.row_labels.unwrap(), ["rBSTS", "rCAC"]);
    assert!(parse("a 1 2 None\nb 3 4 5\n").is_err());
    for text in ["1,2,\n3,4,\n", "a;b;\n1;2;\n3;4;\n", "1|2\n3|4\n"] {
        assert_eq!(parse(text).unwrap().values, array![[1.0, 2.0], [3.0, 4.0]]);
    }
    assert!(parse("1,2,\n3,4,5\n").is_err());
    // Spreadsheets write empty columns and lines at the end.
    let of_excel = "sep=;\r\n;A;B;;\r\nA;0;1,5;;\r\nB;1,5;0;;\r\n;;;;\r\n;;;;\r\n";
    let table = parse(of_excel).unwrap();
    assert_eq!(table.values, array![[0.0, 1.5], [1.5, 0.0]]);
    assert_eq!(table.column_labels.unwrap(), ["A", "B"]);
    // R's write.table of a matrix without names.
    let table = parse("\"V1\" \"V2\"\n\"1\" 0 1.5\n\"2\" 2.5 0\n").unwrap();
    assert_eq!(table.values, array![[0.0, 1.5], [2.5, 0.0]]);
    assert!(parse("a b\n1 0 1.5\n7 2.5 0\n").is_err());
    // An empty line between others is one that lacks its numbers.
    assert!(parse("1,2\n,\n3,4\n").is_err());
}

#[test]
fn a_first_line_that_counts_is_a_header_and_old_lines_end() {
    let text = "0,1,2\n0.5,1.5,2.5\n3.5,0.5,1.5\n1.5,2.5,0.5\n";
    let table = parse(text).unwrap();
    assert_eq!(table.values.dim(), (3, 3));
    assert_eq!(table.column_labels.unwrap(), ["0", "1", "2"]);
    // A square table, and one of whole numbers, is all numbers.
    let square = "0,1,2\n0.5,1.5,2.5\n3.5,0.5,1.5\n";
    assert_eq!(parse(square).unwrap().values.dim(), (3, 3));
    let whole = "0,1,2\n3,4,5\n6,7,8\n9,10,11\n";
    assert_eq!(parse(whole).unwrap().values.dim(), (4, 3));
    let old = decode(b"0,1\r1,0\r".to_vec()).unwrap();
    assert_eq!(parse(&old).unwrap().values, array![[0.0, 1.0], [1.0, 0.0]]);
}

#[test]
fn marks_that_may_separate_thousands_are_refused() {
    for text in [
        "0;3,041\n589;0\n3,041;0\n",
        "0\t3,041\n589\t12\n0\t1\n",
        "0;3.041\n5;12\n",
        "0;1,234,567\n5;12\n",
    ] {
        let said = parse(text).unwrap_err();
        assert!(said.contains("thousands"), "{text:?}: {said}");
    }
    for (text, expected) in [
        ("0;3,041\n589;0,5\n", 3.041),
        ("0;3,041\n2;1,500\n", 3.041),
        ("0;0,041\n589;1\n", 0.041),
        ("0\t3.041\n589\t1\n", 3.041),
    ] {
        assert_eq!(parse(text).unwrap().values[[0, 1]], expected, "{text:?}");
    }
}
