// The timeline: an SVG drawn anew for every view [a, b] in ns. Bars narrower than a pixel are merged, so the number of
// elements follows the width of the screen, not the length of the run.
const timeline = {box: document.getElementById('timeline'), a: 0, b: end, selected: -1, chain: []};

const svgName = 'http://www.w3.org/2000/svg';
function node(parent, tag, attributes, text) {
  const element = document.createElementNS(svgName, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.appendChild(element);
  return element;
}

const kLabel = 16, kGap = 6, kAxis = 26, kOverview = 22, kPad = 10;

function nicePitch(span, width) {
  const rough = span / Math.max(2, width / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((m) => m * power).find((p) => p >= rough);
}

function axisText(t, pitch) {
  if (pitch >= 1e9) return (t / 1e9).toFixed(0) + ' s';
  if (pitch >= 1e6) return (t / 1e9).toFixed(Math.max(0, 9 - Math.floor(Math.log10(pitch)))) + ' s';
  if (pitch >= 1e3) return (t / 1e6).toFixed(Math.max(0, 6 - Math.floor(Math.log10(pitch)))) + ' ms';
  return (t / 1e3).toFixed(3) + ' \u00b5s';
}

function textWidth(text) { return text.length * 6.6 + 8; }

function drawTimeline() {
  const {box, a, b} = timeline;
  const width = Math.max(280, box.clientWidth), inner = width - 2 * kPad;
  const x = (t) => kPad + (t - a) / (b - a) * inner;
  let y = kAxis;
  for (const lane of Object.values(lanes)) { lane.top = y + kLabel; y += kLabel + lane.height + kGap; }
  const height = y + kOverview + 14;
  box.replaceChildren();
  const svg = node(box, 'svg', {height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${at(a)} to ${at(b)}`});
  const clip = node(node(svg, 'defs', {}), 'clipPath', {id: 'inside'});
  node(clip, 'rect', {x: kPad, y: 0, width: inner, height: y});

  const pitch = nicePitch(b - a, inner);
  for (let t = Math.ceil(a / pitch) * pitch; t <= b; t += pitch) {
    node(svg, 'line', {class: 'grid', x1: x(t), x2: x(t), y1: kAxis - 4, y2: y});
    const anchor = x(t) > width - 40 ? 'end' : x(t) < 40 ? 'start' : 'middle';
    node(svg, 'text', {class: 'axis', x: x(t), y: 15, 'text-anchor': anchor}, axisText(Math.abs(t) < pitch / 2 ? 0 : t, pitch));
  }
  for (const [key, lane] of Object.entries(lanes)) {
    const group = node(svg, 'g', {class: 'lane', 'data-lane': key, role: 'list', 'aria-label': lane.name});
    node(group, 'text', {class: 'lane-name', x: kPad, y: lane.top - 4}, lane.name);
    node(group, 'rect', {class: 'band', x: kPad, y: lane.top, width: inner, height: lane.height, rx: 4});
    const inside = node(group, 'g', {'clip-path': 'url(#inside)'});
    if (key === 'power') drawPower(inside, lane, x);
    drawLane(inside, lane, x, key, kPad, width - kPad);
  }
  if (a < 0 && b > 0) node(svg, 'line', {class: 'zero', x1: x(0), x2: x(0), y1: kAxis - 4, y2: y});
  drawChain(node(svg, 'g', {'clip-path': 'url(#inside)'}), x);
  drawOverview(svg, y + 4, width);
}

function hit(parent, item, attributes) {
  const e = events[item.index];
  const rect = node(parent, 'rect', {...attributes, class: 'hit', 'data-event': item.index, role: 'listitem', 'aria-label': `${at(e.t)} ${e.name} ${describe(e.fields)}`});
  return rect;
}

function drawLane(group, lane, x, key, left, right) {
  const middle = lane.top + lane.height / 2;
  let bucket = -1, bucketFill = '';
  const inView = lane.items.filter((i) => i.t1 >= timeline.a && i.t0 <= timeline.b);
  if (key === 'display') drawThumbnails(group, inView, lane, x, left, right);
  for (const item of inView.filter((i) => !i.mark)) {
    const x0 = Math.max(left - 1, x(item.t0)), x1 = Math.min(right + 1, x(item.t1)), w = x1 - x0;
    if (key === 'display') {
      if (w < 1 && Math.floor(x0) === bucket) continue;
      bucket = Math.floor(x0);
      node(group, 'line', {class: 'grid', x1: x0, x2: x0, y1: lane.top, y2: lane.top + lane.height});
      hit(group, item, {x: x0, y: lane.top, width: Math.max(2, w), height: lane.height, fill: 'transparent'});
      continue;
    }
    if (w < 0.8 && Math.floor(x0) === bucket && item.fill === bucketFill) continue;
    bucket = Math.floor(x0);
    bucketFill = item.fill;
    const slim = item.thin || item.finger;
    const top = item.finger ? lane.top + lane.height - 12 : item.thin ? middle - 5 : lane.top + 3;
    hit(group, item, {x: x0, y: top, width: Math.max(0.8, w - (w > 4 ? 0.6 : 0)), height: slim ? 10 : lane.height - 6, fill: item.fill, rx: w > 6 ? 3 : 0});
    if (w > textWidth(item.label) && !slim) node(group, 'text', {class: `in on-${item.label}`, x: x0 + 6, y: middle + 4}, item.label);
  }
  const marks = inView.filter((i) => i.mark);
  drawLabels(group, marks, x, key, left, right, middle, lane);
  for (const item of marks) {
    const at_ = x(item.t0);
    if (item.tick) {  // an interrupt: at the foot of the phase it came in
      if (Math.floor(at_) === bucket) continue;
      bucket = Math.floor(at_);
      hit(group, item, {x: at_ - 0.5, y: lane.top + lane.height - 3, width: 1.2, height: 3, fill: 'var(--ink)'});
    } else if (item.down !== undefined) drawPackets(group, item, at_, middle, lane);
    else {
      const near = Math.floor(at_ / 2);
      if (item.quiet && near === bucket) continue;
      bucket = near;
      const fill = item.bad ? 'var(--bad)' : item.good ? 'var(--good)' : 'var(--ink)';
      const labelled = key === 'wallet' || key === 'user';
      const cy = labelled ? lane.top + 10 : middle;
      node(group, 'path', {d: `M${at_} ${cy - 5} l5 5 l-5 5 l-5 -5 z`, fill, 'fill-opacity': item.quiet ? 0.45 : 1});
      hit(group, item, {x: at_ - 7, y: lane.top, width: 14, height: lane.height, fill: 'transparent'});
    }
  }
}

/** Pictures at the time they appeared; where there is no room for all, those that stood longest. */
function drawThumbnails(group, items, lane, x, left, right) {
  const size = lane.height - 4, taken = [];
  for (const item of [...items].sort((p, q) => (q.t1 - q.t0) - (p.t1 - p.t0))) {
    const from = Math.max(left, x(item.t0)) + 2;
    if (!run.frames[item.frame] || from + size > right + 1 || taken.some((t) => Math.abs(t - from) < size + 3)) continue;
    taken.push(from);
    node(group, 'image', {href: run.frames[item.frame], x: from, y: lane.top + 2, width: size, height: size});
  }
}

/** Labels beside marks, what decides first; one that would cover another is left out, and one at the right border leans left. */
function drawLabels(group, marks, x, key, left, right, middle, lane) {
  const taken = [];
  for (const item of [...marks].sort((p, q) => (q.bad || q.good ? 1 : 0) - (p.bad || p.good ? 1 : 0))) {
    if (item.quiet || !item.label) continue;
    const at_ = x(item.t0), wide = textWidth(item.label), from = at_ + wide + 8 > right ? at_ - wide - 4 : at_ + 8;
    if (marks.some((other) => !other.quiet && x(other.t0) > from - 4 && x(other.t0) < from + wide)) continue;
    if (from < left || taken.some(([a, b]) => from < b + 8 && from + wide > a - 8)) continue;
    taken.push([from, from + wide]);
    node(group, 'text', {class: 'note', x: from, y: key === 'wallet' || key === 'user' ? lane.top + 14 : middle + 4, style: item.bad ? 'fill:var(--bad)' : item.good ? 'fill:var(--good)' : ''}, item.label);
  }
}

/** The power drawn, as the average of each phase over the run. */
function drawPower(group, lane, x) {
  const watts = new Map((results.usage || []).filter((u) => u.time_ns > 0).map((u) => [u.phase, u.energy_uj / u.time_ns]));
  const most = Math.max(1e-12, ...watts.values()), floor = lane.top + lane.height;
  let path = '';
  for (const item of lanes.phases.items) {
    if (item.mark || item.t1 < timeline.a || item.t0 > timeline.b) continue;
    const high = floor - (lane.height - 3) * (watts.get(item.label) || 0) / most;
    path += `${path ? 'L' : `M${x(item.t0)} ${floor}L`}${x(item.t0)} ${high}L${x(item.t1)} ${high}`;
  }
  if (path) node(group, 'path', {class: 'curve', d: path + `L${x(Math.min(timeline.b, end))} ${floor}Z`});
}

/** Above the line: to the wallet; below: to the card; heights by bytes. Lost packets are crosses. */
function drawPackets(group, item, cx, middle, lane) {
  const size = (bytes) => bytes > 0 ? 4 + 10 * Math.min(1, Math.log2(bytes) / 10) : 0;
  if (item.up > 0) node(group, 'rect', {x: cx - 1.5, y: middle - size(item.up), width: 3, height: size(item.up), fill: 'var(--accent)'});
  if (item.down > 0) node(group, 'rect', {x: cx - 1.5, y: middle, width: 3, height: size(item.down), fill: 'var(--c-features)'});
  if (item.lost > 0) node(group, 'path', {d: `M${cx - 3} ${lane.top + 3} l6 6 m0 -6 l-6 6`, stroke: 'var(--bad)', 'stroke-width': 1.6});
  hit(group, item, {x: cx - 4, y: lane.top, width: 8, height: lane.height, fill: 'transparent'});
}

function drawChain(group, x) {
  const point = (index) => {
    const lane = lanes[laneOf.get(index)];
    return lane ? [x(events[index].t), lane.top + lane.height / 2] : null;
  };
  const points = told(timeline.chain).map((entry) => Array.isArray(entry) ? null : point(entry)).filter(Boolean);
  if (points.length > 1) node(group, 'polyline', {class: 'chain', points: points.map((p) => p.join(',')).join(' ')});
  for (const [px, py] of points) node(group, 'circle', {class: 'dot', cx: px, cy: py, r: 3.5});
  const self = timeline.selected >= 0 && point(timeline.selected);
  if (self) node(group, 'circle', {class: 'dot', cx: self[0], cy: self[1], r: 6});
}

function drawOverview(svg, top, width) {
  const inner = width - 2 * kPad, x = (t) => kPad + (t - begin) / (end - begin) * inner;
  const group = node(svg, 'g', {class: 'overview', 'aria-hidden': 'true'});
  node(group, 'rect', {class: 'band', x: kPad, y: top, width: inner, height: kOverview, rx: 4});
  let bucket = -1;
  for (const item of lanes.phases.items) {
    if (item.mark || item.label === 'idle') continue;
    const x0 = x(item.t0), w = x(item.t1) - x0;
    if (w < 1 && Math.floor(x0) === bucket) continue;
    bucket = Math.floor(x0);
    node(group, 'rect', {x: x0, y: top + 6, width: Math.max(1, w), height: kOverview - 12, fill: item.fill});
  }
  node(group, 'rect', {class: 'window', x: x(timeline.a), y: top, width: Math.max(4, x(timeline.b) - x(timeline.a)), height: kOverview, rx: 4});
}

/** The view, kept inside the run and no narrower than 1 us. */
function setView(a, b) {
  const margin = (end - begin) * 0.01, low = begin - margin, high = end + margin;
  const span = Math.min(high - low, Math.max(1000, b - a));
  timeline.a = Math.min(Math.max(low, a), high - span);
  timeline.b = timeline.a + span;
  drawTimeline();
}
function zoom(factor, centre = (timeline.a + timeline.b) / 2) {
  setView(centre - (centre - timeline.a) * factor, centre + (timeline.b - centre) * factor);
}
const views = {
  in: () => zoom(0.5),
  out: () => zoom(2),
  scenario: () => setView(-end * 0.01, end * 1.01),
  all: () => setView(begin, end),
  selected: () => {
    if (timeline.selected < 0) return;
    const span = Math.min(timeline.b - timeline.a, 50e6), t = events[timeline.selected].t;
    setView(t - span * 0.7, t + span * 0.3);
  },
};
