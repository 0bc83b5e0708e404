import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../support/certificates.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { NGINX } from '../support/nginx.js';
import {
  freePort,
  type NodeRedProcess,
  PROJECT_ROOT,
  startNodeRed,
  temporaryFolder,
} from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';

const UPGRADE = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`;

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
  let nginx: ChildProcess;
  let browser: Browser;
  const ports = { stripped: 0, hostOnly: 0, renamed: 0, tls: 0, moved: 0 };

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    skipWithout(this, 'nginx', existsSync(NGINX));
    mkdirSync(PICTURES, { recursive: true });
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const env = { TPE_SIMULATED_GATEWAYS: '2' };
    plain = await startNodeRed({ env: { ...env, TPE_TRUST_PROXY: 'loopback' } });
    const publicUrl = `https://localhost:${ports.tls}/plant1`;
    withoutEditor = await startNodeRed({ env: { ...env, TPE_EDITOR: 'off', TPE_PUBLIC_URL: publicUrl } });
    moved = await startNodeRed({ env, flow: flowAt('/plants') });
    nginx = await startNginx();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    nginx?.kill('SIGTERM');
    await Promise.all([plain?.stop(), withoutEditor?.stop(), moved?.stop()]);
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
      // Dashboard 2 asks for it at an address of its own, whatever its path is.
      if (url.pathname === '/dashboard/favicon.svg') return;
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
    await useDashboard(`http://localhost:${ports.moved}/plants`, moved, 'moved');
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
