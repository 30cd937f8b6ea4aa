// What every end-to-end spec needs: a browser, a page whose faults are collected, and the places pictures go.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = fileURLToPath(new URL('.', import.meta.url));
export const DIST = process.env.DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));
export const OUT = join(here, 'out');
mkdirSync(OUT, { recursive: true });

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Headless, and silent on the network: the tests must pass with no connection at all. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export const STORIES = ['taxi-booking', 'live-news'];
/** The tours of one subject: titles in the menu by name. */
export const TOURS = { 'who-reads-what': 'Who reads what', 'never-came-back': 'The consumer that never came back' };
export const THEMES = ['light', 'dark'];
export const WIDTHS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });

/**
 * Opens the built page in a fresh context (nothing stored). `faults` fills with console errors, uncaught exceptions,
 * failed loads and requests to another origin: a spec ends with `expectNoFaults`. Without a fragment it opens the taxi
 * story, as who comes back to it would; `first` shows what a first visit is shown.
 */
export async function openPage(
  browser,
  url,
  { theme = 'light', size = WIDTHS.desktop, reducedMotion = 'no-preference', touch = size.width < 600, first = false } = {},
) {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion, hasTouch: touch });
  const page = await context.newPage();
  const faults = [];
  const origin = new URL(url).origin;
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console error: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  // What a page has not loaded when it is left is no fault of its.
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') faults.push(`failed to load ${request.url()}: ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (/^(https?|wss?):$/.test(to.protocol) && to.origin !== origin) faults.push(`request to another origin: ${to.href}`);
  });
  await page.goto(first || url.includes('#') ? url : `${url}#scenario=taxi-booking`);
  await started(page);
  return { page, context, faults };
}

/** Waits until the program has drawn its first component in place of what stood there before it. */
export const started = (page) =>
  page.waitForFunction(() => document.querySelector('#page main') && !document.getElementById('boot'), undefined, { timeout: 20_000 });

/** False only until the page offers window.playground: then a page that loses it fails instead of skipping. */
const API_EXPECTED = true;

/** Is the window as narrow as a phone? There the terminal is a tab, and takes the stage's place. */
export const isPhone = (page) => page.viewportSize().width < 640;

/** Folds the terminal, where it is open: the stage has all of the room. */
export async function foldTerminal(page) {
  const handle = page.locator('.terminal-handle');
  if (!isPhone(page) && (await handle.getAttribute('aria-expanded')) === 'true') await handle.click();
}

/** Stops the clock, where it runs. */
export async function pause(page) {
  const button = page.getByRole('button', { name: 'Pause', exact: true });
  if (await button.isVisible()) await button.click();
}

/** Whether the page offers its API: specs that drive the simulation need it. */
export async function hasPlayground(page) {
  const there = () => typeof window.playground?.hash === 'function';
  if (!API_EXPECTED) return page.evaluate(there);
  await page.waitForFunction(there, undefined, { timeout: 10_000 });
  return true;
}

/** The session's fingerprint: the same before and after a reload, a seek there and back, on every machine. */
export const fingerprint = (page) =>
  page.evaluate(() => ({ hash: String(playground.hash()), cursor: playground.cursor(), script: playground.script() }));

export function expectNoFaults(faults) {
  if (faults.length > 0) throw new Error(`The page is not clean:\n  ${faults.join('\n  ')}`);
}

/** Turns to a view of the stage, by the tab that is in sight. */
export const showView = (page, view) => page.getByRole('button', { name: view, exact: true }).filter({ visible: true }).first().click();

/** Opens the terminal, as a person does at this width; its prompt is there. */
export async function showTerminal(page) {
  if (isPhone(page)) await showView(page, 'Terminal');
  else await page.keyboard.press('`');
  await page.locator('.terminal-prompt textarea').first().waitFor();
}

/** Runs axe; returns one line per violation and element, so that a failure says what to look at. */
export async function axeViolations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const result = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(' ')} – ${node.failureSummary}`));
  });
  return found;
}

export const picture = (page, name, folder = OUT) => page.screenshot({ path: join(folder, `${name}.png`) });

/**
 * Lets simulated time pass until `done` (a function run in the page) gives something, and returns that.
 * It pauses first: the page's own clock must not move while the spec looks.
 */
export async function advanceUntil(page, done, { stepMs = 500, limitMs = 600_000 } = {}) {
  for (let passed = 0; passed < limitMs; passed += stepMs) {
    const found = await page.evaluate(done);
    if (found) return found;
    await page.evaluate((ms) => playground.advance(ms), stepMs);
  }
  throw new Error(`It did not happen within ${limitMs / 1000} simulated seconds.`);
}
