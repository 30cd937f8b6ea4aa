// Takes the README's pictures from the built page: `make screenshots`, or `node screenshots.mjs FOLDER`.
import { mkdirSync } from 'node:fs';
import { serve } from './server.mjs';
import { DIST, WIDTHS, advanceUntil, hasPlayground, launch, openPage, picture } from './page.mjs';

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
      await advanceUntil(page, () => playground.topics().some((topic) => !topic.internal && playground.records(topic.name, 0, 0, 20).length >= 5), {
        stepMs: 1000,
        limitMs: 60_000,
      });
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
