// The tours of consumer groups, opened from the story menu: clean in both themes and widths, with the group in sight.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, TOURS, WIDTHS, axeViolations, expectNoFaults, hasPlayground, launch, openPage, picture } from './page.mjs';

describe('a tour of groups', () => {
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

  /** Opens it as a person does. */
  async function begun(name, options) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('group', { name: 'Tours' }).getByRole('menuitemradio', { name: TOURS[name], exact: true }).click();
    await page.getByRole('button', { name: `Story: ${TOURS[name]}` }).waitFor();
    return opened;
  }

  /** Plays one turn: answers, begins, or lets a second pass. */
  async function turn(page) {
    if (await button(page, 'Choose an answer').count()) {
      // Not always the right one.
      await pane(page).locator('.choice').last().click();
    } else if (await button(page, 'See what happens').count()) {
      await button(page, 'See what happens').click();
    } else {
      await page.evaluate(() => playground.advance(1000));
    }
    await page.waitForTimeout(60);
  }

  for (const name of Object.keys(TOURS)) {
    for (const theme of THEMES) {
      for (const [width, size] of Object.entries(WIDTHS)) {
        it(`is clean and looks right: ${name}, ${theme}, ${width}`, async () => {
          const { page, context, faults } = await begun(name, { theme, size });
          const check = async (what) => {
            await page.waitForTimeout(300);
            await picture(page, `${name}-${what}-${theme}-${width}`);
            assert.deepEqual(await axeViolations(page), []);
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            assert.equal(wider, 0, `the page scrolls sideways by ${wider} px`);
          };
          await check('start');
          for (let done = 0; done < 2; ) {
            await turn(page);
            if (await button(page, 'Next').count()) {
              done += 1;
              if (done < 2) await button(page, 'Next').click();
            }
          }
          await check('step');
          await page.locator('.group-summary').waitFor();
          // Whoever takes over can put it back.
          await page.getByRole('button', { name: 'Logs', exact: true }).click();
          await check('logs');
          await pane(page).getByRole('button', { name: 'Put back', exact: true }).click();
          await page.locator('.group-summary').waitFor();
          assert.equal(await pane(page).getByRole('button', { name: 'Put back', exact: true }).count(), 0);
          expectNoFaults(faults);
          await context.close();
        });
      }
    }
  }
});
