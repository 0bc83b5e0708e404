import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Browser, Page } from 'playwright-core';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { openDashboard } from '../support/dashboard-page.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { below, type Figure, median } from './figure.js';

const FEW = 100;
const MANY = 10_000;
const ROUNDS = 9;

interface Site {
  nodeRed: NodeRedProcess;
  page: Page;
  /** Bytes that came by the socket since it was set to 0. */
  bytes: { received: number };
  gateways: number;
}

/** How long the first page of the table takes to show in a browser, with 10,000 gateways against 100, by turns; and its size. */
export async function benchDashboardPage(): Promise<Figure[]> {
  if (CHROMIUM === null) {
    console.log('  skipped: Chromium is not installed');
    return [];
  }
  const browser = await launchChromium();
  const sites = [await openSite(browser, FEW), await openSite(browser, MANY)] as const;
  try {
    const times: [number[], number[]] = [[], []];
    let largest = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [place, site] of sites.entries()) {
        site.bytes.received = 0;
        times[place]!.push(await show(site));
        largest = Math.max(largest, site.bytes.received);
      }
    }
    const [few, many] = times.map(median) as [number, number];
    return [
      {
        what: `first page of the table with ${MANY} gateways, against ${FEW}`,
        value: many / few,
        unit: 'x',
        goal: below(1.5),
      },
      {
        what: 'what comes by the socket until it shows, with the pages of the dashboard',
        value: largest / 1000,
        unit: 'kB',
        goal: below(60),
      },
    ];
  } finally {
    await browser.close();
    for (const { nodeRed } of sites) await nodeRed.stop();
  }
}

async function openSite(browser: Browser, gateways: number): Promise<Site> {
  const dataDir = temporaryFolder();
  const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
  await migrate(database, { info: () => undefined });
  await database.query(
    `insert into clientid_profile (clientid, model_name, firmware_version, tpe_version, host_name, serial_number, site, tags)
     select 'gw-' || lpad(number::text, 6, '0'), 'UC-8220-T-LX-' || number % 8, '1.' || number % 7, '2.1.0-' || number % 5,
       'pump-house-' || number, 'TBZKB' || number, 'Plant ' || number % 20, array['line ' || number % 3]
     from generate_series(1, $1) as number`,
    [gateways],
  );
  await database.close();
  const nodeRed = await startNodeRed({ dataDir, env: { TPE_SIMULATED_GATEWAYS: '0' } });
  const { page } = await openDashboard(browser, nodeRed);
  const bytes = { received: 0 };
  // The socket begins as requests.
  page.on('requestfinished', async (request) => {
    if (request.url().includes('/socket.io/')) bytes.received += (await request.sizes()).responseBodySize;
  });
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      bytes.received += Buffer.byteLength(payload);
    });
  });
  return { nodeRed, page, bytes, gateways };
}

/** ms until the first row is there. */
async function show({ nodeRed, page, gateways }: Site): Promise<number> {
  await page.goto('about:blank');
  const begun = performance.now();
  await page.goto(`${nodeRed.url}/dashboard/gateways`, { waitUntil: 'commit' });
  await page.getByText(`of ${gateways.toLocaleString('en-US')}`).waitFor();
  await page.locator('tr[data-clientid]').first().waitFor();
  return performance.now() - begun;
}
