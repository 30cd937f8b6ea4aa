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

  const step = (page) => page.getByTestId('story');
  const press = (page, name) => step(page).getByRole('button', { name, exact: true }).click();
  const titleOf = (page) => step(page).locator('.step-title').innerText();
  const shows = (page, title) => page.waitForFunction((text) => document.querySelector('.step-title')?.innerText === text, title, { timeout: 30_000 });
  const focused = (page) => page.evaluate(() => [document.activeElement?.tagName, document.activeElement?.className ?? ''].join(' '));
  const CRASH = 'Crash at the worst moment';

  it('skips eight steps, with a reload in the middle of one, and then a ride is charged twice', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    page.setDefaultTimeout(30_000);
    await hasPlayground(page);
    /** A load that is cut off by a reload would be a fault. */
    const reload = async () => {
      await page.reload();
      await started(page);
      await hasPlayground(page);
      await page.waitForLoadState('networkidle');
    };
    await page.waitForLoadState('networkidle');
    for (let at = 1; at <= 8; at += 1) {
      const here = await titleOf(page);
      await press(page, 'Skip');
      // Whether it is still under way or not: the walk goes on where it was.
      if (at === 4 || at === 6) await reload();
      await page.waitForFunction((before) => document.querySelector('.step-title')?.innerText !== before, here);
      await step(page).locator('.step-count').getByText(`${at + 1} of 13`).waitFor();
    }
    assert.equal(await titleOf(page), CRASH);
    await step(page).getByText('Twice', { exact: true }).click();
    await press(page, 'See what happens');
    await reload();
    for (let turn = 0; turn < 60 && !(await step(page).locator('.step-done').count()); turn += 1) {
      await page.evaluate(() => playground.advance(1000));
      await page.waitForTimeout(30);
    }
    await step(page).getByText('so it is').waitFor();
    await picture(page, 'story-charged-twice');
    expectNoFaults(faults);
    await context.close();
  });

  it('opens a step by its address, the same world each time, and a reload goes on with what was kept', async () => {
    const hashes = [];
    for (let time = 0; time < 2; time += 1) {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking&step=9&view=records`);
      await hasPlayground(page);
      await shows(page, CRASH);
      await step(page).getByRole('button', { name: 'Choose an answer' }).waitFor();
      hashes.push((await fingerprint(page)).hash);
      if (time === 1) {
        await press(page, 'Skip');
        await shows(page, 'The log is the memory');
        assert.match(page.url(), /#scenario=taxi-booking&step=10$/);
        const there = await fingerprint(page);
        await page.waitForLoadState('networkidle');
        await page.reload();
        await started(page);
        await hasPlayground(page);
        await shows(page, 'The log is the memory');
        assert.deepEqual(await fingerprint(page), there);
        // Another address on the open page is another opening.
        await page.evaluate(() => { location.hash = '#scenario=live-news&step=2&view=cluster'; });
        await step(page).locator('.step-count').getByText('2 of ').waitFor();
        await page.getByRole('button', { name: 'Story: Live news' }).waitFor();
        await page.waitForFunction(() => location.hash === '#scenario=live-news&step=2&view=cluster');
        // And a name that is none is told.
        await page.evaluate(() => { location.hash = '#scenario=nowhere&step=99999999999999999999'; });
        await page.getByText('There is no scenario “nowhere”').waitFor();
      }
      expectNoFaults(faults);
      await context.close();
    }
    assert.equal(hashes[0], hashes[1]);
  });

  it('goes back with its picture, and a share link keeps the step', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking&step=5`);
    await hasPlayground(page);
    await shows(page, 'Switch it on again');
    const off = () => page.evaluate(() => document.querySelector('[data-ring=card-city-map] [role=switch]')?.getAttribute('aria-checked') === 'false');
    assert.ok(await off(), 'the step before has switched the map off');
    const here = await fingerprint(page);
    await press(page, 'Back');
    await shows(page, 'Switch the map off');
    await step(page).locator('.step-done').waitFor();
    await press(page, 'Back');
    await shows(page, 'Billing reads the same records');
    await page.waitForFunction((before) => playground.now() < before, await page.evaluate(() => playground.now()) + 1);
    assert.ok(!(await off()), 'the picture is of the step’s own moment');
    assert.ok((await fingerprint(page)).cursor < here.cursor);
    // And on again, to where one was.
    await press(page, 'Next');
    await shows(page, 'Switch the map off');
    assert.ok(await off());
    await press(page, 'Next');
    await shows(page, 'Switch it on again');
    assert.deepEqual(await fingerprint(page), here);
    // Whoever is given the link sees the same step, done where it was done.
    await press(page, 'Back');
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.locator('.share-link').last().inputValue();
    assert.match(link, /#s=.*&step=4$/);
    const other = await openPage(browser, server.url + link.slice(link.indexOf('#')));
    await shows(other.page, 'Switch the map off');
    await step(other.page).locator('.step-done').waitFor();
    expectNoFaults([...faults, ...other.faults]);
    await context.close();
    await other.context.close();
  });

  it('plays at once when the address says so', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=live-news&play`);
    await hasPlayground(page);
    const from = await page.evaluate(() => playground.now());
    await page.waitForFunction((before) => playground.now() > before, from);
    expectNoFaults(faults);
    await context.close();
  });

  for (const size of [{ width: 1280, height: 720 }, { width: 853, height: 480 }, { width: 390, height: 844 }, { width: 844, height: 390 }]) {
    it(`keeps heading and foot in sight, whatever is scrolled: ${size.width}x${size.height}`, async () => {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { size });
      page.setDefaultTimeout(30_000);
      await hasPlayground(page);
      /** Heading and buttons: inside the window, and what a press there would meet. */
      const inSight = () =>
        page.evaluate(() => {
          const wrong = [];
          for (const each of document.querySelectorAll('.step-title, .step-foot button')) {
            if (getComputedStyle(each).display === 'none' || getComputedStyle(each).visibility === 'hidden') continue;
            const box = each.getBoundingClientRect();
            const inside = box.width > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            if (!inside || !top || !(each.contains(top) || top.contains(each))) wrong.push(`${each.textContent}: ${JSON.stringify(box)} ${top?.className}`);
          }
          return wrong;
        });
      for (let at = 1; at <= 13; at += 1) {
        await step(page).locator('.step-count').getByText(`${at} of 13`).waitFor();
        await page.waitForTimeout(100);
        assert.equal(await page.evaluate(() => document.querySelector('.step-body').scrollTop), 0, 'a step opens at its top');
        assert.deepEqual(await inSight(), [], `step ${at}`);
        await page.evaluate(() => { document.querySelector('.step-body').scrollTop = 10_000; });
        assert.deepEqual(await inSight(), [], `step ${at}, scrolled`);
        if (at === 1 || at === 9) await picture(page, `step-${at}-${size.width}`);
        const unfold = step(page).locator('.step-unfold');
        if (await unfold.isVisible()) {
          await unfold.click();
          assert.deepEqual(await inSight(), [], `step ${at}, unfolded`);
          if (at === 9) await picture(page, `step-9-${size.width}-unfolded`);
          await unfold.click();
        }
        await press(page, 'Skip');
        if (at < 13) await page.waitForFunction((number) => !document.querySelector('.step-count').innerText.startsWith(`${number} `), at);
      }
      await step(page).getByText('That was the tour').waitFor();
      await page.waitForTimeout(200);
      assert.deepEqual(await inSight(), [], 'the end');
      await picture(page, `step-end-${size.width}`);
      expectNoFaults(faults);
      await context.close();
    });
  }

  it('gives the focus to what comes next, and never to Skip or to nothing', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking&step=9`);
    page.setDefaultTimeout(30_000);
    await hasPlayground(page);
    await shows(page, CRASH);
    await step(page).getByText('Twice', { exact: true }).click();
    await step(page).getByRole('button', { name: 'See what happens' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForTimeout(150);
    assert.match(await focused(page), /step-title|step-go/);
    await step(page).locator('.step-done').waitFor();
    await page.waitForTimeout(150);
    assert.match(await focused(page), /BUTTON .*step-go/, 'done: Next has the focus');
    await page.keyboard.press('Enter');
    await shows(page, 'The log is the memory');
    await page.waitForTimeout(150);
    assert.match(await focused(page), /H2 step-title/);
    await step(page).getByRole('button', { name: 'Skip' }).focus();
    await page.keyboard.press('Enter');
    await shows(page, 'Read it all again');
    await page.waitForTimeout(150);
    assert.match(await focused(page), /H2 step-title/);
    // Another story: its heading.
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: 'Live news', exact: true }).click();
    await page.getByRole('button', { name: 'Story: Live news' }).waitFor();
    await page.waitForTimeout(200);
    assert.match(await focused(page), /H2 step-title/);
    expectNoFaults(faults);
    await context.close();
  });

  it('keeps goals won and what was seen, and undoes after a reload', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking&step=9`);
    page.setDefaultTimeout(30_000);
    await hasPlayground(page);
    await shows(page, CRASH);
    await press(page, 'Skip');
    await shows(page, 'The log is the memory');
    const summary = () => step(page).locator('.goals summary').innerText();
    const won = await summary();
    assert.match(won, /^Goals: [2-5] of 5$/);
    await page.getByRole('button', { name: 'To the beginning', exact: true }).click();
    await page.waitForTimeout(100);
    assert.equal(await summary(), won, 'stepping back loses no goal');
    await page.waitForLoadState('networkidle');
    await page.reload();
    await started(page);
    await hasPlayground(page);
    assert.equal(await summary(), won);
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    const inputs = () => page.evaluate(() => playground.script().split('\n').filter((line) => line.startsWith('$ ')).length);
    const before = await inputs();
    await undo.click();
    assert.equal(await inputs(), before - 1);
    expectNoFaults(faults);
    await context.close();
  });

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
