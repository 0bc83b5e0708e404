import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../support/certificates.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { deploy, openEditor } from '../support/editor-page.js';
import { freePort } from '../support/free-port.js';
import { NGINX } from '../support/nginx.js';
import {
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../support/node-red-process.js';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';

const UPGRADE = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`;

/** The project's settings, with some that a site changed. */
function settingsWith(own: object): string {
  const file = join(temporaryFolder(), 'settings.js');
  const base = JSON.stringify(join(PROJECT_ROOT, 'settings.js'));
  writeFileSync(file, `module.exports = { ...require(${base}), ...${JSON.stringify(own)} };\n`);
  return file;
}

function openIdOf({ issuer }: OpenIdProvider): NodeJS.ProcessEnv {
  return {
    TPE_OIDC_ISSUER: issuer,
    TPE_OIDC_CLIENT_ID: 'tpedm',
    TPE_OIDC_CLIENT_SECRET: 'a-client-secret',
    TPE_OIDC_SCOPE: 'openid profile',
    TPE_OIDC_ROLE_CLAIM: 'groups',
    TPE_OIDC_ROLES: 'operator=all',
    TPE_OIDC_LABEL: 'Plant',
  };
}

/** The bundled flow, with its dashboard at another path. */
function flowAt(path: string): object[] {
  const file = readFileSync(join(PROJECT_ROOT, 'flows/device-manager.json'), 'utf8');
  return (JSON.parse(file) as { type: string }[]).map((node) =>
    node.type === 'ui-base' ? { ...node, path } : node,
  );
}

describe('dashboard: elsewhere than at its standard address', () => {
  let plain: NodeRedProcess;
  let withoutEditor: NodeRedProcess;
  let moved: NodeRedProcess;
  /** With the HTTP nodes below a path of their own, and the editor below another one. */
  let rooted: NodeRedProcess;
  let provider: OpenIdProvider;
  let nginx: ChildProcess;
  let browser: Browser;
  const ports = { stripped: 0, hostOnly: 0, renamed: 0, tls: 0, moved: 0, rooted: 0 };

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    skipWithout(this, 'nginx', existsSync(NGINX));
    mkdirSync(PICTURES, { recursive: true });
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const env = { TPE_SIMULATED_GATEWAYS: '2' };
    plain = await startNodeRed({ env: { ...env, TPE_TRUST_PROXY: 'loopback' } });
    const publicUrl = `https://localhost:${ports.tls}/plant1`;
    provider = await startOpenIdProvider(`${publicUrl}/dashboard/login/openid/callback/`, () => ['all']);
    withoutEditor = await startNodeRed({
      env: { ...env, TPE_EDITOR: 'off', TPE_PUBLIC_URL: publicUrl, ...openIdOf(provider) },
    });
    moved = await startNodeRed({
      ...{ env, flow: flowAt('/plants') },
      settings: settingsWith({ httpNodeRoot: '/site' }),
    });
    rooted = await startNodeRed({
      env: { ...env, TPE_TRUST_PROXY: 'loopback' },
      settings: settingsWith({ httpNodeRoot: '/plant', httpAdminRoot: '/editor' }),
    });
    nginx = await startNginx();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    nginx?.kill('SIGTERM');
    await Promise.all([plain?.stop(), withoutEditor?.stop(), moved?.stop(), rooted?.stop()]);
    await provider?.close();
  });

  async function startNginx(): Promise<ChildProcess> {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'cert.pem'), SERVER_CERTIFICATE);
    writeFileSync(join(folder, 'key.pem'), SERVER_KEY);
    const server = (listen: string, path: string, pass: string, more: string) => `
  server {
    listen 127.0.0.1:${listen};
    location ${path} {
      proxy_pass ${pass};
      ${UPGRADE}
      ${more}
    }
  }`;
    const tls = `ssl; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem`;
    const servers = [
      server(`${ports.stripped}`, '/plant1/', `${plain.url}/`, 'proxy_set_header Host $http_host;'),
      // As many write it: the name without its port.
      server(
        `${ports.hostOnly}`,
        '/a/b/',
        `${plain.url}/`,
        'proxy_set_header Host $host; proxy_set_header X-Forwarded-Host $http_host;',
      ),
      server(`${ports.renamed}`, '/fleet/', `${plain.url}/dashboard/`, 'proxy_set_header Host $http_host;'),
      // As who says nothing of the host gets it: TLS ends here, and Node-RED knows its address by TPE_PUBLIC_URL alone.
      server(
        `${ports.tls} ${tls}`,
        '/plant1/',
        `${withoutEditor.url}/`,
        'proxy_set_header X-Forwarded-Proto $scheme;',
      ),
      server(`${ports.moved}`, '/', `${moved.url}`, 'proxy_set_header Host $http_host;'),
      server(`${ports.rooted}`, '/site/', `${rooted.url}/`, 'proxy_set_header Host $http_host;'),
    ];
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  ${servers.join('\n')}
}
`,
    );
    execFileSync(NGINX, ['-t', '-q', '-p', folder, '-c', file], { stdio: 'pipe' });
    const child = spawn(NGINX, ['-p', folder, '-c', file, '-g', 'daemon off;'], { stdio: 'ignore' });
    while (!(await fetch(`http://127.0.0.1:${ports.stripped}/plant1/`).catch(() => null)))
      expect(child.exitCode).to.equal(null);
    return child;
  }

  /** Opens the address, signs in, sees the table, loads a page below it again, and signs out. */
  async function useDashboard(
    address: string,
    { adminPassword }: NodeRedProcess,
    name: string,
  ): Promise<void> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1400, height: 900 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(patience(20_000));
    const faults: string[] = [];
    const strayed: string[] = [];
    const base = new URL(address).pathname.replace(/[^/]*$/, '');
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('response', (response) => {
      const url = new URL(response.url());
      if (!url.pathname.startsWith(base) || response.status() >= 400)
        strayed.push(`${response.status()} ${url}`);
    });
    try {
      await page.goto(address);
      await page.locator('[name=user]').fill('admin');
      await page.locator('[name=password]').fill(adminPassword);
      await page.keyboard.press('Enter');
      await page.locator('.tpe-widget').first().waitFor();
      const home = page.url();
      expect(home.startsWith(new URL(base, address).href), home).to.equal(true);
      await page.goto(new URL('gateways', home).href);
      await page.getByText('virtual-0001').first().waitFor();
      await page.screenshot({ path: join(PICTURES, `behind a proxy ${name}.png`) });
      await page.reload();
      await page.getByText('virtual-0001').first().waitFor();
      // A link with a slash too many at its end.
      await page.goto(new URL('gateways/', home).href);
      await page.getByText('virtual-0001').first().waitFor();
      // The page for a screen, which is beside the dashboard.
      await page.goto(new URL('wall', home).href);
      await page.locator('section.presence').waitFor();
      expect(page.url()).to.equal(new URL('wall/', home).href);
      const cookies = await context.cookies(page.url());
      expect(cookies.map(({ path, secure }) => ({ path, secure }))).to.deep.equal([
        name === 'tls' ? { path: '/plant1/', secure: true } : { path: '/', secure: false },
      ]);
      expect(faults).to.deep.equal([]);
      expect(strayed).to.deep.equal([]);
    } catch (error) {
      await page.screenshot({ path: join(PICTURES, `failed behind a proxy ${name}.png`) });
      throw new Error(`${error}\n${page.url()}\n${[...faults, ...strayed].join('\n')}`);
    } finally {
      await context.close();
    }
  }

  it('works below a path that a proxy takes away', async () => {
    await useDashboard(`http://localhost:${ports.stripped}/plant1/dashboard`, plain, 'stripped');
  });

  it('works where the proxy names the host without its port, and says the rest in X-Forwarded-Host', async () => {
    await useDashboard(`http://localhost:${ports.hostOnly}/a/b/dashboard/`, plain, 'host only');
  });

  it('works where a proxy gives the dashboard itself another name', async () => {
    await useDashboard(`http://localhost:${ports.renamed}/fleet/`, plain, 'renamed');
  });

  it('works without an editor, behind TLS that ends at a proxy which hands on no host', async () => {
    await useDashboard(`https://localhost:${ports.tls}/plant1/dashboard`, withoutEditor, 'tls');
  });

  it('works at another path of the dashboard', async () => {
    await useDashboard(`http://localhost:${ports.moved}/site/plants`, moved, 'moved');
  });

  for (const [what, path] of [
    ['httpNodeRoot', () => `${rooted.url.replace('127.0.0.1', 'localhost')}/plant/dashboard`],
    ['httpNodeRoot behind a proxy', () => `http://localhost:${ports.rooted}/site/plant/dashboard`],
  ] as const) {
    it(`works below the path of ${what}`, async () => {
      await useDashboard(path(), rooted, what);
    });
  }

  it('takes REST calls below httpNodeRoot as anywhere else, though the editor at / comes first', async () => {
    const call = async (path: string, type: string, body: string | Buffer<ArrayBuffer>) => {
      const headers = { authorization: `Bearer ${moved.token}`, 'content-type': type };
      const answer = await fetch(`${moved.url}/site/api${path}`, { method: 'POST', headers, body });
      return { status: answer.status, text: await answer.text() };
    };
    expect(await call('/device', 'application/json', '{"clientid":')).to.deep.include({ status: 400 });
    expect((await call('/device', 'application/json', '{"clientid":')).text).to.contain('"INVALID_INPUT"');
    const csv = Buffer.from('clientid,note\nansi-1,M\xfcnchen', 'latin1');
    expect((await call('/device/import', 'text/csv', csv)).text).to.contain('windows-1252');
  });

  it('leads to the sign-in below its path when a page out of a cache finds that the session has ended', async () => {
    for (const [address, name] of [
      [`http://localhost:${ports.stripped}/plant1/dashboard`, 'stripped'],
      [`http://localhost:${ports.renamed}/fleet`, 'renamed'],
      [`http://localhost:${ports.moved}/site/plants`, 'moved'],
    ] as const) {
      const context = await browser.newContext({ serviceWorkers: 'block' });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(patience(20_000));
        await page.goto(address === `http://localhost:${ports.renamed}/fleet` ? `${address}/` : address);
        await page.locator('[name=user]').fill('admin');
        await page.locator('[name=password]').fill((name === 'moved' ? moved : plain).adminPassword);
        await page.keyboard.press('Enter');
        await page.locator('.tpe-widget').first().waitFor();
        // The page and its scripts come out of the cache of the dashboard's service worker, and the rest from the server.
        await page.route('**/_setup', async (route) => {
          await context.clearCookies();
          await route.fulfill({ status: 401, json: {} });
        });
        await page.reload();
        await page.waitForURL((url) => url.pathname.endsWith('/login/'));
        expect(page.url().startsWith(`${address}/login/`), page.url()).to.equal(true);
        await page.locator('[name=password]').waitFor();
      } finally {
        await context.close();
      }
    }
  });

  it('signs people in by OpenID Connect below a path that the provider knows', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(patience(20_000));
      const address = `https://localhost:${ports.tls}/plant1/dashboard`;
      await page.goto(address);
      await page.getByRole('link', { name: 'Sign in with Plant' }).click();
      await page.locator('[name=login]').fill('otto');
      await page.locator('[name=password]').fill('x');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.locator('.tpe-widget').first().waitFor();
      expect(page.url().startsWith(`${address}/`), page.url()).to.equal(true);
      await page.goto(`${address}/logout/`);
      await page.getByText('otto').waitFor();
    } finally {
      await context.close();
    }
  });

  it('has its editor at work too: its forms, its socket, and Deploy', async () => {
    for (const [address, nodeRed] of [
      [`http://localhost:${ports.stripped}/plant1/`, plain],
      [`http://localhost:${ports.hostOnly}/a/b/`, plain],
      [`http://localhost:${ports.rooted}/site/editor/`, rooted],
    ] as const) {
      const { page, faults } = await openEditor(browser, { ...nodeRed, url: address });
      const fresh = { id: 'fresh', type: 'tpe-command', z: '', x: 900, y: 900, wires: [[], []] };
      await page.evaluate(`RED.nodes.import([{ ...${JSON.stringify(fresh)}, z: RED.workspaces.active(),
        action: 'send', server: '', clientid: '' }], { generateIds: false })`);
      await page.evaluate(`RED.nodes.eachConfig((one) => {
        if (one.type === 'tpe-server') RED.nodes.node('fresh').server = one.id;
      })`);
      await page.evaluate(`RED.editor.edit(RED.nodes.node('fresh'))`);
      await page.locator('.tpedm-operation').first().waitFor({ state: 'attached' });
      await page.locator('#node-dialog-cancel').click();
      await page.evaluate(`RED.nodes.remove('fresh');
        RED.nodes.import([{ type: 'comment', name: 'was here', z: RED.workspaces.active(), x: 900, y: 900, wires: [] }],
          { generateIds: true });
        RED.nodes.dirty(true)`);
      await deploy(page);
      expect(faults, address).to.deep.equal([]);
      await page.context().close();
    }
  });

  it('still refuses pages of other hosts, whatever the proxy hands on', async () => {
    for (const [address, nodeRed] of [
      [`http://localhost:${ports.stripped}/plant1/dashboard/login/`, plain],
      [`http://localhost:${ports.hostOnly}/a/b/dashboard/login/`, plain],
    ] as const) {
      const body = new URLSearchParams({ user: 'admin', password: nodeRed.adminPassword });
      const signIn = async (origin: string) =>
        (await fetch(address, { method: 'POST', body, redirect: 'manual', headers: { origin } })).status;
      expect(await signIn('https://evil.example')).to.equal(403);
      expect(await signIn(new URL(address).origin)).to.equal(303);
    }
  });
});
