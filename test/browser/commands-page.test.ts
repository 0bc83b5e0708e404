import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const APPS = 'get-apps-get-all-apps';
const REBOOT = 'put-system-reboot-reboot-device-now';
const SSH = 'put-system-sshserver-set-system-sshserver';

/** A desktop in English, and a telephone in Japanese and in the dark. */
const PEOPLE = {
  desktop: {
    options: { viewport: { width: 1280, height: 800 } },
    words: {
      search: 'ssh',
      task: 'Enable or disable the SSH server',
      reboot: 'reboot',
      apps: 'apps',
      send: /^Send to/,
      succeeded: /^\D*2 succeeded/,
      offline: /1 offline/,
      away: /1 of 3 is not online/,
      leaveOut: 'Leave it out',
      application: 'Application',
      raw: 'As JSON',
    },
  },
  phone: {
    options: {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      locale: 'ja-JP',
      colorScheme: 'dark',
    },
    words: {
      search: 'ssh',
      task: 'SSHサーバーを有効化・無効化',
      reboot: '再起動',
      apps: 'アプリ',
      send: /送信/,
      succeeded: /成功 2件/,
      offline: /オフライン 1件/,
      away: /3台中1台/,
      leaveOut: '1台を除外',
      application: 'アプリケーション',
      raw: 'JSONで表示',
    },
  },
} as const;

describe('dashboard: the page of commands', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '3' } }),
      launchChromium(),
    ]);
    const registered = await fetch(`${nodeRed.url}/api/device`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientid: 'shed-1' }),
    });
    expect(registered.ok, await registered.clone().text()).to.equal(true);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const [name, { options, words }] of Object.entries(PEOPLE)) {
    describe(`on a ${name}`, () => {
      before(async () => {
        person = await openDashboard(browser, nodeRed, options);
      });
      after(() => person?.close());
      afterEach(async function () {
        if (this.currentTest?.state === 'failed') await person?.picture(`commands-${name}-failed`);
      });

      const searching = () => person.page.getByRole('searchbox').first();
      const answers = () => person.page.locator('.tpe-answers').first();

      it('finds an operation by the word that people have for it, and names it by what it does', async () => {
        await person.open('commands?clientid=virtual-0001');
        await searching().fill(words.search);
        const first = person.page.locator('[data-operation]').first();
        await first.getByText(words.task).waitFor();
        expect(await first.getAttribute('data-operation')).to.equal(SSH);
        await first.getByText('PUT /system/sshserver').waitFor();
        await person.picture(`commands-search-${name}`);
        await searching().press('Enter');
        await person.page.getByRole('heading', { name: words.task }).waitFor();
        await searching().fill(words.reboot);
        await person.page.locator(`[data-operation=${REBOOT}]`).waitFor();
      });

      it('says before a command is sent who is not online, and of the answers first how many there are', async () => {
        await person.open(`commands?clientid=virtual-0001,virtual-0002,shed-1&operation=${APPS}`);
        await person.page.locator('[data-away]').getByText(words.away).waitFor();
        await person.picture(`commands-away-${name}`);
        await person.page.getByRole('button', { name: words.send }).click();
        const summary = answers().locator('[data-summary]');
        await summary.getByText(words.succeeded).waitFor();
        await summary.getByText(words.offline).waitFor();
        // It is in sight without anybody scrolling.
        await person.page.waitForFunction(
          'document.querySelector("[data-summary]").getBoundingClientRect().bottom < innerHeight && document.querySelector("[data-summary]").getBoundingClientRect().top > 0',
        );
        await person.page.screenshot({ path: `${PICTURES}/commands-answers-${name}.png` });
        expect(await person.accessibilityFaults()).to.deep.equal([]);
      });

      it('has the answers also after a reload, as tables that can be read', async () => {
        await person.page.reload();
        const group = answers().locator('[data-kind=succeeded]').last();
        await group.getByRole('button', { name: 'virtual-0001' }).click();
        await group
          .getByRole('columnheader', { name: words.application })
          .or(group.locator(`[data-title="${words.application}"]`))
          .first()
          .waitFor();
        await group.getByText(words.raw).click();
        await group.locator('pre').first().waitFor();
        await person.picture(`commands-answer-${name}`);
        expect(await person.accessibilityFaults()).to.deep.equal([]);
        expect(person.faults).to.deep.equal([]);
      });

      it('leaves out who is not online, where that is wanted', async () => {
        await person.page.getByRole('button', { name: words.leaveOut }).click();
        await person.page.locator('[data-away]').waitFor({ state: 'hidden' });
      });
    });
  }
});
