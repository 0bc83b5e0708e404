import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { type EditorPage, openEditor } from '../support/editor-page.js';
import { FIELD_CASES } from '../support/field-cases.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const MQTT_PORT = ['$', '{TPE_MQTT_PORT}'].join('');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'fields' },
  { id: 'server', type: 'tpe-server', registry: 'embedded', broker: 'embedded', port: MQTT_PORT },
  { id: 'chosen', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true },
  { id: 'ask', z: 'tab', type: 'tpe-command', server: 'server', x: 300, y: 100, wires: [[], []] },
];
const TYPES = [...new Set(FIELD_CASES.map(({ type }) => type))];

interface Marked {
  valid: boolean;
  validationErrors: string[];
}

describe('editor: what marks a node before it is deployed', () => {
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

  /** The nodes as an import brings them into the editor; nothing is deployed. */
  const marked = (nodes: object[]) =>
    page.evaluate<Marked[]>(`(() => {
      const nodes = ${JSON.stringify(nodes)};
      RED.nodes.import(nodes, { generateIds: false });
      const found = nodes.map(({ id }) => {
        const { valid, validationErrors } = RED.nodes.node(id);
        return { valid, validationErrors };
      });
      for (const { id } of nodes) RED.nodes.remove(id);
      return found;
    })()`);

  for (const type of TYPES) {
    it(`marks what the runtime refuses, and nothing else: ${type}`, async () => {
      const cases = FIELD_CASES.filter((one) => one.type === type);
      const own = type === 'tpe-server' ? {} : { z: 'tab', server: 'server', x: 100, y: 100, wires: [] };
      const nodes = cases.map(({ values }, index) => ({ id: `case-${index}`, type, ...own, ...values }));
      const found: Marked[] = [];
      // The editor slows down with each configuration node that it holds.
      for (let start = 0; start < nodes.length; start += 40)
        found.push(...(await marked(nodes.slice(start, start + 40))));
      for (const [index, { field, values, isFaulty }] of cases.entries()) {
        const { valid, validationErrors } = found[index]!;
        const told = `${field} ${JSON.stringify(values).slice(0, 120)}: ${validationErrors.join('; ')}`;
        expect(valid, told).to.equal(!isFaulty);
        // A text that says which field and why, not the name of a property.
        if (isFaulty)
          expect(
            validationErrors.every((text) => /: ./.test(text)),
            told,
          ).to.equal(true);
      }
    });
  }

  const ETHERNET = {
    operation: 'patch-device-ethernets-id-update-one-device-ethernets-static',
    params: [{ name: 'id', type: 'str', value: '1' }],
  };
  const STATIC = { enable: true, enableDhcp: false, ip: '192.0.2.7', netmask: '255.255.255.0', wan: false };
  const from = (type: string, value: string) => ({ $from: type, value });
  /** What a tpe-command is to send, and the field that is marked; none where the gateway's rules allow it. */
  const REQUESTS: [what: string, values: Record<string, unknown>, body: unknown, marked: string | null][] = [
    ['a right body', ETHERNET, STATIC, null],
    ['an address that is none', ETHERNET, { ...STATIC, ip: '192.0.2.999' }, 'Body: requestBody/ip'],
    ['a text for a number', { operation: 'put-function-requirements' }, { timeout: 'long' }, 'Body:'],
    ['a missing field', ETHERNET, { enable: true }, 'Body:'],
    ['a value of the message', ETHERNET, { ...STATIC, ip: from('msg', 'payload.ip') }, null],
    ['a value of the flow', ETHERNET, { ...STATIC, ip: from('flow', 'ip') }, null],
    ['a value of the environment', ETHERNET, { ...STATIC, ip: from('env', 'IP') }, null],
    [
      'beside a value of the message, a faulty one',
      ETHERNET,
      { ...STATIC, ip: from('msg', 'payload.ip'), netmask: 'wide' },
      'Body: requestBody/netmask',
    ],
    ['a faulty body that is sent with a warning', { ...ETHERNET, check: 'warn' }, { enable: 'x' }, null],
    ['a faulty body that is checked', { ...ETHERNET, check: 'refuse' }, { enable: 'x' }, 'Body:'],
    ['a body of another action', { ...ETHERNET, action: 'describe' }, { enable: 'x' }, null],
    ['by path', { method: 'PUT', path: '/function/requirements' }, { timeout: 500 }, 'Body:'],
    [
      'by path, which only the message says',
      { method: 'PUT', path: 'p', pathType: 'msg' },
      { timeout: 500 },
      null,
    ],
    ['what is refused always', { method: 'GET', path: '/auth' }, {}, 'Path:'],
    [
      'a faulty parameter',
      { ...ETHERNET, params: [{ name: 'id', type: 'str', value: 'a' }] },
      STATIC,
      'Command:',
    ],
    ['a parameter that the message has', { ...ETHERNET, params: [] }, STATIC, null],
    [
      'a parameter of the flow',
      { ...ETHERNET, params: [{ name: 'id', type: 'flow', value: 'a' }] },
      STATIC,
      null,
    ],
    ['no such operation', { operation: 'gone' }, {}, 'Command:'],
    ['no such operation, of a server that is not deployed', { operation: 'gone', server: 'new' }, {}, null],
    ['a faulty body, of a server that is not deployed', { ...ETHERNET, server: 'new' }, { ip: 1 }, 'Body:'],
  ];

  it('marks what the catalogue would refuse, though the form is closed, by what it says itself', async () => {
    const indexed = REQUESTS.toSorted(
      ([, , , one], [, , , other]) => Number(one !== null) - Number(other !== null),
    );
    const nodes = indexed.map(([, values, body], index) => ({
      ...{ id: `request-${index}`, type: 'tpe-command', z: 'tab', server: 'server', x: 100, y: 100 },
      ...{ wires: [[], []], action: 'send', requestBodyType: 'json', requestBody: JSON.stringify(body) },
      ...values,
    }));
    const server = { id: 'new', type: 'tpe-server', registry: 'embedded', broker: 'embedded' };
    await page.evaluate(`RED.nodes.import(${JSON.stringify([server, ...nodes])}, { generateIds: false })`);
    // They are asked for in their order, three at a time: with the last of these the ones before have been answered too.
    await page.waitForFunction(
      `${JSON.stringify(indexed.flatMap(([, , , marked], index) => (marked === null ? [] : [index])))}
        .every((index) => RED.nodes.node('request-' + index).valid === false)`,
    );
    for (const [index, [what, , , marked]] of indexed.entries()) {
      const errors = await page.evaluate<string[]>(`RED.nodes.node('request-${index}').validationErrors`);
      expect(errors.length, `${what}: ${errors}`).to.equal(marked === null ? 0 : 1);
      if (marked !== null) expect(errors[0], what).to.contain(marked);
    }
    await page.evaluate(`for (let i = 0; i < ${REQUESTS.length}; i += 1) RED.nodes.remove('request-' + i)`);
  });

  it('takes the mark away when the body is mended in the form', async () => {
    const node = {
      ...{ id: 'mended', type: 'tpe-command', z: 'tab', server: 'server', x: 100, y: 100, wires: [[], []] },
      ...{ action: 'send', operation: 'put-function-requirements', params: [], requestBodyType: 'json' },
      requestBody: '{"timeout": 500}',
    };
    await page.evaluate(`RED.nodes.import(${JSON.stringify([node])}, { generateIds: false })`);
    await page.waitForFunction(`RED.nodes.node('mended').valid === false`);
    await page.evaluate(`RED.editor.edit(RED.nodes.node('mended'))`);
    await page.locator('[data-place="/requestBody/timeout"].tpedm-faulty').waitFor();
    await editor.picture('a body that its operation does not take');
    const timeout = page.locator('[data-place="/requestBody/timeout"] input.red-ui-typedInput-input').first();
    await timeout.fill('60');
    await timeout.press('Tab');
    await page.locator('[data-place="/requestBody/timeout"]:not(.tpedm-faulty)').waitFor();
    const checked = page.waitForResponse((answer) => answer.url().endsWith('/tpe/check'));
    await page.locator('#node-dialog-ok').click();
    await page.locator('#node-input-action').waitFor({ state: 'detached' });
    await checked;
    expect(await page.evaluate(`RED.nodes.node('mended').validationErrors`)).to.deep.equal([]);
    expect(await page.evaluate(`JSON.parse(RED.nodes.node('mended').requestBody).timeout`)).to.equal(60);
    await page.evaluate(`RED.nodes.remove('mended')`);
  });

  it('says in the form what is wrong, goes by what the form holds, and saves the mark', async () => {
    await page.evaluate(`RED.editor.editConfig('', 'tpe-server', 'server')`);
    const url = page.locator('#node-config-input-url');
    await page.locator('#node-config-input-broker').waitFor({ state: 'attached' });
    await page.locator('#tpe-server-tabs a').nth(1).click();
    await page.locator('#node-config-input-broker').selectOption('mqtt');
    await url.fill('http://broker');
    await url.press('Tab');
    await page.locator('#node-config-input-url.input-error').waitFor();
    await url.hover();
    await page.getByText('MQTT URL: "http://broker" is not a valid URL').waitFor();
    await editor.picture('a faulty URL in the form of tpe-server');
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-input-url').waitFor({ state: 'detached' });
    expect(await page.evaluate(`RED.nodes.node('server').validationErrors`)).to.have.length(1);
    // Whoever uses it is marked as well.
    expect(await page.evaluate(`RED.nodes.node('ask').valid`)).to.equal(false);
    expect(editor.faults).to.deep.equal([]);
  });
});
