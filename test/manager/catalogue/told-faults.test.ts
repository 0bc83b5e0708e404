import { expect } from 'chai';
import { sayReason } from '../../../nodes/api/words/say-reason.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { resolveRequest } from '../../../nodes/manager/catalogue/validation/resolve-request.js';
import { reasonOfFaults, sentenceOfFaults } from '../../../nodes/manager/catalogue/validation/told-faults.js';
import type { Fault } from '../../../nodes/manager/shared/fault.js';

const WRONG: readonly Fault[] = [
  {
    in: 'requestBody',
    path: '/ip',
    rule: 'address-is-network',
    text: 'requestBody/ip must be an address within 10.0.0.0/24: this one names the network itself (address-is-network)',
    cause: { code: 'address-is-network', params: { network: '10.0.0.0/24' } },
  },
  {
    in: 'requestBody',
    path: '/mtu',
    rule: 'required',
    text: 'requestBody/mtu is missing (required)',
    cause: { code: 'fault-missing', params: {} },
  },
];

describe('what is wrong with a request, as one reason', () => {
  const [first, second] = WRONG as [Fault, Fault];

  it('has the text of the faults, and each of them in the language of the reader', () => {
    const reason = sentenceOfFaults([first, second]);
    expect(reason.text).to.equal(`${first.text}; ${second.text}.`);
    for (const language of ['de', 'ja', 'zh-TW'] as const) {
      const said = sayReason(language, reason);
      expect(said).to.contain('requestBody/ip').and.contain('requestBody/mtu').and.contain('10.0.0.0/24');
      expect(said, language).not.to.match(/must be|missing|within/);
    }
  });

  it('keeps the words of faults that have no translation, and of what is beyond the first ones', () => {
    const bare: Fault = { in: 'params', path: '', rule: 'size', text: 'params is too deep (size)' };
    expect(sayReason('de', reasonOfFaults([bare]))).to.equal(bare.text);
    const many = Array.from({ length: 500 }, () => second);
    const [one = second, ...others] = many;
    expect(reasonOfFaults([one, ...others]).text).to.equal(many.map(({ text }) => text).join('; '));
  });

  it('says nothing in English of any operation that is asked with a wrong body', () => {
    const operations = OPERATIONS.filter(({ bodySchema }) => bodySchema !== null);
    expect(operations.length).to.be.above(100);
    for (const { id } of operations) {
      for (const requestBody of [{ nobodyKnows: 1 }, [], 'text']) {
        const { faults } = resolveRequest(TPE_OPERATIONS, { operation: id, requestBody });
        const [one, ...others] = faults.filter((fault) => fault.in === 'requestBody');
        if (one === undefined) continue;
        const reason = reasonOfFaults([one, ...others]);
        expect(reason.text).to.equal([one, ...others].map(({ text }) => text).join('; '));
        if (others.length < 20)
          expect(sayReason('ja', reason), id).not.to.match(/\b(must|is missing|not known)\b/);
      }
    }
  });
});
