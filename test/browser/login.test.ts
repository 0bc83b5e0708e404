import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';

/** A dashboard with one page, and one http-in node below /api and one beside it. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'login' },
  {
    id: 'ui',
    type: 'ui-base',
    name: 'Dashboard',
    path: '/dashboard',
    includeClientData: true,
    acceptsClientConfig: ['ui-notification', 'ui-control'],
  },
  { id: 'theme', type: 'ui-theme', name: 'Theme', colors: {}, sizes: {} },
  {
    id: 'page',
    type: 'ui-page',
    name: 'Page',
    ui: 'ui',
    path: '/page',
    layout: 'grid',
    theme: 'theme',
    order: 1,
  },
  { id: 'group', type: 'ui-group', name: 'Group', page: 'page', width: '6', order: 1 },
  { id: 'text', type: 'ui-text', z: 'tab', name: 'Text', group: 'group', wires: [] },
  { id: 'api', type: 'http in', z: 'tab', url: '/api/thing/:id', method: 'get', wires: [['answer']] },
  { id: 'open', type: 'http in', z: 'tab', url: '/apiary', method: 'get', wires: [['answer']] },
  { id: 'answer', type: 'http response', z: 'tab', statusCode: '200', wires: [] },
];

const SOCKET = '/dashboard/socket.io/?EIO=4&transport=';

describe('login', () => {
  let nodeRed: NodeRedProcess;
  let cookie: string;

  before(async () => {
    nodeRed = await startNodeRed({ flow: FLOW });
    cookie = await signIn();
  });
  after(() => nodeRed?.stop());

  function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(nodeRed.url + path, { headers, redirect: 'manual' });
  }

  function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams(fields);
    return fetch(nodeRed.url + path, { method: 'POST', body, headers, redirect: 'manual' });
  }

  /** Where a browser goes from there: the redirect is relative, for proxies that put all this below a path. */
  function targetOf(answer: Response): string {
    const target = new URL(answer.headers.get('location') ?? '', answer.url);
    expect(target.origin).to.equal(nodeRed.url);
    return `${target.pathname}${target.search}`;
  }

  async function signIn(): Promise<string> {
    const fields = { user: 'admin', password: nodeRed.adminPassword };
    const answer = await post('/dashboard/login/', fields, { origin: nodeRed.url });
    expect(answer.status).to.equal(303);
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  /** Talks to the dashboard's socket as socket.io's own client would; gives the answer to its first packet. */
  async function openSocket(headers: Record<string, string>): Promise<string> {
    const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}${SOCKET}websocket`, { headers });
    const closed = once(socket, 'close').then(() => 'closed');
    await once(socket, 'message');
    const answer = once(socket, 'message').then(([data]) => String(data));
    socket.send('40');
    const packet = await Promise.race([answer, closed]);
    if (packet.startsWith('44')) expect(await closed).to.equal('closed');
    socket.terminate();
    return packet;
  }

  it('sends a person to the login page, from wherever', async () => {
    for (const path of ['/dashboard', '/dashboard/', '/dashboard/page?a=1', '/DASHBOARD/page']) {
      const answer = await get(path, { accept: 'text/html,*/*' });
      expect(answer.status, path).to.equal(302);
      const target = targetOf(answer);
      expect(target.toLowerCase()).to.equal(
        `/dashboard/login/?next=${encodeURIComponent(path)}`.toLowerCase(),
      );
    }
  });

  it('refuses a program that has no session, whatever it asks for', async () => {
    const paths = [
      '/dashboard',
      '/dashboard/_setup',
      '/dashboard/_debug/datastore/text',
      '/dashboard/_debug/statestore/text',
      '/dashboard/index.html',
      '/dashboard/favicon.svg',
      '/dashboard/sw.js',
      '/dashboard/assets/',
      '/dashboard/manifest.webmanifest',
      '/Dashboard/_setup',
      '/dashboard//_setup',
      '/dashboard/x/../_setup',
      '/dashboard/login/../_setup',
      '/dashboard/logout/',
    ];
    for (const path of paths) {
      expect((await get(path)).status, path).to.equal(401);
      expect((await get(path, { cookie: 'tpedm_session=x' })).status, path).to.equal(401);
    }
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
    expect((await post('/dashboard/_setup', {})).status).to.equal(401);
  });

  it('shows a page that needs no script and nothing from elsewhere', async () => {
    const page = await get('/dashboard/login/');
    expect(page.status).to.equal(200);
    expect(page.headers.get('content-security-policy')).to.match(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(page.headers.get('cache-control')).to.equal('no-store');
    expect(await page.text())
      .to.contain('<form method="post">')
      .and.not.to.match(/<script|src=|url\(|@import/);
  });

  it('signs in with a cookie that scripts and other sites do not get', async () => {
    const fields = { user: 'admin', password: nodeRed.adminPassword };
    const answer = await post('/dashboard/login/?next=/dashboard/page%3Fa=1', fields);
    expect(targetOf(answer)).to.equal('/dashboard/page?a=1');
    expect(answer.headers.get('set-cookie')).to.match(
      /^tpedm_session_\d+=\S+; Max-Age=\d+; .*HttpOnly; SameSite=Lax$/,
    );
    const behindTls = await post('/dashboard/login/', fields, { 'x-forwarded-proto': 'https' });
    expect(behindTls.headers.get('set-cookie')).to.match(/; Secure$/);
  });

  it('goes nowhere else behind the login', async () => {
    const fields = { user: 'admin', password: nodeRed.adminPassword };
    const elsewhere = [
      'https://evil.example/',
      '//evil.example/dashboard',
      '/\\evil.example/dashboard',
      '/dashboard/../flows',
      '/dashboardx',
      'javascript:alert(1)',
      '/dashboard/logout/',
      '/dashboard/login/',
    ];
    for (const next of elsewhere) {
      const answer = await post(`/dashboard/login/?next=${encodeURIComponent(next)}`, fields);
      expect(targetOf(answer), next).to.equal('/dashboard/');
    }
  });

  it('says one thing for a wrong user and a wrong password, and shows what was typed as text', async () => {
    const wrong = await post('/dashboard/login/', { user: 'admin', password: 'wrong' });
    const unknown = await post('/dashboard/login/', { user: '"><script>', password: nodeRed.adminPassword });
    for (const answer of [wrong, unknown]) {
      expect(answer.status).to.equal(401);
      expect(answer.headers.get('set-cookie')).to.equal(null);
    }
    expect(await wrong.text()).to.contain('Wrong username or password.');
    const text = await unknown.text();
    expect(text).to.contain('Wrong username or password.').and.not.to.contain('<script>');
  });

  it('speaks the language of the browser', async () => {
    const pages: [string, string, string][] = [
      ['de-AT,de;q=0.9,en;q=0.5', 'de', 'Anmelden'],
      ['ja', 'ja', 'サインイン'],
      ['zh-Hant-TW,zh;q=0.8', 'zh-TW', '登入'],
      ['zh-HK', 'zh-TW', '登入'],
      ['fr-FR, en;q=0.3', 'en', 'Sign in'],
      ['zh-CN', 'en', 'Sign in'],
      ['\u00ff;;q=,,*', 'en', 'Sign in'],
    ];
    for (const [wanted, language, text] of pages) {
      const page = await get('/dashboard/login/', { 'accept-language': wanted });
      expect(page.headers.get('vary'), wanted).to.contain('Accept-Language');
      expect(await page.text(), wanted)
        .to.contain(`<html lang="${language}">`)
        .and.contain(`<button>${text}`);
    }
    const wrong = await post(
      '/dashboard/login/',
      { user: '<b>', password: 'wrong' },
      { 'accept-language': 'de' },
    );
    expect(await wrong.text())
      .to.contain('Benutzername oder Passwort ist falsch.')
      .and.not.to.contain('<b>');
  });

  it('refuses forms of other sites, and forms that are none', async () => {
    const fields = { user: 'admin', password: nodeRed.adminPassword };
    for (const origin of ['http://evil.example', 'null', nodeRed.url.replace('127.0.0.1', 'localhost')]) {
      expect((await post('/dashboard/login/', fields, { origin })).status, origin).to.equal(403);
      expect((await post('/dashboard/logout/', {}, { origin, cookie })).status, origin).to.equal(403);
    }
    expect((await post('/dashboard/login/', { user: 'x'.repeat(10_000) })).status).to.equal(413);
    const json = { 'content-type': 'application/json' };
    for (const body of ['', '{}', '[]', '{"user": {"$ne": 1}, "password": []}']) {
      const answer = await fetch(`${nodeRed.url}/dashboard/login/`, { method: 'POST', body, headers: json });
      expect(answer.status, body).to.equal(401);
    }
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
  });

  it('refuses sockets without a session, and sockets of pages of other sites', async () => {
    expect(await openSocket({})).to.match(/^44.*Sign in/);
    expect(await openSocket({ cookie: cookie.replace(/.$/, '_') })).to.match(/^44/);
    expect(await openSocket({ cookie, origin: 'http://evil.example' })).to.match(/^44/);
    expect(await openSocket({ cookie })).to.match(/^40/);
    expect(await openSocket({ cookie, origin: nodeRed.url })).to.match(/^40/);

    const handshake = await (await get(`${SOCKET}polling`)).text();
    const { sid } = JSON.parse(handshake.slice(1)) as { sid: string };
    await fetch(`${nodeRed.url}${SOCKET}polling&sid=${sid}`, { method: 'POST', body: '40' });
    const answer = await (await get(`${SOCKET}polling&sid=${sid}`)).text();
    expect(answer).to.match(/^44/).and.not.to.contain('ui-config');
  });

  it('survives packets that the dashboard does not expect', async () => {
    const url = `${nodeRed.url.replace('http', 'ws')}${SOCKET}websocket`;
    const socket = new WebSocket(url, { headers: { cookie } });
    const configured = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (String(data) === '2') socket.send('3');
        if (String(data).startsWith('42["ui-config"')) resolve();
      });
    });
    await once(socket, 'message');
    socket.send('40');
    await configured;
    for (const event of ['load', 'send', 'change', 'action']) {
      for (const id of ['5', '{}', '[]', 'true', 'null', `"${'x'.repeat(500)}"`]) {
        socket.send(`42["widget-${event}",${id},{"payload":1}]`);
        socket.send(`42["widget-${event}",${id}]`);
      }
    }
    const gone = once(socket, 'close');
    socket.close();
    await gone;
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
  });

  it('signs out by a button, for good, and takes the open sockets along', async () => {
    const own = await signIn();
    const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}${SOCKET}websocket`, {
      headers: { cookie: own },
    });
    await once(socket, 'message');
    socket.send('40');
    await once(socket, 'message');
    const closed = once(socket, 'close');

    expect(await (await get('/dashboard/logout/', { cookie: own })).text()).to.contain(
      '<button autofocus>Sign out',
    );
    expect((await get('/dashboard/_setup', { cookie: own })).status).to.equal(200);
    const answer = await post('/dashboard/logout/', {}, { cookie: own, origin: nodeRed.url });
    expect(targetOf(answer)).to.equal('/dashboard/login/');
    expect(answer.headers.get('set-cookie')).to.contain('Max-Age=0');
    await closed;
    expect((await get('/dashboard/_setup', { cookie: own })).status).to.equal(401);
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
  });

  it('asks for the token on every http-in node below /api, however the URL is spelt', async () => {
    for (const path of [
      '/api/thing/1',
      '/API/thing/1',
      '/api/thing/1/',
      '/Api/Thing/%31',
      '/api/thing/1?token=x',
    ]) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(401);
      expect(answer.headers.get('www-authenticate')).to.match(/^Bearer/);
      const body = (await answer.json()) as { status: boolean; data: { message: string } };
      expect(body.status).to.equal(false);
      expect(body.data.message).to.contain('API token');
      const wrong = { authorization: `Bearer ${nodeRed.token}x` };
      expect((await get(path, wrong)).status, path).to.equal(401);
      expect((await get(path, { cookie })).status, path).to.equal(401);
      const right = { authorization: `Bearer ${nodeRed.token}` };
      expect((await get(path, right)).status, path).to.equal(200);
    }
    expect((await get('/apiary')).status).to.equal(200);
  });

  it('lets an address that guesses wait', async () => {
    const guesses = Array.from({ length: 12 }, () =>
      post('/dashboard/login/', { user: 'admin', password: 'x' }),
    );
    const answers = await Promise.all(guesses);
    const waiting = answers.find(({ status }) => status === 429);
    expect(Number(waiting?.headers.get('retry-after'))).to.be.within(1, 600);
    expect(await waiting?.text()).to.contain('Too many attempts. Try again in');
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
  });

  it('stays signed in over a restart', async () => {
    await nodeRed.kill();
    const env = { PORT: new URL(nodeRed.url).port, TPE_ADMIN_PASSWORD: nodeRed.adminPassword };
    nodeRed = await startNodeRed({ dataDir: nodeRed.dataDir, env });
    expect((await get('/dashboard/_setup', { cookie })).status).to.equal(200);
  });
});
