// What a first visit loads, file by file, as sent (gzip) and as is.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2] ?? 'dist';
const files = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
let sent = 0;
for (const name of files.sort()) {
  const bytes = readFileSync(join(folder, name));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  sent += gzip;
  console.log(`${String(bytes.length).padStart(10)} B  ${String(gzip).padStart(9)} B gzipped  ${name}`);
}
console.log(`${' '.repeat(14)}${String(sent).padStart(9)} B gzipped in all`);
