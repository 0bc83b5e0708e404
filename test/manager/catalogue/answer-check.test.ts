import { expect } from 'chai';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { checkAnswer } from '../../../nodes/manager/catalogue/validation/answer-check.js';

const answerSchema = {
  type: 'object',
  required: ['data'],
  properties: { data: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } } },
};
const operation: Operation = { ...OPERATIONS[0]!, answerSchema };
const check = (payload: unknown, status = 200) => checkAnswer(operation, { status, payload });

describe('checking an answer', () => {
  it('tells where it is not as its operation describes it', () => {
    expect(check({ data: [{ id: 1, more: true }] })).to.deep.equal([]);
    expect(check({ data: [{ id: 'x' }] })[0]).to.include({ in: 'answer', path: '/data/0/id', rule: 'type' });
    for (const payload of [null, 'text', [], {}, undefined]) expect(check(payload)).to.have.length(1);
  });

  it('lets answers pass that say what went wrong, and those of operations that are not described', () => {
    expect(check({ error: {} }, 404)).to.deep.equal([]);
    expect(checkAnswer({ ...operation, answerSchema: null }, { status: 200, payload: 1 })).to.deep.equal([]);
    expect(checkAnswer(null, { status: 200, payload: 1 })).to.deep.equal([]);
  });

  it('is done with the largest answers in no time, and tells little of them', () => {
    const wrong = (count: number) => ({ data: Array.from({ length: count }, () => ({ id: 'x' })) });
    expect(check(wrong(10_000))).to.have.length(5);
    expect(check(wrong(100_000))).to.deep.equal([]);
  });
});
