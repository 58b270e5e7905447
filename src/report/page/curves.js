// Curves in a plane with points on them: branches with stability, events and orbits; nullclines and fixed points.

const DASHES = { solid: [], dashed: [7, 4], dotted: [2, 3], points: [] };

function drawCurves(view) {
  let chosen = 0;
  const yAxis = { name: "", log: false };
  const orbitPlace = element("div", { class: "chosen orbit", hidden: true });
  const sidesOf = (curve) => [curve.y[chosen], curve.to[chosen]].filter(Boolean).map(numbers);
  const cache = { of: -1, all: [] };

  // Everything that can be told: events first, which are seldom, then points of curves.
  function points() {
    if (cache.of === chosen) return cache.all;
    const all = [];
    view.marks.forEach((mark) => mark.y[chosen].forEach((y) => all.push({ x: mark.x, y, mark })));
    view.curves.forEach((curve) => {
      const x = numbers(curve.x);
      sidesOf(curve).forEach((y, end) => {
        for (let k = 0; k < x.length; k++) {
          if (!Number.isNaN(y[k])) all.push({ x: x[k], y: y[k], curve, k, end });
        }
      });
    });
    Object.assign(cache, { of: chosen, all: all.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y)) });
    return cache.all;
  }

  function tell(point) {
    const x = `${view.x.name} ${withUnit(point.x, view.x.unit, 7)}`;
    if (point.mark) {
      const facts = point.mark.facts.map(([name, value]) => `${name} ${typeof value === "number" ? shown(value, 9) : value}`);
      return [point.mark.name, ...facts].join("\n");
    }
    const { curve, k } = point;
    const more = curve.more.map((one) => [one, numbers(one.values)[k]]).filter(([, value]) => !Number.isNaN(value));
    return [[curve.name, curve.branch].filter(Boolean).join(", "), x,
      `${view.y[chosen].name} ${withUnit(point.y, view.y[chosen].unit, 6)}`,
      ...more.map(([one, value]) => `${one.name} ${withUnit(value, one.unit, 5)}`)].join("\n");
  }

  const made = plane({
    label: `${view.title}; arrow keys go through its points`,
    height: (width) => Math.min(480, Math.max(260, 0.62 * width)),
    x: { name: named(view.x.name, view.x.unit), log: false },
    y: yAxis,
    limits: () => [span(points().map((p) => p.x)), span(points().map((p) => p.y))],
    draw: (context, place) => {
      for (const curve of view.curves) {
        const x = numbers(curve.x);
        const color = onGround(curve.color);
        const sides = sidesOf(curve);
        if (sides.length === 2) {
          context.beginPath();
          for (let k = 0; k < x.length; k++) context.lineTo(place.x(x[k]), place.y(sides[0][k]));
          for (let k = x.length - 1; k >= 0; k--) context.lineTo(place.x(x[k]), place.y(sides[1][k]));
          context.fillStyle = color;
          context.globalAlpha = 0.12;
          context.fill();
          context.globalAlpha = 1;
        }
        context.strokeStyle = color;
        context.lineWidth = 2;
        context.setLineDash(DASHES[curve.dash]);
        for (const y of sides) {
          context.beginPath();
          let pen = false;
          for (let k = 0; k < x.length; k++) {
            if (Number.isNaN(x[k]) || Number.isNaN(y[k])) { pen = false; continue; }
            if (pen) context.lineTo(place.x(x[k]), place.y(y[k]));
            else context.moveTo(place.x(x[k]), place.y(y[k]));
            pen = true;
          }
          context.stroke();
        }
        context.setLineDash([]);
      }
      context.textAlign = "left";
      context.textBaseline = "bottom";
      for (const mark of view.marks) {
        mark.y[chosen].forEach((y, k) => {
          const [px, py] = [place.x(mark.x), place.y(y)];
          context.beginPath();
          context.arc(px, py, 4.5, 0, 2 * Math.PI);
          context.fillStyle = ink("paper");
          context.fill();
          context.lineWidth = 2;
          context.strokeStyle = ink("ink");
          context.stroke();
          if (k === 0 && mark.letters) {
            context.fillStyle = ink("ink");
            context.fillText(mark.letters, px + 6, py - 4);
          }
        });
      }
    },
    points,
    tell,
    click: (point) => showOrbit(point),
  });

  // The cycle nearest to what was clicked, over its period and in the plane of two states.
  function showOrbit(point) {
    const here = view.orbits.filter((orbit) => !point.curve || !point.curve.branch || orbit.branch === point.curve.branch);
    const onCycles = point.mark || (point.curve && point.curve.to.length) || view.curves.every((curve) => !curve.to.length);
    if (!here.length || !onCycles) return;
    const orbit = here.reduce((best, one) => (Math.abs(one.x - point.x) < Math.abs(best.x - point.x) ? one : best));
    orbitPlace.hidden = false;
    const stable = orbit.stable === null ? "" : orbit.stable ? "stable, " : "unstable, ";
    const head = element("h3", {}, `${orbit.branch}: ${stable}${view.x.name} ${withUnit(orbit.x, view.x.unit, 6)}, period ${withUnit(orbit.period_ms, "ms", 6)}`);
    const [time, states] = [numbers(orbit.time), numbers(orbit.states)];
    const n = view.states.length;
    const column = (k) => Float64Array.from(time, (_, row) => states[row * n + k]);
    const columns = view.states.map((_, k) => column(k));
    const over = linesOf("the orbit over its period", time.length, (row) => time[row] * orbit.period_ms, columns, "time (ms)", "states");
    const legend = element("div", { class: "legend" }, ...view.states.map((state, k) =>
      element("span", {}, swatch(CURVES[k % CURVES.length]), named(state.name, state.unit))));
    const parts = [element("div", {}, over.element, legend)];
    const starts = [over];
    if (n > 1) {
      const around = linesOf("the orbit in the plane of two states", time.length, (row) => columns[0][row], [columns[1]],
        named(view.states[0].name, view.states[0].unit), named(view.states[1].name, view.states[1].unit));
      parts.push(around.element);
      starts.push(around);
    }
    orbitPlace.replaceChildren(head, element("div", { class: "beside" }, ...parts));
    starts.forEach((one) => one.draw());
  }

  const seen = new Map(view.curves.map((curve) => [`${curve.name} ${curve.dash}`, curve]));
  const legend = element("div", { class: "legend" },
    ...[...seen.values()].map((curve) => element("span", {}, swatch(curve.color, curve.dash), curve.name)),
    ...[...new Map(view.marks.map((mark) => [mark.name, mark])).values()].map((mark) => element("span", {}, "\u25cb", mark.name)));
  const quantity = choice("along y", view.y.map((one) => named(one.name, one.unit)), 0, (k) => {
    chosen = k;
    refresh();
    made.reset();
  });
  function refresh() {
    yAxis.name = named(view.y[chosen].name, view.y[chosen].unit);
    made.draw();
  }
  const section = element("section", { class: "curves" }, element("h2", {}, view.title), element("div", { class: "tools" }, quantity),
    made.element, legend, view.remark ? element("p", { class: "soft" }, view.remark) : null, orbitPlace);
  section.start = refresh;
  return section;
}

// A piece of a line in a legend.
function swatch(color, dash = "solid") {
  const canvas = element("canvas", { style: "width:26px;height:10px;flex:none" });
  const draw = () => {
    canvas.width = 52;
    canvas.height = 20;
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.strokeStyle = onGround(color);
    context.lineWidth = 2.2;
    context.setLineDash(DASHES[dash]);
    context.beginPath();
    context.moveTo(0, 5);
    context.lineTo(26, 5);
    context.stroke();
  };
  drawn.add({ canvas, draw });
  draw();
  return canvas;
}

// A small plane of curves over common x.
function linesOf(label, rows, x, columns, xName, yName) {
  const all = columns.flatMap((column, k) => Array.from({ length: rows }, (_, row) => ({ x: x(row), y: column[row], k })));
  return plane({
    label,
    height: (width) => Math.min(280, Math.max(200, 0.6 * width)),
    x: { name: xName, log: false },
    y: { name: yName, log: false },
    limits: () => [span(all.map((p) => p.x)), span(all.map((p) => p.y))],
    draw: (context, place) => columns.forEach((column, k) => {
      context.strokeStyle = onGround(CURVES[k % CURVES.length]);
      context.lineWidth = 1.8;
      context.beginPath();
      for (let row = 0; row < rows; row++) context.lineTo(place.x(x(row)), place.y(column[row]));
      context.stroke();
    }),
    points: () => all,
    tell: (point) => `${xName} ${shown(point.x)}\n${yName} ${shown(point.y)}`,
  });
}
