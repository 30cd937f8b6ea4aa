// Takes the README's pictures from the built page: `make screenshots`, or `node screenshots.mjs FOLDER`.
import { mkdirSync } from 'node:fs';
import { serve } from './server.mjs';
import { DIST, WIDTHS, hasPlayground, launch, openPage, pause, picture } from './page.mjs';

/** The moment that is shown, in simulated time: rides are under way, and some are paid. */
const MOMENT_MS = 60_000;
const folder = process.argv[2] ?? 'docs';
mkdirSync(folder, { recursive: true });
const server = await serve(DIST);
const browser = await launch();
try {
  for (const [story, theme] of [
    ['taxi-booking', 'light'],
    ['live-news', 'dark'],
  ]) {
    const { page, context } = await openPage(browser, `${server.url}#scenario=${story}`, { theme, size: WIDTHS.desktop });
    if (await hasPlayground(page)) {
      await pause(page);
      await page.evaluate((ms) => playground.advance(ms), MOMENT_MS);
    }
    await page.waitForTimeout(500);
    await picture(page, story, folder);
    console.log(`${folder}/${story}.png`);
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
