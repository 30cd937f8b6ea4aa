// The other browsers, from Debian: Firefox by WebDriver BiDi, which it speaks by itself, and WebKit by its own WebDriver.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

export const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const WEBKIT_DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const XVFB = process.env.XVFB ?? '/usr/bin/Xvfb';
const STARTS_WITHIN_MS = 30_000;

/** Nothing asks the network for anything: no updates, no lists, no news. */
const QUIET = {
  'app.normandy.enabled': false,
  'browser.region.network.url': '',
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.server': 'data:,',
};

/** Is there such a program? If not, what to do. */
function need(program) {
  if (!existsSync(program)) throw new Error(`There is no ${program}: scripts/setup test installs it.`);
}

export async function launchFirefox() {
  need(FIREFOX);
  return puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true, extraPrefsFirefox: QUIET, timeout: STARTS_WITHIN_MS });
}

/** Opens the page in Firefox; `faults` fills as that of Chromium's `openPage`. */
export async function openInFirefox(browser, url, { width, height }) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console error: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`failed to load ${request.url()}: ${request.failure()?.errorText}`));
  await page.setViewport({ width, height });
  await page.goto(url);
  await page.waitForFunction(() => typeof window.playground?.hash === 'function', { timeout: STARTS_WITHIN_MS });
  return { page, context, faults };
}

/** The first line that a stream gives, or what a process said when it ended instead. */
function firstLine(child, stream, what) {
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`${what} does not start`)), STARTS_WITHIN_MS);
    stream.once('data', (bytes) => {
      clearTimeout(late);
      done(String(bytes).trim());
    });
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`${what} ended with ${code}`)));
  });
}

/** A display that nobody sees, for a machine that has none. WebKit's browser draws nowhere else. */
async function display() {
  need(XVFB);
  const child = spawn(XVFB, ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const name = `:${await firstLine(child, child.stdio[3], 'Xvfb')}`;
  return { name, close: () => child.kill() };
}

const free = () =>
  import('node:net').then(
    ({ createServer }) =>
      new Promise((done) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
          const { port } = server.address();
          server.close(() => done(port));
        });
      }),
  );

/** The name that the protocol gives to an element's reference. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** A session of WebKit, with the few commands that the spec needs: W3C WebDriver, spoken plainly. */
export async function launchWebKit() {
  need(WEBKIT_DRIVER);
  const shown = process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? null : await display();
  const port = await free();
  const env = { ...process.env, ...(shown && { DISPLAY: shown.name }), GDK_BACKEND: process.env.WAYLAND_DISPLAY ? '' : 'x11', NO_AT_BRIDGE: '1' };
  // It draws on the CPU: there may be no other way on a machine of tests.
  const driver = spawn(WEBKIT_DRIVER, [`--port=${port}`], { env: { ...env, LIBGL_ALWAYS_SOFTWARE: '1' }, stdio: 'ignore' });
  const close = () => {
    driver.kill();
    shown?.close();
  };
  const call = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  try {
    const session = await started(call, driver);
    const to = (method, path, body) => call(method, `/session/${session}${path}`, body);
    const element = (selector) => to('POST', '/element', { using: 'css selector', value: selector }).then((found) => found[ELEMENT]);
    return {
      open: (url) => to('POST', '/url', { url }),
      /** Runs a function's body in the page. */
      run: (body, ...args) => to('POST', '/execute/sync', { script: body, args }),
      click: async (selector) => to('POST', `/element/${await element(selector)}/click`, {}),
      type: async (selector, text) => to('POST', `/element/${await element(selector)}/value`, { text }),
      picture: () => to('GET', '/screenshot').then((data) => Buffer.from(data, 'base64')),
      close: async () => {
        await to('DELETE', '').catch(() => {});
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Waits for the driver, and begins a session. */
async function started(call, driver) {
  let failed = null;
  driver.once('error', (error) => (failed = error));
  driver.once('exit', (code) => (failed ??= new Error(`${WEBKIT_DRIVER} ended with ${code}`)));
  for (const begun = Date.now(); ; ) {
    try {
      await call('GET', '/status');
      break;
    } catch (error) {
      if (failed) throw failed;
      if (Date.now() - begun > STARTS_WITHIN_MS) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  // The driver knows where its own browser is, and starts it as root as well.
  const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch: {} } });
  return sessionId;
}
