// Everybody can use it: axe finds nothing in any view of either story, in both themes, at five widths; the keyboard reaches all; motion can be off.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, STORIES, THEMES, WIDTHS, axeViolations, expectNoFaults, hasPlayground, launch, openPage, showTerminal, showView } from './page.mjs';
import { atRest } from './rectangles.mjs';

describe('access', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Widths of a phone, a projector at 150 %, a projector, and a large screen; each as high as such a window is. */
  const WINDOWS = [[320, 640], [390, 844], [853, 480], [1280, 720], [2560, 1440]];

  /** What is looked at: what differs from story to story is in the Logs view. */
  const SEEN = { 'taxi-booking': ['Logs', 'Cluster', 'Records', 'Groups', 'a record', 'terminal'], 'live-news': ['Logs'] };

  /** Brings up one of them. */
  async function show(page, what) {
    if (what === 'terminal') {
      await showTerminal(page);
      await page.keyboard.type('help\n');
      return;
    }
    await showView(page, what === 'a record' ? 'Logs' : what);
    if (what === 'a record') await page.locator('[data-testid=stage] [role=option]').first().click();
  }

  for (const theme of THEMES) {
    for (const story of STORIES) {
      it(`axe finds nothing in any view, at five widths: ${story}, ${theme}`, async () => {
        const { page, context, faults } = await openPage(browser, `${server.url}#scenario=${story}`, { theme });
        page.setDefaultTimeout(5000);
        // Something to look at: records, a consumer, a picture.
        await hasPlayground(page);
        await page.evaluate(() => playground.advance(8000));
        const wrong = [];
        for (const what of SEEN[story]) {
          await show(page, what);
          for (const [width, height] of WINDOWS) {
            await page.setViewportSize({ width, height });
            // Where one pane fits, it may be another one.
            if (width < 600 && /^[A-Z]/.test(what)) await showView(page, what);
            await atRest(page);
            wrong.push(...(await axeViolations(page)).map((each) => `${what}, ${width} px wide: ${each}`));
          }
          // The next one is chosen where there is room for everything.
          await page.setViewportSize(WIDTHS.desktop);
        }
        assert.deepEqual(wrong, []);
        expectNoFaults(faults);
        await context.close();
      });
    }
  }

  it('works by keyboard alone: Tab reaches the clock and its timeline, focus shows, Enter and Space press', async (t) => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    await page.evaluate(() => document.activeElement?.blur());
    const reached = new Map(); // accessible name -> does focus show?
    for (let presses = 0; presses < 400; presses++) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const at = document.activeElement;
        if (!at || at === document.body) return null;
        const style = getComputedStyle(at);
        const shows = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
        const name = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
        return { name: (name ?? '').trim().slice(0, 60), tag: at.tagName, shows };
      });
      if (!seen) {
        if (presses > 5) break; // once around
        continue;
      }
      reached.set(`${seen.tag} ${seen.name}`, seen.shows);
    }
    const names = [...reached.keys()].join('\n  ');
    for (const wanted of [/^BUTTON Play\b/, /^BUTTON Step\b/, /^BUTTON Step back\b/, / Timeline$/]) {
      assert.ok([...reached.keys()].some((name) => wanted.test(name)), `Tab does not reach ${wanted}; it reaches\n  ${names}`);
    }
    assert.deepEqual([...reached].filter(([, shows]) => !shows).map(([name]) => name), [], 'focus does not show on these');
    const step = page.getByRole('button', { name: 'Step', exact: true });
    await step.focus();
    const before = await page.evaluate(() => playground.cursor());
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    assert.equal(await page.evaluate(() => playground.cursor()), before + 2, 'Enter and Space should each step once');
    expectNoFaults(faults);
    await context.close();
  });

  it('says in words what the picture shows, and keeps still when asked to', async (t) => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { reducedMotion: 'reduce' });
    if (!(await hasPlayground(page))) return t.skip('the page has no window.playground yet');
    assert.ok((await page.locator('[aria-live], [role=status], [role=log]').count()) > 0, 'there is no live region');
    await page.evaluate(() => playground.advance(4000));
    await page.waitForTimeout(300);
    const moving = await page.evaluate(() => document.getAnimations().filter((each) => (each.effect?.getComputedTiming().duration ?? 0) > 1).length);
    assert.equal(moving, 0, 'something still moves under prefers-reduced-motion');
    expectNoFaults(faults);
    await context.close();
  });
});
