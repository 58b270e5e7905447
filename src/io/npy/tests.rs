use super::*;
use ndarray::{arr0, array};

/// A version-1 npy file from its parts.
fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [
        b"\x93NUMPY".as_slice(),
        &[1, 0],
        &(header.len() as u16).to_le_bytes(),
        header.as_bytes(),
        data,
    ]
    .concat()
}

fn numbers(bytes: &[u8]) -> Result<ArrayD<f64>, String> {
    Npy::parse(bytes)?.to_f64()
}

#[test]
fn what_is_written_is_read() {
    let a = array![[1.5_f32, -2.0, 3.0], [4.0, 5.0, f32::MAX]];
    assert_eq!(
        numbers(&to_bytes(&a)).unwrap(),
        a.mapv(f64::from).into_dyn()
    );
    assert_eq!(
        numbers(&to_bytes(&a.t())).unwrap(),
        a.t().mapv(f64::from).into_dyn()
    );
    assert_eq!(
        numbers(&to_bytes(&arr0(0.1_f64))).unwrap(),
        arr0(0.1).into_dyn()
    );
    assert_eq!(
        numbers(&to_bytes(&array![7_u32])).unwrap(),
        array![7.0].into_dyn()
    );
    assert_eq!(
        to_bytes(&a).len() % 64,
        24,
        "the data starts at a multiple of 64 bytes"
    );
}

#[test]
fn every_number_type_and_byte_order_is_read() {
    let cases: [(&str, &[u8]); 11] = [
        ("'<f4'", &(-3.0_f32).to_le_bytes()),
        ("'>f8'", &(-3.0_f64).to_be_bytes()),
        ("'<i8'", &(-3_i64).to_le_bytes()),
        ("'>i4'", &(-3_i32).to_be_bytes()),
        ("'<i2'", &(-3_i16).to_le_bytes()),
        ("'|i1'", &(-3_i8).to_le_bytes()),
        ("'<u8'", &3_u64.to_le_bytes()),
        ("'<u4'", &3_u32.to_le_bytes()),
        ("'>u2'", &3_u16.to_be_bytes()),
        ("'|u1'", &[3]),
        ("'|b1'", &[1]),
    ];
    for (descr, data) in cases {
        let expected = if descr.contains('u') {
            3.0
        } else if descr.contains('b') {
            1.0
        } else {
            -3.0
        };
        assert_eq!(
            numbers(&npy(descr, "False", "(1,)", data)).unwrap(),
            array![expected].into_dyn(),
            "{descr}"
        );
    }
}

#[test]
fn fortran_order_is_undone() {
    let file = npy("'|u1'", "True", "(2, 3)", &[1, 2, 3, 4, 5, 6]);
    assert_eq!(
        numbers(&file).unwrap(),
        array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]].into_dyn()
    );
}

#[test]
fn text_is_read() {
    let wide: Vec<u8> = "Löb\0"
        .chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect();
    let text = |bytes: &[u8]| Npy::parse(bytes)?.to_strings();
    assert_eq!(
        text(&npy("'<U2'", "False", "(2,)", &wide)).unwrap(),
        ["Lö", "b"]
    );
    assert_eq!(
        text(&npy("'|S2'", "False", "(2,)", b"Lab\0")).unwrap(),
        ["La", "b"]
    );
    assert!(
        text(&npy("'<f8'", "False", "(0,)", b""))
            .unwrap_err()
            .contains("expected text")
    );
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let whole = to_bytes(&array![[1.0, 2.0], [3.0, 4.0]]);
    for length in 0..whole.len() {
        assert!(numbers(&whole[..length]).is_err(), "{length} bytes");
    }
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << bit;
            numbers(&damaged).ok();
        }
    }
    for (shape, data) in [
        ("(4294967296, 4294967296)", &[0; 8][..]),
        ("(1099511627776,)", &[0; 8]),
        ("(0, 4294967296, 4294967296)", &[]),
    ] {
        let false_header = npy("'<f8'", "False", shape, data);
        assert!(numbers(&false_header).unwrap_err().contains("cut short"));
    }
    for (open, close) in [("(", ",)"), ("[", "]"), ("{1: ", "}")] {
        let nested = [&open.repeat(40), "1", &close.repeat(40)].concat();
        let nested = npy("'<f8'", "False", &nested, &[]);
        assert!(numbers(&nested).is_err());
    }
    let mut long = npy("'<f8'", "False", "(1,)", &[0; 8]);
    long[6] = 2; // Now the header's length has 4 bytes, and is more than the file's.
    assert!(numbers(&long).unwrap_err().contains("damaged"));
    assert!(
        numbers(&npy("'|O'", "False", "(1,)", &[0; 8]))
            .unwrap_err()
            .contains("pickled")
    );
    assert!(
        numbers(&npy("[('a', '<f8')]", "False", "(1,)", &[0; 8]))
            .unwrap_err()
            .contains("named fields")
    );
}
