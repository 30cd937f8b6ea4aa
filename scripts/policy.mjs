// After each build (see Trunk.toml): puts the hashes of the page's own inline scripts and styles into its content security
// policy, where nothing else inline may run. Trunk's script names hashed files, so its hash is known only now.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(process.env.TRUNK_STAGING_DIR ?? 'dist', 'index.html');
const html = readFileSync(page, 'utf8');
/** The sources that a policy allows: one for each inline element of this kind. */
const hashes = (kind) =>
  [...html.matchAll(new RegExp(`<${kind}(?![^>]*\\ssrc=)[^>]*>([^]*?)</${kind}>`, 'g'))]
    .map(([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ');
const done = html.replace('SCRIPT_HASHES', hashes('script')).replace('STYLE_HASHES', hashes('style'));
if (done === html || /(SCRIPT|STYLE)_HASHES/.test(done)) throw new Error(`${page} has no place for the hashes of its policy`);
writeFileSync(page, done);
