// A plane with axes that can be zoomed: by a rectangle, by buttons, by keys; what is near the pointer or the keyboard's cursor is told.

// Ticks of an axis from `low` to `high`: about `n` round numbers, of a logarithmic axis powers of ten.
function ticks(low, high, n, log) {
  if (log && high - low >= 2) {
    const step = Math.max(1, Math.ceil((high - low) / n));
    const all = [];
    for (let k = Math.ceil(low / step) * step; k <= high; k += step) all.push(k);
    return all;
  }
  const raw = (high - low) / Math.max(1, n);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999) ?? 10 * power;
  const all = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; k++) all.push(k * step);
  return all;
}

function tickText(value, ticks, log) {
  if (log) return shown(10 ** value, 3);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : Math.abs(value);
  const largest = Math.max(...ticks.map(Math.abs));
  const digits = Math.max(1, Math.ceil(Math.log10(largest / step || 1)) + 2);
  return Math.abs(value) < 1e-9 * step ? "0" : shown(value, Math.min(12, digits));
}

// `options`: label, height(width), x and y {name, log}, limits() -> [[x, x], [y, y]] of all that is drawn, draw(context, place, view),
// points() -> [{x, y, ...}] that can be told, tell(point) -> text, click(point); alongX: only x says which point is near.
function plane(options) {
  const canvas = canvasOf(options.label, options.height);
  const told = element("div", { class: "told", role: "status" });
  let view = null; // [[low, high], [low, high]] in drawn numbers, null: all
  let [drag, cursor, box] = [null, -1, null];
  const drawnOf = (value, axis) => (axis.log ? Math.log10(value) : value);

  function whole() {
    const all = options.limits();
    return [options.x, options.y].map((axis, k) => {
      let [low, high] = all[k].map((value) => drawnOf(value, axis));
      if (!(high > low)) [low, high] = [low - 0.5 * Math.abs(low || 1), high + 0.5 * Math.abs(high || 1)];
      const white = 0.04 * (high - low);
      return [low - white, high + white];
    });
  }

  function draw() {
    const [context, width, height] = canvas.ready();
    const [[x0, x1], [y0, y1]] = view ?? whole();
    const yTicks = ticks(y0, y1, Math.max(2, height / 55), options.y.log);
    const yTexts = yTicks.map((tick) => tickText(tick, yTicks, options.y.log));
    const left = 26 + Math.max(...yTexts.map((text) => context.measureText(text).width), 10);
    box = { left, right: width - 10, top: 8, bottom: height - 40 };
    const place = {
      x: (value) => box.left + ((drawnOf(value, options.x) - x0) / (x1 - x0)) * (box.right - box.left),
      y: (value) => box.bottom - ((drawnOf(value, options.y) - y0) / (y1 - y0)) * (box.bottom - box.top),
    };
    canvas.place = place;
    context.fillStyle = ink("soft");
    context.strokeStyle = ink("line");
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    yTicks.forEach((tick, k) => {
      const y = box.bottom - ((tick - y0) / (y1 - y0)) * (box.bottom - box.top);
      context.beginPath();
      context.moveTo(box.left, y);
      context.lineTo(box.right, y);
      context.stroke();
      context.fillText(yTexts[k], box.left - 6, y);
    });
    context.textAlign = "center";
    context.textBaseline = "top";
    const xTicks = ticks(x0, x1, Math.max(2, (box.right - box.left) / 80), options.x.log);
    for (const tick of xTicks) {
      const x = box.left + ((tick - x0) / (x1 - x0)) * (box.right - box.left);
      context.beginPath();
      context.moveTo(x, box.top);
      context.lineTo(x, box.bottom);
      context.stroke();
      context.fillText(tickText(tick, xTicks, options.x.log), x, box.bottom + 5);
    }
    context.fillStyle = ink("ink");
    context.fillText(options.x.name, (box.left + box.right) / 2, box.bottom + 21, box.right - box.left);
    context.save();
    context.translate(9, (box.top + box.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText(options.y.name, 0, 0, box.bottom - box.top);
    context.restore();
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    options.draw(context, place);
    context.restore();
    context.strokeStyle = ink("soft");
    context.strokeRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    if (drag && drag.to && !drag.touch) {
      context.setLineDash([4, 3]);
      context.strokeStyle = ink("accent");
      context.strokeRect(drag.from[0], drag.from[1], drag.to[0] - drag.from[0], drag.to[1] - drag.from[1]);
      context.setLineDash([]);
    }
    const at = options.points()[cursor];
    if (at) {
      context.strokeStyle = ink("mark");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(place.x(at.x), place.y(at.y), 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // The nearest point within reach of a place on the canvas.
  function nearest([x, y], reach) {
    let [best, least] = [-1, reach * reach];
    options.points().forEach((point, k) => {
      const [dx, dy] = [canvas.place.x(point.x) - x, canvas.place.y(point.y) - y];
      const distance = dx * dx + (options.alongX ? 0 : dy * dy);
      if (distance < least) [best, least] = [k, distance];
    });
    return best;
  }

  function tell(k, event) {
    const point = options.points()[k];
    if (k !== cursor) {
      cursor = k;
      draw();
    }
    const text = point ? options.tell(point) : "";
    told.textContent = text.replaceAll("\n", ", ");
    showTip(event ? text : "", event);
  }

  // Zooms by `factor` about a share of the box.
  function zoom(factor, about = [0.5, 0.5]) {
    view = (view ?? whole()).map(([low, high], k) => {
      const middle = low + about[k] * (high - low);
      return [middle - (middle - low) / factor, middle + (high - middle) / factor];
    });
    draw();
  }

  function shift(dx, dy) {
    view = (view ?? whole()).map(([low, high], k) => {
      const by = [dx, dy][k] * (high - low);
      return [low + by, high + by];
    });
    draw();
  }

  function reset() {
    view = null;
    draw();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { from: canvas.at(event), to: null, touch: event.pointerType === "touch", last: canvas.at(event) };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = canvas.at(event);
    if (!drag) return tell(nearest(at, 26), event);
    if (Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) < 6 && !drag.to) return;
    drag.to = at;
    if (drag.touch) {
      shift(-(at[0] - drag.last[0]) / (box.right - box.left), 0);
      drag.last = at;
    } else draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    const ended = drag;
    drag = null;
    if (!ended) return;
    if (!ended.to) {
      const k = nearest(canvas.at(event), 30);
      tell(k, event.pointerType === "touch" ? null : event);
      if (k >= 0 && options.click) options.click(options.points()[k]);
      return;
    }
    if (ended.touch) return;
    const [[x0, x1], [y0, y1]] = view ?? whole();
    const share = ([x, y]) => [(x - box.left) / (box.right - box.left), (box.bottom - y) / (box.bottom - box.top)];
    const [a, b] = [share(ended.from), share(ended.to)];
    const part = (k, low, high) => [Math.min(a[k], b[k]), Math.max(a[k], b[k])].map((s) => low + Math.min(1, Math.max(0, s)) * (high - low));
    const next = [part(0, x0, x1), part(1, y0, y1)];
    if (next.every(([low, high]) => high > low)) view = next;
    draw();
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("pointerleave", () => showTip(""));
  canvas.addEventListener("dblclick", reset);
  canvas.addEventListener("wheel", (event) => {
    // The page scrolls, unless the plane is being worked with.
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const [x, y] = canvas.at(event);
    zoom(event.deltaY < 0 ? 1.25 : 0.8, [(x - box.left) / (box.right - box.left), (box.bottom - y) / (box.bottom - box.top)]);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const points = options.points();
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : -1;
    if (event.key.startsWith("Arrow") && event.shiftKey) {
      shift(...{ ArrowRight: [0.2, 0], ArrowLeft: [-0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] }[event.key]);
    } else if (event.key.startsWith("Arrow") && points.length) tell((cursor + step + points.length) % points.length, null);
    else if (event.key === "Enter" && points[cursor] && options.click) options.click(points[cursor]);
    else if (event.key === "+" || event.key === "=") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0" || event.key === "Escape") reset();
    else return;
    event.preventDefault();
  });

  const button = (text, label, work) => element("button", { type: "button", "aria-label": label, title: label, onclick: work }, text);
  const tools = element("div", { class: "tools" }, button("+", "zoom in", () => zoom(1.5)), button("\u2212", "zoom out", () => zoom(1 / 1.5)),
    button("whole", "show all", reset), element("span", { class: "soft" }, "drag: zoom; keys: arrows, +, \u2212, 0, Enter"));
  const all = element("div", {}, element("div", { class: "drawing" }, canvas), told, tools);
  const made = { element: all, canvas, draw, reset, told, cursor: () => cursor };
  drawn.add(made);
  return made;
}
