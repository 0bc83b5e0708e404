import { expect } from 'chai';
import { printable, printableLog } from '../../nodes/manager/shared/printable.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';

describe('printable text', () => {
  it('leaves what people write alone', () => {
    for (const text of ['', 'Pumpe "Süd" – 5 °C', '工場 1号機 🏭', 'naïve\u0301'])
      expect(printable(text)).to.equal(text);
  });

  it('shows what would act on a terminal, hide or turn text around, or begin a line', () => {
    expect(printable('a\u001b[2Jb\u009b1mc\r\nd\te\u0000')).to.equal(
      'a\\u001b[2Jb\\u009b1mc\\u000d\\nd\\u0009e\\u0000',
    );
    expect(printable('a\u202eb\u2066c\u200bd\ufeffe\u2028f')).to.equal(
      'a\\u202eb\\u2066c\\u200bd\\ufeffe\\u2028f',
    );
    expect(printable('\ud800 \udc00 \u{e0041}')).to.equal('\\ud800 \\udc00 \\u{e0041}');
  });

  it('is bounded', () => {
    expect(printable('x'.repeat(1_000_000))).to.have.length(4003);
    expect(printable('abcdef', 3)).to.equal('abc...');
  });

  it('is all that a log of the manager and a message of an error have', () => {
    const lines: string[] = [];
    const log = printableLog({
      info: (text) => void lines.push(text),
      warn: (text) => void lines.push(text),
    });
    log.info('a\u001bb');
    log.warn('c\nd');
    expect(lines).to.deep.equal(['a\\u001bb', 'c\\nd']);
    expect(new TpeError('INVALID_INPUT', 'no "\u001b[2J" here').message).to.equal('no "\\u001b[2J" here');
  });
});
