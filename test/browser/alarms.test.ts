import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { alarmReason } from '../../nodes/manager/alarms/alarm-reasons.js';
import type { AlarmKindName } from '../../nodes/manager/alarms/alarm-rule.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { Reason } from '../../nodes/manager/shared/reason.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { copyEmptyDatabase } from '../support/embedded-template.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';

const ONLINE = 12;
const LARGEST_FIRST_SIGHT = 60_000;
const SINCE = new Date(Date.now() - 25 * 60_000).toISOString();

interface Wrong {
  kind: AlarmKindName;
  clientid: string;
  reason: Reason;
  advice: Reason;
}

/** What is wrong, each with a key by which flows could clear it. */
const WRONG: Wrong[] = [
  ...['pump-1', 'pump-2'].map((clientid) => ({
    kind: 'offline' as const,
    clientid,
    reason: alarmReason('alarm-offline', { since: SINCE, why: alarmReason('alarm-why-unknown') }),
    advice: alarmReason('alarm-do-link'),
  })),
  {
    kind: 'flapping',
    clientid: 'pump-3',
    reason: alarmReason('alarm-flapping', { times: 9 }),
    advice: alarmReason('alarm-do-flapping'),
  },
  {
    kind: 'installation-failed',
    clientid: 'pump-4',
    reason: alarmReason('alarm-installation-failed', {
      id: '7',
      why: { text: 'checksum mismatch', cause: null },
    }),
    advice: alarmReason('alarm-do-installation'),
  },
];

/** A fleet with what is wrong, before anything looks. The alarms are kept as those of flows, so that no look clears them. */
async function writeFleet(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'registry');
  await copyEmptyDatabase(folder);
  const database = await openDatabase({ kind: 'embedded', folder });
  await migrate(database, { info: () => undefined });
  const registry = createRegistry(database);
  for (const { kind, clientid, reason, advice } of WRONG) {
    await registry.register({ clientid, site: 'Pumps' });
    await database.query(
      `insert into tpe_alarm (rule, kind, severity, clientid, key, site, reason, cause, advice, advice_cause, since)
       values ('own', $1, $2, $3, $3, 'Pumps', $4, $5, $6, $7, $8)`,
      [
        ...[kind, kind === 'installation-failed' ? 'critical' : 'warning', clientid],
        ...[reason.text, JSON.stringify(reason.cause), advice.text, JSON.stringify(advice.cause), SINCE],
      ],
    );
  }
  await database.close();
}

describe('dashboard: alarms', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let rest: RestCaller;
  let received = 0;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    const dataDir = temporaryFolder();
    await writeFleet(dataDir);
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ dataDir, env: { TPE_SIMULATED_GATEWAYS: String(ONLINE) } }),
      launchChromium(),
    ]);
    rest = restCaller(nodeRed);
    admin = await openDashboard(browser, nodeRed, {}, (page) =>
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          received += payload.length;
        }),
      ),
    );
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('alarms-failed');
  });

  const button = (name: string | RegExp) => admin.page.getByRole('button', { name, exact: true });
  const line = (clientid: string, { page } = admin) => page.locator('[data-kind]', { hasText: clientid });
  const row = (clientid: string) => admin.page.locator('tr[data-alarm]', { hasText: clientid });
  const tab = (name: string) => admin.page.locator(`[data-tab=${name}]`).click();

  async function choose(...clientids: string[]): Promise<void> {
    for (const clientid of clientids) await row(clientid).getByRole('checkbox').check();
  }

  describe('the first page', () => {
    it('begins with what is wrong, the worst first, in words that people read', async () => {
      await admin.open('fleet');
      await admin.page.locator(`[data-figure=online]:has-text("${ONLINE}")`).waitFor();
      await line('pump-1').getByText('it is not known why').waitFor();
      const kinds = await admin.page
        .locator('[data-kind]')
        .evaluateAll((lines) => lines.map((one) => one.getAttribute('data-kind')));
      expect(kinds).to.deep.equal(['installation-failed', 'flapping', 'offline', 'offline']);
      const text = await admin.page.locator('[data-part=attention]').textContent();
      expect(text)
        .to.contain('Pumps')
        .and.to.match(/\d+ min ago/)
        .and.to.contain('Look at its power');
      expect(text).not.to.match(/\d{4}-\d\d-\d\dT/);
      await admin.picture('fleet-attention');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
    });

    it('has its answers in little', async () => {
      received = 0;
      await admin.open('fleet');
      await line('pump-1').waitFor();
      await admin.page.locator('[data-expected]').waitFor({ state: 'attached' });
      expect(received).to.be.below(LARGEST_FIRST_SIGHT);
    });

    it('leads from a line to the gateway, and from a bar to its gateways', async () => {
      await line('pump-2').getByRole('link', { name: 'Open' }).click();
      await admin.page.locator('header[data-clientid=pump-2]').waitFor();
      await admin.open('fleet');
      await admin.page.locator('[data-share=Pumps] a').click();
      await admin.page.locator('tr[data-clientid=pump-4]').waitFor();
      expect(await admin.page.locator('tr[data-clientid]').count()).to.equal(WRONG.length);
      await admin.open('fleet');
      await admin.page.locator('[data-figure=never_seen]').click();
      await admin.page.locator('tr[data-clientid=pump-4]').waitFor();
      expect(await admin.page.locator('tr[data-clientid]').count()).to.equal(WRONG.length);
    });

    it('asks before it installs again', async () => {
      await admin.open('fleet');
      await line('pump-4').getByRole('button', { name: 'Install again' }).click();
      const dialog = admin.page.getByRole('alertdialog');
      expect(await dialog.getByRole('button', { name: 'Install again' }).isDisabled()).to.equal(true);
      await dialog.getByRole('textbox').fill('pump-4');
      await dialog.getByRole('button', { name: 'Install again' }).click();
      await admin.page.getByRole('alert').getByText('newer software').waitFor();
    });
  });

  describe('the page of alarms', () => {
    it('takes what people do about some of them, with a note', async () => {
      await admin.open('alarms');
      await choose('pump-1', 'pump-2');
      await button('Acknowledge').click();
      await admin.page.locator('[name=note]').fill('technician is on the way');
      await admin.page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
      await row('pump-1').getByText('technician is on the way').waitFor();
      await row('pump-2').getByText('Acknowledged by').waitFor();
      await choose('pump-1');
      await button('Assign').click();
      await admin.page.locator('[name=to]').fill('ada');
      await admin.page.keyboard.press('Enter');
      await row('pump-1').getByText('Assigned to ada').waitFor();
      await admin.picture('alarms-open');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
    });

    it('puts one aside until a time, and the first page says how many are', async () => {
      await choose('pump-3');
      await button('Shelve').click();
      await admin.page.getByLabel('For how long').selectOption({ label: '8 h' });
      await admin.page.locator('[data-end]').getByText('until').waitFor();
      await admin.picture('alarms-shelve');
      await admin.page.getByRole('dialog').getByRole('button', { name: 'Shelve' }).click();
      await row('pump-3').getByText('Shelved until').waitFor();
      await admin.open('fleet');
      await admin.page.getByText('1 alarm shelved').waitFor();
      expect(await line('pump-3').count()).to.equal(0);
    });

    it('has the rules, which an administrator changes without code', async () => {
      await admin.open('alarms');
      await tab('rules');
      const offline = admin.page.locator('tr[data-rule=offline]');
      await offline.getByText('after 10 min').waitFor();
      await admin.picture('alarms-rules');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await offline.getByRole('button', { name: 'Change' }).click();
      await admin.page.getByLabel('Severity').selectOption('critical');
      await admin.page.locator('[name=delay]').fill('2');
      await admin.page.getByLabel('Unit: Raise after').selectOption('h');
      await admin.picture('alarms-rule');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await button('Save').click();
      await offline.getByText('after 2 h').waitFor();
      await offline.getByText('Critical').waitFor();
      await offline.getByRole('checkbox').uncheck();
      await rest.until('/api/alarm/rule', ({ data }) =>
        data.some(({ id, enabled }: { id: string; enabled: boolean }) => id === 'offline' && !enabled),
      );
    });

    it('gets a rule for some gateways, and loses it again', async () => {
      await button('New rule').click();
      await admin.page.getByLabel('Kind').selectOption('disk-full');
      await admin.page.locator('[name=name]').fill('Small disks');
      await admin.page.locator('[name=threshold]').fill('70');
      await admin.page.locator('[name=clear-threshold]').fill('60');
      await admin.page.locator('[name=site]').fill('Pumps');
      await button('Save').click();
      const made = admin.page.locator('tr[data-rule=disk-full-2]');
      await made.getByText('from 70 %').waitFor();
      await made.getByText('Site: Pumps').waitFor();
      await made.getByRole('button', { name: 'Remove' }).click();
      await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
      await made.waitFor({ state: 'detached' });
    });
  });

  describe('both pages', () => {
    for (const [name, options] of Object.entries({
      telephone: { viewport: { width: 360, height: 740 } },
      dark: { colorScheme: 'dark' },
      ja: { locale: 'ja' },
      de: { locale: 'de-AT' },
    } satisfies Record<string, BrowserContextOptions>)) {
      it(`are whole: ${name}`, async () => {
        const person = await openDashboard(browser, nodeRed, options);
        for (const path of ['fleet', 'alarms']) {
          await person.open(path);
          await person.page.locator('[data-alarm]', { hasText: 'pump-1' }).waitFor();
          await person.picture(`${path}-alarms-${name}`);
          const { clientWidth, scrollWidth } = (await person.page.evaluate(
            '(({ clientWidth, scrollWidth }) => ({ clientWidth, scrollWidth }))(document.documentElement)',
          )) as Record<'clientWidth' | 'scrollWidth', number>;
          expect(scrollWidth, path).to.equal(clientWidth);
          expect(await person.accessibilityFaults(), path).to.deep.equal([]);
        }
        await person.page.locator('[data-tab=rules]').click();
        await person.page.locator('tr[data-rule=offline]').waitFor();
        await person.picture(`alarms-rules-${name}`);
        expect(await person.accessibilityFaults(), 'rules').to.deep.equal([]);
        expect(person.faults).to.deep.equal([]);
        await person.close();
      });
    }
  });

  describe('when all are cleared', () => {
    it('the list is of the past, and the first page says that all is well', async () => {
      for (const { clientid } of WRONG) {
        expect(
          (await rest.call('DELETE', `/api/alarm?key=${clientid}&clientid=${clientid}`)).status,
        ).to.equal(200);
        await rest.call('DELETE', `/api/device/${clientid}`);
      }
      await admin.open('fleet');
      await admin.page.getByText(`All ${ONLINE} gateways are well`).waitFor();
      await admin.picture('fleet-well');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await admin.open('alarms');
      await admin.page.getByText('No alarm is open.').waitFor();
      await tab('cleared');
      await row('pump-1').getByText('technician is on the way').waitFor();
      expect(admin.faults).to.deep.equal([]);
      expect(admin.foreign).to.deep.equal([]);
    });
  });
});
