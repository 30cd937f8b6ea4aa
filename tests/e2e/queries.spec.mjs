// Streaming SQL, typed in the terminal of the built page: completed, answered row by row, refused with what there is, and rewound.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, expectNoFaults, fingerprint, hasPlayground, launch, openPage, pause, picture, showTerminal } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';
const RIDES = ['{"id":"r1","zone":"north","fare":12}', '{"id":"r2","zone":"south","fare":7}', '{"id":"r3","zone":"north","fare":20}'];
const SELECT = 'select zone, count(*) as n, sum(fare) as total from rides group by zone emit changes';

describe('streaming SQL', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const rows = (page) =>
    page.locator('.terminal-screen .term-row').evaluateAll((all) => all.map((row) => row.textContent.replace(/\s+/g, ' ').trim()));

  /** Waits until a row reads like this, its blanks as one. */
  async function showsRow(page, row) {
    for (let n = 0; n < 100; n++) {
      if ((await rows(page)).includes(row)) return;
      await page.waitForTimeout(100);
    }
    assert.fail(`'${row}' does not show in\n  ${(await rows(page)).join('\n  ')}`);
  }

  const idle = (page) => page.waitForFunction(() => document.querySelector('.terminal-prompt .term-mark')?.textContent === '$');

  async function type(page, line) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  }

  /** The empty playground with a topic of three rides, and the terminal's prompt focused. */
  async function rides(options = {}) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /Empty playground/ }).click();
    await showTerminal(page);
    await page.locator('.terminal-prompt textarea').first().focus();
    await type(page, `kafka-topics.sh --create --topic rides --partitions 2 ${SERVER}`);
    await idle(page);
    await type(page, `kafka-console-producer.sh --topic rides ${SERVER}`);
    for (const ride of RIDES) await type(page, ride);
    await page.keyboard.press('Control+D');
    await idle(page);
    return opened;
  }

  it('is typed with Tab, shows its rows, and replays from a link to the same world', async () => {
    const { page, context, faults } = await rides();
    await page.keyboard.type('sel');
    await page.keyboard.press('Tab');
    await page.keyboard.type('zone, count(*) as n, sum(fare) as total from ri');
    await page.keyboard.press('Tab');
    await type(page, 'group by zone emit changes');
    await page.evaluate(() => playground.advance(15_000));
    await showsRow(page, `$ ${SELECT}`);
    await showsRow(page, 'zone n total');
    await showsRow(page, 'north 2 32');
    await showsRow(page, 'south 1 7');
    await pause(page);

    const here = await fingerprint(page);
    const link = await page.evaluate(() => playground.link());
    const other = await openPage(browser, `${server.url}#${link.split('#')[1]}`);
    await hasPlayground(other.page);
    await other.page.waitForFunction((hash) => String(playground.hash()) === hash, here.hash, { timeout: 10_000 });
    expectNoFaults(other.faults);
    await other.context.close();

    // Back in time the rows have not come yet; forward they come again.
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Home');
    await page.waitForFunction(() => !document.querySelector('.terminal-screen')?.textContent.includes('north'));
    await page.keyboard.press('End');
    await showsRow(page, 'north 2 32');
    assert.equal((await fingerprint(page)).hash, here.hash);
    expectNoFaults(faults);
    await context.close();
  });

  it('says which fields there are when one is misspelt, and where', async () => {
    const { page, context, faults } = await rides();
    await type(page, 'SELECT fre FROM rides');
    await page.evaluate(() => playground.advance(5_000));
    await showsRow(page, 'Line 1, column 8: There is no field fre in rides. It has: fare, id, zone.');
    expectNoFaults(faults);
    await context.close();
  });

  it('goes on with a query that is interrupted and typed again', async () => {
    const { page, context, faults } = await rides();
    const query = 'CREATE TABLE per_zone AS SELECT zone, COUNT(*) AS n FROM rides GROUP BY zone;';
    await type(page, query);
    await page.evaluate(() => playground.advance(15_000));
    await page.keyboard.press('Control+C');
    await idle(page);
    await type(page, `echo '${RIDES[0]}' | kafka-console-producer.sh --topic rides ${SERVER}`);
    await idle(page);
    await type(page, query);
    await page.evaluate(() => playground.advance(20_000));
    await page.keyboard.press('Control+C');
    await idle(page);
    await type(page, 'clear');
    await type(page, `kafka-console-consumer.sh --topic per_zone --from-beginning --timeout-ms 10000 ${SERVER}`);
    // Three rides of the north: the count went on where it had been.
    await showsRow(page, '{"zone":"north","n":3}');
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    for (const [width, size] of Object.entries({ ...WIDTHS, small: { width: 1280, height: 720 } })) {
      it(`is readable (pictures in tests/e2e/out): ${theme}, ${width}`, async () => {
        const { page, context, faults } = await rides({ theme, size });
        await type(page, SELECT);
        await page.evaluate(() => playground.advance(15_000));
        await showsRow(page, 'north 2 32');
        await picture(page, `query-${width}-${theme}`);
        expectNoFaults(faults);
        await context.close();
      });
    }
  }
});
