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
    await page.getByText('MQTT URL: "http://broker" is no URL that can be used').waitFor();
    await editor.picture('a faulty URL in the form of tpe-server');
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-input-url').waitFor({ state: 'detached' });
    expect(await page.evaluate(`RED.nodes.node('server').validationErrors`)).to.have.length(1);
    // Whoever uses it is marked as well.
    expect(await page.evaluate(`RED.nodes.node('ask').valid`)).to.equal(false);
    expect(editor.faults).to.deep.equal([]);
  });
});
