// The Records view: columns of JSON fields, a partition of a million records from end to end, filters, the keyboard, axe.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, axeViolations, expectNoFaults, foldTerminal, hasPlayground, launch, openPage, pause, picture, showView } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';
const WIDE = [320, 360, 390, 768, 853, 960, 1024, 1280, 1440, 2560];

describe('the records', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A story after some time, paused, in the Records view. */
  async function story(name, seconds, options = {}) {
    const opened = await openPage(browser, `${server.url}#scenario=${name}&view=records`, options);
    await prepare(opened.page);
    await opened.page.evaluate((ms) => playground.advance(ms), seconds * 1000);
    await opened.page.locator('.record-row').first().waitFor();
    return opened;
  }

  async function prepare(page) {
    page.setDefaultTimeout(15_000);
    await hasPlayground(page);
    await pause(page);
    if (!(await page.locator('.records').isVisible())) await showView(page, 'Records');
  }

  /** An empty world with one topic of one partition that holds so many records. */
  async function many(records, options = {}) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(15_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /Empty playground/ }).click();
    await page.evaluate(
      ([records, server]) => {
        playground.run(`kafka-topics.sh --create --topic many --partitions 1 ${server}`);
        if (records > 0) {
          const run = playground.run(`kafka-producer-perf-test.sh --topic many --num-records ${records} --record-size 10 --throughput -1 ${server}`);
          if (run.exitCode !== 0) throw new Error(run.output);
        }
      },
      [records, SERVER],
    );
    await pause(page);
    await foldTerminal(page);
    await showView(page, 'Records');
    if (records > 0) await page.locator('.record-row').first().waitFor();
    return opened;
  }

  const headings = (page) => page.locator('.records-table thead th').allInnerTexts();
  const offsets = (page) => page.locator('.record-row .row-button').evaluateAll((all) => all.map((each) => Number(each.textContent)));
  const where = (page) => page.getByTestId('records-where').innerText();
  const table = (page) => page.getByTestId('records-table');
  const scroller = (page) => page.getByTestId('records-scroll');
  const drawn = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

  /** Rows that a person sees: wholly below the head, and not below the lower edge. */
  const seen = (page) =>
    page.evaluate(() => {
      const box = document.querySelector('[data-testid=records-scroll]').getBoundingClientRect();
      const head = document.querySelector('.records-table thead').getBoundingClientRect();
      const rows = [...document.querySelectorAll('.record-row')].filter((row) => {
        const at = row.getBoundingClientRect();
        return at.top >= head.bottom - 1 && at.bottom <= box.bottom + 1;
      });
      return rows.map((row) => Number(row.querySelector('.row-button').textContent));
    });

  it('gives the fields of JSON values columns, the event first, and keeps what was chosen', async () => {
    const { page, context, faults } = await story('taxi-booking', 60);
    await page.locator('.filters').getByLabel('Topic').selectOption('rides');
    await page.locator('.field-name').first().waitFor();
    const first = await headings(page);
    assert.equal(first[first.indexOf('Key') + 1], 'eventType', first.join(' '));
    assert.ok(first.length >= 6, `only ${first.join(' ')}`);
    const events = await page.locator(`.record-row td:nth-child(${first.indexOf('eventType') + 1})`).allInnerTexts();
    assert.ok(events.length > 5 && events.every((event) => /^[a-z_]+$/.test(event)), events.join(' '));
    await page.getByRole('button', { name: /^Columns/ }).click();
    const panel = page.getByRole('group', { name: 'Columns' });
    const names = await panel.locator('label').allInnerTexts();
    const taken = names.map((name) => name.trim()).find((name) => first.includes(name) && name !== 'eventType');
    const added = names.map((name) => name.trim()).find((name) => !first.includes(name) && name !== 'the whole value');
    await panel.getByLabel(taken, { exact: true }).uncheck();
    if (added) await panel.getByLabel(added, { exact: true }).check();
    await page.keyboard.press('Escape');
    const chosen = await headings(page);
    assert.ok(!chosen.includes(taken) && (!added || chosen.includes(added)), `${chosen.join(' ')}: without ${taken}, with ${added}`);
    await page.reload();
    await prepare(page);
    await page.locator('.filters').getByLabel('Topic').selectOption('rides');
    await page.locator('.field-name').first().waitFor();
    assert.deepEqual(await headings(page), chosen);
    await page.getByRole('button', { name: /^Columns/ }).click();
    await page.getByRole('button', { name: 'As at first' }).click();
    assert.deepEqual(await headings(page), first);
    expectNoFaults(faults);
    await context.close();
  });

  it('shows the kind of a packet first in the news', async () => {
    const { page, context, faults } = await story('live-news', 40);
    const shown = await headings(page);
    assert.equal(shown[shown.indexOf('Key') + 1], 'kind', shown.join(' '));
    await picture(page, 'records-news');
    expectNoFaults(faults);
    await context.close();
  });

  it('unfolds a record to its pretty JSON, in its place', async () => {
    const { page, context, faults } = await story('taxi-booking', 40);
    await page.locator('.filters').getByLabel('Topic').selectOption('rides');
    await page.getByRole('button', { name: 'First', exact: true }).click();
    await page.locator('.record-row').nth(3).click();
    const detail = page.locator('.record-more pre');
    assert.match(await detail.innerText(), /^\{\n {2}"/);
    assert.equal(await page.locator('.row-button[aria-expanded=true]').count(), 1);
    const rows = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.records-table tbody tr')].map((row) => row.getBoundingClientRect());
      return boxes.slice(1).every((box, at) => Math.abs(box.top - boxes[at].bottom) < 1.5);
    });
    assert.ok(rows, 'rows overlap');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.getByTestId('inspector').waitFor();
    await page.keyboard.press('Escape');
    await table(page).focus();
    await page.keyboard.press('Escape');
    assert.equal(await detail.count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('scrolls a million records from the first to the last, with less than a hundred rows in the page', async () => {
    const { page, context, faults } = await many(1_000_000);
    const rows = async () => {
      const count = await page.locator('.records-table tbody tr').count();
      assert.ok(count > 5 && count < 100, `${count} rows are in the page`);
    };
    const scrollTo = async (part) => {
      await scroller(page).evaluate((each, part) => (each.scrollTop = (each.scrollHeight - each.clientHeight) * part), part);
      await drawn(page);
      await rows();
      return seen(page);
    };
    assert.equal((await seen(page)).at(-1), 999_999, 'it begins at the latest');
    assert.equal((await scrollTo(0))[0], 0);
    const middle = (await scrollTo(0.5))[0];
    assert.ok(Math.abs(middle - 500_000) < 1000, `${middle} in the middle`);
    assert.equal((await scrollTo(1)).at(-1), 999_999);
    assert.match(await where(page), /^Offsets 999,9\d\d to 999,999 of 1,000,000$/);
    // A wheel moves by rows, not by thousands of them.
    await scrollTo(0.5);
    const before = await seen(page);
    await table(page).hover();
    await page.mouse.wheel(0, 320);
    await drawn(page);
    const moved = (await seen(page))[0] - before[0];
    assert.ok(moved >= 5 && moved <= 15, `the wheel moved by ${moved} rows`);
    // The keyboard.
    await table(page).focus();
    await page.keyboard.press('Home');
    assert.equal((await seen(page))[0], 0);
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    const active = () => page.evaluate(() => document.querySelector('.record-row.cursor .row-button')?.textContent);
    const paged = Number(await active());
    assert.ok(paged > 10 && paged < 100, `${paged} after two pages`);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    assert.equal(Number(await active()), paged - 1);
    await page.keyboard.press('PageUp');
    await page.keyboard.press('End');
    assert.equal((await seen(page)).at(-1), 999_999);
    assert.equal(Number(await active()), 999_999);
    assert.equal(await page.evaluate(() => document.querySelector('[aria-activedescendant]').getAttribute('aria-activedescendant')), 'record-0-999999');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.record-more').count(), 1);
    await page.keyboard.press('Enter');
    // An offset, and a time.
    await page.getByLabel('Go to').fill('123456');
    await page.keyboard.press('Enter');
    await drawn(page);
    assert.equal((await seen(page))[0], 123_456);
    await page.getByLabel('Go to').fill('soon');
    await page.keyboard.press('Enter');
    await page.getByText('Write an offset (1200) or a time').waitFor();
    await rows();
    // Quick: a drawing after a jump, on average.
    const ms = await scroller(page).evaluate(async (each) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const begun = performance.now();
      for (let step = 1; step <= 30; step++) {
        each.scrollTop = ((each.scrollHeight - each.clientHeight) * step) / 31;
        await frame();
      }
      return (performance.now() - begun) / 30;
    });
    console.log(`  a jump among a million records: ${ms.toFixed(1)} ms a frame`);
    assert.ok(ms < 100, `${ms} ms`);
    // A filter looks at so much, says how far, and goes on when asked.
    await page.getByLabel('Value contains').fill('NOTHING LIKE IT');
    await page.getByRole('button', { name: 'Search on' }).waitFor();
    const told = () => page.getByTestId('records-searched').innerText();
    const looked = async () => Number((await told()).match(/among ([\d,]+) of/)[1].replaceAll(',', ''));
    const first = await looked();
    assert.ok(first >= 100_000 && first < 120_000, await told());
    await page.getByRole('button', { name: 'Search on' }).click();
    await page.waitForFunction((first) => Number(document.querySelector('[data-testid=records-searched]').textContent.match(/among ([\d,]+) of/)[1].replaceAll(',', '')) > first, first);
    expectNoFaults(faults);
    await context.close();
  });

  it('keeps the latest record in view, and lets rows be where one reads elsewhere', async () => {
    const { page, context, faults } = await many(2000);
    const send = (count) =>
      page.evaluate(
        ([count, server]) => playground.run(`kafka-producer-perf-test.sh --topic many --num-records ${count} --record-size 10 --throughput -1 ${server}`),
        [count, SERVER],
      );
    await send(500);
    await drawn(page);
    assert.equal((await seen(page)).at(-1), 2499);
    await page.getByLabel('Go to').fill('700');
    // Time passes while one types.
    await page.evaluate(() => playground.advance(100));
    await drawn(page);
    assert.equal(await page.getByLabel('Go to').inputValue(), '700');
    await page.keyboard.press('Enter');
    // A busy machine draws the jump some frames later.
    for (let tries = 0; tries < 100 && (await seen(page)).at(-1) === 2499; tries += 1) await drawn(page);
    await drawn(page);
    const before = await seen(page);
    await send(500);
    await drawn(page);
    assert.deepEqual(await seen(page), before);
    assert.match(await where(page), /of 3,000$/);
    await page.getByRole('button', { name: 'Latest', exact: true }).click();
    await drawn(page);
    assert.equal((await seen(page)).at(-1), 2999);
    expectNoFaults(faults);
    await context.close();
  });

  it('filters by key and partition, and says what it found', async () => {
    const { page, context, faults } = await story('taxi-booking', 60);
    await page.locator('.filters').getByLabel('Topic').selectOption('rides');
    const key = await page.locator('.record-row .key-chip').first().innerText();
    await page.getByLabel('Key contains').fill(key);
    await page.getByTestId('records-searched').getByText(/^\d+ found among \d+ of \d+ looked at\.$/).waitFor();
    assert.ok((await page.locator('.record-row .key-chip').allInnerTexts()).every((each) => each === key));
    await page.getByLabel('Value contains').fill('no such text anywhere');
    await page.getByText('No record fits').waitFor();
    await page.getByRole('button', { name: 'Show all records' }).click();
    await page.getByLabel('Partition').selectOption('1');
    await drawn(page);
    assert.ok(!(await headings(page)).includes('Partition'));
    const shown = await offsets(page);
    assert.deepEqual(shown, [...shown].sort((one, other) => one - other));
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    for (const [name, size] of Object.entries({ ...WIDTHS, projector: { width: 1280, height: 720 } })) {
      it(`axe finds nothing: ${theme}, ${name}`, async () => {
        const { page, context, faults } = await story('taxi-booking', 60, { theme, size });
        assert.deepEqual(await axeViolations(page), []);
        await picture(page, `records-${theme}-${size.width}x${size.height}`);
        await page.locator('.record-row').nth(2).click();
        const filter = page.getByRole('button', { name: /^Filter/ });
        if (await filter.isVisible()) await filter.click();
        await page.getByRole('button', { name: /^Columns/ }).click();
        await page.waitForTimeout(200);
        assert.deepEqual(await axeViolations(page), []);
        await picture(page, `records-open-${theme}-${size.width}x${size.height}`);
        expectNoFaults(faults);
        await context.close();
      });
    }
  }

  it('overlaps and cuts nothing at any width', async () => {
    const { page, context, faults } = await story('taxi-booking', 60, { size: { width: 390, height: 844 } });
    const wrong = [];
    for (const width of WIDE) {
      await page.setViewportSize({ width, height: width < 500 ? 844 : 800 });
      await page.waitForTimeout(150);
      if (!(await page.locator('.records').isVisible())) await showView(page, 'Records');
      const found = await page.evaluate(() => {
        const stage = document.querySelector('.records').getBoundingClientRect();
        const said = [];
        const controls = [...document.querySelectorAll('.records :is(button, input, select, label, .rows-where, th)')].filter(
          (each) => each.checkVisibility() && !each.closest('tbody, [popover]') && each.getBoundingClientRect().width > 1,
        );
        const name = (each) => `${each.tagName} ${(each.textContent || each.id || '').trim().slice(0, 20)}`;
        const scroll = document.querySelector('[data-testid=records-scroll]');
        for (const each of controls) {
          const at = each.getBoundingClientRect();
          const inside = each.closest('table') ? scroll.getBoundingClientRect() : stage;
          if (!each.closest('table') && (at.left < inside.left - 1 || at.right > inside.right + 1 || at.bottom > stage.bottom + 1)) said.push(`${name(each)} leaves the stage`);
          if (each.tagName === 'BUTTON' && each.scrollWidth > each.clientWidth + 1) said.push(`${name(each)} is cut`);
        }
        const boxes = controls.filter((each) => each.tagName !== 'LABEL').map((each) => [each, each.getBoundingClientRect()]);
        boxes.forEach(([one, a], at) => {
          for (const [other, b] of boxes.slice(at + 1)) {
            if (one.contains(other) || other.contains(one) || one.closest('table') || other.closest('table')) continue;
            if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) said.push(`${name(one)} over ${name(other)}`);
          }
        });
        if (document.documentElement.scrollWidth > innerWidth) said.push('the page scrolls sideways');
        if (document.querySelectorAll('.record-row').length < 4) said.push('less than four rows');
        const small = innerWidth <= 832 ? [...document.querySelectorAll('.records :is(button:not(.row-button), input, select), .record-row')].filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5 && !each.closest('[popover]')) : [];
        said.push(...small.map((each) => `${name(each)} is ${each.getBoundingClientRect().height} high`));
        return [...new Set(said)];
      });
      wrong.push(...found.map((what) => `${width}: ${what}`));
    }
    assert.deepEqual(wrong, []);
    expectNoFaults(faults);
    await context.close();
  });
});
