import { expect } from 'chai';
import { accountReason } from '../../../nodes/manager/accounts/account-reasons.js';
import { type AuditKeeper, createAudit } from '../../../nodes/manager/audit/audit.js';
import type { NewAuditEntry } from '../../../nodes/manager/audit/audit-entry.js';
import { audited } from '../../../nodes/manager/audit/audited.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { databaseReason } from '../../../nodes/manager/database/database-reasons.js';
import { type Reason, wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { missingRole } from '../../../nodes/manager/shared/role.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const ENTRY: NewAuditEntry = {
  who: 'otto',
  role: 'operator',
  address: '10.0.0.1',
  action: 'command.send',
  clientid: 'a',
  detail: {},
  outcome: 'done',
  reason: null,
};

eachDatabase('audit', (open) => {
  let database: Database;
  let audit: AuditKeeper;
  const faults: string[] = [];

  before(async () => {
    database = await open();
    audit = createAudit(database, {
      jobsOf: async () => [],
      onRecord: () => undefined,
      onFault: (text) => faults.push(text),
    });
  });
  beforeEach(() => database.query('delete from tpe_audit'));
  after(async () => {
    await audit.close();
    await database.close();
  });

  it('keeps what was done, newest first, and finds it by person, action, gateway, outcome and time', async () => {
    const start = new Date(Date.now() - 60_000).toISOString();
    await audit.record(ENTRY);
    await audit.record({ ...ENTRY, clientid: 'b', action: 'gateway.retire' });
    await audit.record({
      ...ENTRY,
      who: 'vera',
      role: 'viewer',
      outcome: 'refused',
      reason: wordsOfOthers('no'),
    });
    const all = await audit.list({});
    expect(all.map(({ who, action }) => `${who} ${action}`)).to.deep.equal([
      'vera command.send',
      'otto gateway.retire',
      'otto command.send',
    ]);
    const found = async (query: Parameters<typeof audit.list>[0]) =>
      (await audit.list(query)).map(({ id }) => id);
    const [vera, retire, send] = all.map(({ id }) => id);
    expect(await found({ who: 'otto' })).to.deep.equal([retire, send]);
    expect(await found({ action: 'gateway.' })).to.deep.equal([retire]);
    expect(await found({ clientid: 'b' })).to.deep.equal([retire]);
    expect(await found({ outcome: 'refused' })).to.deep.equal([vera]);
    expect(await found({ since: start })).to.have.length(3);
    expect(await found({ until: start })).to.deep.equal([]);
    expect(await found({ before: vera!, limit: 1 })).to.deep.equal([retire]);
    for (const query of [{ limit: 0 }, { since: 'yesterday' }, { before: "1'" }, { who: '\u0000' }])
      expect(await errorOf(audit.list(query))).to.include({ code: 'INVALID_INPUT' });
  });

  it('never keeps a secret, and takes whatever a browser can make up', async () => {
    const detail = { password: 'correct horse', nested: { api_key: 'k', name: 'a\u0000b' }, long: '' };
    await audit.record({ ...ENTRY, who: '\ud800<b>', detail, reason: wordsOfOthers('x'.repeat(5000)) });
    await audit.record({ ...ENTRY, detail: { long: 'y'.repeat(10_000) } });
    const [long, entry] = await audit.list({});
    expect(JSON.stringify(entry)).not.to.contain('correct horse');
    expect(entry?.reason).to.have.length(1000);
    expect(JSON.stringify(long?.detail).length).to.be.lessThan(200);
    expect(faults).to.deep.equal([]);
  });

  it('keeps why it was refused or failed in words, and as a code with values', async () => {
    const reason = accountReason('user-exists', { user: 'otto' });
    await audit.record({ ...ENTRY, outcome: 'failed', reason });
    const error = new TpeError('CONFLICT', reason);
    const failing = audited(audit, ENTRY, { action: 'user.create' }, () => Promise.reject(error));
    expect(await errorOf(failing)).to.equal(error);
    await audit.record({ ...ENTRY, outcome: 'refused', reason: missingRole('viewer', 'operator') });
    await audit.record({ ...ENTRY, outcome: 'failed', reason: wordsOfOthers('The gateway says no.') });
    await audit.record(ENTRY);
    const told = (await audit.list({})).map(({ reason: text, cause }) => ({ text, cause }));
    const needed = { code: 'role-missing', params: { needed: 'operator', role: 'viewer' } };
    expect(told).to.deep.equal([
      { text: null, cause: null },
      { text: 'The gateway says no.', cause: null },
      { text: 'This needs the role operator; yours is viewer.', cause: needed },
      reason,
      reason,
    ]);
    expect(reason.text).to.equal('There is a user "otto" already: take another name.');
  });

  it('keeps no secret in the values of a reason, and none that are too long', async () => {
    const withReason = async (reason: Reason) => {
      await audit.record({ ...ENTRY, outcome: 'failed', reason });
      return (await audit.list({ limit: 1 }))[0];
    };
    const fault = 'connect to postgresql://tpe:hunter2-x@db/tpe failed';
    const secret = await withReason(databaseReason('database-unreachable', { fault }));
    expect(secret?.reason).to.contain('The database cannot be reached: ').and.not.contain('hunter2');
    expect(JSON.stringify(secret?.cause)).to.contain('database-unreachable').and.not.contain('hunter2');
    const long = await withReason(databaseReason('database-unreachable', { fault: 'x'.repeat(5000) }));
    expect(long?.cause).to.equal(null);
    const error = new TpeError('UNAVAILABLE', databaseReason('database-unreachable', { fault: 'a\u001bb' }));
    expect((await withReason(error.reason))?.cause?.params).to.deep.equal({ fault: 'a\\u001bb' });
    expect(faults).to.deep.equal([]);
  });

  it('goes through all that match, page by page', async () => {
    await Promise.all(
      Array.from({ length: 1203 }, (_, number) => audit.record({ ...ENTRY, clientid: `gw-${number}` })),
    );
    const seen = new Set<string>();
    for await (const { id } of audit.each({ who: 'otto' })) seen.add(id);
    expect(seen.size).to.equal(1203);
  });
});
