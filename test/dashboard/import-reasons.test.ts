import { expect } from 'chai';
import { translateBy } from '../../nodes/api/words/translate-by.js';
import type { Database } from '../../nodes/manager/database/database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../nodes/manager/registry/registry.js';
import type { Reason } from '../../nodes/manager/shared/reason.js';
import { asTpeError } from '../../nodes/manager/shared/tpe-error.js';
import { opener } from '../support/databases.js';
import { REFUSED_FILES, TAKEN_FILES } from '../support/odd-gateway-files.js';
import { TRANSLATED_INTO, translationsIn } from '../support/reason-tables.js';

/** What is told of each has to be in the language of the person. */
const FILES: readonly (string | Buffer)[] = [
  ...REFUSED_FILES,
  ...TAKEN_FILES,
  ...['"x"', `[${'{},'.repeat(100_000)}{}]`, "[{'a'", '["a" 1}', '[a:1}', '[1] // x'],
  Buffer.from('\ufeffclientid\na\n', 'utf16le'),
  Buffer.from('clientid,site\na,M\u00fcnchen \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \xff\n', 'latin1'),
];
/** Words of English alone. */
const ENGLISH = /\b(?:the|were|has|have|is not|are|which|with|stands|that|must|of a|nothing)\b/i;

describe('dashboard: what is told of a file that is brought', () => {
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

  it('is in the language of the person', async () => {
    const reasons = new Map<string, Reason>();
    const note = (reason: Reason) => reasons.set(reason.text, reason);
    for (const file of FILES) {
      await registry.previewImport(file).then(
        ({ faults, notes, encoding }) => {
          for (const { reason, cause } of [...faults, ...notes]) note({ text: reason, cause });
          if (encoding?.isSure === false)
            return registry.import(file).catch((error) => note(asTpeError(error).reason));
        },
        (error) => note(asTpeError(error).reason),
      );
    }
    expect(reasons.size).to.be.greaterThan(100);
    for (const language of TRANSLATED_INTO) {
      const texts = translationsIn(language);
      const english = [...reasons.values()].filter((reason) => {
        const translation = translateBy(texts, reason);
        return translation === reason.text || ENGLISH.test(translation.replace(/["„「].*?["“」]/g, ''));
      });
      expect(
        english.map(({ text }) => text),
        language,
      ).to.deep.equal([]);
    }
  });
});
