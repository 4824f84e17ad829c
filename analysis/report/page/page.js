// The rest of the page, and what people do with it.
const $ = (id) => document.getElementById(id);
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
const number = (n) => Number(n).toLocaleString('en-US');
function table(heads, rows) {
  const head = make('tr', {}, ...heads.map(([text, kind]) => make('th', {scope: 'col', class: kind || ''}, text)));
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)));
}
const cell = (content, kind = '') => make('td', {class: kind}, content);

function select(index, reveal) {
  timeline.selected = index;
  timeline.chain = index < 0 ? [] : causeChain(index);
  const e = events[index];
  if (e && reveal && (e.t < timeline.a || e.t > timeline.b)) setView(e.t - (timeline.b - timeline.a) / 2, e.t + (timeline.b - timeline.a) / 2);
  else drawTimeline();
  showDetails(index);
}

const routine = (e) => ['mcu.phase', 'accelerator.start', 'accelerator.done'].includes(e.name);
/** A chain with its long stretches of phases and operations told in one entry: indices, or [from, to] of a stretch. */
function told(chain) {
  const out = [];
  for (let i = 0; i < chain.length;) {
    let j = i;
    while (j < chain.length && routine(events[chain[j]])) ++j;
    if (j - i > 6) { out.push(chain[i], chain[i + 1], [i + 2, j - 2], chain[j - 2], chain[j - 1]); i = j; }
    else out.push(chain[i++]);
  }
  return out;
}

function showDetails(index) {
  const box = $('details');
  if (index < 0) return box.replaceChildren(make('p', {class: 'dim'}, 'Click an event to see what led to it.'));
  const e = events[index], list = make('ol');
  let before = null;
  for (const entry of told(timeline.chain)) {
    if (Array.isArray(entry)) {
      const skipped = timeline.chain.slice(...entry).map((i) => events[i]), operations = skipped.filter((s) => s.name === 'accelerator.done').length;
      list.append(make('li', {class: 'gap dim'}, `\u2026 ${skipped.length} more phases and accelerator operations (${operations} operations)`));
      before = skipped[skipped.length - 1].t;
      continue;
    }
    const c = events[entry], button = make('button', {type: 'button', class: 'mono'}, c.name);
    button.addEventListener('click', () => select(c.index, true));
    list.append(make('li', {class: entry === index ? 'self' : ''}, make('span', {class: 'mono dim'}, at(c.t) + (before === null ? '' : ` (+${duration(c.t - before)})`) + ' '), button,
      ' ' + describe(c.fields), c.place ? make('span', {class: 'mono dim'}, ' ' + c.place) : ''));
    before = c.t;
  }
  const text = make('div', {}, make('h3', {}, `${e.name} at ${at(e.t)}`), make('div', {class: 'dim'}, Object.entries(e.fields).map(([k, v]) => `${k} ${v}`).join(' \u00b7 ')),
    e.place ? make('div', {}, 'firmware: ', make('span', {class: 'mono'}, e.place)) : '', make('div', {}, 'How it came about:'), list);
  const columns = make('div', {class: 'columns'}, text), frame = frameAt(e.t);
  if (frame !== null && run.frames[frame]) columns.append(make('figure', {}, make('img', {src: run.frames[frame], alt: `the display then, picture ${frame}`}), make('figcaption', {}, 'on the display then')));
  box.replaceChildren(columns);
}

function showHead() {
  const pass = results.verdict === 'pass', signed = events.find((e) => e.name === 'wallet.signature_verified');
  $('scenario').textContent = `\u00b7 ${results.scenario} \u00b7 seed ${results.seed}`;
  $('verdict').append(make('span', {class: 'badge ' + (pass ? 'pass' : 'fail')}, pass ? '\u2713 pass' : '\u2717 fail'), make('span', {}, pass ? 'every expectation holds' : results.reason || ''));
  const touches = signed ? events.filter((e) => e.name === 'sensor.finger_down' && e.t >= 0 && e.t <= signed.t) : [];
  const fact = (name, value, unit) => $('facts').append(make('div', {}, make('dt', {}, name), make('dd', {}, value, make('small', {}, unit ? ' ' + unit : ''))));
  fact('Simulated', (results.simulated_time_ns / 1e9).toFixed(3), 's');
  if (touches.length) fact('Last touch to signature', ((signed.t - touches[touches.length - 1].t) / 1e9).toFixed(3), 's');
  fact('Energy', (results.energy_uj / 1000).toFixed(2), 'mJ');
  fact('Instructions', (results.instructions / 1e6).toFixed(1), 'million');
  fact('Accelerator', number(results.accelerator_cycles), 'cycles');
  fact('On the air', number(results.radio_to_card_bytes + results.radio_to_wallet_bytes), 'bytes');
  fact('Computed in', results.wall_time_s.toFixed(2), 's');
}

function showExpectations() {
  const rows = (results.expectations || []).map((x) => {
    const row = make('tr', {}, cell(x.met ? '\u2713 holds' : '\u2717 unmet', x.met ? 'met' : 'unmet'), cell(make('code', {}, (x.never ? 'never ' : '') + x.text), 'wide'),
      cell(x.never && x.reached_ns == null ? 'did not happen' : x.reached_ns == null ? 'missing' : 'at ' + at(x.reached_ns) + (x.within_ns != null ? ` (limit ${duration(x.within_ns)})` : ''), 't'), cell(make('span', {class: 'dim mono'}, x.place)));
    const e = x.reached_ns != null && events.find((v) => v.t === x.reached_ns && v.name === x.text.split(' ')[0]);
    if (e) { row.className = 'pick'; row.addEventListener('click', () => jump(e.index)); }
    return row;
  });
  $('expectations').append(rows.length ? table([['', ''], ['expectation'], ['result'], ['written at']], rows) : make('p', {class: 'dim'}, results.reason || 'The run ended before anything could be judged.'));
}

function jump(index) {
  select(index, true);
  $('timeline').scrollIntoView({behavior: 'smooth', block: 'center'});
}

function showFrames() {
  const figure = (item) => {
    if (!run.frames[item.frame]) return '';
    const image = make('img', {src: run.frames[item.frame], alt: `picture ${item.frame} of the display`, loading: 'lazy'});
    image.addEventListener('click', () => jump(item.index));
    return make('figure', {}, image, make('figcaption', {}, `${(item.t0 / 1e9).toFixed(3)} s, for ${duration(item.t1 - item.t0)}`));
  };
  const items = lanes.display.items, before = items.filter((i) => i.t0 < 0);
  $('frames').append(make('div', {class: 'strip'}, ...items.filter((i) => i.t0 >= 0).map(figure)));
  if (before.length) $('frames').append(make('details', {}, make('summary', {}, `${before.length} pictures of the enrolment before time zero`), make('div', {class: 'strip'}, ...before.map(figure))));
}

function showUsage() {
  const usage = results.usage || [], most = (key) => Math.max(1, ...usage.map((u) => u[key]));
  const bar = (share, fill) => make('span', {class: 'meter', style: `width:${Math.max(0.5, 100 * share)}%;background:${fill}`});
  const rows = usage.map((u) => make('tr', {}, cell(make('span', {}, make('span', {class: 'key', style: `background:${colour(u.phase)}`}), u.phase)),
    cell((u.time_ns / 1e6).toFixed(3), 'n'), cell(bar(u.time_ns / most('time_ns'), colour(u.phase)), 'meter-cell'),
    cell(u.energy_uj.toFixed(1), 'n'), cell(bar(u.energy_uj / most('energy_uj'), colour(u.phase)), 'meter-cell'), cell(number(u.instructions), 'n'), cell(number(u.accelerator_cycles), 'n')));
  $('usage').append(table([['phase'], ['time, ms', 'n'], ['', ''], ['energy, \u00b5J', 'n'], ['', ''], ['instructions', 'n'], ['accelerator cycles', 'n']], rows));
  const parts = Object.entries(results.parts_uj || {}), top = Math.max(1, ...parts.map(([, uj]) => uj));
  $('usage').append(make('h3', {}, 'Energy by part of the card'), table([['part'], ['energy, \u00b5J', 'n'], ['']],
    parts.map(([part, uj]) => make('tr', {}, cell(part), cell(uj.toFixed(1), 'n'), cell(bar(uj / top, 'var(--c-display)'), 'meter-cell')))));
}

function eventRow(e) {
  const row = make('tr', {class: 'pick', tabindex: '0'}, cell(at(e.t), 't'), cell(make('code', {}, e.name)), cell(describe(e.fields), 'wide'), cell(e.place, 't'));
  row.addEventListener('click', () => jump(e.index));
  row.addEventListener('keydown', (key) => { if (key.key === 'Enter') jump(e.index); });
  return row;
}

/** A table of events that grows on demand: a long log does not stop the page. */
function eventTable(list, most) {
  const box = make('div');
  const draw = (count) => {
    box.replaceChildren(table([['time'], ['event'], ['']].concat(list.some((e) => e.place) ? [['firmware']] : []), list.slice(0, count).map(eventRow)));
    if (list.length > count) {
      const more = make('button', {type: 'button'}, `Show ${Math.min(1000, list.length - count)} more of ${list.length}`);
      more.addEventListener('click', () => draw(count + 1000));
      box.append(make('p', {}, more));
    }
  };
  draw(most);
  return box;
}

function showRadio() {
  const air = events.filter((e) => e.name.startsWith('ble.') && e.t >= 0);
  $('radio').append(make('p', {}, `${number(results.radio_to_card_bytes)} bytes to the card, ${number(results.radio_to_wallet_bytes)} to the wallet, ${results.radio_lost_packets} packets lost, since time zero.`));
  if (run.packets.length) {
    const rows = run.packets.slice(0, 500).map(([t, to, kind, bytes, whole]) => {
      const row = make('tr', {class: 'pick'}, cell(at(t), 't'), cell(to), cell(kind), cell(number(bytes), 'n'), cell(whole ? 'whole' : 'CRC failed', whole ? '' : 'unmet'));
      row.addEventListener('click', () => { setView(t - 5e6, t + 5e6); $('timeline').scrollIntoView({behavior: 'smooth', block: 'center'}); });
      return row;
    });
    const list = make('div', {class: 'tall'}, table([['time'], ['direction'], ['packet'], ['payload, bytes', 'n'], ['']], rows));
    $('radio').append(make('h3', {}, `Packets that carried something${run.packets.length > rows.length ? ` (the first ${rows.length}; all stand in air.pcap)` : ' (air.pcap opens in Wireshark)'}`), list);
  }
  $('radio').append(make('h3', {}, 'Events of the link'), eventTable(air, 25));
}

/** What was searched for and where; every find is a row. */
function showScan(scan) {
  const found = scan.found || [], megabytes = ((scan.bytes_searched || 0) / 1e6).toFixed(1);
  $('scan').append(make('p', {}, make('span', {class: 'badge ' + (found.length ? 'fail' : 'pass')}, found.length ? `\u2717 ${found.length} found` : '\u2713 nothing found'),
    ` ${number(scan.needles || 0)} byte patterns of ${Array.isArray(scan.secrets) ? scan.secrets.length : scan.secrets} secrets, searched for in ${megabytes} MB.`));
  if (found.length) $('scan').append(table([['secret'], ['place'], ['offset', 'n'], ['bytes', 'n'], ['encoding']], found.map((f) => make('tr', {}, cell(f.secret, 'unmet'), cell(f.place), cell(number(f.offset), 'n'), cell(number(f.bytes), 'n'), cell(f.encoding)))));
  if (scan.unsearched?.length) $('scan').append(make('p', {class: 'unmet'}, `Nobody can see into: ${scan.unsearched.join(', ')}.`));
  if (Array.isArray(scan.places)) $('scan').append(make('details', {}, make('summary', {}, 'Where it was searched'), table([['place'], ['bytes', 'n']], scan.places.map((p) => make('tr', {}, cell(p.place), cell(number(p.bytes), 'n'))))));
}

function showEvents() {
  const input = make('input', {type: 'search', placeholder: 'filter, e.g. wallet or phase secret', 'aria-label': 'Filter events'}), count = make('span', {class: 'dim'}), box = make('div'), before = make('input', {type: 'checkbox', id: 'with-enrolment'});
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = events.filter((e) => {
      if (e.t < 0 && !before.checked) return false;
      const text = (e.name + ' ' + JSON.stringify(e.fields) + ' ' + e.place).toLowerCase();
      return words.every((w) => text.includes(w));
    });
    count.textContent = `${list.length} of ${events.length}` + (run.events_left_out ? `; the first ${run.events_left_out} stand only in events.jsonl` : '');
    box.replaceChildren(eventTable(list, 50));
  };
  input.addEventListener('input', draw);
  before.addEventListener('change', draw);
  $('events').append(make('div', {class: 'row'}, input, make('label', {for: 'with-enrolment'}, before, ' with enrolment'), count), box);
  draw();
}

function showOrigin() {
  if (results.memory_scan) { $('scan-section').hidden = false; showScan(results.memory_scan); }
  const pairs = {scenario: results.scenario_file, seed: results.seed, finger: results.finger_png || null, 'touchstone revision': results.git_revision, 'firmware SHA-256': results.firmware_sha256,
    'events SHA-256': results.events_sha256, machine: results.machine, 'transaction id': results.txid_hex || null, [results.public_key_hex?.length === 66 ? 'ECDSA signature' : 'BIP340 signature']: results.signature_hex || null, 'verifies under': results.public_key_hex || null};
  const list = make('dl', {class: 'pairs'});
  for (const [name, value] of Object.entries(pairs)) if (value !== null && value !== undefined) list.append(make('dt', {}, name), make('dd', {class: 'mono'}, String(value)));
  const files = make('ul', {}, ...run.files.map(([name, bytes]) => make('li', {}, make('a', {href: './' + encodeURIComponent(name)}, name), ` ${number(bytes)} bytes`)));
  $('origin').append(list, make('h3', {}, 'Files beside this page'), files, make('p', {class: 'dim'}, 'Again, exactly: ', make('code', {}, 'touchstone replay RUN'), '; causes in a terminal: ', make('code', {}, 'touchstone explain RUN'), '.'));
}

function watchTimeline() {
  const box = timeline.box, tip = $('tip'), pointers = new Map();
  let moved = 0, overview = false, spread = 0;
  const timeAt = (clientX) => { const r = box.getBoundingClientRect(); return timeline.a + (clientX - r.left - kPad) / (r.width - 2 * kPad) * (timeline.b - timeline.a); };
  const inOverview = (clientY) => clientY > box.getBoundingClientRect().bottom - kOverview - 12;
  const jumpOverview = (clientX) => {
    const r = box.getBoundingClientRect(), t = begin + (clientX - r.left - kPad) / (r.width - 2 * kPad) * (end - begin), half = (timeline.b - timeline.a) / 2;
    setView(t - half, t + half);
  };
  box.addEventListener('pointerdown', (e) => {
    pointers.set(e.pointerId, e);
    moved = 0;
    spread = 0;
    overview = inOverview(e.clientY);
    if (overview) jumpOverview(e.clientX);
  });
  box.addEventListener('pointermove', (e) => {
    const before = pointers.get(e.pointerId);
    if (!before) return hover(e);
    const dx = e.clientX - before.clientX, scale = (timeline.b - timeline.a) / (box.clientWidth - 2 * kPad);
    moved += Math.abs(dx);
    if (moved > 3 && !box.hasPointerCapture(e.pointerId)) { box.setPointerCapture(e.pointerId); box.classList.add('drag'); }
    pointers.set(e.pointerId, e);
    if (pointers.size === 2) {
      const [p, q] = [...pointers.values()], now = Math.max(20, Math.abs(p.clientX - q.clientX));
      if (spread) zoom(spread / now, timeAt((p.clientX + q.clientX) / 2));
      spread = now;
    } else if (overview) jumpOverview(e.clientX);
    else if (moved > 3) setView(timeline.a - dx * scale, timeline.b - dx * scale);
  });
  const up = (e) => { pointers.delete(e.pointerId); spread = 0; box.classList.remove('drag'); };
  box.addEventListener('pointerup', up);
  box.addEventListener('pointercancel', up);
  box.addEventListener('click', (e) => {
    const target = e.target.closest('[data-event]');
    if (target && moved <= 3) select(Number(target.dataset.event), false);
  });
  box.addEventListener('dblclick', (e) => zoom(0.4, timeAt(e.clientX)));
  box.addEventListener('wheel', (e) => {
    if (e.ctrlKey || e.metaKey) { e.preventDefault(); zoom(Math.exp(e.deltaY * 0.004), timeAt(e.clientX)); }
    else if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) { e.preventDefault(); const d = e.deltaX / box.clientWidth * (timeline.b - timeline.a); setView(timeline.a + d, timeline.b + d); }
  }, {passive: false});
  const hover = (e) => {
    const target = e.target.closest && e.target.closest('[data-event]');
    tip.hidden = !target;
    if (!target) return;
    const event = events[Number(target.dataset.event)], item = Object.values(lanes).flatMap((l) => l.items).find((i) => i.index === event.index);
    tip.textContent = `${at(event.t)}  ${event.name}${item && item.t1 > item.t0 ? ', ' + duration(item.t1 - item.t0) : ''}  ${describe(event.fields)}`;
    tip.style.left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px';
    tip.style.top = Math.max(8, e.clientY - tip.offsetHeight - 12) + 'px';
  };
  box.addEventListener('pointerleave', () => { tip.hidden = true; });
  box.addEventListener('keydown', (e) => {
    const step = (timeline.b - timeline.a) * 0.2;
    const keys = {ArrowLeft: () => setView(timeline.a - step, timeline.b - step), ArrowRight: () => setView(timeline.a + step, timeline.b + step), '+': views.in, '=': views.in, '-': views.out, '0': views.scenario,
      n: () => select(Math.min(events.length - 1, timeline.selected + 1), true), p: () => select(Math.max(0, timeline.selected - 1), true)};
    if (!keys[e.key] || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    keys[e.key]();
  });
  document.querySelectorAll('[data-view]').forEach((button) => button.addEventListener('click', () => views[button.dataset.view]()));
  let width = box.clientWidth;
  new ResizeObserver(() => { if (box.clientWidth !== width) { width = box.clientWidth; drawTimeline(); } }).observe(box);
}

showHead();
views.scenario();
select(decisive(), false);
showExpectations();
showFrames();
showUsage();
showRadio();
showEvents();
showOrigin();
watchTimeline();
document.documentElement.dataset.ready = 'yes';
