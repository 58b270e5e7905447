//! Elements of every kind at known places.

use ndarray::array;

use super::*;
use crate::plot::canvas::{Anchor, Text};
use crate::plot::color::Colormap;
use crate::plot::ticks::Range;

const RED: Color = Color([255, 0, 0]);
const BLUE: Color = Color([0, 0, 255]);
const SIDE: u32 = 20;

/// A page of 20 by 20 points, a pixel each.
fn page(elements: &[Element]) -> Pixmap {
    picture(elements, [f64::from(SIDE); 2], [SIDE; 2])
}

fn color(page: &Pixmap, x: u32, y: u32) -> Color {
    let pixel = page.pixel(x, y).unwrap();
    assert_eq!(pixel.alpha(), 255);
    Color([pixel.red(), pixel.green(), pixel.blue()])
}

/// Which pixels are not white, a row a line.
fn shown(elements: &[Element]) -> Vec<String> {
    let page = page(elements);
    let sign = |x, y| {
        if color(&page, x, y) == Color::PAPER {
            '.'
        } else {
            '#'
        }
    };
    (0..SIDE)
        .map(|y| (0..SIDE).map(|x| sign(x, y)).collect())
        .collect()
}

/// Fails unless exactly these ranges of columns and rows are not white.
fn assert_shown(elements: &[Element], expected: &[[std::ops::Range<u32>; 2]]) {
    let within = &|x, y| {
        expected
            .iter()
            .any(|[columns, rows]| columns.contains(&x) && rows.contains(&y))
    };
    let row = |y| (0..SIDE).map(move |x| if within(x, y) { '#' } else { '.' });
    let expected: Vec<String> = (0..SIDE).map(|y| row(y).collect()).collect();
    let found = shown(elements);
    assert_eq!(found, expected, "{found:#?}");
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn round(width: f64, dashes: Option<[f64; 2]>) -> Style {
    let pen = Pen {
        color: RED,
        width,
        round: true,
        dashes,
    };
    Style {
        fill: None,
        pen: Some(pen),
    }
}

fn path(shape: Shape, style: Style) -> [Element; 1] {
    [Element::Path(vec![shape], style)]
}

#[test]
fn shapes_stand_at_their_places() {
    let red = Style::area(RED);
    assert_shown(
        &[Element::Rect(rect(2.0, 3.0, 4.0, 6.0), red)],
        &[[2..6, 3..9]],
    );
    let corners = vec![[2.0, 3.0], [6.0, 3.0], [6.0, 9.0], [2.0, 9.0]];
    for shape in [
        Shape::Polygon(corners.clone()),
        Shape::Area(corners.clone()),
    ] {
        assert_shown(&path(shape, red), &[[2..6, 3..9]]);
    }
    let thick = Style::line(RED, 2.0);
    let line = Shape::Line([[2.0, 5.0], [12.0, 5.0]]);
    assert_shown(&path(line, thick), &[[2..12, 4..6]]);
    // Open to the left, unless it is closed.
    let open = path(Shape::Curve(corners.clone()), thick);
    assert_shown(&open, &[[2..7, 2..4], [5..7, 2..10], [2..7, 8..10]]);
    let frame = [[1..3, 2..10], [1..7, 2..4], [5..7, 2..10], [1..7, 8..10]];
    assert_shown(&path(Shape::Polygon(corners), thick), &frame);
    assert_shown(&[Element::Rect(rect(2.0, 3.0, 4.0, 6.0), thick)], &frame);
    let corner = Shape::Corner(rect(3.0, 4.0, 10.0, 8.0));
    assert_shown(&path(corner, thick), &[[2..4, 4..13], [2..13, 11..13]]);
}

#[test]
fn a_circle_is_round() {
    let circle = Shape::Circle {
        centre: [10.0, 9.0],
        radius: 6.0,
    };
    let page = page(&path(circle, Style::area(RED)));
    for y in 0..SIDE {
        for x in 0..SIDE {
            let reach = (f64::from(x) - 9.5).hypot(f64::from(y) - 8.5);
            let found = color(&page, x, y);
            assert!(reach > 5.2 || found == RED, "{x} {y}");
            assert!(reach < 6.8 || found == Color::PAPER, "{x} {y}");
        }
    }
}

#[test]
fn cells_stay_sharp_and_lie_as_in_the_matrix() {
    let range = Range {
        low: 0.0,
        high: 1.0,
    };
    let map = Colormap::Inferno;
    let cells = Picture::new(
        array![[0.0, 1.0, 0.0], [1.0, 1.0, f64::NAN]].view(),
        range,
        map,
    );
    let page = page(&[Element::Image(rect(2.0, 4.0, 15.0, 8.0), cells)]);
    let expected = |x: u32, y: u32| match ((x + 3) / 5, y / 4) {
        (1 | 3, 1) => map.at(0.0),
        (3, 2) => Color::MISSING,
        (1..=3, 1 | 2) => map.at(1.0),
        _ => Color::PAPER,
    };
    for y in 0..SIDE {
        for x in 0..SIDE {
            assert_eq!(color(&page, x, y), expected(x, y), "{x} {y}");
        }
    }
}

#[test]
fn a_text_reads_to_the_right_or_upwards() {
    let text = |turned| {
        let at = Text {
            x: 10.0,
            y: 12.0,
            size: 8.0,
            anchor: Anchor::Start,
            turned,
        };
        shown(&[Element::Text(at, "H".into())])
    };
    // The capital is 5.5 high, 5.8 wide with the white at its sides.
    let [level, turned] = [false, true].map(text);
    let within = |rows: &[String], [left, right, top, bottom]: [usize; 4]| {
        rows.iter().enumerate().all(|(y, row)| {
            row.chars().enumerate().all(|(x, sign)| {
                sign == '.' || (left..right).contains(&x) && (top..bottom).contains(&y)
            })
        }) && rows.concat().matches('#').count() > 15
    };
    assert!(within(&level, [10, 16, 9, 15]), "{level:#?}");
    assert!(within(&turned, [7, 13, 6, 12]), "{turned:#?}");
}

#[test]
fn a_window_cuts_off_what_is_outside() {
    let all = || Element::Rect(rect(0.0, 0.0, 20.0, 20.0), Style::area(RED));
    let window = rect(3.0, 5.0, 10.0, 7.0);
    assert_shown(&[Element::Clipped(window, vec![all()])], &[[3..13, 5..12]]);
    let inner = Element::Clipped(rect(1.0, 6.0, 5.0, 20.0), vec![all()]);
    assert_shown(&[Element::Clipped(window, vec![inner])], &[[3..6, 6..12]]);
}

#[test]
fn nothing_covered_shows_at_the_edge_of_a_window() {
    let all = |color| Element::Rect(rect(0.0, 0.0, 20.0, 20.0), Style::area(color));
    let window = rect(3.5, 5.0, 10.0, 7.0);
    let page = page(&[Element::Clipped(window, vec![all(RED), all(BLUE)])]);
    // Blue over white by halves, without any red.
    let Color([red, green, blue]) = color(&page, 3, 8);
    assert_eq!([red, blue], [green, 255]);
    assert!((120..136).contains(&red), "{red}");
}

#[test]
fn a_curve_of_one_point_is_a_dot_of_its_cap() {
    let dot = |style| path(Shape::Curve(vec![[10.0, 10.0]]), style);
    let found = page(&dot(round(6.0, None)));
    for (x, y) in [(8, 9), (11, 10), (9, 8), (10, 11)] {
        assert_eq!(color(&found, x, y), RED, "{x} {y}");
    }
    assert!(color(&found, 12, 10).0[1] < 32);
    assert!(color(&found, 7, 7).0[1] > 128);
    for (x, y) in [(6, 9), (13, 10), (9, 6), (10, 13)] {
        assert_eq!(color(&found, x, y), Color::PAPER, "{x} {y}");
    }
    assert_shown(&dot(Style::line(RED, 6.0)), &[]);
}

#[test]
fn dashes_and_gaps_alternate() {
    let line = |style| path(Shape::Line([[2.0, 5.0], [18.0, 5.0]]), style);
    let mut flat = Style::line(RED, 2.0);
    flat.pen.as_mut().unwrap().dashes = Some([4.0, 3.0]);
    let dashes = [[2..6, 4..6], [9..13, 4..6], [16..18, 4..6]];
    assert_shown(&line(flat), &dashes);
    // Dots, as wide as the line.
    let row = &shown(&line(round(2.0, Some([0.0, 5.0]))))[4];
    assert_eq!(row, ".##...##...##...##..");
    let unbroken = [1..19, 4..6];
    assert_shown(&line(round(2.0, Some([0.0, 0.0]))), &[unbroken]);
}

#[test]
fn bends_are_pointed_or_round() {
    let bend = |style| {
        let points = vec![[4.0, 16.0], [4.0, 4.0], [16.0, 4.0]];
        color(&page(&path(Shape::Curve(points), style)), 0, 0)
    };
    assert_eq!(bend(Style::line(RED, 8.0)), RED);
    assert_eq!(bend(round(8.0, None)), Color::PAPER);
    // Beyond the limit, points are cut off: this one would reach 12 to the right.
    let sharp = vec![[2.0, 9.0], [10.0, 10.0], [2.0, 11.0]];
    let row = &shown(&path(Shape::Curve(sharp), Style::line(RED, 3.0)))[10];
    assert!(row.ends_with("........"), "{row}");
}

#[test]
fn a_faint_area_shows_what_is_under_it_and_shapes_of_one_path_add_nothing() {
    let shape = || Shape::Polygon(vec![[2.0, 2.0], [9.0, 2.0], [9.0, 9.0], [2.0, 9.0]]);
    let style = Style::faint_area(Color([0; 3]), 0.16);
    let page = page(&[Element::Path(vec![shape(), shape()], style)]);
    assert_eq!(color(&page, 5, 5), Color([214; 3]));
}

#[test]
fn a_pen_of_no_width_draws_nothing() {
    let line = |width| {
        path(
            Shape::Line([[2.0, 5.0], [18.0, 5.0]]),
            Style::line(RED, width),
        )
    };
    assert_shown(&line(0.0), &[]);
    assert_shown(&line(0.004), &[]);
    assert_shown(&line(1.0), &[[2..18, 4..6]]);
}

#[test]
fn what_is_drawn_later_covers_and_fills_lie_under_their_lines() {
    let [below, above] = [RED, BLUE].map(|color| {
        Element::Rect(
            rect(2.0, 2.0, 10.0, 10.0),
            Style::line(color, 4.0).filled(Color::PAPER),
        )
    });
    let page = page(&[below, above]);
    assert_eq!(color(&page, 3, 6), BLUE);
    assert_eq!(color(&page, 6, 6), Color::PAPER);
}

#[test]
fn pixels_are_made_of_the_hundredths_that_the_svg_has() {
    let bytes = |x: f64| {
        let place = rect(x, 3.0, 4.0, 6.0);
        let at = Text {
            x,
            y: 12.0,
            size: 8.0,
            anchor: Anchor::End,
            turned: false,
        };
        let text = Element::Text(at, "A".into());
        let scale = 50;
        let rect = Element::Rect(place, Style::line(RED, 0.5));
        picture(&[rect, text], [20.0; 2], [20 * scale; 2]).take()
    };
    assert!(bytes(8.0) == bytes(8.0049));
    assert!(bytes(8.0) != bytes(8.0051));
}

#[test]
fn a_page_is_stretched_to_its_pixels() {
    let place = rect(0.0, 0.0, 10.0, 10.0);
    let page = picture(
        &[Element::Rect(place, Style::area(RED))],
        [20.0, 40.0],
        [40, 10],
    );
    assert_eq!(color(&page, 19, 1), RED);
    assert_eq!(color(&page, 20, 1), Color::PAPER);
    assert_eq!(color(&page, 19, 3), Color::PAPER);
}
