// The points of a sweep, or the candidates of a fit: a map, a curve or a cloud, and what is known of the one that is chosen.

function drawPoints(view) {
  const isGrid = view.shape.length > 0;
  const n = numbers(view.numbers[0].values).length;
  const strides = view.shape.map((_, d) => view.shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const placeOf = (k, d) => Math.floor(k / strides[d]) % view.shape[d];
  const valueOf = (k, d, of = view.axes[d].values) => numbers(of)[isGrid ? placeOf(k, d) : k];
  const long = view.axes.map((_, d) => d).filter((d) => !isGrid || view.shape[d] > 1);
  let [ax, ay, shownNumber] = [long[0] ?? 0, long[1] ?? long[0] ?? 0, 0];
  let selected = -1;
  let cursor = -1;
  // Where the axes that are not drawn stand.
  const fixed = view.axes.map((_, d) => (isGrid ? placeOf(view.best ?? 0, d) : 0));
  const values = () => numbers(view.numbers[shownNumber].values);
  let scale = scaleOf(values());
  const told = element("div", { class: "told", role: "status" });
  const bar = element("div");
  const drawing = element("div");
  const detail = element("div", { class: "chosen", hidden: true });
  const nameOf = (k) => `${view.each} ${view.only.length ? view.only[k] : k}`;
  const settingsOf = (k) => view.axes.flatMap((axis, d) => axis.sets.map((one) => `${one.path}=${setting(valueOf(k, d, one.values))}`))
    .sort((a, b) => a.split("=")[0].endsWith("]") - b.split("=")[0].endsWith("]"));

  function textOf(k) {
    const axes = view.axes.map((axis, d) => `${axis.label} = ${shown(valueOf(k, d), 6)}`);
    const few = view.numbers.slice(0, 8).map((one) => `${one.name} ${withUnit(numbers(one.values)[k], one.unit)}`);
    return [nameOf(k) + (k === view.best ? ", the best" : ""), ...axes, ...few].join("\n");
  }

  function commandOf(k, seed) {
    const settings = [...settingsOf(k), ...view.settings];
    if (!page.study_words.length) {
      // A study of Python has no file; infinity is a word there.
      const keys = settings.map((one) => one.split("=")).map(([path, value]) => `"${path}": ${value.endsWith("inf") ? `float("${value}")` : value}`);
      return `study.set({${keys.join(", ")}}).simulate(${seed === undefined ? "" : `seed=${seed}`})`;
    }
    if (seed !== undefined) settings.push(`protocol.seed=${seed}`);
    return ["brainsweep", "simulate", ...page.study_words, ...settings.flatMap((one) => ["--set", one])].map(quoted).join(" ");
  }

  // The points that are drawn: of a grid the slice at the fixed places.
  function slice() {
    const all = [];
    for (let k = 0; k < n; k++) {
      if (!isGrid || view.shape.every((_, d) => d === ax || d === ay || placeOf(k, d) === fixed[d])) all.push(k);
    }
    return all;
  }

  function hover(k, event) {
    const isNew = k !== cursor;
    cursor = k;
    const text = k < 0 ? "" : textOf(k);
    told.textContent = text.replaceAll("\n", ", ");
    showTip(event ? text : "", event);
    return isNew;
  }

  // A map over two axes of a grid.
  function map() {
    const canvas = canvasOf(`${view.title}: map; arrow keys move, Enter chooses`, (width) => Math.min(420, Math.max(240, 0.66 * width)));
    let box = null;
    const at = (i, j) => fixed.reduce((k, place, d) => k + strides[d] * (d === ax ? i : d === ay ? j : place), 0);
    const [nx, ny] = [view.shape[ax], view.shape[ay]];
    const upward = (d) => numbers(view.axes[d].values);
    const rowOf = (j) => (upward(ay)[ny - 1] >= upward(ay)[0] ? ny - 1 - j : j);
    const draw = () => {
      const [context, width, height] = canvas.ready();
      const texts = [...upward(ay)].map((value) => shown(value, 3));
      const left = 30 + Math.max(...texts.map((text) => context.measureText(text).width));
      box = { left, top: 8, width: width - left - 8, height: height - 50 };
      const [w, h] = [box.width / nx, box.height / ny];
      for (let i = 0; i < nx; i++) {
        for (let j = 0; j < ny; j++) {
          context.fillStyle = colorAt(scale, values()[at(i, j)]);
          context.fillRect(box.left + i * w, box.top + rowOf(j) * h, Math.ceil(w), Math.ceil(h));
        }
      }
      context.fillStyle = ink("soft");
      context.textAlign = "right";
      context.textBaseline = "middle";
      const skipY = Math.max(1, Math.ceil((ny * 18) / box.height));
      for (let j = 0; j < ny; j += skipY) context.fillText(texts[j], box.left - 6, box.top + (rowOf(j) + 0.5) * h);
      context.textAlign = "center";
      context.textBaseline = "top";
      const skipX = Math.max(1, Math.ceil((nx * 52) / box.width));
      for (let i = 0; i < nx; i += skipX) context.fillText(shown(upward(ax)[i], 3), box.left + (i + 0.5) * w, box.top + box.height + 5);
      context.fillStyle = ink("ink");
      context.fillText(view.axes[ax].label, box.left + box.width / 2, box.top + box.height + 24, box.width);
      context.save();
      context.translate(10, box.top + box.height / 2);
      context.rotate(-Math.PI / 2);
      context.textBaseline = "middle";
      context.fillText(view.axes[ay].label, 0, 0, box.height);
      context.restore();
      const frame = (k, color, line) => {
        if (k < 0 || k === null || !slice().includes(k)) return;
        context.strokeStyle = color;
        context.lineWidth = line;
        context.strokeRect(box.left + placeOf(k, ax) * w, box.top + rowOf(placeOf(k, ay)) * h, w, h);
      };
      frame(view.best, "#ffffff", 3);
      frame(view.best, "#000000", 1.2);
      frame(selected, ink("mark"), 3);
      frame(cursor, ink("mark"), 1.5);
      canvas.centreOf = (k) => [box.left + (placeOf(k, ax) + 0.5) * w, box.top + (rowOf(placeOf(k, ay)) + 0.5) * h];
    };
    const pointAt = (event) => {
      const [x, y] = canvas.at(event);
      const [i, row] = [Math.floor(((x - box.left) / box.width) * nx), Math.floor(((y - box.top) / box.height) * ny)];
      if (i < 0 || row < 0 || i >= nx || row >= ny) return -1;
      return at(i, rowOf(row));
    };
    canvas.addEventListener("pointermove", (event) => { if (hover(pointAt(event), event)) draw(); });
    canvas.addEventListener("pointerleave", () => { hover(-1, null); draw(); });
    canvas.addEventListener("click", (event) => { const k = pointAt(event); if (k >= 0) choose(k); });
    canvas.addEventListener("keydown", (event) => {
      const up = rowOf(0) === 0 ? -1 : 1;
      const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, up], ArrowDown: [0, -up] }[event.key];
      const from = cursor >= 0 ? cursor : selected >= 0 ? selected : view.best ?? at(0, 0);
      if (step) {
        const clamp = (k, most) => Math.min(most - 1, Math.max(0, k));
        hover(at(clamp(placeOf(from, ax) + step[0], nx), clamp(placeOf(from, ay) + step[1], ny)), null);
        draw();
      } else if (event.key === "Enter" || event.key === " ") choose(from);
      else return;
      event.preventDefault();
    });
    const made = { element: element("div", { class: "drawing" }, canvas), draw, canvas };
    drawn.add(made);
    return made;
  }

  // A curve over one axis, or a cloud over two, the colour the number.
  function cloud() {
    const isCurve = ax === ay;
    const number = view.numbers[shownNumber];
    const all = slice().map((k) => ({ k, x: valueOf(k, ax), y: isCurve ? values()[k] : valueOf(k, ay) }))
      .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y) && !Number.isNaN(values()[p.k]))
      .sort((a, b) => (isCurve ? a.x - b.x : values()[a.k] - values()[b.k]));
    return plane({
      label: `${view.title}; arrow keys go through its points, Enter chooses`,
      height: (width) => Math.min(420, Math.max(240, 0.6 * width)),
      x: { name: view.axes[ax].label, log: view.axes[ax].log },
      y: isCurve ? { name: named(number.name, number.unit), log: false } : { name: view.axes[ay].label, log: view.axes[ay].log },
      limits: () => [span(all.map((p) => p.x)), span(all.map((p) => p.y))],
      draw: (context, place) => {
        if (isCurve && isGrid) {
          context.strokeStyle = ink("accent");
          context.lineWidth = 1.8;
          context.beginPath();
          all.forEach((p) => context.lineTo(place.x(p.x), place.y(p.y)));
          context.stroke();
        }
        for (const p of all) {
          const isBest = p.k === view.best;
          context.beginPath();
          context.arc(place.x(p.x), place.y(p.y), isBest || p.k === selected ? 7 : all.length > 2000 ? 2.5 : 4.5, 0, 2 * Math.PI);
          context.fillStyle = colorAt(scale, values()[p.k]);
          context.fill();
          context.lineWidth = isBest || p.k === selected ? 2.5 : 0.6;
          context.strokeStyle = p.k === selected ? ink("mark") : isBest ? ink("ink") : ink("soft");
          context.stroke();
        }
      },
      points: () => all,
      tell: (p) => textOf(p.k),
      click: (p) => choose(p.k),
    });
  }

  // Everything that is known of a point.
  function choose(k) {
    selected = k;
    detail.hidden = false;
    const rows = [...view.axes.map((axis, d) => [axis.label, shown(valueOf(k, d), 8)]),
      ...view.numbers.map((one) => [one.name, withUnit(numbers(one.values)[k], one.unit)])];
    const table = element("table", { class: "numbers" }, ...rows.map(([name, value]) =>
      element("tr", {}, element("td", {}, name), element("td", {}, value))));
    const seed = element("div");
    const number = view.only.length ? view.only[k] : k;
    const seedsOf = view.seeds.map((one) => one + (view.own_seeds ? number * view.seeds.length : 0));
    const fill = (which) => {
      const box = commandBox(commandOf(k, seedsOf[which]));
      seed.replaceChildren(box);
      return box;
    };
    const seeds = choice("seed", seedsOf.map(String), 0, fill);
    const box = fill(0);
    box.copy();
    const note = page.study_words.length ? null : element("p", { class: "soft" }, "In Python, where `study` is the study that was run:");
    const at = view.details ? view.details.points.indexOf(number) : -1;
    const parts = at < 0 ? [] : view.details.views[at].map((one) => drawView(joined(one, view.details.beside)));
    let remark = view.details ? view.details.remark : "";
    if (view.details && at < 0) remark = `This page has no more of this ${view.each}: it ${view.details.remark.includes("this page") ? "is left out or " : ""}diverged.`;
    else if (!view.details && view.seeds.length) remark = "The store has no more of its points; a sweep with --keep fc has their functional connectivity.";
    const close = element("button", { type: "button", onclick: () => { detail.hidden = true; selected = -1; current.draw(); } }, "Close");
    detail.replaceChildren(element("h3", {}, nameOf(k) + (k === view.best ? ", the best" : "")),
      element("div", { class: "beside" }, element("div", { class: "scroll" }, table), element("div", {}, note, element("div", { class: "tools" }, seeds), seed, close)),
      element("p", { class: "soft" }, remark), ...parts);
    parts.forEach((part) => part.start());
    current.draw();
  }

  // Matrices of a point with those that were measured beside them.
  function joined(one, beside) {
    const other = beside.find((more) => more.view === one.view && more.along === one.along);
    if (one.view !== "matrices" || !other) return one;
    return { ...one, of: one.of.flatMap((matrix) => (matrix.name === "fc" ? [matrix, ...other.of] : [matrix])) };
  }

  let current = null;
  function rebuild() {
    scale = scaleOf(values());
    cursor = -1;
    const isMap = isGrid && ax !== ay && [ax, ay].every((d) => [...numbers(view.axes[d].values)].every(Number.isFinite));
    if (current) drawn.delete(current);
    current = isMap ? map() : cloud();
    drawing.replaceChildren(current.element);
    bar.replaceChildren(barOf(scale, named(view.numbers[shownNumber].name, view.numbers[shownNumber].unit)));
    current.draw();
  }
  const axisNames = long.map((d) => view.axes[d].label);
  const across = choice("across", axisNames, long.indexOf(ax), (k) => { ax = long[k]; rebuild(); });
  const upNames = isGrid ? axisNames : [...axisNames, "the number itself"];
  const up = choice("up", upNames, long.indexOf(ay), (k) => { ay = k < long.length ? long[k] : -1; if (ay < 0) ay = ax; rebuild(); });
  const number = choice("colour", view.numbers.map((one) => named(one.name, one.unit)), 0, (k) => { shownNumber = k; rebuild(); });
  const others = isGrid && long.length > 2 ? long.map((d) => choice(view.axes[d].label, [...numbers(view.axes[d].values)].map((v) => shown(v, 6)), fixed[d],
    (k) => { fixed[d] = k; rebuild(); })) : [];
  const best = view.best === null ? null : element("button", { type: "button", onclick: () => choose(view.best) }, `Best ${view.each}`);
  const section = element("section", { class: "points" }, element("h2", {}, view.title),
    element("p", { class: "soft" }, `Hover to read a ${view.each}; click it, or press Enter, for all that is known of it and the command that makes it.`),
    element("div", { class: "tools" }, number, across, up, ...others, best), drawing, bar, told, detail);
  section.start = rebuild;
  section.choose = choose;
  return section;
}
