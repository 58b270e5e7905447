//! Figures as a caller meets them: documents that parse, pictures that show something, errors instead of panics.

use brainsweep::plot::{Color, Colormap, Figure, Heatmap, Lines, Marker, Panels, Series, Stroke};
use ndarray::{Array2, array};
use roxmltree::Document;
use tiny_skia::Pixmap;

/// All text of the document, one line per element.
fn texts(figure: &Figure) -> Vec<String> {
    let document = Document::parse(figure.svg()).expect("the SVG is well-formed XML");
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

fn assert_shows(figure: &Figure, expected: &[&str]) {
    let texts = texts(figure);
    for text in expected {
        assert!(
            texts.iter().any(|t| t == text),
            "no {text:?} among {texts:?}"
        );
    }
}

fn pixels(figure: &Figure, scale: f64) -> Pixmap {
    Pixmap::decode_png(&figure.png(scale).unwrap()).expect("the PNG decodes")
}

/// Every coordinate is a number, and there are axes: some hundred pixels of the colour of text.
fn assert_is_drawn(figure: &Figure, of: &str) {
    let document = Document::parse(figure.svg()).expect("the SVG is well-formed XML");
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let value = attribute.value();
        let is_odd = |part: &str| ["NaN", "inf", "-inf"].contains(&part);
        let mut parts = value.split(|c: char| c.is_whitespace() || ",MLZ".contains(c));
        assert!(!parts.any(is_odd), "{of}: {} = {value}", attribute.name());
    }
    let picture = pixels(figure, 1.0);
    let paper = count(&picture, Color([0xff; 3]));
    assert!(
        picture.pixels().len() - paper > 300,
        "{of}: nothing is drawn"
    );
}

/// How many pixels have about this colour.
fn count(picture: &Pixmap, Color(wanted): Color) -> usize {
    let near = |found: [u8; 3]| {
        found
            .iter()
            .zip(wanted)
            .all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 3)
    };
    picture
        .pixels()
        .iter()
        .filter(|p| near([p.red(), p.green(), p.blue()]))
        .count()
}

fn wave(name: &str, phase: f64) -> Series {
    let t: Vec<f64> = (0..500).map(|i| f64::from(i) * 0.5).collect();
    let x: Vec<f64> = t.iter().map(|t| (t * 0.05 + phase).sin()).collect();
    Series::new(name, t, x)
}

fn two_waves() -> Lines {
    Lines::new()
        .title("fitzhugh-nagumo, input 0.72")
        .x_label("time (ms)")
        .y_label("x (mV)")
        .add(wave("V1 <left> & \"co\"", 0.0))
        .add(
            wave("M1", 1.0)
                .stroke(Stroke::Dashed)
                .marker(Marker::Circle),
        )
}

#[test]
fn lines_say_what_they_show() {
    let figure = two_waves().figure().unwrap();
    assert_shows(
        &figure,
        &[
            "fitzhugh-nagumo, input 0.72",
            "time (ms)",
            "x (mV)",
            "V1 <left> & \"co\"",
            "M1",
        ],
    );
    assert_shows(&figure, &["0", "50", "200", "−1.0", "0.5"]);
    assert_eq!(
        figure.svg().matches("stroke-dasharray").count(),
        2,
        "the curve and its legend"
    );
}

#[test]
fn a_png_has_the_size_asked_for_and_shows_the_curves() {
    let figure = two_waves().figure().unwrap();
    let [width, height] = figure.size_pt();
    for scale in [1.0, 2.5] {
        let picture = pixels(&figure, scale);
        assert_eq!(f64::from(picture.width()), (width * scale).round());
        assert_eq!(f64::from(picture.height()), (height * scale).round());
    }
    let picture = pixels(&figure, 3.0);
    assert!(count(&picture, Color::QUALITATIVE[0]) > 1000);
    assert!(count(&picture, Color::QUALITATIVE[1]) > 1000);
}

#[test]
fn letters_are_drawn_without_any_font_on_the_machine() {
    // The same plot with and without text: only letters can make the difference in dark pixels.
    let dark = |lines: Lines| count(&pixels(&lines.figure().unwrap(), 3.0), Color::INK);
    let plain = || Lines::new().add(Series::new("", [0.0, 1.0], [0.0, 1.0]));
    assert!(dark(plain().title("Montbrió, Pazó & Roxin: τ, Δ, η")) > dark(plain()) + 500);
}

#[test]
fn sixteen_long_noisy_series_make_a_small_file_that_keeps_every_peak() {
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let series = |i: usize| {
        let mut values: Vec<f64> = (0..60_000).map(|_| noise()).collect();
        values[1000 + 3000 * i] = 10.0;
        Series::new(
            format!("region {i}"),
            (0..60_000).map(|k| f64::from(k) * 0.1),
            values,
        )
    };
    let figure = Lines::new().extend((0..16).map(series)).figure().unwrap();
    assert!(figure.svg().len() < 500_000, "{} bytes", figure.svg().len());

    // The heights that every curve reaches, from the steps of its path; y grows downwards.
    let document = Document::parse(figure.svg()).unwrap();
    let paths: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.attribute("d"))
        .filter(|path| path.len() > 5000)
        .collect();
    assert_eq!(paths.len(), 16);
    for path in paths {
        let mut y = 0.0;
        let heights = path.split(['M', 'l']).skip(1).map(|step| {
            let second = step.rfind(['-', ' ']).unwrap();
            y += step[second..].trim().parse::<f64>().unwrap();
            y
        });
        let (top, bottom) = heights.fold((f64::MAX, f64::MIN), |(top, bottom), y| {
            (top.min(y), bottom.max(y))
        });
        // A spike of 10 over noise from 0 to 1 on an axis with 4 % to spare at either end of 200 points.
        assert!(
            (bottom - top - 200.0 / 1.08).abs() < 1.0,
            "from {top} to {bottom}"
        );
    }
}

#[test]
fn all_series_of_twenty_are_in_the_legend_or_at_their_levels() {
    let names: Vec<String> = (0..20).map(|i| format!("region {i}")).collect();
    let expected: Vec<&str> = names.iter().map(String::as_str).collect();
    let lines = || {
        Lines::new()
            .y_label("v (mV)")
            .extend(names.iter().map(|name| wave(name, 0.0)))
    };
    assert_shows(&lines().figure().unwrap(), &expected);
    let offset = lines().offset().figure().unwrap();
    assert_shows(&offset, &expected);
    assert_shows(&offset, &["2 mV"]);
}

#[test]
fn a_stack_shares_its_x_axis() {
    let figure = Panels::stack([
        two_waves(),
        Lines::new()
            .x_label("time (ms)")
            .y_label("y (1)")
            .add(Series::new("late", [300.0, 500.0], [0.0, 1.0])),
    ])
    .figure()
    .unwrap();
    let texts = texts(&figure);
    assert_eq!(texts.iter().filter(|t| *t == "time (ms)").count(), 1);
    assert_eq!(texts.iter().filter(|t| *t == "500").count(), 1);
}

#[test]
fn panels_have_their_own_titles_and_colour_bars() {
    let matrix = Array2::from_shape_fn((80, 80), |(i, j)| (i * j) as f32);
    let map = |title: &str, label: &str, colormap| {
        Heatmap::new(matrix.view())
            .title(title)
            .bar_label(label)
            .colormap(colormap)
    };
    let figure = Panels::new([
        map("Cmat", "weight (1)", Colormap::Plasma),
        map("Dmat", "tract length (mm)", Colormap::Inferno),
        map("FC", "correlation (1)", Colormap::Viridis),
    ])
    .title("HCP")
    .figure()
    .unwrap();
    assert_shows(
        &figure,
        &[
            "HCP",
            "Cmat",
            "weight (1)",
            "Dmat",
            "tract length (mm)",
            "FC",
            "correlation (1)",
            "6000",
        ],
    );
    let document = Document::parse(figure.svg()).unwrap();
    let images = document
        .descendants()
        .filter(|node| node.has_tag_name("image"))
        .count();
    assert_eq!(images, 6, "a matrix and a colour bar each");
    assert!(
        document
            .descendants()
            .filter(|node| node.has_tag_name("rect"))
            .count()
            < 20
    );
}

#[test]
fn cells_have_the_colour_of_their_value_at_their_place() {
    let figure = Heatmap::new(array![[0.0, 1.0], [f64::NAN, 0.5]].view())
        .size_pt(100.0, 100.0)
        .figure()
        .unwrap();
    let picture = pixels(&figure, 2.0);
    // The plot's frame is the first framed rectangle; its corners tell where the cells are.
    let document = Document::parse(figure.svg()).unwrap();
    let frame = document
        .descendants()
        .find(|node| node.has_tag_name("rect") && node.attribute("stroke").is_some());
    let at = |name| {
        frame
            .unwrap()
            .attribute(name)
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    let cell = |row: f64, column: f64| {
        let (x, y) = (at("x") + 25.0 + 50.0 * column, at("y") + 25.0 + 50.0 * row);
        let pixel = picture.pixel((2.0 * x) as u32, (2.0 * y) as u32).unwrap();
        Color([pixel.red(), pixel.green(), pixel.blue()])
    };
    assert_eq!(cell(0.0, 0.0), Colormap::Viridis.at(0.0));
    assert_eq!(cell(0.0, 1.0), Colormap::Viridis.at(1.0));
    assert_eq!(cell(1.0, 0.0), Color::MISSING);
    assert_eq!(cell(1.0, 1.0), Colormap::Viridis.at(0.5));
    assert_shows(&figure, &["NaN"]);
}

#[test]
fn a_sweep_has_an_axis_of_numbers_and_an_uneven_one_has_its_values() {
    let scores = Array2::from_shape_fn((31, 41), |(i, j)| (i + j) as f64);
    let map = Heatmap::new(scores.view())
        .x_label("g (1)")
        .y_label("input (1)");
    let figure = map
        .x_values((0..41).map(|i| f64::from(i) * 0.05))
        .y_values((0..31).map(|i| 0.6 + f64::from(i) * 0.01))
        .figure()
        .unwrap();
    assert_shows(
        &figure,
        &["g (1)", "input (1)", "0.0", "2.0", "0.60", "0.90"],
    );
    let uneven = Heatmap::new(array![[1.0, 2.0, 3.0]].view())
        .x_values([0.1, 1.0, 25.0])
        .figure()
        .unwrap();
    assert_shows(&uneven, &["0.1", "1", "25"]);
}

#[test]
fn what_cannot_vary_or_is_missing_is_still_a_figure() {
    let line = |values: &[f64]| {
        let t = (0..values.len()).map(|i| i as f64);
        Lines::new().add(Series::new("a", t, values.to_vec()))
    };
    let odd: [&[f64]; 7] = [
        &[3.0; 4],
        &[f64::NAN; 4],
        &[],
        &[1.0],
        &[f64::INFINITY, f64::NEG_INFINITY],
        &[f64::MAX, f64::MIN, 0.0],
        &[1e-320, 1.0, f64::NAN, 2.0],
    ];
    for values in odd {
        for lines in [
            line(values),
            line(values).offset(),
            line(values).y_range(-1e-9, 1e-9),
        ] {
            let figure = Panels::stack([lines.clone(), lines]).figure().unwrap();
            assert_is_drawn(&figure, &format!("{values:?}"));
        }
    }
    assert_shows(
        &line(&[f64::NAN; 4]).figure().unwrap(),
        &["no finite values"],
    );
    for value in [0.0, -7.0, f64::NAN, f64::INFINITY, f64::MAX] {
        let figure = Heatmap::new(Array2::from_elem((2, 90), value).view())
            .figure()
            .unwrap();
        assert_is_drawn(&figure, &value.to_string());
    }
}

#[test]
fn what_cannot_be_drawn_is_an_error_that_says_why() {
    let map = || Heatmap::new(array![[1.0, 2.0]].view());
    let message = |result: brainsweep::Result<Figure>| result.unwrap_err().report();
    for (result, expected) in [
        (Lines::new().figure(), "the plot is empty"),
        (
            Panels::new(Vec::<Lines>::new()).figure(),
            "the figure is empty",
        ),
        (
            Lines::new()
                .add(Series::new("a", [0.0, 1.0], [0.0]))
                .figure(),
            "2 x and 1 y values",
        ),
        (
            two_waves().x_range(1.0, 1.0).figure(),
            "x axis goes from 1 to 1",
        ),
        (
            two_waves().y_range(0.0, f64::NAN).figure(),
            "y axis goes from 0 to NaN",
        ),
        (two_waves().size_pt(0.0, 100.0).figure(), "size"),
        (
            Heatmap::new(Array2::<f64>::zeros((0, 3)).view()).figure(),
            "0 by 3",
        ),
        (map().x_names(["one"]).figure(), "2 columns"),
        (map().y_values([1.0, 2.0]).figure(), "1 rows"),
        (map().x_values([1.0, f64::NAN]).figure(), "finite"),
        (map().vmin(2.0).vmax(1.0).figure(), "vmin"),
        (map().vmax(f64::NAN).figure(), "vmax"),
    ] {
        let message = message(result);
        assert!(
            message.contains(expected),
            "{message:?} does not say {expected:?}"
        );
    }
    let figure = map().figure().unwrap();
    for scale in [0.0, -1.0, f64::NAN, 1e6] {
        assert!(figure.png(scale).unwrap_err().report().contains("scale"));
    }
}
