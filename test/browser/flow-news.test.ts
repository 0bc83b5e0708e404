import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { flowHash, nodesIn } from '../../nodes/node-red/start/flow-hash.js';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { openDashboard } from '../support/dashboard-page.js';
import { deploy, openEditor } from '../support/editor-page.js';
import { type FlowNodes, PRESENT_FLOW } from '../support/first-flow.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const hash = (text: string) => flowHash(nodesIn(text) ?? []);

/** The flow of today, but for a page that somebody has never had. */
const WITHOUT_AUDIT = (JSON.parse(PRESENT_FLOW) as FlowNodes).filter(
  ({ type, path }) => type !== 'ui-tpe-audit' && path !== '/audit',
);

describe('editor: the bundled flow', () => {
  let browser: Browser;
  let nodeRed: NodeRedProcess;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
  });
  afterEach(() => nodeRed?.stop());

  it('is told of once where it has what somebody’s own flow lacks, and leads to the examples', async () => {
    nodeRed = await startNodeRed({ flow: WITHOUT_AUDIT });
    const { page, faults } = await openEditor(browser, nodeRed, { locale: 'de' });
    const news = page.locator('.tpedm-news');
    await news.waitFor();
    const text = await news.textContent();
    expect(text).to.contain('Seite „Audit“, ui-tpe-audit: 08 - The whole dashboard');
    expect(text).to.contain('bleibt, wie er ist');
    await page.getByRole('button', { name: 'Beispiele zeigen' }).click();
    await page.locator('#red-ui-clipboard-dialog').waitFor();
    await news.waitFor({ state: 'hidden' });
    await page.reload();
    await page.waitForFunction(`typeof RED === 'object' && RED.nodes?.version?.()`);
    expect(await page.evaluate('RED.settings.tpeServerFlowNews')).to.be.an('object');
    await page.evaluate(`RED.events.emit('flows:loaded')`);
    expect(await news.count()).to.equal(0);
    expect(faults).to.deep.equal([]);
    await page.context().close();

    const dashboard = await openDashboard(browser, nodeRed);
    await dashboard.open('users');
    const line = dashboard.page.locator('[data-flow-news]');
    await line.waitFor();
    expect(await line.textContent()).to.contain('"Audit", ui-tpe-audit');
    expect(await line.textContent()).to.contain('08 - The whole dashboard');
    await dashboard.picture('flow news');
    await dashboard.close();
  });

  it('counts as unchanged where the editor deployed it as it was', async () => {
    nodeRed = await startNodeRed();
    const file = join(nodeRed.dataDir, 'flows.json');
    const { page, faults } = await openEditor(browser, nodeRed);
    expect(await page.locator('.tpedm-news').count()).to.equal(0);
    await page.evaluate('RED.nodes.dirty(true)');
    await deploy(page);
    const deployed = readFileSync(file, 'utf8');
    expect(deployed).not.to.equal(PRESENT_FLOW);
    expect(hash(deployed)).to.equal(hash(PRESENT_FLOW));
    expect(faults).to.deep.equal([]);
    await page.context().close();
  });
});
