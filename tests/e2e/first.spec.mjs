// The first screen: there before the program is, unmoved when it comes alive, moving by itself from then on; its doors; what
// it says where the program cannot come; and the page's content security policy.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from './server.mjs';
import { DIST, THEMES, axeViolations, expectNoFaults, hasPlayground, launch, openPage, picture, started } from './page.mjs';

/** A slow phone's network, and a processor four times slower than this one. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };
const SLOWER = 4;
const PAINTED_WITHIN_MS = 1500;
/** The bar may stand for so long: what it waits for is shown nowhere else. */
const STANDS_AT_MOST_MS = 2500;

/** What each of the three moments rings. */
const RUNG = ['first-flier', 'first-cell', 'first-kitchen'];

const SIZES = ['1280x720', '1440x900', '2560x1440', '390x844', '844x390', '320x640', '360x640', '768x1024', '853x480', '1024x768'];
const size = (text) => Object.fromEntries(text.split('x').map((number, at) => [['width', 'height'][at], Number(number)]));

describe('the first screen', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const opened = (options) => openPage(browser, server.url, { first: true, ...options });
  const door = (page, name) => page.getByRole('navigation', { name: 'Begin' }).getByRole('link', { name });
  /** A page that has not been opened, whose program comes when `come` is called. */
  async function waiting(options = {}) {
    const context = await browser.newContext({ viewport: size('1280x720'), ...options });
    const page = await context.newPage();
    let come;
    const may = new Promise((done) => { come = done; });
    await page.route('**/*.wasm', async (route) => {
      await may;
      await route.continue();
    });
    return { page, context, come };
  }

  it('is painted at once on a slow network, has a bar that moves until it lives, and does then what was chosen before', async () => {
    const context = await browser.newContext({ viewport: size('390x844') });
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send('Network.enable');
    await client.send('Network.emulateNetworkConditions', SLOW);
    await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    // Where the bar stood, frame by frame, until the program took its place.
    await page.addInitScript(() => {
      window.bar = [];
      window.painted = {};
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => { painted[entry.name || 'largest'] ??= entry.startTime; }))
        .observe({ type: 'paint', buffered: true });
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => { painted.largest = entry.startTime; }))
        .observe({ type: 'largest-contentful-paint', buffered: true });
      const look = (at) => {
        const value = document.getElementById('loading')?.value;
        if (value !== undefined && value !== bar.at(-1)?.value) bar.push({ at, value });
        if (document.getElementById('boot') || !document.querySelector('#page main')) requestAnimationFrame(look);
        else window.lives = at;
      };
      requestAnimationFrame(look);
    });
    await page.goto(server.url, { waitUntil: 'commit' });
    await door(page, 'Let me type').click();
    // It says so at once. (Its box has no height, so that it takes no room before.)
    await page.waitForFunction(() => [...document.querySelectorAll('.door-soon')].some((each) => getComputedStyle(each).visibility === 'visible'));
    await picture(page, 'first-loading');
    await page.waitForFunction(() => window.lives, undefined, { timeout: 120_000 });
    const { painted, bar, lives } = await page.evaluate(() => ({ painted, bar, lives }));
    const times = [...bar.map(({ at }) => at), lives];
    const stood = Math.max(...times.slice(1).map((at, index) => at - times[index]));
    console.log(`first paint ${painted['first-contentful-paint'].toFixed(0)} ms, largest ${painted.largest.toFixed(0)} ms, alive ${lives.toFixed(0)} ms, the bar stood for ${stood.toFixed(0)} ms at most`);
    assert.ok(painted['first-contentful-paint'] < PAINTED_WITHIN_MS, `painted after ${painted['first-contentful-paint']} ms`);
    assert.ok(painted.largest < PAINTED_WITHIN_MS, `the picture after ${painted.largest} ms`);
    assert.ok(bar.length >= 8, `the bar has moved ${bar.length} times`);
    assert.ok(stood < STANDS_AT_MOST_MS, `the bar stood for ${stood} ms`);
    assert.deepEqual(bar.map(({ value }) => value), bar.map(({ value }) => value).sort((one, other) => one - other));
    await page.waitForFunction(() => document.activeElement?.closest('.terminal'), undefined, { timeout: 20_000 });
    assert.equal(await page.evaluate(() => playground.topics().length), 0, 'an empty playground');
    await context.close();
  });

  for (const at of ['1280x720', '390x844', '844x390']) {
    it(`does not move when it comes alive: ${at}`, async () => {
      const { page, context, come } = await waiting({ viewport: size(at) });
      await page.addInitScript(() => {
        window.shifted = [];
        const told = ({ node, previousRect, currentRect }) => [node?.className, ...[previousRect, currentRect].map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`)].join(', ');
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => shifted.push([entry.startTime, entry.value, ...entry.sources.map(told)].join('; '))))
          .observe({ type: 'layout-shift', buffered: true });
        // Each element by its class, and what of one class follows; what flies, by its height alone.
        const places = () => {
          const found = {};
          for (const element of document.querySelectorAll('.first, .first [class], .first h1, .first p, .first a :not(.door-soon)')) {
            const [name] = (element.getAttribute('class') ?? element.localName).split(' ');
            const box = element.getBoundingClientRect();
            if (/loading|chosen|soon|note|opening|icon-button|pause/.test(name) || box.width === 0 || element.closest('button, .first-note')) continue;
            const flies = element.closest('.first-flier');
            (found[name] ??= []).push([flies ? 0 : box.x, box.y, flies ? 0 : box.width, box.height].map(Math.round).join(' '));
          }
          return found;
        };
        let before = null;
        const look = () => {
          if (document.getElementById('boot')) before = places();
          else if (before && document.querySelector('.first')) return void (window.compared = { before, after: places() });
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      await page.goto(server.url);
      await page.locator('.first-picture').waitFor();
      await page.waitForTimeout(300);
      come();
      await page.waitForFunction(() => window.compared, undefined, { timeout: 60_000 });
      const { before, after } = await page.evaluate(() => window.compared);
      assert.ok(Object.keys(before).length > 25, Object.keys(before).join(' '));
      assert.deepEqual(after, before);
      // Nor while an order comes and goes.
      await page.waitForTimeout(7000);
      assert.deepEqual(await page.evaluate(() => shifted), []);
      await context.close();
    });
  }

  it('plays by itself: each moment is rung in turn, and offsets grow', async () => {
    const { page, context, faults } = await opened({ size: size('1280x720') });
    const seen = new Set();
    for (let turns = 0; turns < 120 && seen.size < 3; turns += 1) {
      const rung = await page.evaluate((all) => [...document.querySelectorAll('.first-ring')].map((element) => all.find((name) => element.classList.contains(name))).join(), RUNG);
      assert.ok(RUNG.includes(rung), `rung: ${rung}`);
      if (!seen.has(rung)) await picture(page, `first-moment-${rung}`);
      seen.add(rung);
      await page.waitForTimeout(100);
    }
    assert.deepEqual([...seen], RUNG);
    await page.waitForFunction(() => Number(document.querySelector('.first-slot').textContent) >= 5, undefined, { timeout: 20_000 });
    await page.getByRole('button', { name: 'Pause the picture' }).click();
    const look = () => page.evaluate(() => [...document.querySelectorAll('.first-picture *')].map((element) => {
      const { x, y } = element.getBoundingClientRect();
      return [element.textContent, Math.round(x), Math.round(y)].join(' ');
    }).join('\n'));
    await page.waitForTimeout(400); // What had just moved comes to rest.
    const stands = await look();
    await page.waitForTimeout(1500);
    assert.equal(await look(), stands, 'a paused picture stands');
    expectNoFaults(faults);
    await context.close();
  });

  it('rings nothing and lets nothing fly where motion is not wanted', async () => {
    const { page, context, faults } = await opened({ size: size('1280x720'), reducedMotion: 'reduce' });
    for (let turns = 0; turns < 20; turns += 1) {
      const moving = await page.evaluate(() => document.getAnimations().length + [...document.querySelectorAll('.first-ring, .first-flier, .first-copy')].filter((element) => {
        const style = getComputedStyle(element);
        return style.display !== 'none' && style.outlineStyle !== 'none';
      }).length);
      assert.equal(moving, 0);
      await page.waitForTimeout(250);
    }
    assert.ok(Number(await page.locator('.first-slot').innerText()) >= 4, 'records appear all the same');
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    it(`fits at every size, and axe finds nothing: ${theme}`, async () => {
      for (const at of SIZES) {
        const { page, context, faults } = await opened({ size: size(at), theme });
        await page.waitForTimeout(200);
        await picture(page, `first-${at}-${theme}`);
        const check = async () => {
          const wider = await page.evaluate(() => Math.max(...[document.documentElement, document.querySelector('.first-hero')].map((element) => element.scrollWidth - element.clientWidth)));
          assert.equal(wider, 0, `${at}: it scrolls sideways by ${wider} px`);
          const cut = await page.evaluate(() => [...document.querySelectorAll('.first-hero *')].filter((element) => {
            const { left, right } = element.getBoundingClientRect();
            const words = element.childElementCount === 0 && element.textContent.trim() !== '' && !element.closest('.first-flier, .visually-hidden');
            return words && (left < 0 || right > innerWidth || element.scrollWidth > element.clientWidth + 1) && getComputedStyle(element).display !== 'inline';
          }).map((element) => element.textContent));
          assert.deepEqual(cut, [], `${at}: cut`);
          assert.deepEqual(await axeViolations(page), [], at);
        };
        await check();
        for (const one of await page.locator('.door').all()) {
          await one.scrollIntoViewIfNeeded();
          const box = await one.boundingBox();
          const { height } = size(at);
            assert.ok(box.height >= 43.9 && box.y >= -0.5 && box.y + box.height <= height + 0.5, `${at}: a door at ${JSON.stringify(box)}`);
        }
        await door(page, 'Lessons').click();
        await page.locator('.first-list').waitFor();
        await picture(page, `first-lessons-${at}-${theme}`);
        await check();
        expectNoFaults(faults);
        await context.close();
      }
    });
  }

  it('leads through each of its doors', async () => {
    const { page, context, faults } = await opened({ size: size('1280x720') });
    await door(page, 'Show me').click();
    await page.getByTestId('story').waitFor();
    assert.equal(await page.locator('.first').count(), 0);
    await page.waitForFunction(() => document.activeElement?.closest('.story'));

    // By the menu, back to it; the keyboard alone from there.
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitem', { name: 'Start screen' }).click();
    await door(page, 'Lessons').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.matches('.first-list .door'));
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement?.matches('.first-doors .door:last-child'));
    await door(page, 'Let me type').click();
    await page.waitForFunction(() => document.activeElement?.closest('.terminal'));
    await hasPlayground(page);
    assert.equal(await page.evaluate(() => playground.topics().length), 0);
    await page.keyboard.type('kafka-topics.sh --create --topic t --bootstrap-server localhost:9092');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => playground.topics().length === 1);
    expectNoFaults(faults);
    await context.close();
  });

  it('is for who comes for the first time, or asks for it', async () => {
    const { page, context, faults } = await opened({ size: size('1280x720') });
    await page.locator('.first-picture').waitFor();
    await page.reload();
    await started(page);
    await page.locator('.first-picture').waitFor();
    await door(page, 'Show me').click();
    await page.getByTestId('story').waitFor();
    await page.goto('about:blank');
    await page.goto(server.url);
    await started(page);
    await page.getByTestId('story').waitFor();
    assert.equal(await page.locator('.first').count(), 0, 'a kept session is gone on with');
    await page.goto(`${server.url}#start`);
    await page.locator('.first-picture').waitFor();
    for (const [address, there] of [['#lessons', '.first-list'], ['#terminal', '.terminal-prompt textarea:focus'], ['#scenario=live-news', '.story']]) {
      await page.goto('about:blank');
      await page.goto(server.url + address);
      await page.locator(there).waitFor();
    }
    expectNoFaults(faults);
    await context.close();
  });

  it('says what to do where the program cannot come', async () => {
    const said = async (page) => (await page.locator('.first-note:visible').allInnerTexts()).join();
    const check = async (page, words, name) => {
      await page.locator('.first-note:visible').waitFor({ timeout: 20_000 });
      assert.match(await said(page), words);
      assert.equal(await page.locator('.door:visible, progress:visible').count(), 0, 'nothing to wait for');
      await picture(page, `first-${name}`);
    };
    const fresh = (options) => browser.newContext({ viewport: size('1280x720'), ...options });
    for (const [name, files] of [['lost-program', '**/*.wasm'], ['lost-loader', '**/app-*.js'], ['lost-style', '**/stage-*.css']]) {
      const context = await fresh();
      const page = await context.newPage();
      await page.route(files, (route) => route.abort());
      await page.goto(server.url);
      await check(page, /could not be loaded[^]*Load the page again/, name);
      await context.close();
    }
    const served = await fresh();
    const file = await served.newPage();
    await file.goto(pathToFileURL(join(DIST, 'index.html')).href);
    await check(file, /has to be served[^]*make serve/, 'file');
    await served.close();
    const old = await fresh();
    const page = await old.newPage();
    await page.addInitScript(() => { delete window.WebAssembly; });
    await page.goto(server.url);
    await check(page, /no WebAssembly/, 'no-wasm');
    await old.close();
    const without = await fresh({ javaScriptEnabled: false });
    const bare = await without.newPage();
    await bare.goto(server.url);
    await check(bare, /JavaScript is switched off/, 'no-script');
    await without.close();
  });
});

describe('the content security policy', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens a page that keeps what its policy has forbidden, and what the console has said. */
  async function watched(address) {
    const context = await browser.newContext({ viewport: size('1280x720') });
    const page = await context.newPage();
    const said = [];
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) said.push(message.text());
    });
    await page.addInitScript(() => {
      window.forbidden = [];
      addEventListener('securitypolicyviolation', (event) => forbidden.push(`${event.effectiveDirective} ${event.blockedURI}`));
    });
    await page.goto(server.url + address);
    await started(page);
    await hasPlayground(page);
    return { page, context, said };
  }

  it('forbids nothing that the page does, and the console says nothing', async () => {
    for (const address of ['', '#scenario=taxi-booking', '#scenario=live-news', '#terminal', '#lesson=join']) {
      const { page, context, said } = await watched(address);
      await page.evaluate(() => playground.advance(30_000));
      for (const view of ['Cluster', 'Records', 'Groups', 'Logs']) {
        const tab = page.getByRole('button', { name: view, exact: true }).first();
        if (await tab.isVisible() && (await page.locator('dialog[open]').count()) === 0) await tab.click();
      }
      // The browser tells of a preload that nobody used some seconds later.
      await page.waitForTimeout(address ? 1000 : 5000);
      assert.deepEqual(await page.evaluate(() => forbidden), [], address);
      assert.deepEqual(said, [], address);
      await context.close();
    }
  });

  it('allows the page’s own files and nothing else', async () => {
    const { page, context } = await watched('');
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    assert.match(policy, /^default-src 'none'; /);
    assert.doesNotMatch(policy, /https?:|\*|HASHES|script-src[^;]*'unsafe-(inline|eval)'/);
    await page.evaluate(async () => {
      const add = (name, fields) => document.body.append(Object.assign(document.createElement(name), fields));
      add('script', { textContent: 'window.injected = 1' });
      add('script', { src: 'https://example.org/x.js' });
      add('style', { textContent: 'body { opacity: 0 }' });
      add('img', { src: 'https://example.org/x.png' });
      add('iframe', { src: 'https://example.org/' });
      add('base', { href: 'https://example.org/' });
      await fetch('https://example.org/').catch(() => {});
      await fetch('http://127.0.0.1:9/').catch(() => {});
      try { new WebSocket('wss://example.org/'); } catch { /* Or the event alone. */ }
    });
    await page.waitForTimeout(500);
    const forbidden = await page.evaluate(() => window.forbidden);
    for (const directive of ['script-src-elem inline', 'script-src-elem https', 'style-src-elem inline', 'img-src https', 'frame-src https', 'connect-src https://example.org', 'connect-src http://127.0.0.1:9', 'base-uri']) {
      assert.ok(forbidden.some((one) => one.startsWith(directive)), `${directive} was not stopped: ${forbidden.join(', ')}`);
    }
    assert.equal(await page.evaluate(() => window.injected), undefined);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).opacity), '1');
    await context.close();
  });
});
