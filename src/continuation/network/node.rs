//! The model of a node without its type: its drift on every kind of number that derivatives need.

use crate::model::{NeuralMass, Visitor};
use crate::scalar::{Dual, Scalar, Series2, Series4, Slope};

/// A value and its derivative along one direction.
pub(crate) type D1 = Dual<f64>;
/// A value and its mixed derivatives along two directions.
pub(crate) type D2 = Dual<D1>;
/// A value and its mixed derivatives along three directions.
pub(crate) type D3 = Dual<D2>;

/// `prepare` and `drift` of one model on one kind of number.
type Functions<S> = (fn(&[S], &mut Vec<S>), fn(&[S], &[S], &[S], &mut [S]));

/// A model whose type is forgotten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    plain: Functions<f64>,
    first: Functions<D1>,
    second: Functions<D2>,
    third: Functions<D3>,
    series2: Functions<Series2>,
    series4: Functions<Series4>,
}

impl Node {
    /// The model `M`.
    pub fn of<M, const N: usize, const I: usize, const P: usize, const C: usize>() -> Self
    where
        M: NeuralMass<N, I, P, C>,
    {
        Self {
            plain: functions::<f64, M, N, I, P, C>(),
            first: functions::<D1, M, N, I, P, C>(),
            second: functions::<D2, M, N, I, P, C>(),
            third: functions::<D3, M, N, I, P, C>(),
            series2: functions::<Series2, M, N, I, P, C>(),
            series4: functions::<Series4, M, N, I, P, C>(),
        }
    }
}

fn functions<S, M, const N: usize, const I: usize, const P: usize, const C: usize>() -> Functions<S>
where
    S: Scalar,
    M: NeuralMass<N, I, P, C>,
{
    (
        |parameters, coefficients| {
            coefficients.clear();
            coefficients.extend(M::prepare(array::<S, P>(parameters)));
        },
        |state, input, coefficients, out| {
            out.copy_from_slice(&M::drift(
                array::<S, N>(state),
                array::<S, I>(input),
                array::<S, C>(coefficients),
            ));
        },
    )
}

fn array<S: Copy, const K: usize>(values: &[S]) -> [S; K] {
    values
        .try_into()
        .expect("lists are made as long as the model says")
}

/// Finds a registered model's [`Node`].
pub(crate) struct FindNode;

impl Visitor for FindNode {
    type Output = Node;

    fn visit<M, const N: usize, const I: usize, const P: usize, const C: usize>(self) -> Node
    where
        M: NeuralMass<N, I, P, C>,
    {
        Node::of::<M, N, I, P, C>()
    }
}

/// A number that [`Node`] has functions for.
pub(crate) trait Number: Scalar {
    /// The functions of `node` on this number.
    fn functions(node: &Node) -> Functions<Self>;
    /// The value without its derivatives.
    fn value(self) -> f64;
}

impl Number for f64 {
    fn functions(node: &Node) -> Functions<f64> {
        node.plain
    }
    fn value(self) -> f64 {
        self
    }
}

impl Number for D1 {
    fn functions(node: &Node) -> Functions<D1> {
        node.first
    }
    fn value(self) -> f64 {
        self.value
    }
}

impl Number for D2 {
    fn functions(node: &Node) -> Functions<D2> {
        node.second
    }
    fn value(self) -> f64 {
        self.value.value
    }
}

impl Number for D3 {
    fn functions(node: &Node) -> Functions<D3> {
        node.third
    }
    fn value(self) -> f64 {
        self.value.value.value
    }
}

impl Number for Series2 {
    fn functions(node: &Node) -> Functions<Series2> {
        node.series2
    }
    fn value(self) -> f64 {
        self.coefficients[0].re
    }
}

impl Number for Series4 {
    fn functions(node: &Node) -> Functions<Series4> {
        node.series4
    }
    fn value(self) -> f64 {
        self.coefficients[0].re
    }
}

/// `value` that moves by `slope` per unit along the direction.
pub(crate) fn d1(value: f64, slope: f64) -> D1 {
    Dual {
        value,
        slope: if slope == 0.0 {
            Slope::Zero
        } else {
            Slope::Of(slope)
        },
    }
}

/// `value` that moves by `a` along the first direction and by `b` along the second.
pub(crate) fn d2(value: f64, a: f64, b: f64) -> D2 {
    Dual {
        value: d1(value, a),
        slope: outer(D1::constant(b), b),
    }
}

/// `value` that moves by `a`, `b`, `c` along the three directions.
pub(crate) fn d3(value: f64, a: f64, b: f64, c: f64) -> D3 {
    Dual {
        value: d2(value, a, b),
        slope: outer(D2::constant(D1::constant(c)), c),
    }
}

fn outer<S>(slope: S, size: f64) -> Slope<S> {
    if size == 0.0 {
        Slope::Zero
    } else {
        Slope::Of(slope)
    }
}

/// The mixed derivative along both directions.
pub(crate) fn mixed2(x: D2) -> f64 {
    x.derivative().derivative()
}

/// The mixed derivative along all three directions.
pub(crate) fn mixed3(x: D3) -> f64 {
    x.derivative().derivative().derivative()
}
