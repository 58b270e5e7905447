// Curves over time or frequency, one for each region: their mean, all of them, or one.

function drawTraces(view) {
  const along = coordinateOf(view.x);
  const x = numbers(along.values);
  const rows = x.length;
  let chosen = 0;
  let region = -1; // the mean
  const columnsOf = (trace) => numbers(trace.values).length / rows;
  const columns = () => columnsOf(view.of[chosen]);
  const valueAt = (row, column) => numbers(view.of[chosen].values)[row * columns() + column];
  function curve(column) {
    const all = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      if (column >= 0) all[row] = valueAt(row, column);
      else {
        let [sum, n] = [0, 0];
        for (let k = 0; k < columns(); k++) {
          const value = valueAt(row, k);
          if (!Number.isNaN(value)) [sum, n] = [sum + value, n + 1];
        }
        all[row] = sum / n;
      }
    }
    return all;
  }
  let shownCurve = curve(region);
  const seconds = along.unit === "ms" && x[rows - 1] >= 3000;
  const xAt = (row) => (seconds ? x[row] / 1000 : x[row]);
  const isDrawn = (row, value) => !view.log || (xAt(row) > 0 && value > 0);
  // What was looked through once is kept: it is asked for whenever the pointer moves.
  const [limits, told] = [{ of: -1 }, {}];
  const yAxis = { name: "", log: view.log };
  const made = plane({
    label: `${view.title}, curves`,
    alongX: true,
    height: (width) => Math.min(340, Math.max(220, 0.5 * width)),
    x: { name: named(along.meaning, seconds ? "s" : along.unit), log: view.log },
    y: yAxis,
    limits: () => {
      if (limits.of === chosen) return limits.all;
      const [xs, ys] = [[], []];
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < columns(); k++) {
          const value = valueAt(row, k);
          if (!isDrawn(row, value) || Number.isNaN(value)) continue;
          xs.push(xAt(row));
          ys.push(value);
        }
      }
      Object.assign(limits, { of: chosen, all: [span(xs), span(ys)] });
      return limits.all;
    },
    draw: (context, place) => {
      const line = (column, values) => {
        context.beginPath();
        let pen = false;
        for (let row = 0; row < rows; row++) {
          const value = values ? values[row] : valueAt(row, column);
          if (Number.isNaN(value) || !isDrawn(row, value)) { pen = false; continue; }
          const [px, py] = [place.x(xAt(row)), place.y(value)];
          if (pen) context.lineTo(px, py);
          else context.moveTo(px, py);
          pen = true;
        }
        context.stroke();
      };
      context.strokeStyle = ink("soft");
      context.globalAlpha = columns() > 1 ? 0.18 : 0;
      context.lineWidth = 1;
      for (let k = 0; k < columns(); k++) line(k);
      context.globalAlpha = 1;
      context.strokeStyle = ink("accent");
      context.lineWidth = 1.8;
      line(region, shownCurve);
    },
    points: () => {
      if (told.of !== shownCurve) {
        const all = [...shownCurve].map((y, row) => ({ x: xAt(row), y, row }));
        Object.assign(told, { of: shownCurve, all: all.filter((p) => !Number.isNaN(p.y) && isDrawn(p.row, p.y)) });
      }
      return told.all;
    },
    tell: (point) => `${nameOf(region)}\n${withUnit(point.x, seconds ? "s" : along.unit, 6)}: ${withUnit(point.y, view.of[chosen].unit)}`,
  });
  const nameOf = (k) => (k < 0 ? (columns() > 1 ? "mean over regions" : view.of[chosen].name) : labelOf(view.along, k));
  function refresh() {
    shownCurve = curve(region);
    yAxis.name = named(view.of[chosen].name, view.of[chosen].unit);
    about.textContent = [view.of[chosen].meaning, view.remark].filter(Boolean).join("; ");
    made.draw();
  }
  const about = element("p", { class: "soft" });
  const names = ["mean over regions", ...Array.from({ length: columns() }, (_, k) => labelOf(view.along, k))];
  const quantity = choice("of", view.of.map((one) => one.name), 0, (k) => { chosen = k; refresh(); });
  const which = choice("region", columns() > 1 ? names : [names[0]], 0, (k) => { region = k - 1; refresh(); });
  const section = element("section", { class: "traces" }, element("h2", {}, view.title),
    element("div", { class: "tools" }, quantity, which), made.element, about);
  section.start = refresh;
  return section;
}
