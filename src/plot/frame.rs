//! What every plot has: a title, names of its axes, a size.

/// Title, labels and size of a plot.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    /// Width and height of the plot itself, points; left out, the plot chooses.
    pub size: Option<[f64; 2]>,
}

/// Gives a plot the methods that set its `frame`; `x`, `y` and `size` say what these mean for it.
macro_rules! framed {
    ($plot:ty, x: $x:literal, y: $y:literal, size: $size:literal) => {
        impl $plot {
            /// Says what is shown; a long title is broken into lines.
            pub fn title(mut self, title: impl Into<String>) -> Self {
                self.frame.title = title.into();
                self
            }

            #[doc = $x]
            pub fn x_label(mut self, label: impl Into<String>) -> Self {
                self.frame.x_label = label.into();
                self
            }

            #[doc = $y]
            pub fn y_label(mut self, label: impl Into<String>) -> Self {
                self.frame.y_label = label.into();
                self
            }

            #[doc = $size]
            pub fn size_pt(mut self, width: f64, height: f64) -> Self {
                self.frame.size = Some([width, height]);
                self
            }
        }
    };
}
pub(super) use framed;
