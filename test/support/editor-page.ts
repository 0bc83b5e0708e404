import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PICTURES } from './chromium.js';
import type { NodeRedProcess } from './node-red-process.js';
import { patience } from './patience.js';

export interface EditorPage {
  page: Page;
  /** Errors that nobody caught in the page. */
  faults: string[];
  picture(name: string): Promise<void>;
}

/**
 * Deploys by the button, and waits until the flows run: the editor says "Successfully deployed" as soon as they are
 * saved, and an http-in node answers 404 until it is started.
 */
export async function deploy(page: Page): Promise<void> {
  const before = await page.evaluate<string>(`
    RED.comms.subscribe('notification/runtime-deploy', (_topic, { revision }) => {
      window.runningRevision = revision;
    });
    RED.nodes.version()
  `);
  await page.locator('#red-ui-header-button-deploy').click();
  await page.waitForFunction(
    `RED.nodes.version() !== ${JSON.stringify(before)} && window.runningRevision === RED.nodes.version()`,
  );
}

/** The flow editor, signed in and ready. */
export async function openEditor(
  browser: Browser,
  nodeRed: NodeRedProcess,
  options: BrowserContextOptions = {},
  listen: (page: Page) => unknown = () => undefined,
): Promise<EditorPage> {
  mkdirSync(PICTURES, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1400, height: 1200 }, ...options });
  const page = await context.newPage();
  listen(page);
  page.setDefaultTimeout(patience(60_000));
  const faults: string[] = [];
  page.on('pageerror', (error) => {
    // The editor's Monaco says so where a dialog closes while its worker still looks at the text: nothing of ours.
    if (!error.message.startsWith('Model is disposed!')) faults.push(error.message);
  });
  await page.goto(nodeRed.url);
  await page.locator('#node-dialog-login-username').fill('admin');
  await page.locator('#node-dialog-login-password').fill(nodeRed.adminPassword);
  await page.locator('#node-dialog-login-submit').click();
  await page.locator('.red-ui-palette-node[data-palette-type="tpe-command"]').waitFor();
  await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  return {
    page,
    faults,
    picture: async (name) => {
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    },
  };
}
