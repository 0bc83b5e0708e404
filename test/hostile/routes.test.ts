import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../support/free-port.js';
import type { Route } from '../support/list-routes.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';
import { examplePath } from '../support/route-examples.js';

/** What anybody may fetch, and why that is right. A new route that is not here has to ask who calls. */
const OPEN: Record<string, string> = {
  'GET /': 'the page of the editor: it holds no data, and asks for the login',
  'GET /auth/login': 'tells the editor which login to show',
  'GET /theme/': 'title and icon of the editor',
  'GET /debug/view/view.html': 'a page of the editor without data',
  'GET /debug/view/*': 'scripts of that page',
  'GET /icons/:module/:icon': 'pictures of nodes',
  'GET /icons/:scope/:module/:icon': 'pictures of nodes',
  'GET /^\\/resources\\/((?:@[^\\/]+\\/)?[^\\/]+)\\/(.+)$/': 'scripts of nodes, as they are published',
  'GET /^(.*)\\/resources\\/((?:@[^/]+\\/)?[^@/][^/]*)\\/([^?]+)$/':
    'the same scripts of widgets, beside the dashboard',
  'GET /^\\/locales\\/(.+)\\/?$/': 'texts of the editor',
};

/** Node-RED leaves them in place when they are turned off: they find nothing, whoever asks. */
const TURNED_OFF = /^\S+ \/projects\//;

describe('hostile: every route of the running server', () => {
  let nodeRed: NodeRedProcess;
  let routes: Route[];

  before(async () => {
    const port = await freePort();
    const listing = join(PROJECT_ROOT, 'dist/test/support/list-routes.js');
    nodeRed = await startNodeRed({
      env: { NODE_OPTIONS: `--require ${listing}`, ROUTES_PORT: String(port), TPE_SIMULATED_GATEWAYS: '1' },
    });
    routes = (await (await fetch(`http://127.0.0.1:${port}`)).json()) as Route[];
  });
  after(() => nodeRed?.stop());

  const nameOf = ({ method, path }: Route) => `${method} ${path}`;

  async function statusOf({ method, path }: Route, headers: Record<string, string> = {}): Promise<number> {
    const isReading = method === 'GET' || method === 'HEAD';
    const response = await fetch(nodeRed.url + examplePath(path), {
      method,
      redirect: 'manual',
      headers: { connection: 'close', 'content-type': 'application/json', ...headers },
      body: isReading ? null : '{}',
    });
    await response.arrayBuffer();
    return response.status;
  }

  it('is known: the REST tab, the editor, the dashboard, our own', () => {
    const names = routes.map(nameOf);
    expect(names).to.include.members([
      'GET /api/device',
      'POST /flows',
      'POST /tpe-server/test',
      'GET /dashboard/_setup',
      'GET /metrics',
    ]);
    expect(names.length).to.be.greaterThan(100);
  });

  it('asks who calls, unless it is one of those that are open for a reason', async () => {
    const open: string[] = [];
    for (const route of routes) {
      const name = nameOf(route);
      if (TURNED_OFF.test(name)) expect(await statusOf(route), name).to.equal(404);
      else if (![401, 403].includes(await statusOf(route))) open.push(name);
    }
    expect(open.filter((name) => OPEN[name] === undefined)).to.deep.equal([]);
  });

  it('is not opened by a forged login', async () => {
    const forged: Record<string, string>[] = [
      { authorization: 'Bearer null' },
      { authorization: 'Bearer undefined' },
      { authorization: `Basic ${Buffer.from('admin:').toString('base64')}` },
      { cookie: `tpedm_session_${new URL(nodeRed.url).port}=eyJuIjoiYWRtaW4ifQ.AAAA` },
      { 'x-forwarded-for': '127.0.0.1', 'x-original-url': '/auth/login', 'x-http-method-override': 'GET' },
    ];
    for (const route of routes) {
      const name = nameOf(route);
      if (OPEN[name] !== undefined || TURNED_OFF.test(name)) continue;
      for (const headers of forged) {
        // 429: so many wrong tokens come from one address that it has to wait.
        const status = await statusOf(route, headers);
        expect(status, `${name} ${JSON.stringify(headers)}`).to.be.oneOf([401, 403, 429]);
      }
    }
  });

  it('of the REST tab asks for the token however its path is spelt', async () => {
    const ours = routes.filter(({ path }) => path.startsWith('/api/'));
    for (const { method, path } of ours) {
      const plain = examplePath(path);
      const spellings = [
        plain.toUpperCase(),
        `${plain}/`,
        plain.replace('/api', '//api'),
        plain.replace('/api', '/x/../api'),
        plain.replace('/api', '/%61pi'),
        `${plain}?x=1`,
        `${plain}%2f`,
      ];
      for (const spelling of spellings) {
        const status = await statusOf({ method, path: spelling });
        expect(status, `${method} ${spelling}`).to.be.oneOf([401, 403, 404]);
      }
    }
  });

  it('names in the table only what is there', () => {
    const names = new Set(routes.map(nameOf));
    expect(Object.keys(OPEN).filter((name) => !names.has(name))).to.deep.equal([]);
  });
});
