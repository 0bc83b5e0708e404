import { expect } from 'chai';
import { patience } from '../../support/patience.js';
import type { StoryPerson } from '../../support/story-people.js';
import type { StorySite } from '../../support/story-site.js';

const MODEL = 'UC-8112A-ME-T-LX-EU';
const FAILS = { desktop: 'virtual-0017', telephone: 'virtual-0025' } as const;
const INSTALLED = { timeout: patience(300_000) };

export async function failedForOne(site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  const clientid = FAILS[person.name];
  await site.simulate({ action: 'faults', clientid, faults: { upgrade: 'bad_package' } });
  await goTo('updates');
  await button(say('updates', 'scanAll')).click();
  const model = page.locator(`[data-model="${MODEL}"]`).first();
  await model.getByRole('button', { expanded: false }).first().click();
  await model.getByRole('checkbox', { name: clientid }).check();
  await page.getByLabel(say('updates', 'onlyNext')).check();
  await button(say('updates', 'install', { n: 1 })).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('textbox').fill(clientid);
  await dialog.getByRole('button', { name: say('updates', 'installNow') }).click();

  const failure = page.locator(`[data-failed=${clientid}]`);
  await failure.waitFor(INSTALLED);
  expect(await failure.locator('p').first().textContent()).to.match(/\w/);
  await failure.locator('button[aria-expanded]').click();
  const steps = failure.locator('[data-step]');
  await steps.first().waitFor();
  const tones = await steps.evaluateAll((all) => all.map((one) => one.getAttribute('data-tone')));
  expect(tones.filter((tone) => tone === 'bad')).to.have.length(1);
  await failure.scrollIntoViewIfNeeded();
  const place = await failure.evaluate((element) => element.getBoundingClientRect().top);
  const list = await model.evaluate((element) => element.getBoundingClientRect().top);
  expect(place, 'what failed stands above what can be installed').to.be.below(list);
  await person.shot('09-failed');

  await site.simulate({ action: 'faults', clientid, faults: {} });
  await failure.getByRole('button', { name: say('updates', 'retry') }).click();
  await dialog.getByRole('textbox').fill(clientid);
  await dialog.getByRole('button', { name: say('updates', 'retry') }).click();
  const row = page.locator('tr[data-installation]', { hasText: clientid }).first();
  await row.locator('[data-state=SUCCEEDED]').waitFor(INSTALLED);
  await failure.waitFor({ state: 'detached' });
  await person.shot('09-tried-again');
}
