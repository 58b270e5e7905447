// Colours: viridis for what rises, blue over white to red for what has two signs; curves in the colours of Okabe and Ito.
const VIRIDIS = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"];
const TWO_SIGNED = ["2166ac", "4393c3", "92c5de", "d1e5f0", "f7f7f7", "fddbc7", "f4a582", "d6604d", "b2182b"];
const CURVES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

function channels(hex) {
  const text = hex.replace("#", "");
  return [0, 2, 4].map((k) => parseInt(text.slice(k, k + 2), 16));
}

function table(stops) {
  const all = stops.map(channels);
  const colors = new Uint8Array(3 * 256);
  for (let k = 0; k < 256; k++) {
    const place = (k / 255) * (all.length - 1);
    const i = Math.min(Math.floor(place), all.length - 2);
    for (let c = 0; c < 3; c++) colors[3 * k + c] = Math.round(all[i][c] + (place - i) * (all[i + 1][c] - all[i][c]));
  }
  return colors;
}

// How numbers become colours: their scale, from where to where.
function scaleOf(values, symmetric) {
  let [low, high] = span(values);
  const two = symmetric ?? (low < 0 && high > 0 && -low > 0.2 * high);
  if (two) {
    const most = Math.max(-low, high) || 1;
    [low, high] = [-most, most];
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return { low, high, colors: table(two ? TWO_SIGNED : VIRIDIS) };
}

function channelsAt(scale, value) {
  if (Number.isNaN(value)) return channels(ink("missing"));
  const share = Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
  const k = 3 * Math.round(255 * share);
  return [scale.colors[k], scale.colors[k + 1], scale.colors[k + 2]];
}

function colorAt(scale, value) {
  return `rgb(${channelsAt(scale, value).join(",")})`;
}

// A colour that is seen on the page's ground.
function onGround(color) {
  const [r, g, b] = channels(color);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const light = 0.299 * r + 0.587 * g + 0.114 * b;
  if (!dark) return color;
  const lift = light < 60 ? 0.8 : light < 130 ? 0.35 : 0.15;
  return `rgb(${[r, g, b].map((c) => Math.round(c + lift * (255 - c))).join(",")})`;
}

// The bar of a scale below a drawing.
function barOf(scale, label) {
  const canvas = element("canvas", { width: 256, height: 1, style: "height:10px;width:100%" });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(256, 1);
  for (let k = 0; k < 256; k++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * k + c] = scale.colors[3 * k + c];
    pixels.data[4 * k + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  const ends = element("div", { class: "soft", style: "display:flex;justify-content:space-between;gap:8px" },
    element("span", {}, shown(scale.low, 3)), element("span", {}, label), element("span", {}, shown(scale.high, 3)));
  return element("div", { style: "max-width:420px" }, canvas, ends);
}
