import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import type { NodeRedProcess } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';
import { startTenSecondFleet } from '../support/ten-second-fleet.js';

// Pictures of what somebody sees who looks for ten seconds: look at them (coverage/screenshots/ten-seconds-*).

/** Who is wrong, and a word of why. */
const WRONG = [
  ['kiel-0007', /keepalive timeout/],
  ['ulm-0003', /keepalive timeout/],
  ['bochum-0042', /9/],
  ['essen-0012', /checksum mismatch/],
] as const;

describe('ten seconds before a fleet of 5,000 with 2 offline, 1 flapping, 1 failed installation', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([startTenSecondFleet(), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const seen = `(${String((selector: string) => {
    // biome-ignore lint/suspicious/noExplicitAny: it runs in the browser
    const { document, innerHeight } = globalThis as any;
    return [...document.querySelectorAll(selector)].map((element) => ({
      text: element.textContent as string,
      isSeen: element.getBoundingClientRect().bottom <= innerHeight,
    }));
  })})`;

  /** What stands in these parts of a page, and whether all of it is seen without scrolling. */
  const parts = (page: Page, selector: string) =>
    page.evaluate(`${seen}(${JSON.stringify(selector)})`) as Promise<{ text: string; isSeen: boolean }[]>;

  async function expectWrong(page: Page, selector: string): Promise<void> {
    const lines = await parts(page, selector);
    expect(lines).to.have.length(WRONG.length);
    for (const [clientid, why] of WRONG) {
      const line = lines.find(({ text }) => text.includes(clientid));
      expect(line?.text, clientid).to.match(why);
      expect(line?.isSeen, clientid).to.equal(true);
    }
  }

  const PAGES = {
    desktop: { viewport: { width: 1400, height: 900 } },
    dark: { viewport: { width: 1400, height: 900 }, colorScheme: 'dark' },
    japanese: { viewport: { width: 1400, height: 900 }, locale: 'ja-JP' },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  } as const;
  for (const [name, options] of Object.entries(PAGES)) {
    it(`the first page says it all: ${name}`, async () => {
      const person: DashboardPage = await openDashboard(browser, nodeRed, options);
      await person.open('fleet');
      await person.page
        .locator('.tpe-line')
        .nth(WRONG.length - 1)
        .waitFor();
      await person.page.locator('[data-figure=online]:has-text("4,998")').waitFor();
      await person.page.locator('svg polyline').first().waitFor();
      await person.page.screenshot({ path: join(PICTURES, `ten-seconds-${name}.png`) });
      if (name !== 'phone') await expectWrong(person.page, '.tpe-line');
      await person.close();
    });
  }

  const WALLS = {
    'wall-1080p': { width: 1920, height: 1080, lang: 'en-US' },
    'wall-4k': { width: 3840, height: 2160, lang: 'en-US' },
    'wall-4k-ja': { width: 3840, height: 2160, lang: 'ja' },
    'wall-1080p-de': { width: 1920, height: 1080, lang: 'de' },
    'wall-upright': { width: 1080, height: 1920, lang: 'en-US' },
  };
  for (const [name, { width, height, lang }] of Object.entries(WALLS)) {
    it(`the wall says it all: ${name}`, async () => {
      const person = await openDashboard(browser, nodeRed, { viewport: { width, height } });
      await person.page.goto(`${nodeRed.url}/dashboard/wall/?lang=${lang}`);
      await person.page.locator('header[data-tone=warning]').waitFor({ timeout: patience(30_000) });
      await person.page.screenshot({ path: join(PICTURES, `ten-seconds-${name}.png`) });
      await expectWrong(person.page, '.line');
      await person.close();
    });
  }
});
