import { expect } from 'chai';
import { defineReasons, wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { asTpeError, TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const reason = defineReasons({ 'it-failed': 'It failed: {why}.', 'not-so': 'not so {word}' });

describe('the reason of an error', () => {
  it('is its message, with the code and the values that the message was made of', () => {
    const told = reason('it-failed', { why: reason('not-so', { word: 'soon' }) });
    const error = new TpeError('BUSY', told);
    expect(error.message).to.equal('It failed: not so soon.');
    expect(error.reason).to.deep.equal(told);
    expect(asTpeError(error).reason).to.equal(error.reason);
  });

  it('has no code where the words are those of others', () => {
    for (const error of [
      new TpeError('ERROR', 'gone'),
      new TpeError('ERROR', wordsOfOthers('gone')),
      asTpeError(new Error('gone')),
      asTpeError('gone'),
    ])
      expect(error.reason).to.deep.equal({ text: 'gone', cause: null });
  });

  it('shows in its values, too, what nobody sees', () => {
    const word = 'a\u202eb';
    const { cause, text } = new TpeError('BUSY', reason('it-failed', { why: reason('not-so', { word }) }))
      .reason;
    expect(text).to.equal('It failed: not so a\\u202eb.');
    expect(JSON.stringify(cause)).not.to.contain('\u202e');
    expect(cause?.params.why).to.deep.include({ text: 'not so a\\u202eb' });
  });

  it('has no values that are longer than a message may be', () => {
    const { text, cause } = new TpeError('BUSY', reason('it-failed', { why: 'x'.repeat(5000) })).reason;
    expect(text.length).to.be.below(1300);
    expect(cause).to.equal(null);
  });
});
