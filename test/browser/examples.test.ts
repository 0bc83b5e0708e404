import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { deploy, openEditor } from '../support/editor-page.js';
import { EXAMPLES, type Example } from '../support/examples.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

/** A node or a wire as it is drawn. */
interface Drawn {
  boxes: { id: string; x: number; y: number; w: number; h: number }[];
  wires: { from: string; to: string; points: [number, number, number, number] }[];
  invalid: string[];
}

/** What the editor draws on a tab. */
const DRAWN = (tab: string) => `(() => {
  const nodes = RED.nodes.filterNodes({ z: ${JSON.stringify(tab)} });
  const box = ({ id, x, y, w, h }) => ({ id, x: x - w / 2, y: y - h / 2, w, h });
  const port = (node, index) => node.y + (index - (node.outputs - 1) / 2) * 13;
  return {
    boxes: nodes.map(box),
    wires: RED.nodes.filterLinks({}).filter(({ source }) => nodes.includes(source)).map(({ source, sourcePort, target }) => ({
      from: source.id + ' ' + sourcePort,
      to: target.id,
      points: [source.x + source.w / 2, port(source, sourcePort), target.x - target.w / 2, target.y],
    })),
    invalid: nodes.filter(({ valid }) => valid === false).map(({ id, validationErrors }) => id + ': ' + validationErrors),
  };
})()`;

describe('editor: Import -> Examples', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let page: Page;
  let picture: (name: string) => Promise<void>;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '2' } }),
      launchChromium(),
    ]);
    ({ page, picture } = await openEditor(browser, nodeRed));
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture?.('examples-failed');
  });

  /** As a person does, who is told that the server is there already, and imports a copy. */
  async function importByHand({ file }: Example): Promise<void> {
    await page.evaluate("RED.actions.invoke('core:show-examples-import-dialog')");
    // What an earlier dialog showed is there still, and not seen.
    const entry = (text: string) => page.locator('.red-ui-treeList-label-text:visible', { hasText: text });
    await entry('@tpedm/node-red-dashboard-2-tpedm').click();
    await entry(file.replace(/\.json$/, '')).click();
    await page.locator('#red-ui-clipboard-dialog-ok').click();
    await page.getByRole('button', { name: 'Import copy' }).click();
  }

  async function importCopy({ nodes }: Example): Promise<void> {
    await page.evaluate(
      `RED.view.importNodes(${JSON.stringify(nodes)}, { generateIds: true, addFlow: false })`,
    );
  }

  const tabOf = ({ tab }: Example) =>
    page.evaluate<string>(
      `RED.nodes.getWorkspaceOrder().find((id) => RED.nodes.workspace(id).label === ${JSON.stringify(tab.label)})`,
    );

  it('take the server and the dashboard that are there, each and all, and show nothing wrong', async () => {
    for (const [index, example] of EXAMPLES.entries()) {
      await (index < 2 ? importByHand(example) : importCopy(example));
      await page.waitForFunction(
        `RED.nodes.getWorkspaceOrder().some((id) => RED.nodes.workspace(id).label === ${JSON.stringify(example.tab.label)})`,
      );
    }
    for (const type of ['tpe-server', 'ui-base', 'ui-theme']) {
      expect(
        await page.evaluate(
          `RED.nodes.filterNodes({}).length && (() => { let count = 0; RED.nodes.eachConfig((node) => { if (node.type === '${type}') count += 1; return true; }); return count; })()`,
        ),
        type,
      ).to.equal(1);
    }
  });

  for (const example of EXAMPLES) {
    it(`${example.file} is drawn tidily: no node on another, no wire across another`, async () => {
      const tab = await tabOf(example);
      await page.evaluate(`RED.workspaces.show(${JSON.stringify(tab)})`);
      await page.waitForFunction(
        `RED.nodes.filterNodes({ z: ${JSON.stringify(tab)} }).every(({ w }) => w > 0)`,
      );
      const { boxes, wires, invalid } = await page.evaluate<Drawn>(DRAWN(tab));
      expect(invalid).to.deep.equal([]);
      expect(boxes.length).to.be.greaterThan(3);
      const pairs = <T>(all: readonly T[]) =>
        all.flatMap((one, at) => all.slice(at + 1).map((other) => [one, other] as const));
      const overlapping = pairs(boxes).filter(
        ([a, b]) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
      );
      expect(overlapping).to.deep.equal([]);
      const crossing = pairs(wires).filter(
        ([a, b]) => a.from !== b.from && a.to !== b.to && doCross(a.points, b.points),
      );
      expect(crossing).to.deep.equal([]);
      await picture(`example-${example.number}`);
    });
  }

  it('run after one deploy, all beside each other', async () => {
    await deploy(page);
    const gateways = EXAMPLES.reduce((sum, { gateways: { count } }) => sum + count, 2);
    await restCaller(nodeRed).until(
      '/api/device?limit=1000',
      ({ data }) =>
        data.filter((row: { connection_status: boolean }) => row.connection_status).length === gateways,
    );
  });
});

type Segment = Drawn['wires'][number]['points'];

function doCross([ax, ay, bx, by]: Segment, [cx, cy, dx, dy]: Segment): boolean {
  const side = (px: number, py: number, qx: number, qy: number, rx: number, ry: number) =>
    Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
  return (
    side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 &&
    side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0
  );
}
