// The Groups view: from an empty world to a rebalance that is stepped through, by what the page offers; clean in both themes and widths.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, axeViolations, expectNoFaults, foldTerminal, hasPlayground, launch, openPage, pause, picture } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';

describe('the groups', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The empty world with the Groups view open. */
  async function empty(options = {}) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /Empty playground/ }).click();
    await foldTerminal(page);
    await page.getByRole('button', { name: 'Groups', exact: true }).click();
    await pause(page);
    return opened;
  }

  const advance = (page, ms) => page.evaluate((ms) => playground.advance(ms), ms);
  const lines = (page) => page.evaluate(() => playground.script().split('\n').filter((line) => /^(@\w+ )?[$^]/.test(line) || line.includes('^C')));
  const member = (page, name) => page.locator('.group-member', { has: page.getByRole('button', { name, exact: true }) });
  const now = (page) => page.evaluate(() => playground.now());

  /** A topic of three partitions and two members, all by what the page offers. */
  async function two(options = {}) {
    const opened = await empty(options);
    const { page } = opened;
    await page.getByText('There are no groups yet').waitFor();
    await page.getByRole('button', { name: 'Type it for me' }).click();
    await advance(page, 1000);
    await page.getByRole('textbox', { name: 'group.id' }).fill('watchers');
    await page.getByRole('button', { name: 'Type it for me' }).click();
    await advance(page, 5000);
    await add(page);
    await advance(page, 8000);
    return opened;
  }

  async function add(page, strategy) {
    await page.getByRole('button', { name: 'Member', exact: true }).click();
    if (strategy) await page.getByLabel('Protocol and assignor').selectOption({ label: strategy });
    await page.getByRole('button', { name: 'Start it' }).click();
  }

  it('goes from an empty world to a rebalance that is stepped through', async () => {
    const { page, context, faults } = await empty();
    assert.deepEqual(await axeViolations(page), []);
    await picture(page, 'groups-empty');
    await context.close();
    const opened = await two();
    await step(opened.page);
    expectNoFaults([...faults, ...opened.faults]);
    await opened.context.close();
  });

  async function step(page) {
    assert.match((await lines(page)).at(-1), /^@c2 \$ kafka-console-consumer\.sh --topic rides --group watchers/);
    await page.locator('.group-summary').getByText('watchers is Stable with 2 members, generation 2.').waitFor();
    assert.equal(await member(page, 'c1').locator('.badge', { hasText: 'leader' }).count(), 1);
    // A third: seen at once, and waiting for those who have not been told.
    await add(page);
    await advance(page, 100);
    await page.locator('.group-summary').getByText('PreparingRebalance').waitFor();
    await member(page, 'c3').getByText(/waits for c\d and c\d/).waitFor();
    await picture(page, 'groups-waits');
    await advance(page, 6000);
    await page.locator('.group-summary').getByText('Stable with 3 members, generation 3').waitFor();
    // Step by step, through the clock.
    const end = await now(page);
    const first = page.locator('.group-step').first();
    await first.click();
    assert.ok((await now(page)) < end, 'the clock went back');
    await page.locator('.group-step[aria-current="step"]').waitFor();
    const steps = await page.locator('.group-step').count();
    assert.ok(steps >= 10, `${steps} steps`);
    let moments = 0;
    const next = page.getByRole('button', { name: 'The next step' });
    for (let before = await now(page); !(await next.getAttribute('aria-disabled')); moments += 1) {
      await next.click();
      const at = await now(page);
      assert.ok(at >= before, 'a step goes on');
      assert.equal(await page.locator('.group-step').count(), steps, 'what lies ahead stays in sight');
      before = at;
      if (moments === 3) await picture(page, 'groups-stepping');
    }
    assert.ok(moments >= 5, `${moments} moments`);
    await page.locator('.group-step[aria-current="step"]', { hasText: 'Everybody has what it was assigned' }).waitFor();
    // What lies ahead stays in sight through a visit to another view.
    await first.click();
    await page.getByRole('button', { name: 'Logs', exact: true }).click();
    await page.getByRole('button', { name: 'Groups', exact: true }).click();
    assert.equal(await page.locator('.group-step').count(), steps);
    // By keyboard: up the list, and there.
    const last = page.locator('.group-step').last();
    await last.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.locator('.group-step[aria-current="step"]').waitFor();
    await page.getByRole('button', { name: 'Why this assignment?' }).click();
    await advance(page, 2000);
    await page.getByText(/3 \/ 3 = 1/).first().waitFor();
    await page.getByText('it says the same').waitFor();
    assert.deepEqual(await axeViolations(page), []);
  }

  it('lets a member crash by key, and shows its session run down', async () => {
    const { page, context, faults } = await two();
    await member(page, 'c1').getByRole('button', { name: 'c1', exact: true }).focus();
    await page.keyboard.press('c');
    assert.equal((await lines(page)).at(-1), '$ kill-service c1');
    await advance(page, 5000);
    await member(page, 'c1').getByText('its coordinator has not noticed yet').waitFor();
    const left = () => page.getByRole('meter', { name: 'session.timeout.ms of c1' }).getAttribute('aria-valuenow').then(Number);
    const before = await left();
    await advance(page, 20_000);
    const after = await left();
    assert.ok(after < before - 300, `the clock runs down: ${before} then ${after}`);
    await page.locator('.group-nobody').getByText(/for 2\d s/).first().waitFor();
    await picture(page, 'groups-crash');
    await advance(page, 25_000);
    await page.locator('.group-summary').getByText('Stable with 1 member').waitFor();
    await page.locator('.group-step', { hasText: 'c1 crashes' }).waitFor();
    await page.locator('.group-figures').getByText(/no reader for a while/).waitFor();
    expectNoFaults(faults);
    await context.close();
  });

  it('lets a member be slow until it leaves by itself', async () => {
    const { page, context, faults } = await two();
    await page.getByRole('button', { name: 'What c2 can do' }).click();
    await page.getByRole('menuitem', { name: /Start again with other settings/ }).click();
    await page.getByRole('textbox', { name: 'max.poll.interval.ms' }).fill('6000');
    await page.getByRole('button', { name: 'Stop and start it' }).click();
    // The start waits until the member has ended: for that, time has to pass.
    await page.getByRole('button', { name: 'Play', exact: true }).first().click();
    await page.waitForFunction(() => playground.script().includes('max.poll.interval.ms=6000'));
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await advance(page, 10_000);
    await page.getByRole('button', { name: 'Slow it: c2' }).click();
    assert.equal((await lines(page)).at(-1), '$ slow-consumer c2 2000');
    await page.evaluate((server) => {
      const text = Array.from({ length: 30 }, (_, n) => `> ride-${n}:${n}`).join('\n');
      playground.run(`$ kafka-console-producer.sh --topic rides ${server} --reader-property parse.key=true --reader-property key.separator=:\n${text}\n^D`);
    }, SERVER);
    await advance(page, 3000);
    const poll = page.getByRole('meter', { name: 'max.poll.interval.ms of c2' });
    assert.ok(Number(await poll.getAttribute('aria-valuenow')) < 600);
    await picture(page, 'groups-slow');
    await advance(page, 8000);
    await member(page, 'c2').getByText('did not poll in time').waitFor();
    expectNoFaults(faults);
    await context.close();
  });

  it('starts a service again that has crashed, from its own card', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    await advance(page, 20_000);
    await page.getByRole('button', { name: 'Groups', exact: true }).click();
    await page.locator('.group-view').getByRole('combobox', { name: 'Group', exact: true }).selectOption('billing');
    await page.evaluate(() => playground.run('kill-service billing'));
    await advance(page, 1000);
    await picture(page, 'groups-gone');
    await page.getByRole('button', { name: 'Start again: billing' }).click();
    assert.equal((await lines(page)).at(-1), '$ start-service billing');
    await advance(page, 1000);
    assert.equal(await page.getByRole('button', { name: 'Start again: billing' }).count(), 0, 'it runs again');
    expectNoFaults(faults);
    await context.close();
  });

  /** A share group of two that read one partition; c1 releases what it gets, after a second for each record. */
  async function sharing(options = {}) {
    const opened = await empty(options);
    const { page } = opened;
    await page.evaluate((server) => playground.run(`$ kafka-topics.sh --create --topic jobs --partitions 1 ${server}`), SERVER);
    await advance(page, 1000);
    await page.getByRole('textbox', { name: 'group.id' }).fill('workers');
    await page.getByLabel('Protocol and assignor').selectOption({ label: 'share (KIP-932)' });
    await page.getByLabel('What it says of each record').selectOption({ label: 'release: it is to come again' });
    assert.equal(await page.getByRole('textbox', { name: 'group.instance.id' }).count(), 0, 'a share consumer is never static');
    await page.getByRole('button', { name: 'Type it for me' }).click();
    await advance(page, 8000);
    assert.match((await lines(page)).at(-1), /^@c1 \$ kafka-console-share-consumer\.sh --topic jobs --group workers .*--release$/);
    await page.evaluate(() => playground.run('$ slow-consumer c1 1000'));
    return opened;
  }

  const produce = (page, count) =>
    page.evaluate(
      ([server, count]) => {
        const text = Array.from({ length: count }, (_, n) => `> job-${n}`).join('\n');
        playground.run(`$ kafka-console-producer.sh --topic jobs ${server}\n${text}\n^D`);
      },
      [SERVER, count],
    );

  const inFlight = (page) => page.getByRole('list', { name: 'Records in flight of jobs-0' });

  it('shows a share group: a record is acquired, released and delivered again', async () => {
    const { page, context, faults } = await sharing();
    await page.locator('.group-summary').getByText(/workers is Stable with 1 member, epoch \d/).waitFor();
    await member(page, 'c1').getByText('releases', { exact: true }).waitFor();
    await page.getByText(/^Start 0\. Nothing is in flight/).waitFor();
    await produce(page, 1);
    await advance(page, 300);
    await inFlight(page).getByText('acquired by c1, delivery 1 of 5').waitFor();
    const lock = page.getByRole('meter', { name: 'Lock of jobs-0 0' });
    const left = Number(await lock.getAttribute('aria-valuenow'));
    await advance(page, 500);
    assert.ok(Number(await lock.getAttribute('aria-valuenow')) < left, 'the lock runs down');
    await advance(page, 700);
    await inFlight(page).getByText('acquired by c1, delivery 2 of 5').waitFor();
    await page.locator('.share-news').getByText('jobs-0 0 released by c1 after delivery 1 of 5: available again').waitFor();
    await advance(page, 8000);
    await page.locator('.share-news').getByText('after the last delivery, 5 of 5: archived').waitFor();
    await page.getByText(/^Start 1\. Nothing is in flight/).waitFor();
    // Another member has the same partition; the form offers nothing that a share group would refuse.
    await page.getByRole('button', { name: 'Member', exact: true }).click();
    assert.deepEqual(await page.getByLabel('Protocol and assignor').locator('option').allTextContents(), ['share (KIP-932)']);
    await page.getByRole('button', { name: 'Start it' }).click();
    await advance(page, 12_000);
    await member(page, 'c1').getByText('with c2').waitFor();
    await page.getByText('c1 and c2 read it together').waitFor();
    await page.getByRole('button', { name: 'Why this assignment?' }).click();
    await page.getByText('it says the same').waitFor();
    // By keyboard: what the slow one holds is given to the other at once.
    await page.evaluate(() => playground.run('$ slow-consumer c2 60000'));
    await page.evaluate(() => playground.run('$ slow-consumer c1 60000'));
    await produce(page, 1);
    await advance(page, 500);
    const holder = (await inFlight(page).textContent()).match(/acquired by (c\d)/)[1];
    await member(page, holder).getByRole('button', { name: holder, exact: true }).focus();
    await page.keyboard.press('c');
    assert.equal((await lines(page)).at(-1), `$ kill-service ${holder}`);
    await advance(page, 1000);
    await inFlight(page).getByText(`acquired by ${holder === 'c1' ? 'c2' : 'c1'}, delivery 2 of 5`).waitFor();
    await member(page, holder).getByText('its coordinator has not noticed yet').waitFor();
    // However much follows, the crash is still told; what repeats is counted.
    await page.evaluate((other) => playground.run(`$ slow-consumer ${other} 0`), holder === 'c1' ? 'c2' : 'c1');
    for (let n = 0; n < 30; n++) {
      await produce(page, 1);
      await advance(page, 400);
    }
    await page.locator('.share-news').getByText(`${holder} crashes: its connection breaks`).waitFor();
    await page.locator('.share-news-times').first().waitFor();
    assert.deepEqual(await axeViolations(page), []);
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    for (const [width, size] of Object.entries(WIDTHS)) {
      it(`is clean and looks right: ${theme}, ${width}`, async () => {
        const { page, context, faults } = await two({ theme, size });
        await add(page);
        await advance(page, 6000);
        await picture(page, `groups-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        await page.evaluate(() => playground.run('kill-service c2'));
        await advance(page, 9000);
        await page.getByRole('button', { name: 'Why this assignment?' }).click();
        await page.getByRole('button', { name: 'Member', exact: true }).click();
        await page.waitForTimeout(300);
        await picture(page, `groups-form-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wider, 0, `the page scrolls sideways by ${wider} px`);
        expectNoFaults(faults);
        await context.close();
      });

      it(`is clean and looks right with a share group: ${theme}, ${width}`, async () => {
        const { page, context, faults } = await sharing({ theme, size });
        await page.getByRole('button', { name: 'Member', exact: true }).click();
        await page.getByRole('textbox', { name: 'max.poll.records' }).fill('2');
        await page.waitForTimeout(200);
        await picture(page, `share-form-${theme}-${width}`);
        await page.getByRole('button', { name: 'Start it' }).click();
        await advance(page, 12_000);
        if (width === 'phone') {
          const notices = await page.locator('.toasts').evaluate((toasts) => toasts.getBoundingClientRect().height);
          assert.ok(notices <= 100, `the notices take ${notices} px`);
        }
        await page.evaluate(() => playground.run('$ slow-consumer c2 20000'));
        await produce(page, 6);
        await advance(page, 4000);
        await produce(page, 3);
        await advance(page, 300);
        await picture(page, `share-${theme}-${width}`);
        await page.getByRole('heading', { name: 'Records in flight' }).evaluate((heading) => heading.scrollIntoView());
        await page.waitForTimeout(100);
        await picture(page, `share-flight-${theme}-${width}`);
        await page.getByRole('heading', { name: 'What happened lately' }).evaluate((heading) => heading.scrollIntoView());
        await page.waitForTimeout(100);
        await picture(page, `share-news-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wider, 0, `the page scrolls sideways by ${wider} px`);
        expectNoFaults(faults);
        await context.close();
      });
    }
  }
});
