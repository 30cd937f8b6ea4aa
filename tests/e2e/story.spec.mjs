// A story in the built page: it plays, goes back and forth in time, and survives a reload.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, STORIES, WIDTHS, advanceUntil, expectNoFaults, fingerprint, hasPlayground, launch, openPage, picture, started } from './page.mjs';

/** In the page: the first record of `payments` that says that the fare was paid, or nothing yet. */
function firstPayment() {
  const topic = playground.topics().find((each) => each.name === 'payments');
  if (!topic) return null;
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    for (const record of playground.records('payments', partition, 0, 5000)) {
      if (/wallet_charged|driver_paid/.test(String(record.value))) return { partition, offset: record.offset, value: String(record.value) };
    }
  }
  return null;
}

describe('a story in the page', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('opens with no fault and asks no other origin for anything', async () => {
    const { page, context, faults } = await openPage(browser, server.url);
    assert.equal(await page.title(), 'Kafka Playground');
    await page.waitForLoadState('networkidle');
    expectNoFaults(faults);
    await context.close();
  });

  it('plays the taxi until a fare is paid, steps back and forth to the same world, and a reload restores it', async (t) => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    const payment = await advanceUntil(page, firstPayment);
    assert.match(payment.value, /wallet_charged|driver_paid/);
    const there = await fingerprint(page);
    const back = page.getByRole('button', { name: 'Step back', exact: true });
    const step = page.getByRole('button', { name: 'Step', exact: true });
    for (let n = 0; n < 10; n++) await back.click();
    const earlier = await fingerprint(page);
    assert.notEqual(earlier.hash, there.hash, 'ten steps back should be another world');
    for (let n = 0; n < 10; n++) await step.click();
    assert.deepEqual(await fingerprint(page), there, 'ten steps back and ten forward should be the same world');
    await picture(page, 'taxi-paid');
    await page.waitForTimeout(1500); // Saving may wait for a quiet moment; a person does not reload within it.
    await page.reload();
    await started(page);
    await page.waitForFunction((hash) => String(playground.hash()) === hash, there.hash, { timeout: 20_000 });
    assert.deepEqual(await fingerprint(page), there, 'a reload should restore the session');
    expectNoFaults(faults);
    await context.close();
  });

  it('keeps the log as wide after a visit to the beginning, where there is no topic', async (t) => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
    await page.evaluate(() => playground.advance(30_000));
    await page.waitForTimeout(300);
    const cells = () => page.locator('.cell').count();
    const before = await cells();
    assert.ok(before > 8, `only ${before} cells`);
    await page.getByRole('button', { name: 'To the beginning', exact: true }).click();
    await page.waitForTimeout(300);
    assert.equal(await cells(), 0);
    await page.getByRole('button', { name: 'To the latest moment', exact: true }).click();
    await page.waitForTimeout(500);
    assert.equal(await cells(), before);
    expectNoFaults(faults);
    await context.close();
  });

  for (const story of STORIES) {
    it(`lets a learner walk the tour to its end: ${story}`, async (t) => {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=${story}`);
      if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
      const pane = page.getByTestId('story');
      const button = (name) => pane.getByRole('button', { name, exact: true });
      const titles = new Set();
      const ended = () => pane.getByText('That was the tour').count();
      for (let turn = 0; turn < 900 && !(await ended()); turn++) {
        titles.add(await pane.locator('.step-title').first().innerText());
        if (await button('Next').count()) {
          await button('Next').click();
        } else if (await button('Choose first').count()) {
          await pane.locator('.choice').first().click();
        } else if (await button('See what happens').count()) {
          await button('See what happens').click();
        } else {
          await page.evaluate(() => playground.advance(1000));
        }
        await page.waitForTimeout(60);
      }
      assert.ok(await ended(), `the tour stops at "${[...titles].at(-1)}"`);
      assert.ok(titles.size >= 8, `only ${titles.size} steps`);
      assert.deepEqual((await page.getByRole('alert').allInnerTexts()).filter((text) => text.trim()), []);
      expectNoFaults(faults);
      await context.close();
    });
  }

  it('plays by its own clock: Play moves simulated time, Pause stops it', async (t) => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=live-news`);
    if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
    const play = page.getByRole('button', { name: 'Play', exact: true });
    if (await play.isVisible()) await play.click();
    const from = await page.evaluate(() => playground.now());
    await page.waitForFunction((before) => playground.now() > before, from, { timeout: 10_000 });
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const stopped = await page.evaluate(() => playground.now());
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => playground.now()), stopped, 'time should stand still while paused');
    expectNoFaults(faults);
    await context.close();
  });

  it('gives the same world for the same share link in another browser profile', async (t) => {
    const one = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    if (!(await hasPlayground(one.page))) return t.skip('the page has no window.playground yet');
    const pause = one.page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    await one.page.evaluate(() => playground.advance(5000));
    const link = await one.page.evaluate(() => playground.link());
    const there = await fingerprint(one.page);
    const fragment = link.slice(link.indexOf('#'));
    assert.match(fragment, /^#s=/);
    const other = await openPage(browser, server.url + fragment);
    await other.page.waitForFunction((hash) => String(playground.hash()) === hash, there.hash, { timeout: 20_000 });
    assert.equal((await fingerprint(other.page)).script, there.script);
    expectNoFaults([...one.faults, ...other.faults]);
    await one.context.close();
    await other.context.close();
  });

  for (const story of STORIES) {
    it(`looks right: ${story}, both themes, desktop and phone (pictures in tests/e2e/out)`, async (t) => {
      for (const theme of ['light', 'dark']) {
        for (const [width, size] of Object.entries(WIDTHS)) {
          const { page, context, faults } = await openPage(browser, `${server.url}#scenario=${story}`, { theme, size });
          if (!(await hasPlayground(page))) {
            await context.close();
            return t.skip('the page has no window.playground yet');
          }
          await page.evaluate(() => playground.advance(8000));
          await page.waitForTimeout(400);
          await picture(page, `${story}-${theme}-${width}`);
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.equal(wider, 0, `${width}: the page scrolls sideways by ${wider} px`);
          expectNoFaults(faults);
          await context.close();
        }
      }
    });
  }
});
