import { expect } from 'chai';
import type { StoryPerson } from '../../support/story-people.js';
import { AWAY_AT_WATER_WORKS, SITES, type StorySite } from '../../support/story-site.js';
import { openGateway } from './one-gateway.js';

const APPS = 'get-apps-get-all-apps';
/** Each third gateway is at one site. */
const AT_SITE = 20;
/** Two of them are of a model whose API does not have it. */
const WITHOUT_IT = 2;

export async function toMany(_site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, link, goTo, say } = person;
  const away = AWAY_AT_WATER_WORKS.length;
  await goTo('fleet');
  await page.locator(`[data-share="${SITES[2]}"] a`).click();
  await page.waitForURL(/site=Water/);
  await page
    .locator('tbody tr[data-clientid]')
    .nth(AT_SITE - 1)
    .waitFor();
  await page.getByRole('checkbox', { name: say('gateways', 'selectPage') }).check();
  await link(say('gateways', 'command')).click();
  await page.locator('[data-away]').waitFor();
  await page.getByRole('searchbox').first().fill('apps');
  await page.locator(`[data-operation=${APPS}]`).click();
  await page.locator('.tpe-command-form h2').waitFor();
  expect(await page.locator('[data-away]').textContent()).to.contain(
    say('commands', 'areAway', { n: away, total: AT_SITE }),
  );
  await person.shot('05-said-before');
  await button(say('commands', 'send', { n: AT_SITE })).click();
  const expectSummary = async () => {
    const summary = page.locator('.tpe-answers [data-summary]');
    const count = (kind: string, n: number) =>
      summary.getByText(say('commands', 'countOf', { kind, n })).waitFor();
    await count('succeeded', AT_SITE - away - WITHOUT_IT);
    await count('offline', away);
    await count('failed', WITHOUT_IT);
    await page.locator('.tpe-answers details[data-kind=failed]').getByText('404').waitFor();
    const offline = page.locator('.tpe-answers details[data-kind=offline]');
    expect(await offline.locator('li').allTextContents()).to.have.length(away);
  };
  await expectSummary();
  await page.reload();
  await expectSummary();
  await person.shot('05-summed-up');
}

/** What the reboot is called, wherever it is told of. */
const REBOOT = { desktop: 'Reboot the gateway now', telephone: 'Gateway jetzt neu starten' } as const;
const RESTARTED = { desktop: 'virtual-0012', telephone: 'virtual-0014' } as const;

export async function whoRestarted(_site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  const clientid = RESTARTED[person.name];
  const part = clientid.slice(-4);
  await openGateway(person, clientid);
  await button(say('gateway', 'moreActions')).click();
  await page.getByRole('link', { name: new RegExp(`^${say('gateway', 'reboot')}`) }).click();
  await button(say('commands', 'fillExample')).click();
  await button(say('commands', 'send', { n: 1 })).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('textbox').fill(clientid);
  await person.shot('06-confirm');
  await dialog.getByRole('button', { name: say('commands', 'sendNow') }).click();
  await page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();

  await goTo('commands');
  const history = page.locator('[data-history]');
  await history.locator('[name=gateway]').fill(part);
  await history.locator('[name=operation]').fill('reboot');
  await history.locator('[name=when]').selectOption('today');
  const row = history.locator('tr[data-request-id]');
  await page.waitForFunction('document.querySelectorAll("[data-history] tr[data-request-id]").length === 1');
  await row.filter({ hasText: 'dashboard: admin' }).waitFor();
  expect(await row.textContent()).to.contain(clientid);
  await history.scrollIntoViewIfNeeded();
  await person.shot('06-history');

  await goTo('audit');
  await page.locator('[name=gateway]').fill(part);
  await page.locator('[name=when]').selectOption('today');
  const entry = page.locator('tr[data-audit="command.send"]');
  await entry.filter({ hasText: clientid }).filter({ hasText: 'admin' }).first().waitFor();
  await entry.filter({ hasText: clientid }).getByText(REBOOT[person.name]).first().waitFor();
  await page.waitForURL(/gateway=.*when=today|when=today.*gateway=/);
  await person.shot('06-who-restarted');
}
