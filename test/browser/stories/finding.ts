import { expect } from 'chai';
import { openDashboard } from '../../support/dashboard-page.js';
import type { StoryPerson } from '../../support/story-people.js';
import {
  AWAY,
  AWAY_AT_WATER_WORKS,
  FLEET,
  NIGHTLY,
  SITES,
  type StorySite,
} from '../../support/story-site.js';

export async function whoIsOffline(site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  const rows = page.locator('tbody tr[data-clientid]');
  await goTo('fleet');
  await page.locator('[data-figure=offline]').getByText(String(AWAY.length)).click();
  await rows.nth(AWAY.length - 1).waitFor();
  expect(await rows.count()).to.equal(AWAY.length);
  await button(say('gateways', 'filters')).click();
  await page.getByLabel(say('gateways', 'site'), { exact: true }).selectOption(SITES[2]);
  await rows.nth(AWAY_AT_WATER_WORKS.length).waitFor({ state: 'detached' });
  await page.waitForURL(/site=Water/);
  const address = page.url();
  await button(say('gateways', 'filters')).click();
  await person.shot('02-who-is-offline');

  const colleague = await openDashboard(site.browser, site.door(), person.options);
  await colleague.page.goto(address);
  const theirs = colleague.page.locator('tbody tr[data-clientid]');
  await theirs.first().waitFor();
  expect(await theirs.locator('.tpe-cell-name').allTextContents()).to.have.members([...AWAY_AT_WATER_WORKS]);
  await colleague.close();

  await page.goBack();
  await rows.nth(AWAY.length - 1).waitFor();
  await page.goBack();
  await page.locator('[data-figure=offline]').waitFor();
  await page.goForward();
  await rows.nth(AWAY.length - 1).waitFor();
}

export async function anything(_site: StorySite, person: StoryPerson): Promise<void> {
  const { page, menu, goTo, say } = person;
  const finder = page.locator('[data-part=find]');
  await goTo('fleet');
  if (person.name === 'telephone') await page.getByRole('button', { name: say('account', 'menu') }).click();
  const words = say('account', 'offlineMark', { n: AWAY.length });
  await menu().locator('[data-nav=tpe-ui-gateways]').getByText(words).waitFor({ state: 'attached' });
  await person.shot('03-menu');
  if (person.name === 'telephone') await page.mouse.click(370, 600);

  /** Types some letters, and goes to the first that is found among these. */
  const find = async (letters: string, group: string, text: string | RegExp) => {
    if (person.name === 'telephone') await page.locator('.tpe-find').click();
    else await page.keyboard.press('Control+k');
    await finder.waitFor();
    await page.keyboard.type(letters);
    const found = finder
      .locator(`[data-found=${group}]`)
      .getByRole('option')
      .filter({ hasText: text })
      .first();
    await found.waitFor();
    if (group === 'gateways') await person.shot('03-find');
    await found.click();
    await finder.waitFor({ state: 'hidden' });
  };
  await find('0042', 'gateways', 'virtual-0042');
  await page.locator('header[data-clientid=virtual-0042]').waitFor();
  await find('ssh', 'operations', /SSH/);
  await page.locator('.tpe-command-form h2').getByText('SSH').waitFor();
  await find('nightly', 'jobs', NIGHTLY);
  await page.getByRole('heading', { name: NIGHTLY }).waitFor();
  await find('audi', 'pages', /^Audit/);
  await page.waitForURL('**/audit*');
}

const TAGS = { desktop: 'inspect-2027', telephone: 'Prüfung-2027' } as const;

export async function tagAll(_site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  const tag = TAGS[person.name];
  const n = FLEET - AWAY.length;
  await goTo('gateways');
  await button(`${say('client', 'online')} ${n}`).click();
  await page.waitForURL(/status=online/);
  await page.getByRole('checkbox', { name: say('gateways', 'selectPage') }).check();
  await page.getByText(say('gateways', 'selected', { n: 25 }), { exact: true }).waitFor();
  await button(say('gateways', 'selectMatching', { n, count: n })).click();
  await page.getByText(say('gateways', 'selected', { n }), { exact: true }).waitFor();
  await button(say('gateways', 'addTag')).click();
  await page.getByLabel(say('gateways', 'value')).fill(tag);
  await person.shot('04-tag');
  await button(say('gateways', 'apply')).click();
  await page.getByText(say('gateways', 'tagged', { n, count: n })).waitFor();
  await button(say('gateways', 'clear')).click();
  await page.getByRole('searchbox').first().fill(tag.slice(0, 6).toUpperCase());
  await button(`${say('gateways', 'all')} ${n}`).waitFor();
  await page.locator('tbody tr').first().getByText(tag).waitFor();
  await person.shot('04-found-by-tag');
}
