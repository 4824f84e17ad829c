'use strict';
// What happened, as lanes of bars and marks. No drawing here.
const run = JSON.parse(document.getElementById('run').textContent);
const results = run.results;
const events = run.events.map(([t, name, fields, place], index) => ({index, t, name, fields, place: place || ''}));
const lastNs = events.length ? events[events.length - 1].t : 0;
const begin = events.length ? Math.min(0, events[0].t) : 0;
const end = Math.max(lastNs, results.simulated_time_ns || 0, 1);

const colours = new Set(['display', 'user', 'capture', 'features', 'secret', 'accelerator', 'radio', 'idle', 'boot', 'enrol']);
const colour = (phase) => `var(--c-${colours.has(phase) ? phase : 'other'})`;

/** "1.234567 s", "12.5 ms", "3.1 us": a duration for reading. */
function duration(ns) {
  const size = Math.abs(ns);
  if (size >= 1e9) return (ns / 1e9).toFixed(3) + ' s';
  if (size >= 1e6) return (ns / 1e6).toFixed(2) + ' ms';
  if (size >= 1e3) return (ns / 1e3).toFixed(1) + ' \u00b5s';
  return ns + ' ns';
}
const at = (ns) => (ns / 1e9).toFixed(6) + ' s';
const shorten = (text, most = 48) => text.length > most ? text.slice(0, most / 2) + '\u2026' : text;
const describe = (fields) => Object.entries(fields).map(([k, v]) => `${k} ${shorten(String(v))}`).join(' \u00b7 ');

/** Indices from the first cause to the event itself: the latest earlier event of a type that may lead to it, again and again. */
function causeChain(index) {
  const chain = [index];
  for (let i = index; ;) {
    const causes = run.causes[events[i].name] || [];
    let j = i - 1;
    while (j >= 0 && !causes.includes(events[j].name)) --j;
    if (j < 0) return chain.reverse();
    chain.push(i = j);
  }
}

const lanes = {
  user: {name: 'People and adversaries', height: 38, items: []},
  display: {name: 'Display', height: 62, items: []},
  phases: {name: 'Firmware phases', height: 32, items: []},
  accelerator: {name: 'Accelerator', height: 22, items: []},
  radio: {name: 'Radio', height: 32, items: []},
  power: {name: 'Power (average of each phase) and flash', height: 34, items: []},
  wallet: {name: 'Wallet', height: 34, items: []},
};
const laneOf = new Map();  // event index -> lane key

function readEvents() {
  const open = {};
  const bar = (lane, key, event, label, fill, extra = {}) => {
    close(key, event.t);
    open[key] = {lane, t0: event.t, t1: end, label, fill, index: event.index, ...extra};
    lanes[lane].items.push(open[key]);
    laneOf.set(event.index, lane);
  };
  const close = (key, t) => { if (open[key]) open[key].t1 = t; delete open[key]; };
  const mark = (lane, event, label, extra = {}) => {
    lanes[lane].items.push({lane, t0: event.t, t1: event.t, label, index: event.index, mark: true, ...extra});
    laneOf.set(event.index, lane);
  };
  const off = (t) => ['phase', 'frame', 'op', 'power', 'air'].forEach((key) => close(key, t));
  for (const e of events) {
    const f = e.fields;
    const group = e.name.split('.')[0];
    if (e.name === 'sensor.finger_down') bar('user', 'finger', e, f.finger, 'var(--c-user)', {finger: true});
    else if (e.name === 'sensor.finger_up') { close('finger', e.t); laneOf.set(e.index, 'user'); }
    else if (e.name === 'display.frame') bar('display', 'frame', e, 'picture ' + f.frame, 'none', {frame: f.frame});
    else if (e.name === 'mcu.phase') bar('phases', 'phase', e, f.phase, colour(f.phase));
    else if (e.name === 'accelerator.start') bar('accelerator', 'op', e, f.op, 'var(--c-accelerator)');
    else if (e.name === 'accelerator.done') { close('op', e.t); laneOf.set(e.index, 'accelerator'); }
    else if (e.name === 'ble.advertising') { if (f.on) bar('radio', 'air', e, 'advertising', 'var(--c-idle)', {thin: true}); else { close('air', e.t); laneOf.set(e.index, 'radio'); } }
    else if (e.name === 'ble.connected') bar('radio', 'air', e, 'connected', 'var(--c-radio)', {thin: true});
    else if (e.name === 'ble.disconnected') { close('air', e.t); mark('radio', e, 'disconnected', {bad: true}); }
    else if (e.name === 'ble.connection_event') mark('radio', e, '', {down: f.to_card_bytes, up: f.to_wallet_bytes, lost: f.lost});
    else if (e.name === 'power.on') { bar('power', 'power', e, 'on', 'transparent', {thin: true}); bar('phases', 'phase', e, 'boot', colour('boot')); }
    else if (e.name === 'power.off') { off(e.t); mark('power', e, 'off', {bad: true}); }
    else if (e.name === 'battery.empty') mark('power', e, 'battery empty', {bad: true});
    else if (group === 'nvm') mark('power', e, e.name === 'nvm.erase' ? 'erase' : 'program', {quiet: true});
    else if (['mcu.trap', 'mcu.exit'].includes(e.name)) mark('phases', e, e.name.slice(4), {bad: true});
    else if (e.name === 'mcu.interrupt') { if (f.level) mark('phases', e, '', {tick: true}); else laneOf.set(e.index, 'phases'); }
    else if (['mcu.console', 'mcu.mark'].includes(e.name)) mark('phases', e, '', {quiet: true});
    else if (group === 'wallet') mark('wallet', e, e.name.slice(7).replaceAll('_', ' '), {bad: /refused|failed|lost|unattested/.test(e.name), good: /verified/.test(e.name)});
    else if (group === 'boot') mark('power', e, 'boot ROM: ' + f.state, {});
    else if (e.name === 'scenario.phase') mark('user', e, f.phase === 'enrolment' ? 'enrolment' : '', {quiet: f.phase !== 'enrolment'});
    else if (['scenario', 'user', 'malware', 'card', 'debug'].includes(group)) mark('user', e, e.name === 'scenario.step' ? f.action : e.name.replace('.', ' '), {bad: group === 'malware' || e.name === 'user.refuses'});
    else if (group === 'sensor') mark('user', e, e.name.slice(7), {quiet: true});
    else if (group === 'ble') mark('radio', e, '', {quiet: true});
  }
}
readEvents();

/** The event that decided the verdict, else the last one that was expected. */
function decisive() {
  const unmet = results.unmet || {};
  const atTime = (name, t) => events.find((e) => e.name === name && e.t === t);
  if (unmet.at_ns != null && atTime(unmet.event, unmet.at_ns)) return atTime(unmet.event, unmet.at_ns).index;
  let last = -1;
  for (const x of results.expectations || [])
    if (!x.never && x.reached_ns != null) last = Math.max(last, (atTime(x.text.split(' ')[0], x.reached_ns) || {index: -1}).index);
  if (results.verdict === 'pass' || !unmet.event) return last;
  const ended = events.filter((e) => e.t >= 0 && /refused|failed|link_lost|unattested|user\.refuses|power\.off|mcu\.(exit|trap)/.test(e.name));
  return ended.length ? ended[0].index : last;
}

/** The picture on the glass at a time: its number, or null. */
function frameAt(t) {
  let frame = null;
  for (const item of lanes.display.items) if (item.t0 <= t) frame = item.frame;
  return frame;
}
