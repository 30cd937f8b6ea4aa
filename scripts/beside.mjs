// Our assignors beside Kafka's own, of the same `make bench`: node scripts/beside.mjs JVM NATIVE CHROMIUM
import { readFileSync } from 'node:fs';

const line = /^((?:classic|consumer) +\S+ +(?:first|one leaves)) +([0-9.]+) ms$/;
const read = (path) => {
  const found = readFileSync(path, 'utf8').split('\n').map((text) => line.exec(text.trimEnd())).filter(Boolean);
  return new Map(found.map(([, what, ms]) => [what.replace(/ +/g, ' '), Number(ms)]));
};
const [jvm, native, chromium] = process.argv.slice(2).map(read);
if (jvm.size === 0) throw new Error('Kafka\'s own assignors printed no figures.');
console.log(`\n${'assignor, milliseconds'.padEnd(40)}${'JVM'.padStart(8)}${'natively'.padStart(18)}${'in Chromium'.padStart(18)}`);
for (const [what, ms] of jvm) {
  const beside = (ours) => `${ours.get(what).toFixed(2)} (${(ours.get(what) / ms).toFixed(2)})`.padStart(18);
  console.log(`${what.padEnd(40)}${ms.toFixed(2).padStart(8)}${beside(native)}${beside(chromium)}`);
}
