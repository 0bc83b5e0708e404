import { expect } from 'chai';
import { logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { freePort } from '../support/free-port.js';
import { type NodeRedProcess, runNodeRedToItsEnd, startNodeRed } from '../support/node-red-process.js';
import { CookieJar, type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.js';

const GROUPS: Record<string, string[]> = {
  vera: ['all'],
  otto: ['all', 'tpe-ops'],
  ada: ['tpe-admins', 'all'],
  eve: [],
};

describe('login by OpenID Connect', () => {
  let nodeRed: NodeRedProcess;
  let provider: OpenIdProvider;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    provider = await startOpenIdProvider(
      `${url}/dashboard/login/openid/callback/`,
      (name) => GROUPS[name] ?? [],
    );
    environment = {
      PORT: String(port),
      TPE_SIMULATED_GATEWAYS: '0',
      TPE_PUBLIC_URL: url,
      TPE_OIDC_ISSUER: provider.issuer,
      TPE_OIDC_CLIENT_ID: 'tpedm',
      TPE_OIDC_CLIENT_SECRET: 'a-client-secret',
      TPE_OIDC_SCOPE: 'openid profile',
      TPE_OIDC_ROLE_CLAIM: 'groups',
      TPE_OIDC_ROLES: 'administrator=tpe-admins, operator=tpe-ops, viewer=all',
      TPE_OIDC_LABEL: 'Plant <2>',
    };
    nodeRed = await startNodeRed({ env: environment });
    // It answers when the device manager is open, and with it the list of people.
    await fetch(`${nodeRed.url}/api/device`, { headers: { authorization: `Bearer ${nodeRed.token}` } });
  });
  after(async () => {
    await nodeRed?.stop();
    await provider?.close();
  });

  const administratorCookie = async () =>
    (await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword)).cookie;
  const signIn = (name: string, jar = new CookieJar()) =>
    jar.follow(`${nodeRed.url}/dashboard/login/openid/?next=%2Fdashboard%2Fgateways`, name);

  it('is offered beside the password', async () => {
    const address = `${nodeRed.url}/dashboard/login/`;
    const page = await (await new CookieJar().fetch(address)).text();
    expect(page).to.contain('Sign in with Plant &#60;2&#62;');
    const [, href] = /href="([^"]*openid[^"]*)"/.exec(page) ?? [];
    expect(new URL(href ?? '', address).href).to.equal(`${address}openid/`);
  });

  it('lets in who has a role at the provider, and leads to the page that was asked for', async () => {
    const jar = new CookieJar();
    const { url, response } = await signIn('otto', jar);
    expect(url).to.equal(`${nodeRed.url}/dashboard/gateways`);
    expect(response.status).to.equal(200);
    expect(await (await jar.fetch(`${nodeRed.url}/dashboard/logout/`)).text()).to.contain(
      'signed in as otto',
    );
  });

  it('lets nobody else in, and says why', async () => {
    const { url, response } = await signIn('eve');
    expect(new URL(url).pathname).to.equal('/dashboard/login/openid/callback/');
    expect(response.status).to.equal(403);
    expect(await response.text()).to.contain('eve has no role here');
  });

  it('takes an answer only in the browser that began, only once, and only whole', async () => {
    const callback = `${nodeRed.url}/dashboard/login/openid/callback/`;
    for (const query of ['', '?code=x&state=y', '?error=access_denied']) {
      const stranger = await new CookieJar().fetch(`${callback}${query}`);
      expect(stranger.status).to.equal(403);
      expect(stranger.headers.getSetCookie().join()).not.to.contain('tpedm_session');
    }
    const jar = new CookieJar();
    const begun = await jar.fetch(`${nodeRed.url}/dashboard/login/openid/`);
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const forged = await jar.fetch(
      `${callback}?code=forged&state=${state}&iss=${encodeURIComponent(provider.issuer)}`,
    );
    expect(forged.status).to.equal(403);
    expect(await forged.text()).to.contain('was not completed');
    expect((await jar.fetch(`${callback}?code=forged&state=${state}`)).status).to.equal(403);
  });

  it('goes on for who began before a thousand others, and keeps what it needs for that where nobody reads it', async () => {
    const jar = new CookieJar();
    const begun = await jar.fetch(`${nodeRed.url}/dashboard/login/openid/?next=%2Fdashboard%2Fgateways`);
    const cookie = begun.headers.get('set-cookie') ?? '';
    expect(cookie).to.match(/^tpedm_session_\d+_openid=[\w-]+; Max-Age=600; .*HttpOnly; SameSite=Lax$/);
    const hidden = Buffer.from(cookie.split(/[=;]/)[1] ?? '', 'base64url').toString('latin1');
    expect(hidden).not.to.match(/verifier|nonce|dashboard/);
    for (let round = 0; round < 20; round += 1) {
      const others = Array.from({ length: 55 }, () =>
        new CookieJar().fetch(`${nodeRed.url}/dashboard/login/openid/`),
      );
      await Promise.all(others);
    }
    const { url, response } = await jar.follow(begun.headers.get('location') ?? '', 'otto');
    expect(url).to.equal(`${nodeRed.url}/dashboard/gateways`);
    expect(response.status).to.equal(200);
  });

  it('takes an answer no second time, also with the cookie of the first', async () => {
    const jar = new CookieJar();
    const begun = await jar.fetch(`${nodeRed.url}/dashboard/login/openid/`);
    const cookie = (begun.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const { answers } = await jar.follow(begun.headers.get('location') ?? '', 'otto');
    const callback = answers.find((url) => url.includes('/callback/?')) ?? '';
    const again = await fetch(callback, { headers: { cookie }, redirect: 'manual' });
    expect(again.status).to.equal(403);
    expect(again.headers.get('set-cookie')).not.to.match(/tpedm_session_\d+=/);
    // A cookie that was changed is none.
    const spoilt = await fetch(callback, { headers: { cookie: `${cookie}AA` }, redirect: 'manual' });
    expect(await spoilt.text()).to.contain('was started in another browser');
  });

  it('refuses who has the name of somebody else, however it is written', async () => {
    const cookie = await administratorCookie();
    const admin = await openDashboardSocket(nodeRed, cookie);
    const kate = { name: 'kate', role: 'administrator', password: 'correct horse battery' };
    await admin.answer('w-users', 'people.create', kate);
    admin.close();
    for (const name of ['KATE', '\u212aate', 'k\u0430te']) {
      GROUPS[name] = ['all'];
      const { response } = await signIn(name);
      expect(response.status, name).to.equal(403);
      expect(await response.text()).to.match(/There is a user|mixes letters of several scripts/);
    }
  });

  it('takes over another role at the next sign-in', async () => {
    GROUPS.otto = ['tpe-admins'];
    const jar = new CookieJar();
    await signIn('otto', jar);
    const token = {
      client_id: 'node-red-admin',
      grant_type: 'password',
      scope: '*',
      username: 'otto',
      password: 'x',
    };
    const editor = await jar.fetch(`${nodeRed.url}/auth/token`, token);
    expect(editor.status).to.equal(403);
    expect(await (await jar.fetch(`${nodeRed.url}/dashboard/logout/`)).text()).to.contain('otto');
  });

  it('says that the provider is away, and passwords go on', async () => {
    const other = await startNodeRed({
      env: {
        ...environment,
        PORT: String(await freePort()),
        TPE_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`,
      },
    });
    try {
      const answer = await new CookieJar().fetch(`${other.url}/dashboard/login/openid/`);
      expect(answer.status).to.equal(503);
      expect(await answer.text()).to.contain('cannot be reached now');
    } finally {
      await other.stop();
    }
  });

  it('refuses to start with half of a configuration', async () => {
    for (const [name, value] of [
      ['TPE_OIDC_ROLES', 'root=x'],
      ['TPE_OIDC_CLIENT_ID', ''],
      ['TPE_PUBLIC_URL', 'http://tpedm.example.com'],
    ] as const) {
      const { code, log } = await runNodeRedToItsEnd({ env: { ...environment, [name]: value } });
      expect(code).to.equal(1);
      expect(log).to.contain(name);
    }
  });
});
