import { expect } from 'chai';
import { patienceSeconds } from '../../support/patience.js';
import type { StoryPerson } from '../../support/story-people.js';
import { AWAY, type StorySite } from '../../support/story-site.js';

const STATIC = 'patch-device-ethernets-id-update-one-device-ethernets-static';

/** At different sites, so that neither waits for the other one to be well. */
const GIVEN = {
  desktop: { clientid: 'virtual-0001', words: 'static address', ip: '192.168.3.201' },
  telephone: { clientid: 'virtual-0002', words: 'feste IP', ip: '192.168.3.202' },
} as const;

/** Goes to a gateway by the menu, the table and its search. */
export async function openGateway({ page, goTo }: StoryPerson, clientid: string): Promise<void> {
  await goTo('gateways');
  await page.getByRole('searchbox').first().fill(clientid);
  await page.locator(`tbody tr:only-child[data-clientid=${clientid}]`).getByRole('link').click();
  await page.locator(`header[data-clientid=${clientid}]`).waitFor();
}

interface Ethernet {
  id: number;
  ip: string;
  [field: string]: unknown;
}

/** What the gateway itself says that it has. */
async function ethernetOf({ rest }: StorySite, clientid: string): Promise<Ethernet> {
  const request = { path: '/device/ethernets', method: 'GET' };
  const { data } = await rest.call(
    'POST',
    `/api/emqx/clients/${clientid}/message?wait=${patienceSeconds(30)}`,
    request,
  );
  const all = JSON.stringify(data);
  const found = /"data":(\[\{.*?\}\])/.exec(all)?.[1];
  const [first] = JSON.parse(found ?? '[]') as Ethernet[];
  expect(first, all).not.to.equal(undefined);
  return first!;
}

export async function staticAddress(site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, link, say } = person;
  const { clientid, words, ip } = GIVEN[person.name];
  const before = await ethernetOf(site, clientid);
  const input = (place: string) => page.locator(`[data-place="${place}"] input:not([type=checkbox])`);

  await openGateway(person, clientid);
  await link(say('gateway', 'command')).click();
  await page.getByRole('searchbox').first().fill(words);
  await page.locator(`[data-operation=${STATIC}]`).first().click();
  await page.locator('[data-present=read]').waitFor();
  expect(await input('/requestBody/ip').inputValue()).to.equal(before.ip);
  const send = button(say('commands', 'send', { n: 1 }));
  expect(await send.isDisabled(), 'while nothing is changed').to.equal(true);

  await input('/requestBody/ip').fill(ip);
  await page.locator('[data-change="/ip"]').waitFor();
  expect(await page.locator('[data-part=changes] [data-change]').count()).to.equal(1);
  const router = await input('/requestBody/gateway').inputValue();
  await input('/requestBody/gateway').fill('10.0.0.1');
  await page.locator('[data-place="/requestBody/gateway"]').getByText('192.168.3.0/24').waitFor();
  expect(await send.isDisabled(), 'while the router is elsewhere').to.equal(true);
  await person.shot('01-refused');
  await input('/requestBody/gateway').fill(router);
  await page.locator('[data-change="/gateway"]').waitFor({ state: 'detached' });

  await send.click();
  const dialog = page.getByRole('alertdialog');
  await dialog.locator('[data-change="/ip"]').getByText(before.ip).waitFor();
  await person.shot('01-confirm');
  await dialog.getByRole('textbox').fill(clientid);
  await dialog.getByRole('button', { name: say('commands', 'sendNow') }).click();
  await page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();
  await page.getByText(say('commands', 'changes', { n: 0 })).waitFor();
  const { ip: has, ...others } = await ethernetOf(site, clientid);
  const { ip: had, ...otherBefore } = before;
  expect(has).to.equal(ip).and.not.to.equal(had);
  expect(others, 'DNS servers and all else').to.deep.equal(otherBefore);
  await person.shot('01-static-address');
}

const DISABLED = { desktop: 'virtual-0020', telephone: 'virtual-0021' } as const;

export async function whyOffline(_site: StorySite, person: StoryPerson): Promise<void> {
  const { page, button, say } = person;
  await openGateway(person, AWAY[3]);
  await page.locator('[data-standing]').getByText(say('client', 'offline')).waitFor();
  await page.locator('[data-next-step]:not([data-next-step=""])').waitFor();
  expect(await page.locator('[data-standing]').textContent()).to.match(/since|seit/);
  await person.shot('08-why-offline');

  const clientid = DISABLED[person.name];
  await openGateway(person, clientid);
  const head = page.locator(`header[data-clientid=${clientid}]`);
  const more = async (act: string) => {
    await button(say('gateway', 'moreActions')).click();
    await page.getByRole('button', { name: new RegExp(`^${say('gateway', act)}`) }).click();
  };
  await head.getByText(say('client', 'online')).waitFor();
  await more('disable');
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText(say('gateway', 'disableEnds')).waitFor();
  await person.shot('08-disable');
  await dialog.getByRole('checkbox').uncheck();
  await dialog.getByText(say('gateway', 'disableGoesOn')).waitFor();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: say('gateway', 'disable'), exact: true }).click();
  await head.getByText(say('client', 'disabled'), { exact: true }).waitFor();
  await head.getByText(say('client', 'offline')).waitFor();
  await person.shot('08-disabled');
  await more('enable');
  await head.getByText(say('client', 'online')).waitFor();
}
