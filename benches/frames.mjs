// `make bench`, what a frame of the built page costs in Chromium: frames a second and the clock's pace on a slow machine,
// the main thread's work without slow-down. Each figure stands beside the same one of an empty page that only asks for
// frames, since machines are noisy: read the two together, and with the load.
import { loadavg } from 'node:os';
import { serve } from '../tests/e2e/server.mjs';
import { DIST, hasPlayground, launch } from '../tests/e2e/page.mjs';

const STORY_MS = 60_000;
const SECONDS = 10;
const SLOW_DOWN = 4;
const SIZE = { width: 1440, height: 900 };

const EMPTY = 'data:text/html,<title>empty</title><p>frames</p>';

/** Counts frames, and notes the wall's and the story's time, for some seconds. */
function watchFrames(seconds) {
  return new Promise((done) => {
    const story = () => window.playground?.now() ?? 0;
    const began = { wall: performance.now(), story: story() };
    let frames = 0, longest = 0, last = began.wall;
    const frame = () => {
      const now = performance.now();
      frames += 1;
      longest = Math.max(longest, now - last);
      last = now;
      if (now - began.wall < seconds * 1000) requestAnimationFrame(frame);
      else done({ frames, perSecond: (frames * 1000) / (now - began.wall), longest, pace: (story() - began.story) / (now - began.wall) });
    };
    requestAnimationFrame(frame);
  });
}

async function opened(browser, url, story) {
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  await page.goto(url);
  if (story) {
    await hasPlayground(page);
    await page.evaluate((ms) => playground.advance(ms), STORY_MS);
  }
  return { page, context, cdp: await context.newCDPSession(page) };
}

/** As a person sets it. */
async function play(page, speed) {
  await page.getByRole('button', { name: /^Speed: / }).click();
  await page.getByRole('menuitemradio', { name: speed, exact: true }).click();
  const button = page.getByRole('button', { name: 'Play', exact: true });
  if (await button.isVisible()) await button.click();
  await page.waitForTimeout(2000); // What opening and playing began is over.
}

/** What the renderer's main thread did in `SECONDS`: milliseconds for each frame, in all and by what it was. */
export async function mainThread(browser, page) {
  const cdp = await browser.newBrowserCDPSession();
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const ended = new Promise((done) => cdp.once('Tracing.tracingComplete', done));
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing'] },
  });
  await page.evaluate(() => performance.mark('measured'));
  const { frames } = await page.evaluate(watchFrames, SECONDS);
  await page.evaluate(() => performance.mark('over'));
  await cdp.send('Tracing.end');
  await ended;
  await cdp.detach();
  return { frames, ...sums(events) };
}

/** Sums the tasks between the two marks, on the thread that made them, and what happened inside of the tasks. */
function sums(events) {
  const mark = (name) => events.find((event) => event.name === name && event.cat.includes('user_timing'));
  const [from, to] = [mark('measured'), mark('over')];
  const inside = events.filter((event) => event.ph === 'X' && event.pid === from.pid && event.tid === from.tid && event.ts >= from.ts && event.ts < to.ts);
  const parts = new Map();
  for (const event of inside) {
    const part = parts.get(event.name) ?? { wall: 0, cpu: 0, count: 0 };
    part.wall += (event.dur ?? 0) / 1000;
    part.cpu += (event.tdur ?? 0) / 1000;
    part.count += 1;
    parts.set(event.name, part);
  }
  // Layout that a script asks for in between is the dearest: told apart.
  const calls = inside.filter((event) => event.name === 'FunctionCall' || event.name === 'RunMicrotasks' || event.name === 'FireAnimationFrame');
  const forced = inside.filter((event) => event.name === 'Layout' && calls.some((call) => event.ts >= call.ts && event.ts < call.ts + call.dur));
  return { seconds: (to.ts - from.ts) / 1e6, parts, forced: forced.length, events: inside };
}

const print = (what, value, unit, beside = '') => console.log(`${what.padEnd(52)} ${value.padStart(9)} ${unit}${beside}`);

async function slow(browser, url) {
  const rows = [];
  for (const [speed, what] of [['1×', 'frames'], ['20×', 'pace']]) {
    const { page, context, cdp } = await opened(browser, url, true);
    await play(page, speed);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW_DOWN });
    await page.waitForTimeout(1000);
    rows.push([speed, what, await page.evaluate(watchFrames, SECONDS)]);
    await context.close();
  }
  const { page, context, cdp } = await opened(browser, EMPTY, false);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW_DOWN });
  const empty = await page.evaluate(watchFrames, SECONDS);
  await context.close();
  for (const [speed, , seen] of rows) {
    print(`frames a second at ${speed}, CPU ${SLOW_DOWN}× slower`, seen.perSecond.toFixed(1), '/s', `   an empty page: ${empty.perSecond.toFixed(1)}; the longest ${seen.longest.toFixed(0)} ms`);
    print(`  simulated time for the wall's, of ${speed}`, (seen.pace / Number.parseFloat(speed)).toFixed(3), '', `    ${seen.pace.toFixed(2)}×`);
  }
}

async function quick(browser, url) {
  const told = [];
  for (const [what, address, story] of [['the story at 1×', url, true], ['an empty page', EMPTY, false]]) {
    const { page, context } = await opened(browser, address, story);
    if (story) await play(page, '1×');
    const { frames, seconds, parts, forced } = await mainThread(browser, page);
    const each = (name) => (parts.get(name)?.wall ?? 0) / frames;
    told.push(`${(frames / seconds).toFixed(0)} frames/s`);
    print(`main thread at a frame, ${what}`, each('RunTask').toFixed(2), 'ms', `   ${told.at(-1)}; on the CPU ${((parts.get('RunTask')?.cpu ?? 0) / frames).toFixed(2)} ms`);
    if (story) {
      for (const name of ['FireAnimationFrame', 'RunMicrotasks', 'UpdateLayoutTree', 'Layout', 'PrePaint', 'Paint', 'Layerize', 'Commit']) {
        print(`  ${name}`, each(name).toFixed(2), 'ms', name === 'Layout' ? `   ${(forced / frames).toFixed(1)} of ${((parts.get(name)?.count ?? 0) / frames).toFixed(1)} a frame are forced by a script` : '');
      }
    }
    await context.close();
  }
}

export async function run() {
  const server = await serve(DIST);
  const browser = await launch();
  const url = `${server.url}#scenario=taxi-booking`;
  try {
    console.log(`the taxi story after ${STORY_MS / 1000} s, ${SIZE.width} × ${SIZE.height}; load of the machine ${loadavg()[0].toFixed(2)}`);
    await slow(browser, url);
    await quick(browser, url);
    console.log(`load of the machine ${loadavg()[0].toFixed(2)}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run();
