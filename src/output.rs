//! What a run leaves: named arrays, tables, figures, and a manifest that says what they are.
//!
//! Whatever runs fills an [`Output`]; [`io::output`](crate::io::output) has one writer for each
//! format. The arrays' names, dimensions, units and meanings are in the manifest.

use std::borrow::Cow;

use ndarray::{
    Array1, ArrayBase, ArrayD, ArrayViewD, CowArray, Data, Dimension, IxDyn, OwnedRepr, ViewRepr,
};
use num_complex::Complex64;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::control::Control;
use crate::error::{Error, Result};
use crate::plot::Figure;
use crate::report::Views;

/// All that a run leaves.
#[derive(Debug)]
pub struct Output<'a> {
    /// Name of the file with the arrays, without its ending.
    pub name: &'static str,
    /// Named arrays; one whose only dimension is its own name gives that dimension's coordinates.
    pub arrays: Vec<Array<'a>>,
    /// Names along dimensions that have names in place of numbers: regions along `node`.
    pub labels: Vec<(&'static str, &'a [String])>,
    /// Tables of text.
    pub tables: Vec<Table>,
    /// Figures, drawn when they are asked for.
    pub figures: Vec<Drawing<'a>>,
    /// Files in the formats of other programs, by name.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// What its page lets one look into, beyond tables and figures.
    pub views: Views,
    /// How a command line names the study: its file and the flags that set its keys; empty where that is not known.
    pub study_words: Vec<String>,
    /// What ran, and how it ended.
    pub manifest: Manifest,
}

impl Output<'_> {
    /// The figures by name, without those that its numbers do not give.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `control` stops it, [`Error::Figure`] if a figure cannot be drawn.
    pub fn drawn(&self, control: &Control) -> Result<Vec<(&'static str, Figure)>> {
        let figures = self.figures.iter().map(|drawing| {
            let figure = drawing.draw(control)?;
            Ok(figure.map(|figure| (drawing.name, figure)))
        });
        figures.filter_map(Result::transpose).collect()
    }
}

/// A figure to be drawn.
pub struct Drawing<'a> {
    /// Its name.
    pub name: &'static str,
    draw: Box<Draw<'a>>,
}

type Draw<'a> = dyn Fn(&Control) -> Result<Option<Figure>> + Send + Sync + 'a;

/// What one of several figures of a `T` is drawn by: its name, whether there is anything to draw, and what draws it.
pub(crate) type OneOf<T> = (&'static str, bool, fn(&T) -> Result<Option<Figure>>);

impl<'a> Drawing<'a> {
    /// The figures of `of` that there are.
    pub(crate) fn each<T: Sync>(of: &'a T, all: &[OneOf<T>]) -> Vec<Self> {
        let there = all.iter().filter(|(_, is_there, _)| *is_there);
        there
            .map(|&(name, _, draw)| Self::new(name, move || draw(of)))
            .collect()
    }

    /// The figure that `draw` gives; none where the numbers do not give one.
    pub fn new(
        name: &'static str,
        draw: impl Fn() -> Result<Option<Figure>> + Send + Sync + 'a,
    ) -> Self {
        Self::simulated(name, move |_| draw())
    }

    /// The same of a figure for which something is simulated first, under a control.
    pub fn simulated(
        name: &'static str,
        draw: impl Fn(&Control) -> Result<Option<Figure>> + Send + Sync + 'a,
    ) -> Self {
        let draw = Box::new(draw);
        Self { name, draw }
    }

    /// Draws it; none where the numbers do not give one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `control` stops it, [`Error::Figure`] if it cannot be drawn, those of what is simulated for it.
    pub fn draw(&self, control: &Control) -> Result<Option<Figure>> {
        if control.is_stopped() {
            return Err(Error::Interrupted);
        }
        let figure = (self.draw)(control);
        match control.is_stopped() {
            // What it was drawn from may not be whole.
            true => Err(Error::Interrupted),
            false => figure,
        }
    }
}

impl std::fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Drawing").field(&self.name).finish()
    }
}

/// A named array.
#[derive(Debug)]
pub struct Array<'a> {
    /// Name, dimensions, unit and meaning.
    pub description: Description,
    /// The numbers, with as many dimensions as are named.
    pub values: Values<'a>,
}

/// What an array is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Names of its dimensions.
    pub dimensions: Vec<String>,
    /// Its unit; `1` of a pure number.
    pub units: String,
    /// What it holds, in words.
    pub long_name: String,
}

/// The numbers of an array, which may lie elsewhere.
#[derive(Debug)]
pub enum Values<'a> {
    /// 64-bit floats.
    Double(CowArray<'a, f64, IxDyn>),
    /// 32-bit floats.
    Single(CowArray<'a, f32, IxDyn>),
    /// 64-bit integers.
    Whole(CowArray<'a, i64, IxDyn>),
    /// Yes or no.
    Flag(CowArray<'a, bool, IxDyn>),
    /// Complex numbers of two 64-bit floats.
    Complex(CowArray<'a, Complex64, IxDyn>),
}

macro_rules! values {
    ($number:ty, $variant:ident) => {
        impl<'a, D: Dimension> From<ArrayBase<OwnedRepr<$number>, D>> for Values<'a> {
            fn from(array: ArrayBase<OwnedRepr<$number>, D>) -> Self {
                Self::$variant(array.into_dyn().into())
            }
        }

        impl<'a, D: Dimension> From<ArrayBase<ViewRepr<&'a $number>, D>> for Values<'a> {
            fn from(array: ArrayBase<ViewRepr<&'a $number>, D>) -> Self {
                Self::$variant(array.into_dyn().into())
            }
        }

        impl<'a> From<Vec<$number>> for Values<'a> {
            fn from(values: Vec<$number>) -> Self {
                Array1::from(values).into()
            }
        }
    };
}

values!(f64, Double);
values!(f32, Single);
values!(i64, Whole);
values!(bool, Flag);
values!(Complex64, Complex);

impl<'a> Array<'a> {
    /// An array by its name, dimensions, unit, meaning and values.
    ///
    /// # Panics
    /// If the values have another number of dimensions.
    pub fn new(
        name: impl Into<String>,
        dimensions: &[&str],
        units: &str,
        long_name: impl Into<String>,
        values: impl Into<Values<'a>>,
    ) -> Self {
        let array = Self {
            description: Description {
                name: name.into(),
                dimensions: dimensions.iter().map(|name| name.to_string()).collect(),
                units: units.into(),
                long_name: long_name.into(),
            },
            values: values.into(),
        };
        let named = array.description.dimensions.len();
        assert_eq!(
            array.values.n_dimensions(),
            named,
            "{:?}",
            array.description
        );
        array
    }
}

impl Values<'_> {
    fn n_dimensions(&self) -> usize {
        fn of<S: Data>(array: &ArrayBase<S, IxDyn>) -> usize {
            array.ndim()
        }
        match self {
            Self::Double(array) => of(array),
            Self::Single(array) => of(array),
            Self::Whole(array) => of(array),
            Self::Flag(array) => of(array),
            Self::Complex(array) => of(array),
        }
    }

    /// Numbers in row-major order as an array of this shape, which lie elsewhere where they are borrowed.
    ///
    /// # Panics
    /// If there are not as many as the shape says.
    pub fn shaped<'a>(shape: &[usize], numbers: impl Into<Cow<'a, [f64]>>) -> Values<'a> {
        const FIT: &str = "as many numbers as the shape says";
        match numbers.into() {
            Cow::Owned(numbers) => ArrayD::from_shape_vec(shape, numbers).expect(FIT).into(),
            Cow::Borrowed(numbers) => ArrayViewD::from_shape(shape, numbers).expect(FIT).into(),
        }
    }
}

/// A table of text, its cells written by whoever fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name of its file, without ending.
    pub name: &'static str,
    /// Names of its columns.
    pub header: Vec<String>,
    /// Its rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

/// A number as the cell of a table: empty where it is undefined.
pub fn cell(number: f64) -> String {
    match number.is_nan() {
        true => String::new(),
        false => number.to_string(),
    }
}

/// The unit of an array whose columns have these: theirs if they are all alike, else each of them.
pub fn units<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let columns: Vec<&str> = columns.into_iter().collect();
    match columns.as_slice() {
        [first, rest @ ..] if rest.iter().all(|unit| unit == first) => first.to_string(),
        all => all.join(", "),
    }
}

/// What ran, and how it ended: `manifest.json` of every folder of results.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// The number of the manifest's form; see [`Manifest::SCHEMA`].
    pub schema: u32,
    /// The program's version.
    pub brainsweep: &'static str,
    /// The command, or the function of the library, that ran.
    pub command: &'static str,
    /// Every key of the study with its value; none where no study ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<Value>,
    /// Whether the run was stopped before its end; none where that cannot be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<bool>,
    /// Seconds it took; none where they depend on who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_s: Option<f64>,
    /// What only this command has to say.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

impl Manifest {
    /// The form of manifests that this version writes.
    ///
    /// 1: keys that all commands share, `arrays` and `files`.
    pub const SCHEMA: u32 = 1;

    /// The manifest of a command without a study.
    ///
    /// # Panics
    /// If `facts` is not an object when serialised.
    pub fn new(command: &'static str, facts: &impl Serialize) -> Self {
        Self {
            schema: Self::SCHEMA,
            brainsweep: env!("CARGO_PKG_VERSION"),
            command,
            study: None,
            interrupted: None,
            wall_s: None,
            facts: object(facts),
        }
    }

    /// The same as a map.
    pub fn to_map(&self) -> Map<String, Value> {
        object(self)
    }
}

/// A serialised struct or map as a JSON object.
///
/// # Panics
/// If it is something else.
pub fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value).expect("plain values are JSON") {
        Value::Object(map) => map,
        other => panic!("an object was expected, not {other}"),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{arr2, s};
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_may_lie_elsewhere_and_have_as_many_dimensions_as_names() {
        let samples = arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]);
        let column = Array::new("x", &["time"], "mV", "potential", samples.slice(s![.., 1]));
        assert!(matches!(&column.values, Values::Single(array) if array.is_view()));
        let shaped = Array::new(
            "fc",
            &["a", "b"],
            "1",
            "FC",
            Values::shaped(&[2, 1], vec![0.1, 0.2]),
        );
        assert_eq!(shaped.description.dimensions, ["a", "b"]);
        let wrong = std::panic::catch_unwind(|| Array::new("x", &[], "1", "x", vec![1.0]));
        assert!(wrong.is_err());
        assert_eq!(units(["mV", "mV"]), "mV");
        assert_eq!(units(["1/ms", "mV"]), "1/ms, mV");
        assert_eq!((cell(0.5), cell(f64::NAN)), ("0.5".into(), String::new()));
    }

    #[test]
    fn a_manifest_has_its_schema_and_the_facts_among_its_keys() {
        let manifest = Manifest::new("draw", &json!({ "file": "a.npz" }));
        let expected = json!({
            "schema": 1, "brainsweep": env!("CARGO_PKG_VERSION"), "command": "draw", "file": "a.npz"
        });
        assert_eq!(Value::Object(manifest.to_map()), expected);
    }
}
