// What a careless or hostile hand can bring: the page stays alive and says in plain words what is wrong.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, expectNoFaults, hasPlayground, launch, openPage } from './page.mjs';

/** The words of everything that speaks up: alerts and status lines that say something. */
async function spokenUp(page) {
  await page.waitForFunction(() => [...document.querySelectorAll('[role=alert]')].some((each) => each.textContent.trim() !== ''), undefined, {
    timeout: 10_000,
  });
  return page.locator('[role=alert]').allTextContents();
}

/** The page still does what it is for: a topic can be made and read back. */
async function expectAlive(page) {
  const before = await page.evaluate(() => playground.now());
  await page.evaluate(() => playground.advance(100));
  assert.ok((await page.evaluate(() => playground.now())) > before, 'simulated time should still pass');
  assert.ok(await page.getByRole('button', { name: 'Step', exact: true }).isEnabled());
}

describe('hostile input', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Runs `body` on the page at `fragment`, unless there is no API yet. */
  const onPage = (name, fragment, body) =>
    it(name, async (t) => {
      const opened = await openPage(browser, server.url + fragment);
      try {
        if (!(await hasPlayground(opened.page))) return t.skip('the page has no window.playground yet');
        await body(opened.page, opened.faults);
        expectNoFaults(opened.faults);
      } finally {
        await opened.context.close();
      }
    });

  onPage('markup in a record is text, not markup', '', async (page) => {
    const markup = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    await page.evaluate(async (value) => {
      const server = '--bootstrap-server localhost:9092';
      playground.run(`$ kafka-topics.sh --create --topic markup --partitions 1 ${server}`);
      playground.advance(2000);
      playground.run(`@typed $ kafka-console-producer.sh --topic markup ${server}`);
      playground.advance(2000);
      playground.run(`@typed > ${value}`);
      playground.advance(4000);
    }, markup);
    const value = await page.evaluate(() => playground.records('markup', 0, 0, 1)[0]?.value);
    assert.equal(value, markup, 'the record should be there as typed');
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => window.hacked), undefined, 'the markup ran');
    assert.equal(await page.locator('img[src=x]').count(), 0);
    await expectAlive(page);
  });

  onPage('a broken share link is named as such', '#s=not-a-link-%00%ff', async (page) => {
    assert.match((await spokenUp(page)).join(' '), /link/i);
    await expectAlive(page);
  });

  onPage('a cut-off share link is named as such', '#s=eJxLLEmsVEjJTFFIzs8rSc0rAQA', async (page) => {
    assert.match((await spokenUp(page)).join(' '), /link/i);
    await expectAlive(page);
  });

  onPage('a story that does not exist is named as such', '#scenario=nonsense', async (page) => {
    assert.match((await spokenUp(page)).join(' '), /nonsense/);
    await expectAlive(page);
  });

  onPage('a script of a megabyte is refused, or taken, in plain words', '', async (page) => {
    const answer = await page.evaluate(() => {
      try {
        playground.load('$ '.concat('x'.repeat(1 << 20), '\n'));
        return null;
      } catch (error) {
        return { kind: error.constructor.name, message: error.message };
      }
    });
    if (answer) {
      assert.equal(answer.kind, 'Error');
      assert.ok(answer.message.length > 10 && answer.message.length < 500, `not plain: ${answer.message.slice(0, 200)}`);
    }
    await expectAlive(page);
  });

  onPage('a megabyte of script lines leaves the page alive', '', async (page) => {
    await page.evaluate(() => {
      try {
        playground.load('! seed 1\n' + '$ kafka-topics.sh --list --bootstrap-server localhost:9092\n'.repeat(18_000));
      } catch (error) {
        if (error.constructor !== Error) throw error;
      }
    });
    await expectAlive(page);
  });

  onPage('bad arguments throw an Error that says what was expected', '', async (page) => {
    const answers = await page.evaluate(() =>
      [
        () => playground.advance('soon'),
        () => playground.advance(-1),
        () => playground.advance(NaN),
        () => playground.seek(-5),
        () => playground.seek(1e300),
        () => playground.partitions(42),
        () => playground.records('no-such-topic', 0, 0, 10),
        () => playground.load(null),
      ].map((call) => {
        try {
          call();
          return `${call}: no error`;
        } catch (error) {
          return error instanceof Error && !(error instanceof WebAssembly.RuntimeError) && error.message.length > 5 ? null : `${call}: ${error}`;
        }
      }),
    );
    assert.deepEqual(answers.filter(Boolean), []);
    await expectAlive(page);
  });
});
