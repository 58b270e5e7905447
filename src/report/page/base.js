// What all views use: the data, elements, numbers in words, what is copied.
const page = JSON.parse(document.getElementById("data").textContent);

// Numbers of the page as a typed array; little-endian wherever the page is read.
function numbers(packed) {
  if (packed.of) return packed.of;
  const text = atob(packed.f4 ?? packed.f8);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const width = packed.f4 === undefined ? 8 : 4;
  const n = bytes.length / width;
  const all = width === 8 ? new Float64Array(n) : new Float32Array(n);
  for (let i = 0; i < n; i++) all[i] = width === 8 ? view.getFloat64(8 * i, true) : view.getFloat32(4 * i, true);
  Object.defineProperty(packed, "of", { value: all });
  return all;
}

// An element with attributes, listeners (`on...`) and children.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

// A number as people read it.
function shown(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "infinity" : "-infinity";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(digits - 1) : value.toPrecision(digits);
  return String(text.includes("e") ? text.replace(/\.?0+e/, "e") : text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

// A number with its unit; a pure number has none.
function withUnit(value, unit, digits) {
  return unit && unit !== "1" ? `${shown(value, digits)} ${unit}` : shown(value, digits);
}

function named(name, unit) {
  return unit && unit !== "1" ? `${name} (${unit})` : name;
}

// What stands at place `k` along a dimension: its name, or its number.
function labelOf(dimension, k) {
  const labels = page.labels[dimension];
  if (labels) return labels[k] ?? String(k);
  const along = coordinateOf(dimension);
  return along ? withUnit(numbers(along.values)[k], along.unit) : String(k);
}

function coordinateOf(name) {
  return page.coordinates.find((one) => one.name === name);
}

// The least and the largest number among those that are numbers; [0, 1] of none.
function span(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isFinite(value)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

// A select of names with a label, if there is more than one.
function choice(label, names, chosen, changed) {
  const options = names.map((name, k) => element("option", { value: k, selected: k === chosen }, name));
  const select = element("select", { onchange: () => changed(Number(select.value)) }, ...options);
  const whole = element("label", {}, label, select);
  whole.select = select;
  if (names.length < 2) whole.hidden = true;
  return whole;
}

// Beside the pointer.
const tip = element("div", { class: "tip", role: "status", hidden: true });
document.body.append(tip);
function showTip(text, event) {
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const { width, height } = tip.getBoundingClientRect();
  const left = event.clientX + 14 + width > innerWidth ? event.clientX - width - 14 : event.clientX + 14;
  const top = event.clientY + 14 + height > innerHeight ? event.clientY - height - 14 : event.clientY + 14;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

// Copies text; what is copied is also selected where the browser forbids it.
async function copy(text, from, told) {
  try {
    await navigator.clipboard.writeText(text);
    told("copied");
  } catch {
    const range = document.createRange();
    range.selectNodeContents(from);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    told(document.execCommand && document.execCommand("copy") ? "copied" : "selected: copy it with the keyboard");
  }
}

// A command in a box with a button that copies it.
function commandBox(text, label = "Copy command") {
  const box = element("pre", { class: "command", tabindex: 0 }, text);
  const told = element("span", { class: "soft", role: "status" });
  const copied = () => copy(text, box, (word) => { told.textContent = word; });
  const button = element("button", { type: "button", class: "copy", onclick: copied }, label);
  const whole = element("div", {}, box, element("div", { class: "tools" }, button, told));
  whole.copy = copied;
  return whole;
}

// A word of a shell.
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

// A number as a key of a study takes it.
function setting(value) {
  if (value === Infinity) return "inf";
  return value === -Infinity ? "-inf" : String(value);
}

// Colours of the page as they are now, dark or light.
function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Everything that is drawn, to be drawn again at another width and in other light.
const drawn = new Set();
function redraw() {
  for (const one of drawn) {
    if (one.canvas.isConnected) one.draw();
  }
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
let waiting = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(redraw);
});

// A canvas as wide as its place and `height(width)` high, with its context in CSS pixels.
function canvasOf(label, height) {
  const canvas = element("canvas", { class: "reach", tabindex: 0, role: "img", "aria-label": label });
  canvas.ready = () => {
    const width = Math.max(120, canvas.parentElement ? canvas.parentElement.clientWidth : 300);
    const tall = Math.round(height(width));
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(tall * scale);
    canvas.style.height = `${tall}px`;
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, tall);
    context.font = "12px system-ui, 'Liberation Sans', Arial, sans-serif";
    return [context, width, tall];
  };
  canvas.at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  return canvas;
}
