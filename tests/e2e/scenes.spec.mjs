// A step shows what it speaks of: at each step of each tour, when it opens and when it is done, what its words and its
// outcome are about is inside the window and under nothing, and so are its heading, its question and the button that goes on.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, TOURS, expectNoFaults, hasPlayground, launch, openPage, picture } from './page.mjs';
import { atRest } from './rectangles.mjs';
import { SCENES, ringsOf, unseenIn } from './scenes.mjs';

const SIZES = { projector: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };
const LESSONS = { 'lost-record': 'The lost record', join: 'A member joins' };

describe('a step shows what it speaks of', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const pane = (page) => page.getByTestId('story');
  const button = (page, name) => pane(page).getByRole('button', { name, exact: true });
  const isDone = (page) => pane(page).locator('.step-done').count();
  const title = (page) => pane(page).locator('.step-title').first().textContent();

  /** What of the step's own parts, of its subjects and of its rings is out of sight. */
  async function outOfSight(page, subjects, done) {
    await atRest(page);
    const own = ['.step-title', ...(done ? ['.step-done'] : [])];
    if (!done && (await pane(page).locator('.prediction').count())) own.push('.prediction legend', '.prediction .choice:first-of-type', '.prediction .choice:last-of-type');
    const ended = done && (await pane(page).getByText('That was the tour').count());
    if (!ended) own.push('[data-testid=story] .button-strong');
    return unseenIn(page, [...subjects.split(' ').filter(Boolean), ...own, ...(await ringsOf(page, done))]);
  }

  /** Plays the step that is shown until it is done. */
  async function finish(page) {
    for (let turns = 0; !(await isDone(page)); turns += 1) {
      assert.ok(turns < 400, `the tour stops at "${await title(page)}"`);
      if (await button(page, 'Choose an answer').count()) await pane(page).locator('.choice').last().click();
      else if (await button(page, 'See what happens').count()) await button(page, 'See what happens').click();
      else await page.evaluate(() => playground.advance(1000));
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20))));
    }
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
  }

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [name, steps] of Object.entries(SCENES)) {
      it(`${name}, ${size}`, async () => {
        const { page, context, faults } = await openPage(browser, `${server.url}#scenario=${name}`, { size: viewport });
        page.setDefaultTimeout(10_000);
        await hasPlayground(page);
        const wrong = [];
        for (const [at, [open, done = open]] of steps.entries()) {
          const here = await title(page);
          const look = async (moment, subjects) => {
            const found = await outOfSight(page, subjects, moment === 'done');
            if (found.length === 0) return;
            await picture(page, `scene-${name}-${at + 1}-${moment}-${size}`);
            wrong.push(`step ${at + 1}, “${here}”, ${moment}:`, ...found.map((each) => `  ${each}`));
          };
          if (!(await isDone(page))) await look('open', open);
          await finish(page);
          await look('done', done);
          if (at + 1 === steps.length) break;
          await button(page, 'Next').click();
          await page.waitForFunction((before) => document.querySelector('.step-title')?.textContent !== before, here);
        }
        assert.equal(await pane(page).getByText('That was the tour').count(), 1, 'the tour has more steps than are listed');
        assert.deepEqual((await page.getByRole('alert').allInnerTexts()).filter((text) => text.trim()), []);
        // Who follows a tour of groups has won its goals on the way.
        if (name in TOURS) assert.equal(await pane(page).locator('.goal-met').count(), await pane(page).locator('.goal').count());
        expectNoFaults(faults);
        await context.close();
        assert.equal(wrong.length, 0, `${name}, ${size}:\n  ${wrong.join('\n  ')}\n`);
      });
    }

    for (const [name, shown] of Object.entries(LESSONS)) {
      it(`the lesson ${name}, ${size}`, async () => {
        const { page, context, faults } = await openPage(browser, `${server.url}#lesson=${name}`, { size: viewport });
        await hasPlayground(page);
        page.setDefaultTimeout(10_000);
        const dialog = page.getByRole('dialog', { name: shown });
        await page.locator('.compare-column').nth(2).waitFor();
        const steps = await page.locator('.compare-step').count();
        const wrong = [];
        for (let at = 1; at <= steps; at += 1) {
          await atRest(page);
          // The first run at least: its name, its settings, and what becomes of its records or readers.
          const subjects = ['.compare-step[aria-current=step]', '.compare-told h3', '.compare-told p', '.compare-column:first-child h4'];
          subjects.push(name === 'join' ? '.compare-column:first-child [aria-label="Who reads each partition"]' : '.compare-column:first-child .fates');
          subjects.push(at < steps ? '.compare-ways .button-strong' : '.compare-ways .button');
          const found = await unseenIn(page, subjects);
          if (found.length > 0) wrong.push(`step ${at}:`, ...found.map((each) => `  ${each}`));
          if (at < steps) await dialog.getByRole('button', { name: 'Next', exact: true }).click();
        }
        expectNoFaults(faults);
        await context.close();
        assert.equal(wrong.length, 0, `${name}, ${size}:\n  ${wrong.join('\n  ')}\n`);
      });
    }
  }
});
