import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const TYPED = 'a-password-of-my-own';
const OPERATION = 'patch-device-general-set-device-general';

/** A desktop in English, and a telephone in German and in the dark. */
const PEOPLE = {
  desktop: {
    options: { viewport: { width: 1280, height: 800 } },
    words: {
      form: 'Some of what you entered is not kept',
      stay: 'Stay',
      leave: 'Leave',
      change: 'Change password',
    },
  },
  phone: {
    options: { viewport: { width: 390, height: 844 }, locale: 'de-DE', colorScheme: 'dark' },
    words: {
      form: 'Ein Teil Ihrer Eingaben wird nicht aufbewahrt',
      stay: 'Bleiben',
      leave: 'Verlassen',
      change: 'Passwort ändern',
    },
  },
} as const;

describe('dashboard: who leaves what is kept nowhere is asked', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage;
  /** Of the user vera, who may change hers here. */
  let ownPassword: string;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '1' } }),
      launchChromium(),
    ]);
    const admin = await openDashboard(browser, nodeRed);
    await admin.open('users');
    await admin.page.locator('[name=new-user]').fill('vera');
    await admin.page.keyboard.press('Enter');
    ownPassword = (await admin.page.locator('[data-secret]').textContent()) ?? '';
    await admin.close();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const [name, { options, words }] of Object.entries(PEOPLE)) {
    describe(`on a ${name}`, () => {
      before(async () => {
        person = await openDashboard(browser, nodeRed, options);
      });
      after(() => person?.close());
      afterEach(async function () {
        if (this.currentTest?.state === 'failed') await person?.picture(`leaving-${name}-failed`);
      });

      const question = () => person.page.locator('[data-leaving]');
      const answer = async (word: string) => {
        await question().getByRole('button', { name: word, exact: true }).click();
        await question().waitFor({ state: 'detached' });
      };
      const password = () => person.page.locator('form input[type=password]').first();
      /** As a link to another page does. */
      const follow = (page: string) =>
        person.page.locator(`.v-navigation-drawer a[href$="/${page}"]`).first().dispatchEvent('click');

      it('by the menu and by Back, of a form with a password that was typed', async () => {
        const { page } = person;
        await person.open('gateways');
        await follow('users');
        await page.locator('[name=new-user]').fill('kim');
        await password().fill(TYPED);
        await page.goBack();
        await question().getByText(words.form).waitFor();
        await person.picture(`leaving-${name}`);
        expect(await person.accessibilityFaults()).to.deep.equal([]);
        await answer(words.stay);
        expect(await password().inputValue()).to.equal(TYPED);
        await follow('gateways');
        await question().waitFor();
        await page.keyboard.press('Escape');
        await question().waitFor({ state: 'detached' });
        expect(await password().inputValue()).to.equal(TYPED);
        await follow('gateways');
        await answer(words.leave);
        await page.locator('tr[data-clientid], [data-clientid]').first().waitFor();
      });

      it('not where nothing would be lost', async () => {
        const { page } = person;
        await follow('users');
        await page.locator('[name=new-user]').fill('lee');
        await follow('gateways');
        await page.locator('tr[data-clientid], [data-clientid]').first().waitFor();
        expect(await question().count()).to.equal(0);
      });

      it('by Escape and by a click beside it, of the dialog for a new password', async () => {
        const vera = await openDashboard(browser, nodeRed, {
          ...options,
          user: 'vera',
          password: ownPassword,
        });
        const { page } = vera;
        const asked = page.locator('[data-leaving]');
        await page.locator('.tpe-account').click();
        await page.getByRole('button', { name: words.change }).click();
        const field = page.locator('[name=new-password]');
        await field.fill(TYPED);
        await page.keyboard.press('Escape');
        await asked.waitFor();
        await vera.picture(`leaving-password-${name}`);
        await asked.getByRole('button', { name: words.stay, exact: true }).click();
        await asked.waitFor({ state: 'detached' });
        expect(await field.inputValue()).to.equal(TYPED);
        // What the question leaves behind while it fades would take the click.
        await page.waitForFunction('document.querySelectorAll(".v-dialog.v-overlay").length === 1');
        await page.mouse.click(5, 5);
        await asked.getByRole('button', { name: words.leave, exact: true }).click();
        await field.waitFor({ state: 'detached' });
        await vera.close();
      });

      it('keeps rows with passwords while the other way to register is looked at, and asks on the way out', async () => {
        const { page } = person;
        await person.open('register');
        await page.getByRole('tab').nth(1).click();
        await page.locator('.tpe-paste summary').click();
        await page.locator('textarea').fill(`clientid;password\ngw-9;${TYPED}\n`);
        await page.getByRole('tab').nth(0).click();
        await page.locator('[name=clientid]').waitFor();
        await page.getByRole('tab').nth(1).click();
        expect(await page.locator('textarea').inputValue()).to.contain(TYPED);
        await follow('gateways');
        await answer(words.leave);
        await page.locator('tr[data-clientid], [data-clientid]').first().waitFor();
      });

      it('keeps what was typed for one operation while another is looked at', async () => {
        const { page } = person;
        await person.open(`commands?clientid=virtual-0001&operation=${OPERATION}`);
        const field = page.getByRole('textbox', { name: /Description|Beschreibung/ }).first();
        await field.fill('Behind the pump house');
        await page.getByRole('searchbox').first().fill('reboot');
        await page.locator('[data-operation=put-system-reboot-reboot-device-now]').first().click();
        await field.waitFor({ state: 'detached' });
        await page.getByRole('searchbox').first().fill('/device/general');
        await page.locator(`[data-operation=${OPERATION}]`).first().click();
        await page.locator('[data-draft]').waitFor();
        expect(await field.inputValue()).to.equal('Behind the pump house');
        expect(person.faults).to.deep.equal([]);
      });
    });
  }
});
