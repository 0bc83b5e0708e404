import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

describe('dashboard: personal API tokens', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let viewer: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await (viewer ?? admin)?.picture('tokens-failed');
  });

  const use = async (token: string, method = 'GET') =>
    (
      await fetch(`${nodeRed.url}/api/device`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: method === 'GET' ? null : '{}',
      })
    ).status;
  const dialogOf = ({ page }: DashboardPage) => page.getByRole('dialog', { name: 'API tokens' });

  async function openTokens({ page }: DashboardPage): Promise<void> {
    await page.getByRole('button', { name: /Account/ }).click();
    await page.getByRole('button', { name: 'API tokens', exact: true }).click();
  }

  it('are made by whoever is signed in, shown once, and good for what their role may', async () => {
    await admin.open('users');
    await admin.page.locator('[name=new-user]').fill('vera');
    await admin.page
      .locator('form', { has: admin.page.locator('[name=new-user]') })
      .getByRole('button')
      .click();
    const password = (await admin.page.locator('[data-secret]').textContent()) ?? '';
    await admin.page.getByRole('button', { name: 'I have saved it' }).click();

    viewer = await openDashboard(browser, nodeRed, { user: 'vera', password });
    await openTokens(viewer);
    const dialog = dialogOf(viewer);
    await dialog.getByText('No tokens yet.').waitFor();
    expect(await dialog.locator('[name=token-role] option').allTextContents()).to.deep.equal(['Viewer']);
    await dialog.locator('[name=token-name]').fill('nightly report');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    const token = (await dialog.locator('[data-secret]').textContent()) ?? '';
    const row = dialog.locator('tr[data-token="nightly report"]');
    await row.getByText('never').waitFor();
    await viewer.picture('token-made');
    expect(await viewer.accessibilityFaults()).to.deep.equal([]);
    expect(await use(token)).to.equal(200);
    expect(await use(token, 'POST')).to.equal(403);

    // Who leaves the page without it is asked, and finds it where it was.
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await openTokens(viewer);
    await dialog.getByRole('button', { name: 'I have saved it' }).click();
    await dialog.locator('[data-secret]').waitFor({ state: 'hidden' });

    await row.getByRole('button', { name: 'Revoke' }).click();
    const asked = viewer.page.getByRole('alertdialog');
    await asked.getByText('Revoke the token nightly report of vera?').waitFor();
    await asked.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByText('No tokens yet.').waitFor();
    expect(await use(token)).to.equal(401);
  });

  it('of all people are seen and revoked by administrators', async () => {
    const dialog = dialogOf(viewer);
    await dialog.locator('[name=token-name]').fill('dashboard wall');
    await dialog.locator('[name=token-days]').selectOption('7');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    const token = (await dialog.locator('[data-secret]').textContent()) ?? '';
    expect(await use(token)).to.equal(200);

    const panel = admin.page.getByRole('region', { name: 'API tokens' });
    await panel.locator('[name=token-name]').fill('ci');
    await panel.locator('[name=token-role]').selectOption('administrator');
    await panel.getByRole('button', { name: 'Create token' }).click();
    const own = (await panel.locator('[data-secret]').textContent()) ?? '';
    await panel.locator('tr[data-token=ci]').getByText('Administrator').waitFor();
    const row = panel.locator('tr[data-token="dashboard wall"]');
    await row.getByText('vera').waitFor();
    await admin.picture('tokens-of-all');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    expect(await use(own)).to.equal(200);

    await row.getByRole('button', { name: 'Revoke' }).click();
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    expect(await use(token)).to.equal(401);
    expect(await use(own)).to.equal(200);
    // It was theirs to see, too.
    await dialog.locator('tr[data-token="dashboard wall"]').waitFor({ state: 'detached' });
  });
});
