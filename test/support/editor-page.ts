import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type NodeRedProcess, PROJECT_ROOT } from './node-red-process.js';

/** Null where Chromium is not installed. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? null;
const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** For people to look at; git ignores it. */
const PICTURES = join(PROJECT_ROOT, 'coverage/screenshots');

/** Starts the system's Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? undefined, args: SWITCHES });
}

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
): Promise<EditorPage> {
  mkdirSync(PICTURES, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1400, height: 1200 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
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
