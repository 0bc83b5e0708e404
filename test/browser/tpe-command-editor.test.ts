import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { deploy, type EditorPage, openEditor } from '../support/editor-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

/** As an earlier version of the pack saved it. */
const OLD_NODE = {
  id: 'old-node',
  type: 'tpe-command',
  z: 'tab',
  name: 'old',
  version: 1,
  server: 'server',
  action: 'send',
  clientid: 'virtual-0001',
  clientidType: 'str',
  method: 'GET',
  path: '/device/general',
  pathType: 'str',
  requestBody: 'requestBody',
  requestBodyType: 'msg',
  timeout: '',
  timeoutType: 'num',
  whenOffline: '',
  queueFor: '',
  queueForType: 'num',
  wait: '',
  requestId: '',
  requestIdType: 'str',
  categoryid: '',
  categoryidType: 'num',
  x: 300,
  y: 300,
  wires: [[], []],
};
/** For Node-RED to fill in. */
const MQTT_PORT = ['$', '{TPE_MQTT_PORT}'].join('');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'commands' },
  { id: 'server', type: 'tpe-server', registry: 'embedded', broker: 'embedded', port: MQTT_PORT },
  { id: 'fleet', type: 'tpe-simulator', z: 'tab', server: 'server', count: '3', x: 300, y: 100, wires: [[]] },
  {
    id: 'hear',
    type: 'http in',
    z: 'tab',
    url: '/api/hear',
    method: 'post',
    x: 100,
    y: 200,
    wires: [['new-node']],
  },
  {
    ...OLD_NODE,
    ...{
      id: 'new-node',
      name: '',
      clientid: 'payload.clientid',
      clientidType: 'msg',
      // Deploying has just cut it off.
      whenOffline: 'queue',
      method: '',
      path: '',
      x: 300,
      y: 200,
      wires: [['say'], ['say']],
    },
  },
  { id: 'say', type: 'http response', z: 'tab', x: 500, y: 200, wires: [] },
  OLD_NODE,
];

describe('editor: tpe-command', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    [nodeRed, browser] = await Promise.all([startNodeRed({ flow: FLOW }), launchChromium()]);
    editor = await openEditor(browser, nodeRed);
    page = editor.page;
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await editor.picture(`failed ${this.currentTest.title.slice(0, 40)}`);
  });

  async function open(id: string): Promise<void> {
    await page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`);
    await page.locator('#node-input-action').waitFor();
  }
  const close = async (button: 'ok' | 'cancel') => {
    await page.locator(`#node-dialog-${button}`).click();
    await page.locator('#node-input-action').waitFor({ state: 'detached' });
  };
  const row = (place: string) => page.locator(`.tpedm-row[data-place="${place}"]`);
  const field = (place: string) => row(place).locator('input.red-ui-typedInput-input').first();
  const fault = (place: string) => row(place).locator('> .tpedm-body > .tpedm-fault');
  const preview = () => page.locator('#tpe-command-preview');
  const savedBody = () => page.evaluate(`JSON.parse(RED.nodes.node('new-node').requestBody)`);

  async function pick(search: string): Promise<void> {
    // Before the operations have come there is nothing that Enter could take.
    await page.locator('.tpedm-operation').first().waitFor();
    await page.locator('#tpe-command-search').fill(search);
    await page.locator('#tpe-command-search').press('Enter');
    await page.locator('#tpe-command-summary .tpedm-title').waitFor();
  }
  /** Node-RED takes two clicks on tabs that follow each other quickly for a double click, and the second for none. */
  async function showTab(name: string, content: string): Promise<void> {
    while (!(await page.locator(content).isVisible())) {
      await page.getByRole('link', { name, exact: true }).click();
    }
  }
  async function type(place: string, text: string): Promise<void> {
    await field(place).fill(text);
    await field(place).press('Tab');
  }

  it('opens what an earlier version saved, and leaves it as it was', async () => {
    await open('old-node');
    expect(await page.locator('#tpe-command-by').inputValue()).to.equal('path');
    await preview().getByText('"path": "/device/general"').waitFor();
    await close('ok');
    expect(await page.evaluate(`RED.nodes.dirty()`)).to.equal(false);
  });

  it('finds an operation by words and keys, and says what is at stake', async () => {
    await open('new-node');
    await page.locator('.tpedm-operation').first().waitFor();
    expect(await page.locator('.tpedm-operation').count()).to.equal(474);
    await page.locator('.tpedm-picker select').selectOption('Device Maintenance');
    await editor.picture('tpe-command picker');
    await page.locator('.tpedm-picker select').selectOption('');
    await pick('reboot device now');
    const summary = page.locator('#tpe-command-summary');
    expect(await summary.textContent())
      .to.contain('Reboot the gateway now')
      .and.to.contain('PUT /system/reboot');
    expect(await summary.locator('.tpedm-badge').textContent()).to.equal('interrupts service');
    expect(await summary.textContent()).to.contain('May cut');
    // Flows and REST name an operation by its id.
    const id = summary.locator('.tpedm-id code');
    expect(await id.textContent()).to.equal('put-system-reboot-reboot-device-now');
    await summary.locator('.tpedm-copy-id').click();
    await page.getByText('Copied', { exact: true }).waitFor();
    // The API leaves no choice about it.
    await preview().getByText('"now": true').waitFor();
    await editor.picture('tpe-command reboot');
  });

  it('says at each field what is wrong with it, as it is typed', async () => {
    await page.locator('#tpe-command-change').click();
    await pick('ethernets static');
    expect(await field('/requestBody/ip').inputValue()).to.equal('');
    await page.locator('#tpe-command-example').click();
    await preview().getByText('"ip": "').waitFor();
    await page.locator('#tpe-command-change').click();
    await pick('ethernets static');
    expect(await field('/requestBody/ip').inputValue()).to.equal('');
    await fault('/requestBody/enable').getByText('is missing').waitFor();
    await editor.picture('tpe-command blank');
    await page.locator('#tpe-command-example').click();
    await type('/requestBody/ip', '192.168.4.999');
    await type('/requestBody/netmask', '255.0.255.0');
    await fault('/requestBody/ip').getByText('must be an IPv4 address').waitFor();
    await fault('/requestBody/netmask').getByText('must be a netmask').waitFor();
    await type('/params/id', 'first');
    await fault('/params/id').getByText('must be a whole number').waitFor();
    await editor.picture('tpe-command faults');
    await type('/params/id', '1');
    await type('/requestBody/ip', '192.0.2.10');
    await type('/requestBody/netmask', '255.255.255.0');
    // The addresses of the example are not those of this network.
    await fault('/requestBody/gateway').getByText('must be within 192.0.2.0/24').waitFor();
    await type('/requestBody/gateway', '192.0.2.254');
    await page.locator('.tpedm-faulty').first().waitFor({ state: 'detached' });
    await preview().getByText('"path": "/device/ethernets/1"').waitFor();
    expect(await page.locator('#tpe-command-faults').textContent()).to.equal('');
  });

  it('keeps form and JSON in step', async () => {
    await showTab('JSON', '#tpe-command-body-json');
    const lines = page.locator('#tpe-command-body-editor .view-lines');
    await lines.getByText('192.0.2.10').waitFor();
    const write = (text: string) =>
      page.evaluate(`monaco.editor.getEditors().at(-1).setValue(${JSON.stringify(text)})`);
    await write('{ "ip": ');
    await page.locator('#tpe-command-body-fault').getByText('Invalid JSON').waitFor();
    const known = { enable: true, enableDhcp: false, netmask: '255.255.255.0', wan: false };
    await write(JSON.stringify({ ...known, ip: '192.0.2.77', extra: 1 }));
    await showTab('Form', '#tpe-command-body-form');
    await page.getByText('Also sent: extra').waitFor();
    expect(await field('/requestBody/ip').inputValue()).to.equal('192.0.2.77');
    // What is optional and not in it is not ticked, and a tick puts it there.
    const tick = row('/requestBody/gateway').locator('input[type="checkbox"]');
    expect(await tick.isChecked()).to.equal(false);
    await tick.check();
    await type('/requestBody/gateway', '192.0.2.1');
    await preview().getByText('"gateway": "192.0.2.1"').waitFor();
    await preview().getByText('"extra": 1').waitFor();
  });

  it('tries it on a gateway found by search, after asking, and shows the answer', async () => {
    const gateway = page.locator('#tpe-command-try-gateway');
    await gateway.pressSequentially('virtual');
    await page.locator('.tpedm-gateway', { hasText: 'virtual-0002' }).click();
    expect(await gateway.inputValue()).to.equal('virtual-0002');
    await page.locator('#tpe-command-try').click();
    await page.locator('.tpedm-confirm').click();
    await page.locator('.tpedm-state-good').getByText('SUCCEEDED · 200').waitFor();
    await page.locator('#tpe-command-try-answer').getByText('192.0.2.77').waitFor();
    await page.locator('#tpe-command-try-answer').scrollIntoViewIfNeeded();
    await editor.picture('tpe-command answer');
  });

  it('saves values that a message brings, and sends them', async () => {
    await page.evaluate(
      `$('.tpedm-row[data-place="/requestBody/ip"] input').first().typedInput('type', 'msg')`,
    );
    await page.evaluate(
      `$('.tpedm-row[data-place="/requestBody/ip"] input').first().typedInput('value', 'payload.address')`,
    );
    await page.locator('#tpe-command-try').click();
    await page.locator('.tpedm-state-bad').getByText('/requestBody/ip').waitFor();
    await close('ok');
    expect(await savedBody()).to.deep.include({ ip: { $from: 'msg', value: 'payload.address' }, extra: 1 });
    await deploy(page);
    const answer = await fetch(`${nodeRed.url}/api/hear`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ address: '192.0.2.55', clientid: 'virtual-0003' }),
    });
    expect(answer.status).to.equal(200);
    const { data } = (await answer.json()) as { data?: object };
    expect(data).to.include({ ip: '192.0.2.55', extra: 1 });
  });

  it('opens again as it was saved', async () => {
    await open('new-node');
    await page.locator('#tpe-command-summary .tpedm-title').waitFor();
    expect(await field('/params/id').inputValue()).to.equal('1');
    expect(
      await page.evaluate(`$('.tpedm-row[data-place="/requestBody/ip"] input').first().typedInput('type')`),
    ).to.equal('msg');
    await close('cancel');
    expect(await page.evaluate(`RED.nodes.dirty()`)).to.equal(false);
  });

  it('lets nothing be destroyed that was not named', async () => {
    await open('new-node');
    await page.locator('#tpe-command-change').click();
    await pick('reset to factory');
    await page.locator('#tpe-command-try-gateway').fill('virtual-0001');
    await page.locator('#tpe-command-try').click();
    await page.locator('.tpedm-confirm').click();
    await editor.picture('tpe-command confirm');
    await page.locator('.red-ui-notification [data-class=changes-access]').waitFor();
    expect(await page.locator('#tpe-command-try-state').textContent()).to.equal('');
    await page.locator('#tpe-command-confirm').fill('virtual-0001');
    await page.locator('.tpedm-confirm').click();
    await page.locator('.tpedm-state').getByText('SUCCEEDED').waitFor();
    await close('cancel');
  });

  it('imports operations into the catalogue, after a look, and picks one', async () => {
    await page.evaluate(`RED.editor.editConfig('', 'tpe-server', 'server')`);
    await page.locator('#tpe-server-tabs').getByText('Catalogue').click();
    const name = `<img src=x onerror="window.hacked=1">`;
    const file = {
      openapi: '3.0.0',
      servers: [{ url: 'https://virtserver.swaggerhub.com/someone/pumps/1.0.0' }],
      security: [{ token: [] }],
      paths: {
        '/tpfunc/pump/{number}': {
          get: { summary: name, tags: [name], parameters: [{ name: 'X-Trace', in: 'header' }] },
        },
        '/picture': { post: { summary: 'Picture', requestBody: { content: { 'image/png': {} } } } },
      },
    };
    await page.locator('#tpe-server-import-file').setInputFiles({
      name: 'openapi.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(file)),
    });
    await page.getByText('New: 1, changed: 0').waitFor();
    await page.getByText('cannot go over MQTT').waitFor();
    // What is called, and what was dropped.
    const read = page.locator('.tpedm-read');
    await read.getByText('/tpfunc/pump/{number}', { exact: true }).waitFor();
    await read.getByText('The header X-Trace is left out').waitFor();
    await page.getByText('is a stand-in for trying (a mock)').waitFor();
    await page.getByText('signing in (token)').waitFor();
    await editor.picture('tpe-server catalogue');
    const prefix = page.locator('#tpe-server-import-prefix');
    await prefix.fill('/station');
    await prefix.press('Tab');
    await read.getByText('/station/tpfunc/pump/{number}', { exact: true }).waitFor();
    await prefix.fill('no path');
    await prefix.press('Tab');
    await page.locator('.tpedm-report').getByText('"prefix" must be a path').waitFor();
    await prefix.fill('');
    await prefix.press('Tab');
    await read.getByText('/tpfunc/pump/{number}', { exact: true }).waitFor();
    await page.locator('.tpedm-take').click();
    await page.locator('.tpedm-own').getByText(name).waitFor();
    await page.locator('#node-config-dialog-cancel').click();
    await page.locator('#tpe-server-tabs').waitFor({ state: 'detached' });
    await open('new-node');
    await page.locator('#tpe-command-change').click();
    await pick('onerror');
    expect(await page.locator('#tpe-command-summary').textContent()).to.contain(name);
    await close('cancel');
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
  });

  it('had no fault of its own', () => {
    expect(editor.faults).to.deep.equal([]);
  });
});
