import { expect } from 'chai';
import { errorText, MAX_ANSWER_BYTES, parseAnswer } from '../../../nodes/manager/intake/answer.js';

const parse = (body: unknown) =>
  parseAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

function answered(body: unknown) {
  const parsed = parse(body);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed;
}

function faultOf(body: unknown): string {
  const parsed = parse(body);
  if (parsed.ok) throw new Error('was understood');
  return parsed.fault;
}

describe('intake: answers of a gateway', () => {
  it('understands every documented shape as the same answer', () => {
    const data = { data: { enable: true, port: 22 } };
    const shapes = [
      { 'request-id': '7', state: 200, payload: JSON.stringify(data) },
      { 'request-id': '7', state: 200, payload: data },
      { payload: data, state: 200, 'request-id': 7 },
      { 'request-id': 7, status: 200, payload: data },
      { 'request-id': ' 7 ', state: '200', payload: data },
    ];
    for (const shape of shapes) {
      expect(answered(shape)).to.deep.equal({
        ok: true,
        requestId: '7',
        answer: { status: 200, payload: data },
      });
    }
  });

  it('takes an empty, a null and a missing payload', () => {
    expect(answered({ 'request-id': 1, state: 200, payload: {} }).answer.payload).to.deep.equal({});
    expect(answered({ 'request-id': 1, state: 204, payload: null }).answer.payload).to.equal(null);
    expect(answered({ 'request-id': 1, state: 204 }).answer.payload).to.equal(null);
    expect(answered({ 'request-id': 1, state: 200, payload: 'plain words' }).answer.payload).to.equal(
      'plain words',
    );
  });

  it('keeps the -1 of a refused header', () => {
    const parsed = answered({
      'request-id': -1,
      state: 400,
      payload: { code: 400, message: 'request time invalid(before now)' },
    });
    expect(parsed.requestId).to.equal('-1');
    expect(errorText(parsed.answer.payload)).to.equal('request time invalid(before now)');
  });

  it('finds the words of an error in each form', () => {
    expect(errorText({ error: { code: 404, message: 'page not found' } })).to.equal('page not found');
    expect(errorText({ error: 'no such thing' })).to.equal('no such thing');
    expect(errorText('text')).to.equal('text');
    expect(errorText({ data: 1 })).to.equal(null);
    expect(errorText(null)).to.equal(null);
  });

  it('says what is wrong with what it cannot read', () => {
    expect(faultOf('{"request-id": 1, "state"')).to.contain('not JSON');
    expect(faultOf('')).to.contain('not JSON');
    expect(faultOf('[1]')).to.contain('no object');
    expect(faultOf('null')).to.contain('no object');
    expect(faultOf({ state: 200 })).to.contain('request-id');
    expect(faultOf({ 'request-id': {}, state: 200 })).to.contain('request-id');
    expect(faultOf({ 'request-id': 'x'.repeat(65), state: 200 })).to.contain('64');
    expect(faultOf({ 'request-id': 1, state: 'fine' })).to.contain('status');
    expect(faultOf({ 'request-id': 1, state: 1e9 })).to.contain('status');
    expect(faultOf('['.repeat(MAX_ANSWER_BYTES + 1))).to.contain('bytes');
  });

  it('survives nesting as deep as a message can hold', () => {
    expect(faultOf('['.repeat(500_000))).to.contain('not JSON');
    const deep = `{"request-id":1,"state":200,"payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(faultOf(deep)).to.contain('nested too deep');
  });
});
