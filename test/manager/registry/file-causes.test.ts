import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { clientIdReason } from '../../../nodes/manager/protocol/client-id-reasons.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { fieldReason } from '../../../nodes/manager/registry/field-reasons.js';
import { cellReason } from '../../../nodes/manager/registry/files/cell-reasons.js';
import { gatewayFileReason } from '../../../nodes/manager/registry/files/gateway-file-reasons.js';
import { registrationReason } from '../../../nodes/manager/registry/registration-reasons.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { fileReason } from '../../../nodes/manager/shared/files/file-reasons.js';
import { jsonReason } from '../../../nodes/manager/shared/json-reasons.js';
import { fillIn, type Reason } from '../../../nodes/manager/shared/reason.js';
import type { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { REFUSED_FILES, TAKEN_FILES } from '../../support/odd-gateway-files.js';

const TEXTS: Readonly<Record<string, string>> = {
  ...clientIdReason.texts,
  ...fieldReason.texts,
  ...registrationReason.texts,
  ...gatewayFileReason.texts,
  ...cellReason.texts,
  ...fileReason.texts,
  ...jsonReason.texts,
};

/** Refused as well, if they are said to be JSON. */
const REFUSED_AS_JSON: readonly string[] = [' ', '7'];

/** The text that a cause stands for, with the causes in its values. */
function retold({ text, cause }: Reason): string {
  return cause === null ? text : fillIn(TEXTS[cause.code] ?? 'no such code', cause.params, retold);
}

/** All codes of a reason, with those in its values. */
function codesOf({ cause }: Reason): string[] {
  if (cause === null) return [];
  const inner = Object.values(cause.params).flatMap((value) =>
    typeof value === 'object' ? codesOf(value) : [],
  );
  return [cause.code, ...inner];
}

/** Everything that is told of these files, with their beginnings. */
async function allTold(registry: Registry): Promise<[string, Reason][]> {
  const told: [string, Reason][] = [];
  const refuse = async (file: string | Buffer, format?: 'json') => {
    const error = (await errorOf(registry.import(file, format))) as TpeError;
    expect(error.details).to.include({ field: 'file' });
    told.push([String(file).slice(0, 40), error.reason]);
  };
  for (const file of REFUSED_FILES) await refuse(file);
  for (const file of REFUSED_AS_JSON) await refuse(file, 'json');
  for (const file of TAKEN_FILES) {
    const { faults, notes } = await registry.previewImport(file);
    for (const { reason: text, cause } of [...faults, ...notes]) told.push([text, { text, cause }]);
  }
  return told;
}

describe('registry: what is told of a file, for programs', () => {
  const open = opener('pglite');
  let database: Database;
  let registry: Registry;
  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'taken' });
    await database.execute(
      "insert into mqtt_user (clientid, username, password, salt, enabled) values ('foreign', 'x', 'x', 'x', true)",
    );
  });
  after(() => database.close());

  it('says the same as its words', async () => {
    const codes = new Set<string>();
    for (const [about, reason] of await allTold(registry)) {
      expect(reason.cause, about).not.to.equal(null);
      expect(retold(reason), about).to.equal(reason.text);
      for (const code of codesOf(reason)) codes.add(code);
    }
    const all = [gatewayFileReason, cellReason, fileReason, jsonReason].flatMap(({ texts }) =>
      Object.keys(texts),
    );
    // One is about the name of an encoding, the other about JSON in which no fault is found.
    const others = ['encoding-unknown', 'json-none'];
    expect(all.filter((code) => !codes.has(code))).to.have.members(others);
  });

  it('has the values by name', async () => {
    const { faults, notes } = await registry.previewImport('Client ID,site\ntaken,\ngw,=A1\n');
    expect(faults.map(({ line, cause }) => [line, cause])).to.deep.equal([
      [2, { code: 'client-id-registered', params: { clientid: 'taken' } }],
      [3, { code: 'cell-formula', params: { column: 'site', given: '"=A1"' } }],
    ]);
    expect(notes.map(({ cause }) => cause)).to.deep.equal([
      { code: 'column-read-as', params: { name: '"Client ID"', column: 'clientid' } },
    ]);
    const { reason } = (await errorOf(registry.import('[1 2]'))) as TpeError;
    const missing = jsonReason('json-comma-missing');
    expect(reason).to.deep.equal(
      gatewayFileReason('file-no-json', {
        fault: jsonReason('json-at', { line: 1, column: 4, fault: missing }),
      }),
    );
  });

  it('says why one gateway cannot be registered or changed', async () => {
    const refused = async (promise: Promise<unknown>) => {
      const { reason, message } = (await errorOf(promise)) as TpeError;
      expect(retold(reason)).to.equal(message);
      return reason.cause;
    };
    expect(await refused(registry.register({ clientid: 'taken' }))).to.deep.equal({
      code: 'client-id-registered',
      params: { clientid: 'taken' },
    });
    expect(await refused(registry.register({ clientid: 'a/b' }))).to.deep.equal({
      code: 'client-id-special-character',
      params: { clientid: 'a/b', special: '/' },
    });
    expect(await refused(registry.register({ clientid: 'gw', password: 'short' }))).to.deep.equal({
      code: 'password-length',
      params: { field: 'password', length: 5, least: 8, most: 128 },
    });
    expect(await refused(registry.update('nobody "x"', { site: 'north' }))).to.deep.equal({
      code: 'client-id-not-registered',
      params: { clientid: 'nobody \\"x\\"' },
    });
    const encoding = await refused(registry.import(Buffer.from('clientid\ngw\n'), 'csv', 'klingon'));
    expect(encoding).to.deep.equal({ code: 'encoding-unknown', params: { name: '"klingon"' } });
  });
});
