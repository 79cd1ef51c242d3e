import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Dashboard, exportDashboard, keptToken, newToken, startDashboard } from '@resnet/dashboard';
import { acquireLock } from '@resnet/files';
import { runPaths } from '@resnet/trainer/node';
import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyFolder, makeRun } from './made-runs';

let root: string;
let dashboard: Dashboard;
const token = newToken();
beforeEach(async () => {
  root = emptyFolder();
  makeRun(root, 'a', { steps: 5 });
  dashboard = await startDashboard({ directory: root, port: 0, token, interval: 20 });
});
afterEach(() => dashboard.close());

interface Asked {
  method?: string;
  headers?: Record<string, string>;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** As a program asks that may send any header. */
const ask = (path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { port: dashboard.port, path, method, headers: { Host: `127.0.0.1:${dashboard.port}`, ...headers } },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });

const withToken = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}token=${token}`;
const own = () => ({ Authorization: `Bearer ${token}`, Origin: `http://127.0.0.1:${dashboard.port}` });

describe('the token', () => {
  const secret = ['/', '/events', '/details?run=a', '/samples?run=a'];

  it.each(secret)('is asked for by %s', async (path) => {
    expect((await ask(path)).status).toBe(403);
    expect((await ask(`${path}${path.includes('?') ? '&' : '?'}token=${newToken()}`)).status).toBe(403);
  });

  it.each([`${token}x`, token.slice(1), '', token.toUpperCase()])('is not %s', async (given) => {
    expect((await ask(`/?token=${given}`)).status).toBe(403);
  });

  it('opens the page', async () => {
    expect(await ask(withToken('/'))).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
  });

  it('is in no file that everybody may have', async () => {
    for (const path of ['/app.js', '/app.css']) {
      const { status, body } = await ask(path);
      expect([status, body.includes(token)]).toEqual([200, false]);
    }
  });

  it('is kept for the user alone, and asked for again the same', async () => {
    const folder = join(emptyFolder(), 'cache');
    const kept = await keptToken(folder);
    expect([kept, await keptToken(folder)]).toEqual([expect.stringMatching(/^[\w-]{32}$/), kept]);
    expect(statSync(join(folder, 'dashboard-token')).mode & 0o777).toBe(0o600);
  });
});

describe('DNS rebinding', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.1',
    '10.0.0.1',
  ])('Host %s is refused, by assets too', async (host) => {
    const named =
      host.includes('.') && !host.includes(':') && host !== '127.0.0.1' ? `${host}:${dashboard.port}` : host;
    for (const path of [withToken('/'), withToken('/events'), '/app.js']) {
      expect((await ask(path, { headers: { Host: named } })).status).toBe(403);
    }
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])('Host %s is ours', async (name) => {
    expect((await ask(withToken('/'), { headers: { Host: `${name}:${dashboard.port}` } })).status).toBe(200);
  });
});

describe('a page of somebody else', () => {
  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'may not ask: Origin %s',
    async (origin) => {
      expect((await ask(withToken('/details?run=a'), { headers: { Origin: origin } })).status).toBe(403);
      expect((await ask(withToken('/events'), { headers: { Origin: origin } })).status).toBe(403);
    },
  );

  it.each(['cross-site', 'same-site'])('may not ask: Sec-Fetch-Site %s', async (site) => {
    expect((await ask(withToken('/'), { headers: { 'Sec-Fetch-Site': site } })).status).toBe(403);
  });
});

describe('stop', () => {
  let release: () => void;
  beforeEach(async () => {
    release = acquireLock(runPaths(join(root, 'a')).lock).release;
    await expect
      .poll(async () => (await ask('/stop?run=a', { method: 'POST', headers: { ...own(), Authorization: '' } })).status)
      .toBe(403);
    await expect.poll(() => firstEvents()).toContain('"status":"running"');
  });
  afterEach(() => release());
  const isAsked = () => existsSync(runPaths(join(root, 'a')).stopRequest);

  it('needs POST, the token in a header, and an origin of ours', async () => {
    const { Authorization, Origin } = own();
    const refused: [string, Asked][] = [
      ['/stop?run=a', { headers: { Authorization, Origin } }],
      [withToken('/stop?run=a'), { method: 'POST', headers: { Origin } }],
      ['/stop?run=a', { method: 'POST', headers: { Authorization } }],
      ['/stop?run=a', { method: 'POST', headers: { Authorization, Origin: 'http://evil.example' } }],
      ['/stop?run=..%2Fa', { method: 'POST', headers: { Authorization, Origin } }],
    ];
    for (const [path, asked] of refused) expect((await ask(path, asked)).status).toBeGreaterThanOrEqual(403);
    expect(isAsked()).toBe(false);
    expect((await ask('/stop?run=a', { method: 'POST', headers: own() })).status).toBe(200);
    expect(isAsked()).toBe(true);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is answered by nothing', async (method) => {
    expect((await ask('/stop?run=a', { method, headers: own() })).status).toBe(405);
    expect((await ask('/', { method: 'POST', headers: own() })).status).toBe(405);
    expect(isAsked()).toBe(false);
  });
});

describe('paths and links', () => {
  it.each(['..', '../..', '%2e%2e', 'a/../../etc', '/etc/passwd', 'a%00', 'a/metrics.csv', '__proto__', 'constructor'])(
    '%s is no run',
    async (run) => {
      for (const what of ['details', 'samples']) {
        expect((await ask(withToken(`/${what}?run=${encodeURIComponent(run)}`))).status).toBe(404);
        expect((await ask(withToken(`/${what}?run=${run}`))).status).toBe(404);
      }
    },
  );

  it.each(['/../../etc/passwd', '/..%2f..%2fetc/passwd', '/runs/a/metrics.csv', '//etc/passwd', '/__proto__'])(
    '%s is no page',
    async (path) => {
      expect((await ask(withToken(path))).status).toBe(404);
    },
  );

  it('nothing behind a link is shown: a picture, scores, a whole folder', async () => {
    const secret = makeRun(emptyFolder(), 'b', { steps: 1, finished: true });
    writeFileSync(join(secret, 'samples.png'), Buffer.from('\x89PNG\r\n\x1a\nsecret', 'latin1'));
    writeFileSync(join(secret, 'evaluation.json'), JSON.stringify({ images: 1, classes: [], confusion: null }));
    writeFileSync(
      join(secret, 'layers.jsonl'),
      JSON.stringify({ type: 'layers', step: 1, layers: [{ layer: 'secret' }] }),
    );
    for (const name of ['samples.png', 'evaluation.json', 'layers.jsonl'])
      symlinkSync(join(secret, name), join(root, 'a', name));
    symlinkSync(secret, join(root, 'b'));
    for (const path of ['/samples?run=a', '/details?run=a', '/samples?run=b', '/details?run=b']) {
      const { status, body } = await ask(withToken(path));
      expect([status, body.includes('secret')]).toEqual([404, false]);
    }
  });

  it('a picture that is none is not shown: a page would be read as one', async () => {
    writeFileSync(join(root, 'a', 'samples.png'), '<script>alert(1)</script>');
    expect((await ask(withToken('/samples?run=a'))).status).toBe(404);
  });
});

it('every answer forbids scripts and addresses of others, guessing of types, frames, and keeping', async () => {
  for (const path of [withToken('/'), '/app.js', '/', withToken('/nothing')]) {
    const { headers } = await ask(path);
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});

it('a script in the name of a class, a run or a setting ends no element of an exported page', async () => {
  const evil = '</script><img src=x onerror=alert(1)>';
  const directory = makeRun(root, `<img src=x onerror=alert(1)>`, { steps: 3, recipe: { name: evil } });
  writeFileSync(
    join(directory, 'evaluation.json'),
    JSON.stringify({
      images: 1,
      classes: [{ name: evil, trained: 1, images: 1, precision: 1, recall: 1, f1: 1 }],
      confusion: [[1]],
    }),
  );
  const page = await exportDashboard({ directory: root, out: join(emptyFolder(), 'out') });
  const { document } = parseHTML(readFileSync(page, 'utf8'));
  expect(document.querySelectorAll('img').length).toBe(0);
  expect(document.querySelectorAll('script').length).toBe(2);
  expect(
    JSON.parse(document.querySelector('script')!.textContent!).details['<img src=x onerror=alert(1)>'].evaluation
      .classes[0].name,
  ).toBe(evil);
});

/** The first events of a stream, as text. */
const firstEvents = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { port: dashboard.port, path: withToken('/events'), headers: { Host: `127.0.0.1:${dashboard.port}` } },
      (response) => {
        let text = '';
        if (response.statusCode !== 200) reject(new Error(`got ${response.statusCode}`));
        response.on('data', (chunk) => {
          text += chunk;
          if (!text.includes('event: series')) return;
          asked.destroy();
          resolve(text);
        });
      },
    );
    asked.on('error', reject);
    asked.end();
  });

const openSocket = (path: string): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect(dashboard.port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\n\r\n`);
      resolve(socket);
    });
    socket.on('error', () => resolve(socket));
  });

describe('many and slow readers', () => {
  it('10,000 streams are refused beyond a few, and those that look go on', async () => {
    const kept: Socket[] = [];
    let answered = 0;
    /** Asks for a stream; it is answered, or closed where there are more connections than a server takes at all. */
    const knock = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(dashboard.port, '127.0.0.1');
        socket.write(`GET ${withToken('/events')} HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\n\r\n`);
        socket.once('data', (chunk) => {
          if (chunk.toString().startsWith('HTTP/1.1 200')) kept.push(socket);
          else socket.destroy();
          answered += 1;
          resolve();
        });
        socket.once('error', () => {});
        socket.once('close', () => resolve());
      });
    for (let done = 0; done < 10_000; done += 200) await Promise.all(Array.from({ length: 200 }, knock));
    expect(kept.length).toBe(32);
    expect(answered).toBeGreaterThan(32);
    expect((await ask(withToken('/'))).status).toBe(200);
    for (const socket of kept) socket.destroy();
    // Until the server has seen that they are gone, it refuses more.
    await expect.poll(() => firstEvents(), { timeout: 20_000 }).toContain('event: runs');
  }, 120_000);

  it('a reader that does not read costs no memory while runs go on', async () => {
    mkdirSync(join(root, 'many'));
    for (let i = 0; i < 10; i++) makeRun(root, `long-${i}`, { steps: 3000 });
    await expect.poll(() => firstEvents(), { timeout: 20_000 }).toContain('long-9');
    const socket = await openSocket(withToken('/events'));
    socket.pause();
    const before = process.memoryUsage().rss;
    // Each look changes every run: unread, that would be 100 × 1.5 MB.
    for (let i = 0; i < 100; i++) {
      for (let run = 0; run < 10; run++) makeRun(root, `long-${run}`, { steps: 1025 + 2 * i });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
    socket.destroy();
  }, 120_000);
});
