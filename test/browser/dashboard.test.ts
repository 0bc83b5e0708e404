import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { logInAtEditor } from '../support/editor-login.js';
import { connectGateway, GENERAL } from '../support/gateway.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';

const HOSTILE = `<img src=x onerror="window.hacked=1">`;
/** Without what has a meaning in topics. */
const HOSTILE_ID = `"><img src=x onerror="window.hacked=2">`;
const REBOOT = 'put-system-reboot-reboot-device-now';
const REQUIREMENTS = 'put-function-requirements';

describe('dashboard', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('failed');
  });

  const button = (name: string | RegExp, { page } = admin) => page.getByRole('button', { name });
  const panel = (name: string) => admin.page.getByRole('region', { name, exact: true });

  async function choose(clientid: string, { page } = admin): Promise<void> {
    await page.getByRole('combobox', { name: /Gateway/ }).fill(clientid);
    await page.getByRole('option', { name: clientid }).click();
    await page.keyboard.press('Escape');
  }

  async function confirm(text: string, action: string): Promise<void> {
    const dialog = admin.page.getByRole('alertdialog');
    const act = dialog.getByRole('button', { name: action, exact: true });
    expect(await act.isDisabled()).to.equal(true);
    await dialog.getByRole('textbox').fill(text);
    await act.click();
    await dialog.waitFor({ state: 'hidden' });
  }

  describe('registers', () => {
    it('a gateway, with what to enter on it, which then is enough to connect', async () => {
      await admin.open('register');
      await admin.page.locator('[name=clientid]').fill('pump/house');
      await button('Register').last().click();
      await admin.page
        .getByRole('alert')
        .getByText(/client id/i)
        .waitFor();
      await admin.page.locator('[name=clientid]').fill('yard-1');
      await admin.page.getByLabel('Site').fill('Plant 2');
      await admin.page.getByLabel('Redundancy set').fill('yards');
      await button('Register').last().click();
      const password = (await admin.page.locator('[data-secret]').textContent()) ?? '';
      await admin.page.getByText('/tpedm/yard-1/input').waitFor();
      await admin.picture('registered');

      const gateway = await connectGateway({
        clientid: 'yard-1',
        username: 'yard-1',
        password,
        port: nodeRed.mqttPort,
      });
      const request = await gateway.nextRequest();
      await gateway.answer(request.requestId, {
        data: { ...GENERAL.data, hostName: HOSTILE, modelName: HOSTILE, description: HOSTILE },
      });
      await button('Entered on the gateway').click();
      await admin.page.getByRole('link', { name: 'Show gateway' }).click();
      const head = admin.page.locator('header[data-clientid=yard-1]');
      await head.getByText('Online').waitFor();
      await panel('Device profile').getByText('onerror').first().waitFor();
      expect(await admin.page.locator('.tpe-widget img').count()).to.equal(0);

      gateway.cut();
      await head.getByText('Offline').waitFor();
      await panel('Timeline').getByText('Offline').first().waitFor();
      await admin.picture('gateway-offline');
      await admin.page.getByRole('tab', { name: 'Network' }).click();
      await panel('Connection').getByText('No active session').waitFor();
    });

    it('many from a file, with each fault before anything is written', async () => {
      await admin.open('register');
      await admin.page.getByRole('tab', { name: 'From file' }).click();
      const csv = [
        'clientid,site,tags',
        'shed-1,Plant 3,a;b',
        'yard-1,,',
        'bad/topic,,',
        'shed-2,,',
        'shed-1,,',
      ];
      const file = { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from(csv.join('\n')) };
      await admin.page.locator('input[type=file]').setInputFiles(file);
      await admin.page.getByText('2 of 5 rows can be imported; 3 errors.').waitFor();
      await admin.page.locator('tr[data-line="3"]').getByText('registered already').waitFor();
      await admin.page.locator('tr[data-line="4"]').waitFor();
      await admin.page.locator('tr[data-line="6"]').getByText('line 2').waitFor();
      await admin.picture('import-preview');
      await button('Import 2 gateways').click();
      await admin.page.getByText('2 gateways registered.').waitFor();
      const saved = admin.page.waitForEvent('download');
      await button('Save to file').click();
      expect((await saved).suggestedFilename()).to.match(/^passwords-.*\.csv$/);

      await admin.page
        .locator('input[type=file]')
        .setInputFiles({ ...file, buffer: Buffer.from('\u0000\u0001 no table') });
      await admin.page.getByRole('alert').first().waitFor();
    });
  });

  it('shows as text whatever a gateway, a person or a repository says', async () => {
    const tag = `${HOSTILE.slice(0, 40)}`;
    const registered = await fetch(`${nodeRed.url}/api/device`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientid: HOSTILE_ID, password: 'correct horse battery' }),
    });
    expect(registered.status).to.equal(200);
    const login = { clientid: HOSTILE_ID, username: HOSTILE_ID, password: 'correct horse battery' };
    const gateway = await connectGateway({ ...login, port: nodeRed.mqttPort });
    const profile = Object.fromEntries(Object.keys(GENERAL.data).map((field) => [field, HOSTILE]));
    await gateway.answer((await gateway.nextRequest()).requestId, { data: { ...profile, type: 'general' } });

    await admin.open(`gateway?clientid=${encodeURIComponent(HOSTILE_ID)}`);
    await button(/^Edit$/).click();
    await admin.page.getByLabel('Site').fill(HOSTILE);
    await admin.page.getByLabel('Redundancy set').fill(HOSTILE);
    await admin.page.getByLabel('Tags (separated by ; or ,)').fill(tag);
    await admin.page.getByLabel('Note').fill(HOSTILE);
    await button('Save').click();
    await admin.page.getByText('Saved.').waitFor();
    await panel('Registration').getByText('onerror').first().waitFor();
    const read = async (answer: unknown) => {
      await button('Read now').click();
      await gateway.answer((await gateway.nextRequest()).requestId, answer);
    };
    await admin.page.getByRole('tab', { name: 'Software' }).click();
    await read({ data: [HOSTILE], [HOSTILE]: HOSTILE });
    await panel('Applications').locator('.tpe-json pre', { hasText: 'onerror' }).first().waitFor();
    const fields = ['displayName', 'state', 'health', 'version', 'category', 'imageSize', 'attributes'];
    await read({ data: [Object.fromEntries(fields.map((field) => [field, HOSTILE])), {}] });
    await panel('Applications').getByRole('cell', { name: HOSTILE.trim() }).first().waitFor();
    await admin.page.getByRole('tab', { name: 'Network' }).click();
    await button('Read now').click();
    for (let part = 0; part < 5; part += 1)
      await gateway.answer((await gateway.nextRequest()).requestId, { error: { message: HOSTILE } }, 500);
    await panel('Ethernet').getByText('The last attempt failed:').waitFor();
    for (const path of ['fleet', 'gateways', 'commands', 'updates', 'audit']) {
      await admin.open(path);
      await admin.page
        .getByText('onerror')
        .or(admin.page.getByText(HOSTILE_ID))
        .or(button('Scan all gateways'))
        .first()
        .waitFor();
      expect(await admin.page.locator('.tpe-widget img').count(), path).to.equal(0);
    }
    expect(await admin.page.evaluate('window.hacked')).to.equal(undefined);
    await gateway.leave();
    await admin.open(`gateway?clientid=${encodeURIComponent(HOSTILE_ID)}`);
    await button('More actions').click();
    await button(/^Retire/).click();
    await confirm(HOSTILE_ID, 'Retire');
    await admin.page.getByText(' is not registered.').waitFor();
  });

  describe('sends commands', () => {
    it('and shows the answer as it comes', async () => {
      // What a test before has left unsent would be there again.
      await admin.page.evaluate('sessionStorage.clear()');
      await admin.open('commands');
      await choose('virtual-0001');
      await admin.page.getByRole('searchbox', { name: 'Search operations' }).fill('get all /apps');
      await admin.page.locator('[data-operation=get-apps-get-all-apps]').click();
      await button('Send to the gateway').click();
      const answer = admin.page.locator('.tpe-answers');
      await answer.locator('[data-state=SUCCEEDED]').waitFor();
      await answer.getByRole('cell', { name: 'Cloud Connectivity' }).waitFor();
      await panel('History').locator('tr', { hasText: 'dashboard: admin' }).first().waitFor();
      await admin.picture('command-answered');
    });

    it('not while the form is filled in wrongly, and says what is wrong', async () => {
      await admin.open('commands?clientid=virtual-0002&operation=');
      await button('Custom request').click();
      await admin.page.getByLabel('Path').fill('/auth/x');
      await admin.page.getByRole('alert').getByText('refused always').waitFor();
      expect(await button('Send to the gateway').isDisabled()).to.equal(true);
      await admin.page.getByLabel('Path').fill('/device/general');
      await admin.page.getByLabel('Method').selectOption('PATCH');
      await admin.page.getByRole('textbox', { name: 'Body (JSON)' }).fill('{"description": ');
      await admin.page.getByText('Invalid JSON.').waitFor();
      expect(await button('Send to the gateway').isDisabled()).to.equal(true);
      await admin.page.getByRole('textbox', { name: 'Body (JSON)' }).fill('{"description": 5}');
      await admin.page.getByRole('alert').filter({ hasText: 'description' }).first().waitFor();
    });

    it('that interrupt service only to who writes the client id', async () => {
      await admin.open(`commands?clientid=virtual-0002&operation=${REBOOT}`);
      await button('Fill in the example').click();
      await button('Send to the gateway').click();
      await confirm('virtual-0002', 'Send now');
      await admin.page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();
      await admin.open('fleet');
      await admin.page.locator('[data-figure=online]', { hasText: '12' }).waitFor();
    });

    it('that run code with all that they may do said beforehand', async () => {
      await admin.open(`commands?clientid=virtual-0002&operation=${REQUIREMENTS}`);
      await admin.page.locator('.tpe-middle [data-class=runs-code]').waitFor();
      await button('Fill in the example').click();
      await admin.picture('command-runs-code');
      await button('Send to the gateway').click();
      const dialog = admin.page.getByRole('alertdialog');
      await dialog.locator('[data-class=changes-source]').waitFor();
      await admin.picture('command-confirm-classes');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await button('Custom request').click();
      await admin.page.getByLabel('Method').selectOption('POST');
      await admin.page.getByLabel('Path').fill('/function/./x');
      await admin.page.getByRole('alert').getByText('written plainly').waitFor();
      await admin.page.locator('.tpe-middle [data-class=runs-code]').waitFor();
      expect(await button('Send to the gateway').isDisabled()).to.equal(true);
    });

    it('to several at once, confirmed by their number', async () => {
      await admin.open('gateways');
      for (const clientid of ['virtual-0003', 'virtual-0004'])
        await admin.page.getByRole('checkbox', { name: `Select ${clientid}` }).check();
      await admin.page.getByRole('link', { name: 'Send command' }).click();
      await admin.page.getByRole('searchbox', { name: 'Search operations' }).fill('reboot device now');
      await admin.page.locator(`[data-operation=${REBOOT}]`).click();
      await button('Fill in the example').click();
      await button('Send to 2 gateways').click();
      await confirm('2', 'Send now');
      const answers = admin.page.locator('.tpe-answers');
      await answers.locator('[data-summary]').getByText('2 succeeded').waitFor();
    });

    it('again from the history', async () => {
      await admin.open('commands');
      const history = panel('History');
      await history
        .locator('tr', { hasText: '/apps' })
        .or(history.locator('tr', { hasText: 'List the applications' }))
        .first()
        .getByRole('button')
        .click();
      await button('Repeat').click();
      await button('Send to the gateway').click();
      await admin.page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();
    });
  });

  it('repeats a command of an operation with parameters as it was', async () => {
    await admin.open('commands?clientid=virtual-0003');
    await button('Custom request').click();
    await admin.page.getByLabel('Path').fill('/apps/device');
    await button('Send to the gateway').click();
    await admin.page.locator('.tpe-answers [data-state]:not([data-state=SENT])').waitFor();
    await admin.open('commands');
    const rows = panel('History').locator('tr', { hasText: 'virtual-0003' });
    const row = rows.filter({ hasText: 'Read an application' }).first();
    await row.getByRole('button').click();
    await button('Repeat').click();
    await button('Send to the gateway').waitFor();
    expect(await admin.page.getByLabel('Path').inputValue()).to.equal('/apps/device');
  });

  it('finds updates, says why, and installs one with live steps', async () => {
    await admin.open('updates');
    await button('Scan all gateways').click();
    await admin.page.getByText(/\d+ of \d+ gateways scanned, [1-9]\d* with updates/).waitFor();
    const model = admin.page.locator('[data-model="UC-8112A-ME-T-LX-EU"]');
    await model.getByRole('button', { expanded: false }).first().click();
    await model.getByText('All packages and reasons').click();
    await model.getByRole('checkbox', { name: 'virtual-0001' }).check();
    await admin.page.getByLabel('Next step only').check();
    await admin.picture('updates-found');
    await button('Install on 1 gateway').click();
    await confirm('virtual-0001', 'Install now');
    const row = admin.page.locator('tr[data-installation]', { hasText: 'virtual-0001' }).first();
    await row.locator('button[aria-expanded]').click();
    await admin.page.locator('.tpe-steps li').first().waitFor();
    await admin.picture('installing');
    await button('Cancel installation').click();
    const asked = admin.page.getByRole('alertdialog');
    await asked.getByText(/installed already stays installed|has not begun/).waitFor();
    await asked.getByRole('button', { name: 'Go on installing' }).click();
    await asked.waitFor({ state: 'hidden' });
    await row.locator('[data-state=SUCCEEDED]').waitFor({ timeout: patience(300_000) });
    await admin.page.locator('.tpe-steps li', { hasText: 'Verify' }).first().waitFor();
    await admin.picture('installed');
    await admin.open('gateway?clientid=virtual-0001');
    await admin.page.getByRole('tab', { name: 'Software' }).click();
    await panel('Software').getByText('Current software not scanned yet.').waitFor();
  });

  describe('people', () => {
    let viewer: DashboardPage;
    let password: string;

    it('are added by an administrator, with a password that is shown once', async () => {
      await admin.open('users');
      await admin.page.locator('[name=new-user]').fill('admin');
      await button('Add').last().click();
      await admin.page.getByRole('alert').getByText('choose another name').waitFor();
      await admin.page.locator('[name=new-user]').fill('vera');
      await button('Add').last().click();
      password = (await admin.page.locator('[data-secret]').textContent()) ?? '';
      await admin.page.locator('tr[data-user=vera]').waitFor();
      await panel('System').getByText('connected').first().waitFor();
      await admin.picture('user-added');
    });

    it('who are viewers look, and find nothing to do', async () => {
      viewer = await openDashboard(browser, nodeRed, { user: 'vera', password });
      await viewer.open('commands?clientid=virtual-0001&operation=get-apps-get-all-apps');
      await viewer.page.getByText('View only: sending commands needs the role Operator.').waitFor();
      expect(await button(/^Send/, viewer).count()).to.equal(0);
      await viewer.open('gateway?clientid=virtual-0001');
      await viewer.page.locator('header[data-clientid=virtual-0001]').waitFor();
      expect(await button('More actions', viewer).count()).to.equal(0);
      expect(await button(/^Edit$/, viewer).count()).to.equal(0);
      await viewer.open('users');
      await viewer.page.getByText('needs the role Administrator').waitFor();
      await viewer.picture('viewer');
    });

    it('who are viewers are refused whatever their browser sends, and that is written down', async () => {
      const told = await viewer.page.evaluate(forge, {
        widget: 'w-commands',
        ask: 'commands.send',
        input: { clientids: ['virtual-0001'], operation: REBOOT, confirm: 'virtual-0001' },
      });
      expect(told).to.include({ type: 'refused', code: 'FORBIDDEN' });
      const users = await viewer.page.evaluate(forge, { widget: 'w-users', ask: 'people.list', input: {} });
      expect(users).to.include({ type: 'refused', code: 'FORBIDDEN' });

      await admin.open('audit');
      const refused = admin.page.locator('tr[data-audit="command.send"]', { hasText: 'Denied' });
      await refused.getByText('vera').waitFor();
      await admin.picture('audit-refused');
    });

    it('change their own password, and stay signed in where they did', async () => {
      const other = await openDashboard(browser, nodeRed, { user: 'vera', password });
      await viewer.page.getByRole('button', { name: /Account/ }).click();
      await viewer.page.getByRole('button', { name: 'Change password', exact: true }).click();
      const dialog = viewer.page.getByRole('dialog', { name: 'Change password' });
      await viewer.page.locator('[name=old-password]').fill('wrong');
      await viewer.page.locator('[name=new-password]').fill('of my own choice');
      await viewer.page.locator('[name=new-password-again]').fill('of my own choise');
      await dialog.getByText('The new passwords do not match.').waitFor();
      await viewer.picture('own-password');
      expect(await viewer.accessibilityFaults()).to.deep.equal([]);
      await viewer.page.locator('[name=new-password-again]').fill('of my own choice');
      const change = dialog.getByRole('button', { name: 'Change password' });
      await change.click();
      await dialog.getByText('The old password is wrong.').waitFor();
      await viewer.page.locator('[name=old-password]').fill(password);
      await change.click();
      await dialog.getByText('Password changed.').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      // The other browser is sent to the login.
      await other.page.getByLabel('Password').waitFor();
      await other.close();
      await viewer.open('fleet');
      password = 'of my own choice';
    });

    it('get another role at once, and lose their sessions at once', async () => {
      await admin.open('users');
      await viewer.open('commands?clientid=virtual-0001&operation=get-apps-get-all-apps');
      await viewer.page.getByText('View only: sending commands needs the role Operator.').waitFor();
      await admin.page.getByLabel('Role: vera').selectOption('operator');
      const dialog = admin.page.getByRole('alertdialog');
      await dialog.getByText('Change the role of vera from Viewer to Operator?').waitFor();
      await admin.picture('role-asked');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'hidden' });
      expect(await admin.page.getByLabel('Role: vera').inputValue()).to.equal('viewer');
      await admin.page.getByLabel('Role: vera').selectOption('operator');
      await dialog.getByRole('button', { name: 'Change role' }).click();
      await button('Send to the gateway', viewer).click();
      await viewer.page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();
      await viewer.open(`commands?clientid=virtual-0001&operation=${REQUIREMENTS}`);
      await viewer.page.getByText('Only administrators can send operations that run code').waitFor();
      expect(await button('Send to the gateway', viewer).isDisabled()).to.equal(true);
      await viewer.picture('command-runs-code-operator');

      await admin.page
        .locator('tr[data-user=vera]')
        .getByRole('button', { name: 'Sign out everywhere' })
        .click();
      await viewer.page.getByLabel('Password').waitFor();
      await viewer.close();
    });
  });

  it('opens the editor to administrators alone, with the same passwords', async () => {
    await admin.open('users');
    for (const [name, role, status] of [
      ['otto', 'operator', 403],
      ['ada', 'administrator', 200],
    ] as const) {
      await admin.page.locator('[name=new-user]').fill(name);
      await admin.page.locator('[name=new-role]').selectOption(role);
      await button('Add').last().click();
      const made = admin.page
        .locator('.tpe-done', { hasText: `The password of ${name}` })
        .locator('[data-secret]');
      const login = await logInAtEditor(nodeRed, name, (await made.textContent()) ?? '');
      expect(login.status).to.equal(status);
    }
  });

  it('signs out from its menu', async () => {
    const other = await openDashboard(browser, nodeRed);
    await other.page.getByRole('button', { name: /Account/ }).click();
    await other.page.getByText('Signed in as admin').waitFor();
    await other.picture('account');
    await other.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await other.page.getByLabel('Password').waitFor();
    await other.close();
  });

  it('met no error in the browser, and no script of a gateway ran', async () => {
    expect(admin.faults).to.deep.equal([]);
    expect(admin.foreign).to.deep.equal([]);
    expect(await admin.page.evaluate('window.hacked')).to.equal(undefined);
  });

  // Behind all others, which do not expect so many gateways.
  describe('registers from a file', () => {
    it('larger than a message may be', async () => {
      const rows = Array.from({ length: 1050 }, (_, row) => `large-${row},Plant 9,"${'n"" ü '.repeat(330)}"`);
      const buffer = Buffer.from(['clientid,site,note', ...rows].join('\n'));
      expect(buffer.length).to.be.above(2_000_000);
      await admin.open('register');
      await admin.page.getByRole('tab', { name: 'From file' }).click();
      const file = { name: 'large.csv', mimeType: 'text/csv', buffer };
      await admin.page.locator('input[type=file]').setInputFiles(file);
      await admin.page.getByText('1050 of 1050 rows can be imported; no errors.').waitFor();
      await admin.page.getByRole('button', { name: /^Import 1.?050 gateways/ }).click();
      await admin.page.getByText(/^1.?050 gateways registered/).waitFor();
    });
  });
});

interface Forged {
  widget: string;
  ask: string;
  input: object;
}

/** In the page: asks by a socket of its own, as no button of the page would. */
async function forge({ widget, ask, input }: Forged): Promise<unknown> {
  const socket = new WebSocket(
    `${location.origin.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`,
  );
  return await new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const packet = String(data);
      if (packet.startsWith('0')) socket.send('40');
      if (!packet.startsWith('42')) return;
      const [event, message] = JSON.parse(packet.slice(2)) as [string, unknown];
      if (event === 'ui-config')
        socket.send(
          `42${JSON.stringify(['widget-change', widget, { type: 'call', number: 1, procedure: ask, input }])}`,
        );
      if (event !== `tpedm:${widget}`) return;
      socket.close();
      resolve(message);
    };
  });
}
