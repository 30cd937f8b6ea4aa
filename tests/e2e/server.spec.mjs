// The server that serves the page: right types, packed, cached where safe, and nothing outside its folder.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from './server.mjs';
import { DIST } from './page.mjs';

describe('the static server', () => {
  let server;
  before(async () => {
    server = await serve(DIST);
  });
  after(() => server?.close());

  it('sends wasm as wasm, gzipped, to be kept for good under a hashed name', async () => {
    const names = readdirSync(DIST);
    const wasm = names.find((name) => name.endsWith('.wasm'));
    for (const name of names.filter((each) => /\.(wasm|js|css)$/.test(each))) assert.match(name, /-[0-9a-f]{12,}[._]/, 'every file but the page has a hashed name');
    const answer = await fetch(server.url + wasm);
    assert.equal(answer.headers.get('content-type'), 'application/wasm');
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.match(answer.headers.get('cache-control'), /immutable/);
    assert.deepEqual([...new Uint8Array(await answer.arrayBuffer()).slice(0, 4)], [0, 0x61, 0x73, 0x6d]);
  });

  it('never lets the page itself go stale', async () => {
    const answer = await fetch(server.url);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    assert.match(answer.headers.get('content-type'), /^text\/html/);
  });

  it('serves nothing outside its folder', async () => {
    for (const path of ['/../Cargo.toml', '/%2e%2e/Cargo.toml', '/..%2fCargo.toml', '/%00', '/%ff', '/no-such-file']) {
      // fetch would tidy the path up first, so this asks by hand.
      const status = await new Promise((done, failed) => {
        const asked = request(server.url, { path }, (answer) => done(answer.resume().statusCode));
        asked.on('error', failed).end();
      });
      assert.equal(status, 404, path);
    }
  });

  it('says what to do when the port is taken or no port', async () => {
    const port = new URL(server.url).port;
    const program = fileURLToPath(new URL('server.mjs', import.meta.url));
    const taken = spawnSync(process.execPath, [program, '--port', port], { encoding: 'utf8' });
    assert.equal(taken.status, 1);
    assert.match(taken.stderr, new RegExp(`Port ${port} is taken.*make serve PORT=`));
    const nonsense = spawnSync(process.execPath, [program, '--port', 'eighty'], { encoding: 'utf8' });
    assert.equal(nonsense.status, 2);
    assert.match(nonsense.stderr, /number from 1 to 65535/);
    const unbuilt = spawnSync(process.execPath, [program, join(DIST, 'no-such-folder')], { encoding: 'utf8' });
    assert.match(unbuilt.stderr, /make build/);
  });
});
