// The terminal of the built page, by keyboard: Kafka's tools typed, their input, their interrupts, and what is kept.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, axeViolations, expectNoFaults, fingerprint, hasPlayground, launch, openPage, picture, started } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';
const CREATE = `kafka-topics.sh --create --topic events --partitions 3 ${SERVER}`;
const PRODUCE = `kafka-console-producer.sh --topic events ${SERVER}`;
const CONSUME = `kafka-console-consumer.sh --topic events --from-beginning ${SERVER}`;
const EVENT = '{"eventType":"ride_requested","userId":"1234","pickup":"A","dropoff":"B"}';
const NEWS =
  'The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. ' +
  'See https://kafka.apache.org/documentation/#consumer_rebalance_protocol';

/** The screen's rows, as they read. */
const rows = (page) =>
  page.locator('.terminal-screen .term-row').evaluateAll((all) => all.map((row) => row.textContent.replace(/\s+$/, '')));

/** Waits until the screen's rows are these. */
async function shows(page, expected) {
  let found;
  for (let n = 0; n < 100; n++) {
    found = await rows(page);
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    await page.waitForTimeout(100);
  }
  assert.deepEqual(found, expected);
}

async function showsRow(page, row) {
  for (let n = 0; n < 100; n++) {
    if ((await rows(page)).includes(row)) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`'${row}' does not show in\n  ${(await rows(page)).join('\n  ')}`);
}

const prompt = (page) => page.locator('.terminal-prompt textarea');

async function type(page, line) {
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

/** Waits until nothing runs in the terminal that is shown. */
const idle = (page) => page.waitForFunction(() => document.querySelector('.terminal-prompt .term-mark')?.textContent === '$');

async function paste(page, text) {
  await prompt(page).evaluate((field, text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

describe('the terminal', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The page with the empty playground, its terminal open and its prompt focused. */
  async function empty(options = {}) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /Empty playground/ }).click();
    await page.keyboard.press('`');
    await prompt(page).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    return opened;
  }

  it('runs the three commands of a first tutorial, typed, with what a real Kafka prints', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await shows(page, [`$ ${CREATE}`, 'Created topic events.']);
    await type(page, PRODUCE);
    await type(page, EVENT);
    await page.keyboard.press('Control+D');
    await idle(page);
    await type(page, CONSUME);
    await showsRow(page, EVENT);
    await page.keyboard.press('Control+C');
    await shows(page, [
      `$ ${CREATE}`, 'Created topic events.',
      `$ ${PRODUCE}`, `> ${EVENT}`, '^D',
      `$ ${CONSUME}`, NEWS, EVENT, '^C', 'Processed a total of 1 messages',
    ]);
    await idle(page);
    const before = { ...(await fingerprint(page)), rows: await rows(page) };
    await page.waitForTimeout(300);
    await page.reload();
    await started(page);
    await hasPlayground(page);
    await shows(page, before.rows);
    assert.equal((await fingerprint(page)).hash, before.hash);
    // The history is there as well.
    await prompt(page).focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await prompt(page).inputValue(), CONSUME);
    await page.keyboard.press('Escape');
    // Back in time, before the consumer.
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Home');
    await page.waitForFunction(() => document.querySelectorAll('.terminal-screen .term-row').length === 0);
    await page.keyboard.press('End');
    await shows(page, before.rows);
    for (let n = 0; n < 400 && (await rows(page)).includes(EVENT); n++) await page.keyboard.press(',');
    assert.ok(!(await rows(page)).includes('Processed a total of 1 messages'));
    expectNoFaults(faults);
    await context.close();
  });

  it('answers an older spelling as the real tool does, and says beside it how it is written today', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await type(page, `kafka-console-producer.sh --broker-list localhost:9092 --topic events`);
    await showsRow(page, 'broker-list is not a recognized option');
    const hint = page.getByTestId('terminal-hint');
    await hint.waitFor();
    assert.match(await hint.innerText(), /--bootstrap-server/);
    assert.ok(!(await page.evaluate(() => playground.script())).includes('called --bootstrap-server'), 'a hint is no part of the session');
    await hint.getByRole('button').click();
    await showsRow(page, '$ kafka-console-producer.sh --bootstrap-server localhost:9092 --topic events');
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    await type(page, 'hello');
    await page.keyboard.press('Control+D');
    await idle(page);
    assert.equal(await page.evaluate(() => [0, 1, 2].flatMap((each) => playground.records('events', each, 0, 9)).length), 1);
    expectNoFaults(faults);
    await context.close();
  });

  it('completes with Tab, and never holds the focus: Escape, then Tab leaves', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await showsRow(page, 'Created topic events.');
    await page.keyboard.type('kafka-top');
    await page.keyboard.press('Tab');
    assert.equal(await prompt(page).inputValue(), 'kafka-topics.sh ');
    await page.keyboard.type('--desc');
    await page.keyboard.press('Tab');
    await page.keyboard.type('--topic ev');
    await page.keyboard.press('Tab');
    assert.equal(await prompt(page).inputValue(), 'kafka-topics.sh --describe --topic events ');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    assert.ok(!(await prompt(page).evaluate((field) => field === document.activeElement)), 'the focus stays');
    // Tab pressed again and again stays where the line is typed.
    await prompt(page).focus();
    await page.keyboard.press('Control+U');
    await page.keyboard.type('kafka-topics.sh --to');
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Tab');
    await page.keyboard.type(' events');
    assert.equal(await prompt(page).inputValue(), 'kafka-topics.sh --topic events');
    // On an empty line Tab goes on at once; the caret stands where it should after it was cleared twice.
    await page.keyboard.press('Control+U');
    await page.keyboard.press('Control+U');
    await page.keyboard.type('clear');
    assert.equal(await prompt(page).inputValue(), 'clear');
    await page.keyboard.press('Control+U');
    await page.keyboard.press('Tab');
    assert.ok(!(await prompt(page).evaluate((field) => field === document.activeElement)), 'the focus stays at an empty line');
    // Keys of the page do nothing while a line is typed.
    await prompt(page).focus();
    const before = await fingerprint(page);
    await page.keyboard.type('echo 1.2,3 s?');
    assert.equal((await fingerprint(page)).cursor, before.cursor);
    // A search of the history.
    await page.keyboard.press('Control+U');
    await page.keyboard.press('Control+R');
    await page.keyboard.type('create');
    assert.equal(await page.locator('.term-offered').innerText(), CREATE);
    await page.keyboard.press('Escape');
    expectNoFaults(faults);
    await context.close();
  });

  it('prints why a line is none below it, and leaves the prompt empty', async () => {
    const { page, context, faults } = await empty();
    await type(page, '<img src=x &');
    await shows(page, ['$ <img src=x &', "bash: '&' (background) is not simulated: open another terminal instead"]);
    assert.equal(await prompt(page).inputValue(), '');
    await type(page, 'echo after');
    await showsRow(page, 'after');
    await type(page, 'kafka-topics.sh --list &');
    await page.waitForFunction(() => document.querySelectorAll('.term-refused').length === 2);
    assert.equal(await prompt(page).inputValue(), '');
    const found = await rows(page);
    assert.deepEqual(found.slice(2, 5), ['$ echo after', 'after', '$ kafka-topics.sh --list &']);
    assert.match(found[5], /^bash: '&' \(background\) is not simulated/);
    // Arrow up brings it back, to be mended; the one before is there too.
    await page.keyboard.press('ArrowUp');
    assert.equal(await prompt(page).inputValue(), 'kafka-topics.sh --list &');
    await page.keyboard.press('ArrowUp');
    assert.equal(await prompt(page).inputValue(), 'echo after');
    await page.keyboard.press('ArrowUp');
    assert.equal(await prompt(page).inputValue(), '<img src=x &');
    assert.equal(await page.locator('img[src=x]').count(), 0);
    await page.keyboard.press('Control+U');
    // A fault that cannot be done is said there as well.
    await type(page, 'kill-broker 9');
    await page.waitForFunction(() => document.querySelectorAll('.term-refused').length === 3);
    assert.equal(await prompt(page).inputValue(), '');
    // Before it was typed it is not there.
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Home');
    await shows(page, ['$ <img src=x &', "bash: '&' (background) is not simulated: open another terminal instead"]);
    expectNoFaults(faults);
    await context.close();
  });

  it('offers completions below the line, or above it where there is no room, and cuts none off', async () => {
    const { page, context, faults } = await empty();
    const inside = async () => {
      const [list, line, size] = [await page.locator('.term-offered').boundingBox(), await page.locator('.terminal-prompt').boundingBox(), page.viewportSize()];
      assert.ok(list.y >= 0 && list.y + list.height <= size.height && list.x + list.width <= size.width, JSON.stringify(list));
      assert.ok(list.y >= line.y + line.height || list.y + list.height <= line.y, 'it covers the line');
      return list.y >= line.y + line.height ? 'below' : 'above';
    };
    await page.getByRole('separator', { name: 'Height of the terminal' }).focus();
    await page.keyboard.press('End');
    await prompt(page).focus();
    await page.keyboard.type('kafka-c');
    await page.keyboard.press('Tab');
    assert.equal(await inside(), 'below');
    await page.keyboard.press('Control+U');
    await type(page, 'seq 1 60');
    await showsRow(page, '60');
    await page.keyboard.type('kafka-');
    await page.keyboard.press('Tab');
    assert.equal(await inside(), 'above');
    assert.match(await page.locator('.terminal-side [role=status]').allInnerTexts().then((all) => all.join(' ')), /\d+ completions: kafka-/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.term-offered').count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('says in its own line that the clock is paused, and lets it run', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await showsRow(page, 'Created topic events.');
    await idle(page);
    await type(page, CONSUME);
    // The clock is lent to it for ten simulated seconds.
    const line = page.locator('.term-stands');
    await line.waitFor({ timeout: 30_000 });
    assert.match(await line.innerText(), /It waits: the clock is paused\./);
    const [said, screen] = [await line.boundingBox(), await page.locator('.terminal-screen').boundingBox()];
    assert.ok(said.y >= screen.y && said.y + said.height <= screen.y + screen.height, 'it is out of sight');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    assert.equal(await line.count(), 0);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Let it run' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    expectNoFaults(faults);
    await context.close();
  });

  it('shows two terminals side by side, by button and by key, one at a time on a phone', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await showsRow(page, 'Created topic events.');
    await idle(page);
    await page.getByRole('button', { name: 'Two terminals side by side' }).click();
    const [left, right] = ['Left terminal', 'Right terminal'].map((name) => page.getByRole('group', { name }));
    await page.waitForFunction(() => document.activeElement?.closest('[aria-label="Right terminal"]'));
    await type(page, CONSUME);
    await right.locator('.term-row', { hasText: NEWS }).waitFor();
    const [one, other] = [await left.boundingBox(), await right.boundingBox()];
    assert.ok(one.x + one.width <= other.x + 1 && Math.abs(one.width - other.width) < 3, 'they share the width');
    await page.keyboard.press('F6');
    await page.waitForFunction(() => document.activeElement?.closest('[aria-label="Left terminal"]'));
    await type(page, `echo from the left | ${PRODUCE}`);
    await right.locator('.term-row', { hasText: /^from the left$/ }).waitFor();
    assert.deepEqual(await axeViolations(page), []);
    // Each shows a terminal of its own: choosing the other one's changes places.
    await left.getByRole('button', { name: /^Terminal 2/ }).click();
    await left.locator('.term-row', { hasText: /^from the left$/ }).waitFor();
    assert.equal(await right.getByRole('button', { name: 'Terminal 1', exact: true }).getAttribute('aria-current'), 'true');
    await picture(page, 'terminal-two');
    // It is remembered, and one at a time where there is no room.
    await page.reload();
    await started(page);
    await hasPlayground(page);
    assert.equal(await page.locator('.terminal-side:visible').count(), 2);
    await page.setViewportSize(WIDTHS.phone);
    await page.keyboard.press('`');
    await prompt(page).first().waitFor();
    assert.equal(await page.locator('.terminal-side:visible').count(), 1);
    await page.setViewportSize(WIDTHS.desktop);
    await left.locator('textarea').focus();
    await page.keyboard.press('Control+\\');
    await page.waitForFunction(() => document.querySelectorAll('.terminal-side').length === 1);
    expectNoFaults(faults);
    await context.close();
  });

  it('runs pasted lines one after another, input and here-documents among them', async () => {
    const { page, context, faults } = await empty();
    await paste(page, [
      '# a comment', `$ ${CREATE.replace(' --partitions', ' \\\n  --partitions')}`, `${PRODUCE} <<END`, 'one', 'two', 'END',
      'cat > note.txt', 'a line', '^D', 'cat note.txt', 'echo done', 'echo unfin',
    ].join('\n'));
    await showsRow(page, 'done');
    assert.equal(await prompt(page).inputValue(), 'echo unfin');
    await shows(page, [
      `$ ${CREATE}`, 'Created topic events.', `$ ${PRODUCE} <<END`, '> one', '> two', '> END',
      '$ cat > note.txt', '> a line', '^D', '$ cat note.txt', 'a line', '$ echo done', 'done',
    ]);
    expectNoFaults(faults);
    await context.close();
  });

  it('has several terminals, each with its own program', async () => {
    const { page, context, faults } = await empty();
    await type(page, CREATE);
    await type(page, CONSUME);
    await showsRow(page, NEWS);
    await page.getByRole('button', { name: 'New terminal' }).click();
    await page.waitForFunction(() => document.querySelector('.terminal-screen .term-row') === null && document.activeElement?.tagName === 'TEXTAREA');
    await type(page, `echo from two | ${PRODUCE}`);
    await showsRow(page, `$ echo from two | ${PRODUCE}`);
    await idle(page);
    assert.ok((await page.evaluate(() => playground.script())).includes('@t2 $ echo from two'));
    await page.getByRole('button', { name: 'Terminal 1, runs' }).click();
    await showsRow(page, 'from two');
    await page.getByRole('button', { name: '^C: interrupt' }).click();
    await showsRow(page, 'Processed a total of 1 messages');
    await page.getByRole('button', { name: 'Terminal 2', exact: true }).click();
    await page.getByRole('button', { name: 'Close terminal 2' }).click();
    assert.equal(await page.getByRole('button', { name: 'Terminal 2', exact: true }).count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('shows what was done by a button as the command it equals; clear and history', async () => {
    const { page, context, faults } = await empty();
    await page.getByRole('button', { name: 'Type it for me' }).click();
    await page.waitForFunction(() => document.querySelector('.term-command')?.textContent.includes('--topic rides'));
    await prompt(page).focus();
    await type(page, 'history');
    await page.waitForFunction(() => /^ +1 +kafka-topics/m.test(document.querySelector('.terminal-screen').innerText));
    await type(page, 'clear');
    await shows(page, []);
    expectNoFaults(faults);
    await context.close();
  });

  it('stays light at 100,000 lines, and finds among them', async () => {
    const { page, context, faults } = await empty();
    await type(page, 'seq 1 100000');
    await showsRow(page, '100000');
    const drawn = () => page.locator('.terminal-screen .term-row').count();
    assert.ok((await drawn()) < 200, `${await drawn()} rows are in the page`);
    await page.keyboard.press('Control+F');
    await page.waitForFunction(() => document.activeElement?.type === 'search');
    await page.keyboard.type('9999');
    await page.getByText('19 of 19', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('1 of 19', { exact: true }).waitFor();
    await page.waitForFunction(() => document.querySelector('.term-found')?.textContent === '9999');
    const box = await page.locator('.term-found').boundingBox();
    const pane = await page.locator('.terminal-screen').boundingBox();
    assert.ok(box.y >= pane.y && box.y < pane.y + pane.height, 'the find is out of sight');
    assert.ok((await drawn()) < 200);
    await page.keyboard.press('Escape');
    expectNoFaults(faults);
    await context.close();
  });

  it('is resized and folded by keyboard, and remembered', async () => {
    const { page, context, faults } = await empty();
    const edge = page.getByRole('separator', { name: 'Height of the terminal' });
    await edge.focus();
    const before = await page.getByTestId('terminal').boundingBox();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    const after = await page.getByTestId('terminal').boundingBox();
    assert.ok(after.height > before.height + 20, `${before.height} to ${after.height}`);
    await page.reload();
    await started(page);
    await hasPlayground(page);
    assert.equal(Math.round((await page.getByTestId('terminal').boundingBox()).height), Math.round(after.height));
    await page.getByRole('button', { name: 'Terminal', exact: true }).first().click();
    assert.equal(await page.locator('.terminal-screen').count(), 0);
    expectNoFaults(faults);
    await context.close();
  });

  it('has help with lines for the console, and each of them works', async () => {
    const { page, context, faults } = await empty();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    const lines = await page.locator('.help-line code').allTextContents();
    assert.ok(lines.length > 15, `${lines.length} lines`);
    const names = await page.evaluate(() => Object.getOwnPropertyNames(Object.getPrototypeOf(playground)));
    for (const name of names.filter((name) => !/^(constructor|free|__)/.test(name))) {
      assert.ok(lines.some((line) => line.includes(`playground.${name}(`)), `no line shows ${name}`);
    }
    assert.deepEqual(await axeViolations(page), []);
    await picture(page, 'help');
    for (const line of lines) {
      // As the console gives it: the page's own policy forbids eval.
      const failed = await page.evaluate(`(() => {
        try {
          const result = ${line};
          return result?.exitCode > 0 ? JSON.stringify(result) : null;
        } catch (error) {
          return String(error);
        }
      })()`);
      assert.equal(failed, null, line);
    }
    assert.ok((await page.evaluate(() => [0, 1, 2].flatMap((each) => playground.records('notes', each, 0, 10)).length)) === 9);
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    for (const [width, size] of Object.entries(WIDTHS)) {
      it(`works and is clean: ${theme}, ${width}`, async () => {
        const { page, context, faults } = await openPage(browser, server.url, { theme, size });
        await hasPlayground(page);
        await page.keyboard.press('`');
        await prompt(page).waitFor();
        await page.waitForTimeout(200);
        await picture(page, `terminal-first-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        await prompt(page).focus();
        await type(page, CREATE);
        await type(page, CREATE);
        await type(page, `kafka-topics.sh --list --zookeeper localhost:2181`);
        await type(page, PRODUCE);
        await type(page, EVENT);
        await page.getByRole('button', { name: '^D: end of input' }).click();
        await idle(page);
        await type(page, CONSUME);
        await showsRow(page, EVENT);
        await page.getByRole('button', { name: 'Find in the output' }).first().click();
        await page.waitForFunction(() => document.activeElement?.type === 'search');
        await page.keyboard.type('ride_requested');
        await page.getByText('2 of 2', { exact: true }).waitFor();
        await page.waitForTimeout(200);
        await picture(page, `terminal-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        assert.ok(await page.getByRole('button', { name: 'Step', exact: true }).isVisible(), 'the clock is gone');
        expectNoFaults(faults);
        await context.close();
      });
    }
  }
});
