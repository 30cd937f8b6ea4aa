// The Cluster view: brokers are killed by pointer, menu and keyboard, and each time undone; it is clean in both themes and widths.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, axeViolations, expectNoFaults, fingerprint, foldTerminal, hasPlayground, launch, openPage, picture } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';

describe('the cluster', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Three brokers, a topic on all of them, some records, and the Cluster view. */
  async function three(options = {}, partitions = 3) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: /three brokers/ }).click();
    await page.evaluate(
      ([server, partitions]) => {
        playground.run(`kafka-topics.sh --create --topic rides --partitions ${partitions} --replication-factor 3 --config min.insync.replicas=2 ${server}`);
        const lines = Array.from({ length: 24 }, (_, n) => `> ride-${n % 8}:{"fare":${n}}`).join('\n');
        playground.run(`$ kafka-console-producer.sh --topic rides ${server} --reader-property parse.key=true --reader-property key.separator=:\n${lines}\n^D`);
        playground.advance(1000);
      },
      [SERVER, partitions],
    );
    await foldTerminal(page);
    await page.getByRole('button', { name: 'Cluster', exact: true }).click();
    await page.locator('.cluster-row').first().waitFor();
    return opened;
  }

  const states = (page) => page.evaluate(() => playground.brokers().map((broker) => broker.state));
  const lines = (page) => page.evaluate(() => playground.script().split('\n').filter((line) => line.startsWith('$ ')));
  const undo = (page) => page.keyboard.press('Control+Z');

  it('kills by click and by menu, says the line, and takes it back', async () => {
    const { page, context, faults } = await three();
    const before = await fingerprint(page);
    await page.getByRole('button', { name: 'Stop cleanly: broker 2' }).click();
    assert.deepEqual(await states(page), ['running', 'down', 'running']);
    assert.equal((await lines(page)).at(-1), '$ kill-broker 2');
    await page.locator('.cluster-last code').getByText('$ kill-broker 2').waitFor();
    await page.getByRole('button', { name: 'Undo it' }).click();
    assert.equal((await fingerprint(page)).hash, before.hash);
    await page.getByRole('button', { name: 'Faults of broker 3' }).click();
    await page.getByRole('menuitem', { name: /Replace its disk/ }).click();
    assert.equal((await lines(page)).at(-1), '$ wipe-disk 3');
    await page.locator('.disk.disk-empty').getByText('empty').waitFor();
    await undo(page);
    assert.equal((await fingerprint(page)).hash, before.hash);
    expectNoFaults(faults);
    await context.close();
  });

  it('kills, freezes and starts by keyboard alone', async () => {
    const { page, context, faults } = await three();
    const before = await fingerprint(page);
    const name = (id) => page.getByRole('button', { name: `Broker ${id}`, exact: true });
    await name(1).focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(await name(2).evaluate((at) => at === document.activeElement), 'the arrow does not lead to broker 2');
    await page.keyboard.press('c');
    assert.equal((await lines(page)).at(-1), '$ kill-broker 2 --crash');
    await page.evaluate(() => playground.advance(12_000));
    const led = await page.evaluate(() => playground.partitions('rides').map((each) => each.leader));
    assert.ok(led.every((leader) => leader === 1 || leader === 3), `led by ${led}`);
    await page.locator('.badge', { hasText: 'under-replicated' }).first().waitFor();
    await name(2).focus();
    await page.keyboard.press('k');
    assert.equal((await lines(page)).at(-1), '$ start-broker 2');
    await page.evaluate(() => playground.advance(10_000));
    assert.deepEqual(await states(page), ['running', 'running', 'running']);
    await name(3).focus();
    await page.keyboard.press('f');
    assert.deepEqual(await states(page), ['running', 'running', 'frozen']);
    // A link, by its keys.
    const link = page.getByRole('button', { name: /^Link between broker 1 and broker 2/ });
    await link.focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Link between broker 1 and broker 2: cut' }).waitFor();
    await page.keyboard.press('h');
    await page.getByRole('button', { name: 'Link between broker 1 and broker 2: sound' }).waitFor();
    for (let n = 0; n < 5; n++) await undo(page);
    assert.equal((await fingerprint(page)).hash, before.hash, 'five undos should take all five back');
    expectNoFaults(faults);
    await context.close();
  });

  it('says why a replica is not in sync, and acts from the inspector', async () => {
    const { page, context, faults } = await three();
    await page.getByRole('button', { name: 'Broker 2', exact: true }).click();
    const inspector = page.getByTestId('inspector');
    await inspector.getByRole('button', { name: 'Crash', exact: true }).click();
    await page.evaluate(() => playground.advance(12_000));
    await page.getByRole('button', { name: /^rides-0 on broker 2/ }).click();
    await inspector.getByRole('button', { name: 'Why: In sync' }).click();
    await inspector.getByText('Its broker is down').waitFor();
    expectNoFaults(faults);
    await context.close();
  });

  it('answers whether a record is safe by trying it', async () => {
    const { page, context, faults } = await three();
    await page.locator('.replica-leader .slot-record').first().click();
    const safety = page.locator('.safety');
    await safety.getByRole('button', { name: 'Try it' }).click();
    await safety.getByText('Safe from the loss of any two disks.').waitFor();
    assert.equal(await safety.locator('tbody tr').count(), 6);
    await picture(page, 'cluster-safe');
    // It holds for the moment at which it was asked.
    await page.evaluate(() => playground.run('kill-broker 1'));
    await safety.getByRole('button', { name: 'Try it again now' }).waitFor();
    assert.deepEqual(await axeViolations(page), []);
    expectNoFaults(faults);
    await context.close();
  });

  it('answers within a moment in a story that is going on', async () => {
    const { page, context, faults } = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    await hasPlayground(page);
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    await page.evaluate(() => playground.advance(60_000));
    await page.getByRole('button', { name: 'Cluster', exact: true }).click();
    await page.evaluate(() => playground.run('cut billing 1'));
    await page.evaluate(() => playground.advance(100));
    await picture(page, 'cluster-taxi');
    await page.locator('.replica-leader .slot-record').first().click();
    const begun = Date.now();
    await page.locator('.safety').getByRole('button', { name: 'Try it' }).click();
    await page.locator('.safety-verdict').waitFor();
    const took = Date.now() - begun;
    console.log(`is my record safe: ${took} ms`);
    assert.ok(took < 5000, `${took} ms`);
    expectNoFaults(faults);
    await context.close();
  });

  /** The taxi story a minute old and paused, in the Cluster view. */
  async function taxi(options = {}) {
    const opened = await openPage(browser, `${server.url}#scenario=taxi-booking`, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    if (await pause.isVisible()) await pause.click();
    await page.evaluate(() => playground.advance(60_000));
    await page.getByRole('button', { name: 'Cluster', exact: true }).click();
    await page.locator('.cluster-row').first().waitFor();
    return opened;
  }

  it('shows brokers, leaders, ISR and high watermarks of a whole story without scrolling', async () => {
    for (const size of [{ width: 1280, height: 720 }, WIDTHS.desktop]) {
      const { page, context, faults } = await taxi({ size });
      const area = await page.locator('.cluster-scroll').boundingBox();
      const bottom = Math.min(area.y + area.height, size.height);
      for (const broker of [1, 2, 3]) {
        const box = await page.locator(`[data-ring="broker-${broker}"]`).boundingBox();
        assert.ok(box.y >= area.y && box.y + box.height <= bottom, `broker ${broker} is out of sight at ${size.width}`);
      }
      const partitions = ['payments-0', 'payments-1', 'rides-0', 'rides-1', 'rides-2'];
      for (const partition of partitions) {
        const row = page.getByRole('region', { name: `Partition ${partition}`, exact: true });
        assert.match(await row.innerText(), /ISR [123] [123] [123][^]*HW \d+/);
        for (const part of ['.name-button', '.cluster-row-watermark', '.replica-leader .replica-end']) {
          const box = await row.locator(part).boundingBox();
          assert.ok(box.y >= area.y && box.y + box.height <= bottom + 1, `${part} of ${partition} is out of sight at ${size.width}×${size.height}`);
        }
      }
      await picture(page, `cluster-story-${size.width}`);
      expectNoFaults(faults);
      await context.close();
    }
  });

  it('runs what flies on lanes, over no name and no control, with words that have room', async () => {
    for (const size of [{ width: 1280, height: 720 }, WIDTHS.phone]) {
      const opened = size.width > 600 ? await taxi({ size }) : await three({ size });
      const { page, context, faults } = opened;
      const found = new Set();
      let beads = 0, words = 0;
      for (let n = 0; n < 60; n++) {
        await page.evaluate(() => playground.step());
        await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));
        const seen = await page.evaluate(() => {
          const box = (element) => element.getBoundingClientRect();
          const over = (one, other) =>
            Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
          const flying = [...document.querySelectorAll('.cluster .bead')];
          const words = [...document.querySelectorAll('.cluster .lane-words')];
          const fixed = [...document.querySelectorAll('.cluster button, .cluster-row-head, .process-state, .disk')];
          const wrong = [];
          for (const [at, one] of [...flying, ...words].entries()) {
            const others = at < flying.length ? [...words, ...fixed] : [...words.filter((other) => other !== one), ...fixed];
            for (const other of others) if (over(box(one), box(other))) wrong.push(`${one.className} “${one.textContent}” over ${other.className} “${other.textContent}”`);
          }
          return { wrong, beads: flying.length, words: words.length };
        });
        seen.wrong.forEach((fault) => found.add(fault));
        beads += seen.beads;
        words += seen.words;
      }
      assert.deepEqual([...found], [], `at ${size.width}`);
      assert.ok(beads > 0 && words > 0, `${beads} beads and ${words} words were looked at`);
      expectNoFaults(faults);
      await context.close();
    }
  });

  it('fades what has nothing to do with what is selected', async () => {
    const { page, context, faults } = await taxi();
    const faded = () => page.locator('.bead-faded, .lane-words-faded').count();
    assert.equal(await faded(), 0);
    await page.getByRole('button', { name: 'payments-0', exact: true }).click();
    let most = 0;
    for (let n = 0; n < 60; n++) {
      await page.evaluate(() => playground.step());
      await page.waitForTimeout(20);
      most = Math.max(most, await faded());
    }
    assert.ok(most > 0, 'nothing fades');
    expectNoFaults(faults);
    await context.close();
  });

  it('keeps only the visible rows in the page', async () => {
    const { page, context, faults } = await three({}, 1000);
    const rows = () => page.locator('.cluster-row').count();
    assert.ok((await rows()) < 40, `${await rows()} rows`);
    await page.locator('.cluster-scroll').evaluate((scroll) => (scroll.scrollTop = scroll.scrollHeight));
    await page.getByRole('button', { name: 'rides-999', exact: true }).waitFor();
    assert.ok((await rows()) < 40, `${await rows()} rows`);
    expectNoFaults(faults);
    await context.close();
  });

  for (const theme of THEMES) {
    for (const [width, size] of Object.entries(WIDTHS)) {
      it(`is clean and looks right: ${theme}, ${width}`, async () => {
        const { page, context, faults } = await three({ theme, size });
        await picture(page, `cluster-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        await page.evaluate((server) => {
          playground.run('cut 1 2,3');
          playground.run('slow-link 2 3 500');
          const lines = Array.from({ length: 30 }, (_, n) => `> ride-${n % 8}:{"fare":${n}}`).join('\n');
          playground.run(`$ kafka-console-producer.sh --topic rides ${server} --command-property acks=1 --reader-property parse.key=true --reader-property key.separator=:\n${lines}\n^D`);
          playground.run('freeze-broker 2');
          playground.run('wipe-disk 3');
        }, SERVER);
        await page.waitForTimeout(300);
        await picture(page, `cluster-faults-${theme}-${width}`);
        assert.deepEqual(await axeViolations(page), []);
        if (width === 'phone') {
          const toolbar = await page.locator('.cluster-toolbar').evaluate((bar) => ({
            height: bar.offsetHeight,
            small: [...bar.querySelectorAll('button')].filter((each) => each.offsetHeight < 44 || each.offsetWidth < 44).length,
          }));
          assert.ok(toolbar.height < 110, `the toolbar takes ${toolbar.height} px: more than two rows`);
          assert.equal(toolbar.small, 0, 'too small for a finger');
        }
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wider, 0, `the page scrolls sideways by ${wider} px`);
        await page.evaluate(() => playground.advance(12_000));
        await page.waitForTimeout(300);
        await picture(page, `cluster-after-${theme}-${width}`);
        if (width === 'phone') assert.ok((await page.locator('.cluster-toolbar').evaluate((bar) => bar.offsetHeight)) < 110, 'more than two rows');
        expectNoFaults(faults);
        await context.close();
      });
    }
  }

  it('has three controllers with five brokers: the one that leads crashes, and another is elected', async () => {
    for (const size of Object.values(WIDTHS)) {
      const { page, context, faults } = await openPage(browser, server.url, { size });
      page.setDefaultTimeout(10_000);
      await hasPlayground(page);
      await page.getByRole('button', { name: /^Story: / }).click();
      await page.getByRole('menuitemradio', { name: /five brokers/ }).click();
      await page.evaluate((server) => playground.run(`kafka-topics.sh --create --topic rides --partitions 2 --replication-factor 3 ${server}`), SERVER);
      await foldTerminal(page);
      await page.getByRole('button', { name: 'Cluster', exact: true }).click();
      const leading = page.getByRole('button', { name: /^Controller 10\d leads$/ });
      const first = await leading.textContent();
      await leading.focus();
      await page.keyboard.press('c');
      await page.getByRole('button', { name: /^Controller 10\d down$/ }).waitFor();
      assert.match((await lines(page)).at(-1), /^\$ kill-controller 10\d --crash$/);
      await page.evaluate(() => playground.advance(5000));
      assert.notEqual(await leading.textContent(), first);
      assert.deepEqual(await axeViolations(page), []);
      await picture(page, `cluster-controllers-${size.width < 800 ? 'phone' : 'desktop'}`);
      expectNoFaults(faults);
      await context.close();
    }
  });
});
