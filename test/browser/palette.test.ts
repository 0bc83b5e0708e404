import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { MANIFEST } from '../support/editor-files.js';
import { type EditorPage, openEditor } from '../support/editor-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const MQTT_PORT = ['$', '{TPE_MQTT_PORT}'].join('');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'palette' },
  { id: 'only', type: 'tpe-server', registry: 'embedded', broker: 'embedded', port: MQTT_PORT },
  { id: 'ask', z: 'tab', type: 'tpe-status', server: 'only', x: 300, y: 60, wires: [[]] },
];
const TYPES = Object.keys(MANIFEST['node-red'].nodes).filter((type) => type !== 'tpe-server');

describe('editor: palette', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    [nodeRed, browser] = await Promise.all([startNodeRed({ flow: FLOW }), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  interface Entry {
    label: string;
    category: string;
  }

  async function entriesOf({ page }: EditorPage): Promise<Record<string, Entry>> {
    return await page.evaluate(`Object.fromEntries(${JSON.stringify(TYPES)}.map((type) => {
      const entry = $('.red-ui-palette-node[data-palette-type="' + type + '"]');
      const category = entry.closest('.red-ui-palette-category').find('.red-ui-palette-header').text().trim();
      return [type, { label: entry.find('.red-ui-palette-label').text().trim(), category }];
    }))`);
  }

  for (const locale of ['en-US', 'de', 'ja', 'zh-TW']) {
    it(`has nodes and widgets apart, each with a name of its own: ${locale}`, async () => {
      const editor = await openEditor(browser, nodeRed, { locale });
      const entries = await entriesOf(editor);
      const labels = Object.values(entries).map(({ label }) => label);
      expect(new Set(labels).size, labels.join()).to.equal(TYPES.length);
      expect(labels.join(), 'keys of texts').not.to.contain('label.palette');
      const categoriesOf = (isWidget: boolean) =>
        new Set(
          TYPES.filter((type) => type.startsWith('ui-') === isWidget).map((type) => entries[type]?.category),
        );
      expect([...categoriesOf(false)]).to.deep.equal(['TPEDM']);
      expect([...categoriesOf(true)]).to.have.length(1);
      expect([...categoriesOf(true)][0]).to.match(/^TPEDM ./);
      await editor.picture(`palette ${locale}`);
      await editor.page.context().close();
    });
  }

  it('gives a fresh node the only server, and none where there are two', async () => {
    const editor = await openEditor(browser, nodeRed);
    const { page } = editor;
    const dropped = async (type: string) => {
      const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
      const count = () => page.evaluate<number>(`RED.nodes.filterNodes({ type: '${type}' }).length`);
      const before = await count();
      await entry.scrollIntoViewIfNeeded();
      await drag(page, entry, 500, 300 + before * 60);
      await page.waitForFunction(`RED.nodes.filterNodes({ type: '${type}' }).length > ${before}`);
      return await page.evaluate<{ server: string; users: number; isMarked: boolean }>(`(() => {
        const node = RED.nodes.filterNodes({ type: '${type}' }).at(-1);
        return {
          server: node.server,
          users: RED.nodes.node('only').users.filter((one) => one === node).length,
          isMarked: node.validationErrors?.includes('server') ?? false,
        };
      })()`);
    };
    for (const type of ['tpe-register', 'ui-tpe-register', 'tpe-output'])
      expect(await dropped(type), type).to.deep.equal({ server: 'only', users: 1, isMarked: false });
    await page.evaluate(`RED.nodes.import([{ id: 'second', type: 'tpe-server', registry: 'embedded', broker: 'embedded' }],
      { generateIds: false })`);
    expect(await dropped('tpe-command')).to.deep.include({ users: 0, isMarked: true });
    expect(editor.faults).to.deep.equal([]);
  });
});

/** As a person drags an entry of the palette into the flow. */
async function drag(page: Page, entry: ReturnType<Page['locator']>, x: number, y: number): Promise<void> {
  const box = (await entry.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, y, { steps: 8 });
  await page.mouse.up();
}
