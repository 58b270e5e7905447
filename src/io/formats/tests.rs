//! Formats read what others wrote, and refuse what promises more than it holds.

use std::io::Write;

use ndarray::array;

use super::*;

fn numbers(content: &Content) -> &ArrayD<f64> {
    match content {
        Content::Numbers(numbers) => &numbers.values,
        Content::Texts(texts) => panic!("texts {texts:?}"),
    }
}

fn leaf<'a>(tree: &'a Tree, name: &str) -> &'a Leaf {
    let found = tree.leaves.iter().find(|leaf| leaf.name == name);
    found.unwrap_or_else(|| panic!("{name} is not in {:?}", tree.names()))
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name)
}

#[test]
fn formats_are_recognised_by_content() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind) in [
        ("tvb/connectivity_6.zip", Kind::Zip),
        ("tvb/connectivity_6.h5", Kind::Hdf5),
        ("matlab/v73.mat", Kind::Hdf5),
        ("matlab/flat_v5.mat", Kind::Mat5),
        ("matlab/dsi_studio_v4.mat", Kind::Mat4),
        ("cifti/fc.pconn.nii", Kind::One(Format::Cifti)),
        ("tables/fcs.npy", Kind::One(Format::Npy)),
        ("tables/excel_german.csv", Kind::One(Format::Text)),
        ("cubnm/hcp/ctx_parc-six_desc-fc.npz", Kind::Npz),
    ] {
        let path = folder.path().join("file.data");
        std::fs::copy(sample(name), &path).unwrap();
        assert_eq!(recognise(&path).unwrap(), kind, "{name}");
    }
    let path = folder.path().join("file.docx");
    std::fs::write(&path, [7, 0, 1, 250]).unwrap();
    let said = recognise(&path).unwrap_err().report();
    assert!(
        said.contains("not a kind of file") && said.contains("mat, h5"),
        "{said}"
    );
}

#[test]
fn structs_cells_and_letters_of_matlab() {
    let tree = Tree::open(&sample("matlab/struct_v5.mat")).unwrap();
    assert_eq!(tree.names(), ["data.SC", "data.len", "data.names"]);
    let Content::Texts(names) = leaf(&tree, "data.names").read().unwrap() else {
        panic!("no names")
    };
    assert_eq!(names[4], "L_PFC");
    let tree = Tree::open(&sample("matlab/v73.mat")).unwrap();
    let fc = leaf(&tree, "FC").read().unwrap();
    assert_eq!(numbers(&fc).shape(), [6, 6, 2], "as MATLAB shows it");
}

/// Bytes of a MATLAB 4 matrix: 2 x 2, of the given precision, in the given byte order.
fn mat4(code: i32, is_big_endian: bool, data: &[u8]) -> Vec<u8> {
    let numbers = [code + 1000 * i32::from(is_big_endian), 2, 2, 0, 3];
    let bytes = numbers.iter().flat_map(|n| match is_big_endian {
        true => n.to_be_bytes(),
        false => n.to_le_bytes(),
    });
    let mut bytes: Vec<u8> = bytes.collect();
    bytes.extend(b"SC\0");
    bytes.extend(data);
    bytes
}

#[test]
fn matlab_4_in_both_byte_orders() {
    let numbers_of = |bytes: &[u8]| numbers(&mat4::parse(bytes).unwrap()[0].1).clone();
    let expected = array![[1.0, 3.0], [2.0, 4.0]].into_dyn();
    assert_eq!(numbers_of(&mat4(50, false, &[1, 2, 3, 4])), expected);
    let wide: Vec<u8> = (1..=4_i16).flat_map(i16::to_be_bytes).collect();
    assert_eq!(numbers_of(&mat4(30, true, &wide)), expected);
    for bad in [
        mat4(50, false, &[1, 2]),
        mat4(99, false, &[]),
        mat4(52, false, &[0; 4]),
    ] {
        assert!(mat4::parse(&bad).is_err());
    }
}

#[test]
fn nothing_unpacks_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let mut zip = ::zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    zip.start_file("weights.txt", ::zip::write::SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..600 {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 1 << 21);
    let tree = Tree::open(&path).unwrap();
    let said = tree.leaves[0].read().unwrap_err().report();
    assert!(
        said.contains("weights") && said.contains("16 MiB"),
        "{said}"
    );
}

/// Counts what is taken from a reader.
struct Counted<'a, R>(R, &'a std::cell::Cell<u64>);

impl<R: std::io::Read> std::io::Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.read(buffer)?;
        self.1.set(self.1.get() + n as u64);
        Ok(n)
    }
}

/// A header that promises too much is enough: nothing behind it is unpacked.
#[test]
fn a_header_is_read_before_the_rest_is_unpacked() {
    let mut npy = npy::to_bytes(&ndarray::Array2::<f64>::zeros((1, 1)));
    let shape = npy.windows(6).position(|window| window == b"(1, 1)");
    let shape = shape.unwrap();
    npy[shape..shape + 16].copy_from_slice(b"(30000, 30000),}");
    npy.resize(1 << 22, 0);
    let taken = std::cell::Cell::new(0);
    let limit = unpacked_limit(6_700_000);
    let said = zip::unpack(Counted(&npy[..], &taken), 6_700_000, limit, npy::promised);
    let said = said.map(|bytes| bytes.len()).unwrap_err();
    assert!(said.contains("unpack to more than 638 MiB"), "{said}");
    assert!(taken.get() <= 1 << 16, "{} bytes", taken.get());
    // The same within a zip, packed once more with bzip2, and as one element of a MATLAB file.
    let folder = tempfile::tempdir().unwrap();
    let options = ::zip::write::SimpleFileOptions::default();
    for name in ["weights.npy", "weights.npy.bz2"] {
        let path = folder.path().join("weights.zip");
        let mut zip = ::zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        zip.start_file(name, options).unwrap();
        match name.ends_with("bz2") {
            true => {
                let mut packed =
                    bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                packed.write_all(&npy).unwrap();
                zip.write_all(&packed.finish().unwrap()).unwrap();
            }
            false => zip.write_all(&npy).unwrap(),
        }
        // A text beside, without which the archive would be an npz.
        zip.start_file("notes.txt", options).unwrap();
        zip.finish().unwrap();
        let tree = Tree::open(&path).unwrap();
        let said = leaf(&tree, "weights.npy").read().unwrap_err().report();
        assert!(
            said.contains("weights.npy") && said.contains("512 MiB"),
            "{said}"
        );
    }
    let mut mat = vec![b' '; 124];
    mat.extend([0, 1, b'I', b'M']);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let tag = [14_u32.to_le_bytes(), u32::MAX.to_le_bytes()].concat();
    packed.write_all(&tag).unwrap();
    packed.write_all(&vec![0; 1 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    mat.extend(15_u32.to_le_bytes());
    mat.extend((packed.len() as u32).to_le_bytes());
    mat.extend(packed);
    let said = mat5::parse(&mat).unwrap_err();
    assert!(said.contains("256 MiB"), "{said}");
}

/// Weights `i j / 100` in every kind of chunk, packed or not, by the newest and by an older HDF5
/// (`tests/cases/make_hdf5.py`).
#[test]
fn chunks_of_hdf5_are_read_however_they_are_found() {
    let expected = ArrayD::from_shape_fn(vec![9, 9], |at| (at[0] * at[1]) as f64 / 100.0);
    for (name, n) in [("hdf5_newest.h5", 8), ("hdf5_two_growing.h5", 5)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        let tree = Tree::open(&path.join(name)).unwrap();
        assert_eq!(tree.leaves.len(), n, "{name}: {:?}", tree.names());
        for leaf in &tree.leaves {
            let read = leaf.read().unwrap();
            assert_eq!(numbers(&read), &expected, "{name}: {}", leaf.name);
        }
    }
}

/// A group with values, rows and beginnings of columns is one array; five times five are 200 bytes, and a million times a million too many.
#[test]
fn sparse_matrices_of_matlab_7_3_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hdf5_sparse_v73.mat");
    let tree = Tree::open(&path).unwrap();
    assert_eq!(tree.names(), ["SC"]);
    let mut expected = ArrayD::zeros(vec![5, 5]);
    for (at, value) in [([0, 1], 2.5), ([1, 0], 0.5), ([3, 2], 1.25), ([4, 0], 7.0)] {
        expected[at] = value;
    }
    assert_eq!(numbers(&tree.leaves[0].read().unwrap()), &expected);
    // The number of rows, in the attribute: far more than such a file may have.
    let mut bytes = std::fs::read(&path).unwrap();
    let five = 5_u64.to_le_bytes();
    let name = bytes.windows(13).position(|part| part == b"MATLAB_sparse");
    let after = name.unwrap();
    let at = bytes[after..].windows(8).position(|part| part == five);
    bytes[after + at.unwrap()..][..8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.mat");
    std::fs::write(&damaged, bytes).unwrap();
    let said = Tree::open(&damaged).unwrap().leaves[0].read().unwrap_err();
    let said = said.to_string();
    assert!(
        said.contains("sparse matrix of 1099511627776 by 5"),
        "{said}"
    );
}

/// What is not read is refused with the file's name, the fact and a way out.
#[test]
fn forms_of_hdf5_that_are_not_read_say_how_to_write_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hdf5_not_read.h5");
    let tree = Tree::open(&path).unwrap();
    for (name, fact, way_out) in [
        ("zstandard", "filter", "packed with Zstandard"),
        ("virtual", "virtual", "import h5py;"),
        ("half", "f16", "64-bit"),
        ("complex", "compound", "one real number"),
    ] {
        let said = leaf(&tree, name).read().unwrap_err().report();
        for part in ["hdf5_not_read.h5", name, fact, way_out] {
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}

/// A bit that is wrong anywhere in an index is no other number: it is refused, or was of no account.
#[test]
fn damaged_indices_of_hdf5_are_refused() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let whole = std::fs::read(cases.join("hdf5_two_growing.h5")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.h5");
    let mut refused = 0;
    for signature in [b"BTHD", b"BTLF", b"BTIN"] {
        let places = whole.windows(4).enumerate();
        for (at, _) in places.filter(|(_, bytes)| bytes == signature) {
            for beyond in [5, 7, 9, 20] {
                let mut bytes = whole.clone();
                bytes[at + beyond] ^= 4;
                std::fs::write(&path, bytes).unwrap();
                let read = Tree::open(&path).unwrap();
                let damaged = read.leaves.iter().filter(|leaf| leaf.read().is_err());
                refused += damaged.count();
            }
        }
    }
    assert!(refused >= 4 * 5, "{refused}");
}

#[test]
fn what_promises_more_than_it_holds_is_refused() {
    // A MATLAB 5 matrix of 2^31 x 2^31 cells, and one of as many numbers.
    let header = {
        let mut header = vec![b' '; 124];
        header.extend([0, 1, b'I', b'M']);
        header
    };
    let element = |kind: u32, data: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    for class in [1_u32, 2, 5, 6] {
        let flags = element(6, &[class.to_le_bytes(), [0; 4]].concat());
        let shape = element(5, &[i32::MAX.to_le_bytes(), 1_i32.to_le_bytes()].concat());
        let name = element(1, b"SC");
        let body = [
            flags,
            shape,
            name,
            element(5, &[4, 0, 0, 0]),
            element(1, b"abcd"),
        ]
        .concat();
        let file = [header.clone(), element(14, &body)].concat();
        assert!(mat5::parse(&file).is_err(), "class {class}");
    }
    let mut cifti = std::fs::read(sample("cifti/fc.pconn.nii")).unwrap();
    cifti[56..64].copy_from_slice(&(1_i64 << 40).to_le_bytes());
    assert!(cifti::parse(&cifti).is_err());
}
