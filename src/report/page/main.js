// The page: what ran, its views, tables, figures and the manifest.

const DRAWERS = { points: drawPoints, curves: drawCurves, matrices: drawMatrices, traces: drawTraces, regions: drawRegions };
function drawView(view) {
  return DRAWERS[view.view](view);
}

// Values of the manifest as a tree that opens.
function tree(name, value) {
  if (value !== null && typeof value === "object" && Object.keys(value).length) {
    const isFlat = Array.isArray(value) && value.every((one) => typeof one !== "object");
    if (!isFlat) {
      return element("details", { class: "tree" }, element("summary", {}, name), ...Object.entries(value).map(([key, one]) => tree(key, one)));
    }
  }
  return element("div", { class: "tree", style: "margin-left:14px" }, element("code", {}, `${name}: ${JSON.stringify(value)}`));
}

function factsOf(manifest) {
  const study = manifest.study ?? {};
  const facts = [["command", `brainsweep ${manifest.command}`], ["version", manifest.brainsweep], ["model", study.model],
    ["regions", study.connectome?.nodes], ["duration", study.protocol?.duration && `${study.protocol.duration} ms`], ["seed", manifest.seed],
    ["device", manifest.device && `${manifest.device.backend}, ${manifest.device.name}`],
    ["mean score", (manifest.mean_score ?? null) === null ? undefined : shown(manifest.mean_score)]];
  return facts.filter(([, value]) => value !== undefined && value !== null);
}

function start() {
  const { manifest } = page;
  const head = document.getElementById("head");
  head.append(element("h1", {}, page.title));
  head.append(element("dl", { class: "facts" }, ...factsOf(manifest).map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, String(value))))));
  if (manifest.interrupted) head.append(element("p", {}, "This run was stopped before its end."));
  if (manifest.diverged) head.append(element("p", {}, `This run diverged: ${JSON.stringify(manifest.diverged)}`));
  for (const remark of [...(manifest.remarks ?? []), ...(manifest.stopped ?? [])]) {
    head.append(element("p", { class: "soft" }, typeof remark === "string" ? remark : JSON.stringify(remark)));
  }
  if (page.study_words.length) {
    const words = ["brainsweep", manifest.command, ...page.study_words];
    if (manifest.command === "simulate") head.append(commandBox(words.map(quoted).join(" ")));
  }
  const main = document.getElementById("main");
  const sections = page.views.map(drawView);
  for (const section of sections) main.append(section);
  const rest = document.createDocumentFragment();
  for (const table of page.tables) {
    const left = table.n_rows - table.rows.length;
    rest.append(element("section", { class: "table" }, element("h2", {}, `${table.name}.csv`),
      element("div", { class: "scroll", tabindex: 0 }, element("table", {},
        element("thead", {}, element("tr", {}, ...table.header.map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, ...table.rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, shownCell(cell)))))))),
      left > 0 ? element("p", { class: "soft" }, `${left} more rows in ${table.name}.csv`) : null));
  }
  const figures = document.getElementById("figures");
  main.append(rest);
  if (figures) main.append(figures);
  main.append(element("section", { class: "manifest" }, element("h2", {}, "Manifest"),
    element("p", { class: "soft" }, "As manifest.json has it, without times of the clock."),
    ...Object.entries(manifest).map(([key, value]) => tree(key, value))));
  const links = [...main.querySelectorAll("section > h2")].map((title, k) => {
    title.parentElement.id ||= `part-${k + 1}`;
    return element("a", { href: `#${title.parentElement.id}` }, title.textContent.split("\n")[0]);
  });
  if (links.length > 2) head.append(element("nav", { "aria-label": "parts of this page" }, ...links));
  for (const section of sections) section.start();
}

// A cell that is a number with few digits; the file has all.
function shownCell(cell) {
  const value = Number(cell);
  return cell !== "" && Number.isFinite(value) && /[.e]/.test(cell) ? shown(value, 6) : cell;
}

start();
