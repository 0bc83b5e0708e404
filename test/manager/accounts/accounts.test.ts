import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Accounts, openAccounts } from '../../../nodes/manager/accounts/accounts.js';
import { TpeError } from '../../../nodes/manager/tpe-error.js';

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
    expect((await second.check('admin', password))?.role).to.equal('administrator');
    expect(second.isApiToken(apiToken)).to.equal(true);
    expect(second.isApiToken(`${apiToken}x`)).to.equal(false);
    expect(second.credentialSecret).to.equal(first.credentialSecret);
  });

  it('takes the password and the token that it is given, and keeps to them', async () => {
    const given = open('correct horse', 'a-token-of-my-own');
    expect(given.generated).to.deep.equal({});
    for (const accounts of [given, open()]) {
      expect((await accounts.check('admin', 'correct horse'))?.name).to.equal('admin');
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

  it('ends all sessions with the password that opened them, and only then', () => {
    const { cookie } = open('correct horse').sessions.start('admin');
    const same = open('correct horse');
    expect(same.passwordChanged).to.equal(false);
    expect(same.sessions.find(cookie)).not.to.equal(null);

    const changed = open('another horse');
    expect(changed.passwordChanged).to.equal(true);
    expect(changed.sessions.find(cookie)).to.equal(null);
  });

  it('answers a wrong user and a wrong password alike, and lets an address try only so often', async () => {
    const accounts = open('correct horse');
    expect(await accounts.logIn('root', 'correct horse', '10.0.0.1')).to.deep.equal({ outcome: 'refused' });
    expect(await accounts.logIn('admin', 'wrong', '10.0.0.1')).to.deep.equal({ outcome: 'refused' });
    expect(await accounts.logIn('admin', 'x'.repeat(1_000_000), '10.0.0.1')).to.deep.equal({
      outcome: 'refused',
    });

    const guesses = Array.from({ length: 15 }, () => accounts.logIn('admin', 'wrong', '10.0.0.1'));
    const outcomes = (await Promise.all(guesses)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'refused')).to.have.length(7);
    const late = await accounts.logIn('admin', 'correct horse', '10.0.0.1');
    expect(late.outcome).to.equal('wait');
    expect(await accounts.logIn('admin', 'correct horse', '10.0.0.2')).to.deep.equal({
      outcome: 'accepted',
      account: { name: 'admin', fullName: '', role: 'administrator' },
    });
  });

  it('keeps a crowd of guessers from taking the machine', async () => {
    const accounts = open('correct horse');
    const crowd = Array.from({ length: 60 }, (_, index) =>
      accounts.logIn('admin', 'wrong', `10.0.1.${index}`),
    );
    const results = await Promise.allSettled(crowd);
    const busy = results.filter(({ status }) => status === 'rejected');
    expect(busy).to.have.length(40);
    for (const result of busy) expect((result as PromiseRejectedResult).reason).to.include({ code: 'BUSY' });
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
