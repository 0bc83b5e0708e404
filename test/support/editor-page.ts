import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PICTURES } from './chromium.js';
import type { NodeRedProcess } from './node-red-process.js';

export interface EditorPage {
  page: Page;
  /** Errors that nobody caught in the page. */
  faults: string[];
  picture(name: string): Promise<void>;
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
  page.setDefaultTimeout(20_000);
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
