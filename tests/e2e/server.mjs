// A small static server for dist/: `make serve` and the browser tests use it.
// It binds to this machine only, knows the types of the page's files, sends text and wasm gzipped,
// and lets a browser keep a file for good when its name carries a hash.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
const PACKED_ALREADY = new Set(['.png', '.woff2', '.ico']);
const HASHED_NAME = /(?:-[0-9a-f]{12,}[._]|^.[0-9a-f]{12,}-)/;

/** The file that a request's path names inside `root`, or null: nothing outside it, whatever the path. */
function fileFor(root, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  let file = normalize(join(root, path));
  if (file !== root && !file.startsWith(root + sep)) return null;
  try {
    if (statSync(file).isDirectory()) file = join(file, 'index.html');
    return statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** Serves `root` on `port` (0: any free one); resolves to `{ url, close }`. */
export function serve(root, port = 0) {
  const folder = resolve(root);
  const packed = new Map(); // file -> { changed, bytes }: packing once is enough
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const file = fileFor(folder, request.url);
    if (!file) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('There is no such file.\n');
      return;
    }
    const kind = extname(file);
    const headers = {
      'Content-Type': TYPES[kind] ?? 'application/octet-stream',
      'Cache-Control': HASHED_NAME.test(file.slice(folder.length)) ? 'public, max-age=31536000, immutable' : 'no-cache',
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept-Encoding',
    };
    const status = statSync(file);
    if (!PACKED_ALREADY.has(kind) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
      let entry = packed.get(file);
      if (!entry || entry.changed !== status.mtimeMs) {
        entry = { changed: status.mtimeMs, bytes: gzipSync(readFileSync(file), { level: 9 }) };
        packed.set(file, entry);
      }
      response.writeHead(200, { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': entry.bytes.length });
      response.end(request.method === 'HEAD' ? undefined : entry.bytes);
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Length': status.size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).on('error', () => response.destroy()).pipe(response);
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      const close = () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); });
      done({ url: `http://localhost:${server.address().port}/`, close });
    });
  });
}

/** `node server.mjs [--port N] [FOLDER]` */
async function main(args) {
  const at = args.indexOf('--port');
  const text = at < 0 ? '8080' : args.splice(at, 2)[1];
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    console.error(`PORT must be a number from 1 to 65535, not "${text ?? ''}".`);
    process.exit(2);
  }
  const root = args[0] ?? fileURLToPath(new URL('../../dist', import.meta.url));
  try {
    statSync(join(root, 'index.html'));
  } catch {
    console.error('There is no built page yet. `make build` makes it.');
    process.exit(1);
  }
  try {
    const { url } = await serve(root, port);
    console.log(`\nKafka Playground is at ${url}\nCtrl-C stops it.`);
  } catch (error) {
    if (error.code === 'EADDRINUSE') console.error(`Port ${port} is taken. Choose another: make serve PORT=${port + 1}`);
    else if (error.code === 'EACCES') console.error(`Port ${port} needs more rights. Choose one above 1023: make serve PORT=8080`);
    else console.error(`Could not serve on port ${port}: ${error.message}`);
    process.exit(1);
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
