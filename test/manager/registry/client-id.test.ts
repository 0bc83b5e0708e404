import { expect } from 'chai';
import fc from 'fast-check';
import { checkClientId, isClientId } from '../../../nodes/manager/protocol/client-id.js';
import { clientIdReason } from '../../../nodes/manager/protocol/client-id-reasons.js';
import { makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { fillIn } from '../../../nodes/manager/shared/reason.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

function refusal(value: unknown): string {
  try {
    checkClientId(value);
  } catch (error) {
    if (error instanceof TpeError && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
  return '';
}

describe('registry: client ids', () => {
  it('may be anything that is data elsewhere', () => {
    for (const clientid of [
      'gw-1',
      'TAICB1046773',
      "'; drop table mqtt_user; --",
      '<script>alert(1)</script>'.replace('/', ''),
      '=HYPERLINK("x")',
      '{clientid}',
      '../..'.replaceAll('/', '\\'),
      '网关 № 7',
      '\u{1f600}'.repeat(100),
      ' ',
      '%c',
      'x'.repeat(100),
    ]) {
      expect(refusal(clientid), clientid).to.equal('');
    }
  });

  it('are refused with the rule that they break', () => {
    expect(refusal('')).to.match(/1 to 100/);
    expect(refusal('x'.repeat(101))).to.match(/101 characters/);
    expect(refusal('\u{1f600}'.repeat(101))).to.match(/101 characters/);
    for (const special of ['+', '#', '/'])
      expect(refusal(`gw${special}1`)).to.include(JSON.stringify(special));
    for (const control of ['\u0000', '\n', '\u001f', '\u007f', '\u0085', '\u009f']) {
      expect(refusal(`gw${control}1`)).to.match(/control characters/);
    }
    expect(refusal('gw-\ud800')).to.match(/surrogate/);
    expect(refusal('$SYS')).to.match(/begin with "\$"/);
    for (const value of [undefined, null, 7, {}, ['gw-1']]) expect(refusal(value)).to.match(/must be a text/);
  });

  it('are refused with a cause that says the same as the words', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 130 }), fc.anything()), (clientid) => {
        try {
          checkClientId(clientid);
        } catch (error) {
          const { cause, text } = (error as TpeError).reason;
          const texts: Readonly<Record<string, string>> = clientIdReason.texts;
          expect(fillIn(texts[cause!.code]!, cause!.params)).to.equal(text);
        }
      }),
    );
  });

  it('never let one gateway reach into the topics of another', () => {
    const topics = makeTopics({
      input: '/tpedm/{clientid}/input',
      output: '/tpedm/{clientid}/output',
      telemetry: ['site/{clientid}/#'],
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (clientid) => {
        if (!isClientId(clientid)) return;
        expect(topics.classify(topics.outputTopic(clientid))).to.deep.equal({ kind: 'output', clientid });
        expect(topics.inputTopic(clientid).split('/')).to.deep.equal(['', 'tpedm', clientid, 'input']);
      }),
    );
  });
});
