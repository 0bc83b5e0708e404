import { expect } from 'chai';
import { sayFault } from '../../nodes/api/words/fault-words.js';
import { operationWords } from '../../nodes/api/words/operation-words.js';
import { translationsOf } from '../../nodes/api/words/say-reason.js';
import { TPE_OPERATIONS } from '../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../nodes/manager/catalogue/operations.js';
import { resolveRequest } from '../../nodes/manager/catalogue/validation/resolve-request.js';
import { FAULT_CODES } from '../../nodes/manager/catalogue/validation/told-faults.js';
import type { Fault } from '../../nodes/manager/shared/fault.js';

describe('what is wrong with a command, in the form of the editor', () => {
  for (const language of ['de', 'ja', 'zh-TW'] as const) {
    it(`is said without English in ${language}, for every operation that is asked with a wrong body`, () => {
      const words = {
        fields: operationWords(language).fields,
        reasons: translationsOf(language, FAULT_CODES),
      };
      expect(Object.keys(words.reasons)).to.have.members(FAULT_CODES);
      const faults = OPERATIONS.filter(({ bodySchema }) => bodySchema !== null).flatMap(({ id }) =>
        [{ nobodyKnows: 1 }, [], 'text'].flatMap(
          (requestBody) => resolveRequest(TPE_OPERATIONS, { operation: id, requestBody }).faults,
        ),
      );
      const causes = faults.filter(({ in: part, cause }) => part === 'requestBody' && cause != null);
      expect(causes.length).to.be.above(100);
      for (const fault of causes)
        expect(sayFault(words, fault))
          .to.be.a('string')
          .and.not.to.match(/\b(must|is missing|not known)\b/);
    });
  }

  it('has no words for what has no translation', () => {
    const bare: Fault = { in: 'params', path: '', rule: 'size', text: 'params is too deep (size)' };
    expect(sayFault({ fields: {}, reasons: {} }, bare)).to.equal(null);
  });
});
