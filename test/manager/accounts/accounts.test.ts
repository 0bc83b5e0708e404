import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Accounts, openAccounts } from '../../../nodes/manager/accounts/accounts.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../support/errors.js';

describe('accounts', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tpedm-accounts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (adminPassword?: string, apiToken?: string): Accounts =>
    openAccounts({
      folder,
      ...(adminPassword !== undefined && { adminPassword }),
      ...(apiToken !== undefined && { apiToken }),
    });
  const logIn = (accounts: Accounts, user: string, password: string, address = '10.0.0.1') =>
    accounts.logIn(user, password, address, 'dashboard');
  /** Null: refused. */
  async function admitted(accounts: Accounts, user: string, password: string) {
    const result = await logIn(accounts, user, password);
    return result.outcome === 'accepted' ? result : null;
  }
  const filesText = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');

  it('makes a password and a token at the first start, tells them then, and keeps only hashes', async () => {
    const first = open();
    const { password = '', apiToken = '' } = first.generated;
    expect(password.replaceAll('-', '')).to.have.length(20);
    expect(Buffer.from(apiToken.replace('tpedm_', ''), 'base64url').length * 8).to.be.at.least(160);
    expect(filesText()).not.to.contain(password).and.not.to.contain(apiToken);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).to.equal(0o600);

    const second = open();
    expect(second.generated).to.deep.equal({});
    expect((await admitted(second, 'admin', password))?.account.role).to.equal('administrator');
    expect(second.isApiToken(apiToken)).to.equal(true);
    expect(second.isApiToken(`${apiToken}x`)).to.equal(false);
    expect(second.credentialSecret).to.equal(first.credentialSecret);
  });

  it('takes the password and the token that it is given, and keeps to them', async () => {
    const given = open('correct horse', 'a-token-of-my-own');
    expect(given.generated).to.deep.equal({});
    for (const accounts of [given, open()]) {
      expect((await admitted(accounts, 'admin', 'correct horse'))?.account.name).to.equal('admin');
      expect(accounts.isApiToken('a-token-of-my-own')).to.equal(true);
    }
    expect(filesText()).not.to.contain('correct horse').and.not.to.contain('a-token-of-my-own');
  });

  it('makes a webhook secret where webhooks come in and there is none, also in a folder of before', () => {
    const webhooks = (webhookSecret?: string) =>
      openAccounts({ folder, takesWebhooks: true, ...(webhookSecret !== undefined && { webhookSecret }) });
    expect(open().isWebhookSecret).to.equal(null);
    const first = webhooks();
    const made = first.generated.webhookSecret ?? '';
    expect(made).to.match(/^tpedm_\S{32}$/);
    expect(first.generated).to.deep.equal({ webhookSecret: made });
    for (const accounts of [first, webhooks(), open()]) {
      expect(accounts.isWebhookSecret?.(made)).to.equal(true);
      expect(accounts.isWebhookSecret?.(`${made}x`)).to.equal(false);
    }
    expect(webhooks().generated).to.deep.equal({});
    expect(webhooks('a-secret-of-my-own').isWebhookSecret?.('a-secret-of-my-own')).to.equal(true);
    expect(webhooks().isWebhookSecret?.(made)).to.equal(false);
    expect(filesText()).not.to.contain(made).and.not.to.contain('a-secret-of-my-own');
    expect(() => webhooks('short')).to.throw(TpeError, 'TPE_WEBHOOK_SECRET is too short');
    for (const secret of ['a secret of my own', 'ein-schlüssel-wort', 'a-secret-of-\tmine']) {
      expect(() => webhooks(secret)).to.throw(TpeError, 'TPE_WEBHOOK_SECRET cannot be sent in a header');
    }
  });

  it('ends all sessions with the password that opened them, and only then', async () => {
    const first = open('correct horse');
    const { token } = first.startSession((await admitted(first, 'admin', 'correct horse'))!, 'dashboard');
    expect(open('correct horse').signedIn(token, 'dashboard')?.account.name).to.equal('admin');
    expect(open('another horse').signedIn(token, 'dashboard')).to.equal(null);
  });

  it('lets the administrator change the own password, whose other sessions end, here and in the editor', async () => {
    const { password = '' } = open().generated;
    const accounts = open();
    const admin = (await admitted(accounts, 'admin', password))!;
    expect(accounts.passwordPlace(admin.account)).to.equal('here');
    const { token } = accounts.startSession(admin, 'dashboard');
    const other = accounts.startSession(admin, 'dashboard').token;
    const editor = accounts.startSession(admin, 'editor').token;
    let told = 0;
    accounts.onChange(() => {
      told += 1;
    });
    const change = (passwords: { old: string; new: string }, by = token) =>
      accounts.changePassword(by, passwords, '10.0.0.1');
    expect(await errorOf(change({ old: 'wrong', new: 'another horse' }))).to.include({ code: 'FORBIDDEN' });
    expect(await errorOf(change({ old: password, new: 'short' }))).to.include({ code: 'INVALID_INPUT' });
    expect(accounts.signedIn(other, 'dashboard')).not.to.equal(null);
    // A token of the editor changes nothing.
    expect(await errorOf(change({ old: password, new: 'another horse' }, editor))).to.include({
      code: 'FORBIDDEN',
    });

    await change({ old: password, new: 'another horse' });
    expect(told).to.equal(1);
    for (const one of [accounts, open()]) {
      expect(one.signedIn(token, 'dashboard')?.account.name).to.equal('admin');
      expect(one.signedIn(other, 'dashboard')).to.equal(null);
      expect(one.signedIn(editor, 'editor')).to.equal(null);
      expect(await admitted(one, 'admin', password)).to.equal(null);
      expect(await admitted(one, 'admin', 'another horse')).not.to.equal(null);
    }
    // What proved itself by the old password comes too late.
    expect(accounts.signedIn(accounts.startSession(admin, 'editor').token, 'editor')).to.equal(null);

    const fromOutside = open('a third horse');
    const again = fromOutside.startSession(
      (await admitted(fromOutside, 'admin', 'a third horse'))!,
      'dashboard',
    );
    const passwords = { old: 'a third horse', new: 'a fourth horse' };
    expect(await errorOf(fromOutside.changePassword(again.token, passwords, '10.0.0.1'))).to.include({
      code: 'CONFLICT',
    });
  });

  it('seals what others keep, for one purpose', () => {
    const sealer = open().sealer('one thing');
    const sealed = sealer.seal('a verifier');
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.to.contain('verifier');
    expect(open().sealer('one thing').open(sealed)).to.equal('a verifier');
    expect(open().sealer('another').open(sealed)).to.equal(null);
    for (const spoilt of [
      '',
      'x',
      sealed.slice(0, -2),
      `${sealed}AA`,
      sealed.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    ])
      expect(sealer.open(spoilt), spoilt).to.equal(null);
  });

  it('answers a wrong user and a wrong password alike, and lets an address try only so often', async () => {
    const accounts = open('correct horse');
    expect(await logIn(accounts, 'root', 'correct horse')).to.deep.equal({ outcome: 'refused' });
    expect(await logIn(accounts, 'admin', 'wrong')).to.deep.equal({ outcome: 'refused' });
    expect(await logIn(accounts, 'admin', 'x'.repeat(1_000_000))).to.deep.equal({
      outcome: 'refused',
    });

    const guesses = Array.from({ length: 15 }, () => logIn(accounts, 'admin', 'wrong'));
    const outcomes = (await Promise.all(guesses)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'refused')).to.have.length(7);
    const late = await logIn(accounts, 'admin', 'correct horse');
    expect(late.outcome).to.equal('wait');
    expect(await logIn(accounts, 'admin', 'correct horse', '10.0.0.2')).to.deep.include({
      outcome: 'accepted',
      account: { id: 'admin', name: 'admin', fullName: '', role: 'administrator' },
    });
  });

  it('keeps a crowd of guessers from taking the machine', async () => {
    const accounts = open('correct horse');
    const crowd = Array.from({ length: 60 }, (_, index) =>
      logIn(accounts, 'admin', 'wrong', `10.0.1.${index}`),
    );
    const results = await Promise.allSettled(crowd);
    const busy = results.filter(({ status }) => status === 'rejected');
    expect(busy).to.have.length(40);
    for (const result of busy) expect((result as PromiseRejectedResult).reason).to.include({ code: 'BUSY' });
  });

  it('lets who has the right password in while a crowd fills the door, and at the other doors in any case', async () => {
    const accounts = open('correct horse');
    await logIn(accounts, 'admin', 'correct horse', '10.0.0.1');
    const crowd = Array.from({ length: 60 }, (_, index) =>
      logIn(accounts, 'admin', 'wrong', `10.0.1.${index}`).catch(() => null),
    );
    expect(await logIn(accounts, 'admin', 'correct horse', '10.0.0.1')).to.include({ outcome: 'accepted' });
    const elsewhere = accounts.logIn('admin', 'correct horse', '10.0.0.3', 'editor');
    expect(await elsewhere).to.include({ outcome: 'accepted' });
    await Promise.all(crowd);
  });

  it('refuses what is too short to be a secret, and a damaged file, saying what to do', () => {
    expect(() => open('short')).to.throw(TpeError, 'TPE_ADMIN_PASSWORD is too short');
    expect(() => open(undefined, 'short')).to.throw(TpeError, 'TPE_API_TOKEN is too short');
    expect(readdirSync(folder)).to.deep.equal([]);
    for (const text of ['', '{}', 'null', '{"passwordHash": "plain"}']) {
      writeFileSync(join(folder, 'secrets.json'), text);
      expect(() => open(), text).to.throw(TpeError, 'secrets.json is damaged');
    }
  });
});
