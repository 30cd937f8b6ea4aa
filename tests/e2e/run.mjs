// Runs the specs beside this file, one after the other: two cores, one browser. Names on the command line pick some.
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const specs = readdirSync(here)
  .filter((name) => name.endsWith('.spec.mjs'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
  .map((name) => here + name);
if (specs.length === 0) {
  console.error(`No spec is named so: ${wanted.join(' ')}`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', '--test-timeout=600000', ...specs],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(status ?? 1);
