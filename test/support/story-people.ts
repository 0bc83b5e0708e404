import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import IntlMessageFormat from 'intl-messageformat';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PICTURES } from './chromium.js';
import { type DashboardPage, openDashboard } from './dashboard-page.js';
import type { NodeRedProcess } from './node-red-process.js';
import { PROJECT_ROOT } from './node-red-process.js';

/** A person who acts out a story: on a screen of one size, in one language. */
export interface StoryPerson extends DashboardPage {
  readonly name: 'desktop' | 'telephone';
  readonly options: BrowserContextOptions;
  /** What the person reads at a place of a widget: `say('gateways', 'addTag')`; `client` for what widgets share. */
  say(widget: string, key: string, values?: Record<string, string | number>): string;
  /** Goes to another page by the menu, as it is on a screen of this size. */
  goTo(page: string): Promise<void>;
  /** A button by its words. */
  button(name: string | RegExp): Locator;
  /** A link by its words. */
  link(name: string | RegExp): Locator;
  menu(): Locator;
  /** What is seen of the page, without what is below the edge of the screen. */
  shot(name: string): Promise<void>;
}

/** Who acts out the stories. */
export const PEOPLE = {
  desktop: { viewport: { width: 1280, height: 800 }, locale: 'en-US', colorScheme: 'light' },
  telephone: {
    ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    ...{ locale: 'de-DE', colorScheme: 'dark' },
  },
} as const satisfies Record<StoryPerson['name'], BrowserContextOptions>;
const LANGUAGES = { desktop: 'en-US', telephone: 'de' } as const;

type Texts = Record<string, string>;

function textsOf(widget: string, language: string): Texts {
  const folder = widget === 'client' ? 'client/i18n' : `ui-tpe-${widget}/browser`;
  const file = join(PROJECT_ROOT, 'nodes/dashboard', folder, 'messages', `${language}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Texts;
}

/** Signs in as an administrator with the screen and the language of this person. */
export async function openStoryPerson(
  browser: Browser,
  nodeRed: NodeRedProcess,
  name: StoryPerson['name'],
): Promise<StoryPerson> {
  const options = PEOPLE[name];
  const dashboard = await openDashboard(browser, nodeRed, options);
  const { page } = dashboard;
  const known = new Map<string, Texts>();
  const menu = () => page.locator('[data-el=nav-drawer]');

  function say(widget: string, key: string, values: Record<string, string | number> = {}): string {
    const texts = known.get(widget) ?? textsOf(widget, LANGUAGES[name]);
    known.set(widget, texts);
    const text = texts[key];
    if (text === undefined) throw new Error(`ui-tpe-${widget} has no text "${key}"`);
    return String(
      new IntlMessageFormat(text, LANGUAGES[name], undefined, { ignoreTag: true }).format(values),
    );
  }

  return {
    ...dashboard,
    ...{ name, options, say, menu },
    button: (words) => page.getByRole('button', { name: words, exact: true }),
    link: (words) => page.getByRole('link', { name: words, exact: true }),
    async goTo(path) {
      const link = menu().locator(`[data-nav=tpe-ui-${path}]`);
      if (name === 'telephone') await page.getByRole('button', { name: say('account', 'menu') }).click();
      await link.click();
      await page.waitForURL(`**/dashboard/${path}*`);
      await page.locator('.tpe-widget').first().waitFor();
    },
    async shot(picture) {
      await settle(page);
      await page.screenshot({ path: join(PICTURES, `story-${picture}-${name}.png`) });
    },
  };
}

/** Nothing moves any more: menus are closed, colours have come. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    'document.fonts.status === "loaded" && document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect?.getTiming().iterations === Infinity)',
  );
}
