import { expect } from 'chai';
import fc from 'fast-check';
import {
  countsOf,
  outcomeGroups,
  withoutSuccess,
} from '../../nodes/dashboard/ui-tpe-commands/browser/outcome-groups.js';
import { idsIn, rangesOf } from '../../nodes/dashboard/ui-tpe-commands/browser/request-ranges.js';
import type { CommandState } from '../../nodes/manager/commands/command.js';

describe('the address of commands that were sent together', () => {
  it('is short where their ids follow each other', () => {
    const ids = Array.from({ length: 400 }, (_, index) => String(1000 + index));
    expect(rangesOf([...ids, '5000'].reverse())).to.deep.equal(['1000-1399', '5000']);
  });

  it('gives the same ids again', () => {
    const ids = fc.uniqueArray(fc.bigInt(1n, 10n ** 18n), { maxLength: 400 });
    fc.assert(
      fc.property(ids, (numbers) => {
        const given = numbers.map(String);
        expect(idsIn(rangesOf(given))).to.have.members(given);
      }),
    );
  });

  it('gives at most as many as one request sends, and nothing for what is none', () => {
    expect(idsIn(['1-9999999999999999999'])).to.have.length(500);
    expect(idsIn(['', 'x', '5-', '-5', '9-3', '1.5', '7'])).to.deep.equal(['7']);
  });
});

describe('the outcomes of commands that were sent together', () => {
  let last = 0;
  const outcome = (state: CommandState, reason: string | null = null, code: string | null = null) => {
    last += 1;
    const cause = code === null ? null : { code, params: {} };
    return { requestId: String(last), clientid: `gw-${last}`, state, reason, cause, answerStatus: null };
  };

  it('are grouped by how they ended and why, with what needs somebody first', () => {
    const groups = outcomeGroups(
      [
        ...Array.from({ length: 19 }, () => outcome('SUCCEEDED')),
        ...Array.from({ length: 4 }, (_, index) =>
          outcome('REJECTED', `offline since ${index}`, 'gateway-offline'),
        ),
        outcome('FAILED', 'The gateway answered 400.'),
        outcome('TIMED_OUT', 'No answer within 30 s.'),
        outcome('SENT'),
      ],
      [{ clientid: 'gw-x', fault: { text: 'There is no gateway.', cause: null } }],
    );
    expect(groups.map(({ kind, members }) => [kind, members.length])).to.deep.equal([
      ['notSent', 1],
      ['failed', 1],
      ['timedOut', 1],
      ['offline', 4],
      ['underWay', 1],
      ['succeeded', 19],
    ]);
    expect(countsOf(groups)[0]).to.deep.equal({ kind: 'succeeded', n: 19 });
    expect(withoutSuccess(groups)).to.have.length(7).and.to.include('gw-x');
  });

  it('keep apart what failed for different reasons, the most frequent first', () => {
    const groups = outcomeGroups(
      [outcome('FAILED', 'one'), outcome('FAILED', 'other'), outcome('FAILED', 'other')],
      [],
    );
    expect(groups.map(({ reason }) => reason?.text)).to.deep.equal(['other', 'one']);
  });
});
