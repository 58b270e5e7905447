"""report.html in a browser: what it shows, and what hover, click, keys and a narrow window do."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import browser
import numpy as np
import pytest
from test_bits import PROGRAM

import brainsweep as bs

CHROMIUM = browser.found()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

STUDY = ["hcp_network", "--set", "duration=300", "--set", "transient=100"]
SWEEP = ["--vary", "coupling.g=0.5:1.5:3", "--vary", "input.x=0.7:0.8:2", "--seeds", "2", "--keep", "fc"]
# Where pictures of the pages are to be left, to be looked at.
PICTURES = os.environ.get("REPORT_PICTURES")
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def program(*words):
    subprocess.run([PROGRAM, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Every kind of result, once."""
    home = tmp_path_factory.mktemp("results")
    program("simulate", *STUDY, "--out", str(home / "simulate"))
    program("sweep", *STUDY, *SWEEP, "--backend", "cpu", "--out", str(home / "sweep"))
    program("bifurcate", "fitzhugh-nagumo", "--vary", "x_ext=0:2", "--out", str(home / "bifurcate"))
    program("phase-plane", "fitzhugh-nagumo", "--set", "x_ext=0.9", "--out", str(home / "phase-plane"))
    program("connectome", "show", "--out", str(home / "connectome"))
    n = 8
    rng = np.random.default_rng(5)
    weights = rng.uniform(size=(n, n)) * (1 - np.eye(n))
    np.savez(home / "mine.npz", weights=weights, tract_lengths=50 * weights, centres=rng.normal(size=(n, 3)) * 40)
    study = home / "mine.toml"
    study.write_text('[connectome]\nfile = "mine.npz"\n[noise]\nsigma = { x = 0.01 }\n[protocol]\nduration = 200\n')
    program("simulate", str(study), "--out", str(home / "brain"))
    fit = ["--free", "g=0.5:1.5", "--runs", "60", "--replicas", "2", "--held-out", "2", "--finalists", "2"]
    program("fit", *STUDY, *fit, "--backend", "cpu", "--out", str(home / "fit"))
    return home


ALL = ["simulate", "sweep", "bifurcate", "phase-plane", "connectome", "brain", "fit"]


@pytest.fixture
def open_page(results):
    """Opens the page of some results in a browser, whose console has to stay silent."""
    opened = []

    def opens(name, **options):
        one = browser.Browser(CHROMIUM, **options)
        opened.append(one)
        one.open(results / name / "report.html")
        return one

    yield opens
    for one in opened:
        with one:
            assert one.errors == []
            loaded = [url for url in one.requests if not url.startswith(("data:", "file://"))]
            assert loaded == []
            assert sum(url.startswith("file://") for url in one.requests) == 1


def tip(page):
    return page.run("document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').textContent")


def on_canvas(page, selector, script):
    """Where a place on a canvas is in the window: `script` makes [x, y] of `canvas`."""
    left, top = page.place(selector, (0, 0))
    x, y = page.run(f"(() => {{ const canvas = document.querySelector({selector!r}); return {script}; }})()")
    return left + x, top + y


@pytest.mark.parametrize("name", ALL)
def test_every_page_draws_itself_in_light_and_dark_and_at_the_width_of_a_phone(open_page, name):
    page = open_page(name)
    # What is drawn is no empty canvas.
    colors = """[...document.querySelectorAll('main canvas')].map((canvas) => {
        const read = document.createElement('canvas');
        [read.width, read.height] = [canvas.width, canvas.height];
        const context = read.getContext('2d', { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const all = context.getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let k = 0; k < all.length; k += 4) seen.add(all[k] * 65536 + all[k + 1] * 256 + all[k + 2]);
        return seen.size; })"""
    for dark in (False, True):
        page.light(dark)
        page.run(FRAMES)
        ground = page.run("getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, re.findall(r"\d+", ground)[:3])) / 3
        assert light < 60 if dark else light > 200
        n_colors = page.run(colors)
        assert n_colors and min(n_colors) > 1
        assert page.run("[...document.images].every((one) => one.alt)")
        for width in (400, 1100):
            page.resize(width)
            page.wait(f"document.documentElement.clientWidth === {width}")
            page.run(FRAMES)
            assert page.run("document.documentElement.scrollWidth") <= width
            beyond = "[...document.querySelectorAll('main canvas')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).length"
            assert page.run(beyond) == 0
            if PICTURES:
                page.picture(Path(PICTURES) / f"{name}-{width}-{'dark' if dark else 'light'}.png")


def test_hover_on_a_matrix_reads_all_of_them(open_page, results):
    page = open_page("simulate")
    run = bs.open(results / "simulate")
    labels = bs.hcp().labels
    x, y = on_canvas(page, ".matrices canvas.reach", "[(3 + 0.5) * canvas.clientWidth / 80, (10 + 0.5) * canvas.clientWidth / 80]")
    page.move(x, y)
    said = tip(page)
    assert said.startswith(f"{labels[10]} \u2013 {labels[3]}\n")
    read = dict(line.rsplit(" ", 1) for line in said.splitlines()[1:] if not line.endswith("mm"))
    assert float(read["fc"]) == pytest.approx(run.numpy("fc")[10, 3], rel=1e-3)
    measured = np.mean(bs.hcp().functional, axis=0)
    assert float(read["measured fc"]) == pytest.approx(measured[10, 3], rel=1e-3)
    assert float(read["weights"]) == pytest.approx(bs.hcp().weights[10, 3], rel=1e-3)
    # The keys do the same.
    page.run("document.querySelector('.matrices canvas.reach').focus()")
    page.key("ArrowDown", 40)
    assert page.run("document.querySelector('.matrices .told').textContent").startswith(labels[11])


def test_a_click_on_a_map_copies_the_command_that_makes_the_point(open_page, results, tmp_path):
    page = open_page("sweep")
    page.allow_clipboard()
    sweep = bs.open(results / "sweep")
    # g = 1.5, input = 0.7: the last of three, the first of two.
    point = 2 * 2 + 0
    at = on_canvas(page, ".points canvas.reach", f"canvas.centreOf({point})")
    page.move(*at)
    score = sweep.numpy("mean_score")[2, 0].mean()
    said = tip(page)
    assert f"point {point}" in said
    assert float(re.search(r"mean score (\S+)", said)[1]) == pytest.approx(score, rel=1e-3)
    page.click(*at)
    page.wait("document.querySelector('.chosen').hidden === false")
    assert page.run("document.querySelectorAll('.chosen .matrices h3').length") >= 2, "FC beside the data"
    page.wait("document.querySelector('.chosen .copy').parentElement.textContent.includes('copied')")
    command = page.run("navigator.clipboard.readText()")
    words = shlex.split(command)
    assert words[:3] == ["brainsweep", "simulate", "hcp_network"]
    subprocess.run([PROGRAM, *words[1:], "--out", str(tmp_path / "again")], check=True, capture_output=True)
    again = bs.open(tmp_path / "again")
    np.testing.assert_allclose(again.numpy("fc"), sweep.numpy("fc")[2, 0, 0], atol=2e-5)
    assert again.mean_score == pytest.approx(sweep.numpy("mean_score")[2, 0, 0], abs=1e-6)


def test_a_map_is_reached_by_keys_alone(open_page):
    page = open_page("sweep")
    for _ in range(40):
        page.key("Tab", 9)
        if page.run("document.activeElement.matches('.points canvas')"):
            break
    else:
        pytest.fail("the map is not among what Tab reaches")
    page.key("ArrowLeft", 37)
    page.key("ArrowLeft", 37)
    page.key("ArrowRight", 39)
    told = page.run("document.querySelector('.points .told').textContent")
    assert "coupling.g" in told and "= 1," in told
    page.key("Enter", 13, "\r")
    page.wait("document.querySelector('.chosen').hidden === false")
    assert "coupling.g=1 " in page.run("document.querySelector('.chosen pre.command').textContent")


def test_a_diagram_is_zoomed_and_shows_events_and_orbits(open_page, results):
    page = open_page("bifurcate")
    events = bs.open(results / "bifurcate").table("events")
    hopf = float(events["x_ext"][0])
    data = json.loads(page.run("document.getElementById('data').textContent"))
    mark = data["views"][0]["marks"][0]
    assert mark["x"] == pytest.approx(hopf, abs=1e-9)
    of = ".curves canvas.reach"
    place = f"[canvas.place.x({mark['x']}), canvas.place.y({mark['y'][0][0]})]"
    page.move(*on_canvas(page, of, place))
    assert tip(page).startswith("Hopf point (H)") and "supercritical" in tip(page)
    # A rectangle becomes the whole plane.
    before = page.run(f"document.querySelector({of!r}).place.x(1.0) - document.querySelector({of!r}).place.x(0.9)")
    a = on_canvas(page, of, "[canvas.place.x(0.7), canvas.place.y(0.6)]")
    b = on_canvas(page, of, "[canvas.place.x(1.1), canvas.place.y(0.1)]")
    page.press(*a)
    page.move((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    page.move(*b)
    page.release(*b)
    after = page.run(f"document.querySelector({of!r}).place.x(1.0) - document.querySelector({of!r}).place.x(0.9)")
    assert after > 3 * before
    page.key("Tab", 9)
    page.run(f"document.querySelector({of!r}).focus()")
    page.key("0", 48, "0")
    again = page.run(f"document.querySelector({of!r}).place.x(1.0) - document.querySelector({of!r}).place.x(0.9)")
    assert again == pytest.approx(before)
    # A click on cycles draws one.
    curve = next(one for one in data["views"][0]["curves"] if one["name"] == "stable cycle")
    k = "Math.floor(x.length / 2)"
    of_cycle = f"(() => {{ const curve = page.views[0].curves[{data['views'][0]['curves'].index(curve)}]; const x = numbers(curve.x);"
    of_cycle += f" const k = {k}; return [canvas.place.x(x[k]), canvas.place.y(numbers(curve.to[0])[k])]; }})()"
    page.click(*on_canvas(page, of, of_cycle))
    page.wait("document.querySelector('.orbit').hidden === false")
    assert re.search(r"cycles_1: stable, x_ext [\d.]+ 1/ms, period [\d.]+ ms", page.run("document.querySelector('.orbit h3').textContent"))
    assert page.run("document.querySelectorAll('.orbit canvas.reach').length") == 2


def test_regions_stand_where_their_centres_are(open_page):
    page = open_page("brain")
    assert page.run("document.querySelectorAll('.regions .beside canvas').length") == 3
    data = json.loads(page.run("document.getElementById('data').textContent"))
    x, y, _, _ = page.run("document.querySelector('.regions .beside canvas').dots[2]")
    left, top = page.place(".regions .beside canvas", (0, 0))
    page.move(left + x, top + y)
    regions = next(one for one in data["views"] if one["view"] == "regions")
    said = tip(page)
    assert said.startswith(data["labels"]["node"][2]) and regions["of"][0]["name"] in said
    choose = "(() => { const one = document.querySelector('.regions select'); one.value = '1'; one.dispatchEvent(new Event('change')); })()"
    page.run(choose)
    page.move(left + x + 1, top + y)
    assert regions["of"][1]["name"] in tip(page)
