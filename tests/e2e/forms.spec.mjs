// Forms help: free names, Kafka's rules while one types, choosers, errors inside the form; clean in both themes and widths.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { DIST, THEMES, WIDTHS, axeViolations, expectNoFaults, foldTerminal, hasPlayground, launch, openPage, pause, picture, showView } from './page.mjs';

const SERVER = '--bootstrap-server localhost:9092';

describe('the forms', () => {
  let server, browser;
  before(async () => {
    server = await serve(DIST);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function empty(which, options = {}) {
    const opened = await openPage(browser, server.url, options);
    const { page } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await page.getByRole('button', { name: /^Story: / }).click();
    await page.getByRole('menuitemradio', { name: which }).click();
    await pause(page);
    await foldTerminal(page);
    await page.evaluate(() => playground.advance(3000));
    return opened;
  }

  /** The form that creates a topic: from the Records view of an empty world, or wherever there is a button for it. */
  async function createForm(page) {
    const button = page.getByRole('button', { name: 'Create a topic', exact: true });
    await showView(page, 'Records');
    await button.first().click();
    return page.getByRole('dialog', { name: 'Create a topic' });
  }

  const lines = (page) => page.evaluate(() => playground.script().split('\n').filter((line) => /^(@\w+ )?\$ /.test(line)));

  it('offers a free name, selected, and tells Kafka’s rules while one types', async () => {
    const { page, context, faults } = await empty(/three brokers/i);
    await page.evaluate((server) => playground.run(`kafka-topics.sh --create --topic letters.a --partitions 1 ${server}`), SERVER);
    await page.evaluate((server) => playground.run(`kafka-topics.sh --delete --topic letters.a ${server}`), SERVER);
    await page.evaluate(() => playground.advance(1000));
    const form = await createForm(page);
    const name = form.getByLabel('Name');
    assert.equal(await name.inputValue(), 'rides');
    assert.equal(await name.evaluate((each) => each === document.activeElement && each.selectionEnd - each.selectionStart), 5, 'the name is selected');
    const button = form.getByRole('button', { name: 'Create the topic' });
    assert.ok(await button.isEnabled());
    assert.equal(await form.getByLabel('Replication factor').inputValue(), '3');
    await page.keyboard.type('my topic');
    await form.getByText('A name has no spaces').waitFor();
    assert.ok(await button.isDisabled());
    const words = form.getByText("Topic name is invalid: 'my topic' contains one or more characters");
    assert.ok(!(await words.isVisible()), 'Kafka’s words are folded');
    await form.getByText('Kafka’s words').first().click();
    assert.ok(await words.isVisible());
    await name.fill('my-topic');
    await form.getByLabel('Replication factor').fill('4');
    await form.getByText('There are 3 brokers, and each keeps at most one replica').waitFor();
    await form.getByLabel('Replication factor').fill('2');
    await form.getByLabel('min.insync.replicas').fill('3');
    await form.getByText('it works as 2').waitFor();
    await form.getByRole('button', { name: 'Use 2' }).click();
    assert.equal(await form.getByLabel('min.insync.replicas').inputValue(), '2');
    await form.getByLabel('Partitions').fill('0');
    await form.getByText('A topic has at least one partition.').waitFor();
    await form.getByLabel('Partitions').fill('2');
    assert.ok(await button.isEnabled());
    await button.click();
    await form.waitFor({ state: 'detached' });
    assert.match((await lines(page)).at(-1), /--create --topic my-topic --partitions 2 --replication-factor 2 --config min\.insync\.replicas=2/);
    expectNoFaults(faults);
    await context.close();
  });

  it('keeps what was typed where its line is refused, and says why inside the form', async () => {
    const { page, context, faults } = await empty(/^Empty playground/);
    await page.evaluate((server) => playground.run(`kafka-topics.sh --create --topic rides --partitions 3 ${server}`), SERVER);
    await openFromTopic(page, 'Start a consumer');
    const form = page.getByRole('dialog', { name: 'Start a consumer' });
    await form.getByLabel(/^Group/).fill('readers');
    // Meanwhile somebody else takes the name that its consumer was to have.
    await page.evaluate((server) => playground.run(`@c1 $ kafka-console-consumer.sh --topic rides ${server}`), SERVER);
    await form.getByRole('button', { name: 'Start the consumer' }).click();
    await form.getByRole('alert').getByText(/was not done: 'c1' is running already/).waitFor();
    assert.equal(await form.getByLabel(/^Group/).inputValue(), 'readers');
    assert.deepEqual(await axeViolations(page), []);
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    expectNoFaults(faults);
    await context.close();
  });

  it('offers a group of one’s own, warns of a service’s, and hides a switch without effect', async () => {
    const opened = await openPage(browser, `${server.url}#scenario=taxi-booking`);
    const { page, context, faults } = opened;
    page.setDefaultTimeout(10_000);
    await hasPlayground(page);
    await pause(page);
    await page.evaluate(() => playground.advance(30_000));
    await openFromTopic(page, 'Start a consumer');
    const form = page.getByRole('dialog', { name: 'Start a consumer' });
    const group = form.getByLabel(/^Group/);
    assert.equal(await group.inputValue(), 'my-group');
    await form.getByLabel('From the beginning').waitFor();
    await group.fill('billing');
    await form.getByText('billing is a service of the story').waitFor();
    await form.getByText('--from-beginning would change nothing').waitFor();
    assert.equal(await form.getByLabel('From the beginning').count(), 0);
    await form.getByRole('button', { name: 'Use my-group' }).click();
    assert.equal(await group.inputValue(), 'my-group');
    assert.ok((await form.getByLabel('Topic').locator('option').allInnerTexts()).includes('payments'));
    await form.getByLabel('Topic').selectOption('payments');
    await form.getByRole('button', { name: 'Start the consumer' }).click();
    await form.waitFor({ state: 'detached' });
    assert.match((await lines(page)).at(-1), /--topic payments --group my-group --from-beginning/);
    expectNoFaults(faults);
    await context.close();
  });

  /** Opens one of a topic's forms by its action in the inspector. */
  async function openFromTopic(page, action) {
    await showView(page, 'Logs');
    const topic = page.getByRole('button', { name: /^(topic )?rides$/i }).first();
    await topic.click();
    await page.getByTestId('inspector').getByRole('button', { name: `${action}…`, exact: true }).click();
  }

  for (const theme of THEMES) {
    for (const [width, size] of Object.entries({ ...WIDTHS, projector: { width: 1280, height: 720 } })) {
      it(`axe finds nothing in the form of a topic: ${theme}, ${width}`, async () => {
        const { page, context, faults } = await empty(/three brokers/i, { theme, size });
        const form = await createForm(page);
        assert.deepEqual(await axeViolations(page), []);
        await form.getByLabel('Name').fill('my topic');
        await form.getByLabel('Replication factor').fill('9');
        for (const folded of await form.getByText('Kafka’s words').all()) await folded.click();
        await form.getByText('How long records are kept').click();
        await form.getByLabel(/^retention\.ms/).fill('90000');
        assert.deepEqual(await axeViolations(page), []);
        const wide = await form.evaluate((each) => [each.scrollWidth - each.clientWidth, each.getBoundingClientRect().right - innerWidth]);
        assert.ok(wide[0] <= 0 && wide[1] <= 0, `too wide by ${wide}`);
        await picture(page, `form-topic-${theme}-${size.width}x${size.height}`);
        expectNoFaults(faults);
        await context.close();
      });
    }
  }
});
