// Nothing lies over anything that can be read or clicked, and nothing is cut: rectangles, measured at every width the page
// is made for, in every view, with a story a minute old in it, in an empty playground, and in one that is full.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import {
  DIST, STORIES, expectNoFaults, foldTerminal, hasPlayground, isPhone, launch, openPage, pause, picture, showTerminal, showView,
} from './page.mjs';
import { atRest, layoutFaults, smallTargets } from './rectangles.mjs';
import { unseenIn } from './scenes.mjs';

/** Windows of a hand that touches, and of a pointer. */
const TOUCHED = [[320, 640], [360, 740], [390, 844], [844, 390]];
const POINTED = [[768, 1024], [853, 480], [960, 600], [1024, 800], [1280, 720], [1440, 900], [2560, 1440]];
const VIEWS = ['Logs', 'Cluster', 'Records', 'Groups'];
const SERVER = '--bootstrap-server localhost:9092';
const MINUTE_MS = 60_000;
/** Faults that a failure lists for one window and view; the others are counted. */
const LISTED_MAX = 8;

describe('rectangles', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Measures in each window what `shown` brings up, by name; all that is wrong is told at once. */
  async function measured(name, url, begin, shown) {
    const wrong = [];
    for (const windows of [TOUCHED, POINTED]) {
      const [width, height] = windows[0];
      const { page, context, faults } = await openPage(browser, url, { size: { width, height }, touch: windows === TOUCHED, first: name === 'first' });
      page.setDefaultTimeout(3000);
      await hasPlayground(page);
      await begin(page);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        for (const [what, show] of Object.entries(shown)) {
          // What cannot be clicked is a fault like the others: the rest is still measured.
          const unreached = [];
          const undo = await show(page).catch((error) => void unreached.push(`it cannot be brought up: ${error.message.match(/.*intercepts.*/)?.[0].trim() ?? error.message.split('\n')[0]}`));
          await page.evaluate(() => window.scrollTo(0, 0));
          await atRest(page);
          const { faults: boxes, items } = await layoutFaults(page);
          const found = [...unreached, ...boxes];
          assert.ok(items > 5, `${name}, ${what}, ${width}×${height}: only ${items} boxes were found`);
          if (found.length > 0) {
            await picture(page, `rectangles-${name}-${what.replaceAll(' ', '-')}-${width}x${height}`);
            const rest = found.length > LISTED_MAX ? [`and ${found.length - LISTED_MAX} more`] : [];
            wrong.push(`${what}, ${width}×${height}:`, ...[...found.slice(0, LISTED_MAX), ...rest].map((fault) => `  ${fault}`));
          }
          await undo?.().catch(() => {});
        }
      }
      expectNoFaults(faults);
      await context.close();
    }
    assert.ok(wrong.length === 0, `${name}:\n  ${wrong.join('\n  ')}\n`);
  }

  const views = Object.fromEntries(VIEWS.map((view) => [view, (page) => showView(page, view)]));

  /** A record is chosen, where there is one. */
  const chosen = async (page) => {
    await showView(page, 'Logs');
    await page.locator('[data-testid=stage] [role=option]').last().click();
    return async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    };
  };
  const terminal = async (page) => {
    await showView(page, 'Logs');
    await page.evaluate(() => document.activeElement?.blur());
    await showTerminal(page);
    return () => (isPhone(page) ? showView(page, 'Logs') : foldTerminal(page));
  };

  /** What a projector shows; a phone has none. */
  const presenter = async (page) => {
    if (page.viewportSize().width < 800) return undefined;
    await showView(page, 'Logs');
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press('p');
    await page.locator('[data-presenter=on]').waitFor();
    return () => page.keyboard.press('p');
  };

  for (const story of STORIES) {
    it(`has its own place for everything: ${story}, after a minute`, async () => {
      const begin = async (page) => {
        await pause(page);
        await page.evaluate((ms) => playground.advance(ms), MINUTE_MS);
      };
      await measured(story, `${server.url}#scenario=${story}`, begin, { ...views, 'a record is chosen': chosen, terminal, presenter });
    });
  }

  it('has its own place for everything: 50 partitions and 20 groups', async () => {
    const story = `${server.url}#scenario=taxi-booking`;
    const begin = async (page) => {
      await opens(page, /Empty playground/);
      await page.evaluate((server) => {
        playground.run(`kafka-topics.sh --create --topic payments-of-all-regions --partitions 50 ${server}`);
        const lines = Array.from({ length: 120 }, (_, n) => `> ride-${100_000 + n}:{"eventType":"ride_requested","fare":${n}}`).join('\n');
        playground.run(
          `$ kafka-console-producer.sh --topic payments-of-all-regions ${server} --reader-property parse.key=true --reader-property key.separator=:\n${lines}\n^D`,
        );
        for (let n = 0; n < 20; n++) {
          playground.run(`@reader-${n} $ kafka-console-consumer.sh --topic payments-of-all-regions --group settlement-${n} --from-beginning ${server}`);
        }
        // And a log so long that its end has six digits.
        playground.run(`kafka-topics.sh --create --topic clicks --partitions 2 ${server}`);
        playground.run(`kafka-producer-perf-test.sh --topic clicks --num-records 260000 --record-size 12 --throughput -1 --bootstrap-server localhost:9092`);
        playground.advance(20_000);
      }, SERVER);
      assert.ok(await page.evaluate(() => playground.partitions('clicks').every((each) => each.logEndOffset >= 100_000)), 'the log of clicks is long');
    };
    await measured('many', story, begin, { ...views, 'a record is chosen': chosen });
  });

  it('has its own place for everything: an empty playground', async () => {
    const story = `${server.url}#scenario=taxi-booking`;
    await measured('empty', story, (page) => opens(page, /Empty playground/), { ...views, terminal });
  });

  it('has its own place for everything: the first screen', async () => {
    const go = (name, words) => async (page) => {
      await page.evaluate((hash) => (location.hash = hash), name);
      await page.getByText(words).first().waitFor();
    };
    const lessons = async (page) => {
      await go('#lessons', 'Lessons and tours')(page);
      return () => page.goBack();
    };
    await measured('first', server.url, async () => {}, { 'first screen': async () => {}, lessons });
  });

  /** Half the pixels that a projector has, or two thirds: what a browser's zoom leaves. */
  for (const [zoom, width, height] of [[150, 853, 480], [200, 640, 360]]) {
    it(`shows a stage with records on it at ${zoom} %`, async () => {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { size: { width, height } });
      await hasPlayground(page);
      await pause(page);
      await page.evaluate((ms) => playground.advance(ms), MINUTE_MS);
      await atRest(page);
      await picture(page, `zoom-${zoom}`);
      assert.deepEqual(await unseenIn(page, ['records:rides', '.step-title']), []);
      assert.deepEqual((await layoutFaults(page)).faults, []);
      expectNoFaults(faults);
      await context.close();
    });
  }

  it('has targets of 44 px for a finger', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { size: { width: 390, height: 844 } });
    await hasPlayground(page);
    await pause(page);
    await page.evaluate((ms) => playground.advance(ms), MINUTE_MS);
    const small = [];
    for (const view of VIEWS) {
      await showView(page, view);
      await atRest(page);
      small.push(...(await smallTargets(page, 44)).map((each) => `${view}: ${each}`));
    }
    assert.deepEqual(small, []);
    expectNoFaults(faults);
    await context.close();
  });

  async function opens(page, name) {
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name }).click();
    await page.waitForFunction(() => playground.cursor() === 0);
  }
});
