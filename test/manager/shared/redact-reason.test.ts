import { expect } from 'chai';
import { defineReasons, wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { redactReason } from '../../../nodes/manager/shared/redact-reason.js';

const reasonOf = defineReasons({
  'gateway-said': 'The gateway said {words}.',
  'field-has': 'password={value}',
  because: 'It failed ({reason})',
});
const known = { names: new Set(['words']), values: ['hunter2-x', '471147'] };

describe('a reason without its secrets', () => {
  it('has them neither in its text nor in the values of its cause, however deep', () => {
    const said = redactReason(
      reasonOf('because', { reason: reasonOf('gateway-said', { words: 'no hunter2-x' }) }),
      known,
    );
    const inner = { code: 'gateway-said', params: { words: 'no [redacted]' } };
    expect(said).to.deep.equal({
      text: 'It failed (The gateway said no [redacted].)',
      cause: {
        code: 'because',
        params: { reason: { text: 'The gateway said no [redacted].', cause: inner } },
      },
    });
    expect(redactReason(reasonOf('gateway-said', { words: 471147 }), known)).to.deep.equal(
      reasonOf('gateway-said', { words: '[redacted]' }),
    );
    expect(redactReason(wordsOfOthers('password=geheim'))).to.deep.equal(
      wordsOfOthers('password=[redacted]'),
    );
  });

  it('keeps its code and the names of its values, even where a secret is the same word', () => {
    const reason = reasonOf('gateway-said', { words: 'nothing' });
    expect(redactReason(reason, { names: new Set(), values: ['gateway-said', 'words'] })).to.deep.equal(
      reason,
    );
  });

  it('has no cause where only the whole text shows which value is a secret', () => {
    expect(redactReason(reasonOf('field-has', { value: 'geheim' }))).to.deep.equal({
      text: 'password=[redacted]',
      cause: null,
    });
  });

  it('has no cause where a value is longer than what the text has of it', () => {
    const { cause } = reasonOf('gateway-said', { words: 'x'.repeat(5000) });
    expect(redactReason({ text: 'The gateway said xxx [...]', cause }).cause).to.equal(null);
  });
});
