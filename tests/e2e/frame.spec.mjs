// The page's frame: the bar and the clock at every width, the card of what is chosen, what is told over the stage, the keys
// and the focus, and the presenter.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, axeViolations, expectNoFaults, foldTerminal, hasPlayground, isPhone, launch, openPage, pause, picture } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';
const DESKTOP = { width: 1280, height: 720 };
const SIZES = [
  [320, 640], [360, 740], [390, 844], [640, 360], [768, 1024], [844, 390], [853, 480], [900, 700], [960, 700], [1024, 800],
  [1280, 720], [1440, 900], [2560, 1440],
].map(([width, height]) => ({ width, height }));

describe('the frame', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The taxi story after so many simulated milliseconds. */
  async function taxi(size, ms = 60_000, fragment = '#scenario=taxi-booking') {
    const opened = await openPage(browser, server.url + fragment, { size });
    opened.page.setDefaultTimeout(10_000);
    await hasPlayground(opened.page);
    await pause(opened.page);
    await opened.page.evaluate((ms) => playground.advance(ms), ms);
    await opened.page.waitForTimeout(200);
    return opened;
  }

  const active = (page) => page.evaluate(() => document.activeElement?.tagName);
  const box = (page, selector) => page.locator(selector).first().boundingBox();
  const playing = (page) => page.getByRole('button', { name: 'Pause', exact: true }).isVisible();
  const now = (page) => page.evaluate(() => playground.now());
  const advance = (page, ms) => page.evaluate((ms) => playground.advance(ms), ms);

  for (const size of SIZES) {
    it(`fits: ${size.width} × ${size.height}`, async () => {
      const { page, context, faults } = await taxi(size);
      const found = await page.evaluate(() => {
        const wrong = [];
        const root = document.scrollingElement;
        if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) wrong.push(`the page is ${root.scrollWidth} × ${root.scrollHeight}`);
        const shown = (each) => each.getClientRects().length > 0 && getComputedStyle(each).clipPath === 'none';
        for (const strip of ['.topbar', '.phone-tabs', '.clock']) {
          const all = [...document.querySelectorAll(`${strip} :is(button, h1, time, .clock-cursor, [role=slider])`)].filter(shown);
          const rects = all.map((each) => ({ name: each.getAttribute('aria-label') ?? each.textContent.trim(), each, rect: each.getBoundingClientRect() }));
          for (const { name, rect } of rects) {
            if (rect.left < 0 || rect.right > innerWidth || rect.top < 0 || rect.bottom > innerHeight) wrong.push(`${strip}: ${name} is outside the window`);
          }
          for (const [at, one] of rects.entries()) {
            for (const other of rects.slice(at + 1)) {
              if (one.each.contains(other.each)) continue;
              const wide = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
              const high = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
              if (wide > 1 && high > 1) wrong.push(`${strip}: ${one.name} is over ${other.name}`);
            }
          }
        }
        const share = document.querySelector('.stage').getBoundingClientRect().height / innerHeight;
        if (share < 0.3) wrong.push(`the stage has ${Math.round(share * 100)} % of the height`);
        return wrong;
      });
      assert.deepEqual(found, []);
      expectNoFaults(faults);
      await context.close();
    });
  }

  it('shows what is chosen on a card, never over its row, and closes it with Escape', async () => {
    for (const size of [DESKTOP, { width: 1440, height: 900 }, { width: 2560, height: 1440 }, { width: 853, height: 480 }]) {
      const { page, context, faults } = await taxi(size);
      assert.equal(await page.getByTestId('inspector').count(), 0, 'nothing is chosen: no card');
      const before = await box(page, '.stage');
      const rows = await page.locator('.partition').count();
      for (const row of new Set([0, rows - 1])) {
        const cells = page.locator('.partition').nth(row).locator('.cell');
        await cells.last().scrollIntoViewIfNeeded();
        await cells.last().click();
        const card = page.getByTestId('inspector');
        await card.waitFor();
        await page.waitForTimeout(250);
        const [own, chosen] = [await card.boundingBox(), await box(page, '.cell[aria-selected=true]')];
        const apart = own.y >= chosen.y + chosen.height || own.y + own.height <= chosen.y || own.x >= chosen.x + chosen.width || own.x + own.width <= chosen.x;
        assert.ok(apart, `the card lies over its record at ${size.width}: ${JSON.stringify([own, chosen])}`);
        assert.ok(own.height >= 150, `the card is ${own.height} px high at ${size.width}`);
        assert.deepEqual(await box(page, '.stage'), before, 'the stage stays as it is');
        await page.keyboard.press('Escape');
        await card.waitFor({ state: 'detached' });
      }
      expectNoFaults(faults);
      await context.close();
    }
  });

  it('gives the focus back to what was chosen, and is clean in both themes', async () => {
    for (const theme of ['light', 'dark']) {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { theme, size: DESKTOP });
      await hasPlayground(page);
      await pause(page);
      await advance(page, 30_000);
      await page.locator('.cell').last().click();
      await page.keyboard.press('i');
      await page.waitForFunction(() => document.activeElement?.matches('.inspector'));
      assert.deepEqual(await axeViolations(page), []);
      await picture(page, `card-${theme}`);
      await page.keyboard.press('Escape');
      assert.ok(await page.evaluate(() => document.activeElement?.closest('.partition') !== null), 'the focus is back at the record');
      expectNoFaults(faults);
      await context.close();
    }
  });

  it('fills the stage with the card on a phone, and a tab leads back', async () => {
    const { page, context, faults } = await taxi({ width: 390, height: 844 });
    assert.ok(isPhone(page));
    await page.locator('.cell').first().click();
    const card = page.getByTestId('inspector');
    await card.waitFor();
    const [own, stage] = [await card.boundingBox(), await box(page, '.stage')];
    assert.deepEqual([own.x, Math.round(own.y), own.width], [stage.x, Math.round(stage.y), stage.width]);
    await picture(page, 'card-phone');
    assert.deepEqual(await axeViolations(page), []);
    await page.getByRole('button', { name: 'Terminal', exact: true }).click();
    await page.locator('.terminal-prompt textarea').waitFor();
    assert.ok(!(await page.locator('.stage').isVisible()));
    await page.getByRole('button', { name: 'Cluster', exact: true }).click();
    await page.locator('.cluster-row').first().waitFor();
    assert.equal(await page.locator('.terminal-screen').count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('tells over the stage: nothing moves, what is well goes by itself, a failure stays', async () => {
    const { page, context, faults } = await taxi(DESKTOP, 5000);
    const parts = ['.topbar', '.story', '.stage', '.clock'];
    const places = async () => Promise.all(parts.map((part) => box(page, part)));
    const before = await places();
    await page.evaluate((server) => playground.run(`$ kafka-topics.sh --create --topic told --partitions 1 ${server}`), SERVER);
    await page.evaluate(() => playground.run('$ kill-service riders'));
    await page.locator('.cell').last().click();
    await page.getByTestId('inspector').waitFor();
    assert.deepEqual(await places(), before);
    await page.keyboard.press('Escape');
    // A command that the page gives.
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /Empty playground/ }).click();
    await foldTerminal(page);
    await page.getByRole('button', { name: 'Type it for me' }).first().click();
    await advance(page, 3000);
    const told = page.getByTestId('outcome');
    await told.waitFor();
    const [own, stage] = [await told.boundingBox(), await box(page, '.stage')];
    assert.ok(own.y >= stage.y && own.y + own.height <= stage.y + stage.height && own.x >= stage.x, 'it lies over the stage');
    await page.mouse.move(640, 20);
    await told.waitFor({ state: 'detached', timeout: 12_000 });
    expectNoFaults(faults);
    await context.close();
  });

  it('tells two things at most, and keeps a failure', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=nonsense`, { size: DESKTOP });
    await hasPlayground(page);
    const failed = page.getByRole('alert').filter({ hasText: 'nonsense' });
    await failed.waitFor();
    await page.waitForTimeout(10_000);
    assert.ok(await failed.isVisible(), 'a failure stays');
    assert.ok((await page.locator('.toasts > *').count()) <= 2);
    await failed.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await failed.count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('plays and pauses with Space after a press on a button of the clock', async () => {
    const { page, context, faults } = await taxi(DESKTOP, 10_000);
    await page.getByRole('button', { name: 'Step back', exact: true }).click();
    const at = await now(page);
    await page.keyboard.press('Space');
    assert.ok(await playing(page), 'Space plays');
    await page.keyboard.press('Space');
    assert.ok(!(await playing(page)), 'Space pauses');
    assert.ok((await now(page)) >= at, 'Space must not step back again');
    // By the keyboard a button keeps what it does.
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Step back', exact: true }).focus();
    const cursor = await page.evaluate(() => playground.cursor());
    await page.keyboard.press('Space');
    assert.equal(await page.evaluate(() => playground.cursor()), cursor - 1);
    expectNoFaults(faults);
    await context.close();
  });

  it('never loses the focus to the body', async () => {
    const { page, context, faults } = await taxi(DESKTOP, 20_000);
    const held = async (what) => {
      await page.waitForTimeout(150);
      assert.notEqual(await active(page), 'BODY', `${what}: the focus is lost`);
    };
    await page.locator('.cell').last().click();
    await page.getByTestId('inspector').getByRole('button', { name: 'Select nothing' }).focus();
    await page.keyboard.press('Enter');
    await held('the card was closed');
    await page.getByRole('button', { name: 'Keyboard help' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter');
    await held('the help was closed');
    await page.locator('.terminal-handle').focus();
    await page.keyboard.press('Enter');
    await page.locator('.terminal-prompt textarea').waitFor();
    await page.getByRole('button', { name: 'Fold the terminal' }).focus();
    await page.keyboard.press('Enter');
    await held('the terminal was folded');
    expectNoFaults(faults);
    await context.close();
  });

  it('presents: P, Page Down, Space and Escape, in both themes', async () => {
    for (const theme of ['light', 'dark']) {
      const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`, { theme, size: DESKTOP });
      await hasPlayground(page);
      await pause(page);
      await advance(page, 20_000);
      await page.keyboard.press('p');
      const caption = page.getByTestId('presenter');
      await caption.waitFor();
      await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '20px');
      await page.waitForTimeout(300);
      for (const part of ['.topbar', '.clock', '.story', '.terminal']) assert.ok(!(await page.locator(part).isVisible()), `${part} is there`);
      const stage = await box(page, '.stage');
      assert.equal(stage.width, DESKTOP.width);
      assert.ok(stage.height > DESKTOP.height / 2, `the stage is ${stage.height} px high`);
      const title = await caption.locator('h2').innerText();
      await picture(page, `presenter-${theme}`);
      assert.deepEqual(await axeViolations(page), []);
      for (let presses = 0; presses < 20 && (await caption.locator('h2').innerText()) === title; presses++) {
        await page.keyboard.press('PageDown');
        await advance(page, 2000);
        await page.waitForTimeout(50);
      }
      assert.notEqual(await caption.locator('h2').innerText(), title, 'Page Down goes on');
      await page.keyboard.press('PageUp');
      await page.waitForTimeout(50);
      assert.equal(await caption.locator('h2').innerText(), title, 'Page Up goes back');
      await page.keyboard.press('Space');
      await page.waitForTimeout(50);
      await page.keyboard.press('Escape');
      await caption.waitFor({ state: 'detached' });
      assert.ok(await page.locator('.topbar').isVisible());
      expectNoFaults(faults);
      await context.close();
    }
  });
});
