import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

/** So much may come by the socket until a page shows, with the marks of the menu and the views of the person. */
const BUDGET = 9700;

const PAST = `
  insert into clientid_profile (clientid, model_name, firmware_version, tpe_version, host_name, serial_number, site, tags)
    select 'gw-' || lpad(n::text, 6, '0'), 'UC-8220-T-LX-' || n % 8, '1.' || n % 3, '2.1.' || n % 3,
      'pump-house-' || n, 'TBZKB' || n, 'Plant ' || n % 20, array['line ' || n % 3] from generate_series(1, 1000) as n;
  update tpe_presence set status = 'offline', since = now() - interval '1 day', reason = 'The gateway has not been heard for 90 s.',
    cause = '{"code": "keepalive-timeout", "params": {}}', source = 'webhook', ip_address = '10.0.0.7', keepalive = 60;
  insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by, state, pause_reason)
    select 'Nightly ' || n, '', '{}', '{}', '[]', '{}', 'h', 'read', '{}', 'dashboard: vera', 'PAUSED', 'person'
    from generate_series(1, 3) as n;`;
const VIEWS = ['Offline in plant 1', 'Old firmware', 'My line'];

describe('dashboard: what comes by the socket', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let received: { bytes: number; text: string }[] = [];

  /** The socket begins as requests, which are compressed, and goes on as frames. */
  function listen(page: Page): void {
    page.on('requestfinished', async (request) => {
      if (!request.url().includes('/socket.io/')) return;
      received.push({ bytes: (await request.sizes()).responseBodySize, text: 'request' });
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) =>
        received.push({ bytes: Buffer.byteLength(payload), text: String(payload).slice(0, 150) }),
      ),
    );
  }

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    const dataDir = temporaryFolder();
    const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
    await migrate(database, { info: () => undefined });
    await database.execute(PAST);
    await database.close();
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ dataDir, env: { TPE_SIMULATED_GATEWAYS: '0' } }),
      launchChromium(),
    ]);
    const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
    const socket = await openDashboardSocket(nodeRed, cookie);
    for (const name of VIEWS) {
      const view = { page: 'ui-tpe-gateways', name, query: 'status=offline&site=Plant+1' };
      await socket.answer('w-account', 'views.create', view);
    }
    socket.close();
    admin = await openDashboard(browser, nodeRed, {}, listen);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const [path, landmark] of [
    ['fleet', 'text=1,000'],
    ['gateways', 'tr[data-clientid=gw-000001]'],
  ] as const) {
    it(`until the page ${path} shows is little, also with marks in the menu and views of one's own`, async () => {
      await admin.page.goto('about:blank');
      received = [];
      await admin.open(path);
      await admin.page.locator(landmark).first().waitFor();
      await admin.page.locator('[data-mark]').first().waitFor();
      if (path === 'gateways') await admin.page.locator('[data-part=views]').getByText(VIEWS[0]!).waitFor();
      const all = received.map(({ bytes, text }) => `${bytes} ${text}`).join('\n');
      const sum = received.reduce((bytes, one) => bytes + one.bytes, 0);
      expect(sum, all).to.be.above(2000).and.below(BUDGET);
      const asked = received.filter(({ text }) => text.includes('"isSignedIn"'));
      expect(asked.length, 'widgets that ask who the person is').to.equal(2);
    });
  }
});
