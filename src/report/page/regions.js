// A number for each region: on the brain where centres are known, and in order.

const SIDES = [
  { name: "from above", x: 0, y: 1, words: "left \u2013 right, back \u2013 front" },
  { name: "from the side", x: 1, y: 2, words: "back \u2013 front, below \u2013 above" },
  { name: "from behind", x: 0, y: 2, words: "left \u2013 right, below \u2013 above" },
];

function drawRegions(view) {
  let [chosen, region] = [0, -1];
  const values = () => numbers(view.of[chosen].values);
  const n = values().length;
  let scale = scaleOf(values());
  const told = element("div", { class: "told", role: "status" });
  const about = element("p", { class: "soft" });
  const bar = element("div");
  const pictures = [];
  const tell = (event) => {
    const text = region < 0 ? "" : `${labelOf(view.along, region)}\n${view.of[chosen].name} ${withUnit(values()[region], view.of[chosen].unit)}`;
    told.textContent = text.replaceAll("\n", ", ");
    showTip(event ? text : "", event);
  };
  const choose = (k, event) => {
    const isNew = k !== region;
    region = k;
    tell(event);
    if (isNew) pictures.forEach((one) => one.draw());
  };
  // What all pictures of dots have in common: `dots(width, height)` gives [x, y, radius] of each region.
  function picture(label, height, dots, before) {
    const canvas = canvasOf(label, height);
    const draw = () => {
      const [context, width, tall] = canvas.ready();
      canvas.dots = dots(width, tall, context);
      if (before) before(context, width, tall);
      const order = [...canvas.dots.keys()].sort((a, b) => canvas.dots[a][3] - canvas.dots[b][3]);
      for (const k of order) {
        const [x, y, radius] = canvas.dots[k];
        context.beginPath();
        context.arc(x, y, k === region ? radius + 3 : radius, 0, 2 * Math.PI);
        context.fillStyle = colorAt(scale, values()[k]);
        context.fill();
        context.lineWidth = k === region ? 2.5 : 0.8;
        context.strokeStyle = k === region ? ink("mark") : ink("soft");
        context.stroke();
      }
    };
    const near = (event) => {
      const [x, y] = canvas.at(event);
      let [best, least] = [-1, 900];
      canvas.dots.forEach(([dx, dy], k) => {
        const distance = (dx - x) ** 2 + (dy - y) ** 2;
        if (distance < least) [best, least] = [k, distance];
      });
      choose(best, event);
    };
    canvas.addEventListener("pointermove", near);
    canvas.addEventListener("pointerdown", near);
    canvas.addEventListener("pointerleave", () => showTip(""));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      choose((region + step + n) % n, null);
    });
    const made = { canvas, draw };
    drawn.add(made);
    pictures.push(made);
    return canvas;
  }
  const views = [];
  if (view.centres) {
    const mm = numbers(view.centres);
    const spans = [0, 1, 2].map((d) => span(Array.from({ length: n }, (_, k) => mm[3 * k + d])));
    for (const side of SIDES) {
      const reach = [side.x, side.y].map((d) => spans[d][1] - spans[d][0] || 1);
      const third = [0, 1, 2].find((d) => d !== side.x && d !== side.y);
      const dots = (width, tall) => {
        const factor = Math.min((width - 28) / reach[0], (tall - 28) / reach[1]);
        return Array.from({ length: n }, (_, k) => [
          width / 2 + factor * (mm[3 * k + side.x] - (spans[side.x][0] + spans[side.x][1]) / 2),
          tall / 2 - factor * (mm[3 * k + side.y] - (spans[side.y][0] + spans[side.y][1]) / 2),
          Math.max(4, Math.min(9, width / 36)),
          mm[3 * k + third],
        ]);
      };
      const canvas = picture(`regions ${side.name}`, (width) => Math.min(300, (width * reach[1]) / reach[0] + 20), dots);
      views.push(element("div", { style: "max-width:340px" }, element("h3", {}, side.name), element("div", { class: "drawing" }, canvas),
        element("p", { class: "soft" }, side.words)));
    }
  }
  // One dot for each region, in order: the value goes up.
  const margin = { left: 60, right: 10, top: 12, bottom: 22 };
  let ends = [0, 1];
  const strip = picture("value of each region, in order", () => 190, (width, tall) => Array.from({ length: n }, (_, k) => [
    margin.left + ((k + 0.5) / n) * (width - margin.left - margin.right),
    tall - margin.bottom - ((values()[k] - ends[0]) / (ends[1] - ends[0] || 1)) * (tall - margin.top - margin.bottom), 4, 0,
  ]), (context, width, tall) => {
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of ticks(ends[0], ends[1], 4)) {
      const y = tall - margin.bottom - ((tick - ends[0]) / (ends[1] - ends[0] || 1)) * (tall - margin.top - margin.bottom);
      context.strokeStyle = ink("line");
      context.beginPath();
      context.moveTo(margin.left, y);
      context.lineTo(width - margin.right, y);
      context.stroke();
      context.fillStyle = ink("soft");
      context.fillText(shown(tick, 3), margin.left - 6, y);
    }
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText("regions, in their order", (margin.left + width) / 2, tall - 5);
  });
  function refresh() {
    scale = scaleOf(values());
    ends = span(values());
    if (ends[0] === ends[1]) ends = [ends[0] - 0.5, ends[1] + 0.5];
    about.textContent = view.of[chosen].meaning;
    bar.replaceChildren(barOf(scale, named(view.of[chosen].name, view.of[chosen].unit)));
    pictures.forEach((one) => one.draw());
    tell(null);
  }
  const quantity = choice("show", view.of.map((one) => one.name), 0, (k) => { chosen = k; refresh(); });
  const section = element("section", { class: "regions" }, element("h2", {}, view.centres ? "regions of the brain" : "regions"),
    element("div", { class: "tools" }, quantity), about, bar, element("div", { class: "beside" }, ...views),
    element("div", { class: "drawing" }, strip), told);
  section.start = refresh;
  return section;
}
