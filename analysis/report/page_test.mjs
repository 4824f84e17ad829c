// Looks at a run's page in Chromium as a reader would: it loads in silence, everything is there, the timeline zooms, moves
// and explains, and what is painted is no blank sheet - on a desktop and on a phone, light and dark.
//
// usage: node page_test.mjs TOUCHSTONE RUN_FILE FOLDER    exit 77: no Chromium
import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {inflateSync} from 'node:zlib';

const [touchstone, scenario, folder] = process.argv.slice(2);
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => {
  try { execFileSync(path, ['--version']); return true; } catch { return false; }
});
if (!chromium) { console.log('skipped: chromium is not installed (packages.txt, group test)'); process.exit(77); }

let failures = 0;
function check(holds, what) {
  if (!holds) ++failures;
  console.log((holds ? 'ok    ' : 'FAIL  ') + what);
}

/** Chromium over a pair of pipes: messages of JSON, each ended by a zero byte. */
class Browser {
  constructor(profile) {
    this.process = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
      {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
    this.waiting = new Map();
    this.listeners = [];
    this.next = 0;
    let rest = Buffer.alloc(0);
    this.process.stdio[4].on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
        const message = JSON.parse(rest.subarray(0, end).toString());
        if (this.waiting.has(message.id)) { this.waiting.get(message.id)(message); this.waiting.delete(message.id); }
        else this.listeners.forEach((listener) => listener(message));
      }
    });
  }
  send(method, params = {}) {
    const id = ++this.next;
    this.process.stdio[3].write(JSON.stringify({id, method, params, ...(this.session ? {sessionId: this.session} : {})}) + '\0');
    return new Promise((done, fail) => this.waiting.set(id, (m) => m.error ? fail(new Error(`${method}: ${m.error.message}`)) : done(m.result)));
  }
  async evaluate(expression) {
    const {result, exceptionDetails} = await this.send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  }
}

/** Pixels of a PNG without interlace, 8 bits a channel: [width, height, channels, bytes]. */
function pixels(png) {
  const width = png.readUInt32BE(16), height = png.readUInt32BE(20), channels = {2: 3, 6: 4}[png[25]], parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts)), line = width * channels, out = Buffer.alloc(line * height);
  for (let y = 0; y < height; ++y)
    for (let i = 0; i < line; ++i) {
      const left = i >= channels ? out[y * line + i - channels] : 0, up = y ? out[(y - 1) * line + i] : 0, corner = y && i >= channels ? out[(y - 1) * line + i - channels] : 0;
      const p = left + up - corner, nearest = Math.abs(p - left) <= Math.abs(p - up) && Math.abs(p - left) <= Math.abs(p - corner) ? left : Math.abs(p - up) <= Math.abs(p - corner) ? up : corner;
      out[y * line + i] = raw[y * (line + 1) + 1 + i] + [0, left, up, (left + up) >> 1, nearest][raw[y * (line + 1)]];
    }
  return [width, height, channels, out];
}

/** How many different colours, how large a share the commonest has, and how bright it is (0..255). */
function summary(png) {
  const [width, height, channels, bytes] = pixels(png), counts = new Map();
  for (let i = 0; i < bytes.length; i += channels) {
    const colour = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const [colour, count] = [...counts].sort((a, b) => b[1] - a[1])[0];
  return {colours: counts.size, share: count / (width * height), brightness: ((colour >> 16) + (colour >> 8 & 255) + (colour & 255)) / 3};
}

async function look(browser, page, {name, width, height, mobile, dark}) {
  const complaints = [], requests = [];
  browser.listeners = [(m) => {
    if (m.method === 'Runtime.exceptionThrown') complaints.push(m.params.exceptionDetails.exception?.description || m.params.exceptionDetails.text);
    if (m.method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(m.params.type)) complaints.push(JSON.stringify(m.params.args));
    if (m.method === 'Log.entryAdded' && m.params.entry.level !== 'info' && m.params.entry.level !== 'verbose') complaints.push(m.params.entry.text);
    if (m.method === 'Network.requestWillBeSent' && !m.params.request.url.startsWith('data:')) requests.push(m.params.request.url);
  }];
  await browser.send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile});
  await browser.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}]});
  await browser.send('Page.navigate', {url: 'file://' + page});
  for (let i = 0; i < 200 && !await browser.evaluate(`document.documentElement?.dataset.ready === 'yes' && location.href.endsWith('report.html')`); ++i) await new Promise((done) => setTimeout(done, 50));
  const lanes = await browser.evaluate(`[...document.querySelectorAll('g.lane')].map((g) => [g.dataset.lane, g.querySelectorAll('[data-event]').length])`);
  check(lanes.map(([lane]) => lane).join() === 'user,display,phases,accelerator,radio,power,wallet', `${name}: all lanes are there`);
  for (const [lane, count] of lanes) check(count > 0, `${name}: lane ${lane} shows ${count} events`);
  check(await browser.evaluate(`[...document.images].every((i) => i.loading === 'lazy' || i.complete && i.naturalWidth > 0)`), `${name}: its pictures can be seen`);
  check(await browser.evaluate(`document.scrollingElement.scrollWidth <= innerWidth`), `${name}: nothing sticks out sideways`);
  check(await browser.evaluate(`document.querySelector('.badge').textContent.includes('pass')`), `${name}: the verdict stands on top`);
  const shot = Buffer.from((await browser.send('Page.captureScreenshot', {format: 'png'})).data, 'base64');
  writeFileSync(`${folder}/${name}.png`, shot);
  const {colours, share, brightness} = summary(shot);
  check(colours > 50 && share < 0.95, `${name}: painted (${colours} colours, the commonest ${(100 * share).toFixed(0)} %)`);
  check(dark ? brightness < 80 : brightness > 180, `${name}: ${dark ? 'dark' : 'light'} paper (${brightness.toFixed(0)})`);
  await interact(browser, name);
  check(complaints.length === 0, `${name}: no complaint in the console ${complaints.join('; ')}`);
  check(requests.filter((url) => url !== 'file://' + page).length === 0, `${name}: nothing is fetched ${requests.slice(1).join(' ')}`);
}

async function interact(browser, name) {
  const view = () => browser.evaluate(`[timeline.a, timeline.b]`), span = ([a, b]) => b - a;
  const before = await view();
  await browser.evaluate(`document.querySelector('[data-view=in]').click()`);
  const closer = await view();
  check(Math.abs(span(closer) - span(before) / 2) < 1e3, `${name}: + shows half as much`);
  const box = await browser.evaluate(`(() => { timeline.box.scrollIntoView({block: 'center'}); const r = timeline.box.getBoundingClientRect(); return [r.left, r.top, r.width]; })()`);
  const [x, y] = [box[0] + box[2] / 2, box[1] + 150];
  const mouse = (type, at, extra = {}) => browser.send('Input.dispatchMouseEvent', {type, x: at, y, button: 'left', buttons: 1, clickCount: 1, ...extra});
  await mouse('mousePressed', x);
  for (let i = 1; i <= 5; ++i) await mouse('mouseMoved', x + 10 * i);
  await mouse('mouseReleased', x + 50);
  const dragged = await view();
  check(dragged[0] < closer[0] && Math.abs(span(dragged) - span(closer)) < 1e3, `${name}: dragging moves the view`);
  await browser.send('Input.dispatchMouseEvent', {type: 'mouseWheel', x, y, deltaX: 0, deltaY: -200, modifiers: 2});
  check(span(await view()) < span(dragged), `${name}: Ctrl + wheel zooms in`);
  await browser.evaluate(`timeline.box.focus(); timeline.box.dispatchEvent(new KeyboardEvent('keydown', {key: '0', bubbles: true}))`);
  check(Math.abs(span(await view()) - span(before)) < 1e3, `${name}: the key 0 shows the scenario again`);
  // A narrow view shows more of the accelerator's operations than the wide one, each as an element of its own.
  const operations = `document.querySelectorAll('[data-lane=accelerator] [data-event]').length`, wide = await browser.evaluate(operations);
  const start = await browser.evaluate(`(() => { const e = events.filter((e) => e.name === 'accelerator.start' && e.t >= 0); setView(e[0].t, e[0].t + 5e6); return e.length; })()`);
  check(start > 20 && await browser.evaluate(operations) > 5 && wide < start, `${name}: zooming in resolves single operations`);
  await browser.evaluate(`select(events.find((e) => e.name === 'sensor.capture' && e.t >= 0).index, true)`);
  const details = await browser.evaluate(`document.getElementById('details').textContent`);
  check(details.includes('sensor.capture') && details.includes('sensor.finger_down'), `${name}: an event tells its causes`);
  const rows = await browser.evaluate(`(() => { const i = document.querySelector('#events input'); i.value = 'wallet.signature'; i.dispatchEvent(new Event('input')); return document.querySelectorAll('#events tbody tr').length; })()`);
  check(rows === 1, `${name}: the filter finds the one signature`);
}

const run = resolve(folder, 'run');
rmSync(folder, {recursive: true, force: true});
mkdirSync(folder, {recursive: true});
execFileSync(touchstone, ['run', scenario, '--out', run]);
execFileSync(touchstone, ['report', run]);
const browser = new Browser(resolve(folder, 'profile'));
const limit = setTimeout(() => { console.log('FAIL  Chromium does not answer'); browser.process.kill('SIGKILL'); process.exit(1); }, 100000);
try {
  const {targetId} = await browser.send('Target.createTarget', {url: 'about:blank'});
  browser.session = (await browser.send('Target.attachToTarget', {targetId, flatten: true})).sessionId;
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(domain + '.enable');
  await look(browser, resolve(run, 'report.html'), {name: 'desktop', width: 1280, height: 1000, mobile: false, dark: false});
  await look(browser, resolve(run, 'report.html'), {name: 'phone-dark', width: 390, height: 844, mobile: true, dark: true});
} catch (error) {
  check(false, error.message);
}
clearTimeout(limit);
browser.process.kill('SIGKILL');
console.log(failures ? `${failures} checks failed; screenshots in ${folder}` : 'the page is as it should be');
process.exit(failures ? 1 : 0);
