import { mkdirSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { restFlow } from '../support/rest-flow.js';

(CHROMIUM === null ? describe.skip : describe)('browser: the page of the REST calls', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;

  before(async () => {
    nodeRed = await startNodeRed({ flow: restFlow(), env: { TPE_SIMULATED_GATEWAYS: '1' } });
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  interface Open {
    page: Page;
    /** Hosts that anything was asked of. */
    hosts: Set<string>;
    /** What the page's own policy forbade, and what nobody caught. */
    faults: string[];
  }

  async function open(url: string, locale = 'en-US'): Promise<Open> {
    const context = await browser.newContext({ locale, viewport: { width: 1200, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(patience(60_000));
    const hosts = new Set<string>();
    const faults: string[] = [];
    page.on('request', (request) => void hosts.add(new URL(request.url()).host));
    page.on('pageerror', (error) => void faults.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
    });
    await page.goto(url);
    return { page, hosts, faults };
  }

  async function enter(page: Page, token: string): Promise<void> {
    await page.locator('#ask input').fill(token);
    await page.locator('#ask button').click();
  }

  it('asks for a token, and lets people try a call, with nothing from anywhere else', async () => {
    const { page, hosts, faults } = await open(`${nodeRed.url}/api/docs`);
    await enter(page, 'wrong');
    await page
      .locator('#ask [role=alert]')
      .filter({ hasText: /token is wrong/ })
      .waitFor();
    await enter(page, nodeRed.token);
    const call = page.locator('.opblock', { hasText: 'List the categories of the catalogue' });
    await call.locator('.opblock-summary-control').first().click();
    await call.getByRole('button', { name: 'Try it out' }).click();
    await call.getByRole('button', { name: 'Execute' }).click();
    const answer = call.locator('.live-responses-table .response', { hasText: '200' });
    await answer.first().waitFor();
    expect(await answer.first().textContent()).to.match(/"status": true/);
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, 'rest-docs.png') });
    expect(faults).to.deep.equal([]);
    expect([...hosts]).to.deep.equal([new URL(nodeRed.url).host]);
    const stored = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(stored).not.to.include(nodeRed.token);
    await page.reload();
    await page.locator('#ask input').waitFor();
  });

  it('works behind a proxy that puts all of it below a path', async () => {
    const proxy = createServer((request, response) => {
      const path = request.url?.replace(/^\/plant\/7/, '') ?? '/';
      const onward = send(
        nodeRed.url + path,
        { method: request.method!, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const { page, faults } = await open(`http://127.0.0.1:${port}/plant/7/api/docs`);
    await enter(page, nodeRed.token);
    await page.locator('.opblock', { hasText: 'List gateways' }).first().waitFor();
    expect(
      await page.locator('.servers select, .servers .computed-url, .servers').first().textContent(),
    ).to.include(`http://127.0.0.1:${port}/plant/7/api`);
    expect(faults).to.deep.equal([]);
    proxy.close();
    proxy.closeAllConnections();
  });

  it('speaks the four languages of the pack', async () => {
    const labels: Record<string, string> = {
      'de-AT': 'API-Token',
      'ja-JP': 'API トークン',
      'zh-TW': 'API 權杖',
      'fr-FR': 'API token',
    };
    for (const [locale, label] of Object.entries(labels)) {
      const { page } = await open(`${nodeRed.url}/api/docs/`, locale);
      expect(await page.locator('#ask label span').textContent(), locale).to.equal(label);
      await page.close();
    }
  });
});
