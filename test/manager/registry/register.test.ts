import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

eachDatabase('registry: one gateway', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
  });
  after(() => database.close());
  afterEach(() => database.execute('truncate clientid_profile, mqtt_user'));

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error = await errorOf(promise);
    if (error instanceof TpeError) return error.code;
    throw error;
  }

  async function stored(clientid: string) {
    const [row] = await database.query<{ password: string; salt: string }>(
      'select password, salt, is_superuser from mqtt_user where clientid = $1',
      [clientid],
    );
    return row;
  }

  it('is registered with all that is told of it, and never seen', async () => {
    const { device, credential } = await registry.register({
      clientid: 'gw-1',
      username: 'user',
      password: 'correct horse',
      site: 'Taipei',
      note: 'first\nsecond',
      tags: ['north', ' pilot ', 'north', ''],
      redundancy: ' Pump house e\u0301 ',
    });
    expect(credential).to.deep.equal({
      clientid: 'gw-1',
      username: 'user',
      password: 'correct horse',
      generated: false,
    });
    expect(device).to.deep.include({
      clientid: 'gw-1',
      username: 'user',
      enabled: true,
      site: 'Taipei',
      note: 'first\nsecond',
      tags: ['north', 'pilot'],
      redundancy: 'Pump house \u00e9',
      status: 'never_seen',
      since: null,
      reason: null,
      modelName: null,
      profileUpdatedAt: null,
    });
    expect(Date.parse(device.createdAt!)).to.be.closeTo(Date.now(), 60_000);
    expect(await registry.get('gw-1')).to.deep.equal(device);
    expect(await registry.get('gw-2')).to.equal(null);
  });

  it('gets its client id for a user name and a password that nobody can guess', async () => {
    const passwords = new Set<string>();
    for (let number = 0; number < 20; number += 1) {
      const { credential } = await registry.register({ clientid: `gw-${number}` });
      expect(credential).to.include({ username: `gw-${number}`, generated: true });
      // 64 letters to choose from: 27 of them are 160 bits.
      expect(credential.password).to.match(/^[A-Za-z0-9][\w-]{26,}$/);
      passwords.add(credential.password);
      expect(await registry.authenticate(`gw-${number}`, `gw-${number}`, credential.password)).to.equal(
        'accepted',
      );
    }
    expect(passwords.size).to.equal(20);
  });

  it('has its password stored as the salted hash that EMQX verifies, and nowhere else', async () => {
    await registry.register({ clientid: 'gw-1', password: 'correct horse' });
    await registry.register({ clientid: 'gw-2', password: 'correct horse' });
    const [one, two] = [await stored('gw-1'), await stored('gw-2')];
    expect(one!.salt)
      .to.match(/^[0-9a-f]{32}$/)
      .and.to.not.equal(two!.salt);
    expect(one!.password).to.equal(createHash('sha256').update(`${one!.salt}correct horse`).digest('hex'));
    expect(one).to.have.property('is_superuser', false);
    const dump = JSON.stringify([await registry.get('gw-1'), await registry.export({}, 'json')]);
    for (const secret of ['correct horse', one!.password, one!.salt]) expect(dump).to.not.include(secret);
  });

  it('may have a client id that is SQL, HTML, a formula or emoji: it is data', async () => {
    for (const clientid of [
      "'; drop table mqtt_user; --",
      '<img src=x onerror=alert(1)>',
      '=1',
      '\u{1f600}',
      '%',
      '_',
      '\\',
      '{}',
      'null',
      '"',
    ]) {
      const { credential } = await registry.register({
        clientid,
        site: clientid,
        note: clientid,
        tags: [clientid.replaceAll(';', '')],
      });
      const device = await registry.get(clientid);
      expect(device).to.deep.include({ clientid, site: clientid, note: clientid, username: clientid });
      expect(await registry.authenticate(clientid, clientid, credential.password)).to.equal('accepted');
      const { devices } = await registry.list({ search: clientid });
      expect(devices.map((found) => found.clientid)).to.deep.equal([clientid]);
      await registry.retire(clientid);
    }
  });

  it('is refused when a field breaks its rule, which the error names', async () => {
    const bad: [object, RegExp][] = [
      [{ clientid: 'a/b' }, /"\/"/],
      [{ username: '' }, /username.*1 to 100/],
      [{ username: 'a\u0000b' }, /username.*control/],
      [{ username: 'x'.repeat(101) }, /username.*101 characters/],
      [{ password: 'seven77' }, /password.*7 characters.*8 to 128/],
      [{ password: 'x'.repeat(129) }, /password.*129/],
      [{ password: 'eight\u000788' }, /password.*control/],
      [{ password: 12345678 }, /password.*text/],
      [{ site: 'x'.repeat(101) }, /site.*101/],
      [{ site: 7 }, /site.*text, not number/],
      [{ note: 'x'.repeat(2001) }, /note.*2001/],
      [{ note: 'a\u0000' }, /note.*control/],
      [{ note: '\udc00' }, /note.*Unicode/],
      [{ tags: 'north' }, /tags.*list/],
      [{ tags: [7] }, /tags.*text/],
      [{ tags: ['a;b'] }, /tags.*";"/],
      [{ redundancy: 'x'.repeat(201) }, /redundancy.*201/],
      [{ redundancy: 7 }, /redundancy.*text, not number/],
      [{ redundancy: ['a'] }, /redundancy.*text, not object/],
      [{ redundancy: 'a\nb' }, /redundancy.*control/],
      [{ redundancy: '\udc00' }, /redundancy.*Unicode/],
      [{ tags: Array.from({ length: 51 }, (_, index) => `tag ${index}`) }, /tags.*51/],
    ];
    for (const [fields, text] of bad) {
      const error = await errorOf(registry.register({ clientid: 'gw-1', ...fields }));
      expect(error, text.source).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
      expect(error.message).to.match(text);
    }
    const secret = await errorOf(registry.register({ clientid: 'gw-1', password: 'hush' }));
    expect(secret.message).to.not.include('hush');
    expect((await registry.counts()).total).to.equal(0);
  });

  it('is registered once, however many try at the same time', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        registry.register({ clientid: 'gw-1', username: `user-${index}` }),
      ),
    );
    const done = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    const refused = attempts.flatMap((attempt) =>
      attempt.status === 'rejected' ? [attempt.reason.code] : [],
    );
    expect(done).to.have.length(1);
    expect(refused).to.deep.equal(Array(19).fill('CONFLICT'));
    const { username, password } = done[0]!.credential;
    expect(await registry.authenticate('gw-1', username, password)).to.equal('accepted');
  });

  it('is refused where a credential of somebody else has the client id, and leaves nothing behind', async () => {
    await database.query(
      "insert into mqtt_user (clientid, username, enabled) values ('gw-1', 'theirs', true)",
    );
    const error = await errorOf(registry.register({ clientid: 'gw-1' }));
    expect(error).to.have.property('code', 'CONFLICT');
    expect(error.message).to.include('mqtt_user');
    expect(await registry.get('gw-1')).to.equal(null);
    await database.query("update mqtt_user set enabled = false, is_superuser = true where clientid = 'gw-1'");
    const { credential } = await registry.register({ clientid: 'gw-1' });
    expect(await registry.authenticate('gw-1', 'gw-1', credential.password)).to.equal('accepted');
    expect(await stored('gw-1')).to.have.property('is_superuser', false);
  });

  it('is let in with its own credential and no other, by one statement', async () => {
    const { credential } = await registry.register({
      clientid: 'gw-1',
      username: 'user',
      password: 'correct horse',
    });
    await registry.register({ clientid: 'gw-2', username: 'other', password: 'battery staple' });
    const statements: string[] = [];
    const counting = createRegistry({
      ...database,
      query: (sql, parameters) => {
        statements.push(sql);
        return database.query(sql, parameters);
      },
      queryKept: (sql, parameters) => {
        statements.push(sql);
        return database.queryKept(sql, parameters);
      },
    });
    expect(await counting.authenticate('gw-1', 'user', credential.password)).to.equal('accepted');
    expect(statements).to.have.length(1);
    expect(await registry.authenticate('gw-1', 'user', 'battery staple')).to.equal('wrong_password');
    expect(await registry.authenticate('gw-1', 'user', '')).to.equal('wrong_password');
    expect(await registry.authenticate('gw-1', 'other', 'battery staple')).to.equal('wrong_username');
    expect(await registry.authenticate('gw-2', 'user', 'correct horse')).to.equal('wrong_username');
    for (const clientid of ['gw-3', '', '+', '#', 'gw-1\u0000', '\ud800', 'x'.repeat(10_000)]) {
      expect(await registry.authenticate(clientid, 'user', 'correct horse')).to.equal('unknown');
    }
    await database.query("delete from clientid_profile where clientid = 'gw-2'");
    expect(await registry.authenticate('gw-2', 'other', 'battery staple')).to.equal('unknown');
  });

  it('changes only what is told', async () => {
    await registry.register({
      clientid: 'gw-1',
      password: 'correct horse',
      site: 'A',
      note: 'B',
      tags: ['C'],
      redundancy: 'D',
    });
    expect(await registry.update('gw-1', { site: 'X' })).to.deep.include({
      site: 'X',
      note: 'B',
      tags: ['C'],
      redundancy: 'D',
    });
    expect(await registry.update('gw-1', { note: '', tags: [] })).to.deep.include({
      site: 'X',
      note: '',
      tags: [],
    });
    expect(await registry.update('gw-1', {})).to.deep.include({ site: 'X', redundancy: 'D', enabled: true });
    expect(await registry.update('gw-1', { redundancy: ' E ' })).to.include({ site: 'X', redundancy: 'E' });
    expect(await registry.update('gw-1', { redundancy: '' })).to.include({ site: 'X', redundancy: '' });
    expect(await registry.update('gw-1', { enabled: false })).to.deep.include({ enabled: false });
    expect(await registry.authenticate('gw-1', 'gw-1', 'correct horse')).to.equal('disabled');
    await registry.update('gw-1', { enabled: true });
    expect(await registry.authenticate('gw-1', 'gw-1', 'correct horse')).to.equal('accepted');
    expect(await codeOf(registry.update('gw-1', { site: 'x'.repeat(101), note: 'never' }))).to.equal(
      'INVALID_INPUT',
    );
    expect(await registry.get('gw-1')).to.deep.include({ site: 'X', note: '' });
    for (const clientid of ['gw-9', '\u0000', '\ud800']) {
      expect(await codeOf(registry.update(clientid, { site: 'Y' }))).to.equal('NOT_FOUND');
    }
  });

  it('gets another password, and the old one is refused from then on', async () => {
    const { credential } = await registry.register({ clientid: 'gw-1', username: 'user' });
    const given = await registry.rotate('gw-1', 'another one');
    expect(given).to.deep.equal({
      clientid: 'gw-1',
      username: 'user',
      password: 'another one',
      generated: false,
    });
    expect(await registry.authenticate('gw-1', 'user', credential.password)).to.equal('wrong_password');
    expect(await registry.authenticate('gw-1', 'user', 'another one')).to.equal('accepted');
    await registry.update('gw-1', { enabled: false });
    const generated = await registry.rotate('gw-1');
    expect(generated.generated).to.equal(true);
    expect(await registry.authenticate('gw-1', 'user', generated.password)).to.equal('disabled');
    expect(await codeOf(registry.rotate('gw-1', 'short'))).to.equal('INVALID_INPUT');
    expect(await codeOf(registry.rotate('gw-9'))).to.equal('NOT_FOUND');
  });

  it('gets another password along with others, and who is not registered is told', async () => {
    for (const clientid of ['gw-1', 'gw-2', 'gw-3'])
      await registry.register({ clientid, username: `of ${clientid}` });
    await registry.update('gw-2', { enabled: false });
    await database.query(
      "insert into clientid_profile (clientid, connection_status) values ('of-tpedm', false)",
    );
    const { credentials, faults } = await registry.rotateMany([
      'gw-2',
      'gw-1',
      'gw-9',
      'gw-1',
      'of-tpedm',
      'a\u0000',
    ]);
    expect(
      credentials.map(({ clientid, username, generated }) => [clientid, username, generated]),
    ).to.deep.equal([
      ['gw-1', 'of gw-1', true],
      ['gw-2', 'of gw-2', true],
      ['of-tpedm', 'of-tpedm', true],
    ]);
    expect(faults.map(({ clientid }) => clientid)).to.deep.equal(['gw-9', 'a\u0000']);
    const outcomes = await Promise.all(
      credentials.map(({ clientid, username, password }) =>
        registry.authenticate(clientid, username, password),
      ),
    );
    expect(outcomes).to.deep.equal(['accepted', 'disabled', 'accepted']);
    expect(new Set(credentials.map(({ password }) => password)).size).to.equal(3);
    const many = Array.from({ length: 1001 }, (_, index) => `gw-${index}`);
    expect(await codeOf(registry.rotateMany(many))).to.equal('INVALID_INPUT');
  });

  it('is retired with its credential, and may come back as new', async () => {
    const { credential } = await registry.register({ clientid: 'gw-1', site: 'A' });
    expect(await registry.retire('gw-1')).to.deep.include({ clientid: 'gw-1', site: 'A', username: 'gw-1' });
    expect(await registry.get('gw-1')).to.equal(null);
    expect(await stored('gw-1')).to.equal(undefined);
    expect(await registry.authenticate('gw-1', 'gw-1', credential.password)).to.equal('unknown');
    expect(await codeOf(registry.retire('gw-1'))).to.equal('NOT_FOUND');
    expect((await registry.register({ clientid: 'gw-1' })).device.site).to.equal('');
  });
});
