// Matrices over the same pairs, side by side under one cursor.

// Number at row i and column k of a matrix.
function entry(matrix, n, i, k) {
  const all = numbers(matrix.values);
  if (!matrix.symmetric) return all[i * n + k];
  const [low, high] = i < k ? [i, k] : [k, i];
  return all[(high * (high + 1)) / 2 + low];
}

function drawMatrices(view) {
  const { n, along } = view;
  let cursor = null;
  const told = element("div", { class: "told", role: "status" });
  const isCorrelation = (matrix) => /\bfcd?\b/.test(matrix.name);
  // The diagonal of correlations is 1 and would take the whole scale.
  function off(matrix) {
    const all = [];
    for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) all.push(entry(matrix, n, i, k), entry(matrix, n, k, i));
    return all.length ? all : [...numbers(matrix.values)];
  }
  // Correlations that stand side by side have one scale.
  const shared = scaleOf(view.of.filter(isCorrelation).flatMap(off), true);
  const pictures = view.of.map((matrix) => {
    const scale = isCorrelation(matrix) ? shared : scaleOf(off(matrix));
    const image = element("canvas", { width: n, height: n });
    const canvas = canvasOf(`${matrix.name}: ${matrix.meaning}`, (width) => width);
    const draw = () => {
      const pixels = image.getContext("2d").createImageData(n, n);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < n; k++) {
          const color = channelsAt(scale, entry(matrix, n, i, k));
          for (let c = 0; c < 3; c++) pixels.data[4 * (i * n + k) + c] = color[c];
          pixels.data[4 * (i * n + k) + 3] = 255;
        }
      }
      image.getContext("2d").putImageData(pixels, 0, 0);
      const [context, width] = canvas.ready();
      context.imageSmoothingEnabled = false;
      context.drawImage(image, 0, 0, width, width);
      if (cursor) {
        context.strokeStyle = ink("mark");
        context.lineWidth = 1.5;
        const size = width / n;
        context.strokeRect(cursor[1] * size, 0, size, width);
        context.strokeRect(0, cursor[0] * size, width, size);
      }
    };
    drawn.add({ canvas, draw });
    const tell = (event) => {
      if (!cursor) return;
      const lines = view.of.map((one) => `${one.name} ${withUnit(entry(one, n, cursor[0], cursor[1]), one.unit)}`);
      const text = [`${labelOf(along, cursor[0])} \u2013 ${labelOf(along, cursor[1])}`, ...lines].join("\n");
      told.textContent = text.replaceAll("\n", ", ");
      showTip(event ? text : "", event);
    };
    const move = (next, event) => {
      const inside = next.map((k) => Math.min(n - 1, Math.max(0, k)));
      const isNew = !cursor || inside.some((k, d) => k !== cursor[d]);
      cursor = inside;
      tell(event);
      if (isNew) pictures.forEach((one) => one.draw());
    };
    const place = (event) => {
      const [x, y] = canvas.at(event);
      const size = canvas.clientWidth / n;
      move([Math.floor(y / size), Math.floor(x / size)], event);
    };
    canvas.addEventListener("pointermove", place);
    canvas.addEventListener("pointerdown", place);
    canvas.addEventListener("pointerleave", () => showTip(""));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const from = cursor ?? [0, 0];
      move([from[0] + step[0], from[1] + step[1]], null);
    });
    const whole = element("div", { style: "max-width:360px" }, element("h3", {}, named(matrix.name, matrix.unit)),
      element("div", { class: "drawing" }, canvas), barOf(scale, ""), element("p", { class: "soft" }, matrix.meaning));
    return { whole, draw };
  });
  const section = element("section", { class: "matrices" }, element("h2", {}, view.title),
    element("div", { class: "beside" }, ...pictures.map((one) => one.whole)), told);
  section.start = () => pictures.forEach((one) => one.draw());
  return section;
}
