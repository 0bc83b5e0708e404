import { expect } from 'chai';
import { errorText, MAX_ANSWER_BYTES, parseAnswer } from '../../../nodes/manager/protocol/answer.js';

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
      { 'request-id': '007', state: ' 200 ', payload: data },
      { 'request-id': 7, state: 200, status: 200, payload: data, headers: [{ 'request-id': '7' }] },
      { headers: [{ 'request-id': 7 }], state: 200, payload: data },
      { Headers: { 'Request-Id': '7' }, state: 200, payload: data },
      { requestId: 7, state: 200, payload: data },
      `\ufeff{"request-id":7.0,"state":2e2,"payload":${JSON.stringify(data)}}`,
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
    expect(faultOf(deep)).to.contain('nested deeper');
  });

  it('finds the command that an answer names though it cannot be read', () => {
    const of = (bytes: string | Buffer) => {
      const parsed = parseAnswer(Buffer.from(bytes));
      if (parsed.ok) throw new Error('was understood');
      return parsed.requestIds;
    };
    const huge = `{"request-id":"7","state":200,"payload":"${'x'.repeat(MAX_ANSWER_BYTES)}"}`;
    const last = `{"payload":"${'x'.repeat(MAX_ANSWER_BYTES)}","state":200,"request-id":7}`;
    for (const text of [
      ...['{"request-id":"7","state":0,"payload":"EOF"}', '{"request-id":"7","payload":"{}"}'],
      ...['{"request-id":7,"state":', '{"request-id":7,"state":-1}', '{"request-id":" 007 ","state":"ok"}'],
      ...["{'request-id': '7', 'state': 200}", '[{"request-id":"7","state":200}]', 'request-id: 7'],
      ...['"{\\"request-id\\":\\"7\\"}"', '{"request-id":7,"state":200,"state":500}'],
      ...[
        '{"request-id":[7],"state":200}',
        '{"request-id":{"id":"7"},"state":200}',
        '{"request-id"\n:\t"7",}',
      ],
      ...[huge, last, Buffer.from('{"request-id":7,"state":200}', 'utf16le')],
      `{"request-id":"7","state":200,"payload":${'['.repeat(100)}${']'.repeat(100)}}`,
    ])
      expect(of(text), String(text).slice(0, 80)).to.deep.equal(['7']);
    expect(of('{"request-id":"7","state":200,"headers":[{"request-id":"8"}]}')).to.deep.equal(['7', '8']);
    expect(of('{"request-id":7,"request-id":8,"state":200}')).to.deep.equal(['7', '8']);
    for (const text of ['', 'null', '{}', '{"request-id":[],"n":7,"state":200}'])
      expect(of(text).filter((id) => id !== '7')).to.deep.equal([]);
  });

  it('keeps the digits of numbers that JavaScript would change, and names their places', () => {
    const payload =
      '{"data":{"a/b":18446744073709551615,"list":[1,-9223372036854775808],"x":1e400,"ok":0.1}}';
    const whole = { 'a/b': '18446744073709551615', list: [1, '-9223372036854775808'], x: '1e400', ok: 0.1 };
    for (const text of [payload, JSON.stringify(payload)]) {
      const parsed = answered(`{"request-id":7,"state":200,"payload":${text}}`);
      expect(parsed.answer.payload).to.deep.equal({ data: whole });
      expect(parsed.asText).to.have.members(['/data/a~1b', '/data/list/1', '/data/x']);
      expect(parsed.faults?.map(({ rule }) => rule)).to.deep.equal(['digits', 'digits', 'digits']);
    }
    expect(answered('{"request-id":7,"state":200,"payload":18446744073709551615}').answer.payload).to.equal(
      '18446744073709551615',
    );
  });

  it('tells what is odd about an answer that can be read', () => {
    const odd = Buffer.concat([
      Buffer.from('{"request-id":7,"state":200,"status":500,"payload":"'),
      Buffer.from([0x4d, 0xfc]),
      Buffer.from('"}'),
    ]);
    const parsed = parseAnswer(odd);
    expect(parsed.ok && parsed.answer).to.deep.equal({ status: 200, payload: 'M\ufffd' });
    expect(parsed.ok && parsed.faults?.map(({ rule }) => rule)).to.deep.equal(['status', 'encoding']);
  });
});
