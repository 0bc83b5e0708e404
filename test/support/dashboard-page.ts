import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PICTURES } from './chromium.js';
import type { NodeRedProcess } from './node-red-process.js';
import { patience } from './patience.js';

/** A person at the dashboard. */
export interface DashboardPage {
  readonly page: Page;
  /** What went wrong in the page's scripts. */
  readonly faults: string[];
  /** Addresses of other hosts that the page asked for. */
  readonly foreign: string[];
  /** Goes to a page and waits until its widget is there: `gateway?clientid=x`. */
  open(path: string): Promise<void>;
  picture(name: string): Promise<unknown>;
  /** Serious faults that axe finds, in words. */
  accessibilityFaults(): Promise<string[]>;
  close(): Promise<void>;
}

interface AxeResults {
  violations: {
    id: string;
    impact: string;
    help: string;
    nodes: { html: string; failureSummary: string }[];
  }[];
}

/** The dashboard's own: tooltips have no text until they are shown, and the menu, seen while it opens, is a list of links. */
const LOOKED_AT = { exclude: ['.v-tooltip', '.v-navigation-drawer'] };
const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/** Signs in; the administrator by default. */
export async function openDashboard(
  browser: Browser,
  nodeRed: NodeRedProcess,
  {
    user = 'admin',
    password = nodeRed.adminPassword,
    ...options
  }: BrowserContextOptions & { user?: string; password?: string } = {},
  listen: (page: Page) => unknown = () => undefined,
): Promise<DashboardPage> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    locale: 'en-US',
    ...options,
  });
  const page = await context.newPage();
  listen(page);
  page.setDefaultTimeout(patience(60_000));
  // Who goes to another address in a test means to leave.
  page.on('dialog', (dialog) => void dialog.accept());
  const faults: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && new URL(url).host !== new URL(nodeRed.url).host) foreign.push(url);
  });
  await page.goto(`${nodeRed.url}/dashboard/login/`);
  await page.locator('[name=user]').fill(user);
  await page.locator('[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('.tpe-widget').first().waitFor();
  return {
    page,
    faults,
    foreign,
    async open(path) {
      await page.goto(`${nodeRed.url}/dashboard/${path}`);
      await page.locator('.tpe-widget').first().waitFor();
    },
    picture: (name) => page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true }),
    async accessibilityFaults() {
      await page.evaluate(AXE);
      // Vuetify fades things in: what is half there has no contrast yet.
      await page.waitForFunction(
        'document.getAnimations().every(({ playState }) => playState !== "running")',
      );
      const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(LOOKED_AT)})`)) as AxeResults;
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)}: ${failureSummary}`),
      );
    },
    close: () => context.close(),
  };
}
