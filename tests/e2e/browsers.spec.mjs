// The page in other browsers than Chromium: Firefox plays both stories' tours to their ends, WebKit opens the page, plays
// one step and types one command.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from './server.mjs';
import { launchFirefox, launchWebKit, openInFirefox } from './browsers.mjs';
import { DIST, OUT, STORIES, WIDTHS, expectNoFaults } from './page.mjs';

const PANE = '[data-testid=story]';
/** The one button that goes on. */
const ON = `${PANE} .button-strong`;

/** In the page: what the step asks for now. */
const STANDING = `
  const pane = document.querySelector('${PANE}');
  const on = pane.querySelector('.button-strong');
  return {
    title: pane.querySelector('.step-title').textContent,
    ended: pane.textContent.includes('That was the tour'),
    done: pane.querySelector('.step-done') !== null,
    asks: pane.querySelector('.choice') !== null && pane.querySelector('.choice input:checked') === null,
    on: on && !on.disabled ? on.textContent.trim() : null,
  };`;

describe('other browsers', () => {
  let server;
  before(async () => {
    server = await serve(DIST);
  });
  after(() => server?.close());

  it('Firefox plays both tours to their ends', async () => {
    const browser = await launchFirefox();
    try {
      for (const story of STORIES) {
        const { page, context, faults } = await openInFirefox(browser, `${server.url}#scenario=${story}`, WIDTHS.desktop);
        const titles = new Set();
        for (let turn = 0; ; turn++) {
          const { title, ended, done, asks, on } = await page.evaluate(`(() => {${STANDING}})()`);
          titles.add(title);
          if (ended) break;
          assert.ok(turn < 1200, `${story} stops at "${title}"`);
          if (!done && asks) await page.click(`${PANE} .choice:last-of-type`);
          else if (on && on !== 'Let time pass') await page.click(ON);
          else await page.evaluate(() => playground.advance(1000));
          await new Promise((done) => setTimeout(done, 30));
        }
        assert.ok(titles.size >= 8, `${story}: only ${titles.size} steps`);
        await page.screenshot({ path: join(OUT, `firefox-${story}.png`) });
        expectNoFaults(faults);
        await context.close();
      }
    } finally {
      await browser.close();
    }
  });

  it('WebKit opens the page, plays a step and types a command', async () => {
    const webkit = await launchWebKit();
    try {
      await webkit.open(`${server.url}#scenario=taxi-booking`);
      const until = async (what, body) => {
        for (let n = 0; n < 300; n++) {
          const found = await webkit.run(body);
          if (found) return found;
          await new Promise((done) => setTimeout(done, 100));
        }
        return assert.fail(`WebKit never shows ${what}`);
      };
      await until('the page', `return typeof window.playground?.hash === 'function' && document.querySelector('${PANE} .step-title') !== null`);
      await webkit.run(`window.faults = []; addEventListener('error', (event) => faults.push(event.message)); addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));`);
      const first = await webkit.run(STANDING);
      await until('the end of the first step', `playground.advance(500); return document.querySelector('${PANE} .step-done') !== null`);
      await webkit.click(ON);
      await until('the second step', `return document.querySelector('${PANE} .step-title').textContent !== ${JSON.stringify(first.title)}`);
      await webkit.click(`${PANE} .choice:last-of-type`);
      await webkit.click(ON);
      await until('the end of the second step', `playground.advance(500); return document.querySelector('${PANE} .step-done') !== null`);
      // Its terminal is opened by its key, as everywhere.
      await webkit.run(`document.activeElement?.blur()`);
      await webkit.type('body', '\u0060');
      await until('the prompt', `return document.querySelector('.terminal-prompt textarea')?.checkVisibility()`);
      await webkit.type('.terminal-prompt textarea', 'kafka-topics.sh --list --bootstrap-server localhost:9092\uE007');
      await until('the topics', `playground.advance(200); return [...document.querySelectorAll('.terminal-screen .term-row')].some((row) => row.textContent.trim() === 'payments')`);
      writeFileSync(join(OUT, 'webkit.png'), await webkit.picture());
      assert.deepEqual(await webkit.run('return faults'), []);
    } finally {
      await webkit.close();
    }
  });
});
