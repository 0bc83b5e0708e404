import { expect } from 'chai';
import type { StoryPerson } from '../../support/story-people.js';
import { HOST, type StorySite } from '../../support/story-site.js';

const NEW = { desktop: 'kiln', telephone: 'ofen' } as const;

export async function registerMany(site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  const name = NEW[person.name];
  await goTo('register');
  await page.getByRole('tab', { name: say('register', 'many') }).click();
  const csv = ['clientid,site,tags', `${name}-1,Kiln hall,new`, `${name}-2,Kiln hall,new`, 'bad/topic,,'];
  const file = { name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(csv.join('\n')) };
  await page.locator('input[type=file]').setInputFiles(file);
  await page.locator('tr[data-line="4"]').waitFor();
  await person.shot('10-preview');
  await button(say('register', 'import', { n: 2 })).click();
  await page.getByText(say('register', 'imported', { n: 2 })).waitFor();
  await button(`${say('client', 'copy')}: ${say('client', 'passwordsCopy')}`).click();
  await page.locator('[data-saved=true]').waitFor();
  const rows = await pasted(person, say('register', 'paste'));
  expect(rows).to.contain(`${name}-1`).and.to.contain(`${name}-2`);
  await person.shot('10-imported');

  await page.getByRole('tab', { name: say('register', 'one') }).click();
  await page.locator('[name=clientid]').fill(`${name}-3`);
  await button(say('register', 'register')).last().click();
  await button(`${say('client', 'copy')}: ${say('register', 'copyAll')}`).click();
  await person.shot('10-mqtt-values');
  await button(say('register', 'another')).click();
  const values = await pasted(person, say('register', 'note'));
  expect(values).to.contain(`${say('register', 'host')}: ${HOST}`);
  expect(values).to.contain(`/tpedm/${name}-3/input`).and.to.contain(String(site.nodeRed.mqttPort));
}

/** What was copied, as a person sees it who pastes it into a field of several lines. */
async function pasted({ page }: StoryPerson, field: string): Promise<string> {
  const area = page.getByRole('textbox', { name: field, exact: true });
  if (!(await area.isVisible())) await page.getByText(field, { exact: true }).click();
  await area.focus();
  await page.keyboard.press('Control+v');
  const text = await area.inputValue();
  await area.fill('');
  return text;
}

/** What the page is called in the bar. */
const PAGE = { desktop: 'Register', telephone: 'Registrieren' } as const;
const HALF = { clientid: 'half-typed-7', site: 'Kesselhaus' };

/** Begins a registration, and loads the page anew in the middle of it. */
export async function halfType(person: StoryPerson): Promise<void> {
  const { page, button, goTo, say } = person;
  await goTo('register');
  const another = button(say('register', 'another'));
  await another.or(page.locator('[name=clientid]')).first().waitFor();
  if (await another.isVisible()) await another.click();
  await page.locator('[name=clientid]').fill(HALF.clientid);
  await page.getByLabel(say('register', 'site'), { exact: true }).fill(HALF.site);
  // It is kept once the typing pauses.
  await page.waitForFunction(
    `Object.values(sessionStorage).some((kept) => kept.includes(${JSON.stringify(HALF.site)}))`,
  );
  await page.reload();
  await expectHalfTyped(person);
}

/** Behind a restart of Node-RED: the page goes on by itself, and the registration is finished. */
export async function findHalfTyped(person: StoryPerson): Promise<void> {
  const { page, button, say } = person;
  await page.locator('[data-stale]').waitFor({ state: 'detached' });
  await expectHalfTyped(person);
  await page.locator('.v-app-bar').getByText(PAGE[person.name], { exact: true }).waitFor();
  await person.shot('07-half-typed');
  expect(await button(say('register', 'register')).last().isEnabled()).to.equal(true);
}

async function expectHalfTyped({ page, say }: StoryPerson): Promise<void> {
  await page.waitForFunction(
    `document.querySelector('[name=clientid]')?.value === ${JSON.stringify(HALF.clientid)}`,
  );
  expect(await page.getByLabel(say('register', 'site'), { exact: true }).inputValue()).to.equal(HALF.site);
}
