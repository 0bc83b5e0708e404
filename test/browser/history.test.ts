import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

/** Ids that no running manager gives, above all that it has given. */
const FIRST = 900_000_000;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** What several people, a job, a flow and the manager itself did today and before. */
async function writePast(database: Database): Promise<void> {
  await database.execute(`
    insert into tpe_job (id, name, note, definition, targets, steps, pace, hash, risk, classes, requested_by, state, outcome, ended_at)
      values (77, 'Nightly reboot', '', '{}', '{}', '[]', '{}', 'h', 'disruptive', '{}', 'dashboard: vera', 'COMPLETED', 'SUCCEEDED', now());
    insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance,
        created_at, sent_at, answered_at, ended_at, answer_status, answer_payload, execution, reason, operation)
      select ${FIRST} + n, clientid, method, path, state, 'fail', 1000, now(), by, 'x', at, at, at + interval '40 ms', at, 200, '{"ok": true}',
        execution, reason, operation
      from (values
        (1, 'virtual-0001', 'GET', '/device/general', 'SUCCEEDED', 'tpedm: connect', now(), null, null, null),
        (2, 'virtual-0001', 'PATCH', '/device/general', 'SUCCEEDED', 'dashboard: otto', now(), null, null, null),
        (3, 'pump-house-7', 'PUT', '/system/reboot', 'FAILED', 'dashboard: vera', now() - interval '26 hours', null, 'no space left', null),
        (4, 'virtual-0002', 'GET', '/device/time', 'TIMED_OUT', 'tpe-command: poll', now() - interval '3 days', null, null, null),
        (5, 'virtual-0003', 'PUT', '/system/reboot', 'SUCCEEDED', 'job 77: Nightly reboot', now(), '77/1/0/send', null, null)
      ) as past (n, clientid, method, path, state, by, at, execution, reason, operation);
    insert into tpe_audit (at, who, role, address, action, clientid, detail, outcome, door, clientids, job)
      values
        (now() - interval '26 hours', 'vera', 'operator', '192.0.2.7', 'command.send', 'pump-house-7',
          '{"method": "PUT", "path": "/system/reboot", "requestId": "${FIRST + 3}"}', 'done', 'dashboard', null, null),
        (now() - interval '2 minutes', 'otto', 'operator', '192.0.2.8', 'gateway.change', 'virtual-0001',
          '{"site": "North plant", "enabled": true, "was": {"site": "South plant"}}', 'done', 'dashboard', null, null),
        (now() - interval '1 minute', 'otto', 'operator', '192.0.2.8', 'gateway.change', null,
          '{"addTags": ["winter"], "gateways": 300, "clientids": ["pump-house-7", "virtual-0002"]}', 'done', 'rest',
          array['pump-house-7', 'virtual-0002', 'boiler-room-299'], null),
        (now(), 'vera', 'operator', '192.0.2.7', 'job.submit', null, '{"job": "77", "name": "Nightly reboot", "gateways": 3}', 'done',
          'dashboard', null, '77');`);
}

describe('dashboard: history that finds', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage | undefined;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    const first = await startNodeRed({});
    for (const clientid of ['pump-house-7', 'boiler-room-299']) {
      const registered = await restCaller(first).call('POST', '/api/device', { clientid });
      expect(registered.status).to.equal(200);
    }
    await first.stop();
    const { dataDir, adminPassword } = first;
    const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
    await writePast(database);
    await database.close();
    const env = { ...hurried(200), TPE_ADMIN_PASSWORD: adminPassword };
    [nodeRed, browser] = await Promise.all([startNodeRed({ dataDir, env }), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await person?.picture('history-failed');
    await person?.close();
    person = undefined;
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<DashboardPage> {
    person = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 1000 }, ...options });
    await person.open(path);
    return person;
  }

  /** The commands that are listed, by the last digit of their ids, once they are these. */
  async function expectCommands({ page }: DashboardPage, wanted: number[]): Promise<void> {
    const expected = wanted.map((n) => String(FIRST + n)).join();
    await page.waitForFunction((ids) => {
      const rows = Array.from(document.querySelectorAll('[data-history] tr[data-request-id]'));
      return rows.map((row) => row.getAttribute('data-request-id')).join() === ids;
    }, expected);
  }

  it('commands: hides what the system did, and finds by who, day, gateway, outcome and door; all of it is in the address', async () => {
    const otto = await open('commands');
    const { page } = otto;
    const field = (name: string) => page.locator(`[data-history] [name=${name}]`);
    await expectCommands(otto, [5, 2, 3, 4]);
    await field('door').selectOption('system');
    await page.locator(`[data-history] tr[data-request-id="${FIRST + 1}"]`).waitFor();
    const askers = await page.locator('[data-history] tr[data-request-id] td:last-child').allTextContents();
    expect(askers.filter((by) => !by.startsWith('tpedm: '))).to.deep.equal([]);
    await field('door').selectOption('people');
    await field('when').selectOption('week');
    await field('who').fill('VERA');
    await expectCommands(otto, [5, 3]);
    await field('state').selectOption('failed');
    await expectCommands(otto, [3]);
    expect(new URL(page.url()).search).to.contain('past-who=VERA').and.contain('past-state=failed');
    await page.reload();
    await expectCommands(otto, [3]);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expectCommands(otto, [5, 2, 3, 4]);
    await field('gateway').fill('HOUSE-7');
    await expectCommands(otto, [3]);
    await otto.picture('history-commands');
    expect(await otto.accessibilityFaults()).to.deep.equal([]);
    await otto.open(`gateway?clientid=pump-house-7&tab=commands&command=${FIRST + 3}`);
    await page.locator('[data-history] .tpe-raw').waitFor();
    expect(await otto.accessibilityFaults()).to.deep.equal([]);
    expect(otto.faults).to.deep.equal([]);
  });

  it('audit: finds a gateway of a bulk act by a part of its name, shows what a value was, and opens the command', async () => {
    const otto = await open('audit?gateway=boiler');
    const { page } = otto;
    const bulk = page.locator('tr[data-audit="gateway.change"]', { hasText: '300 gateways' });
    await bulk.waitFor();
    expect(await page.locator('tr[data-audit="gateway.change"]').count()).to.equal(1);
    await page.locator('[name=gateway]').fill('');
    const changed = page.locator('tr[data-audit="gateway.change"]', { hasText: 'virtual-0001' });
    await changed.waitFor();
    expect(await changed.locator('del').textContent()).to.equal('South plant');
    expect(await changed.textContent())
      .to.contain('Gateway changed')
      .and.contain('North plant');
    await otto.picture('history-audit');
    expect(await otto.accessibilityFaults()).to.deep.equal([]);
    await page.locator('[name=who]').fill('ver');
    await page.getByRole('link', { name: `Command ${FIRST + 3}` }).click();
    await page
      .locator(`[data-history] [data-request-id="${FIRST + 3}"]`, { hasText: 'no space left' })
      .first()
      .waitFor();
    expect(new URL(page.url()).search).to.contain(`command=${FIRST + 3}`);
    expect(otto.faults).to.deep.equal([]);
  });

  for (const [locale, name] of [
    ['en-US', 'Yesterday'],
    ['de-DE', 'Gestern'],
    ['ja-JP', '昨日'],
  ] as const) {
    it(`on a telephone in ${locale}, dark: nothing is wider than the screen`, async () => {
      const otto = await open('commands?past-gateway=virtual', { ...PHONE, locale, colorScheme: 'dark' });
      const { page } = otto;
      await expectCommands(otto, [5, 2, 4]);
      expect(await page.locator('[data-history] [name=when] option').allInnerTexts()).to.include(name);
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(await wide()).to.be.at.most(0);
      await page.locator('[data-history]').scrollIntoViewIfNeeded();
      await otto.picture(`history-phone-commands-${locale}`);
      await otto.open('audit');
      await page.locator('tr[data-audit="gateway.change"]').first().waitFor();
      expect(await wide()).to.be.at.most(0);
      await otto.picture(`history-phone-audit-${locale}`);
      expect(await otto.accessibilityFaults()).to.deep.equal([]);
    });
  }
});
